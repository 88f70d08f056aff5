"""Byte pairs are cut, merged, learned and written as the library tokenizers does it."""

import json
import random
import unicodedata

import pytest

from nn.data import ByteLevelBPETokenizer
from nn.data.pieces import letters_of_bytes, pieces
from nn.examples.corpora import python_topics

theirs = pytest.importorskip("tokenizers", reason="the oracle tokenizers is not installed")

TOPICS = python_topics()[:60_000]
ODD = [
    "", " ", "  ", "\n", " \n \n  x", "x  \t y ", "don't we'll I'VE 'sx", "12ab34 5,6", "a\u00a0b\u3000 c",
    "naïve Ⅷ²½ 世界", "e\u0301 a\u0308", "\U0001f600\U0001f468\u200d\U0001f469",
    "\x00\x1c\x1d x", "مرحبا ١٢٣ नमस्ते", "<|endoftext|>x", "a" * 50,
]  # fmt: skip


def random_texts(count):
    """Characters of all of Unicode that this Python knows, space and ASCII more often than the others."""
    draw = random.Random(0)
    known = [c for c in map(chr, range(0x30000)) if unicodedata.category(c) not in ("Cn", "Cs", "Co")]
    spaces = [" ", " ", "\n", "\t", "\x85", "\u2009", "\u3000", "\x1f"]
    pools = [known, known, spaces, list("abcXYZ"), list("'s't'll 've0129.,!")]
    return ["".join(draw.choice(draw.choice(pools)) for _ in range(40)) for _ in range(count)]


def test_every_text_is_cut_in_the_same_places():
    cut = theirs.pre_tokenizers.ByteLevel(add_prefix_space=False)
    letters = letters_of_bytes()
    for text in [*ODD, *random_texts(2000), TOPICS]:
        expected = [piece for piece, _ in cut.pre_tokenize_str(text)]
        assert ["".join(letters[b] for b in piece.encode()) for piece in pieces(text)] == expected


@pytest.fixture(scope="module")
def both():
    other = theirs.ByteLevelBPETokenizer()
    options = dict(vocab_size=700, min_frequency=2, special_tokens=["<|endoftext|>"])
    other.train_from_iterator([TOPICS, "aaaa aaaaa aaaaaaa"], show_progress=False, **options)
    return ByteLevelBPETokenizer.train_from_iterator([TOPICS, "aaaa aaaaa aaaaaaa"], **options), other


def test_the_same_merges_are_learned(both, tmp_path):
    ours, other = both
    other.save_model(str(tmp_path))
    assert ours.vocab == other.get_vocab()
    merges = (tmp_path / "merges.txt").read_text(encoding="utf-8").splitlines()[1:]
    assert [" ".join(pair) for pair in ours.merges] == merges


def test_the_same_numbers_are_given_and_read(both):
    ours, other = both
    for text in [*ODD, *random_texts(200), TOPICS]:
        ids = other.encode(text).ids
        assert ours.encode(text) == ids
        assert ours.decode(ids) == other.decode(ids, skip_special_tokens=False)


def test_each_reads_the_others_files(both, tmp_path):
    ours, other = both
    for folder in ("ours", "theirs"):
        (tmp_path / folder).mkdir()
    other.save_model(str(tmp_path / "theirs"))
    paths = ours.save_model(tmp_path / "ours")
    for name in ("vocab.json", "merges.txt"):
        texts = [(tmp_path / folder / name).read_text(encoding="utf-8") for folder in ("ours", "theirs")]
        assert json.loads(texts[0]) == json.loads(texts[1]) if name == "vocab.json" else texts[0] == texts[1]
    read = theirs.ByteLevelBPETokenizer.from_file(*paths)
    assert read.encode(TOPICS).ids == ours.encode(TOPICS)
    again = ByteLevelBPETokenizer.from_file(tmp_path / "theirs" / "vocab.json", tmp_path / "theirs" / "merges.txt")
    assert again.encode(TOPICS) == ours.encode(TOPICS)
