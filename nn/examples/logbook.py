"""What an example writes for TensorBoard beside its curves: graph, settings, and histograms of a model at work."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

import nn
from nn.training import watch
from tbwriter import SummaryWriter

__all__ = ["Logbook", "require_finite"]


class Logbook:
    """A model's run: its curves and settings; and a look inside: graph, histograms, norms, dead and saturated units.

    Args:
        log_dir: the run's directory. What is measured on the validation set goes to its sub-run "validation", by the
            same tags, so that TensorBoard draws both into one chart.
        model: the model.
        example: an input, for the graph.
        settings: shown as a table under "text"; those that are numbers or strings also under "hparams", by `result`.
        inside: whether to look inside.
        every: how many steps lie between two looks.
        step: tells the number that a look is logged at.
    """

    def __init__(
        self,
        log_dir: Any,
        model: nn.Module,
        example: nn.Tensor,
        settings: dict[str, Any],
        inside: bool = True,
        every: int = 100,
        step: Callable[[], int] | None = None,
    ) -> None:
        self.writer = SummaryWriter(str(log_dir))
        self._validation: SummaryWriter | None = None
        self._log_dir = Path(log_dir)
        self._settings = settings
        rows = "\n".join(f"| {key} | {value} |" for key, value in settings.items())
        self.writer.add_text("settings", f"| setting | value |\n| --- | --- |\n{rows}")
        self._watch = None
        if inside:
            self.writer.add_graph(model, example)
            self._watch = watch(model, self.writer, every, step)

    def __enter__(self) -> Logbook:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._watch is not None:
            self._watch.close()
        if self._validation is not None:
            self._validation.close()
        self.writer.close()

    @property
    def validation(self) -> SummaryWriter:
        """The writer of the sub-run; made when it is asked for, so that no run is empty."""
        if self._validation is None:
            self._validation = SummaryWriter(str(self._log_dir / "validation"))
        return self._validation

    def scalars(self, step: int, **values: float) -> None:
        """Numbers of one step; `loss__train` becomes the tag loss/train."""
        for name, value in values.items():
            self.writer.add_scalar(name.replace("__", "/"), value, step)

    def result(self, step: int, **values: float) -> None:
        """Numbers that the run is judged by, beside its settings under "hparams"."""
        self.writer.add_hparams(
            self._settings,
            {name.replace("__", "/"): value for name, value in values.items()},
            name=".",
            global_step=step,
        )


def require_finite(loss: float, epoch: int, lr: float) -> float:
    """The loss; an error if it is infinite or nan.

    Raises:
        FloatingPointError: training has diverged, or the data hold nan.
    """
    if not np.isfinite(loss):
        raise FloatingPointError(
            f"train: the loss became {loss} in epoch {epoch} at learning rate {lr:g}; "
            "lower it with --lr, or look for nan in the data"
        )
    return loss
