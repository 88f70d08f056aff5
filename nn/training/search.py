"""Search: many trainings with different hyperparameters, here or on any executor, each a run that can be compared."""

from __future__ import annotations

import itertools
import math
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np

from nn.rng import manual_seed
from nn.training.records import nearest, number

__all__ = ["Trial", "grid", "sample", "search"]

Config = Mapping[str, Any]
Objective = Callable[[dict[str, Any], Any], Mapping[str, Any]]


@dataclass(frozen=True)
class Trial:
    """One training of a search.

    Attributes:
        number: its place among the configurations, from 0.
        config: its hyperparameters.
        metrics: what the objective returned; empty if it failed.
        log_dir: its run; None without a logger.
        seconds: how long it took.
        error: why it failed; None if it did not.
    """

    number: int
    config: dict[str, Any]
    metrics: dict[str, float]
    log_dir: str | None
    seconds: float
    error: str | None = None


def grid(**axes: Iterable[Any]) -> list[dict[str, Any]]:
    """Every combination of values.

    Args:
        axes: the values of each hyperparameter; the last one changes fastest.

    Returns:
        A configuration for each combination.

    Raises:
        ValueError: a hyperparameter has no values.

    Example:
        >>> from nn.training import grid
        >>> grid(lr=[0.1, 0.01], layers=[1, 2])
        [{'lr': 0.1, 'layers': 1}, {'lr': 0.1, 'layers': 2}, {'lr': 0.01, 'layers': 1}, {'lr': 0.01, 'layers': 2}]
    """
    values = {name: _values("grid", name, axis) for name, axis in axes.items()}
    return [dict(zip(values, combination, strict=True)) for combination in itertools.product(*values.values())]


def sample(
    trials: int, *, seed: int = 0, **axes: Iterable[Any] | Callable[[np.random.Generator], Any]
) -> list[dict[str, Any]]:
    """Configurations drawn at random.

    Args:
        trials: how many.
        seed: of the draws.
        axes: of each hyperparameter the values to choose from, or a function that draws one from a NumPy generator.

    Returns:
        That many configurations.

    Raises:
        ValueError: ``trials`` is no number of at least 1, or a hyperparameter has no values.

    References:
        Bergstra and Bengio, Random search for hyper-parameter optimization, 2012.

    Example:
        >>> from nn.training import sample
        >>> configs = sample(3, lr=lambda rng: 10 ** rng.uniform(-4, -1), layers=[1, 2])
        >>> [1e-4 < config["lr"] < 1e-1 and config["layers"] in (1, 2) for config in configs]
        [True, True, True]
    """
    if isinstance(trials, bool) or not isinstance(trials, int) or trials < 1:
        raise ValueError(f"sample: trials must be a whole number of 1 or more, got {trials!r}")
    rng = np.random.default_rng(seed)
    draws = {
        name: axis if callable(axis) else partial(_choose, _values("sample", name, axis)) for name, axis in axes.items()
    }
    return [{name: draw(rng) for name, draw in draws.items()} for _ in range(trials)]


def _values(owner: str, name: str, axis: Any) -> list[Any]:
    if isinstance(axis, (str, bytes)) or not isinstance(axis, Iterable):
        raise ValueError(f"{owner}: {name} must be a list of values, got {axis!r}; give [{axis!r}] for a single one")
    values = list(axis)
    if not values:
        raise ValueError(f"{owner}: {name} must have at least one value, got none")
    return values


def _choose(values: Sequence[Any], rng: np.random.Generator) -> Any:
    return values[int(rng.integers(len(values)))]


