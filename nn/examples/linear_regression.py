"""Linear regression on the article's four houses: the exact answer, and how fast gradient descent may walk to it.

The data are x = (1, 2), (2, 3), (3, 4), (4, 5) and t = 5, 7, 9, 11. Since x2 = x1 + 1 and t = 2 x1 + 3, the weights
w = (-1, 3) without a bias fit exactly; with a bias there would be infinitely many solutions.

Gradient descent on (1/2) sum (x w - t)^2 multiplies the error along each eigenvector of X^T X by 1 - lr * lambda. It
converges if every factor is within (-1, 1): lr < 2 / lambda_max, and as slowly as its smallest eigenvalue says. A loss
with another factor in front has another limit, but no convention makes the article's 0.1 small enough.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np

import nn
from nn import functional as F
from nn.data import Standardize
from nn.examples.console import Console, Options, Report, Table, counted
from nn.examples.logbook import Logbook, require_finite

X = np.array([[1, 2], [2, 3], [3, 4], [4, 5]], np.float32)
T = np.array([[5], [7], [9], [11]], np.float32)
EPOCHS, LR = 3000, 0.045

CONVENTIONS: dict[str, tuple[float, Callable[[nn.Tensor, nn.Tensor], nn.Tensor]]] = {
    "half the sum of squares": (1.0, lambda y, t: F.mse_loss(y, t, reduction="sum") / 2),
    "mean of squares": (2 / len(X), lambda y, t: F.mse_loss(y, t)),
    "half the mean of squares": (1 / len(X), lambda y, t: F.mse_loss(y, t) / 2),
}
"""How a loss may be written: the factor of X^T (X w - t) in its gradient, and the loss."""


def eigenvalues() -> np.ndarray[Any, Any]:
    """Of X^T X, ascending: 0.2388 and 83.7612."""
    x = X.astype(np.float64)
    return np.linalg.eigvalsh(x.T @ x)


def limit(factor: float) -> float:
    """The learning rate from which on gradient descent diverges, for a gradient of factor * X^T (X w - t)."""
    return float(2 / (factor * eigenvalues()[-1]))


def diverges(lr: float, loss: Callable[[nn.Tensor, nn.Tensor], nn.Tensor], steps: int = 2000) -> bool:
    """Try it: whether the loss is larger after `steps` steps than it was at the start."""
    x, t = nn.tensor(X, dtype=nn.float64), nn.tensor(T, dtype=nn.float64)
    weight = nn.zeros(1, 2, dtype=nn.float64, requires_grad=True)
    optimizer = nn.optim.SGD([weight], lr=lr)
    first = value = loss(F.linear(x, weight), t).item()
    for _ in range(steps):
        optimizer.zero_grad()
        current = loss(F.linear(x, weight), t)
        current.backward()
        optimizer.step()
        value = current.item()
        if not value < 1e6 * first:
            return True
    return value > first


def fit(
    x: nn.Tensor, bias: bool, name: str, epochs: int, lr: float, seed: int, console: Console, log_dir: Any
) -> nn.Linear:
    """Full-batch gradient descent on the mean of squares."""
    nn.manual_seed(seed)
    t = nn.from_numpy(T)
    model = nn.Linear(x.shape[1], 1, bias=bias)
    optimizer = nn.optim.SGD(model.parameters(), lr=lr)
    settings = dict(model=repr(model), loss="mean of squares", lr=lr, epochs=epochs, seed=seed)
    network = nn.Sequential(OrderedDict(linear=model))
    every = max(1, epochs // 20)
    with nullcontext() if log_dir is None else Logbook(log_dir / name, network, x, settings, every=every) as log:
        for epoch in console.progress(f"linear-regression, {name}", epochs):
            optimizer.zero_grad()
            loss = F.mse_loss(network(x), t)
            loss.backward()
            optimizer.step()
            value = require_finite(loss.item(), epoch.number, lr)
            epoch.note(loss=value)
            if log is not None:
                log.scalars(epoch.number, loss=value)
                for place, weight in enumerate(model.weight.detach().numpy().ravel()):
                    log.scalars(epoch.number, **{f"weight__{place}": float(weight)})
    return model


def train(options: Options) -> Report:
    """Fit the raw data without a bias and the standardised data with one; show the limits of the learning rate."""
    epochs, lr = options.epochs or EPOCHS, options.lr or LR
    x = nn.from_numpy(X)
    scale = Standardize().fit(X[:, :1])
    short = min(epochs, 200)
    raws, lines = [], []
    for seed in range(options.seed, options.seed + options.seeds):
        logged = seed == options.seed
        console, log_dir = Console(options.quiet or not logged), options.log_dir if logged else None
        raws.append(fit(x, False, "raw", epochs, lr, seed, console, log_dir))
        scaled = fit(scale(x[:, :1]), True, "standardised", short, 0.1, seed, console, log_dir)
        weight, bias = (float(parameter.item()) for parameter in scaled.parameters())
        slope = float(weight / X[:, 0].std())
        lines.append((slope, float(bias - slope * X[:, 0].mean())))
    found = [raw.weight.detach().numpy().ravel() for raw in raws]
    weights = found[0]
    with nn.no_grad():
        predictions = raws[0](x).numpy().ravel()
    fitted = Table(
        f"Linear regression, {counted(epochs, 'epoch')}: weights ({weights[0]:.4f}, {weights[1]:.4f}), exactly (-1, 3)"
        f"{_reached(found, (-1, 3))}",
        ["x", "target", "prediction"],
        [
            [f"({a:.0f}, {b:.0f})", f"{t:.0f}", f"{p:.4f}"]
            for (a, b), t, p in zip(X, T.ravel(), predictions, strict=True)
        ],
    )
    limits = Table(
        "The largest learning rate, 2 / (factor * 83.76); the article's 0.1 is above it in every convention",
        ["loss", "limit", "1% below", "1% above", "0.1"],
        [
            [
                how,
                f"{limit(factor):.4f}",
                *(_verdict(rate, loss) for rate in (0.99 * limit(factor), 1.01 * limit(factor), 0.1)),
            ]
            for how, (factor, loss) in CONVENTIONS.items()
        ],
    )
    standardised = Table(
        f"Standardised, with a bias, lr 0.1, {counted(short, 'epoch')}: both eigenvalues are equal; exactly (2, 3)"
        f"{_reached(lines, (2, 3))}",
        ["seed", "slope", "intercept"],
        [[str(options.seed + i), f"{slope:.4f}", f"{intercept:.4f}"] for i, (slope, intercept) in enumerate(lines)],
    )
    slope, intercept = lines[0]
    figures = dict(
        weights=weights, predictions=predictions, slope=slope, intercept=intercept, all_weights=found, all_lines=lines
    )
    return Report([fitted, standardised, limits], options.log_dir, figures)


def _reached(found: Sequence[Any], exact: tuple[float, float]) -> str:
    """How many of the runs ended within a thousandth of the exact answer."""
    count = sum(bool(np.abs(np.subtract(values, exact)).max() < 1e-3) for values in found)
    return f"; within 0.001 with {count} of {counted(len(found), 'seed')}"


def _verdict(lr: float, loss: Callable[[nn.Tensor, nn.Tensor], nn.Tensor]) -> str:
    return "diverges" if diverges(lr, loss) else "converges"
