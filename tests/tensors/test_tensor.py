"""Tensor: how it is made, its operators, its ways out of the tape, and copies of it."""

import copy
import inspect
import math
import pickle

import numpy as np
import pytest

import nn


# -- made from --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("data", "dtype", "shape"),
    [
        (1, np.int64, ()), (1.5, np.float32, ()), (True, np.bool_, ()), ([], np.float32, (0,)),
        ([1, 2], np.int64, (2,)), ([1, 2.0], np.float32, (2,)), ([True, False], np.bool_, (2,)),
        ([[1.0], [2.0]], np.float32, (2, 1)),
        (((1, 2), (3, 4)), np.int64, (2, 2)), (range(3), np.int64, (3,)), (np.ones(2), np.float64, (2,)),
        (np.float64(1), np.float64, ()), (np.float32(1), np.float32, ()), (np.int8(1), np.int8, ()),
        (np.arange(3, dtype=np.uint8), np.uint8, (3,)), ([np.ones(2), np.ones(2)], np.float64, (2, 2)),
        (nn.ones(2, dtype=nn.float64), np.float64, (2,)), ([nn.tensor(1.0), nn.tensor(2.0)], np.float32, (2,)),
    ],
    ids=repr,
)  # fmt: skip
def test_shape_and_dtype_follow_the_data(data, dtype, shape):
    x = nn.tensor(data)
    assert (x.dtype, x.shape, x.ndim, x.dim(), x.size()) == (dtype, shape, len(shape), len(shape), shape)
    assert x.numel() == math.prod(shape)


@pytest.mark.parametrize("dtype", [nn.float16, nn.float64, nn.int32, nn.bool, "float32", float, int, np.float32])
def test_a_dtype_is_taken(dtype):
    assert nn.tensor([0, 1], dtype=dtype).dtype == np.dtype(dtype)


def test_tensor_copies_and_from_numpy_shares():
    array = np.ones(2, np.float32)
    copied, shared, taken = nn.tensor(array), nn.from_numpy(array), nn.as_tensor(array)
    array[0] = 7
    assert copied.tolist() == [1, 1]
    assert shared.tolist() == taken.tolist() == [7, 1]
    assert nn.as_tensor(shared) is shared
    assert nn.as_tensor(shared, dtype=nn.float64).dtype == np.float64
    assert nn.as_tensor([1.0]).dtype == np.float32


def test_a_tensor_of_a_tensor_has_no_history():
    x = nn.tensor([1.0], requires_grad=True)
    y = nn.tensor(x * 2, requires_grad=True)
    assert y.is_leaf
    (y * 3).backward()
    assert y.grad.tolist() == [3]
    assert x.grad is None


def test_the_class_itself_makes_float32():
    assert nn.Tensor([1, 2]).dtype == np.float32
    assert nn.Tensor().shape == (0,)


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        ("abc", TypeError, "tensor: expected numbers, got 'abc'"),
        ([1j], TypeError, r"tensor: expected numbers, got \[1j\]"),
        ([None], TypeError, r"tensor: expected numbers, got \[None\]"),
        ([[1], [1, 2]], ValueError, "tensor: nested lists must be equally long, got"),
        (np.array(["2020-01-01"], "M8[D]"), TypeError, "tensor: expected numbers, got array"),
    ],
)
def test_data_that_are_no_numbers(data, error, message):
    with pytest.raises(error, match=message):
        nn.tensor(data)


def test_messages_of_the_makers():
    with pytest.raises(nn.DtypeError, match=r"dtype: 'float33' is unknown; use nn.float32"):
        nn.tensor([1.0], dtype="float33")
    with pytest.raises(nn.DtypeError, match="dtype: complex64 is not supported"):
        nn.tensor([1.0], dtype="complex64")
    with pytest.raises(TypeError, match=r"from_numpy: expected a NumPy array, got list; use nn.tensor"):
        nn.from_numpy([1.0])
    with pytest.raises(nn.DtypeError, match="from_numpy: expected numbers, got an array of dtype <U1"):
        nn.from_numpy(np.array(["a"]))


