"""Where no thread can start, no process can fork and no C library can be loaded, as in a browser, all of it works."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BARE = """
import _thread
import ctypes
import os
import threading
from pathlib import Path


def refuse(*args, **kwargs):
    raise RuntimeError("can't start new thread")


class NoLibrary:
    def __init__(self, *args, **kwargs):
        raise OSError("no library can be loaded")


threading.Thread.start = _thread.start_new_thread = refuse
ctypes.CDLL = NoLibrary
for name in ("fork", "forkpty", "posix_spawn", "posix_spawnp", "register_at_fork"):
    vars(os).pop(name, None)
"""
PROGRAM = """
import nn
from nn.cli import main
from tbwriter import read_events

for name in ("xor", "linear-regression", "cnn"):
    assert main(["train", name, "--epochs", "2", "--quiet", "--log-dir", f"runs/{name}"]) == 0
    files = list(Path("runs", name).rglob("*tfevents*"))
    print(name, len(files), sum(1 for path in files for _ in read_events(path)))
loader = nn.data.DataLoader(range(5), batch_size=2, num_workers=2)
print([batch.tolist() for batch in loader], list(nn.data.Prefetcher([1, 2])))
nn.set_num_threads(2)
big = nn.ones(1024, 1024) @ nn.ones(1024, 1024)
print(nn.functional.conv2d(nn.ones(64, 16, 32, 32), nn.ones(32, 16, 3, 3)).sum().item(), big[0, 0].item())
"""


def run(program, folder):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-W", "error", "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=environment)


def test_the_examples_train_and_their_events_are_whole(tmp_path):
    (tmp_path / "with").mkdir()
    (tmp_path / "without").mkdir()
    ordinary = run("from pathlib import Path\n" + PROGRAM, tmp_path / "with")
    bare = run(BARE + PROGRAM, tmp_path / "without")
    assert ordinary.returncode == 0, ordinary.stderr
    assert bare.returncode == 0, bare.stderr
    keep = [
        line for line in ordinary.stdout.splitlines() if line.startswith(("xor ", "linear-regression ", "cnn ", "["))
    ]
    assert len(keep) == 4
    assert all(line in bare.stdout for line in keep), bare.stdout
    assert bare.stdout.splitlines()[-1] == ordinary.stdout.splitlines()[-1]
