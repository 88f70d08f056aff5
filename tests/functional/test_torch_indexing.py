"""Picking and putting elements against PyTorch, with derivatives, in float64 and float32."""

import numpy as np
import pytest
from oracle import OURS, THEIRS, compare, compare_both, normal, several, torch

import nn

PICKS = [
    lambda t, x, i: t.gather(x, 0, i), lambda t, x, i: x.gather(1, i), lambda t, x, i: x.gather(-1, i.int().long()),
    lambda t, x, i: t.take_along_dim(x, i[:, :1], 1), lambda t, x, i: x[:, :3].take_along_dim(i[:1] - 2, 0),
    lambda t, x, i: x.take_along_dim(i), lambda t, x, i: t.take(x, i), lambda t, x, i: x.take(i - 5),
    lambda t, x, i: x.take(i[0, 0]), lambda t, x, i: t.index_select(x, 0, i[0]),
    lambda t, x, i: x.index_select(-1, i[1]),
    lambda t, x, i: x.index_select(1, i[0, 0]), lambda t, x, i: t.masked_select(x, x > 0),
    lambda t, x, i: x.masked_select(x[0] > 0), lambda t, x, i: x[:, :1].masked_select(x > 0),
    lambda t, x, i: x[0].masked_select(x > 9), lambda t, x, i: x[i], lambda t, x, i: x[i, i],
    lambda t, x, i: x[:, i[0]],
    lambda t, x, i: x[i[0], None, i[1]], lambda t, x, i: x[..., i], lambda t, x, i: x[x > 0],
    lambda t, x, i: x[x[:, 0] > 0],
    lambda t, x, i: x[:, x[0] > 0], lambda t, x, i: x[True], lambda t, x, i: x[False],
    lambda t, x, i: x[t.tensor(True)],
    lambda t, x, i: x[0, x[0] > 0], lambda t, x, i: x[None, ..., 1:, None], lambda t, x, i: x[i[0] - 3],
    lambda t, x, i: x[1, 2][...], lambda t, x, i: x[1, 2][None], lambda t, x, i: x[1, 2][x[1, 2] > -9],
    lambda t, x, i: x[[0, 1], :2], lambda t, x, i: x[(t.tensor([0, 2]), t.tensor([1, 1]))],
]  # fmt: skip
PUTS = [
    lambda t, x, y: t.scatter_add(x, 0, t.tensor([[0, 2, 0], [0, 1, 0]]), y[:2, :3]),
    lambda t, x, y: x.scatter_add(1, three(t), y[:, :3]),
    lambda t, x, y: t.scatter(x, 1, t.tensor([[0, 2, 1], [3, 1, 0]]), y[:2, :3]),
    lambda t, x, y: x.scatter(0, three(t), 2.5),
    lambda t, x, y: x.scatter(0, t.tensor([[1], [0]]), value=3),
    lambda t, x, y: t.index_add(x, 0, t.tensor([1, 1, 0]), y),
    lambda t, x, y: x.index_add(1, t.tensor([1, 1, 0]), y[:, :3], alpha=-2),
    lambda t, x, y: t.index_copy(x, 1, t.tensor([2, 0]), y[:, 1:3]),
    lambda t, x, y: x.index_copy(0, t.tensor(1), y[:1]),
    lambda t, x, y: t.index_fill(x, 1, t.tensor([0, -1]), 2), lambda t, x, y: x.index_fill(0, t.tensor([1]), y[0, 0]),
    lambda t, x, y: t.index_put(x, (t.tensor([0, -1]),), y[0]),
    lambda t, x, y: x.index_put((t.tensor([0, 1]),), y[0, 0]),
    lambda t, x, y: x.index_put((t.tensor([0, 0]), t.tensor([1, 1])), y[0, :2], accumulate=True),
    lambda t, x, y: x.index_put((t.tensor([0, 0, 2]),), y[:3], True), lambda t, x, y: x.index_put((x > 0,), y[0, 0]),
    lambda t, x, y: x.index_put((x[:, 0] > -9, t.tensor([1])), y[:, 0], True),
    lambda t, x, y: t.put(x, t.tensor([[0, -1], [5, 4]]), y[:2, :2]),
    lambda t, x, y: x.put(t.tensor([0, 3, 0]), y[0, :3], accumulate=True), lambda t, x, y: t.masked_fill(x, x > 0, 2),
    lambda t, x, y: x.masked_fill(y[:1] > 0, y[1, 1]), lambda t, x, y: x[0].masked_fill(y > 0, -1),
    lambda t, x, y: t.masked_scatter(x, x > 0, y), lambda t, x, y: x[0].masked_scatter(x > 0, y),
    lambda t, x, y: x.masked_scatter(x[:, :1] > 0, y), lambda t, x, y: t.select_scatter(x, y[0], 0, -1),
    lambda t, x, y: x.select_scatter(y[:, 0], 1, 2), lambda t, x, y: t.slice_scatter(x, y[:2], 0, 1),
    lambda t, x, y: x.slice_scatter(y[:, :2], 1, None, -1, 2), lambda t, x, y: x.slice_scatter(y[:0], 0, 2, 1),
    lambda t, x, y: t.diagonal_scatter(x, y[0, :3]), lambda t, x, y: t.where(x > 0, x, y),
    lambda t, x, y: x.where(y > 0, y), lambda t, x, y: x.where(y > 0, 0),
]  # fmt: skip


