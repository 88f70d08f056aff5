"""What many processes bring, and what they cost: ``python tests/benchmarks/time_ranks.py`` (extra `mpi`).

It trains a CNN and a small GPT by 1, 2 and 4 processes of one thread each, and by one process of two threads: samples a
second, the time that the sums of gradients take, and the share of it that backward hides. Then it measures the sum of
messages of two lengths between two processes, fits

    step(R) = compute + buckets * latency + 2 (R - 1) / R * bytes / bandwidth

and extrapolates the second part to clusters of assumed networks. It needs a quiet machine.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

import nn
from nn import distributed as dist
from nn.autograd import hooks
from nn.world import world

BATCH = {"cnn": 64, "gpt": 16}
STEPS = 12
NETWORKS = {"Ethernet, 10 Gbit/s, 50 us": (1.25e9, 50e-6), "InfiniBand, 100 Gbit/s, 2 us": (12.5e9, 2e-6)}


def model_and_loss(name: str) -> tuple[Any, Any]:
    """A model and the loss of a batch of random data; every process has the whole batch of its own."""
    nn.manual_seed(dist.get_rank())
    if name == "cnn":
        model: Any = nn.Sequential(
            nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
            nn.Linear(9216, 128), nn.ReLU(), nn.Linear(128, 10),
        )  # fmt: skip
        x, y = nn.randn(BATCH[name], 1, 28, 28), nn.randint(0, 10, (BATCH[name],))
        return model, lambda m: nn.functional.cross_entropy(m(x), y)
    model = nn.models.GPT(nn.models.GPTConfig(vocab_size=96, n_positions=64, n_embd=128, n_layer=4, n_head=4))
    tokens = nn.randint(0, 96, (BATCH[name], 65))
    return model, lambda m: nn.functional.cross_entropy(m(tokens[:, :-1]).flatten(0, 1), tokens[:, 1:].flatten())


def work(name: str, overlap: bool) -> dict[str, Any]:
    """Train for some steps; the median time of a step, and of what it waited for messages."""
    dist.init()
    model, loss_of = model_and_loss(name)
    ddp = dist.DistributedDataParallel(model, bucket_cap_mb=1.0)
    hooks.awaited = overlap  # without it every gradient is handed over when backward has ended
    optimizer = nn.optim.SGD(ddp.parameters(), lr=0.01)
    waits = [0.0]
    if world().size > 1:
        before = type(world()).wait_for

        def timed(self: Any, request: Any, what: str) -> None:
            start = time.perf_counter()
            before(self, request, what)
            waits[-1] += time.perf_counter() - start

        type(world()).wait_for = timed  # type: ignore[method-assign]
    times = []
    for _ in range(STEPS):
        dist.barrier()
        waits.append(0.0)
        start = time.perf_counter()
        optimizer.zero_grad()
        loss_of(ddp).backward()
        optimizer.step()
        times.append(time.perf_counter() - start)
    return {
        "step": statistics.median(times[2:]),
        "wait": statistics.median(waits[3:]),
        "bytes": sum(p._array.nbytes for p in model.parameters()),
        "buckets": len(ddp._reducer.buckets),
    }


def messages() -> dict[str, Any]:
    """The time of a sum of a short and of a long message."""
    dist.init()
    found = {}
    for size in (1, 2**21):
        array = np.ones(size, np.float32)
        times = []
        for _ in range(30):
            world().barrier()
            start = time.perf_counter()
            world().all_reduce(array).wait()
            times.append(time.perf_counter() - start)
        found[str(size)] = statistics.median(times)
    return found


def run(ranks: int, threads: int, *arguments: str) -> dict[str, Any]:
    """The result of process 0."""
    mpiexec = Path(sys.executable).with_name("mpiexec")
    command = [str(mpiexec if mpiexec.exists() else "mpiexec"), "-n", str(ranks), sys.executable, __file__, *arguments]
    env = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=env)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> None:
    """Measure in turn, and print the tables."""
    print(f"{os.cpu_count()} cores, NumPy {np.__version__}; medians of {STEPS - 2} steps\n")
    print(f"{'model':6} {'processes':>9} {'threads':>8} {'samples/s':>10} {'to one':>7} {'sums, ms':>9} {'hidden':>7}")
    measured: dict[str, dict[str, Any]] = {}
    for name in BATCH:
        one = run(1, 1, name, "overlap")
        rate = BATCH[name] / one["step"]
        print(f"{name:6} {1:9} {1:8} {rate:10.1f} {1:6.2f}x {'-':>9} {'-':>7}")
        two_threads = run(1, 2, name, "overlap")
        other = BATCH[name] / two_threads["step"]
        print(f"{name:6} {1:9} {2:8} {other:10.1f} {other / rate:6.2f}x {'-':>9} {'-':>7}")
        for ranks in (2, 4):
            found, apart = run(ranks, 1, name, "overlap"), run(ranks, 1, name, "apart")
            many = ranks * BATCH[name] / found["step"]
            hidden = max(0.0, 1 - found["wait"] / apart["wait"]) if apart["wait"] else 0.0
            print(f"{name:6} {ranks:9} {1:8} {many:10.1f} {many / rate:6.2f}x {1e3 * apart['wait']:9.2f} {hidden:6.0%}")
        measured[name] = one | {"buckets": found["buckets"]}
    sums = run(2, 1, "messages")
    latency = sums["1"]
    bandwidth = 2**23 / (sums[str(2**21)] - latency)
    print(f"\nA sum between two processes here: {1e6 * latency:.0f} us and {bandwidth / 1e9:.2f} GB/s.")
    print("\nExtrapolated: the share of a step that is compute, if nothing is hidden, with such a batch a node")
    print(f"{'model':6} {'network':30} {'8 nodes':>9} {'64':>9} {'512':>9}")
    for name, found in measured.items():
        for network, (speed, delay) in NETWORKS.items():
            shares = []
            for nodes in (8, 64, 512):
                travel = 2 * (nodes - 1) / nodes * found["bytes"] / speed
                steps = 2 * int(np.ceil(np.log2(nodes))) * found["buckets"] * delay
                shares.append(found["step"] / (found["step"] + travel + steps))
            print(f"{name:6} {network:30} " + " ".join(f"{share:9.1%}" for share in shares))


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    else:
        result = messages() if sys.argv[1] == "messages" else work(sys.argv[1], sys.argv[2] == "overlap")
        if dist.get_rank() == 0:
            print(json.dumps(result))
