"""How many of PyTorch's functions there are here, and how far each is compared with PyTorch's by the tests.

    python tests/benchmarks/count_ops.py [--missing]

Counts the names that both libraries have as functions (in `torch`, `torch.nn.functional`, `torch.linalg` and
`torch.special`) or as Tensor methods. Then runs the comparisons (`tests/functional/test_torch*.py`) with every such
function noting its calls, and prints for how many a comparison passed: of values, of gradients, of gradients of
gradients, in forward mode.
"""

from __future__ import annotations

import contextlib
import functools
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))

import oracle  # noqa: E402
import torch  # noqa: E402

import nn  # noqa: E402

PLACES = (
    ("nn", nn, torch),
    ("nn.functional", nn.functional, torch.nn.functional),
    ("nn.linalg", nn.linalg, torch.linalg),
    ("nn.special", nn.special, torch.special),
    ("Tensor", nn.Tensor, torch.Tensor),
)


def shared() -> dict[str, list[str]]:
    """The names of functions that both have, place by place."""
    return {
        place: sorted(
            name
            for name in dir(ours)
            if not name.startswith("_")
            and callable(getattr(ours, name))
            and callable(getattr(theirs, name, None))
            and not isinstance(getattr(ours, name), type)
        )
        for place, ours, theirs in PLACES
    }


class Notes:
    """Which functions ran in the comparison that is under way, and how far those that passed went."""

    def __init__(self) -> None:
        self.running: set[str] = set()
        self.reached: dict[str, set[str]] = {}

    def noting(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            self.running.add(name)
            return function(*args, **kwargs)

        return call

    def comparing(self, compare: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(compare)
        def run(function: Any, *arrays: Any, orders: int = 2, forward: bool = True, **kwargs: Any) -> None:
            self.running = set()
            compare(function, *arrays, orders=orders, forward=forward, **kwargs)
            floats = any(getattr(a, "dtype", None) == "float64" for a in arrays)
            levels = {"values"} | ({"order 1"} if orders and floats else set())
            levels |= ({"order 2"} if orders > 1 and floats else set()) | (
                {"forward"} if forward and orders and floats else set()
            )
            for name in self.running:
                self.reached.setdefault(name, set()).update(levels)

        return run


def main() -> None:
    notes, names = Notes(), shared()
    for (place, ours, _), found in zip(PLACES, names.values(), strict=True):
        for name in found:
            if place != "Tensor" or not isinstance(vars(ours).get(name), property | None):
                setattr(ours, name, notes.noting(name, getattr(ours, name)))
    oracle.compare = notes.comparing(oracle.compare)
    with contextlib.redirect_stdout(io.StringIO()) as log:
        status = pytest.main(["-q", "-p", "no:cacheprovider", str(TESTS / "functional"), str(TESTS / "modules")])
    print(log.getvalue().strip().splitlines()[-1])
    distinct = sorted({name for found in names.values() for name in found})
    print(f"{len(distinct)} of PyTorch's names: " + ", ".join(f"{len(found)} in {p}" for p, found in names.items()))
    for level in ("values", "order 1", "order 2", "forward"):
        print(f"  compared in {level:8}: {sum(level in notes.reached.get(name, ()) for name in distinct)}")
    if "--missing" in sys.argv:
        print("not compared:", ", ".join(name for name in distinct if name not in notes.reached))
    raise SystemExit(status)


if __name__ == "__main__":
    main()
