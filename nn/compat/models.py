"""`torchvision.models`: the residual networks, with its names in their states, and without weights to download."""

from __future__ import annotations

import functools
from typing import Any

from nn.models import resnet

__all__ = ["BasicBlock", "Bottleneck", "ResNet", "resnet18", "resnet34", "resnet50", "resnet101", "resnet152"]

BasicBlock, Bottleneck, ResNet = resnet.BasicBlock, resnet.Bottleneck, resnet.ResNet
DEPTHS: dict[str, Any] = {"resnet18": (BasicBlock, [2, 2, 2, 2]), "resnet34": (BasicBlock, [3, 4, 6, 3]),
          "resnet50": (Bottleneck, [3, 4, 6, 3]), "resnet101": (Bottleneck, [3, 4, 23, 3]),
          "resnet152": (Bottleneck, [3, 8, 36, 3])}  # fmt: skip


def _made(name: str, pretrained: bool = False, progress: bool = True, *, weights: Any = None, **named: Any) -> Any:
    if pretrained or weights is not None:
        raise NotImplementedError(
            f"torchvision.models.{name}: nothing is downloaded here, got weights={weights or 'pretrained'!r}; make it "
            f"without, and load_state_dict(nn.load('{name}.safetensors')) from a file that you have"
        )
    return ResNet(*DEPTHS[name], **named)


resnet18, resnet34, resnet50, resnet101, resnet152 = (functools.partial(_made, name) for name in DEPTHS)
