"""Pictures of what is in an event file, as TensorBoard's dashboards draw it, and of the file's bytes.

They need matplotlib (extra `plot`); the simpler ones are in `nn.examples.pictures`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nn.examples.pictures import panels

__all__ = ["byte_cells", "percentile_bands", "ridge"]

LIFT = 0.35
"""How far a hill stands below the one of the step before, of the highest hill."""


def ridge(slices: Sequence[tuple[int, Any]], *, title: str = "", axis: Any = None) -> None:
    """Draw the histograms of several steps one in front of the other, as the dashboard Histograms does.

    Args:
        slices: step and `tbwriter.Buckets` of each; a hill is as high as counts by width.
        title: above.
        axis: of `panels`; a figure of its own by default.

    Example:
        >>> _ = __import__("pytest").importorskip("matplotlib")
        >>> from tbwriter import Buckets
        >>> ridge([(0, Buckets(np.array([0.0, 1.0]), np.array([1.0, 2.0]), np.array([3.0, 1.0])))])
    """
    axis = panels() if axis is None else axis
    heights = [buckets.counts / np.maximum(buckets.right - buckets.left, 1e-12) for _, buckets in slices]
    highest = max(float(height.max()) for height in heights)
    for place, ((step, buckets), height) in enumerate(zip(slices, heights, strict=True)):
        base, shade = -LIFT * place, 0.3 + 0.6 * place / len(slices)
        x = np.repeat(np.append(buckets.left, buckets.right[-1]), 2)[1:-1]
        y = np.repeat(height, 2) / highest + base
        axis.fill_between(x, base, y, color=(1.0, 0.75 * shade, 0.25 * shade), linewidth=0, zorder=2 * place)
        axis.plot(x, y, color="white", linewidth=0.8, zorder=2 * place + 1)
        axis.text(1.01, base, str(step), transform=axis.get_yaxis_transform(), fontsize=8)
    axis.set(title=title, yticks=[])


def percentile_bands(steps: Sequence[int], rows: Any, *, title: str = "", axis: Any = None) -> None:
    """Draw percentiles over the steps as bands around the middle one, as the dashboard Distributions does.

    Args:
        steps: of the rows, (N,).
        rows: an odd number of percentiles of each step, ascending, (N, P).
        title: above.
        axis: of `panels`; a figure of its own by default.

    Example:
        >>> _ = __import__("pytest").importorskip("matplotlib")
        >>> percentile_bands([0, 1], [[-1, 0, 1], [-2, 0, 2]])
    """
    axis = panels() if axis is None else axis
    table = np.asarray(rows)
    middle = table.shape[1] // 2
    for i in range(middle):
        axis.fill_between(steps, table[:, i], table[:, -1 - i], color="tab:orange", alpha=0.22, linewidth=0)
    axis.plot(steps, table[:, middle], color="tab:red", label="median")
    axis.set(title=title, xlabel="step")
    axis.legend(fontsize=8)
    axis.grid(alpha=0.3)


def byte_cells(data: bytes, parts: Sequence[tuple[int, str]], *, columns: int = 14) -> None:
    """Draw bytes as cells with their hexadecimal digits, in the colour of the part that each belongs to.

    Args:
        data: the bytes.
        parts: how many bytes each part has, and its name, in the order of the bytes.
        columns: bytes a row.

    Example:
        >>> _ = __import__("pytest").importorskip("matplotlib")
        >>> byte_cells(bytes([9, 0, 255]), [(1, "key"), (2, "value")])
    """
    rows, number = -(-len(data) // columns), 0
    axis = panels(size=(7.6, 0.4 * rows + 0.22 * -(-len(parts) // 3) + 0.3))
    for which, (length, name) in enumerate(parts):
        [patch] = axis.bar(-2, 1, color=f"C{which % 10}", alpha=0.4, label=name)
        for place in range(number, number + length):
            row, column = divmod(place, columns)
            axis.bar(column + 0.5, 0.94, 0.96, -row - 0.97, color=patch.get_facecolor())
            axis.text(column + 0.5, -row - 0.5, f"{data[place]:02x}", ha="center", va="center", family="monospace")
        number += length
    axis.set(xlim=(0, columns), ylim=(-rows, 0))
    axis.axis("off")
    axis.legend(loc="upper center", bbox_to_anchor=(0.5, 0), ncols=3, fontsize=8, frameon=False)
