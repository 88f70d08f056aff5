"""Texts that are there offline: Python's own documentation topics, and the docstrings of NumPy."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Iterable, Iterator
from pydoc_data.topics import topics
from typing import Any

import numpy as np

__all__ = ["numpy_docstrings", "python_topics", "split"]


def python_topics() -> str:
    """The topics of `help()`, with each paragraph once: some stand in several of them, word by word."""
    return _without_repeats(topics[name] for name in sorted(topics))


def numpy_docstrings() -> str:
    """The docstrings of NumPy's functions and methods, with each paragraph once."""
    return _without_repeats(_docstrings())


def split(text: str, *shares: float) -> list[str]:
    """Consecutive parts of a text; the last one is what remains."""
    ends = [0, *(int(sum(shares[: i + 1]) * len(text)) for i in range(len(shares))), len(text)]
    return [text[start:end] for start, end in itertools.pairwise(ends)]


def _docstrings() -> Iterator[str]:
    for owner in (np, np.ndarray, np.linalg, np.fft, np.random):
        for name in sorted(set(dir(owner))):
            if not name.startswith("_") and name in vars(owner):
                documented: Any = vars(owner)[name]
                if callable(documented) or inspect.isdatadescriptor(documented):
                    yield inspect.getdoc(documented) or ""


def _without_repeats(texts: Iterable[str]) -> str:
    """What a held-out part has in common with the rest would be no test."""
    seen: set[str] = set()
    kept = []
    for paragraph in "\n\n".join(texts).split("\n\n"):
        words = " ".join(paragraph.split())
        if words and words not in seen:
            seen.add(words)
            kept.append(paragraph)
    return "\n\n".join(kept)
