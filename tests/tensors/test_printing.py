"""Numbers stand in columns, and are whole, with digits, or in powers of ten; tests/compat compares with PyTorch."""

import numpy as np
import pytest

import nn
from nn import settings


def test_a_column_is_as_wide_as_its_widest_finite_number():
    assert repr(nn.tensor([1.0, 100.0])) == "tensor([  1., 100.])"
    assert repr(nn.tensor([1.0, float("inf"), float("nan")])) == "tensor([1., inf, nan])"
    assert repr(nn.tensor([1000.0, float("inf")])) == "tensor([1000.,   inf])"
    assert repr(nn.tensor([0.5, -float("inf")])) == "tensor([0.5000,   -inf])"
    assert repr(nn.tensor([True, True])) == "tensor([True, True])"
    assert repr(nn.tensor([True, False])) == "tensor([ True, False])"


def test_powers_of_ten_where_numbers_are_far_apart():
    assert repr(nn.tensor([1e-5, 1.0])) == "tensor([1.0000e-05, 1.0000e+00])"
    assert repr(nn.tensor([1e9])) == "tensor([1.0000e+09])"
    assert repr(nn.tensor([0.0, 0.0])) == "tensor([0., 0.])"


def test_they_are_written_or_not_as_the_user_says():
    try:
        nn.set_printoptions(precision=2, sci_mode=False)
        assert repr(nn.tensor([1.23456, 1e-7])) == "tensor([1.23, 0.00])"
        nn.set_printoptions(precision=2, sci_mode=True)
        assert repr(nn.tensor([1.0])) == "tensor([1.00e+00])"
    finally:
        nn.set_printoptions(profile="default")
    assert settings.printing["sci_mode"] is None


def test_a_long_tensor_is_shortened_to_its_ends():
    assert repr(nn.arange(2000)) == "tensor([   0,    1,    2,  ..., 1997, 1998, 1999])"
    wide = nn.zeros(2, 2000)
    wide[0, 1000] = 12345.0  # what is not shown makes no column wider
    assert repr(wide).splitlines()[0] == "tensor([[0., 0., 0.,  ..., 0., 0., 0.],"


def test_what_does_not_fit_beside_the_numbers_stands_on_a_line_of_its_own():
    x = nn.full((6,), 0.25, requires_grad=True)
    assert repr(x) == "tensor([0.2500, 0.2500, 0.2500, 0.2500, 0.2500, 0.2500], requires_grad=True)"
    numbers = "tensor([0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000]"
    assert repr(x * 2) == f"{numbers},\n       grad_fn=<MulBackward0>)"
    assert repr(x.double() * 2) == f"{numbers}, dtype=float64,\n       grad_fn=<MulBackward0>)"
    assert repr((x * 2).reshape(2, 3)) == (
        "tensor([[0.5000, 0.5000, 0.5000],\n        [0.5000, 0.5000, 0.5000]], grad_fn=<ViewBackward0>)"
    )


def test_it_breaks_lines_where_pytorch_does(monkeypatch, rng):
    torch = pytest.importorskip("torch")
    monkeypatch.setitem(settings.printing, "library", "torch.")
    numbers = rng.normal(size=2100) * 100
    for shape in *[(n,) for n in range(1, 30)], (2, 9), (3, 30), (2, 2, 17), (2100,), (2, 1050), (30, 40):
        for dtype in "float32", "float64", "int32", "bool":
            part = numbers[: np.prod(shape)].reshape(shape)
            mine, theirs = (lib.tensor(part).to(getattr(lib, dtype)) for lib in (nn, torch))
            assert repr(mine) == repr(theirs)
            assert repr(mine * 0) == repr(theirs * 0) or dtype.startswith("float")  # where -0 is among the zeros
            if dtype.startswith("float"):
                mine, theirs = mine.requires_grad_(), theirs.requires_grad_()
                assert repr([mine, mine * 1.5]) == repr([theirs, theirs * 1.5])
    assert repr(nn.zeros(2, 40)) == repr(torch.zeros(2, 40))


def test_no_elements_show_their_shape():
    assert repr(nn.zeros(0)) == "tensor([])"
    assert repr(nn.zeros(0, 3)) == "tensor([], size=(0, 3))"
