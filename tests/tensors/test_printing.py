"""Numbers stand in columns, and are whole, with digits, or in powers of ten; tests/compat compares with PyTorch."""

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


def test_no_elements_show_their_shape():
    assert repr(nn.zeros(0)) == "tensor([])"
    assert repr(nn.zeros(0, 3)) == "tensor([], size=(0, 3))"
