"""Fine-tuning: a new head on a backbone that was trained before."""

import numpy as np

from nn.exercises.declaration import Exercise
from nn.exercises.judging import require, same

exercise = Exercise(
    "fine_tune",
    title=("Fine-tune a pretrained network", "微调预训练网络"),
    statement=(
        """
        parameters is a dict of arrays: "backbone.weight" (H, D), "backbone.bias" (H,), "head.weight" (K, H),
        "head.bias" (K,); the model is tanh(x @ backbone.weight.T + backbone.bias) @ head.weight.T + head.bias.
        with_new_head(parameters, classes, rng): a new dict, the backbone as it is (copies), a head for `classes` classes:
        small random weights from rng, zero bias. The given dict stays as it is.
        fine_tune(parameters, x, t, steps, rates): a new dict after so many steps of descent on the mean cross-entropy of
        all rows. rates maps "backbone" and "head" to learning rates; a part that is missing there is frozen and
        stays equal to the last bit.
        """,
        """
        parameters 是数组字典："backbone.weight" (H, D)、"backbone.bias" (H,)、"head.weight" (K, H)、"head.bias" (K,)；
        模型为 tanh(x @ backbone.weight.T + backbone.bias) @ head.weight.T + head.bias。
        with_new_head(parameters, classes, rng)：返回新的字典，主干原样（复制），换上 classes 类的新输出层：
        权重为 rng 抽取的小随机数，偏置为零。原字典不变。
        fine_tune(parameters, x, t, steps, rates)：在全部样本的交叉熵平均值上下降 steps 步，返回新的字典。
        rates 给出 "backbone" 与 "head" 的学习率；其中没有的部分即为冻结，每一位都不能变。
        """,
    ),
    derivation="""
        h = tanh(x @ W.T + b),   logits = h @ V.T + c
        dlogits = (softmax(logits) - onehot(t)) / N
        dV = dlogits.T @ h,   dc = sum(dlogits)
        du = (dlogits @ V) * (1 - h**2),   dW = du.T @ x,   db = sum(du)
        a frozen part takes no step, not even one of length 0 * g
    """,
    hints=[
        ("name.split('.')[0] is the part that a parameter belongs to.", "name.split('.')[0] 就是参数所属的部分。"),
        ("Copy first: the pretrained parameters may be needed again.", "先复制：预训练参数以后还要用。"),
        ("A lower rate for the backbone keeps what it learned.", "主干用较低的学习率，以保住学到的东西。"),
    ],
    level=2,
)


@exercise.reference
def with_new_head(parameters, classes, rng):
    """parameters, classes -> parameters"""
    new = {name: array.copy() for name, array in parameters.items() if name.startswith("backbone.")}
    hidden = len(new["backbone.bias"])
    new["head.weight"] = rng.normal(size=(classes, hidden)) * 0.1
    new["head.bias"] = np.zeros(classes)
    return new


@exercise.reference
def fine_tune(parameters, x, t, steps, rates):
    """parameters, x (N, D), t (N,) -> parameters"""
    new = {name: array.copy() for name, array in parameters.items()}
    for _ in range(steps):
        h = np.tanh(x @ new["backbone.weight"].T + new["backbone.bias"])
        logits = h @ new["head.weight"].T + new["head.bias"]
        e = np.exp(logits - logits.max(axis=1, keepdims=True))
        dlogits = (e / e.sum(axis=1, keepdims=True) - np.eye(logits.shape[1])[t]) / len(x)
        du = (dlogits @ new["head.weight"]) * (1 - h**2)
        gradients = {
            "backbone.weight": du.T @ x,
            "backbone.bias": du.sum(axis=0),
            "head.weight": dlogits.T @ h,
            "head.bias": dlogits.sum(axis=0),
        }
        for name, gradient in gradients.items():
            part = name.split(".")[0]
            if part in rates:
                new[name] -= rates[part] * gradient
    return new


def pretrained():
    """A backbone whose hidden units tell the four quadrants of the first two of ten inputs apart."""
    weight = np.zeros((6, 10))
    weight[0, 0] = weight[1, 1] = 2.0
    weight[2, :2], weight[3, :2] = (2.0, 2.0), (2.0, -2.0)
    weight[4:] = 0.1
    return {
        "backbone.weight": weight,
        "backbone.bias": np.array([0.0, 0, 1, 1, 0, 0]),
        "head.weight": np.ones((2, 6)),
        "head.bias": np.ones(2),
    }


