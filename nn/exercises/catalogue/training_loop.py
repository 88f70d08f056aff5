"""A training loop with its bookkeeping right."""

import numpy as np

from nn.exercises.declaration import Exercise
from nn.exercises.judging import require, same

exercise = Exercise(
    "training_loop",
    title=("The training loop", "训练循环"),
    statement=(
        """
        fit(model, train, val, epochs, size, lr, rng) trains and returns a list with a pair (train_loss, val_loss) for
        each epoch. train and val are pairs (x, y). model.parameters is a list of arrays, to be changed in place;
        model.loss(x, y) is the mean loss of some rows, model.gradients(x, y) the list of its gradients.
        Each epoch: model.training = True; batches of `size` rows in a new order drawn from rng, each row once, and
        descent by lr on each; train_loss is the mean over all rows of the losses met before the steps. Then
        model.training = False, and val_loss is the loss of the whole validation set. It is never trained on.
        """,
        """
        fit(model, train, val, epochs, size, lr, rng) 训练模型，返回一个列表，每个 epoch 一对 (train_loss, val_loss)。
        train 与 val 各是一对 (x, y)。model.parameters 是数组列表，要就地修改；model.loss(x, y) 是若干行的平均损失，
        model.gradients(x, y) 是其梯度列表。每个 epoch：先令 model.training = True；用 rng 抽取新的顺序，
        每批 size 行，每行恰好一次，逐批按 lr 下降；train_loss 是各步之前的损失对所有行的平均。
        然后令 model.training = False，val_loss 是整个验证集的损失。绝不在验证集上训练。
        """,
    ),
    derivation="""
        train_loss = sum over batches of n_k * loss_k / N       (the last batch may be smaller)
        p -= lr * g   in place:  p = p - lr * g  would leave the model's own array as it was
    """,
    hints=[
        ("Weight each batch's loss with its number of rows.", "每批损失按其行数加权。"),
        ("Draw the order inside the loop over epochs.", "顺序要在 epoch 循环里面抽。"),
        (
            "p -= lr * g changes the model's array; p = p - lr * g changes only the name p.",
            "p -= lr * g 修改模型的数组；p = p - lr * g 只改变了名字 p。",
        ),
    ],
    level=2,
)


@exercise.reference
def fit(model, train, val, epochs, size, lr, rng):
    """train and val: pairs of x (N, ...) and y (N, ...) -> list of (train_loss, val_loss)"""
    (x, y), history = train, []
    for _ in range(epochs):
        model.training = True
        order, total = rng.permutation(len(x)), 0.0
        for start in range(0, len(x), size):
            rows = order[start : start + size]
            total += model.loss(x[rows], y[rows]) * len(rows)
            for parameter, gradient in zip(model.parameters, model.gradients(x[rows], y[rows]), strict=True):
                parameter -= lr * gradient
        model.training = False
        history.append((total / len(x), model.loss(*val)))
    return history


class Line:
    """y = a * x + b, that keeps a record of how it is used."""

    def __init__(self):
        self.parameters, self.training, self.seen = [np.array([0.5]), np.array([0.0])], None, []

    def loss(self, x, y):
        self.seen.append(("loss", self.training, x.copy()))
        return np.mean((self.parameters[0] * x + self.parameters[1] - y) ** 2) + (0.25 if self.training else 0.0)

    def gradients(self, x, y):
        self.seen.append(("gradients", self.training, x.copy()))
        residual = self.parameters[0] * x + self.parameters[1] - y
        return [2 * np.mean(residual * x, keepdims=True), 2 * np.mean(residual, keepdims=True)]


VAL_Y = np.array([1.0, 0.0, 2.0, 1.0, 3.0])


def run(own, epochs=3, size=4):
    x = np.random.default_rng(1).normal(size=10)
    model, val = Line(), (np.linspace(10, 11, 5), VAL_Y)
    history = own(model, (x, 2 * x + 1), val, epochs, size, 0.01, np.random.default_rng(2))
    return model, history, x, val[0]


@exercise.check(
    "the model learns: its own arrays change", "模型确实在学：参数被就地修改", shared="the training losses show it too"
)
def learns(given, rng):
    model, _, _, _ = run(given.fit, epochs=20, size=3)
    before, after = (
        Line().loss(np.arange(4.0), 2 * np.arange(4.0) + 1),
        model.loss(np.arange(4.0), 2 * np.arange(4.0) + 1),
    )
    require(
        after < before / 2,
        f"the loss is {after:.3g} after 20 epochs, {before:.3g} before",
        f"20 个 epoch 之后损失为 {after:.3g}，之前为 {before:.3g}",
    )


