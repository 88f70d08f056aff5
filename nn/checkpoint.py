"""Checkpoints: `nn.save` and `nn.load`, without pickle, and so that a kill at any moment leaves a whole file.

A checkpoint is a zip: `structure.json` holds dicts, lists, numbers and texts, `arrays/0.npy` ... the numbers of tensors
and arrays, each with the zip's checksum. `numpy.load` opens its arrays too. What JSON does not tell apart is tagged:
(1, 2) is {"tuple": [1, 2]}, a tensor {"tensor": {"array": 0}, "requires_grad": false}; a whole module is the name of
its class and what the object holds.
"""

from __future__ import annotations

import importlib
import io
import json
import math
import os
import secrets
import shutil
import sys
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any, TypeAlias

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from nn import safetensors
from nn.errors import CheckpointError
from nn.modules.module import Module
from nn.modules.parameter import Parameter
from nn.tensors.place import Size, require_here
from nn.tensors.tensor import Tensor, from_numpy

__all__ = ["load", "save"]

Array: TypeAlias = NDArray[Any]
File: TypeAlias = "str | os.PathLike[str] | IO[bytes]"

STRUCTURE = "structure.json"
FORMAT, VERSION = "fromzero checkpoint", 1
DEEPEST = 100
SMALL = 2**53  # whole numbers up to here mean the same to every reader of JSON
PICKLE = (
    "it is a pickle, which can run any code as it is read, and is refused; "
    "where it was written, save the state_dict with safetensors.torch.save_file, which nn.load reads"
)


def save(obj: Any, f: File) -> None:
    """Write tensors, arrays and plain values to one file, from which `nn.load` restores them as they were.

    A path is written atomically: to a new file beside it, which takes its place once all is on the disk. A kill or a
    full disk leaves the old file (a kill also the unfinished one, `.name.*.tmp`, which may be deleted). A path that
    ends in `.safetensors` is written in that format, which PyTorch and others read: a flat dict of tensors by name.

    Args:
        obj: dicts, lists and tuples, nested in any way, of tensors, arrays, NumPy scalars and dtypes, numbers, texts,
            bytes, bool and None. Of what keeps state, save `state_dict()` or `get_state()`; a whole module can be
            saved if its class can be imported by name. Gradients and graphs are not saved. Tensors that share memory
            share it again after loading.
        f: a path, or a binary file that is open for writing.

    Raises:
        TypeError: an object that is none of these; the message names its place, as in "optimizer.state.3".
        ValueError: nested more than 100 deep, or within itself.
        OSError: the file cannot be written.
        ImportError: `.safetensors`, and the library is not installed.

    Example:
        >>> import io, nn
        >>> model = nn.Linear(2, 1)
        >>> optimizer = nn.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        >>> file = io.BytesIO()  # or a path, such as "runs/last.nnz"
        >>> checkpoint = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": 100}
        >>> nn.save({**checkpoint, "random": nn.get_rng_state()}, file)
        >>> file.seek(0)
        0
        >>> checkpoint = nn.load(file)
        >>> _ = model.load_state_dict(checkpoint["model"])
        >>> optimizer.load_state_dict(checkpoint["optimizer"])
        >>> nn.set_rng_state(checkpoint["random"])

    References:
        The folder's own `fsync` after the rename: Pillai et al., All File Systems Are Not Created Equal, OSDI 2014.
    """
    if not isinstance(f, str | os.PathLike):
        _Packed(obj).write(f)
    elif os.fspath(f).endswith(".safetensors"):
        data = safetensors.encoded(obj)
        _atomically(f, lambda file: file.write(data))
    else:
        _atomically(f, _Packed(obj).write)  # what cannot be saved is refused before a file is made


def load(f: File, map_location: Any = None, *, weights_only: bool = True, mmap: bool | None = None) -> Any:
    """Read what `nn.save` wrote, or a `.safetensors` file; no code in the file is run.

    Args:
        f: a path, or a binary file that is open for reading.
        map_location: the CPU, where all tensors are; or a function or a dict, without effect.
        weights_only: False reads whole modules too, and imports the modules that their classes are in; so it is for
            files that you trust.
        mmap: no effect.

    Returns:
        The saved object; for `.safetensors` (known by its content, not by its name) a dict of tensors, whose bfloat16
        numbers become float32.

    Raises:
        CheckpointError: the file is damaged, of another format, or a pickle (as `torch.save` writes); it has a whole
            module and `weights_only` is True.
        OSError: the file cannot be read; FileNotFoundError if there is none.
        ImportError: `.safetensors`, and the library is not installed.

    Example:
        >>> import io, nn
        >>> file = io.BytesIO()
        >>> nn.save({"weight": nn.ones(2), "shape": (2,)}, file)
        >>> file.seek(0)
        0
        >>> nn.load(file)
        {'weight': tensor([1., 1.]), 'shape': (2,)}
    """
    if not callable(map_location) and not isinstance(map_location, dict):
        require_here({"device": map_location}, "load")
    if isinstance(f, str | os.PathLike):
        with Path(f).open("rb") as file:
            return _read(file, os.fspath(f), weights_only)
    return _read(io.BytesIO(f.read()), str(getattr(f, "name", type(f).__name__)), weights_only)


