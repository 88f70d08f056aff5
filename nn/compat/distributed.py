"""`torch.distributed` as programs call it, and the processes that PyTorch would start: here `mpiexec` starts them."""

from __future__ import annotations

from typing import Any

from nn import distributed as ours
from nn.data import sampler
from nn.distributed.mpi import launched, processes_started
from nn.modules.module import Module

__all__ = ["DistributedDataParallel", "DistributedSampler", "new_group", "spawn"]


def new_group(ranks: Any = None, *args: Any, **named: Any) -> None:
    """The group of all processes, which is None; there are no smaller ones."""
    if ranks is not None and sorted(ranks) != list(range(ours.get_world_size())):
        raise NotImplementedError(f"new_group: ranks must be those of all processes, got {list(ranks)}")


def spawn(fn: Any, args: Any = (), nprocs: int = 1, *_: Any, **named: Any) -> None:
    """Call `fn(rank, *args)` in this process: the only one, or one of as many as `mpiexec` has started."""
    if nprocs != processes_started():
        raise ValueError(
            f"spawn: the program expects {nprocs} processes, got {processes_started()}; start them by "
            f"`mpiexec -n {nprocs} fromzero run ...`"
        )
    fn(launched("RANK") or 0, *args)


class DistributedDataParallel(ours.DistributedDataParallel):
    """Ours, in which every process has the same weight, as in PyTorch; how gradients travel there has no effect."""

    def __init__(
        self, module: Module, device_ids: Any = None, output_device: Any = None, dim: int = 0, *args: Any, **named: Any
    ) -> None:
        kept = {name: named[name] for name in ("broadcast_buffers", "bucket_cap_mb") if named.get(name) is not None}
        super().__init__(module, device_ids, output_device, average="ranks", **kept)


class DistributedSampler(sampler.DistributedSampler):
    """Ours, in which the last round is filled up with the first samples, as in PyTorch."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, pad=True, **named)
