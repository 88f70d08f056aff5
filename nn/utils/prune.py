"""Pruning: a parameter times a mask of zeros and ones, `weight = weight_orig * weight_mask`, before each forward.

- masks of single numbers: `random_unstructured`, `l1_unstructured`, `custom_from_mask`, `identity`
- masks of whole rows, channels ...: `random_structured`, `ln_structured`
- one mask over several modules: `global_unstructured`
- `remove` makes the pruning permanent; `is_pruned` asks for it
- a method of one's own is a subclass of `BasePruningMethod` with a `compute_mask`

Pruning again goes on with what is left: amounts are fractions of it, or numbers of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

import numpy as np

from nn.errors import ShapeError
from nn.modules import hooks
from nn.modules.module import Module
from nn.rng import default_generator
from nn.tensors.joining import cat
from nn.tensors.tensor import Tensor, as_tensor, from_numpy
from nn.utils.hooked import Recomputed

__all__ = [
    "BasePruningMethod", "CustomFromMask", "Identity", "L1Unstructured", "LnStructured", "PruningContainer",
    "RandomStructured", "RandomUnstructured", "custom_from_mask", "global_unstructured", "identity", "is_pruned",
    "l1_unstructured", "ln_structured", "random_structured", "random_unstructured", "remove",
]  # fmt: skip

M = TypeVar("M", bound=Module)
KINDS = ("unstructured", "structured", "global")


class BasePruningMethod(Recomputed):
    """A way to choose what is pruned: the hook that multiplies by the mask. A subclass writes `compute_mask`.

    Attributes:
        PRUNING_TYPE: what a second pruning looks at: "unstructured" and "global" at the numbers that are left,
            "structured" at the rows along `dim` that are left.

    Example:
        >>> import nn
        >>> from nn.utils import prune
        >>> class EveryOther(prune.BasePruningMethod):
        ...     PRUNING_TYPE = "unstructured"
        ...
        ...     def compute_mask(self, t, default_mask):
        ...         mask = default_mask.clone()
        ...         mask.view(-1)[::2] = 0
        ...         return mask
        >>> layer = nn.Linear(2, 2)
        >>> method = EveryOther.apply(layer, "weight")
        >>> layer.weight_mask.tolist()
        [[0.0, 1.0], [0.0, 1.0]]
    """

    parts = ("_orig", "_mask")
    PRUNING_TYPE = "unstructured"
    name = ""

    def __init__(self) -> None:
        """Nothing to be kept; `name` is set as the method is applied."""

    @property
    def _tensor_name(self) -> str:
        return self.name

    @_tensor_name.setter
    def _tensor_name(self, name: str) -> None:
        self.name = name

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        """The mask of a tensor: zeros where it is pruned.

        Args:
            t: the numbers by whose size is chosen.
            default_mask: of the same shape; where it is 0, the result must be 0 too.
        """
        raise NotImplementedError(f"{type(self).__name__}: write compute_mask(self, t, default_mask)")

    def apply_mask(self, module: Module) -> Tensor:
        """The original times the mask."""
        return self.compute(module)

    def compute(self, module: Module) -> Tensor:
        """The original times the mask."""
        original, mask = (getattr(module, self.name + part) for part in self.parts)
        product: Tensor = mask.to(original.dtype) * original
        return product

    @classmethod
    def apply(
        cls, module: Module, name: str, *args: Any, importance_scores: Tensor | None = None, **kwargs: Any
    ) -> BasePruningMethod:
        """Prune a module's parameter; the arguments are those of the class.

        Args:
            module: whose parameter it is.
            name: its name.
            args: arguments of the class.
            importance_scores: numbers of the parameter's shape by which is chosen, in place of its own.
            kwargs: arguments of the class.

        Returns:
            The hook: this method, or a `PruningContainer` where the parameter was pruned before.
        """
        method: BasePruningMethod = cls(*args, **kwargs)
        method.name = name
        before = _pruning(module, name)
        if before is None:
            weight = method.take_from(module, cls.__name__)
            mask = as_tensor(np.ones(weight.shape, weight.dtype))
            scores = _scores(importance_scores, weight, name)
            mask = method.compute_mask(scores, mask)
            module.register_parameter(f"{name}_orig", weight)
        else:
            weight = getattr(module, f"{name}_orig")
            scores = _scores(importance_scores, weight, name)
            container = before if isinstance(before, PruningContainer) else PruningContainer(before)
            container.add_pruning_method(method)
            mask = container.compute_mask(scores, getattr(module, f"{name}_mask").to(scores.dtype))
            _drop(module, before)
            method = container
        module.register_buffer(f"{name}_mask", mask)
        method(module, None)
        module.register_forward_pre_hook(method)
        return method

    def prune(self, t: Tensor, default_mask: Tensor | None = None, importance_scores: Tensor | None = None) -> Tensor:
        """A tensor times its mask, without a module."""
        scores = _scores(importance_scores, t, "t")
        mask = as_tensor(np.ones(t.shape, t.dtype)) if default_mask is None else default_mask
        return t * self.compute_mask(scores, mask)

    def take_off(self, module: Module) -> None:
        """Make the pruned values the parameter's own, which stays the same object, without mask and hook."""
        value = self.compute(module).detach()
        original = getattr(module, f"{self.name}_orig")
        for part in ("", *self.parts):
            delattr(module, self.name + part)
        original.data = value
        module.register_parameter(self.name, original)
        _drop(module, self)