# -- writing ----------------------------------------------------------------------------------------------------------
class _Packed:
    """An object as JSON and a list of arrays, ready to be written."""

    def __init__(self, obj: Any) -> None:
        self.arrays: list[Array] = []
        self._numbers: dict[int, int] = {}  # of the modules so far, and of the tensors in them
        self._inside = 0
        self.value = self.packed(obj, ())

    def packed(self, obj: Any, path: tuple[str, ...]) -> Any:
        """The JSON of an object; `path` leads to it."""
        kind = type(obj)
        if len(path) > DEEPEST:
            raise ValueError(f"save: {'.'.join(path[:3])}... is nested more than {DEEPEST} deep, or holds itself")
        if obj is None or kind in (bool, str):
            return obj
        if kind is int:
            return obj if abs(obj) <= SMALL else {"int": hex(obj)}
        if kind is float:
            return obj if math.isfinite(obj) else {"float": str(obj)}
        if kind is complex:
            return {"complex": [self.packed(obj.real, path), self.packed(obj.imag, path)]}
        if kind in (list, tuple):
            entries = [self.packed(entry, (*path, str(i))) for i, entry in enumerate(obj)]
            return entries if kind is list else {"tuple": entries}
        if kind in (dict, OrderedDict):
            pairs = [[self.packed(k, (*path, repr(k))), self.packed(v, (*path, str(k)))] for k, v in obj.items()]
            return {kind.__name__: pairs}
        if isinstance(obj, Module) or (isinstance(obj, Tensor) and self._inside):
            if id(obj) in self._numbers:  # a weight or a part that is used twice
                return {"again": self._numbers[id(obj)]}
            self._numbers[id(obj)] = len(self._numbers)
        if isinstance(obj, Tensor):
            array = self.index(obj.detach().numpy(), path)
            return {"parameter" if kind is Parameter else "tensor": array, "requires_grad": obj.requires_grad}
        if isinstance(obj, Module):
            self._inside += 1
            state = self.packed(dict(vars(obj)), path)
            self._inside -= 1
            return {"module": _name_of(kind, obj, path), "state": state}
        if self._inside and kind is type(_unsavable) and obj.__module__.startswith("nn."):
            return {"function": _name_of(obj, obj, path)}
        if isinstance(obj, Size):
            return {"tuple": list(obj)}
        if kind in (np.ndarray, np.memmap):
            return {"array": self.index(obj, path)}
        if isinstance(obj, np.generic):
            return {"scalar": self.index(np.asarray(obj), path)}
        if kind is bytes:
            return {"bytes": self.index(np.frombuffer(obj, np.uint8), path)}
        if isinstance(obj, np.dtype) and obj.kind in "?biufcSUmM":
            return {"dtype": obj.str}
        raise _unsavable(obj, path)

    def index(self, array: Array, path: tuple[str, ...]) -> int:
        """The number of an array in the file."""
        if array.dtype.hasobject:
            raise TypeError(
                f"save: {_place(path)} must be an array of numbers, got one of Python objects; "
                "give it a dtype, or make it a list"
            )
        self.arrays.append(np.asarray(array))
        return len(self.arrays) - 1

    def write(self, file: IO[bytes]) -> None:
        """Write the zip: the memory of the arrays, then the structure that says where in it they lie."""
        places: dict[int, dict[str, Any]] = {}
        with zipfile.ZipFile(file, "w") as archive:
            for number, together in enumerate(_by_memory(self.arrays)):
                memory, views = _shared(together)
                for i, view in views.items():
                    places[i] = {"member": number, **view}
                with _member(archive, f"arrays/{number}.npy", memory.nbytes) as member:
                    npy.write_array(member, memory, allow_pickle=False)
            arrays = [places[i] for i in range(len(self.arrays))]
            structure = {"format": FORMAT, "version": VERSION, "arrays": arrays, "value": self.value}
            with _member(archive, STRUCTURE) as member:
                member.write(json.dumps(structure, allow_nan=False).encode())


