"""What runs hold, as tables for other programs: CSV, strict JSON, and a DataFrame of pandas."""

import csv
import itertools
import json
import math
import os
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np

from tbwriter.files.reader import OnDamage
from tbwriter.files.tree import LoggedValue, read_values
from tbwriter.summaries.decoding import Picture, Sound

if TYPE_CHECKING:
    import pandas

COLUMNS = ("run", "tag", "step", "wall_time", "value")


Output = TextIO | str | os.PathLike[str]


def _opened(file: Output) -> AbstractContextManager[TextIO]:
    """A text file as it is, or one of that path, made or written over."""
    if isinstance(file, (str, os.PathLike)):
        return Path(file).open("w", encoding="utf-8", newline="")
    return nullcontext(file)


def write_csv(path: str | os.PathLike[str], file: Output, *, on_damage: OnDamage = "raise") -> int:
    """Write the scalars of a tree of runs as CSV, a line each: run, tag, step, wall time and value.

    Args:
        path: as for `read_values`.
        file: a path, or a text file; open a real one with ``newline=""``.
        on_damage: as for `read_events`.

    Returns:
        The number of scalars.

    Raises:
        FileNotFoundError, DamagedRecordError: as `read_values`.
        OSError: the file cannot be written.

    Example:
        >>> import sys, tempfile
        >>> from tbwriter.writer import SummaryWriter
        >>> with tempfile.TemporaryDirectory() as log_dir:
        ...     with SummaryWriter(log_dir) as writer:
        ...         writer.add_scalar("loss", float("nan"), 3, walltime=1.5)
        ...     count = write_csv(log_dir, sys.stdout)
        run,tag,step,wall_time,value
        .,loss,3,1.5,nan
    """
    values = read_values(path, kinds={"scalars"}, on_damage=on_damage)
    rows = ((one.run, one.tag, one.step, one.wall_time, one.value) for one in values if one.value is not None)
    first = [
        *itertools.islice(rows, 1)
    ]  # of a path that is not there this is an error, before the file is written over
    count = 0
    with _opened(file) as text:
        lines = csv.writer(text, lineterminator="\n")
        lines.writerow(COLUMNS)
        for row in itertools.chain(first, rows):
            lines.writerow(row)
            count += 1
    return count


def as_json(values: Iterable[LoggedValue]) -> dict[str, Any]:
    """Values as what strict JSON can hold, by run and tag.

    Args:
        values: as `read_values` yields them.

    Returns:
        ``{run: {tag: {"kind": ..., "points": [{"step": ..., "wall_time": ..., "value": ...}]}}}``. A number that JSON
        does not know is the string "NaN", "Infinity" or "-Infinity"; a histogram or a PR curve has its arrays by name,
        a picture its size and the number of its bytes, a sound its rate and that, and a graph that.

    Example:
        >>> as_json([LoggedValue(".", "loss", "scalars", 3, 1.5, float("inf"))])["."]["loss"]["points"]
        [{'step': 3, 'wall_time': 1.5, 'value': 'Infinity'}]
    """
    runs: dict[str, Any] = {}
    for one in values:
        tag = runs.setdefault(one.run, {}).setdefault(one.tag, {"kind": one.kind, "points": []})
        tag["points"].append({"step": one.step, "wall_time": plain(one.wall_time), "value": plain(one.value)})
    return runs


def write_json(path: str | os.PathLike[str], file: Output, *, on_damage: OnDamage = "raise") -> None:
    """Write all values of a tree of runs as one document of strict JSON, in the form of `as_json`.

    Args:
        path: as for `read_values`.
        file: a path, or a text file.
        on_damage: as for `read_events`.

    Raises:
        FileNotFoundError, DamagedRecordError: as `read_values`.

    Example:
        >>> import io, tempfile
        >>> from tbwriter.writer import SummaryWriter
        >>> with tempfile.TemporaryDirectory() as log_dir:
        ...     with SummaryWriter(log_dir) as writer:
        ...         writer.add_scalar("loss", float("nan"), 3, walltime=1.5)
        ...     file = io.StringIO()
        ...     write_json(log_dir, file)
        >>> json.loads(file.getvalue())
        {'.': {'loss': {'kind': 'scalars', 'points': [{'step': 3, 'wall_time': 1.5, 'value': 'NaN'}]}}}
    """
    document = as_json(read_values(path, on_damage=on_damage))
    with _opened(file) as text:
        json.dump(document, text, allow_nan=False)


def read_frame(path: str | os.PathLike[str], *, on_damage: OnDamage = "raise") -> "pandas.DataFrame":
    """The scalars of a tree of runs as a DataFrame of pandas (extra ``pandas``), a row each.

    Args:
        path: as for `read_values`.
        on_damage: as for `read_events`.

    Returns:
        Columns run, tag, step, wall_time (UTC) and value. ``frame.pivot_table("value", "step", ["run", "tag"])`` is the
        table of curves.

    Raises:
        ImportError: pandas is not installed.
        FileNotFoundError, DamagedRecordError: as `read_values`.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError("read_frame makes a DataFrame of pandas: pip install 'fromzero[pandas]'") from error
    scalars = list(read_values(path, kinds={"scalars"}, on_damage=on_damage))
    return pd.DataFrame(
        {
            "run": pd.Series([value.run for value in scalars], dtype="str"),
            "tag": pd.Series([value.tag for value in scalars], dtype="str"),
            "step": np.array([value.step for value in scalars], np.int64),
            "wall_time": pd.to_datetime([value.wall_time for value in scalars], unit="s", utc=True).as_unit("ns"),
            "value": np.array([value.value for value in scalars], np.float64),
        }
    )


def plain(value: Any) -> Any:
    """A decoded value as what strict JSON can hold; `as_json` says how.

    Example:
        >>> plain({"lr": 0.5, "limit": float("-inf")}), plain(np.array([[1, 2]]))
        ({'lr': 0.5, 'limit': '-Infinity'}, [[1, 2]])
    """
    match value:
        case None | str() | bool() | int():
            return value
        case float():
            return value if math.isfinite(value) else "NaN" if value != value else f"{'-' * (value < 0)}Infinity"
        case bytes():
            return {"bytes": len(value)}
        case complex():
            return [plain(value.real), plain(value.imag)]
        case dict():
            return {name: plain(one) for name, one in value.items()}
        case Picture():
            return {"width": value.width, "height": value.height, "bytes": len(value.data)}
        case Sound():
            return {"rate": value.rate, "bytes": len(value.data)}
        case np.ndarray() | np.generic():
            return plain(value.tolist())
        case tuple() if hasattr(value, "_asdict"):
            return {name: plain(one) for name, one in value._asdict().items()}
        case _:
            return [plain(one) for one in value]
