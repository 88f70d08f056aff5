"""Tensors from a shape: sizes, dtypes, ranges, randomness, messages."""

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
