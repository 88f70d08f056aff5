"""Division with a rest, and what is true of a number."""

import math

import numpy as np

from references.common import elementwise

REFERENCES = {
    "nan_to_num": np.nan_to_num,
    "floor_divide": elementwise(lambda a, b: math.floor(a / b)),
    "trunc_divide": elementwise(lambda a, b: math.trunc(a / b)),
    "remainder": elementwise(lambda a, b: a - b * math.floor(a / b)),
    "fmod": elementwise(lambda a, b: a - b * math.trunc(a / b)),
    "logical_or": elementwise(lambda a, b: bool(a) or bool(b)),
    "logical_xor": elementwise(lambda a, b: bool(a) != bool(b)),
    "isinf": elementwise(math.isinf),
    "isfinite": elementwise(math.isfinite),
    "signbit": elementwise(lambda a: math.copysign(1, a) < 0),
    "nextafter": elementwise(math.nextafter),
}
