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


WHOLE = {
    "logsumexp": lambda m, F, x, n: m.logsumexp(x, n(1)),
    "sum": lambda m, F, x, n: x.sum((n(0), n(2))),
    "std": lambda m, F, x, n: x.std(n(1), correction=n(0)),
    "median": lambda m, F, x, n: x.median(n(1)).values,
    "mode": lambda m, F, x, n: x.mode(n(1)).values,
    "squeeze": lambda m, F, x, n: x[:1].squeeze(n(0)),
    "movedim": lambda m, F, x, n: x.movedim(n(2), n(0)) + x.movedim((n(2),), (n(0),)),
    "unbind": lambda m, F, x, n: x.unbind(n(2))[1],
    "select": lambda m, F, x, n: x.select(n(2), n(1)),
    "select_scatter": lambda m, F, x, n: x.select_scatter(m.ones(2, 3), n(2), n(1)),
    "slice_scatter": lambda m, F, x, n: x.slice_scatter(m.ones(2, 1, 4), n(1), n(1), n(2), n(1)),
    "index_select": lambda m, F, x, n: x.index_select(n(2), m.tensor([1, 1])),
    "index_fill": lambda m, F, x, n: x.index_fill(n(2), m.tensor([1]), n(9)),
    "split": lambda m, F, x, n: x.split(n(3), n(2))[0] + x.split([n(3), n(1)], n(2))[0],
    "chunk": lambda m, F, x, n: x.chunk(n(2), n(2))[1],
    "tensor_split": lambda m, F, x, n: x.tensor_split(n(3), n(2))[1],
    "narrow": lambda m, F, x, n: x.narrow(n(2), n(1), n(2)),
    "roll": lambda m, F, x, n: x.roll(n(1), n(2)),
    "repeat_interleave": lambda m, F, x, n: x.repeat_interleave(n(2), n(1)),
    "repeat": lambda m, F, x, n: x.repeat(n(1), n(2), n(1)),
    "as_strided": lambda m, F, x, n: x.as_strided((n(2), n(2)), (n(1), n(2)), n(1)),
    "topk": lambda m, F, x, n: x.topk(n(2), n(1)).values,
    "full": lambda m, F, x, n: m.full((n(2),), n(7)),
    "fftshift": lambda m, F, x, n: m.fft.fftshift(x, n(1)),
    "mvlgamma": lambda m, F, x, n: m.mvlgamma(x.abs() + 3, n(2)),
    "one_hot": lambda m, F, x, n: F.one_hot(m.tensor([0, 1]), n(3)),
    "interpolate": lambda m, F, x, n: F.interpolate(x, size=n(7)),
    "max_pool2d": lambda m, F, x, n: F.max_pool2d(x, (n(2), n(2)), n(1)),
    "avg_pool1d": lambda m, F, x, n: F.avg_pool1d(x, n(2)),
    "adaptive_avg_pool2d": lambda m, F, x, n: F.adaptive_avg_pool2d(x, (n(2), n(3))),
    "conv1d": lambda m, F, x, n: F.conv1d(x, m.ones(3, 3, 2), stride=n(2), padding=n(1)),
    "cross_entropy": lambda m, F, x, n: F.cross_entropy(x[0], m.tensor([0, 1, 2]), ignore_index=n(1)),
}


@pytest.mark.parametrize("kind", [np.int64, np.int32, nn.tensor])
@pytest.mark.parametrize("name", WHOLE)
def test_a_tensor_and_a_number_of_numpy_s_stand_for_the_integer_in_them(name, kind, rng):
    x = nn.tensor(rng.normal(size=(2, 3, 4)).astype(np.float32))
    plain, other = (WHOLE[name](nn, nn.functional, x, number) for number in (int, kind))
    assert (plain.dtype, plain.shape) == (other.dtype, other.shape)
    np.testing.assert_array_equal(plain.numpy(), other.numpy())


@pytest.mark.parametrize("name", WHOLE)
def test_pytorch_takes_a_tensor_for_the_integer_in_it_too(name, rng):
    torch = pytest.importorskip("torch", reason="the oracle PyTorch is not installed")
    x = rng.normal(size=(2, 3, 4)).astype(np.float32)
    theirs = WHOLE[name](torch, torch.nn.functional, torch.tensor(x), torch.tensor)
    ours = WHOLE[name](nn, nn.functional, nn.tensor(x), nn.tensor)
    assert ours.dtype == theirs.numpy().dtype
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-5)


@pytest.mark.parametrize("wrong", [1.0, nn.tensor(1.0), nn.tensor([1, 0])])
@pytest.mark.parametrize("name", ["unbind", "split", "select", "one_hot", "mvlgamma"])
def test_what_is_no_integer_is_refused(name, wrong):
    with pytest.raises((TypeError, RuntimeError)):
        WHOLE[name](nn, nn.functional, nn.ones(2, 3, 4), lambda v: wrong)


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


def test_an_axis_that_is_no_integer_is_named():
    with pytest.raises(TypeError, match=r"unbind: dim must be an integer, got 1\.5"):
        nn.ones(2, 2).unbind(1.5)