class PruningContainer(BasePruningMethod):
    """Pruning methods of one parameter, one after another: each chooses among what the ones before have left."""

    def __init__(self, *args: BasePruningMethod) -> None:
        self._pruning_methods: tuple[BasePruningMethod, ...] = ()
        self.name = getattr(args[0], "name", "") if args else ""
        for method in args:
            self.add_pruning_method(method)

    def add_pruning_method(self, method: Any) -> None:
        """Add a method of the same parameter."""
        if not isinstance(method, BasePruningMethod):
            raise TypeError(f"PruningContainer: expected a pruning method, got {type(method).__name__}")
        if method.name != self.name:
            raise ValueError(f"PruningContainer: it prunes {self.name!r}, got a method that prunes {method.name!r}")
        self._pruning_methods += (method,)

    def __len__(self) -> int:
        return len(self._pruning_methods)

    def __iter__(self) -> Iterator[BasePruningMethod]:
        return iter(self._pruning_methods)

    def __getitem__(self, idx: int) -> BasePruningMethod:
        return self._pruning_methods[idx]

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        """The mask of the last method, among what `default_mask` has left."""
        method = self[-1]
        if method.PRUNING_TYPE not in KINDS:
            raise ValueError(
                f"{type(method).__name__}: PRUNING_TYPE must be one of {', '.join(KINDS)}, got {method.PRUNING_TYPE!r}"
            )
        mask = default_mask.numpy().copy()
        place: Any = ...  # "global": all of it
        if method.PRUNING_TYPE == "unstructured":
            place = mask != 0
        elif method.PRUNING_TYPE == "structured":
            dim = int(vars(method)["dim"]) % t.ndim
            others = tuple(axis for axis in range(t.ndim) if axis != dim)
            place = (slice(None),) * dim + (mask.any(axis=others),)
        part = method.compute_mask(from_numpy(t.detach().numpy()[place].copy()), from_numpy(mask[place].copy()))
        mask[place] = part.numpy()
        return from_numpy(mask)


class Identity(BasePruningMethod):
    """Nothing is pruned, but the names are those of a pruned parameter."""

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        """The mask as it is."""
        return default_mask


class RandomUnstructured(BasePruningMethod):
    """Numbers drawn at random.

    Args:
        amount: how many, or which fraction.
    """

    def __init__(self, amount: float) -> None:
        self.amount = _amount(amount)

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        """Zeros at random places."""
        return _without_least(default_mask, default_generator.numpy.random(t.shape), self.amount)


class L1Unstructured(BasePruningMethod):
    """The numbers of least absolute value.

    Args:
        amount: how many, or which fraction.
    """

    def __init__(self, amount: float) -> None:
        self.amount = _amount(amount)

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        """Zeros where the tensor is least."""
        return _without_least(default_mask, np.abs(t.detach().numpy()), self.amount)


