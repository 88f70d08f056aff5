"""XOR: the smallest problem that one unit cannot solve and two layers can.

A single unit draws one straight line through the plane of its two inputs, and no line has (0, 1), (1, 0) on one side,
and (0, 0), (1, 1) on the other. Four hidden units bend the plane first:

    h = tanh(W1 x + b1)        (4, 2) weights, 4 biases
    logit = W2 h + b2          (1, 4) weights, 1 bias
    p = sigmoid(logit)

trained on binary cross-entropy, whose gradient by the logit is simply p - t.
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import nullcontext

import numpy as np

import nn
from nn import functional as F
from nn.data import datasets
from nn.examples.console import Console, Options, Report, Table, counted
from nn.examples.logbook import Logbook, require_finite
from nn.viewing import Picture, draw_plane
from tbwriter import SummaryWriter

EPOCHS, LR = 1000, 1.0


def network() -> nn.Sequential:
    """2 inputs, 4 hidden units, 1 logit; Xavier's initial weights."""
    model = nn.Sequential(
        OrderedDict(hidden=nn.Linear(2, 4), tanh=nn.Tanh(), output=nn.Linear(4, 1)),
    )
    for name, parameter in model.named_parameters():
        if name.endswith("weight"):
            nn.init.xavier_normal_(parameter, gain=nn.init.calculate_gain("tanh"))
        else:
            nn.init.zeros_(parameter)
    return model


