"""An optimiser whose state is spread over the processes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from nn.distributed.communication import gathered_objects
from nn.optim.optimizer import Optimizer
from nn.tensors.tensor import Tensor
from nn.world import broadcast_arrays, world

__all__ = ["ZeroRedundancyOptimizer"]


class ZeroRedundancyOptimizer(Optimizer):
    """An optimiser each of whose R processes keeps the state of, and updates, about 1/R of the parameters.

    Each parameter belongs to one process (the largest first, to the one that has least); after the step of its owner
    its values are sent to all. So Adam's two moments, twice the model, are in memory once instead of R times, and the
    numbers are those of the plain optimiser.

    Args:
        params: as for every optimiser; the same in every process.
        optimizer_class: the optimiser, e.g. `nn.optim.Adam`.
        defaults: its options.

    Example:
        >>> import nn
        >>> model = nn.Linear(2, 1)
        >>> optimizer = nn.distributed.ZeroRedundancyOptimizer(model.parameters(), nn.optim.Adam, lr=0.01)
        >>> model(nn.ones(1, 2)).sum().backward()
        >>> optimizer.step()

    References:
        Rajbhandari et al., ZeRO: Memory Optimizations Toward Training Trillion Parameter Models, SC 2020.
    """

    def __init__(self, params: Iterable[Any], optimizer_class: Callable[..., Optimizer], **defaults: Any) -> None:
        whole = optimizer_class(params, **defaults)
        super().__init__([dict(group) for group in whole.param_groups], whole.defaults)
        self._owner = _shared_out([p for group in self.param_groups for p in group["params"]])
        own = [
            {**group, "params": [p for p in group["params"] if self._owner[p] == world().rank]}
            for group in self.param_groups
        ]
        own = [group for group in own if group["params"]]
        self.optim = optimizer_class(own, **defaults) if own else None
        """The optimiser of this process's part; None where there are fewer parameters than processes."""

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update this process's part, and send it to the others."""
        self._stepped = True
        self._hand_on_options()
        loss = closure() if closure is not None and self.optim is None else None
        if self.optim is not None:
            loss = self.optim.step(closure)
        for rank in range(world().size):
            broadcast_arrays([p._array for p, owner in self._owner.items() if owner == rank], rank)
        for p in self._owner:
            p._touch()
        return loss

    def _hand_on_options(self) -> None:
        """What a schedule has changed in the groups counts for this process's part too."""
        if self.optim is None:
            return
        named = [group for group in self.param_groups if any(self._owner[p] == world().rank for p in group["params"])]
        for own, group in zip(self.optim.param_groups, named, strict=True):
            own.update({name: value for name, value in group.items() if name != "params"})

    def state_dict(self) -> dict[str, Any]:
        """The state of all parts, in the plain optimiser's form; every process must call it."""
        order = [p for group in self.param_groups for p in group["params"]]
        number = {p: i for i, p in enumerate(order)}
        own = {} if self.optim is None else {number[p]: dict(state) for p, state in self.optim.state.items() if state}
        sent = {i: {k: v.numpy() if isinstance(v, Tensor) else v for k, v in s.items()} for i, s in own.items()}
        state: dict[int, dict[str, Any]] = {}
        for part in gathered_objects(sent):
            state.update(part)
        groups = [{**group, "params": [number[p] for p in group["params"]]} for group in self.param_groups]
        return {"state": dict(sorted(state.items())), "param_groups": groups}

    def load_state_dict(self, state_dict: Any) -> None:
        """Take over the state of a plain optimiser, or of this one with any number of processes."""
        super().load_state_dict(state_dict)
        if self.optim is not None:
            self.optim.state.update({p: s for p, s in self.state.items() if self._owner[p] == world().rank})
        self.state.clear()


def _shared_out(parameters: list[Tensor]) -> dict[Tensor, int]:
    """The owner of each parameter: the largest parameter first, to the process that has the fewest numbers."""
    loads = [0] * world().size
    owner = {}
    for p in sorted(parameters, key=lambda p: -p.numel()):
        rank = loads.index(min(loads))
        owner[p] = rank
        loads[rank] += p.numel()
    return owner
