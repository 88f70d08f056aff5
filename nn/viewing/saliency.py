"""Which part of a picture an answer rests on: the gradient by the pixels, and Grad-CAM."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nn.autograd.backward import grad
from nn.autograd.grad_mode import enable_grad
from nn.errors import ShapeError
from nn.modules.module import Module
from nn.tensors.tensor import Tensor
from nn.viewing.arrays import Array, as_array, limits
from nn.viewing.layout import coloured
from nn.viewing.looking import chosen, evaluating, layer_of, named_modules, pictures
from nn.viewing.picture import Picture
from nn.viewing.pictures import sheet

__all__ = ["draw_overlay", "grad_cam", "saliency"]


def saliency(model: Module, x: Any, target: Any = None) -> Array:
    """How much each input counts for the score of a class: |d score / d x|.

    No `.grad` is touched; the model is run in evaluation mode, and left as it was.

    Args:
        model: returns a score for each class.
        x: a batch, of floats.
        target: the class, or one for each sample; by default the one that the model answers.

    Shape:
        x (N, ...) -> (N, ...); scores (N, C); target (N,) or ().

    Raises:
        ShapeError: x holds no floats, the scores are not (N, C), or there is not one target for each sample.
        RangeError: there is no such class.

    Example:
        >>> import nn
        >>> model = nn.Linear(3, 2)
        >>> _ = model.weight.data.copy_(nn.tensor([[1.0, -2.0, 0.0], [0.0, 0.0, 5.0]]))
        >>> nn.viewing.saliency(model, nn.ones(1, 3), target=0)
        array([[1., 2., 0.]], dtype=float32)

    References:
        Simonyan et al., Deep Inside Convolutional Networks, 2013.
    """
    where = "saliency"
    named_modules(where, model)
    image = pictures(where, x)
    with evaluating(model), enable_grad():
        score, _ = chosen(where, model(image), target)
        (slope,) = grad(score, image)
    return np.abs(slope.numpy())


def grad_cam(model: Module, x: Any, layer: str, target: Any = None) -> Array:
    """Where a layer's feature maps speak for a class.

    map = relu(sum_c w_c A_c),  w_c = mean over the places of d score / d A_c

    No `.grad` is touched; the model is run in evaluation mode, and left as it was.

    Args:
        model: returns a score for each class.
        x: a batch, of floats.
        layer: the name of the layer, as a rule the last convolution.
        target: as for `saliency`.

    Shape:
        x (N, ...) -> (N, H', W'), for the layer's output A (N, C, H', W'). Draw it with `draw_overlay`.

    Raises:
        ShapeError: as `saliency`; the layer's output has other axes.
        RangeError: there is no such class, or no such layer.

    Example:
        >>> import nn
        >>> model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 6 * 6, 10))
        >>> nn.viewing.grad_cam(model, nn.ones(2, 1, 8, 8), "1").shape
        (2, 6, 6)

    References:
        Selvaraju et al., Grad-CAM, ICCV 2017.
    """
    where = "grad_cam"
    seen: list[Any] = []

    def keep(_part: Module, _args: Any, output: Any) -> Any:
        if not isinstance(output, Tensor) or output.ndim != 4:
            got = output.shape if isinstance(output, Tensor) else type(output).__name__
            raise ShapeError(f"{where}: the output of layer {layer!r} must be maps (N, C, H, W), got {got}")
        seen.append(output)
        return output.clone()  # so that a layer behind it that works in place leaves it as it is

    part = layer_of(where, model, layer)
    image = pictures(where, x)
    handle = part.register_forward_hook(keep)
    try:
        with evaluating(model), enable_grad():
            score, _ = chosen(where, model(image), target)
            if not seen:
                raise ShapeError(f"{where}: layer {layer!r} was not called by the model's forward")
            (slope,) = grad(score, seen[-1])
    finally:
        handle.remove()
    weights = slope.numpy().mean(axis=(2, 3), keepdims=True)
    return np.maximum((weights * seen[-1].detach().numpy()).sum(axis=1), 0)


def draw_overlay(
    images: Any,
    maps: Any,
    captions: Sequence[Any] | None = None,
    *,
    title: str = "",
    bar_label: str = "share of the most",
) -> Picture:
    """Draw maps as colours over the pictures that they belong to, each from 0 to its own maximum.

    Args:
        images: the pictures.
        maps: of `saliency` or `grad_cam`; channels are summed up to their maximum, small maps are made larger.
        captions: a short text for each.
        title: above all.
        bar_label: what the colours measure.

    Shape:
        images (N, H, W) or (N, C, H, W); maps (N, H', W') or (N, C, H', W').

    Raises:
        ShapeError: these are no pictures and maps, or not as many of both.

    Example:
        >>> import nn
        >>> picture = nn.viewing.draw_overlay(nn.ones(2, 1, 8, 8), nn.ones(2, 4, 4), ["a 7", "a 3"])
    """
    where = "draw_overlay"
    below, over = as_array(where, "images", images), as_array(where, "maps", maps)
    grey = below.mean(axis=1) if below.ndim == 4 else below
    heat = np.abs(over).max(axis=1) if over.ndim == 4 else over
    if grey.ndim != 3 or heat.ndim != 3 or len(grey) != len(heat) or not grey.size or not heat.size:
        raise ShapeError(
            f"{where}: images must be (N, H, W) or (N, C, H, W), and maps as many; got {below.shape} and {over.shape}"
        )
    low, high = limits(where, grey, None, None)
    grey = (grey - low) / ((high - low) or 1)
    most = heat.max(axis=(1, 2), keepdims=True)
    heat = np.stack([_stretched(one, grey.shape[1:]) for one in heat / np.where(most > 0, most, 1)])
    mixed = 0.35 * grey[..., None] + 0.65 * coloured(heat, "viridis", 0, 1) / 255
    return sheet(where, np.rint(255 * mixed).astype(np.uint8), captions, title, bar=("viridis", 0, 1, bar_label))


def _stretched(heat: Array, size: tuple[int, ...]) -> Array:
    """A map in another size; what is between two places is mixed of them."""
    for axis, length in enumerate(size):
        places = (np.arange(length) + 0.5) * heat.shape[axis] / length - 0.5
        known = np.arange(heat.shape[axis])
        lines = np.moveaxis(heat, axis, -1).reshape(-1, len(known))
        mixed = np.stack([np.interp(places, known, line) for line in lines])
        heat = np.moveaxis(mixed.reshape(*np.delete(heat.shape, axis), length), -1, axis)
    return heat