# -- operators --------------------------------------------------------------------------------------------------------
OPERATORS = [
    lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, lambda a, b: a / b, lambda a, b: a**b,
    lambda a, b: a == b, lambda a, b: a != b, lambda a, b: a < b, lambda a, b: a <= b, lambda a, b: a > b,
    lambda a, b: a >= b,
]  # fmt: skip


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("other", [2.0, 3, np.float64(2), np.array([[1.0, 2.0]]), np.array(2.0), nn.tensor([1.0, 3.0])])
def test_operators_take_numbers_arrays_and_tensors_on_either_side(operator, other):
    data = np.array([1.0, 2.0])
    plain = other.numpy() if isinstance(other, nn.Tensor) else other
    x = nn.tensor(data)
    for got, wanted in [(operator(x, other), operator(data, plain)), (operator(other, x), operator(plain, data))]:
        assert type(got) is nn.Tensor
        np.testing.assert_allclose(got.numpy(), wanted)


@pytest.mark.parametrize("operator", OPERATORS[:5])
def test_gradients_flow_with_an_array_on_the_left(operator):
    x = nn.tensor([1.0, 2.0], dtype=nn.float64, requires_grad=True)
    operator(np.array([2.0, 3.0]), x).sum().backward()
    assert nn.testing.gradcheck(lambda x: operator(np.array([2.0, 3.0]), x), x)
    assert x.grad.shape == (2,)


def test_unary_and_logical_operators():
    x, m = nn.tensor([-1.0, 2.0]), nn.tensor([True, False])
    assert (-x).tolist() == [1, -2]
    assert abs(x).tolist() == [1, 2]
    assert (~m).tolist() == [False, True]
    assert (m & True).tolist() == [True, False]
    assert (m | nn.tensor([False, True])).tolist() == [True, True]
    assert (nn.tensor([6]) & nn.tensor([3])).tolist() == [2]


def test_in_place_operators_keep_the_memory():
    x = nn.tensor([1.0, 2.0])
    alias = x.detach()
    x += 1
    x *= 2
    x -= nn.tensor([1.0])
    x /= 3
    assert alias.tolist() == x.tolist() == [1, pytest.approx(5 / 3)]
    assert x.add_(1, alpha=2).sub_(2).mul_(3).div_(3).fill_(4).copy_([5, 6]).tolist() == [5, 6]
    assert x.zero_() is x


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x: x.add_(nn.ones(3)), r"add_: .*\(2,\).*\(3,\)"),
        (lambda x: x.copy_(nn.ones(3)), r"copy_: .*\(3,\).*\(2,\)"),
        (lambda x: x.__setitem__(slice(None), nn.ones(3)), r"item assignment: .*\(3,\)"),
        (lambda x: x.long().mul_(1.5), "mul_: .*float.*int64"),
        (lambda x: x.expand(3, 2).zero_(), "(zero_|fill_): "),
    ],
)
def test_in_place_changes_that_do_not_fit(change, message):
    with pytest.raises(RuntimeError, match=message):
        change(nn.ones(2))


# -- out of the tape --------------------------------------------------------------------------------------------------
def test_item_float_int_bool_index():
    x = nn.tensor([[2.0]])
    assert (x.item(), float(x), int(x), bool(x)) == (2.0, 2.0, 2, True)
    assert type(nn.tensor(3).item()) is int
    assert type(nn.tensor(True).item()) is bool
    assert [10, 20, 30][nn.tensor(1)] == 20
    assert list(range(nn.tensor(2))) == [0, 1]
    assert float(nn.tensor(1.5, requires_grad=True) * 2) == 3
    assert math.floor(nn.tensor(2.7).item()) == 2
    assert f"{nn.tensor(1.23456):.2f}" == "1.23"


@pytest.mark.parametrize("read", [lambda x: x.item(), float, int, bool])
@pytest.mark.parametrize("size", [0, 2])
def test_more_or_less_than_one_element_is_no_number(read, size):
    with pytest.raises(
        RuntimeError, match=rf"(item: expected one element, got {size} in|bool:) a tensor of shape \({size},\)"
    ):
        read(nn.ones(size))


def test_a_float_tensor_is_no_index():
    with pytest.raises(TypeError, match="only an integer tensor can be an index, this one is float32"):
        [1, 2][nn.tensor(1.0)]


def test_len_iter_contains():
    x = nn.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert len(x) == 2
    assert [row.tolist() for row in x] == [[1, 2], [3, 4]]
    first, second = x
    assert (first + second).tolist() == [4, 6]
    assert 3 in x
    assert nn.tensor(4.0) in x
    assert 9 not in x
    for function in (len, iter):
        with pytest.raises(TypeError, match="tensor without axes"):
            function(nn.tensor(1.0))


