"""The incomplete gamma and beta functions, their inverses, and what their derivatives by the parameters are made of.

With F the distribution function, f its density and d a derivative by parameters, a tail is dF / f. Tails lead to tails:
d(dF / f) = ddF / f - (dF / f) d(ln f), so that there is a rule for every order.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.autograd.op import Op
from nn.autograd.samples import Draw, Sample
from nn.kernels import arithmetic, incomplete
from nn.ops.arithmetic import exp, log
from nn.ops.special import digamma, lgamma, polygamma, xlogy


def _gamma_density(a: Any, x: Any) -> Any:
    """The gamma distribution's density, x^(a-1) e^-x / Gamma(a)."""
    return exp(xlogy(a - 1, x) - x - lgamma(a))


def _beta_density(a: Any, b: Any, x: Any) -> Any:
    """The beta distribution's density, x^(a-1) (1-x)^(b-1) / B(a, b)."""
    return exp(xlogy(a - 1, x) + xlogy(b - 1, 1 - x) - lgamma(a) - lgamma(b) + lgamma(a + b))


def _gamma_slope(a: Any, x: Any) -> Any:
    """The derivatives (j, 0) of the density's logarithm by a."""
    return lambda j, k: log(x) - digamma(a) if j == 1 else -polygamma(a, n=j - 1)


def _beta_slope(a: Any, b: Any, x: Any) -> Any:
    """The derivatives (j, k) of the density's logarithm, j times by a and k times by b."""

    def slope(j: int, k: int) -> Any:
        both = polygamma(a + b, n=j + k - 1)
        if j and k:
            return both
        own = both - (polygamma(a, n=j - 1) if j else polygamma(b, n=k - 1))
        return own + (log(x) if j else log(1 - x)) if j + k == 1 else own

    return slope


def _gamma_tail_a(g: Any, y: Any, a: Any, x: Any, n: int) -> Any:
    """The next derivative, minus the tail times the derivative of the density's logarithm."""
    return g * (gamma_tail(a, x, n=n + 1) - y * _gamma_slope(a, x)(1, 0))


def _gamma_tail_x(g: Any, y: Any, a: Any, x: Any, n: int) -> Any:
    """The derivative of the density by a over it, minus the tail times the derivative of its logarithm by x."""
    return g * (incomplete.bell(n, 0, _gamma_slope(a, x)) - y * ((a - 1) / x - 1))


def _beta_tail_a(g: Any, y: Any, a: Any, b: Any, x: Any, n: int, m: int) -> Any:
    """As for gamma_tail, by a."""
    return g * (beta_tail(a, b, x, n=n + 1, m=m) - y * _beta_slope(a, b, x)(1, 0))


def _beta_tail_b(g: Any, y: Any, a: Any, b: Any, x: Any, n: int, m: int) -> Any:
    """As for gamma_tail, by b."""
    return g * (beta_tail(a, b, x, n=n, m=m + 1) - y * _beta_slope(a, b, x)(0, 1))


def _beta_tail_x(g: Any, y: Any, a: Any, b: Any, x: Any, n: int, m: int) -> Any:
    """As for gamma_tail, by x."""
    return g * (incomplete.bell(n, m, _beta_slope(a, b, x)) - y * ((a - 1) / x - (b - 1) / (1 - x)))


def _gamma_samples(r: Draw, low: float = 0.3, high: float = 6.0, **attributes: Any) -> list[Sample]:
    """Parameters, and points on both sides of the mean."""
    a, x = r.rng.uniform(1.5, 5, size=3), r.rng.uniform(low, high, size=(2, 3))
    return [r.of(a, x, **attributes), r.of(np.float64(2.5), np.array([low, high]), **attributes)]


def _gamma_sides(r: Draw) -> list[Sample]:
    """Those, for which a series is enough, and larger ones, for which it is not."""
    return [*_gamma_samples(r), r.of(np.array(120.0), np.array([112.0, 131.0]))]


