"""A neural-network framework in pure NumPy, written from zero, with PyTorch's names.

    import nn

    model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()

`nn.<op>` is what `torch.<op>` is, `nn.Linear` what `torch.nn.Linear` is, `nn.optim`, `nn.data`, `nn.functional`,
`nn.init` what `torch.optim`, `torch.utils.data`, `torch.nn.functional`, `torch.nn.init` are.
"""

import numpy as _np

from nn import data, functional, init, metrics, optim, testing
from nn.autograd.backward import grad
from nn.autograd.tape import enable_grad, is_grad_enabled, no_grad
from nn.errors import DtypeError, FromZeroError, GradcheckError, GradError, RangeError, ShapeError
from nn.functional.activation import log_softmax, relu, sigmoid, softmax, tanh
from nn.functional.arithmetic import (
    abs,
    add,
    clamp,
    cos,
    div,
    exp,
    isnan,
    log,
    log1p,
    maximum,
    minimum,
    mul,
    neg,
    pow,
    sign,
    sin,
    sqrt,
    square,
    sub,
    where,
)
from nn.functional.creation import (
    arange,
    empty,
    eye,
    full,
    full_like,
    linspace,
    ones,
    ones_like,
    rand,
    randint,
    randn,
    randperm,
    zeros,
    zeros_like,
)
from nn.functional.indexing import gather
from nn.functional.linear import matmul
from nn.functional.reduction import amax, amin, argmax, argmin, logsumexp, max, mean, min, std, sum, var
from nn.functional.shape import cat, flatten, permute, reshape, squeeze, stack, transpose, unsqueeze
from nn.modules.activation import LogSoftmax, ReLU, Sigmoid, Softmax, Softplus, Tanh
from nn.modules.container import Sequential
from nn.modules.convolution import Conv1d, Conv2d, Conv3d
from nn.modules.linear import Flatten, Identity, Linear
from nn.modules.loss import BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, MSELoss, NLLLoss
from nn.modules.module import Module, Parameter
from nn.modules.pooling import AvgPool1d, AvgPool2d, AvgPool3d, MaxPool1d, MaxPool2d, MaxPool3d
from nn.rng import Generator, default_generator, manual_seed
from nn.tensor import Tensor, as_tensor, from_numpy, tensor

float16 = _np.dtype("float16")
float32 = _np.dtype("float32")
float64 = _np.dtype("float64")
int8 = _np.dtype("int8")
int16 = _np.dtype("int16")
int32 = _np.dtype("int32")
int64 = _np.dtype("int64")
uint8 = _np.dtype("uint8")
bool = _np.dtype("bool")

__version__ = "0.1.0"

__all__ = [
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "BCELoss",
    "BCEWithLogitsLoss",
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "CrossEntropyLoss",
    "DtypeError",
    "Flatten",
    "FromZeroError",
    "Generator",
    "GradError",
    "GradcheckError",
    "Identity",
    "Linear",
    "LogSoftmax",
    "MSELoss",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "Module",
    "NLLLoss",
    "Parameter",
    "RangeError",
    "ReLU",
    "Sequential",
    "ShapeError",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Tanh",
    "Tensor",
    "__version__",
    "abs",
    "add",
    "amax",
    "amin",
    "arange",
    "argmax",
    "argmin",
    "as_tensor",
    "bool",
    "cat",
    "clamp",
    "cos",
    "data",
    "default_generator",
    "div",
    "empty",
    "enable_grad",
    "exp",
    "eye",
    "flatten",
    "float16",
    "float32",
    "float64",
    "from_numpy",
    "full",
    "full_like",
    "functional",
    "gather",
    "grad",
    "init",
    "int8",
    "int16",
    "int32",
    "int64",
    "is_grad_enabled",
    "isnan",
    "linspace",
    "log",
    "log1p",
    "log_softmax",
    "logsumexp",
    "manual_seed",
    "matmul",
    "max",
    "maximum",
    "mean",
    "metrics",
    "min",
    "minimum",
    "mul",
    "neg",
    "no_grad",
    "ones",
    "ones_like",
    "optim",
    "permute",
    "pow",
    "rand",
    "randint",
    "randn",
    "randperm",
    "relu",
    "reshape",
    "sigmoid",
    "sign",
    "sin",
    "softmax",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "std",
    "sub",
    "sum",
    "tanh",
    "tensor",
    "testing",
    "transpose",
    "uint8",
    "unsqueeze",
    "var",
    "where",
    "zeros",
    "zeros_like",
]
