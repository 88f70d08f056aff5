"""How libraries that import another writer by name come to use this one."""

import importlib.util
import sys
import time
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from tbwriter.summaries.hparams import experiment, hparams, session_end, session_start
from tbwriter.writer import SummaryWriter

_OTHERS = ("torch.utils.tensorboard", "tensorboardX")


def stand_in() -> None:
    """Have every library that imports the ``SummaryWriter`` of torch or of tensorboardX get `tbwriter.SummaryWriter`.

    Lightning, stable-baselines3, transformers, accelerate, ignite, fastai and others import one of these two by name.
    Call this once, before or after they are imported; writers that exist already stay as they are. Where torch's or
    tensorboardX's module cannot be imported, one with what these libraries ask for takes its place.

    Example:
        >>> from unittest import mock
        >>> with mock.patch.dict(sys.modules, {"tensorboardX": ModuleType("tensorboardX")}):
        ...     stand_in()
        ...     from tensorboardX import SummaryWriter as TheirName
        >>> TheirName is SummaryWriter
        True
    """
    theirs = set()
    for name in _OTHERS:
        if name.startswith("torch.") and importlib.util.find_spec("torch") is None:
            continue
        module = _module(name)
        theirs.add(vars(module).get("SummaryWriter"))
        vars(module)["SummaryWriter"] = SummaryWriter
    theirs -= {None, SummaryWriter}
    for module in list(sys.modules.values()):
        names = getattr(module, "__dict__", {})
        if names.get("SummaryWriter") in theirs:
            names["SummaryWriter"] = SummaryWriter


def _module(name: str) -> ModuleType:
    """Another writer's module; or one in its place, with the hyperparameters that libraries make by themselves."""
    try:
        return importlib.import_module(name)
    except ImportError:
        pass
    made = {one: ModuleType(one) for one in (name, f"{name}.writer", f"{name}.summary")}
    for one, module in made.items():
        module.__spec__ = ModuleSpec(one, None, is_package=one == name)
        vars(module)["SummaryWriter"] = SummaryWriter
    vars(made[name]).update(writer=made[f"{name}.writer"], summary=made[f"{name}.summary"], __path__=[])
    vars(made[f"{name}.summary"])["hparams"] = _hparams
    sys.modules.update(made)
    parent, _, child = name.rpartition(".")
    if parent in sys.modules:
        vars(sys.modules[parent])[child] = made[name]
    return made[name]


def _hparams(hparam_dict: Any = None, metric_dict: Any = None, *more: Any) -> tuple[bytes, bytes, bytes]:
    """The Summaries of an experiment, of the start and of the end of a session."""
    values, now = hparams(hparam_dict or {}), time.time()
    return experiment(values, [*(metric_dict or {})], {}, now), session_start(values, now), session_end(True, now)
