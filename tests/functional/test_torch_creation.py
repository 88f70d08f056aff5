"""Constants, ranges, windows and random numbers against PyTorch; distributions by their moments and frequencies."""

import numpy as np
import pytest
from oracle import OURS, THEIRS, torch

import nn

MADE = [
    lambda t: t.arange(5.0), lambda t: t.arange(1, 2, 0.25), lambda t: t.arange(5, 0, -2), lambda t: t.arange(0),
    lambda t: t.arange(end=3), lambda t: t.arange(start=1, end=9, step=3), lambda t: t.arange(0, 0.3, 0.1),
    lambda t: t.arange(1, 5, dtype=t.float64), lambda t: t.arange(t.tensor(3)), lambda t: t.arange(2.5),
    lambda t: t.linspace(0, 1, 1), lambda t: t.linspace(0, 1, 0), lambda t: t.linspace(3, -1, 4),
    lambda t: t.linspace(0, 10, 5, dtype=t.int64), lambda t: t.linspace(t.tensor(0.0), t.tensor(1.0), 3),
    lambda t: t.linspace(-1, 1, 101, dtype=t.float64), lambda t: t.logspace(0, 2, 3), lambda t: t.logspace(0, 2, 3, 2),
    lambda t: t.logspace(0, 2, 1), lambda t: t.logspace(0, 3, 4, dtype=t.int64), lambda t: t.full((2,), True),
    lambda t: t.full((2,), 2.5, dtype=t.int64), lambda t: t.full((), 3), lambda t: t.full((2,), t.tensor(3.0)),
    lambda t: t.full_like(t.tensor([1, 2]), 2.5), lambda t: t.zeros_like(t.tensor([1.0]), dtype=t.int64),
    lambda t: t.ones_like(t.zeros(2, 0)), lambda t: t.empty_like(t.tensor([1])) * 0, lambda t: t.eye(2, 3),
    lambda t: t.eye(0), lambda t: t.eye(2, dtype=t.int64), lambda t: t.tensor([1.0, 2]).new_zeros(2, 3),
    lambda t: t.tensor([1, 2]).new_ones((2,)), lambda t: t.tensor([1, 2]).new_full((2,), 3.7),
    lambda t: t.tensor([1, 2]).new_tensor([1.5, 2]), lambda t: t.tensor([1.0]).new_tensor([1, 2], dtype=t.int64),
    lambda t: t.tensor([1]).new_empty(2) * 0, lambda t: t.tensor([1]).new_zeros(2, dtype=t.float64),
    lambda t: t.scalar_tensor(3), lambda t: t.scalar_tensor(3, dtype=t.int64), lambda t: t.vander(t.tensor([1, 2, 3])),
    lambda t: t.vander(t.tensor([1, 2, 3]), 2),
    lambda t: t.vander(t.tensor([1.0, 2]), 3, True), lambda t: t.vander(t.tensor([1.0, 2, 0]), increasing=True),
    lambda t: t.vander(t.tensor([1, 2]), 0), lambda t: t.as_tensor([1.0, 2.0]), lambda t: t.asarray([1, 2]),
]  # fmt: skip


@pytest.mark.parametrize("make", MADE)
def test_values_and_dtypes(make):
    ours, theirs = make(nn), make(torch)
    assert ours.shape == tuple(theirs.shape)
    assert str(ours.dtype) == str(theirs.dtype).removeprefix("torch.")
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=3e-7, atol=1e-16)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("periodic", [True, False])
@pytest.mark.parametrize("name", ["hann", "hamming", "blackman", "bartlett", "kaiser"])
def test_windows(name, periodic, dtype):
    for length in (0, 1, 2, 3, 8, 33):
        ours, theirs = (
            getattr(lib.top, f"{name}_window")(length, periodic, dtype=getattr(lib.top, dtype))
            for lib in (OURS, THEIRS)
        )
        assert str(ours.dtype) == dtype
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-5, atol=1e-6 if dtype == "float32" else 1e-13)
    ours, theirs = (lib.top.hamming_window(5, True, 0.6, 0.3, requires_grad=True) for lib in (OURS, THEIRS))
    assert ours.requires_grad
    np.testing.assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), rtol=1e-6)


def test_vander_has_derivatives(rng):
    x = nn.tensor(rng.normal(size=3), requires_grad=True)  # torch overwrites what its own backward needs
    assert nn.testing.gradcheck(lambda x: nn.vander(x, 4), x)
    assert nn.testing.gradgradcheck(lambda x: nn.vander(x, 4), x)


