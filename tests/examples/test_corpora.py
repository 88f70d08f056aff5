"""Texts that are there offline, with each paragraph once, so that a held-out part is held out."""

from nn.examples.corpora import numpy_docstrings, python_topics, split


def test_both_texts_are_long_and_repeat_no_paragraph():
    for text in (python_topics(), numpy_docstrings()):
        assert len(text) > 200_000
        paragraphs = [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]
        assert len(set(paragraphs)) == len(paragraphs)


def test_parts_follow_each_other():
    parts = split("0123456789", 0.7, 0.2)
    assert parts == ["0123456", "78", "9"]
    assert "".join(split("abc", 0.5)) == "abc"
