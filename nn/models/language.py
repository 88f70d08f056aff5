"""What language models share: generation with a cache, and the folders of the library transformers."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from nn.autograd.grad_mode import no_grad
from nn.autograd.tape import wrap
from nn.checkpoint import load, save
from nn.errors import CheckpointError, PreconditionError, RangeError, ShapeError
from nn.modules.attention import KVCache
from nn.modules.module import Module
from nn.rng import Generator
from nn.tensors.arithmetic import where
from nn.tensors.joining import cat
from nn.tensors.random import multinomial
from nn.tensors.softmax import softmax
from nn.tensors.tensor import Tensor, from_numpy

__all__ = ["LanguageModel"]

Cache = list[KVCache]


class LanguageModel(Module):
    """Base of `GPT` and `Llama`: a subclass has `forward(input_ids, cache)`, `positions` and `depth`.

    Args:
        config: a dataclass with the names of the library transformers.
    """

    config_class: ClassVar[type[Any]]
    prefix: ClassVar[str]
    """What the names of all weights but the head's begin with; files of the model without a head lack it."""

    _transposed: ClassVar[tuple[str, ...]] = ()
    """Ends of the names of weights that are (in, out) in files, and (out, in) here."""

    config: Any

    def forward(self, input_ids: Tensor, cache: Cache | None = None) -> Tensor:
        """The logits of what comes after each token.

        Args:
            input_ids: the tokens; with a cache those that follow the ones in it.
            cache: from `new_cache`; it takes up the new tokens.

        Shape:
            (N, T) -> (N, T, vocab_size)
        """
        raise NotImplementedError

    @property
    def positions(self) -> int:
        """How many tokens the model can see at once."""
        raise NotImplementedError

    @property
    def depth(self) -> int:
        """How many blocks it has."""
        raise NotImplementedError

    def new_cache(self) -> Cache:
        """An empty cache for `forward`: one `KVCache` a block."""
        return [KVCache() for _ in range(self.depth)]

    def _require_tokens(self, input_ids: Tensor, cache: Cache | None) -> int:
        """Refuse tokens that are none, or too many; how many are in the cache."""
        name, size = type(self).__name__, self.config.vocab_size
        if not isinstance(input_ids, Tensor):
            raise TypeError(
                f"{name}: input_ids must be a tensor, got {type(input_ids).__name__}; give nn.tensor([[1, 2, 3]])"
            )
        if input_ids.ndim != 2 or input_ids.dtype.kind not in "iu":
            raise ShapeError(
                f"{name}: input_ids must be (N, T) whole numbers, got {input_ids.shape} of {input_ids.dtype}; "
                "give a batch of sequences, e.g. nn.tensor([[1, 2, 3]])"
            )
        if input_ids.numel() and not 0 <= int(input_ids.min()) <= int(input_ids.max()) < size:
            raise RangeError(
                f"{name}: tokens must be from 0 to {size - 1}, got {int(input_ids.min())} to {int(input_ids.max())}; "
                "is the tokeniser another model's?"
            )
        before = len(cache[0]) if cache else 0
        if before + input_ids.shape[1] > self.positions:
            raise RangeError(
                f"{name}: {before + input_ids.shape[1]} tokens are more than the {self.positions} positions of the "
                "model; give the last ones alone"
            )
        return before

    # -- generation ---------------------------------------------------------------------------------------------------
    def stream(
        self,
        input_ids: Tensor,
        max_new_tokens: int,
        *,
        do_sample: bool = True,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        eos_token_id: int | None = None,
        generator: Generator | None = None,
    ) -> Iterator[Tensor]:
        """Continue texts token by token: each is yielded as soon as it is drawn, (N,) for a batch of N.

        The tokens before are kept in a cache. Where a text is longer than the model can see, its end is read.

        Args:
            input_ids: the beginnings, (N, T), of one length.
            max_new_tokens: how many tokens to add.
            do_sample: draw from the probabilities; False takes the most probable token, and so does temperature 0.
            temperature: logits are divided by it: below 1 more cautious, above 1 bolder.
            top_k: draw among the k most probable tokens alone.
            top_p: draw among the fewest tokens that together have at least this probability alone.
            eos_token_id: a text that draws it is done, and only repeats it; the stream ends when all are done.
            generator: draws; None for the global one.

        Raises:
            RangeError: an option is out of range, or the prompt is empty.
            ShapeError: input_ids is no batch of tokens.

        Example:
            >>> import nn
            >>> _ = nn.manual_seed(0)
            >>> model = nn.models.GPT(nn.models.GPTConfig(vocab_size=5, n_positions=8, n_embd=8, n_layer=1, n_head=2))
            >>> len([token for token in model.stream(nn.tensor([[0, 1]]), 10, top_k=3)])
            10
        """
        caller = f"{type(self).__name__}.generate"
        if isinstance(max_new_tokens, bool) or not isinstance(max_new_tokens, int) or max_new_tokens < 0:
            raise RangeError(f"{caller}: max_new_tokens must be a whole number of 0 or more, got {max_new_tokens!r}")
        if not temperature >= 0:
            raise RangeError(f"{caller}: temperature must be 0 or more, got {temperature}")
        if top_k is not None and (isinstance(top_k, bool) or not isinstance(top_k, int | np.integer) or top_k < 1):
            raise RangeError(f"{caller}: top_k must be a whole number of 1 or more, got {top_k!r}")
        if top_p is not None and not 0 < top_p <= 1:
            raise RangeError(f"{caller}: top_p must be above 0 and at most 1, got {top_p}")
        seen = input_ids[:, -self.positions :] if getattr(input_ids, "ndim", 0) == 2 else input_ids
        self._require_tokens(seen, None)
        if not input_ids.numel():
            raise RangeError(f"{caller}: input_ids must hold at least one token, got {input_ids.shape}")
        greedy = not do_sample or temperature == 0

        def drawn(logits: Tensor) -> Tensor:
            if greedy:
                return logits.argmax(-1)
            probabilities = softmax(wrap(warped(logits.numpy(), temperature, top_k, top_p)), -1)
            return multinomial(probabilities, 1, generator=generator).squeeze(1)

        return self._stream(input_ids, max_new_tokens, drawn, eos_token_id)

    def _stream(self, tokens: Tensor, count: int, drawn: Any, end: int | None) -> Iterator[Tensor]:
        cache, new = self.new_cache(), tokens[:, -self.positions :]
        done = np.zeros(tokens.shape[0], np.bool_)
        for _ in range(count):
            if len(cache[0]) + new.shape[1] > self.positions:  # the window moves on, and positions with it
                cache, new = self.new_cache(), tokens[:, -self.positions :]
            with self._evaluating():
                logits = self(new, cache)[:, -1]
            token: Tensor = drawn(logits)
            if end is not None:
                token = where(wrap(done), end, token)
                done = done | (token.numpy() == end)
            new = token.unsqueeze(1)
            tokens = cat([tokens, new], 1)
            yield token
            if done.all():
                return

    @contextmanager
    def _evaluating(self) -> Iterator[None]:
        """In evaluation mode and without gradients; then each part goes back to the mode that it was in."""
        modes = [(module, module.training) for module in self.modules()]
        self.eval()
        try:
            with no_grad():
                yield
        finally:
            for module, mode in modes:
                module.training = mode

    def generate(self, input_ids: Tensor, max_new_tokens: int, **options: Any) -> Tensor:
        """Texts with their continuation; the options are those of `stream`.

        Shape:
            (N, T) -> (N, T + max_new_tokens), or less where every text reached `eos_token_id`.

        Example:
            >>> import nn
            >>> model = nn.models.GPT(nn.models.GPTConfig(vocab_size=5, n_positions=8, n_embd=8, n_layer=1, n_head=2))
            >>> model.generate(nn.tensor([[0, 1]]), 3, do_sample=False).shape
            (1, 5)
        """
        return cat([input_ids, *(token.unsqueeze(1) for token in self.stream(input_ids, max_new_tokens, **options))], 1)

    # -- files --------------------------------------------------------------------------------------------------------
    @classmethod
    def from_pretrained(cls, folder: str | os.PathLike[str]) -> Any:
        """A model from a folder that the library transformers wrote: `config.json` and `model.safetensors`.

        Raises:
            CheckpointError: a file is damaged, of another model, or has an option that is not known here.
            OSError: there is no such folder.
            ImportError: the extra `safetensors` is not installed.
        """
        folder = Path(folder)
        path = folder / "config.json"
        try:
            read = json.loads(path.read_text(encoding="utf-8"))
            config = cls.config_class.read(read)
        except (TypeError, ValueError) as error:
            raise CheckpointError(str(path), f"it is no configuration of {cls.__name__}; {error}") from error
        made: Any = cls
        model = made(config)
        model.load_weights(folder)
        return model.eval()

    def load_weights(self, source: str | os.PathLike[str]) -> None:
        """Load the weights of a `.safetensors` file, or of a folder with one or several, by transformers' names.

        Raises:
            CheckpointError: the weights are of another model.
        """
        path = Path(source)
        state: dict[str, Any] = {}
        for file in _weight_files(path):
            state |= load(file)
        read, own = self._from_file(state), self.state_dict()
        for names, what in (([n for n in own if n not in read], "lacks"), ([n for n in read if n not in own], "has")):
            if names:
                more = f" and {len(names) - 1} more" if len(names) > 1 else ""
                raise CheckpointError(
                    str(path), f"it is of another model than this {type(self).__name__}: it {what} {names[0]!r}{more}"
                )
        try:
            self.load_state_dict(read)
        except RuntimeError as error:
            raise CheckpointError(str(path), f"it is of another model; {error}") from error

    def save_pretrained(self, folder: str | os.PathLike[str]) -> None:
        """Write a folder that `from_pretrained` reads, here and in the library transformers.

        Raises:
            PreconditionError: the model has LoRA adapters.
            ImportError: the extra `safetensors` is not installed.
        """
        state = {name: value.detach().numpy() for name, value in self.state_dict().items()}
        if any("lora_" in name for name in state):
            raise PreconditionError(
                f"{type(self).__name__}.save_pretrained: the model has adapters; call nn.tuning.unload_lora before, "
                "or write them alone by nn.tuning.save_adapter"
            )
        if self.config.tie_word_embeddings:
            del state["lm_head.weight"]
        state = {name: value.T if name.endswith(self._transposed) else value for name, value in state.items()}
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        save(state, folder / "model.safetensors")
        written = json.dumps(self.config.written(), indent=2) + "\n"
        (folder / "config.json").write_text(written, encoding="utf-8")

    def _from_file(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """The weights of a file by the names, and in the layout, that they have here."""
        whole = any(name.startswith(self.prefix) for name in state)
        own, read = self.state_dict(), {}
        for name, value in state.items():
            here = name if whole or name == "lm_head.weight" else self.prefix + name
            if here not in own and here.endswith((".attn.bias", ".attn.masked_bias", "rotary_emb.inv_freq")):
                continue  # masks and angles, which older files hold too
            turned = here.endswith(self._transposed) and len(value.shape) == 2
            read[here] = from_numpy(value.numpy().T) if turned else value
        embedding = next(name for name in own if name.startswith(self.prefix))
        if self.config.tie_word_embeddings and embedding in read:
            read["lm_head.weight"] = read[embedding]
        return read


def _weight_files(path: Path) -> list[Path]:
    """The files that hold the weights: one, or those that an index lists."""
    if not path.is_dir():
        return [path]
    index = path / "model.safetensors.index.json"
    if not index.exists():
        return [path / "model.safetensors"]
    return [path / name for name in sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))]


