"""Attention layers, and what a decoder keeps of the steps behind it."""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from nn import init
from nn.autograd.tape import wrap
from nn.errors import PreconditionError, RangeError, ShapeError
from nn.functional.attention import multi_head_attention_forward, scaled_dot_product_attention
from nn.modules.fields import Bare, Shown
from nn.modules.linear import Linear
from nn.modules.module import Module
from nn.modules.parameter import Parameter
from nn.modules.position import RotaryEmbedding
from nn.tensors.creation import empty
from nn.tensors.joining import cat
from nn.tensors.place import Device, Factory
from nn.tensors.tensor import Tensor

__all__ = ["CausalSelfAttention", "KVCache", "MultiheadAttention"]


class NonDynamicallyQuantizableLinear(Linear):
    """`Linear`, by the name that it has in PyTorch's attention."""


class MultiheadAttention(Module):
    """Attention in several heads: each projects query, key and value to a part of the width, and attends by itself.

    y = concat(head_1, ..., head_h) W_o,  head_i = softmax(Q_i K_i^T / sqrt(E / h)) V_i,  Q_i = x_q W_i^q, ...

    Args:
        embed_dim: E, the width of the query and of the result, a multiple of num_heads.
        num_heads: h.
        dropout: the probability of a zero among the weights, in training.
        bias: whether the projections have biases.
        add_bias_kv: whether to add a learned key and value to all sequences.
        add_zero_attn: whether to add a key and a value of zeros.
        kdim: the width of the key; E by default.
        vdim: the width of the value; E by default.
        batch_first: whether sequences are (N, L, E), not (L, N, E).

    Shape:
        (L, N, E), (S, N, kdim), (S, N, vdim) -> (L, N, E), (N, L, S), or all without N.
        in_proj_weight (3E, E), or q_proj_weight (E, E), k_proj_weight (E, kdim), v_proj_weight (E, vdim), which start
        Xavier uniform; in_proj_bias (3E,), out_proj.bias (E,), zeros; out_proj.weight (E, E) as in `Linear`.

    Example:
        >>> import nn
        >>> x = nn.zeros(5, 2, 8)
        >>> y, weights = nn.MultiheadAttention(8, 2)(x, x, x)
        >>> y.shape, weights.shape
        ((5, 2, 8), (2, 5, 5))

    References:
        Vaswani et al., Attention Is All You Need, NeurIPS 2017.
    """

    embed_dim: int
    num_heads: int
    head_dim: int
    kdim: int
    vdim: int
    dropout: float
    batch_first: bool
    add_zero_attn: bool
    in_proj_weight: Parameter | None
    q_proj_weight: Parameter | None
    k_proj_weight: Parameter | None
    v_proj_weight: Parameter | None
    in_proj_bias: Parameter | None
    bias_k: Parameter | None
    bias_v: Parameter | None
    out_proj: NonDynamicallyQuantizableLinear

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        factory = Factory(device=device, dtype=dtype)
        super().__init__(**factory)
        if embed_dim <= 0 or num_heads <= 0:
            raise RangeError(
                f"MultiheadAttention: embed_dim and num_heads must be 1 or more, got {embed_dim} and {num_heads}"
            )
        if embed_dim % num_heads:
            raise PreconditionError(
                f"MultiheadAttention: embed_dim must be a multiple of num_heads, got {embed_dim} and {num_heads}"
            )
        self.embed_dim = embed_dim
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self.num_heads = num_heads
        self.dropout = dropout
        self.batch_first = batch_first
        self.head_dim = embed_dim // num_heads
        self.add_zero_attn = add_zero_attn
        shapes: dict[str, tuple[int, int]] = {"in_proj_weight": (3 * embed_dim, embed_dim)}
        self._together = self.kdim == self.vdim == embed_dim
        if not self._together:
            sizes = {"q": embed_dim, "k": self.kdim, "v": self.vdim}
            shapes = {f"{x}_proj_weight": (embed_dim, size) for x, size in sizes.items()}
        for name in ("q_proj_weight", "k_proj_weight", "v_proj_weight", "in_proj_weight"):
            self.register_parameter(name, Parameter(empty(shapes[name], **factory)) if name in shapes else None)
        self.register_parameter("in_proj_bias", Parameter(empty(3 * embed_dim, **factory)) if bias else None)
        self.out_proj = NonDynamicallyQuantizableLinear(embed_dim, embed_dim, bias, **factory)
        for name in ("bias_k", "bias_v"):
            self.register_parameter(name, Parameter(empty(1, 1, embed_dim, **factory)) if add_bias_kv else None)
        self._reset_parameters()

    def _reset_parameters(self) -> None:
        for name, parameter in self.named_parameters(recurse=False):
            if name.endswith("weight"):
                init.xavier_uniform_(parameter)
            elif name == "in_proj_bias":
                init.zeros_(parameter)
            else:
                init.xavier_normal_(parameter)
        if self.out_proj.bias is not None:
            init.zeros_(self.out_proj.bias)

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """Return the result, and the weights of each key for each query.

        Args:
            query: see the class.
            key: see the class.
            value: see the class.
            key_padding_mask: (N, S): True, or -inf added to the scores, where a key is left out.
            need_weights: whether the weights are returned; else None stands for them.
            attn_mask: (L, S) or (N heads, L, S): True, or -inf added, where a key is left out for a query.
            average_attn_weights: whether the weights are the mean of the heads, (N, L, S), not (N, heads, L, S).
            is_causal: says that attn_mask is the causal one, so that it need not be read.
        """
        turned = self.batch_first and query.ndim == 3
        if turned:
            query, key, value = (x.transpose(0, 1) if x.ndim == 3 else x for x in (query, key, value))
        y, weights = multi_head_attention_forward(
            query,
            key,
            value,
            self.embed_dim,
            self.num_heads,
            self.in_proj_weight,
            self.in_proj_bias,
            self.bias_k,
            self.bias_v,
            self.add_zero_attn,
            self.dropout,
            self.out_proj.weight,
            self.out_proj.bias,
            self.training,
            key_padding_mask,
            need_weights,
            attn_mask,
            not self._together,
            self.q_proj_weight,
            self.k_proj_weight,
            self.v_proj_weight,
            average_attn_weights=average_attn_weights,
            is_causal=is_causal,
        )
        return y.transpose(0, 1) if turned else y, weights