def three(t):
    return t.tensor([[0, 1, 0], [2, 2, 0], [1, 1, 1]])


@pytest.mark.parametrize("function", PICKS)
def test_picking(function, rng):
    index = rng.integers(0, 3, (3, 3))
    compare_both(lambda lib, x: function(lib.top, x, lib.top.tensor(index)), *normal(rng, (3, 4)))


@pytest.mark.parametrize("function", PUTS)
def test_putting(function, rng):
    compare_both(lambda lib, x, y: function(lib.top, x, y), *normal(rng, (3, 4), (3, 4)))


@pytest.mark.parametrize("include_self", [True, False])
@pytest.mark.parametrize("reduce", ["sum", "prod", "mean", "amax", "amin"])
@pytest.mark.parametrize("dim", [0, 1])
def test_scatter_reduce(dim, reduce, include_self, rng):
    def function(lib, x, y):
        return lib.top.scatter_reduce(x, dim, three(lib.top), y, reduce, include_self=include_self)

    x, y = normal(rng, (3, 4), (3, 4))
    y = y[:, :3].copy()
    compare(function, x, y, orders=1 if reduce == "prod" else 2, forward=reduce != "prod")
    compare(function, x.astype(np.float32), y.astype(np.float32), orders=1, rtol=1e-5, atol=1e-5, forward=False)
    for dtype in (np.int64, np.int32, np.uint8):
        compare(function, rng.integers(0, 9, (3, 4)).astype(dtype), rng.integers(0, 9, (3, 4)).astype(dtype), orders=0)


@pytest.mark.parametrize("reduce", ["amax", "amin", "prod"])
def test_scatter_reduce_with_ties_and_zeros(reduce):
    x, y = np.array([1.0, 0.0, 2.0]), np.array([1.0, 0.0, 1.0, 2.0, 0.0, 3.0])
    for index in ([0, 0, 0, 2, 2, 1], [0, 1, 0, 1, 0, 0], [2, 2, 2, 2, 2, 2]):
        compare(
            lambda lib, x, y, index=index: lib.top.scatter_reduce(x, 0, lib.top.tensor(index), y, reduce),
            x, y, orders=1, forward=False,
        )  # fmt: skip


@pytest.mark.filterwarnings("ignore:index_reduce")
@pytest.mark.parametrize("include_self", [True, False])
@pytest.mark.parametrize("reduce", ["prod", "mean", "amax", "amin"])
def test_index_reduce(reduce, include_self, rng):
    for dim in (0, -1):
        compare(
            lambda lib, x, y, dim=dim: x.index_reduce(
                dim, lib.top.tensor([2, 0, 2]), y, reduce, include_self=include_self
            ),
            *normal(rng, (3, 4, 3), (3, 4, 3)), orders=1, forward=False,
        )  # fmt: skip


