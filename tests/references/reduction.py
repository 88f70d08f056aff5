"""Reductions, one by one."""

import math

from references.common import over


def spread(values, correction):
    """The mean square distance from the mean, over count - correction."""
    mean = math.fsum(values) / len(values)
    return math.fsum((v - mean) ** 2 for v in values) / (len(values) - correction)


REFERENCES = {
    "prod": lambda x, dim=None, keepdim=False: over(x, dim, keepdim, math.prod),
    "var": lambda x, dim=None, correction=1, keepdim=False: over(x, dim, keepdim, lambda v: spread(v, correction)),
}
