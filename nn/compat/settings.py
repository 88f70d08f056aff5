"""What `install` was asked for, the versions that are spoken, and what has been said already."""

from __future__ import annotations

import sys

__all__: list[str] = []

TORCH = "2.13.0+fromzero"
VERSIONS = {"torch": TORCH, "torch.version": TORCH, "torchvision": "0.28.0+fromzero", "tensorboardX": "2.6.5"}

offline_data = False

_said: set[str] = set()


def say_once(sentence: str) -> None:
    """Tell the user what is not as in PyTorch, once a process, where it does not mix with the program's output."""
    if sentence not in _said:
        _said.add(sentence)
        print(f"fromzero: {sentence}", file=sys.stderr)