class RandomStructured(BasePruningMethod):
    """Whole rows along an axis, drawn at random.

    Args:
        amount: how many, or which fraction.
        dim: the axis along which they are counted.
    """

    PRUNING_TYPE = "structured"

    def __init__(self, amount: float, dim: int = -1) -> None:
        self.amount, self.dim = _amount(amount), dim

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        """Zeros in random rows."""
        _require_axis(t, self.dim)
        return _without_least(default_mask, default_generator.numpy.random(t.shape[self.dim]), self.amount, self.dim)


class LnStructured(BasePruningMethod):
    """Whole rows along an axis, those of least norm.

    Args:
        amount: how many, or which fraction.
        n: which norm: a number, "fro", "nuc" or infinity, as in `nn.norm`.
        dim: the axis along which they are counted.
    """

    PRUNING_TYPE = "structured"

    def __init__(self, amount: float, n: Any, dim: int = -1) -> None:
        self.amount, self.n, self.dim = _amount(amount), n, dim

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        """Zeros in the rows of least norm."""
        _require_axis(t, self.dim)
        others = tuple(axis for axis in range(t.ndim) if axis != self.dim % t.ndim)
        norms = t.detach().norm(p=self.n, dim=others).numpy()
        return _without_least(default_mask, norms, self.amount, self.dim)


class CustomFromMask(BasePruningMethod):
    """A mask that is given.

    Args:
        mask: zeros and ones of the parameter's shape.
    """

    PRUNING_TYPE = "global"

    def __init__(self, mask: Tensor) -> None:
        self.mask = mask

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        """The product of both masks."""
        if self.mask.shape != default_mask.shape:
            raise ShapeError(
                f"CustomFromMask: expected a mask of the parameter's shape {tuple(default_mask.shape)}, "
                f"got {tuple(self.mask.shape)}"
            )
        return default_mask * self.mask.to(default_mask.dtype)


def identity(module: M, name: str) -> M:
    """Give a parameter the names of a pruned one, without pruning anything.

    Example:
        >>> import nn
        >>> sorted(nn.utils.prune.identity(nn.Linear(1, 1), "weight").state_dict())
        ['bias', 'weight_mask', 'weight_orig']
    """
    Identity.apply(module, name)
    return module


def random_unstructured(module: M, name: str, amount: float) -> M:
    """Prune numbers of a parameter at random.

    Args:
        module: whose parameter it is.
        name: its name.
        amount: how many (an int), or which fraction (a float from 0 to 1) of what is left.

    Returns:
        The module.

    Raises:
        ValueError: there is no such parameter; amount is negative, above 1, or more than there are.

    Example:
        >>> import nn
        >>> layer = nn.utils.prune.random_unstructured(nn.Linear(4, 5), "weight", amount=0.25)
        >>> int(layer.weight_mask.sum())
        15
    """
    RandomUnstructured.apply(module, name, amount)
    return module


def l1_unstructured(module: M, name: str, amount: float, importance_scores: Tensor | None = None) -> M:
    """Prune the numbers of least absolute value of a parameter.

    Args:
        module: whose parameter it is.
        name: its name.
        amount: how many (an int), or which fraction (a float from 0 to 1) of what is left.
        importance_scores: numbers of the same shape by which is chosen, in place of its own.

    Returns:
        The module.

    Raises:
        ValueError: there is no such parameter; amount is negative, above 1, or more than there are.

    Example:
        >>> import nn
        >>> layer = nn.Linear(2, 2)
        >>> layer.weight = nn.Parameter(nn.tensor([[1.0, -4.0], [3.0, -2.0]]))
        >>> nn.utils.prune.l1_unstructured(layer, "weight", amount=2).weight.tolist()
        [[0.0, -4.0], [3.0, -0.0]]

    References:
        Han, Pool, Tran, Dally, Learning both Weights and Connections for Efficient Neural Networks, NeurIPS 2015.
    """
    L1Unstructured.apply(module, name, amount, importance_scores=importance_scores)
    return module


