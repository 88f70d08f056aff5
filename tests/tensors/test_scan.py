"""Running sums, products and extremes beside NumPy's, and what undoes what; and the messages."""

import math

import numpy as np
import pytest

import nn
from nn.kernels import scan as kernels


@pytest.fixture
def x(rng):
    return rng.normal(size=(3, 5))


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_sums_and_products_are_numpy_s(dim, x):
    np.testing.assert_allclose(nn.cumsum(nn.tensor(x), dim).numpy(), np.cumsum(x, dim))
    np.testing.assert_allclose(nn.cumprod(nn.tensor(x), dim).numpy(), np.cumprod(x, dim))
    assert nn.cumsum(nn.tensor([True, True]), 0).dtype == nn.int64
    assert nn.cumsum(nn.tensor([1, 2]), 0, dtype=nn.float64).dtype == nn.float64


def test_differences_undo_the_running_sum(x):
    t = nn.tensor(x)
    np.testing.assert_allclose(nn.diff(nn.cumsum(t, 1), prepend=nn.zeros(3, 1).double()).numpy(), x)
    for n in range(3):
        np.testing.assert_allclose(nn.diff(t, n).numpy(), np.diff(x, n))


def test_the_running_logarithm_of_the_sum_of_powers_is_shifted_by_an_offset_alone(x):
    t = nn.tensor(x)
    np.testing.assert_allclose(nn.logcumsumexp(t, 1).numpy(), np.log(np.cumsum(np.exp(x), 1)))
    np.testing.assert_allclose(nn.logcumsumexp(t + 1e4, 1).numpy(), nn.logcumsumexp(t, 1).numpy() + 1e4)


@pytest.mark.parametrize(("name", "plain"), [("cummax", np.maximum), ("cummin", np.minimum)])
def test_running_extremes_are_numpy_s_and_the_indices_say_where_they_stood(name, plain, x):
    values, indices = getattr(nn, name)(nn.tensor(x), 1)
    assert values.tolist() == plain.accumulate(x, 1).tolist()
    assert np.take_along_axis(x, indices.numpy(), 1).tolist() == values.tolist()
    assert getattr(nn, name)(nn.tensor([1, 1, 1]), 0).indices.tolist() == [0, 1, 2]  # the last of a tie


def test_the_area_under_a_line_is_exact_and_the_running_areas_end_in_it(x):
    grid = nn.tensor(np.sort(x[0]))
    line = 3 * grid + 2
    width = (grid[-1] - grid[0]).item()
    assert nn.trapezoid(line, grid).item() == pytest.approx(width * (line[0] + line[-1]).item() / 2)
    running = nn.cumulative_trapezoid(line, grid)
    assert running.shape == (4,)
    assert running[-1].item() == pytest.approx(nn.trapz(line, grid).item())
    np.testing.assert_allclose(nn.trapezoid(nn.tensor(x), dx=0.5, dim=0).numpy(), 0.5 * (x[:-1] + x[1:]).sum(0) / 2)


@pytest.mark.parametrize("name", ["cumsum", "cumprod", "logcumsumexp"])
def test_the_gradient_agrees_with_differences(name, x):
    assert nn.testing.gradcheck(lambda t: getattr(nn, name)(t, 1), (nn.tensor(x, requires_grad=True),))


def test_the_gradient_of_a_product_with_zeros_is_the_product_of_the_others():
    x = nn.tensor([2.0, 0.0, 3.0], requires_grad=True)
    nn.cumprod(x, 0)[-1].backward()
    assert x.grad.tolist() == [0, 6, 0]


def test_an_infinite_sum_of_exponentials_has_no_slope_where_it_counts():
    x = nn.tensor([0.0, math.inf, 1.0], requires_grad=True)
    y = nn.logcumsumexp(x, 0)
    np.testing.assert_array_equal(nn.grad(y[0], x, retain_graph=True)[0], [1, 0, 0])
    np.testing.assert_array_equal(nn.grad(y.sum(), x)[0], [1, math.nan, 0])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.diff(nn.tensor(1.0)), nn.ShapeError, "diff: expected an axis, the input has none"),
        (lambda: nn.diff(nn.ones(3), -1), nn.RangeError, "diff: n must be 0 or more, got -1"),
        (lambda: nn.trapezoid(nn.tensor(1.0)), nn.ShapeError, "trapezoid: expected an axis, y has none"),
        (lambda: nn.cumsum(nn.ones(3), 1), IndexError, "cumsum: dim 1 is out of range"),
        (lambda: nn.logcumsumexp(nn.tensor([1]), 0), nn.DtypeError, "logcumsumexp: .*floating-point"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("dim", [0, 1, 2])
def test_long_rows_are_added_as_short_ones_are(dim, rng):
    x = rng.normal(size=(7, 9, 300)).astype(np.float32)
    for name, numpys in (("cumsum", np.cumsum), ("cumprod", np.cumprod)):
        got = getattr(nn, name)(nn.tensor(x), dim).numpy()
        np.testing.assert_allclose(got, numpys(x, dim, dtype=np.float64), rtol=1e-6, atol=1e-6)
    values, places = nn.cummax(nn.tensor(np.rint(x)), dim)
    np.testing.assert_array_equal(values.numpy(), np.maximum.accumulate(np.rint(x), dim))
    for line in np.ndindex(*(n for i, n in enumerate(x.shape) if i != dim)):
        index = (*line[:dim], slice(None), *line[dim:])
        row, got = np.rint(x)[index], places.numpy()[index]
        best = np.maximum.accumulate(row)
        for k, place in enumerate(got):
            assert row[place] == best[k]
            assert (row[place + 1 : k + 1] < best[k]).all()


@pytest.mark.parametrize("zeros", [0, 1, 2])
@pytest.mark.parametrize("size", [1.0, 1e-5, 1e5])
def test_the_gradient_of_a_product_is_that_of_all_others(zeros, size, rng):
    x = rng.uniform(0.5, 1.5, (4, 60)) * np.sign(rng.normal(size=(4, 60))) * size
    x[1, [5, 40][:zeros]] = 0
    expected = [[np.prod(np.delete(row, i)) for i in range(60)] for row in x]
    t = nn.tensor(x, requires_grad=True)
    t.prod(1).sum().backward()
    np.testing.assert_allclose(t.grad.numpy(), expected, rtol=1e-12)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("shape", [(500, 37), (3, 7001), (1, 20000), (20000,), (5, 60, 64)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sums_by_products_are_those_taken_one_after_another(shape, dtype, reverse, rng):
    x = rng.normal(size=shape).astype(dtype)
    flip = slice(None, None, -1 if reverse else 1)
    exact = np.cumsum(x.astype(np.float64)[..., flip], axis=-1)[..., flip]
    found = kernels.cumsum(x, dim=-1, reverse=reverse)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, exact, rtol=1e-7 if dtype == np.float32 else 1e-13, atol=1e-12)
    np.testing.assert_array_equal(kernels.cumsum(x, dim=-1, reverse=reverse, out=np.empty_like(x)), found)


def test_an_infinity_changes_no_sum_before_it():
    x = np.ones((500, 64), np.float32)
    x[3, 40], x[7, 5] = np.inf, np.nan
    found = nn.cumsum(nn.tensor(x), 1).numpy()
    np.testing.assert_array_equal(found[3], [*range(1, 41), *[np.inf] * 24])
    np.testing.assert_array_equal(found[7], [*range(1, 6), *[np.nan] * 59])
    np.testing.assert_array_equal(found[4], range(1, 65))
