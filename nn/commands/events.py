"""`fromzero events PATH`."""

from __future__ import annotations

import argparse
import sys

HELP = "list what an event file, a run's directory or a tree of runs holds"


def options(parser: argparse.ArgumentParser) -> None:
    """Add the path, the form, and what to do about damage."""
    parser.add_argument("path", metavar="PATH")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print every value, decoded, as one document of strict JSON")
    form.add_argument("--csv", action="store_true", help="print every scalar: run, tag, step, wall time, value")
    parser.add_argument(
        "--skip-damage", action="store_true", help="tell of each damaged record, and go on behind it (default: stop)"
    )


def run(arguments: argparse.Namespace) -> None:
    """Print a row for each tag of each run, or all values."""
    from nn.examples.console import Table
    from tbwriter import list_runs, list_tags, write_csv, write_json
    from tbwriter.files.reader import OnDamage
    from tbwriter.summaries.hparams import DOUBLE

    path, advice = arguments.path, "name an event file, a run's own directory, or one with runs below it"
    on_damage: OnDamage = _tell if arguments.skip_damage else "raise"
    try:
        runs = list_runs(path)
    except FileNotFoundError:
        raise FileNotFoundError(f"events: there is no file or directory {path}; {advice}") from None
    if not runs:
        raise FileNotFoundError(f"events: {path} holds no events; {advice}")
    if arguments.json:
        write_json(path, sys.stdout, on_damage=on_damage)
        print()
        return
    if arguments.csv:
        write_csv(path, sys.stdout, on_damage=on_damage)
        return
    shown = {name: place for name, place in runs.items() if name.rpartition("/")[2] != DOUBLE} or runs
    found = {name: list_tags(place, on_damage=on_damage) for name, place in shown.items()}
    if not any(found.values()):
        raise FileNotFoundError(f"events: {path} holds no events; {advice}")
    header = ["tag", "kind", "values", "first step", "last step"]
    rows = [
        [name, row.tag, row.kind, str(row.values), str(row.first_step), str(row.last_step)]
        for name, tags in found.items()
        for row in tags
    ]
    if list(found) == ["."]:  # one run needs no column for its name
        print(Table(path, header, [row[1:] for row in rows]))
    else:
        print(Table(path, ["run", *header], rows))


def _tell(damage: Exception) -> None:
    print(f"events: {damage}", file=sys.stderr)
