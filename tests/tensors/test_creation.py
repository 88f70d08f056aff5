"""Tensors from a shape: sizes, dtypes, ranges, randomness, messages."""

import math

import numpy as np
import pytest

import nn

MAKERS = [nn.zeros, nn.ones, nn.empty, nn.rand, nn.randn]


@pytest.mark.parametrize("make", MAKERS)
def test_a_size_is_given_as_numbers_or_as_one_sequence(make):
    for size in [(2, 3), ((2, 3),), ([2, 3],), (np.int64(2), 3)]:
        assert make(*size).shape == (2, 3)
    assert make(0).shape == (0,)
    assert make(()).shape == ()


@pytest.mark.parametrize("make", [*MAKERS, nn.eye, nn.arange])
def test_dtype_and_requires_grad(make):
    assert make(2, dtype=nn.float64).dtype == np.float64
    assert make(2, dtype="float16").dtype == np.float16
    assert make(2, dtype=nn.float32, requires_grad=True).requires_grad
    assert not make(2).requires_grad


@pytest.mark.parametrize("make", [*MAKERS, nn.eye])
def test_the_default_dtype_is_float32(make):
    assert make(2).dtype == np.float32


@pytest.mark.parametrize("make", [*MAKERS, nn.eye, nn.arange])
@pytest.mark.parametrize("dtype", ["foo", "complex64", "U3", object, "datetime64[s]"])
def test_an_unknown_dtype(make, dtype):
    with pytest.raises(nn.DtypeError, match=r"dtype: .* (is unknown|is not supported); use nn.float32, nn.float64"):
        make(2, dtype=dtype)


@pytest.mark.parametrize("make", [nn.zeros, nn.ones, nn.empty])
def test_integers_cannot_require_gradients(make):
    with pytest.raises(nn.DtypeError, match="requires_grad: only floating-point tensors"):
        make(2, dtype=nn.int64, requires_grad=True)


def test_values():
    assert nn.zeros(2).tolist() == [0, 0]
    assert nn.ones(2).tolist() == [1, 1]
    assert nn.full((2,), 1.5).tolist() == [1.5, 1.5]
    assert nn.eye(2, 3).tolist() == [[1, 0, 0], [0, 1, 0]]
    assert nn.arange(2, 8, 3).tolist() == [2, 5]
    assert nn.linspace(0, 1, 5).tolist() == [0, 0.25, 0.5, 0.75, 1]


@pytest.mark.parametrize(
    ("value", "dtype"), [(1, nn.int64), (1.0, nn.float32), (True, nn.bool), (np.float64(1), nn.float32)]
)
def test_the_dtype_of_full(value, dtype):
    assert nn.full((2,), value).dtype == dtype


@pytest.mark.parametrize("dtype", [nn.float64, nn.int32, nn.bool])
def test_likes_take_shape_and_dtype(dtype):
    x = nn.zeros(2, 3, dtype=dtype)
    for y in (nn.zeros_like(x), nn.ones_like(x), nn.full_like(x, 1)):
        assert (y.shape, y.dtype) == ((2, 3), dtype)


def test_likes_take_no_gradient():
    x = nn.zeros(2, requires_grad=True)
    assert not nn.ones_like(x).requires_grad


def test_rand_lies_in_0_to_1_and_randn_is_normal():
    g = nn.Generator().manual_seed(1)
    u, z = nn.rand(20_000, generator=g).numpy(), nn.randn(20_000, generator=g).numpy()
    assert u.min() >= 0
    assert u.max() < 1
    np.testing.assert_allclose([u.mean(), u.var(), z.mean(), z.var()], [0.5, 1 / 12, 0, 1], atol=0.03)


def test_randint_and_randperm():
    g = nn.Generator().manual_seed(1)
    x = nn.randint(-2, 3, (1000,), generator=g)
    assert set(x.tolist()) == {-2, -1, 0, 1, 2}
    assert x.dtype == np.int64
    assert sorted(nn.randperm(50, generator=g).tolist()) == list(range(50))


def test_randint_from_0():
    assert set(nn.randint(2, (100,)).tolist()) <= {0, 1}


@pytest.mark.parametrize(
    "draw",
    [lambda **k: nn.rand(5, **k), lambda **k: nn.randn(5, **k), lambda **k: nn.randperm(50, **k),
     lambda **k: nn.randint(0, 1000, (5,), **k)],
)  # fmt: skip
def test_randomness_is_reproducible_by_seed_and_by_generator(draw):
    nn.manual_seed(3)
    first, second = draw().tolist(), draw().tolist()
    nn.manual_seed(3)
    assert draw().tolist() == first
    assert first != second
    a, b = nn.Generator().manual_seed(5), nn.Generator().manual_seed(5)
    assert draw(generator=a).tolist() == draw(generator=b).tolist()


