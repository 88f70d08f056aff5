"""Softmax over very many classes: the frequent ones at once, the rare ones in clusters of their own."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from nn.errors import OutOfBoundsError, RangeError, ShapeError
from nn.modules.container import ModuleList, Sequential
from nn.modules.linear import Linear
from nn.modules.module import Module
from nn.ops.indexing import gather, getitem, getitem_backward
from nn.ops.reduction import argmax, mean
from nn.ops.shape import cat, narrow, squeeze, unsqueeze
from nn.tensors import checks
from nn.tensors.place import Device, Factory
from nn.tensors.softmax import log_softmax
from nn.tensors.tensor import Tensor

__all__ = ["AdaptiveLogSoftmaxWithLoss"]


class OutputLoss(NamedTuple):
    """What the forward returns: each sample's log-probability of its class, and the mean of their negatives."""

    output: Tensor
    loss: Tensor


class AdaptiveLogSoftmaxWithLoss(Module):
    """The negative log-likelihood under a softmax of two steps: a short list or a cluster, then a class within it.

    A rare class is read by its cluster's own, narrower projection, which runs only for the samples of that cluster.

    Args:
        in_features: D, the length of an input vector.
        n_classes: classes, numbered by how frequent they are, the most frequent first.
        cutoffs: where the short list and each cluster but the last end.
        div_value: cluster i is projected to D / div_value^i features.
        head_bias: whether the first step has a bias.

    Shape:
        (N, D), (N,) -> output (N,), loss (); or (D,), () -> output (), loss ().

    Raises:
        RangeError: the cutoffs are not increasing from 1 to n_classes - 1.
        ShapeError: input and target do not fit.
        IndexError: a class is not in [0, n_classes).

    Example:
        >>> import nn
        >>> layer = nn.AdaptiveLogSoftmaxWithLoss(16, 20, cutoffs=[4, 10])
        >>> layer.log_prob(nn.ones(3, 16)).shape
        (3, 20)
        >>> layer(nn.ones(3, 16), nn.tensor([0, 5, 19])).output.shape
        (3,)

    References:
        Grave et al., Efficient Softmax Approximation for GPUs, ICML 2017.
    """

    in_features: int
    n_classes: int
    cutoffs: list[int]
    div_value: float
    head_bias: bool
    shortlist_size: int
    n_clusters: int
    head_size: int
    head: Linear
    tail: ModuleList

    def __init__(
        self,
        in_features: int,
        n_classes: int,
        cutoffs: Sequence[int],
        div_value: float = 4.0,
        head_bias: bool = False,
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        factory = Factory(device=device, dtype=dtype)
        super().__init__(**factory)
        ends = [0, *cutoffs, n_classes]
        if not cutoffs or any(int(b) != b or a >= b for a, b in itertools.pairwise(ends)):
            raise RangeError(
                f"AdaptiveLogSoftmaxWithLoss: cutoffs must be integers that grow from 1 to n_classes - 1 = "
                f"{n_classes - 1}, got {list(cutoffs)}"
            )
        self.in_features = in_features
        self.n_classes = n_classes
        self.cutoffs = [*cutoffs, n_classes]
        self.div_value = div_value
        self.head_bias = head_bias
        self.shortlist_size = self.cutoffs[0]
        self.n_clusters = len(self.cutoffs) - 1
        self.head_size = self.shortlist_size + self.n_clusters
        self.head = Linear(in_features, self.head_size, bias=head_bias, **factory)
        self.tail = ModuleList()
        for i, (start, stop) in enumerate(itertools.pairwise(self.cutoffs), 1):
            width = int(in_features // div_value**i)
            self.tail.append(
                Sequential(
                    Linear(in_features, width, bias=False, **factory),
                    Linear(width, stop - start, bias=False, **factory),
                )
            )

    def reset_parameters(self) -> None:
        """Draw the initial values again."""
        for module in self.modules():
            if isinstance(module, Linear):
                module.reset_parameters()

    def forward(self, input: Tensor, target: Tensor) -> OutputLoss:
        """Return the log-probability of each sample's class, and the loss."""
        name = "AdaptiveLogSoftmaxWithLoss"
        x, classes = checks.floating(input, name), checks.tensor(target, name, "target").detach().numpy()
        if classes.ndim > 1 or x.ndim != classes.ndim + 1 or x.shape[:-1] != classes.shape:
            raise ShapeError(
                f"{name}: input and target must have shapes (N, D) and (N,), or (D,) and (); got {x.shape} and "
                f"{classes.shape}"
            )
        if classes.size and (classes.min() < 0 or classes.max() >= self.n_classes):
            raise OutOfBoundsError(
                f"{name}: target must be classes from 0 to {self.n_classes - 1}, got {classes.min()} to {classes.max()}"
            )
        batched = classes.ndim == 1
        x, classes = (x, classes) if batched else (unsqueeze(x, 0), classes[None])
        cluster = np.searchsorted(self.cutoffs, classes, side="right")  # 0: the short list
        first = np.where(cluster == 0, classes, self.shortlist_size + cluster - 1)
        output: Any = squeeze(gather(log_softmax(self.head(x), 1), first[:, None], dim=1), 1)
        for i, start in enumerate(self.cutoffs[:-1]):
            rows = np.flatnonzero(cluster == i + 1)
            if rows.size:
                logp = log_softmax(self.tail[i](getitem(x, index=(rows,))), 1)
                within = squeeze(gather(logp, (classes[rows] - start)[:, None], dim=1), 1)
                output = output + getitem_backward(within, index=(rows,), shape=classes.shape)
        loss = mean(-output)
        return OutputLoss(output if batched else squeeze(output, 0), loss)

    def log_prob(self, input: Tensor) -> Tensor:
        """Return the log-probabilities of all classes, (N, D) -> (N, n_classes)."""
        head = log_softmax(self.head(input), 1)
        parts = [narrow(head, dim=1, start=0, length=self.shortlist_size)]
        for i, tail in enumerate(self.tail):
            chosen = narrow(head, dim=1, start=self.shortlist_size + i, length=1)
            parts.append(log_softmax(tail(input), 1) + chosen)
        return cat(parts, 1)

    def predict(self, input: Tensor) -> Tensor:
        """Return the likeliest class of each sample, (N, D) -> (N,)."""
        return argmax(self.log_prob(input).detach(), dim=1)
