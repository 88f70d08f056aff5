"""`fromzero runs LOG_DIR`."""

from __future__ import annotations

import argparse
import json
import sys

HELP = "compare the runs below a directory: configuration, best and last metrics, curves"


def options(parser: argparse.ArgumentParser) -> None:
    """Add the directory, and what is shown in which order."""
    parser.add_argument("log_dir", nargs="?", default="runs", metavar="LOG_DIR", help="default: runs")
    parser.add_argument(
        "--sort",
        metavar="NAME",
        help="by a metric's best value (its last one, if it has no direction), a hyperparameter, or run",
    )
    parser.add_argument("--reverse", action="store_true", help="the other way round")
    parser.add_argument(
        "--metric",
        action="append",
        metavar="TAG",
        help="show this metric; may be repeated (default: those of most runs)",
    )
    parser.add_argument("--max", action="append", default=[], metavar="TAG", help="of this metric more is better")
    parser.add_argument("--min", action="append", default=[], metavar="TAG", help="of this metric less is better")
    parser.add_argument("--json", action="store_true", help="print everything, as strict JSON")


def run(arguments: argparse.Namespace) -> None:
    """Print the table, or the same as JSON."""
    from nn.commands.comparison import Comparison

    found = Comparison.read(
        arguments.log_dir, {**dict.fromkeys(arguments.min, "min"), **dict.fromkeys(arguments.max, "max")}
    )
    found.sort(arguments.sort, arguments.reverse)
    if arguments.json:
        json.dump(found.as_json(arguments.metric), sys.stdout, allow_nan=False)
        print()
        return
    print(found.table(arguments.metric))
