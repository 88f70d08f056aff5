"""Pieces of one kernel in several threads: the same bits for any number of them, and BLAS as it was before."""

import os
import subprocess
import sys
import threading
import weakref

import numpy as np
import pytest

import nn
from nn import settings
from nn.kernels import blas, clipping, convolution, convolution_rows, curvature, pooling, recurrent, threads
from nn.kernels.blas import one_thread


@pytest.fixture
def several(monkeypatch):
    """Two threads whatever the machine has, at work however little there is to do."""
    monkeypatch.setattr(settings, "threads", 2)
    monkeypatch.setattr(threads, "ENOUGH", 1)
    monkeypatch.setattr(threads, "ENOUGH_AT_ONCE", 1)
    monkeypatch.setattr(threads, "LITTLE", 0)
    monkeypatch.setattr(one_thread, "_dials", [blas.Dial(lambda: 1, lambda number: None)])


@pytest.fixture
def dial(monkeypatch):
    """A library that says what it was told."""
    told = [4]
    monkeypatch.setattr(one_thread, "_dials", [blas.Dial(lambda: told[-1], told.append)])
    return told


def test_pieces_cover_all_items_in_order(several):
    assert threads.share(list, range(5), 1) == [[0, 1], [2, 3, 4]]
    assert threads.share(list, range(5), 1, least=3) == [[0, 1, 2, 3, 4]]
    assert threads.share(list, range(5), 100, most=3) == [[0, 1], [2, 3, 4]]  # two threads have as much to do each
    assert threads.share(list, range(5), 100, most=4) == [[0], [1], [2], [3, 4]]
    assert threads.share(list, [7], 100) == [[7]]
    assert threads.share(list, [], 100) == [[]]


def test_little_work_stays_in_the_caller_s_thread():
    names = threads.share(lambda items: threading.current_thread().name, range(5), operations=1e5)
    assert names == [threading.current_thread().name]


def test_the_pieces_run_in_different_threads(several):
    met = threading.Barrier(2, timeout=60)

    def work(items):
        met.wait()
        return threading.current_thread().name

    assert len(set(threads.share(work, range(2), 1))) == 2


@pytest.mark.parametrize("bad", [0, 1])
def test_an_error_in_a_piece_is_the_caller_s_and_blas_is_set_free(several, dial, bad):
    def work(items):
        if bad in items:
            raise ZeroDivisionError("piece")

    with pytest.raises(ZeroDivisionError, match="piece"):
        threads.share(work, range(2), 1)
    assert dial == [4, 1, 4]


def test_nobody_waits_for_a_thread_that_has_not_begun(several):
    free, begun, names = threading.Event(), threading.Event(), []

    def hold(items):
        if threading.current_thread() is not threading.main_thread():
            begun.set()
            free.wait(60)
        else:
            begun.wait(60)

    user = threading.Thread(target=lambda: threads.share(hold, range(2), 1))  # the one helper is busy with this
    user.start()
    assert begun.wait(60)
    threads.share(lambda items: names.append(threading.current_thread().name), range(2), 1)
    assert names == [threading.current_thread().name] * 2
    free.set()
    user.join()


def test_what_a_piece_holds_is_free_when_all_are_done(several):
    class Held:
        pass

    held = Held()
    gone = weakref.ref(held)
    threads.share(lambda items, held=held: id(held), range(2), 1)
    del held
    assert gone() is None


def test_blas_uses_one_thread_meanwhile(several, dial):
    assert threads.share(lambda items: dial[-1], range(4), 1) == [1, 1]
    assert dial == [4, 1, 4]


