"""LoRA: a frozen layer with a trained product of two thin matrices beside it, which can be added into its weight.

- `inject_lora` puts adapters into a model, `unload_lora` takes them out again
- `merge_lora` adds them into the weights, for speed; `unmerge_lora` puts the very weights back
- names, shapes, defaults and formulas are those of the library PEFT; its files are read and written in `adapter_files`
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, ClassVar

from nn import init
from nn.autograd.grad_mode import no_grad
from nn.errors import PreconditionError, RangeError
from nn.functional.embedding import embedding
from nn.modules.convolution import Conv2d
from nn.modules.dropout import Dropout
from nn.modules.embedding import Embedding
from nn.modules.linear import Identity, Linear
from nn.modules.module import Module
from nn.modules.parameter import Parameter
from nn.tensors.creation import empty
from nn.tensors.einsum import einsum
from nn.tensors.tensor import Tensor
from nn.tuning.freezing import freeze, unfreeze
from nn.tuning.patterns import nearest

__all__ = ["LoraConfig", "LoraLayer", "inject_lora", "lora_layers", "merge_lora", "unload_lora", "unmerge_lora"]


@dataclass(frozen=True)
class LoraConfig:
    """How adapters are made: PEFT's names and defaults.

    Args:
        r: the rank: how many columns B and rows A have.
        lora_alpha: the product is scaled by lora_alpha / r.
        target_modules: the layers: names, or ends of names at a dot ("c_attn" for "h.0.attn.c_attn"), or one regular
            expression for whole names; None (or "all-linear") for each `Linear`.
        lora_dropout: the probability of a zero in what the adapter reads, in training; not for `Embedding`.
        use_rslora: scale by lora_alpha / sqrt(r) instead.
        modules_to_save: layers, named in the same way, that are trained whole and saved with the adapter: a new head.
        fan_in_fan_out: noted in the file alone: whether the model for which PEFT will load it keeps weights as
            (in, out), as GPT-2 does in the library transformers.

    Raises:
        RangeError: r is below 1, lora_dropout outside [0, 1).

    Example:
        >>> import nn
        >>> nn.tuning.LoraConfig(r=4, lora_alpha=8).scaling
        2.0
    """

    r: int = 8
    lora_alpha: float = 8
    target_modules: str | Collection[str] | None = None
    lora_dropout: float = 0.0
    use_rslora: bool = False
    modules_to_save: Collection[str] | None = None
    fan_in_fan_out: bool = False

    def __post_init__(self) -> None:
        if isinstance(self.r, bool) or not isinstance(self.r, int) or self.r < 1:
            raise RangeError(f"LoraConfig: r must be a whole number of 1 or more, got {self.r!r}")
        if not 0 <= self.lora_dropout < 1:
            raise RangeError(f"LoraConfig: lora_dropout must be from 0 to below 1, got {self.lora_dropout}")

    @property
    def scaling(self) -> float:
        """What the product of the two matrices is multiplied by."""
        return self.lora_alpha / (math.sqrt(self.r) if self.use_rslora else self.r)


class LoraLayer(Module):
    """A frozen layer and its adapter: y = base_layer(x) + scaling B(A(dropout(x))), where B starts at 0."""

    names: ClassVar[tuple[str, str]] = ("lora_A.weight", "lora_B.weight")
    """What A and B are called within the layer, here and in PEFT's files."""

    base_layer: Any
    config: LoraConfig

    def __init__(self, base_layer: Any, config: LoraConfig) -> None:
        super().__init__()
        self.base_layer, self.config = base_layer, config
        self._own: tuple[Parameter, ...] = ()  # the base's weight, while another one with the sum is in its place
        if not isinstance(self, LoraEmbedding):
            self.lora_dropout = Dropout(config.lora_dropout) if config.lora_dropout else Identity()
        self._make()
        self.train(base_layer.training)

    def _make(self) -> None:
        raise NotImplementedError

    def delta(self) -> Tensor:
        """What the adapter adds to the weight, in its shape and in float64."""
        raise NotImplementedError

    @staticmethod
    def shapes(layer: Any, r: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The shapes of A and B for a layer."""
        raise NotImplementedError

    @property
    def merged(self) -> bool:
        """Whether the adapter is added into the weight."""
        return bool(self._own)

    def merge(self) -> None:
        """Add the adapter into the weight: a new weight, so that others that share the old one keep it."""
        if not self._own:
            own = self.base_layer.weight
            with no_grad():  # summed in float64 and rounded once, so that only the layer's own dtype limits it
                merged = own.double() + self.delta()
                self.base_layer.weight = Parameter(merged.to(own.dtype), own.requires_grad)
            self._own = (own,)

    def unmerge(self) -> None:
        """Put the layer's own weight back, bit for bit."""
        for own in self._own:
            self.base_layer.weight = own
        self._own = ()

    def forward(self, input: Tensor) -> Tensor:
        """What the layer gives, and what the adapter adds."""
        y: Tensor = self.base_layer(input)
        return y if self.merged else y + self.lora_B(self.lora_A(self.lora_dropout(input))) * self.config.scaling


class LoraLinear(LoraLayer):
    """`Linear` with an adapter: A (r, in_features), B (out_features, r)."""

    @staticmethod
    def shapes(layer: Any, r: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The shapes of A and B for a layer."""
        return (r, layer.in_features), (layer.out_features, r)

    def _make(self) -> None:
        base, r = self.base_layer, self.config.r
        self.lora_A = Linear(base.in_features, r, bias=False, dtype=base.weight.dtype)
        self.lora_B = Linear(r, base.out_features, bias=False, dtype=base.weight.dtype)
        init.zeros_(self.lora_B.weight)

    def delta(self) -> Tensor:
        """What the adapter adds to the weight: scaling B A."""
        return self.lora_B.weight.double() @ self.lora_A.weight.double() * self.config.scaling


class LoraConv2d(LoraLayer):
    """`Conv2d` with an adapter: r filters like the layer's own, then a convolution with windows of one pixel."""

    @staticmethod
    def shapes(layer: Any, r: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The shapes of A and B for a layer."""
        return (r, layer.in_channels, *layer.kernel_size), (layer.out_channels, r, 1, 1)

    def _make(self) -> None:
        base, r = self.base_layer, self.config.r
        self.lora_A = Conv2d(
            base.in_channels,
            r,
            base.kernel_size,
            base.stride,
            base.padding,
            base.dilation,
            bias=False,
            padding_mode=base.padding_mode,
            dtype=base.weight.dtype,
        )
        self.lora_B = Conv2d(r, base.out_channels, 1, bias=False, dtype=base.weight.dtype)
        init.zeros_(self.lora_B.weight)

    def delta(self) -> Tensor:
        """What the adapter adds to the filters."""
        a, b = self.lora_A.weight.double(), self.lora_B.weight.double()
        return einsum("or,rikl->oikl", b[:, :, 0, 0], a) * self.config.scaling


class LoraEmbedding(LoraLayer):
    """`Embedding` with an adapter: A (r, num_embeddings), which starts at 0, and B (embedding_dim, r)."""

    names = ("lora_embedding_A", "lora_embedding_B")

    @staticmethod
    def shapes(layer: Any, r: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The shapes of A and B for a layer."""
        return (r, layer.num_embeddings), (layer.embedding_dim, r)

    def _make(self) -> None:
        a, b = (
            empty(shape, dtype=self.base_layer.weight.dtype) for shape in self.shapes(self.base_layer, self.config.r)
        )
        self.lora_embedding_A, self.lora_embedding_B = Parameter(a), Parameter(b)
        init.zeros_(self.lora_embedding_A)
        init.normal_(self.lora_embedding_B)

    def delta(self) -> Tensor:
        """What the adapter adds to the table: scaling (B A)^T."""
        return (self.lora_embedding_B.double() @ self.lora_embedding_A.double()).T * self.config.scaling

    def forward(self, input: Tensor) -> Tensor:
        """The rows of the table, and what the adapter adds."""
        y: Tensor = self.base_layer(input)
        if self.merged:
            return y
        rows = embedding(input, self.lora_embedding_A.T, self.base_layer.padding_idx)
        return y + rows @ self.lora_embedding_B.T * self.config.scaling


KINDS: dict[type[Module], type[LoraLayer]] = {Linear: LoraLinear, Conv2d: LoraConv2d, Embedding: LoraEmbedding}


def inject_lora(model: Module, config: LoraConfig | None = None) -> list[str]:
    """Put an adapter beside layers of a model, and freeze all else.

    The result of the model does not change until the adapters are trained. Give an optimiser the parameters that are
    trained: `[p for p in model.parameters() if p.requires_grad]`, or all.

    Args:
        model: any module; it is changed in place.
        config: None for adapters of rank 8 at each `Linear`.

    Returns:
        The names of the layers that have an adapter now.

    Raises:
        ValueError: a target that the model does not have, or one that is no Linear, Embedding or Conv2d; a convolution
            in groups; a model that has adapters already.

    Example:
        >>> import nn
        >>> model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
        >>> nn.tuning.inject_lora(model, nn.tuning.LoraConfig(r=2, target_modules=["0"]))
        ['0']
        >>> nn.tuning.trainable(model)
        (256, 5066)
        >>> [name for name, p in model.named_parameters() if p.requires_grad]
        ['0.lora_A.weight', '0.lora_B.weight']

    References:
        Hu et al., LoRA: Low-Rank Adaptation of Large Language Models, ICLR 2022.
    """
    config = LoraConfig() if config is None else config
    targets, whole = targets_of(model, config, "inject_lora")
    freeze(model)
    made = {layer: KINDS[type(layer)](layer, config) for layer in targets.values()}  # one for a layer with two names
    for name, layer in targets.items():
        _put(model, name, made[layer])
    unfreeze(model, [name for name, _ in model.named_parameters() if "lora_" in name.rpartition("base_layer.")[2]])
    if whole:
        unfreeze(model, whole)
    return list(targets)


def targets_of(model: Module, config: LoraConfig, caller: str) -> tuple[dict[str, Module], list[str]]:
    """The layers that get an adapter, by name, and the names of those that are trained whole."""
    if not isinstance(model, Module):
        raise TypeError(f"{caller}: model must be an nn.Module, got {type(model).__name__}")
    if lora_layers(model):
        raise PreconditionError(
            f"{caller}: {type(model).__name__} has adapters already; call unload_lora(model) before"
        )
    modules = {name: module for name, module in model.named_modules(remove_duplicate=False) if name}
    whole = _named(modules, config.modules_to_save or [], caller)
    if config.target_modules is None or config.target_modules == "all-linear":
        names = [name for name, module in modules.items() if type(module) is Linear and name not in whole]
        if not names:
            raise ValueError(f"{caller}: {type(model).__name__} has no Linear; name layers in target_modules")
    else:
        names = [name for name in _named(modules, config.target_modules, caller) if name not in whole]
    for name in names:
        layer = modules[name]
        if type(layer) not in KINDS:
            raise ValueError(
                f"{caller}: {name!r} must be a Linear, an Embedding or a Conv2d, got {type(layer).__name__}; "
                "name layers of these kinds in target_modules"
            )
        if getattr(layer, "groups", 1) != 1:
            raise ValueError(
                f"{caller}: {name!r} is a convolution in {layer.groups} groups, to whose filters no product of two "
                "matrices can be added; leave it out of target_modules"
            )
    return {name: modules[name] for name in names}, whole


def _named(modules: dict[str, Module], wanted: str | Collection[str], caller: str) -> list[str]:
    """PEFT's rule: a text is a regular expression for whole names, in a list each entry is a name or the end of one."""
    if isinstance(wanted, str):
        found = [name for name in modules if re.fullmatch(wanted, name)]
        if not found:
            raise ValueError(f"{caller}: the pattern {wanted!r} matches no layer{_near(wanted, modules)}")
        return found
    for end in wanted:
        if not any(f".{name}".endswith(f".{end}") for name in modules):
            raise ValueError(f"{caller}: the model has no layer {end!r}{_near(end, modules)}")
    return [name for name in modules if any(f".{name}".endswith(f".{end}") for end in wanted)]


def _near(name: str, modules: dict[str, Module]) -> str:
    """What to write instead: a whole name, or the end of one."""
    ends = dict.fromkeys(path.rpartition(".")[2] for path in modules)
    return nearest(name, [*modules, *ends]) or "; model.named_modules() lists the names"


def lora_layers(model: Module) -> dict[str, LoraLayer]:
    """The layers of a model that have an adapter, by name."""
    return {name: module for name, module in model.named_modules() if isinstance(module, LoraLayer)}


def _adapted(model: Module, caller: str) -> dict[str, LoraLayer]:
    layers = lora_layers(model)
    if not layers:
        raise PreconditionError(f"{caller}: {type(model).__name__} has no adapters; call inject_lora(model) before")
    return layers


def merge_lora(model: Module) -> None:
    """Add each adapter into the weight of its layer: W + scaling B A, so that it costs nothing any more.

    The sum is computed in float64 and rounded once, so the model's results change by rounding alone: in a GPT of four
    blocks by 1e-6 of the largest logit in float32, and by 1e-14 in float64. A weight that is shared with another layer
    stays that layer's own.

    Raises:
        PreconditionError: the model has no adapters.

    Example:
        >>> import nn
        >>> model, x = nn.Sequential(nn.Linear(4, 3)), nn.ones(2, 4)
        >>> names = nn.tuning.inject_lora(model)
        >>> model[0].lora_B.weight.data.fill_(0.1).shape
        (3, 8)
        >>> before = model(x)
        >>> nn.tuning.merge_lora(model)
        >>> bool((model(x) - before).abs().max() < 1e-5)
        True
    """
    for layer in _adapted(model, "merge_lora").values():
        layer.merge()


def unmerge_lora(model: Module) -> None:
    """Take the adapters out of the weights again, which are then bit for bit those before `merge_lora`.

    Raises:
        PreconditionError: the model has no adapters.
    """
    for layer in _adapted(model, "unmerge_lora").values():
        layer.unmerge()


def unload_lora(model: Module, merge: bool = True) -> None:
    """Make the layers plain again.

    Args:
        model: a model with adapters; it is changed in place.
        merge: whether the weights keep what the adapters have learned, or are those before `inject_lora`.

    Raises:
        PreconditionError: the model has no adapters.

    Example:
        >>> import nn
        >>> model = nn.Sequential(nn.Linear(4, 3))
        >>> names = nn.tuning.inject_lora(model)
        >>> nn.tuning.unload_lora(model)
        >>> model
        Sequential(
          (0): Linear(in_features=4, out_features=3, bias=True)
        )
    """
    for layer in _adapted(model, "unload_lora").values():
        layer.merge() if merge else layer.unmerge()
    for name, module in list(model.named_modules(remove_duplicate=False)):
        if isinstance(module, LoraLayer):
            _put(model, name, module.base_layer)


def _put(model: Module, name: str, layer: Module) -> None:
    parent, _, last = name.rpartition(".")
    setattr(model.get_submodule(parent), last, layer)
