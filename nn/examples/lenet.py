"""LeNet-5 on handwritten digits, stretched to the 32 x 32 pixels that it was made for."""

from __future__ import annotations

from typing import Any

import nn
from nn.examples.classifying import train_digits
from nn.examples.console import Options, Report, counted
from nn.examples.fitting import judged
from nn.models import LeNet5

__all__ = ["train"]

EPOCHS, LR = 10, 2e-3


def train(options: Options) -> Report:
    """Train and test once for each seed."""
    epochs = options.epochs or (1 if options.quick else EPOCHS)

    def once(options: Options) -> dict[str, Any]:
        nn.manual_seed(options.seed)
        return train_digits(LeNet5(), 32, LR, epochs, options)

    return judged(options, f"LeNet-5 on 1,797 handwritten digits, {counted(epochs, 'epoch')}", once)