@pytest.mark.parametrize("shape", [(3, 4), (2,)])
def test_unravel_index(shape, rng):
    places = np.asarray(rng.integers(0, int(np.prod(shape)), (2, 2)))
    for a, b in zip(nn.unravel_index(nn.tensor(places), shape), np.unravel_index(places, shape), strict=True):
        assert a.tolist() == b.tolist()
    with pytest.raises(IndexError, match="unravel_index: index 99 is out of range"):
        nn.unravel_index(nn.tensor([99]), shape)


def test_products_at_zeros_have_right_second_derivatives(rng):
    x, y = nn.tensor(rng.normal(size=2)), nn.tensor([0.0, 2.0, 0.0, 3.0, 5.0], dtype=nn.float64, requires_grad=True)
    index = nn.tensor([0, 0, 0, 0, 1])
    assert nn.testing.gradgradcheck(lambda y: nn.scatter_reduce(x, 0, index, y, "prod"), y)


def test_of_a_source_larger_than_the_index_a_part_counts(rng):
    x, y = normal(rng, (3, 4), (3, 4))
    for name in ("scatter", "scatter_add"):
        compare(lambda lib, x, y, name=name: getattr(x, name)(0, lib.top.tensor([[0, 1]]), y), x, y, orders=0)
        y_ = nn.tensor(y, requires_grad=True)
        getattr(nn.tensor(x), name)(0, nn.tensor([[0, 1]]), y_).sum().backward()
        assert y_.grad.tolist() == [[1, 1, 0, 0], [0] * 4, [0] * 4]


@pytest.mark.filterwarnings("ignore:The reduce argument of torch.scatter")
@pytest.mark.parametrize("reduce", ["add", "multiply"])
def test_scatter_with_the_old_reduce(reduce, rng):
    compare(lambda lib, x, y: x.scatter(0, three(lib.top), y, reduce=reduce), *normal(rng, (3, 4), (3, 4)), orders=0)
    compare(lambda lib, x: x.scatter(1, three(lib.top), 3, reduce=reduce), *normal(rng, (3, 4)), orders=0)


def test_of_values_for_one_place_the_last_stays_and_alone_has_a_gradient():
    for put in (
        lambda x, y: x.scatter(0, nn.tensor([1, 1, 0]), y), lambda x, y: x.index_copy(0, nn.tensor([1, 1, 0]), y),
        lambda x, y: x.index_put((nn.tensor([1, 1, 0]),), y), lambda x, y: x.put(nn.tensor([1, -1, 0]), y),
    ):  # fmt: skip
        x, y = nn.zeros(2, requires_grad=True), nn.tensor([5.0, 6.0, 7.0], requires_grad=True)
        put(x, y).sum().backward()
        assert put(x, y).tolist() == [7, 6]
        assert y.grad.tolist() == [0, 1, 1]
        assert x.grad.tolist() == [0, 0]


@pytest.mark.parametrize("dtype", [np.int64, np.bool_, np.uint8, np.float32])
def test_of_other_dtypes(dtype):
    x, y = ((np.arange(12).reshape(3, 4) % n).astype(dtype) for n in (3, 5))
    for function in PUTS[2:]:
        found = []
        for lib in (OURS, THEIRS):
            try:
                found.append(function(lib.top, lib.top.tensor(x), lib.top.tensor(y)))
            except (RuntimeError, TypeError, NotImplementedError) as error:
                found.append(error)
        ours, theirs = found
        if isinstance(theirs, Exception):
            continue  # what torch has no kernel for
        assert str(ours.dtype) == str(theirs.dtype).removeprefix("torch.")
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())


@pytest.mark.parametrize("value", [1.5, 2, True, -1.0])
@pytest.mark.parametrize("dtype", [np.int64, np.float32, np.bool_])
def test_a_value_takes_the_dtype_of_the_tensor(value, dtype):
    x = np.arange(4).astype(dtype)
    compare(lambda lib, x: x.masked_fill(lib.top.tensor([True, False, True, True]), value), x, orders=0)
    compare(lambda lib, x: x.index_fill(0, lib.top.tensor([1]), value), x, orders=0)
    compare(lambda lib, x: x.scatter(0, lib.top.tensor([1]), value), x, orders=0)