@pytest.mark.parametrize(
    "call",
    [lambda: nn.zeros(-1), lambda: nn.randint(5, 2, (2,)), lambda: nn.linspace(0, 1, -1), lambda: nn.arange(5, 0)],
)
def test_impossible_sizes(call):
    with pytest.raises(RuntimeError):
        call()


def test_a_length_that_is_no_integer():
    with pytest.raises(TypeError):
        nn.zeros(2.5)


BYTES = {
    "full": lambda v: nn.full((2,), v, dtype=nn.uint8),
    "full_like": lambda v: nn.full_like(nn.zeros(2, dtype=nn.uint8), v),
    "new_full": lambda v: nn.zeros(2, dtype=nn.uint8).new_full((2,), v),
    "scalar_tensor": lambda v: nn.scalar_tensor(v, dtype=nn.uint8),
    "tensor": lambda v: nn.tensor([v, v], dtype=nn.uint8),
    "tensor of a number": lambda v: nn.tensor(v, dtype=nn.uint8),
    "as_tensor": lambda v: nn.as_tensor([v], dtype=nn.uint8),
    "new_tensor": lambda v: nn.zeros(2, dtype=nn.uint8).new_tensor([v]),
    "fill_": lambda v: nn.zeros(2, dtype=nn.uint8).fill_(v),
    "item assignment": lambda v: nn.zeros(2, dtype=nn.uint8).__setitem__(0, v),
    "masked_fill": lambda v: nn.zeros(2, dtype=nn.uint8).masked_fill(nn.tensor([True, False]), v),
    "masked_fill_": lambda v: nn.zeros(2, dtype=nn.uint8).masked_fill_(nn.tensor([True, False]), v),
    "index_fill": lambda v: nn.zeros(2, dtype=nn.uint8).index_fill(0, nn.tensor([1]), v),
    "scatter": lambda v: nn.zeros(2, dtype=nn.uint8).scatter(0, nn.tensor([1]), v),
    "pad": lambda v: nn.functional.pad(nn.zeros(2, dtype=nn.uint8), (1, 1), value=v),
    "where": lambda v: nn.where(nn.tensor([True, False]), nn.zeros(2, dtype=nn.uint8), v),
    "where, first": lambda v: nn.where(nn.tensor([True, False]), v, nn.zeros(2, dtype=nn.uint8)),
    "clamp": lambda v: nn.zeros(2, dtype=nn.uint8).clamp(max=v),
    "add": lambda v: nn.zeros(2, dtype=nn.uint8) + v,
    "mul": lambda v: v * nn.zeros(2, dtype=nn.uint8),
    "add_": lambda v: nn.zeros(2, dtype=nn.uint8).add_(v),
    "remainder": lambda v: nn.zeros(2, dtype=nn.uint8) % v,
    "number without axes": lambda v: nn.tensor(1, dtype=nn.uint8) + v,
}


ARITHMETIC_OF_NUMPY_1 = ("clamp", "add-", "mul", "remainder", "number without axes")


@pytest.mark.parametrize("value", [256, 300, 2**70, -256], ids=str)
@pytest.mark.parametrize("call", BYTES.values(), ids=BYTES)
def test_a_number_that_a_dtype_cannot_hold_is_refused(call, value, request):
    if np.lib.NumpyVersion(np.__version__) < "2.0.0" and request.node.callspec.id.startswith(ARITHMETIC_OF_NUMPY_1):
        pytest.skip("NumPy before version 2 takes a wider dtype there")
    with pytest.raises(nn.RangeError, match=f"{value} does not fit into uint8"):
        call(value)


ARITHMETIC = ("clamp", "add", "mul", "add_", "remainder", "number without axes")


@pytest.mark.parametrize("name", [name for name in BYTES if name not in ARITHMETIC])
def test_a_number_that_fits_is_taken(name):
    for value in (0, 1, 255):
        result = BYTES[name](value)
        assert result is None or value in result.ravel().tolist()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e30], ids=str)
@pytest.mark.parametrize("dtype", [nn.uint8, nn.int8, nn.int32, nn.int64])
def test_a_float_that_an_integer_dtype_cannot_hold_is_refused(dtype, value):
    for call in (
        lambda: nn.full((2,), value, dtype=dtype),
        lambda: nn.tensor([0.0, value], dtype=dtype),
        lambda: nn.zeros(2, dtype=dtype).fill_(value),
        lambda: nn.zeros(2, dtype=dtype).masked_fill(nn.tensor([True, False]), value),
    ):
        with pytest.raises(nn.RangeError, match=r"does not fit into u?int\d+, which holds"):
            call()


