"""Fine-tuning: freezing by name, new heads, rates by depth, pretrained weights with a report, and LoRA adapters."""

from nn.tuning.adapter_files import load_adapter, save_adapter
from nn.tuning.freezing import freeze, trainable, unfreeze
from nn.tuning.groups import layerwise_groups
from nn.tuning.heads import replace_head
from nn.tuning.lora import LoraConfig, inject_lora, merge_lora, unload_lora, unmerge_lora
from nn.tuning.pretrained import LoadReport, load_pretrained
from nn.tuning.unfreezing import GradualUnfreezing

__all__ = [
    "GradualUnfreezing",
    "LoadReport",
    "LoraConfig",
    "freeze",
    "inject_lora",
    "layerwise_groups",
    "load_adapter",
    "load_pretrained",
    "merge_lora",
    "replace_head",
    "save_adapter",
    "trainable",
    "unfreeze",
    "unload_lora",
    "unmerge_lora",
]
