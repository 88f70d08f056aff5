"""What a training says of its progress: a bar on a terminal, where tqdm is installed; a line an epoch elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any, TextIO

from nn.training.callback import Callback

__all__ = ["ProgressBar"]


class ProgressBar(Callback):
    """A bar of tqdm (extra `progress`) for each epoch on a terminal; in a pipe, or without tqdm, a line for each.

    The Trainer adds one by itself, unless it is made with `enable_progress_bar=False`. Metrics logged with
    `prog_bar=True` stand beside the bar; a line tells all that were logged in the epoch.

    Args:
        stream: where to; None for standard error.
        clock: tells the time in seconds.

    Example:
        >>> import sys, nn
        >>> model, data = nn.Linear(2, 1), [(nn.ones(4, 2), nn.zeros(4, 1))]
        >>> _ = nn.init.zeros_(model.weight), nn.init.ones_(model.bias)
        >>> bar = nn.training.ProgressBar(stream=sys.stdout, clock=lambda: 0.0)
        >>> trainer = nn.training.Trainer(max_epochs=2, callbacks=[bar], enable_checkpointing=False)
        >>> trainer.fit(model, data, criterion=nn.MSELoss(), optimizer=nn.optim.SGD(model.parameters(), lr=0.1))
        epoch 1 of 2: train_loss 1, 0.0 s
        epoch 2 of 2: train_loss 0.16, 0.0 s
    """

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = time.perf_counter) -> None:
        self._stream, self._clock = stream, clock
        self._start = 0.0
        self._bar: Any = None

    def on_train_epoch_start(self, trainer: Any, model: Any) -> None:
        """Begin a bar."""
        self._start = self._clock()
        stream = sys.stderr if self._stream is None else self._stream
        if stream is not None and stream.isatty():
            try:
                from tqdm import tqdm
            except ImportError:
                return
            title = _epoch(trainer)
            self._bar = tqdm(
                total=trainer.num_training_batches, initial=trainer.batch_idx, desc=title, unit="batch", file=stream
            )

    def on_train_batch_end(self, trainer: Any, model: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Move the bar on."""
        if self._bar is not None:
            self._bar.update()
            if batch_idx % 10 == 0:
                self._bar.set_postfix_str(told(trainer.progress_bar_metrics), refresh=False)

    def on_train_epoch_end(self, trainer: Any, model: Any) -> None:
        """End the bar, or write the line."""
        if self._bar is not None:
            self._bar.set_postfix_str(told(trainer.epoch_metrics))
            self._close()
            return
        stream = sys.stderr if self._stream is None else self._stream
        if stream is not None:
            parts = [told(trainer.epoch_metrics), f"{self._clock() - self._start:.1f} s"]
            print(f"{_epoch(trainer)}: {', '.join(filter(None, parts))}", file=stream, flush=True)

    def on_exception(self, trainer: Any, model: Any, exception: BaseException) -> None:
        """Leave the bar as it stands."""
        self._close()

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def _epoch(trainer: Any) -> str:
    """Which epoch it is, and of how many."""
    return f"epoch {trainer.current_epoch + 1}" + (f" of {trainer.max_epochs}" if trainer.max_epochs != -1 else "")


def told(metrics: dict[str, float]) -> str:
    """Metrics in a line."""
    return ", ".join(f"{name} {value:.4g}" for name, value in metrics.items())