def test_iteration_carries_gradients():
    x = nn.tensor([1.0, 2.0], requires_grad=True)
    sum(v * v for v in x).backward()
    assert x.grad.tolist() == [2, 4]


def test_numpy_shares_and_is_refused_with_gradients():
    x = nn.tensor([1.0, 2.0])
    x.numpy()[0] = 7
    assert x.tolist() == [7, 2]
    x.requires_grad_()
    for read in (nn.Tensor.numpy, np.asarray, np.array):
        with pytest.raises(nn.GradError, match=r"numpy: this tensor requires gradients.*\.detach\(\)\.numpy\(\)"):
            read(x)
    assert np.shares_memory(x.detach().numpy(), x._array)


def test_array_protocol():
    x = nn.tensor([1.0, 2.0])
    assert np.shares_memory(np.asarray(x), x._array)
    assert not np.shares_memory(np.array(x), x._array)
    assert np.asarray(x, dtype=np.float64).dtype == np.float64
    assert np.asarray(x, np.float32).dtype == np.float32
    assert np.stack([x, x]).shape == (2, 2)
    np.testing.assert_array_equal(x, [1, 2])


def test_tolist_is_plain_python():
    assert nn.tensor([[1, 2]]).tolist() == [[1, 2]]
    assert type(nn.tensor([1.0]).tolist()[0]) is float
    assert nn.tensor(1.0).tolist() == 1.0


# -- elements ---------------------------------------------------------------------------------------------------------
INDICES = [
    0, -1, slice(1, 3), slice(None, None, 2), (1, 2), (slice(None), 1), (Ellipsis, 0), None, (None, 1), [0, 2],
    np.array([2, 0]), np.array([True, False, True]), (slice(None), [1, 1]), ([0, 1], [1, 2]), (slice(0, 0),),
]  # fmt: skip


@pytest.mark.parametrize("index", INDICES, ids=repr)
def test_slicing_and_assignment_are_numpy_s(index):
    array = np.arange(12.0).reshape(3, 4)
    x = nn.tensor(array)
    assert x[index].tolist() == array[index].tolist()
    x[index] = 5
    array[index] = 5
    assert x.tolist() == array.tolist()


def test_a_tensor_is_an_index():
    x = nn.arange(12.0).reshape(3, 4)
    assert x[nn.tensor([2, 0]), nn.tensor(1)].tolist() == [9, 1]
    assert x[x > 9].tolist() == [10, 11]
    assert x[nn.tensor(1)].tolist() == [4, 5, 6, 7]
    x[x > 5] = nn.tensor(0.0)
    assert x.sum().item() == 15


def test_a_slice_shares_the_memory():
    x = nn.zeros(3)
    x[1:][0] = 5
    assert x.tolist() == [0, 5, 0]


@pytest.mark.parametrize("index", [3, (0, 0, 0), [5], "a", 1.5])
def test_an_index_that_does_not_exist(index):
    x = nn.zeros(3, 4)
    with pytest.raises(IndexError):
        x[index]
    with pytest.raises(IndexError):
        x[index] = 1.0


# -- dtypes -----------------------------------------------------------------------------------------------------------
def test_casts():
    x = nn.tensor([1.7, -1.2])
    assert x.to(nn.float32) is x
    casts = (x.double(), x.long(), x.int(), x.bool(), x.type("float16"), x.double().float())
    assert [str(y.dtype) for y in casts] == ["float64", "int64", "int32", "bool", "float16", "float32"]
    assert x.long().tolist() == [1, -1]


@pytest.mark.parametrize("dtype", ["int64", "int32", "int16", "int8", "uint8", "bool"])
def test_the_history_ends_where_a_tensor_becomes_integers(dtype):
    x = nn.tensor([1.75, 2.25, 0.0], requires_grad=True)
    whole = x.to(dtype)
    into = nn.zeros(3, dtype=dtype).copy_(x)
    into[0] = x[1]
    pieces = [whole, into, x.type(dtype), nn.as_tensor(x, dtype=dtype), nn.stack([whole, whole]), whole.double()]
    pieces += [nn.sum(x, 0, dtype=dtype), nn.cumsum(x, 0, dtype=dtype)]
    pieces += [nn.zeros(3, dtype=dtype).index_put((nn.tensor([0]),), whole[:1])]
    assert not any(piece.requires_grad for piece in pieces)
    (x * whole + whole).sum().backward()
    assert x.grad.tolist() == whole.float().tolist()


