"""Drill 3, from the article's first example: the sign is right, and everything is 0.5."""

import numpy as np

from nn.exercises.declaration import Exercise
from nn.exercises.judging import require, same

exercise = Exercise(
    "drill_xor_one_unit",
    title=("Drill 3: every prediction is 0.5", "调试 3：预测全是 0.5"),
    statement=(
        """
        The article's network on XOR, with the sign repaired, settles at 0.5 for all four points: it has no hidden layer.
        Repair the model. initial(rng) returns a list of arrays, drawn from rng; forward(x, parameters) takes x (N, 2) and
        returns probabilities (N,). The check trains it by descent on the cross-entropy, with gradients from
        differences, 250 steps at rate 0.1 with momentum 0.9, from three starts: at least two must end below a loss of 0.1.
        """,
        """
        文章的网络修正符号之后，在异或上四个点的预测都停在 0.5：它没有隐藏层。请修改模型。
        initial(rng) 返回由 rng 抽取的数组列表；forward(x, parameters) 接受 x (N, 2)，返回概率 (N,)。
        检查时用差分求梯度，在交叉熵上做梯度下降（学习率 0.1、动量 0.9、250 步），共三个起点，
        至少两个的损失要降到 0.1 以下。
        """,
    ),
    derivation="""
        one unit: z00 + z11 = z01 + z10, so at least one point is wrong and the loss is at least ln 2
        hidden units bend the plane:  h = tanh(x @ W + b),   p = sigmoid(h @ v + c)
        two hidden units can do it; four find it from nearly every start
    """,
    hints=[
        ("A layer of tanh units with biases between input and output.", "在输入与输出之间加一层带偏置的 tanh 单元。"),
        (
            "Draw the weights at random: units that start alike stay alike.",
            "权重要随机抽取：一开始相同的单元会一直相同。",
        ),
        ("Without an activation two layers are one linear map.", "没有激活函数，两层仍然只是一个线性映射。"),
    ],
    given="""
        import numpy as np


        def initial(rng):
            return [rng.random(2)]


        def forward(x, parameters):
            return 1 / (1 + np.exp(-(x @ parameters[0])))
    """,
)


@exercise.reference
def initial(rng):
    """rng -> list of arrays"""
    return [rng.normal(size=(2, 4)), rng.normal(size=4), rng.normal(size=4), np.zeros(1)]


@exercise.reference
def forward(x, parameters):
    """x (N, 2), parameters -> p (N,)"""
    w, b, v, c = parameters
    return 1 / (1 + np.exp(-(np.tanh(x @ w + b) @ v + c)))


X, T = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0.0, 1.0, 1.0, 0.0])


def loss(own, parameters):
    p = np.clip(np.asarray(own(X, parameters), float), 1e-12, 1 - 1e-12)
    return -np.mean(T * np.log(p) + (1 - T) * np.log(1 - p))


def trained(given, seed):
    """The loss after descent with gradients from one-sided differences."""
    own = given.forward.itself
    parameters = [np.array(a, float) for a in given.initial(np.random.default_rng(seed))]
    flats = [a.reshape(-1) for a in parameters]
    velocity = [np.zeros(flat.size) for flat in flats]
    for _ in range(250):
        now = loss(own, parameters)
        if now < 0.05:
            break
        for flat, v in zip(flats, velocity, strict=True):
            slope = np.empty(flat.size)
            for k in range(flat.size):
                old = flat[k]
                flat[k] = old + 1e-6
                slope[k] = (loss(own, parameters) - now) / 1e-6
                flat[k] = old
            v *= 0.9
            v -= 0.1 * slope
        for flat, v in zip(flats, velocity, strict=True):
            flat += v
    return loss(own, parameters)


@exercise.check("the model has probabilities of the right shape", "概率的形状与范围正确")
def shape(given, rng):
    p = np.asarray(given.forward(rng.normal(size=(7, 2)), given.initial(rng)), float)
    require(
        p.shape == (7,), f"probabilities: expected shape (7,), got {p.shape}", f"概率：形状应为 (7,)，得到 {p.shape}"
    )
    require(
        (p >= 0).all() and (p <= 1).all(),
        f"probabilities: expected numbers from 0 to 1, got {p.min():.3g} to {p.max():.3g}",
        f"概率应在 0 到 1 之间，得到 {p.min():.3g} 到 {p.max():.3g}",
    )


@exercise.check("it learns XOR", "学会异或")
def learns(given, rng):
    losses = [trained(given, seed) for seed in range(3)]
    good = sum(found < 0.1 for found in losses)
    require(
        good >= 2,
        f"{good} of 3 starts end below 0.1; the losses are {', '.join(f'{a:.3g}' for a in losses)} (0.693 is a guess)",
        f"3 个起点中有 {good} 个降到 0.1 以下；损失为 {'、'.join(f'{a:.3g}' for a in losses)}（0.693 等于瞎猜）",
    )


@exercise.check("one seed gives one start", "同一种子给出同一起点")
def seeds(given, rng):
    first, again, other = (
        np.concatenate([np.ravel(a) for a in given.initial(np.random.default_rng(s))]) for s in (1, 1, 2)
    )
    same("parameters of the same seed", again, first)
    require(not np.array_equal(first, other), "another generator gives the same start", "换了生成器，起点却相同")


def linear_layers(x, parameters):
    w, b, v, c = parameters
    return 1 / (1 + np.exp(-((x @ w + b) @ v + c)))


exercise.mutant("as printed", initial=lambda rng: [rng.random(2)], forward=lambda x, p: 1 / (1 + np.exp(-(x @ p[0]))))
exercise.mutant(
    "a bias alone",
    initial=lambda rng: [rng.normal(size=2), np.zeros(1)],
    forward=lambda x, p: 1 / (1 + np.exp(-(x @ p[0] + p[1]))),
)
exercise.mutant("two layers without an activation", forward=linear_layers)
exercise.mutant("all units alike", initial=lambda rng: [np.ones((2, 4)), np.zeros(4), np.ones(4), rng.normal(size=1)])
exercise.mutant(
    "columns instead of a vector", forward=lambda x, p: forward(x, p)[:, None] if len(x) != 4 else forward(x, p)
)
exercise.mutant(
    "logits instead of probabilities",
    forward=lambda x, p: np.log(forward(x, p) / (1 - forward(x, p))) if len(x) != 4 else forward(x, p),
)
exercise.mutant("a start of its own", initial=lambda rng: initial(np.random.default_rng(0)))
