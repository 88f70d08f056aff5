"""What the commands that train share: their options, the place they log to, and one example's training."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from nn.commands.arguments import seed
from nn.examples import ARTICLE
from nn.examples.console import Options, fitted
from nn.examples.registry import EXAMPLES
from nn.world import world

OWN = ("as_printed", "augment", "env", "quick", "resume")
"""The options that only some examples take."""


def training_options(parser: argparse.ArgumentParser, log_dir: str) -> None:
    """Add where to log, the seed, and how much to print."""
    parser.add_argument("--log-dir", metavar="DIR", help=f"where to log (default: {log_dir})")
    parser.add_argument("--seed", type=seed, default=0, help="of weights, order and split (default: 0)")
    parser.add_argument("--quiet", action="store_true", help="print the results only")


def require_taken(name: str, arguments: argparse.Namespace) -> None:
    """Refuse an option that belongs to other examples.

    Raises:
        ValueError: one was given.
    """
    for option in OWN:
        if getattr(arguments, option) and option not in EXAMPLES[name].takes:
            owners = ", ".join(other for other, example in EXAMPLES.items() if option in example.takes)
            raise ValueError(f"train: --{option.replace('_', '-')} belongs to {owners}, not to {name}; leave it out")


def train_example(name: str, arguments: argparse.Namespace, log_dir: Path) -> None:
    """Train one example as the arguments ask, log it in `log_dir`, and print its tables."""
    from nn.examples.resuming import recalled, remember

    main = world().rank == 0
    options = Options(
        log_dir, arguments.epochs, arguments.lr, arguments.seed, arguments.seeds, arguments.quiet, arguments.quick,
        arguments.resume, arguments.env,
    )  # fmt: skip
    example = EXAMPLES[name]
    if options.resume:
        options = recalled(name, options)
    else:
        if main:
            _require_free(log_dir)
        if main and "resume" in example.takes:
            remember(name, options)
    extra = {option: getattr(arguments, option) for option in example.takes if option in ("as_printed", "augment")}
    train = importlib.import_module(f"nn.examples.{example.module}").train
    try:
        report = train(options, **extra)
    except KeyboardInterrupt:
        if "resume" in example.takes:
            print(f"To go on: fromzero train {name} --resume --log-dir {log_dir}", file=sys.stderr)
        raise
    for table in report.tables if main else ():
        print(f"\n{table}", flush=True)


def join(name: str, log_dir: Path) -> Path:
    """Find the other processes, if `mpiexec` has started some; the directory that process 0 logs in.

    Raises:
        ValueError: the example is for one process.
    """
    from nn.distributed import broadcast_object_list, init

    init()
    if world().size == 1:
        return log_dir
    if not EXAMPLES[name].together:
        able = ", ".join(other for other, example in EXAMPLES.items() if example.together)
        raise ValueError(f"train: {name} is for one process, got {world().size}; together they can train {able}")
    chosen = [log_dir]
    broadcast_object_list(chosen)
    return chosen[0]


def _require_free(log_dir: Path) -> None:
    """Refuse a place that holds another run: TensorBoard would mix the two."""
    if log_dir.is_dir() and any(log_dir.rglob("*tfevents*")):
        raise FileExistsError(f"--log-dir: {log_dir} holds a run already; choose another directory, or delete that one")


def say_where(log_dir: Path, *, article: bool) -> None:
    """Print how to look at what was logged, and what "the article" is where the tables speak of it."""
    if article:
        print(f"\n{fitted(ARTICLE)}")
    print(f"\n{fitted('Logged. To see the curves, histograms, pictures and graphs:')}\n  fromzero board {log_dir}")
