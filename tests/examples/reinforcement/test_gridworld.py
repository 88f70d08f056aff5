"""The gridworld keeps Gymnasium's promises, and its own rules."""

import numpy as np
import pytest

from nn.examples.reinforcement.gridworld import GridWorld

UP, RIGHT, DOWN, LEFT = range(4)


def walked(world, *moves):
    return [world.step(move) for move in moves][-1]


def test_the_way_to_the_goal_and_its_reward():
    world = GridWorld(slip=0)
    world.reset(seed=0)
    moves = [RIGHT] * 5 + [DOWN] * 4
    rewards = [world.step(move)[1] for move in moves[:-1]]
    observation, reward, terminated, truncated, _ = world.step(moves[-1])
    assert rewards == [-0.02] * 8
    assert (reward, terminated, truncated) == (1.0, True, False)
    assert observation.argmax() == 29
    assert observation.sum() == 1


def test_walls_and_edges_hold_one_back():
    world = GridWorld(slip=0)
    start, _ = world.reset()
    for move in (UP, LEFT):
        assert np.array_equal(world.step(move)[0], start)
    assert walked(world, RIGHT, DOWN)[0].argmax() == 1


def test_a_pit_is_the_end():
    world = GridWorld(slip=0)
    world.reset()
    _, reward, terminated, _, _ = walked(world, DOWN, DOWN, DOWN, RIGHT, RIGHT, RIGHT)
    assert (reward, terminated) == (-1.0, True)
    with pytest.raises(
        RuntimeError, match=r"^GridWorld\.step: there is no episode, or it has ended; call reset first$"
    ):
        world.step(UP)


def test_after_sixty_steps_the_time_is_up():
    world = GridWorld(slip=0)
    world.reset()
    ends = [world.step(UP)[2:4] for _ in range(60)]
    assert ends == [(False, False)] * 59 + [(False, True)]


def test_a_seed_repeats_the_slips_and_one_in_ten_slips():
    def path(seed):
        world = GridWorld()
        world.reset(seed=seed)
        return [int(world.step(UP)[0].argmax()) for _ in range(40)]

    assert path(3) == path(3)
    assert len({tuple(path(seed)) for seed in range(5)}) > 1
    world, slips = GridWorld(), 0
    for seed in range(2000):
        world.reset(seed=seed)
        slips += world.step(DOWN)[0].argmax() == 1  # to the right of the start; to the left is the edge
    assert 60 < slips < 140


@pytest.mark.parametrize("action", [4, -1, 1.5, "up", None])
def test_other_actions_are_refused(action):
    world = GridWorld()
    world.reset()
    with pytest.raises(ValueError, match=r"^GridWorld\.step: action must be 0 \(up\), 1 \(right\), 2 .* got "):
        world.step(action)


def test_it_draws_itself():
    world = GridWorld(slip=0)
    world.reset()
    first = world.render()
    assert (first.shape, first.dtype) == ((120, 144, 3), np.uint8)
    walked(world, RIGHT)
    assert (world.render() != first).any()


def test_gymnasium_finds_nothing_to_complain_about():
    gymnasium = pytest.importorskip("gymnasium")
    from gymnasium.utils.env_checker import check_env

    class Registered(GridWorld, gymnasium.Env):
        """As somebody would register it: the spaces are Gymnasium's."""

        def __init__(self, render_mode=None):
            super().__init__(render_mode=render_mode)
            self.action_space = gymnasium.spaces.Discrete(self.action_space.n)
            self.observation_space = gymnasium.spaces.Box(0, 1, self.observation_space.shape, np.float32)

    check_env(Registered(render_mode="rgb_array"), skip_render_check=True)
