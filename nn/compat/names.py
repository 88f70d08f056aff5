"""Where the names of each of PyTorch's modules are looked up here, in order; ".*" stands for the files below.

A source is a module of ours, or "module:name" for an object in one.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["FILES", "LEFT_OUT", "MODULES", "PARTLY", "RENAMED", "ROOTS", "sources"]

ROOTS = ("torch", "torchvision", "tensorboardX")
"""The packages that are ours once the layer is installed."""

HISTORY, HARDWARE, DISTRIBUTED = "nn.compat.history", "nn.compat.hardware", "nn.compat.distributed"

MODULES: Mapping[str, tuple[str, ...]] = {
    "torch": ("nn.compat.files", HISTORY, HARDWARE, "nn.compat.sparse", "nn.compat.losses:top", "nn"),
    "torch.accelerator": (f"{HARDWARE}:accelerator",),
    "torch.amp": (f"{HARDWARE}:amp",),
    "torch.amp.*": (f"{HARDWARE}:amp",),
    "torch.autograd": (HISTORY, f"{HARDWARE}:profiling", "nn.autograd"),
    "torch.autograd.functional": ("nn.autograd:functional",),
    "torch.autograd.*": (HISTORY, f"{HARDWARE}:profiling", "nn.autograd"),
    "torch.backends": (f"{HARDWARE}:backends",),
    "torch.backends.cuda": (f"{HARDWARE}:backends.cuda",),
    "torch.backends.cudnn": (f"{HARDWARE}:backends.cudnn",),
    "torch.backends.mkldnn": (f"{HARDWARE}:backends.mkldnn",),
    "torch.backends.mps": (f"{HARDWARE}:backends.mps",),
    "torch.compiler": (f"{HARDWARE}:compiler",),
    "torch.cuda": (f"{HARDWARE}:cuda",),
    "torch.cuda.amp": (f"{HARDWARE}:amp",),
    "torch.cuda.amp.*": (f"{HARDWARE}:amp",),
    "torch.distributed": (DISTRIBUTED, "nn.distributed"),
    "torch.distributed.optim": ("nn.distributed",),
    "torch.distributions": ("nn.distributions",),
    "torch.distributions.*": ("nn.distributions",),
    "torch.func": ("nn.func",),
    "torch.jit": (f"{HARDWARE}:jit",),
    "torch.linalg": ("nn.linalg",),
    "torch.mps": (f"{HARDWARE}:mps",),
    "torch.multiprocessing": (f"{DISTRIBUTED}:multiprocessing",),
    "torch.nn": ("nn.compat.losses", HARDWARE, "nn"),
    "torch.nn.attention": (f"{HARDWARE}:attention",),
    "torch.nn.functional": ("nn.compat.losses:functional", "nn.functional", "nn"),
    "torch.nn.init": ("nn.init",),
    "torch.nn.modules": ("nn.compat.losses", HARDWARE, "nn"),
    "torch.nn.modules.*": ("nn.compat.losses", HARDWARE, "nn", "nn.modules.attention"),
    "torch.nn.parallel": (DISTRIBUTED, HARDWARE),
    "torch.nn.parallel.*": (DISTRIBUTED, HARDWARE),
    "torch.nn.parameter": ("nn",),
    "torch.nn.utils": ("nn.utils",),
    "torch.nn.utils.parametrizations": ("nn.utils.parametrizations",),
    "torch.nn.utils.parametrize": ("nn.utils.parametrize",),
    "torch.nn.utils.prune": ("nn.utils.prune",),
    "torch.nn.utils.rnn": ("nn.utils.rnn",),
    "torch.nn.utils.stateless": ("nn.func",),
    "torch.nn.utils.*": ("nn.utils",),
    "torch.onnx": ("nn.compat.onnx",),
    "torch.optim": ("nn.optim",),
    "torch.optim.lr_scheduler": ("nn.optim.lr_scheduler",),
    "torch.optim.swa_utils": ("nn.optim.swa_utils",),
    "torch.optim.*": ("nn.optim",),
    "torch.profiler": (f"{HARDWARE}:profiling",),
    "torch.random": ("nn",),
    "torch.serialization": ("nn.compat.files:serialization",),
    "torch.sparse": ("nn.compat.sparse",),
    "torch.special": ("nn.special",),
    "torch.testing": ("nn.testing",),
    "torch.types": (HISTORY, "nn"),
    "torch.utils": (),
    "torch.utils.checkpoint": ("nn.utils.checkpoint",),
    "torch.utils.data": ("nn.data",),
    "torch.utils.data.distributed": (DISTRIBUTED, "nn.data"),
    "torch.utils.data.*": ("nn.data",),
    "torch.utils.tensorboard": ("tbwriter",),
    "torch.utils.tensorboard.*": ("tbwriter",),
    "torch.version": (f"{HARDWARE}:version",),
    "tensorboardX": ("tbwriter",),
    "tensorboardX.*": ("tbwriter",),
    "torchvision": (),
    "torchvision.datasets": ("nn.compat.image_sets", "nn.data.folder"),
    "torchvision.datasets.*": ("nn.compat.image_sets", "nn.data.folder"),
    "torchvision.io": ("nn.data.image_files",),
    "torchvision.io.*": ("nn.data.image_files",),
    "torchvision.models": ("nn.compat.models",),
    "torchvision.models.*": ("nn.compat.models",),
    "torchvision.transforms": ("nn.data.transforms",),
    "torchvision.transforms.functional": ("nn.data.transforms.functional", "nn.data.transforms.adjusting"),
    "torchvision.transforms.*": ("nn.data.transforms",),
    "torchvision.utils": ("nn.viewing.grids",),
}

FILES = ("torch.nn.modules", "torch.optim", "torch.utils.data")
"""Modules whose files, such as `torch.nn.modules.conv`, programs ask for as attributes."""

RENAMED: Mapping[str, str] = {
    **{f"torch.nn.init.{name}": f"nn.init:{name}_" for name in (
        "uniform", "normal", "constant", "eye", "dirac", "xavier_uniform", "xavier_normal", "kaiming_uniform",
        "kaiming_normal", "orthogonal", "sparse")},
    **{f"torch.sparse.{name}": f"nn:{name}" for name in ("mm", "addmm", "sum", "softmax", "log_softmax")},
    **{f"torch.{name}": "nn:mm" for name in ("spmm", "dsmm", "hsmm", "smm", "hspmm")},
    **{f"torch.{name}": "nn:addmm" for name in ("saddmm", "sspaddmm")},
    **{f"torch.sparse.{name}Tensor": "nn.compat.sparse:sparse_coo_tensor" for name in ("Float", "Double", "Long")},
    "torch.is_anomaly_enabled": "nn.autograd.anomaly:is_anomaly_enabled",
    "torch.linalg.LinAlgError": "nn:LinAlgError",
    "torch.set_anomaly_enabled": "nn.autograd:set_detect_anomaly",
    "torch.unsafe_chunk": "nn:chunk",
    "torch.unsafe_split": "nn:split",
    "torch.nn.NLLLoss2d": "nn:NLLLoss",
    "torch.nn.init._calculate_fan_in_and_fan_out": "nn.compat.history:fan_in_and_fan_out",
    "torch.optim.lr_scheduler._LRScheduler": "nn.optim.lr_scheduler:LRScheduler",
    "torch.optim.optimizer.required": "nn.compat.history:required",
    **{f"torch.nn.modules.utils.{name}": f"nn.compat.history:{name}" for name in ("_single", "_pair", "_triple")},
    **{f"torch.nn.modules.{name}": f"nn.modules.{base}" for name, base in {
        "conv._ConvNd": "convolution:_Convolution", "batchnorm._BatchNorm": "batchnorm:_BatchNorm",
        "batchnorm._NormBase": "batchnorm:_ChannelNorm", "instancenorm._InstanceNorm": "batchnorm:_InstanceNorm",
        "dropout._DropoutNd": "dropout:_Dropout", "loss._Loss": "loss:Loss", "loss._WeightedLoss": "loss:Loss",
        "pooling._MaxPoolNd": "pooling:_MaxPool", "pooling._AvgPoolNd": "pooling:_AvgPool"}.items()},
    **{f"torch.nn.{where}RNNBase": "nn.modules.recurrent:_Recurrent" for where in ("", "modules.rnn.")},
    **{f"torch.nn.{where}RNNCellBase": "nn.modules.recurrent_cell:_Cell" for where in ("", "modules.rnn.")},
    "torch.nn.utils.clip_grad_norm": "nn.utils:clip_grad_norm_",
    "torchvision.transforms.functional.InterpolationMode": "nn.data.transforms:InterpolationMode",
    "torchvision.transforms.Scale": "nn.data.transforms:Resize",
}  # fmt: skip
"""Names from PyTorch's history, and the sources of what they are called now."""

