"""Scattering by plain loops, and as the transpose of gathering; and the messages."""

import math

import numpy as np
import pytest

import nn

REDUCE = {"sum": sum, "prod": math.prod, "mean": lambda v: sum(v) / len(v), "amax": max, "amin": min}


@pytest.fixture
def case(rng):
    """A matrix, the rows that the entries of another go to, and that other."""
    return rng.normal(size=(4, 3)), rng.integers(0, 4, (5, 3)), rng.normal(size=(5, 3))


def tensors(case):
    return map(nn.tensor, case)


@pytest.mark.parametrize("include", [True, False])
@pytest.mark.parametrize("reduce", REDUCE)
def test_each_place_holds_the_reduction_of_what_was_brought_there(reduce, include, case):
    x, index, src = case
    expected = x.copy()
    for i in range(4):
        for j in range(3):
            brought = src[index[:, j] == i, j].tolist()
            if brought:
                expected[i, j] = REDUCE[reduce](([x[i, j]] if include else []) + brought)
    given, places, source = tensors(case)
    result = nn.scatter_reduce(given, 0, places, source, reduce, include_self=include)
    np.testing.assert_allclose(result.numpy(), expected)
    if reduce == "sum" and include:
        np.testing.assert_allclose(nn.scatter_add(given, 0, places, source).numpy(), expected)


def test_scattering_is_the_transpose_of_gathering(case):
    _, places, source = tensors(case)
    x = nn.tensor(case[0])
    scattered = nn.scatter_add(nn.zeros(4, 3).double(), 0, places, source)
    assert (x * scattered).sum().item() == pytest.approx((x.gather(0, places) * source).sum().item())


def test_what_was_scattered_to_places_of_its_own_is_gathered_again(rng):
    order = nn.tensor(np.stack([rng.permutation(4) for _ in range(3)], 1))
    x = nn.tensor(rng.normal(size=(4, 3)))
    assert nn.scatter(nn.zeros(4, 3).double(), 0, order, x).gather(0, order).tolist() == x.tolist()
    assert nn.scatter(x, 0, order, 7.0).tolist() == [[7] * 3] * 4


def test_rows_are_added_copied_filled_and_reduced_by_a_vector_of_places(rng):
    x, rows = rng.normal(size=(4, 3)), rng.normal(size=(2, 3))
    t, places, source = nn.tensor(x), nn.tensor([3, 0]), nn.tensor(rows)
    added, copied, filled = x.copy(), x.copy(), x.copy()
    added[[3, 0]] += 2 * rows
    copied[[3, 0]] = rows
    filled[[3, 0]] = 7
    np.testing.assert_allclose(nn.index_add(t, 0, places, source, alpha=2).numpy(), added)
    assert nn.index_copy(t, 0, places, source).tolist() == copied.tolist()
    assert nn.index_fill(t, 0, places, 7.0).tolist() == filled.tolist()
    twice = nn.index_reduce(t, 0, nn.tensor([1, 1]), source, "prod")
    np.testing.assert_allclose(twice[1].numpy(), x[1] * rows[0] * rows[1])


def test_named_twice_an_index_adds_if_it_accumulates():
    x, index, values = nn.zeros(3), nn.tensor([1, 1]), nn.tensor([2.0, 3.0])
    assert nn.index_put(x, (index,), values, accumulate=True).tolist() == [0, 5, 0]
    assert nn.index_put(x, (index,), values).tolist() == [0, 3, 0]
    assert nn.put(x.reshape(3, 1), index, values, accumulate=True).tolist() == [[0], [5], [0]]


def test_a_mask_says_what_is_filled_and_takes_its_elements_in_order(rng):
    x, mask = rng.normal(size=(3, 4)), rng.uniform(size=(3, 4)) > 0.5
    filled, scattered = x.copy(), x.copy()
    filled[mask] = 2
    scattered[mask] = np.arange(12.0)[: mask.sum()]
    assert nn.masked_fill(nn.tensor(x), nn.tensor(mask), 2.0).tolist() == filled.tolist()
    source = nn.arange(12.0).double()
    assert nn.masked_scatter(nn.tensor(x), nn.tensor(mask), source).tolist() == scattered.tolist()


def test_a_slice_that_was_scattered_reads_back(rng):
    x, row, part = (nn.tensor(rng.normal(size=shape)) for shape in ((4, 3), (3,), (2, 3)))
    assert nn.select_scatter(x, row, 0, -1)[-1].tolist() == row.tolist()
    changed = nn.slice_scatter(x, part, 0, 0, 4, 2)
    assert changed[::2].tolist() == part.tolist()
    assert changed[1::2].tolist() == x[1::2].tolist()


