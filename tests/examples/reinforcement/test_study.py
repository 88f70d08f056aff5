"""Each way of learning solves the gridworld, and draws as often as it should."""

import numpy as np
import pytest

import nn
from nn.examples.console import Options
from nn.examples.reinforcement import dqn, ppo, reinforce
from nn.examples.reinforcement.study import drawn


def test_actions_are_drawn_with_their_probabilities():
    nn.manual_seed(0)
    p = np.array([[0.1, 0.6, 0.3], [0.0, 0.0, 1.0]], np.float32)
    actions = np.array([drawn(p) for _ in range(3000)])
    np.testing.assert_allclose(np.bincount(actions[:, 0]) / 3000, p[0], atol=0.03)
    assert (actions[:, 1] == 2).all()
    assert drawn(np.float32([[0.3, 0.3, 0.3999]]) * 0).tolist() == [2]  # whatever rounding leaves


@pytest.mark.slow
@pytest.mark.parametrize("way", [reinforce, ppo, dqn], ids=lambda module: module.__name__.rpartition(".")[2])
def test_the_gridworld_is_solved(way, tmp_path):
    report = way.train(Options(tmp_path, seed=1, quiet=True, env="gridworld"))
    [run] = report.figures["runs"]
    assert run["solved"] == 1
    assert run["mean return of 100"] >= 0.6
    assert run["episodes"] < 500