def known(config: type[Any], read: Mapping[str, Any], required: Mapping[str, Any]) -> dict[str, Any]:
    """Those options of a file that a configuration has, where all others that matter have their one known value."""
    for name, value in required.items():
        if read.get(name, value) != value:
            raise ValueError(f"{name} must be {value!r}, got {read[name]!r}, which is not known here")
    names = {field.name for field in dataclasses.fields(config)}
    return {name: value for name, value in read.items() if name in names}


def require_sizes(config: Any, *names: str) -> None:
    """Refuse sizes that are no whole numbers of 1 or more."""
    for name in names:
        value = getattr(config, name)
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise RangeError(f"{type(config).__name__}: {name} must be a whole number of 1 or more, got {value!r}")


def warped(
    logits: NDArray[Any], temperature: float = 1.0, top_k: int | None = None, top_p: float | None = None
) -> NDArray[Any]:
    """Logits (N, V) divided by the temperature, and -inf for tokens that are not to be drawn; of equals all stay."""
    logits = logits / np.asarray(temperature, logits.dtype)
    if top_k is not None and top_k < logits.shape[-1]:
        least = np.partition(logits, -top_k, axis=-1)[:, -top_k, None]
        logits = np.where(logits < least, -np.inf, logits)
    if top_p is not None and top_p < 1:
        order = np.argsort(-logits, axis=-1, kind="stable")
        ordered = np.take_along_axis(logits, order, -1)
        shares = np.exp(ordered - ordered[:, :1])
        shares = shares / shares.sum(-1, keepdims=True)
        before = np.cumsum(shares, -1) - shares
        ordered = np.where(before < top_p, ordered, -np.inf)
        logits = np.empty_like(logits)
        np.put_along_axis(logits, order, ordered, -1)
    return logits


def causal_mask(steps: int, before: int) -> Tensor | None:
    """Which of `before` + `steps` tokens each of the last `steps` sees; None where there is one, which sees all."""
    return wrap(np.tri(steps, before + steps, before, dtype=np.bool_)) if steps > 1 else None
