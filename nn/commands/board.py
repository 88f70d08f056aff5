"""`fromzero board [LOG_DIR]`."""

from __future__ import annotations

import argparse
import importlib.util
from pathlib import Path

from nn.commands.arguments import port
from nn.commands.processes import become

HELP = "open what was logged in TensorBoard"


def options(parser: argparse.ArgumentParser) -> None:
    """Add the directory and the port."""
    parser.add_argument("log_dir", nargs="?", default="runs", metavar="LOG_DIR", help="default: runs")
    parser.add_argument("--port", type=port, default=6006, metavar="PORT", help="default: 6006; 0 for any free one")


def run(arguments: argparse.Namespace) -> int:
    """Become TensorBoard on that directory."""
    if not Path(arguments.log_dir).is_dir():
        raise FileNotFoundError(
            f"board: there is no directory {arguments.log_dir}; train something first, e.g. fromzero train xor"
        )
    if importlib.util.find_spec("tensorboard") is None:
        raise ImportError("board: TensorBoard is not installed; pip install 'fromzero[board]'")
    return become("-m", "tensorboard.main", "--logdir", arguments.log_dir, "--port", str(arguments.port))
