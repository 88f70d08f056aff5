"""Whether two results are as close as their precision lets one expect, for users' own tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nn.tensors.tensor import Tensor

__all__ = ["assert_close"]

TOLERANCES = {
    np.dtype(np.float16): (1e-3, 1e-5),
    np.dtype(np.float32): (1.3e-6, 1e-5),
    np.dtype(np.float64): (1e-7,) * 2,
}
"""The relative and the absolute one that PyTorch takes; other types have to be equal."""


def assert_close(
    actual: Any,
    expected: Any,
    *,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = False,
    check_dtype: bool = True,
    msg: str | None = None,
    **ways: Any,
) -> None:
    """Raise an AssertionError unless |actual - expected| <= atol + rtol |expected| everywhere.

    Args:
        actual: a tensor, an array, a number, or a list, tuple or mapping of them.
        expected: the same.
        rtol, atol: None for what the type of the numbers lets one expect.
        equal_nan: whether nan equals nan.
        check_dtype: whether tensors must be of the same type.
        msg: what is said instead.
        **ways: PyTorch's other checks, of devices and layouts, have no effect.

    Example:
        >>> import nn
        >>> nn.testing.assert_close(nn.tensor([1.0, 2.0]), nn.tensor([1.0, 2.1]))
        Traceback (most recent call last):
            ...
        AssertionError: assert_close: 1 of 2 elements differ, most at (1,): expected 2.1, got 2.0; ...
    """
    options: dict[str, Any] = {
        "rtol": rtol, "atol": atol, "equal_nan": equal_nan, "check_dtype": check_dtype, "msg": msg,
    }  # fmt: skip
    if isinstance(expected, Mapping):
        _require(isinstance(actual, Mapping) and actual.keys() == expected.keys(), msg, "the keys differ")
        for key, value in expected.items():
            assert_close(actual[key], value, **options)
    elif isinstance(expected, Sequence) and not isinstance(expected, str):
        _require(isinstance(actual, Sequence) and len(actual) == len(expected), msg, "the lengths differ")
        for mine, other in zip(actual, expected, strict=True):
            assert_close(mine, other, **options)
    else:
        _compare(actual, expected, rtol, atol, equal_nan, check_dtype, msg)


def _compare(
    actual: Any, expected: Any, rtol: float | None, atol: float | None, equal_nan: bool, check_dtype: bool,
    msg: str | None,
) -> None:  # fmt: skip
    mine, other = (np.asarray(v.detach().numpy() if isinstance(v, Tensor) else v) for v in (actual, expected))
    _require(mine.shape == other.shape, msg, f"expected shape {other.shape}, got {mine.shape}")
    if check_dtype and isinstance(actual, Tensor) and isinstance(expected, Tensor):
        _require(mine.dtype == other.dtype, msg, f"expected {other.dtype}, got {mine.dtype}")
    wider = max((mine.dtype, other.dtype), key=lambda dtype: TOLERANCES.get(dtype, (0.0, 0.0))[0])
    usual = TOLERANCES.get(wider, (0.0, 0.0))
    relative, absolute = (usual[i] if given is None else given for i, given in enumerate((rtol, atol)))
    close = np.isclose(mine, other, relative, absolute, equal_nan)
    if close.all():
        return
    with np.errstate(invalid="ignore"):
        apart = np.where(close, -1.0, np.nan_to_num(np.abs(mine.astype(float) - other.astype(float)), nan=np.inf))
    where = tuple(int(i) for i in np.unravel_index(apart.argmax(), apart.shape))
    pair = f"expected {other[where]!s}, got {mine[where]!s}"
    found = f"{(~close).sum()} of {close.size} elements differ, most at {where}: {pair}"
    _require(False, msg, f"{found}; allowed are rtol={relative:g} and atol={absolute:g}")


def _require(condition: bool, msg: str | None, sentence: str) -> None:
    if not condition:
        raise AssertionError(msg or f"assert_close: {sentence}")