BAD = [
    lambda t: t.arange(5, 0), lambda t: t.arange(0, 1, 0), lambda t: t.eye(-1), lambda t: t.vander(t.ones(1, 1)),
    lambda t: t.hann_window(-1), lambda t: t.hann_window(4, dtype=t.int64), lambda t: t.linspace(0, 1, -1),
    lambda t: t.bernoulli(t.tensor([2.0])), lambda t: t.bernoulli(t.tensor([float("nan")])),
    lambda t: t.multinomial(t.tensor([0.0, 0.0]), 1), lambda t: t.multinomial(t.tensor([-1.0, 1.0]), 1),
    lambda t: t.multinomial(t.tensor([1.0, 1.0]), 3), lambda t: t.multinomial(t.tensor([1.0, 1.0]), 0),
    lambda t: t.multinomial(t.tensor([1, 1]), 1), lambda t: t.multinomial(t.ones(1, 1, 1), 1),
    lambda t: t.multinomial(t.tensor([float("inf"), 1.0]), 1), lambda t: t.normal(0.0, -1.0, (2,)),
    lambda t: t.normal(t.tensor([0.0]), t.tensor([-1.0])), lambda t: t.poisson(t.tensor([-1.0])),
    lambda t: t.zeros(1).uniform_(2, 1), lambda t: t.zeros(1).normal_(0, -1), lambda t: t.zeros(1).exponential_(-1),
    lambda t: t.zeros(1).random_(3, 3), lambda t: t.zeros(1, dtype=t.uint8).random_(0, 300), lambda t: t.randperm(-1),
    lambda t: t.zeros(1).geometric_(0.0), lambda t: t.zeros(1).geometric_(1.0), lambda t: t.zeros(1).cauchy_(0, 0),
    lambda t: t.zeros(1).log_normal_(0, 0), lambda t: t.zeros(1, requires_grad=True).normal_(),
    lambda t: t.zeros(1, requires_grad=True).uniform_(), lambda t: t.zeros(1).bernoulli_(1.5),
    lambda t: t.zeros(1, dtype=t.int64).exponential_(),
]  # fmt: skip


@pytest.mark.parametrize("call", BAD)
def test_errors_are_torch_s_kind(call):
    with pytest.raises(Exception) as theirs:
        call(torch)
    with pytest.raises(type(theirs.value), match=r"^\w+: .{20}"):
        call(nn)


@pytest.mark.parametrize("call", [
    lambda t: t.zeros(1, dtype=t.int64).uniform_(), lambda t: t.zeros(1, dtype=t.int64).normal_(),
    lambda t: t.bernoulli(t.tensor([1])), lambda t: t.poisson(t.tensor([1])), lambda t: t.rand(2, dtype=t.int64),
    lambda t: t.rand_like(t.tensor([1])), lambda t: t.randn(2, dtype=t.int64),
])  # fmt: skip
def test_integers_where_floats_are_wanted(call):
    with pytest.raises(NotImplementedError):
        call(torch)
    with pytest.raises(nn.DtypeError, match=r"^\w+: .{20}"):
        call(nn)


# -- distributions: the mean and the standard deviation of many numbers, ours and torch's, near what theory says ------
N = 40_000
E = float(np.exp(1))
DRAWN = {
    "rand": (lambda t: t.rand(N), 0.5, (1 / 12) ** 0.5),
    "rand64": (lambda t: t.rand(N, dtype=t.float64), 0.5, (1 / 12) ** 0.5),
    "rand_like": (lambda t: t.rand_like(t.zeros(N)), 0.5, (1 / 12) ** 0.5),
    "randn": (lambda t: t.randn(N), 0, 1),
    "randn_like": (lambda t: t.randn_like(t.zeros(N)), 0, 1),
    "randint": (lambda t: t.randint(-2, 3, (N,)), 0, 2**0.5),
    "randint_like": (lambda t: t.randint_like(t.zeros(N), 4), 1.5, 1.25**0.5),
    "normal": (lambda t: t.normal(3.0, 2.0, (N,)), 3, 2),
    "normal of tensors": (lambda t: t.normal(t.full((N,), -1.0), t.full((N,), 0.5)), -1, 0.5),
    "bernoulli": (lambda t: t.bernoulli(t.full((N,), 0.3)), 0.3, 0.21**0.5),
    "bernoulli p": (lambda t: t.zeros(N).bernoulli(0.3), 0.3, 0.21**0.5),
    "poisson": (lambda t: t.poisson(t.full((N,), 4.0)), 4, 2),
    "multinomial": (lambda t: t.multinomial(t.tensor([1.0, 0.0, 3.0]), N, True), 1.5, 0.75**0.5),
    "uniform_": (lambda t: t.zeros(N).uniform_(-1, 3), 1, (16 / 12) ** 0.5),
    "normal_": (lambda t: t.zeros(N).normal_(1, 3), 1, 3),
    "bernoulli_": (lambda t: t.zeros(N).bernoulli_(0.2), 0.2, 0.16**0.5),
    "bernoulli_ of a tensor": (lambda t: t.zeros(N).bernoulli_(t.tensor([0.2])), 0.2, 0.16**0.5),
    "exponential_": (lambda t: t.zeros(N).exponential_(2), 0.5, 0.5),
    "log_normal_": (lambda t: t.zeros(N).log_normal_(0, 0.5), E**0.125, ((E**0.25 - 1) * E**0.25) ** 0.5),
    "geometric_": (lambda t: t.zeros(N).geometric_(0.25), 4, 12**0.5),
    "random_": (lambda t: t.zeros(N).random_(2, 5), 3, (2 / 3) ** 0.5),
    "random_ below": (lambda t: t.zeros(N, dtype=t.int64).random_(5), 2, 2**0.5),
    "random_ uint8": (lambda t: t.zeros(N, dtype=t.uint8).random_(), 127.5, (256**2 / 12) ** 0.5),
    "cauchy_": (lambda t: t.zeros(N).cauchy_(1, 2).clamp(-1, 3), 1, None),  # of which only the quartiles are finite
}


