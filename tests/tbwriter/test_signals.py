"""A program's signals are its own: none is lost, doubled or handled early because a writer has threads of its own."""

import os
import subprocess
import sys

import pytest

from tbwriter import read_scalars

HEAD = """
import asyncio, faulthandler, multiprocessing.process, multiprocessing.util, os, signal, sys, time
from tbwriter import SummaryWriter

multiprocessing.process.current_process()._config["daemon"] = in_a_pool  # as the worker of a pool
writer = SummaryWriter(sys.argv[1])

def add():
    writer.add_scalar("x", 1, 1)
    writer.flush()

def send(number, times=1):
    for _ in range(times):
        os.kill(os.getpid(), number)

counted = []
def count(number, frame=None):
    counted.append(number)
"""

# what a program does, whether as the worker of a pool, and what it prints and how it ends, as it does without a writer
PROGRAMS = {
    "a blocked signal waits for its critical section": (
        """
signal.signal(signal.SIGUSR1, count)
add()
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
send(signal.SIGUSR1)
time.sleep(0.05)
print(len(counted))
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR1})
print(len(counted))
""",
        False,
        ["0", "1"],
        0,
    ),
    "sigwait gets what was sent before it": (
        """
add()
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
send(signal.SIGTERM)
print(signal.sigwait({signal.SIGTERM}) == signal.SIGTERM)
""",
        True,
        ["True"],
        0,
    ),
    "a blocked SIGTERM ends the worker of a pool after its critical section": (
        """
add()
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
send(signal.SIGTERM)
time.sleep(0.05)
print("done", flush=True)
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
print("alive")
""",
        True,
        ["done"],
        -15,
    ),
    "a handler set after the first event": (
        """
add()
signal.signal(signal.SIGTERM, count)
for _ in range(5): send(signal.SIGTERM)
time.sleep(0.1)
print(len(counted))
""",
        True,
        ["5"],
        0,
    ),
    "asyncio's handler, and the default after it": (
        """
async def main():
    add()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, count, signal.SIGTERM)
    for _ in range(5):
        send(signal.SIGTERM)
        await asyncio.sleep(0.01)
    print(len(counted), flush=True)
asyncio.run(main())
send(signal.SIGTERM)
print("alive")
""",
        True,
        ["5"],
        -15,
    ),
    "asyncio's handler of another signal, set before the first event": (
        """
async def main():
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, count, signal.SIGUSR1)
    add()
    for _ in range(5):
        send(signal.SIGUSR1)
        await asyncio.sleep(0.01)
    print(len(counted), flush=True)
    send(signal.SIGTERM)
    await asyncio.sleep(50)
asyncio.run(main())
""",
        True,
        ["5"],
        -15,
    ),
    "a wakeup descriptor of its own, which a forked child has, too": (
        """
add()
reading, writing = os.pipe()
os.set_blocking(writing, False)
before = signal.set_wakeup_fd(writing)
signal.signal(signal.SIGUSR1, count)
send(signal.SIGUSR1, 3)
print(os.read(reading, 9) == bytes([signal.SIGUSR1] * 3), flush=True)
child = os.fork()
if not child:
    print(signal.set_wakeup_fd(-1) == writing, flush=True)
    os._exit(0)
os.waitpid(child, 0)
signal.set_wakeup_fd(before)
send(signal.SIGTERM)
print("alive")
""",
        True,
        ["True", "True"],
        -15,
    ),
    "a wakeup descriptor set before the first event gets what arrives meanwhile": (
        """
reading, writing = os.pipe()
os.set_blocking(writing, False)
signal.signal(signal.SIGUSR1, count)
signal.set_wakeup_fd(writing)
real = signal.set_wakeup_fd
def while_it_is_exchanged(*arguments, **options):
    before = real(*arguments, **options)
    send(signal.SIGUSR1)
    return before
signal.set_wakeup_fd = while_it_is_exchanged
add()
print(os.read(reading, 9) == bytes([signal.SIGUSR1] * 2), real(-1) == writing)
""",
        True,
        ["True True"],
        0,
    ),
    "a handler in C, which Python does not know of": (
        """
faulthandler.register(signal.SIGTERM, file=sys.stdout, all_threads=False, chain=True)
add()
send(signal.SIGTERM)
print("alive")
""",
        True,
        ["Stack"],
        -15,
    ),
}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="signals of POSIX")
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_gets_its_signals_as_without_a_writer(tmp_path, name):
    program, in_a_pool, printed, ended = PROGRAMS[name]
    if "faulthandler" in program and not os.path.exists("/proc/self/status"):  # noqa: PTH110
        pytest.skip("this system does not say which signals are handled in C")
    command = [sys.executable, "-W", "ignore", "-c", f"in_a_pool = {in_a_pool}\n{HEAD}{program}", str(tmp_path)]
    one_thread = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}  # OpenBLAS's threads take any signal
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, env=one_thread)
    assert done.returncode == ended, done.stderr
    lines = done.stdout.splitlines()
    assert [line[: len(text)] for line, text in zip(lines, printed, strict=False)] == printed
    assert "alive" not in lines
    assert read_scalars(tmp_path)["x"][0].tolist() == [1]
