"""The Bessel functions and orthogonal polynomials of `nn.special` against PyTorch's, and against what they satisfy."""

import numpy as np
import pytest
from oracle import compare, torch

import nn

POINTS = np.array([0.0, -0.0, 1e-10, 0.01, 0.5, 1.0, 1.99, 2.0, 2.01, 5.0, 7.5, 14.2, 24.9, 25.1, 60.0, 1e3, np.nan])
BESSEL = ["bessel_j0", "bessel_j1", "bessel_y0", "bessel_y1", "spherical_bessel_j0", "airy_ai"]
MODIFIED = [f"{scaled}modified_bessel_k{n}" for scaled in ("", "scaled_") for n in (0, 1)]
CHEBYSHEV = [f"{shifted}chebyshev_polynomial_{kind}" for shifted in ("", "shifted_") for kind in "tuvw"]
POLYNOMIALS = [
    *CHEBYSHEV,
    "hermite_polynomial_h",
    "hermite_polynomial_he",
    "laguerre_polynomial_l",
    "legendre_polynomial_p",
]


@pytest.mark.parametrize("name", [*BESSEL, *MODIFIED, "modified_bessel_i0", "modified_bessel_i1"])
def test_bessel_functions(name):
    x = POINTS[POINTS < 60] if "_i" in name else POINTS  # PyTorch's J, Y and Ai are right to six digits or so
    for values in (x, -x[x > 0], x.astype(np.float32)):
        ours = getattr(nn.special, name)(nn.tensor(values))
        theirs = getattr(torch.special, name)(torch.tensor(values)).numpy()
        assert ours.numpy().dtype == values.dtype
        np.testing.assert_allclose(ours.numpy(), theirs, rtol=2e-6, atol=2e-6)
    assert getattr(nn.special, name)(nn.tensor([1, 2])).dtype == nn.float32


def test_wronskians():
    """J1 Y0 - J0 Y1 = 2 / (pi x) and I0 K1 + I1 K0 = 1 / x, to the last digits."""
    x = nn.tensor(np.concatenate([np.linspace(0.05, 70, 500), [300.0]]))
    s = nn.special
    np.testing.assert_allclose(
        (s.bessel_j1(x) * s.bessel_y0(x) - s.bessel_j0(x) * s.bessel_y1(x)) * x, 2 / np.pi, rtol=1e-12
    )
    k0, k1 = s.scaled_modified_bessel_k0(x), s.scaled_modified_bessel_k1(x)
    np.testing.assert_allclose((s.i0e(x) * k1 + s.i1e(x) * k0) * x, 1, rtol=1e-12)


def test_airy_solves_its_equation():
    x, h = np.linspace(-20, 8, 300), 1e-3
    low, here, high = (nn.special.airy_ai(nn.tensor(x + d)).numpy() for d in (-h, 0, h))
    np.testing.assert_allclose((high - 2 * here + low) / h**2, x * here, atol=2e-4)


@pytest.mark.parametrize("name", POLYNOMIALS)
def test_polynomials(name, rng):
    x = rng.uniform(0.05, 0.95, size=(3, 4))
    for n in (0, 1, 2, 3, 7, -1):
        compare(lambda lib, x, n=n: getattr(lib.top.special, name)(x.detach(), n), x, orders=0)
    degrees = np.array([0, 1, 4, 6])
    compare(lambda lib, x, n: getattr(lib.top.special, name)(x.detach(), n), x, degrees, orders=0)
    compare(lambda lib, n: getattr(lib.top.special, name)(0.5, n.double()), degrees, orders=0)
    t = nn.tensor(x, requires_grad=True)
    assert nn.testing.gradcheck(lambda t: getattr(nn.special, name)(t, 5), (t,))
    with pytest.raises(TypeError, match=r"polynomial.*: input or n must be a tensor, got float and int"):
        getattr(nn.special, name.removeprefix("shifted_"))(0.5, 3)
