"""The loss around a model's weights, along two random directions: a valley, or a ravine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from nn.autograd.grad_mode import no_grad
from nn.errors import RangeError, ShapeError
from nn.modules.module import Module
from nn.rng import Generator, default_generator
from nn.viewing.arrays import Array, as_array
from nn.viewing.heat_map import draw_plane
from nn.viewing.looking import evaluating, named_modules
from nn.viewing.picture import Picture

__all__ = ["Landscape", "draw_landscape", "loss_landscape"]


class Landscape(NamedTuple):
    """What `loss_landscape` measures."""

    values: Array
    """(H, W): the loss, a row for each y, a column for each x."""
    x: Array
    """(W,): how far along the first direction; 0 is the model as it is."""
    y: Array
    """(H,): how far along the second direction."""


def loss_landscape(
    model: Module,
    loss: Callable[[], Any],
    *,
    distance: float = 1.0,
    points: int = 21,
    directions: Sequence[Mapping[str, Any]] | None = None,
    generator: Generator | None = None,
) -> Landscape:
    """Measure the loss at w + x d + y e, for a model's weights w and two directions d and e.

    Random directions are normalised by filter: each d_i, the part of d that belongs to one unit or filter w_i, is given
    its length, |d_i| = |w_i|; biases and the weights of normalisations, which have one axis, stay. So a step means the
    same for a layer of large weights as for one of small ones. Afterwards the weights are bitwise what they were.

    Args:
        model: any module; it is in evaluation mode meanwhile.
        loss: computes the loss, e.g. `lambda: criterion(model(x), y)`; it is called `points` x `points` times, without
            gradients.
        distance: how far it goes to each side; 1 is as far as the weights are long.
        points: how many along each direction; with an odd number the model itself is the one in the middle.
        directions: two dictionaries of arrays by parameter's name, in place of random ones, taken as they are; what
            they leave out stays.
        generator: what the directions are drawn from; the default one if None.

    Raises:
        TypeError: the model is no module.
        RangeError: points is below 2, or distance not above 0; a direction names no parameter.
        ShapeError: there are not two directions, or an array has not its parameter's shape.

    Example:
        >>> import nn
        >>> model, x = nn.Linear(2, 1, bias=False), nn.eye(2)
        >>> field = nn.viewing.loss_landscape(model, lambda: (model(x) ** 2).mean(), points=5)
        >>> field.values.shape, field.x.tolist()
        ((5, 5), [-1.0, -0.5, 0.0, 0.5, 1.0])

    References:
        Li et al., Visualizing the Loss Landscape of Neural Nets, NeurIPS 2018.
    """
    where = "loss_landscape"
    named_modules(where, model)
    if points < 2 or not distance > 0:
        raise RangeError(f"{where}: points must be 2 or more and distance above 0, got {points} and {distance}")
    parameters = dict(model.named_parameters())
    if directions is None:
        random = default_generator if generator is None else generator
        first, second = ({name: _direction(p._array, random) for name, p in parameters.items()} for _ in "xy")
    else:
        if len(directions) != 2:
            raise ShapeError(f"{where}: directions must be two, got {len(directions)}")
        first, second = (_checked(where, parameters, direction) for direction in directions)
    before = {name: parameter._array.copy() for name, parameter in parameters.items()}
    axis = np.linspace(-distance, distance, points)
    values = np.empty((points, points))
    try:
        with evaluating(model), no_grad():
            for (row, column), _ in np.ndenumerate(values):
                for name, parameter in parameters.items():
                    moved = before[name] + axis[column] * first.get(name, 0) + axis[row] * second.get(name, 0)
                    _assign(parameter, moved)
                values[row, column] = float(loss())
    finally:
        for name, parameter in parameters.items():
            _assign(parameter, before[name])
    return Landscape(values, axis, axis.copy())


def _direction(weight: Array, random: Generator) -> Array:
    """A random direction, each filter of it as long as that of the weight."""
    if weight.ndim < 2:
        return np.zeros_like(weight)
    drawn = random.numpy.standard_normal(weight.shape)
    axes = tuple(range(1, weight.ndim))
    lengths = np.sqrt((weight.astype(np.float64) ** 2).sum(axis=axes, keepdims=True))
    return drawn * (lengths / np.sqrt((drawn**2).sum(axis=axes, keepdims=True)))


def _checked(where: str, parameters: Mapping[str, Any], direction: Mapping[str, Any]) -> dict[str, Array]:
    arrays = {name: as_array(where, f"direction {name!r}", value) for name, value in direction.items()}
    for name, array in arrays.items():
        if name not in parameters:
            raise RangeError(f"{where}: a direction names {name!r}, the model's parameters are {', '.join(parameters)}")
        if array.shape != parameters[name].shape:
            raise ShapeError(f"{where}: a direction's {name!r} must be {parameters[name].shape}, got {array.shape}")
    return arrays


def _assign(parameter: Any, values: Array) -> None:
    np.copyto(parameter._array, values, casting="same_kind")
    parameter._touch()


def draw_landscape(landscape: Landscape, *, title: str = "loss", levels: int = 8) -> Picture:
    """Draw a landscape: colours and lines by the loss, on a logarithmic scale where it is above 0 everywhere.

    Args:
        landscape: of `loss_landscape`.
        title: above it.
        levels: how many lines of equal loss are drawn.

    Raises:
        RangeError: levels is negative.

    Example:
        >>> import nn
        >>> axis = np.linspace(-1, 1, 5)
        >>> picture = nn.viewing.draw_landscape(nn.viewing.Landscape(axis[:, None] ** 2 + axis**2 + 0.1, axis, axis))
    """
    if levels < 0:
        raise RangeError(f"draw_landscape: levels must be 0 or more, got {levels}")
    values = np.asarray(landscape.values, np.float64)
    finite = values[np.isfinite(values)]
    logarithmic = bool(finite.size and finite.min() > 0)
    shown = np.log10(np.where(np.isfinite(values), values, np.nan)) if logarithmic else values
    known = shown[np.isfinite(shown)]
    lines = np.linspace(known.min(), known.max(), levels + 2)[1:-1] if known.size else np.empty(0)
    middle = values[len(landscape.y) // 2, len(landscape.x) // 2]
    return draw_plane(
        shown,
        landscape.x,
        landscape.y,
        title=title,
        x_label="first direction",
        y_label="second direction",
        bar_label="log10 loss" if logarithmic else "loss",
        levels=[float(line) for line in lines],
        marks={(0.0, 0.0): f"{middle:.3g}"},
    )
