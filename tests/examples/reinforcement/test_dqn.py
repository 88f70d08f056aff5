"""The memory keeps the latest steps, and goes on."""

import numpy as np

import nn
from nn.examples.reinforcement.dqn import Memory


def filled(count):
    memory = Memory(2, 5)
    for n in range(count):
        memory.add(state=[n, n], action=n, reward=n, next=[n + 1, n + 1], over=n % 2)
    return memory


def test_the_latest_steps_take_the_place_of_the_oldest():
    nn.manual_seed(0)
    state, action, reward, after, over = filled(8).some(200)
    assert sorted(set(action.tolist())) == [3, 4, 5, 6, 7]
    assert np.array_equal(state[:, 0].numpy(), reward.numpy())
    assert np.array_equal(after.numpy(), state.numpy() + 1)
    assert np.array_equal(over.numpy(), reward.numpy() % 2)
    assert sorted(set(filled(3).some(50)[1].tolist())) == [0, 1, 2]


def test_a_memory_goes_on():
    for count in (3, 8):
        memory, other = filled(count), Memory(2, 5)
        other.load_state_dict(memory.state_dict())
        for book in (memory, other):
            book.add(state=[9, 9], action=9, reward=9, next=[9, 9], over=1)
        assert all(np.array_equal(memory.arrays[name], other.arrays[name]) for name in memory.arrays)
