"""What to say of a name that is not there."""

from __future__ import annotations

import difflib
import sys
import traceback
from pathlib import Path
from typing import Any

from nn.compat.names import LEFT_OUT, PARTLY, names_in, table

__all__ = ["known_to_pytorch", "nearest", "reason", "refusal", "sentence"]


def sentence(dotted: str) -> str:
    """One sentence about a dotted name: who has it, why it is not here, which name is near, and which line asked."""
    return f"{reason(dotted)}{_asked()}"


def reason(dotted: str) -> str:
    """The same without the line."""
    why = next((text for name, text in LEFT_OUT.items() if f"{dotted}.".startswith(f"{name}.")), "")
    known = known_to_pytorch(dotted) or (why and dotted.rpartition(".")[0] not in table("absent"))
    near = "" if known and why else nearest(dotted)
    who = "PyTorch has it, fromzero has not" if known else "fromzero has no such name"
    return f"{dotted}: {who}{f' ({why})' if known and why else ''}{f'; the nearest name is {near}' if near else ''}"


def refusal(dotted: str) -> Any:
    """For a name that can be imported and looked at without harm: a function that says, called, what is not here."""

    def refuse(*args: Any, **named: Any) -> Any:
        raise NotImplementedError(sentence(dotted))

    return refuse if dotted.rpartition(".")[0] in PARTLY and known_to_pytorch(dotted) else None


def nearest(dotted: str) -> str:
    """The name here that looks most alike, or nothing."""
    module, _, name = dotted.rpartition(".")
    close = difflib.get_close_matches(name, sorted(names_in(module)), 1, 0.7)
    return f"{module}.{close[0]}" if close else ""


def known_to_pytorch(dotted: str) -> bool:
    """Whether PyTorch 2.13 has a public name that fromzero has not, by the table of what is absent."""
    module, _, name = dotted.rpartition(".")
    return name in table("absent").get(module, "").split()


def _asked() -> str:
    """The line of the program that asked: the first one outside of fromzero and of Python's import machinery."""
    for frame, line in traceback.walk_stack(sys._getframe()):
        file = frame.f_code.co_filename
        if not file.startswith((str(Path(__file__).parent.parent), "<frozen")):
            return f" ({Path(file).name}, line {line})"
    return ""
