"""REINFORCE with a baseline: after each episode, what went better than expected becomes more probable.

    G_t = (r_t + gamma r_{t+1} + gamma^2 r_{t+2} + ...) / R        the return from t on; R is the one that is asked for
    A_t = G_t - V(s_t)                                             how much better than expected

    loss = -mean_t(A_t log p(a_t | s_t)) - c H(p)  +  mean_t (G_t - V(s_t))^2

A return that the time limit cut off goes on with V of the last state: the pole would not have fallen there. The
advantages are not divided by their deviation: where all goes as expected there is little to learn, and the steps of
Adam, which compares a gradient with those of long before, become small.

References:
    Williams, Simple Statistical Gradient-Following Algorithms for Connectionist Reinforcement Learning, 1992.
    Sutton and Barto, Reinforcement Learning, second edition, 2018, section 13.4.
"""

from __future__ import annotations

import numpy as np

import nn
from nn.examples.console import Options, Report
from nn.examples.reinforcement.environments import Environment
from nn.examples.reinforcement.study import Study, drawn, studied
from nn.models import MLP

__all__ = ["train"]

EPISODES, LR = 1500, 5e-3
GAMMA, ENTROPY = 0.99, 0.0002
SAVED = 50  # episodes between two checkpoints


def fit(study: Study) -> None:
    """Learn until the task is solved, or the episodes are used up."""
    states, actions = study.states, study.actions
    policy, value = MLP(states, [64, actions], activation_layer=nn.Tanh), MLP(states, [64, 1], activation_layer=nn.Tanh)
    nn.init.zeros_(value[-2].weight)  # nothing is expected yet
    nn.init.zeros_(value[-2].bias)
    optimizer = nn.optim.Adam(policy.parameters(), lr=study.lr)
    optimizer.add_param_group({"params": list(value.parameters()), "lr": 2 * study.lr})
    env, scale = Environment(study.env, study.seed), study.scale
    step = study.begin(policy, env=env, policy=policy, value=value, optimizer=optimizer)
    while study.goes_on:
        # One episode, by the policy as it is.
        seen, done, rewards = [], [], []
        terminated = truncated = False
        while not (terminated or truncated):
            seen.append(env.observation)
            with nn.no_grad():
                probabilities = policy(nn.from_numpy(env.observation[None])).softmax(1)
            [action] = drawn(probabilities.numpy())
            reward, terminated, truncated = env.step(int(action))
            done.append(action)
            rewards.append(reward)
        step += len(done)
        study.book.episode(env.total, env.length, step)
        # The return from each step on.
        x, a = nn.from_numpy(np.stack(seen)), nn.from_numpy(np.array(done))  # (T, states), (T,)
        with nn.no_grad():
            later = 0.0 if terminated else value(nn.from_numpy(env.observation[None])).item()
        returns = np.empty(len(rewards), np.float32)
        for t in reversed(range(len(rewards))):
            returns[t] = later = rewards[t] / scale + GAMMA * later
        # One step uphill.
        optimizer.zero_grad()
        g, v, logits = nn.from_numpy(returns), value(x)[:, 0], policy(x)
        advantage = g - v.detach()
        logs = logits.log_softmax(1)  # (T, actions)
        entropy = -(logs.exp() * logs).sum(1).mean()
        policy_loss = -(advantage * logs.gather(1, a[:, None])[:, 0]).mean()
        value_loss = ((g - v) ** 2).mean()
        (policy_loss - ENTROPY * entropy + value_loss).backward()
        optimizer.step()
        # What there is to see.
        if study.book.episodes % 10 == 0:
            study.book.policy(logs.exp().detach().numpy(), step)
            study.book.losses(step, policy=policy_loss.item(), value=value_loss.item())
        env.begin()
        study.save(step, every=SAVED)
    study.end(step, lambda s: scale * value(nn.from_numpy(s))[:, 0], lambda s: policy(nn.from_numpy(s)))


def train(options: Options) -> Report:
    """Learn once for each seed."""
    return studied("REINFORCE with a baseline", "reinforce", fit, options, EPISODES, LR)
