"""An environment goes on from the middle of an episode, and what cannot be made is told."""

import sys

import numpy as np
import pytest

from nn.examples.reinforcement.environments import Environment, make, picture, usual


def played(env, actions):
    found = []
    for action in actions:
        reward, terminated, truncated = env.step(action)
        found.append((reward, terminated, truncated, env.observation.tolist(), env.total, env.length))
        if terminated or truncated:
            env.begin()
    return found


@pytest.mark.parametrize("name", ["gridworld", "CartPole-v1"])
def test_an_episode_goes_on_from_its_middle(name):
    if name != "gridworld":
        pytest.importorskip("gymnasium")
    actions = np.random.default_rng(0).integers(2, size=200)
    env, other = Environment(make(name), 1), Environment(make(name), 1)
    played(env, actions[:117])
    other.load_state_dict(env.state_dict())
    assert np.array_equal(other.observation, env.observation)
    assert (other.total, other.length, other.number) == (env.total, env.length, env.number)
    assert played(other, actions[117:]) == played(env, actions[117:])


def test_worlds_side_by_side_and_other_seeds_have_episodes_of_their_own():
    pytest.importorskip("gymnasium")
    starts = [Environment(make("CartPole-v1"), seed, index).observation for seed in (0, 1) for index in (0, 1)]
    assert len({tuple(start) for start in starts}) == 4
    env = Environment(make("CartPole-v1"), 0)
    first = env.observation
    env.begin()
    assert (env.observation != first).any()


def test_without_gymnasium_the_gridworld_is_there_and_the_rest_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "gymnasium", None)
    assert make("gridworld").reset(seed=0)[0].shape == (30,)
    with pytest.raises(ImportError, match=r"^train: CartPole-v1 is no env.* pip install 'fromzero\[rl\]', or take"):
        make("CartPole-v1")


def test_the_usual_environment_is_one_that_is_there(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert usual() == "gridworld"
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name)
    assert usual() == "CartPole-v1"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "CartPol-v1",
            r"train: there is no environment 'CartPol-v1', .* Gymnasium; did you mean CartPole-v1\?$",
        ),
        ("gridwrld", r"train: there is no environment 'gridwrld', here or in Gymnasium; did you mean gridworld\?$"),
        ("xyz", r"train: there is no environment 'xyz', here or in Gymnasium; try --env CartPole-v1$"),
        (
            "MountainCarContinuous-v0",
            r"train: MountainCarContinuous-v0 must have actions that are whole numbers .* got Box",
        ),
    ],
)
def test_an_environment_that_does_not_fit_is_refused(name, sentence):
    pytest.importorskip("gymnasium")
    with pytest.raises(ValueError, match=f"^{sentence}"):
        make(name)


def test_a_world_that_cannot_be_drawn_has_no_picture(monkeypatch):
    error = pytest.importorskip("gymnasium").error
    env = make("CartPole-v1")

    def render():
        raise error.DependencyNotInstalled("pygame is not installed")

    monkeypatch.setattr(env, "render", render)
    assert picture(env) is None