class KVCache:
    """The keys and values of the steps behind, so that a decoder computes those of new steps alone.

    Example:
        >>> import nn
        >>> cache = nn.KVCache()
        >>> keys, values = cache.update(nn.zeros(1, 2, 3, 4), nn.zeros(1, 2, 3, 4))
        >>> keys, values = cache.update(nn.ones(1, 2, 1, 4), nn.ones(1, 2, 1, 4))
        >>> len(cache), keys.shape
        (4, (1, 2, 4, 4))

    References:
        Shazeer, Fast Transformer Decoding: One Write-Head is All You Need, 2019.
    """

    def __init__(self) -> None:
        self.keys: Tensor | None = None
        self.values: Tensor | None = None

    def update(self, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Add the keys and values of new steps, (..., T, E) each; returns those of all steps so far."""
        if self.keys is not None and self.values is not None:
            if self.keys.shape[:-2] != key.shape[:-2]:
                raise ShapeError(
                    f"KVCache: the steps so far are {self.keys.shape}, got {key.shape}; "
                    "begin a new cache for another batch"
                )
            key, value = cat([self.keys, key], -2), cat([self.values, value], -2)
        self.keys, self.values = key, value
        return key, value

    def clear(self) -> None:
        """Forget all steps."""
        self.keys = self.values = None

    def __len__(self) -> int:
        return 0 if self.keys is None else int(self.keys.shape[-2])


class CausalSelfAttention(Module):
    """Self-attention of a decoder: each step sees itself and the steps before, which may lie in a `KVCache`.

    Args:
        embed_dim: E, a multiple of num_heads.
        num_heads: the heads of the queries.
        num_kv_heads: the heads of keys and values, each for several of the queries (GQA); num_heads by default.
        dropout: the probability of a zero among the weights, in training.
        bias: whether the projections have biases.
        rotary: whether queries and keys are turned by their positions; see `RotaryEmbedding`.

    Shape:
        (N, T, E) -> (N, T, E).

    Example:
        >>> import nn
        >>> layer, cache, x = nn.CausalSelfAttention(8, 2), nn.KVCache(), nn.ones(1, 3, 8)
        >>> whole = layer(x)
        >>> steps = [layer(x[:, t : t + 1], cache) for t in range(3)]
        >>> bool((nn.cat(steps, 1) - whole).abs().max() < 1e-6)
        True

    References:
        Radford et al., Language Models are Unsupervised Multitask Learners, 2019.
    """

    embed_dim: Bare[int]
    num_heads: Shown[int]
    num_kv_heads: Shown[int]
    head_dim: int
    dropout: float
    q_proj: Linear
    k_proj: Linear
    v_proj: Linear
    out_proj: Linear
    rotary: RotaryEmbedding | None

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        num_kv_heads: int | None = None,
        dropout: float = 0.0,
        bias: bool = True,
        rotary: bool = True,
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        factory = Factory(device=device, dtype=dtype)
        super().__init__(**factory)
        self.embed_dim = embed_dim
        self.num_heads = num_heads
        self.num_kv_heads = num_heads if num_kv_heads is None else num_kv_heads
        if embed_dim % num_heads or num_heads % self.num_kv_heads:
            raise RangeError(
                "CausalSelfAttention: embed_dim must be a multiple of num_heads, and that of num_kv_heads; "
                f"got {embed_dim}, {num_heads} and {self.num_kv_heads}"
            )
        self.dropout = dropout
        self.head_dim = embed_dim // num_heads
        self.q_proj = Linear(embed_dim, embed_dim, bias, **factory)
        self.k_proj = Linear(embed_dim, self.num_kv_heads * self.head_dim, bias, **factory)
        self.v_proj = Linear(embed_dim, self.num_kv_heads * self.head_dim, bias, **factory)
        self.out_proj = Linear(embed_dim, embed_dim, bias, **factory)
        self.rotary = RotaryEmbedding(self.head_dim) if rotary else None

    def forward(self, input: Tensor, cache: KVCache | None = None) -> Tensor:
        """Return the result for new steps; with a cache they follow those in it, and are added to it."""
        batch, steps, _ = input.shape
        before = 0 if cache is None else len(cache)
        q, k, v = (
            project(input).reshape(batch, steps, heads, self.head_dim).transpose(1, 2)
            for project, heads in (
                (self.q_proj, self.num_heads),
                (self.k_proj, self.num_kv_heads),
                (self.v_proj, self.num_kv_heads),
            )
        )
        if self.rotary is not None:
            q, k = self.rotary(q, before), self.rotary(k, before)
        if cache is not None:
            k, v = cache.update(k, v)
        mask = wrap(np.tri(steps, before + steps, before, dtype=np.bool_)) if steps > 1 else None
        p = self.dropout if self.training else 0.0
        y = scaled_dot_product_attention(q, k, v, mask, p, enable_gqa=True)
        return self.out_proj(y.transpose(1, 2).reshape(batch, steps, self.embed_dim))