@pytest.mark.parametrize("reduce", REDUCE)
def test_the_gradient_agrees_with_differences(reduce, case):
    x, places, source = tensors(case)
    pair = (x.requires_grad_(), source.requires_grad_())
    assert nn.testing.gradcheck(lambda x, s: nn.scatter_reduce(x, 0, places, s, reduce), pair)


def test_what_was_replaced_has_no_gradient_and_a_product_with_zeros_has_its_own():
    x, src = nn.ones(3, requires_grad=True), nn.zeros(2, requires_grad=True)
    nn.scatter(x, 0, nn.tensor([2, 0]), src).sum().backward()
    assert (x.grad.tolist(), src.grad.tolist()) == ([0, 1, 0], [1, 1])
    src = nn.tensor([0.0, 5.0], requires_grad=True)
    nn.scatter_reduce(nn.ones(1), 0, nn.tensor([0, 0]), src, "prod").backward()
    assert src.grad.tolist() == [5, 0]


X, I = nn.zeros(4, 3), nn.zeros(2, 3).long()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.scatter(X, 0, I + 4, 1.0), IndexError, "scatter: index 4 is out of range"),
        (lambda: nn.scatter(X, 0, I, nn.ones(1, 3)), nn.ShapeError, "scatter: index .* reaches beyond src"),
        (
            lambda: nn.scatter(X, 0, I, 1.0, reduce="mean"),
            nn.RangeError,
            "scatter: reduce must be one of add, multiply",
        ),
        (lambda: nn.scatter_reduce(X, 0, I, X, "max"), nn.RangeError, "scatter_reduce: reduce must be one of sum"),
        (lambda: nn.index_add(X, 0, I[0], X[:2]), nn.ShapeError, "index_add: for 3 entries of axis 0 .* source must"),
        (lambda: nn.put(X, nn.tensor([12]), nn.ones(1)), IndexError, "put: "),
        (lambda: nn.masked_scatter(X, X == 0, nn.ones(2)), nn.RangeError, "the mask needs 12 elements, source has 2"),
        (lambda: nn.select_scatter(X, nn.ones(2), 0, 0), nn.ShapeError, "select_scatter: src has shape"),
        (lambda: nn.slice_scatter(X, X, step=0), nn.RangeError, "slice_scatter: step must be 1 or more, got 0"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


MANY = 200_000

TO_ONE_PLACE = {
    "index_add": lambda zero, index, part: zero.index_add(0, index, part),
    "scatter_add": lambda zero, index, part: zero.scatter_add(0, index, part),
    "scatter_reduce": lambda zero, index, part: zero.scatter_reduce(0, index, part, "sum"),
    "index_put": lambda zero, index, part: zero.index_put((index,), part, accumulate=True),
    "put_": lambda zero, index, part: zero.put_(index, part, accumulate=True),
    "x[index]": lambda zero, index, part: gradient_of(lambda w: w[index], part),
    "gather": lambda zero, index, part: gradient_of(lambda w: w.gather(0, index), part),
    "index_select": lambda zero, index, part: gradient_of(lambda w: w.index_select(0, index), part),
    "take": lambda zero, index, part: gradient_of(lambda w: w.take(index), part),
    "repeat_interleave": lambda zero, index, part: gradient_of(lambda w: w.repeat_interleave(MANY), part),
}


def gradient_of(function, part):
    w = nn.zeros(1, requires_grad=True)
    function(w).backward(part)
    return w.grad


@pytest.mark.parametrize("name", TO_ONE_PLACE)
def test_a_long_sum_in_one_place_keeps_its_digits(name):
    part = nn.full((MANY,), 0.1)
    total = TO_ONE_PLACE[name](nn.zeros(1), nn.zeros(MANY, dtype=nn.int64), part)
    assert total.dtype == nn.float32
    assert total.item() == pytest.approx(MANY * float(np.float32(0.1)), rel=1e-6)


@pytest.mark.parametrize("reduce", ["amax", "amin"])
def test_what_does_not_count_takes_no_share_of_the_gradient(reduce):
    """PyTorch counts the element that it leaves out among the ties."""
    values = [-np.inf, np.inf, 3.0, 7.0, 5.0]
    x, s = nn.tensor(values, requires_grad=True), nn.tensor([*values[:3], 3.0, 5.0], requires_grad=True)
    y = nn.scatter_reduce(x, 0, nn.tensor([0, 1, 2, 2, 4]), s, reduce, include_self=False)
    assert y.tolist() == values
    y.backward(nn.tensor([1.0, 2.0, 3.0, 4.0, 5.0]))
    assert (x.grad.tolist(), s.grad.tolist()) == ([0, 0, 0, 4, 0], [1, 2, 1.5, 1.5, 5])
