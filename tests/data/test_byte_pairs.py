"""Every text has tokens and comes back; files are GPT-2's; what does not fit together is refused."""

import copy
import json
import pickle

import pytest

import nn
from nn.data import ByteLevelBPETokenizer

TEXT = "the cat sat on the mat, the rat sat on the cat. " * 20
ODD = ["", " ", "naïve 世界 \U0001f600", "a\tb\r\n c  d", "don't", "\x00\x7f\xa0\u2028", "e\u0301", "\U00010348" * 3]


@pytest.fixture(scope="module")
def tokenizer():
    return ByteLevelBPETokenizer.train_from_iterator([TEXT], vocab_size=280, special_tokens=["<|endoftext|>"])


def test_every_text_comes_back(tokenizer):
    for text in [*ODD, TEXT]:
        assert tokenizer.decode(tokenizer.encode(text)) == text
        assert "".join(tokenizer.decode_stream(tokenizer.encode(text))) == text
    assert len(tokenizer.encode(TEXT)) < len(TEXT) / 2


def test_the_commonest_pair_is_merged_first(tokenizer):
    assert tokenizer.merges[0] == ("a", "t")
    assert tokenizer.merges[1:3] == [("h", "e"), ("t", "he")]
    assert tokenizer.tokens(" the cat") == ["Ġthe", "Ġcat"]


def test_merges_are_applied_in_their_order_and_to_all_of_a_word():
    letters = {letter: number for number, letter in enumerate("abc")}
    tokenizer = ByteLevelBPETokenizer({**letters, "ab": 3, "bc": 4, "abab": 5}, [("b", "c"), ("a", "b"), ("ab", "ab")])
    assert tokenizer.tokens("abc") == ["a", "bc"]
    assert tokenizer.tokens("ababa") == ["abab", "a"]
    assert tokenizer.tokens("ababab") == ["abab", "ab"]


def test_a_special_token_is_one_token_wherever_it_stands(tokenizer):
    ids = tokenizer.encode("the<|endoftext|> the")
    assert ids.count(0) == 1
    assert tokenizer.decode(ids) == "the<|endoftext|> the"
    plain = ByteLevelBPETokenizer(tokenizer.vocab, tokenizer.merges, special_tokens=[])
    assert 0 not in plain.encode("<|endoftext|>")
    longer = ByteLevelBPETokenizer({"a": 0, "b": 1, "<x>": 2, "<x><x>": 3}, [], ["<x>", "<x><x>"])
    assert longer.encode("a<x><x>b<x>") == [0, 3, 1, 2]


def test_a_character_is_streamed_when_it_is_complete(tokenizer):
    ids = tokenizer.encode("é<|endoftext|>世x")
    assert list(tokenizer.decode_stream(ids)) == ["é", "<|endoftext|>", "世", "x"]
    assert tokenizer.decode(ids[:1]) == "\ufffd"
    assert tokenizer.decode([*ids[:1], 0]) == "\ufffd<|endoftext|>"
    assert tokenizer.decode(nn.tensor(ids)) == "é<|endoftext|>世x"


def test_files_copies_and_pickles_give_the_same(tokenizer, tmp_path):
    vocab, merges = tokenizer.save_model(tmp_path / "folder")
    read = ByteLevelBPETokenizer.from_file(vocab, merges)
    for other in (read, copy.deepcopy(tokenizer), pickle.loads(pickle.dumps(tokenizer))):
        assert (other.vocab, other.merges, other.special_tokens) == (
            tokenizer.vocab, tokenizer.merges, tokenizer.special_tokens,
        )  # fmt: skip
        assert other.encode(TEXT) == tokenizer.encode(TEXT)
    text = (tmp_path / "folder" / "merges.txt").read_bytes()
    assert text.startswith(b"#version: 0.2\n")
    (tmp_path / "folder" / "merges.txt").write_bytes(text.replace(b"\n", b"\r\n"))
    assert ByteLevelBPETokenizer.from_file(vocab, merges).merges == tokenizer.merges


def test_a_vocabulary_holds_as_many_tokens_as_asked_for_or_as_there_are_pairs():
    assert ByteLevelBPETokenizer.train_from_iterator(["ab" * 9, "abc"], 258).vocab_size == 258
    assert ByteLevelBPETokenizer.train_from_iterator("ab ab", 1000).merges == [("a", "b")]
    assert ByteLevelBPETokenizer.train_from_iterator("ab ab", 1000, min_frequency=1).merges == [("a", "b"), ("Ġ", "ab")]
    assert ByteLevelBPETokenizer.train_from_iterator([], 256).merges == []


def test_one_long_word_takes_no_long():
    tokenizer = ByteLevelBPETokenizer.train_from_iterator(["a" * 4096], 300, min_frequency=1)
    assert tokenizer.decode(tokenizer.encode("a" * 20_000)) == "a" * 20_000


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ByteLevelBPETokenizer({"a": 0, "b": 0}, []), "two of the vocabulary share one"),
        (
            lambda: ByteLevelBPETokenizer({"a": 0, "b": 1}, [("a", "b")]),
            "the merge 'a' 'b' makes 'ab', which is",
        ),
        (lambda: ByteLevelBPETokenizer({"a": 0}, [], ["<x>"]), "the special token '<x>' is not in the vocabulary"),
        (lambda: ByteLevelBPETokenizer.train_from_iterator("a", 255), "vocab_size must be at least 256, .*, got 255"),
        (lambda: ByteLevelBPETokenizer({"a": 0}, []).encode("ab"), "'b' of 'ab' is not in the vocabulary"),
        (lambda: ByteLevelBPETokenizer({"a": 0}, []).encode("\ud800"), r"the text has '\\ud800', half of a surrogate"),
        (lambda: ByteLevelBPETokenizer({"a": 0}, []).decode([1]), "there is no token 1 among 1"),
    ],
)
def test_what_does_not_fit_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_damaged_files_are_refused(tokenizer, tmp_path):
    vocab, merges = tokenizer.save_model(tmp_path)
    for content, message in (
        ("{", "is no JSON"),
        ("[1]", "must hold a number for each"),
        ('{"a": "b"}', "number"),
    ):
        (tmp_path / "other.json").write_text(content)
        with pytest.raises(ValueError, match=message):
            ByteLevelBPETokenizer.from_file(tmp_path / "other.json", merges)
    (tmp_path / "other.txt").write_text("#version: 0.2\na t\nth\n")
    with pytest.raises(ValueError, match=r"other\.txt, line 3, must be two tokens and a space, got 'th'"):
        ByteLevelBPETokenizer.from_file(vocab, tmp_path / "other.txt")
    (tmp_path / "other.json").write_text(json.dumps({"a": 0, "t": 1}))
    with pytest.raises(ValueError, match="are the two files of one model"):
        ByteLevelBPETokenizer.from_file(tmp_path / "other.json", merges)
    with pytest.raises(FileNotFoundError):
        ByteLevelBPETokenizer.from_file(tmp_path / "nowhere.json", merges)
