import gzip
import struct

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nn.data.datasets import read_idx

CODES = {"|u1": 8, "|i1": 9, ">i2": 11, ">i4": 12, ">f4": 13, ">f8": 14}


def idx(array):
    """The file of an array, put together by hand from the format's description."""
    code = CODES[array.dtype.newbyteorder(">").str]
    head = bytes([0, 0, code, array.ndim]) + b"".join(struct.pack(">I", n) for n in array.shape)
    return head + array.astype(array.dtype.newbyteorder(">")).tobytes()


arrays = hnp.arrays(
    st.sampled_from(["u1", "i1", "<i2", ">i4", "<f4", ">f8"]), hnp.array_shapes(min_dims=1, max_dims=3, min_side=0)
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arrays, st.booleans())
def test_an_array_comes_back_compressed_or_not_whatever_the_name(tmp_path, array, compressed):
    path = tmp_path / "file"
    path.write_bytes(gzip.compress(idx(array)) if compressed else idx(array))
    back = read_idx(path)
    assert back.dtype == array.dtype.newbyteorder("=")
    np.testing.assert_array_equal(back, array)


@pytest.mark.parametrize("compressed", [False, True])
def test_every_cut_is_refused(compressed, tmp_path):
    data = idx(np.arange(6, dtype=np.uint8).reshape(2, 3))
    data = gzip.compress(data) if compressed else data
    for length in range(len(data)):
        (tmp_path / "x").write_bytes(data[:length])
        with pytest.raises(ValueError, match="read_idx"):
            read_idx(tmp_path / "x")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"PNG....", r"x is no IDX file, its first bytes are b'PNG\.'"),
        (bytes([0, 0, 7, 1, 0, 0, 0, 0]), "x is no IDX file"),
        (
            bytes([0, 0, 8, 1, 0, 0, 0, 2, 5]),
            r"must have 10 bytes for an array of shape \(2,\), got 9; download it again",
        ),
        (bytes([0, 0, 8, 2]) + b"\xff" * 9, r"for an array of shape \(4294967295, 4294967295\), got 13"),
        (gzip.compress(b"\0\0\x08\x01", mtime=0)[:-3], r"is damaged or cut off \(.*\); download it again"),
    ],
)
def test_other_files_are_refused(data, message, tmp_path):
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(ValueError, match=message):
        read_idx(tmp_path / "x")
