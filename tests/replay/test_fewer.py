"""A call that another one has made before is left out, and only where that changes no bit."""

import functools

import numpy as np
import pytest

import nn
from nn.replay.fewer import without_repeats


def repeated(change=None, write=None, known=(), lent=()):
    """The actions of d = x - y; q = d d; e = x - y; g = 2 e, the arrays, and what others refer to."""
    a = {name: np.arange(4, dtype=np.float32) + place for place, name in enumerate("xydqeg")}
    actions = [functools.partial(np.subtract, a["x"], a["y"], a["d"])]
    actions += [functools.partial(np.multiply, a["d"], a["d"], a["q"])]
    if change is not None:
        actions += [functools.partial(np.add, a[change], a[change], a[change])]
    actions += [functools.partial(np.subtract, a["x"], a["y"], a["e"])]
    if write is not None:
        actions += [functools.partial(a[write].__setitem__, ..., a["q"])]
    actions += [functools.partial(np.multiply, np.array(2, np.float32), a["e"][1:], a["g"][1:])]
    actions += [functools.partial(a["e"][:2].dot, a["e"][2:].reshape(2, 1), a["g"][:1])]
    return actions, a, {id(a[name]) for name in known}, {id(a[name]) for name in lent}


def run(actions):
    for act in actions:
        act()


def test_who_reads_the_second_result_has_the_first():
    actions, expected, _, _ = repeated()
    run(actions)
    actions, found, known, lent = repeated()
    fewer = without_repeats(actions, known, lent)
    assert [act.func for act in fewer[:3]] == [np.subtract, np.multiply, np.multiply]
    assert len(fewer) == len(actions) - 1
    run(fewer)
    run(fewer)  # a replay again, from the same numbers
    assert all(found[name].tobytes() == expected[name].tobytes() for name in "xydqg")


HINDRANCES = {
    "what is read changes": dict(change="x"),
    "the first result changes": dict(change="d"),
    "the first result changes later": dict(write="d"),
    "the second result changes": dict(write="e"),
    "others refer to the first result": dict(known="d"),
    "others refer to the second result": dict(known="e"),
    "the memory of the first result is needed": dict(lent="d"),
}


@pytest.mark.parametrize("name", HINDRANCES)
def test_what_hinders_it(name):
    actions, expected, _, _ = repeated(**HINDRANCES[name])
    run(actions)
    actions, found, known, lent = repeated(**HINDRANCES[name])
    fewer = without_repeats(actions, known, lent)
    assert [act.func for act in fewer[:-1]] == [act.func for act in actions[:-1]]
    run(fewer)
    assert all(found[name].tobytes() == expected[name].tobytes() for name in found)


def test_what_is_read_changes_through_other_memory():
    """Two arrays of one buffer: neither is the other's base."""
    buffer = bytearray(np.ones(4, np.float32))
    one, other = np.frombuffer(buffer, np.float32), np.frombuffer(buffer, np.float32)
    results = [np.empty(4, np.float32) for _ in range(2)]
    actions = [functools.partial(np.negative, one, results[0]), functools.partial(np.multiply, one, one, other)]
    actions += [functools.partial(np.negative, one, results[1])]
    assert len(without_repeats(actions, (), ())) == 3


def test_a_squared_error_and_its_gradient_subtract_the_target_once():
    nn.manual_seed(0)
    weight, x, y = nn.randn(3, 1, requires_grad=True), nn.randn(5, 3), nn.randn(5, 1)

    def step():
        weight.grad = None
        loss = nn.functional.mse_loss(x @ weight, y)
        loss.backward()
        return loss

    captured = nn.capture(step)
    for _ in range(4):
        expected = step(), weight.grad.clone()
        loss = captured()
        assert loss.tolist() == expected[0].tolist()
        assert weight.grad.tolist() == expected[1].tolist()
        nn.no_grad()(weight.mul_)(0.5)
    (kind,) = captured._kinds.values()
    ((_, actions),) = kind.variants[0].program.segments
    assert [act.func for act in actions].count(np.subtract) == 1
