"""What the three ways of learning log: rewards, the policy, what each state is worth, and an episode as a film."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.examples.console import Console
from nn.examples.reinforcement.environments import picture
from nn.examples.reinforcement.gridworld import GridWorld
from nn.viewing import Picture, draw_heat_map, draw_plane
from tbwriter import SummaryWriter

__all__ = ["Scorebook", "film", "threshold", "value_map"]

Array = NDArray[Any]
RECENT = 100  # episodes whose mean return tells whether a task is solved


class Scorebook:
    """The returns of a training, until the mean of the last 100 reaches what the environment asks for.

    Args:
        env: tells by `spec.reward_threshold`, or `reward_threshold`, what a solution is.
        console: tells the mean now and then.
        name: of the algorithm.

    Attributes:
        episodes: how many lie behind.
        writer: where to; it is set when the training begins.
        mean: the mean return of the last 100 episodes, or of all if there are fewer.
        solved: whether it reached the threshold, over 100 episodes.
    """

    writer: SummaryWriter

    def __init__(self, env: Any, console: Console, name: str) -> None:
        self.console, self.name = console, name
        self.threshold = threshold(env)
        self.episodes, self.recent = 0, deque[float](maxlen=RECENT)
        self._earlier, self._start = 0.0, time.process_time()

    @property
    def mean(self) -> float:
        """The mean return of the last 100 episodes, or of all if there are fewer."""
        return float(np.mean(self.recent)) if self.recent else float("nan")

    @property
    def solved(self) -> bool:
        """Whether the mean over 100 episodes reached the threshold."""
        return self.threshold is not None and len(self.recent) == RECENT and self.mean >= self.threshold

    @property
    def seconds(self) -> float:
        """The processor's time, that before a break included."""
        return self._earlier + time.process_time() - self._start

    def episode(self, total: float, length: int, step: int) -> None:
        """Count an episode that ended at this step."""
        self.episodes += 1
        self.recent.append(total)
        self.writer.add_scalar("return/episode", total, step)
        self.writer.add_scalar("return/mean_of_100", self.mean, step)
        self.writer.add_scalar("length", length, step)
        if self.episodes % 50 == 0 or self.solved:
            self.console.say(f"{self.name}: episode {self.episodes}, step {step}, mean return {self.mean:.4g}")

    def policy(self, probabilities: Array, step: int) -> None:
        """The entropy in nats, the share of each action, and how certain the choices were.

        Shape:
            probabilities (N, actions)
        """
        entropy = -(probabilities * np.log(np.maximum(probabilities, 1e-12))).sum(1)
        self.writer.add_scalar("policy/entropy", entropy.mean(), step)
        for action, share in enumerate(probabilities.mean(0)):
            self.writer.add_scalar(f"policy/action_{action}", share, step)
        self.writer.add_histogram("policy/probability_of_the_best_action", probabilities.max(1), step)

    def losses(self, step: int, **values: float) -> None:
        """What was minimised."""
        for name, value in values.items():
            self.writer.add_scalar(f"loss/{name}", value, step)

    def show(self, env: Any, values: Callable[[Array], Array], act: Callable[[Array], int], step: int) -> None:
        """The worth of the states as a picture, and an episode of the best actions as a film.

        Args:
            env: the environment; an episode of its own is played in it.
            values: of states (N, features), what each is worth.
            act: of one state, the best action.
            step: of the picture and the film.
        """
        worth = value_map(env, values)
        if worth is not None:
            self.writer.add_image("value_map", worth, step)
        frames = film(env, act)
        if frames is None:
            self.console.say(
                f"{self.name}: no film, since Gymnasium cannot draw without pygame; pip install 'fromzero[rl]'"
            )
        else:
            self.writer.add_video("episode", frames[None], step, fps=12, dataformats="NTHWC")

    def state_dict(self) -> dict[str, Any]:
        """The returns, and the time."""
        return {"episodes": self.episodes, "recent": list(self.recent), "seconds": self.seconds}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from there."""
        self.episodes, self._earlier = state_dict["episodes"], state_dict["seconds"]
        self.recent, self._start = deque(state_dict["recent"], maxlen=RECENT), time.process_time()


def threshold(env: Any) -> float | None:
    """The mean return at which a task counts as solved; None where the environment names none."""
    spec = getattr(env, "spec", None)
    asked = getattr(env if spec is None else spec, "reward_threshold", None)
    return None if asked is None else float(asked)


def value_map(env: Any, values: Callable[[Array], Array]) -> Picture | None:
    """What states are worth: every cell of the gridworld, the angles and speeds of a pole; None for other worlds."""
    if isinstance(env, GridWorld):
        worth = values(env.observations()).reshape(env.cells.shape).astype(float)
        worth[np.isin(env.cells, list("#GX"))] = np.nan
        cells = [[f"{value:.2f}" if cell in ".S" else cell for cell, value in zip(*row, strict=True)]
                 for row in zip(env.cells, worth, strict=True)]  # fmt: skip
        return draw_heat_map(worth, cells=cells, title="what each cell is worth", bar_label="value")
    if str(getattr(getattr(env, "spec", None), "id", "")).startswith("CartPole"):
        angle, speed = np.linspace(-0.21, 0.21, 31), np.linspace(-3, 3, 31)
        states = np.zeros((31, 31, 4), np.float32)  # the cart at rest in the middle
        states[..., 2], states[..., 3] = angle, speed[:, None]
        return draw_plane(
            values(states.reshape(-1, 4)).reshape(31, 31), angle, speed, title="what a state is worth, cart at rest",
            x_label="angle of the pole (rad)", y_label="its speed (rad/s)", bar_label="value",
        )  # fmt: skip
    return None


def film(env: Any, act: Callable[[Array], int], frames: int = 100, width: int = 150) -> Array | None:
    """An episode of the best actions, thinned to so many frames of about this width; None if it cannot be drawn.

    Shape:
        (T, H, W, 3), uint8
    """
    observation, _ = env.reset(seed=0)
    pictures, ended = [], False
    while not ended:
        pictures.append(picture(env))
        observation, _, terminated, truncated, _ = env.step(act(np.asarray(observation, np.float32)))
        ended = terminated or truncated
    pictures.append(picture(env))
    thinned = [frame for frame in pictures[:: -(-len(pictures) // frames)] if frame is not None]
    if not thinned:
        return None
    stride = max(1, thinned[0].shape[1] // width)
    return np.stack([frame[::stride, ::stride] for frame in thinned])
