"""GPT on Python's own documentation, in byte pairs; then fine-tuned on NumPy's docstrings by LoRA.

What it must beat is a model of the last five characters, counted from the same text; both are measured in bits a
character. Beside the curves the run holds what the model writes after each epoch, what its heads look at, and its
tokens in the projector.
"""

from __future__ import annotations

import importlib.util
import math
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

import nn
from nn import functional as F
from nn.data import ByteLevelBPETokenizer, DataLoader, Dataset, TensorDataset
from nn.examples.console import Options, Report, Table, counted
from nn.examples.corpora import numpy_docstrings, python_topics, split
from nn.examples.fitting import fit
from nn.examples.ngram import NGram
from nn.models import GPT, GPTConfig
from nn.training import Callback
from nn.tuning import LoraConfig, inject_lora, merge_lora, save_adapter, trainable, unmerge_lora
from tbwriter import SummaryWriter

__all__ = ["train"]

EPOCHS, LR, BATCH = 10, 4e-3, 16
LORA_EPOCHS, LORA_LR, DOCSTRINGS = 3, 4e-3, 220_000
PROMPT = "The "


class Sizes(NamedTuple):
    """What a quick run has less of."""

    vocabulary: int
    context: int
    width: int
    layers: int
    heads: int
    characters: int | None
    written: int
    rank: int


WHOLE, QUICK = Sizes(1024, 64, 128, 4, 4, None, 150, 4), Sizes(300, 32, 32, 2, 2, 12_000, 10, 1)


class Windows(Dataset[nn.Tensor]):
    """Pieces of length + 1 tokens: one from each stretch of the text, beginning anywhere in it."""

    def __init__(self, tokens: nn.Tensor, length: int) -> None:
        self.tokens, self.length = tokens, length

    def __len__(self) -> int:
        return (len(self.tokens) - 1) // self.length - 1

    def __getitem__(self, index: int) -> nn.Tensor:
        start = index * self.length + int(nn.randint(0, self.length, ()))
        return self.tokens[start : start + self.length + 1]