@pytest.mark.parametrize("shape", [(), (1,), (0,), (4,), (2, 3), (2, 0), (2, 3, 2)])
def test_nonzero(shape, rng):
    x = rng.integers(0, 2, shape)
    for function in (
        lambda t, x: t.nonzero(x), lambda t, x: x.nonzero(as_tuple=True), lambda t, x: t.argwhere(x),
        lambda t, x: t.where(x), lambda t, x: t.masked_select(x, x > 0), lambda t, x: x[x > 0], lambda t, x: x[x < 9],
    ):  # fmt: skip
        compare(lambda lib, x, f=function: f(lib.top, x), np.asarray(x), orders=0)


WITHOUT_AXES = [
    lambda t, x: x.gather(0, t.tensor([0, 0])), lambda t, x: x.gather(-1, t.tensor(0)),
    lambda t, x: x.take(t.tensor([0])),
    lambda t, x: x.index_select(0, t.tensor([0])), lambda t, x: x.index_select(0, t.tensor(0)),
    lambda t, x: x.scatter(0, t.tensor(0), 2.0), lambda t, x: x.scatter_add(0, t.tensor(0), x),
    lambda t, x: x.scatter(0, t.tensor([0]), x), lambda t, x: x.index_add(0, t.tensor([0]), x),
    lambda t, x: x.index_copy(0, t.tensor([0]), x), lambda t, x: x.index_fill(0, t.tensor([0]), 2),
    lambda t, x: x.put(t.tensor([0]), x), lambda t, x: x.masked_fill(x > 0, 2), lambda t, x: x.masked_select(x > 0),
    lambda t, x: x.masked_scatter(x > 0, x),
]  # fmt: skip


@pytest.mark.parametrize("function", WITHOUT_AXES)
def test_of_a_tensor_without_axes(function):
    compare(lambda lib, x: function(lib.top, x), np.array(3.0), orders=1, forward=False)


EMPTY = [
    lambda t, x, n: x.gather(0, n[:, None].expand(0, 3)), lambda t, x, n: x.index_select(0, n), lambda t, x, n: x[n],
    lambda t, x, n: x.scatter(0, n[:, None].expand(0, 3), 1.0), lambda t, x, n: x.index_add(0, n, x[:0]),
    lambda t, x, n: x.index_fill(1, n, 1.0), lambda t, x, n: x.take(n), lambda t, x, n: x[x > 99],
    lambda t, x, n: x.masked_fill(x > 99, 1.0), lambda t, x, n: x.masked_scatter(x > 99, x[:0]),
    lambda t, x, n: x.scatter_reduce(0, n[:, None].expand(0, 3), x[:0], "prod"), lambda t, x, n: x.put(n, x[:0, 0]),
    lambda t, x, n: x.index_put((n,), x[:0]), lambda t, x, n: x.index_copy(0, n, x[:0]), lambda t, x, n: x.gather(1, n),
]  # fmt: skip


@pytest.mark.parametrize("rows", [0, 2])
@pytest.mark.parametrize("function", EMPTY)
def test_of_no_elements(function, rows):
    nothing = np.zeros(0, np.int64)
    compare(lambda lib, x: function(lib.top, x, lib.top.tensor(nothing)), np.ones((rows, 3)), orders=1, forward=False)


IN_PLACE = [
    lambda t, x: x.scatter_(0, t.tensor([[0, 1]]), 5.0), lambda t, x: x.scatter_add_(0, t.tensor([[0, 1]]), x * 2),
    lambda t, x: x.index_add_(0, t.tensor([0, 0]), x[:2] + 1), lambda t, x: x.index_fill_(1, t.tensor([0]), 1),
    lambda t, x: x.index_copy_(0, t.tensor([1]), x[:1] + 5), lambda t, x: x.masked_fill_(x > 5, 0),
    lambda t, x: x.masked_scatter_(x > 5, -x), lambda t, x: x.put_(t.tensor([0]), x[2, 2:3] + 1),
    lambda t, x: x.tril_(),
    lambda t, x: x.index_put_((t.tensor([0]),), x[1] + 1), lambda t, x: x.triu_(1),
    lambda t, x: x.scatter_reduce_(0, t.tensor([[2, 2]]), x * 5, "amax"),
]  # fmt: skip


