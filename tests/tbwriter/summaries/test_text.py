import pytest

from tbwriter.messages.summary_pb2 import DATA_CLASS_TENSOR, Summary
from tbwriter.summaries.text import text


def test_a_text_is_a_string_tensor_of_the_text_dashboard():
    value = Summary.FromString(text("note", "**ü**")).value[0]
    assert value.tag == "note/text_summary"
    assert value.metadata.plugin_data.plugin_name == "text"
    assert value.metadata.data_class == DATA_CLASS_TENSOR
    assert not value.tensor.tensor_shape.dim
    assert value.tensor.string_val == ["**ü**".encode()]


def test_what_has_no_utf8_is_replaced():
    assert Summary.FromString(text("note", "a\udc80")).value[0].tensor.string_val == [b"a?"]


def test_what_is_no_string_is_refused():
    with pytest.raises(
        TypeError, match=r"^add_text: tag 'note': the text must be a string of Markdown, got int 3; pass str\(value\)$"
    ):
        text("note", 3)
