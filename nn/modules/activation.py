"""Activation functions as modules."""

from __future__ import annotations

from nn.functional import activation as F
from nn.modules.module import Module
from nn.tensor import Tensor

__all__ = ["LogSoftmax", "ReLU", "Sigmoid", "Softmax", "Softplus", "Tanh"]


class ReLU(Module):
    """max(x, 0); see `nn.functional.relu`.

    Example:
        >>> import nn
        >>> nn.ReLU()(nn.tensor([-1.0, 2.0]))
        tensor([0., 2.])
    """

    def forward(self, input: Tensor) -> Tensor:
        """See `nn.functional.relu`."""
        return F.relu(input)


class Sigmoid(Module):
    """1 / (1 + e^-x); see `nn.functional.sigmoid`.

    Example:
        >>> import nn
        >>> nn.Sigmoid()(nn.zeros(1))
        tensor([0.5000])
    """

    def forward(self, input: Tensor) -> Tensor:
        """See `nn.functional.sigmoid`."""
        return F.sigmoid(input)


class Tanh(Module):
    """The hyperbolic tangent; see `nn.functional.tanh`.

    Example:
        >>> import nn
        >>> nn.Tanh()(nn.zeros(1))
        tensor([0.])
    """

    def forward(self, input: Tensor) -> Tensor:
        """See `nn.functional.tanh`."""
        return F.tanh(input)


class Softplus(Module):
    """ln(1 + e^(beta x)) / beta; see `nn.functional.softplus`.

    Example:
        >>> import nn
        >>> nn.Softplus()(nn.zeros(1))
        tensor([0.6931])
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def forward(self, input: Tensor) -> Tensor:
        """See `nn.functional.softplus`."""
        return F.softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        """The constructor's arguments."""
        return f"beta={self.beta}, threshold={self.threshold}"


class _AlongDim(Module):
    """A function along one axis."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def extra_repr(self) -> str:
        """The constructor's argument."""
        return f"dim={self.dim}"


class Softmax(_AlongDim):
    """e^x / sum of e^x along `dim`; see `nn.functional.softmax`.

    Example:
        >>> import nn
        >>> nn.Softmax(dim=0)(nn.zeros(2))
        tensor([0.5000, 0.5000])
    """

    def forward(self, input: Tensor) -> Tensor:
        """See `nn.functional.softmax`."""
        return F.softmax(input, self.dim)


class LogSoftmax(_AlongDim):
    """The logarithm of softmax along `dim`; see `nn.functional.log_softmax`.

    Example:
        >>> import nn
        >>> nn.LogSoftmax(dim=0)(nn.zeros(2))
        tensor([-0.6931, -0.6931])
    """

    def forward(self, input: Tensor) -> Tensor:
        """See `nn.functional.log_softmax`."""
        return F.log_softmax(input, self.dim)
