"""The roll-call: when a call waits for too long, ask every process where it is, and name those that are missing.

A process answers while it waits in a call of its own, and at its end. One that computes without a pause, or that the
system has stopped, does not answer: that is the one to look at.
"""

from __future__ import annotations

import sys
import time
from typing import Any

__all__: list[str] = []

ASK, ANSWER, ENDED = 1, 2, 3
PATIENCE = 3.0
"""Seconds that answers may take; and how long the last messages of a process that has ended may be on their way."""


class RollCall:
    """Questions and answers between processes, beside their collective calls.

    Args:
        comm: a communicator of its own.
        mpi: the module `mpi4py.MPI`.
        timeout: seconds after which a wait is too long.
    """

    def __init__(self, comm: Any, mpi: Any, timeout: float) -> None:
        self._comm, self._any, self._timeout = comm, mpi.ANY_SOURCE, timeout
        self._status = mpi.Status()
        self._rank, self._size = comm.Get_rank(), comm.Get_size()
        self._sent: list[Any] = []
        self._ended: dict[int, float] = {}
        self._looked = 0.0

    def missing(self, what: str, waited: float) -> str | None:
        """A sentence about the processes that `what` still waits for, or None while they may come."""
        now = time.monotonic()
        if now - self._looked < 0.02:
            return None
        self._looked = now
        self._answer(what)
        gone = any(now - when > PATIENCE for when in self._ended.values())
        if waited < self._timeout and not gone:
            return None
        where = self._ask(what)
        if any(rank < self._rank for rank in where if rank not in self._ended):
            time.sleep(2 * PATIENCE)  # a process before this one has the answers too, and tells
        told = [f"rank {self._rank} of {self._size}: {what} has waited {waited:.0f} s for the other processes"]
        told += [f"  rank {rank} {self._place(rank, where)}" for rank in self._others()]
        return "\n".join(told)

    def leave(self) -> None:
        """Tell the others that this process has ended, and wait until all have."""
        for rank in self._others():
            self._send(None, rank, ENDED)
        request, started, told = self._comm.Ibarrier(), time.monotonic(), False
        while not request.Test():
            time.sleep(1e-3)
            self._answer("")
            if not told and time.monotonic() - started > self._timeout:
                told = True
                late = [str(rank) for rank in self._others() if rank not in self._ended]
                text = f"has ended and still waits for rank {', '.join(late)}"
                print(f"rank {self._rank} of {self._size} {text}", file=sys.stderr)

    def _others(self) -> list[int]:
        return [rank for rank in range(self._size) if rank != self._rank]

    def _place(self, rank: int, where: dict[int, str]) -> str:
        if rank in self._ended:
            return "has ended"
        if rank in where:
            return f"waits in {where[rank]}"
        return "does not answer: it computes without a pause, or has stopped"

    def _ask(self, what: str) -> dict[int, str]:
        """Where each process that answers is."""
        for rank in self._others():
            self._send(None, rank, ASK)
        where: dict[int, str] = {}
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and len(where.keys() | self._ended) < self._size - 1:
            self._answer(what)
            while self._comm.Iprobe(self._any, ANSWER, self._status):
                rank = self._status.Get_source()
                where[rank] = self._comm.recv(source=rank, tag=ANSWER)
            time.sleep(1e-3)
        return where

    def _answer(self, what: str) -> None:
        """Answer whoever asks where this process is, and note who has ended."""
        while self._comm.Iprobe(self._any, ASK, self._status):
            rank = self._status.Get_source()
            self._comm.recv(source=rank, tag=ASK)
            if what:  # a process that has ended has said so already
                self._send(what, rank, ANSWER)
        while self._comm.Iprobe(self._any, ENDED, self._status):
            rank = self._status.Get_source()
            self._comm.recv(source=rank, tag=ENDED)
            self._ended[rank] = time.monotonic()

    def _send(self, message: Any, rank: int, tag: int) -> None:
        self._sent = [request for request in self._sent if not request.Test()]
        self._sent.append(self._comm.isend(message, dest=rank, tag=tag))
