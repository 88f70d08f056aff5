"""The multilayer perceptron: linear layers with a bend between them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from nn.errors import RangeError
from nn.modules.activation import ReLU
from nn.modules.container import Sequential
from nn.modules.dropout import Dropout
from nn.modules.linear import Linear
from nn.modules.module import Module

__all__ = ["MLP"]


class MLP(Sequential):
    """h = activation(W h + b) for each hidden layer, then a linear one; torchvision's names and layout.

    Args:
        in_channels: the length of an input vector.
        hidden_channels: the lengths after each layer; the last one is that of the output.
        norm_layer: makes the normalisation after a hidden layer, of its length; None for none.
        activation_layer: makes what bends.
        bias: whether the linear layers have one.
        dropout: the share of units that are zeroed after each layer while training.

    Shape:
        (*, in_channels) -> (*, hidden_channels[-1])

    Raises:
        RangeError: there is no layer.

    Example:
        >>> import nn
        >>> nn.models.MLP(2, [16, 1])
        MLP(
          (0): Linear(in_features=2, out_features=16, bias=True)
          (1): ReLU()
          (2): Dropout(p=0.0, inplace=False)
          (3): Linear(in_features=16, out_features=1, bias=True)
          (4): Dropout(p=0.0, inplace=False)
        )

    References:
        Rumelhart, Hinton and Williams, Learning Representations by Back-Propagating Errors, Nature 323, 1986.
    """

    def __init__(
        self,
        in_channels: int,
        hidden_channels: Sequence[int],
        norm_layer: Callable[[int], Module] | None = None,
        activation_layer: Callable[[], Module] = ReLU,
        bias: bool = True,
        dropout: float = 0.0,
    ) -> None:
        if not len(hidden_channels):
            raise RangeError(
                "MLP: hidden_channels must hold at least the length of the output, got none; e.g. [64, 10]"
            )
        layers: list[Module] = []
        *hidden, last = in_channels, *hidden_channels
        for before, after in pairwise(hidden):
            layers.append(Linear(before, after, bias))
            if norm_layer is not None:
                layers.append(norm_layer(after))
            layers += [activation_layer(), Dropout(dropout)]
        layers += [Linear(hidden[-1], last, bias), Dropout(dropout)]
        super().__init__(*layers)

    def _part(self, named: list[tuple[str, Module]]) -> Any:
        return Sequential(OrderedDict(named))  # a slice is no perceptron
