"""Other trackers, told of what is logged: Weights & Biases and MLflow. Each is an `Observer`."""

import io
import itertools
import os
import shutil
import tempfile
import time
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tbwriter.messages.event_pb2 import Event
from tbwriter.observers import Observer
from tbwriter.summaries.decoding import Buckets, Picture, PrCurve, Sound, decode, kind_of
from tbwriter.summaries.hparams import DOUBLE

MOST_BUCKETS = 512  # that wandb takes of a histogram
MOST_METRICS = 1000  # that MLflow takes at once


class _Values(Observer):
    """Decodes events into values by name: the tag, behind its sub-run where it has one."""

    def __init__(self) -> None:
        self._root: str | None = None  # the directory of the first file
        self._kinds: dict[str, str] = {}  # by name

    def written(self, path: str, events: Sequence[bytes]) -> None:
        """Decode them, and take what is shown of them."""
        folder = _folder(path)
        if folder.endswith(f"/{DOUBLE}"):
            return
        self._root = self._root or folder
        sub_run = folder.removeprefix(self._root).strip("/") if folder.startswith(self._root) else folder
        for record in events:
            event = Event.FromString(record)
            for value in event.summary.value:
                name = f"{sub_run}/{value.tag}" if sub_run else value.tag
                kind = self._kinds.setdefault(name, kind_of(value))
                self._take(event, name, kind, decode(value, kind))
            self._end_event(event)

    def _take(self, event: Event, name: str, kind: str, value: Any) -> None:
        raise NotImplementedError

    def _end_event(self, event: Event) -> None:
        """After the last value of an event."""


def _folder(path: str) -> str:
    """The directory of a file, or its URL, with "/" between levels on every system."""
    return path.replace(os.sep, "/").rpartition("/")[0]


