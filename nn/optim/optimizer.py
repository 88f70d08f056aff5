"""What all optimisers share: parameter groups, state by parameter, and their saving and loading."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from nn.autograd.grad_mode import enable_grad
from nn.errors import ShapeError
from nn.tensor import Tensor, tensor

__all__ = ["Optimizer"]


class Optimizer:
    """Base of the optimisers: write `_update(parameters, group)`.

    Args:
        params: leaf tensors, or dicts, each with a list under "params" and options of its own.
        defaults: the options of a group that names none.
    """

    def __init__(self, params: Iterable[Any], defaults: Mapping[str, Any]) -> None:
        name = type(self).__name__
        if isinstance(params, Tensor):
            raise TypeError(f"{name}: params wants a list of tensors, a single tensor came; use [tensor]")
        entries = list(params)
        if not entries:
            raise ValueError(f"{name}: params is empty; give model.parameters() of a model that has some")
        self.defaults = dict(defaults)
        self.param_groups: list[dict[str, Any]] = []
        self.state: dict[Tensor, dict[str, Any]] = {}
        for group in entries if isinstance(entries[0], dict) else [{"params": entries}]:
            self.add_param_group(group)

    def add_param_group(self, param_group: Mapping[str, Any]) -> None:
        """Add a group of parameters with options of its own.

        Raises:
            TypeError: an entry is no tensor.
            ValueError: an entry is no leaf, or stands in a group already.
        """
        name = type(self).__name__
        params = param_group["params"]
        params = [params] if isinstance(params, Tensor) else list(params)
        known = {p for group in self.param_groups for p in group["params"]}
        for i, p in enumerate(params):
            if not isinstance(p, Tensor):
                raise TypeError(f"{name}: parameter {i} must be a tensor, {type(p).__name__} came")
            if not p.is_leaf:
                raise ValueError(f"{name}: parameter {i} was computed from other tensors; give leaf tensors")
            if p in known:
                raise ValueError(f"{name}: parameter {i} is given twice; list each parameter once")
            known.add(p)
        self.param_groups.append({**self.defaults, **param_group, "params": params})

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters (or set them to 0)."""
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.grad = None if set_to_none else p.grad.detach().zero_()

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change every parameter that has a gradient.

        Args:
            closure: computes the loss anew, calls backward, and returns the loss.

        Returns:
            What the closure returned.
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for group in self.param_groups:
            changed = [p for p in group["params"] if p.grad is not None]
            self._update(changed, group)
            for p in changed:
                p._touch()
        return loss

    def _update(self, parameters: list[Tensor], group: Mapping[str, Any]) -> None:
        """Change the arrays of a group's parameters in place; all of them have a gradient."""
        raise NotImplementedError

    def state_dict(self) -> dict[str, Any]:
        """The options and the state, with parameters counted instead of named: PyTorch's form."""
        order = [p for group in self.param_groups for p in group["params"]]
        number = {p: i for i, p in enumerate(order)}
        groups = [{**group, "params": [number[p] for p in group["params"]]} for group in self.param_groups]
        return {"state": {number[p]: dict(state) for p, state in self.state.items()}, "param_groups": groups}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what `state_dict` of an optimiser of the same groups returned.

        Raises:
            ShapeError: the groups differ in number or size.
        """
        groups = state_dict["param_groups"]
        sizes, wanted = [len(g["params"]) for g in groups], [len(g["params"]) for g in self.param_groups]
        if sizes != wanted:
            raise ShapeError(
                f"{type(self).__name__}: the saved groups have {sizes} parameters, this optimiser has {wanted}; "
                "make it from the model that was saved"
            )
        order = [p for group in self.param_groups for p in group["params"]]
        self.state = {order[i]: {k: _copied(v) for k, v in state.items()} for i, state in state_dict["state"].items()}
        for own, saved in zip(self.param_groups, groups, strict=True):
            own.update({k: v for k, v in saved.items() if k != "params"})

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for i, group in enumerate(self.param_groups):
            lines += [f"Parameter Group {i}", *(f"    {k}: {v}" for k, v in sorted(group.items()) if k != "params")]
        return "\n".join([*lines, ")"])


def _copied(value: Any) -> Any:
    """A tensor (ours, or another framework's) or an array as a tensor of its own; anything else as it is."""
    if hasattr(value, "detach"):
        value = value.detach().numpy()
    return tensor(value) if isinstance(value, np.ndarray) else value
