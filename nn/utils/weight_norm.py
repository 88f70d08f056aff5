"""Weight normalisation: the length of a weight's rows apart from their direction."""

from __future__ import annotations

from typing import TypeVar

from nn.modules.module import Module
from nn.modules.parameter import Parameter
from nn.tensors.tensor import Tensor
from nn.utils.hooked import Recomputed

__all__ = ["WeightNorm", "remove_weight_norm", "weight_norm"]

M = TypeVar("M", bound=Module)


class WeightNorm(Recomputed):
    """The hook: w = g v / |v|, the norm over all axes but `dim` (over all for -1).

    Args:
        name: the parameter's name.
        dim: the axis along which each entry has a length of its own.
    """

    parts = ("_g", "_v")

    def __init__(self, name: str, dim: int) -> None:
        super().__init__(name)
        self.dim = dim

    def length(self, weight: Tensor) -> Tensor:
        """|v|, with length 1 along the axes summed over."""
        if self.dim == -1:
            return weight.norm()
        others = tuple(axis for axis in range(weight.ndim) if axis != self.dim)
        return weight.norm(2, others, keepdim=True) if others else weight.abs()

    def compute(self, module: Module) -> Tensor:
        """The weight from its length and its direction."""
        g, v = (getattr(module, self.name + part) for part in self.parts)
        return v * (g / self.length(v))


def weight_norm(module: M, name: str = "weight", dim: int | None = 0) -> M:
    """Train the length and the direction of a weight apart: w = g v / |v|, computed before each forward.

    The parameter `weight` is replaced by `weight_g` and `weight_v`.

    Args:
        module: whose parameter it is.
        name: the parameter's name.
        dim: the axis along which each entry has a length of its own; None for one length of all.

    Returns:
        The module.

    Raises:
        ValueError: there is no such parameter.
        RuntimeError: it is normalised already.

    Example:
        >>> import nn
        >>> layer = nn.utils.weight_norm(nn.Linear(2, 3))
        >>> {key: value.shape for key, value in layer.state_dict().items()}
        {'bias': (3,), 'weight_g': (3, 1), 'weight_v': (3, 2)}

    References:
        Salimans and Kingma, Weight Normalization, NeurIPS 2016.
    """
    hook = WeightNorm(name, -1 if dim is None else dim)
    weight = hook.take_from(module, "weight_norm").detach()
    module.register_parameter(name + "_g", Parameter(hook.length(weight)))
    module.register_parameter(name + "_v", Parameter(weight))
    hook(module, ())
    module.register_forward_pre_hook(hook)
    return module


def remove_weight_norm(module: M, name: str = "weight") -> M:
    """Make the weight a parameter again, with the value that it has.

    Args:
        module: whose parameter it is.
        name: the parameter's name.

    Returns:
        The module.

    Raises:
        ValueError: it is not normalised.

    Example:
        >>> import nn
        >>> layer = nn.utils.remove_weight_norm(nn.utils.weight_norm(nn.Linear(2, 3)))
        >>> list(layer.state_dict())
        ['bias', 'weight']
    """
    WeightNorm.remove(module, name, "remove_weight_norm")
    return module
