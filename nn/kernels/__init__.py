"""Kernels: arrays in, arrays out. NumPy only, no knowledge of gradients; `out=` is where the result goes, if given.

A kernel trusts its caller (shapes are checked in `nn.functional`), never changes an operand, and keeps the dtype.
"""

from nn.kernels.memory import keep_freed_memory

keep_freed_memory()
