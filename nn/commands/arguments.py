"""Types of arguments: each reads a text of the command line, or says what was expected."""

from __future__ import annotations

import argparse


def positive_int(text: str) -> int:
    """A whole number of at least 1."""
    return _whole(text, 1, None)


def seed(text: str) -> int:
    """A whole number that seeds a generator."""
    return _whole(text, 0, 2**32 - 1)


def port(text: str) -> int:
    """The number of a port; 0 is any free one."""
    return _whole(text, 0, 65535)


def _whole(text: str, low: int, high: int | None) -> int:
    limits = f"of at least {low}" if high is None else f"from {low} to {high}"
    if not text.isascii() or not text.isdigit() or int(text) < low or (high is not None and int(text) > high):
        raise argparse.ArgumentTypeError(f"expected a whole number {limits}, got {text!r}")
    return int(text)


def positive_float(text: str) -> float:
    """A finite number above 0."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number above 0, got {text!r}")
    return value
