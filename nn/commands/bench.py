"""`fromzero bench [WORKLOAD ...]`, or single ops, `fromzero bench --ops [WORD ...]`."""

from __future__ import annotations

import argparse
from pathlib import Path

from nn.commands.arguments import positive_int
from nn.commands.processes import become

HELP = "time a training step against PyTorch and hand-written NumPy"

WORKLOADS = (
    *("xor", "linear_regression", "mlp", "mlp_adam", "mlp_wide", "lenet", "cnn", "digits_cnn", "resnet", "depthwise"),
    *("lstm", "gru", "gpt", "transformer_encoder", "vae", "dcgan", "policy"),
)


def options(parser: argparse.ArgumentParser) -> None:
    """Add the workloads, and how often each is timed."""
    parser.add_argument("--rounds", type=positive_int, default=3, metavar="N", help="processes for each (default: 3)")
    parser.add_argument("--threads", type=positive_int, metavar="N", help="of each library (default: its own default)")
    parser.add_argument(
        "--busy", action="store_true", help="beside a busy process for each core; on one thread without --threads"
    )
    parser.add_argument("--captured", action="store_true", help="replay our step with nn.capture")
    parser.add_argument(
        "--ops", nargs="*", metavar="WORD", help="time single ops instead: all, or calls in which a word occurs"
    )
    parser.add_argument("--small", action="store_true", help="with --ops: a hundred elements instead of a million")
    parser.add_argument(
        "workload", nargs="*", type=_workload, help=f"{', '.join(WORKLOADS)} (default: all)", metavar="WORKLOAD"
    )


def run(arguments: argparse.Namespace) -> int:
    """Become the benchmark's script, which stands in a clone only."""
    folder = Path(__file__).resolve().parents[2] / "tests" / "benchmarks"
    if not folder.exists():
        raise FileNotFoundError("bench: the benchmarks are not part of the installed package; run it in a clone")
    rounds = ["--rounds", str(arguments.rounds)]
    if arguments.ops is not None:
        small = ["--small"] if arguments.small else []
        return become(str(folder / "time_ops.py"), *rounds, *small, "--", *arguments.ops)
    threads = [] if arguments.threads is None else ["--threads", str(arguments.threads)]
    busy = ["--busy"] if arguments.busy else []
    captured = ["--captured"] if arguments.captured else []
    return become(str(folder / "time_training.py"), *rounds, *threads, *busy, *captured, *arguments.workload)


def _workload(text: str) -> str:
    name = text.replace("-", "_")  # as `fromzero train` names them
    if name not in WORKLOADS:
        raise argparse.ArgumentTypeError(f"expected one of {', '.join(WORKLOADS)}; got {text!r}")
    return name
