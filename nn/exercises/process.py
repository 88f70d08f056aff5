"""A learner's file in a process of its own, with limits on time and memory; nothing it does reaches the caller.

The child writes a line for each check that it begins and the whole report at its end into a file of the parent's.
Where that report is missing, the file could not be run: it ended the process, took too long, or asked for too much.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nn.exercises.declaration import Exercise, Text
from nn.exercises.registry import exercise, load
from nn.exercises.runner import Report, run

__all__ = ["Outcome", "check_file"]

SECONDS, MEGABYTES = 60.0, 4096
STARTING = 60.0
"""Seconds for Python and NumPy to start, before the time of the file begins."""


@dataclass
class Outcome:
    """How the check of a file ended."""

    report: Report
    ran: bool
    """Whether all checks ended, passed or not."""
    printed: str
    """The start of what the file printed."""

    @property
    def status(self) -> int:
        """0 passed, 1 failed, 2 could not be run."""
        return 2 if not self.ran else int(not self.report.ok)


def check_file(
    id: str,
    path: str | Path,
    *,
    lang: str = "en",
    seconds: float = SECONDS,
    megabytes: int = MEGABYTES,
    declared_in: str | Path | None = None,
) -> Outcome:
    """Check the solution in a file; never raises for what the file does.

    Args:
        id: the exercise.
        path: the learner's file.
        lang: of the report.
        seconds: the time allowed for all checks together.
        megabytes: the address space allowed to the process; heeded where the system can limit it.
        declared_in: a teacher's file that declares the exercise.
    """
    with tempfile.TemporaryDirectory(prefix="fromzero-") as folder:
        result, output = Path(folder, "result"), Path(folder, "output")
        orders = dict(id=id, path=str(path), lang=lang, megabytes=megabytes, result=str(result))
        orders["declared_in"] = None if declared_in is None else str(declared_in)
        here = [str(Path(__file__).resolve().parents[2]), os.environ.get("PYTHONPATH", "")]  # this very package
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, here)),
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONIOENCODING": "utf-8",
        }
        command = [sys.executable, "-c", "from nn.exercises.process import child; child()", json.dumps(orders)]
        with output.open("wb") as printed:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=os.name == "posix",
            )
            try:
                timely = _waited(process, result, seconds)
            finally:
                _end(process)
        with output.open("rb") as printed:
            text = printed.read(4000).decode("utf-8", "replace")
        return _outcome(result, id, lang, text, process.returncode, None if timely else seconds)


def _waited(process: subprocess.Popen[bytes], result: Path, seconds: float) -> bool:
    """Wait for the end; False if the file itself, from when it is loaded, takes too long."""
    end = time.monotonic() + STARTING + seconds
    begun = False
    while time.monotonic() < end:
        if not begun and result.exists() and result.stat().st_size:
            begun, end = True, time.monotonic() + seconds
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.02)
            return True
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """The child, and whatever it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        elif process.poll() is None:
            process.kill()
    process.wait()


def _outcome(result: Path, id: str, lang: str, printed: str, code: int, limit: float | None) -> Outcome:
    lines = [json.loads(line) for line in _whole_lines(result)]
    if lines and "report" in lines[-1]:
        report = Report.from_dict(lines[-1]["report"])
        return Outcome(report, lines[-1]["ran"], printed)
    last: Text = lines[-1]["check"] if lines else ("", "")
    during = (f" during the check {last[0]!r}", f"（正在检查“{last[1]}”）") if last[0] else ("", "")
    if limit is not None:
        why = (f"it took more than {limit:g} s{during[0]}; is there a loop that does not end?",
               f"运行超过 {limit:g} 秒{during[1]}：是否有不会结束的循环？")  # fmt: skip
    else:
        why = (f"the process ended by itself with status {code}{during[0]}, before all checks had run",
               f"进程自行结束，状态 {code}{during[1]}，检查没有全部运行")  # fmt: skip
    return Outcome(Report(id, lang=lang, trouble=why), False, printed)


def _whole_lines(path: Path) -> list[str]:
    if not path.exists():
        return []
    *lines, _ = path.read_text(encoding="utf-8").split("\n")
    return lines


def child() -> None:
    """What the process of its own does; never returns."""
    orders: dict[str, Any] = json.loads(sys.argv.pop())
    with Path(orders["result"]).open("a", encoding="utf-8") as out:

        def tell(**line: Any) -> None:
            out.write(json.dumps(line) + "\n")
            out.flush()

        if orders["declared_in"] is not None:
            load(orders["declared_in"])
        found = exercise(orders["id"])
        _limit(orders["megabytes"])
        tell(check=("", ""))
        report, ran = _report(found, orders, tell)
        report.lang = orders["lang"]
        tell(report=report.as_dict(), ran=ran)
    with contextlib.suppress(Exception):
        sys.stdout.flush()
    os._exit(0)  # threads that the file left running are not waited for


def _report(found: Exercise, orders: dict[str, Any], tell: Callable[..., None]) -> tuple[Report, bool]:
    try:
        report = run(found, orders["path"], before=lambda check: tell(check=check.name))
        return report, report.loaded
    except MemoryError:
        megabytes = orders["megabytes"]
        why = (f"it asked for more than {megabytes} MB of memory", f"申请的内存超过 {megabytes} MB")
        return Report(found.id, trouble=why), False


def _limit(megabytes: int) -> None:
    """Bound the memory of this process, where the system can."""
    try:
        import resource
    except ImportError:  # not on Windows: the limit of time remains
        return
    with contextlib.suppress(OSError, ValueError):
        size = megabytes * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_FSIZE, (2**28, 2**28))
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
