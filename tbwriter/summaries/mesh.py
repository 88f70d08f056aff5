"""Meshes: points in space, their colours, and the triangles between them."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from tbwriter.messages.plugins_pb2 import MeshPluginData
from tbwriter.summaries.tensor import number_tensor, summary, tensor_value
from tbwriter.values import array, describe, without_nan

PARTS = {  # of a mesh, by the ending of their tag
    "VERTEX": (MeshPluginData.VERTEX, np.float32),
    "FACE": (MeshPluginData.FACE, np.int32),
    "COLOR": (MeshPluginData.COLOR, np.uint8),
}


def mesh(tag: str, vertices: object, colors: object, faces: object, config: object) -> bytes:
    """A Summary of a batch of meshes, or of point clouds where there are no faces.

    Args:
        tag: its name in the run; each part has its own, see `mesh_tag`.
        vertices: ``(B, N, 3)``, or ``(N, 3)`` for one mesh: x, y, z.
        colors: of each vertex, the same shape: red, green, blue from 0 to 255; or None.
        faces: ``(B, F, 3)``: three numbers of vertices; or None.
        config: camera, lights and material for THREE.js; or None.

    Returns:
        The serialised Summary, of one value a part.

    Raises:
        TypeError: these are not numbers, or the config is not a dictionary.
        ValueError: the shapes do not fit together, or a face names a vertex that is not there.

    References:
        https://www.tensorflow.org/tensorboard (the mesh plugin's configuration).

    Example:
        >>> from tbwriter.messages.summary_pb2 import Summary
        >>> triangle = [[[0, 0, 0], [1, 0, 0], [0, 1, 0]]]
        >>> [value.tag for value in Summary.FromString(mesh("x", triangle, None, [[[0, 1, 2]]], None)).value]
        ['x_VERTEX', 'x_FACE']
    """
    parts = {"VERTEX": _triples(tag, "vertices", vertices)}
    if not np.isfinite(parts["VERTEX"]).all():
        raise ValueError(f"add_mesh: tag {tag!r}: the vertices must be finite; leave out what is not")
    batch, points, _ = parts["VERTEX"].shape
    if faces is not None:
        parts["FACE"] = corners = _triples(tag, "faces", faces)
        if corners.dtype.kind not in "iu" or corners.shape[0] != batch:
            expected = f"whole numbers ({batch}, F, 3), since the vertices are {parts['VERTEX'].shape}"
            raise ValueError(f"add_mesh: tag {tag!r}: the faces must be {expected}, got {describe(corners)}")
        if corners.size and not 0 <= corners.min() <= corners.max() < points:
            named = f"{corners.min()} to {corners.max()}"
            raise ValueError(f"add_mesh: tag {tag!r}: the faces name vertices {named}; there are 0 to {points - 1}")
    if colors is not None:
        parts["COLOR"] = _triples(tag, "colors", colors)
        if parts["COLOR"].shape != parts["VERTEX"].shape:
            shapes = f"the colors are {parts['COLOR'].shape}, the vertices {parts['VERTEX'].shape}"
            raise ValueError(f"add_mesh: tag {tag!r}: {shapes}; give each vertex one color")
        parts["COLOR"] = without_nan(parts["COLOR"].clip(0, 255))
    return summary(*_values(tag, parts, _json(tag, config)))


def _values(tag: str, parts: Mapping[str, npt.NDArray[Any]], config: str) -> list[Any]:
    components = sum(1 << PARTS[part][0] for part in parts)
    values = []
    for part, numbers in parts.items():
        kind, dtype = PARTS[part]
        described = MeshPluginData(
            name=tag, content_type=kind, json_config=config, shape=numbers.shape, components=components
        )  # fmt: skip
        tensor = number_tensor(numbers.astype(dtype))
        values.append(tensor_value(mesh_tag(tag, part), tensor, "mesh", described.SerializeToString()))
    return values


def mesh_tag(tag: str, part: str) -> str:
    """The tag in the file of one part of a mesh.

    Args:
        tag: the caller's.
        part: "VERTEX", "FACE" or "COLOR".

    Returns:
        The tag.

    Example:
        >>> mesh_tag("cube", "FACE")
        'cube_FACE'
    """
    return f"{tag}_{part}"


def _triples(tag: str, what: str, value: object) -> npt.NDArray[Any]:
    """``(B, N, 3)``."""
    given = array("add_mesh", tag, value, f"the {what}")
    triples = given[None] if given.ndim == 2 else given
    if triples.ndim != 3 or triples.shape[2] != 3 or not triples.size:
        expected = "an array (B, N, 3) or (N, 3)"
        raise ValueError(f"add_mesh: tag {tag!r}: the {what} must be {expected}, got {describe(given)}")
    return triples


def _json(tag: str, config: object) -> str:
    if config is None:
        return "{}"
    if not isinstance(config, Mapping):
        raise TypeError(f"add_mesh: tag {tag!r}: config_dict must be a dictionary, got {describe(config)}")
    try:
        return json.dumps(dict(config), sort_keys=True, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise type(error)(f"add_mesh: tag {tag!r}: config_dict cannot be written as JSON: {error}") from error
