"""`fromzero train EXAMPLE`."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path

from nn.commands.arguments import positive_float, positive_int
from nn.commands.training import join, require_taken, say_where, train_example, training_options
from nn.examples import ARTICLE
from nn.examples.console import fitted
from nn.examples.registry import EXAMPLES, listing
from nn.world import world

HELP = "train one example"
ENV_HELP = "reinforce, ppo, dqn: gridworld, or an environment of Gymnasium (default: CartPole-v1, if that is installed)"


def options(parser: argparse.ArgumentParser) -> None:
    """Add the example and what can be chosen of its training."""
    parser.add_argument("example", choices=EXAMPLES, metavar="EXAMPLE", help="one of those below")
    training_options(parser, "runs/<example>-<time>")
    parser.add_argument(
        "--epochs", type=positive_int, metavar="N", help="passes over the data, or episodes (default: the example's)"
    )
    parser.add_argument("--lr", type=positive_float, metavar="RATE", help="learning rate (default: the example's)")
    parser.add_argument("--seeds", type=positive_int, default=1, metavar="N", help="judge by N runs (default: 1)")
    parser.add_argument("--resume", action="store_true", help="go on with the run in --log-dir, exactly as it was")
    parser.add_argument("--quick", action="store_true", help="a small run of seconds, to see that everything works")
    parser.add_argument(
        "--as-printed", action="store_true", help="xor: run the article's own code and say why it fails"
    )
    parser.add_argument("--env", metavar="NAME", help=ENV_HELP)
    parser.add_argument("--augment", action="store_true", help="cnn: shift the digits at random while training")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = fitted(f"examples:\n{listing()}\n\n{ARTICLE}")


def run(arguments: argparse.Namespace) -> None:
    """Train the example and say how to look at it."""
    require_taken(arguments.example, arguments)
    if arguments.resume and arguments.log_dir is None:
        raise ValueError("train: --resume goes on with a run; name its directory with --log-dir")
    default = Path("runs") / f"{arguments.example}-{datetime.now():%Y%m%d-%H%M%S}"
    log_dir = default if arguments.log_dir is None else Path(arguments.log_dir)
    log_dir = join(arguments.example, log_dir)
    train_example(arguments.example, arguments, log_dir)
    if world().rank == 0:
        say_where(log_dir, article="quick" not in EXAMPLES[arguments.example].takes)
