"""A character LSTM on text that every Python has: the topics of `help()`, 465 thousand characters of English."""

from __future__ import annotations

import math
from pydoc_data.topics import topics
from typing import Any

import nn
from nn import functional as F
from nn.data import DataLoader, TensorDataset
from nn.examples.console import Options, Report, counted
from nn.examples.fitting import Inside, fit, judged
from nn.models import CharLSTM
from nn.training import Callback

__all__ = ["corpus", "train"]

EPOCHS, LR = 6, 4e-3
LENGTH, PROMPT = 64, "The "


def corpus() -> str:
    """All topics, one after the other."""
    return "\n".join(topics[name] for name in sorted(topics))


def windows(text: str, characters: list[str]) -> TensorDataset:
    """The text in pieces of LENGTH + 1 characters, each beginning with the last one of the piece before."""
    numbers = {character: number for number, character in enumerate(characters)}
    whole = nn.tensor([numbers[character] for character in text])
    count = (len(text) - 1) // LENGTH
    pieces = nn.stack([whole[i * LENGTH : i * LENGTH + LENGTH + 1] for i in range(count)])
    return TensorDataset(pieces)


class Language(nn.Module):
    """The loss of the next character, in bits.

    Args:
        net: a `CharLSTM`.
        lr: the learning rate at the start.
        epochs: over which it falls to 0, along half a cosine.
    """

    def __init__(self, net: CharLSTM, lr: float, epochs: int) -> None:
        super().__init__()
        self.net, self.lr, self.epochs = net, lr, epochs

    def _bits(self, batch: Any) -> nn.Tensor:
        pieces = batch[0]
        logits, _ = self.net(pieces[:, :-1])
        return F.cross_entropy(logits.flatten(0, 1), pieces[:, 1:].flatten()) / math.log(2)

    def training_step(self, batch: Any, batch_idx: int) -> nn.Tensor:
        """The loss of a batch."""
        bits = self._bits(batch)
        self.log("train_bits", bits, on_step=True, on_epoch=True, prog_bar=True)
        return bits

    def validation_step(self, batch: Any, batch_idx: int) -> None:
        """Log bits a character, and the perplexity: among how many characters it hesitates."""
        bits = self._bits(batch)
        self.log("val_bits", bits, prog_bar=True)
        self.log("val_perplexity", 2 ** bits.item())

    def configure_optimizers(self) -> Any:
        """AdamW and its schedule."""
        optimizer = nn.optim.AdamW(self.parameters(), lr=self.lr)
        return [optimizer], [nn.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=self.epochs)]


class Writing(Callback):
    """After each epoch, what the network writes, more and less boldly; at the end its characters, in the projector."""

    def __init__(self, characters: list[str], count: int) -> None:
        self.characters, self.count = characters, count

    def on_train_epoch_end(self, trainer: Any, model: Any) -> None:
        """Let it write."""
        net = model.net.eval()
        for temperature in (0.5, 1.0):
            prompt = [self.characters.index(character) for character in PROMPT]
            drawn = net.generate(prompt, self.count, temperature, nn.Generator().manual_seed(0))
            text = PROMPT + "".join(self.characters[number] for number in drawn)
            indented = "\n".join(f"    {line}" for line in text.splitlines())
            trainer.logger.add_text(f"sample/temperature_{temperature}", indented, trainer.global_step)
        model.net.train()

    def on_train_end(self, trainer: Any, model: Any) -> None:
        """Hand the vectors of the characters to the projector."""
        shown = [repr(character) for character in self.characters]
        trainer.logger.add_embedding(model.net.encoder.weight.detach(), metadata=shown, global_step=trainer.global_step)


def train(options: Options) -> Report:
    """Train and validate once for each seed; the last tenth of the text is held out."""
    epochs = options.epochs or (1 if options.quick else EPOCHS)

    def once(options: Options) -> dict[str, Any]:
        nn.manual_seed(options.seed)
        text = corpus()[: 8000 if options.quick else None]
        characters = sorted(set(text + PROMPT))
        cut = len(text) * 9 // 10
        train, validation = windows(text[:cut], characters), windows(text[cut:], characters)
        net = CharLSTM(len(characters), *((16, 32) if options.quick else (64, 192)))
        loaders = DataLoader(train, batch_size=32, shuffle=True), DataLoader(validation, batch_size=128)
        looks = [Inside(net, train[0][0][None]), Writing(characters, 50 if options.quick else 400)]
        metrics = fit(Language(net, options.lr or LR, epochs), loaders, options, epochs, looks).callback_metrics
        return {"bits a character": metrics["val_bits"], "perplexity": 2 ** metrics["val_bits"]}

    return judged(options, f"A character LSTM on Python's topics, {counted(epochs, 'epoch')}", once)
