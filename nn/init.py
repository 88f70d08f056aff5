"""Initial values for parameters, in place. `fan_in` is the number of inputs of a unit, `fan_out` that of its readers.

For a weight (out, in, k...) fan_in = in * prod(k) and fan_out = out * prod(k).
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from nn.autograd.grad_mode import no_grad
from nn.errors import ShapeError
from nn.rng import Generator, default_generator
from nn.tensor import Tensor

__all__ = [
    "calculate_gain",
    "constant_",
    "kaiming_normal_",
    "kaiming_uniform_",
    "normal_",
    "ones_",
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
    "sigmoid": 1.0,
    "tanh": 5 / 3,
    "relu": math.sqrt(2),
    "selu": 3 / 4,
}


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor by which an activation shrinks the spread of its input, to be made good by the weights.

    Args:
        nonlinearity: "linear", "sigmoid", "tanh", "relu", "leaky_relu" or "selu".
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


def constant_(tensor: Tensor, val: float) -> Tensor:
    """One number everywhere.

    Example:
        >>> import nn
        >>> nn.init.constant_(nn.empty(2), 0.5)
        tensor([0.5000, 0.5000])
    """
    return _fill(tensor, np.asarray(val))


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
    bound = math.sqrt(3) * _kaiming_std(tensor, a, mode, nonlinearity, "kaiming_uniform_")
    return uniform_(tensor, -bound, bound, generator)


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


def _kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str, caller: str) -> float:
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"{caller}: mode must be fan_in or fan_out, {mode!r} came")
    fan = _fans(tensor, caller)[mode == "fan_out"]
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


def _fans(tensor: Tensor, caller: str) -> tuple[int, int]:
    if tensor.ndim < 2:
        raise ShapeError(f"{caller}: fans want at least 2 axes (out, in), the tensor has shape {tensor.shape}")
    window = math.prod(tensor.shape[2:])
    return tensor.shape[1] * window, tensor.shape[0] * window


def _fill(tensor: Tensor, values: np.ndarray) -> Tensor:
    with no_grad():
        return tensor.copy_(values)
