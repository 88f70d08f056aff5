"""A small world with the interface of Gymnasium, for which nothing has to be installed.

S . . . . .        S  start        -0.02 for each step
. # # . # .        #  wall
. # . . . .        X  pit          -1, and the end
. . . X # .        G  goal         +1, and the end
. # . X . G
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["GridWorld"]

Array = NDArray[Any]

MAP = ("S.....", ".##.#.", ".#....", "...X#.", ".#.X.G")
MOVES = ((-1, 0), (0, 1), (1, 0), (0, -1))
GROUND, WALL, PIT, GOAL, AGENT = [0.93] * 3, [0.35] * 3, [0.8, 0.3, 0.25], [0.3, 0.7, 0.35], [0.2, 0.4, 0.8]


class Actions(NamedTuple):
    """The actions: whole numbers from 0 to below n."""

    n: int


class Observations(NamedTuple):
    """The observations: arrays of this shape."""

    shape: tuple[int, ...]


class GridWorld:
    """Walk from the start to the goal: 0 is up, 1 right, 2 down, 3 left; one step in ten slips to a side.

    An observation has a 1 at the cell where one is, and 0 elsewhere. An episode ends in the goal or the pit
    (terminated), or after 60 steps (truncated). `reset` and `step` are Gymnasium's.

    Args:
        slip: the probability of going to a side.
        render_mode: "rgb_array" or None; `render` returns a picture in either case.

    Example:
        >>> world = GridWorld(slip=0)
        >>> observation, info = world.reset(seed=0)
        >>> observation.shape, int(observation.argmax())
        ((30,), 0)
        >>> observation, reward, terminated, truncated, info = world.step(1)
        >>> int(observation.argmax()), reward, terminated, truncated
        (1, -0.02, False, False)
    """

    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["rgb_array"], "render_fps": 5}
    reward_threshold = 0.6
    """A mean return that only a good policy has."""

    def __init__(self, slip: float = 0.1, render_mode: str | None = None) -> None:
        self.slip, self.render_mode = slip, render_mode
        self.cells = np.array([list(row) for row in MAP])
        self.action_space: Any = Actions(4)
        self.observation_space: Any = Observations((self.cells.size,))
        self.np_random = np.random.default_rng()
        self.place: tuple[int, int] | None = None

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Array, dict[str, Any]]:
        """Go back to the start; the seed makes the slips of this and later episodes repeatable."""
        if seed is not None:
            self.np_random = np.random.default_rng(seed)
        self.place, self.steps = (0, 0), 0
        return self._observation(), {}

    def step(self, action: Any) -> tuple[Array, float, bool, bool, dict[str, Any]]:
        """Go one cell, or stay where a wall is; returns observation, reward, terminated, truncated, info.

        Raises:
            RuntimeError: the episode has not begun, or has ended.
            ValueError: there is no such action.
        """
        if self.place is None:
            raise RuntimeError("GridWorld.step: there is no episode, or it has ended; call reset first")
        if action not in range(4):
            raise ValueError(f"GridWorld.step: action must be 0 (up), 1 (right), 2 (down) or 3 (left), got {action!r}")
        if self.np_random.random() < self.slip:
            action = (action + self.np_random.choice((1, 3))) % 4
        row, column = (p + move for p, move in zip(self.place, MOVES[action], strict=True))
        height, width = self.cells.shape
        if 0 <= row < height and 0 <= column < width and self.cells[row, column] != "#":
            self.place = (row, column)
        self.steps += 1
        observation, here = self._observation(), self.cells[self.place]
        terminated, truncated = here in ("G", "X"), self.steps >= 60
        reward = {"G": 1.0, "X": -1.0}.get(here, -0.02)
        if terminated or truncated:
            self.ended, self.place = self.place, None
        return observation, reward, bool(terminated), truncated, {}

    def observations(self) -> Array:
        """The observations of all cells, row by row."""
        return np.eye(self.cells.size, dtype=np.float32)

    def _observation(self) -> Array:
        assert self.place is not None
        return self.observations()[self.place[0] * self.cells.shape[1] + self.place[1]]

    def render(self) -> Array:
        """The world and where one is, 24 pixels a cell.

        Shape:
            (120, 144, 3), uint8
        """
        colours = {"#": WALL, "X": PIT, "G": GOAL}
        picture = np.array([[colours.get(cell, GROUND) for cell in row] for row in self.cells])
        picture[self.place or self.ended] = AGENT
        sheet = picture.repeat(24, 0).repeat(24, 1)
        sheet[::24], sheet[:, ::24] = 1, 1
        return (sheet * 255).astype(np.uint8)

    def close(self) -> None:
        """Nothing is held."""