@exercise.check("a new head on the old backbone, which stays as it is", "旧主干配新输出层，主干与原字典不变")
def head(given, rng):
    old = pretrained()
    new = given.with_new_head.itself(old, 3, rng)
    same("shape of head.weight", np.shape(new["head.weight"]), (3, 6))
    same("head.bias", new["head.bias"], np.zeros(3))
    require(np.std(new["head.weight"]) > 0, "the new head's weights are all alike", "新输出层的权重全都一样")
    for name, array in pretrained().items():
        same(f"{name} of the given dict", old[name], array)
        if name.startswith("backbone"):
            same(name, new[name], array)
            require(
                new[name] is not old[name],
                f"{name} is the very array of the given dict: copy it",
                f"{name} 就是原字典的数组：请复制",
            )


@exercise.check(
    "a frozen part stays equal to the last bit, and the given dict too", "冻结的部分每一位都不变，原字典也不变"
)
def frozen(given, rng):
    x, t = rng.normal(size=(6, 10)), np.arange(6) % 2
    for rates, part in (({"head": 0.1}, "backbone"), ({"backbone": 0.1}, "head")):
        start = pretrained()
        new = given.fine_tune.itself(start, x, t, 3, rates)
        for name, array in pretrained().items():
            require(
                np.array_equal(start[name], array), f"{name} of the given dict was changed", f"原字典的 {name} 被修改了"
            )
            if name.startswith(part):
                require(
                    np.array_equal(new[name], array), f"{name} is frozen and was changed", f"{name} 已冻结，却被修改了"
                )


@exercise.check("the steps are right, each part with its own rate", "各部分按各自的学习率更新，每步正确")
def steps(given, rng):
    x, t = rng.normal(size=(6, 10)), np.arange(6) % 2
    start = {name: array + 0.1 * rng.normal(size=array.shape) for name, array in pretrained().items()}
    got, right = (f(start, x, t, 3, {"head": 0.5, "backbone": 0.05}) for f in (given.fine_tune, fine_tune))
    for name, array in right.items():
        same(name, got[name], array)


@exercise.check("from 32 samples it beats training from scratch", "用 32 个样本微调，胜过从零训练")
def few(given, rng):
    def data(n):
        x = rng.normal(size=(n, 10))
        return x, (x[:, 0] > 0) * 2 + (x[:, 1] > 0)

    (x, t), (test_x, test_t) = data(32), data(300)

    def accuracy(p):
        h = np.tanh(test_x @ p["backbone.weight"].T + p["backbone.bias"])
        return np.mean((h @ p["head.weight"].T + p["head.bias"]).argmax(1) == test_t)

    tuned = accuracy(given.fine_tune(given.with_new_head(pretrained(), 4, rng), x, t, 200, {"head": 1.0}))
    scratch = {**pretrained(), "backbone.weight": rng.normal(size=(6, 10)) * 0.3, "backbone.bias": np.zeros(6)}
    alone = accuracy(fine_tune(with_new_head(scratch, 4, rng), x, t, 200, {"head": 1.0, "backbone": 1.0}))
    require(
        tuned > max(alone, 0.93),
        f"fine-tuned {tuned:.0%} right, from scratch {alone:.0%}; expected at least 93 %",
        f"微调正确率 {tuned:.0%}，从零训练 {alone:.0%}；应不低于 93%",
    )


def random_backbone(parameters, classes, rng):
    new = with_new_head(parameters, classes, rng)
    new["backbone.weight"] = rng.normal(size=new["backbone.weight"].shape)
    return new


def in_place(parameters, x, t, steps, rates):
    parameters.update(fine_tune(parameters, x, t, steps, rates))
    return parameters


exercise.mutant("the backbone drawn again", with_new_head=random_backbone)
exercise.mutant("the old head", with_new_head=lambda p, c, rng: {k: v.copy() for k, v in p.items()})
exercise.mutant(
    "the same arrays",
    with_new_head=lambda p, c, rng: {**with_new_head(p, c, rng), "backbone.weight": p["backbone.weight"]},
)
exercise.mutant(
    "the head of zeros", with_new_head=lambda p, c, rng: {**with_new_head(p, c, rng), "head.weight": np.zeros((c, 6))}
)
exercise.mutant(
    "nothing is frozen",
    fine_tune=lambda p, x, t, n, rates: fine_tune(p, x, t, n, {"backbone": 0.01, "head": 0.01, **rates}),
)
exercise.mutant("the given dict is changed", fine_tune=in_place)
exercise.mutant(
    "one rate for all",
    fine_tune=lambda p, x, t, n, rates: fine_tune(p, x, t, n, dict.fromkeys(rates, max(rates.values()))),
)
exercise.mutant(
    "the backbone moves in another direction",
    fine_tune=lambda p, x, t, n, rates: {
        k: v + (0.01 if k.startswith("backbone") and "backbone" in rates and "head" in rates else 0)
        for k, v in fine_tune(p, x, t, n, rates).items()
    },
)
exercise.mutant("one step alone", fine_tune=lambda p, x, t, n, rates: fine_tune(p, x, t, min(n, 3), rates))
