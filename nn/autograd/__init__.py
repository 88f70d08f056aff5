"""The tape, ops and their registry, backward, and what users need of it by the names of `torch.autograd`."""

from typing import TYPE_CHECKING as _TYPE_CHECKING

from nn.faces import show as _show

if _TYPE_CHECKING:
    from nn.autograd.anomaly import *
    from nn.autograd.backward import *
    from nn.autograd.function import *
    from nn.autograd.grad_mode import *
    from nn.autograd.gradcheck import *

_FILES = {
    "nn.autograd.anomaly": "detect_anomaly is_anomaly_enabled set_detect_anomaly",
    "nn.autograd.backward": "backward grad",
    "nn.autograd.function": "Function",
    "nn.autograd.grad_mode": "enable_grad inference_mode is_grad_enabled no_grad set_grad_enabled",
    "nn.autograd.gradcheck": "gradcheck gradgradcheck",
}
_show(__name__, _FILES, {"functional": "nn.func.older_names"})
