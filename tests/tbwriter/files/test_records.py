import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbwriter.files.records import DamagedRecordError, frame, frames, masked_crc, read_records, write_record


def test_crc_of_the_check_string_is_the_published_one_masked():
    crc = 0xE3069283
    assert masked_crc(b"123456789") == ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def test_a_frame_has_the_four_parts_of_the_format():
    data = b"hello"
    length = struct.pack("<Q", 5)
    assert frame(data) == length + struct.pack("<I", masked_crc(length)) + data + struct.pack("<I", masked_crc(data))


@given(st.lists(st.binary(max_size=300)))
def test_what_is_written_is_read_back_with_its_offsets(records):
    file = io.BytesIO()
    ends = [0]
    for record in records:
        ends.append(ends[-1] + write_record(file, record))
    file.seek(0)
    assert list(read_records(file)) == list(zip(ends[:-1], records, strict=True))


@given(st.lists(st.binary(max_size=300)))
def test_many_frames_at_once_are_what_they_are_one_by_one(records):
    assert frames(records) == b"".join(map(frame, records))


def test_a_cut_at_any_byte_ends_the_file_after_the_last_whole_record():
    whole = frame(b"one") + frame(b"two")
    for size in range(len(whole) + 1):
        expected = [b"one", b"two"][: size // 19]
        assert [data for _, data in read_records(io.BytesIO(whole[:size]))] == expected


@pytest.mark.parametrize(("byte", "reason"), [(0, "length"), (8, "length"), (12, "data"), (15, "data")])
def test_damage_is_reported_with_its_offset_after_the_intact_records(byte, reason):
    damaged = bytearray(frame(b"one") + frame(b"two"))
    damaged[19 + byte] ^= 1
    records = read_records(io.BytesIO(damaged))
    assert next(records) == (0, b"one")
    with pytest.raises(
        DamagedRecordError,
        match=f"^the file: the record at byte 19 is damaged: the checksum of its {reason} does not fit$",
    ) as caught:
        next(records)
    assert caught.value.offset == 19
    assert caught.value.path is None


def test_damage_in_a_named_file_names_it(tmp_path):
    path = tmp_path / "events"
    path.write_bytes(bytes(12))
    with path.open("rb") as file, pytest.raises(DamagedRecordError, match=r"^.*events: the record at byte 0 "):
        list(read_records(file))


def test_a_length_beyond_the_file_allocates_nothing_of_that_size():
    class Watched(io.BytesIO):
        largest = 0

        def read(self, size=-1):
            self.largest = max(self.largest, size)
            return super().read(size)

    length = struct.pack("<Q", 2**62)
    file = Watched(length + struct.pack("<I", masked_crc(length)) + b"few bytes")
    assert list(read_records(file)) == []
    assert file.largest <= 1 << 20


def test_a_record_larger_than_a_chunk_is_read_whole():
    data = bytes(range(256)) * 10_000
    assert list(read_records(io.BytesIO(frame(data)))) == [(0, data)]
