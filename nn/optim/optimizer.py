"""What all optimisers share: parameter groups, state by parameter, and their saving and loading."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypedDict

import numpy as np
from numpy.typing import NDArray

from nn.autograd.grad_mode import enable_grad
from nn.autograd.hooks import Hooks, RemovableHandle
from nn.autograd.mode import mode
from nn.autograd.tape import wrap
from nn.errors import ShapeError
from nn.modules.module import attributes_set
from nn.tensors.tensor import Tensor, tensor

if TYPE_CHECKING:
    from nn.tensors.place import Unpack

__all__ = ["Optimizer"]

Array = NDArray[Any]


def _no_kernel(*_: Any, **__: Any) -> None:
    raise NotImplementedError("Optimizer: give the subclass a _kernel, or a step of its own")


def listed(params: Any, what: str) -> list[Any]:
    """The parameters as a list; a model or a state_dict in their place is a slip that has an answer."""
    if hasattr(params, "parameters"):
        raise TypeError(
            f"{what} must be an iterable of tensors, got a {type(params).__name__}; pass model.parameters()"
        )
    if isinstance(params, Mapping) or not isinstance(params, Iterable):
        kind = type(params).__name__
        raise TypeError(f"{what} must be an iterable of tensors, got {kind}; pass model.parameters()")
    return list(params)


class Ways(TypedDict, total=False):
    """How PyTorch is to compute a step; none of these has an effect: there is one way here."""

    foreach: bool | None
    fused: bool | None
    capturable: bool
    differentiable: bool


def _between_hooks(step: Callable[..., Any]) -> Callable[..., Any]:
    """A step with the optimiser's hooks before and after it."""

    @functools.wraps(step)
    def hooked(self: Optimizer, *args: Any, **kwargs: Any) -> Any:
        before, after = self._hooks
        if not before and not after:
            return step(self, *args, **kwargs)
        if mode.recorder is not None:
            mode.recorder.refuse(f"a hook of {type(self).__name__} is called")
        for _, hook in sorted(before.items()):
            other = hook(self, args, kwargs)
            if other is not None:
                args, kwargs = other
        result = step(self, *args, **kwargs)
        for _, hook in sorted(after.items()):
            hook(self, args, kwargs)
        return result

    return hooked