def _beta_samples(r: Draw, **attributes: Any) -> list[Sample]:
    a, b = r.rng.uniform(1.5, 4, size=(2, 2))
    x = r.rng.uniform(0.1, 0.9, size=2)
    return [r.of(a, b, x, **attributes), r.of(np.float64(2.5), b[:1], np.array([[0.2], [0.8]]), **attributes)]


def _three_floats(a: Any, b: Any, x: Any) -> tuple[Any, Any, Any]:
    """As `promote_float`, for three."""
    a, b = arithmetic.promote_float(a, b)
    a, x = arithmetic.promote_float(a, x)
    b, x = arithmetic.promote_float(b, x)
    return a, b, x


igamma = Op(
    incomplete.igamma,
    vjp=dict(
        a=lambda g, a, x: g * _gamma_density(a, x) * gamma_tail(a, x, n=1), x=lambda g, a, x: g * _gamma_density(a, x)
    ),
    samples=_gamma_sides,
    prepare=arithmetic.promote_float,
)
igammac = Op(
    incomplete.igammac,
    vjp=dict(
        a=lambda g, a, x: -g * _gamma_density(a, x) * gamma_tail(a, x, n=1), x=lambda g, a, x: -g * _gamma_density(a, x)
    ),
    samples=_gamma_sides,
    prepare=arithmetic.promote_float,
)
gamma_tail = Op(
    incomplete.gamma_tail,
    vjp=dict(a=_gamma_tail_a, x=_gamma_tail_x),
    samples=lambda r: [*_gamma_samples(r, n=1), *_gamma_samples(r, n=2)],
    prepare=arithmetic.promote_float,
)
gamma_quantile = Op(
    incomplete.gamma_quantile,
    vjp=dict(a=lambda g, a, y: -g * gamma_tail(a, y, n=1), p=lambda g, a, y: g / _gamma_density(a, y)),
    samples=lambda r: _gamma_samples(r, 0.1, 0.9),
    prepare=arithmetic.promote_float,
)
gamma_moved = Op(
    incomplete.gamma_moved,
    vjp=dict(a=lambda g, a, y: -g * gamma_tail(a, y, n=1)),
    samples=lambda r: _gamma_samples(r, at=r.rng.uniform(1.5, 5, size=1)),
)
betainc = Op(
    incomplete.betainc,
    vjp=dict(
        a=lambda g, a, b, x: g * _beta_density(a, b, x) * beta_tail(a, b, x, n=1, m=0),
        b=lambda g, a, b, x: g * _beta_density(a, b, x) * beta_tail(a, b, x, n=0, m=1),
        x=lambda g, a, b, x: g * _beta_density(a, b, x),
    ),
    samples=_beta_samples,
    prepare=_three_floats,
)
beta_tail = Op(
    incomplete.beta_tail,
    vjp=dict(a=_beta_tail_a, b=_beta_tail_b, x=_beta_tail_x),
    samples=lambda r: [*_beta_samples(r, n=1, m=0), *_beta_samples(r, n=0, m=1), *_beta_samples(r, n=1, m=1)],
    prepare=_three_floats,
)
beta_quantile = Op(
    incomplete.beta_quantile,
    vjp=dict(
        a=lambda g, a, b, y: -g * beta_tail(a, b, y, n=1, m=0),
        b=lambda g, a, b, y: -g * beta_tail(a, b, y, n=0, m=1),
        p=lambda g, a, b, y: g / _beta_density(a, b, y),
    ),
    samples=_beta_samples,
    prepare=_three_floats,
)
beta_moved = Op(
    incomplete.beta_moved,
    vjp=dict(
        a=lambda g, a, b, y: -g * beta_tail(a, b, y, n=1, m=0),
        b=lambda g, a, b, y: -g * beta_tail(a, b, y, n=0, m=1),
    ),
    samples=lambda r: _beta_samples(r, at=(r.rng.uniform(1.5, 4, size=1), r.rng.uniform(1.5, 4, size=1))),
)
