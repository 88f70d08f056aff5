"""How GPT-2 cuts a text before byte pairs are merged: into words with the space before them, numbers, and signs.

Letters and numbers are those of Unicode (categories L and N), for which Python's `re` has no names: the ranges are read
from `unicodedata`, so that they are of the version of Unicode that this Python knows. Space is what Unicode says it is
(White_Space), which is less than `str.isspace`.
"""

from __future__ import annotations

import functools
import re
import sys
import unicodedata

__all__: list[str] = []

SPACE = "\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"


def pieces(text: str) -> list[str]:
    """The pieces of a text, which joined are the text."""
    return _pattern().findall(text)


@functools.cache
def _pattern() -> re.Pattern[str]:
    """'s|'t|'re|'ve|'m|'ll|'d| ?letters+| ?numbers+| ?others+|space+ before no word|space+, made at the first use."""
    letters, numbers = (_ranges(category) for category in "LN")
    return re.compile(
        rf"'s|'t|'re|'ve|'m|'ll|'d| ?[{letters}]+| ?[{numbers}]+| ?[^{SPACE}{letters}{numbers}]+"
        rf"|[{SPACE}]+(?![^{SPACE}])|[{SPACE}]+"
    )


def _ranges(category: str) -> str:
    """All characters of a category, as what stands between the brackets of a regular expression."""
    found: list[list[int]] = []
    for point in range(sys.maxunicode + 1):
        if unicodedata.category(chr(point))[0] == category:
            if found and found[-1][1] == point - 1:
                found[-1][1] = point
            else:
                found.append([point, point])
    return "".join(f"{re.escape(chr(low))}-{re.escape(chr(high))}" for low, high in found)


@functools.cache
def letters_of_bytes() -> dict[int, str]:
    """A visible character for each byte: its own in Latin-1 where that is visible, else one from U+0100 on."""
    visible = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAC + 1), *range(0xAE, 0xFF + 1)]
    others = [byte for byte in range(256) if byte not in visible]
    return {byte: chr(byte) for byte in visible} | {byte: chr(256 + n) for n, byte in enumerate(others)}
