"""What processes do together, with `torch.distributed`'s names."""

from __future__ import annotations

import datetime
import enum
import functools
import pickle
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from nn.distributed.mpi import MPIWorld, processes_started
from nn.errors import RangeError, ShapeError
from nn.tensors.tensor import Tensor
from nn.world import Array, Pending, World, enter, world

__all__ = [
    "ReduceOp",
    "all_gather",
    "all_gather_object",
    "all_reduce",
    "barrier",
    "broadcast",
    "broadcast_object_list",
    "destroy_process_group",
    "get_backend",
    "get_rank",
    "get_world_size",
    "init",
    "init_process_group",
    "is_available",
    "is_initialized",
    "rank_zero_only",
]

F = TypeVar("F", bound=Callable[..., Any])


class ReduceOp(enum.Enum):
    """How `all_reduce` joins the tensors of all processes."""

    SUM = "sum"
    AVG = "avg"
    PRODUCT = "product"
    MIN = "min"
    MAX = "max"


def init(backend: str | None = None, timeout: float | datetime.timedelta = 300.0) -> None:
    """Find the other processes; without any, this one goes on alone, with the same calls and the same numbers.

    Start the processes by `mpiexec -n 4 python train.py`. From then on an error that nobody catches ends all of them
    with its own message, and a process that the others wait for too long is named. A second call changes nothing.

    Args:
        backend: "mpi", or "single" for one process alone; None for MPI where a launcher has started several.
        timeout: how long a call waits for the other processes, in seconds or as a timedelta.

    Raises:
        ImportError: mpi4py, or an MPI library, is not installed.
        ValueError: the backend is another one; timeout is not above 0.

    Example:
        >>> import nn
        >>> nn.distributed.init()
        >>> nn.distributed.get_rank(), nn.distributed.get_world_size()
        (0, 1)
    """
    if backend not in (None, "mpi", "single"):
        raise ValueError(f'init: backend must be "mpi" or "single", got {backend!r}')
    seconds = timeout.total_seconds() if isinstance(timeout, datetime.timedelta) else float(timeout)
    if not seconds > 0:
        raise ValueError(f"init: timeout must be above 0 seconds, got {timeout!r}")
    if is_initialized():
        return
    if backend == "mpi" or (backend is None and processes_started() > 1):
        enter(MPIWorld(seconds))
    else:
        enter(World())
    _State.initialized = True


def init_process_group(backend: str | None = None, *, timeout: float | datetime.timedelta = 300.0) -> None:
    """PyTorch's name of `init`."""
    init(backend, timeout)


class _State:
    initialized = False


def is_initialized() -> bool:
    """Whether `init` was called."""
    return _State.initialized


def is_available() -> bool:
    """True: one process alone can always be had."""
    return True


def destroy_process_group() -> None:
    """Go on as one process alone; the others must do so too."""
    if world().size > 1:
        world().barrier()
    enter(World())
    _State.initialized = False


def get_backend() -> str:
    """ "mpi", or "single" for one process alone."""
    return world().backend


def get_rank() -> int:
    """The number of this process, from 0."""
    return world().rank


def get_world_size() -> int:
    """How many processes there are."""
    return world().size


def all_reduce(
    tensor: Tensor, op: ReduceOp = ReduceOp.SUM, group: None = None, async_op: bool = False
) -> Pending | None:
    """Replace `tensor` in every process by the sum (or mean, ...) of everyone's; no gradient flows through it.

    Args:
        tensor: of the same shape and dtype in every process; changed in place.
        op: how the tensors are joined.
        group: None, for all processes.
        async_op: return at once, with an object whose `wait()` returns when the result is there.

    Example:
        >>> import nn
        >>> total = nn.tensor([1.0, 2.0])
        >>> nn.distributed.all_reduce(total)
        >>> total  # of one process
        tensor([1., 2.])
    """
    _require_all("all_reduce", group)
    return _in_place(tensor, lambda flat: _reduce(flat, ReduceOp(op)), async_op)


def broadcast(tensor: Tensor, src: int = 0, group: None = None, async_op: bool = False) -> Pending | None:
    """Replace `tensor` in every process by that of the process `src`."""
    _require_all("broadcast", group)
    _require_rank("broadcast", src)
    return _in_place(tensor, lambda flat: world().broadcast(flat, src), async_op)