def random_structured(module: M, name: str, amount: float, dim: int) -> M:
    """Prune whole rows of a parameter, along the axis `dim`, at random.

    Args:
        module: whose parameter it is.
        name: its name.
        amount: how many (an int), or which fraction (a float from 0 to 1) of what is left.
        dim: the axis along which they are counted.

    Returns:
        The module.

    Example:
        >>> import nn
        >>> layer = nn.utils.prune.random_structured(nn.Linear(3, 4), "weight", amount=2, dim=0)
        >>> int((layer.weight_mask.sum(1) == 0).sum())
        2
    """
    RandomStructured.apply(module, name, amount, dim)
    return module


def ln_structured(module: M, name: str, amount: float, n: Any, dim: int, importance_scores: Tensor | None = None) -> M:
    """Prune the rows of least norm of a parameter, along the axis `dim`.

    Args:
        module: whose parameter it is.
        name: its name.
        amount: how many (an int), or which fraction (a float from 0 to 1) of what is left.
        n: which norm: a number, "fro", "nuc" or infinity, as in `nn.norm`.
        dim: the axis along which they are counted.
        importance_scores: numbers of the same shape by which is chosen, in place of its own.

    Returns:
        The module.

    Example:
        >>> import nn
        >>> layer = nn.Linear(2, 2)
        >>> layer.weight = nn.Parameter(nn.tensor([[3.0, 4.0], [5.0, 1.0]]))
        >>> nn.utils.prune.ln_structured(layer, "weight", amount=1, n=2, dim=0).weight.tolist()
        [[0.0, 0.0], [5.0, 1.0]]
    """
    LnStructured.apply(module, name, amount, n, dim, importance_scores=importance_scores)
    return module


def global_unstructured(
    parameters: Iterable[tuple[Module, str]],
    pruning_method: type[BasePruningMethod],
    importance_scores: Mapping[tuple[Module, str], Tensor] | None = None,
    **kwargs: Any,
) -> None:
    """Prune several parameters as if they were one: by one comparison of all their numbers.

    Args:
        parameters: pairs of a module and a name.
        pruning_method: a class such as `L1Unstructured`, whose `PRUNING_TYPE` is not "structured".
        importance_scores: numbers by which is chosen, for pairs of a module and a name, in place of their own.
        kwargs: arguments of the class.

    Raises:
        TypeError: the parameters are no pairs; the method prunes whole rows.

    Example:
        >>> import nn
        >>> first, second = nn.Linear(2, 2), nn.Linear(2, 2)
        >>> pairs = [(first, "weight"), (second, "weight")]
        >>> nn.utils.prune.global_unstructured(pairs, nn.utils.prune.L1Unstructured, amount=3)
        >>> int(first.weight_mask.sum() + second.weight_mask.sum())
        5
    """
    pairs = list(parameters)
    if not all(isinstance(pair, tuple | list) and len(pair) == 2 for pair in pairs):
        raise TypeError("global_unstructured: expected pairs (module, name), e.g. [(net.fc1, 'weight')]")
    scores = importance_scores or {}
    weights = [getattr(module, name) for module, name in pairs]
    method: BasePruningMethod = pruning_method(**kwargs)
    if method.PRUNING_TYPE == "structured":
        raise TypeError(
            f"global_unstructured: {pruning_method.__name__} prunes whole rows, which modules of other shapes have "
            "not; give one that prunes single numbers"
        )
    flat = [scores.get((module, name), weight).detach().reshape(-1)
            for (module, name), weight in zip(pairs, weights, strict=True)]  # fmt: skip
    masks = [getattr(module, f"{name}_mask", None) for module, name in pairs]
    before = cat([
        as_tensor(np.ones(values.shape, values.dtype)) if mask is None else mask.reshape(-1).to(values.dtype)
        for mask, values in zip(masks, flat, strict=True)
    ])  # fmt: skip
    container = PruningContainer()
    container.name = method.name = "all"
    container.add_pruning_method(method)
    after = container.compute_mask(cat(flat), before)
    start = 0
    for (module, name), weight in zip(pairs, weights, strict=True):
        custom_from_mask(module, name, after[start : start + weight.numel()].reshape(weight.shape))
        start += weight.numel()


