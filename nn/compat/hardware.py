"""What PyTorch has for other hardware and for compilers: here there is one processor, and Python runs as it stands."""

from __future__ import annotations

import contextlib
from types import SimpleNamespace
from typing import Any

from nn.autograd.decorator import Decorating
from nn.compat import settings
from nn.modules.module import Module

__all__ = [
    "DataParallel", "accelerator", "amp", "autocast", "backends", "compile", "compiler",
    "cuda", "jit", "mps", "profiling", "set_deterministic_debug_mode",
    "set_float32_matmul_precision", "set_flush_denormal", "use_deterministic_algorithms", "version", "xpu",
]  # fmt: skip


def _no_effect(*args: Any, **named: Any) -> None:
    """Nothing to be done."""


def _no(*args: Any, **named: Any) -> bool:
    return False


def _none(*args: Any, **named: Any) -> int:
    return 0


class autocast(Decorating):
    """Computes in the dtypes that the tensors have: lower precision gains nothing on a CPU in NumPy."""

    def __new__(cls, device_type: Any = None, *args: Any, **named: Any) -> Any:
        """A context; the device, the dtype and `enabled` have no effect."""
        if callable(device_type):
            return cls()(device_type)
        return object.__new__(cls)

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


amp = SimpleNamespace(autocast=autocast, GradScaler=GradScaler, custom_fwd=lambda f=None, **_: f or (lambda g: g),
                      custom_bwd=lambda f=None, **_: f or (lambda g: g))  # fmt: skip

NO_EFFECT = ("manual_seed", "manual_seed_all", "seed", "seed_all", "empty_cache", "synchronize", "init",
             "reset_peak_memory_stats", "reset_max_memory_allocated", "ipc_collect")  # fmt: skip
cuda = SimpleNamespace(
    is_available=_no, is_initialized=_no, is_bf16_supported=_no, device_count=_none, memory_allocated=_none,
    max_memory_allocated=_none, memory_reserved=_none, max_memory_reserved=_none, amp=amp, OutOfMemoryError=MemoryError,
    **dict.fromkeys(NO_EFFECT, _no_effect),
)  # fmt: skip
accelerator = SimpleNamespace(is_available=_no, device_count=_none, current_accelerator=_no_effect,
                              synchronize=_no_effect)  # fmt: skip
mps = SimpleNamespace(is_available=_no, manual_seed=_no_effect, empty_cache=_no_effect, synchronize=_no_effect)
xpu = SimpleNamespace(is_available=_no, device_count=_none, manual_seed=_no_effect, empty_cache=_no_effect)
backends = SimpleNamespace(
    cudnn=SimpleNamespace(benchmark=False, deterministic=True, enabled=False, allow_tf32=False, is_available=_no,
                          version=_no_effect),
    cuda=SimpleNamespace(matmul=SimpleNamespace(allow_tf32=False), is_built=_no,
                         sdp_kernel=lambda *a, **n: contextlib.nullcontext(),
                         **{f"enable_{kind}_sdp": _no_effect for kind in ("flash", "mem_efficient", "math")}),
    mps=SimpleNamespace(is_available=_no, is_built=_no),
    **{name: SimpleNamespace(is_available=_no, enabled=False) for name in ("mkldnn", "mkl", "openmp", "opt_einsum")},
)  # fmt: skip
version = SimpleNamespace(cuda=None, hip=None, __version__=settings.VERSIONS["torch"])


def compile(model: Any = None, **options: Any) -> Any:
    """The model or the function itself; also as a decorator."""
    settings.say_once("torch.compile returns what it is given")
    return model if model is not None else lambda given: given


def _as_it_is(function: Any = None, *args: Any, **options: Any) -> Any:
    return function if function is not None else lambda given: given


def _script(obj: Any = None, *args: Any, **options: Any) -> Any:
    settings.say_once("torch.jit.script and trace return what they are given")
    return _as_it_is(obj)


compiler = SimpleNamespace(disable=_as_it_is, compile=compile, is_compiling=_no, reset=_no_effect,
                           allow_in_graph=_as_it_is, cudagraph_mark_step_begin=_no_effect)  # fmt: skip
jit = SimpleNamespace(
    script=_script, trace=_script, script_method=_as_it_is, ignore=_as_it_is, unused=_as_it_is,
    export=_as_it_is, is_scripting=_no, is_tracing=_no, ScriptModule=Module, Final=Any,
    annotate=lambda kind, value: value,
)  # fmt: skip


class _Profile(contextlib.nullcontext[Any]):
    """Measures nothing; its table is empty."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(self)

    key_averages = total_average = lambda self, *args, **named: self
    table = lambda self, *args, **named: "(fromzero measures nothing here; use cProfile)"
    step = start = stop = export_chrome_trace = _no_effect


profiling = SimpleNamespace(
    profile=_Profile, record_function=_Profile, emit_nvtx=_Profile,
    ProfilerActivity=SimpleNamespace(CPU="cpu", CUDA="cuda"), schedule=_no_effect,
    tensorboard_trace_handler=_no_effect,
)  # fmt: skip
profiling.profiler = profiling

set_float32_matmul_precision = set_flush_denormal = set_deterministic_debug_mode = _no_effect
use_deterministic_algorithms = _no_effect
set_num_interop_threads = set_autocast_enabled = set_warn_always = _no_effect
get_float32_matmul_precision = lambda: "highest"
are_deterministic_algorithms_enabled = lambda: True
is_autocast_enabled = is_autocast_cpu_enabled = is_warn_always_enabled = _no
get_num_interop_threads = lambda: 1


class sdpa_kernel(contextlib.nullcontext[Any]):
    """There is one way to compute attention here."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__()


attention = SimpleNamespace(
    sdpa_kernel=sdpa_kernel,
    SDPBackend=SimpleNamespace(MATH=0, FLASH_ATTENTION=1, EFFICIENT_ATTENTION=2, CUDNN_ATTENTION=3),
)


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