class WandbRun(_Values):
    """Gives everything that a writer gets to a run of Weights & Biases, too (extra ``wandb``).

    Numbers, histograms, pictures, videos, sounds, texts and PR curves are logged under their tags, with the step as
    ``global_step``, which the charts have as their axis; hyperparameters become the run's config. Graphs, meshes and
    plain tensors stay in the event file alone.

    Args:
        run: what ``wandb.init`` returned; by default the run that is active.

    Raises:
        ImportError: wandb is not installed.
        ValueError: no run is given, and none is active.

    Example:
        >>> import tempfile
        >>> from tbwriter import SummaryWriter, observe
        >>> def mirrored(log_dir):
        ...     import wandb
        ...
        ...     with wandb.init(mode="offline") as run, observe(WandbRun(run), log_dir):
        ...         with SummaryWriter(log_dir) as writer:
        ...             writer.add_scalar("loss", 0.5, 1)
    """

    def __init__(self, run: Any = None) -> None:
        super().__init__()
        try:
            import wandb
        except ImportError as error:
            raise ImportError("WandbRun needs Weights & Biases: pip install 'fromzero[wandb]'") from error
        self._wandb: Any = wandb
        self.run = wandb.run if run is None else run
        if self.run is None:
            raise ValueError("WandbRun: no run is active; call wandb.init() first, or give its result")
        self.run.define_metric("global_step", hidden=True)
        self.run.define_metric("*", step_metric="global_step")
        self._row: dict[str, Any] = {}
        self._sounds, self._numbers = Path(tempfile.mkdtemp(prefix="tbwriter-")), itertools.count()
        weakref.finalize(self, shutil.rmtree, self._sounds, ignore_errors=True)

    def _take(self, event: Event, name: str, kind: str, value: Any) -> None:
        if kind == "hparams":
            if name.endswith("session_start_info"):
                self.run.config.update(value, allow_val_change=True)
            return
        shown = self._shown(kind, value)
        if shown is not None:
            self._row[name.removesuffix("/text_summary")] = shown

    def _end_event(self, event: Event) -> None:
        if self._row:
            self.run.log({**self._row, "global_step": event.step})
            self._row = {}

    def _shown(self, kind: str, value: Any) -> Any:
        """A decoded value as wandb has it; None for what it does not show."""
        match value:
            case float() | str():
                return value
            case Buckets():
                starts = np.arange(0, value.counts.size, -(-value.counts.size // MOST_BUCKETS))
                counts = np.add.reduceat(value.counts, starts).tolist()
                return self._wandb.Histogram(np_histogram=(counts, [*value.left[starts], value.right[-1]]))
            case PrCurve():
                columns = ["threshold", "precision", "recall"]
                rows = zip(value.thresholds, value.precision, value.recall, strict=True)
                return self._wandb.Table(columns=columns, data=[[float(number) for number in row] for row in rows])
            case list() if value:
                made = [self._media(one) for one in value]
                return made[0] if len(made) == 1 else made
            case np.ndarray() if kind == "text":
                return "\n\n".join(value.ravel())
            case _:
                return None

    def _media(self, one: Picture | Sound) -> Any:
        if isinstance(one, Sound):
            file = self._sounds / f"{next(self._numbers)}.wav"
            file.write_bytes(one.data)  # wandb copies it when it is logged
            return self._wandb.Audio(str(file), sample_rate=int(one.rate))
        if one.data.startswith(b"GIF"):
            return self._wandb.Video(io.BytesIO(one.data), format="gif")
        pixels = one.pixels()
        return self._wandb.Image(pixels[..., 0] if pixels.shape[2] == 1 else pixels)


class WandbSync(Observer):
    """Has ``wandb.init(sync_tensorboard=True)`` notice this writer's files, as it notices those of the others.

    ``tbwriter.observe(WandbSync())``, once, before the writers are made: wandb then reads their directories itself.

    Raises:
        ImportError: wandb is not installed.
    """

    def __init__(self) -> None:
        try:
            import wandb
        except ImportError as error:
            raise ImportError("WandbSync needs Weights & Biases: pip install 'fromzero[wandb]'") from error
        self._wandb: Any = wandb
        self._roots: dict[str, str] = {}  # by run: the directory that the names of its files are told from

    def opened(self, path: str) -> None:
        """Tell wandb of the directory, as its patch of the other writers does."""
        run = self._wandb.run
        folder = _folder(path)
        if run is None or not self._wandb.patched["tensorboard"] or folder.endswith(f"/{DOUBLE}"):
            return
        root = self._roots.setdefault(run.id, folder)
        run._tensorboard_callback(folder, save=True, root_logdir=root if folder.startswith(root) else "")


class MlflowRun(_Values):
    """Gives numbers and hyperparameters to a run of MLflow, as its ``autolog`` does with those of torch's writer.

    Numbers become metrics with their steps and times, hyperparameters become params. The run is the one that is active
    where a `SummaryWriter` is made; what is written while there is none goes to the event file alone.

    Raises:
        ImportError: mlflow is not installed.

    Example:
        >>> from tbwriter import SummaryWriter, observe
        >>> def tracked(log_dir):
        ...     import mlflow
        ...
        ...     with observe(MlflowRun()), mlflow.start_run(), SummaryWriter(log_dir) as writer:
        ...         writer.add_scalar("loss", 0.5, 1)
    """

    def __init__(self) -> None:
        super().__init__()
        try:
            import mlflow
        except ImportError as error:
            raise ImportError("MlflowRun needs MLflow: pip install mlflow") from error
        self._mlflow: Any = mlflow
        self._client = mlflow.MlflowClient()
        self._runs: dict[str, str] = {}  # by directory
        self._metrics: list[Any] = []

    def opened(self, path: str) -> None:
        """Remember the run that is active: MLflow has one for each thread, and only the writer's has it."""
        run = self._mlflow.active_run()
        if run is not None:
            self._runs[_folder(path)] = run.info.run_id

    def written(self, path: str, events: Sequence[bytes]) -> None:
        """Log them as one batch, or a batch for each thousand."""
        above = [folder for folder in self._runs if f"{_folder(path)}/".startswith(f"{folder}/")]
        if not above:
            return
        self._run_id = self._runs[max(above, key=len)]
        super().written(path, events)
        for start in range(0, len(self._metrics), MOST_METRICS):
            self._client.log_batch(self._run_id, metrics=self._metrics[start : start + MOST_METRICS])
        self._metrics = []

    def _take(self, event: Event, name: str, kind: str, value: Any) -> None:
        entities = self._mlflow.entities
        if kind == "scalars":
            moment = int(1000 * (event.wall_time or time.time()))  # in milliseconds
            self._metrics.append(entities.Metric(name, value, moment, event.step))
        elif name.endswith("session_start_info"):
            params = [entities.Param(key, str(one)) for key, one in value.items()]
            self._client.log_batch(self._run_id, params=params)
