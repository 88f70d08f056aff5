"""GPT: the Transformer that reads from left to right and says what comes next, with GPT-2's names and layout."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from nn import init
from nn.autograd.tape import wrap
from nn.errors import RangeError
from nn.functional.activation import gelu, silu
from nn.functional.attention import scaled_dot_product_attention
from nn.models.language import Cache, LanguageModel, causal_mask, known, require_sizes
from nn.modules.attention import KVCache
from nn.modules.container import ModuleDict, ModuleList
from nn.modules.dropout import Dropout
from nn.modules.embedding import Embedding
from nn.modules.linear import Linear
from nn.modules.module import Module
from nn.modules.normalization import LayerNorm
from nn.tensors.activation import relu
from nn.tensors.tensor import Tensor

__all__ = ["GPT", "GPTConfig"]

ACTIVATIONS: dict[str, Any] = {
    "gelu_new": lambda x: gelu(x, approximate="tanh"),
    "gelu_pytorch_tanh": lambda x: gelu(x, approximate="tanh"),
    "gelu": gelu,
    "relu": relu,
    "silu": silu,
    "swish": silu,
}


@dataclass(frozen=True)
class GPTConfig:
    """The sizes of a `GPT`: the names and defaults of GPT-2's configuration in the library transformers.

    Args:
        vocab_size: how many tokens there are.
        n_positions: how many tokens the model sees at once.
        n_embd: the width, a multiple of n_head.
        n_layer: how many blocks.
        n_head: how many heads of attention a block has.
        n_inner: the width in between of each block's network; None for 4 n_embd.
        activation_function: "gelu_new" (the approximation by tanh), "gelu", "relu" or "silu".
        resid_pdrop: dropout at the end of both parts of a block.
        embd_pdrop: dropout after the embeddings.
        attn_pdrop: dropout of the attention's weights.
        layer_norm_epsilon: the eps of the norms.
        initializer_range: the deviation of the first weights.
        tie_word_embeddings: whether the head is the table of the embeddings.

    Raises:
        RangeError: sizes below 1, or that do not fit each other; an unknown activation.
    """

    vocab_size: int = 50257
    n_positions: int = 1024
    n_embd: int = 768
    n_layer: int = 12
    n_head: int = 12
    n_inner: int | None = None
    activation_function: str = "gelu_new"
    resid_pdrop: float = 0.1
    embd_pdrop: float = 0.1
    attn_pdrop: float = 0.1
    layer_norm_epsilon: float = 1e-5
    initializer_range: float = 0.02
    tie_word_embeddings: bool = True

    def __post_init__(self) -> None:
        require_sizes(self, "vocab_size", "n_positions", "n_embd", "n_layer", "n_head")
        if self.n_embd % self.n_head:
            raise RangeError(f"GPTConfig: n_embd must be a multiple of n_head, got {self.n_embd} and {self.n_head}")
        if self.activation_function not in ACTIVATIONS:
            raise RangeError(
                f"GPTConfig: activation_function must be one of {', '.join(ACTIVATIONS)}, "
                f"got {self.activation_function!r}"
            )

    @classmethod
    def read(cls, options: Mapping[str, Any]) -> GPTConfig:
        """The configuration in a `config.json`.

        Raises:
            ValueError: it is of another model, or has an option that is not known here.
        """
        required = {
            "model_type": "gpt2",
            "scale_attn_weights": True,
            "scale_attn_by_inverse_layer_idx": False,
            "add_cross_attention": False,
        }
        return cls(**known(cls, options, required))

    def written(self) -> dict[str, Any]:
        """What a `config.json` says."""
        return {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], **asdict(self)}


class Attention(Module):
    """Causal self-attention with one map to queries, keys and values."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.n_head, self.dropout = config.n_head, config.attn_pdrop
        self.c_attn = Linear(config.n_embd, 3 * config.n_embd)
        self.c_proj = Linear(config.n_embd, config.n_embd)
        self.resid_dropout = Dropout(config.resid_pdrop)

    def _heads(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(N, T, E) -> three of (N, heads, T, E / heads)."""
        batch, steps, width = x.shape
        together = self.c_attn(x).reshape(batch, steps, 3, self.n_head, width // self.n_head)
        query, key, value = together.permute(2, 0, 3, 1, 4).unbind(0)
        return query, key, value

    def forward(self, x: Tensor, cache: KVCache | None = None) -> Tensor:
        """The mean of the values, weighted by how well query and key fit."""
        batch, steps, width = x.shape
        query, key, value = self._heads(x)
        before = 0
        if cache is not None:
            before = len(cache)
            key, value = cache.update(key, value)
        p = self.dropout if self.training else 0.0
        y = scaled_dot_product_attention(query, key, value, causal_mask(steps, before), p)
        return self.resid_dropout(self.c_proj(y.transpose(1, 2).reshape(batch, steps, width)))


class MLP(Module):
    """The network at each step."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        inner = config.n_inner or 4 * config.n_embd
        self.c_fc = Linear(config.n_embd, inner)
        self.c_proj = Linear(inner, config.n_embd)
        self.dropout = Dropout(config.resid_pdrop)
        self.activation = config.activation_function

    def forward(self, x: Tensor) -> Tensor:
        """W_2 f(W_1 x + b_1) + b_2."""
        return self.dropout(self.c_proj(ACTIVATIONS[self.activation](self.c_fc(x))))


class Block(Module):
    """x + attention(norm(x)), then x + network(norm(x))."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.ln_1 = LayerNorm(config.n_embd, config.layer_norm_epsilon)
        self.attn = Attention(config)
        self.ln_2 = LayerNorm(config.n_embd, config.layer_norm_epsilon)
        self.mlp = MLP(config)

    def forward(self, x: Tensor, cache: KVCache | None = None) -> Tensor:
        """Both parts, each added to what it reads."""
        x = x + self.attn(self.ln_1(x), cache)
        return x + self.mlp(self.ln_2(x))


class GPT(LanguageModel):
    """GPT-2: tokens and positions embedded, blocks of causal attention and a network, and a logit for each next token.

    Names of modules and weights are those of `GPT2LMHeadModel` in the library transformers, whose folders
    `from_pretrained` reads and `save_pretrained` writes; weights that its `Conv1D` keeps as (in, out) are (out, in)
    here, as in every `Linear`.

    Args:
        config: the sizes; None for those of the smallest GPT-2.

    Shape:
        tokens (N, T) -> logits (N, T, vocab_size)

    Raises:
        RangeError: a token is not in the vocabulary, or there are more than n_positions of them.

    Example:
        >>> import nn
        >>> _ = nn.manual_seed(0)
        >>> model = nn.models.GPT(nn.models.GPTConfig(vocab_size=5, n_positions=8, n_embd=8, n_layer=2, n_head=2))
        >>> model(nn.tensor([[0, 1, 2]])).shape
        (1, 3, 5)
        >>> model.lm_head.weight is model.transformer.wte.weight
        True

    References:
        Radford et al., Language Models are Unsupervised Multitask Learners, 2019.
    """

    config_class = GPTConfig
    prefix = "transformer."
    _transposed = ("c_attn.weight", "c_proj.weight", "c_fc.weight")
    config: GPTConfig

    def __init__(self, config: GPTConfig | None = None) -> None:
        super().__init__()
        self.config = config = GPTConfig() if config is None else config
        self.transformer = ModuleDict(
            {
                "wte": Embedding(config.vocab_size, config.n_embd),
                "wpe": Embedding(config.n_positions, config.n_embd),
                "drop": Dropout(config.embd_pdrop),
                "h": ModuleList([Block(config) for _ in range(config.n_layer)]),
                "ln_f": LayerNorm(config.n_embd, config.layer_norm_epsilon),
            }
        )
        self.lm_head = Linear(config.n_embd, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.transformer.wte.weight
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the weights again: normal, and smaller by sqrt(2 n_layer) where they are added to the residual sum."""
        for name, parameter in self.named_parameters():
            if name.endswith("bias"):
                init.zeros_(parameter)
            elif ".ln_" in name:
                init.ones_(parameter)
            else:
                scale = 1 / math.sqrt(2 * self.config.n_layer) if name.endswith("c_proj.weight") else 1.0
                init.normal_(parameter, 0.0, self.config.initializer_range * scale)

    @property
    def positions(self) -> int:
        """How many tokens the model can see at once."""
        return self.config.n_positions

    @property
    def depth(self) -> int:
        """How many blocks it has."""
        return self.config.n_layer

    def forward(self, input_ids: Tensor, cache: Cache | None = None) -> Tensor:
        """The logits of what comes after each token; with a cache the tokens follow those in it."""
        before, parts = self._require_tokens(input_ids, cache), self.transformer
        places = wrap(np.arange(before, before + input_ids.shape[1]))
        x = parts.drop(parts.wte(input_ids) + parts.wpe(places))
        for i, block in enumerate(parts.h):
            x = block(x, cache[i] if cache else None)
        return self.lm_head(parts.ln_f(x))
