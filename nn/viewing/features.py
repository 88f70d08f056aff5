"""What a convolutional network sees: its filters, and its feature maps for a picture."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.errors import ShapeError
from nn.modules.module import Module
from nn.viewing.arrays import as_array
from nn.viewing.layout import number
from nn.viewing.looking import activations
from nn.viewing.picture import Picture
from nn.viewing.pictures import draw_pictures

__all__ = ["draw_feature_maps", "draw_filters"]


def draw_feature_maps(
    model: Module, x: Any, layer: str, *, sample: int = 0, most: int = 64, title: str | None = None
) -> Picture:
    """Draw what each channel of a layer makes of a picture, in one scale.

    Args:
        model: any module; it is run in evaluation mode, and left as it was.
        x: a batch, as the model takes it.
        layer: the layer's name, e.g. "conv1".
        sample: which of the batch.
        most: how many channels are drawn at most, the first ones.
        title: by default the layer's name and how many channels are drawn.

    Shape:
        x (N, ...); the layer's output (N, C, H, W).

    Raises:
        RangeError: there is no such layer.
        ShapeError: its output is no maps (N, C, H, W), or the batch has no such sample.

    Example:
        >>> import nn
        >>> model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU())
        >>> picture = nn.viewing.draw_feature_maps(model, nn.ones(1, 1, 8, 8), "1")
    """
    where = "draw_feature_maps"
    found = activations(model, x, layers=[layer])
    maps = found.get(layer, np.empty(0))
    if maps.ndim != 4 or not -len(maps) <= sample < len(maps):
        raise ShapeError(
            f"{where}: the output of layer {layer!r} must be (N, C, H, W) with a sample {sample}, got {maps.shape}"
        )
    channels = maps[sample, :most]
    shown = f"{len(channels)} of {maps.shape[1]}" if len(channels) < maps.shape[1] else str(len(channels))
    return draw_pictures(
        channels,
        range(len(channels)),
        title=f"{layer}: {shown} feature maps" if title is None else title,
        bar_label="activation",
        colours="viridis" if channels.min() >= 0 else "diverging",
    )


def draw_filters(weight: Any, *, most: int = 64, title: str | None = None) -> Picture:
    """Draw the filters of a convolution: of one input channel as numbers in one scale, of three in colours.

    Where there are other numbers of input channels, each filter is a row, with a picture for each channel.

    Args:
        weight: of the convolution, or the layer itself.
        most: how many pictures are drawn at most.
        title: by default how many filters of how many there are.

    Shape:
        weight (O, I, KH, KW).

    Raises:
        ShapeError: this is no weight of a convolution over two axes.

    Example:
        >>> import nn
        >>> picture = nn.viewing.draw_filters(nn.Conv2d(1, 16, 3))
    """
    where = "draw_filters"
    values = as_array(
        where, "weight", weight.weight if isinstance(weight, Module) and hasattr(weight, "weight") else weight
    )
    if values.ndim != 4 or not values.size:
        raise ShapeError(f"{where}: weight must be (O, I, KH, KW), as of a Conv2d; got shape {values.shape}")
    filters, channels = values.shape[:2]
    columns = None
    if channels in (1, 3):
        shown = values[:most]
        captions = [str(i) for i in range(len(shown))]
        many = len(shown)
    else:
        columns = min(channels, max(1, most))
        many = min(filters, max(1, most // columns))
        shown = values[:many, :columns].reshape(-1, 1, *values.shape[2:])
        captions = [f"{o},{i}" for o in range(many) for i in range(columns)]
    words = f"{many} of {filters} filters" if many < filters else f"{filters} filters"
    if columns is not None and columns < channels:
        words += f", {columns} of {channels} channels"
    if channels == 3:
        largest = float(np.abs(shown).max()) or 1.0
        words += f"; grey is 0, a full colour {number(largest)}"
        return draw_pictures(shown / (2 * largest) + 0.5, captions, title=words if title is None else title)
    return draw_pictures(
        shown,
        captions,
        title=words if title is None else title,
        columns=columns,
        bar_label="weight",
        colours="diverging",
    )
