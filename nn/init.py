"""Initial values for parameters, in place. `fan_in` is the number of inputs of a unit, `fan_out` that of its readers.

For a weight (out, in, k...) fan_in = in * prod(k) and fan_out = out * prod(k).
"""

from __future__ import annotations

import math
import warnings
from typing import Literal

import numpy as np

from nn.autograd.grad_mode import no_grad
from nn.errors import ShapeError
from nn.rng import Generator, default_generator
from nn.tensors.arguments import fitting
from nn.tensors.tensor import Tensor

__all__ = [
    "calculate_gain",
    "constant_",
    "dirac_",
    "eye_",
    "kaiming_normal_",
    "kaiming_uniform_",
    "normal_",
    "ones_",
    "orthogonal_",
    "sparse_",
    "trunc_normal_",
    "uniform_",
    "xavier_normal_",
    "xavier_uniform_",
    "zeros_",
]

GAINS = {
    "linear": 1.0,
    "conv1d": 1.0,
    "conv2d": 1.0,
    "conv3d": 1.0,
    "conv_transpose1d": 1.0,
    "conv_transpose2d": 1.0,
    "conv_transpose3d": 1.0,
    "sigmoid": 1.0,
    "tanh": 5 / 3,
    "relu": math.sqrt(2),
    "selu": 3 / 4,
}


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor by which an activation shrinks the spread of its input, to be made good by the weights.

    Args:
        nonlinearity: "linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu", or a convolution ("conv2d" ...).
        param: the negative slope of leaky_relu (0.01 by default).

    Example:
        >>> import nn
        >>> round(nn.init.calculate_gain("relu"), 4)
        1.4142
    """
    if nonlinearity == "leaky_relu":
        return math.sqrt(2 / (1 + (0.01 if param is None else param) ** 2))
    if nonlinearity not in GAINS:
        raise ValueError(f"calculate_gain: {nonlinearity!r} is unknown; use one of {', '.join([*GAINS, 'leaky_relu'])}")
    return GAINS[nonlinearity]


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Uniform in [a, b).

    Example:
        >>> import nn
        >>> w = nn.init.uniform_(nn.empty(100), -1, 1)
        >>> bool((w >= -1).all())
        True
    """
    return _fill(tensor, (generator or default_generator).numpy.uniform(a, b, tensor.shape))


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Normal with the given mean and standard deviation.

    Example:
        >>> import nn
        >>> nn.init.normal_(nn.empty(3), std=0.0)
        tensor([0., 0., 0.])
    """
    return _fill(tensor, (generator or default_generator).numpy.normal(mean, std, tensor.shape))


def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Generator | None = None,
) -> Tensor:
    """Normal with the given mean and standard deviation, drawn again where it falls outside [a, b].

    Args:
        tensor: the tensor to fill.
        mean: that of the normal distribution before it is cut off.
        std: its standard deviation before it is cut off.
        a: the least value.
        b: the largest value.
        generator: where the numbers come from.

    Example:
        >>> import nn
        >>> w = nn.init.trunc_normal_(nn.empty(100), std=5.0)
        >>> bool((w.abs() <= 2).all())
        True
    """
    draw = (generator or default_generator).numpy
    mode = min(max(mean, a), b)
    share = [math.erf((end - mean) / (std * math.sqrt(2))) / 2 for end in (a, b)]
    if mode != mean and abs(mode - mean) > 2 * std:
        warnings.warn(
            f"trunc_normal_: mean {mean} is more than 2 std from [{a}, {b}], where little of the normal lies",
            stacklevel=2,
        )
    if share[1] - share[0] > 0.3:

        def drawn(count: int) -> tuple[np.ndarray, np.ndarray]:
            values = draw.normal(mean, std, count)
            return values, (values >= a) & (values <= b)

    else:  # little of the normal lies there: even draws, kept in proportion to its density

        def drawn(count: int) -> tuple[np.ndarray, np.ndarray]:
            values = draw.uniform(a, b, count)
            fall = ((values - mean) / std) ** 2 - ((mode - mean) / std) ** 2
            return values, draw.exponential(2.0, count) >= fall

    values = np.empty(tensor.numel())
    open_places = np.arange(values.size)
    while open_places.size:
        fresh, kept = drawn(open_places.size)
        values[open_places[kept]] = fresh[kept]
        open_places = open_places[~kept]
    return _fill(tensor, values.reshape(tensor.shape))


def constant_(tensor: Tensor, val: float) -> Tensor:
    """One number everywhere.

    Example:
        >>> import nn
        >>> nn.init.constant_(nn.empty(2), 0.5)
        tensor([0.5000, 0.5000])
    """
    return _fill(tensor, np.asarray(fitting(val, tensor.dtype, "constant_", floats=True)))


def zeros_(tensor: Tensor) -> Tensor:
    """Zeros.

    Example:
        >>> import nn
        >>> nn.init.zeros_(nn.empty(2))
        tensor([0., 0.])
    """
    return constant_(tensor, 0.0)


def ones_(tensor: Tensor) -> Tensor:
    """Ones.

    Example:
        >>> import nn
        >>> nn.init.ones_(nn.empty(2))
        tensor([1., 1.])
    """
    return constant_(tensor, 1.0)


def eye_(tensor: Tensor) -> Tensor:
    """The identity matrix: a linear layer passes its input on, as far as it has outputs.

    Raises:
        ShapeError: the tensor is no matrix.

    Example:
        >>> import nn
        >>> nn.init.eye_(nn.empty(2, 3))
        tensor([[1., 0., 0.],
                [0., 1., 0.]])
    """
    return _fill(tensor, np.eye(*_matrix(tensor, "eye_")))


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """A 1 in the middle of the window, from each input channel to the output channel of its number, in each group.

    Args:
        tensor: the weight of a convolution, (out, in, k...).
        groups: those of the convolution.

    Raises:
        ShapeError: not 3, 4 or 5 axes; groups do not divide the output channels.

    Example:
        >>> import nn
        >>> nn.init.dirac_(nn.empty(1, 1, 3))
        tensor([[[0., 1., 0.]]])
    """
    if tensor.ndim not in (3, 4, 5):
        raise ShapeError(f"dirac_: expected a weight (out, in, k...) of 3 to 5 axes, got shape {tensor.shape}")
    if tensor.shape[0] % groups:
        raise ShapeError(f"dirac_: {groups} groups must divide the {tensor.shape[0]} output channels")
    values = np.zeros(tensor.shape)
    middle = tuple(n // 2 for n in tensor.shape[2:])
    size = tensor.shape[0] // groups
    for channel in range(min(size, tensor.shape[1])):
        place: tuple[int | slice, ...] = (slice(channel, None, size), channel, *middle)
        values[place] = 1
    return _fill(tensor, values)


def orthogonal_(tensor: Tensor, gain: float = 1, generator: Generator | None = None) -> Tensor:
    """A random orthogonal matrix: rows (or columns, if they are fewer) of length `gain` at right angles.

    Axes after the first count as one.

    Args:
        tensor: a weight with at least 2 axes.
        gain: the length.
        generator: where the numbers come from.

    Raises:
        ShapeError: the tensor has less than 2 axes.

    Example:
        >>> import nn
        >>> w = nn.init.orthogonal_(nn.empty(2, 5))
        >>> bool(((w @ w.T - nn.eye(2)).abs() < 1e-5).all())
        True

    References:
        Saxe et al., Exact Solutions to the Nonlinear Dynamics of Learning in Deep Linear Neural Networks, ICLR 2014.
    """
    if tensor.ndim < 2:
        raise ShapeError(f"orthogonal_: expected at least 2 axes, got shape {tensor.shape}")
    if not tensor.numel():
        return tensor
    rows, columns = tensor.shape[0], tensor.numel() // tensor.shape[0]
    normal = (generator or default_generator).numpy.normal(size=(max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(normal)
    q *= np.sign(np.diag(r))  # or the directions would not be equally likely
    return _fill(tensor, gain * (q if rows >= columns else q.T).reshape(tensor.shape))


def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01, generator: Generator | None = None) -> Tensor:
    """Normal with standard deviation std, except for a random part of each column, which is 0.

    Args:
        tensor: a matrix.
        sparsity: the part, rounded up to whole rows.
        std: the standard deviation of the others.
        generator: where the numbers come from.

    Raises:
        ShapeError: the tensor is no matrix.

    Example:
        >>> import nn
        >>> w = nn.init.sparse_(nn.empty(10, 3), sparsity=0.25)
        >>> (w == 0).sum(0)
        tensor([3, 3, 3])

    References:
        Martens, Deep Learning via Hessian-Free Optimization, ICML 2010.
    """
    rows, columns = _matrix(tensor, "sparse_")
    draw = (generator or default_generator).numpy
    values = draw.normal(0, std, (rows, columns))
    for column in range(columns):
        values[draw.permutation(rows)[: math.ceil(sparsity * rows)], column] = 0
    return _fill(tensor, values)


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Uniform in [-a, a), a = gain sqrt(6 / (fan_in + fan_out)): keeps the spread of values and gradients, for tanh.

    Example:
        >>> import nn
        >>> bool((nn.init.xavier_uniform_(nn.empty(3, 3)).abs() <= 1).all())
        True

    References:
        Glorot and Bengio, Understanding the Difficulty of Training Deep Feedforward Neural Networks, AISTATS 2010.
    """
    bound = gain * math.sqrt(6 / sum(_fans(tensor, "xavier_uniform_")))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Normal with standard deviation gain sqrt(2 / (fan_in + fan_out)); see `xavier_uniform_`.

    Example:
        >>> import nn
        >>> nn.init.xavier_normal_(nn.empty(2, 3)).shape
        (2, 3)
    """
    return normal_(tensor, 0.0, gain * math.sqrt(2 / sum(_fans(tensor, "xavier_normal_"))), generator)


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: Literal["fan_in", "fan_out"] = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Uniform in [-b, b), b = gain sqrt(3 / fan): keeps the spread of values (or gradients: fan_out) through relu.

    Args:
        tensor: the weight to fill.
        a: the negative slope of leaky_relu.
        mode: "fan_in" for the forward pass, "fan_out" for the backward pass.
        nonlinearity: what follows; see `calculate_gain`.
        generator: where the numbers come from.

    Example:
        >>> import nn
        >>> bool((nn.init.kaiming_uniform_(nn.empty(4, 6)).abs() <= 1).all())
        True

    References:
        He et al., Delving Deep into Rectifiers, ICCV 2015.
    """
    std = _kaiming_std(tensor, a, mode, nonlinearity, "kaiming_uniform_")
    return uniform_(tensor, -math.sqrt(3) * std, math.sqrt(3) * std, generator)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: Literal["fan_in", "fan_out"] = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Normal with standard deviation gain / sqrt(fan); see `kaiming_uniform_`.

    Example:
        >>> import nn
        >>> nn.init.kaiming_normal_(nn.empty(2, 3), nonlinearity="relu").shape
        (2, 3)
    """
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity, "kaiming_normal_"), generator)


def _matrix(tensor: Tensor, caller: str) -> tuple[int, int]:
    if tensor.ndim != 2:
        raise ShapeError(f"{caller}: expected a matrix, got shape {tensor.shape}")
    return tensor.shape[0], tensor.shape[1]


def _kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str, caller: str) -> float:
    if 0 in tensor.shape:
        warnings.warn(f"{caller}: the tensor of shape {tensor.shape} has no elements to fill", stacklevel=3)
        return 0.0
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"{caller}: mode must be fan_in or fan_out, got {mode!r}")
    fan = _fans(tensor, caller)[mode == "fan_out"]
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


def _fans(tensor: Tensor, caller: str = "_calculate_fan_in_and_fan_out") -> tuple[int, int]:
    if tensor.ndim < 2:
        raise ShapeError(f"{caller}: fans need at least 2 axes (out, in), got shape {tensor.shape}")
    window = math.prod(tensor.shape[2:])
    return tensor.shape[1] * window, tensor.shape[0] * window


def _fill(tensor: Tensor, values: np.ndarray) -> Tensor:
    with no_grad():
        return tensor.copy_(values)


def __dir__() -> list[str]:
    return sorted(__all__)
