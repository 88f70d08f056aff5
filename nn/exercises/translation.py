"""The diagnosis of `nn.checking` in Chinese, as far as learners meet it; what is not here stays English."""

from __future__ import annotations

import re

__all__ = ["chinese"]

_CLAUSES = {
    r"the sign is wrong: the gradient is -1 times the expected one": "符号反了：梯度是正确值的 -1 倍",
    r"the gradient is (\w+) in (\d+) of (\d+) elements": r"梯度的 \3 个元素中有 \2 个是 \1",
    r"the gradient is zero everywhere.*": "梯度处处为零：没有传到这个输入",
    r"this is the gradient by (\w+): .*": r"这是 \1：返回的顺序弄错了",
    r"the backward ignores the upstream gradient g.*": "反向函数没有用到上游梯度 g：应当乘以 g",
    r"the gradient is transposed.*": "梯度被转置了",
    r"the gradient is flipped \(rotated\) along axis (.*)": r"梯度沿轴 \1 被翻转了",
    r"the gradient is flipped \(rotated\) along axes (.*)": r"梯度沿轴 \1 被翻转了",
    r"the gradient is shifted by (\S+) along axis (\d+)": r"梯度沿轴 \2 错开了 \1 位",
    r"the gradient is summed over ax[ei]s (.*), each element of which has its own": r"多对轴 \1 求了和，而其上每个元素各有自己的值",
    r"the gradient is averaged \(a mean\) over ax[ei]s (.*), each.*": r"多对轴 \1 求了平均，而其上每个元素各有自己的值",
    r"the gradient is the (\w+) of g over ax[ei]s (.*), the wrong ax[ei]s": r"对 g 归约的轴 \2 不对",
    r"the elements of the gradient are right and stand in the wrong places.*": "数值都对，位置不对：转置或重复弄混了",
    r"the upstream gradient g is passed on unchanged.*": "上游梯度 g 原样传了下去：漏乘激活函数的导数",
    r"the derivative of the activation is applied twice": "激活函数的导数乘了两次",
    r"the derivative of the activation is wrong: the backward computes (.*), expected (.*)": r"激活函数的导数不对：算成了 \1，应为 \2",
    r"the derivative of the activation is wrong: the backward computes (.*)": r"激活函数的导数不对：算成了 \1",
    r"the gradient is off by a factor that depends on the element \((.*?)\) and not on g.*": r"梯度差一个随元素变化的因子（\1），与 g 无关：导数或权重不对",
    r"only the diagonal of the Jacobian is used.*": "只用了雅可比矩阵的对角线（对 softmax 即 p * (1 - p)），其余元素也不能少",
    r"the Jacobian is transposed.*": "雅可比矩阵被转置了：g 乘错了一侧",
    r"each output is one element of the input.*": "每个输出取自一个输入元素（例如最大值），梯度只属于那个元素",
    r"the kernel is not rotated.*": "与 g 做卷积时，卷积核没有旋转 180 度",
    r"this is the gradient of softmax; .*": "这是 softmax 的梯度，而函数是 log_softmax",
    r"this is the gradient of log_softmax; .*": "这是 log_softmax 的梯度，而函数是 softmax",
    r"a sum or mean over ax[ei]s (.*) is missing or wrong.*": r"对轴 \1 的求和或求平均漏掉了，或不对（经过均值的那条路径）",
    r"the term y \* sum\(g \* y\) over ax[ei]s (.*) is missing or wrong": r"轴 \1 上的 y * sum(g * y) 一项漏掉了，或不对",
    r"the term exp\(y\) \* sum\(g\) over ax[ei]s (.*) is missing or wrong": r"轴 \1 上的 exp(y) * sum(g) 一项漏掉了，或不对",
    r"the path through the variance or norm, a sum over ax[ei]s (.*), is.*": r"经过方差的那条路径（对轴 \1 求和）漏掉了，或不对",
    r"the paths through mean and variance over ax[ei]s (.*) are.*": r"轴 \1 上经过均值和方差的路径漏掉了，或不对",
    r"a sum or mean is taken over the wrong axis": "求和或求平均的轴不对",
    r"the backward is not linear in g.*": "反向函数对 g 不是线性的：该用输入或输出的地方用了 g",
    r"a term is added that does not depend on g.*": "多加了一项与 g 无关的东西",
    r"the gradient is a factor of (\S+) too large: it should be divided by (\d+), the (?:size|number).*": r"梯度大了 \1 倍：少除了 \2",
    r"the gradient is a factor of (\S+) too large.*": r"梯度大了 \1 倍：少除了 \1",
    r"the gradient is a factor of (\S+) too small.*": r"梯度小了 \1 倍：多除了一次 \1",
    r"the sign is wrong too, and the gradient is a factor of (\S+) too (large|small).*": r"符号反了，大小也差 \1 倍",
    r"the gradient is (\S+) times the expected one.*N / \(N - 1\).*": r"梯度是正确值的 \1 倍：该除以 N 的地方除了 N - 1",
    r"the gradient is (\S+) times the expected one.*\(N - 1\) / N.*": r"梯度是正确值的 \1 倍：该除以 N - 1 的地方除了 N",
    r"the sign is wrong too, and the gradient is (\S+) times the expected one.*": r"符号反了，大小也不对：梯度是正确值的 \1 倍",
    r"the gradient is (\S+) times the expected one: off by.*": r"梯度是正确值的 \1 倍",
    r"only rows that the index names more than once are wrong.*": "只有被索引多次的行不对：它们的梯度要累加（np.add.at），不能覆盖",
    r"the wrong elements are those of the target classes.*": "不对的正是目标类别所在的元素",
    r"the wrong elements are those where (x [<>] 0).*": r"不对的是 \1 的那些元素",
    r"only elements on the border are wrong.*": "只有边缘的元素不对",
    r"only elements with index (.*?) are wrong.*": r"不对的元素只在 \1",
    r"the gradient is multiplied by the input x once too often": "多乘了一次输入 x",
    r"the gradient is multiplied by the output y once too often": "多乘了一次输出 y",
    r"the gradient is divided by the (?:input|output) (\w) once too often": r"多除了一次 \1",
    r"the gradient is zero in (\d+) of (\d+) elements.*": r"\2 个元素中有 \1 个的梯度是零，而它们不该为零",
    r"the gradient is off by a factor for each index of axis (\d+).*": r"梯度在轴 \1 的每个下标上差一个因子：漏了权重、缩放或对其他轴的求和",
    r"the (\w+) over the broadcast ax[ei]s (.*) is missing": r"没有对广播出来的轴 \2 求和",
    r"the values are right, in another shape.*": "数值都对，形状不对：用 reshape 改过来",
    r"it was summed over ax[ei]s (.*), which belongs to the input": r"多对轴 \1 求了和，而它属于输入",
    r"it was averaged .* over ax[ei]s (.*), which belongs to the input": r"多对轴 \1 求了平均，而它属于输入",
    r"the sum over a broadcast axis may be missing": "可能没有对广播出来的轴求和",
}
_TABLE = [(re.compile(pattern), said) for pattern, said in _CLAUSES.items()]


def chinese(clause: str) -> str:
    """A clause of the diagnosis in Chinese; itself where the table does not have it."""
    for pattern, said in _TABLE:
        if match := pattern.fullmatch(clause):
            told = re.sub(r" on axis (\d+)", r"（轴 \1）", match.expand(said))
            return told.replace("） and ", "）与 ").replace(" to ", " 到 ")
    return clause
