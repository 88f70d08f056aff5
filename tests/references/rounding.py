"""Rounding."""

import math

from references.common import elementwise

REFERENCES = {
    "floor": elementwise(math.floor),
    "ceil": elementwise(math.ceil),
    "trunc": elementwise(math.trunc),
    "round": lambda x, decimals=0: elementwise(lambda a: round(a, decimals))(x),
}
