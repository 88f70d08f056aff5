"""One op after another, forward and backward, as a ratio to PyTorch's: which of ours are slow, and by how much.

    python tests/benchmarks/time_ops.py [--rounds 3] [--least 0] [--small] [WORD ...]

The calls stand in `op_calls.py`; words choose those in which one of them occurs. Each library runs in a process of its
own, on one thread, and the processes take turns; what counts is processor time, the least of several calls, so that
neighbours disturb little. The arrays have a million elements, or a hundred with `--small`. Rows are sorted by the worse
of the two ratios; `--least 3` leaves out those below 3.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from op_calls import CALLS

SECONDS = 0.1
SIZES: dict[str, dict[str, Any]] = {
    "large": dict(n=1000, image=(16, 32, 45, 45), seq=(32, 128, 256)),
    "small": dict(n=10, image=(1, 4, 5, 5), seq=(2, 5, 10)),
}
Times = dict[str, list[float | None]]


def operands(library: Any, size: str) -> dict[str, Any]:
    """What the calls name, in the tensors of a library."""
    n, image, seq = (SIZES[size][name] for name in ("n", "image", "seq"))
    rng = np.random.default_rng(0)

    def tensor(array: np.ndarray, grad: bool = True) -> Any:
        return library.tensor(array).requires_grad_() if grad else library.tensor(array)

    def normal(*shape: int) -> np.ndarray:
        return rng.standard_normal(shape, np.float32)

    uniform = rng.uniform(0.01, 0.99, (n, n)).astype(np.float32)
    few = min(n, 200)
    places = rng.uniform(-1, 1, (image[0], *image[2:], 2)).astype(np.float32)
    return {
        "T": library,
        "F": importlib.import_module("nn.functional" if library.__name__ == "nn" else "torch.nn.functional"),
        "n": n,
        "c": image[1],
        "d": seq[2],
        "matrix": tensor(normal(seq[2], seq[2])),
        "x": tensor(normal(n, n)),
        "y": tensor(normal(n, n)),
        "p": tensor(uniform + np.float32(0.5)),
        "u": tensor(uniform),
        "plain": tensor(normal(n, n), False),
        "some": tensor(rng.uniform(size=(n, n)) < 0.5, False),
        "v": tensor(normal(n)),
        "w": tensor(normal(n * n), False),
        "k": tensor(rng.integers(0, n, (n, n)), False),
        "rows": tensor(rng.integers(0, n, n), False),
        "order": tensor(rng.permutation(n), False),
        "image": tensor(normal(*image)),
        "grid": tensor(places),
        "seq": tensor(normal(*seq)),
        "labels": tensor(rng.integers(1, seq[2], (seq[0], seq[1] // 4)), False),
        "square": tensor(normal(few, few) / few + np.eye(few, dtype=np.float32)),
    }


def evaluated(call: str, names: dict[str, Any]) -> Callable[[], Any]:
    """A call as a function without arguments."""
    code = compile(call, call, "eval")
    return lambda: eval(code, names)


def with_backward(library: Any, call: str, names: dict[str, Any]) -> Callable[[], None] | None:
    """A call and a backward from all its results; None where no result has a gradient."""

    def several(results: Any) -> list[Any]:
        return list(results) if isinstance(results, tuple | list) else [results]

    forward = evaluated(call, names)
    roots = [i for i, result in enumerate(several(forward())) if getattr(result, "requires_grad", False)]
    if not roots:
        return None
    leaves = [value for value in names.values() if isinstance(value, library.Tensor) and value.requires_grad]
    seeds = [library.ones_like(result) for i, result in enumerate(several(forward())) if i in roots]

    def step() -> None:
        results = several(forward())
        library.autograd.backward([results[i] for i in roots], seeds)
        for leaf in leaves:
            leaf.grad = None

    return step


def least(work: Callable[[], Any]) -> float:
    """Microseconds of processor time, the least of several calls."""
    work()
    times: list[float] = []
    spent, repeats = 0.0, 1
    while spent < SECONDS or len(times) < 3:
        start = time.process_time()
        for _ in range(repeats):
            work()
        took = time.process_time() - start
        spent += took
        times.append(took / repeats)
        if took < SECONDS / 50:
            repeats *= 2
    return min(times) * 1e6


def measured(library_name: str, size: str, calls: list[str]) -> Times:
    """For each call microseconds of the forward, and of the backward after it; None where there is none."""
    library = importlib.import_module(library_name)
    library.set_num_threads(1)
    if library_name == "nn":
        importlib.import_module("nn.linalg"), importlib.import_module("nn.special"), importlib.import_module("nn.fft")
    names = operands(library, size)
    found: Times = {}
    for call in calls:
        forward = least(evaluated(call, names))
        step = with_backward(library, call, names)
        found[call] = [forward, None if step is None else max(least(step) - forward, 0.0)]
    return found


def in_own_process(library: str, size: str, calls: list[str]) -> Times:
    one = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
    command = [sys.executable, __file__, "--one", library, size, *calls]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | one)
    if done.returncode:
        raise SystemExit(f"{library}: {done.stderr.strip().splitlines()[-1]}")
    return json.loads(done.stdout)


def main() -> None:
    if sys.argv[1:2] == ["--one"]:
        warnings.simplefilter("ignore")
        print(json.dumps(measured(*sys.argv[2:4], sys.argv[4:])))
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("word", nargs="*", help="calls in which one of these occurs; all by default")
    parser.add_argument("--rounds", type=int, default=3, help="processes for each library")
    parser.add_argument("--least", type=float, default=0.0, help="show only ratios from this on")
    parser.add_argument("--small", action="store_true", help="arrays of a hundred elements instead of a million")
    arguments = parser.parse_args()
    calls = [call for call in CALLS if not arguments.word or any(word in call for word in arguments.word)]
    if not calls:
        parser.error(f"no call holds {' or '.join(arguments.word)}; they stand in op_calls.py")
    size = "small" if arguments.small else "large"
    rounds = [{lib: in_own_process(lib, size, calls) for lib in ("nn", "torch")} for _ in range(arguments.rounds)]
    rows = []
    for call in calls:
        best = {
            lib: [min(t) if None not in (t := [r[lib][call][way] for r in rounds]) else None for way in (0, 1)]
            for lib in ("nn", "torch")
        }
        pairs = list(zip(best["nn"], best["torch"], strict=True))
        ratios = [ours / theirs if ours and theirs else None for ours, theirs in pairs]
        rows.append((max(r for r in ratios if r), call, ratios, best["nn"]))
    print(f"{'call':66}{'forward':>12}{'backward':>12}{'forward/torch':>15}{'backward/torch':>16}")
    for worst, call, ratios, ours in sorted(rows, reverse=True, key=lambda row: row[0]):
        if worst >= arguments.least:
            cells = [f"{us:.1f}" if us is not None else "-" for us in ours]
            shown = [f"{r:.2f}" if r else "-" for r in ratios]
            print(f"{call[:65]:66}{cells[0]:>12}{cells[1]:>12}{shown[0]:>15}{shown[1]:>16}")
    for way, name in enumerate(("forward", "backward")):
        some = [ratios[way] for _, _, ratios, _ in rows if ratios[way]]
        if some:
            mean = statistics.geometric_mean(some)
            print(f"{name}: geometric mean {mean:.2f} over {len(some)}, {sum(r > 3 for r in some)} above 3")


if __name__ == "__main__":
    main()
