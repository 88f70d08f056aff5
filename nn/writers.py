"""What `nn` asks of a writer: anything with these methods will do (`tbwriter.SummaryWriter`, torch's, ...)."""

from __future__ import annotations

from typing import Any, Protocol

__all__ = ["Writer"]


class Writer(Protocol):
    """The part of `SummaryWriter` that the training helpers use."""

    def add_scalar(self, tag: str, scalar_value: Any, global_step: int | None = None) -> None:
        """Write one number."""

    def add_histogram(self, tag: str, values: Any, global_step: int | None = None) -> None:
        """Write the distribution of an array."""
