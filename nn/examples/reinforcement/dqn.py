"""DQN: a network says what each action is worth, and learns from what was played before, at random.

    G_t      = r_t + gamma r_{t+1} + ... + gamma^(n-1) r_{t+n-1}          the rewards of n steps, each divided by R
    target   = G_t + gamma^n Q_slow(s_{t+n}, argmax_a Q(s_{t+n}, a))      G_t alone where the episode was over
    loss     = mean((Q(s_t, a_t) - target)^2)
    Q_slow  <- Q_slow + tau (Q - Q_slow)

Three things keep it from running after its own errors: the steps are drawn from a long memory (Mnih), a slow copy of
the network judges (Mnih; Lillicrap moves it a little after each lesson), and the network itself chooses the action that
the copy judges (double DQN, van Hasselt). Two things make it dependable: news of a fall reaches n steps back at once
(Sutton; Hessel in DQN), and R, the return that is asked for, brings Q to the size that a fresh network gives.

Where the time was up the episode might have gone on, and its target counts so. While playing, a share of the actions is
random, less and less.

References:
    Mnih et al., Human-Level Control through Deep Reinforcement Learning, Nature 518, 2015.
    van Hasselt, Guez and Silver, Deep Reinforcement Learning with Double Q-Learning, AAAI 2016.
    Lillicrap et al., Continuous Control with Deep Reinforcement Learning, ICLR 2016 (the slow copy).
    Sutton, Learning to Predict by the Methods of Temporal Differences, Machine Learning 3, 1988 (n steps).
    Hessel et al., Rainbow: Combining Improvements in Deep Reinforcement Learning, AAAI 2018 (n steps in DQN).
"""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Mapping
from typing import Any

import numpy as np

import nn
from nn.examples.console import Options, Report
from nn.examples.reinforcement.environments import Environment
from nn.examples.reinforcement.study import Study, studied
from nn.models import MLP

__all__ = ["Memory", "train"]

EPISODES, LR = 1500, 1e-3
GAMMA, N, TAU = 0.99, 10, 0.005
BATCH, ROOM = 64, 100_000
WARM_UP, EVERY = 500, 4  # steps before the first lesson, and between two
RANDOM, FALLING = 0.02, 8_000  # the least share of random actions, and the steps until it is reached


class Memory:
    """The latest steps that were played, each with the rewards of n steps and the state that these led to.

    Args:
        states: the length of an observation.
        room: how many are kept.
        n: the steps whose rewards are added; fewer where the episode ends before.
    """

    def __init__(self, states: int, room: int, n: int = 1) -> None:
        self.room, self.n, self.count = room, n, 0
        self.arrays: dict[str, np.ndarray[Any, Any]] = {
            "state": np.zeros((room, states), np.float32),
            "action": np.zeros(room, np.int64),
            "rewards": np.zeros(room, np.float32),  # G_t
            "next": np.zeros((room, states), np.float32),  # s_{t+n}
            "discount": np.zeros(room, np.float32),  # gamma^n, and 0 where the episode was over
        }
        self._open = deque[tuple[Any, int, float]]()  # the steps whose n rewards are not yet known

    def add(self, state: Any, action: int, reward: float, following: Any, terminated: bool, truncated: bool) -> None:
        """Keep a step as soon as its n rewards are known, in the place of the oldest where there is no more room."""
        self._open.append((state, action, reward))
        while self._open and (len(self._open) == self.n or terminated or truncated):
            rewards = sum(GAMMA**k * earned for k, (_, _, earned) in enumerate(self._open))
            discount = 0.0 if terminated else GAMMA ** len(self._open)
            state, action, _ = self._open.popleft()
            for array, value in zip(self.arrays.values(), (state, action, rewards, following, discount), strict=True):
                array[self.count % self.room] = value
            self.count += 1

    def some(self, size: int) -> list[nn.Tensor]:
        """Steps at random: state, action, rewards, the state they led to, and the discount of what that is worth."""
        chosen = nn.default_generator.numpy.integers(min(self.count, self.room), size=size)
        return [nn.from_numpy(array[chosen]) for array in self.arrays.values()]

    def state_dict(self) -> dict[str, Any]:
        """What is kept; between two episodes that is all."""
        return {"count": self.count, **{name: array[: self.count].copy() for name, array in self.arrays.items()}}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take it back."""
        self.count = state_dict["count"]
        for name, array in self.arrays.items():
            array[: self.count] = state_dict[name]


def fit(study: Study) -> None:
    """Learn until the task is solved, or the episodes are used up."""
    network = MLP(study.states, [64, 64, study.actions])
    slow = copy.deepcopy(network)
    optimizer = nn.optim.Adam(network.parameters(), lr=study.lr)
    env, memory = Environment(study.env, study.seed), Memory(study.states, ROOM, N)
    step = study.begin(network, network=network, slow=slow, optimizer=optimizer, env=env, memory=memory)

    @nn.capture
    def lesson(
        states: nn.Tensor, actions: nn.Tensor, rewards: nn.Tensor, following: nn.Tensor, discounts: nn.Tensor
    ) -> nn.Tensor:
        with nn.no_grad():
            best = network(following).argmax(1, keepdim=True)  # (B, 1)
            target = rewards + discounts * slow(following).gather(1, best)[:, 0]  # (B,)
        q = network(states).gather(1, actions[:, None])[:, 0]  # (B,)
        loss = ((q - target) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with nn.no_grad():
            for old, new in zip(slow.parameters(), network.parameters(), strict=True):
                old += TAU * (new - old)
        return loss

    rng = nn.default_generator.numpy
    losses: list[float] = []
    while study.goes_on:
        # One step of play.
        state = env.observation
        share = max(RANDOM, 1 - step / FALLING)
        if rng.random() < share:
            action = int(rng.integers(study.actions))
        else:
            with nn.no_grad():
                action = int(network(nn.from_numpy(state[None]))[0].argmax().item())
        reward, terminated, truncated = env.step(action)
        memory.add(state, action, reward / study.scale, env.observation, terminated, truncated)
        step += 1
        # One lesson.
        if step >= WARM_UP and step % EVERY == 0:
            losses.append(lesson(*memory.some(BATCH)).item())
        # What there is to see.
        if terminated or truncated:
            study.book.episode(env.total, env.length, step)
            env.begin()
            _log(study, network, memory, losses, share, step)
            losses.clear()
            study.save(step, every=20)
    study.end(
        step,
        lambda states: study.scale * network(nn.from_numpy(states)).max(1).values,
        lambda states: network(nn.from_numpy(states)),
    )


def _log(study: Study, network: nn.Module, memory: Memory, losses: list[float], share: float, step: int) -> None:
    """The loss, the share of random actions, and the policy: the best action, but for the random ones."""
    if not losses or study.book.episodes % 5:
        return
    latest = np.arange(max(0, memory.count - 64), memory.count) % memory.room
    with nn.no_grad():
        q = network(nn.from_numpy(memory.arrays["state"][latest]))
    probabilities = np.full(q.shape, share / study.actions)
    probabilities[np.arange(len(q)), q.argmax(1).numpy()] += 1 - share
    study.book.policy(probabilities, step)
    study.book.losses(step, q=float(np.mean(losses)))
    study.book.writer.add_scalar("policy/share_of_random_actions", share, step)
    study.book.writer.add_histogram("value_of_the_best_action", study.scale * q.max(1).values, step)


def train(options: Options) -> Report:
    """Learn once for each seed."""
    return studied("DQN", "dqn", fit, options, EPISODES, LR)