class Optimizer:
    """Base of the optimisers: a subclass names its kernel, and the state that a parameter starts with (`_start`).

    The kernel changes arrays in place: `_kernel(parameter, g, **state, **options)`.

    Args:
        params: leaf tensors, or pairs (name, tensor), or dicts, each with such a list under "params" and options of
            its own.
        defaults: the options of a group that names none.
        ways: `foreach`, `fused`, `capturable` and `differentiable`, taken without effect.
    """

    _kernel: ClassVar[Callable[..., Any]] = staticmethod(_no_kernel)
    _for_start: ClassVar[tuple[str, ...]] = ()
    """Options that only `_start` reads."""

    def __init__(self, params: Iterable[Any], defaults: Mapping[str, Any], **ways: Unpack[Ways]) -> None:
        name = type(self).__name__
        for way in ways:
            if way not in Ways.__annotations__:
                raise TypeError(f"{name}: got an unexpected keyword argument {way!r}")
        if isinstance(params, Tensor):
            raise TypeError(f"{name}: params must be a list of tensors, got a single tensor; pass [tensor]")
        entries = listed(params, f"{name}: params")
        if not entries:
            raise ValueError(f"{name}: params is empty; give model.parameters() of a model that has some")
        self.defaults = dict(defaults)
        self.param_groups: list[dict[str, Any]] = []
        self.state: dict[Tensor, dict[str, Any]] = defaultdict(dict)
        self._stepped = False
        self._hooks: tuple[Hooks, Hooks] = ({}, {})  # before each step, and after it
        for group in entries if isinstance(entries[0], dict) else [{"params": entries}]:
            self.add_param_group(group)

    def add_param_group(self, param_group: Mapping[str, Any]) -> None:
        """Add a group of parameters with options of its own.

        Raises:
            TypeError: an entry is no tensor.
            ValueError: an entry is not a leaf, or is in a group already; some have names and some have none.
        """
        name = type(self).__name__
        params = param_group["params"]
        params = [params] if isinstance(params, Tensor) else list(params)
        names = {"param_names": [p[0] for p in params]} if params and all(isinstance(p, tuple) for p in params) else {}
        params = [p[1] for p in params] if names else params
        if any(("param_names" in group) != bool(names) for group in self.param_groups):
            raise ValueError(f"{name}: give all groups with names (model.named_parameters()), or none")
        known = {p for group in self.param_groups for p in group["params"]}
        for i, p in enumerate(params):
            if not isinstance(p, Tensor):
                raise TypeError(f"{name}: parameter {i} must be a tensor, got {type(p).__name__}")
            if not p.is_leaf:
                raise ValueError(f"{name}: parameter {i} was computed from other tensors; give leaf tensors")
            if p in known:
                raise ValueError(f"{name}: parameter {i} is given twice; list each parameter once")
            known.add(p)
        self.param_groups.append({**self.defaults, **param_group, **names, "params": params})

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters (or set them to 0)."""
        for group in self.param_groups:
            for p in group["params"]:
                if p._grad is not None:
                    p._grad = None if set_to_none else p._grad.detach().zero_()

    def __init_subclass__(cls) -> None:
        """Put the hooks around a step that a subclass writes."""
        if "step" in vars(cls):
            cls.step = _between_hooks(cls.step)  # type: ignore[method-assign]

    def register_step_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(optimizer, args, kwargs)` before each step; it may return other (args, kwargs)."""
        return RemovableHandle(self._hooks[0], hook)

    def register_step_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(optimizer, args, kwargs)` after each step.

        Example:
            >>> import nn
            >>> optimizer = nn.optim.SGD([nn.ones(1, requires_grad=True)], lr=0.1)
            >>> _ = optimizer.register_step_post_hook(lambda *_: print("stepped"))
            >>> optimizer.step()
            stepped
        """
        return RemovableHandle(self._hooks[1], hook)

    @_between_hooks
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change every parameter that has a gradient.

        Args:
            closure: computes the loss again, calls backward, and returns the loss.

        Returns:
            What the closure returned.
        """
        self._stepped = True
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for group in self.param_groups:
            options = {name: v if (v := group[name]).__class__ in _PLAIN else _number(v) for name in self.defaults}
            if mode.recorder is not None:
                mode.recorder.follow(group)
            for p in group["params"]:
                if p._grad is not None:
                    self._update(p._array, p._grad._array, self.state[p], options)
                    p._touch()
        return loss

    def _start(self, parameter: Array, options: Mapping[str, Any]) -> dict[str, Array]:
        """The state before the first step, as arrays by PyTorch's names."""
        return {}

    def _update(self, parameter: Array, g: Array, state: dict[str, Any], options: Mapping[str, Any]) -> None:
        """Change a parameter and its state in place."""
        if not state:
            state.update({name: wrap(array) for name, array in self._start(parameter, options).items()})
        arrays = {name: tensor._array for name, tensor in state.items()}
        if self._for_start:
            options = {name: value for name, value in options.items() if name not in self._for_start}
        mode.quiet(self._kernel, parameter, g, **arrays, **options)

    def state_dict(self) -> dict[str, Any]:
        """The options and the state, with parameters counted instead of named: PyTorch's form, which it can load."""
        order = [p for group in self.param_groups for p in group["params"]]
        number = {p: i for i, p in enumerate(order)}
        groups = [{**group, "params": [number[p] for p in group["params"]]} for group in self.param_groups]
        state = {number[p]: dict(state) for p, state in self.state.items() if state}
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what `state_dict` of an optimiser of the same groups returned, here or in PyTorch.

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
        self.state = defaultdict(dict)
        attributes_set[0] += 1
        for i, saved in state_dict["state"].items():
            dtype = order[i].dtype
            self.state[order[i]] = {k: _copied(v, None if k == "step" else dtype) for k, v in saved.items()}
        for own, saved in zip(self.param_groups, groups, strict=True):
            own.update({k: v for k, v in saved.items() if k != "params"})

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for i, group in enumerate(self.param_groups):
            lines += [f"Parameter Group {i}", *(f"    {k}: {v}" for k, v in sorted(group.items()) if k != "params")]
        return "\n".join([*lines, ")"])


def start_of_count() -> Array:
    """The state "step" before the first step: PyTorch counts in float32."""
    return np.zeros((), np.float32)


def require_at_least_0(optimizer: Optimizer, **options: Any) -> None:
    """Refuse negative options, and nan."""
    for name, value in options.items():
        if isinstance(value, str):
            raise TypeError(f"{type(optimizer).__name__}: {name} must be a number, got the text {value!r}")
        if not value >= 0:
            raise ValueError(f"{type(optimizer).__name__}: {name} must be 0 or more, got {value}")


def require_betas(optimizer: Optimizer, betas: tuple[float, float]) -> None:
    """Refuse betas that are not two numbers in [0, 1)."""
    if len(betas) != 2 or not all(0 <= beta < 1 for beta in betas):
        raise ValueError(f"{type(optimizer).__name__}: betas must be two numbers in [0, 1), got {betas}")


_PLAIN = (bool, float, int)


def _number(value: Any) -> Any:
    """A tensor's or an array's one number as a Python number, so that float32 stays float32."""
    return value.item() if hasattr(value, "item") else value


def _copied(value: Any, dtype: np.dtype[Any] | None) -> Any:
    """A tensor (ours, or another framework's) or an array as a tensor of its own; also inside of lists."""
    if isinstance(value, list | tuple):
        return type(value)(_copied(item, dtype) for item in value)
    if hasattr(value, "detach"):
        value = value.detach().numpy()
    if not isinstance(value, np.ndarray):
        return value
    return tensor(value, dtype if value.dtype.kind == "f" else None)
