"""`fromzero demo`."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path

from nn.commands.training import OWN, say_where, train_example, training_options

HELP = "train the article's three examples"
SEEDS = {"xor": 20, "linear-regression": 1, "cnn": 5}


def options(parser: argparse.ArgumentParser) -> None:
    """Add where to log, the seed, and how much to print."""
    training_options(parser, "runs/demo-<time>")


def run(arguments: argparse.Namespace) -> None:
    """Train the examples one after another, each with as many seeds as its claim needs."""
    default = Path("runs") / f"demo-{datetime.now():%Y%m%d-%H%M%S}"
    log_dir = default if arguments.log_dir is None else Path(arguments.log_dir)
    arguments.epochs = arguments.lr = None
    for option in OWN:
        setattr(arguments, option, False)
    for example, seeds in SEEDS.items():
        arguments.seeds = seeds
        train_example(example, arguments, log_dir / example)
    say_where(log_dir, article=True)
