"""Integers as bits, and their common divisors and multiples. Nothing here has a derivative."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.autograd.op import Op
from nn.autograd.samples import Draw, Sample
from nn.kernels import bitwise as kernels
from nn.kernels.arithmetic import promote


def _truths(r: Draw) -> list[Sample]:
    return [r.of(r.rng.random(4) < 0.5, r.rng.random(4) < 0.5)]


def _integers(r: Draw) -> list[Sample]:
    return [r.of(r.rng.integers(-9, 9, (2, 3)), r.rng.integers(0, 5, 3)), r.of(r.rng.integers(-9, 9, 4), 3)]


def _binary(function: Any, name: str, samples: Any = _integers, prepare: Any = promote) -> Op:
    return Op(function, name=name, operands=("x", "other"), samples=samples, prepare=prepare)


bitwise_and = _binary(np.bitwise_and, "bitwise_and", _truths)
bitwise_or = _binary(np.bitwise_or, "bitwise_or", _truths)
bitwise_xor = _binary(np.bitwise_xor, "bitwise_xor")
bitwise_not = Op(np.invert, name="bitwise_not", operands=("x",), samples=lambda r: [r.of(r.rng.random(4) < 0.5)])
bitwise_left_shift = _binary(np.left_shift, "bitwise_left_shift", prepare=kernels.promote_integers)
bitwise_right_shift = _binary(np.right_shift, "bitwise_right_shift", prepare=kernels.promote_integers)
gcd = _binary(np.gcd, "gcd")
lcm = _binary(np.lcm, "lcm")
