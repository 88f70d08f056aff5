"""A training step of ours and of PyTorch, and, for the smallest models, of NumPy written by hand.

    python tests/benchmarks/time_training.py [--rounds 3] [--threads N] [--busy] [--captured] [WORKLOAD ...]

Each time is measured in a process of its own, so that no two libraries' threads disturb each other, and the processes
alternate, so that a slow minute of the machine hits all of them. A process warms up and reports its median step and
its peak memory; the table shows the median over the processes, and the median of the ratios within a round. All run in
float32. The models are in `workloads.py`. With `--captured`, ours is replayed by `nn.capture`.

With `--busy`, processes that do nothing but count run beside the measured ones, one for each core, and the last column
shows how many times as long our step takes then, on one thread unless `--threads` says otherwise.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
from workloads import Library, Step, everyday, small

SECONDS = 1.0
LR = 0.01
XOR = [[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]]
LINE = [[1, 2, 5], [2, 3, 7], [3, 4, 9], [4, 5, 11]]


def fromzero(workload: str) -> Step:
    import nn

    nn.manual_seed(0)
    return (small | everyday)[workload](Library(nn, nn))


def captured(workload: str) -> Step:
    import nn

    return nn.capture(fromzero(workload))


def torch(workload: str) -> Step:
    import torch

    if threads := os.environ.get("OMP_NUM_THREADS"):
        torch.set_num_threads(int(threads))
    torch.manual_seed(0)
    return (small | everyday)[workload](Library(torch, torch.nn))


def numpy(workload: str) -> Step | None:
    """The step written out by hand for the smallest models of dense layers."""
    if workload not in small:
        return None
    rng = np.random.default_rng(0)
    if workload == "mlp":
        x, y = rng.standard_normal((64, 784), np.float32), rng.integers(0, 10, 64)
    else:
        x = np.array({"xor": XOR, "linear_regression": LINE}[workload], np.float32)
        x, y = x[:, :2], x[:, 2:]
    sizes = {"xor": (2, 8, 1), "linear_regression": (2, 1), "mlp": (784, 128, 64, 10)}[workload]
    weights = [rng.uniform(-1, 1, (n, m)).astype(np.float32) / np.float32(n) ** 0.5 for n, m in pairwise(sizes)]
    biases = [np.zeros(m, np.float32) for m in sizes[1:]]
    rows = np.arange(len(x))

    def step() -> None:
        inputs, h = [], x
        for i, (w, b) in enumerate(zip(weights, biases, strict=True)):
            inputs.append(h)
            h = h @ w
            h += b
            if workload == "xor":
                h = 1 / (1 + np.exp(-h))
            elif workload == "mlp" and i < len(weights) - 1:
                np.maximum(h, 0, out=h)
        if workload == "mlp":
            h -= h.max(axis=1, keepdims=True)
            np.exp(h, out=h)
            h /= h.sum(axis=1, keepdims=True)
            h[rows, y] -= 1
            g = h / len(x)
        else:
            g = (h - y) * (2 / len(x))
            if workload == "xor":
                g *= h * (1 - h)
        for i in reversed(range(len(weights))):
            dw, db = inputs[i].T @ g, g.sum(axis=0)
            if i:
                g = g @ weights[i].T
                g *= inputs[i] * (1 - inputs[i]) if workload == "xor" else inputs[i] > 0
            weights[i] -= LR * dw
            biases[i] -= LR * db

    return step


LIBRARIES: dict[str, Callable[[str], Step | None]] = {
    "fromzero": fromzero,
    "captured": captured,
    "torch": torch,
    "numpy": numpy,
}


def measured(library: str, workload: str) -> tuple[float, float] | None:
    """Microseconds of one step, the median of many in this process, and its peak memory in megabytes."""
    step = LIBRARIES[library](workload)
    if step is None:
        return None
    for _ in range(5):
        step()
    times: list[float] = []
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end or len(times) < 5:
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e6, _peak()


def _peak() -> float:
    try:
        import resource
    except ImportError:  # Windows
        return math.nan
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def in_own_process(library: str, workload: str, threads: int | None) -> tuple[float, float] | None:
    command = [sys.executable, __file__, "--one", library, workload]
    said = {} if threads is None else {f"{name}_NUM_THREADS": str(threads) for name in ("OMP", "OPENBLAS", "MKL")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | said)
    if done.returncode:
        raise SystemExit(f"{library}, {workload}: {done.stderr.strip().splitlines()[-1]}")
    return json.loads(done.stdout)


@contextlib.contextmanager
def neighbours(busy: bool) -> Iterator[None]:
    """A busy process for each core, while this lasts."""
    count = (os.cpu_count() or 1) if busy else 0
    running = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def row(workload: str, libraries: list[str], rounds: int, threads: int | None, busy: bool) -> float | None:
    """Measure and print one row of the table: our time, ours being the first library, as a ratio to PyTorch's."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in libraries}
    slower = []
    for _ in range(rounds):
        quiet = in_own_process(libraries[0], workload, threads) if busy else None
        with neighbours(busy):
            for name in libraries:
                value = in_own_process(name, workload, threads)
                if value is not None:
                    found[name].append(value)
        if quiet is not None:
            slower.append(found[libraries[0]][-1][0] / quiet[0])
    ours = [us for us, _ in found[libraries[0]]]
    ratios = {
        name: statistics.median(a / b for a, (b, _) in zip(ours, found[name], strict=True))
        for name in ("torch", "numpy")
        if found.get(name)
    }
    cells = [f"{statistics.median(us for us, _ in values):.1f}" if values else "-" for values in found.values()]
    cells += [f"{ratios[name]:.2f}" if name in ratios else "-" for name in ("torch", "numpy")]
    peaks = [statistics.median(mb for _, mb in found[name]) for name in (libraries[0], "torch") if found.get(name)]
    cells.append(" / ".join("-" if math.isnan(mb) else f"{mb:.0f}" for mb in peaks))
    if busy:
        cells.append(f"{statistics.median(slower):.2f}")
    print(f"{workload:20}" + "".join(f"{cell:>12}" for cell in cells), flush=True)
    return ratios.get("torch")


