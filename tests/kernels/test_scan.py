"""Records along an axis are found block by block where they are few: as by a walk along each row."""

import numpy as np
import pytest

from nn.kernels import scan

PLAIN = {scan.argcummax: np.maximum, scan.argcummin: np.minimum}


def walked(x, ufunc):
    """For each place of a row the last one up to it that is best, or nan."""
    y = np.empty(x.shape, np.int64)
    for row, places in zip(x, y, strict=True):
        best = 0
        for k, value in enumerate(row):
            if np.isnan(value) or ufunc(value, row[best]) == value:
                best = k
            places[k] = best
    return y


@pytest.mark.parametrize("kernel", PLAIN)
@pytest.mark.parametrize("kind", ["few", "rising", "falling", "ties", "infinite", "nan"])
def test_the_last_best_up_to_each(kernel, kind, rng):
    x = rng.normal(size=(3, 240)).astype(np.float32)
    if kind in ("rising", "falling"):
        x = np.sort(x, axis=1)[:, :: 1 if kind == "rising" else -1].copy()
    elif kind == "ties":
        x = np.rint(x)
    elif kind == "infinite":
        x[:, ::7] = np.inf
        x[:, ::11] = -np.inf
    elif kind == "nan":
        x[1, [40, 200]] = np.nan
    places = kernel(x, dim=1)
    np.testing.assert_array_equal(places, walked(x, PLAIN[kernel]))
    np.testing.assert_array_equal(kernel(x.T, dim=0), places.T)
    for dim, values, index in ((1, x, places), (0, x.T, places.T)):
        np.testing.assert_array_equal(scan.held(values, index, dim=dim), np.take_along_axis(values, index, dim))
