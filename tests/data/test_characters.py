"""A token for each character, in the order of code points, and back."""

import pytest

import nn
from nn.data import CharTokenizer


def test_a_text_comes_back():
    text = "naïve 世界 \U0001f600\n"
    tokenizer = CharTokenizer(text)
    assert tokenizer.decode(tokenizer.encode(text)) == text
    assert tokenizer.decode(nn.tensor(tokenizer.encode(text))) == text
    assert tokenizer.characters == sorted(set(text))
    assert sorted(set(tokenizer.encode(text))) == list(range(tokenizer.vocab_size))
    assert (tokenizer.encode(""), tokenizer.decode([])) == ([], "")


def test_what_is_not_in_the_vocabulary_is_refused():
    tokenizer = CharTokenizer("abc")
    with pytest.raises(ValueError, match="'d', at place 1 of the text, is not among the 3 characters; leave it out"):
        tokenizer.encode("adé")
    for wrong in (3, -1):
        with pytest.raises(ValueError, match=f"a token must be from 0 to 2, got {wrong}"):
            tokenizer.decode([0, wrong])
    for wrong in ("", ["ab"]):
        with pytest.raises(ValueError, match="characters must hold at least one character, and nothing longer"):
            CharTokenizer(wrong)
