"""Many processes by MPI (mpi4py): collective calls that end in a sentence where a process is missing.

A blocking call of MPI waits for ever for a process that has stopped. Here each call is started and then asked for
(`Test`), so that the wait has a limit, during which processes also answer each other (`nn/distributed/roll_call.py`).
"""

from __future__ import annotations

import atexit
import os
import sys
import time
from types import TracebackType
from typing import Any, NoReturn

import numpy as np

from nn.distributed.roll_call import RollCall
from nn.errors import DtypeError
from nn.world import Array, Pending, World

__all__: list[str] = []

SPIN = 300
"""How often a call is asked for before this process sleeps between two questions: most are done by then."""


LAUNCHERS = {
    "WORLD_SIZE": ("PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "PMIX_SIZE", "MV2_COMM_WORLD_SIZE"),
    "RANK": ("PMI_RANK", "OMPI_COMM_WORLD_RANK", "PMIX_RANK", "MV2_COMM_WORLD_RANK"),
    "LOCAL_RANK": ("MPI_LOCALRANKID", "OMPI_COMM_WORLD_LOCAL_RANK", "PMIX_LOCAL_RANK", "MV2_COMM_WORLD_LOCAL_RANK"),
}
"""PyTorch's variables, and those in which launchers say the same."""


def launched(name: str) -> int | None:
    """What the launcher says of WORLD_SIZE, RANK or LOCAL_RANK; None without a launcher."""
    found = [int(os.environ[n]) for n in LAUNCHERS[name] if os.environ.get(n, "").isdigit()]
    return max(found, default=None)


def processes_started() -> int:
    """How many processes the launcher says it has started; 1 without a launcher."""
    return launched("WORLD_SIZE") or 1


def load() -> Any:
    """The MPI that mpi4py finds."""
    try:
        from mpi4py import MPI
    except (ImportError, RuntimeError) as error:  # RuntimeError: mpi4py is there, an MPI library is not
        raise ImportError(
            f"nn.distributed: MPI is not installed ({str(error).splitlines()[0]}); pip install 'fromzero[mpi]'"
        ) from error
    return MPI


class MPIWorld(World):
    """The processes of `mpiexec -n N`.

    Args:
        timeout: how many seconds a call waits for the other processes, before it names those that are missing.
    """

    backend = "mpi"

    def __init__(self, timeout: float) -> None:
        self._mpi = load()
        self._comm = self._mpi.COMM_WORLD.Dup()
        self.rank, self.size = self._comm.Get_rank(), self._comm.Get_size()
        self._ops = {"sum": self._mpi.SUM, "product": self._mpi.PROD, "min": self._mpi.MIN, "max": self._mpi.MAX}
        self._roll_call = RollCall(self._comm.Dup(), self._mpi, timeout)
        self._before = sys.excepthook
        sys.excepthook = self._end_all
        atexit.register(self._leave)

    def all_reduce(self, array: Array, op: str = "sum") -> Pending:
        _require_sent("all_reduce", array)
        request = self._comm.Iallreduce(self._mpi.IN_PLACE, array, self._ops[op])
        return _Started(self, request, "all_reduce", array)

    def broadcast(self, array: Array, source: int) -> Pending:
        return _Started(self, self._comm.Ibcast(array.view(np.uint8), source), "broadcast", array)

    def all_gather(self, array: Array) -> Array:
        array = np.ascontiguousarray(array)
        gathered = np.empty((self.size, *array.shape), array.dtype)
        sent, received = array.reshape(-1).view(np.uint8), gathered.reshape(-1).view(np.uint8)
        _Started(self, self._comm.Iallgather(sent, received), "all_gather", (array, gathered)).wait()
        return gathered

    def barrier(self) -> None:
        _Started(self, self._comm.Ibarrier(), "barrier", None).wait()

    def abort(self, status: int) -> NoReturn:
        sys.stdout.flush()
        sys.stderr.flush()
        self._comm.Abort(status)
        os._exit(status)  # never reached where the launcher ends its processes, as all do

    def wait_for(self, request: Any, what: str) -> None:
        """Ask for a call until it is done; meanwhile answer the others, and end all if they are missing."""
        for _ in range(SPIN):
            if request.Test():
                return
        started, pause = time.monotonic(), 20e-6
        while not request.Test():
            time.sleep(pause)
            pause = min(1.5 * pause, 1e-3)
            missing = self._roll_call.missing(what, time.monotonic() - started)
            if missing is not None:
                print(missing, file=sys.stderr)
                self.abort(1)

    def _end_all(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """An error that nobody caught ends every process: the others would wait for this one."""
        sys.stdout.flush()
        sys.stderr.write(f"rank {self.rank} of {self.size} raised:\n")  # in one piece: others may write too
        self._before(kind, error, trace)
        self.abort(130 if issubclass(kind, KeyboardInterrupt) else 1)

    def _leave(self) -> None:
        """Wait for the others at the end, still answering them: whoever waits for this process learns of its end."""
        self._roll_call.leave()


class _Started(Pending):
    """A request of MPI, and the memory that it reads and writes until it is done."""

    def __init__(self, world: MPIWorld, request: Any, what: str, memory: Any) -> None:
        self._world, self._request, self._what, self._memory = world, request, what, memory

    def wait(self) -> None:
        if self._request is not None:
            self._world.wait_for(self._request, self._what)
            self._request = self._memory = None

    def done(self) -> bool:
        if self._request is not None and self._request.Test():
            self._request = self._memory = None
        return self._request is None


def _require_sent(what: str, array: Array) -> None:
    if array.dtype.char not in "fdbBhHiIlLqQ":
        raise DtypeError(f"{what}: MPI has no sum of {array.dtype}; convert the tensor, e.g. by .float()")
