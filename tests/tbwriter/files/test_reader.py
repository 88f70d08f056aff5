import io
import struct
import types

import numpy as np
import pytest

from tbwriter import SummaryWriter
from tbwriter.files.event_file import EventFile
from tbwriter.files.reader import TagRow, list_tags, read_events, read_scalars
from tbwriter.files.records import FRAME_BYTES, DamagedRecordError, frame, frames, masked_crc, read_records
from tbwriter.messages.encode import scalar_event
from tbwriter.messages.event_pb2 import Event, SessionLog
from tbwriter.messages.summary_pb2 import Summary
from tbwriter.messages.tensor_pb2 import DT_DOUBLE, DT_FLOAT, DT_STRING, TensorProto, TensorShapeProto


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
    with next(tmp_path.iterdir()).open("ab") as tail:
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
    with pytest.raises(DamagedRecordError, match=r"tfevents.1: the record at byte 0 is damaged: it is not an Event$"):
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


def test_a_session_start_purges_all_tags_from_its_step_on(tmp_path):
    start = Event(step=2, session_log=SessionLog(status=SessionLog.START))
    stop = Event(step=0, session_log=SessionLog(status=SessionLog.STOP))
    before = [scalar("x", 1, 0), scalar("x", 2, 0), scalar("x", 3, 0), scalar("gone", 7, 0)]
    write(tmp_path / "events.out.tfevents.1", *before)
    write(tmp_path / "events.out.tfevents.2", start, stop, scalar("x", 3, 1))
    curves = read_scalars(tmp_path)
    assert list(curves) == ["x"]
    assert [array.tolist() for array in curves["x"]] == [[1, 3], [0, 1]]


def test_every_tag_is_listed_with_its_kind_its_number_and_its_steps(tmp_path):
    class Model:
        def graph_nodes(self, input_to_model):
            return []

    with SummaryWriter(tmp_path) as writer:
        for step in 3, 5, 9:
            writer.add_scalar("loss", 0.5, step)
            writer.log(step, {"accuracy": 0.5})
        writer.add_histogram("weights", [1.0, 2.0], 4)
        writer.add_image("digit", np.zeros((2, 2)), 4, dataformats="HW")
        writer.add_text("note", "hello", 4)
        writer.add_graph(Model())
    assert list_tags(tmp_path) == list_tags(next(tmp_path.iterdir())) == [
        TagRow("loss", "scalars", 3, 3, 9),
        TagRow("accuracy", "scalars", 3, 3, 9),
        TagRow("weights", "histograms", 1, 4, 4),
        TagRow("digit", "images", 1, 4, 4),
        TagRow("note/text_summary", "text", 1, 4, 4),
        TagRow("", "graphs", 1, 0, 0),
    ]  # fmt: skip


def test_a_value_of_no_kind_is_listed_all_the_same(tmp_path):
    path = write(tmp_path / "file", Event(step=1, summary=Summary(value=[Summary.Value(tag="x")])))
    assert list_tags(path) == [TagRow("x", "unknown", 1, 1, 1)]


RECORDS = [scalar_event(1.5, step, "loss/" + "x" * (step % 5) * 40, step / 7) for step in range(20)]
STARTS = np.cumsum([0] + [len(record) + FRAME_BYTES for record in RECORDS])


def mutated(rng):
    """An event file with some damage, and the number of records before it."""
    data = bytearray(frames(RECORDS))
    first = len(data)
    for _ in range(rng.integers(1, 4)):
        place, size = int(rng.integers(0, len(data))), int(rng.integers(1, 40))
        first = min(first, place)
        kind = rng.integers(0, 7)
        if kind == 0:
            data[place] ^= 1 << int(rng.integers(0, 8))
        elif kind == 1:
            del data[place : place + size]
        elif kind == 2:
            data[place:place] = rng.bytes(size)
        elif kind == 3:
            data[place:place] = data[: int(rng.integers(0, len(data)))]
        elif kind == 4:
            del data[place:]
        elif kind == 5:  # a length that its checksum vouches for
            length = struct.pack("<Q", int(rng.integers(0, 2**63)))
            data[place:place] = length + struct.pack("<I", masked_crc(length))
        else:  # a record that its checksums vouch for
            data[place:place] = frame(rng.bytes(size))
        if not data:
            break
    return bytes(data), int(np.searchsorted(STARTS, first, side="right")) - 1


def up_to_damage(items):
    """What comes, and the error that ends it, if any."""
    found = []
    try:
        found.extend(items)  # keeps what was read before an error
    except DamagedRecordError as error:
        return found, error
    return found, None


def check_a_mutated_file(path, rng):
    data, intact = mutated(rng)
    path.write_bytes(data)
    records, damage = up_to_damage(read_records(io.BytesIO(data)))
    assert damage is None or 0 <= damage.offset < len(data)
    found, damage = up_to_damage(read_events(path))
    assert damage is None or (damage.path == str(path) and 0 <= damage.offset < len(data))
    assert [record for _, record in records[:intact]] == RECORDS[:intact]
    assert [event.SerializeToString() for event in found[:intact]] == RECORDS[:intact]
    assert all(data[offset : offset + len(record) + FRAME_BYTES] == frame(record) for offset, record in records)
    assert found == [Event.FromString(record) for _, record in records[: len(found)]]


def test_no_damage_hangs_the_reader_or_leads_it_astray(tmp_path, rng):
    for _ in range(300):
        check_a_mutated_file(tmp_path / "events.out.tfevents.1", rng)


@pytest.mark.slow
def test_no_damage_hangs_the_reader_or_leads_it_astray_in_ten_thousand_files(tmp_path, rng):
    for _ in range(10_000):
        check_a_mutated_file(tmp_path / "events.out.tfevents.1", rng)
