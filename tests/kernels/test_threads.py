"""Shares of one kernel in several threads: the same numbers, the caller's errors, BLAS as it was before."""

import threading

import numpy as np
import pytest

from nn.kernels import convolution, threads

threadpoolctl = pytest.importorskip("threadpoolctl", reason="the extra `fast` is not installed")


@pytest.fixture
def team(monkeypatch):
    """A team of two whatever the machine has, at work however little there is to do."""
    team = threads._Team()
    team.width()
    team._width = 2
    monkeypatch.setattr(threads, "_team", team)
    monkeypatch.setattr(threads, "ENOUGH", 0)
    monkeypatch.setattr(threads, "LITTLE", 0)
    return team


def blas_threads():
    return [library["num_threads"] for library in threadpoolctl.threadpool_info() if library["user_api"] == "blas"]


def test_shares_cover_all_items_in_order(team):
    assert threads.share(list, range(5), 1) == [[0, 1], [2, 3, 4]]
    assert threads.share(list, [7], 1) == [[7]]
    assert threads.share(list, [], 1) == [[]]


def test_little_work_stays_in_the_caller_s_thread():
    names = threads.share(lambda items: threading.current_thread().name, range(5), operations=1e6)
    assert names == [threading.current_thread().name]


def test_the_shares_run_in_different_threads(team):
    names = threads.share(lambda items: threading.current_thread().name, range(4), 1)
    assert len(set(names)) == 2


@pytest.mark.parametrize("bad", [0, 1])
def test_an_error_in_a_share_is_the_caller_s_and_blas_is_set_free(team, bad):
    before = blas_threads()

    def work(items):
        if bad in items:
            raise ZeroDivisionError("share")

    with pytest.raises(ZeroDivisionError, match="share"):
        threads.share(work, range(2), 1)
    assert blas_threads() == before


def test_blas_uses_one_thread_meanwhile(team):
    before = blas_threads()
    assert threads.share(lambda items: max(blas_threads()), range(4), 1) == [1, 1]
    assert blas_threads() == before


def test_two_threads_of_the_user_may_be_at_it(team, rng):
    before = blas_threads()
    x = rng.normal(size=(60, 50))
    found = []

    def use():
        found.extend(threads.product(x, x.T) for _ in range(20))

    users = [threading.Thread(target=use) for _ in range(2)]
    for user in users:
        user.start()
    for user in users:
        user.join()
    assert len(found) == 40
    for y in found:
        np.testing.assert_allclose(y, x @ x.T, rtol=1e-12, atol=1e-12)
    assert blas_threads() == before


@pytest.mark.parametrize("shape", [(40, 30, 20), (20, 30, 40), (1, 5, 1)])
def test_a_product_in_shares_is_the_product(team, rng, shape):
    n, k, m = shape
    x, y = rng.normal(size=(n, k)), rng.normal(size=(k, m))
    np.testing.assert_allclose(threads.product(x, y), x @ y, rtol=1e-13)
    out = np.empty((n, m))
    assert threads.product(x, y, out) is out
    np.testing.assert_allclose(out, x @ y, rtol=1e-13)


@pytest.mark.parametrize("groups", [1, 2])
def test_convolution_in_shares_is_the_convolution(monkeypatch, rng, groups):
    x, weight, bias = rng.normal(size=(3, 4, 9, 8)), rng.normal(size=(6, 4 // groups, 3, 3)), rng.normal(size=6)
    a = dict(stride=(2, 1), padding=(1, 1), dilation=(1, 2), groups=groups)
    monkeypatch.setattr(convolution, "TILE_BYTES", 2000)  # many tiles

    def maps():
        y = convolution.conv(x, weight, bias, **a)
        dw = convolution.conv_weight_backward(x, y, kernel_size=(3, 3), **a)
        return y, dw, convolution.conv_input_backward(y, weight, input_size=(9, 8), **a)

    alone = maps()
    team = threads._Team()
    team.width()
    team._width = 2
    for name, value in (("_team", team), ("ENOUGH", 0), ("LITTLE", 0)):
        monkeypatch.setattr(threads, name, value)
    for shared, single in zip(maps(), alone, strict=True):
        np.testing.assert_allclose(shared, single, rtol=1e-12, atol=1e-12)


def test_infinities_raise_no_warning_in_any_share(team):
    x = np.full((40, 40), 1e200)
    with np.errstate(all="ignore"):  # as the caller of a kernel does
        assert np.isinf(threads.product(x, x)).all()


@pytest.mark.parametrize("lead", [(2, 3), (0, 3), (4, 1, 2)], ids=str)
def test_many_rows_times_one_matrix_are_one_product(lead):
    rng = np.random.default_rng(0)
    x, other = rng.normal(size=(*lead, 5, 6)), rng.normal(size=(6, 4))
    swapped = np.swapaxes(np.ascontiguousarray(np.swapaxes(x, 0, -2)), 0, -2)
    for left in (x, swapped):
        got = threads.product(left, other)
        assert got.shape == (*lead, 5, 4)
        np.testing.assert_allclose(got, np.einsum("...k,km->...m", x, other), rtol=1e-12, atol=1e-14)
        out = np.zeros((*got.shape, 2))[..., 0]
        assert threads.product(left, other, out) is out
        np.testing.assert_array_equal(out, got)
