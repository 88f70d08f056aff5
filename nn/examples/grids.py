"""Pictures of sliding windows: tables of numbers side by side with frames in them; where a window stands on a line.

They need matplotlib (extra `plot`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nn.examples.pictures import panels

__all__ = ["grids", "windows_on_a_line"]


def grids(
    tables: Mapping[str, Any],
    *,
    marks: Mapping[str, tuple[int, int, int, int]] | None = None,
    highlight: float | None = None,
    lines: int = 0,
) -> None:
    """Draw tables side by side, each number in its cell: red above 0, blue below.

    Args:
        tables: (H, W) each, by its title.
        marks: a frame in the table of that title: its row, column, height and width.
        highlight: cells of this value get a frame, too.
        lines: a line after each so many rows and columns; 0 draws none.

    Example:
        >>> _ = __import__("pytest").importorskip("matplotlib")
        >>> image = np.eye(4)
        >>> grids({"image": image, "window": image[1:3, 1:3]}, marks={"image": (1, 1, 2, 2)})
    """
    numbers = {title: np.atleast_2d(np.asarray(table, float)) for title, table in tables.items()}
    widths = [max(table.shape[1], 3) for table in numbers.values()]
    tall = max(len(table) for table in numbers.values())
    count, inches = len(numbers), min(0.36, 10 / (sum(widths) + len(widths)))  # a cell's side
    size = (inches * (sum(widths) / count + 1.4), inches * tall + 0.45)
    for axis, (title, table) in zip(
        np.ravel(panels(count, size=size, width_ratios=widths)), numbers.items(), strict=True
    ):
        most = np.abs(table).max() or 1.0
        axis.imshow(table, cmap="RdBu_r", vmin=-1.8 * most, vmax=1.8 * most)
        for (i, j), value in np.ndenumerate(table):
            axis.text(j, i, f"{value + 0.0:.3g}", ha="center", va="center", fontsize=min(9, 26 * inches))  # no -0
        frames = [(i, j, 1, 1) for i, j in np.argwhere(table == highlight)]
        for frame in frames + [frame for of, frame in (marks or {}).items() if of == title]:
            _frame(axis, *frame)
        for at in range(lines, max(table.shape), lines) if lines else ():
            axis.axhline(at - 0.5, color="black", linewidth=1)
            axis.axvline(at - 0.5, color="black", linewidth=1)
        axis.set_title(title, fontsize=9)
        axis.set(xticks=[], yticks=[], xlim=(-0.5, table.shape[1] - 0.5), ylim=(len(table) - 0.5, -0.5))


def windows_on_a_line(size: int, kernel: int, layers: Mapping[str, tuple[int, int, int]]) -> None:
    """Draw where a sliding window stands: pixels as squares, zeros of the padding hatched, dots for each window.

    Args:
        size: how many pixels there are.
        kernel: how many of them a window looks at.
        layers: stride, padding, dilation, by the title.

    Example:
        >>> _ = __import__("pytest").importorskip("matplotlib")
        >>> windows_on_a_line(5, 3, {"plain": (1, 0, 1), "stride 2": (2, 0, 1)})
    """
    most = max(padding for _, padding, _ in layers.values())
    for axis, (title, (stride, padding, dilation)) in zip(
        np.ravel(panels(len(layers), size=(2.4, 2.3))), layers.items(), strict=True
    ):
        for place in range(-padding, size + padding):
            inside = 0 <= place < size
            axis.bar(place + 0.5, 1, 1, color="lightsteelblue" if inside else "white", edgecolor="black",
                     hatch="" if inside else "////")  # fmt: skip
        starts = range(-padding, size + padding - dilation * (kernel - 1), stride)
        for number, start in enumerate(starts):
            places = start + 0.5 + dilation * np.arange(kernel)
            axis.plot(places, np.full(kernel, -0.7 - 0.75 * number), "s-", markersize=6)
        axis.set_title(f"{title}: {len(starts)} windows", fontsize=9)
        axis.set(xlim=(-most - 0.2, size + most + 0.2), ylim=(-6.5, 1.2))
        axis.axis("off")


def _frame(axis: Any, row: int, column: int, height: int, width: int) -> None:
    """A green line around cells of a table."""
    left, top = column - 0.5, row - 0.5
    x, y = [left, left + width, left + width, left, left], [top, top, top + height, top + height, top]
    axis.plot(x, y, color="tab:green", linewidth=2.5, clip_on=False)
