"""A residual network of three stages on handwritten digits, each batch shifted at random by up to a pixel."""

from __future__ import annotations

from typing import Any

import nn
from nn.examples.classifying import train_digits
from nn.examples.console import Options, Report, counted
from nn.examples.fitting import judged
from nn.models import BasicBlock, ResNet

__all__ = ["train"]

EPOCHS, LR = 15, 3e-3


def train(options: Options) -> Report:
    """Train and test once for each seed."""
    epochs = options.epochs or (1 if options.quick else EPOCHS)

    def once(options: Options) -> dict[str, Any]:
        nn.manual_seed(options.seed)
        net = ResNet(BasicBlock, [1, 1, 1], 10, in_channels=1, width=8 if options.quick else 16, small=True)
        return train_digits(net, 8, LR, epochs, options, shift=1)

    return judged(options, f"A residual network on 1,797 handwritten digits, {counted(epochs, 'epoch')}", once)
