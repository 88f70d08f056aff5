"""A parameter computed from others: `register_parametrization(layer, "weight", f)` makes `layer.weight` be f(original).

- what is trained and saved is `layer.parametrizations.weight.original` (`original0`, `original1` ... of several)
- parametrisations stand one upon another: the next takes what the one before has given
- assigning to `layer.weight` goes the other way, through each one's `right_inverse`
- `cached()` computes each one once, as long as nothing is changed
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from nn.autograd.grad_mode import no_grad
from nn.modules.container import ModuleDict, ModuleList
from nn.modules.module import Module
from nn.modules.parameter import Parameter
from nn.tensors.tensor import Tensor

__all__ = [
    "ParametrizationList", "cached", "is_parametrized", "register_parametrization", "remove_parametrizations",
    "transfer_parametrizations_and_params", "type_before_parametrizations",
]  # fmt: skip

M = TypeVar("M", bound=Module)


class _Cache:
    """What has been computed within `cached()`."""

    def __init__(self) -> None:
        self.depth = 0
        self.values: dict[ParametrizationList, Tensor] = {}


_cache = _Cache()


@contextlib.contextmanager
def cached() -> Iterator[None]:
    """Within it every parametrised tensor is computed once, when it is first asked for.

    It saves time where a layer is called many times between two steps, as a cell over a sequence is.

    Example:
        >>> import nn
        >>> from nn.utils import parametrize
        >>> class Doubled(nn.Module):
        ...     def forward(self, x):
        ...         return 2 * x
        >>> layer = parametrize.register_parametrization(nn.Linear(2, 3), "weight", Doubled())
        >>> layer.weight is layer.weight
        False
        >>> with parametrize.cached():
        ...     layer.weight is layer.weight
        True
    """
    _cache.depth += 1
    try:
        yield
    finally:
        _cache.depth -= 1
        if not _cache.depth:
            _cache.values.clear()


class ParametrizationList(ModuleList):
    """The parametrisations of one tensor in their order, and the original that the first of them takes.

    Args:
        modules: the parametrisations.
        original: the parameter or buffer; the right inverses make of it what is kept.
        unsafe: leave out the check that shape and dtype stay as they are.

    Attributes:
        original: what is trained and saved; `original0`, `original1` ... where the right inverse returns several.
        ntensors: how many they are.
    """

    def __init__(self, modules: Sequence[Module], original: Tensor, unsafe: bool = False) -> None:
        if not modules:
            raise ValueError("ParametrizationList: it must hold one parametrisation or more, got none")
        super().__init__(modules)
        self.unsafe = unsafe
        shape, dtype = original.shape, original.dtype
        new = _inverse(modules, original, strict=False)
        self.is_tensor = isinstance(new, Tensor)
        if isinstance(new, Tensor):
            with no_grad():  # the optimiser may hold the original: keep the object
                original.data = new.detach()
            self._take("original", original, original)
        elif isinstance(new, Sequence) and all(isinstance(part, Tensor) for part in new):
            for number, part in enumerate(new):
                self._take(f"original{number}", part, original)
        else:
            raise ValueError(
                f"{_name(modules[-1])}.right_inverse must return a tensor or a sequence of tensors, "
                f"got {type(new).__name__}"
            )
        self.ntensors = 1 if isinstance(new, Tensor) else len(new)
        if not unsafe:
            made = self()
            _require("the parametrised tensor", made, shape, dtype)

    def _take(self, name: str, part: Tensor, like: Tensor) -> None:
        """Register an original as what the tensor itself was: a parameter or a buffer."""
        if not isinstance(like, Parameter):
            self.register_buffer(name, part)
        elif part is like:
            self.register_parameter(name, like)
        else:
            self.register_parameter(name, Parameter(part.detach(), like.requires_grad))

    def originals(self) -> list[Tensor]:
        """The original, or all of them."""
        names = ["original"] if self.is_tensor else [f"original{number}" for number in range(self.ntensors)]
        return [getattr(self, name) for name in names]

    def right_inverse(self, value: Tensor) -> None:
        """Set the originals so that the tensor is `value`, by the right inverses from the last to the first.

        Raises:
            RuntimeError: a parametrisation has no right inverse.
            ValueError: a right inverse returns tensors of another number.
        """
        with no_grad():
            new = _inverse(list(self), value, strict=True)
            parts = [new] if isinstance(new, Tensor) else list(new)
            if len(parts) != self.ntensors or isinstance(new, Tensor) != self.is_tensor:
                raise ValueError(f"right_inverse: it must return {self.ntensors} tensors, got {len(parts)}")
            for original, part in zip(self.originals(), parts, strict=True):
                original.data = part.detach()

    def forward(self) -> Tensor:
        """The tensor, from its originals."""
        first, *others = self
        value = first(*self.originals())
        for parametrization in others:
            value = parametrization(value)
        made: Tensor = value
        return made


def register_parametrization(module: M, tensor_name: str, parametrization: Module, *, unsafe: bool = False) -> M:
    """Let a module's tensor be computed by another module, each time it is asked for.

    The tensor `name` is replaced by `parametrizations.<name>.original`; the module's class becomes a subclass, named
    `Parametrized...`, in which `name` is computed. A second parametrisation takes what the first has given.

    Args:
        module: whose parameter or buffer it is.
        tensor_name: the name of the parameter or buffer.
        parametrization: `forward` takes the original and returns the tensor. A method `right_inverse`, if there is one,
            takes a tensor and returns the original (or several) that give it: it makes the first original of the
            present value, and allows to assign to the tensor.
        unsafe: allow another shape or dtype, and leave out the check that asks for one.

    Returns:
        The module.

    Raises:
        ValueError: there is no such parameter or buffer; shape, dtype or type do not stay as they are.

    Example:
        >>> import nn
        >>> class Symmetric(nn.Module):
        ...     def forward(self, x):
        ...         return x.triu() + x.triu(1).mT
        >>> layer = nn.utils.parametrize.register_parametrization(nn.Linear(3, 3), "weight", Symmetric())
        >>> bool((layer.weight == layer.weight.mT).all())
        True
        >>> list(layer.state_dict())
        ['bias', 'parametrizations.weight.original']
    """
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        held: ParametrizationList = getattr(module.parametrizations, tensor_name)
        if not unsafe:
            _check_the_next(parametrization, getattr(module, tensor_name))
        held.append(parametrization)
        held.unsafe = held.unsafe or unsafe
        return module
    original = vars(module).get(tensor_name)
    if not isinstance(original, Tensor) or not (isinstance(original, Parameter) or tensor_name in module._buffers):
        raise ValueError(
            f"register_parametrization: {type(module).__name__} has no parameter or buffer {tensor_name!r}; name one "
            "that it has"
        )
    parametrizations = ParametrizationList([parametrization], original, unsafe)
    delattr(module, tensor_name)
    if not is_parametrized(module):
        module.parametrizations = ModuleDict()
    module.parametrizations.add_module(tensor_name, parametrizations)
    _renew_class(module)
    return module


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """Whether a module has a parametrised tensor, or whether the tensor of this name is one.

    Example:
        >>> import nn
        >>> layer = nn.utils.parametrizations.weight_norm(nn.Linear(2, 3))
        >>> parametrized = nn.utils.parametrize.is_parametrized
        >>> parametrized(layer), parametrized(layer, "weight"), parametrized(layer, "bias")
        (True, True, False)
    """
    held = vars(module).get("parametrizations")
    if not isinstance(held, ModuleDict):
        return False
    return len(held) > 0 if tensor_name is None else tensor_name in held


def remove_parametrizations(module: M, tensor_name: str, leave_parametrized: bool = True) -> M:
    """Make a tensor a parameter or buffer of its module again.

    Args:
        module: whose tensor it is.
        tensor_name: its name.
        leave_parametrized: keep the value that was computed; else the original comes back.

    Returns:
        The module.

    Raises:
        ValueError: it is not parametrised; there are several originals, which are no value of the tensor.

    Example:
        >>> import nn
        >>> layer = nn.utils.parametrizations.spectral_norm(nn.Linear(2, 3))
        >>> nn.utils.parametrize.remove_parametrizations(layer, "weight")
        Linear(in_features=2, out_features=3, bias=True)
    """
    if not is_parametrized(module, tensor_name):
        raise ValueError(f"remove_parametrizations: {tensor_name!r} of {type(module).__name__} is not parametrised")
    held: ParametrizationList = getattr(module.parametrizations, tensor_name)
    if not leave_parametrized and not held.is_tensor:
        raise ValueError(
            f"remove_parametrizations: {tensor_name!r} is made of {held.ntensors} originals, none of which could stand "
            "in its place; pass leave_parametrized=True"
        )
    value = getattr(module, tensor_name).detach()
    original = held.originals()[0]
    if not held.is_tensor:
        original = Parameter(value, original.requires_grad) if isinstance(original, Parameter) else value
    elif leave_parametrized:
        original.data = value
    delattr(module.parametrizations, tensor_name)
    _renew_class(module)
    if not is_parametrized(module):
        del module.parametrizations
    if isinstance(original, Parameter):
        module.register_parameter(tensor_name, original)
    else:
        module.register_buffer(tensor_name, original)
    return module


def type_before_parametrizations(module: Module) -> type[Module]:
    """The module's class as it was before anything was parametrised.

    Example:
        >>> import nn
        >>> layer = nn.utils.parametrizations.weight_norm(nn.Linear(2, 3))
        >>> type(layer).__name__, nn.utils.parametrize.type_before_parametrizations(layer).__name__
        ('ParametrizedLinear', 'Linear')
    """
    return type(module).__bases__[0] if is_parametrized(module) else type(module)


def transfer_parametrizations_and_params(from_module: Module, to_module: M, tensor_name: str | None = None) -> M:
    """Give another module the same parametrisations, with copies of the values of their originals.

    Args:
        from_module: whose they are; its parametrisations are shared, not copied.
        to_module: a module with tensors of the same names.
        tensor_name: which tensor; None for all.

    Returns:
        `to_module`.

    Raises:
        ValueError: there is nothing of this name to transfer.

    Example:
        >>> import nn
        >>> first, second = nn.utils.parametrizations.weight_norm(nn.Linear(2, 3)), nn.Linear(2, 3)
        >>> second = nn.utils.parametrize.transfer_parametrizations_and_params(first, second, "weight")
        >>> bool((first.weight == second.weight).all())
        True
    """
    if not is_parametrized(from_module, tensor_name):
        raise ValueError(
            f"transfer_parametrizations_and_params: {type(from_module).__name__} has no parametrised tensor "
            f"{tensor_name or ''!r}"
        )
    for name in [tensor_name] if tensor_name else list(from_module.parametrizations.keys()):
        held: ParametrizationList = getattr(from_module.parametrizations, name)
        for parametrization in held:
            register_parametrization(to_module, name, parametrization, unsafe=True)
        for mine, theirs in zip(getattr(to_module.parametrizations, name).originals(), held.originals(), strict=True):
            mine.data = theirs.detach().clone()
    return to_module


def _inverse(modules: Sequence[Module], value: Any, strict: bool) -> Any:
    """The value through the right inverses, from the last to the first."""
    for module in reversed(modules):
        inverse = getattr(module, "right_inverse", None)
        if inverse is not None:
            try:
                value = inverse(value)
                continue
            except NotImplementedError:
                if strict:
                    raise
        if strict:
            raise RuntimeError(
                f"{_name(module)} has no right_inverse, which takes a value and returns the original that gives it; "
                "write one, or change the original"
            )
    return value


def _check_the_next(parametrization: Module, present: Tensor) -> None:
    """Refuse a further parametrisation that would change shape or dtype, on the way there or back."""
    made = parametrization(present)
    _require(f"what {_name(parametrization)}.forward returns", made, present.shape, present.dtype)
    if hasattr(parametrization, "right_inverse"):
        with contextlib.suppress(NotImplementedError):
            back = parametrization.right_inverse(made)
            _require(f"what {_name(parametrization)}.right_inverse returns", back, present.shape, present.dtype)


def _require(what: str, value: Any, shape: Any, dtype: Any) -> None:
    if not isinstance(value, Tensor):
        raise ValueError(f"register_parametrization: {what} must be a tensor, got {type(value).__name__}")
    if value.shape != shape or value.dtype != dtype:
        raise ValueError(
            f"register_parametrization: {what} must be {dtype} of shape {tuple(shape)} as before, got {value.dtype} of "
            f"shape {tuple(value.shape)}; pass unsafe=True to allow it"
        )


def _name(module: Module) -> str:
    return type(module).__name__


# -- the class in which the tensor is computed ------------------------------------------------------------------------
def _renew_class(module: Any) -> None:
    """Give the module the class that fits what is parametrised in it; copies may go on with the former one."""
    cls = type(module)
    plain = cls.__bases__[0] if "_parametrized" in vars(cls) else cls
    module.__class__ = _class_for(plain, tuple(module.parametrizations.keys()))


def _class_for(plain: type[Any], names: tuple[str, ...]) -> type[Any]:
    """The subclass in which these names are computed. The class keeps its own, so that none is made twice."""
    if not names:
        return plain
    if "_parametrized_by" not in vars(plain):
        plain._parametrized_by = {}
    made: dict[tuple[str, ...], type[Any]] = vars(plain)["_parametrized_by"]
    if names not in made:
        body: dict[str, Any] = {name: property(_getter(name), _setter(name)) for name in names}
        body |= {"_parametrized": True, "__reduce_ex__": _reduce}
        body |= {"__module__": plain.__module__, "__doc__": plain.__doc__}
        made[names] = type(f"Parametrized{plain.__name__}", (plain,), body)
    return made[names]


def _getter(name: str) -> Any:
    def get(self: Any) -> Tensor:
        held: ParametrizationList = vars(self.parametrizations)[name]
        if not _cache.depth:
            return held()
        if held not in _cache.values:
            _cache.values[held] = held()
        return _cache.values[held]

    return get


def _setter(name: str) -> Any:
    def set_(self: Any, value: Tensor) -> None:
        vars(self.parametrizations)[name].right_inverse(value)

    return set_


def _reduce(self: Any, protocol: Any) -> Any:
    """For `pickle` and `copy`: the class is made again from the plain one, which can be imported."""
    return _empty, (type(self).__bases__[0], tuple(self.parametrizations.keys())), self.__getstate__()


def _empty(plain: type[Any], names: tuple[str, ...]) -> Any:
    return object.__new__(_class_for(plain, names))
