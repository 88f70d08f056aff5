"""The incomplete gamma and beta functions as integrals of densities and their derivatives; inverses by bisection."""

import math

import numpy as np

from references.common import elementwise
from references.special import digamma, inverse, zeta

POINTS, WEIGHTS = np.polynomial.legendre.leggauss(120)


def integral(function, low, high):
    """Of a function from low to high, by Gauss and Legendre's rule; t = low + (high - low) u^6 tames an end at low."""
    u = (POINTS + 1) / 2
    span = high - low
    return math.fsum(
        w / 2 * span * 6 * v**5 * function(low + span * v**6) for v, w in zip(u.tolist(), WEIGHTS.tolist(), strict=True)
    )


def gamma_density(a, t):
    return math.exp((a - 1) * math.log(t) - t - math.lgamma(a))


def beta_density(a, b, t):
    log_beta = math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
    return math.exp((a - 1) * math.log(t) + (b - 1) * math.log1p(-t) - log_beta)


def igamma(a, x):
    return integral(lambda t: gamma_density(a, t), 0, x)


def betainc(a, b, x):
    return integral(lambda t: beta_density(a, b, t), 0, x)


def gamma_tail(a, x, n):
    """The first derivative of f by a is f c with c = ln t - digamma(a), the second one f (c^2 - trigamma(a))."""
    psi, one = digamma(a), zeta(2, a)

    def derivative(t):
        c = math.log(t) - psi
        return gamma_density(a, t) * (c if n == 1 else c * c - one)

    return integral(derivative, 0, x) / gamma_density(a, x)


def beta_tail(a, b, x, n, m):
    psi, one = digamma(a + b), zeta(2, a + b)

    def derivative(t):
        by_a, by_b = math.log(t) + psi - digamma(a), math.log1p(-t) + psi - digamma(b)
        return beta_density(a, b, t) * {(1, 0): by_a, (0, 1): by_b, (1, 1): by_a * by_b + one}[n, m]

    return integral(derivative, 0, x) / beta_density(a, b, x)


def for_each(function):
    """The function of numbers for arrays of them, attributes by keyword."""

    def of_arrays(*operands, **attributes):
        return elementwise(lambda *numbers: function(*numbers, **attributes))(*operands)

    return of_arrays


REFERENCES = {
    "igamma": for_each(igamma),
    "igammac": for_each(lambda a, x: 1 - igamma(a, x)),
    "gamma_tail": for_each(gamma_tail),
    "gamma_quantile": for_each(lambda a, p: inverse(lambda x: igamma(a, x), 0, 30)(p)),
    "gamma_moved": lambda a, x, at: for_each(lambda a, x, at: inverse(lambda y: igamma(a, y), 0, 60)(igamma(at, x)))(
        a, x, at
    ),
    "betainc": for_each(betainc),
    "beta_tail": for_each(beta_tail),
    "beta_quantile": for_each(lambda a, b, p: inverse(lambda x: betainc(a, b, x), 0, 1)(p)),
    "beta_moved": lambda a, b, x, at: for_each(
        lambda a, b, x, c, d: inverse(lambda y: betainc(a, b, y), 0, 1)(betainc(c, d, x))
    )(a, b, x, *at),
}
