"""What PyTorch has for other hardware and for compilers: here there is one processor, and Python runs as it stands."""

from __future__ import annotations

import contextlib
from types import SimpleNamespace
from typing import Any

from nn.autograd.decorator import Decorating
from nn.compat import settings
from nn.modules.module import Module

__all__ = ["DataParallel", "Profile", "SDPBackend", "amp", "as_it_is", "autocast", "compile", "profiling", "script"]


def _no_effect(*args: Any, **named: Any) -> None:
    """Nothing to be done."""


def as_it_is(function: Any = None, *args: Any, **options: Any) -> Any:
    """The function itself; also as a decorator with options."""
    return function if function is not None else lambda given: given


def compile(model: Any = None, **options: Any) -> Any:
    """The model or the function itself; also as a decorator."""
    settings.say_once("torch.compile returns what it is given")
    return as_it_is(model)


def script(obj: Any = None, *args: Any, **options: Any) -> Any:
    """The model or the function itself: `torch.jit.script` and `trace`."""
    settings.say_once("torch.jit.script and trace return what they are given")
    return as_it_is(obj)


class autocast(Decorating):
    """Computes in the dtypes that the tensors have: lower precision gains nothing on a CPU in NumPy."""

    def __new__(cls, device_type: Any = None, *args: Any, **named: Any) -> Any:
        """A context; the device, the dtype and `enabled` have no effect."""
        return super().__new__(cls, device_type if callable(device_type) else None)

    def __init__(self, *args: Any, **named: Any) -> None:
        settings.say_once("autocast computes in float32 here, as without it")

    def __enter__(self) -> autocast:
        return self

    def __exit__(self, *error: object) -> None:
        return None


class GradScaler:
    """Scales nothing: float32 gradients do not underflow as float16 ones do."""

    def __init__(self, *args: Any, **named: Any) -> None:
        settings.say_once("GradScaler scales by 1 here, since nothing is computed in float16")

    def step(self, optimizer: Any, *args: Any, **named: Any) -> Any:
        """The optimiser's step."""
        return optimizer.step(*args, **named)

    scale = lambda self, outputs: outputs
    get_scale = lambda self: 1.0
    is_enabled = lambda self: False
    state_dict = lambda self: dict[str, Any]()
    update = unscale_ = load_state_dict = _no_effect


class Profile(contextlib.nullcontext[Any]):
    """Measures nothing; its table is empty."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(self)

    key_averages = total_average = lambda self, *args, **named: self
    table = lambda self, *args, **named: "(fromzero measures nothing here; use cProfile)"
    step = start = stop = export_chrome_trace = _no_effect


amp = SimpleNamespace(autocast=autocast, GradScaler=GradScaler, custom_fwd=as_it_is, custom_bwd=as_it_is)
profiling = SimpleNamespace(profile=Profile, record_function=Profile, emit_nvtx=Profile)
ProfilerActivity = SimpleNamespace(CPU="cpu", CUDA="cuda")
SDPBackend = SimpleNamespace(MATH=0, FLASH_ATTENTION=1, EFFICIENT_ATTENTION=2, CUDNN_ATTENTION=3)


class DataParallel(Module):
    """Calls its module: there is one device to spread a batch over.

    Attributes:
        module: the module, under whose name the parameters stand in the state, as in PyTorch.
    """

    def __init__(self, module: Module, *args: Any, **named: Any) -> None:
        super().__init__()
        self.module = module

    def forward(self, *args: Any, **named: Any) -> Any:
        """What the module computes."""
        return self.module(*args, **named)
