"""Which ops a function or a layer is made of: the example of its documentation is run, and its ops are watched.

So `fromzero ops conv2d` finds what people type, though the op is called `conv`.
"""

from __future__ import annotations

import contextlib
import difflib
import doctest
import functools
import importlib
import inspect
import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from nn.autograd.op import Op, registry

__all__ = ["find", "near"]

_FOLDERS = ("tensors", "functional", "linalg", "modules")


def find(name: str) -> tuple[str, list[str]] | None:
    """What is meant by a name, and the ops that it runs; None if there is no such op, function or layer.

    Example:
        >>> find("conv2d")
        ('nn.functional.conv2d', ['conv'])
        >>> find("lstm")[0]
        'nn.LSTM'
    """
    last = name.rpartition(".")[2]
    if last in registry:
        return last, [last]
    for key in sorted((key for key in _public() if _plain(key) == _plain(last)), key=lambda key: key != last):
        owner, target = _public()[key]
        if ops := _ops_of(target):
            return f"{owner}.{key}", ops
    return None


def near(name: str) -> list[str]:
    """Names of ops, functions and layers that look like this one, or hold it.

    Example:
        >>> "sin" in near("sinus")
        True
    """
    known = sorted({*registry, *_public()})
    plain = _plain(name.rpartition(".")[2])
    alike = difflib.get_close_matches(name.lower(), known, n=4, cutoff=0.6)
    holding = [k for k in known if min(len(plain), len(k)) > 2 and (plain in _plain(k) or plain.startswith(_plain(k)))]
    return list(dict.fromkeys([*alike, *sorted(holding, key=len)]))[:6]


def _plain(name: str) -> str:
    return name.lower().replace("_", "")


@functools.cache
def _public() -> dict[str, tuple[str, Any]]:
    """Every public function and layer, with the module by which users call it."""
    found: dict[str, tuple[str, Any]] = {}
    for folder in _FOLDERS:
        face = {"functional": "nn.functional", "linalg": "nn.linalg"}.get(folder, "nn")
        for path in sorted(Path(__file__).parent.joinpath(folder).glob("[!_]*.py")):
            module = importlib.import_module(f"nn.{folder}.{path.stem}")
            for name in getattr(module, "__all__", ()):
                target = getattr(module, name)
                if inspect.isfunction(target) or inspect.isclass(target):
                    found.setdefault(name, (face, target))
    return found


def _ops_of(target: Any) -> list[str]:
    """The ops that a function, or the forward of a layer, calls in its example, in order."""
    function = inspect.unwrap(getattr(target, "forward", target))
    if not inspect.isfunction(function) or not target.__doc__:
        return []
    found: dict[str, None] = {}
    with _watched(function.__code__, found), contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(Exception):
        names: dict[str, Any] = {}
        for example in doctest.DocTestParser().get_examples(target.__doc__):
            exec(compile(example.source, "<example>", "exec"), names)  # its own; "single" would show it in a notebook
    return list(found)


@contextlib.contextmanager
def _watched(code: CodeType, found: dict[str, None]) -> Iterator[None]:
    """Note every op that is called while a function with this code runs."""
    depth = 0

    def watch(frame: FrameType, event: str, _: Any) -> None:
        nonlocal depth
        if event not in ("call", "return"):
            return
        if frame.f_code is code:
            depth += 1 if event == "call" else -1
        elif event == "call" and depth and frame.f_code.co_name == "__call__":
            op = frame.f_locals.get("self")
            if isinstance(op, Op):
                found[op.name] = None

    before: Callable[..., Any] | None = sys.getprofile()
    sys.setprofile(watch)
    try:
        yield
    finally:
        sys.setprofile(before)