def fit(
    seed: int, epochs: int, lr: float, console: Console, log_dir: object = None, inside: bool = True
) -> nn.Sequential:
    """Train one network; with a log_dir, write its curves, and what happens inside of it."""
    nn.manual_seed(seed)
    x, target = datasets.xor()
    model = network()
    optimizer = nn.optim.SGD(model.parameters(), lr=lr)
    settings = dict(model="2-4-1, tanh", loss="binary cross-entropy", lr=lr, epochs=epochs, seed=seed)
    every = max(1, epochs // 20)
    with nullcontext() if log_dir is None else Logbook(log_dir, model, x, settings, inside, every) as log:
        for epoch in console.progress("xor", epochs):
            optimizer.zero_grad()
            logits = model(x)
            loss = F.binary_cross_entropy_with_logits(logits, target)
            loss.backward()
            optimizer.step()
            value = require_finite(loss.item(), epoch.number, lr)
            epoch.note(loss=value)
            if log is not None and (inside or epoch.number % every == 0 or epoch.last):
                accuracy = float(((logits > 0) == (target > 0.5)).float().mean())
                log.scalars(epoch.number, loss=value, accuracy=accuracy)
            if log is not None and inside and (epoch.number % every == 0 or epoch.last):
                log.writer.add_image("plane", draw_probability(model, f"XOR after epoch {epoch.number}"), epoch.number)
        if log is not None:
            error = float(np.abs(predict(model) - target.numpy().ravel()).max())
            log.result(epochs - 1, largest_error=error)
    return model


def predict(model: nn.Module) -> np.ndarray:
    """The probability of 1 for each of the four inputs."""
    with nn.no_grad():
        return model(datasets.xor()[0]).sigmoid().numpy().ravel()


def plane(model: nn.Module, pixels: int = 64) -> np.ndarray:
    """The predicted probability over the square from -0.5 to 1.5, (pixels, pixels), the first row at the top."""
    axis = np.linspace(-0.5, 1.5, pixels, dtype=np.float32)
    points = np.stack(np.meshgrid(axis, axis[::-1]), axis=-1).reshape(-1, 2)
    with nn.no_grad():
        return model(nn.from_numpy(points)).sigmoid().numpy().reshape(pixels, pixels)


def draw_probability(model: nn.Module, title: str = "") -> Picture:
    """The plane in colours, with the line at a half and the four targets."""
    axis = np.linspace(-0.5, 1.5, 64)
    corners, targets = datasets.xor()
    return draw_plane(
        plane(model)[::-1], axis, axis,
        title=title, x_label="first input", y_label="second input", bar_label="probability of 1",
        colours="diverging", low=0, high=1, levels=[0.5],
        marks={(x, y): f"{target.item():.0f}" for (x, y), target in zip(corners.tolist(), targets, strict=True)},
    )  # fmt: skip


def train(options: Options, as_printed: bool = False) -> Report:
    """Train, and judge by the predictions: solved if every one is within 0.05 of its target.

    Args:
        options: as for every example.
        as_printed: run the article's own code in its place.
    """
    if as_printed:
        return train_as_printed(options)
    epochs, lr = options.epochs or EPOCHS, options.lr or LR
    console = Console(options.quiet)
    targets = datasets.xor()[1].numpy().ravel()
    seeds = range(options.seed, options.seed + options.seeds)
    predictions = []
    for seed in seeds:
        first = seed == options.seed
        log_dir = options.log_dir if first else options.log_dir / f"seed_{seed}"
        predictions.append(predict(fit(seed, epochs, lr, console if first else Console(quiet=True), log_dir, first)))
    errors = [float(np.abs(p - targets).max()) for p in predictions]
    solved = sum(error < 0.05 for error in errors)
    inputs = datasets.xor()[0].numpy().astype(int)
    rows = [
        [f"{a} xor {b}", f"{target:.0f}", f"{p:.4f}", f"{abs(p - target):.4f}"]
        for (a, b), target, p in zip(inputs, targets, predictions[0], strict=True)
    ]
    title = f"XOR, 2-4-1 network, {counted(epochs, 'epoch')}: solved with {solved} of {counted(len(seeds), 'seed')}"
    table = Table(title, ["input", "target", "prediction", "error"], rows)
    return Report([table], options.log_dir, dict(predictions=predictions[0], errors=errors, solved=solved))


def single_unit(sign: float, seed: int = 0, lr: float = 0.1, epochs: int = 1000) -> tuple[list[float], np.ndarray]:
    """The article's network: one sigmoid unit without bias, squared error, whole batch.

    Args:
        sign: -1 takes `target - output` for the error and subtracts its gradient, as printed: uphill. 1 is the
            corrected sign.
        seed: of NumPy's legacy generator, which the article draws the weights from.
        lr: the learning rate.
        epochs: steps.

    Returns:
        The mean squared error after every step, and the four outputs.
    """
    x, target = (t.numpy().astype(np.float64) for t in datasets.xor())
    weights = np.random.RandomState(seed).rand(2, 1)
    losses = []
    for _ in range(epochs):
        output = 1 / (1 + np.exp(-x @ weights))
        slope = (output - target) * output * (1 - output)
        weights -= sign * lr * x.T @ slope
        losses.append(float(np.mean((target - 1 / (1 + np.exp(-x @ weights))) ** 2)))
    return losses, (1 / (1 + np.exp(-x @ weights))).ravel()


def train_as_printed(options: Options) -> Report:
    """Show what the article's own code does, and what is left when its sign is corrected."""
    epochs, lr = options.epochs or 1000, options.lr or 0.1
    rows = []
    figures = {}
    with SummaryWriter(str(options.log_dir)) as writer:
        for seed in range(options.seed, options.seed + options.seeds):
            for name, sign in (("as printed", -1.0), ("sign corrected", 1.0)):
                losses, outputs = single_unit(sign, seed, lr, epochs)
                if seed == options.seed:
                    figures[name] = losses
                    for step, loss in enumerate(losses):
                        writer.add_scalar(f"mse/{name.replace(' ', '_')}", loss, step)
                rows.append(
                    [f"{seed}", name, f"{losses[0]:.4f}", f"{losses[-1]:.4f}", " ".join(f"{o:.3f}" for o in outputs)]
                )
        writer.add_text("why", WHY)
    table = Table(
        f"XOR as the article has it: one sigmoid unit, no bias, {counted(epochs, 'epoch')}",
        ["seed", "code", "first MSE", "last MSE", "outputs"],
        rows,
    )
    return Report([table, Table("Why", ["reason"], [[line] for line in WHY.splitlines()])], options.log_dir, figures)


WHY = """\
The error is written target - output, so its product with the slope is minus the gradient; subtracting it climbs.
With the sign corrected one unit still draws one line: (0, 0) stays at 0.5 without a bias, and 0.25 is the best MSE.
A hidden layer with biases solves it: `fromzero train xor`."""
