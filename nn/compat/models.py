"""`torchvision.models`: the residual networks, with its names in their states, and without weights to download."""

from __future__ import annotations

import functools
from typing import Any

from nn.models import resnet as ours
from nn.models.resnet import BasicBlock, Bottleneck, ResNet

__all__ = ["BasicBlock", "Bottleneck", "ResNet", "resnet18", "resnet34", "resnet50", "resnet101", "resnet152"]


def _made(name: str, pretrained: bool = False, progress: bool = True, *, weights: Any = None, **named: Any) -> Any:
    if pretrained or weights is not None:
        raise NotImplementedError(
            f"torchvision.models.{name}: nothing is downloaded here, got weights={weights or 'pretrained'!r}; make it "
            f"without, and load_state_dict(nn.load('{name}.safetensors')) from a file that you have"
        )
    return getattr(ours, name)(**named)


resnet18, resnet34, resnet50, resnet101, resnet152 = (
    functools.partial(_made, f"resnet{depth}") for depth in (18, 34, 50, 101, 152)
)
