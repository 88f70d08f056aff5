"""The memory keeps the latest steps, with the rewards of n steps, and goes on."""

import numpy as np
import pytest

import nn
from nn.examples.reinforcement.dqn import GAMMA, Memory


def filled(count):
    memory = Memory(2, 5)
    for n in range(count):
        memory.add([n, n], n, n, [n + 1, n + 1], terminated=n % 2 == 1, truncated=False)
    return memory


def test_the_latest_steps_take_the_place_of_the_oldest():
    nn.manual_seed(0)
    state, action, rewards, after, discount = filled(8).some(200)
    assert sorted(set(action.tolist())) == [3, 4, 5, 6, 7]
    assert np.array_equal(state[:, 0].numpy(), rewards.numpy())
    assert np.array_equal(after.numpy(), state.numpy() + 1)
    np.testing.assert_allclose(discount.numpy(), GAMMA * (1 - rewards.numpy() % 2), rtol=1e-6)
    assert sorted(set(filled(3).some(50)[1].tolist())) == [0, 1, 2]


@pytest.mark.parametrize("n", [1, 3, 20])
@pytest.mark.parametrize("fell", [True, False], ids=["terminated", "truncated"])
def test_each_step_has_the_rewards_of_n_steps_of_its_own_episode(n, fell, rng):
    memory, earned = Memory(1, 100, n), rng.normal(size=(2, 7))  # two episodes of 7 steps
    for episode in range(2):
        for t in range(7):
            assert memory.count == episode * 7 + max(0, t - n + 1)  # none before its rewards are known
            state, end = 10 * episode + t, t == 6
            memory.add([state], t % 2, earned[episode, t], [state + 1], terminated=end and fell, truncated=end)
    assert memory.count == 14
    for i in range(14):
        episode, t = divmod(i, 7)
        steps = min(n, 7 - t)
        rewards = sum(GAMMA**k * earned[episode, t + k] for k in range(steps))
        over = fell and t + steps == 7
        kept = {name: array[i] for name, array in memory.arrays.items()}
        assert (kept["state"], kept["action"], kept["next"]) == (10 * episode + t, t % 2, 10 * episode + t + steps)
        np.testing.assert_allclose(kept["rewards"], rewards, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(kept["discount"], 0 if over else GAMMA**steps, rtol=1e-6)


def test_a_memory_goes_on():
    for count in (3, 8):
        memory, other = filled(count), Memory(2, 5)
        other.load_state_dict(memory.state_dict())
        for book in (memory, other):
            book.add([9, 9], 9, 9, [9, 9], terminated=True, truncated=False)
        assert all(np.array_equal(memory.arrays[name], other.arrays[name]) for name in memory.arrays)
