"""CharTokenizer: a token for each character."""

from __future__ import annotations

from collections.abc import Iterable

from nn.errors import RangeError

__all__ = ["CharTokenizer"]


class CharTokenizer:
    """Turns a text into numbers, one for each character, and back.

    Args:
        characters: those of the vocabulary, e.g. the text that a model is trained on; they are numbered in the order of
            their code points, each once.

    Raises:
        RangeError: there are none.

    Example:
        >>> import nn
        >>> tokenizer = nn.data.CharTokenizer("hello world")
        >>> tokenizer.encode("hold")
        [3, 5, 4, 1]
        >>> tokenizer.decode([3, 5, 4, 1]), tokenizer.vocab_size
        ('hold', 8)
    """

    def __init__(self, characters: Iterable[str]) -> None:
        self.characters = sorted(set(characters))
        if not self.characters or max(map(len, self.characters)) != 1:
            raise RangeError("CharTokenizer: characters must hold at least one character, and nothing longer than one")
        self._numbers = {character: number for number, character in enumerate(self.characters)}

    @property
    def vocab_size(self) -> int:
        """How many characters it knows."""
        return len(self.characters)

    def encode(self, text: str) -> list[int]:
        """The number of each character.

        Raises:
            RangeError: a character is not in the vocabulary.
        """
        try:
            return [self._numbers[character] for character in text]
        except KeyError as error:
            unknown = error.args[0]
            raise RangeError(
                f"CharTokenizer: {unknown!r}, at place {text.index(unknown)} of the text, is not among the "
                f"{self.vocab_size} characters; leave it out, or build the tokeniser from a text that has it"
            ) from None

    def decode(self, ids: Iterable[int]) -> str:
        """The text of these numbers.

        Raises:
            RangeError: a number is none of the vocabulary's.
        """
        numbers = [int(number) for number in ids]
        for number in numbers:
            if not 0 <= number < self.vocab_size:
                raise RangeError(f"CharTokenizer: a token must be from 0 to {self.vocab_size - 1}, got {number}")
        return "".join(self.characters[number] for number in numbers)
