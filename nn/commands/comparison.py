"""The runs below a directory, compared: what each was made with, and the best and last values of its metrics."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Curve = npt.NDArray[np.float64]

LESS = ("loss", "error", "err", "mse", "mae", "rmse", "nll", "perplexity", "ppl", "bpc", "regret", "seconds")
MORE = ("acc", "accuracy", "f1", "auc", "score", "reward", "return", "precision", "recall", "iou", "dice", "r2", "psnr")
SHOWN = 2  # metrics, unless some are asked for
WIDTH = 12  # of a sparkline, in characters
LONGEST = 28  # hyperparameter, in characters
LEVELS, PLAIN_LEVELS = "▁▂▃▄▅▆▇█", "_.-:=+*#"


@dataclass
class Run:
    """One run.

    Attributes:
        name: its directory, from the log directory.
        config: its hyperparameters.
        status: how it ended: "success", "failure", "running", or "" where nothing tells.
        curves: steps and values of each metric.
    """

    name: str
    config: dict[str, Any] = field(default_factory=dict)
    status: str = ""
    curves: dict[str, tuple[list[int], list[float]]] = field(default_factory=dict)

    def summary(self, metric: str, direction: str | None) -> dict[str, Any]:
        """The best and the last value of a metric, and their steps; there is a best one only with a direction."""
        steps, values = self.curves[metric]
        found = {"last": values[-1], "last_step": steps[-1], "values": len(values), "direction": direction}
        if direction is not None and not np.isnan(values).all():
            best = int(np.nanargmin(values) if direction == "min" else np.nanargmax(values))
            found |= {"best": values[best], "best_step": steps[best]}
        return found

    def best(self, metric: str, direction: str | None) -> float | None:
        """The best value; the last one where the metric has no direction; None where the run has none."""
        if metric not in self.curves:
            return None
        found = self.summary(metric, direction)
        value: float = found.get("best", found["last"])
        return None if np.isnan(value) else value


class Comparison:
    """Runs to be compared.

    Args:
        log_dir: the directory, for messages.
        runs: the runs.
        directions: "min" or "max" for metrics whose name does not tell.
    """

    def __init__(self, log_dir: str, runs: list[Run], directions: Mapping[str, str]) -> None:
        self.log_dir, self.runs = log_dir, runs
        counts: dict[str, int] = {}
        for run in runs:
            for tag in run.curves:
                counts[tag] = counts.get(tag, 0) + 1
        directed = [tag for tag in counts if tag in directions or direction_of(tag)]
        self.metrics = sorted(counts, key=lambda tag: (-counts[tag], tag not in directed))  # those of most runs first
        for tag in directions:
            self._require(tag, self.metrics, "metric")
        self.directions = {tag: directions.get(tag) or direction_of(tag) for tag in self.metrics}
        self.names = list(dict.fromkeys(name for run in runs for name in run.config))

    @classmethod
    def read(cls, log_dir: str, directions: Mapping[str, str]) -> Comparison:
        """Read the runs, from their event files alone; of a damaged one what is whole.

        Raises:
            FileNotFoundError: there is no such directory, or no run in it.
        """
        from tbwriter import read_values

        found: dict[str, Run] = {}
        try:
            for value in read_values(log_dir, kinds={"scalars", "hparams"}, on_damage=_tell):
                _take(found.setdefault(value.run, Run(value.run)), value)
        except FileNotFoundError:
            raise FileNotFoundError(f"runs: there is no directory {log_dir}; name one with runs below it") from None
        runs = _folded(found)
        if not runs:
            raise FileNotFoundError(f"runs: {log_dir} holds no runs with metrics or hyperparameters; name another one")
        return cls(log_dir, sorted(runs, key=lambda run: natural(run.name)), directions)

    def _require(self, name: str, known: Sequence[str], what: str) -> None:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1, cutoff=0.5)
            hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known) or 'none'}"
            raise ValueError(f"runs: no run has the {what} {name}{hint}")

    def sort(self, by: str | None, reverse: bool) -> None:
        """Sort the runs: by a metric, the best first, by a hyperparameter, or by "run", their names.

        Without a name it is the first metric that has a direction. Runs without the value are last, either way.
        """
        if by is None:
            by = next((tag for tag in self.metrics if self.directions[tag]), "run")
        if by == "run":
            self.runs.sort(key=lambda run: natural(run.name), reverse=reverse)
            return
        self._require(by, ["run", *self.metrics, *self.names], "metric or hyperparameter")
        if by in self.metrics:
            reverse ^= self.directions[by] == "max"
            keys = {run.name: run.best(by, self.directions[by]) for run in self.runs}
        else:
            keys = {run.name: run.config.get(by) for run in self.runs}
        known = [run for run in self.runs if keys[run.name] is not None]
        known.sort(key=lambda run: (isinstance(keys[run.name], str), keys[run.name]), reverse=reverse)
        self.runs = known + [run for run in self.runs if keys[run.name] is None]

    def table(self, metrics: Sequence[str] | None) -> str:
        """The hyperparameters that all runs share, and a table of what differs.

        Args:
            metrics: those to show; None for some.
        """
        from nn.examples.console import Table

        shown = self._shown(metrics)
        configured = [run for run in self.runs if run.config]
        shared = [name for name in self.names if len({repr(run.config.get(name)) for run in configured}) == 1]
        if len(configured) < 2:
            shared = []
        differing = [name for name in self.names if name not in shared]
        title = self.log_dir
        if shared:
            which = "all" if len(configured) == len(self.runs) else "all that have hyperparameters"
            title += f" ({which}: {', '.join(f'{name} {cell(configured[0].config[name])}' for name in shared)})"
        ended = any(run.status not in ("", "success") for run in self.runs)
        header = ["run", *(["status"] if ended else []), *differing]
        for tag in shown:
            header += ([f"{tag} ({self.directions[tag]})"] if self.directions[tag] else []) + [f"{tag} (last)", "curve"]
        rows = []
        for run in self.runs:
            row = [run.name, *([run.status] if ended else []), *(cell(run.config.get(name)) for name in differing)]
            for tag in shown:
                row += self._cells(run, tag)
            rows.append(row)
        return str(Table(title, header, rows))

    def _shown(self, metrics: Sequence[str] | None) -> list[str]:
        for tag in metrics or ():
            self._require(tag, self.metrics, "metric")
        if metrics:
            return [*metrics]
        judged = [tag for tag in self.metrics if self.directions[tag]] or self.metrics
        shown = judged[:1]
        while len(shown) < min(SHOWN, len(judged)):  # the one that most of those have that have none of these
            bare = [run for run in self.runs if not run.curves.keys() & shown] or self.runs
            rest = [tag for tag in judged if tag not in shown]
            shown.append(max(rest, key=lambda tag: sum(tag in run.curves for run in bare)))
        return shown

    def _cells(self, run: Run, tag: str) -> list[str]:
        direction = self.directions[tag]
        if tag not in run.curves:
            return [""] * (3 if direction else 2)
        found = run.summary(tag, direction)
        best = [cell(found.get("best", float("nan")))] if direction else []
        curve = run.curves[tag][1]
        return [*best, cell(found["last"]), sparkline(np.array(curve)) if len(curve) > 1 else ""]

    def as_json(self, metrics: Sequence[str] | None) -> dict[str, Any]:
        """What strict JSON can hold: of each run configuration, status, and best and last value of its metrics."""
        from tbwriter.files.tables import plain

        asked = self._shown(metrics) if metrics else self.metrics
        runs = [
            {
                "run": run.name,
                "status": run.status or None,
                "config": run.config,
                "metrics": {tag: run.summary(tag, self.directions[tag]) for tag in asked if tag in run.curves},
            }
            for run in self.runs
        ]
        found: dict[str, Any] = plain({"log_dir": self.log_dir, "runs": runs})
        return found


def _take(run: Run, value: Any) -> None:
    if value.kind == "scalars":
        if value.value is not None:
            steps, values = run.curves.setdefault(value.tag, ([], []))
            steps.append(value.step)
            values.append(value.value)
    elif value.tag.endswith("session_start_info"):
        run.config, run.status = dict(value.value or {}), "running"
    elif value.tag.endswith("session_end_info"):
        run.status = (value.value or {}).get("status", "")


def _folded(found: dict[str, Run]) -> list[Run]:
    """The runs, with what directories below hold of them.

    That are series of `add_scalars`; runs without hyperparameters below one that has some, as TensorBoard's HPARAMS tab
    counts them; and the hyperparameters that other writers put into a directory named by the time.
    """
    from tbwriter.summaries.hparams import is_double

    runs = {name: run for name, run in found.items() if not is_double({"status": run.status})}
    for name in sorted(runs, key=lambda name: -name.count("/")):
        run, parent = runs[name], runs.get(_above(name, runs))
        if parent is None:
            continue
        rest = name.removeprefix(f"{parent.name}/")
        if run.config and not parent.config and re.fullmatch(r"\d{9,}\.\d+", rest):
            parent.config, parent.status = run.config, run.status
            parent.curves = {**run.curves, **parent.curves}
            del runs[name]
        elif not run.config and _is_series(rest, run):
            parent.curves |= {f"{rest}/{tag}": curve for tag, curve in run.curves.items()}
            del runs[name]
    for name, run in list(runs.items()):
        above = _above(name, {one: other for one, other in runs.items() if other.config})
        if not run.config and above in runs and above != ".":
            rest = name.removeprefix(f"{above}/")
            runs[above].curves |= {f"{rest}/{tag}": curve for tag, curve in run.curves.items()}
            del runs[name]
    return list(runs.values())


def _above(name: str, runs: Mapping[str, Run]) -> str:
    """The nearest run above another one; "" if there is none."""
    above = name
    while "/" in above:
        above = above.rpartition("/")[0]
        if above in runs:
            return above
    return "." if name != "." else ""


def _is_series(directory: str, run: Run) -> bool:
    """Whether a directory is a series of `add_scalars`: it is named by the tag of its curve and that of the series."""
    tags = [re.sub(r"\W", "_", tag) for tag in run.curves]
    return bool(tags) and all(re.sub(r"\W", "_", directory).startswith(f"{tag}_") for tag in tags)


def _tell(damage: Exception) -> None:
    print(f"runs: {damage}", file=sys.stderr)


def direction_of(metric: str) -> str | None:
    """Whether less or more of a metric is better, by the words of its name; the last one that tells.

    Example:
        >>> direction_of("val/loss"), direction_of("top5_accuracy"), direction_of("lr")
        ('min', 'max', None)
    """
    for word in reversed(re.findall(r"[a-z]+\d?", metric.lower())):
        if word in LESS or word in MORE:
            return "min" if word in LESS else "max"
    return None


def natural(name: str) -> list[Any]:
    """A key by which `trial_2` stands before `trial_10`.

    Example:
        >>> sorted(["trial_10", "trial_2"], key=natural)
        ['trial_2', 'trial_10']
    """
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


def cell(value: Any) -> str:
    """A value in few characters.

    Example:
        >>> cell(0.1000000015), cell(3.0), cell(True), cell(None)
        ('0.1', '3', 'True', '')
    """
    if value is None:
        return ""
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def sparkline(values: Curve, width: int = WIDTH) -> str:
    """A curve in a few characters: the means of its parts, from its least to its largest; `x` where it is not finite.

    Args:
        values: the curve.
        width: at most so many characters.

    Returns:
        The line; in plain characters where the output knows no others.

    Example:
        >>> len(sparkline(np.arange(100.0)))
        12
    """
    levels = LEVELS if _shows(LEVELS) else PLAIN_LEVELS
    parts = np.array_split(values, min(width, len(values)))
    means = np.array([part[np.isfinite(part)].mean() if np.isfinite(part).all() else np.nan for part in parts])
    finite = means[np.isfinite(means)]
    if not finite.size:
        return "x" * len(means)
    low, high = float(finite.min()), float(finite.max())
    scale = (len(levels) - 1) / (high - low) if high > low else 0.0
    return "".join("x" if np.isnan(mean) else levels[round((mean - low) * scale)] for mean in means)


def _shows(text: str) -> bool:
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
