"""Reading past damage: every whole record is read, and every damage is told."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbwriter import DamagedRecordError, SummaryWriter, list_tags, read_events, read_scalars
from tbwriter.files.records import frame, read_records
from tbwriter.messages.encode import scalar_event
from tbwriter.messages.event_pb2 import Event

RECORDS = [scalar_event(1.5, step, "loss", step) for step in range(10)]
FRAMES = [frame(record) for record in RECORDS]


def read(data):
    told = []
    return [record for _, record in read_records(io.BytesIO(data), on_damage=told.append)], told


def test_a_flipped_bit_costs_the_one_record_that_holds_it():
    start = len(b"".join(FRAMES[:3]))
    for place in range(len(FRAMES[3])):
        broken = bytearray(b"".join(FRAMES))
        broken[start + place] ^= 1
        found, (damage,) = read(bytes(broken))
        assert found == RECORDS[:3] + RECORDS[4:]
        assert (damage.offset, damage.skipped) == (start, len(FRAMES[3]))


@given(
    st.lists(st.tuples(st.integers(0, 10), st.binary(min_size=1, max_size=40)), max_size=4),
    st.binary(max_size=30),
)
def test_whatever_stands_between_the_records_all_of_them_are_read(torn, tail):
    parts = list(FRAMES)
    for place, junk in sorted(torn, key=lambda one: -one[0]):
        parts.insert(place, junk)
    found, told = read(b"".join([*parts, tail]))
    assert [record for record in found if record in RECORDS] == RECORDS
    assert len(told) <= len(torn) + 1


def test_a_record_that_was_cut_off_and_written_over_costs_no_other():
    data = b"".join([*FRAMES[:3], FRAMES[3][:-5], *FRAMES[4:]])
    found, (damage,) = read(data)
    assert found == RECORDS[:3] + RECORDS[4:]
    assert damage.skipped == len(FRAMES[3]) - 5


def test_damage_longer_than_a_piece_of_the_file(monkeypatch):
    monkeypatch.setattr("tbwriter.files.records._CHUNK", 64)
    found, (damage,) = read(b"".join([FRAMES[0], bytes(1000), *FRAMES[1:]]))
    assert found == RECORDS
    assert damage.skipped == 1000


def test_a_length_that_promises_more_than_there_is_ends_nothing():
    """Its own checksum fits, so that only the end of the file shows that it is wrong; there it counts as cut off."""
    promise = frame(bytes(1 << 20))[:12]
    found, told = read(b"".join([*FRAMES[:2], b"junk", promise, *FRAMES[2:]]))
    assert found == RECORDS
    assert len(told) == 1


@pytest.fixture
def damaged(tmp_path):
    """A run of two files, the first of them with a record that is broken and one that is no Event."""
    for file in range(2):
        with SummaryWriter(tmp_path) as writer:
            for step in range(4):
                writer.add_scalar("loss", step, 4 * file + step)
    first = min(tmp_path.iterdir())
    data = bytearray(first.read_bytes() + frame(b"\xff\xff no Event"))
    place = len(data) - len(frame(b"\xff\xff no Event")) - 3
    data[place] ^= 1  # in the last scalar
    first.write_bytes(data)
    return tmp_path


def test_by_default_the_first_damage_is_raised(damaged):
    with pytest.raises(DamagedRecordError, match="the checksum of its data does not fit"):
        list(read_events(damaged))


def test_each_damage_is_warned_of_and_the_rest_is_read(damaged):
    with pytest.warns(RuntimeWarning, match="damaged") as caught:
        steps, _ = read_scalars(damaged, on_damage="warn")["loss"]
    assert steps.tolist() == [0, 1, 2, 4, 5, 6, 7]
    words = sorted(str(one.message) for one in caught)
    assert [word.rpartition("damaged: ")[2].partition(";")[0] for word in words] == [
        "the checksum of its data does not fit", "it is not an Event",
    ]  # fmt: skip
    assert all(str(min(damaged.iterdir())) in word and "bytes are left out" in word for word in words)


def test_each_damage_is_given_to_a_function(damaged):
    told = []
    (row,) = list_tags(damaged, on_damage=told.append)
    assert row.values == 7
    assert [type(damage) for damage in told] == [DamagedRecordError] * 2


def test_another_answer_to_damage_is_refused(tmp_path):
    with pytest.raises(ValueError, match="on_damage must be 'raise', 'warn' or a function, got str 'ignore'"):
        list(read_events(tmp_path, on_damage="ignore"))


def test_at_least_what_stock_readers_show_is_read(damaged):
    """TensorBoard's Python reader gives the first file up, and goes on with the second."""
    pytest.importorskip("tensorboard", reason="compares with TensorBoard (extra board)")
    from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader

    shown = [
        Event.FromString(record)
        for file in sorted(damaged.iterdir())
        for record in RawEventFileLoader(str(file)).Load()
    ]
    ours = list(read_events(damaged, on_damage=lambda damage: None))
    assert [event for event in shown if event in ours] == shown
    assert len(ours) >= len(shown)
