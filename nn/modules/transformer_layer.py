"""The layers of a Transformer: attention and a small network at each step, with residual sums and normalisation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy.typing import DTypeLike

from nn.errors import RangeError
from nn.functional.activation import gelu, silu
from nn.modules.attention import MultiheadAttention
from nn.modules.dropout import Dropout
from nn.modules.linear import Linear
from nn.modules.module import Module
from nn.modules.normalization import LayerNorm
from nn.tensors.activation import relu
from nn.tensors.place import Device, Factory
from nn.tensors.tensor import Tensor

__all__ = ["SwiGLU", "TransformerDecoderLayer", "TransformerEncoderLayer"]

Activation = str | Callable[[Tensor], Tensor]


class _Layer(Module):
    """What encoder and decoder layers share: `attentions` of them, a network of two linear maps, norms, dropouts."""

    self_attn: MultiheadAttention
    linear1: Linear
    dropout: Dropout
    linear2: Linear
    norm_first: bool
    norm1: LayerNorm
    norm2: LayerNorm
    dropout1: Dropout
    dropout2: Dropout
    activation: Callable[[Tensor], Tensor]

    def __init__(
        self,
        attentions: tuple[str, ...],
        d_model: int,
        nhead: int,
        dim_feedforward: int,
        dropout: float,
        activation: Activation,
        layer_norm_eps: float,
        batch_first: bool,
        norm_first: bool,
        bias: bool,
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        factory = Factory(device=device, dtype=dtype)
        super().__init__(**factory)
        for name in attentions:
            attention = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first, **factory)
            self.add_module(name, attention)
        self.linear1 = Linear(d_model, dim_feedforward, bias, **factory)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias, **factory)
        self.norm_first = norm_first
        parts = range(1, len(attentions) + 2)
        for i in parts:
            self.add_module(f"norm{i}", LayerNorm(d_model, layer_norm_eps, bias=bias, **factory))
        for i in parts:
            self.add_module(f"dropout{i}", Dropout(dropout))
        if isinstance(activation, str):
            if activation not in ("relu", "gelu"):
                raise RangeError(
                    f"{type(self).__name__}: activation must be relu, gelu or a function, got {activation!r}"
                )
            activation = relu if activation == "relu" else gelu
        self.activation = activation

    def _residual(self, x: Tensor, parts: list[Callable[[Tensor], Tensor]]) -> Tensor:
        """x + dropout(part(norm(x))) for each part, or norm(x + dropout(part(x)))."""
        for i, part in enumerate([*parts, self._feed_forward], 1):
            norm, drop = getattr(self, f"norm{i}"), getattr(self, f"dropout{i}")
            x = x + drop(part(norm(x))) if self.norm_first else norm(x + drop(part(x)))
        return x

    def _feed_forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.linear2(self.dropout(self.activation(self.linear1(x))))
        return y


class TransformerEncoderLayer(_Layer):
    """Self-attention, then a network W_2 f(W_1 x + b_1) + b_2 at each step, each in a residual sum with a `LayerNorm`.

    Args:
        d_model: E, the width.
        nhead: the heads of the attention.
        dim_feedforward: the width of the network in between.
        dropout: the probability of a zero, in all dropouts.
        activation: f: "relu", "gelu", a function or a module.
        layer_norm_eps: the eps of the norms.
        batch_first: whether sequences are (N, S, E), not (S, N, E).
        norm_first: whether each part reads its input normalised, x + part(norm(x)), not norm(x + part(x)).
        bias: whether linear maps and norms have biases.

    Shape:
        (S, N, E) -> (S, N, E), or without N.

    Example:
        >>> import nn
        >>> nn.TransformerEncoderLayer(8, 2, 16)(nn.zeros(5, 3, 8)).shape
        (5, 3, 8)

    References:
        Vaswani et al., Attention Is All You Need, NeurIPS 2017; Xiong et al., On Layer Normalization in the Transformer
        Architecture, ICML 2020 (norm_first).
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        factory = Factory(device=device, dtype=dtype)
        super().__init__(
            ("self_attn",),
            d_model,
            nhead,
            dim_feedforward,
            dropout,
            activation,
            layer_norm_eps,
            batch_first,
            norm_first,
            bias,
            **factory,
        )

    def forward(
        self,
        src: Tensor,
        src_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool = False,
    ) -> Tensor:
        """The masks are those of `MultiheadAttention`."""

        def attend(x: Tensor) -> Any:
            y, _ = self.self_attn(x, x, x, src_key_padding_mask, False, src_mask, is_causal=is_causal)
            return y

        return self._residual(src, [attend])


class TransformerDecoderLayer(_Layer):
    """Self-attention, attention to the encoder's result, then a network at each step; see `TransformerEncoderLayer`.

    Shape:
        (T, N, E), (S, N, E) -> (T, N, E), or without N.

    Example:
        >>> import nn
        >>> nn.TransformerDecoderLayer(8, 2, 16)(nn.zeros(4, 3, 8), nn.zeros(5, 3, 8)).shape
        (4, 3, 8)

    References:
        Vaswani et al., Attention Is All You Need, NeurIPS 2017.
    """

    multihead_attn: MultiheadAttention
    norm3: LayerNorm
    dropout3: Dropout

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        factory = Factory(device=device, dtype=dtype)
        super().__init__(
            ("self_attn", "multihead_attn"),
            d_model,
            nhead,
            dim_feedforward,
            dropout,
            activation,
            layer_norm_eps,
            batch_first,
            norm_first,
            bias,
            **factory,
        )

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """The masks are those of `MultiheadAttention`, for both attentions."""

        def attend(x: Tensor) -> Any:
            y, _ = self.self_attn(x, x, x, tgt_key_padding_mask, False, tgt_mask, is_causal=tgt_is_causal)
            return y

        def attend_to_memory(x: Tensor) -> Any:
            y, _ = self.multihead_attn(
                x, memory, memory, memory_key_padding_mask, False, memory_mask, is_causal=memory_is_causal
            )
            return y

        return self._residual(tgt, [attend, attend_to_memory])


class SwiGLU(Module):
    """A gated network at each step, W_2 (silu(W_1 x) * W_3 x), in place of a Transformer's W_2 f(W_1 x).

    Args:
        dim: E, the width of input and output.
        hidden_dim: the width in between; 8 E / 3 has as many parameters as the usual network of width 4 E.
        bias: whether the three maps have biases.

    Shape:
        (*, E) -> (*, E); w1.weight and w3.weight (hidden_dim, E), w2.weight (E, hidden_dim).

    Example:
        >>> import nn
        >>> nn.SwiGLU(6, 16)(nn.zeros(5, 6)).shape
        (5, 6)

    References:
        Shazeer, GLU Variants Improve Transformer, 2020.
    """

    w1: Linear
    w2: Linear
    w3: Linear

    def __init__(
        self, dim: int, hidden_dim: int, bias: bool = False, device: Device = None, dtype: DTypeLike | None = None
    ) -> None:
        factory = Factory(device=device, dtype=dtype)
        super().__init__(**factory)
        self.w1 = Linear(dim, hidden_dim, bias, **factory)
        self.w2 = Linear(hidden_dim, dim, bias, **factory)
        self.w3 = Linear(dim, hidden_dim, bias, **factory)

    def forward(self, input: Tensor) -> Tensor:
        """Return the network's value."""
        y: Tensor = self.w2(silu(self.w1(input)) * self.w3(input))
        return y