def test_what_pytorch_allows_stays_allowed():
    assert nn.full((1,), -1, dtype=nn.uint8).tolist() == [255]
    assert nn.tensor([-1], dtype=nn.uint8).tolist() == [255]
    assert nn.full((1,), 1.9, dtype=nn.int8).tolist() == [1]
    assert nn.full((1,), -1.9, dtype=nn.int8).tolist() == [-1]
    assert nn.full((1,), 300, dtype=nn.bool).tolist() == [True]
    assert nn.full((1,), 2**63, dtype=nn.float32).tolist() == [2.0**63]
    assert nn.full((1,), 2**63 - 1, dtype=nn.int64).tolist() == [2**63 - 1]
    assert nn.full((1,), float("inf")).tolist() == [float("inf")]
    assert nn.tensor(np.array([300]), dtype=nn.uint8).tolist() == [44]  # a cast of an array wraps, as .to() does
    assert nn.zeros(1, dtype=nn.uint8).where(nn.tensor([False]), 300.5).tolist() == [300.5]


@pytest.mark.parametrize("data", [2**63, [2**63], [[1, 2**70]], -(2**63) - 1])
def test_an_integer_beyond_int64_is_refused_unless_a_float_is_asked_for(data):
    with pytest.raises(nn.RangeError, match="does not fit into int64, which holds"):
        nn.tensor(data)
    assert nn.tensor(data, dtype=nn.float64).dtype == nn.float64


def test_a_scalar_tensor_is_one_number_in_memory_of_its_own():
    x = nn.tensor([2.0])
    y = nn.scalar_tensor(x)
    assert y.shape == ()
    y.add_(1)
    assert x.tolist() == [2.0]
    with pytest.raises(nn.ShapeError, match=r"scalar_tensor: s must be one number, got shape \(2,\); use nn\.tensor"):
        nn.scalar_tensor([1.0, 2.0])


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.tensor(1e300),
        lambda: nn.tensor([1e5], dtype=nn.float16),
        lambda: nn.as_tensor([1e5], dtype=nn.float16),
        lambda: nn.scalar_tensor(1e5, dtype=nn.float16),
        lambda: nn.zeros(2, dtype=nn.float16).new_tensor([1e5]),
        lambda: nn.linspace(1e5, 2e5, 3, dtype=nn.float16),
        lambda: nn.randint(99_999, 100_000, (2,), dtype=nn.float16),
        lambda: nn.full((2,), math.inf, dtype=nn.float16).nan_to_num(posinf=1e5),
        lambda: nn.Module.half(nn.ParameterList([nn.full((2,), 1e5)]))[0],
        lambda: nn.histc(nn.full((70_000,), 0.5, dtype=nn.float16), 1, 0, 1),
    ],
)
def test_what_is_too_large_for_a_float_dtype_is_infinite_without_a_warning(make):
    assert make().isinf().all()


@pytest.mark.parametrize(
    "call",
    [
        lambda: nn.full((1,), 2**70),
        lambda: nn.arange(2**70, 2**70 + 2),
        lambda: nn.arange(-(2**70), 0),
        lambda: nn.arange(0, 1, 2**70),
        lambda: nn.randint(0, 2**70, (1,)),
        lambda: nn.randint(-(2**70), 0, (1,)),
        lambda: nn.randint_like(nn.zeros(2, dtype=nn.int64), 2**70),
    ],
)
def test_what_makes_integers_refuses_those_beyond_int64(call):
    with pytest.raises(nn.RangeError, match=r"^(full|arange|randint): -?\d+ does not fit into int64, which holds"):
        call()
    assert nn.randint(2**63 - 1, 2**63, (2,)).tolist() == [2**63 - 1] * 2


def test_an_initialisation_refuses_what_the_dtype_cannot_hold():
    with pytest.raises(nn.RangeError, match="constant_: 300 does not fit into uint8"):
        nn.init.constant_(nn.zeros(1, dtype=nn.uint8), 300)
    assert nn.init.constant_(nn.zeros(1, dtype=nn.uint8), 255).tolist() == [255]


@pytest.mark.parametrize(
    "call",
    [
        lambda: nn.zeros(2**70), lambda: nn.ones(2**31, 2**31), lambda: nn.empty(2**62), lambda: nn.randn(2**60, 3),
        lambda: nn.full((2**63,), 1), lambda: nn.ones(1).expand(2**70), lambda: nn.ones(2).repeat(2**62),
        lambda: nn.ones(2).new_zeros(2**62), lambda: nn.randint(0, 5, (2**62,)), lambda: nn.ones(2).view(2**70),
        lambda: nn.functional.one_hot(nn.tensor([0]), 2**70),
    ],
)  # fmt: skip
def test_what_no_memory_can_hold_is_refused_in_a_sentence(call):
    with pytest.raises(nn.RangeError, match=r"\w+: .* more elements than memory can hold; make it smaller"):
        call()
