"""The quick forms of small calls give the bits of the plain ones, whatever the numbers and the shapes."""

import numpy as np
import pytest

import nn
from nn.kernels import activation, linear, loss, reduction, softmax
from nn.replay.flat import actions, taken_apart
from nn.replay.recorder import KERNEL, Call

SHAPES = [(), (1,), (1, 1), (3,), (1, 3), (3, 1), (4, 3), (2, 4, 3), (100, 3), (9, 70)]


def values(rng, shape, dtype=np.float32):
    """Numbers of all sizes, and now and then a zero of either sign, an infinity or a nan."""
    found = (rng.normal(size=shape) * 10.0 ** rng.integers(-4, 5, size=shape)).astype(dtype)
    special = np.array([0.0, -0.0, np.inf, np.nan], dtype)[rng.integers(4, size=shape)]
    return np.where(rng.random(shape) < 0.2, special, found).astype(dtype)


def made(function, operands, named):
    """The result of the quick form."""
    with np.errstate(all="ignore"):
        for act in actions(function, operands, named):
            act()
    return named["out"]


@pytest.mark.parametrize(
    "function", [np.add, np.multiply, np.subtract, np.divide, np.maximum], ids=lambda f: f.__name__
)
def test_elementwise_calls_of_every_pair_of_shapes(function, rng):
    for one in SHAPES:
        for other in SHAPES:
            try:
                shape = np.broadcast_shapes(one, other)
            except ValueError:
                continue
            a, b = values(rng, one), values(rng, other)
            with np.errstate(all="ignore"):
                expected = np.asarray(function(a, b))
            assert made(function, [a, b], {"out": np.empty(shape, np.float32)}).tobytes() == expected.tobytes()
            if shape == one:  # in place, given as the array itself and as another view of it
                for given in (lambda c: c, lambda c: c[...]):
                    c = a.copy()
                    assert made(function, [given(c), b], {"out": c}).tobytes() == expected.tobytes()


def test_a_call_in_place_on_rows_of_its_own_result(rng):
    x = values(rng, (6, 9))
    with np.errstate(all="ignore"):
        expected = x - x[0]
    assert made(np.subtract, [x, x[0]], {"out": x}).tobytes() == expected.tobytes()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int64])
@pytest.mark.parametrize("n", range(1, 11))
def test_sums_of_few_numbers(n, dtype, rng):
    for shape in ((n,), (n, 1), (1, n), (n, 2)):
        for axis in (None, *range(len(shape)), tuple(range(len(shape)))):
            for _ in range(8):
                x = values(rng, shape).astype(dtype) if dtype is not np.int64 else rng.integers(-9, 9, shape)
                x = np.copysign(0, x).astype(dtype) if rng.random() < 0.2 else x
                with np.errstate(all="ignore"):
                    expected = np.asarray(np.add.reduce(x, axis))
                named = {"axis": axis, "dtype": None, "keepdims": False, "out": np.empty_like(expected)}
                assert made(np.add.reduce, [x], named).tobytes() == expected.tobytes()


@pytest.mark.parametrize(
    ("kernel", "shapes", "options"),
    [
        (linear.linear, [(4, 2), (3, 2), (3,)], {}),
        (linear.linear_weight_backward, [(4, 2), (4, 3)], {}),
        (linear.matmul, [(5, 4, 2), (5, 2, 3)], {}),
        (loss.mean_squared_error, [(4, 2), (4, 2)], {}),
        (reduction.mean, [(4, 2)], {}),
        (softmax.log_softmax, [(4, 2)], {"dim": 1}),
        (activation.relu, [(128, 256)], {}),
        (activation.relu_backward, [(128, 256), (128, 256)], {}),
    ],
)
def test_a_small_kernel_of_products_and_sums_becomes_the_calls_that_it_makes(rng, kernel, shapes, options):
    operands = [rng.normal(size=shape).astype(np.float32) for shape in shapes]
    expected = np.asarray(kernel(*operands, **options))
    out = np.empty_like(expected)
    calls, asked = taken_apart(Call(KERNEL, kernel, operands, options, expected, "here"), out, lambda *_: out)
    assert not asked
    for values in (operands, [rng.normal(size=shape).astype(np.float32) for shape in shapes]):
        for operand, value in zip(operands, values, strict=True):
            np.copyto(operand, value)  # a replay reads its inputs where they were
        for call in calls:
            call()
        np.testing.assert_array_equal(out, kernel(*operands, **options))


def half_noted(x, *, out):
    """(n,) -> (2 n,): the second half is written by a call that no array notes."""
    parts = np.empty(2 * len(x), x.dtype)
    np.add(x, 1, out=parts[: len(x)])
    parts[len(x) :] = np.asarray(x)
    return np.multiply(parts, parts, out=out)


def test_a_kernel_that_does_something_unseen_stays_whole(rng):
    """What it has left in an array of its own would pass for what a replay computes, if it had run on these numbers."""
    x = rng.normal(size=5).astype(np.float32)
    out = np.empty(10, np.float32)
    assert taken_apart(Call(KERNEL, half_noted, [x], {}, half_noted(x, out=out), "here"), out, lambda *_: out) is None


@pytest.mark.parametrize(
    ("kernel", "shapes"),
    [
        (linear.matmul, [(64, 128), (128, 64)]),  # beyond it BLAS would take all threads, and round by their number
        (activation.relu, [(129, 256)]),
    ],
)
def test_a_large_kernel_stays_whole(kernel, shapes, rng):
    operands = [rng.normal(size=shape).astype(np.float32) for shape in shapes]
    out = kernel(*operands)
    assert taken_apart(Call(KERNEL, kernel, operands, {}, out, "here"), out, lambda *_: out) is None


@pytest.mark.parametrize("nesterov", [False, True])
def test_a_momentum_that_becomes_0_and_comes_back(nesterov):
    """With momentum a step is other calls than without: what was asked of it is looked at before each replay."""

    def training(captured):
        nn.manual_seed(0)
        layer = nn.Linear(3, 2)
        optimizer = nn.optim.SGD(layer.parameters(), lr=0.1, momentum=0.5, weight_decay=0.01)
        x, found = nn.randn(4, 3), []

        def step():
            optimizer.zero_grad()
            loss = layer(x).square().mean()
            loss.backward()
            optimizer.step()
            return loss

        step = nn.capture(step) if captured else step
        for momentum in (0.5, 0.5, 0.5, 0.25, 0.0, 0.0, 0.0, 0.0, 0.5, 0.5, 0.75):
            group = optimizer.param_groups[0]
            group["momentum"], group["nesterov"] = momentum, nesterov and momentum > 0
            found += [step().tolist(), layer.weight.tolist(), layer.bias.tolist()]
        return found, step

    found, step = training(True)
    assert found == training(False)[0]
    assert step.reason is None
    (kind,) = step._kinds.values()
    calls = [act.func for _, actions in kind.variants[0].program.segments for act in actions]
    assert all(isinstance(call, np.ufunc) or hasattr(call, "__self__") for call in calls)  # and no kernel whole