FORK = """
import os, signal, numpy as np
from nn.kernels.blas import one_thread

one_thread._lock.acquire()  # as another thread does that is on its way in
child = os.fork()
if child == 0:
    signal.alarm(20)
    with one_thread:
        os._exit(0)
print(os.waitpid(child, 0)[1])
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_child_does_not_wait_for_its_parent_s_threads():
    assert subprocess.check_output([sys.executable, "-W", "ignore", "-c", FORK], text=True) == "0\n"


def test_contexts_within_each_other_set_blas_free_once(dial):
    with one_thread, one_thread:
        assert dial == [4, 1]
    assert dial == [4, 1, 4]


def test_small_products_do_not_touch_blas_and_larger_ones_do_not_wake_it(dial, rng):
    small, medium = rng.normal(size=(2, 60, 60)), rng.normal(size=(2, 80, 80))
    threads.product(*small)
    assert dial == [4]
    threads.product(*medium)
    assert dial == [4, 1, 4]
    shape = (2, 40, 40)
    packed = np.zeros(sum(int(np.prod(s)) for s in recurrent.sizes("lstm", shape)), np.float32)
    recurrent.recurrence(packed, cell="lstm", shape=shape)
    assert dial == [4, 1, 4, 1, 4]


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_no_product_of_a_kernel_wakes_the_threads_of_blas(dial, monkeypatch, rng, cell):
    """Within each call that might, the dial stands at one."""
    awake = []

    def watched(function):
        def call(*operands, **kwargs):
            result = function(*operands, **kwargs)
            if dial[-1] != 1 and 2 * operands[0].size * np.shape(operands[1])[-1] >= threads.LITTLE:
                awake.append((function.__name__, [np.shape(o) for o in operands]))
            return result

        return call

    monkeypatch.setattr(np, "matmul", watched(np.matmul))
    shape = (3, 40, 64)
    packed = rng.normal(size=sum(int(np.prod(s)) for s in recurrent.sizes(cell, shape))).astype(np.float32)
    y, kept = recurrent.recurrence(packed, cell=cell, shape=shape)
    recurrent.recurrence_backward(np.ones_like(y), y, packed, cell=cell, shape=shape, kept=kept)
    options = dict(stride=(1, 1), padding=(1, 1), dilation=(1, 1), groups=2)
    x, weight = rng.normal(size=(8, 32, 12, 12)), rng.normal(size=(32, 16, 3, 3))
    y = convolution.conv(x, weight, **options)
    convolution.conv_weight_backward(x, y, kernel_size=(3, 3), **options)
    convolution.conv_input_backward(y, weight, input_size=(12, 12), **options)
    assert not awake


def test_a_long_norm_is_that_of_one_thread(dial):
    clipping.vector_norm(np.ones(100, np.float32), ord=2)
    assert dial == [4]
    assert clipping.vector_norm(np.ones(40_000, np.float32), ord=2) == 200
    assert dial == [4, 1, 4]


def test_the_blas_of_numpy_is_found():
    if not one_thread.reaches():
        pytest.skip("this NumPy brings no OpenBLAS, and threadpoolctl is not installed")
    get = one_thread._dials[0].get
    before = get()
    with one_thread:
        assert get() == 1
    assert get() == before


def test_the_blas_of_numpy_is_the_one_that_threadpoolctl_finds():
    threadpoolctl = pytest.importorskip("threadpoolctl", reason="the extra `fast` is not installed")
    info = threadpoolctl.threadpool_info
    before = [library["num_threads"] for library in info() if library["user_api"] == "blas"]
    with one_thread:
        assert 1 in [library["num_threads"] for library in info() if library["user_api"] == "blas"]
    assert [library["num_threads"] for library in info() if library["user_api"] == "blas"] == before
    assert len(list(blas._any_other())) == len(before)


def test_two_threads_of_the_user_may_be_at_it(several, dial, rng):
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
    assert dial[-1] == 4


@pytest.mark.parametrize("shape", [(40, 30, 20), (20, 30, 40), (1, 5, 1)])
def test_a_product_in_pieces_is_the_product(several, monkeypatch, rng, shape):
    monkeypatch.setattr(threads, "ROWS", 1)
    monkeypatch.setattr(threads, "AREA", 1)
    n, k, m = shape
    x, y = rng.normal(size=(n, k)), rng.normal(size=(k, m))
    np.testing.assert_allclose(threads.product(x, y), x @ y, rtol=1e-13)
    out = np.empty((n, m))
    assert threads.product(x, y, out) is out
    np.testing.assert_allclose(out, x @ y, rtol=1e-13)


@pytest.mark.parametrize("turned", [False, True])
def test_a_small_product_of_long_sums_is_cut_along_the_sums(several, monkeypatch, rng, turned):
    monkeypatch.setattr(threads, "ROWS", 16)
    cut = []
    monkeypatch.setattr(threads._team, "run", lambda *a: cut.append(len(a[1])) or threads._Team.run(threads._team, *a))
    x, y = rng.normal(size=(5, 70)), rng.normal(size=(70, 7))
    x = np.asfortranarray(x) if turned else x
    np.testing.assert_allclose(threads.product(x, y), x @ y, rtol=1e-12, atol=1e-14)
    out = np.empty((5, 7))
    assert threads.product(x, y, out) is out
    np.testing.assert_array_equal(out, threads.product(x, y))
    assert cut == [4, 4, 4]


@pytest.mark.parametrize("groups", [1, 2])
def test_convolution_in_pieces_is_the_convolution(monkeypatch, rng, groups):
    x, weight, bias = rng.normal(size=(3, 4, 9, 8)), rng.normal(size=(6, 4 // groups, 3, 3)), rng.normal(size=6)
    a = dict(stride=(2, 1), padding=(1, 1), dilation=(1, 2), groups=groups)
    monkeypatch.setattr(convolution, "TILE_BYTES", 2000)  # many tiles

    def maps():
        y = convolution.conv(x, weight, bias, **a)
        dw = convolution.conv_weight_backward(x, y, kernel_size=(3, 3), **a)
        return y, dw, convolution.conv_input_backward(y, weight, input_size=(9, 8), **a)

    alone = maps()
    for name, value in (("ENOUGH", 1), ("LITTLE", 0)):
        monkeypatch.setattr(threads, name, value)
    monkeypatch.setattr(convolution, "CHANNELS_OF_A_PIECE", 1)
    monkeypatch.setattr(settings, "threads", 2)
    for shared, single in zip(maps(), alone, strict=True):
        np.testing.assert_allclose(shared, single, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("stride", [1, 2])
def test_pooling_in_pieces_is_the_pooling(several, monkeypatch, rng, stride):
    x = rng.integers(-4, 4, (6, 5, 6, 6)).astype(np.float32)  # with ties
    a = dict(kernel_size=(2, 2), stride=(stride,) * 2, padding=(0, 0), dilation=(1, 1))
    size = (5, 5) if stride == 1 else (3, 3)
    g = rng.normal(size=(6, 5, *size)).astype(np.float32)

    def maps():
        y, place = pooling.max_pool(x, output_size=size, **a)
        return y, place, pooling.max_pool_backward(g, place=place, input_size=(6, 6), **a)

    alone = maps()
    monkeypatch.setattr(pooling, "BLOCK_BYTES", 1)  # an image in each block
    cut = []
    monkeypatch.setattr(threads._team, "run", lambda *a: cut.append(len(a[1])) or threads._Team.run(threads._team, *a))
    for shared, single in zip(maps(), alone, strict=True):
        np.testing.assert_array_equal(shared, single)
    assert cut == [6, 6]


def everything():
    """One large enough example of each kernel that is cut into pieces, and of its gradients."""
    rng = np.random.default_rng(0)

    def draw(*shape):
        return nn.tensor(rng.normal(size=shape).astype(np.float32), requires_grad=True)

    results = []
    for function, shapes in (
        (nn.functional.linear, [(128, 320), (1536, 320), (1536,)]),
        (nn.functional.linear, [(40, 8192), (90, 8192), (90,)]),
        (lambda x, w: nn.functional.conv2d(x, w, padding=1), [(8, 16, 24, 24), (32, 16, 3, 3)]),
        (lambda x, w: nn.functional.conv2d(x, w, stride=2), [(8, 32, 33, 33), (64, 32, 3, 3)]),
        (lambda x, w: nn.functional.conv2d(x, w), [(8, 64, 28, 28), (64, 64, 1, 1)]),
        (lambda x, w: nn.functional.conv2d(x, w, groups=2), [(8, 32, 26, 26), (64, 16, 3, 3)]),
    ):
        operands = [draw(*shape) for shape in shapes]
        y = function(*operands)
        y.square().sum().backward()
        results += [y.detach().numpy(), *(operand.grad.numpy() for operand in operands)]
    nn.manual_seed(0)
    layer = nn.LSTM(64, 96)
    y, _ = layer(draw(16, 24, 64))
    y.square().sum().backward()
    return [*results, y.detach().numpy(), *(p.grad.numpy() for p in layer.parameters())]


def test_the_number_of_threads_does_not_change_a_bit(monkeypatch):
    if not one_thread.reaches():
        pytest.skip("this NumPy brings no OpenBLAS, and threadpoolctl is not installed")
    cut = []
    monkeypatch.setattr(threads, "ENOUGH", 5e7)
    monkeypatch.setattr(threads, "ENOUGH_AT_ONCE", 5e7)
    monkeypatch.setattr(threads._team, "run", lambda *a: cut.append(len(a[1])) or threads._Team.run(threads._team, *a))
    monkeypatch.setattr(settings, "threads", 1)
    alone = everything()
    assert not cut
    for number in (2, 3, 8):
        monkeypatch.setattr(settings, "threads", number)
        for several, one in zip(everything(), alone, strict=True):
            np.testing.assert_array_equal(several, one)
    assert min(cut) >= 2
    assert max(cut) > 2


def test_fewer_operations_are_enough_where_a_piece_is_one_call(monkeypatch):
    monkeypatch.setattr(one_thread, "_dials", [blas.Dial(lambda: 1, lambda number: None)])
    assert threads.ENOUGH_AT_ONCE < threads.ENOUGH
    assert len(threads.share(list, range(8), threads.ENOUGH_AT_ONCE)) == 1
    assert len(threads.share(list, range(8), threads.ENOUGH_AT_ONCE, at_once=True)) == 2


def test_pieces_of_a_sum_are_few():
    assert convolution_rows.SUMS < threads.PIECES  # each of them is as large as the filters


def test_infinities_raise_no_warning_in_any_piece(several, monkeypatch):
    monkeypatch.setattr(threads, "ROWS", 1)
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


# -- how many ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "threads_"),
    [
        ({"OMP_NUM_THREADS": "3"}, 3),
        ({"OPENBLAS_NUM_THREADS": "5", "OMP_NUM_THREADS": "no"}, 5),
        ({"OMP_NUM_THREADS": "4,2", "MKL_NUM_THREADS": "7"}, 4),
        ({"OMP_NUM_THREADS": "0"}, settings.available_cores()),
        ({}, settings.available_cores()),
    ],
)
def test_the_environment_says_how_many(said, threads_):
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    environment = {k: v for k, v in os.environ.items() if k not in names} | said
    program = "import nn; print(nn.get_num_threads()); nn.set_num_threads(6); print(nn.get_num_threads())"
    said = subprocess.check_output([sys.executable, "-c", program], env=environment, text=True)
    assert said.split() == [str(threads_), "6"]


@pytest.mark.parametrize(
    ("files", "lines", "most"),
    [
        ({"cpu.max": "150000 100000"}, "0::/", 2),
        ({"cpu.max": "max 100000"}, "0::/", 64),
        ({"jobs/cpu.max": "100000 100000", "jobs/one/cpu.max": "max 100000"}, "0::/jobs/one", 1),
        ({"cpu/cpu.cfs_quota_us": "300000", "cpu/cpu.cfs_period_us": "100000"}, "1:cpu:/", 3),
        ({"cpu/a/cpu.cfs_quota_us": "50000", "cpu/a/cpu.cfs_period_us": "100000"}, "4:memory:/\n1:cpu:/a", 1),
        ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, "1:cpu:/", 64),
        ({}, "", 64),
    ],
)
def test_a_control_group_limits_the_cores(tmp_path, monkeypatch, files, lines, most):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)), raising=False)
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text + "\n", encoding="ascii")
    own = tmp_path / "own"
    own.write_text(lines + "\n", encoding="ascii")
    assert settings.available_cores(str(tmp_path), str(own)) == most


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int64, bool])
@pytest.mark.parametrize("turned", [(False, False), (True, False), (False, True), (True, True)])
def test_a_small_product_of_two_matrices_is_that_of_matmul(rng, dtype, turned):
    for n, k, m in [(1, 1, 1), (4, 2, 1), (1, 4, 2), (2, 0, 3), (0, 2, 2), (5, 17, 8), (32, 64, 16)]:
        a, b = (rng.normal(size=s[::-1] if t else s) * 3 for s, t in zip([(n, k), (k, m)], turned, strict=True))
        x, other = (v.astype(dtype).T if t else v.astype(dtype) for v, t in zip([a, b], turned, strict=True))
        expected = np.matmul(x, other)
        y = threads.product(x, other)
        assert y.dtype == expected.dtype
        np.testing.assert_allclose(y, expected, rtol=2e-3 if dtype == np.float16 else 1e-5)
        for place in (np.empty_like(expected), np.empty((m, n), dtype).T):  # the second is not contiguous
            assert threads.product(x, other, place) is place
            np.testing.assert_array_equal(place, y)


def test_second_order_steps_wake_no_thread_of_blas(dial, rng):
    """Muon's products and the norm before them, and L-BFGS's products of vectors."""
    settings_ = dict(coefficients=(3.4, -4.8, 2.0), steps=2, eps=1e-7)
    x = curvature.orthogonalized(rng.normal(size=(120, 100)), **settings_)
    assert dial[:3] == [4, 1, 4]
    assert len(dial) == 1 + 2 * (1 + 3 * 2)  # the norm, and three products a step
    assert np.linalg.norm(x, 2) < 1.5
    del dial[1:]
    g, s, y = rng.normal(size=(3, 10_000))
    curvature.lbfgs_direction(g, [y], [s], [1.0], 1.0)
    assert dial == [4, 1, 4, 1, 4]
    del dial[1:]
    curvature.lbfgs_direction(g[:100], [y[:100]], [s[:100]], [1.0], 1.0)  # few numbers do not wake any
    assert dial == [4]
