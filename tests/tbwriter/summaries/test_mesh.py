import json

import numpy as np
import pytest

from tbwriter.messages.plugins_pb2 import MeshPluginData
from tbwriter.messages.summary_pb2 import Summary
from tbwriter.messages.tensor_pb2 import DT_FLOAT, DT_INT32, DT_UINT8
from tbwriter.summaries.mesh import mesh

VERTICES = np.arange(24.0).reshape(2, 4, 3)
COLORS = np.arange(24).reshape(2, 4, 3)
FACES = np.array([[[0, 1, 2]], [[1, 2, 3]]])


def parts(*args):
    values = Summary.FromString(mesh("cube", *args)).value
    return {value.tag: (MeshPluginData.FromString(value.metadata.plugin_data.content), value) for value in values}


def test_each_part_is_a_tensor_of_the_mesh_dashboard():
    by_tag = parts(VERTICES, COLORS, FACES, None)
    assert list(by_tag) == ["cube_VERTEX", "cube_FACE", "cube_COLOR"]
    for (kind, dtype, numpy_type, given), (content, value) in zip(
        [
            (MeshPluginData.VERTEX, DT_FLOAT, "<f4", VERTICES),
            (MeshPluginData.FACE, DT_INT32, "<i4", FACES),
            (MeshPluginData.COLOR, DT_UINT8, "u1", COLORS),
        ],
        by_tag.values(),
        strict=True,
    ):
        assert (content.name, content.content_type, content.components) == ("cube", kind, 2 + 4 + 8)
        assert value.metadata.plugin_data.plugin_name == "mesh"
        assert (value.tensor.dtype, list(content.shape)) == (dtype, list(given.shape))
        assert np.array_equal(np.frombuffer(value.tensor.tensor_content, numpy_type).reshape(given.shape), given)


@pytest.mark.parametrize(("colors", "faces", "components"), [(None, None, 2), (COLORS, None, 10), (None, FACES, 6)])
def test_the_components_say_what_there_is(colors, faces, components):
    assert {content.components for content, _ in parts(VERTICES, colors, faces, None).values()} == {components}


def test_one_mesh_needs_no_batch():
    content, _ = parts(VERTICES[0], None, FACES[0], None)["cube_FACE"]
    assert list(content.shape) == [1, 1, 3]


def test_colors_are_clipped_never_wrapped():
    _, value = parts(np.zeros((1, 3)), [[300.0, -5.0, np.nan]], None, None)["cube_COLOR"]
    assert list(value.tensor.tensor_content) == [255, 0, 0]


def test_the_configuration_is_json():
    config = {"camera": {"cls": "PerspectiveCamera", "fov": 75}}
    assert json.loads(parts(VERTICES, None, None, config)["cube_VERTEX"][0].json_config) == config
    assert parts(VERTICES, None, None, None)["cube_VERTEX"][0].json_config == "{}"


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        (
            (np.zeros((4, 2)), None, None, None), ValueError,
            "the vertices must be an array (B, N, 3) or (N, 3), got float64 array of shape (4, 2)",
        ),
        ((np.full((4, 3), np.nan), None, None, None), ValueError, "the vertices must be finite; leave out what is not"),
        (
            (VERTICES, COLORS[:, :2], None, None), ValueError,
            "the colors are (2, 2, 3), the vertices (2, 4, 3); give each vertex one color",
        ),
        (
            (VERTICES, None, FACES + 0.5, None), ValueError,
            "the faces must be whole numbers (2, F, 3), since the vertices are (2, 4, 3), "
            "got float64 array of shape (2, 1, 3)",
        ),
        (
            (VERTICES, None, FACES[:1], None), ValueError,
            "the faces must be whole numbers (2, F, 3), since the vertices are (2, 4, 3), "
            "got int64 array of shape (1, 1, 3)",
        ),
        ((VERTICES, None, FACES + 1, None), ValueError, "the faces name vertices 1 to 4; there are 0 to 3"),
        ((VERTICES, None, None, ["x"]), TypeError, "config_dict must be a dictionary, got list ['x']"),
        (
            (VERTICES, None, None, {"x": object}), TypeError,
            "config_dict cannot be written as JSON: Object of type type is not JSON serializable",
        ),
    ],
)  # fmt: skip
def test_what_is_no_mesh_is_refused(arguments, kind, message):
    with pytest.raises(kind) as caught:
        mesh("cube", *arguments)
    assert str(caught.value) == f"add_mesh: tag 'cube': {message}"
