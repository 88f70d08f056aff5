"""Rounding beside NumPy's: the parts make the number, halves go to even, and no gradient passes; and the message."""

import numpy as np
import pytest

import nn

X = np.array([-2.5, -1.5, -0.5, -0.2, 0.0, 0.5, 1.5, 2.5, 2.7, 1e9])


@pytest.mark.parametrize("name", ["ceil", "floor", "trunc", "fix", "round"])
def test_each_is_numpy_s_and_integers_stay_as_they_are(name):
    plain = np.trunc if name == "fix" else getattr(np, name)
    assert getattr(nn, name)(nn.tensor(X)).tolist() == plain(X).tolist()
    whole = getattr(nn, name)(nn.tensor([3, -4]))
    assert (whole.tolist(), whole.dtype) == ([3, -4], nn.int64)


def test_the_whole_part_and_the_fraction_make_the_number():
    x = nn.tensor(X)
    assert (nn.trunc(x) + nn.frac(x)).tolist() == X.tolist()
    assert (nn.frac(x).abs() < 1).all()
    assert nn.ceil(x).tolist() == (-nn.floor(-x)).tolist()


def test_decimals_are_places_behind_the_point_or_before_it():
    x = nn.tensor([1234.567], dtype=nn.float64)
    assert nn.round(x, decimals=2).item() == pytest.approx(1234.57)
    assert nn.round(x, decimals=-2).item() == 1200


def test_no_gradient_passes_but_through_the_fraction():
    x = nn.tensor([0.3, 1.7], requires_grad=True)
    (nn.floor(x) + nn.ceil(x) + nn.round(x) + nn.trunc(x) + 5 * nn.frac(x)).sum().backward()
    assert x.grad.tolist() == [5, 5]


def test_messages():
    with pytest.raises(nn.DtypeError, match="round: decimals are for floating-point tensors, this one is int64"):
        nn.round(nn.tensor([1]), decimals=1)
