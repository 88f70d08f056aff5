"""Angles."""

import math

from references.common import elementwise

REFERENCES = {
    "tan": elementwise(lambda a: math.sin(a) / math.cos(a)),
    "asin": elementwise(math.asin),
    "acos": elementwise(math.acos),
    "atan": elementwise(math.atan),
    "atan2": elementwise(math.atan2),
    "hypot": elementwise(lambda a, b: math.sqrt(a * a + b * b)),
    "sinh": elementwise(lambda a: (math.exp(a) - math.exp(-a)) / 2),
    "cosh": elementwise(lambda a: (math.exp(a) + math.exp(-a)) / 2),
    "asinh": elementwise(math.asinh),
    "acosh": elementwise(math.acosh),
    "atanh": elementwise(math.atanh),
}
