"""Bring values to mean 0 and deviation 1: over a batch, an image, the last axes, or groups of channels.

`batch_norm`, `instance_norm`, `layer_norm` and `group_norm` differ in the axes that they take together; `rms_norm`,
`normalize` and `local_response_norm` divide by a size and subtract no mean.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from nn.autograd.grad_mode import no_grad
from nn.autograd.mode import mode
from nn.autograd.tape import wrap
from nn.errors import DtypeError, RangeError, ShapeError
from nn.kernels import normalization as kernels
from nn.ops import normalization as ops
from nn.ops.arithmetic import clamp
from nn.ops.precision import in_single
from nn.ops.reduction import mean, norm
from nn.ops.shape import cat, narrow, reshape
from nn.tensors import checks
from nn.tensors.creation import zeros
from nn.tensors.tensor import Tensor

__all__ = [
    "batch_norm",
    "group_norm",
    "instance_norm",
    "layer_norm",
    "local_response_norm",
    "normalize",
    "rms_norm",
]

Parameter = Tensor | None


def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """w (x - m) / sqrt(v + eps) + b for each channel, m and v being its mean and variance over batch and space.

    Args:
        input: x.
        running_mean: in training, moved towards the batch's mean, in place; otherwise m. None to keep no count.
        running_var: in training, moved towards the batch's unbiased variance, in place; otherwise v.
        weight: w, or None for 1.
        bias: b, or None for 0.
        training: whether m and v are those of the batch.
        momentum: how far the running values move: r becomes (1 - momentum) r + momentum m.
        eps: keeps the root away from 0.

    Shape:
        (N, C, ...) -> (N, C, ...); all parameters (C,).

    Raises:
        ShapeError: a shape does not fit, or a channel has a single value in training.
        RangeError: eps is not positive in training, or negative; nothing to normalise with in evaluation.

    Example:
        >>> import nn
        >>> nn.functional.batch_norm(nn.tensor([[1.0], [3.0]]), None, None, training=True)
        tensor([[-1.0000],
                [ 1.0000]])

    References:
        Ioffe and Szegedy, Batch Normalization, ICML 2015.
    """
    caller = "batch_norm"
    x = checks.floating(input, caller)._array
    if x.ndim < 2:
        raise ShapeError(f"{caller}: input must be (N, C, ...), its shape is {x.shape}")
    given = dict(running_mean=running_mean, running_var=running_var, weight=weight, bias=bias)
    for name, value in given.items():
        _fits(value, (x.shape[1],), input, caller, name)
    if (eps <= 0) if training else (eps < 0):
        raise RangeError(f"{caller}: eps must be {'positive in training' if training else 'at least 0'}, got {eps}")
    dim = (0, *range(2, x.ndim))
    values = math.prod(x.shape[d] for d in dim)
    if training:
        if values == 1:
            raise ShapeError(
                f"{caller}: training needs more than one value a channel, input {x.shape} has one; use a larger batch, "
                "or .eval()"
            )
        return _normalized(input, dim, eps, weight, bias, (running_mean, running_var), momentum)
    if running_mean is None or running_var is None:
        raise RangeError(f"{caller}: running_mean and running_var must be given when training=False, got None")
    return _with_known(input, running_mean, running_var, weight, bias, eps)


def instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """As `batch_norm`, but with the mean and variance of each channel of each sample, over space alone.

    Args:
        input: x.
        running_mean: moved towards the batch's average of the means, in place; m if `use_input_stats` is False.
        running_var: the same for the unbiased variances.
        weight: w, or None for 1.
        bias: b, or None for 0.
        use_input_stats: whether mean and variance are those of the input.
        momentum: how far the running values move.
        eps: keeps the root away from 0.

    Shape:
        (N, C, L, ...) -> (N, C, L, ...); all parameters (C,).

    Raises:
        ShapeError: a shape does not fit, or there is a single value to take the variance of.

    Example:
        >>> import nn
        >>> nn.functional.instance_norm(nn.tensor([[[1.0, 3.0]]]))
        tensor([[[-1.0000,  1.0000]]])

    References:
        Ulyanov et al., Instance Normalization, 2016.
    """
    caller = "instance_norm"
    x = checks.floating(input, caller)._array
    if x.ndim < 2:
        raise ShapeError(f"{caller}: input must be (N, C, L, ...), its shape is {x.shape}")
    given = dict(running_mean=running_mean, running_var=running_var, weight=weight, bias=bias)
    for name, value in given.items():
        _fits(value, (x.shape[1],), input, caller, name)
    if use_input_stats:
        if math.prod(x.shape[2:]) == 1:
            raise ShapeError(f"{caller}: input must have more than one spatial element, got {x.shape}")
        dim = tuple(range(2, x.ndim))
        return _normalized(input, dim, eps, weight, bias, (running_mean, running_var), momentum)
    if running_mean is None or running_var is None:
        raise RangeError(f"{caller}: running_mean and running_var must be given when use_input_stats=False, got None")
    return _with_known(input, running_mean, running_var, weight, bias, eps)


def layer_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """w (x - m) / sqrt(v + eps) + b, m and v being mean and variance over the last axes, of each place of the others.

    Args:
        input: x.
        normalized_shape: the lengths of the last axes.
        weight: w of that shape, or None for 1.
        bias: b of that shape, or None for 0.
        eps: keeps the root away from 0.

    Raises:
        ShapeError: the last axes of x, or a parameter, have another shape.

    Example:
        >>> import nn
        >>> nn.functional.layer_norm(nn.tensor([[1.0, 3.0]]), (2,))
        tensor([[-1.0000,  1.0000]])

    References:
        Ba, Kiros and Hinton, Layer Normalization, 2016.
    """
    dim = _last_axes(input, normalized_shape, "layer_norm", weight=weight, bias=bias)
    return _affine(_standardized(input, dim, eps), weight, bias)


@in_single
def rms_norm(
    input: Tensor, normalized_shape: Sequence[int], weight: Tensor | None = None, eps: float | None = None
) -> Tensor:
    """w x / sqrt(mean(x^2) + eps), the mean being over the last axes.

    Args:
        input: x.
        normalized_shape: the lengths of the last axes.
        weight: w of that shape, or None for 1.
        eps: keeps the root away from 0; None for the step from 1 to the next number of x's type.

    Raises:
        ShapeError: the last axes of x, or the weight, have another shape.

    Example:
        >>> import nn
        >>> nn.functional.rms_norm(nn.tensor([[1.0, 7.0]]), (2,))
        tensor([[0.2000, 1.4000]])

    References:
        Zhang and Sennrich, Root Mean Square Layer Normalization, NeurIPS 2019.
    """
    dim = _last_axes(input, normalized_shape, "rms_norm", weight=weight)
    eps = float(np.finfo(input.dtype).eps) if eps is None else eps
    y = input * (mean(input**2, dim=dim, keepdim=True) + eps) ** -0.5
    return y if weight is None else y * weight


def group_norm(
    input: Tensor, num_groups: int, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-5
) -> Tensor:
    """As `layer_norm`, with the mean and variance of each group of channels of each sample, over channels and space.

    Args:
        input: x.
        num_groups: how many groups the channels are split into.
        weight: w, or None for 1.
        bias: b, or None for 0.
        eps: keeps the root away from 0.

    Shape:
        (N, C, ...) -> (N, C, ...); weight and bias (C,).

    Raises:
        ShapeError: the groups do not divide the channels, a parameter is not (C,), or a group has a single value.

    Example:
        >>> import nn
        >>> nn.functional.group_norm(nn.tensor([[1.0, 3.0, 2.0, 6.0]]), 2)
        tensor([[-1.0000,  1.0000, -1.0000,  1.0000]])

    References:
        Wu and He, Group Normalization, ECCV 2018.
    """
    caller = "group_norm"
    x = checks.floating(input, caller)._array
    if x.ndim < 2 or num_groups < 1 or x.shape[1] % num_groups:
        raise ShapeError(
            f"{caller}: input must be (N, C, ...) with channels that {num_groups} groups divide, its shape is {x.shape}"
        )
    for name, value in dict(weight=weight, bias=bias).items():
        _fits(value, (x.shape[1],), input, caller, name)
    if math.prod(x.shape) == num_groups:
        raise ShapeError(f"{caller}: input must have more than one value a group, got {x.shape}")
    group = math.prod(x.shape[1:]) // num_groups
    y = _standardized(reshape(input, shape=(x.shape[0], num_groups, group)), (2,), eps)
    return _affine(reshape(y, shape=x.shape), *(_by_channel(p, x.ndim) for p in (weight, bias)))


@in_single
def local_response_norm(input: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Tensor:
    """x / (k + alpha / size * sum of x^2 over `size` neighbouring channels)^beta.

    Args:
        input: x; channels that are not there count as 0.
        size: how many channels, itself among them: size // 2 before it.
        alpha: the factor of the sum.
        beta: the exponent.
        k: what is added to the sum.

    Shape:
        (N, C, L, ...) -> (N, C, L, ...).

    Raises:
        ShapeError: x has fewer than three axes.
        RangeError: size is below 1.

    Example:
        >>> import nn
        >>> nn.functional.local_response_norm(nn.ones(1, 1, 1), size=1, alpha=3.0, beta=0.5)
        tensor([[[0.5000]]])

    References:
        Krizhevsky, Sutskever and Hinton, ImageNet Classification with Deep Convolutional Neural Networks, NIPS 2012.
    """
    caller = "local_response_norm"
    shape = checks.floating(input, caller).shape
    if len(shape) < 3:
        raise ShapeError(f"{caller}: input must be (N, C, L, ...), its shape is {shape}")
    if size < 1:
        raise RangeError(f"{caller}: size must be at least 1, got {size}")
    before, after = (zeros(shape[0], n, *shape[2:], dtype=input.dtype) for n in (size // 2, (size - 1) // 2))
    squares = cat([before, input**2, after], 1)
    total = narrow(squares, dim=1, start=0, length=shape[1])
    for start in range(1, size):
        total = total + narrow(squares, dim=1, start=start, length=shape[1])
    return input / (k + alpha / size * total) ** beta


@in_single
def normalize(input: Tensor, p: float = 2.0, dim: int | tuple[int, ...] = 1, eps: float = 1e-12) -> Tensor:
    """x / max(||x||_p, eps), the norm being over `dim`: vectors of length 1.

    Args:
        input: x.
        p: the order of the norm.
        dim: the axis (or axes) of the vectors.
        eps: vectors shorter than this are divided by it.

    Example:
        >>> import nn
        >>> nn.functional.normalize(nn.tensor([[3.0, 4.0], [0.0, 0.0]]))
        tensor([[0.6000, 0.8000],
                [0.0000, 0.0000]])
    """
    checks.floating(input, "normalize")
    return input / clamp(norm(input, p, dim, True), min=eps)


# -- what they share --------------------------------------------------------------------------------------------------
def _normalized(
    input: Tensor,
    dim: tuple[int, ...],
    eps: float,
    weight: Parameter,
    bias: Parameter,
    running: tuple[Parameter, Parameter],
    momentum: float,
) -> Tensor:
    """Normalised with its own mean and variance, which move the running ones."""
    x = input._array
    mean, var = mode.quiet(kernels.moments, x, dim)
    rstd = mode.quiet(kernels.scale, var, eps)
    values = math.prod(x.shape[d] for d in dim)
    factors = (1.0, values / max(1, values - 1))  # the running variance is the unbiased one
    if x.size and any(place is not None for place in running):
        with no_grad():
            for place, value, factor in zip(running, (mean, var), factors, strict=True):
                if place is not None:
                    place.copy_(wrap(mode.quiet(kernels.moved, place._array, value, factor, momentum)))
    y = ops.standardize(input, dim=dim, eps=eps, mean=mean, rstd=rstd)
    return _affine(y, _by_channel(weight, x.ndim), _by_channel(bias, x.ndim))


@in_single
def _with_known(input: Tensor, mean: Tensor, var: Tensor, weight: Parameter, bias: Parameter, eps: float) -> Tensor:
    """Normalised with a mean and a variance that are known: one factor and one shift a channel."""
    factor: Any = (var.detach() + eps) ** -0.5
    factor = factor if weight is None else weight * factor
    shift: Any = -mean.detach() * factor
    shift = shift if bias is None else shift + bias
    rank = input.ndim
    return input * _by_channel(factor, rank) + _by_channel(shift, rank)


def _standardized(input: Tensor, dim: tuple[int, ...], eps: float) -> Any:
    return ops.standardize(input, dim=dim, eps=eps)


def _affine(y: Any, weight: Parameter, bias: Parameter) -> Any:
    y = y if weight is None else y * weight
    return y if bias is None else y + bias


def _by_channel(parameter: Any, rank: int) -> Any:
    """One number a channel, shaped to meet (N, C, ...)."""
    return parameter if parameter is None or rank == 2 else reshape(parameter, shape=(-1, *(1,) * (rank - 2)))


def _last_axes(input: Tensor, normalized_shape: Any, caller: str, **parameters: Parameter) -> tuple[int, ...]:
    """The last axes, whose lengths must be `normalized_shape`."""
    x = checks.floating(input, caller)._array.shape
    if not isinstance(normalized_shape, Sequence):
        raise TypeError(
            f"{caller}: normalized_shape must be a tuple of the last lengths, got {normalized_shape!r}; "
            f"write ({normalized_shape},)"
        )
    wanted = tuple(normalized_shape)
    if not wanted or x[-len(wanted) :] != wanted:
        raise ShapeError(
            f"{caller}: input must end in the axes {wanted or '(at least one)'}, its shape is {x}; "
            "give normalized_shape the lengths of its last axes"
        )
    for name, value in parameters.items():
        _fits(value, wanted, input, caller, name)
    return tuple(range(len(x) - len(wanted), len(x)))


def _fits(value: Parameter, shape: tuple[int, ...], input: Tensor, caller: str, name: str) -> None:
    """A parameter has to have the shape that the input asks for, and the input's type."""
    if value is None:
        return
    if value._array.shape != shape:
        raise ShapeError(
            f"{caller}: {name} must be of shape {shape} for input {input.shape}, its shape is {value.shape}"
        )
    if value._array.dtype != input._array.dtype:
        raise DtypeError(
            f"{caller}: input is {input.dtype} and {name} is {value.dtype}; make them equal, e.g. x.to({name}.dtype)"
        )
