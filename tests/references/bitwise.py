"""Integers as bits, and their divisors."""

import math

from references.common import elementwise

REFERENCES = {
    "bitwise_xor": elementwise(lambda a, b: a ^ b),
    "bitwise_left_shift": elementwise(lambda a, b: a * 2**b),
    "bitwise_right_shift": elementwise(lambda a, b: math.floor(a / 2**b)),
    "gcd": elementwise(lambda a, b: max(d for d in range(1, 99) if a % d == 0 and b % d == 0) if a or b else 0),
    "lcm": elementwise(lambda a, b: next(m for m in range(1, 99) if m % a == 0 and m % b == 0) if a and b else 0),
}
