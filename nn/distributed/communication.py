"""What processes do together, with `torch.distributed`'s names."""

from __future__ import annotations

import datetime
import enum
import functools
import os
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
    "gather",
    "get_backend",
    "get_rank",
    "get_world_size",
    "init",
    "init_process_group",
    "is_available",
    "is_initialized",
    "rank_zero_only",
    "reduce",
    "scatter",
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


def init_process_group(
    backend: str | None = None,
    init_method: str | None = None,
    timeout: float | datetime.timedelta | None = None,
    world_size: int = -1,
    rank: int = -1,
) -> None:
    """`init` with PyTorch's arguments, and refused a second time, as there.

    Args:
        backend: "gloo", as in PyTorch on a CPU, "mpi", or None: the processes that `mpiexec` has started, or one alone.
        init_method: where processes find each other is the launcher's matter, so this has no effect.
        timeout: see `init`; None for 300 seconds.
        world_size: how many processes there have to be; -1 for the variable WORLD_SIZE, or as many as there are.
        rank: which of them this is; -1 for what the launcher says.

    Raises:
        ValueError: it was called already; there are other processes than these; the backend is of other hardware.

    Example:
        >>> import nn
        >>> nn.distributed.destroy_process_group()  # that of an earlier example
        >>> nn.distributed.init_process_group("gloo", rank=0, world_size=1)
        >>> nn.distributed.get_backend()
        'gloo'
        >>> nn.distributed.destroy_process_group()
    """
    if is_initialized():
        raise ValueError("init_process_group: it was called already; call destroy_process_group() in between")
    kind = (backend or "gloo").rpartition("cpu:")[2].partition(",")[0].lower()
    if kind not in ("gloo", "mpi"):
        raise ValueError(f'init_process_group: on a CPU backend must be "gloo" or "mpi", got {backend!r}')
    pairs = ((world_size, "WORLD_SIZE"), (rank, "RANK"))
    expected, number = (int(os.environ.get(name, -1)) if value < 0 else value for value, name in pairs)
    if expected not in (-1, processes_started()):
        raise ValueError(
            f"init_process_group: expected {expected} processes, got {processes_started()}; start them by "
            f"`mpiexec -n {expected} ...`"
        )
    init(timeout=300.0 if timeout is None else timeout)
    _State.backend = kind
    own = get_rank()
    if number not in (-1, own):
        destroy_process_group()
        raise ValueError(f"init_process_group: rank must be {own}, as the launcher says, got {number}")


class _State:
    initialized = False
    backend: str | None = None


def is_initialized() -> bool:
    """Whether `init` was called."""
    return _State.initialized


def is_available() -> bool:
    """True: one process alone can always be had."""
    return True


def destroy_process_group(group: None = None) -> None:
    """Go on as one process alone; the others must do so too."""
    require_all("destroy_process_group", group)
    if world().size > 1:
        world().barrier()
    enter(World())
    _State.initialized, _State.backend = False, None


def get_backend(group: None = None) -> str:
    """ "mpi", or "single" for one process alone; after `init_process_group` the name that it was given."""
    require_all("get_backend", group)
    return _State.backend or world().backend


def get_rank(group: None = None) -> int:
    """The number of this process, from 0."""
    require_all("get_rank", group)
    return world().rank


def get_world_size(group: None = None) -> int:
    """How many processes there are."""
    require_all("get_world_size", group)
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
    require_all("all_reduce", group)
    return _in_place(tensor, lambda flat: _reduce(flat, ReduceOp(op)), async_op)


def broadcast(tensor: Tensor, src: int = 0, group: None = None, async_op: bool = False) -> Pending | None:
    """Replace `tensor` in every process by that of the process `src`."""
    require_all("broadcast", group)
    _require_rank("broadcast", src)
    return _in_place(tensor, lambda flat: world().broadcast(flat, src), async_op)


def reduce(tensor: Tensor, dst: int = 0, op: ReduceOp = ReduceOp.SUM, group: None = None) -> None:
    """Replace `tensor` in the process `dst` by the sum (or mean, ...) of everyone's; the others keep theirs."""
    require_all("reduce", group)
    _require_rank("reduce", dst, "dst")
    total = tensor if get_rank() == dst else tensor.detach().clone()
    all_reduce(total, op)


