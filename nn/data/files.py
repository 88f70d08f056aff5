"""Datasets in files larger than memory: rows are read where they stand, when they are asked for.

The file is not mapped into memory as a whole, since that fails where a process may have less memory than the file is
long; the system keeps what was read lately in its cache all the same.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.data.dataset import Dataset
from nn.errors import CheckpointError, RangeError, ShapeError
from nn.tensors.tensor import Tensor, from_numpy

__all__ = ["NumpyDataset", "SafetensorsDataset"]


class _Rows:
    """An array in a file, from which rows are read.

    Args:
        path: the file.
        offset: the byte at which the array begins.
        shape: of the array, whose first axis are the rows.
        dtype: of its elements.
    """

    def __init__(self, path: Path, offset: int, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        if not shape:
            raise ShapeError(f"{path}: expected an array with rows, got a single number")
        self._path, self._offset, self._shape, self._dtype = path, offset, shape, dtype
        self._bytes = dtype.itemsize * int(np.prod(shape[1:], dtype=np.int64))
        missing = offset + shape[0] * self._bytes - path.stat().st_size
        if missing > 0:
            raise CheckpointError(str(path), f"{missing} bytes are missing at the end; write or copy it again")
        self._open()

    def _open(self) -> None:
        self._file = self._path.open("rb", buffering=0)
        self._lock = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in ("_file", "_lock")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._open()

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            self._file.close()

    def __len__(self) -> int:
        return self._shape[0]

    def read(self, indices: NDArray[np.int64]) -> NDArray[Any]:
        """The rows at `indices`; those that stand side by side in the file are read at once."""
        rows = np.empty((len(indices), *self._shape[1:]), self._dtype)
        order = np.argsort(indices, kind="stable")
        breaks = np.flatnonzero(np.diff(indices[order]) != 1) + 1
        for run in np.split(order, breaks):
            if len(run):
                first = int(indices[run[0]])
                rows[run] = self._run(first, len(run))
        return rows.astype(self._dtype.newbyteorder("="), copy=False)

    def _run(self, first: int, count: int) -> NDArray[Any]:
        part = np.empty((count, *self._shape[1:]), self._dtype)
        memory = part.reshape(-1).view(np.uint8).data
        with self._lock:
            self._file.seek(self._offset + first * self._bytes)
            done = 0
            while done < len(memory):
                got = self._file.readinto(memory[done:])
                if not got:
                    raise CheckpointError(str(self._path), "it has become shorter since it was opened; open it again")
                done += got
        return part


class _FileDataset(Dataset[tuple[Tensor, ...]]):
    """What both datasets share: arrays with as many rows each, of which sample i is the i-th."""

    _arrays: Mapping[str, _Rows]

    def _take(self, arrays: Mapping[str, _Rows]) -> None:
        lengths = {name: len(rows) for name, rows in arrays.items()}
        if len(set(lengths.values())) != 1:
            name = type(self).__name__
            raise ShapeError(f"{name}: expected arrays with as many rows each, one sample a row; got {lengths}")
        self._arrays = arrays

    def __len__(self) -> int:
        return len(next(iter(self._arrays.values())))

    def __getitem__(self, index: int) -> tuple[Tensor, ...]:
        return tuple(part[0] for part in self.get_batch([index]))

    def get_batch(self, indices: Iterable[int]) -> list[Tensor]:
        """The samples at `indices` as one batch: a tensor for each array."""
        count = len(self)
        wanted = np.asarray(list(indices), np.int64)
        if wanted.size and not (-count <= wanted.min() and wanted.max() < count):
            bad = wanted[(wanted < -count) | (wanted >= count)][0]
            raise RangeError(f"{type(self).__name__}: index {bad} is out of range for {count} samples")
        wanted = np.where(wanted < 0, wanted + count, wanted)
        return [from_numpy(rows.read(wanted)) for rows in self._arrays.values()]


class NumpyDataset(_FileDataset):
    """Samples in `.npy` files, one row of each file a sample, read when they are asked for.

    Args:
        paths: files that `numpy.save` wrote, with as many rows each.

    Shape:
        sample i: row i of every file, e.g. (C, H, W) and () for images (N, C, H, W) and labels (N,)

    Raises:
        CheckpointError: a file is no `.npy` file, is cut short, or holds an array in Fortran's order or of objects.
        ShapeError: the files have different numbers of rows.

    Example:
        >>> import nn, numpy as np, tempfile, pathlib
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> np.save(folder / "x.npy", np.arange(6.0).reshape(3, 2))
        >>> np.save(folder / "y.npy", np.array([0, 1, 0]))
        >>> dataset = nn.data.NumpyDataset(folder / "x.npy", folder / "y.npy")
        >>> dataset[1]
        (tensor([2., 3.], dtype=float64), tensor(1))
        >>> [x.shape for x, y in nn.data.DataLoader(dataset, batch_size=2, shuffle=True)]
        [(2, 2), (1, 2)]
    """

    def __init__(self, *paths: Any) -> None:
        if not paths:
            raise TypeError("NumpyDataset: expected the paths of one or more .npy files, got none")
        self._take({str(path): _numpy_rows(Path(path)) for path in paths})


class SafetensorsDataset(_FileDataset):
    """Samples in one `.safetensors` file, row i of each of its tensors being sample i, read when they are asked for.

    Args:
        path: the file.
        names: the tensors, in the order in which a sample has them; None for all, in the file's order.

    Raises:
        CheckpointError: it is no such file, or is cut short; a tensor is absent, or of a dtype that NumPy lacks.
        ShapeError: the tensors have different numbers of rows.

    Example:
        >>> import nn, numpy as np, tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "data.safetensors"
        >>> nn.save({"x": nn.ones(3, 2), "y": nn.arange(3)}, path)  # doctest: +SKIP
        >>> nn.data.SafetensorsDataset(path, ["x", "y"])[2]  # doctest: +SKIP
        (tensor([1., 1.]), tensor(2))
    """

    def __init__(self, path: Any, names: Iterable[str] | None = None) -> None:
        found, start = _header(Path(path))
        arrays = {}
        for name in found if names is None else names:
            if name not in found:
                raise CheckpointError(str(path), f"it has no tensor {name!r}, only {', '.join(map(repr, found))}")
            entry = found[name]
            dtype = _dtype(entry["dtype"])
            if dtype is None:
                raise CheckpointError(str(path), f"{name} has dtype {entry['dtype']}, which NumPy lacks; convert it")
            offset = start + entry["data_offsets"][0]
            arrays[name] = _Rows(Path(path), offset, tuple(entry["shape"]), dtype)
        if not arrays:
            raise CheckpointError(str(path), "it holds no tensors")
        self._take(arrays)


def _numpy_rows(path: Path) -> _Rows:
    """The array of a `.npy` file, whose header NumPy reads."""
    with path.open("rb") as file:
        try:
            version = np.lib.format.read_magic(file)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, fortran, dtype = read(file)
        except ValueError as error:
            raise CheckpointError(str(path), f"it is no .npy file ({error}); write it by numpy.save") from None
        if fortran and len(shape) > 1:
            raise CheckpointError(str(path), "its rows are not contiguous; save numpy.ascontiguousarray(array)")
        if dtype.hasobject:
            raise CheckpointError(str(path), "it holds Python objects; save an array of numbers")
        return _Rows(path, file.tell(), shape, dtype)


def _header(path: Path) -> tuple[dict[str, Any], int]:
    """The tensors that a safetensors file says it has, and the byte at which their data begins."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        try:
            if not 2 <= length <= path.stat().st_size - 8:
                raise ValueError(f"its header would have {length} bytes")
            found = json.loads(file.read(length))
        except ValueError as error:
            raise CheckpointError(str(path), f"it is no safetensors file ({error})") from None
    return {name: entry for name, entry in found.items() if name != "__metadata__"}, 8 + length


def _dtype(name: str) -> np.dtype[Any] | None:
    """NumPy's dtype of a name in a safetensors file, such as F32, I64, U8 or BOOL; None for those that it lacks."""
    if name == "BOOL":
        return np.dtype(np.bool_)
    if not re.fullmatch("F(16|32|64)|[IU](8|16|32|64)", name):
        return None
    return np.dtype(f"<{name[0].lower()}{int(name[1:]) // 8}")
