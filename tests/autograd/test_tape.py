"""The tape: who records, what a node keeps, and that nothing outlives its use."""

import gc
import threading
import weakref

import numpy as np
import pytest

import nn
from nn.autograd.tape import wrap


@pytest.fixture
def x():
    return nn.tensor([1.0, 2.0, 3.0], requires_grad=True)


@pytest.fixture
def no_garbage_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_a_leaf_has_no_node_and_a_result_has_one(x):
    y = x * 2
    assert x.is_leaf
    assert x.grad_fn is None
    assert not y.is_leaf
    assert y.requires_grad
    assert y.grad_fn.name() == "MulBackward0"
    assert repr(y.grad_fn) == "<MulBackward0 (3,)>"
    assert y.grad_fn.next_functions == ((x, 0), (None, 0))
    assert y.exp().grad_fn.next_functions == ((y.grad_fn, 0),)


def test_what_does_not_require_gradients_is_not_recorded():
    y = nn.tensor([1.0]) * 2
    assert y.grad_fn is None
    assert not y.requires_grad


def test_integers_computed_from_a_float_are_not_recorded(x):
    for y in (x > 1, x.argmax(), x == x, x.isnan()):
        assert not y.requires_grad


def test_no_grad_as_a_block(x):
    with nn.no_grad():
        assert not nn.is_grad_enabled()
        assert not (x * 2).requires_grad
    assert nn.is_grad_enabled()
    assert (x * 2).requires_grad


def test_no_grad_as_a_decorator(x):
    @nn.no_grad()
    def double(t):
        """Twice t."""
        return t * 2

    assert not double(x).requires_grad
    assert not double(x).requires_grad
    assert nn.is_grad_enabled()
    assert double.__doc__ == "Twice t."


def test_modes_nest_and_end_with_an_exception(x):
    with nn.no_grad():
        with nn.enable_grad():
            assert (x * 2).requires_grad
            with nn.no_grad():
                assert not (x * 2).requires_grad
            assert (x * 2).requires_grad
        assert not (x * 2).requires_grad
    with pytest.raises(KeyError), nn.no_grad():
        raise KeyError
    assert nn.is_grad_enabled()


def test_one_no_grad_object_can_be_entered_again_and_within_itself():
    off = nn.no_grad()
    with off:
        with off:
            assert not nn.is_grad_enabled()
        assert not nn.is_grad_enabled()
    assert nn.is_grad_enabled()


def test_a_leaf_made_inside_no_grad_may_require_gradients():
    with nn.no_grad():
        x = nn.tensor(1.0, requires_grad=True)
    (x * 3).backward()
    assert x.grad.item() == 3


def test_threads_do_not_see_each_other_s_mode():
    seen = []
    with nn.no_grad():
        thread = threading.Thread(target=lambda: seen.append(nn.is_grad_enabled()))
        thread.start()
        thread.join()
        assert not nn.is_grad_enabled()
    assert seen == [True]


def test_a_decorated_function_runs_in_many_threads_at_once():
    meet, results = threading.Barrier(8), []

    @nn.no_grad()
    def inside():
        meet.wait(timeout=10)
        return nn.is_grad_enabled()

    def work():
        results.append((inside(), nn.is_grad_enabled()))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [(False, True)] * 8


def test_threads_record_and_differentiate_at_once():
    results = {}

    def work(number):
        x = nn.tensor([float(number)], requires_grad=True)
        y = x
        for _ in range(200):
            y = y * 1.01 + x
        y.backward()
        results[number] = x.grad.item() / (1.01**200 + (1.01**200 - 1) / 0.01)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    np.testing.assert_allclose(list(results.values()), 1, rtol=1e-4)


@pytest.mark.usefixtures("no_garbage_collector")
def test_what_is_unreachable_is_freed_at_once_without_the_garbage_collector(x):
    y = x * 2
    z = y.exp().sum()
    dead = [weakref.ref(y), weakref.ref(z)]
    del y, z
    assert [ref() for ref in dead] == [None, None]


@pytest.mark.usefixtures("no_garbage_collector")
def test_backward_frees_the_intermediate_values_while_the_loss_lives(x):
    y = x.exp()
    loss = (y * y).sum()
    dead = weakref.ref(y)
    del y
    assert dead() is not None  # mul has saved it
    loss.backward()
    assert dead() is None
    assert np.isfinite(loss.item())


@pytest.mark.usefixtures("no_garbage_collector")
def test_a_gradient_with_a_graph_and_a_retained_gradient_leave_no_cycle(x):
    y = x * x
    y.retain_grad()
    (g,) = nn.grad(y.sum(), x, create_graph=True)
    (g * g).sum().backward()
    dead = weakref.ref(y), weakref.ref(g)
    del y, g
    assert [ref() for ref in dead] == [None, None]


def test_a_chain_of_100_000_ops_runs_forward_and_backward_and_is_freed():
    x = nn.tensor(1.0, dtype=nn.float64, requires_grad=True)
    y = x
    for _ in range(100_000):
        y = y * 1.00001
    y.backward()
    np.testing.assert_allclose(x.grad.item(), 1.00001**100_000, rtol=1e-9)
    del y


def test_a_chain_that_nobody_differentiates_is_freed_too():
    x = nn.tensor([1.0], requires_grad=True)
    y = x
    for _ in range(100_000):
        y = y + x
    del y
    assert x.grad is None


def test_tensors_are_weakly_referenceable_and_hash_by_identity(x):
    assert weakref.ref(x)() is x
    assert len({x, x, nn.tensor([1.0, 2.0, 3.0])}) == 2


def test_wrap_takes_the_array_without_a_copy():
    array = np.ones(3)
    assert wrap(array)._array is array
    assert type(wrap(np.float64(1))._array) is np.ndarray
