"""Special functions by their definitions: sums, integrals and bisection."""

import math

from references.common import elementwise


def inverse(function, low, high):
    """The x where an increasing function has a given value."""

    def solve(value, low=low, high=high):
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (middle, high) if function(middle) < value else (low, middle)
        return low

    return solve


def normal(x):
    return math.erfc(-x / math.sqrt(2)) / 2


def zeta(s, q, terms=3000):
    """The first terms one by one, the rest as an integral with two corrections."""
    a = q + terms
    rest = a ** (1 - s) / (s - 1) + a**-s / 2 + s * a ** (-s - 1) / 12
    return math.fsum((q + k) ** -s for k in range(terms)) + rest


def digamma(x, terms=3000):
    a = x + terms
    return math.log(a) - 1 / (2 * a) - 1 / (12 * a**2) - math.fsum(1 / (x + k) for k in range(terms))


def polygamma(x, n):
    derivative = digamma if n == 0 else lambda a: (-1) ** (n + 1) * math.factorial(n) * zeta(n + 1, a)
    return elementwise(derivative)(x)


def bessel(order, scaled=False, points=200):
    """The mean of e^(x cos t) cos(order t) around the circle."""
    angles = [2 * math.pi * k / points for k in range(points)]

    def value(x):
        mean = math.fsum(math.exp(x * math.cos(t)) * math.cos(order * t) for t in angles) / points
        return mean * math.exp(-abs(x)) if scaled else mean

    return elementwise(value)


REFERENCES = {
    "erf": elementwise(math.erf),
    "erfc": elementwise(math.erfc),
    "erfcx": elementwise(lambda a: math.exp(a * a) * math.erfc(a)),
    "erfinv": elementwise(inverse(math.erf, -6, 6)),
    "ndtri": elementwise(inverse(normal, -9, 9)),
    "log_ndtr": elementwise(lambda a: math.log(normal(a))),
    "lgamma": elementwise(math.lgamma),
    "digamma": elementwise(digamma),
    "polygamma": polygamma,
    "zeta": elementwise(zeta),
    "i0": bessel(0),
    "i0e": bessel(0, scaled=True),
    "i1": bessel(1),
    "i1e": bessel(1, scaled=True),
    "xlogy": elementwise(lambda a, b: a * math.log(b)),
    "xlog1py": elementwise(lambda a, b: a * math.log1p(b)),
    "entr": elementwise(lambda a: -a * math.log(a)),
}
