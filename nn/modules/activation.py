"""Activation functions as modules. `inplace=True` puts the result in place of the input if no gradient is recorded."""

from __future__ import annotations

from numpy.typing import DTypeLike

from nn import functional as F
from nn.modules.fields import Shown, Unusual
from nn.modules.module import Module
from nn.modules.parameter import Parameter
from nn.tensors.creation import full
from nn.tensors.place import Device, Factory
from nn.tensors.tensor import Tensor

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "SELU",
    "LeakyReLU",
    "LogSigmoid",
    "Mish",
    "PReLU",
    "RReLU",
    "ReLU",
    "SiLU",
    "Sigmoid",
    "Softplus",
    "Softsign",
    "Tanh",
    "Tanhshrink",
]


class Activation(Module):
    """A function of each element."""

    inplace = False


class InPlace(Activation):
    """A function whose only argument is whether it works in place."""

    inplace: Unusual[bool] = False

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace


class ReLU(InPlace):
    """max(x, 0); see `nn.functional.relu`.

    Example:
        >>> import nn
        >>> nn.ReLU()(nn.tensor([-1.0, 2.0]))
        tensor([0., 2.])
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.relu(input, self.inplace)


class LeakyReLU(Activation):
    """x above 0, a small slope below; see `nn.functional.leaky_relu`.

    Example:
        >>> import nn
        >>> nn.LeakyReLU(0.5)(nn.tensor([-1.0, 2.0]))
        tensor([-0.5000,  2.0000])
    """

    negative_slope: Shown[float]
    inplace: Unusual[bool] = False

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__()
        self.negative_slope = negative_slope
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.leaky_relu(input, self.negative_slope, self.inplace)


class PReLU(Activation):
    """x above 0, a learned slope below; see `nn.functional.prelu`.

    Args:
        num_parameters: 1, or one slope for each channel.
        init: the slopes at first.

    Example:
        >>> import nn
        >>> nn.PReLU()(nn.tensor([-4.0, 2.0]))
        tensor([-1.,  2.], grad_fn=<WhereBackward0>)

    References:
        He et al., Delving Deep into Rectifiers, ICCV 2015.
    """

    num_parameters: Shown[int]
    init: float
    weight: Parameter

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, device: Device = None, dtype: DTypeLike | None = None
    ) -> None:
        factory = Factory(device=device, dtype=dtype)
        super().__init__(**factory)
        self.num_parameters = num_parameters
        self.init = init
        self.weight = Parameter(full((num_parameters,), float(init), **factory))

    def reset_parameters(self) -> None:
        """Set the slopes to their first value."""
        self.weight.detach().fill_(self.init)

    def forward(self, input: Tensor) -> Tensor:
        return F.prelu(input, self.weight)


class RReLU(Activation):
    """x above 0, below a slope that is random in training; see `nn.functional.rrelu`.

    Example:
        >>> import nn
        >>> nn.RReLU().eval()(nn.tensor([-24.0, 2.0]))
        tensor([-5.5000,  2.0000])
    """

    lower: Shown[float]
    upper: Shown[float]
    inplace: Unusual[bool] = False

    def __init__(self, lower: float = 1.0 / 8, upper: float = 1.0 / 3, inplace: bool = False) -> None:
        super().__init__()
        self.lower = lower
        self.upper = upper
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)


class ELU(Activation):
    """x above 0, a (e^x - 1) below; see `nn.functional.elu`.

    Example:
        >>> import nn
        >>> nn.ELU()(nn.tensor([0.0, 2.0]))
        tensor([0., 2.])
    """

    alpha: Shown[float]
    inplace: Unusual[bool] = False

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.alpha = alpha
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.elu(input, self.alpha, self.inplace)


class CELU(Activation):
    """x above 0, a (e^(x/a) - 1) below; see `nn.functional.celu`.

    Example:
        >>> import nn
        >>> nn.CELU()(nn.tensor([0.0, 2.0]))
        tensor([0., 2.])
    """

    alpha: Shown[float]
    inplace: Unusual[bool] = False

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.alpha = alpha
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.celu(input, self.alpha, self.inplace)


class SELU(InPlace):
    """The ELU that keeps mean 0 and variance 1; see `nn.functional.selu`.

    Example:
        >>> import nn
        >>> nn.SELU()(nn.tensor([1.0]))
        tensor([1.0507])
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.selu(input, self.inplace)


class GELU(Activation):
    """x times the probability that a standard normal is below x; see `nn.functional.gelu`.

    Example:
        >>> import nn
        >>> nn.GELU()(nn.tensor([1.0]))
        tensor([0.8413])
    """

    approximate: Shown[str]

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, input: Tensor) -> Tensor:
        return F.gelu(input, self.approximate)


class SiLU(InPlace):
    """x sigmoid(x); see `nn.functional.silu`.

    Example:
        >>> import nn
        >>> nn.SiLU()(nn.tensor([1.0]))
        tensor([0.7311])
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.silu(input, self.inplace)


class Mish(InPlace):
    """x tanh(softplus(x)); see `nn.functional.mish`.

    Example:
        >>> import nn
        >>> nn.Mish()(nn.tensor([1.0]))
        tensor([0.8651])
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.mish(input, self.inplace)


class Sigmoid(Activation):
    """1 / (1 + e^-x); see `nn.functional.sigmoid`.

    Example:
        >>> import nn
        >>> nn.Sigmoid()(nn.zeros(1))
        tensor([0.5000])
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.sigmoid(input)


class Tanh(Activation):
    """The hyperbolic tangent; see `nn.functional.tanh`.

    Example:
        >>> import nn
        >>> nn.Tanh()(nn.zeros(1))
        tensor([0.])
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.tanh(input)


class LogSigmoid(Activation):
    """ln(1 / (1 + e^-x)); see `nn.functional.logsigmoid`.

    Example:
        >>> import nn
        >>> nn.LogSigmoid()(nn.zeros(1))
        tensor([-0.6931])
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.logsigmoid(input)


class Softsign(Activation):
    """x / (1 + |x|); see `nn.functional.softsign`.

    Example:
        >>> import nn
        >>> nn.Softsign()(nn.zeros(1))
        tensor([0.])
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.softsign(input)


class Tanhshrink(Activation):
    """x - tanh(x); see `nn.functional.tanhshrink`.

    Example:
        >>> import nn
        >>> nn.Tanhshrink()(nn.zeros(1))
        tensor([0.])
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.tanhshrink(input)


class Softplus(Activation):
    """ln(1 + e^(beta x)) / beta; see `nn.functional.softplus`.

    Example:
        >>> import nn
        >>> nn.Softplus()(nn.zeros(1))
        tensor([0.6931])
    """

    beta: Shown[float]
    threshold: Shown[float]

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def forward(self, input: Tensor) -> Tensor:
        return F.softplus(input, self.beta, self.threshold)


class GLU(Activation):
    """The first half along an axis, times the sigmoid of the second; see `nn.functional.glu`.

    Example:
        >>> import nn
        >>> nn.GLU()(nn.tensor([4.0, 0.0]))
        tensor([2.])
    """

    dim: Shown[int]

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        return F.glu(input, self.dim)
