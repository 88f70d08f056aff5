"""Activation functions made of straight pieces, as modules; the smooth ones are in `activation`."""

from __future__ import annotations

from nn import functional as F
from nn.errors import RangeError
from nn.modules.activation import Activation, InPlace
from nn.modules.fields import Bare, Shown, Unusual
from nn.tensors.tensor import Tensor

__all__ = ["Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh", "ReLU6", "Softshrink", "Threshold"]


class Hardtanh(Activation):
    """x held within [min_val, max_val]; see `nn.functional.hardtanh`.

    Example:
        >>> import nn
        >>> nn.Hardtanh()(nn.tensor([-1.0, 2.0]))
        tensor([-1.,  1.])
    """

    min_val: Shown[float]
    max_val: Shown[float]
    inplace: Unusual[bool] = False

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        if max_val <= min_val:
            raise RangeError(f"Hardtanh: min_val must be below max_val, got {min_val} and {max_val}")
        self.min_val = min_val
        self.max_val = max_val
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.hardtanh(input, self.min_val, self.max_val, self.inplace)


class ReLU6(Hardtanh):
    """x held within [0, 6]; see `nn.functional.relu6`.

    Example:
        >>> import nn
        >>> nn.ReLU6()(nn.tensor([-1.0, 8.0]))
        tensor([0., 6.])
    """

    min_val: float
    max_val: float

    def __init__(self, inplace: bool = False) -> None:
        super().__init__(0.0, 6.0, inplace)


class Threshold(Activation):
    """x where it is above a threshold, a value elsewhere; see `nn.functional.threshold`.

    Example:
        >>> import nn
        >>> nn.Threshold(0.5, 9.0)(nn.tensor([0.0, 2.0]))
        tensor([9., 2.])
    """

    threshold: Shown[float]
    value: Shown[float]
    inplace: Unusual[bool] = False

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__()
        self.threshold = threshold
        self.value = value
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.threshold(input, self.threshold, self.value, self.inplace)


class Hardswish(InPlace):
    """x relu6(x + 3) / 6; see `nn.functional.hardswish`.

    Example:
        >>> import nn
        >>> nn.Hardswish()(nn.tensor([1.0]))
        tensor([0.6667])
    """

    inplace: bool

    def forward(self, input: Tensor) -> Tensor:
        return F.hardswish(input, self.inplace)


class Hardsigmoid(InPlace):
    """relu6(x + 3) / 6; see `nn.functional.hardsigmoid`.

    Example:
        >>> import nn
        >>> nn.Hardsigmoid()(nn.tensor([1.0]))
        tensor([0.6667])
    """

    inplace: bool

    def forward(self, input: Tensor) -> Tensor:
        return F.hardsigmoid(input, self.inplace)


class Hardshrink(Activation):
    """x where |x| is above lambd, 0 elsewhere; see `nn.functional.hardshrink`.

    Example:
        >>> import nn
        >>> nn.Hardshrink()(nn.tensor([0.25, 2.0]))
        tensor([0., 2.])
    """

    lambd: Bare[float]

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, input: Tensor) -> Tensor:
        return F.hardshrink(input, self.lambd)


class Softshrink(Activation):
    """x brought nearer to 0 by lambd, or to it; see `nn.functional.softshrink`.

    Example:
        >>> import nn
        >>> nn.Softshrink()(nn.tensor([0.25, 2.0]))
        tensor([0.0000, 1.5000])
    """

    lambd: Bare[float]

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, input: Tensor) -> Tensor:
        return F.softshrink(input, self.lambd)
