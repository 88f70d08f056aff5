"""Layers that look vectors up in a learned table: one for each index, or one for a bag of indices.

`Embedding` gives the rows themselves; `EmbeddingBag` gives the sum, mean or maximum of several.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from numpy.typing import DTypeLike

from nn import init
from nn.autograd.grad_mode import no_grad
from nn.errors import PreconditionError
from nn.functional.embedding import embedding, embedding_bag, padding_row
from nn.modules.fields import Bare, Shown, Unusual
from nn.modules.module import Module, Parameter
from nn.tensors.creation import empty
from nn.tensors.place import Device, Factory
from nn.tensors.tensor import Tensor

if TYPE_CHECKING:
    from nn.tensors.place import Unpack

__all__ = ["Embedding", "EmbeddingBag"]


class _Table(Module):
    """A table of vectors, and how it is looked up."""

    num_embeddings: Bare[int]
    embedding_dim: Bare[int]
    padding_idx: int | None
    max_norm: float | None
    norm_type: float
    scale_grad_by_freq: bool
    sparse: bool
    weight: Parameter

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None,
        max_norm: float | None,
        norm_type: float,
        scale_grad_by_freq: bool,
        sparse: bool,
        weight: Tensor | None,
        freeze: bool,
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        factory = Factory(device=device, dtype=dtype)
        super().__init__(**factory)
        if sparse:
            raise NotImplementedError(
                f"{type(self).__name__}: sparse gradients do not exist here, a gradient is an array; leave it out"
            )
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_row(padding_idx, num_embeddings, type(self).__name__)
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self.sparse = sparse
        if weight is None:
            self.weight = Parameter(empty(num_embeddings, embedding_dim, **factory), requires_grad=not freeze)
            self.reset_parameters()
            return
        if weight.shape != (num_embeddings, embedding_dim):
            raise PreconditionError(
                f"{type(self).__name__}: weight must have shape {(num_embeddings, embedding_dim)}, "
                f"got {weight.shape}; give the sizes of the table"
            )
        self.weight = Parameter(weight, requires_grad=not freeze)

    def reset_parameters(self) -> None:
        """Draw the table again, normal with deviation 1; the row of padding becomes zeros."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            with no_grad():
                self.weight[self.padding_idx] = 0.0


def _sizes(embeddings: Tensor, caller: str) -> tuple[int, int]:
    """The rows and the width of a given table."""
    if embeddings.ndim != 2:
        raise PreconditionError(
            f"{caller}.from_pretrained: the table must have 2 axes, got {embeddings.shape}; give one row for each index"
        )
    return embeddings.shape[0], embeddings.shape[1]


class Embedding(_Table):
    """A learned vector for each of `num_embeddings` indices; see `nn.functional.embedding`.

    Args:
        num_embeddings: V, how many rows.
        embedding_dim: D, their width.
        padding_idx: the row that starts at zero and gets no gradient; negative counts from the end.
        max_norm: rows looked up that are longer are shortened to this length first.
        norm_type: the p of that length.
        scale_grad_by_freq: divide the gradient of a row by how often it was looked up.
        sparse: must be False; a gradient is an array here.

    Shape:
        (*) -> (*, D); weight (V, D), which starts normal with deviation 1.

    Example:
        >>> import nn
        >>> nn.Embedding(10, 3)(nn.tensor([[1, 2, 1, 9]])).shape
        (1, 4, 3)
    """

    padding_idx: Unusual[int | None] = None
    max_norm: Unusual[float | None] = None
    norm_type: Unusual[float] = 2.0
    scale_grad_by_freq: Unusual[bool] = False

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Tensor | None = None,
        _freeze: bool = False,
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        factory = Factory(device=device, dtype=dtype)
        super().__init__(
            num_embeddings,
            embedding_dim,
            padding_idx,
            max_norm,
            norm_type,
            scale_grad_by_freq,
            sparse,
            _weight,
            _freeze,
            **factory,
        )

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Tensor,
        freeze: bool = True,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
    ) -> Embedding:
        """A layer around a given table, whose memory it shares; frozen unless `freeze` is False.

        Example:
            >>> import nn
            >>> layer = nn.Embedding.from_pretrained(nn.tensor([[1.0, 2.0], [3.0, 4.0]]))
            >>> layer(nn.tensor(1))
            tensor([3., 4.])
        """
        return cls(
            *_sizes(embeddings, cls.__name__),
            _weight=embeddings,
            _freeze=freeze,
            padding_idx=padding_idx,
            max_norm=max_norm,
            norm_type=norm_type,
            scale_grad_by_freq=scale_grad_by_freq,
            sparse=sparse,
        )

    def forward(self, input: Tensor) -> Tensor:
        return embedding(input, self.weight, self.padding_idx, self.max_norm, self.norm_type, self.scale_grad_by_freq)


class EmbeddingBag(_Table):
    """The sum, mean or maximum of the vectors of several indices; see `nn.functional.embedding_bag`.

    Args:
        num_embeddings: V, how many rows.
        embedding_dim: D, their width.
        max_norm: rows looked up that are longer are shortened to this length first.
        norm_type: the p of that length.
        scale_grad_by_freq: divide the gradient of a row by how often it was looked up; not for "max".
        mode: "sum", "mean" or "max".
        sparse: must be False; a gradient is an array here.
        include_last_offset: whether the offsets also say where the last bag ends.
        padding_idx: the index that counts for nothing.

    Shape:
        (B, N) -> (B, D), or (N,), (B,) -> (B, D); weight (V, D), which starts normal with deviation 1.

    Example:
        >>> import nn
        >>> nn.EmbeddingBag(10, 3)(nn.tensor([1, 2, 4, 5]), nn.tensor([0, 3])).shape
        (2, 3)
    """

    max_norm: Unusual[float | None] = None
    norm_type: Unusual[float] = 2.0
    scale_grad_by_freq: Unusual[bool] = False
    mode: Shown[str]
    include_last_offset: bool
    padding_idx: Unusual[int | None] = None

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        _weight: Tensor | None = None,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        factory = Factory(device=device, dtype=dtype)
        super().__init__(
            num_embeddings,
            embedding_dim,
            padding_idx,
            max_norm,
            norm_type,
            scale_grad_by_freq,
            sparse,
            _weight,
            False,
            **factory,
        )
        self.mode = mode
        self.include_last_offset = include_last_offset

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Tensor,
        freeze: bool = True,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        **factory: Unpack[Factory],
    ) -> EmbeddingBag:
        """A layer around a given table, whose memory it shares; frozen unless `freeze` is False.

        Example:
            >>> import nn
            >>> layer = nn.EmbeddingBag.from_pretrained(nn.tensor([[1.0, 2.0], [3.0, 4.0]]))
            >>> layer(nn.tensor([[0, 1]]))
            tensor([[2., 3.]])
        """
        made = cls(
            *_sizes(embeddings, cls.__name__),
            _weight=embeddings,
            max_norm=max_norm,
            norm_type=norm_type,
            scale_grad_by_freq=scale_grad_by_freq,
            mode=mode,
            sparse=sparse,
            include_last_offset=include_last_offset,
            padding_idx=padding_idx,
        )
        made.weight.requires_grad_(not freeze)
        return made

    def forward(self, input: Tensor, offsets: Tensor | None = None, per_sample_weights: Tensor | None = None) -> Tensor:
        return embedding_bag(
            input,
            self.weight,
            offsets,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
            self.mode,
            per_sample_weights=per_sample_weights,
            include_last_offset=self.include_last_offset,
            padding_idx=self.padding_idx,
        )