def _name_of(named: Any, obj: Any, path: tuple[str, ...]) -> str:
    """The name by which a class or a function can be imported."""
    module, name = named.__module__, named.__qualname__
    if _looked_up(sys.modules.get(module), name) is not named:
        raise _unsavable(obj, path)
    return f"{module}:{name}"


def _looked_up(owner: Any, name: str) -> Any:
    for part in name.split("."):
        owner = getattr(owner, part, None)
    return owner


def _unsavable(obj: Any, path: tuple[str, ...]) -> TypeError:
    name = type(obj).__name__
    advice = "make it a dict, list or tuple of tensors, arrays, numbers, texts or None"
    for method in ("state_dict", "get_state"):
        if hasattr(obj, method):
            advice = f"save its {method}()"
    return TypeError(f"save: {_place(path)} is of type {name}, which cannot be saved; {advice}")


def _place(path: tuple[str, ...]) -> str:
    return ".".join(path) or "the object"


def _by_memory(arrays: list[Array]) -> list[dict[int, Array]]:
    """The arrays by their numbers, those together whose memory overlaps."""
    alone = {i for i, array in enumerate(arrays) if not array.size or array.dtype.kind == "V"}
    groups: list[dict[int, Array]] = []
    end = 0
    for low, high, i in sorted((*_reach(array), i) for i, array in enumerate(arrays) if i not in alone):
        if low >= end:
            groups.append({})
        groups[-1][i] = arrays[i]
        end = max(end, high)
    return sorted([*groups, *({i: arrays[i]} for i in alone)], key=min)  # not by address: a file is reproducible


def _reach(array: Array) -> tuple[int, int]:
    """The addresses of an array's first byte and of the one after its last."""
    low = array.__array_interface__["data"][0]
    steps = [(n - 1) * stride for n, stride in zip(array.shape, array.strides, strict=True)]
    return low + sum(s for s in steps if s < 0), low + sum(s for s in steps if s > 0) + array.itemsize


def _shared(together: dict[int, Array]) -> tuple[Array, dict[int, dict[str, Any]]]:
    """One array that holds the memory of all, and how each is a view of it: {} if it is that array."""
    first, *others = together.values()
    if all(_layout(first) == _layout(other) for other in others):
        return first, {i: {} for i in together}
    low = min(_reach(array)[0] for array in together.values())
    size = max(_reach(array)[1] for array in together.values()) - low
    interface = {"data": (low, True), "shape": (size,), "typestr": "|u1", "version": 3}
    memory = np.asarray(SimpleNamespace(__array_interface__=interface))
    return memory, {
        i: {
            "dtype": array.dtype.str,
            "shape": array.shape,
            "strides": array.strides,
            "offset": array.__array_interface__["data"][0] - low,
        }
        for i, array in together.items()
    }


def _layout(array: Array) -> tuple[Any, ...]:
    return array.__array_interface__["data"][0], array.shape, array.strides, array.dtype


def _member(archive: zipfile.ZipFile, name: str, size: int = 0) -> IO[bytes]:
    """A file in the zip, always of the same date: the same contents make the same bytes."""
    return archive.open(zipfile.ZipInfo(name), "w", force_zip64=size >= 2**30)


