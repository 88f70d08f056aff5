"""Attention: each query takes the mean of the values, weighted by how well its key fits.

A mask of booleans or of numbers, which are added to the scores; -inf there leaves a key out.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nn.autograd.mode import constant, mode
from nn.autograd.tape import wrap
from nn.errors import DtypeError, PreconditionError, RangeError, ShapeError
from nn.functional.dropout import dropout
from nn.functional.linear import linear
from nn.ops.precision import in_single
from nn.tensors import checks
from nn.tensors.arithmetic import where
from nn.tensors.creation import zeros
from nn.tensors.joining import cat
from nn.tensors.rearrangement import repeat_interleave
from nn.tensors.softmax import softmax
from nn.tensors.tensor import Tensor

__all__ = ["multi_head_attention_forward", "scaled_dot_product_attention"]


@in_single
def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """softmax(scale Q K^T + mask) V, and 0 for a query that may see no key.

    Args:
        query: Q.
        key: K.
        value: V.
        attn_mask: broadcast to (..., L, S): booleans, True where a key takes part, or numbers to add to the scores.
        dropout_p: the probability of a zero among the weights; it acts whenever it is not 0.
        is_causal: whether query i sees keys 0 to i alone; then there may be no mask.
        scale: 1 / sqrt(E) by default.
        enable_gqa: whether each head of K and V serves several heads (axis -3) of Q, in order.

    Shape:
        (..., L, E), (..., S, E), (..., S, D) -> (..., L, D).

    Example:
        >>> import nn
        >>> q = nn.tensor([[1.0, 0.0]])
        >>> nn.functional.scaled_dot_product_attention(q, nn.eye(2) * 1000, nn.tensor([[1.0], [2.0]]))
        tensor([[1.]])

    References:
        Vaswani et al., Attention Is All You Need, NeurIPS 2017; Ainslie et al., GQA: Training Generalized Multi-Query
        Transformer Models, EMNLP 2023.
    """
    caller = "scaled_dot_product_attention"
    for name, operand in (("query", query), ("key", key), ("value", value)):
        if checks.floating(operand, caller, name).ndim < 2:
            raise ShapeError(
                f"{caller}: {name} must have at least 2 axes, (..., length, width); it has {operand.shape}"
            )
        if operand.dtype != query.dtype:
            raise DtypeError(f"{caller}: query is {query.dtype}, {name} is {operand.dtype}; make them equal")
    if query.shape[-1] != key.shape[-1] or key.shape[-2] != value.shape[-2]:
        raise ShapeError(
            f"{caller}: query and key must have equal widths, key and value equal lengths; "
            f"got {query.shape}, {key.shape} and {value.shape}"
        )
    if is_causal and attn_mask is not None:
        raise RangeError(f"{caller}: expected is_causal or attn_mask, got both; give one of the two")
    if enable_gqa:
        key, value = _repeated(query, key, caller), _repeated(query, value, caller)
    scores = (query * (1 / math.sqrt(query.shape[-1]) if scale is None else scale)) @ key.mT
    if is_causal:
        attn_mask = wrap(constant(np.tri(query.shape[-2], key.shape[-2], dtype=np.bool_)))
    if attn_mask is None:
        return dropout(softmax(scores, -1), dropout_p) @ value
    scores = _masked(scores, attn_mask, caller)
    dead = wrap(mode.quiet(_without_key, scores._array))
    if not dead.any():
        return dropout(softmax(scores, -1), dropout_p) @ value
    weights = where(~dead, softmax(where(dead, 0.0, scores), -1), 0.0)
    return dropout(weights, dropout_p) @ value


def _without_key(scores: Any) -> Any:
    """The rows that attend to nothing, since every key is masked: (..., L, S) -> (..., L, 1)."""
    return np.isneginf(scores).all(axis=-1, keepdims=True)


def _masked(scores: Tensor, mask: Tensor, caller: str) -> Tensor:
    try:
        np.broadcast_shapes(mask.shape, scores.shape)
    except ValueError:
        raise ShapeError(f"{caller}: attn_mask {mask.shape} does not fit the scores, {scores.shape}") from None
    if mask.dtype == np.bool_:
        return where(mask, scores, float("-inf"))
    if mask.dtype not in (np.float32, scores.dtype):
        raise DtypeError(f"{caller}: attn_mask must be bool or {scores.dtype}, it is {mask.dtype}; use .to()")
    return scores + mask.to(scores.dtype)


def _repeated(query: Tensor, shared: Tensor, caller: str) -> Tensor:
    """A head of keys or values for each head of queries."""
    if query.ndim < 3 or shared.ndim < 3 or not shared.shape[-3] or query.shape[-3] % shared.shape[-3]:
        raise ShapeError(
            f"{caller}: the heads (axis -3) of key and value must divide those of query, "
            f"got {query.shape} and {shared.shape}"
        )
    times = query.shape[-3] // shared.shape[-3]
    return shared if times == 1 else repeat_interleave(shared, times, dim=-3)


def multi_head_attention_forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Tensor | None,
    in_proj_bias: Tensor | None,
    bias_k: Tensor | None,
    bias_v: Tensor | None,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Tensor,
    out_proj_bias: Tensor | None,
    training: bool = True,
    key_padding_mask: Tensor | None = None,
    need_weights: bool = True,
    attn_mask: Tensor | None = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Tensor | None = None,
    k_proj_weight: Tensor | None = None,
    v_proj_weight: Tensor | None = None,
    static_k: Tensor | None = None,
    static_v: Tensor | None = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """What `nn.MultiheadAttention` computes, with the parameters as arguments; all sequences are (L, N, E) or (L, E).

    A query that may see no key gets nan if `need_weights` is True, and 0 otherwise, as in PyTorch.

    Example:
        >>> import nn
        >>> x, w = nn.ones(3, 1, 2), nn.ones(6, 2)
        >>> y, weights = nn.functional.multi_head_attention_forward(
        ...     x, x, x, 2, 1, w, None, None, None, False, 0.0, nn.eye(2), None
        ... )
        >>> y.shape, weights.shape
        ((3, 1, 2), (1, 3, 3))
    """
    caller = "multi_head_attention_forward"
    batched = _checked(query, key, value, key_padding_mask, attn_mask, num_heads, use_separate_proj_weight)
    if query.shape[-1] != embed_dim_to_check or embed_dim_to_check % num_heads:
        raise PreconditionError(
            f"{caller}: query must have {embed_dim_to_check} features, a multiple of the {num_heads} heads; "
            f"its shape is {query.shape}"
        )
    if is_causal and attn_mask is None:
        raise RangeError(
            f"{caller}: is_causal says that attn_mask is causal, but attn_mask is None; "
            "make one with nn.Transformer.generate_square_subsequent_mask"
        )
    if not batched:
        query, key, value = query.unsqueeze(1), key.unsqueeze(1), value.unsqueeze(1)
        key_padding_mask = None if key_padding_mask is None else key_padding_mask.unsqueeze(0)
    length, batch, width = query.shape
    bias = _bias(attn_mask, key_padding_mask, (batch, num_heads, length, key.shape[0]), query.dtype)
    only_causal = is_causal and key_padding_mask is None and not need_weights

    weights = _thirds(in_proj_weight, width)
    if use_separate_proj_weight:
        weights = (q_proj_weight, k_proj_weight, v_proj_weight)
    if any(weight is None for weight in weights):
        raise PreconditionError(f"{caller}: a weight of the projections is None; see use_separate_proj_weight")
    biases = _thirds(in_proj_bias, width)
    q, k, v = (linear(x, w, b) for x, w, b in zip((query, key, value), weights, biases, strict=True))  # type: ignore[arg-type]
    if (bias_k is None) != (bias_v is None):
        raise PreconditionError(f"{caller}: bias_k and bias_v belong together, got one of them; give both or none")
    if bias_k is not None and bias_v is not None:
        if static_k is not None or static_v is not None:
            raise PreconditionError(
                f"{caller}: bias_k and bias_v cannot be added to static_k and static_v; leave them out"
            )
        k, v = (cat([x, b.expand(1, batch, width)]) for x, b in ((k, bias_k), (v, bias_v)))
        bias = _one_more(bias)
    q, k, v = (x.reshape(len(x), batch, num_heads, width // num_heads).permute(1, 2, 0, 3) for x in (q, k, v))
    k, v = _static(static_k, k, "static_k", caller), _static(static_v, v, "static_v", caller)
    if add_zero_attn:
        nothing = zeros(batch, num_heads, 1, q.shape[-1], dtype=q.dtype)
        k, v = cat([k, nothing], 2), cat([v, nothing], 2)
        bias = _one_more(bias)
    dropout_p = dropout_p if training else 0.0
    if need_weights:
        scores = (q * (1 / math.sqrt(q.shape[-1]))) @ k.mT
        shares = dropout(softmax(scores if bias is None else scores + bias, -1), dropout_p)
        y = shares @ v
    else:
        y = scaled_dot_product_attention(q, k, v, None if only_causal else bias, dropout_p, only_causal)
    y = linear(y.permute(2, 0, 1, 3).reshape(length, batch, width), out_proj_weight, out_proj_bias)
    y = y if batched else y.squeeze(1)
    if not need_weights:
        return y, None
    shares = shares.mean(dim=1) if average_attn_weights else shares
    return y, shares if batched else shares.squeeze(0)


def _thirds(x: Tensor | None, width: int) -> tuple[Tensor | None, ...]:
    return (None,) * 3 if x is None else tuple(x[i * width : (i + 1) * width] for i in range(3))


def _static(given: Tensor | None, own: Tensor, name: str, caller: str) -> Tensor:
    """Keys or values given ready-made, (N heads, S, E / heads), in place of those projected."""
    if given is None:
        return own
    batch, heads, _, width = own.shape
    if given.ndim != 3 or given.shape[0] != batch * heads or given.shape[2] != width:
        raise PreconditionError(f"{caller}: {name} must be ({batch * heads}, S, {width}), its shape is {given.shape}")
    return given.reshape(batch, heads, given.shape[1], width)


def _one_more(bias: Tensor | None) -> Tensor | None:
    """The bias with a further key, which every query sees."""
    return None if bias is None else cat([bias, zeros(*bias.shape[:-1], 1, dtype=bias.dtype)], -1)


def _bias(
    attn_mask: Tensor | None, key_padding_mask: Tensor | None, shape: tuple[int, int, int, int], dtype: Any
) -> Tensor | None:
    """Both masks as one number to add to each score, broadcast to (N, heads, L, S)."""
    caller, total = "multi_head_attention_forward", None
    batch, heads, length, keys = shape
    if attn_mask is not None:
        wanted = (length, keys) if attn_mask.ndim == 2 else (batch * heads, length, keys)
        if attn_mask.shape != wanted:
            raise ShapeError(f"{caller}: attn_mask must have shape {wanted}, its shape is {attn_mask.shape}")
        total = _added(attn_mask, "attn_mask", dtype)
        total = total.reshape(1, 1, length, keys) if attn_mask.ndim == 2 else total.reshape(shape)
    if key_padding_mask is not None:
        if key_padding_mask.shape != (batch, keys):
            raise PreconditionError(
                f"{caller}: key_padding_mask must have shape {(batch, keys)}, its shape is {key_padding_mask.shape}"
            )
        padding = _added(key_padding_mask, "key_padding_mask", dtype).reshape(batch, 1, 1, keys)
        total = padding if total is None else total + padding
    return total


def _added(mask: Tensor, name: str, dtype: Any) -> Tensor:
    """A mask in which True leaves a key out, as numbers to add."""
    if mask.dtype == np.bool_:
        return wrap(mode.quiet(np.where, mask._array, dtype.type(-np.inf), dtype.type(0)))
    if mask.dtype.kind != "f":
        raise PreconditionError(f"multi_head_attention_forward: {name} must be bool or float, it is {mask.dtype}")
    return mask.to(dtype)


def _checked(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    key_padding_mask: Tensor | None,
    attn_mask: Tensor | None,
    num_heads: int,
    separate: bool,
) -> bool:
    """Whether there is a batch."""
    caller, rank = "multi_head_attention_forward", checks.tensor(query, "multi_head_attention_forward", "query").ndim
    if rank not in (2, 3) or key.ndim != rank or value.ndim != rank:
        raise PreconditionError(
            f"{caller}: query, key and value must be (L, N, E), or (L, E) without a batch; "
            f"got {query.shape}, {key.shape} and {value.shape}"
        )
    if key_padding_mask is not None and key_padding_mask.ndim != rank - 1:
        raise PreconditionError(
            f"{caller}: key_padding_mask must have {rank - 1} axes, its shape is {key_padding_mask.shape}"
        )
    if attn_mask is not None and attn_mask.ndim not in (2, 3):
        raise PreconditionError(f"{caller}: attn_mask must have 2 or 3 axes, its shape is {attn_mask.shape}")
    if attn_mask is not None and rank == 2 and attn_mask.ndim == 3:
        wanted = (num_heads, query.shape[0], key.shape[0])
        if attn_mask.shape != wanted:
            raise PreconditionError(f"{caller}: attn_mask must have shape {wanted}, its shape is {attn_mask.shape}")
    alike = key.shape[:-1] == value.shape[:-1] if separate else key.shape == value.shape
    if not alike or (rank == 3 and key.shape[1] != query.shape[1]):
        raise PreconditionError(
            f"{caller}: key and value must be alike, with the batch of query; "
            f"got {query.shape}, {key.shape} and {value.shape}"
        )
    return rank == 3
