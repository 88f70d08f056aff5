"""Activation functions.

`inplace=True` puts the result in place of the input's elements and gives the input back: autograd follows, and a leaf
that requires gradients is refused while recording, as for `relu_`.
"""

from __future__ import annotations

from nn.autograd.tape import wrap
from nn.errors import RangeError, ShapeError
from nn.ops import activation as ops
from nn.ops import arithmetic
from nn.ops.shape import axis, in_rows, narrow
from nn.rng import Generator, default_generator
from nn.tensors import checks
from nn.tensors.arithmetic import where
from nn.tensors.in_place import replacing
from nn.tensors.tensor import Tensor

__all__ = [
    "celu",
    "celu_",
    "elu",
    "elu_",
    "gelu",
    "glu",
    "leaky_relu",
    "leaky_relu_",
    "logsigmoid",
    "mish",
    "rrelu",
    "rrelu_",
    "selu",
    "selu_",
    "silu",
    "softplus",
    "softsign",
    "tanhshrink",
]

_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772848, 1.0507009873554804934


def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """A smooth relu, ln(1 + e^(beta x)) / beta.

    Args:
        input: x.
        beta: the sharpness of the bend.
        threshold: where beta x is above it, the result is x itself.

    Example:
        >>> import nn
        >>> nn.functional.softplus(nn.tensor([0.0, 100.0]))
        tensor([  0.6931, 100.0000])
    """
    scaled = checks.floating(input, "softplus") if beta == 1 else input * beta
    return where(scaled.detach() > threshold, input, ops.softplus(scaled) / beta)


# -- relu that leaks --------------------------------------------------------------------------------------------------
def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """x above 0, negative_slope * x below and at 0.

    Example:
        >>> import nn
        >>> nn.functional.leaky_relu(nn.tensor([-1.0, 2.0]))
        tensor([-0.0100,  2.0000])

    References:
        Maas, Hannun and Ng, Rectifier Nonlinearities Improve Neural Network Acoustic Models, ICML 2013.
    """
    if inplace:
        return leaky_relu_(input, negative_slope)
    x = checks.floating(input, "leaky_relu")
    return ops.leaky_relu(x, negative_slope=float(negative_slope))


def rrelu(
    input: Tensor,
    lower: float = 1.0 / 8,
    upper: float = 1.0 / 3,
    training: bool = False,
    inplace: bool = False,
    *,
    generator: Generator | None = None,
) -> Tensor:
    """x above 0, a random slope times x below: uniform in [lower, upper] while training, their mean otherwise.

    Example:
        >>> import nn
        >>> nn.functional.rrelu(nn.tensor([-24.0, 2.0]))
        tensor([-5.5000,  2.0000])

    References:
        Xu, Wang, Chen and Li, Empirical Evaluation of Rectified Activations in Convolutional Network, 2015.
    """
    if inplace:
        return rrelu_(input, lower, upper, training, generator=generator)
    x = checks.floating(input, "rrelu")
    if lower > upper:
        raise RangeError(f"rrelu: lower must not be above upper, got {lower} and {upper}")
    if not training:
        return leaky_relu(x, (lower + upper) / 2)
    slope = wrap((generator or default_generator).numpy.uniform(lower, upper, x.shape).astype(x.dtype))
    return arithmetic.where(x.detach() > 0, x, x * slope)


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """x above 0, alpha (e^x - 1) below.

    Example:
        >>> import nn
        >>> nn.functional.elu(nn.tensor([-1000.0, 2.0]))
        tensor([-1.,  2.])

    References:
        Clevert, Unterthiner and Hochreiter, Fast and Accurate Deep Network Learning by Exponential Linear Units, 2015.
    """
    if inplace:
        return elu_(input, alpha)
    return ops.elu(checks.floating(input, "elu"), alpha=float(alpha))


def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """The elu, scaled so that mean 0 and variance 1 go through layers unchanged.

    Example:
        >>> import nn
        >>> nn.functional.selu(nn.tensor([-1000.0, 1.0]))
        tensor([-1.7581,  1.0507])

    References:
        Klambauer, Unterthiner, Mayr and Hochreiter, Self-Normalizing Neural Networks, NeurIPS 2017.
    """
    if inplace:
        return selu_(input)
    x = checks.floating(input, "selu")
    return ops.elu(x, alpha=_SELU_ALPHA, scale=_SELU_SCALE)


