"""What the commands that train share: their options, the place they log to, and one example's training."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nn.commands.arguments import seed
from nn.examples import ARTICLE

EXAMPLES = ("xor", "linear-regression", "cnn")


def training_options(parser: argparse.ArgumentParser, log_dir: str) -> None:
    """Add where to log, the seed, and how much to print."""
    parser.add_argument("--log-dir", metavar="DIR", help=f"where to log (default: {log_dir})")
    parser.add_argument("--seed", type=seed, default=0, help="of weights, order and split (default: 0)")
    parser.add_argument("--quiet", action="store_true", help="print the results only")


def train_example(example: str, arguments: argparse.Namespace, log_dir: Path) -> None:
    """Train one example as the arguments ask, log it in `log_dir`, and print its tables."""
    from nn.examples.console import Options, Report

    _usable(log_dir)
    options = Options(log_dir, arguments.epochs, arguments.lr, arguments.seed, arguments.seeds, arguments.quiet)
    train: Callable[..., Report]
    extra: dict[str, Any] = {}
    if example == "xor":
        from nn.examples import xor

        train = xor.train_as_printed if arguments.as_printed else xor.train
    elif example == "linear-regression":
        from nn.examples import linear_regression

        train = linear_regression.train
    else:
        from nn.examples import cnn

        train, extra = cnn.train, {"augment": arguments.augment}
    for table in train(options, **extra).tables:
        print(f"\n{table}", flush=True)


def _usable(log_dir: Path) -> None:
    """Refuse a place that holds another run: TensorBoard would mix the two."""
    if log_dir.is_dir() and any(log_dir.rglob("*tfevents*")):
        raise FileExistsError(f"--log-dir: {log_dir} holds a run already; choose another directory, or delete that one")


def say_where(log_dir: Path) -> None:
    """Print how to look at what was logged."""
    print(f"\n{ARTICLE}")
    print(f"\nLogged. To see the curves, histograms, pictures and graphs:\n  fromzero board {log_dir}")
