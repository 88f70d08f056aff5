"""What is logged of a training by reward."""

import numpy as np
import pytest

from nn.examples.console import Console
from nn.examples.reinforcement.gridworld import GridWorld
from nn.examples.reinforcement.scorebook import Scorebook, film, value_map


class Book:
    """A writer that remembers."""

    def __init__(self):
        self.scalars = {}

    def add_scalar(self, tag, value, step):
        self.scalars.setdefault(tag, []).append((step, float(value)))

    def add_histogram(self, tag, values, step):
        self.scalars[tag] = np.asarray(values).tolist()


def book():
    found = Scorebook(GridWorld(), Console(quiet=True), "test")
    found.writer = Book()
    return found


def test_solved_is_a_mean_over_a_hundred_episodes():
    scores = book()
    for number in range(99):
        scores.episode(1.0, 5, number)
    assert not scores.solved
    scores.episode(0.0, 5, 99)
    assert scores.solved
    assert scores.mean == 0.99
    for number in range(100):
        scores.episode(0.5, 5, 100 + number)
    assert not scores.solved  # the first hundred no longer count
    assert scores.writer.scalars["return/mean_of_100"][-1] == (199, 0.5)


def test_a_scorebook_goes_on():
    scores, other = book(), book()
    for number in range(120):
        scores.episode(number / 120, 5, number)
    other.load_state_dict(scores.state_dict())
    assert (other.mean, other.episodes, other.solved) == (scores.mean, 120, scores.solved)
    assert other.seconds >= scores.state_dict()["seconds"] - 0.1


def test_the_entropy_of_a_policy():
    scores = book()
    scores.policy(np.array([[0.5, 0.5], [1.0, 0.0]]), 7)
    assert scores.writer.scalars["policy/entropy"] == [(7, pytest.approx(np.log(2) / 2))]
    assert scores.writer.scalars["policy/action_0"] == [(7, 0.75)]
    assert scores.writer.scalars["policy/probability_of_the_best_action"] == [0.5, 1.0]


def test_the_map_of_the_gridworld_shows_its_cells():
    world = GridWorld()
    picture = value_map(world, lambda states: states @ np.arange(30.0))
    assert picture.shape[0] == 3
    assert len(np.unique(picture.reshape(3, -1), axis=1).T) > 20
    assert value_map(object(), None) is None


def test_a_film_is_an_episode_thinned(monkeypatch):
    frames = film(GridWorld(slip=0), lambda state: 0, frames=20, width=72)  # upwards, until the time is up
    assert frames.shape == (16, 60, 72, 3)
    assert frames.dtype == np.uint8
