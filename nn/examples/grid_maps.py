"""Maps of the gridworld: what its cells are worth, where a policy goes, a way through it (matplotlib: extra `plot`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nn.examples.pictures import panels
from nn.examples.reinforcement.gridworld import GridWorld

__all__ = ["draw_map"]

STEPS = np.array([(0, -1), (1, 0), (0, 1), (-1, 0)])
"""Up, right, down, left, as columns and rows."""


def draw_map(
    world: GridWorld,
    values: Any = None,
    policy: Any = None,
    path: Sequence[int] = (),
    *,
    limits: tuple[float, float] = (-1.0, 1.0),
    title: str = "",
    axis: Any = None,
) -> None:
    """Draw the world: walls dark, start, pits and goal with their letters.

    Args:
        world: whose map it is.
        values: what each cell is worth, (S,): as colour, and as number where no arrow is.
        policy: the probability of each action in each cell, (S, 4): as arrows, the longer the more probable.
        path: cells that were visited, one after the other: as a line.
        limits: the values of the first and the last colour.
        title: above.
        axis: of `panels`; a figure of its own by default.

    Example:
        >>> _ = __import__("pytest").importorskip("matplotlib")
        >>> world = GridWorld()
        >>> draw_map(world, values=np.zeros(30), policy=np.full((30, 4), 0.25), path=[0, 1, 2])
    """
    axis = panels(size=(3.4, 2.8)) if axis is None else axis
    height, width = world.cells.shape
    worth = np.full(world.cells.size, np.nan) if values is None else np.asarray(values, float).copy()
    letters = world.cells.ravel()
    worth[np.isin(letters, ["#", "X", "G"])] = np.nan
    axis.imshow(worth.reshape(height, width), cmap="RdYlGn", vmin=limits[0], vmax=limits[1], alpha=0.8)
    for cell, letter in enumerate(letters):
        row, column = divmod(cell, width)
        if letter == "#":
            axis.bar(column, 1, 1, row - 0.5, color="0.35")
        elif letter in "XG" or (letter == "S" and values is None and policy is None):
            axis.text(column, row, letter, ha="center", va="center", weight="bold")
        elif values is not None and policy is None:
            axis.text(column, row, f"{worth[cell]:.2f}", ha="center", va="center", fontsize=8)
        if policy is not None and letter in "S.":
            arrows = np.asarray(policy)[cell][:, None] * STEPS
            axis.quiver([column] * 4, [row] * 4, *arrows.T, angles="xy", scale_units="xy", scale=2, width=0.012)
    rows, columns = np.divmod(np.asarray(path, int), width)
    axis.plot(columns, rows, "o-", color="tab:blue", markersize=3, linewidth=1)
    axis.set(title=title, xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5))
    axis.set_xticks(np.arange(width) - 0.5, [])
    axis.set_yticks(np.arange(height) - 0.5, [])
    axis.grid(color="white")