def custom_from_mask(module: M, name: str, mask: Tensor) -> M:
    """Prune a parameter by a mask of zeros and ones.

    Example:
        >>> import nn
        >>> layer = nn.utils.prune.custom_from_mask(nn.Linear(2, 1), "bias", nn.zeros(1))
        >>> layer.bias.abs().tolist()
        [0.0]
    """
    CustomFromMask.apply(module, name, mask)
    return module


def remove(module: M, name: str) -> M:
    """Make the pruning of a parameter permanent: what was pruned is 0, and mask and hook are gone.

    Raises:
        ValueError: the parameter is not pruned.

    Example:
        >>> import nn
        >>> layer = nn.utils.prune.l1_unstructured(nn.Linear(2, 2), "weight", amount=1)
        >>> sorted(nn.utils.prune.remove(layer, "weight").state_dict()), int((layer.weight == 0).sum())
        (['bias', 'weight'], 1)
    """
    method = _pruning(module, name)
    if method is None:
        raise ValueError(f"remove: {name!r} of {type(module).__name__} is not pruned")
    method.take_off(module)
    return module


def is_pruned(module: Module) -> bool:
    """Whether the module, or one below it, has a pruned parameter.

    Example:
        >>> import nn
        >>> layer = nn.Linear(1, 1)
        >>> nn.utils.prune.is_pruned(layer), nn.utils.prune.is_pruned(nn.utils.prune.identity(layer, "bias"))
        (False, True)
    """
    return any(isinstance(hook.function, BasePruningMethod)
               for part in module.modules() for hook in hooks.of(part, "forward_pre"))  # fmt: skip


# -- parts ------------------------------------------------------------------------------------------------------------
def _pruning(module: Module, name: str) -> BasePruningMethod | None:
    """The hook that prunes a module's parameter, if there is one."""
    found = (hook.function for hook in hooks.of(module, "forward_pre"))
    return next((f for f in found if isinstance(f, BasePruningMethod) and f.name == name), None)


def _drop(module: Module, method: BasePruningMethod) -> None:
    registered: Any = module._hooks["forward_pre"]
    for key in [key for key, hook in registered.items() if hook.function is method]:
        del registered[key]


def _scores(given: Tensor | None, weight: Tensor, name: str) -> Tensor:
    if given is None:
        return weight.detach()
    if given.shape != weight.shape:
        raise ShapeError(
            f"importance_scores: expected the shape of {name!r}, {tuple(weight.shape)}, got {tuple(given.shape)}"
        )
    return given.detach()


def _amount(amount: Any) -> float:
    whole = isinstance(amount, int | np.integer) and not isinstance(amount, bool)
    if not whole and not isinstance(amount, float | np.floating):
        raise TypeError(f"prune: amount must be a number, got {amount!r}")
    if amount < 0 or (not whole and amount > 1):
        raise ValueError(f"prune: amount must be an int from 0, or a float from 0 to 1, got {amount!r}")
    return int(amount) if whole else float(amount)


def _require_axis(t: Tensor, dim: int) -> None:
    if t.ndim < 2:
        raise ValueError(
            f"prune: whole rows need a tensor of two axes or more, got {tuple(t.shape)}; take an unstructured method"
        )
    if not -t.ndim <= dim < t.ndim:
        raise IndexError(f"prune: dim must be an axis of {tuple(t.shape)}, got {dim}")


def _without_least(mask: Tensor, scores: Any, amount: float, dim: int | None = None) -> Tensor:
    """The mask with zeros in place of the least scores: of single numbers, or of the rows along `dim`."""
    size = scores.size
    count = amount if isinstance(amount, int) else round(amount * size)
    if count > size:
        raise ValueError(f"prune: amount must be at most what is left, {size}, got {amount}")
    least = np.argsort(scores.reshape(-1), kind="stable")[: int(count)]
    array = mask.numpy().copy()
    if dim is None:
        array.reshape(-1)[least] = 0
    else:
        np.moveaxis(array, dim, 0)[least] = 0
    return from_numpy(array)