def gather(tensor: Tensor, gather_list: list[Tensor] | None = None, dst: int = 0, group: None = None) -> None:
    """Fill `gather_list`, in the process `dst` alone, with the `tensor` of each."""
    require_all("gather", group)
    _require_rank("gather", dst, "dst")
    if (gather_list is not None) != (get_rank() == dst):
        raise ValueError(f"gather: gather_list must be given in the process {dst}, and there alone")
    _fill("gather", gather_list, world().all_gather(tensor._array))


def scatter(tensor: Tensor, scatter_list: list[Tensor] | None = None, src: int = 0, group: None = None) -> None:
    """Replace `tensor` in process r by number r of the `scatter_list` of the process `src`.

    Example:
        >>> import nn
        >>> own = nn.zeros(2)
        >>> nn.distributed.scatter(own, [nn.tensor([3.0, 4.0])])
        >>> own
        tensor([3., 4.])
    """
    require_all("scatter", group)
    _require_rank("scatter", src)
    if (scatter_list is not None) != (get_rank() == src):
        raise ValueError(f"scatter: scatter_list must be given in the process {src}, and there alone")
    parts = np.empty((get_world_size(), *tensor.shape), tensor.dtype)
    if scatter_list is not None:
        if [t.shape for t in scatter_list] != [tensor.shape] * len(parts):
            raise ShapeError(_one_for_each("scatter", tensor.shape, scatter_list))
        parts[...] = [t._array for t in scatter_list]
    world().broadcast(parts.reshape(-1), src).wait()
    _fill("scatter", [tensor], parts[get_rank(), None])


def all_gather(tensor_list: list[Tensor], tensor: Tensor, group: None = None) -> None:
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
    require_all("all_gather", group)
    _fill("all_gather", tensor_list, world().all_gather(tensor._array))


def all_gather_object(object_list: list[Any], obj: Any, group: None = None) -> None:
    """Fill `object_list`, in every process, with the object of each, as pickle copies it.

    Example:
        >>> import nn
        >>> names = [None]
        >>> nn.distributed.all_gather_object(names, {"host": "a"})
        >>> names
        [{'host': 'a'}]
    """
    require_all("all_gather_object", group)
    if len(object_list) != get_world_size():
        expected = f"a list of {get_world_size()}, one for each process"
        raise ShapeError(f"all_gather_object: expected {expected}; got {len(object_list)}")
    object_list[:] = gathered_objects(obj)


def broadcast_object_list(object_list: list[Any], src: int = 0, group: None = None) -> None:
    """Replace the objects of every process by those of the process `src`."""
    require_all("broadcast_object_list", group)
    _require_rank("broadcast_object_list", src)
    object_list[:] = gathered_objects(object_list if get_rank() == src else None)[src]


def barrier(group: None = None) -> None:
    """Return when every process has come here."""
    require_all("barrier", group)
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


def require_all(where: str, group: object) -> None:
    if group is not None:
        raise ValueError(f"{where}: group must be None, for all processes, got {group!r}")


def _require_rank(where: str, rank: int, name: str = "src") -> None:
    if not 0 <= rank < get_world_size():
        raise RangeError(f"{where}: {name} must be a rank from 0 to {get_world_size() - 1}, got {rank}")


def _one_for_each(where: str, shape: Any, found: list[Tensor]) -> str:
    shapes = [tuple(t.shape) for t in found]
    return f"{where}: expected {get_world_size()} tensors of shape {tuple(shape)}, one for each process; got {shapes}"


def _fill(where: str, places: list[Tensor] | None, parts: Any) -> None:
    """Put arrays into tensors of their shape."""
    if places is None:
        return
    if [t.shape for t in places] != [part.shape for part in parts]:
        raise ShapeError(_one_for_each(where, parts.shape[1:], places))
    for place, part in zip(places, parts, strict=True):
        place._array[...] = part
        place._touch()


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