def search(
    objective: Objective,
    configs: Iterable[Config],
    *,
    monitor: str,
    mode: Literal["min", "max"] = "min",
    logger: Callable[[str], Any] | None = None,
    default_root_dir: str | os.PathLike[str] | None = None,
    executor: Executor | None = None,
    seed: int = 0,
) -> list[Trial]:
    """Train once for each configuration, and rank the results.

    Each trial has a run of its own, `default_root_dir/trial_N`, which holds what the objective logs and, at its end,
    the hyperparameters with the metrics, so that TensorBoard's HPARAMS tab compares them. Its random numbers are those
    of `nn.manual_seed(seed + N)`, the same on every executor of processes (threads share theirs). A trial that fails
    ends no other.

    Args:
        objective: `objective(config, writer)` trains, and returns metrics by name; `writer` is None without a logger.
            For an executor of other processes it is a function of a module, which they can import.
        configs: the hyperparameters of each trial, as `grid` and `sample` make them.
        monitor: the metric to rank by.
        mode: "min" if less is better, "max" if more is.
        logger: a class or function that makes a writer of a folder, such as `SummaryWriter`; None for no logging.
        default_root_dir: where the runs are put; None for `runs/search`. It must not hold trials already.
        executor: where trials run: any `concurrent.futures.Executor`, such as a `ProcessPoolExecutor`,
            `mpi4py.futures.MPIPoolExecutor`, or what Dask's `client.get_executor()` returns; None for here, one by one.
        seed: of the first trial's random numbers.

    Returns:
        The trials, the best first; behind them those whose metric is nan, and last those that failed.

    Raises:
        ValueError: there are no configurations; or an unknown `mode`; or no trial has the metric.
        TypeError: `logger` does not make writers; a configuration is no dictionary.
        FileExistsError: the folder holds trials already.
        RuntimeError: every trial failed; the first one's error is in the message.

    Example:
        >>> import nn
        >>> from nn.training import grid, search
        >>> def train(config, writer):
        ...     x = nn.tensor(5.0, requires_grad=True)
        ...     optimizer = nn.optim.SGD([x], lr=config["lr"])
        ...     for step in range(10):
        ...         optimizer.zero_grad()
        ...         loss = x**2
        ...         loss.backward()
        ...         optimizer.step()
        ...     return {"loss": loss}
        >>> best, *others = search(train, grid(lr=[0.01, 0.1, 0.4]), monitor="loss")
        >>> best.config, len(others)
        ({'lr': 0.4}, 2)
    """
    trials = [_checked(config) for config in configs]
    if not trials:
        raise ValueError("search: expected at least one configuration, got none; make some by grid or sample")
    if mode not in ("min", "max"):
        raise ValueError(f"search: mode must be 'min' or 'max', got {mode!r}")
    if logger is not None and not callable(logger):
        raise TypeError(
            "search: logger must be a class or function that makes a writer of a folder, such as SummaryWriter, "
            f"got {type(logger).__name__}"
        )
    root = Path("runs/search" if default_root_dir is None else default_root_dir)
    if logger is not None and any(root.glob("trial_*")):
        raise FileExistsError(f"search: {root} holds trials already; choose another default_root_dir, or delete them")

    # Run them
    digits = len(str(len(trials) - 1))
    tasks = [
        partial(
            _run, objective, index, config, logger, str(root / f"trial_{index:0{digits}}") if logger else None, seed
        )
        for index, config in enumerate(trials)
    ]
    done = [task() for task in tasks] if executor is None else _on(executor, tasks)

    # Rank them
    failed = [trial for trial in done if trial.error is not None]
    if len(failed) == len(done):
        raise RuntimeError(f"search: every trial failed; the first one's error is {failed[0].error}")
    if not any(monitor in trial.metrics for trial in done):
        known = sorted({name for trial in done for name in trial.metrics})
        raise ValueError(
            f"search: monitor must be a metric that the objective returns, got {monitor!r}{nearest(monitor, known)}; "
            f"returned are {known}"
        )
    return sorted(done, key=partial(_rank, monitor, mode))


def _checked(config: Config) -> dict[str, Any]:
    if not isinstance(config, Mapping):
        raise TypeError(f"search: a configuration must be a dictionary, got {type(config).__name__}")
    return dict(config)


def _on(executor: Executor, tasks: Sequence[Callable[[], Trial]]) -> list[Trial]:
    """What the tasks return, from wherever they run; if the search is interrupted, those that wait are given up."""
    futures: list[Future[Trial]] = []
    try:
        futures += [executor.submit(task) for task in tasks]
        return [future.result() for future in futures]
    except BaseException:
        for future in futures:
            future.cancel()
        raise


def _run(
    objective: Objective, index: int, config: dict[str, Any], logger: Any, log_dir: str | None, seed: int
) -> Trial:
    """One trial, on whatever process runs it."""
    start = time.perf_counter()
    manual_seed(seed + index)
    metrics: dict[str, float] = {}
    error = None
    try:
        writer: Any = None if log_dir is None else logger(log_dir)
        with writer if hasattr(writer, "__exit__") else _closed_at_the_end(writer):
            try:
                metrics = {name: number(name, value) for name, value in objective(dict(config), writer).items()}
            finally:
                if hasattr(writer, "add_hparams"):
                    writer.add_hparams(config, metrics)
    except Exception as problem:
        error, metrics = f"{type(problem).__name__}: {problem}", {}
    return Trial(index, config, metrics, log_dir, time.perf_counter() - start, error)


@contextmanager
def _closed_at_the_end(writer: Any) -> Iterator[None]:
    """For writers that are no context of their own, which could say how a run ended."""
    try:
        yield
    finally:
        getattr(writer, "close", lambda: None)()


def _rank(monitor: str, mode: str, trial: Trial) -> tuple[int, float]:
    value = trial.metrics.get(monitor, math.nan)
    if trial.error is not None or math.isnan(value):
        return 2 if trial.error is not None else 1, 0.0
    return 0, value if mode == "min" else -value