def all_gather(tensor_list: list[Tensor], tensor: Tensor) -> None:
    """Fill `tensor_list`, in every process, with the `tensor` of each.

    Raises:
        ShapeError: the list has not one tensor for each process, or one of another shape.

    Example:
        >>> import nn
        >>> gathered = [nn.zeros(2)]
        >>> nn.distributed.all_gather(gathered, nn.tensor([3.0, 4.0]))
        >>> gathered
        [tensor([3., 4.])]
    """
    if len(tensor_list) != get_world_size() or any(t.shape != tensor.shape for t in tensor_list):
        shapes = [tuple(t.shape) for t in tensor_list]
        raise ShapeError(
            f"all_gather: expected {get_world_size()} tensors of shape {tuple(tensor.shape)}, one for each process; "
            f"got {shapes}"
        )
    for place, part in zip(tensor_list, world().all_gather(tensor._array), strict=True):
        place._array[...] = part
        place._touch()


def all_gather_object(object_list: list[Any], obj: Any) -> None:
    """Fill `object_list`, in every process, with the object of each, as pickle copies it.

    Example:
        >>> import nn
        >>> names = [None]
        >>> nn.distributed.all_gather_object(names, {"host": "a"})
        >>> names
        [{'host': 'a'}]
    """
    if len(object_list) != get_world_size():
        expected = f"a list of {get_world_size()}, one for each process"
        raise ShapeError(f"all_gather_object: expected {expected}; got {len(object_list)}")
    object_list[:] = gathered_objects(obj)


def broadcast_object_list(object_list: list[Any], src: int = 0) -> None:
    """Replace the objects of every process by those of the process `src`."""
    _require_rank("broadcast_object_list", src)
    object_list[:] = gathered_objects(object_list if get_rank() == src else None)[src]


def barrier() -> None:
    """Return when every process has come here."""
    world().barrier()


def rank_zero_only(function: F) -> F:
    """A function that process 0 alone runs; in the others it returns None. For printing, and for saving files.

    Example:
        >>> import nn
        >>> @nn.distributed.rank_zero_only
        ... def say(text):
        ...     print(text)
        >>> say("once")
        once
    """

    @functools.wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs) if get_rank() == 0 else None

    return wrapped  # type: ignore[return-value]


def gathered_objects(obj: Any) -> list[Any]:
    """Everyone's object."""
    if get_world_size() == 1:
        return [obj]
    message = np.frombuffer(pickle.dumps(obj), np.uint8)
    sizes = world().all_gather(np.array([message.size]))[:, 0]
    padded = np.zeros(sizes.max(), np.uint8)
    padded[: message.size] = message
    parts = world().all_gather(padded)
    return [pickle.loads(part[:size].tobytes()) for part, size in zip(parts, sizes, strict=True)]


def _require_all(where: str, group: object) -> None:
    if group is not None:
        raise ValueError(f"{where}: group must be None, for all processes, got {group!r}")


def _require_rank(where: str, src: int) -> None:
    if not 0 <= src < get_world_size():
        raise RangeError(f"{where}: src must be a rank from 0 to {get_world_size() - 1}, got {src}")


def _reduce(array: Array, op: ReduceOp) -> Pending:
    """Start the call in a dtype that has the op, and leave the result in `array`."""
    narrow = array.dtype.kind == "b" or (array.dtype.itemsize == 2 and array.dtype.kind == "f")
    if op is not ReduceOp.AVG and not narrow:
        return world().all_reduce(array, op.value)
    wide = np.int64 if array.dtype.kind == "b" else np.float32 if narrow else array.dtype
    joined = array.astype(wide)
    pending = world().all_reduce(joined, "sum" if op is ReduceOp.AVG else op.value)
    return _Then(pending, lambda: _finish(array, joined, op))


def _finish(array: Array, joined: Array, op: ReduceOp) -> None:
    array[...] = joined / get_world_size() if op is ReduceOp.AVG else joined


def _in_place(tensor: Tensor, start: Callable[[Array], Pending], async_op: bool) -> Pending | None:
    array = tensor._array
    flat = np.ascontiguousarray(array).reshape(-1)
    owned = np.shares_memory(flat, array)

    def finish() -> None:
        if not owned:
            array[...] = flat.reshape(array.shape)
        tensor._touch()

    pending = _Then(start(flat), finish)
    if async_op:
        return pending
    pending.wait()
    return None


class _Then(Pending):
    """A call, and what is to be done when its result is there."""

    def __init__(self, pending: Pending, after: Callable[[], None]) -> None:
        self._pending, self._after = pending, after
        self._finished = False

    def wait(self) -> None:
        self._pending.wait()
        self._finish()

    def done(self) -> bool:
        if self._pending.done():
            self._finish()
        return self._finished

    def _finish(self) -> None:
        if not self._finished:
            self._after()
            self._finished = True
