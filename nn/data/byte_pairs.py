"""ByteLevelBPETokenizer: frequent sequences of bytes are tokens, so that every text has some, as in GPT-2."""

from __future__ import annotations

import codecs
import functools
import itertools
import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from nn.data.merging import learned
from nn.data.pieces import letters_of_bytes, pieces
from nn.errors import RangeError

__all__ = ["ByteLevelBPETokenizer"]

END_OF_TEXT = "<|endoftext|>"
VOCAB, MERGES = "vocab.json", "merges.txt"


class ByteLevelBPETokenizer:
    """Byte-pair encoding of bytes: a text is cut into words, and in each of them listed pairs are merged in order.

    The vocabulary files are GPT-2's, `vocab.json` and `merges.txt`; the class and its methods have the names, and give
    the numbers, of the library tokenizers. Characters that are newer than this Python's Unicode are cut like signs.

    Args:
        vocab: the number of each token, written with a visible letter for each byte.
        merges: the pairs of tokens that are merged, the most urgent first.
        special_tokens: texts that are one token each and are never cut; None for <|endoftext|>, if it has a number.

    Raises:
        RangeError: a merge or a special token is not in the vocabulary, or a number is given twice.

    Example:
        >>> import nn
        >>> tokenizer = nn.data.ByteLevelBPETokenizer.train_from_iterator(["low lower lowest"] * 2, vocab_size=260)
        >>> tokenizer.encode("lower"), tokenizer.tokens("lower")
        ([257, 68, 81], ['low', 'e', 'r'])
        >>> tokenizer.decode(tokenizer.encode("naïve 世界"))
        'naïve 世界'

    References:
        Sennrich, Haddow and Birch, Neural Machine Translation of Rare Words with Subword Units, ACL 2016; Radford et
        al., Language Models are Unsupervised Multitask Learners, 2019, section 2.2.
    """

    def __init__(
        self,
        vocab: Mapping[str, int],
        merges: Iterable[tuple[str, str]],
        special_tokens: Sequence[str] | None = None,
    ) -> None:
        name = type(self).__name__
        self.vocab, self.merges = dict(vocab), [(first, second) for first, second in merges]
        self._texts = {number: token for token, number in self.vocab.items()}
        if len(self._texts) != len(self.vocab):
            raise RangeError(f"{name}: each token must have a number of its own; two of the vocabulary share one")
        for first, second in self.merges:
            if first + second not in self.vocab:
                raise RangeError(
                    f"{name}: the merge {first!r} {second!r} makes {first + second!r}, which is not in the vocabulary; "
                    "are the two files of one model?"
                )
        self.special_tokens = [END_OF_TEXT] * (END_OF_TEXT in vocab) if special_tokens is None else list(special_tokens)
        for token in self.special_tokens:
            if token not in self.vocab:
                raise RangeError(f"{name}: the special token {token!r} is not in the vocabulary; give it a number")
        self._ranks = {pair: rank for rank, pair in enumerate(self.merges)}
        self._bytes = {letter: byte for byte, letter in letters_of_bytes().items()}
        self._cached = functools.lru_cache(2**16)(self._merged)  # words come again and again

    def __reduce__(self) -> tuple[type[ByteLevelBPETokenizer], tuple[object, ...]]:
        return type(self), (self.vocab, self.merges, self.special_tokens)

    @property
    def vocab_size(self) -> int:
        """How many tokens there are, special ones among them."""
        return len(self.vocab)

    # -- texts and numbers --------------------------------------------------------------------------------------------
    def encode(self, text: str) -> list[int]:
        """The numbers of a text.

        Raises:
            RangeError: the vocabulary lacks a byte, or the text has half of a surrogate pair.
        """
        return [number for part in self._parts(text) for number in self._numbers(part)]

    def tokens(self, text: str) -> list[str]:
        """The tokens of a text, as they stand in the vocabulary: with a visible letter for each byte."""
        return [self._texts[number] for number in self.encode(text)]

    def decode(self, ids: Iterable[int]) -> str:
        """The text of these numbers; bytes that are no UTF-8 become U+FFFD.

        Raises:
            RangeError: a number is none of the vocabulary's.
        """
        return "".join(self.decode_stream(ids))

    def decode_stream(self, ids: Iterable[int]) -> Iterator[str]:
        """The text of numbers as they come, piece by piece: of a character whose bytes are several tokens, at the last.

        Example:
            >>> import nn
            >>> tokenizer = nn.data.ByteLevelBPETokenizer.train_from_iterator([], vocab_size=256)
            >>> list(tokenizer.decode_stream(tokenizer.encode("aé")))
            ['a', 'é']
        """
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        for number in ids:
            token = self._texts.get(int(number))
            if token is None:
                raise RangeError(f"{type(self).__name__}: there is no token {int(number)} among {self.vocab_size}")
            if token in self.special_tokens:
                text = decoder.decode(b"", final=True) + token
                decoder.reset()
            else:
                text = decoder.decode(bytes(self._bytes[letter] for letter in token))
            if text:
                yield text
        rest = decoder.decode(b"", final=True)
        if rest:
            yield rest

    def _parts(self, text: str) -> list[str]:
        """The text between special tokens, and these."""
        if not self.special_tokens:
            return [text]
        longest_first = sorted(self.special_tokens, key=len, reverse=True)
        return re.split(f"({'|'.join(map(re.escape, longest_first))})", text)

    def _numbers(self, part: str) -> Iterator[int]:
        if part in self.special_tokens:
            yield self.vocab[part]
            return
        for piece in pieces(part):
            yield from self._cached(piece)

    def _merged(self, piece: str) -> tuple[int, ...]:
        """The numbers of one word."""
        letters = letters_of_bytes()
        try:
            word = [letters[byte] for byte in piece.encode("utf-8")]
        except UnicodeEncodeError as error:
            raise RangeError(
                f"{type(self).__name__}: the text has {piece[error.start]!r}, half of a surrogate pair: no bytes"
            ) from None
        far = len(self._ranks)
        while len(word) > 1:
            best = min(itertools.pairwise(word), key=lambda pair: self._ranks.get(pair, far))
            if best not in self._ranks:
                break
            word = _joined(word, *best)
        try:
            return tuple(self.vocab[token] for token in word)
        except KeyError as error:
            raise RangeError(
                f"{type(self).__name__}: {error.args[0]!r} of {piece!r} is not in the vocabulary, "
                "which should have all 256 bytes"
            ) from None

    # -- training and files -------------------------------------------------------------------------------------------
    @classmethod
    def train_from_iterator(
        cls,
        iterator: Iterable[str],
        vocab_size: int = 30000,
        min_frequency: int = 2,
        special_tokens: Sequence[str] = (),
    ) -> ByteLevelBPETokenizer:
        """A vocabulary of a text: special tokens, the 256 bytes, and merges of the commonest pairs.

        Args:
            iterator: the text, in parts: a word does not reach from one to the next.
            vocab_size: how many tokens there are to be; fewer where no pair is frequent enough any more.
            min_frequency: how often a pair has to be there.
            special_tokens: the first of the vocabulary.

        Raises:
            RangeError: vocab_size is less than the bytes and the special tokens.
        """
        tokens = [*dict.fromkeys(special_tokens), *sorted(letters_of_bytes().values())]
        if isinstance(vocab_size, bool) or not isinstance(vocab_size, int) or vocab_size < len(tokens):
            raise RangeError(
                f"{cls.__name__}: vocab_size must be at least {len(tokens)}, the 256 bytes and the special tokens, "
                f"got {vocab_size!r}"
            )
        if isinstance(iterator, str):
            iterator = [iterator]
        letters = letters_of_bytes()
        counts = Counter(piece for text in iterator for piece in pieces(text))
        words = Counter({"".join(letters[b] for b in piece.encode("utf-8")): n for piece, n in counts.items()})
        merges = learned(words, tokens, vocab_size, min_frequency)
        return cls({token: number for number, token in enumerate(tokens)}, merges, special_tokens)

    @classmethod
    def from_file(
        cls,
        vocab: str | os.PathLike[str],
        merges: str | os.PathLike[str],
        special_tokens: Sequence[str] | None = None,
    ) -> ByteLevelBPETokenizer:
        """A tokeniser from GPT-2's two files.

        Raises:
            RangeError: a file is damaged, or they do not belong together.
            OSError: a file is not there.
        """
        try:
            read = json.loads(Path(vocab).read_text(encoding="utf-8"))
        except ValueError as error:
            raise RangeError(f"{cls.__name__}: {vocab} is no JSON; {error}") from error
        if not isinstance(read, dict) or not all(isinstance(number, int) for number in read.values()):
            raise RangeError(f"{cls.__name__}: {vocab} must hold a number for each token, got something else")
        pairs = []
        for number, line in enumerate(Path(merges).read_text(encoding="utf-8").split("\n"), 1):
            if line and not line.startswith("#version"):
                first, _, second = line.rstrip("\r").partition(" ")
                if not second or " " in second:
                    raise RangeError(
                        f"{cls.__name__}: {merges}, line {number}, must be two tokens and a space, got {line!r}"
                    )
                pairs.append((first, second))
        return cls(read, pairs, special_tokens)

    def save_model(self, folder: str | os.PathLike[str]) -> list[str]:
        """Write `vocab.json` and `merges.txt` into a folder, which is made if it is not there; their paths."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        ordered = dict(sorted(self.vocab.items(), key=lambda item: item[1]))
        vocab = json.dumps(ordered, ensure_ascii=False, separators=(",", ":"))
        lines = ["#version: 0.2", *(f"{first} {second}" for first, second in self.merges), ""]
        (folder / VOCAB).write_text(vocab, encoding="utf-8")
        (folder / MERGES).write_text("\n".join(lines), encoding="utf-8", newline="\n")
        return [str(folder / VOCAB), str(folder / MERGES)]


def _joined(word: list[str], first: str, second: str) -> list[str]:
    """The word with every such pair as one token."""
    joined, i = [], 0
    while i < len(word):
        if word[i] == first and i + 1 < len(word) and word[i + 1] == second:
            joined.append(first + second)
            i += 2
        else:
            joined.append(word[i])
            i += 1
    return joined
