"""gather, by its definition, and its messages."""

import itertools

import numpy as np
import pytest

import nn


@pytest.mark.parametrize("dim", [0, 1, 2, -1])
def test_gather_by_its_definition(dim, rng):
    x, index = rng.normal(size=(3, 4, 5)), rng.integers(0, 3, (2, 3, 4))
    y = nn.gather(nn.tensor(x), dim, nn.tensor(index)).numpy()
    for place in itertools.product(*map(range, index.shape)):
        source = list(place)
        source[dim] = index[place]
        assert y[place] == x[tuple(source)]


def test_gather_of_argmax_is_max(rng):
    x = nn.tensor(rng.normal(size=(4, 5)))
    assert nn.gather(x, 1, x.argmax(1, keepdim=True)).tolist() == x.amax(1, keepdim=True).tolist()


def test_what_is_gathered_twice_gets_both_gradients():
    x = nn.tensor([1.0, 2.0], requires_grad=True)
    nn.gather(x, 0, nn.tensor([1, 1, 1])).sum().backward()
    assert x.grad.tolist() == [0, 3]


def test_an_index_that_is_no_integer():
    with pytest.raises(nn.DtypeError, match=r"gather: index must be integers, it is float32; use \.long\(\)"):
        nn.gather(nn.zeros(2), 0, nn.tensor([0.0]))
    with pytest.raises(TypeError, match="gather: index must be a tensor, got list"):
        nn.gather(nn.zeros(2), 0, [0])


@pytest.mark.parametrize("wrong", [-1, 3])
def test_an_index_out_of_range(wrong):
    with pytest.raises(RuntimeError, match=rf"gather: index {wrong} is out of (range|bounds)"):
        nn.gather(nn.zeros(3), 0, nn.tensor([0, wrong]))


def test_an_index_of_another_rank():
    with pytest.raises(nn.ShapeError, match="gather: index"):
        nn.gather(nn.zeros(3, 3), 0, nn.tensor([0]))


BYTE_MASK = [1, 0, 1]


@pytest.mark.parametrize("make", [
    lambda: nn.tensor(BYTE_MASK, dtype=nn.uint8), lambda: np.array(BYTE_MASK, np.uint8),
], ids=["tensor", "array"])  # fmt: skip
@pytest.mark.parametrize("index", [
    lambda k: k, lambda k: (k,), lambda k: (k, 0), lambda k: (0, k), lambda k: (slice(None), k), lambda k: (..., k),
    lambda k: (None, k), lambda k: (k, k), lambda k: (k, slice(0, 2)), lambda k: (k, None),
])  # fmt: skip
class TestBytesAreAMask:
    """PyTorch's rule, with its deprecation: bytes are read as booleans."""

    def test_reading(self, make, index):
        x = np.arange(9.0).reshape(3, 3)
        expected = nn.tensor(x)[index(nn.tensor(BYTE_MASK, dtype=nn.bool))]
        with pytest.warns(UserWarning, match="indexing with uint8 is deprecated: it is read as a mask"):
            found = nn.tensor(x)[index(make())]
        np.testing.assert_array_equal(found.numpy(), expected.numpy())

    def test_writing(self, make, index):
        x, y = nn.zeros(3, 3), nn.zeros(3, 3)
        x[index(nn.tensor(BYTE_MASK, dtype=nn.bool))] = 5
        with pytest.warns(UserWarning, match="indexing with uint8 is deprecated"):
            y[index(make())] = 5
        np.testing.assert_array_equal(x.numpy(), y.numpy())

    def test_the_gradient(self, make, index):
        x, y = nn.zeros(3, 3, requires_grad=True), nn.zeros(3, 3, requires_grad=True)
        x[index(nn.tensor(BYTE_MASK, dtype=nn.bool))].sum().backward()
        with pytest.warns(UserWarning, match="indexing with uint8 is deprecated"):
            y[index(make())].sum().backward()
        np.testing.assert_array_equal(x.grad.numpy(), y.grad.numpy())


def test_a_byte_mask_over_several_axes_and_one_without_axes():
    x = nn.arange(4.0).reshape(2, 2)
    for mask in ([[1, 0], [0, 1]], 1, 0):
        bytes_, booleans = nn.tensor(mask, dtype=nn.uint8), nn.tensor(mask, dtype=nn.bool)
        with pytest.warns(UserWarning, match="indexing with uint8 is deprecated"):
            np.testing.assert_array_equal(x[bytes_].numpy(), x[booleans].numpy())
    with pytest.warns(UserWarning, match="uint8"), pytest.raises(IndexError):
        x[nn.tensor([1, 0, 1], dtype=nn.uint8)]


def test_lists_of_numbers_stay_positions():
    x = nn.arange(3.0)
    for dtype in (nn.int8, nn.int16, nn.int32, nn.int64):
        assert x[nn.tensor(BYTE_MASK, dtype=dtype)].tolist() == [1, 0, 1]
    assert x[BYTE_MASK].tolist() == [1, 0, 1]
    with pytest.warns(UserWarning, match="uint8"):
        assert x.index_put((nn.tensor(BYTE_MASK, dtype=nn.uint8),), nn.tensor(5.0)).tolist() == [5, 1, 5]


@pytest.mark.parametrize("call", [
    lambda x, k: x.index_select(0, k), lambda x, k: x.take(k), lambda x, k: x.gather(0, k),
    lambda x, k: x.take_along_dim(k, 0), lambda x, k: x.scatter(0, k, 9.0), lambda x, k: x.scatter_add(0, k, x),
    lambda x, k: x.index_add(0, k, x), lambda x, k: x.index_copy(0, k, x), lambda x, k: x.index_fill(0, k, 1.0),
    lambda x, k: x.put_(k, x), lambda x, k: nn.scatter_reduce(x, 0, k, x, "sum"),
    lambda x, k: nn.index_reduce(x, 0, k, x, "prod"),
], ids=["index_select", "take", "gather", "take_along_dim", "scatter", "scatter_add", "index_add", "index_copy",
        "index_fill", "put_", "scatter_reduce", "index_reduce"])  # fmt: skip
def test_functions_of_positions_refuse_bytes(call):
    with pytest.raises(nn.DtypeError, match=r"(index|indices) must be int32 or int64, got uint8; use .long\(\), or"):
        call(nn.arange(3.0), nn.tensor(BYTE_MASK, dtype=nn.uint8))


@pytest.mark.parametrize("parts", [
    [[0, 1], [1, 2]], [nn.tensor([0, 1]), nn.tensor([1, 2])], [np.array([0, 1]), 1], [[0, 1], 1], [slice(0, 2)], [None],
    [...], [0, slice(0, 2)], [nn.tensor(0), nn.tensor(1)], [nn.tensor([True, False, True])], [(0, 1)], [[0, 2]],
], ids=str)  # fmt: skip
def test_a_list_of_indices_is_one_for_each_axis_as_in_pytorch(parts):
    x = nn.arange(9.0).reshape(3, 3)
    assert x[parts].tolist() == x[tuple(list(part) if isinstance(part, tuple) else part for part in parts)].tolist()
    y, z = x.clone(), x.clone()
    y[parts] = 5.0
    z[tuple(list(part) if isinstance(part, tuple) else part for part in parts)] = 5.0
    assert y.tolist() == z.tolist()


def test_a_list_of_numbers_picks_along_the_first_axis():
    x = nn.arange(9.0).reshape(3, 3)
    assert x[[0, 2]].tolist() == [[0, 1, 2], [6, 7, 8]]
    assert x[[[0, 1]]].shape == (2, 3)
    assert x[np.array([[0, 1]])].shape == (1, 2, 3)
