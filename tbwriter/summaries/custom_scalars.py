"""Custom scalars: a page of charts that each draw several tags."""

import re
from collections.abc import Iterator, Mapping, Sequence

from tbwriter.messages.plugins_pb2 import Category, Chart, Layout, MarginChartContent, MultilineChartContent
from tbwriter.summaries.tensor import string_tensor, summary, tensor_value
from tbwriter.values import describe

TAG = "custom_scalars__config__"

Charts = Mapping[str, Sequence[object]]  # by title: its kind, then its tags


class CustomScalars:
    """The charts of a run, by category and title. TensorBoard takes only the newest layout, so each holds them all.

    Example:
        >>> charts = CustomScalars()
        >>> charts.add("add_custom_scalars", {"all": {"loss": ["Multiline", ["train", "test"]]}})
        >>> [category.title for category in Layout.FromString(charts.layout()).category]
        ['all']
    """

    def __init__(self) -> None:
        self._charts: dict[str, dict[str, Chart]] = {}

    def add(self, where: str, layout: object) -> None:
        """Add charts; one that has category and title of an earlier one replaces it.

        Args:
            where: the method at work, for messages.
            layout: ``{category: {title: [kind, tags]}}``. The kind is "Multiline", or "Margin": lines with a margin,
                whose tags come in threes: value, lower and upper bound. A compiled regular expression stands for all
                the tags that it matches.

        Raises:
            TypeError, ValueError: the layout has another form; nothing is added.
        """
        added: dict[str, dict[str, Chart]] = {}
        for category, title, chart in _read(where, layout):
            added.setdefault(category, {})[title] = chart
        for category, charts in added.items():
            self._charts.setdefault(category, {}).update(charts)

    def layout(self) -> bytes:
        """All charts, as a serialised Layout."""
        categories = [Category(title=title, chart=charts.values()) for title, charts in self._charts.items()]
        encoded: bytes = Layout(category=categories).SerializeToString(deterministic=True)
        return encoded

    def summary(self) -> bytes:
        """All charts, as a serialised Summary."""
        return summary(tensor_value(TAG, string_tensor([self.layout()], ()), "custom_scalars"))


def _read(where: str, layout: object) -> Iterator[tuple[str, str, Chart]]:
    if not isinstance(layout, Mapping):
        raise TypeError(f"{where}: the layout must be {{category: {{title: [kind, tags]}}}}, got {describe(layout)}")
    for category, charts in layout.items():
        if not isinstance(charts, Mapping):
            expected = "must be {title: [kind, tags]}"
            raise TypeError(f"{where}: the charts of category {category!r} {expected}, got {describe(charts)}")
        for title, chart in charts.items():
            yield str(category), str(title), _chart(f"{where}: chart {title!r}", str(title), chart)


def _chart(context: str, title: str, chart: object) -> Chart:
    match chart:
        case [str(kind), [*tags]] if kind.lower() in {"multiline", "margin"}:
            pass
        case _:
            raise ValueError(f"{context} must be ['Multiline', tags] or ['Margin', tags], got {describe(chart)}")
    patterns = [_pattern(tag) for tag in tags if tag and isinstance(tag, (str, re.Pattern))]
    if not tags or len(patterns) < len(tags):
        raise ValueError(f"{context}: expected a list of tags of scalars, got {describe(tags)}")
    if kind.lower() == "multiline":
        return Chart(title=title, multiline=MultilineChartContent(tag=patterns))
    names = [tag for tag in tags if isinstance(tag, str)]
    if len(names) % 3 or len(names) < len(tags):
        got = f"{len(names)} of them" if len(names) == len(tags) else "a regular expression"
        raise ValueError(f"{context}: a margin chart takes tags by threes, value, lower and upper bound; got {got}")
    series = [
        MarginChartContent.Series(value=value, lower=lower, upper=upper)
        for value, lower, upper in zip(names[::3], names[1::3], names[2::3], strict=True)
    ]
    return Chart(title=title, margin=MarginChartContent(series=series))


def _pattern(tag: str | re.Pattern[str]) -> str:
    """The dashboard looks for tags that begin with a match of a regular expression; a name must match only itself."""
    return tag.pattern if isinstance(tag, re.Pattern) else f"{re.escape(tag)}$"