@pytest.mark.parametrize("name", DRAWN)
def test_moments(name):
    draw, mean, std = DRAWN[name]
    for lib in (OURS, THEIRS):
        lib.top.manual_seed(1)
        x = draw(lib.top).double().numpy()
        assert abs(x.mean() - mean) < 5 * (std or 1) / N**0.5
        assert std is None or abs(x.std() / std - 1) < 0.05
    assert str(draw(nn).dtype) == str(draw(torch).dtype).removeprefix("torch.")


def test_random_of_each_dtype_stays_within_it():
    for dtype in ("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"):
        x = nn.zeros(2000, dtype=getattr(nn, dtype)).random_().numpy()
        assert x.min() >= 0
        assert len(np.unique(x)) > 1
    assert set(nn.zeros(100, dtype=nn.int64).random_(3, 5).tolist()) == {3, 4}
    assert not (nn.rand(200_000, dtype=nn.float16).numpy() == 1).any()


def test_multinomial_without_replacement_draws_each_once_and_never_what_has_no_weight():
    weights = nn.tensor([[1.0, 2.0, 0.0, 3.0], [0.5, 0.5, 1.0, 0.0]])
    for _ in range(50):
        drawn = weights.multinomial(3)
        assert [sorted(row) for row in drawn.tolist()] == [[0, 1, 3], [0, 1, 2]]
    first = nn.multinomial(weights[:1].expand(20_000, 4), 1).numpy()
    np.testing.assert_allclose(np.bincount(first[:, 0], minlength=4) / 20_000, [1 / 6, 1 / 3, 0, 0.5], atol=0.02)
    assert nn.multinomial(nn.tensor([1.0, 1.0]), 2).dtype == np.int64


@pytest.mark.parametrize(
    "draw",
    [
        lambda g: nn.rand_like(nn.zeros(5), generator=g), lambda g: nn.randn_like(nn.zeros(5), generator=g),
        lambda g: nn.normal(0.0, 1.0, (5,), generator=g), lambda g: nn.bernoulli(nn.full((40,), 0.5), generator=g),
        lambda g: nn.multinomial(nn.ones(50), 5, generator=g), lambda g: nn.poisson(nn.full((9,), 50.0), g),
        lambda g: nn.zeros(5).uniform_(generator=g), lambda g: nn.zeros(5).normal_(generator=g),
        lambda g: nn.zeros(40).bernoulli_(generator=g), lambda g: nn.zeros(5).exponential_(generator=g),
        lambda g: nn.zeros(5).random_(generator=g), lambda g: nn.zeros(5).log_normal_(generator=g),
        lambda g: nn.zeros(5).cauchy_(generator=g), lambda g: nn.zeros(40).geometric_(0.1, generator=g),
        lambda g: nn.randint_like(nn.zeros(9), 999, generator=g),
    ],
)  # fmt: skip
def test_randomness_is_reproducible_by_seed_and_by_generator(draw):
    nn.manual_seed(3)
    first, second = draw(None).tolist(), draw(None).tolist()
    nn.manual_seed(3)
    assert draw(None).tolist() == first != second
    a, b = nn.Generator().manual_seed(5), nn.Generator().manual_seed(5)
    assert draw(a).tolist() == draw(b).tolist() != first


def test_seeds():
    assert nn.seed() == nn.initial_seed() == nn.default_generator.initial_seed()
    assert nn.seed() != nn.seed()
    generator = nn.Generator()
    assert generator.seed() == generator.initial_seed()