@exercise.check(
    "every row is used once an epoch, in batches of the right size, in a new order",
    "每个 epoch 每行用一次，批大小正确，顺序更新",
)
def batches(given, rng):
    model, _, x, _ = run(given.fit)
    used = [rows for kind, _, rows in model.seen if kind == "gradients"]
    same("sizes of the batches", [len(rows) for rows in used], [4, 4, 2] * 3)
    epochs = [np.concatenate(used[k : k + 3]) for k in (0, 3, 6)]
    for rows in epochs:
        same("rows of an epoch", np.sort(rows), np.sort(x))
    require(
        (epochs[0] != epochs[1]).any() and (epochs[0] != x).any(),
        "the order is the same in every epoch",
        "每个 epoch 的顺序都一样",
    )


@exercise.check("the training loss is the mean over the rows", "训练损失是对所有行的平均")
def losses(given, rng):
    for epochs in (1, 2):
        got = [pair[0] for pair in run(given.fit, epochs)[1]]
        model = Line()
        seen = run(given.fit, epochs)[0].seen
        steps = [rows for kind, _, rows in seen if kind == "gradients"]
        expected = []
        for k in range(epochs):
            total = 0.0
            for rows in steps[3 * k : 3 * k + 3]:
                model.training = True
                total += model.loss(rows, 2 * rows + 1) * len(rows)
                for p, g in zip(model.parameters, model.gradients(rows, 2 * rows + 1), strict=True):
                    p -= 0.01 * g
            expected.append(total / 10)
        same("train_loss", got, expected)


@exercise.check(
    "the validation set is judged in evaluation mode, and never trained on", "验证集在推理模式下评估，且从不参与训练"
)
def validation(given, rng):
    model, history, _, val = run(given.fit)
    for kind, training, rows in model.seen:
        held = np.isin(rows, val).any()
        require(not (held and kind == "gradients"), "the validation set is trained on", "用验证集训练了")
        require(
            training == (not held),
            f"model.training is {training} while {'validating' if held else 'training'}",
            f"{'验证' if held else '训练'}时 model.training 为 {training}",
        )
    model.training = False
    same("val_loss of the last epoch", history[-1][1], model.loss(val, VAL_Y))
    require(
        len(history) == 3,
        f"expected a pair for each of 3 epochs, got {len(history)}",
        f"应有 3 个 epoch 的结果，得到 {len(history)} 个",
    )


def loop(weighted=True, in_place=True, shuffled=True, modes=True, new_order=True, val_steps=False):
    def made(model, train, val, epochs, size, lr, rng):
        (x, y), history = train, []
        order = rng.permutation(len(x)) if shuffled else np.arange(len(x))
        for _ in range(epochs):
            model.training = True
            if shuffled and new_order:
                order = rng.permutation(len(x))
            found = []
            for start in range(0, len(x), size):
                rows = order[start : start + size]
                found.append((model.loss(x[rows], y[rows]), len(rows) if weighted else 1))
                for p, g in zip(model.parameters, model.gradients(x[rows], y[rows]), strict=True):
                    if in_place:
                        p -= lr * g
                    else:
                        p = p - lr * g
            model.training = not modes
            if val_steps:
                for p, g in zip(model.parameters, model.gradients(*val), strict=True):
                    p -= lr * g
            history.append((sum(a * n for a, n in found) / sum(n for _, n in found), model.loss(*val)))
        return history

    return made


def last_batch(model, train, val, epochs, size, lr, rng):
    history = fit(model, train, val, epochs, size, lr, rng)
    return [(pair[1], pair[1]) for pair in history]


def whole_again(model, train, val, epochs, size, lr, rng):
    history = []
    for _ in range(epochs):
        [(_, val_loss)] = fit(model, train, val, 1, size, lr, rng)
        model.training = True
        history.append((model.loss(*train), val_loss))
    return history


exercise.mutant("p = p - lr * g", fit=loop(in_place=False))
exercise.mutant("the plain mean of the batches' losses", fit=loop(weighted=False))
exercise.mutant("never shuffled", fit=loop(shuffled=False))
exercise.mutant("shuffled once", fit=loop(new_order=False))
exercise.mutant("never in evaluation mode", fit=loop(modes=False))
exercise.mutant("a step on the validation set", fit=loop(val_steps=True))
exercise.mutant("the validation loss in both places", fit=last_batch)
exercise.mutant("the training loss after the epoch", fit=whole_again)
exercise.mutant(
    "it ascends", fit=lambda model, train, val, epochs, size, lr, rng: fit(model, train, val, epochs, size, -lr, rng)
)