@pytest.mark.parametrize("change", IN_PLACE)
def test_in_place(change):
    found = []
    for lib in (OURS, THEIRS):
        x = lib.top.tensor(np.arange(12.0).reshape(3, 4))
        assert change(lib.top, x) is x
        found.append(x.tolist())
    assert found[0] == found[1]


ITEMS = [
    0, -1, slice(1, 3), (1, 2), (slice(None), 1), (Ellipsis, 0), None, (0, None, slice(1, 3)), [0, 2], [0, 0],
    (slice(None), [1, 1]), ([0, 1], [1, 2]), slice(0, 0), np.array([True, False, True]), True, False,
    ([[0], [2]], [1, 3]),
]  # fmt: skip


@pytest.mark.parametrize("index", ITEMS, ids=repr)
def test_item_assignment(index):
    found = []
    for lib in (OURS, THEIRS):
        x = lib.top.tensor(np.arange(12.0).reshape(3, 4))
        key = lib.top.tensor(index) if isinstance(index, np.ndarray) else index
        x[key] = x[key] * 10
        x[key] = 7
        x[key] += 1
        found.append(x.tolist())
    assert found[0] == found[1]


MIXED = [
    (0, slice(None), [0, 1]), (slice(None), [0, 1], Ellipsis, -1), (-1, None, [0, 1], 1),
    (np.array(1), slice(1, 2), [2, 0]),
    (Ellipsis, 1, slice(None), [0, 1]), (None, 1, None, np.array([True, False, True])),
    (np.array([[True, False, True]] * 2), 1),
    (0, [1, 2], [0, 0], slice(None)), (slice(None), 0, np.array([[0], [1]]), [1, 2]), (1, True),
    (0, slice(None, None, 2), False),
    ([0, 1], 1, slice(None), [0, 1]), (np.array(0), np.array(1), np.array(-1)), (1, [True, False, True], 0),
    (0, Ellipsis, [1]),
]  # fmt: skip


@pytest.mark.parametrize("index", MIXED, ids=str)
def test_integers_are_picked_before_arrays(index, rng):
    def key(lib):
        return tuple(lib.top.tensor(i) if isinstance(i, np.ndarray) else i for i in index)

    x = rng.normal(size=(2, 3, 4, 3))
    compare(lambda lib, x: x[key(lib)], x)
    found = []
    for lib in (OURS, THEIRS):
        t = lib.top.tensor(x)
        t[key(lib)] = 7
        t[key(lib)] += lib.top.arange(float(t[key(lib)].numel())).reshape(t[key(lib)].shape)
        found.append(t.numpy())
    np.testing.assert_array_equal(*found)


def test_assignment_to_a_leaf_tells_what_to_do_instead_while_recording():
    x = nn.ones(2, 3, requires_grad=True)
    for index in (0, (0, [1]), x.detach() > 0):
        with pytest.raises(nn.GradError, match=r"item assignment: a .*leaf that requires gradients .*no_grad.*clone"):
            x[index] = 1.0