class NextToken(nn.Module):
    """The loss of the next token, in bits.

    Args:
        net: a language model.
        lr: the rate after a short warm-up; it falls to a tenth, along half a cosine.
        steps: the steps of the whole training.
    """

    def __init__(self, net: GPT, lr: float, steps: int) -> None:
        super().__init__()
        self.net, self.lr, self.steps = net, lr, steps

    def _bits(self, pieces: nn.Tensor) -> nn.Tensor:
        return F.cross_entropy(self.net(pieces[:, :-1]).flatten(0, 1), pieces[:, 1:].flatten()) / math.log(2)

    def training_step(self, batch: Any, batch_idx: int) -> nn.Tensor:
        """The loss of a batch."""
        bits = self._bits(batch)
        self.log("train_bits", bits, on_step=True, on_epoch=True, prog_bar=True)
        return bits

    def validation_step(self, batch: Any, batch_idx: int) -> None:
        """Log bits a character."""
        self.log("val_bits", self._bits(batch[0]), prog_bar=True)

    def configure_optimizers(self) -> Any:
        """AdamW, without decay of biases and norms."""
        trained = [p for p in self.parameters() if p.requires_grad]
        groups = [
            {"params": [p for p in trained if (p.ndim > 1) == decayed], "weight_decay": 0.1 if decayed else 0.0}
            for decayed in (True, False)
        ]
        optimizer = nn.optim.AdamW([group for group in groups if group["params"]], lr=self.lr, betas=(0.9, 0.95))
        warm = max(1, min(100, self.steps // 10))

        def rate(step: int) -> float:
            done = min(1.0, step / max(1, self.steps))
            return min(1.0, (step + 1) / warm) * (0.55 + 0.45 * math.cos(math.pi * done))

        schedule = nn.optim.lr_scheduler.LambdaLR(optimizer, rate)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


class Looks(Callback):
    """After each epoch what the model writes and where its heads look; at the end its tokens, in the projector."""

    def __init__(self, tokenizer: ByteLevelBPETokenizer, phrase: str, count: int) -> None:
        self.tokenizer, self.phrase, self.count = tokenizer, phrase, count

    def on_train_epoch_end(self, trainer: Any, model: Any) -> None:
        """Let it write, and draw its attention."""
        prompt = nn.tensor([self.tokenizer.encode(PROMPT)])
        options = dict(temperature=0.8, top_p=0.95, generator=nn.Generator().manual_seed(0))
        drawn = [int(token) for token in model.net.stream(prompt, self.count, **options)]
        text = PROMPT + self.tokenizer.decode(drawn)
        indented = "\n".join(f"    {line}" for line in text.splitlines())
        trainer.logger.add_text("sample/temperature_0.8", indented, trainer.global_step)
        ids = self.tokenizer.encode(self.phrase)[:24]
        for layer, weights in nn.viewing.attention_weights(model.net, nn.tensor([ids])).items():
            shown = [repr(self.tokenizer.decode([token]))[1:-1] for token in ids]
            picture = nn.viewing.draw_attention(weights, shown, title=layer)
            trainer.logger.add_image(f"attention/{layer}", picture, trainer.global_step)

    def on_train_end(self, trainer: Any, model: Any) -> None:
        """Hand the vectors of the tokens to the projector."""
        table = model.net.lm_head.weight.detach()
        shown = [repr(self.tokenizer.decode([token])) for token in range(len(table))]
        nn.viewing.log_embedding(trainer.logger, table, shown, step=trainer.global_step, tag="tokens")


def bits_per_token(net: GPT, tokens: nn.Tensor, batch: int = 32) -> float:
    """Bits a token from the second one on; but for the first ones, each is read with half a window before it."""
    length, half = net.positions, net.positions // 2
    mode, losses = net.training, []

    def read(pieces: nn.Tensor, seen: int) -> None:
        logits = net(pieces[:, :-1])[:, seen:]
        loss = F.cross_entropy(logits.flatten(0, 1), pieces[:, 1 + seen :].flatten(), reduction="none")
        losses.append(loss.numpy())

    starts = list(range(0, len(tokens) - length, half)) or [0]
    with nn.no_grad():
        net.eval()
        read(tokens[None, : length + 1], 0)
        for i in range(1, len(starts), batch):
            read(nn.stack([tokens[start : start + length + 1] for start in starts[i : i + batch]]), length - half)
        left = len(tokens) - 1 - (starts[-1] + length)
        if left > 0:
            read(tokens[None, -(length + 1) :], length - left)
    net.train(mode)
    return float(np.concatenate(losses).mean()) / math.log(2)


def train(options: Options) -> Report:
    """Train, compare with the baseline, then fine-tune; the last tenth of each text is looked at once, at the end."""
    runs = []
    for seed in range(options.seed, options.seed + options.seeds):
        folder = options.log_dir if options.seeds == 1 else options.log_dir / f"seed-{seed}"
        runs.append(Run(replace(options, seed=seed, log_dir=folder)).figures())
    title = f"GPT on Python's topics, {counted(_epochs(options), 'epoch')}: bits a character of the held-out tenth"
    rows = [[f"{r['seed']}", f"{r['baseline']:.3f}", f"{r['bits']:.3f}", f"{r['parameters']:,}"] for r in runs]
    own = Table(f"{title}, {counted(len(runs), 'seed')}", ["seed", "5-gram", "GPT", "parameters"], rows)
    rows = [
        [f"{r['seed']}", text, f"{r[f'{key}_before']:.2f}", f"{r[f'{key}_after']:.2f}", f"{r['share']:.1%}",
         f"{r['merged']:.0e}"]
        for r in runs
        for key, text in (("own", "Python's topics"), ("new", "NumPy's docstrings"))
    ]  # fmt: skip
    title = f"LoRA on NumPy's docstrings: perplexity a token, {counted(len(runs), 'seed')}"
    new = Table(title, ["seed", "held-out text", "before", "after", "trained", "merging is off by (share)"], rows)
    return Report([own, new], options.log_dir, {"runs": runs})


def _epochs(options: Options) -> int:
    return options.epochs or (1 if options.quick else EPOCHS)


class Run:
    """One training with its fine-tuning."""

    def __init__(self, options: Options) -> None:
        nn.manual_seed(options.seed)
        self.options, self.sizes = options, QUICK if options.quick else WHOLE
        self.parts = split(python_topics()[: self.sizes.characters], 0.8, 0.1)
        self.tokenizer = ByteLevelBPETokenizer.train_from_iterator(self.parts[:1], self.sizes.vocabulary)
        self.net = GPT(
            GPTConfig(
                vocab_size=self.tokenizer.vocab_size,
                n_positions=self.sizes.context,
                n_embd=self.sizes.width,
                n_layer=self.sizes.layers,
                n_head=self.sizes.heads,
                attn_pdrop=0.0,
                initializer_range=0.06,
            )
        )

    def figures(self) -> dict[str, Any]:
        """Train, then fine-tune; what the tables say."""
        options = self.options
        own_train, own_val, own_test = self._tokens(self.parts)
        self._fit(own_train, own_val, _epochs(options), options.lr or LR, options)
        before, held_out = bits_per_token(self.net, own_test), self.parts[2]
        figures = dict(seed=options.seed, bits=before * (len(own_test) - 1) / len(held_out))
        characters = len(set("".join(self.parts)))
        figures |= dict(baseline=NGram(5, self.parts[0], characters).bits(held_out), parameters=trainable(self.net)[0])
        docstrings = numpy_docstrings()[: self.sizes.characters or DOCSTRINGS]
        new_train, new_val, new_test = self._tokens(split(docstrings, 0.8, 0.1))
        figures |= dict(own_before=2**before, new_before=2 ** bits_per_token(self.net, new_test))

        rank = self.sizes.rank
        inject_lora(self.net, LoraConfig(rank, 2 * rank, target_modules=["c_attn", "c_proj", "c_fc"]))
        trained, whole = trainable(self.net)
        epochs, folder = 1 if options.quick else LORA_EPOCHS, options.log_dir / "lora"
        self._fit(new_train, new_val, epochs, LORA_LR, replace(options, log_dir=folder))
        figures |= dict(share=trained / whole, merged=self._merging_differs_by(new_test))
        figures |= {f"{name}_after": 2 ** bits_per_token(self.net, test)
                    for name, test in (("own", own_test), ("new", new_test))}  # fmt: skip
        if importlib.util.find_spec("safetensors") is not None:
            save_adapter(self.net, options.log_dir / "adapter")
        with SummaryWriter(str(options.log_dir / "results")) as writer:
            for name, value in figures.items():
                writer.add_scalar(f"result/{name}", value, 0)
        return figures

    def _tokens(self, parts: list[str]) -> list[nn.Tensor]:
        return [nn.tensor(self.tokenizer.encode(part)) for part in parts]

    def _fit(self, train: nn.Tensor, val: nn.Tensor, epochs: int, lr: float, options: Options) -> None:
        length = self.sizes.context
        held = nn.stack([val[i : i + length + 1] for i in range(0, len(val) - length, length)])
        loaders = (
            DataLoader(Windows(train, length), batch_size=BATCH, shuffle=True, drop_last=True),
            DataLoader(TensorDataset(held), batch_size=64),
        )
        looks = Looks(self.tokenizer, self.parts[1][:200], self.sizes.written)
        fit(NextToken(self.net, lr, epochs * len(loaders[0])), loaders, options, epochs, [looks])

    def _merging_differs_by(self, tokens: nn.Tensor) -> float:
        """How far a logit is off with adapters in the weights, not beside them, of the largest logit."""
        piece = tokens[None, : self.sizes.context]
        self.net.eval()
        with nn.no_grad():
            logits = self.net(piece)
            merge_lora(self.net)
            merged = float((self.net(piece) - logits).abs().max() / logits.abs().max())
        unmerge_lora(self.net)
        return merged
