"""`fromzero ops [OP ...]`."""

from __future__ import annotations

import argparse

HELP = "print the table of derivatives: every op, formula and rule"


def options(parser: argparse.ArgumentParser) -> None:
    """Add the names, and the form of the table."""
    parser.add_argument("names", nargs="*", metavar="OP", help="names of ops, functions or layers (default: all ops)")
    parser.add_argument("--markdown", action="store_true", help="as the page nn/ops/README.md")


def run(arguments: argparse.Namespace) -> None:
    """Print the entries of the ops that the names are made of."""
    from nn.composition import find
    from nn.derivatives import entries, legend, markdown

    names: list[str] = []
    for typed in arguments.names:
        meant, ops = find(typed) or (typed, [typed])
        names += [op for op in ops if op not in names]
        if ops != [meant] and not arguments.markdown:
            print(f"{meant} is made of {', '.join(ops)}\n")
    found = entries(names)
    if arguments.markdown:
        print(markdown(found), end="")
        return
    for entry in found:
        print(f"{entry.op.name}({', '.join(entry.op.operands)}): {entry.formula}")
        for operand, rule in entry.rules.items():
            print(f"    by {operand}: {rule}")
    rules = sum(len(entry.rules) for entry in found)
    print("", *legend(found), sep="\n")
    print(f"\n{len(found)} op{'s' * (len(found) != 1)}, {rules} rule{'s' * (rules != 1)}")
