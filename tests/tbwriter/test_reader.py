import types

import pytest

from tbwriter.event_file import EventFile
from tbwriter.messages.event_pb2 import Event
from tbwriter.messages.summary_pb2 import Summary
from tbwriter.messages.tensor_pb2 import DT_DOUBLE, DT_FLOAT, DT_STRING, TensorProto, TensorShapeProto
from tbwriter.reader import read_events, read_scalars
from tbwriter.records import DamagedRecordError, frame


def scalar(tag, step, number):
    return Event(wall_time=1.5, step=step, summary=Summary(value=[Summary.Value(tag=tag, simple_value=number)]))


def write(path, *events):
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"".join(frame(event.SerializeToString()) for event in events))
    return path


def test_events_come_back_with_time_step_and_summary(tmp_path):
    path = write(tmp_path / "events.out.tfevents.1", Event(file_version="brain.Event:2"), scalar("loss", 3, 0.5))
    first, second = read_events(path)
    assert first.file_version == "brain.Event:2"
    assert (second.wall_time, second.step) == (1.5, 3)
    assert [(value.tag, value.simple_value) for value in second.summary.value] == [("loss", 0.5)]


def test_it_is_a_generator_that_reads_as_it_goes(tmp_path):
    path = write(tmp_path / "events.out.tfevents.1", scalar("loss", 1, 1), scalar("loss", 2, 1))
    events = read_events(str(path))
    assert isinstance(events, types.GeneratorType)
    assert next(events).step == 1


def test_a_directory_is_its_event_files_by_name(tmp_path):
    write(tmp_path / "events.out.tfevents.2", scalar("loss", 2, 0))
    write(tmp_path / "events.out.tfevents.1", scalar("loss", 1, 0))
    write(tmp_path / "other.txt", scalar("loss", 3, 0))
    write(tmp_path / "sub" / "events.out.tfevents.3", scalar("loss", 4, 0))
    assert [event.step for event in read_events(tmp_path)] == [1, 2]


def test_a_file_being_written_ends_where_it_ends_now(tmp_path):
    file = EventFile(tmp_path)
    file.add(scalar("loss", 1, 0).SerializeToString())
    file.flush()
    with file.path.open("ab") as tail:
        tail.write(frame(b"cut off")[:-1])
    assert [event.step for event in read_events(tmp_path)] == [0, 1]


def test_a_path_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        list(read_events(tmp_path / "nowhere"))


def test_damage_is_reported_with_file_and_offset_after_what_came_before(tmp_path):
    path = write(tmp_path / "events.out.tfevents.1", scalar("loss", 1, 0), scalar("loss", 2, 0))
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    events = read_events(tmp_path)
    assert next(events).step == 1
    with pytest.raises(DamagedRecordError) as caught:
        next(events)
    assert (caught.value.path, caught.value.offset) == (str(path), len(data) // 2)
    assert (
        str(caught.value)
        == f"{path}: the record at byte {len(data) // 2} is damaged: the checksum of its data does not fit"
    )


def test_a_record_that_is_no_event_is_damage(tmp_path):
    path = tmp_path / "events.out.tfevents.1"
    path.write_bytes(frame(b"\xff\xff\xff"))
    with pytest.raises(DamagedRecordError, match=r"tfevents.1: the record at byte 0 is damaged: it is no Event$"):
        list(read_events(path))


def test_scalars_of_every_style_are_curves(tmp_path):
    shape = TensorShapeProto()
    tensors = [
        TensorProto(dtype=DT_FLOAT, tensor_shape=shape, float_val=[0.5]),
        TensorProto(dtype=DT_FLOAT, tensor_shape=shape, tensor_content=b"\x00\x00\x00\x3f"),
        TensorProto(dtype=DT_DOUBLE, tensor_shape=shape, double_val=[0.5]),
    ]
    others = [
        TensorProto(dtype=DT_STRING, tensor_shape=shape, string_val=[b"text"]),
        TensorProto(dtype=DT_FLOAT, tensor_shape=TensorShapeProto(dim=[TensorShapeProto.Dim(size=1)]), float_val=[1]),
    ]
    values = [Summary.Value(tag="new", tensor=tensor) for tensor in tensors]
    values += [Summary.Value(tag="other", tensor=tensor) for tensor in others]
    events = [Event(step=step, summary=Summary(value=[value])) for step, value in enumerate(values)]
    write(tmp_path / "events.out.tfevents.1", *events, scalar("old", 7, 0.25), scalar("old", 8, 0.125))
    curves = read_scalars(tmp_path)
    assert list(curves) == ["new", "old"]
    assert [array.tolist() for array in curves["new"]] == [[0, 1, 2], [0.5, 0.5, 0.5]]
    assert [array.tolist() for array in curves["old"]] == [[7, 8], [0.25, 0.125]]
