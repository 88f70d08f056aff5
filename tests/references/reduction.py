"""Reductions, one by one."""

import math

from references.common import over


def spread(values, correction):
    """The mean square distance from the mean, over count - correction."""
    mean = math.fsum(values) / len(values)
    return math.fsum((v - mean) ** 2 for v in values) / (len(values) - correction)


def nansum(x, dim=None, keepdim=False):
    return over(x, dim, keepdim, lambda values: math.fsum(v for v in values if not math.isnan(v)))


REFERENCES = {
    "nansum": nansum,
    "prod": lambda x, dim=None, keepdim=False: over(x, dim, keepdim, math.prod),
    "var": lambda x, dim=None, correction=1, keepdim=False: over(x, dim, keepdim, lambda v: spread(v, correction)),
}
