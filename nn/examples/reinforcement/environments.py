"""The environments to learn in: Gymnasium's by name, or the gridworld; each with episodes that can be played again."""

from __future__ import annotations

import difflib
import importlib.util
import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.examples.reinforcement.gridworld import GridWorld

__all__ = ["Environment", "make", "picture", "usual"]

Array = NDArray[Any]


def usual() -> str:
    """CartPole-v1 where Gymnasium is installed, and the gridworld elsewhere."""
    return "CartPole-v1" if importlib.util.find_spec("gymnasium") else "gridworld"


def make(name: str) -> Any:
    """An environment with discrete actions.

    Raises:
        ImportError: Gymnasium (extra `rl`) is not installed.
        ValueError: there is no environment of this name, or its actions are no whole numbers.
    """
    if name == "gridworld":
        return GridWorld(render_mode="rgb_array")
    try:
        import gymnasium
    except ImportError:
        raise ImportError(
            f"train: {name} is no environment of ours, and Gymnasium is not installed; pip install 'fromzero[rl]', "
            "or take --env gridworld"
        ) from None
    os.environ.setdefault("SDL_VIDEODRIVER", "dummy")  # what draws is to open no window, and not to miss a screen
    try:
        env = gymnasium.make(name, render_mode="rgb_array", disable_env_checker=True)
    except gymnasium.error.Error as error:
        near = difflib.get_close_matches(name, ["gridworld", *gymnasium.registry], 1)
        advice = f"did you mean {near[0]}?" if near else "try --env CartPole-v1"
        raise ValueError(f"train: there is no environment {name!r}, here or in Gymnasium; {advice}") from error
    if not hasattr(env.action_space, "n") or len(env.observation_space.shape or ()) != 1:
        raise ValueError(
            f"train: {name} must have actions that are whole numbers and observations that are vectors, got "
            f"{env.action_space} and {env.observation_space}; try --env CartPole-v1"
        )
    return env


def picture(env: Any) -> Array | None:
    """The world as it is, (H, W, 3) of uint8; None where what Gymnasium draws with is not installed."""
    if isinstance(env, GridWorld):
        return env.render()
    from gymnasium.error import DependencyNotInstalled

    try:
        return np.asarray(env.render())
    except DependencyNotInstalled:
        return None


class Environment:
    """An environment whose every episode has a seed of its own, so that it can be put back by playing it again.

    Args:
        env: with Gymnasium's `reset` and `step`.
        seed: of all episodes.
        index: which of several environments side by side it is; each has other episodes.

    Attributes:
        observation: what is seen now (float32).
        number: of the episode.
        total: the reward of the episode until now.
        length: its steps until now.
    """

    def __init__(self, env: Any, seed: int, index: int = 0) -> None:
        self.env, self.seed, self.index, self.number = env, seed, index, -1
        self.begin()

    def begin(self) -> None:
        """Begin the next episode."""
        self.number += 1
        self._begin()

    def _begin(self) -> None:
        [seed] = np.random.SeedSequence((self.seed, self.index, self.number)).generate_state(1)
        observation, _ = self.env.reset(seed=int(seed))
        self.observation: Array = np.asarray(observation, np.float32)
        self.total, self._actions = 0.0, list[int]()

    @property
    def length(self) -> int:
        """The steps of the episode until now."""
        return len(self._actions)

    def step(self, action: int) -> tuple[float, bool, bool]:
        """Do it; returns the reward, whether this is an end, and whether the time is up."""
        observation, reward, terminated, truncated, _ = self.env.step(action)
        self.observation = np.asarray(observation, np.float32)
        self.total += float(reward)
        self._actions.append(action)
        return float(reward), bool(terminated), bool(truncated)

    def state_dict(self) -> dict[str, Any]:
        """The number of the episode, and what was done in it."""
        return {"number": self.number, "actions": list(self._actions)}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Play that episode again to where it stood."""
        self.number = state_dict["number"]
        self._begin()
        for action in state_dict["actions"]:
            self.step(action)
