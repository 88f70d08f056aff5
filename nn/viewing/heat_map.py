"""A table of numbers, or a function over a plane, as colours, with axes, labels and a colour bar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nn.errors import ShapeError
from nn.viewing import layout
from nn.viewing.arrays import Array, as_array, labels_of, limits
from nn.viewing.layout import coloured, framed, number, plot, text
from nn.viewing.picture import Picture, Pixels

__all__ = ["draw_heat_map", "draw_plane"]

SIZE = 320
"""How many pixels a side of a map has, as far as its cells allow."""


def draw_heat_map(
    values: Any,
    *,
    title: str = "",
    rows: Sequence[Any] | None = None,
    columns: Sequence[Any] | None = None,
    row_label: str = "",
    column_label: str = "",
    bar_label: str = "",
    colours: str = "viridis",
    low: float | None = None,
    high: float | None = None,
    cells: Sequence[Sequence[str]] | None = None,
) -> Picture:
    """Draw a table of numbers: a coloured cell for each.

    Args:
        values: the numbers; nan is grey.
        title: above the map.
        rows: a label for each row; their numbers by default.
        columns: a label for each column; their numbers by default.
        row_label: what the rows are.
        column_label: what the columns are.
        bar_label: what the colours measure.
        colours: "viridis", "blues", "grey", or "diverging" for values on both sides of 0.
        low: the value of the scale's first colour; the least value by default.
        high: the value of its last colour; the greatest value by default.
        cells: a text for each cell, which makes room for it.

    Shape:
        values (H, W).

    Raises:
        ShapeError: values is no table, or labels or texts do not fit it.
        RangeError: there are no such colours; low is above high.

    Example:
        >>> import nn
        >>> picture = nn.viewing.draw_heat_map([[0.1, 0.9], [0.8, 0.2]], columns=["yes", "no"], bar_label="share")
        >>> picture.dtype, picture.shape[0]
        (dtype('uint8'), 3)
    """
    where = "draw_heat_map"
    table = _table(where, values)
    height, width = table.shape
    low, high = limits(where, table, low, high, colours == "diverging")
    down = labels_of(where, "rows", rows, height) or layout.numbers(height)
    across = labels_of(where, "columns", columns, width) or layout.numbers(width)
    side = max(1, min(80, SIZE // max(height, width)))
    if cells is not None:
        if len(cells) != height or any(len(row) != width for row in cells):
            raise ShapeError(f"{where}: cells must hold a text for each of the {height} x {width} values")
        longest = max((text(line).shape[1] for row in cells for line in row), default=0)
        side = max(side, longest + 6, layout.LINE + 4)
    field = coloured(table, colours, low, high).repeat(side, 0).repeat(side, 1)
    for (i, j), line in np.ndenumerate(np.array(cells, object)) if cells is not None else ():
        _write(field, line, (i + 0.5) * side, (j + 0.5) * side)
    return Picture(
        plot(
            field,
            title=title,
            left=[(label, (i + 0.5) * side) for i, label in enumerate(down)],
            bottom=[(label, (j + 0.5) * side) for j, label in enumerate(across)],
            left_label=row_label,
            bottom_label=column_label,
            bar=layout.colour_bar(colours, low, high, field.shape[0], bar_label),
        )
    )


def draw_plane(
    values: Any,
    x: Any,
    y: Any,
    *,
    title: str = "",
    x_label: str = "x",
    y_label: str = "y",
    bar_label: str = "",
    colours: str = "viridis",
    low: float | None = None,
    high: float | None = None,
    levels: Sequence[float] = (),
    marks: Mapping[tuple[float, float], str] | None = None,
) -> Picture:
    """Draw a function over a plane, known at the points of a grid and mixed between them.

    Args:
        values: a row for each y, a column for each x.
        x: where the columns are, ascending.
        y: where the rows are, ascending; the first is drawn at the bottom.
        title: above the map.
        x_label: what x is.
        y_label: what y is.
        bar_label: what the colours measure.
        colours: as for `draw_heat_map`.
        low: as for `draw_heat_map`.
        high: as for `draw_heat_map`.
        levels: values along which a line is drawn.
        marks: short texts by the points (x, y) that they stand at.

    Shape:
        values (H, W), x (W,), y (H,), with 2 or more points along each.

    Raises:
        ShapeError: values is no table, or x and y do not fit it or do not ascend.
        RangeError: there are no such colours; low is above high.

    Example:
        >>> import nn
        >>> axis = np.linspace(-1, 1, 9)
        >>> bowl = axis[:, None] ** 2 + axis**2
        >>> picture = nn.viewing.draw_plane(bowl, axis, axis, levels=[0.5], marks={(0, 0): "least"})
    """
    where = "draw_plane"
    table = _table(where, values)
    across, up = as_array(where, "x", x), as_array(where, "y", y)
    for name, axis, count in (("x", across, table.shape[1]), ("y", up, table.shape[0])):
        if axis.shape != (count,) or count < 2 or not (np.diff(axis) > 0).all():
            raise ShapeError(
                f"{where}: {name} must hold {max(count, 2)} ascending numbers for values {table.shape}, "
                f"got shape {axis.shape}: {axis[:8].tolist()}"
            )
    low, high = limits(where, table, low, high, colours == "diverging")
    smooth = _mixed(table, across, up, SIZE)
    field = coloured(smooth, colours, low, high)
    for level in levels:
        beyond = smooth >= level
        edge = np.zeros_like(beyond)
        edge[:-1] |= beyond[:-1] != beyond[1:]
        edge[:, :-1] |= beyond[:, :-1] != beyond[:, 1:]
        field[edge] = layout.BLACK
    for (px, py), line in (marks or {}).items():
        row, column = (_pixel(up, py, SIZE, True), _pixel(across, px, SIZE, False))
        if line and 0 <= row <= SIZE and 0 <= column <= SIZE:
            _write(field, line, row, column, boxed=True)
    return Picture(
        plot(
            field,
            title=title,
            left=[(number(v), _pixel(up, v, SIZE, True)) for v in _ticks(up)],
            bottom=[(number(v), _pixel(across, v, SIZE, False)) for v in _ticks(across)],
            left_label=y_label,
            bottom_label=x_label,
            bar=layout.colour_bar(colours, low, high, SIZE, bar_label),
        )
    )


def _table(where: str, values: Any) -> Array:
    table = as_array(where, "values", values)
    if table.ndim != 2 or not table.size:
        raise ShapeError(f"{where}: values must be a table (H, W), got shape {table.shape}")
    return table


def _mixed(table: Array, x: Array, y: Array, size: int) -> Array:
    """The function at the middle of every pixel, linear between the points; the first row is the highest y."""
    middles = (np.arange(size) + 0.5) / size
    at_x, at_y = x[0] + middles * (x[-1] - x[0]), y[0] + middles[::-1] * (y[-1] - y[0])
    wide = np.stack([np.interp(at_x, x, row) for row in table])
    return np.stack([np.interp(at_y, y, column) for column in wide.T], 1)


def _pixel(axis: Array, value: float, size: int, upwards: bool) -> float:
    share = (value - axis[0]) / (axis[-1] - axis[0])
    return float(size * (1 - share if upwards else share))


def _ticks(axis: Array) -> list[float]:
    """Three to six round numbers within the axis."""
    low, high = float(axis[0]), float(axis[-1])
    step = layout.step(low, high)
    count = np.arange(np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9) + 1)
    return [float(f"{n * step:.6g}") for n in count]


def _write(field: Pixels, line: str, row: float, column: float, boxed: bool = False) -> None:
    """A text centred on the field: black or white, whichever the ground needs; boxed, black on white."""
    if not line:
        return
    words = text(line)[: layout.CAPITAL]
    if boxed:
        words = framed(np.pad(words, ((3, 3), (3, 3), (0, 0)), constant_values=255))
    top = int(np.clip(round(row - words.shape[0] / 2), 0, max(0, field.shape[0] - words.shape[0])))
    left = int(np.clip(round(column - words.shape[1] / 2), 0, max(0, field.shape[1] - words.shape[1])))
    place = field[top : top + words.shape[0], left : left + words.shape[1]]
    words = words[: place.shape[0], : place.shape[1]]
    if boxed:
        place[:] = words
    else:
        bright = place.mean(axis=(0, 1)) @ [0.299, 0.587, 0.114] > 140
        place[words[..., 0] < 128] = layout.BLACK if bright else layout.WHITE
