"""Every layer and loss of `torch.nn`: how often the tests compare it with PyTorch's, and how far they differ at most.

    python tests/benchmarks/compare_layers.py

Runs `tests/modules` with the comparisons noting their numbers. A difference is the largest |ours - theirs| of a tensor
over its largest |theirs| (at least 0.01): of values, and of the gradients of the first and the second order.
"""

from __future__ import annotations

import contextlib
import functools
import io
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))

import oracle  # noqa: E402
import torch  # noqa: E402

import nn  # noqa: E402

LEFT_OUT = {
    "CrossMapLRN2d": "an old form of LocalResponseNorm",
    "SyncBatchNorm": "for several GPUs",
    "DataParallel": "for several GPUs",
    "Container": "deprecated",
    "NLLLoss2d": "deprecated: NLLLoss",
    "LinearCrossEntropyLoss": "saves memory on GPUs: Linear and CrossEntropyLoss",
    "LinearCrossEntropyOptions": "as LinearCrossEntropyLoss",
    "RNNBase": "the base of RNN, LSTM, GRU",
    "RNNCellBase": "the base of their cells",
    "Module": "compared by behaviour in test_module",
    "Parameter": "as Module",
    "Buffer": "as Module",
    "UninitializedParameter": "as Module",
    "UninitializedBuffer": "as Module",
    "ParameterDict": "a container: test_torch_container",
    "ParameterList": "a container: test_torch_container",
    "ModuleDict": "a container: test_torch_container",
    "ModuleList": "a container: test_torch_container",
    "Sequential": "a container: test_torch_container",
}


class Notes:
    """The layers that ran since the last comparison, and the differences of each."""

    def __init__(self) -> None:
        self.depth = 0
        self.running: set[str] = set()
        self.count: dict[str, int] = defaultdict(int)
        self.worst: dict[tuple[str, str, str], float] = defaultdict(float)

    def calling(self, call: Any) -> Any:
        @functools.wraps(call)
        def run(module: Any, *args: Any, **kwargs: Any) -> Any:
            if self.depth == 0 and type(module).__module__.startswith("nn."):
                self.running.add(type(module).__name__)
            self.depth += 1
            try:
                return call(module, *args, **kwargs)
            finally:
                self.depth -= 1

        return run

    def deriving(self, derivatives: Any) -> Any:
        @functools.wraps(derivatives)
        def run(*args: Any, **kwargs: Any) -> Any:
            self.running = set() if args[0] is oracle.OURS else self.running
            return derivatives(*args, **kwargs)

        return run

    def agreeing(self, agree: Any) -> Any:
        @functools.wraps(agree)
        def run(ours: Any, theirs: Any, *tolerances: float) -> None:
            names, self.running = self.running, set()
            agree(ours, theirs, *tolerances)
            single = any(np.asarray(a).dtype == np.float32 for level in ours for a in level)
            for name in names:
                self.count[name] += not single
                for number, (level, other) in enumerate(zip(ours, theirs, strict=True)):
                    kind = ("float32" if single else "float64"), ("backward" if number else "forward")
                    for a, b in zip(level, other, strict=True):
                        if np.asarray(b).dtype.kind == "f" and np.size(b):
                            self.worst[(name, *kind)] = max(self.worst[(name, *kind)], difference(a, b))

        return run


def difference(a: Any, b: Any) -> float:
    finite = np.isfinite(b)
    if not finite.any():
        return 0.0
    return float(np.abs(a - b)[finite].max() / max(np.abs(b)[finite].max(), 1e-2))


def main() -> None:
    notes = Notes()
    nn.Module.__call__ = notes.calling(nn.Module.__call__)  # type: ignore[method-assign]
    oracle.derivatives = notes.deriving(oracle.derivatives)
    oracle.agree = notes.agreeing(oracle.agree)
    with contextlib.redirect_stdout(io.StringIO()) as log:
        status = pytest.main(["-q", "-p", "no:cacheprovider", str(TESTS / "modules")])
    print(log.getvalue().strip().splitlines()[-1], "\n")
    kinds = [(dtype, way) for dtype in ("float64", "float32") for way in ("forward", "backward")]
    print("| layer | combinations | " + " | ".join(f"{d} {w}" for d, w in kinds) + " |\n|---|---|---|---|---|---|")
    for name in sorted(notes.count):
        cells = [f"{notes.worst[(name, *kind)]:.0e}" if (name, *kind) in notes.worst else "-" for kind in kinds]
        print(f"| {name} | {notes.count[name]} | {' | '.join(cells)} |")
    theirs = {n for n in dir(torch.nn) if isinstance(getattr(torch.nn, n), type)}
    here = {n for n in theirs if hasattr(nn, n)}
    print("\nof torch.nn, compared otherwise:", ", ".join(sorted(here - set(notes.count) - set(LEFT_OUT))))
    print("left out:", "; ".join(f"{n} ({LEFT_OUT.get(n, '?')})" for n in sorted(theirs - here)))
    raise SystemExit(status)


if __name__ == "__main__":
    main()
