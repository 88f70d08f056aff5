"""The console script `fromzero`: it finds the command, and turns errors into sentences."""

from __future__ import annotations

import argparse
import contextlib
import difflib
import importlib
import os
import re
import sys
from collections.abc import Sequence
from typing import NoReturn

from nn import __version__
from nn.commands.processes import flush

COMMANDS = ("train", "demo", "board", "events", "runs", "ops", "run", "exercise", "bench")
"""Each is a file of `nn/commands`, in the order in which `fromzero --help` lists them."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status: 0 done, 1 failed with one sentence, 2 wrong arguments."""
    try:
        arguments = _parsed(argv)
        status = int(arguments.run(arguments) or 0)
        flush()
        return status
    except BrokenPipeError:
        _silence()
        return _fail("the reader of the output closed it, so the rest was not written")
    except OSError as error:
        return _fail(_sentence(error))
    except (FloatingPointError, ImportError, KeyError, ValueError) as error:
        return _fail(str(error.args[0] if isinstance(error, KeyError) else error))
    except KeyboardInterrupt:
        _fail("interrupted; what was logged until now is on disk")
        return 130


def _fail(sentence: str) -> int:
    print(f"fromzero: {sentence}", file=sys.stderr)
    return 1


def _silence() -> None:
    """Send what is left of the output nowhere: the interpreter flushes once more at its end, and would complain."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _sentence(error: OSError) -> str:
    """What went wrong with which path, without the number that the system has for it."""
    if error.strerror is None:
        return str(error)
    reason = error.strerror[:1].lower() + error.strerror[1:]
    return f"{error.filename}: {reason}" if error.filename is not None else f"the output was not written: {reason}"


def _parsed(argv: Sequence[str] | None) -> argparse.Namespace:
    """The arguments; an unknown option ends with the usage of the command that got it."""
    parser = _parser()
    try:
        arguments, unknown = parser.parse_known_args(argv)
        if not unknown:
            return arguments
        command: argparse.ArgumentParser = arguments.command
        near = difflib.get_close_matches(unknown[0].partition("=")[0], command._option_string_actions, n=1, cutoff=0.7)
        advice = f"; did you mean {near[0]}?" if near else ""
        command.error(f"unrecognized arguments: {' '.join(unknown)}{advice}")
    except SystemExit:  # --help and --version end so too, after they have printed
        flush()
        raise


class _Parser(argparse.ArgumentParser):
    """One that guesses what a mistyped command or example was meant to be; its commands' parsers are of its kind."""

    def error(self, message: str) -> NoReturn:
        found = re.search(r"invalid choice: '(.*)' \(choose from (.*)\)", message)
        near = difflib.get_close_matches(found[1], re.findall(r"[\w-]+", found[2]), n=1) if found else []
        super().error(message + (f"; did you mean {near[0]}?" if near else ""))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="fromzero", description="Train the examples in pure NumPy, and look at them in TensorBoard.")
    parser.add_argument("--version", action="version", version=f"fromzero {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name in COMMANDS:
        command = importlib.import_module(f"nn.commands.{name}")
        text = command.HELP
        added = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        command.options(added)
        added.set_defaults(run=command.run, command=added)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
