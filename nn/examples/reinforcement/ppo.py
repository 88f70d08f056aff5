"""PPO, an actor and a critic: several worlds side by side, and steps that never go far from the policy that played.

    A_t = sum_k (gamma lambda)^k d_{t+k},  d_t = r_t + gamma V(s_{t+1}) - V(s_t)      generalised advantage
    ratio = p(a | s) / p_old(a | s)

    loss = -mean(min(ratio A, clip(ratio, 1 - e, 1 + e) A)) - c H(p) + mean((A_t + V_old(s_t) - V(s_t))^2) / 2

An episode that the time limit ends goes on with V of its last state; one that fell ends with 0.

References:
    Schulman, Wolski, Dhariwal, Radford and Klimov, Proximal Policy Optimization Algorithms, 2017.
    Schulman, Moritz, Levine, Jordan and Abbeel, High-Dimensional Continuous Control Using Generalized Advantage
    Estimation, ICLR 2016.
"""

from __future__ import annotations

import numpy as np

import nn
from nn.examples.console import Options, Report
from nn.examples.reinforcement.environments import Environment, make
from nn.examples.reinforcement.study import Study, drawn, studied
from nn.models import MLP

__all__ = ["advantages", "train"]

EPISODES, LR = 2000, 1e-3
WORLDS, STEPS = 8, 64  # played between two updates: 512 steps
ROUNDS, BATCH = 8, 128  # passes over them, and how many make a step
GAMMA, LAMBDA, CLIP, ENTROPY = 0.99, 0.95, 0.2, 0.005


def advantages(rewards: np.ndarray, values: np.ndarray, following: np.ndarray, ended: np.ndarray) -> np.ndarray:
    """The generalised advantage of each step.

    Args:
        rewards: r_t.
        values: V(s_t).
        following: V(s_{t+1}); 0 where the episode was over.
        ended: whether the next step is of another episode.

    Shape:
        each (T, N) -> (T, N)
    """
    found, later = np.zeros_like(rewards), np.zeros_like(rewards[0])
    for t in reversed(range(len(rewards))):
        later = rewards[t] + GAMMA * following[t] - values[t] + GAMMA * LAMBDA * ~ended[t] * later
        found[t] = later
    return found


def fit(study: Study) -> None:
    """Learn until the task is solved, or the episodes are used up."""
    actor = MLP(study.states, [64, 64, study.actions], activation_layer=nn.Tanh)
    critic = MLP(study.states, [64, 64, 1], activation_layer=nn.Tanh)
    parameters = [*actor.parameters(), *critic.parameters()]
    optimizer = nn.optim.Adam(parameters, lr=study.lr, eps=1e-5)
    worlds = [Environment(make(study.env_name), study.seed, index) for index in range(WORLDS)]
    parts = {f"world_{index}": world for index, world in enumerate(worlds)}
    step = study.begin(actor, actor=actor, critic=critic, optimizer=optimizer, **parts)

    def judged(states: np.ndarray) -> np.ndarray:
        with nn.no_grad():
            return critic(nn.from_numpy(states)).numpy()[:, 0]

    while study.goes_on:
        # Play, by the policy as it is.
        seen = np.empty((STEPS, WORLDS, study.states), np.float32)
        then = np.empty_like(seen)  # what each step led to, in the same episode
        done = np.empty((STEPS, WORLDS), np.int64)
        rewards = np.empty((STEPS, WORLDS), np.float32)
        fell, ended = np.zeros((2, STEPS, WORLDS), bool)
        for t in range(STEPS):
            seen[t] = [world.observation for world in worlds]
            with nn.no_grad():
                probabilities = actor(nn.from_numpy(seen[t])).softmax(1).numpy()
            done[t] = drawn(probabilities)
            for n, world in enumerate(worlds):
                rewards[t, n], terminated, truncated = world.step(int(done[t, n]))
                then[t, n], fell[t, n], ended[t, n] = world.observation, terminated, terminated or truncated
                step += 1
                if ended[t, n]:
                    study.book.episode(world.total, world.length, step)
                    world.begin()
        # How much better each step was than expected.
        values = judged(seen.reshape(-1, study.states)).reshape(STEPS, WORLDS)
        following = judged(then.reshape(-1, study.states)).reshape(STEPS, WORLDS) * ~fell
        gains = advantages(rewards, values, following, ended)
        x, a = nn.from_numpy(seen.reshape(-1, study.states)), nn.from_numpy(done.reshape(-1, 1))
        gain, goal = nn.from_numpy(gains.ravel()), nn.from_numpy((gains + values).ravel())
        with nn.no_grad():
            before = actor(x).log_softmax(1).gather(1, a)[:, 0]
        # Several steps uphill, never far.
        for _ in range(ROUNDS):
            for some in nn.randperm(len(x)).split(BATCH):
                logs = actor(x[some]).log_softmax(1)  # (B, actions)
                ratio = (logs.gather(1, a[some])[:, 0] - before[some]).exp()
                better = gain[some]
                better = (better - better.mean()) / (better.std() + 1e-8)
                policy_loss = -nn.minimum(ratio * better, ratio.clamp(1 - CLIP, 1 + CLIP) * better).mean()
                entropy = -(logs.exp() * logs).sum(1).mean()
                value_loss = ((goal[some] - critic(x[some])[:, 0]) ** 2).mean()
                optimizer.zero_grad()
                (policy_loss - ENTROPY * entropy + value_loss / 2).backward()
                nn.utils.clip_grad_norm_(parameters, 0.5)
                optimizer.step()
        # What there is to see.
        study.book.policy(logs.exp().detach().numpy(), step)
        study.book.losses(step, policy=policy_loss.item(), value=value_loss.item())
        study.save(step, every=10)
    study.end(step, lambda states: critic(nn.from_numpy(states))[:, 0], lambda states: actor(nn.from_numpy(states)))


def train(options: Options) -> Report:
    """Learn once for each seed."""
    return studied("PPO", "ppo", fit, options, EPISODES, LR)
