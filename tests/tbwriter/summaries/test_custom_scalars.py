import re

import pytest

from tbwriter.messages.plugins_pb2 import Layout
from tbwriter.messages.summary_pb2 import Summary
from tbwriter.summaries.custom_scalars import CustomScalars

WHERE = "add_custom_scalars"


@pytest.fixture
def charts():
    return CustomScalars()


def read(charts):
    """Titles and contents by category."""
    (value,) = Summary.FromString(charts.summary()).value
    assert (value.tag, value.metadata.plugin_data.plugin_name) == ("custom_scalars__config__", "custom_scalars")
    assert not value.tensor.tensor_shape.dim
    layout = Layout.FromString(value.tensor.string_val[0])
    return {category.title: {chart.title: chart for chart in category.chart} for category in layout.category}


def test_a_multiline_chart_matches_its_tags_and_no_other(charts):
    charts.add(WHERE, {"all": {"loss": ["Multiline", ["loss.1/a (x)", "b"]]}})
    patterns = read(charts)["all"]["loss"].multiline.tag
    tags = ["loss.1/a (x)", "b", "bb", "loss_1/a (x)", "loss.1/a (x)/c"]
    shown = [tag for tag in tags if any(re.match(pattern, tag) for pattern in patterns)]
    assert shown == ["loss.1/a (x)", "b"]


def test_a_regular_expression_stays_one(charts):
    charts.add(WHERE, {"all": {"loss": ["Multiline", [re.compile("loss/.*"), "x"]]}})
    assert read(charts)["all"]["loss"].multiline.tag == ["loss/.*", "x$"]


def test_a_margin_chart_takes_names_by_threes(charts):
    charts.add(WHERE, {"all": {"loss": ["Margin", ["v.1", "l", "u", "v2", "l2", "u2"]]}})
    series = read(charts)["all"]["loss"].margin.series
    assert [(one.value, one.lower, one.upper) for one in series] == [("v.1", "l", "u"), ("v2", "l2", "u2")]


def test_charts_add_up_and_one_of_the_same_title_is_replaced(charts):
    charts.add(WHERE, {"a": {"x": ["Multiline", ["1"]], "y": ["Multiline", ["2"]]}})
    charts.add(WHERE, {"a": {"x": ["Multiline", ["3"]]}, "b": {"z": ["multiline", ("4",)]}})
    pages = read(charts)
    assert {title: list(page) for title, page in pages.items()} == {"a": ["x", "y"], "b": ["z"]}
    assert pages["a"]["x"].multiline.tag == ["3$"]


CHART = f"{WHERE}: chart 'x'"


@pytest.mark.parametrize(
    ("layout", "kind", "message"),
    [
        ([1], TypeError, f"{WHERE}: the layout must be {{category: {{title: [kind, tags]}}}}, got list [1]"),
        (
            {"a": ["x"]}, TypeError,
            f"{WHERE}: the charts of category 'a' must be {{title: [kind, tags]}}, got list ['x']",
        ),
        (
            {"a": {"x": ["Pie", ["1"]]}}, ValueError,
            f"{CHART} must be ['Multiline', tags] or ['Margin', tags], got list ['Pie', ['1']]",
        ),
        (
            {"a": {"x": ["Multiline", "1"]}}, ValueError,
            f"{CHART} must be ['Multiline', tags] or ['Margin', tags], got list ['Multiline', '1']",
        ),
        (
            {"a": {"x": ["Multiline", []]}}, ValueError,
            f"{CHART}: expected a list of tags of scalars, got list []",
        ),
        (
            {"a": {"x": ["Multiline", [7]]}}, ValueError,
            f"{CHART}: expected a list of tags of scalars, got list [7]",
        ),
        (
            {"a": {"x": ["Margin", ["1", "2"]]}}, ValueError,
            f"{CHART}: a margin chart takes tags by threes, value, lower and upper bound; got 2 of them",
        ),
        (
            {"a": {"x": ["Margin", ["1", "2", re.compile("3")]]}}, ValueError,
            f"{CHART}: a margin chart takes tags by threes, value, lower and upper bound; got a regular expression",
        ),
    ],
)  # fmt: skip
def test_what_is_no_layout_is_refused_and_adds_nothing(charts, layout, kind, message):
    with pytest.raises(kind) as caught:
        charts.add(WHERE, layout)
    assert str(caught.value) == message
    assert read(charts) == {}
