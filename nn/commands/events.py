"""`fromzero events PATH`."""

from __future__ import annotations

import argparse

HELP = "list what an event file or a run's directory holds"


def options(parser: argparse.ArgumentParser) -> None:
    """Add the path."""
    parser.add_argument("path", metavar="PATH")


def run(arguments: argparse.Namespace) -> None:
    """Print a row for each tag."""
    from nn.examples.console import Table
    from tbwriter import list_tags

    path, advice = arguments.path, "name an event file or a run's own directory"
    try:
        found = list_tags(path)
    except FileNotFoundError:
        raise FileNotFoundError(f"events: there is no file or directory {path}; {advice}") from None
    if not found:
        raise FileNotFoundError(f"events: {path} holds no events; {advice}")
    rows = [[row.tag, row.kind, str(row.values), str(row.first_step), str(row.last_step)] for row in found]
    print(Table(path, ["tag", "kind", "values", "first step", "last step"], rows))
