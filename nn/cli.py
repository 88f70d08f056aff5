"""The console script `fromzero`."""

from __future__ import annotations

import argparse
import contextlib
import difflib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from nn import __version__
from nn.examples import ARTICLE

EXAMPLES = ("xor", "linear-regression", "cnn")
WORKLOADS = ("xor", "linear_regression", "mlp", "cnn")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status: 0 done, 1 failed with one sentence, 2 wrong arguments."""
    try:
        arguments = _parsed(argv)
        status = int(arguments.run(arguments) or 0)
        _flush()
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


def _flush() -> None:
    """Write what is still in Python's buffer, so that a reader that has gone, or a full disk, is noticed here."""
    if sys.stdout is not None:
        sys.stdout.flush()


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
        near = difflib.get_close_matches(unknown[0].partition("=")[0], command._option_string_actions, n=1)
        advice = f"; did you mean {near[0]}?" if near else ""
        command.error(f"unrecognized arguments: {' '.join(unknown)}{advice}")
    except SystemExit:  # --help and --version end so too, after they have printed
        _flush()
        raise


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="fromzero", description="Train the examples in pure NumPy, and look at them in TensorBoard."
    )
    parser.add_argument("--version", action="version", version=f"fromzero {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], Any], help: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=help, description=f"{help[0].upper()}{help[1:]}.")
        added.set_defaults(run=run, command=added)
        return added

    train = command("train", _train, "train one example")
    train.add_argument("example", choices=EXAMPLES)
    _training_options(train, "runs/<example>-<time>")
    train.add_argument(
        "--epochs", type=_positive_int, metavar="N", help="passes over the data (default: the example's)"
    )
    train.add_argument("--lr", type=_positive_float, metavar="RATE", help="learning rate (default: the example's)")
    train.add_argument("--seeds", type=_positive_int, default=1, metavar="N", help="judge by N runs (default: 1)")
    train.add_argument("--as-printed", action="store_true", help="xor: run the article's own code and say why it fails")
    train.add_argument("--augment", action="store_true", help="cnn: shift the digits at random while training")
    train.epilog = ARTICLE

    demo = command("demo", _demo, "train all three examples")
    _training_options(demo, "runs/demo-<time>")

    board = command("board", _board, "open what was logged in TensorBoard")
    board.add_argument("log_dir", nargs="?", default="runs", metavar="LOG_DIR", help="default: runs")
    board.add_argument("--port", type=_port, default=6006, metavar="PORT", help="default: 6006; 0 for any free one")

    events = command("events", _events, "list what an event file or a run's directory holds")
    events.add_argument("path", metavar="PATH")

    ops = command("ops", _ops, "print the table of derivatives: every op, formula and rule")
    ops.add_argument("names", nargs="*", metavar="OP", help="names of ops, functions or layers (default: all ops)")
    ops.add_argument("--markdown", action="store_true", help="as the page nn/ops/README.md")

    run = command("run", _run_program, "run a program written for PyTorch, without PyTorch")
    run.add_argument("-m", dest="module", action="store_true", help="SCRIPT is a module, as for python -m")
    run.add_argument("--check", action="store_true", help="list what is missing here, without running anything")
    run.add_argument("--offline-data", action="store_true", help="where sets of images are missing, take fromzero's")
    run.add_argument("script", metavar="SCRIPT", help="a script or a notebook")
    run.add_argument("arguments", nargs=argparse.REMAINDER, metavar="ARGS", help="what the program itself gets")

    bench = command("bench", _bench, "time a training step against PyTorch and hand-written NumPy")
    bench.add_argument("--rounds", type=_positive_int, default=5, metavar="N", help="processes for each (default: 5)")
    bench.add_argument(
        "workload", nargs="*", type=_workload, help=f"{', '.join(WORKLOADS)} (default: all)", metavar="WORKLOAD"
    )
    return parser


def _training_options(parser: argparse.ArgumentParser, log_dir: str) -> None:
    parser.add_argument("--log-dir", metavar="DIR", help=f"where to log (default: {log_dir})")
    parser.add_argument("--seed", type=_seed, default=0, help="of weights, order and split (default: 0)")
    parser.add_argument("--quiet", action="store_true", help="print the results only")


def _train(arguments: argparse.Namespace) -> None:
    if arguments.as_printed and arguments.example != "xor":
        raise ValueError(f"train: --as-printed belongs to xor, not to {arguments.example}; leave it out")
    if arguments.augment and arguments.example != "cnn":
        raise ValueError(f"train: --augment belongs to cnn, not to {arguments.example}; leave it out")
    default = Path("runs") / f"{arguments.example}-{datetime.now():%Y%m%d-%H%M%S}"
    log_dir = default if arguments.log_dir is None else Path(arguments.log_dir)
    _run(arguments.example, arguments, log_dir)
    _say_where(log_dir)


def _demo(arguments: argparse.Namespace) -> None:
    default = Path("runs") / f"demo-{datetime.now():%Y%m%d-%H%M%S}"
    log_dir = default if arguments.log_dir is None else Path(arguments.log_dir)
    arguments.epochs = arguments.lr = None
    arguments.as_printed = arguments.augment = False
    for example, seeds in zip(EXAMPLES, (20, 1, 5), strict=True):
        arguments.seeds = seeds
        _run(example, arguments, log_dir / example)
    _say_where(log_dir)


def _run(example: str, arguments: argparse.Namespace, log_dir: Path) -> None:
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


def _say_where(log_dir: Path) -> None:
    print(f"\n{ARTICLE}")
    print(f"\nLogged. To see the curves, histograms, pictures and graphs:\n  fromzero board {log_dir}")


def _board(arguments: argparse.Namespace) -> int:
    if not Path(arguments.log_dir).is_dir():
        raise FileNotFoundError(
            f"board: there is no directory {arguments.log_dir}; train something first, e.g. fromzero train xor"
        )
    if importlib.util.find_spec("tensorboard") is None:
        raise ImportError("board: TensorBoard is not installed; pip install 'fromzero[board]'")
    return _become("-m", "tensorboard.main", "--logdir", arguments.log_dir, "--port", str(arguments.port))


def _become(*arguments: str) -> int:
    """Run another Python program in the place of this process, so that a signal to this process reaches it."""
    command = [sys.executable, *arguments]
    _flush()
    if os.name == "posix":
        os.execv(sys.executable, command)
    with contextlib.suppress(KeyboardInterrupt):  # where a process cannot be replaced, wait for another one
        return subprocess.call(command)
    return 0


def _events(arguments: argparse.Namespace) -> None:
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


def _ops(arguments: argparse.Namespace) -> None:
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


def _run_program(arguments: argparse.Namespace) -> int:
    from nn.compat import check, run_module, run_script
    from nn.compat.run import require_module, require_script, traceback_of

    (require_module if arguments.module else require_script)(arguments.script)
    if arguments.check:
        missing = check(arguments.script)
        for file, line, sentence in missing:
            print(f"{file}:{line}: {sentence}")
        print(f"{arguments.script}: {len(missing) or 'no'} name{'s' * (len(missing) != 1)} missing")
        return 1 if missing else 0
    run = run_module if arguments.module else run_script
    try:
        run(arguments.script, arguments.arguments, offline_data=arguments.offline_data)
    except Exception as error:  # the program's own, shown as Python shows it
        print(traceback_of(error), end="", file=sys.stderr)
        return 1
    return 0


def _bench(arguments: argparse.Namespace) -> int:
    script = Path(__file__).resolve().parent.parent / "tests" / "benchmarks" / "time_training.py"
    if not script.exists():
        raise FileNotFoundError("bench: the benchmarks are not part of the installed package; run it in a clone")
    return _become(str(script), "--rounds", str(arguments.rounds), *arguments.workload)


def _positive_int(text: str) -> int:
    return _whole(text, 1, None)


def _seed(text: str) -> int:
    return _whole(text, 0, 2**32 - 1)


def _port(text: str) -> int:
    return _whole(text, 0, 65535)


def _whole(text: str, low: int, high: int | None) -> int:
    limits = f"of at least {low}" if high is None else f"from {low} to {high}"
    if not text.isascii() or not text.isdigit() or int(text) < low or (high is not None and int(text) > high):
        raise argparse.ArgumentTypeError(f"expected a whole number {limits}, got {text!r}")
    return int(text)


def _positive_float(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number above 0, got {text!r}")
    return value


def _workload(text: str) -> str:
    if text not in WORKLOADS:
        raise argparse.ArgumentTypeError(f"expected one of {', '.join(WORKLOADS)}; got {text!r}")
    return text


if __name__ == "__main__":
    raise SystemExit(main())
