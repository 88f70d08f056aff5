"""A batch normalisation taken into the layer before it: in evaluation the two are one, and the one is quicker."""

from __future__ import annotations

import copy
from typing import Any, TypeVar, cast

from nn.autograd.grad_mode import no_grad
from nn.modules.module import Module
from nn.modules.parameter import Parameter
from nn.tensors.tensor import Tensor

__all__ = ["fuse_conv_bn_eval", "fuse_linear_bn_eval", "skip_init"]

M = TypeVar("M", bound=Module)


def fuse_conv_bn_eval(conv: M, bn: Any, transpose: bool = False) -> M:
    """A copy of a convolution that computes `bn(conv(x))`.

    Args:
        conv: a convolution, in evaluation.
        bn: the batch normalisation of its output, in evaluation.
        transpose: whether the convolution is a transposed one, whose second axis holds the outputs.

    Raises:
        ValueError: one of the two is in training.

    Example:
        >>> import nn
        >>> conv, bn = nn.Conv2d(2, 3, 3).eval(), nn.BatchNorm2d(3).eval()
        >>> x = nn.rand(1, 2, 5, 5)
        >>> nn.allclose(nn.utils.fuse_conv_bn_eval(conv, bn)(x), bn(conv(x)), atol=1e-6)
        True
    """
    return _fused("fuse_conv_bn_eval", conv, bn, 1 if transpose else 0)


def fuse_linear_bn_eval(linear: M, bn: Any) -> M:
    """A copy of a linear layer that computes `bn(linear(x))`; see `fuse_conv_bn_eval`."""
    return _fused("fuse_linear_bn_eval", linear, bn, 0)


def skip_init(module_cls: type[M], *args: Any, **kwargs: Any) -> M:
    """`module_cls(*args, **kwargs)`; its parameters are drawn as always, which costs little on a CPU."""
    return module_cls(*args, **kwargs)


@no_grad()
def _fused(where: str, layer: M, bn: Any, axis: int) -> M:
    if layer.training or bn.training:
        raise ValueError(f"{where}: both must be in evaluation, got one in training; call .eval() first")
    made: Any = copy.deepcopy(layer)
    factor: Tensor = (bn.running_var + bn.eps).rsqrt()
    factor = factor if bn.weight is None else factor * bn.weight
    shape = [1] * made.weight.ndim
    shape[axis] = -1
    made.weight = Parameter(made.weight * factor.view(shape), made.weight.requires_grad)
    moved = -bn.running_mean if made.bias is None else made.bias - bn.running_mean
    made.bias = Parameter(moved * factor if bn.bias is None else moved * factor + bn.bias)
    return cast(M, made)
