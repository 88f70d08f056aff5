"""Pictures for the notebooks, a line each: lines, bars, points, planes, graphs, tables of numbers, images.

    curves(steps, {"train": losses, "test": others}, title="the loss", xlabel="step", log="y")

Each draws on an axis of `panels`, or on a figure of its own. They need matplotlib (extra `plot`). What is drawn from a
model without matplotlib, for a writer as well as for a notebook, is in `nn.viewing`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["bars", "curves", "graph", "heat", "images", "panels", "plane", "points"]

Array = NDArray[Any]
DPI = 70


def _pyplot() -> Any:
    """matplotlib.pyplot.

    Raises:
        ImportError: matplotlib is not installed.
    """
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        message = "nn.examples.pictures: the package matplotlib is not installed; pip install 'fromzero[plot]'"
        raise ImportError(message) from None
    return plt


def panels(columns: int = 1, rows: int = 1, *, size: tuple[float, float] = (4.2, 2.9), **options: Any) -> Any:
    """Axes side by side on one figure: one axis where there is one panel, else a flat array of them.

    Args:
        columns: panels a row.
        rows: rows of panels.
        size: width and height of each panel in inches; a notebook shows 70 pixels an inch.
        options: of `plt.subplots`, such as `sharey=True`.

    Example:
        >>> _ = __import__("pytest").importorskip("matplotlib")
        >>> left, right = panels(2)
        >>> left.figure.get_size_inches().tolist()
        [8.4, 2.9]
    """
    _, axes = _pyplot().subplots(
        rows, columns, figsize=(columns * size[0], rows * size[1]), dpi=DPI, layout="constrained", **options
    )
    return axes if rows * columns == 1 else axes.ravel()


def _labelled(axis: Any, title: str, xlabel: str, ylabel: str) -> Any:
    """The axis, or one on a figure of its own, with its texts."""
    axis = panels() if axis is None else axis
    axis.set(title=title, xlabel=xlabel, ylabel=ylabel)
    return axis


def curves(
    x: Any,
    lines: Mapping[str, Any],
    *,
    style: str | Sequence[str] = "-",
    marks: Mapping[str, tuple[float, float]] | None = None,
    log: str = "",
    title: str = "",
    xlabel: str = "",
    ylabel: str = "",
    axis: Any = None,
) -> None:
    """Draw lines over one x.

    Args:
        x: the places, (N,); None counts from 0.
        lines: the values of each line, (N,), by its name in the legend; a name that begins with "_" is not shown there.
        style: matplotlib's, such as "--" or ".-": for all lines, or one for each.
        marks: points to mark, (x, y) by the text beside each.
        log: the axes with a logarithmic scale: "x", "y" or "xy".
        title: above.
        xlabel: below.
        ylabel: at the left.
        axis: of `panels`; a figure of its own by default.

    Example:
        >>> _ = __import__("pytest").importorskip("matplotlib")
        >>> x = np.linspace(-1, 1, 50)
        >>> curves(x, {"square": x**2, "cube": x**3}, marks={"minimum": (0, 0)}, xlabel="x")
    """
    axis = _labelled(axis, title, xlabel, ylabel)
    styles = [style] * len(lines) if isinstance(style, str) else style
    for (name, y), one in zip(lines.items(), styles, strict=True):
        values = np.asarray(y)
        axis.plot(np.arange(len(values)) if x is None else x, values, one, label=name)
    for text, (mark_x, mark_y) in (marks or {}).items():
        axis.plot([mark_x], [mark_y], "o", color="black", markersize=4)
        axis.annotate(text, (mark_x, mark_y), textcoords="offset points", xytext=(5, 5), fontsize=9)
    if "x" in log:
        axis.set_xscale("log")
    if "y" in log:
        axis.set_yscale("log")
    axis.grid(alpha=0.3)
    if any(name and not name.startswith("_") for name in lines):
        axis.legend(fontsize=8)


def points(
    where: Any,
    labels: Any = None,
    *,
    path: bool = False,
    title: str = "",
    xlabel: str = "",
    ylabel: str = "",
    axis: Any = None,
) -> None:
    """Draw points, (N, 2): a colour and a form for each label, or a path from the first to the last.

    Args:
        where: the points.
        labels: a class for each, (N,).
        path: join them in their order.
        title: above.
        xlabel: below.
        ylabel: at the left.
        axis: of `panels`; a figure of its own by default.

    Example:
        >>> _ = __import__("pytest").importorskip("matplotlib")
        >>> points([[0, 0], [1, 1], [0, 1]], labels=[0, 0, 1], title="two classes")
    """
    axis = _labelled(axis, title, xlabel, ylabel)
    xy = np.asarray(where)
    kinds = np.zeros(len(xy), int) if labels is None else np.asarray(labels).ravel()
    names = np.unique(kinds)
    for name, form in zip(names, "os^vDP*X<>" * (1 + len(names) // 10), strict=False):
        chosen = xy[kinds == name]
        line = "-" if path else ""
        axis.plot(*chosen.T, line + form, markersize=5, markeredgecolor="white", label=str(name))
    if labels is not None:
        axis.legend(fontsize=8)


def plane(
    function: Callable[[Array], Any],
    x_range: tuple[float, float],
    y_range: tuple[float, float],
    *,
    levels: Any = None,
    where: Any = None,
    labels: Any = None,
    limits: tuple[float, float] | None = None,
    bar: str = "",
    resolution: int = 100,
    title: str = "",
    xlabel: str = "$x_1$",
    ylabel: str = "$x_2$",
    axis: Any = None,
) -> None:
    """Draw a function of two variables: as colours, or as contour lines where levels are given.

    Args:
        function: takes points (N, 2), gives N numbers.
        x_range: from, to.
        y_range: from, to.
        levels: the values at which to draw lines; for a decision between two classes, `levels=[0.5]` of a probability.
        where: points (M, 2) to draw on top.
        labels: their classes, (M,).
        limits: the numbers of the first and the last colour; by default the least and the greatest there are.
        bar: what the colours measure; no colour bar without it.
        resolution: places a side at which the function is computed.
        title: above.
        xlabel: below.
        ylabel: at the left.
        axis: of `panels`; a figure of its own by default.

    Example:
        >>> _ = __import__("pytest").importorskip("matplotlib")
        >>> plane(lambda at: at[:, 0] * at[:, 1], (-1, 1), (-1, 1), where=[[0.5, 0.5]], bar="product")
    """
    axis = _labelled(axis, title, xlabel, ylabel)
    x, y = np.meshgrid(np.linspace(*x_range, resolution), np.linspace(*y_range, resolution))
    values = np.asarray(function(np.stack([x.ravel(), y.ravel()], axis=1))).reshape(x.shape)
    if levels is None or len(levels) == 1:  # one level is a border between two colours
        low, high = (values.min(), values.max()) if limits is None else limits
        extent = (*x_range, *y_range)
        shown = axis.imshow(
            values, origin="lower", extent=extent, cmap="RdBu_r", vmin=low, vmax=high, aspect="auto", alpha=0.8
        )
        if bar:
            axis.figure.colorbar(shown, ax=axis, label=bar)
    if levels is not None:
        axis.contour(x, y, values, levels=levels, colors="black" if len(levels) == 1 else "grey", linewidths=0.7)
    if where is not None:
        points(where, labels, title=title, xlabel=xlabel, ylabel=ylabel, axis=axis)
    axis.set(xlim=x_range, ylim=y_range)


def bars(
    heights: Mapping[str, float],
    *,
    form: str = "{:g}",
    title: str = "",
    xlabel: str = "",
    ylabel: str = "",
    axis: Any = None,
) -> None:
    """Draw a bar for each name, with its number above.

    Args:
        heights: by name.
        form: how the numbers are written, such as "{:.1%}".
        title: above.
        xlabel: below.
        ylabel: at the left.
        axis: of `panels`; a figure of its own by default.

    Example:
        >>> _ = __import__("pytest").importorskip("matplotlib")
        >>> bars({"train": 0.99, "test": 0.91}, form="{:.0%}", ylabel="accuracy")
    """
    axis = _labelled(axis, title, xlabel, ylabel)
    drawn = axis.bar(list(heights), list(heights.values()), width=0.6)
    axis.bar_label(drawn, [form.format(height) for height in heights.values()], fontsize=8)
    axis.margins(y=0.15)


def heat(
    matrix: Any,
    *,
    form: str | None = "{:g}",
    rows: Sequence[Any] | None = None,
    columns: Sequence[Any] | None = None,
    limits: tuple[float, float] | None = None,
    colours: str = "RdBu_r",
    bar: str = "",
    title: str = "",
    xlabel: str = "",
    ylabel: str = "",
    axis: Any = None,
) -> None:
    """Draw a matrix, (H, W): a coloured cell for each number, with the number in it.

    Args:
        matrix: the numbers; a vector is one row.
        form: how they are written; None writes none.
        rows: a text for each row.
        columns: a text for each column.
        limits: the numbers of the first and the last colour; by default as far below 0 as above.
        colours: a colour map of matplotlib.
        bar: what the colours measure; no colour bar without it.
        title: above.
        xlabel: below.
        ylabel: at the left.
        axis: of `panels`; a figure of its own by default.

    Example:
        >>> _ = __import__("pytest").importorskip("matplotlib")
        >>> heat([[1, 0], [-0.5, 1]], rows=["a", "b"], title="a matrix")
    """
    axis = _labelled(axis, title, xlabel, ylabel)
    table = np.atleast_2d(np.asarray(matrix, float))
    most = float(np.abs(table[np.isfinite(table)]).max(initial=0.0)) or 1.0
    low, high = (-most, most) if limits is None else limits
    shown = axis.imshow(table, cmap=colours, vmin=low, vmax=high, alpha=0.75)
    if form is not None:
        for i, j in np.ndindex(table.shape):
            axis.text(j, i, form.format(table[i, j]), ha="center", va="center", fontsize=9)
    axis.set_xticks(range(table.shape[1]) if columns else [], columns)
    axis.set_yticks(range(table.shape[0]) if rows else [], rows)
    if bar:
        axis.figure.colorbar(shown, ax=axis, label=bar)


def images(
    pictures: Any,
    titles: Sequence[Any] | None = None,
    *,
    columns: int = 8,
    side: float = 1.1,
    limits: tuple[float, float] | None = None,
    colours: str = "gray",
    bar: str = "",
) -> None:
    """Draw images on a figure of their own, all in one scale.

    Args:
        pictures: (N, H, W), (N, 1, H, W) or, in colours from 0 to 1, (N, 3, H, W).
        titles: a text above each.
        columns: images a row.
        side: width of each in inches.
        limits: the numbers of the first and the last colour; by default the least and the greatest there are.
        colours: a colour map of matplotlib, for images of one channel.
        bar: what the colours measure; no colour bar without it.

    Example:
        >>> _ = __import__("pytest").importorskip("matplotlib")
        >>> images(np.eye(4).reshape(4, 2, 2), titles=["a", "b", "c", "d"], bar="brightness")
    """
    stack = np.asarray(pictures)
    stack = stack[:, 0] if stack.ndim == 4 and stack.shape[1] == 1 else stack
    columns = min(columns, len(stack))
    rows = -(-len(stack) // columns)
    axes = np.ravel(panels(columns, rows, size=(side, side * (1.25 if titles is not None else 1.05))))
    low, high = (stack.min(), stack.max()) if limits is None else limits
    for number, axis in enumerate(axes):
        axis.axis("off")
        if number < len(stack):
            one = stack[number] if stack.ndim == 3 else stack[number].transpose(1, 2, 0)
            shown = axis.imshow(one, cmap=colours, vmin=low, vmax=high)
            axis.set_title("" if titles is None else str(titles[number]), fontsize=8)
    if bar:
        axes[0].figure.colorbar(shown, ax=list(axes), label=bar)


def graph(
    nodes: Mapping[Any, str],
    edges: Mapping[tuple[Any, Any], str] | Sequence[tuple[Any, Any]],
    *,
    marked: Sequence[Any] = (),
    title: str = "",
    axis: Any = None,
) -> None:
    """Draw a graph without circles from left to right: each node behind all that lead to it.

    Args:
        nodes: the text of each.
        edges: (from, to), with a text for each or without.
        marked: nodes to draw in another colour.
        title: above.
        axis: of `panels`; a figure of its own by default.

    Example:
        >>> _ = __import__("pytest").importorskip("matplotlib")
        >>> graph({"x": "x", "y": "x * x"}, {("x", "y"): "2x"})
    """
    texts = edges if isinstance(edges, Mapping) else dict.fromkeys(edges, "")
    column = dict.fromkeys(nodes, 0)
    for _ in nodes:
        for source, target in texts:
            column[target] = max(column[target], column[source] + 1)
    for leaf in set(nodes) - {target for _, target in texts}:  # right before what it leads to first
        column[leaf] = min((column[target] for source, target in texts if source == leaf), default=1) - 1
    columns = [[node for node in nodes if column[node] == k] for k in range(max(column.values()) + 1)]
    where = {n: (k, -i + (len(row) - 1) / 2) for k, row in enumerate(columns) for i, n in enumerate(row)}
    axis = panels(size=(1.5 * len(columns), 0.9 * max(map(len, columns)) + 0.4)) if axis is None else axis
    for (source, target), text in texts.items():
        (x, y), (to_x, to_y) = where[source], where[target]
        bent = to_x - x > 1 and y == to_y  # past the nodes between
        arrow = {"arrowstyle": "->", "color": "grey", "shrinkA": 22, "shrinkB": 22}
        arrow["connectionstyle"] = "arc3,rad=0.25" if bent else "arc3"
        axis.annotate("", (to_x, to_y), (x, y), arrowprops=arrow)
        axis.text(
            (x + to_x) / 2, (y + to_y) / 2 + (-0.55 if bent else 0.08), text, color="tab:red", fontsize=9, ha="center"
        )
    for node, (x, y) in where.items():
        colour = "#ffd8a8" if node in marked else "#dbeafe"
        axis.text(x, y, nodes[node], ha="center", va="center", fontsize=9, bbox={"boxstyle": "round", "fc": colour})
    axis.set(xlim=(-0.6, len(columns) - 0.4), title=title)
    axis.set_ylim(-max(map(len, columns)) / 2 - 0.1, max(map(len, columns)) / 2 + 0.1)
    axis.axis("off")
