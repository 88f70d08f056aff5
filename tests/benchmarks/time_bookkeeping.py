"""What recording costs: microseconds of an op beyond the NumPy function itself, and of backward for each node.

    python tests/benchmarks/time_bookkeeping.py

Two float32 arrays of four elements: the time of the op less that of `np.add` on the arrays, the median of many rounds.
Backward is timed along chains of 1,000 and of 100,000 additions.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

import nn
from nn.ops import arithmetic

CALLS, ROUNDS = 20_000, 15


def microseconds(call: Callable[[], object]) -> float:
    """Of one call, without the loop around it."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(CALLS):
            call()
        times.append(time.perf_counter() - start)
    return statistics.median(times) / CALLS * 1e6


def time_bookkeeping() -> dict[str, float]:
    """What each way of adding costs beyond `np.add`."""
    a = np.ones(4, np.float32)
    x, y = (nn.tensor(a, requires_grad=True) for _ in range(2))
    bare = microseconds(lambda: np.add(a, a))
    found = {"np.add": bare - microseconds(lambda: None)}
    found["arithmetic.add(x, y)"] = microseconds(lambda: arithmetic.add(x, y)) - bare
    found["arithmetic.mul(x, y)"] = microseconds(lambda: arithmetic.mul(x, y)) - bare
    found["x + y"] = microseconds(lambda: x + y) - bare
    with nn.no_grad():
        found["arithmetic.add(x, y), no_grad"] = microseconds(lambda: arithmetic.add(x, y)) - bare
    return found


def time_backward(nodes: int) -> float:
    """Microseconds of backward for each node of a chain."""
    x, y = (nn.ones(4, requires_grad=True) for _ in range(2))
    times = []
    for _ in range(5):
        z = x
        for _ in range(nodes):
            z = arithmetic.add(z, y)
        loss = z.sum()
        start = time.perf_counter()
        loss.backward()
        times.append(time.perf_counter() - start)
    return statistics.median(times) / nodes * 1e6


def main() -> None:
    for name, value in time_bookkeeping().items():
        print(f"{name:32}{value:7.2f} us{'' if name == 'np.add' else ' beyond np.add'}")
    short, long = time_backward(1_000), time_backward(100_000)
    print(f"backward, a node of 1,000       {short:7.2f} us")
    print(f"backward, a node of 100,000     {long:7.2f} us ({long / short:.2f} times)")


if __name__ == "__main__":
    main()
