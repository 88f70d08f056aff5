"""What the examples of `nn.models` share: a Trainer that logs, saves and goes on, and a table over seeds."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

import nn
from nn.distributed import get_rank, get_world_size
from nn.examples.console import Console, Options, Report, Table, counted
from nn.training import Callback, LearningRateMonitor, ModelCheckpoint, Trainer, watch
from tbwriter import SummaryWriter

__all__ = ["Inside", "fit", "judged"]


class Inside(Callback):
    """Logs the model's graph once, and what happens inside it at every so many steps.

    Args:
        model: whose inside it is.
        example: an input, for the graph.
        every: steps between two looks.
    """

    def __init__(self, model: nn.Module, example: nn.Tensor, every: int = 50) -> None:
        self.model, self.example, self.every = model, example, every

    def on_train_start(self, trainer: Any, model: Any) -> None:
        """Draw the graph, unless this run goes on with an earlier one, and begin to watch."""
        if trainer.global_step == 0:
            trainer.logger.add_graph(self.model, self.example)
        self.watching = watch(self.model, trainer.logger, self.every, step=lambda: trainer.global_step)

    def on_train_epoch_end(self, trainer: Any, model: Any) -> None:
        """Write the latest look, before the epoch is saved."""
        self.watching.flush()

    def on_train_end(self, trainer: Any, model: Any) -> None:
        """Look no longer."""
        self.watching.close()


def fit(
    task: nn.Module, loaders: tuple[Any, Any], options: Options, epochs: int, callbacks: Iterable[Callback] = ()
) -> Trainer:
    """Train a module that has the steps of a Trainer, in the run `version_0` of the options' directory.

    Where `mpiexec` has started several processes they train together, and process 0 draws the pictures.

    Raises:
        KeyboardInterrupt: it was interrupted; `--resume` goes on from there.
    """
    if options.resume and get_rank() == 0:
        _clear_a_run_that_saved_nothing(options)
    trainer = Trainer(
        epochs,
        logger=SummaryWriter,
        default_root_dir=options.log_dir,
        log_every_n_steps=1 if options.quick else 10,
        callbacks=[*(callbacks if get_rank() == 0 else ()), LearningRateMonitor(), ModelCheckpoint()],
        enable_progress_bar=not options.quiet,
        strategy="ddp" if get_world_size() > 1 else "auto",
    )
    trainer.fit(task, *loaders, ckpt_path="last" if options.resume else None)
    if trainer.interrupted:
        raise KeyboardInterrupt
    return trainer


def _clear_a_run_that_saved_nothing(options: Options) -> None:
    """What was broken off before its first checkpoint begins again in the same place, with the same seed."""
    run = options.log_dir / "version_0"
    if run.exists() and not (run / "checkpoints" / "last.ckpt").exists():
        shutil.rmtree(run)
        Console(options.quiet).say(f"train: the run in {run} was broken off before it saved anything; it begins again")


def judged(options: Options, title: str, train: Callable[[Options], Mapping[str, float]]) -> Report:
    """Train once for each seed, and put what each run returns into a table, a row for a run.

    With one seed the run is logged in the options' directory, with several in `seed-N` below it.
    """
    rows, runs = [], []
    for seed in range(options.seed, options.seed + options.seeds):
        folder = options.log_dir if options.seeds == 1 else options.log_dir / f"seed-{seed}"
        start = time.perf_counter()
        figures = dict(train(replace(options, seed=seed, log_dir=folder)))
        figures["seconds"] = round(time.perf_counter() - start, 1)
        runs.append(figures)
        rows.append([str(seed), *map(_shown, figures.values())])
    if len(runs) > 1:
        rows.append(["mean", *(_shown(float(np.mean([run[name] for run in runs]))) for name in runs[0])])
    table = Table(f"{title}, {counted(len(runs), 'seed')}", ["seed", *runs[0]], rows)
    return Report([table], options.log_dir, {"runs": runs})


def _shown(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"
