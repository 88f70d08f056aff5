"""Figures of matplotlib, drawn into pixels."""

import sys
from typing import Any

import numpy as np

from tbwriter.summaries.image import Pixels, grid


def figure_pixels(tag: str, figure: object) -> Pixels:
    """A figure as it would be saved, or several in a grid; matplotlib is the caller's.

    Args:
        tag: the tag at work, for messages.
        figure: a ``matplotlib.figure.Figure``, or a list of them.

    Returns:
        uint8 ``(H, W, 4)``: RGBA.

    Raises:
        TypeError: it is not a figure.
        ValueError: the list is empty.

    Example:
        >>> figure_pixels("plot", "no figure")
        Traceback (most recent call last):
        TypeError: add_figure: tag 'plot': expected a matplotlib Figure or a list of them, got an object of type str...
    """
    figures = list(figure) if isinstance(figure, (list, tuple)) else [figure]
    for one in figures:
        if not hasattr(one, "canvas"):
            got = f"an object of type {type(one).__name__}"
            expected = "expected a matplotlib Figure or a list of them"
            raise TypeError(f"add_figure: tag {tag!r}: {expected}, got {got}; of an Axes, pass its .figure")
    if not figures:
        raise ValueError(f"add_figure: tag {tag!r}: expected at least one figure, got an empty list")
    drawn = [_draw(one) for one in figures]
    height, width = np.max([picture.shape[:2] for picture in drawn], axis=0)
    page = np.full((len(drawn), height, width, 4), 255, np.uint8)
    for place, picture in zip(page, drawn, strict=True):
        place[: picture.shape[0], : picture.shape[1]] = picture
    return grid(page)


def _draw(figure: Any) -> Pixels:
    """On a canvas that needs no display; the figure keeps its own."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    own = figure.canvas
    try:
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        return np.array(canvas.buffer_rgba())
    finally:
        figure.set_canvas(own)


def close_figure(figure: object) -> None:
    """Have pyplot forget figures; one that it does not know is left as it is.

    Args:
        figure: a figure, or a list of them.

    Example:
        >>> close_figure([])
    """
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        for one in figure if isinstance(figure, (list, tuple)) else [figure]:
            pyplot.close(one)
