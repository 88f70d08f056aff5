"""Freed memory stays with the process, unless the user has told the C library otherwise."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

PROGRAM = """
import numpy as np, nn
from nn.kernels.memory import keep_freed_memory

def resident():
    return int(open("/proc/self/statm").read().split()[1])

a = np.ones(2**24, np.uint8)
before = resident()
del a
print(keep_freed_memory(), before - resident() < 1000)
"""

linux = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not glibc")


def run(**settings: str) -> list[str]:
    unset = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES")
    environment = {name: value for name, value in os.environ.items() if name not in unset} | settings
    return subprocess.check_output([sys.executable, "-c", PROGRAM], env=environment, text=True).split()


@linux
def test_freed_memory_is_kept():
    assert run() == ["True", "True"]


@linux
def test_the_user_s_own_setting_stands():
    assert run(MALLOC_MMAP_THRESHOLD_="65536") == ["False", "False"]


def test_another_c_library_is_left_alone(monkeypatch):
    import ctypes

    from nn.kernels.memory import keep_freed_memory

    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    assert keep_freed_memory() is False


GIVEN_BACK = """
import numpy as np, nn
def resident():
    return int(open("/proc/self/statm").read().split()[1])

nn.ones(1)
small = [np.ones(2**20, np.uint8) for _ in range(64)]
held = small[-1]
before = resident()
del small
kept = resident()
nn.empty_cache()
print(before - kept < 2000, before - resident() > 10000, held.sum() == 2**20)
"""


@linux
def test_an_emptied_cache_is_given_back():
    got = subprocess.check_output([sys.executable, "-c", GIVEN_BACK], text=True).split()
    assert got == ["True", "True", "True"]
