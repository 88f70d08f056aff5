"""`fromzero run SCRIPT [ARGS]`."""

from __future__ import annotations

import argparse
import runpy
import sys
import traceback

LEADING = (runpy.__file__, "<frozen runpy>")
HELP = "run a program written for PyTorch, without PyTorch"


def options(parser: argparse.ArgumentParser) -> None:
    """Add the program, its arguments, and how it is run."""
    parser.add_argument("-m", dest="module", action="store_true", help="SCRIPT is a module, as for python -m")
    parser.add_argument("--check", action="store_true", help="list what is missing here, without running anything")
    parser.add_argument("--offline-data", action="store_true", help="where sets of images are missing, take fromzero's")
    parser.add_argument("script", metavar="SCRIPT", help="a script or a notebook")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="ARGS", help="what the program itself gets")


def run(arguments: argparse.Namespace) -> int:
    """Run the program, or list what it would miss."""
    from nn.compat import check, run_module, run_script
    from nn.compat.run import require_module, require_script

    (require_module if arguments.module else require_script)(arguments.script)
    if arguments.check:
        missing = check(arguments.script)
        for file, line, sentence in missing:
            print(f"{file}:{line}: {sentence}")
        print(f"{arguments.script}: {len(missing) or 'no'} name{'s' * (len(missing) != 1)} missing")
        return 1 if missing else 0
    start = run_module if arguments.module else run_script
    try:
        start(arguments.script, arguments.arguments, offline_data=arguments.offline_data)
    except Exception as error:  # the program's own, shown as Python shows it
        print(_shown(error, start.__code__.co_filename), end="", file=sys.stderr)
        return 1
    return 0


def _shown(error: BaseException, runner: str) -> str:
    """What Python would have printed, without the frames that lead to the program."""
    frames = error.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename in (__file__, runner, *LEADING):
        frames = frames.tb_next
    return "".join(traceback.format_exception(type(error), error, frames or error.__traceback__))
