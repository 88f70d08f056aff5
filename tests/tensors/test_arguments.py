"""What callers may give for a dtype, a shape or an axis."""

import numpy as np
import pytest

import nn
from nn.tensors.arguments import as_dim, as_dtype, as_shape, fitting


@pytest.mark.parametrize("given", [np.float64, "float64", np.dtype("float64"), nn.float64, float])
def test_a_dtype_may_be_a_type_a_word_or_a_dtype(given):
    assert as_dtype(given) == np.float64


def test_no_dtype_is_the_default():
    assert as_dtype(None) == nn.get_default_dtype() == np.float32


def test_a_shape_may_be_numbers_or_one_sequence_of_them():
    assert as_shape((2, 3)) == as_shape(((2, 3),)) == as_shape(([2, np.int64(3)],)) == (2, 3)
    assert as_shape(()) == as_shape(((),)) == ()
    assert as_shape((2,)) == (2,)


def test_a_list_of_axes_is_a_tuple():
    assert (as_dim([0, 1]), as_dim(1), as_dim(None)) == ((0, 1), 1, None)


@pytest.mark.parametrize(
    ("value", "dtype", "expected"),
    [(2.9, "int32", 2), (-2.9, "int32", -2), (-1, "uint8", 255), (127, "int8", 127), (2.9, "float32", 2.9)],
)
def test_a_number_loses_its_fraction_and_an_unsigned_one_counts_from_its_end(value, dtype, expected):
    assert fitting(value, np.dtype(dtype), "test") == expected


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: as_dtype("number"), nn.DtypeError, "dtype: 'number' is unknown; use nn.float32"),
        (lambda: as_dtype(complex), nn.DtypeError, "dtype: complex128 is not supported"),
        (lambda: as_dtype(object), nn.DtypeError, "dtype: object is not supported"),
        (
            lambda: fitting(128, np.dtype("int8"), "fill"),
            nn.RangeError,
            "fill: 128 does not fit into int8.*-128 to 127",
        ),
        (lambda: fitting(float("nan"), np.dtype("int8"), "fill"), nn.RangeError, "fill: nan does not fit into int8"),
        (lambda: as_shape((2.5,)), TypeError, "shape: expected integers, one by one or as a tuple, got 2.5"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize(
    "call",
    [
        lambda x, number: nn.logit(x, number(0.1)),
        lambda x, number: x.std(correction=number(1)),
        lambda x, number: x.topk(number(2)).values,
        lambda x, number: nn.functional.hardtanh(x, number(0.3), number(0.6)),
        lambda x, number: nn.functional.huber_loss(x, 3 * x, delta=number(0.2)),
        lambda x, number: nn.functional.leaky_relu(x - 0.5, number(0.1)),
        lambda x, number: nn.polygamma(number(1), x),
    ],
)
def test_a_tensor_without_axes_stands_for_the_number_in_it(call):
    values, gradients = [], []
    for number in (lambda v: v, nn.tensor):
        x = nn.tensor([0.2, 0.9, 0.4], requires_grad=True)
        y = call(x, number)
        y.sum().backward()
        values.append(y.tolist())
        gradients.append(x.grad.tolist())
    assert values[0] == pytest.approx(values[1])
    assert gradients[0] == pytest.approx(gradients[1])
