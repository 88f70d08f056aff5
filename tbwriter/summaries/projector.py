"""The projector: points of many dimensions, as the contents of files beside the events."""

import hashlib
import math
import urllib.parse
from typing import Any

import numpy as np
import numpy.typing as npt

from tbwriter.messages.plugins_pb2 import EmbeddingInfo, SpriteMetadata
from tbwriter.summaries import png
from tbwriter.summaries.image import Pixels, batch, grid
from tbwriter.values import array, describe

LARGEST_SPRITE = 8192  # pixels a side, what browsers take as a texture

_WHERE = "add_embedding"


def embedding(
    tag: str, step: int, mat: object, metadata: object, label_img: object, metadata_header: object
) -> tuple[EmbeddingInfo, dict[str, bytes]]:
    """The files of an embedding, and what the projector has to know of them.

    Args:
        tag: its name.
        step: the step that it belongs to.
        mat: ``(N, D)``: N points.
        metadata: a label for each point; or, with a header, a row of labels.
        label_img: ``(N, C, H, W)``: a picture for each point; those that are not square are padded.
        metadata_header: the names of the columns of ``metadata``.

    Returns:
        The entry of the projector's configuration, and contents by path.

    Raises:
        TypeError, ValueError: these are not points, or the labels or pictures do not fit them.

    Example:
        >>> entry, files = embedding("digits", 3, [[0.5, 1.5]], ["seven"], None, None)
        >>> files[entry.tensor_path], files[entry.metadata_path]
        (b'0.5\\t1.5\\n', b'seven\\n')
    """
    points = array(_WHERE, tag, mat, "the points")
    if points.ndim != 2 or not points.size:
        raise ValueError(f"{_WHERE}: tag {tag!r}: expected an array (N, D) of N points, got {describe(points)}")
    if not np.isfinite(points).all():
        raise ValueError(f"{_WHERE}: tag {tag!r}: the points must be finite; leave out what is not")
    folder = f"{step:05d}/{folder_name(tag)}"
    shape = points.shape
    entry = EmbeddingInfo(tensor_name=f"{tag}:{step:05d}", tensor_path=f"{folder}/tensors.tsv", tensor_shape=shape)
    files = {entry.tensor_path: _tsv(points)}
    if metadata is not None:
        entry.metadata_path = f"{folder}/metadata.tsv"
        files[entry.metadata_path] = _metadata(tag, len(points), metadata, metadata_header)
    if label_img is not None:
        sprite, side = _sprite(tag, len(points), label_img)
        entry.sprite.CopyFrom(SpriteMetadata(image_path=f"{folder}/sprite.png", single_image_dim=[side, side]))
        files[entry.sprite.image_path] = png.encode(sprite)
    return entry, files


def folder_name(tag: str) -> str:
    """A tag as the name of a folder: no two share one, also where case does not count, and none leads elsewhere.

    Args:
        tag: any text.

    Returns:
        A name of at most 200 characters of ASCII.

    Example:
        >>> folder_name("net/fc1 v2.0"), folder_name("..")
        ('net%2Ffc1%20v2.0', '%2E%2E')
    """
    name = urllib.parse.quote(tag, safe="")
    if name.endswith("."):  # some systems drop it
        end = name.rstrip(".")
        name = end + "%2E" * (len(name) - len(end))
    digest = hashlib.sha256(tag.encode()).hexdigest()[:40]
    if tag != tag.lower():
        name = f"{name}-{digest[:8]}"
    return name if len(name) <= 200 else f"{name[:150]}-{digest}"


def _tsv(points: npt.NDArray[Any]) -> bytes:
    """Nine digits distinguish every float32 from its neighbours."""
    line = "\t".join(["%.9g"] * points.shape[1]) + "\n"
    with np.errstate(over="ignore"):
        rows = points.astype(np.float32).clip(-3e38, 3e38)
    return "".join(line % tuple(row) for row in rows.tolist()).encode()


def _metadata(tag: str, count: int, metadata: Any, header: Any) -> bytes:
    """Tabs and line breaks inside of a label become spaces, since they separate labels."""
    try:
        rows = metadata.tolist() if hasattr(metadata, "tolist") else list(metadata)
        rows = [[*map(_label, row)] if isinstance(row, (list, tuple)) else _label(row) for row in rows]
    except Exception as error:  # not iterable; or each library's own for a tensor that has no data
        got = f"got {describe(metadata)}: {error}"
        raise ValueError(f"{_WHERE}: tag {tag!r}: the metadata must be a list of labels, {got}") from error
    if len(rows) != count:
        got = f"metadata of {len(rows)} points for {count}"
        raise ValueError(f"{_WHERE}: tag {tag!r}: got {got}; give one row for each")
    if header is None:
        if any(isinstance(row, list) for row in rows):
            advice = "give metadata_header, the names of the columns, too"
            raise ValueError(f"{_WHERE}: tag {tag!r}: the metadata has several columns; {advice}")
        rows = [[row] for row in rows]
    else:
        rows = [row if isinstance(row, list) else [row] for row in rows]
        names = [*map(_label, header)]
        wrong = next((row for row in rows if len(row) != len(names)), None)
        if wrong is not None:
            got = f"a row of {len(wrong)} for a header of {len(names)}"
            raise ValueError(f"{_WHERE}: tag {tag!r}: the metadata has {got}; give one label for each column")
        if len(names) > 1:  # the projector takes the first line of a single column for a label
            rows = [names, *rows]
    return "".join("\t".join(row) + "\n" for row in rows).encode("utf-8", "replace")


def _label(value: object) -> str:
    """An empty line would shift all labels after it."""
    item = value.item() if hasattr(value, "item") else value
    return " ".join(str(item).split()) or "-"


def _sprite(tag: str, count: int, label_img: object) -> tuple[Pixels, int]:
    """All pictures in one, as many rows as columns; and the side of a picture in pixels."""
    pictures = batch(_WHERE, tag, label_img, "NCHW")
    if len(pictures) != count:
        got = f"{len(pictures)} pictures for {count} points"
        raise ValueError(f"{_WHERE}: tag {tag!r}: got {got}; give one for each")
    height, width = pictures.shape[1:3]
    side, columns = max(height, width), math.ceil(math.sqrt(count))
    if side * columns > LARGEST_SPRITE:
        got = f"{count} pictures of {width} by {height} pixels make a side of {side * columns}"
        limit = f"browsers take {LARGEST_SPRITE} pixels: give smaller or fewer ones"
        raise ValueError(f"{_WHERE}: tag {tag!r}: {got}; {limit}")
    above, before = (side - height) // 2, (side - width) // 2
    square = np.zeros((columns * columns, side, side, pictures.shape[3]), np.uint8)
    square[:count, above : above + height, before : before + width] = pictures
    return grid(square, columns), side
