"""Exponentials and logarithms."""

import math

from references.common import elementwise

REFERENCES = {
    "exp2": elementwise(lambda a: 2**a),
    "expm1": elementwise(lambda a: math.exp(a) - 1),
    "log2": elementwise(lambda a: math.log(a) / math.log(2)),
    "log10": elementwise(lambda a: math.log(a) / math.log(10)),
    "logaddexp": elementwise(lambda a, b: math.log(math.exp(a) + math.exp(b))),
    "logaddexp2": elementwise(lambda a, b: math.log2(2**a + 2**b)),
}
