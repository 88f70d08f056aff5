"""The console script `fromzero`."""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from nn import __version__

EXAMPLES = ("xor", "linear-regression", "cnn")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status: 0 done, 1 failed with one sentence, 2 wrong arguments."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments) or 0)
    except (OSError, FloatingPointError, ImportError, KeyError, ValueError) as error:
        print(f"fromzero: {error.args[0] if isinstance(error, KeyError) else error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("fromzero: interrupted; what was logged until now is on disk", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="fromzero", description="Train the examples in pure NumPy, and look at them in TensorBoard."
    )
    parser.add_argument("--version", action="version", version=f"fromzero {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    train = commands.add_parser("train", help="train one example", description="Train one example.")
    train.add_argument("example", choices=EXAMPLES)
    _training_options(train)
    train.add_argument(
        "--epochs", type=_positive_int, metavar="N", help="passes over the data (default: the example's)"
    )
    train.add_argument("--lr", type=_positive_float, metavar="RATE", help="learning rate (default: the example's)")
    train.add_argument("--seeds", type=_positive_int, default=1, metavar="N", help="judge by N runs (default: 1)")
    train.add_argument("--as-printed", action="store_true", help="xor: run the article's own code and say why it fails")
    train.add_argument("--augment", action="store_true", help="cnn: shift the digits at random while training")
    train.set_defaults(run=_train)

    demo = commands.add_parser("demo", help="train all three examples", description="Train all three examples.")
    _training_options(demo)
    demo.set_defaults(run=_demo)

    board = commands.add_parser("board", help="open what was logged in TensorBoard")
    board.add_argument("log_dir", nargs="?", default="runs", metavar="LOG_DIR", help="default: runs")
    board.add_argument("--port", type=int, default=6006, help="default: 6006")
    board.set_defaults(run=_board)

    events = commands.add_parser("events", help="list what an event file or a run's directory holds")
    events.add_argument("path", metavar="PATH")
    events.set_defaults(run=_events)

    ops = commands.add_parser("ops", help="print the table of derivatives: every op, formula and rule")
    ops.add_argument("names", nargs="*", metavar="OP", help="names of ops (default: all)")
    ops.add_argument("--markdown", action="store_true", help="as the page nn/ops/README.md")
    ops.set_defaults(run=_ops)

    bench = commands.add_parser("bench", help="time a training step against PyTorch and hand-written NumPy")
    bench.add_argument("--rounds", type=_positive_int, default=5, metavar="N", help="processes for each (default: 5)")
    bench.add_argument("workload", nargs="*", help="xor, linear_regression, mlp, cnn (default: all)")
    bench.set_defaults(run=_bench)
    return parser


def _training_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--log-dir", metavar="DIR", help="where to log (default: runs/<example>-<time>)")
    parser.add_argument("--seed", type=int, default=0, help="of weights, order and split (default: 0)")
    parser.add_argument("--quiet", action="store_true", help="print the results only")


def _train(arguments: argparse.Namespace) -> None:
    if arguments.as_printed and arguments.example != "xor":
        raise ValueError(f"train: --as-printed belongs to xor, not to {arguments.example}; leave it out")
    if arguments.augment and arguments.example != "cnn":
        raise ValueError(f"train: --augment belongs to cnn, not to {arguments.example}; leave it out")
    default = Path("runs") / f"{arguments.example}-{datetime.now():%Y%m%d-%H%M%S}"
    log_dir = default if arguments.log_dir is None else Path(arguments.log_dir)
    _run(arguments.example, arguments, log_dir)
    _say_board(log_dir)


def _demo(arguments: argparse.Namespace) -> None:
    default = Path("runs") / f"demo-{datetime.now():%Y%m%d-%H%M%S}"
    log_dir = default if arguments.log_dir is None else Path(arguments.log_dir)
    arguments.epochs = arguments.lr = None
    arguments.as_printed = arguments.augment = False
    for example, seeds in zip(EXAMPLES, (20, 1, 5), strict=True):
        arguments.seeds = seeds
        _run(example, arguments, log_dir / example)
    _say_board(log_dir)


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


def _say_board(log_dir: Path) -> None:
    print(f"\nLogged. To see the curves, histograms, pictures and graphs:\n  fromzero board {log_dir}")


def _board(arguments: argparse.Namespace) -> int:
    if not Path(arguments.log_dir).is_dir():
        raise FileNotFoundError(
            f"board: there is no directory {arguments.log_dir}; train something first, e.g. fromzero train xor"
        )
    if importlib.util.find_spec("tensorboard") is None:
        raise ImportError("board: TensorBoard is not installed; pip install 'fromzero[board]'")
    import subprocess

    command = [sys.executable, "-m", "tensorboard.main", "--logdir", arguments.log_dir, "--port", str(arguments.port)]
    with contextlib.suppress(KeyboardInterrupt):
        return subprocess.call(command)
    return 0


def _events(arguments: argparse.Namespace) -> None:
    from nn.examples.console import Table
    from tbwriter import list_tags

    rows = [
        [row.tag, row.kind, str(row.values), str(row.first_step), str(row.last_step)]
        for row in list_tags(arguments.path)
    ]
    if not rows:
        raise FileNotFoundError(
            f"events: {arguments.path} holds no events; name an event file or a run's own directory"
        )
    print(Table(arguments.path, ["tag", "kind", "values", "first step", "last step"], rows))


def _ops(arguments: argparse.Namespace) -> None:
    from nn.derivatives import entries, markdown

    found = entries(arguments.names)
    if arguments.markdown:
        print(markdown(found), end="")
        return
    for entry in found:
        print(f"{entry.op.name}({', '.join(entry.op.operands)}): {entry.formula}")
        for operand, rule in entry.rules.items():
            print(f"    by {operand}: {rule}")
    print(f"\n{len(found)} ops, {sum(len(entry.rules) for entry in found)} rules")


def _bench(arguments: argparse.Namespace) -> int:
    script = Path(__file__).resolve().parent.parent / "tests" / "benchmarks" / "time_training.py"
    if not script.exists():
        raise FileNotFoundError("bench: the benchmarks are not part of the installed package; run it in a clone")
    import subprocess

    return subprocess.call([sys.executable, str(script), "--rounds", str(arguments.rounds), *arguments.workload])


def _positive_int(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a whole number of at least 1 is wanted, {text!r} came")
    return int(text)


def _positive_float(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"a number above 0 is wanted, {text!r} came")
    return value


if __name__ == "__main__":
    raise SystemExit(main())
