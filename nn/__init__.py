"""A neural-network framework in pure NumPy, written from zero, with PyTorch's names.

    import nn

    model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()

`nn.<op>` is what `torch.<op>` is, `nn.Linear` what `torch.nn.Linear` is, `nn.optim`, `nn.data`, `nn.functional`,
`nn.init` what `torch.optim`, `torch.utils.data`, `torch.nn.functional`, `torch.nn.init` are.
"""

import importlib as _importlib
from typing import TYPE_CHECKING as _TYPE_CHECKING

import numpy as _np

from nn import functional as functional
from nn import init as init
from nn.autograd.anomaly import *
from nn.autograd.backward import *
from nn.autograd.grad_mode import *
from nn.autograd.op import Op as Op
from nn.errors import *
from nn.functional.activation import *
from nn.functional.adaptive import *
from nn.functional.arithmetic import *
from nn.functional.attention import *
from nn.functional.bitwise import *
from nn.functional.comparison import *
from nn.functional.conversion import *
from nn.functional.convolution import *
from nn.functional.counting import *
from nn.functional.covariance import *
from nn.functional.creation import *
from nn.functional.ctc import *
from nn.functional.diagonal import *
from nn.functional.distance import *
from nn.functional.dropout import *
from nn.functional.einsum import *
from nn.functional.embedding import *
from nn.functional.exponential import *
from nn.functional.extremes import *
from nn.functional.filling import *
from nn.functional.folding import *
from nn.functional.indexing import *
from nn.functional.inspection import *
from nn.functional.joining import *
from nn.functional.linear import *
from nn.functional.loss import *
from nn.functional.margin_loss import *
from nn.functional.normalization import *
from nn.functional.overlap_loss import *
from nn.functional.padding import *
from nn.functional.piecewise import *
from nn.functional.pooling import *
from nn.functional.position import *
from nn.functional.product import *
from nn.functional.random import *
from nn.functional.rearrangement import *
from nn.functional.recurrent import *
from nn.functional.reduction import *
from nn.functional.regression_loss import *
from nn.functional.resizing import *
from nn.functional.rounding import *
from nn.functional.scan import *
from nn.functional.scatter import *
from nn.functional.shape import *
from nn.functional.softmax import *
from nn.functional.sorting import *
from nn.functional.special import *
from nn.functional.statistics import *
from nn.functional.trigonometry import *
from nn.functional.unpooling import *
from nn.functional.windows import *
from nn.modules.activation import *
from nn.modules.container import *
from nn.modules.convolution import *
from nn.modules.linear import *
from nn.modules.loss import *
from nn.modules.module import *
from nn.modules.parameter import *
from nn.modules.pooling import *
from nn.rng import *
from nn.tensor import *

if _TYPE_CHECKING:
    from nn import data as data
    from nn import derivatives as derivatives
    from nn import func as func
    from nn import linalg as linalg
    from nn import metrics as metrics
    from nn import optim as optim
    from nn import special as special
    from nn import testing as testing
    from nn import utils as utils
    from nn.checkpoint import load as load
    from nn.checkpoint import save as save
    from nn.explanation import explain as explain
    from nn.modules.adaptive import *
    from nn.modules.adaptive_softmax import *
    from nn.modules.attention import *
    from nn.modules.batchnorm import *
    from nn.modules.ctc import *
    from nn.modules.distance import *
    from nn.modules.dropout import *
    from nn.modules.embedding import *
    from nn.modules.folding import *
    from nn.modules.fractional import *
    from nn.modules.lazy import *
    from nn.modules.lazy_convolution import *
    from nn.modules.margin_loss import *
    from nn.modules.normalization import *
    from nn.modules.overlap_loss import *
    from nn.modules.padding import *
    from nn.modules.parameter_container import *
    from nn.modules.piecewise import *
    from nn.modules.position import *
    from nn.modules.recurrent import *
    from nn.modules.recurrent_cell import *
    from nn.modules.regression_loss import *
    from nn.modules.resizing import *
    from nn.modules.softmax import *
    from nn.modules.summary import *
    from nn.modules.transformer import *
    from nn.modules.transformer_layer import *
    from nn.modules.unpooling import *

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

# What follows is imported when it is first asked for: `import nn` is to cost little more than `import numpy`.
_SUBMODULES = {
    "data",
    "derivatives",
    "func",
    "linalg",
    "metrics",
    "optim",
    "special",
    "testing",
    "utils",
}
_LATER = dict.fromkeys(
    [
        "checkpoint",
        "explanation",
        "modules.adaptive",
        "modules.adaptive_softmax",
        "modules.attention",
        "modules.batchnorm",
        "modules.ctc",
        "modules.distance",
        "modules.dropout",
        "modules.embedding",
        "modules.folding",
        "modules.fractional",
        "modules.lazy",
        "modules.lazy_convolution",
        "modules.margin_loss",
        "modules.normalization",
        "modules.overlap_loss",
        "modules.padding",
        "modules.parameter_container",
        "modules.piecewise",
        "modules.position",
        "modules.recurrent",
        "modules.recurrent_cell",
        "modules.regression_loss",
        "modules.resizing",
        "modules.softmax",
        "modules.summary",
        "modules.transformer",
        "modules.transformer_layer",
        "modules.unpooling",
    ]
)


def _fetch(name: str) -> None:
    """Take over what further files list, until one of them has the name."""
    for file in list(_LATER):
        module = _importlib.import_module(f"nn.{file}")
        globals().update({public: getattr(module, public) for public in module.__all__})
        _LATER.pop(file, None)
        if name in globals():
            return


def __getattr__(name: str) -> object:
    if name in _SUBMODULES:
        return _importlib.import_module(f"nn.{name}")
    if name == "__all__":  # `from nn import *`
        return [public for public in __dir__() if not public.startswith("_")]
    if not name.startswith("_"):
        _fetch(name)
    if name in globals():
        return globals()[name]
    raise AttributeError(f"module 'nn' has no attribute {name!r}")


def __dir__() -> list[str]:
    _fetch("")
    return sorted({*globals(), *_SUBMODULES})
