"""The schemas against TensorBoard's own, and the hand-written encoder against protobuf."""

import importlib
import math
import struct
import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tbwriter.messages import event_pb2, graph_pb2, hparams_pb2, plugins_pb2, summary_pb2, tensor_pb2
from tbwriter.messages.encode import (
    float32_bytes,
    scalar_event,
    scalar_events,
    scalars_summary,
    step_field,
    summary_event,
    varint,
)

Event, Summary = event_pb2.Event, summary_pb2.Summary

int64 = st.integers(-(2**63), 2**63 - 1)
times = st.floats(allow_nan=False).map(lambda t: t + 0.0)  # -0.0 is 0.0
numbers = st.floats(allow_nan=False)


def as_float32(number):
    try:
        return struct.unpack("<f", struct.pack("<f", number))[0]
    except OverflowError:
        return math.copysign(math.inf, number)


@given(times, int64, st.text(), numbers)
@example(0.0, 0, "", 0.0)
@example(1.7e9, 2**40, "loss/train", 1e300)
@example(1.7e9, -1, "x" * 200, math.nan)
def test_a_scalar_event_is_what_protobuf_writes(wall_time, step, tag, number):
    value = Summary.Value(tag=tag, simple_value=as_float32(number))
    event = Event(wall_time=wall_time, step=step, summary=Summary(value=[value]))
    assert scalar_event(wall_time, step, tag, number) == event.SerializeToString()


@given(st.lists(st.tuples(times, int64, st.text(), numbers)))
def test_many_scalar_events_at_once_are_what_they_are_one_by_one(scalars):
    assert scalar_events(scalars) == [scalar_event(*scalar) for scalar in scalars]


@given(times, int64, st.text(), numbers)
def test_a_step_after_an_event_without_one_is_its_step(wall_time, step, tag, number):
    event = Event.FromString(scalar_event(wall_time, 0, tag, number) + step_field(step))
    assert event == Event.FromString(scalar_event(wall_time, step, tag, number))


@given(times, int64, st.lists(st.tuples(st.text(), numbers)))
def test_an_event_of_many_scalars_is_what_protobuf_writes(wall_time, step, scalars):
    values = [Summary.Value(tag=tag, simple_value=as_float32(number)) for tag, number in scalars]
    event = Event(wall_time=wall_time, step=step, summary=Summary(value=values))
    assert summary_event(wall_time, step, scalars_summary(scalars)) == event.SerializeToString()


@given(st.integers(-(2**63), 2**64 - 1))
def test_a_varint_is_at_most_ten_bytes_and_only_its_last_ends_it(number):
    encoded = varint(number)
    assert len(encoded) <= 10
    assert [byte < 128 for byte in encoded] == [False] * (len(encoded) - 1) + [True]
    assert sum((byte & 127) << 7 * i for i, byte in enumerate(encoded)) == number % 2**64


def test_what_is_too_large_for_float32_becomes_infinite_of_its_sign():
    assert float32_bytes(-1e300) == struct.pack("<f", -math.inf)


TENSORBOARD = {
    event_pb2: ["compat.proto.event_pb2"],
    summary_pb2: ["compat.proto.summary_pb2", "compat.proto.histogram_pb2"],
    tensor_pb2: ["compat.proto.tensor_pb2", "compat.proto.tensor_shape_pb2", "compat.proto.types_pb2"],
    graph_pb2: [f"compat.proto.{name}_pb2" for name in ("graph", "node_def", "attr_value", "versions")],
    hparams_pb2: ["plugins.hparams.api_pb2", "plugins.hparams.plugin_data_pb2"],
    plugins_pb2: [
        "plugins.scalar.plugin_data_pb2", "plugins.histogram.plugin_data_pb2", "plugins.text.plugin_data_pb2",
        "plugins.image.plugin_data_pb2", "plugins.audio.plugin_data_pb2", "plugins.pr_curve.plugin_data_pb2",
        "plugins.mesh.plugin_data_pb2", "plugins.custom_scalar.layout_pb2",
        "plugins.projector.projector_config_pb2",
    ],
}  # fmt: skip
RENAMED = {"HParamType": "DataType"}  # two enums of one name in one package


def shape_of(field):
    return field.number, field.type, field.is_repeated, field.containing_oneof and field.containing_oneof.name


def assert_agrees(ours, theirs):
    """Every field of ours is one of theirs: number, type, oneof; so for messages and enums inside."""
    for field in ours.fields:
        assert field.name in theirs.fields_by_name, f"TensorBoard's {theirs.full_name} has no {field.name}"
        assert shape_of(field) == shape_of(theirs.fields_by_name[field.name]), f"{ours.full_name}.{field.name}"
    for nested in ours.nested_types:
        assert_agrees(nested, theirs.nested_types_by_name[nested.name])
    for enum in ours.enum_types:
        assert_enum_agrees(enum, theirs.enum_types_by_name[enum.name])


def assert_enum_agrees(ours, theirs):
    assert {v.name: v.number for v in ours.values}.items() <= {v.name: v.number for v in theirs.values}.items()


@pytest.mark.parametrize("module", TENSORBOARD, ids=lambda m: m.__name__)
def test_every_field_has_tensorboards_number_and_type(module):
    pytest.importorskip("tensorboard", reason="compares with TensorBoard's schemas")
    descriptors = [importlib.import_module(f"tensorboard.{name}").DESCRIPTOR for name in TENSORBOARD[module]]
    messages = {name: m for d in descriptors for name, m in d.message_types_by_name.items()}
    enums = {name: e for d in descriptors for name, e in d.enum_types_by_name.items()}
    for name, message in module.DESCRIPTOR.message_types_by_name.items():
        assert_agrees(message, messages[name])
    for name, enum in module.DESCRIPTOR.enum_types_by_name.items():
        assert_enum_agrees(enum, enums[RENAMED.get(name, name)])


ALL_OF_OURS = "; ".join(f"import tbwriter.messages.{m.__name__.rpartition('.')[2]}" for m in TENSORBOARD)


@pytest.mark.parametrize("first", ["tbwriter", "other"])
@pytest.mark.parametrize("other", ["tensorboard.summary.writer.event_file_writer", "tensorboardX"])
def test_the_messages_live_beside_those_of_others_in_one_process(first, other):
    pytest.importorskip(other.partition(".")[0], reason="imports its messages beside ours")
    imports = [f"import {other}", ALL_OF_OURS]
    program = "; ".join(reversed(imports) if first == "tbwriter" else imports)
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
