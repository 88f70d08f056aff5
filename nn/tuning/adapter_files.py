"""Adapters on the disk, in PEFT's layout: a folder with `adapter_config.json` and `adapter_model.safetensors`.

The names in the file are those in the model, after `base_model.model.`; what is frozen is not in it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from nn.checkpoint import load, save
from nn.errors import CheckpointError
from nn.modules.module import Module
from nn.tensors.tensor import Tensor
from nn.tuning.freezing import freeze
from nn.tuning.lora import KINDS, LoraConfig, _adapted, inject_lora, lora_layers, targets_of
from nn.tuning.patterns import nearest

__all__ = ["load_adapter", "save_adapter"]

CONFIG, WEIGHTS, PREFIX = "adapter_config.json", "adapter_model.safetensors", "base_model.model."
READ = ("r", "lora_alpha", "target_modules", "lora_dropout", "use_rslora", "modules_to_save", "fan_in_fan_out")
USUAL: dict[str, Any] = {
    "bias": "none",
    "use_dora": False,
    "lora_bias": False,
    "rank_pattern": {},
    "alpha_pattern": {},
    "layers_to_transform": None,
    "layer_replication": None,
    "exclude_modules": None,
    "target_parameters": None,
    "trainable_token_indices": None,
    "alora_invocation_tokens": None,
    "use_qalora": False,
    "use_bdlora": None,
    "kasa_config": None,
    "arrow_config": None,
    "monteclora_config": None,
    "velora_config": None,
}
"""PEFT's options that change what an adapter computes or where it stands, and the one value that is known here."""


def save_adapter(model: Module, folder: str | os.PathLike[str]) -> None:
    """Write the adapters of a model, and the layers that were trained whole, for `load_adapter` or PEFT's `PeftModel`.

    Args:
        model: after `inject_lora`; merged or not.
        folder: is made if it is not there.

    Raises:
        PreconditionError: the model has no adapters.
        ImportError: the extra `safetensors` is not installed.
    """
    layers = _adapted(model, "save_adapter")
    config = next(iter(layers.values())).config
    tensors: dict[str, Tensor] = {}
    for name, layer in layers.items():
        tensors |= {f"{PREFIX}{name}.{part}": layer.get_parameter(part).detach() for part in layer.names}
    for name in _whole(model, config):
        state = model.get_submodule(name).state_dict()
        tensors |= {f"{PREFIX}{name}.{part}": value for part, value in state.items()}
    written: dict[str, Any] = {key: getattr(config, key) for key in READ}
    whole = config.modules_to_save
    written["modules_to_save"] = None if whole is None else sorted(whole)
    regular = isinstance(config.target_modules, str) and config.target_modules != "all-linear"
    named = sorted(layers if config.target_modules in (None, "all-linear") else config.target_modules or [])
    written["target_modules"] = config.target_modules if regular else named
    kind = {"peft_type": "LORA", "task_type": None, "base_model_name_or_path": None, "inference_mode": True}
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    save(tensors, folder / WEIGHTS)
    (folder / CONFIG).write_text(json.dumps({**kind, **written, "bias": "none"}, indent=2) + "\n", encoding="utf-8")


def load_adapter(model: Module, folder: str | os.PathLike[str], is_trainable: bool = False) -> list[str]:
    """Put adapters that `save_adapter` or PEFT wrote into a model; the model is changed only if all of them fit.

    Args:
        model: the model that they were trained for, without adapters.
        folder: what was written.
        is_trainable: whether they are trained further.

    Returns:
        The names of the layers that have an adapter now.

    Raises:
        CheckpointError: the adapter is of another model or another kind, or a file is damaged.
        OSError: there is no such folder.
        ImportError: the extra `safetensors` is not installed.
    """
    folder = Path(folder)
    config = _config(folder / CONFIG)
    state, path = load(folder / WEIGHTS), str(folder / WEIGHTS)
    if lora_layers(model):
        raise CheckpointError(path, f"{type(model).__name__} has adapters already; call nn.tuning.unload_lora before")
    try:
        targets, whole = targets_of(model, config, "load_adapter")
    except ValueError as error:
        raise CheckpointError(path, f"the adapter is of another model; {error}") from error
    places = {}
    for name, layer in targets.items():
        kind = KINDS[type(layer)]
        sizes = zip(kind.names, kind.shapes(layer, config.r), strict=True)
        places.update({f"{PREFIX}{name}.{part}": shape for part, shape in sizes})
    for name in whole:
        own = model.get_submodule(name).state_dict()
        places.update({f"{PREFIX}{name}.{part}": value.shape for part, value in own.items()})
    _require_fitting(state, places, path, type(model).__name__)
    inject_lora(model, config)
    model.load_state_dict({name.removeprefix(PREFIX): value for name, value in state.items()}, strict=False)
    if not is_trainable:
        freeze(model)
    return list(targets)


def _require_fitting(state: dict[str, Any], places: dict[str, Any], path: str, model: str) -> None:
    """Refuse tensors that have no place of their shape, and places that have no tensor."""
    for name, value in sorted(state.items()):
        if name not in places:
            raise CheckpointError(
                path, f"the adapter is of another model; {model} has no place for {name!r}{nearest(name, places)}"
            )
        if tuple(value.shape) != tuple(places[name]):
            raise CheckpointError(
                path,
                f"the adapter is of another model; {name!r} must be {tuple(places[name])} for {model}, "
                f"got {tuple(value.shape)}",
            )
    missing = [name for name in places if name not in state]
    if missing:
        raise CheckpointError(path, f"the adapter is of another model; it lacks {missing[0]!r}")


def _config(path: Path) -> LoraConfig:
    """The options in an `adapter_config.json`."""
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CheckpointError(str(path), f"it is no JSON; {error}") from error
    if not isinstance(read, dict) or read.get("peft_type") != "LORA":
        kind = read.get("peft_type") if isinstance(read, dict) else read
        raise CheckpointError(str(path), f"peft_type must be 'LORA', got {kind!r}; only LoRA adapters are known here")
    for name, usual in USUAL.items():
        if read.get(name, usual) != usual:
            raise CheckpointError(
                str(path), f"{name} must be {usual!r}, got {read[name]!r}, which is not known here; train without it"
            )
    try:
        return LoraConfig(**{name: read[name] for name in READ if name in read})
    except (TypeError, ValueError) as error:
        raise CheckpointError(str(path), str(error)) from error


def _whole(model: Module, config: LoraConfig) -> list[str]:
    """The names of the layers that are trained whole."""
    ends = config.modules_to_save or []
    return [name for name, _ in model.named_modules() if name and any(f".{name}".endswith(f".{e}") for e in ends)]