def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """x above 0, alpha (e^(x / alpha) - 1) below: an elu whose slope is continuous for every alpha.

    Example:
        >>> import nn
        >>> nn.functional.celu(nn.tensor([-1000.0, 1.0]), alpha=2.0)
        tensor([-2.,  1.])

    References:
        Barron, Continuously Differentiable Exponential Linear Units, 2017.
    """
    if inplace:
        return celu_(input, alpha)
    x = checks.floating(input, "celu")
    if alpha == 0:
        raise RangeError("celu: alpha must not be 0, x is divided by it")
    return ops.elu(x, alpha=float(alpha), input_scale=1 / alpha)


# -- gates: x times a number between 0 and 1 ---------------------------------------------------------------------------
def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    """x times the normal distribution function of x; "tanh" stands for a common approximation of it.

    Example:
        >>> import nn
        >>> nn.functional.gelu(nn.tensor([-1.0, 0.0, 1.0]))
        tensor([-0.1587,  0.0000,  0.8413])

    References:
        Hendrycks and Gimpel, Gaussian Error Linear Units, 2016.
    """
    x = checks.floating(input, "gelu")
    checks.choice(approximate, ("none", "tanh"), "gelu", "approximate")
    return ops.gelu(x, approximate=approximate)


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """x sigmoid(x), also called swish.

    Example:
        >>> import nn
        >>> nn.functional.silu(nn.tensor([-1.0, 0.0, 1.0]))
        tensor([-0.2689,  0.0000,  0.7311])

    References:
        Elfwing, Uchibe and Doya, Sigmoid-Weighted Linear Units for Neural Network Function Approximation, 2017.
    """
    if inplace:
        return replacing(silu)(input)
    return ops.silu(checks.floating(input, "silu"))


def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """x tanh(softplus(x)).

    Example:
        >>> import nn
        >>> nn.functional.mish(nn.tensor([-1.0, 0.0, 1.0]))
        tensor([-0.3034,  0.0000,  0.8651])

    References:
        Misra, Mish: A Self Regularized Non-Monotonic Activation Function, 2019.
    """
    if inplace:
        return replacing(mish)(input)
    x = checks.floating(input, "mish")
    return x * ops.tanh(ops.softplus(x))


def glu(input: Tensor, dim: int = -1) -> Tensor:
    """Gated linear unit: the first half of axis `dim` times the sigmoid of the second.

    Raises:
        ShapeError: the axis has an odd length.

    Example:
        >>> import nn
        >>> nn.functional.glu(nn.tensor([1.0, 2.0, 0.0, 1000.0]))
        tensor([0.5000, 2.0000])

    References:
        Dauphin, Fan, Auli and Grangier, Language Modeling with Gated Convolutional Networks, ICML 2017.
    """
    x = checks.floating(input, "glu")
    if not x.ndim:
        raise ShapeError("glu: expected an axis to halve, the input has none; reshape it first")
    half, odd = divmod(x.shape[axis(dim, x.ndim, "glu")], 2)
    if odd:
        raise ShapeError(f"glu: axis {dim} must have an even length, it has {2 * half + 1}; input is {x.shape}")
    return narrow(x, dim=dim, start=0, length=half) * ops.sigmoid(narrow(x, dim=dim, start=half, length=half))


# -- bent lines -------------------------------------------------------------------------------------------------------
def tanhshrink(input: Tensor) -> Tensor:
    """x - tanh(x).

    Example:
        >>> import nn
        >>> nn.functional.tanhshrink(nn.tensor([0.0, 1000.0]))
        tensor([  0., 999.])
    """
    return checks.tensor(input, "tanhshrink") - ops.tanh(input)


def softsign(input: Tensor) -> Tensor:
    """x / (1 + |x|).

    Example:
        >>> import nn
        >>> nn.functional.softsign(nn.tensor([-1.0, 3.0]))
        tensor([-0.5000,  0.7500])
    """
    return checks.tensor(input, "softsign") / (arithmetic.abs(input) + 1)


def logsigmoid(input: Tensor) -> Tensor:
    """ln sigmoid(x) = -ln(1 + e^-x), exact where the sigmoid itself would round to 0.

    Example:
        >>> import nn
        >>> nn.functional.logsigmoid(nn.tensor([-1000.0, 0.0]))
        tensor([-1.0000e+03, -6.9315e-01])
    """
    return in_rows(-ops.softplus(-checks.floating(input, "logsigmoid")))


leaky_relu_ = replacing(leaky_relu)
rrelu_ = replacing(rrelu)
elu_ = replacing(elu)
selu_ = replacing(selu)
celu_ = replacing(celu)
