"""The Transformer: stacks of its layers, for reading a sequence and for writing another."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from nn import init
from nn.errors import ShapeError
from nn.modules.container import ModuleList
from nn.modules.module import Module
from nn.modules.normalization import LayerNorm
from nn.modules.transformer_layer import Activation, TransformerDecoderLayer, TransformerEncoderLayer
from nn.tensors.activation import relu
from nn.tensors.arguments import as_dtype
from nn.tensors.place import Device, Factory, require_here
from nn.tensors.tensor import Tensor, from_numpy

__all__ = ["Transformer", "TransformerDecoder", "TransformerEncoder"]


class _Stack(Module):
    """Copies of a layer, one after another, and a norm at the end."""

    layers: ModuleList
    num_layers: int
    norm: Module | None

    def __init__(self, layer: Module, num_layers: int, norm: Module | None) -> None:
        super().__init__()
        self.layers = ModuleList([copy.deepcopy(layer) for _ in range(num_layers)])
        self.num_layers = num_layers
        self.norm = norm

    def _run(self, x: Tensor, *args: Any, **masks: Any) -> Tensor:
        for layer in self.layers:
            x = layer(x, *args, **masks)
        y: Tensor = x if self.norm is None else self.norm(x)
        return y


class TransformerEncoder(_Stack):
    """`num_layers` copies of a layer, one after another, and `norm` at the end.

    Args:
        encoder_layer: a `TransformerEncoderLayer`, which is copied.
        num_layers: how often.
        norm: a module, or None.
        enable_nested_tensor: without effect: with it, PyTorch gives 0 for padding in evaluation without gradients; here
            what comes out at padding is what the layers make of it, always.
        mask_check: without effect, as the above.

    Example:
        >>> import nn
        >>> layer = nn.TransformerEncoderLayer(8, 2, 16)
        >>> nn.TransformerEncoder(layer, 2)(nn.zeros(5, 3, 8)).shape
        (5, 3, 8)
    """

    enable_nested_tensor: bool
    mask_check: bool

    def __init__(
        self,
        encoder_layer: Module,
        num_layers: int,
        norm: Module | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        super().__init__(encoder_layer, num_layers, norm)
        self.enable_nested_tensor = enable_nested_tensor
        self.mask_check = mask_check

    def forward(
        self,
        src: Tensor,
        mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool | None = None,
    ) -> Tensor:
        """The masks are those of `MultiheadAttention`, for every layer."""
        return self._run(src, src_mask=mask, src_key_padding_mask=src_key_padding_mask, is_causal=bool(is_causal))


class TransformerDecoder(_Stack):
    """`num_layers` copies of a layer, one after another, and `norm` at the end.

    Args:
        decoder_layer: a `TransformerDecoderLayer`, which is copied.
        num_layers: how often.
        norm: a module, or None.

    Example:
        >>> import nn
        >>> layer = nn.TransformerDecoderLayer(8, 2, 16)
        >>> nn.TransformerDecoder(layer, 2)(nn.zeros(4, 3, 8), nn.zeros(5, 3, 8)).shape
        (4, 3, 8)
    """

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        super().__init__(decoder_layer, num_layers, norm)

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """The masks are those of `MultiheadAttention`, for every layer."""
        return self._run(
            tgt,
            memory,
            tgt_mask=tgt_mask,
            memory_mask=memory_mask,
            tgt_key_padding_mask=tgt_key_padding_mask,
            memory_key_padding_mask=memory_key_padding_mask,
            tgt_is_causal=bool(tgt_is_causal),
            memory_is_causal=memory_is_causal,
        )


class Transformer(Module):
    """An encoder that reads `src`, and a decoder that reads `tgt` and the encoder's result.

    Args:
        d_model: E, the width.
        nhead: the heads of every attention.
        num_encoder_layers: how many layers the encoder has.
        num_decoder_layers: how many layers the decoder has.
        custom_encoder: a module in place of the encoder.
        custom_decoder: a module in place of the decoder.

    All other arguments are those of `TransformerEncoderLayer`. Weights start Xavier uniform.

    Shape:
        (S, N, E), (T, N, E) -> (T, N, E), or without N.

    Example:
        >>> import nn
        >>> model = nn.Transformer(8, 2, 1, 1, 16)
        >>> model(nn.zeros(5, 3, 8), nn.zeros(4, 3, 8), tgt_mask=model.generate_square_subsequent_mask(4)).shape
        (4, 3, 8)

    References:
        Vaswani et al., Attention Is All You Need, NeurIPS 2017.
    """

    encoder: Module
    decoder: Module
    d_model: int
    nhead: int
    batch_first: bool

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = relu,
        custom_encoder: Any = None,
        custom_decoder: Any = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        factory = Factory(device=device, dtype=dtype)
        super().__init__(**factory)
        sizes = (d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias)
        if custom_encoder is None:
            norm = LayerNorm(d_model, layer_norm_eps, bias=bias, **factory)
            custom_encoder = TransformerEncoder(TransformerEncoderLayer(*sizes, **factory), num_encoder_layers, norm)
        if custom_decoder is None:
            norm = LayerNorm(d_model, layer_norm_eps, bias=bias, **factory)
            custom_decoder = TransformerDecoder(TransformerDecoderLayer(*sizes, **factory), num_decoder_layers, norm)
        self.encoder, self.decoder = custom_encoder, custom_decoder
        self._reset_parameters()
        self.d_model = d_model
        self.nhead = nhead
        self.batch_first = batch_first

    def _reset_parameters(self) -> None:
        for parameter in self.parameters():
            if parameter.ndim > 1:
                init.xavier_uniform_(parameter)

    def forward(
        self,
        src: Tensor,
        tgt: Tensor,
        src_mask: Tensor | None = None,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """The masks are those of `MultiheadAttention`: of the encoder, of the decoder, and of it for the memory."""
        batch = 0 if self.batch_first else 1
        if src.ndim == 3 and src.shape[batch] != tgt.shape[batch]:
            raise ShapeError(f"Transformer: src and tgt must have one batch, got {src.shape} and {tgt.shape}")
        if src.shape[-1] != self.d_model or tgt.shape[-1] != self.d_model:
            raise ShapeError(
                f"Transformer: src and tgt must have {self.d_model} features, got {src.shape} and {tgt.shape}"
            )
        memory = self.encoder(src, mask=src_mask, src_key_padding_mask=src_key_padding_mask, is_causal=src_is_causal)
        y: Tensor = self.decoder(
            tgt,
            memory,
            tgt_mask=tgt_mask,
            memory_mask=memory_mask,
            tgt_key_padding_mask=tgt_key_padding_mask,
            memory_key_padding_mask=memory_key_padding_mask,
            tgt_is_causal=tgt_is_causal,
            memory_is_causal=memory_is_causal,
        )
        return y

    @staticmethod
    def generate_square_subsequent_mask(sz: int, device: Device = None, dtype: DTypeLike | None = None) -> Tensor:
        """The causal mask (sz, sz): -inf above the diagonal, 0 elsewhere, to be added to the scores."""
        require_here({"device": device}, "generate_square_subsequent_mask")
        return from_numpy(np.triu(np.full((sz, sz), -np.inf, as_dtype(dtype)), 1))
