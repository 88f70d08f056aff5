"""State by name: what `state_dict` collects from a tree of modules and `load_state_dict` puts back."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from nn.autograd.grad_mode import no_grad
from nn.errors import ShapeError
from nn.modules import hooks
from nn.modules.lazy import is_lazy
from nn.modules.parameter import Parameter
from nn.tensors.tensor import Tensor, from_numpy

__all__: list[str] = []

EXTRA = "_extra_state"


class IncompatibleKeys(NamedTuple):
    """What `load_state_dict` returns: the names without a value, and the values without a name."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


def collect(module: Any, destination: OrderedDict[str, Any], prefix: str, keep_vars: bool) -> None:
    """Put the state of a module and of all below into `destination`."""
    for hook in hooks.of(module, "state_dict_pre"):
        hook(module, prefix, keep_vars)
    for name, value in _own(module):
        destination[prefix + name] = value if keep_vars else value.detach()
    if has_extra_state(module):
        destination[prefix + EXTRA] = module.get_extra_state()
    for name, child in module._own_modules():
        child.state_dict(destination=destination, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
    for hook in hooks.of(module, "state_dict"):
        if hook(module, destination, prefix, {}) is not None:
            raise RuntimeError("state_dict: a post hook must return None, and change the state in place")


def load(module: Any, state_dict: Mapping[str, Any], strict: bool, assign: bool) -> IncompatibleKeys:
    """Put the values back into the places of the same names. All are checked before the first is changed."""
    if not isinstance(state_dict, Mapping):
        raise TypeError(
            f"load_state_dict: the state must be a dict of tensors by name, got {type(state_dict).__name__}"
        )
    owner, state = type(module).__name__, dict(state_dict)
    missing: list[str] = []
    unexpected: list[str] = []
    faults: list[str] = []
    places: dict[str, tuple[Any, str, Any]] = {}
    tree = [(f"{path}." if path else "", part) for path, part in module.named_modules(remove_duplicate=False)]
    for prefix, part in tree:
        for hook in hooks.of(part, "load_state_dict_pre"):
            hook(part, state, prefix, {}, strict, missing, unexpected, faults)
        for name, value in _own(part):
            places[prefix + name] = part, name, value
            if prefix + name not in state and name not in part._may_be_missing:
                missing.append(prefix + name)
        if has_extra_state(part):
            places[prefix + EXTRA] = part, EXTRA, None
            if prefix + EXTRA not in state:
                missing.append(prefix + EXTRA)
    unexpected += [name for name in state if name not in places]
    result = IncompatibleKeys(missing, unexpected)
    after = [(part, hook) for part in _children_first(module) for hook in hooks.of(part, "load_state_dict")]
    if faults:
        raise RuntimeError(f"load_state_dict: {owner}: {'; '.join(faults)}")
    values = {
        key: state[key] if name == EXTRA or is_lazy(state[key]) else _fitting(state[key], value)
        for key, (_, name, value) in places.items()
        if key in state
    }
    misfits = [
        f"{key} has shape {places[key][2].shape} in {owner}, got {array.shape}"
        for key, array in values.items()
        if isinstance(array, np.ndarray) and not is_lazy(places[key][2]) and array.shape != places[key][2].shape
    ]
    differing = strict and bool(missing or unexpected)
    if differing and not after:  # else a hook may excuse them
        raise (ShapeError if misfits else RuntimeError)(_difference(owner, missing, unexpected, list(places), misfits))
    if misfits:
        raise ShapeError(f"load_state_dict: {'; '.join(misfits)}; make the model as it was saved")
    # with hooks nobody knows whether the state will do: keep the old one until they have been called
    before = {key: places[key][2]._array.copy() for key in values if _has_values(places[key][2])} if after else {}
    with no_grad():
        for key, value in values.items():
            _put(*places[key], value, assign)
    for part, hook in after:
        if hook(part, result) is not None:
            raise RuntimeError("load_state_dict: a post hook must return None, and change incompatible_keys in place")
    if strict and (missing or unexpected):
        with no_grad():
            for key, array in before.items():
                _put_back(*places[key], array, assign)
        raise RuntimeError(_difference(owner, missing, unexpected, list(places)))
    return result


def _children_first(module: Any) -> list[Any]:
    """The module and all below, in the order in which their loading is completed."""
    return [part for _, child in module._own_modules() for part in _children_first(child)] + [module]


def _has_values(place: Any) -> bool:
    return place is not None and not is_lazy(place)


def _put_back(module: Any, name: str, place: Any, array: Any, assign: bool) -> None:
    if assign:
        setattr(module, name, place)
    else:
        place.copy_(from_numpy(array))


def has_extra_state(module: Any) -> bool:
    """Whether the module's class says what more belongs to its state."""
    return bool(type(module).get_extra_state is not _base(module).get_extra_state)


def _base(module: Any) -> Any:
    """The class `Module`, which stands last but for `object` (and mix-ins) among the module's classes."""
    return next(cls for cls in reversed(type(module).__mro__) if "get_extra_state" in vars(cls))


def _own(module: Any) -> list[tuple[str, Any]]:
    """The module's own parameters, then its persistent buffers."""
    return [*module._own_parameters(), *((n, b) for n, b in module._own_buffers() if module._buffers[n])]


def _fitting(value: Any, place: Any) -> Any:
    """The value as an array, without an axis too many where the place is a single number."""
    array = np.asarray(value.detach() if hasattr(value, "detach") else value)
    return array.reshape(()) if not is_lazy(place) and not place.shape and array.shape == (1,) else array


def _put(module: Any, name: str, place: Any, value: Any, assign: bool) -> None:
    if name == EXTRA:
        module.set_extra_state(value)
    elif is_lazy(value):
        if not is_lazy(place):
            raise RuntimeError(f"load_state_dict: the value of {name} has no shape yet, its place has {place.shape}")
    elif assign:
        made: Tensor = from_numpy(value)
        setattr(module, name, Parameter(made, place.requires_grad) if isinstance(place, Parameter) else made)
    else:
        if is_lazy(place):
            place.materialize(value.shape)
        place.copy_(value)


def _difference(
    owner: str, missing: list[str], unexpected: list[str], names: list[str], misfits: Sequence[str] = ()
) -> str:
    """What is missing, what is unexpected, and for a name that looks misspelled the one that is nearest."""
    import difflib

    parts = [f"missing {missing}"] * bool(missing) + [f"unexpected {unexpected}"] * bool(unexpected)
    near = {name: difflib.get_close_matches(name, missing or names, 1) for name in unexpected[:5]}
    hints = "".join(f"; is {name!r} meant to be {found[0]!r}?" for name, found in near.items() if found)
    return (
        f"load_state_dict: {owner} and the state differ: {', '.join(parts)}{hints}; "
        f"{''.join(f'{misfit}; ' for misfit in misfits)}"
        f"make the model as it was saved{'' if misfits else ', or pass strict=False'}"
    )
