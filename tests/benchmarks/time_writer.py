"""What logging costs, against the other writers: ``python tests/benchmarks/time_writer.py``.

Every library works in processes of its own, and they take turns, so that none has the quiet hours of the machine to
itself. Printed are medians: microseconds of the caller for a call, in brackets up to the return of ``close``, and how
many times tbwriter's they are. The ``time_*`` functions are also what airspeed velocity looks for.
"""

import argparse
import importlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
import warnings

import numpy as np

LIBRARIES = {"tbwriter": "tbwriter", "tensorboardX": "tensorboardX", "torch": "torch.utils.tensorboard"}
ROUNDS = 5

VALUES = np.random.default_rng(0).normal(size=100_000).astype(np.float32)
PICTURE = np.random.default_rng(0).integers(0, 256, (512, 512, 3), np.uint8)
SCALARS = {f"layer {i}/norm": 0.1 * i for i in range(20)}


def add_scalar(writer, step):
    writer.add_scalar("loss/train", 0.5, step)


def log_20_scalars(writer, step):
    if hasattr(writer, "log"):
        writer.log(step, SCALARS)
    else:
        for tag, value in SCALARS.items():
            writer.add_scalar(tag, value, step)


def add_histogram_100k(writer, step):
    writer.add_histogram("weights", VALUES, step)


def add_image_512(writer, step):
    writer.add_image("noise", PICTURE, step, dataformats="HWC")


WORKLOADS = {add_scalar: 20_000, log_20_scalars: 1_000, add_histogram_100k: 30, add_image_512: 10}  # and calls of each


def measure(library, workload):
    """Microseconds a call: of the caller alone, and with `close`."""
    calls = WORKLOADS[workload]
    with tempfile.TemporaryDirectory() as log_dir:
        writer = importlib.import_module(LIBRARIES[library]).SummaryWriter(log_dir)
        workload(writer, 0)
        start = time.perf_counter()
        for step in range(1, calls + 1):
            workload(writer, step)
        added = time.perf_counter()
        writer.close()
        closed = time.perf_counter()
    return (added - start) / calls * 1e6, (closed - start) / calls * 1e6


def measure_import(library):
    """Microseconds until SummaryWriter is there; NumPy's own import, which all share, counts too."""
    program = f"import time; t = time.perf_counter(); from {LIBRARIES[library]} import SummaryWriter; "
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program + "print(time.perf_counter() - t)"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return (float(done.stdout) * 1e6,)


def time_add_scalar(library):
    measure(library, add_scalar)


def time_log_20_scalars(library):
    measure(library, log_20_scalars)


def time_add_histogram_100k(library):
    measure(library, add_histogram_100k)


def time_add_image_512(library):
    measure(library, add_image_512)


def time_import(library):
    measure_import(library)


for function in time_add_scalar, time_log_20_scalars, time_add_histogram_100k, time_add_image_512, time_import:
    function.params = [list(LIBRARIES)]
    function.param_names = ["library"]


def measure_elsewhere(library):
    """All figures of a library, from a process of its own; None where it is not installed."""
    command = [sys.executable, "-W", "ignore", __file__, "--library", library]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else None


def compare(rounds):
    found = {library: [] for library in LIBRARIES}
    for _ in range(rounds):
        for library, figures in found.items():
            figures.append(measure_elsewhere(library))
    medians = {
        library: {name: [statistics.median(column) for column in zip(*(one[name] for one in figures), strict=True)]
                  for name in figures[0]}
        for library, figures in found.items() if all(figures)
    }  # fmt: skip
    print(f"{'microseconds a call (with close)':34}" + "".join(f"{library:>34}" for library in medians))
    for name, ours in medians["tbwriter"].items():
        cells = []
        for theirs in (figures[name] for figures in medians.values()):
            ratios = " / ".join(f"{b / a:.0f}x" for a, b in zip(ours, theirs, strict=True))
            cells.append(" ".join([f"{theirs[0]:.1f}", *(f"({total:.1f})" for total in theirs[1:]), f" {ratios:>11}"]))
        print(f"{name:34}" + "".join(f"{cell:>34}" for cell in cells))


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--library", choices=LIBRARIES, help="print the figures of one library, as JSON")
    options = parser.parse_args()
    if options.library:
        warnings.simplefilter("ignore")
        figures = {"import": measure_import(options.library)}
        figures |= {workload.__name__: measure(options.library, workload) for workload in WORKLOADS}
        print(json.dumps(figures))
    else:
        compare(options.rounds)


if __name__ == "__main__":
    main()
