"""The three settings there are: the default float type, how numbers are printed, and how many threads compute."""

from __future__ import annotations

import functools
import os
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from nn.errors import DtypeError, RangeError

__all__ = ["get_default_dtype", "get_num_threads", "set_default_dtype", "set_num_threads", "set_printoptions"]

default_dtype: np.dtype[Any] = np.dtype(np.float32)
"""What Python floats become, and integers that are divided or rooted."""

printing: dict[str, Any] = {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80, "sci_mode": None,
                            "library": ""}  # fmt: skip
"""How `repr` writes a tensor; the library is written before a dtype."""

threads: int | None = None
"""The largest number of threads that a kernel may use; None for what the environment says."""


def get_default_dtype() -> np.dtype[Any]:
    """The type that Python floats become: float32, unless `set_default_dtype` says otherwise.

    Example:
        >>> import nn
        >>> nn.get_default_dtype()
        dtype('float32')
    """
    return default_dtype


def set_default_dtype(d: DTypeLike) -> None:
    """Set what Python floats become, and what new tensors of floats are made of.

    Args:
        d: a floating-point type.

    Raises:
        DtypeError: any other type.

    Example:
        >>> import nn
        >>> nn.set_default_dtype(nn.float64)
        >>> nn.tensor(1.5).dtype
        dtype('float64')
        >>> nn.set_default_dtype(nn.float32)
    """
    global default_dtype
    if d is None or np.dtype(d).kind != "f":
        raise DtypeError(f"set_default_dtype: expected a floating-point type, got {d}; use nn.float32 or nn.float64")
    default_dtype = np.dtype(d)


_PROFILES: dict[str, dict[str, Any]] = {
    "default": {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80},
    "short": {"precision": 2, "threshold": 1000, "edgeitems": 2, "linewidth": 80},
    "full": {"precision": 4, "threshold": 2**62, "edgeitems": 3, "linewidth": 80},
}


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Set how tensors are printed; what is left out stays as it is, except for `sci_mode`.

    Args:
        precision: digits behind the point; 4 by default.
        threshold: the number of elements from which on a tensor is shortened; 1000 by default.
        edgeitems: how many of its elements each end of a shortened axis shows; 3 by default.
        linewidth: characters in a line; 80 by default.
        profile: "default", "short" or "full": several of the above at once.
        sci_mode: write 1.5000e+03; None where numbers are very large or very small.

    Raises:
        RangeError: another profile.

    Example:
        >>> import nn
        >>> nn.set_printoptions(precision=2)
        >>> nn.tensor(3.14159)
        tensor(3.14)
        >>> nn.set_printoptions(profile="default")
    """
    if profile is not None:
        if profile not in _PROFILES:
            raise RangeError(f"set_printoptions: profile must be default, short or full; got {profile!r}")
        printing.update(_PROFILES[profile])
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    printing.update({name: int(min(value, 2**62)) for name, value in given.items() if value is not None})
    printing["sci_mode"] = sci_mode


def get_num_threads() -> int:
    """The largest number of threads that a kernel may use.

    Unless `set_num_threads` has said otherwise: OMP_NUM_THREADS, OPENBLAS_NUM_THREADS or MKL_NUM_THREADS if one of them
    is in the environment, else the cores that this process may use.

    Example:
        >>> import nn
        >>> nn.get_num_threads() >= 1
        True
    """
    return threads if threads is not None else _from_environment()


def set_num_threads(n: int) -> None:
    """Set the largest number of threads that a kernel may use; the results are the same for any number.

    Large products, convolutions and recurrent layers are cut into pieces, which the threads take one after another,
    while BLAS, which multiplies the matrices, uses one thread. A BLAS that NumPy does not bring with it needs
    `pip install 'fromzero[fast]'` for that; without it, it reads its own number as it is loaded:
    `OMP_NUM_THREADS=1 python ...`.

    Args:
        n: 1 or more.

    Raises:
        RangeError: less than 1.

    Example:
        >>> import nn
        >>> before = nn.get_num_threads()
        >>> nn.set_num_threads(1)
        >>> nn.get_num_threads()
        1
        >>> nn.set_num_threads(before)
    """
    global threads
    if not isinstance(n, int | np.integer) or isinstance(n, bool) or n < 1:
        raise RangeError(f"set_num_threads: expected an integer of at least 1, got {n!r}")
    threads = int(n)


@functools.lru_cache(1)
def _from_environment() -> int:
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        said = os.environ.get(name, "").split(",")[0].strip()
        if said.isdecimal() and int(said) >= 1:
            return int(said)
    return available_cores()


def available_cores(root: str = "/sys/fs/cgroup", own: str = "/proc/self/cgroup") -> int:
    """The cores that this process may use: those it is bound to, or fewer where a control group limits its time."""
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    groups = {""}
    for line in _read(own).splitlines():
        group = line.split(":", 2)[-1].strip("/")
        while group:  # each limits those below it
            groups.add(group)
            group = group.rpartition("/")[0]
    for group in groups:
        limits = [_read(f"{root}/{group}/cpu.max").split()]  # version 2
        files = ("cpu.cfs_quota_us", "cpu.cfs_period_us")  # version 1
        limits.append([_read(f"{root}/cpu/{group}/{name}").strip() for name in files])
        for limit in limits:
            if len(limit) == 2 and all(number.isdecimal() and int(number) for number in limit):
                bound = min(bound, max(1, -(-int(limit[0]) // int(limit[1]))))
    return bound


def _read(path: str) -> str:
    try:
        with open(path, encoding="ascii", errors="replace") as file:  # noqa: PTH123  (pathlib takes long to import)
            return file.read()
    except OSError:
        return ""
