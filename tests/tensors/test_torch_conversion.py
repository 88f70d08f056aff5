"""Conversions, promotion and limits of types against PyTorch."""

import itertools

import numpy as np
import pytest
from oracle import OURS, THEIRS, torch

import nn

DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]


@pytest.mark.parametrize("name", ["half", "float", "double", "char", "short", "int", "long", "byte", "bool"])
def test_short_conversions(name):
    for dtype in DTYPES:
        x = np.array([0, 1, 3], dtype)
        ours, theirs = (getattr(lib.top.tensor(x), name)() for lib in (OURS, THEIRS))
        assert str(ours.dtype) == str(theirs.dtype).removeprefix("torch.")
        assert ours.tolist() == theirs.tolist()


@pytest.mark.parametrize("call", [
    lambda t, x: x.to(t.float64), lambda t, x: x.to(dtype=t.int64), lambda t, x: x.to(t.tensor([1])),
    lambda t, x: x.to("cpu"), lambda t, x: x.to("cpu", t.float16), lambda t, x: x.to(t.int32, copy=True),
    lambda t, x: x.cpu(),
    lambda t, x: x.to("cpu", dtype=t.float64), lambda t, x: x.type_as(t.tensor(True)), lambda t, x: x.type(t.uint8),
    lambda t, x: x.to(x), lambda t, x: x.to(t.float64, non_blocking=True), lambda t, x: x.to(t.float32, copy=True),
])  # fmt: skip
def test_to(call):
    x, y = nn.tensor([1.5, 2.0]), torch.tensor([1.5, 2.0])
    ours, theirs = call(nn, x), call(torch, y)
    assert str(ours.dtype) == str(theirs.dtype).removeprefix("torch.")
    assert ours.tolist() == theirs.tolist()
    assert (ours is x) == (theirs is y)
    assert (ours.data_ptr() == x.data_ptr()) == (theirs.data_ptr() == y.data_ptr())


@pytest.mark.parametrize("ranks", [(1, 1), (0, 1), (1, 0), (0, 0)], ids=str)
def test_result_type(ranks):
    for a, b in itertools.product(DTYPES, DTYPES):
        x, y = np.ones((1,) * ranks[0], a), np.ones((1,) * ranks[1], b)
        ours, theirs = (lib.top.result_type(lib.top.tensor(x), lib.top.tensor(y)) for lib in (OURS, THEIRS))
        assert str(ours) == str(theirs).removeprefix("torch."), (a, b)
    for a, number in itertools.product(DTYPES, [True, 2, 2.5]):
        x = np.ones((1,) * ranks[0], a)
        ours, theirs = (lib.top.result_type(lib.top.tensor(x), number) for lib in (OURS, THEIRS))
        assert str(ours) == str(theirs).removeprefix("torch."), (a, number)


def test_result_type_of_numbers():
    for a, b in itertools.product([True, 1, 1.5], repeat=2):
        assert str(nn.result_type(a, b)) == str(torch.result_type(a, b)).removeprefix("torch.")
    assert nn.result_type(nn.tensor([1]), np.float64(1.5)) == nn.float32


def test_promotion_and_casting_of_types():
    for a, b in itertools.product(DTYPES, DTYPES):
        mine, its = ([getattr(lib, name) for name in (a, b)] for lib in (nn, torch))
        assert str(nn.promote_types(*mine)) == str(torch.promote_types(*its)).removeprefix("torch.")
        assert nn.can_cast(*mine) == torch.can_cast(*its), (a, b)
    assert nn.get_default_dtype() == nn.float32


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_finfo(dtype):
    ours, theirs = nn.finfo(getattr(nn, dtype)), torch.finfo(getattr(torch, dtype))
    for name in ("bits", "dtype", "min", "max", "eps", "tiny", "smallest_normal", "resolution"):
        assert getattr(ours, name) == getattr(theirs, name), name
        assert type(getattr(ours, name)) is type(getattr(theirs, name))
    assert dtype in repr(ours)
    assert nn.finfo().dtype == "float32"


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int16", "int32", "int64"])
def test_iinfo(dtype):
    ours, theirs = nn.iinfo(getattr(nn, dtype)), torch.iinfo(getattr(torch, dtype))
    assert [getattr(ours, n) for n in ("bits", "dtype", "min", "max")] == [theirs.bits, dtype, theirs.min, theirs.max]
    assert repr(ours) == f"iinfo(min={theirs.min}, max={theirs.max}, dtype={dtype})"


def test_kinds():
    for dtype in DTYPES:
        ours, theirs = nn.zeros(1, dtype=getattr(nn, dtype)), torch.zeros(1, dtype=getattr(torch, dtype))
        assert ours.is_floating_point() == nn.is_floating_point(ours) == theirs.is_floating_point()
        assert ours.is_signed() == theirs.is_signed()
        assert nn.is_complex(ours) == theirs.is_complex()
