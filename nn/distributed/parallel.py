"""Data parallelism: every process has the whole model and its own part of each batch; gradients are averaged."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from nn.autograd.grad_mode import is_grad_enabled
from nn.distributed.buckets import Reducer
from nn.distributed.communication import gathered_objects
from nn.errors import ShapeError
from nn.modules.module import Module
from nn.tensors.tensor import Tensor
from nn.world import broadcast_arrays, world

__all__ = ["DistributedDataParallel"]


class DistributedDataParallel(Module):
    """A model that is trained by all processes at once, each on its own part of every batch.

    The parameters and buffers of process 0 are everyone's at the start. In each backward the gradients become

        g = (n_1 g_1 + ... + n_R g_R) / (n_1 + ... + n_R)

    over the R processes, where n_r is the number of samples that process r had: so a mean loss over parts of unequal
    size has the gradient of the mean over all samples. They travel in buckets while backward goes on. A parameter that
    only some processes used gets 0 from the others; one that no process used keeps its `.grad` as it is.

    Args:
        module: the model; the same in every process, though not with the same values.
        broadcast_buffers: whether everyone's buffers become those of process 0 at each forward in training.
        bucket_cap_mb: how many megabytes of gradients travel together.
        average: "samples" as above; "ranks" for the same weight for every process, as PyTorch has it.
        device_ids, output_device: None, or empty: every process computes on the CPU.
        find_unused_parameters, gradient_as_bucket_view, static_graph: no effect.

    Raises:
        ShapeError: the processes have different models.
        ValueError: no parameter requires a gradient; average is another word.

    Example:
        >>> import nn
        >>> nn.distributed.init()
        >>> model = nn.distributed.DistributedDataParallel(nn.Linear(2, 1))
        >>> model(nn.ones(3, 2)).mean().backward()
        >>> model.module.bias.grad
        tensor([1.])

    References:
        Li et al., PyTorch Distributed: Experiences on Accelerating Data Parallel Training, VLDB 2020.
    """

    def __init__(
        self,
        module: Module,
        device_ids: Sequence[Any] | None = None,
        output_device: Any = None,
        *,
        broadcast_buffers: bool = True,
        bucket_cap_mb: float = 25.0,
        find_unused_parameters: bool = False,
        gradient_as_bucket_view: bool = False,
        static_graph: bool = False,
        average: str = "samples",
    ) -> None:
        super().__init__()
        if device_ids or output_device is not None:
            raise ValueError(
                f"DistributedDataParallel: device_ids must be None on a CPU, got {device_ids or output_device!r}"
            )
        if average not in ("samples", "ranks"):
            raise ValueError(f'DistributedDataParallel: average must be "samples" or "ranks", got {average!r}')
        parameters = [p for p in module.parameters() if p.requires_grad]
        if not parameters:
            raise ValueError(
                "DistributedDataParallel: no parameter of the model requires a gradient; train it as it is"
            )
        self.module = module
        self.broadcast_buffers = broadcast_buffers
        require_same(module)
        broadcast_arrays([t._array for t in (*module.parameters(), *module.buffers())])
        self._reducer = Reducer(parameters, int(bucket_cap_mb * 2**20), average == "samples")
        self._reducer.active = world().size > 1

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        if self.training and is_grad_enabled() and world().size > 1:
            self._reducer.count(_samples((*inputs, *kwargs.values())))
            if self.broadcast_buffers and self._reducer.active:
                broadcast_arrays([buffer._array for buffer in self.module.buffers()])
        return self.module(*inputs, **kwargs)

    @contextlib.contextmanager
    def no_sync(self) -> Iterator[None]:
        """Within it gradients are only added up; the next backward outside averages all of them.

        Example:
            >>> import nn
            >>> model = nn.distributed.DistributedDataParallel(nn.Linear(2, 1))
            >>> with model.no_sync():
            ...     model(nn.ones(1, 2)).sum().backward()
            >>> model(nn.ones(1, 2)).sum().backward()
            >>> model.module.bias.grad
            tensor([2.])
        """
        before = self._reducer.active
        self._reducer.active = False
        try:
            yield
        finally:
            self._reducer.active = before


def _samples(inputs: tuple[Any, ...]) -> int:
    """The length of the first axis of the first input that has one."""
    for value in inputs:
        if isinstance(value, Tensor) and value.ndim:
            return len(value)
    return 1


def require_same(module: Module) -> None:
    """Compare the names and shapes of everyone's parameters and buffers."""
    own = {name: (tuple(t.shape), str(t.dtype)) for name, t in module.state_dict().items()}
    for rank, others in enumerate(gathered_objects(own)):
        if others != own:
            name = next(n for n in (*own, *others) if own.get(n) != others.get(n))
            raise ShapeError(
                f"DistributedDataParallel: the processes have different models: {name} is {own.get(name, 'absent')} in "
                f"rank {world().rank} and {others.get(name, 'absent')} in rank {rank}; build the same model in all"
            )