def _atomically(f: str | os.PathLike[str], write: Callable[[IO[bytes]], object]) -> None:
    """Write a new file and let it take the place of the old one once it is on the disk."""
    path = Path(f).resolve()  # a link stays a link, to the new file
    if not path.parent.is_dir():
        raise FileNotFoundError(f"save: the folder {path.parent} does not exist; make it first")
    temporary = path.parent / f".{path.name[:50]}.{secrets.token_hex(4)}.tmp"
    try:
        with temporary.open("xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, temporary)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if os.name == "posix":  # without this a power cut could undo the renaming
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


# -- reading ----------------------------------------------------------------------------------------------------------
def _read(file: IO[bytes], path: str, weights_only: bool) -> Any:
    """The object in a file, whatever its format, or a CheckpointError that says why not."""
    try:
        start = file.read(9)
        file.seek(0)
        if start.startswith(b"PK\x03\x04"):
            return _unpacked(file, path, weights_only)
        if start[8:] == b"{":
            return safetensors.decoded(file.read(), path)
        raise CheckpointError(path, _foreign(start))
    except (CheckpointError, ImportError, MemoryError):
        raise
    except Exception as error:
        raise CheckpointError(path, f"the file is damaged or cut off ({error}); load an older one") from error


def _foreign(start: bytes) -> str:
    if not start:
        return "the file is empty; load an older one"
    if start[:1] == b"\x80":
        return PICKLE
    if start.startswith(b"\x93NUMPY"):
        return "it is a single .npy array; read it with numpy.load(path, allow_pickle=False)"
    return f"it is no checkpoint, its first bytes are {start!r}; give a file that nn.save wrote, or a .safetensors"


def _unpacked(file: IO[bytes], path: str, weights_only: bool) -> Any:
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        if any(name.endswith("data.pkl") for name in names):
            raise CheckpointError(path, PICKLE)
        if STRUCTURE not in names:
            raise CheckpointError(path, "it is a zip without structure.json; read an .npz with numpy.load")
        structure = json.loads(archive.read(STRUCTURE))
        if structure["format"] != FORMAT or structure["version"] != VERSION:
            found = f"{structure['format']}, version {structure['version']}"
            raise CheckpointError(path, f"it is a {found}; version {VERSION} can be read: update fromzero")
        numbers = {place["member"] for place in structure["arrays"]}
        memory = {number: _array(archive, f"arrays/{number}.npy", path) for number in sorted(numbers)}
    arrays = [_viewed(memory[place["member"]], place) for place in structure["arrays"]]
    return _Restored(arrays, path, weights_only).restored(structure["value"])


def _array(archive: zipfile.ZipFile, name: str, path: str) -> Array:
    """An array of the file; what its header claims is checked before memory is taken for it."""
    size = archive.getinfo(name).file_size
    with archive.open(name) as member:
        version = npy.read_magic(member)
        read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, _, dtype = read_header(member)
        if dtype.hasobject:
            raise CheckpointError(path, f"{name} holds Python objects; {PICKLE}")
        if math.prod(shape) * dtype.itemsize != size - member.tell():
            raise ValueError(f"{name} has {size} bytes, its header says {shape} of {dtype}")
    with archive.open(name) as member:
        return npy.read_array(member, allow_pickle=False)


def _viewed(memory: Array, place: dict[str, Any]) -> Array:
    if "dtype" not in place:
        return memory
    return np.ndarray(place["shape"], np.dtype(place["dtype"]), memory, place["offset"], place["strides"])


class _Restored:
    """Makes the objects that the JSON stands for."""

    def __init__(self, arrays: list[Array], path: str, weights_only: bool) -> None:
        self.arrays, self.path, self.weights_only = arrays, path, weights_only
        self._objects: list[Any] = []  # the modules so far, and the tensors in them
        self._inside = 0

    def restored(self, value: Any) -> Any:
        """The object: what is neither a list nor a plain value is a tag with its content."""
        arrays = self.arrays
        if isinstance(value, list):
            return [self.restored(entry) for entry in value]
        if not isinstance(value, dict):
            return value
        tag, content = next(iter(value.items()))
        if tag in ("dict", "OrderedDict"):
            pairs = ((self.restored(key), self.restored(entry)) for key, entry in content)
            return dict(pairs) if tag == "dict" else OrderedDict(pairs)
        make: dict[str, Callable[[], Any]] = {
            "parameter": lambda: self._tensor(Parameter(from_numpy(arrays[content]), value["requires_grad"])),
            "tensor": lambda: self._tensor(from_numpy(arrays[content]).requires_grad_(value["requires_grad"])),
            "module": lambda: self._module(content, value["state"]),
            "function": lambda: self._imported(content),
            "again": lambda: self._objects[content],
            "tuple": lambda: tuple(self.restored(content)),
            "array": lambda: arrays[content],
            "scalar": lambda: arrays[content][()],
            "bytes": lambda: arrays[content].tobytes(),
            "int": lambda: int(content, 16),
            "float": lambda: float(content),
            "complex": lambda: complex(*self.restored(content)),
            "dtype": lambda: np.dtype(content),
        }
        return make[tag]()

    def _tensor(self, tensor: Tensor) -> Tensor:
        if self._inside:
            self._objects.append(tensor)
        return tensor

    def _module(self, name: str, state: Any) -> Module:
        if self.weights_only:
            raise CheckpointError(
                self.path,
                f"it holds a whole module, {name}, whose code would be imported; pass weights_only=False if you trust "
                "the file, or save the state_dict",
            )
        cls = self._imported(name)
        if not isinstance(cls, type) or not issubclass(cls, Module):
            raise CheckpointError(self.path, f"{name} is no class of modules here; make it as it was saved")
        module = cls.__new__(cls)
        self._objects.append(module)
        self._inside += 1
        vars(module).update(self.restored(state))
        self._inside -= 1
        return module

    def _imported(self, name: str) -> Any:
        module, _, path = name.partition(":")
        try:
            found = _looked_up(importlib.import_module(module), path)
        except ImportError:
            found = None
        if found is None:
            raise CheckpointError(self.path, f"{name} cannot be imported; put the file that defines it where it was")
        return found