BAD = [
    ("gather", (0, [[0.0]])), ("gather", (0, [[3]])), ("gather", (0, [[-1]])), ("gather", (2, [[0]])),
    ("gather", (0, [0])),
    ("gather", (1, [[0], [0], [0], [0]])), ("scatter", (0, [[3]], 1.0)), ("scatter", (0, [0], 1.0)),
    ("scatter_add", (0, [[0, 1]], [[1.0]])), ("scatter_reduce", (0, [[0]], [[1.0]], "median")),
    ("scatter_add", (0, [[0]], [[1]])), ("index_select", (0, [0, 3])), ("index_select", (0, [-1])),
    ("index_select", (0, [[0]])), ("index_select", (5, [0])), ("index_add", (0, [0], [[1.0] * 4] * 2)),
    ("index_add", (0, [-1], [[1.0] * 4])), ("index_add", (0, [0], [[1] * 4])), ("index_copy", (0, [3], [[1.0] * 4])),
    ("index_copy", (0, [0], [[1] * 4])), ("index_fill", (1, [5], 1)), ("index_fill", (1, [0], [9.0])),
    ("take", ([12],)), ("take", ([0.0],)), ("put", ([0, 0], [1.0])), ("put", ([12], [1.0])), ("put", ([0], [1])),
    ("masked_select", ([1, 0],)), ("masked_select", ([True, False],)), ("masked_fill", ([1, 0, 0, 0], 1)),
    ("masked_fill", ([True, False], 1)), ("masked_fill", ([True] * 4, [1.0])),
    ("masked_scatter", ([True] * 4, [1.0, 2.0])),
    ("masked_scatter", ([True] * 4, [1] * 12)), ("select_scatter", ([1.0] * 3, 0, 0)),
    ("select_scatter", ([1.0] * 4, 0, 3)),
    ("slice_scatter", ([[1.0] * 4], 0, 0, 2)), ("take_along_dim", ([[0.0]], 0)), ("take_along_dim", ([0], 0)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments"), BAD, ids=lambda v: str(v)[:40])
def test_errors_are_torch_s_kind(name, arguments):
    def call(lib):
        given = [lib.top.tensor(a) if isinstance(a, list) else a for a in arguments]
        getattr(lib.top.zeros(3, 4), name)(*given)

    with pytest.raises(Exception) as theirs:
        call(THEIRS)
    with pytest.raises(type(theirs.value), match=rf"^{name}: .{{20}}"):
        call(OURS)


def test_strides_that_run_backwards(rng):
    x = rng.normal(size=(6, 8))[::-2, ::-2]
    index = rng.integers(0, 3, (3, 3)).T[:, ::-1]
    for function in PICKS:
        for a, b in zip(
            several(function(nn, nn.from_numpy(x), nn.from_numpy(index))),
            several(function(torch, torch.tensor(x.copy()), torch.tensor(index.copy()))), strict=True,
        ):  # fmt: skip
            np.testing.assert_array_equal(a.numpy(), b.numpy())


def drawn_index(rng, shape):
    """An index of numbers, slices, None, lists, tensors and masks, in any order, for some of the axes."""
    index = []
    for size in shape[: rng.integers(0, len(shape) + 1)]:
        numbers = rng.integers(-size, size, (rng.integers(1, 3), 2))
        choices = [
            int(numbers[0, 0]), numbers[0, 0], slice(int(numbers[0, 0]), None, int(rng.integers(1, 3))), slice(None),
            numbers[0].tolist(), numbers[0], numbers, np.arange(size) % 2 == 0, None,
        ]  # fmt: skip
        index.append(choices[rng.integers(len(choices))])
    if rng.random() < 0.3:
        index.insert(int(rng.integers(0, len(index) + 1)), Ellipsis)
    return tuple(index)


@pytest.mark.parametrize("part", range(8))
def test_any_index_picks_what_torch_picks(part, rng):
    """Values and gradients; an index that one refuses, the other refuses too."""
    for _ in range(100):
        x = rng.normal(size=rng.integers(2, 5, rng.integers(0, 5)))
        index = drawn_index(rng, x.shape)
        picked, given = [], []
        for lib in (nn, torch):
            given.append(lib.tensor(x, requires_grad=True))
            key = tuple(lib.tensor(np.asarray(i)) if isinstance(i, np.ndarray | np.generic) else i for i in index)
            try:
                picked.append(given[-1][key])
            except (IndexError, RuntimeError):
                picked.append(None)
        ours, theirs = picked
        assert (ours is None) == (theirs is None), index
        if ours is not None:
            np.testing.assert_array_equal(ours.detach().numpy(), theirs.detach().numpy(), err_msg=str(index))
            weight = rng.normal(size=ours.shape)
            (ours * nn.tensor(weight)).sum().backward()
            (theirs * torch.tensor(weight)).sum().backward()
            np.testing.assert_allclose(given[0].grad.numpy(), given[1].grad.numpy(), rtol=1e-12, atol=1e-12)
