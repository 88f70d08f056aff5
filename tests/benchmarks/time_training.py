"""One training step (forward, loss, backward, SGD) of ours, of PyTorch, and of NumPy written by hand.

    python tests/benchmarks/time_training.py [--rounds 5] [xor linear_regression mlp cnn]

Each time is measured in a process of its own, so that no two libraries' threads disturb each other, and the processes
alternate, so that a slow minute of the machine hits all of them. A process warms up and reports its median step; the
table shows the median over the processes, and ours as a ratio to each peer's. All run in float32 with as many threads
as there are cores. `time_*` functions are what asv would collect.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise

import numpy as np

WORKLOADS = ("xor", "linear_regression", "mlp", "cnn")
STEPS = {"xor": 2000, "linear_regression": 2000, "mlp": 300, "cnn": 20}
LR = 0.01

Step = Callable[[], object]


def data(workload: str) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    if workload == "xor":
        return np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32), np.array([[0], [1], [1], [0]], np.float32)
    if workload == "linear_regression":
        return np.array([[1, 2], [2, 3], [3, 4], [4, 5]], np.float32), np.array([[5], [7], [9], [11]], np.float32)
    shape = (64, 784) if workload == "mlp" else (64, 1, 28, 28)
    return rng.standard_normal(shape, np.float32), rng.integers(0, 10, 64)


def layers(nn, workload: str):
    """The same model from `nn` or `torch.nn`: the names are the same."""
    if workload == "xor":
        return nn.Sequential(nn.Linear(2, 8), nn.Sigmoid(), nn.Linear(8, 1), nn.Sigmoid())
    if workload == "linear_regression":
        return nn.Linear(2, 1)
    if workload == "mlp":
        return nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))
    convolutions = (nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())
    return nn.Sequential(*convolutions, nn.Linear(9216, 128), nn.ReLU(), nn.Linear(128, 10))


def _training_step(model, x, y, loss_function, optimizer) -> Step:
    def step() -> None:
        optimizer.zero_grad()
        loss_function(model(x), y).backward()
        optimizer.step()

    return step


def fromzero(workload: str) -> Step:
    import nn

    nn.manual_seed(0)
    model = layers(nn, workload)
    x, y = map(nn.from_numpy, data(workload))
    loss = nn.CrossEntropyLoss() if y.dtype == nn.int64 else nn.MSELoss()
    return _training_step(model, x, y, loss, nn.optim.SGD(model.parameters(), lr=LR))


def torch(workload: str) -> Step:
    import torch
    from torch import nn

    torch.manual_seed(0)
    model = layers(nn, workload)
    x, y = map(torch.from_numpy, data(workload))
    loss = nn.CrossEntropyLoss() if y.dtype == torch.int64 else nn.MSELoss()
    return _training_step(model, x, y, loss, torch.optim.SGD(model.parameters(), lr=LR))


def numpy(workload: str) -> Step | None:
    """The step written out by hand for dense layers; there is none for the CNN."""
    if workload == "cnn":
        return None
    rng = np.random.default_rng(0)
    x, y = data(workload)
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


LIBRARIES: dict[str, Callable[[str], Step | None]] = {"fromzero": fromzero, "torch": torch, "numpy": numpy}


def median_step(library: str, workload: str) -> float | None:
    """Microseconds of one step: the median of many, after a warm-up, in this process."""
    step = LIBRARIES[library](workload)
    if step is None:
        return None
    count = STEPS[workload]
    for _ in range(max(3, count // 10)):
        step()
    times = []
    for _ in range(count):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e6


def time_xor() -> None:
    median_step("fromzero", "xor")


def time_linear_regression() -> None:
    median_step("fromzero", "linear_regression")


def time_mlp() -> None:
    median_step("fromzero", "mlp")


def time_cnn() -> None:
    median_step("fromzero", "cnn")


def in_own_process(library: str, workload: str) -> float | None:
    command = [sys.executable, __file__, "--one", library, workload]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{library}, {workload}: {done.stderr.strip().splitlines()[-1]}")
    return json.loads(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("workload", nargs="*", help="any of " + ", ".join(WORKLOADS) + "; all by default")
    parser.add_argument("--rounds", type=int, default=5, help="processes for each library and workload")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    if "--one" in sys.argv:
        print(json.dumps(median_step(*sys.argv[2:4])))
        return
    arguments = parser.parse_args()
    workloads = arguments.workload or list(WORKLOADS)
    if unknown := set(workloads) - set(WORKLOADS):
        parser.error(f"unknown workload {', '.join(sorted(unknown))}; choose from {', '.join(WORKLOADS)}")
    libraries = [name for name in LIBRARIES if name in ("fromzero", "numpy") or importlib.util.find_spec(name)]
    print(
        f"microseconds a step, medians of {arguments.rounds} processes; "
        f"{os.cpu_count()} cores, NumPy {np.__version__}\n"
    )
    print(f"{'workload':20}" + "".join(f"{name:>12}" for name in libraries) + f"{'ours/torch':>14}{'ours/numpy':>12}")
    for workload in workloads:
        found: dict[str, list[float]] = {name: [] for name in libraries}
        for _ in range(arguments.rounds):
            for name in libraries:
                value = in_own_process(name, workload)
                if value is not None:
                    found[name].append(value)
        medians = {name: statistics.median(values) if values else None for name, values in found.items()}
        ours = medians["fromzero"]
        cells = "".join(f"{'-' if v is None else format(v, '.1f'):>12}" for v in medians.values())
        ratios = [f"{ours / medians[p]:.2f}" if medians.get(p) and ours else "-" for p in ("torch", "numpy")]
        print(f"{workload:20}{cells}{ratios[0]:>14}{ratios[1]:>12}", flush=True)


if __name__ == "__main__":
    main()