def time_mlp() -> None:
    measured("fromzero", "mlp")


def time_cnn() -> None:
    measured("fromzero", "cnn")


def time_gpt() -> None:
    measured("fromzero", "gpt")


def main() -> None:
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measured(*sys.argv[2:4])))
        return
    names = [*small, *everyday]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("workload", nargs="*", help="any of " + ", ".join(names) + "; all by default")
    parser.add_argument("--rounds", type=int, default=3, help="processes for each library and workload")
    parser.add_argument("--threads", type=int, help="threads of each library; its own default by default")
    parser.add_argument("--busy", action="store_true", help="beside a busy process for each core")
    parser.add_argument("--captured", action="store_true", help="ours replayed by nn.capture")
    arguments = parser.parse_args()
    workloads = arguments.workload or names
    if unknown := set(workloads) - set(names):
        parser.error(f"unknown workload {', '.join(sorted(unknown))}; choose from {', '.join(names)}")
    threads = arguments.threads or (1 if arguments.busy else None)
    libraries = ["captured" if arguments.captured else "fromzero"] + (
        ["torch"] if importlib.util.find_spec("torch") else []
    )
    libraries += ["numpy"] if set(workloads) & set(small) else []
    print(
        f"microseconds a step, medians of {arguments.rounds} rounds; {os.cpu_count()} cores, "
        f"threads: {threads or 'as each likes'}{', busy' if arguments.busy else ''}; NumPy {np.__version__}\n"
    )
    columns = [*libraries, "ours/torch", "ours/numpy", "peak MB", *(["busy/quiet"] if arguments.busy else [])]
    print(f"{'workload':20}" + "".join(f"{name:>12}" for name in columns), flush=True)
    ratios = {w: row(w, libraries, arguments.rounds, threads, arguments.busy) for w in workloads}
    counted = [ratio for workload, ratio in ratios.items() if ratio and workload in everyday]
    if counted:
        mean = statistics.geometric_mean(counted)
        print(f"\nours/torch of {len(counted)} everyday steps: geometric mean {mean:.2f}, worst {max(counted):.2f}")


if __name__ == "__main__":
    main()