PARTLY = ("torch.cuda", "torch.distributed", "torch.jit", "torch.multiprocessing", "torch.onnx")
"""Modules of which all names of PyTorch's can be imported, though not all be called."""

LEFT_OUT: Mapping[str, str] = {
    "torch.cuda": "there is no device but the CPU; ask torch.cuda.is_available() first",
    "torch.complex64": "complex numbers are left out on purpose",
    "torch.complex128": "complex numbers are left out on purpose",
    "torch.quantization": "quantisation is left out on purpose",
    "torch.ao": "quantisation is left out on purpose",
    "torch.distributed": "of what processes do together the common calls are here",
    "torch.multiprocessing": "processes that share tensors are left out on purpose; use threads",
    "torch.jit": "compiled programs are left out on purpose",
    "torch.onnx": "export is here, what PyTorch makes its graphs from is not",
    "torch.hub": "nothing is downloaded here",
    "torch.fx": "tracing programs is left out on purpose",
    "torchvision.models": "of torchvision's networks the residual ones are here; write others with torch.nn",
    "torchtext": "it is a package of its own",
    "torchaudio": "it is a package of its own",
}
"""Why a module, and all below it, is not there."""


def sources(module: str) -> tuple[str, ...] | None:
    """Where the names of one of PyTorch's modules are looked up; None for a module that is not there."""
    if module in MODULES:
        return MODULES[module]
    return MODULES.get(f"{module.rpartition('.')[0]}.*")
