"""Warnings that point at the line of the user's program."""

import sys
import warnings


def warn(message: str) -> None:
    """Issue a RuntimeWarning for the nearest caller outside of this package.

    Args:
        message: what it says.

    Example:
        >>> with warnings.catch_warnings(record=True) as caught:
        ...     warnings.simplefilter("always")
        ...     warn("a step went back")
        >>> str(caught[0].message)
        'a step went back'
    """
    level, frame = 2, sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] == __name__.partition(".")[0]:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, RuntimeWarning, stacklevel=level)
