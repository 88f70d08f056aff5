"""Llama: the GPT of today: RMSNorm, rotary positions, a gated network, and keys and values shared among queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from nn import init
from nn.errors import RangeError
from nn.functional.activation import silu
from nn.functional.attention import scaled_dot_product_attention
from nn.functional.position import rotary_embedding
from nn.models.language import Cache, LanguageModel, causal_mask, known, require_sizes
from nn.modules.attention import KVCache
from nn.modules.container import ModuleDict, ModuleList
from nn.modules.embedding import Embedding
from nn.modules.linear import Linear
from nn.modules.module import Module
from nn.modules.normalization import RMSNorm
from nn.tensors.tensor import Tensor

__all__ = ["Llama", "LlamaConfig"]


@dataclass(frozen=True)
class LlamaConfig:
    """The sizes of a `Llama`: the names and defaults of the configuration in the library transformers.

    Args:
        vocab_size: how many tokens there are.
        hidden_size: the width.
        intermediate_size: the width in between of each block's network.
        num_hidden_layers: how many blocks.
        num_attention_heads: how many heads of queries a block has.
        num_key_value_heads: how many heads of keys and values, each for several of the queries; None for as many.
        head_dim: the width of a head, even; None for hidden_size / num_attention_heads.
        max_position_embeddings: how many tokens the model sees at once.
        rms_norm_eps: the eps of the norms.
        rope_theta: the base of the rotary angles.
        attention_bias: whether the maps of the attention have biases.
        mlp_bias: whether those of the network have.
        attention_dropout: dropout of the attention's weights.
        initializer_range: the deviation of the first weights.
        tie_word_embeddings: whether the head is the table of the embeddings.

    Raises:
        RangeError: sizes below 1, or that do not fit each other.
    """

    vocab_size: int = 32000
    hidden_size: int = 4096
    intermediate_size: int = 11008
    num_hidden_layers: int = 32
    num_attention_heads: int = 32
    num_key_value_heads: int | None = None
    head_dim: int | None = None
    max_position_embeddings: int = 2048
    rms_norm_eps: float = 1e-6
    rope_theta: float = 10000.0
    attention_bias: bool = False
    mlp_bias: bool = False
    attention_dropout: float = 0.0
    initializer_range: float = 0.02
    tie_word_embeddings: bool = False

    def __post_init__(self) -> None:
        require_sizes(self, "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers",
                      "num_attention_heads", "max_position_embeddings", "kv_heads")  # fmt: skip
        heads = self.num_attention_heads
        if self.head_dim is None and self.hidden_size % heads:
            raise RangeError(
                "LlamaConfig: hidden_size must be a multiple of num_attention_heads, "
                f"got {self.hidden_size} and {heads}; or give head_dim"
            )
        if heads % self.kv_heads:
            raise RangeError(
                "LlamaConfig: num_attention_heads must be a multiple of num_key_value_heads, "
                f"got {heads} and {self.kv_heads}"
            )
        if self.width % 2:
            raise RangeError(f"LlamaConfig: the width of a head must be even, got {self.width}")

    @property
    def kv_heads(self) -> int:
        """How many heads of keys and values there are."""
        return self.num_attention_heads if self.num_key_value_heads is None else self.num_key_value_heads

    @property
    def width(self) -> int:
        """The width of a head."""
        return self.hidden_size // self.num_attention_heads if self.head_dim is None else self.head_dim

    @classmethod
    def read(cls, options: Mapping[str, Any]) -> LlamaConfig:
        """The configuration in a `config.json`.

        Raises:
            ValueError: it is of another model, or has an option that is not known here.
        """
        rope = dict(options.get("rope_parameters") or {})
        if rope.pop("rope_type", "default") != "default":
            raise ValueError(f"rope_type must be 'default', got {options['rope_parameters']['rope_type']!r}")
        required = {"model_type": "llama", "hidden_act": "silu", "rope_scaling": None, "pretraining_tp": 1}
        return cls(**{**known(cls, options, required), **({"rope_theta": rope["rope_theta"]} if rope else {})})

    def written(self) -> dict[str, Any]:
        """What a `config.json` says."""
        rope = {"rope_type": "default", "rope_theta": self.rope_theta}
        return {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_act": "silu",
                **asdict(self), "head_dim": self.width, "rope_parameters": rope}  # fmt: skip


class Attention(Module):
    """Causal self-attention with queries and keys turned by their positions."""

    def __init__(self, config: LlamaConfig) -> None:
        super().__init__()
        self.config = config
        width, bias = config.width, config.attention_bias
        self.q_proj = Linear(config.hidden_size, config.num_attention_heads * width, bias)
        self.k_proj = Linear(config.hidden_size, config.kv_heads * width, bias)
        self.v_proj = Linear(config.hidden_size, config.kv_heads * width, bias)
        self.o_proj = Linear(config.num_attention_heads * width, config.hidden_size, bias)

    def _heads(self, x: Tensor, before: int = 0) -> tuple[Tensor, Tensor, Tensor]:
        """(N, T, E) -> three of (N, heads, T, width); `before` is the position of the first token."""
        batch, steps, _ = x.shape
        query, key, value = (
            project(x).reshape(batch, steps, -1, self.config.width).transpose(1, 2)
            for project in (self.q_proj, self.k_proj, self.v_proj)
        )
        query, key = (rotary_embedding(x, before, self.config.rope_theta, interleaved=False) for x in (query, key))
        return query, key, value

    def forward(self, x: Tensor, cache: KVCache | None = None) -> Tensor:
        """The mean of the values, weighted by how well query and key fit."""
        batch, steps, _ = x.shape
        before = 0 if cache is None else len(cache)
        query, key, value = self._heads(x, before)
        if cache is not None:
            key, value = cache.update(key, value)
        p = self.config.attention_dropout if self.training else 0.0
        y = scaled_dot_product_attention(query, key, value, causal_mask(steps, before), p, enable_gqa=True)
        return self.o_proj(y.transpose(1, 2).reshape(batch, steps, -1))


class MLP(Module):
    """The gated network at each step (SwiGLU)."""

    def __init__(self, config: LlamaConfig) -> None:
        super().__init__()
        self.gate_proj = Linear(config.hidden_size, config.intermediate_size, config.mlp_bias)
        self.up_proj = Linear(config.hidden_size, config.intermediate_size, config.mlp_bias)
        self.down_proj = Linear(config.intermediate_size, config.hidden_size, config.mlp_bias)

    def forward(self, x: Tensor) -> Tensor:
        """W_down (silu(W_gate x) * W_up x)."""
        return self.down_proj(silu(self.gate_proj(x)) * self.up_proj(x))


class Block(Module):
    """x + attention(norm(x)), then x + network(norm(x))."""

    def __init__(self, config: LlamaConfig) -> None:
        super().__init__()
        self.self_attn = Attention(config)
        self.mlp = MLP(config)
        self.input_layernorm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.post_attention_layernorm = RMSNorm(config.hidden_size, config.rms_norm_eps)

    def forward(self, x: Tensor, cache: KVCache | None = None) -> Tensor:
        """Both parts, each added to what it reads."""
        x = x + self.self_attn(self.input_layernorm(x), cache)
        return x + self.mlp(self.post_attention_layernorm(x))


class Llama(LanguageModel):
    """Llama: a GPT with RMSNorm, rotary positions, SwiGLU, and keys and values shared among heads of queries.

    Names of modules and weights are those of `LlamaForCausalLM` in the library transformers, whose folders
    `from_pretrained` reads and `save_pretrained` writes.

    Args:
        config: the sizes; None for those of Llama 7B.

    Shape:
        tokens (N, T) -> logits (N, T, vocab_size)

    Raises:
        RangeError: a token is not in the vocabulary, or there are more than max_position_embeddings of them.

    Example:
        >>> import nn
        >>> config = nn.models.LlamaConfig(
        ...     vocab_size=5, hidden_size=8, intermediate_size=16, num_hidden_layers=2, num_attention_heads=4,
        ...     num_key_value_heads=2, max_position_embeddings=8,
        ... )
        >>> nn.models.Llama(config)(nn.tensor([[0, 1, 2]])).shape
        (1, 3, 5)

    References:
        Touvron et al., LLaMA: Open and Efficient Foundation Language Models, 2023; Shazeer, GLU Variants Improve
        Transformer, 2020; Ainslie et al., GQA, EMNLP 2023.
    """

    config_class = LlamaConfig
    prefix = "model."
    config: LlamaConfig

    def __init__(self, config: LlamaConfig | None = None) -> None:
        super().__init__()
        self.config = config = LlamaConfig() if config is None else config
        self.model = ModuleDict(
            {
                "embed_tokens": Embedding(config.vocab_size, config.hidden_size),
                "layers": ModuleList([Block(config) for _ in range(config.num_hidden_layers)]),
                "norm": RMSNorm(config.hidden_size, config.rms_norm_eps),
            }
        )
        self.lm_head = Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.model.embed_tokens.weight
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the weights again, normal; biases are 0, and norms 1."""
        for name, parameter in self.named_parameters():
            if name.endswith("bias"):
                init.zeros_(parameter)
            elif "norm" in name:
                init.ones_(parameter)
            else:
                init.normal_(parameter, 0.0, self.config.initializer_range)

    @property
    def positions(self) -> int:
        """How many tokens the model can see at once."""
        return self.config.max_position_embeddings

    @property
    def depth(self) -> int:
        """How many blocks it has."""
        return self.config.num_hidden_layers

    def forward(self, input_ids: Tensor, cache: Cache | None = None) -> Tensor:
        """The logits of what comes after each token; with a cache the tokens follow those in it."""
        self._require_tokens(input_ids, cache)
        x = self.model.embed_tokens(input_ids)
        for i, block in enumerate(self.model.layers):
            x = block(x, cache[i] if cache else None)
        return self.lm_head(self.model.norm(x))