def test_the_fraction_of_a_number_has_the_gradient_1():
    x = nn.tensor([1.75, -2.25], requires_grad=True)
    (x - x.long()).sum().backward()
    assert x.grad.tolist() == [1, 1]


def test_no_function_gives_integers_a_history():
    """Every function and method of one tensor, as it is and with `dtype`."""
    x, found = nn.tensor([[1.5, 2.5], [0.5, -1.0]], requires_grad=True), []
    for owner in (nn, nn.Tensor, nn.linalg, nn.functional, nn.special):
        for name in dir(owner):
            function = getattr(owner, name)
            if name.startswith("_") or inspect.isclass(function) or not callable(function):
                continue
            for named in ({}, {"dtype": nn.int64}):
                try:
                    results = function(x * 1, **named)
                except Exception:
                    continue
                for y in results if isinstance(results, tuple | list) else [results]:
                    if isinstance(y, nn.Tensor) and y.dtype.kind != "f":
                        found.append(name)
                        assert not y.requires_grad, name
    assert {"long", "isnan", "argmax", "sum", "sort"} <= set(found)
    assert len(found) > 60


def test_a_cast_carries_the_gradient_back_in_the_first_dtype():
    x = nn.tensor([1.0], requires_grad=True)
    (x.double() * 3).backward()
    assert x.grad.dtype == np.float32
    assert x.grad.tolist() == [3]


# -- copies -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
@pytest.mark.parametrize(
    "make", [nn.tensor, nn.Parameter, lambda d, requires_grad: nn.Parameter(nn.tensor(d), requires_grad)]
)
@pytest.mark.parametrize("requires_grad", [False, True])
def test_a_duplicate_is_of_the_same_class_and_independent(duplicate, make, requires_grad):
    x = make([1.0, 2.0], requires_grad=requires_grad)
    y = duplicate(x)
    assert type(y) is type(x)
    assert y.requires_grad == requires_grad
    assert y.is_leaf
    y.data.zero_()
    assert x.tolist() == [1, 2]


def test_a_deep_copy_takes_the_gradient_along():
    x = nn.tensor([1.0], requires_grad=True)
    (x * 2).backward()
    y = copy.deepcopy(x)
    assert y.grad.tolist() == [2]
    y.grad.zero_()
    assert x.grad.tolist() == [2]


def test_a_deep_copy_keeps_aliases():
    x = nn.tensor([1.0])
    a, b = copy.deepcopy([x, x])
    assert a is b


def test_a_result_is_neither_copied_deeply_nor_pickled():
    y = nn.tensor([1.0], requires_grad=True) * 2
    with pytest.raises(RuntimeError, match=r"deepcopy: only leaf tensors can be copied deeply; detach\(\) first"):
        copy.deepcopy(y)
    with pytest.raises(RuntimeError, match=r"pickle: only leaf tensors can be pickled; detach\(\) first"):
        pickle.dumps(y)


def test_clone_and_detach():
    x = nn.tensor([1.0], requires_grad=True)
    y = x.clone()
    assert not np.shares_memory(y._array, x._array)
    y.backward()
    assert x.grad.tolist() == [1]
    assert x.detach()._array is x._array
    assert not x.detach().requires_grad


def test_data_replaces_the_values():
    x = nn.tensor([1.0, 2.0], requires_grad=True)
    x.data = nn.tensor([3.0, 4.0])
    assert x.tolist() == [3, 4]
    assert x.requires_grad
    x.data[0] = 9
    assert x.tolist() == [9, 4]


@pytest.mark.parametrize("dtype", [nn.float64, nn.float16])
@pytest.mark.parametrize("make", [nn.Parameter, lambda x: x.requires_grad_(), lambda x: x, lambda x: nn.ones(2) * x])
def test_data_takes_the_dtype_and_the_shape_over(make, dtype):
    x = make(nn.ones(2))
    x.data = x.data.to(dtype)
    assert x.dtype == dtype
    x.data = nn.zeros(3, dtype=dtype)
    assert x.shape == (3,)
    if x.requires_grad and x.is_leaf:
        (x.float() * 2).sum().backward()
        assert x.grad.dtype == dtype
        assert x.grad.tolist() == [2, 2, 2]


