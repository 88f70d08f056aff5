"""What a writer shows in dashboards of its own: points for the projector, and curves of precision and recall."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from nn.errors import RangeError, ShapeError
from nn.viewing.arrays import Array, as_array, labels_of

__all__ = ["log_embedding", "log_pr_curves"]

LARGEST, SMALLEST = 8192, 32
"""Pixels a side: of a sheet of sprites, what browsers take; of a sprite, as far as that allows."""


def log_embedding(
    writer: Any,
    features: Any,
    labels: Sequence[Any] | None = None,
    images: Any = None,
    step: int | None = None,
    tag: str = "features",
) -> None:
    """Log points of many dimensions for the projector, with a label and a picture for each.

    Args:
        writer: needs `add_embedding`, as those of tbwriter, tensorboardX and torch have.
        features: the points, e.g. `activations(model, x)["linear1"]`, or the weight of an `nn.Embedding`.
        labels: a text, or a class, for each point.
        images: a picture for each point, floats from 0 to 1 or bytes; small ones are made larger.
        step: of the training.
        tag: the name that the projector shows.

    Shape:
        features (N, ...), flattened to (N, D); images (N, H, W), (N, 1, H, W) or (N, 3, H, W).

    Raises:
        TypeError: the writer has no `add_embedding`.
        ShapeError: there are no points, or not as many labels or pictures.

    Example:
        >>> import nn
        >>> from tbwriter import SummaryWriter
        >>> digits, classes = nn.data.datasets.load_digits()
        >>> with SummaryWriter(write_to_disk=False) as writer:
        ...     nn.viewing.log_embedding(writer, digits[:50], classes[:50].tolist(), digits[:50], tag="pixels")
    """
    where = "log_embedding"
    _require(where, writer, "add_embedding")
    points = as_array(where, "features", features)
    if points.ndim < 2 or not points.size:
        raise ShapeError(f"{where}: features must be points (N, D), got shape {points.shape}")
    points = points.reshape(len(points), -1)
    texts = labels_of(where, "labels", labels, len(points))
    sprites: Any = None if images is None else _sprites(where, as_array(where, "images", images), len(points))
    if sprites is not None and type(writer).__module__.partition(".")[0] == "torch":
        sprites = sys.modules["torch"].from_numpy(sprites)  # of the pictures, torch's writer asks for the size
    writer.add_embedding(points, metadata=texts, label_img=sprites, global_step=step, tag=tag)


def _sprites(where: str, images: Array, count: int) -> Array:
    """Square pictures (N, 3, S, S) of floats from 0 to 1."""
    stack = images[:, None] if images.ndim == 3 else images
    if stack.ndim != 4 or stack.shape[1] not in (1, 3) or len(stack) != count or not stack.size:
        raise ShapeError(
            f"{where}: images must be {count} pictures, (N, H, W), (N, 1, H, W) or (N, 3, H, W); got {images.shape}"
        )
    stack = stack / 255 if stack.dtype.kind in "iu" else np.clip(np.nan_to_num(stack), 0, 1)
    height, width = stack.shape[2:]
    side = max(height, width)
    square = np.zeros((count, 3, side, side), np.float32)
    square[:, :, (side - height) // 2 :, (side - width) // 2 :][:, :, :height, :width] = stack
    times = max(1, min(-(-SMALLEST // side), int(LARGEST / np.ceil(np.sqrt(count)) / side)))
    return square.repeat(times, 2).repeat(times, 3)


def log_pr_curves(
    writer: Any,
    labels: Any,
    probabilities: Any,
    step: int | None = None,
    tag: str = "pr",
    classes: Sequence[Any] | None = None,
    num_thresholds: int = 127,
) -> None:
    """Log a curve of precision and recall for each class against the others, or one for two classes.

    Args:
        writer: needs `add_pr_curve`, as those of tbwriter, tensorboardX and torch have.
        labels: the true classes.
        probabilities: of each class, such as a softmax gives; or those of class 1.
        step: of the training.
        tag: the curves' name, with "/" and the class behind it where there are several.
        classes: the classes' names; their numbers by default.
        num_thresholds: at how many thresholds each curve is known.

    Shape:
        labels (N,); probabilities (N, C) or (N,).

    Raises:
        TypeError: the writer has no `add_pr_curve`.
        ShapeError: the probabilities do not fit the labels, or there is not one name for each class.
        RangeError: they are not from 0 to 1; there is no such class.

    Example:
        >>> import nn
        >>> from tbwriter import SummaryWriter
        >>> with SummaryWriter(write_to_disk=False) as writer:
        ...     nn.viewing.log_pr_curves(writer, [0, 1, 1], [0.1, 0.8, 0.4], step=3)
    """
    where = "log_pr_curves"
    _require(where, writer, "add_pr_curve")
    truth, shares = as_array(where, "labels", labels), as_array(where, "probabilities", probabilities)
    if truth.ndim != 1 or shares.ndim not in (1, 2) or len(truth) != len(shares) or not shares.size:
        raise ShapeError(
            f"{where}: labels must be (N,) and probabilities (N, C) or (N,), got {truth.shape} and {shares.shape}"
        )
    if not ((shares >= 0) & (shares <= 1)).all():
        raise RangeError(
            f"{where}: probabilities must be from 0 to 1, got {shares.min():g} to {shares.max():g}; "
            "take the softmax of logits, or their sigmoid"
        )
    count = 2 if shares.ndim == 1 else shares.shape[1]
    if truth.dtype.kind not in "iu" or truth.min() < 0 or truth.max() >= count:
        raise RangeError(f"{where}: labels must be classes from 0 to {count - 1}, got {np.unique(truth)[:9].tolist()}")
    if shares.ndim == 1:
        writer.add_pr_curve(tag, truth, shares, step, num_thresholds)
        return
    names = labels_of(where, "classes", classes, count) or [str(i) for i in range(count)]
    for number, name in enumerate(names):
        writer.add_pr_curve(f"{tag}/{name}", (truth == number).astype(int), shares[:, number], step, num_thresholds)


def _require(where: str, writer: Any, method: str) -> None:
    if not hasattr(writer, method):
        raise TypeError(f"{where}: writer must have {method}, got {type(writer).__name__}; give a SummaryWriter")
