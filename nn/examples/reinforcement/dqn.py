"""DQN: a network says what each action is worth, and learns from what was played before, at random.

    target = r + gamma Q_target(s', argmax_a Q(s', a))        r alone where the episode was over
    loss   = huber(Q(s, a) - target)

Q_target is a copy of Q that is renewed now and then, and Q itself chooses the action (double DQN), so that no error
feeds itself. Where the time was up the episode might have gone on, and its target counts so. While playing, a share of
the actions is random, less and less. Three things make it unlearn less: nothing that was played is forgotten, Adam's
eps is large, so that small gradients make small steps, and the rate falls as the returns rise.

References:
    Mnih et al., Human-Level Control through Deep Reinforcement Learning, Nature 518, 2015.
    van Hasselt, Guez and Silver, Deep Reinforcement Learning with Double Q-Learning, AAAI 2016.
    Hessel et al., Rainbow: Combining Improvements in Deep Reinforcement Learning, AAAI 2018 (Adam's eps).
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np

import nn
from nn.examples.console import Options, Report
from nn.examples.reinforcement.environments import Environment
from nn.examples.reinforcement.study import Study, studied
from nn.models import MLP

__all__ = ["Memory", "train"]

EPISODES, LR, EPS, SLOWEST = 1500, 1e-3, 1.5e-4, 0.01  # the last one: the least share of the rate, at the threshold
GAMMA, BATCH, ROOM = 0.99, 128, 100_000
WARM_UP, EVERY, RENEWED = 500, 2, 500  # steps before the first lesson, between two, and between two of Q_target
RANDOM, FALLING = 0.02, 8_000  # the least share of random actions, and the steps until it is reached


class Memory:
    """The latest steps that were played.

    Args:
        states: the length of an observation.
        room: how many are kept.
    """

    def __init__(self, states: int, room: int) -> None:
        self.room, self.count = room, 0
        self.arrays: dict[str, np.ndarray[Any, Any]] = {
            "state": np.zeros((room, states), np.float32),
            "action": np.zeros(room, np.int64),
            "reward": np.zeros(room, np.float32),
            "next": np.zeros((room, states), np.float32),
            "over": np.zeros(room, np.float32),
        }

    def add(self, **values: Any) -> None:
        """Keep a step, in the place of the oldest where there is no more room."""
        for name, value in values.items():
            self.arrays[name][self.count % self.room] = value
        self.count += 1

    def some(self, n: int) -> list[nn.Tensor]:
        """n steps at random: state, action, reward, next state, and 1 where the episode was over."""
        chosen = nn.default_generator.numpy.integers(min(self.count, self.room), size=n)
        return [nn.from_numpy(array[chosen]) for array in self.arrays.values()]

    def state_dict(self) -> dict[str, Any]:
        """What is kept."""
        return {"count": self.count, **{name: array[: self.count].copy() for name, array in self.arrays.items()}}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take it back."""
        self.count = state_dict["count"]
        for name, array in self.arrays.items():
            array[: self.count] = state_dict[name]


def fit(study: Study) -> None:
    """Learn until the task is solved, or the episodes are used up."""
    network = MLP(study.states, [64, 64, study.actions])
    target = copy.deepcopy(network)
    optimizer = nn.optim.Adam(network.parameters(), lr=study.lr, eps=EPS)
    env, memory = Environment(study.env, study.seed), Memory(study.states, ROOM)
    step = study.begin(network, network=network, target=target, optimizer=optimizer, env=env, memory=memory)
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
        memory.add(state=state, action=action, reward=reward, next=env.observation, over=terminated)
        step += 1
        # One lesson.
        if step >= WARM_UP and step % EVERY == 0:
            states, actions, rewards, following, over = memory.some(BATCH)
            with nn.no_grad():
                best = network(following).argmax(1, keepdim=True)
                worth = rewards + GAMMA * (1 - over) * target(following).gather(1, best)[:, 0]
            q = network(states).gather(1, actions[:, None])[:, 0]
            loss = nn.functional.smooth_l1_loss(q, worth)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 10.0)
            optimizer.step()
            losses.append(loss.item())
        if step % RENEWED == 0:
            target.load_state_dict(network.state_dict())
        if terminated or truncated:
            study.book.episode(env.total, env.length, step)
            optimizer.param_groups[0]["lr"] = study.lr * max(SLOWEST, 1 - study.book.nearness)
            env.begin()
            _log(study, network, memory, losses, share, step)
            losses.clear()
            study.save(step, every=20)
    study.end(
        step,
        lambda states: network(nn.from_numpy(states)).max(1).values,
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
    study.book.writer.add_histogram("value_of_the_best_action", q.max(1).values, step)


def train(options: Options) -> Report:
    """Learn once for each seed."""
    return studied("DQN", "dqn", fit, options, EPISODES, LR)