def test_data_shares_the_memory_that_it_is_given():
    p, source = nn.Parameter(nn.ones(2)), nn.zeros(2)
    p.data = source
    y = (p * p).sum()
    source[0] = 5
    assert p.tolist() == [5, 0]
    with pytest.raises(nn.GradError, match="changed in place"):
        y.backward()


@pytest.mark.parametrize(("value", "error", "message"), [
    (np.ones(2), TypeError, "data: expected a tensor, got ndarray; use nn.tensor"),
    ([1.0], TypeError, "data: expected a tensor, got list"),
    (None, TypeError, "data: expected a tensor, got NoneType"),
    (nn.tensor([1, 2]), nn.DtypeError, "data: only floating-point tensors can do this, this one is int64"),
], ids=["array", "list", "None", "integers"])  # fmt: skip
def test_data_that_is_no_tensor_or_cannot_be_trained_is_refused(value, error, message):
    p = nn.Parameter(nn.ones(2))
    with pytest.raises(error, match=message):
        p.data = value
    assert p.tolist() == [1, 1]


@pytest.mark.parametrize(("value", "error", "message"), [
    (nn.ones(3), nn.ShapeError, r"grad: expected the tensor's shape \(2, 3\), got \(3,\); reshape it"),
    (nn.ones(1, 3), nn.ShapeError, r"got \(1, 3\)"),
    (nn.ones(()), nn.ShapeError, r"got \(\)"),
    (nn.ones(3, 2), nn.ShapeError, r"got \(3, 2\)"),
    (nn.ones(2, 3, dtype=nn.float64), nn.DtypeError, r"grad: expected the tensor's dtype float32, got float64"),
    (nn.ones(2, 3, dtype=nn.int64), nn.DtypeError, r"got int64; use .to\(\)"),
    (np.ones((2, 3), np.float32), TypeError, "grad: expected a tensor or None, got ndarray; use nn.tensor"),
    (1.0, TypeError, "grad: expected a tensor or None, got float"),
], ids=str)  # fmt: skip
@pytest.mark.parametrize("make", [nn.Parameter, lambda x: x, lambda x: x.requires_grad_()])
def test_a_gradient_that_does_not_fit_is_refused(make, value, error, message):
    p = make(nn.zeros(2, 3))
    with pytest.raises(error, match=message):
        p.grad = value
    assert p.grad is None


def test_a_gradient_that_fits_is_taken_as_it_is():
    p, g = nn.Parameter(nn.zeros(2)), nn.ones(2)
    p.grad = g
    assert p.grad is g
    nn.optim.SGD([p], lr=0.5).step()
    assert p.tolist() == [-0.5, -0.5]
    p.grad = None
    assert p.grad is None
    p.grad = g
    del p.grad
    assert p.grad is None
    with pytest.raises(nn.GradError, match="grad: a tensor cannot be its own gradient"):
        p.grad = p


@pytest.mark.parametrize("one", [
    lambda v: nn.tensor(v), lambda v: nn.tensor([v]), lambda v: nn.tensor([[v]]), lambda v: nn.full((1, 1, 1), v),
], ids=["no axes", "one axis", "two axes", "three axes"])  # fmt: skip
@pytest.mark.parametrize("wrap", [list, tuple])
def test_a_tensor_of_one_element_in_a_list_is_a_number(one, wrap):
    assert nn.tensor(wrap([one(0.5)])).tolist() == [0.5]
    assert nn.tensor(wrap([wrap([one(0.5)])])).shape == (1, 1)
    assert nn.tensor([[one(0.5), 1], [2.0, one(3.5)]]).tolist() == [[0.5, 1], [2, 3.5]]
    assert nn.as_tensor(wrap([one(0.5)])).shape == nn.zeros(1).new_tensor([one(0.5)]).shape == (1,)


@pytest.mark.parametrize(("data", "dtype"), [
    ([nn.tensor(1, dtype=nn.uint8)], nn.uint8),
    ([nn.tensor(1, dtype=nn.uint8), 2], nn.int64),
    ([nn.tensor(1, dtype=nn.int32), nn.tensor(2, dtype=nn.int32)], nn.int32),
    ([nn.tensor(1.0, dtype=nn.float64), 2], nn.float64),
    ([2, nn.tensor(1.0, dtype=nn.float16)], nn.float16),
    ([2.0, nn.tensor(1.0, dtype=nn.float16)], nn.float32),
    ([nn.tensor(1), nn.tensor(1.5)], nn.float32),
    ([nn.tensor(True), nn.tensor(False)], nn.bool),
    ([nn.tensor(True), 1], nn.int64),
])  # fmt: skip
def test_the_dtype_of_a_list_with_tensors_is_their_common_one(data, dtype):
    assert nn.tensor(data).dtype == dtype
    assert nn.tensor([data]).dtype == dtype


