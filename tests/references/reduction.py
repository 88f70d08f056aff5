"""Reductions, one by one."""

import math

from references.common import over

REFERENCES = {"prod": lambda x, dim=None, keepdim=False: over(x, dim, keepdim, math.prod)}
