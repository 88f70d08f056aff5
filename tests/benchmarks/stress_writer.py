"""What the writer bears: ``python tests/benchmarks/stress_writer.py TRIAL [--count N]``.

``scalars``, ``writers`` and ``tags`` write N of them, read all of it back, and print time, memory and size. ``kills``
ends N processes by SIGKILL at random moments while they log: some one number a millisecond, some as fast as they can,
some with a flush now and then. Printed is whether a file lacks what was flushed, or has a gap, and how many of the last
adds it lacks.
"""

import argparse
import mmap
import os
import random
import resource
import signal
import statistics
import struct
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from tbwriter import SummaryWriter, read_events, read_scalars

PACES = ("a number a millisecond", "as fast as it can", "with a flush every 500")


def peak_megabytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def size(path):
    return sum(file.stat().st_size for file in Path(path).rglob("*") if file.is_file())


class Clock:
    """Seconds, wall and processor, since it was made."""

    def __init__(self):
        self.wall, self.processor = time.perf_counter(), time.process_time()

    def __str__(self):
        wall, processor = time.perf_counter() - self.wall, time.process_time() - self.processor
        return f"{wall:.1f} s, {processor:.1f} s of processor time"


def scalars(count, path):
    """One writer, one tag."""
    before = peak_megabytes()
    clock = Clock()
    with SummaryWriter(path) as writer:
        for step in range(count):
            writer.add_scalar("loss", 0.5, step)
    print(f"{count:,} scalars written: {clock}")
    print(f"peak memory: {before:.0f} MiB before, {peak_megabytes():.0f} MiB after")
    print(f"size: {size(path) / count:.1f} bytes a scalar, {size(path) / 2**20:.0f} MiB")
    clock = Clock()
    steps, values = read_scalars(path)["loss"]
    assert np.array_equal(steps, np.arange(count))
    assert (values == 0.5).all()
    print(f"read back whole: {clock}")


def writers(count, path):
    """So many writers that are open at once, each with ten numbers."""
    clock = Clock()
    opened = [SummaryWriter(f"{path}/{number}") for number in range(count)]
    for step in range(10):
        for number, writer in enumerate(opened):
            writer.add_scalar("loss", number, step)
    files = len([*Path("/proc/self/fd").glob("*")])
    print(f"{count:,} writers open: {threading.active_count()} threads, {files} open files")
    for writer in opened:
        writer.close()
    print(f"written and closed: {clock}; peak memory {peak_megabytes():.0f} MiB")
    for number in range(count):
        steps, values = read_scalars(f"{path}/{number}")["loss"]
        assert steps.tolist() == list(range(10))
        assert (values == number).all()
    print("read back whole")


def tags(count, path):
    """One writer, ten numbers for each tag."""
    clock = Clock()
    with SummaryWriter(path) as writer:
        for step in range(10):
            for number in range(count):
                writer.add_scalar(f"layer {number}/norm", number, step)
    print(f"10 numbers for each of {count:,} tags written: {clock}; peak memory {peak_megabytes():.0f} MiB")
    found = read_scalars(path)
    assert len(found) == count
    assert all(steps.tolist() == list(range(10)) for steps, _ in found.values())
    print("read back whole")


def log_until_killed(path, pace, told):
    """Add 0, 1, 2 ...; tell by shared memory how many were added, and how many were flushed."""
    writer = SummaryWriter(path)
    for step in range(10**9):
        writer.add_scalar("x", step, step)
        struct.pack_into("q", told, 0, step + 1)
        if pace == PACES[0]:
            time.sleep(0.001)
        elif pace == PACES[2] and step % 500 == 499:
            writer.flush()
            struct.pack_into("q", told, 8, step + 1)


def kills(count, path):
    """Processes that are killed at random moments."""
    r = random.Random(0)
    lacking = {pace: [] for pace in PACES}
    faults = 0
    for number in range(count):
        pace, run = PACES[number % len(PACES)], f"{path}/{number}"
        told = mmap.mmap(-1, 16)
        process = os.fork()
        if process == 0:
            log_until_killed(run, pace, told)
        while not struct.unpack_from("q", told, 0)[0]:
            time.sleep(0.001)
        time.sleep(r.uniform(0, 0.3))
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        added, flushed = struct.unpack("qq", told[:16])
        steps = [event.step for event in read_events(run) if event.summary.value]
        if steps != list(range(len(steps))) or len(steps) < flushed:
            faults += 1
            print(f"{pace}: {len(steps)} in the file, {flushed} flushed, {added} added")
        lacking[pace].append(max(0, added - len(steps)))
    print(f"{count:,} processes killed; files that lack what was flushed, or have a gap: {faults}")
    for pace, numbers in lacking.items():
        print(f"the last adds that a file lacks, {pace}: median {statistics.median(numbers):.0f}, most {max(numbers)}")
    assert not faults


TRIALS = {"scalars": (scalars, 10_000_000), "writers": (writers, 1000), "tags": (tags, 100_000), "kills": (kills, 1000)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("trial", choices=TRIALS)
    parser.add_argument("--count", type=int, metavar="N")
    options = parser.parse_args()
    trial, usual = TRIALS[options.trial]
    with tempfile.TemporaryDirectory() as path:
        trial(options.count or usual, path)


if __name__ == "__main__":
    main()