@pytest.mark.parametrize("data", [
    [nn.tensor([1.0, 2.0])], [nn.tensor([1.0, 2.0]), nn.tensor([3.0, 4.0])], [[nn.zeros(2, 2)]], [nn.zeros(0)],
], ids=["one", "two", "matrix", "empty"])  # fmt: skip
def test_larger_tensors_in_a_list_are_refused(data):
    with pytest.raises(
        nn.ShapeError, match=r"or tensors of one element, in the list, got a tensor of shape .*nn.stack"
    ):
        nn.tensor(data)


def test_a_tensor_in_a_list_whose_gradient_would_be_lost_is_warned_of():
    w = nn.tensor([0.5], requires_grad=True)
    with pytest.warns(UserWarning, match="a list holds a tensor that requires gradients, which do not follow"):
        assert not nn.tensor([w, 1.0]).requires_grad


# -- repr -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (lambda: nn.tensor([1.0, 2.5]), "tensor([1.0000, 2.5000])"),
        (lambda: nn.tensor([1.0, 2.0]), "tensor([1., 2.])"),
        (lambda: nn.tensor([1, 2]), "tensor([1, 2])"),
        (lambda: nn.tensor(3), "tensor(3)"),
        (lambda: nn.tensor([True, False]), "tensor([ True, False])"),
        (lambda: nn.tensor([]), "tensor([])"),
        (lambda: nn.tensor([1.0], dtype=nn.float64), "tensor([1.], dtype=float64)"),
        (lambda: nn.tensor([1], dtype=nn.int32), "tensor([1], dtype=int32)"),
        (lambda: nn.tensor([1.0], requires_grad=True), "tensor([1.], requires_grad=True)"),
        (lambda: nn.tensor([1.0], requires_grad=True) * 2, "tensor([2.], grad_fn=<MulBackward0>)"),
        (lambda: nn.tensor([[1.0, 2.0], [3.0, 4.0]]), "tensor([[1., 2.],\n        [3., 4.]])"),
        (lambda: nn.tensor([math.nan, math.inf]), "tensor([nan, inf])"),
    ],
)
def test_repr(tensor, text):
    assert repr(tensor()) == text


def test_repr_of_many_elements_is_short():
    assert "..." in repr(nn.zeros(10_000))
    assert len(repr(nn.zeros(10_000))) < 200


@pytest.mark.parametrize("data", [1j, [1 + 0j], None, [None], "1", ["1.5"], b"1", np.array("2020-01-01", "M8[D]"), {}],
                         ids=str)  # fmt: skip
@pytest.mark.parametrize(
    "make",
    [
        nn.tensor,
        lambda data: nn.tensor(data, dtype=nn.float32),
        lambda data: nn.tensor(data, dtype=nn.bool),
        lambda data: nn.as_tensor(data, dtype=nn.float64),
        lambda data: nn.ones(1).new_tensor(data),
        lambda data: nn.Tensor(data),
        lambda data: nn.zeros(1).fill_(data),
        lambda data: nn.zeros(1).__setitem__(0, data),
    ],
)
def test_what_is_no_real_number_is_refused_whatever_the_dtype(make, data):
    """NumPy makes nan of None, 0 of 1j, 1 of "1" and a number of a date."""
    with pytest.raises(TypeError, match=r"expected (numbers|a tensor or a number), got"):
        make(data)


@pytest.mark.parametrize(("data", "dtype"), [
    ([np.float32(1), 2], "float32"), ([np.float32(1), 2.5], "float32"), ([[np.float32(1)], [2]], "float32"),
    ([np.int32(1), 2.5], "float32"), ([np.float64(1), 2.5], "float64"), ([np.float16(1), 2], "float16"),
    ([np.int8(1), np.int8(2)], "int8"), ([np.float32(1), np.float64(2)], "float64"), ([2, np.float32(1)], "float32"),
])  # fmt: skip
def test_numpy_s_numbers_in_a_list_are_not_made_wider_by_python_s(data, dtype):
    assert nn.tensor(data).dtype == dtype
