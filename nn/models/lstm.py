"""The character LSTM: reads a text letter by letter, and says which comes next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nn.autograd.grad_mode import no_grad
from nn.errors import RangeError
from nn.modules.dropout import Dropout
from nn.modules.embedding import Embedding
from nn.modules.linear import Linear
from nn.modules.module import Module
from nn.modules.recurrent import LSTM
from nn.rng import Generator
from nn.tensors.random import multinomial
from nn.tensors.tensor import Tensor, tensor

__all__ = ["CharLSTM"]

State = tuple[Tensor, Tensor]


class CharLSTM(Module):
    """An embedding, layers of LSTM, and a logit for each character that may come next.

    The layers have the names of PyTorch's example of a language model: `encoder`, `rnn`, `decoder`; but the batch is
    the first axis.

    Args:
        vocab_size: the number of distinct characters.
        embedding: the length of a character's vector.
        hidden: the units of each layer.
        num_layers: the layers, one on top of the other.
        dropout: the share of units that are zeroed between layers while training.

    Shape:
        tokens (N, T) of whole numbers below vocab_size -> logits (N, T, vocab_size), and the state (h, c), each
        (num_layers, N, hidden)

    Example:
        >>> import nn
        >>> _ = nn.manual_seed(0)
        >>> model = nn.models.CharLSTM(vocab_size=5, embedding=4, hidden=8)
        >>> logits, (h, c) = model(nn.tensor([[0, 1, 2]]))
        >>> logits.shape, h.shape
        ((1, 3, 5), (1, 1, 8))
        >>> len(list(model.generate([0], 10)))
        10

    References:
        Hochreiter and Schmidhuber, Long Short-Term Memory, Neural Computation 9, 1997.
        Graves, Generating Sequences with Recurrent Neural Networks, 2013.
    """

    def __init__(
        self, vocab_size: int, embedding: int = 64, hidden: int = 128, num_layers: int = 1, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.drop = Dropout(dropout)
        self.encoder = Embedding(vocab_size, embedding)
        self.rnn = LSTM(embedding, hidden, num_layers, batch_first=True, dropout=dropout if num_layers > 1 else 0.0)
        self.decoder = Linear(hidden, vocab_size)

    def forward(self, tokens: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """The logits after each character, and the state after the last."""
        output, state = self.rnn(self.drop(self.encoder(tokens)), state)
        return self.decoder(self.drop(output)), state

    def generate(
        self, prompt: Sequence[int], count: int, temperature: float = 1.0, generator: Generator | None = None
    ) -> Iterator[int]:
        """Characters one by one, each drawn from softmax(logits / temperature) and read before the next.

        Args:
            prompt: what is read first; at least one character.
            count: how many to draw.
            temperature: above 1 is bolder, below 1 more cautious; 0 always takes the most probable.
            generator: draws; None for the global one.

        Raises:
            RangeError: the prompt is empty, or the temperature below 0.
        """
        if not len(prompt):
            raise RangeError("CharLSTM.generate: the prompt must hold at least one character, got none")
        if not temperature >= 0:
            raise RangeError(f"CharLSTM.generate: temperature must be 0 or more, got {temperature}")
        return self._drawn(prompt, count, temperature, generator)

    def _drawn(
        self, prompt: Sequence[int], count: int, temperature: float, generator: Generator | None
    ) -> Iterator[int]:
        tokens, state = tensor([list(prompt)]), None
        for _ in range(count):
            with no_grad():
                logits, state = self(tokens, state)
            last = logits[0, -1]
            if temperature == 0:
                drawn = last.argmax()
            else:
                drawn = multinomial((last / temperature).softmax(0), 1, generator=generator)
            token = int(drawn.item())
            yield token
            tokens = tensor([[token]])
