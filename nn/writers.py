"""The protocol of a writer: the methods that code which logs may call, whatever library the writer is from.

Training code takes a `Writer` and imports none. ``tbwriter.SummaryWriter``, ``tensorboardX.SummaryWriter`` and
``torch.utils.tensorboard.SummaryWriter`` are writers, and so is any class with these methods.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

__all__ = ["Writer"]


@runtime_checkable
class Writer(Protocol):
    """Takes what a run should show, by tag and step.

    The arguments named here mean the same to every writer; what only one of them knows is left out. ``isinstance``
    checks that the methods are there.

    Example:
        >>> class Printer:
        ...     def add_scalar(self, tag, scalar_value, global_step=None, walltime=None):
        ...         print(f"{tag} at step {global_step}: {scalar_value}")
        ...     add_scalars = add_histogram = add_image = add_images = add_figure = add_text = add_scalar
        ...     add_graph = add_hparams = flush = close = add_scalar
        >>> def log_loss(writer: Writer, losses):
        ...     for step, loss in enumerate(losses):
        ...         writer.add_scalar("loss", loss, step)
        >>> log_loss(Printer(), [0.5, 0.25])
        loss at step 0: 0.5
        loss at step 1: 0.25
        >>> isinstance(Printer(), Writer), isinstance(print, Writer)
        (True, False)
    """

    def add_scalar(
        self, tag: str, scalar_value: Any, global_step: int | None = None, walltime: float | None = None
    ) -> None:
        """Log one number."""

    def add_scalars(
        self,
        main_tag: str,
        tag_scalar_dict: Mapping[str, Any],
        global_step: int | None = None,
        walltime: float | None = None,
    ) -> None:
        """Log several numbers into one chart."""

    def add_histogram(
        self, tag: str, values: Any, global_step: int | None = None, bins: Any = ..., walltime: float | None = None
    ) -> None:
        """Log how values are distributed."""

    def add_image(
        self,
        tag: str,
        img_tensor: Any,
        global_step: int | None = None,
        walltime: float | None = None,
        dataformats: str = "CHW",
    ) -> None:
        """Log a picture: floats from 0 to 1, or bytes."""

    def add_images(
        self,
        tag: str,
        img_tensor: Any,
        global_step: int | None = None,
        walltime: float | None = None,
        dataformats: str = "NCHW",
    ) -> None:
        """Log a batch of pictures."""

    def add_figure(
        self,
        tag: str,
        figure: Any,
        global_step: int | None = None,
        close: bool = True,
        walltime: float | None = None,
    ) -> None:
        """Log a figure of matplotlib."""

    def add_text(
        self, tag: str, text_string: str, global_step: int | None = None, walltime: float | None = None
    ) -> None:
        """Log a text in Markdown."""

    def add_graph(self, model: Any, input_to_model: Any = None) -> None:
        """Log the graph of a model."""

    def add_hparams(self, hparam_dict: Mapping[str, Any], metric_dict: Mapping[str, Any]) -> None:
        """Log hyperparameters and final metrics."""

    def flush(self) -> None:
        """Return once everything added is written."""

    def close(self) -> None:
        """Flush, and end."""
