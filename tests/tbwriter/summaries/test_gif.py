import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbwriter.summaries import gif

RNG = np.random.default_rng(0)


def unpacked(data, code_bits):
    """The bytes that LZW codes stand for: a decoder to read by."""
    bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little").tolist()
    clear = 1 << code_bits
    result, place, width = [], 0, code_bits + 1
    table, before = {}, None
    while True:
        code = sum(bit << i for i, bit in enumerate(bits[place : place + width]))
        place += width
        if code == clear:
            table = {i: (i,) for i in range(clear)} | {clear: None, clear + 1: None}
            before, width = None, code_bits + 1
            continue
        if code == clear + 1:
            assert not any(bits[place:])
            return bytes(result)
        if before is not None and len(table) < 4096:
            start = table[code][0] if code in table else table[before][0]
            table[len(table)] = (*table[before], start)
        result += table[code]
        before = code
        if len(table) == 1 << width and width < 12:
            width += 1


@pytest.mark.parametrize("code_bits", range(2, 9))
@pytest.mark.parametrize("length", [1, 2, 3, 7, 100, 20_000])
def test_lzw_keeps_every_byte(code_bits, length):
    data = RNG.integers(0, 1 << code_bits, length, np.uint8).tobytes()
    assert unpacked(gif.lzw(data, code_bits), code_bits) == data


@given(st.lists(st.sampled_from([0, 0, 0, 1, 2, 3]), min_size=1, max_size=3000))
def test_lzw_keeps_what_repeats(numbers):
    assert unpacked(gif.lzw(bytes(numbers), 2), 2) == bytes(numbers)


def test_lzw_makes_what_repeats_small():
    assert len(gif.lzw(bytes(10_000), 8)) < 300


def test_few_colours_are_kept_exactly():
    pixels = RNG.integers(0, 6, (500, 3), np.uint8) * 40
    palette, indices = gif.palettise(pixels)
    assert len(palette) <= 216
    assert np.array_equal(palette[indices], pixels)


def test_every_grey_is_kept_exactly():
    greys = np.arange(256, dtype=np.uint8)[:, None]
    palette, indices = gif.palettise(greys)
    assert np.array_equal(palette[indices], greys)


def test_many_colours_become_256_near_ones():
    x, y = np.meshgrid(np.arange(128), np.arange(128))
    pixels = np.stack([2 * x, 2 * y, x + y], axis=-1).reshape(-1, 3).astype(np.uint8)
    palette, indices = gif.palettise(pixels)
    assert len(palette) == 256
    error = palette[indices].astype(int) - pixels
    assert np.sqrt((error**2).mean()) < 8


@pytest.mark.parametrize("channels", [1, 3])
def test_pillow_reads_the_frames_that_were_written(channels):
    image = pytest.importorskip("PIL.Image", reason="reads GIFs with Pillow")
    frames = RNG.integers(0, 6, (3, 21, 34, channels), np.uint8) * 50
    with image.open(io.BytesIO(gif.encode(frames, delay=7))) as read:
        assert (read.n_frames, read.size, read.info["duration"], read.info["loop"]) == (3, (34, 21), 70, 0)
        for number, frame in enumerate(frames):
            read.seek(number)
            assert np.array_equal(np.array(read.convert("RGB")), np.broadcast_to(frame, (21, 34, 3)))


def test_a_single_pixel_is_a_picture():
    image = pytest.importorskip("PIL.Image", reason="reads GIFs with Pillow")
    with image.open(io.BytesIO(gif.encode(np.full((1, 1, 1, 1), 9, np.uint8), delay=1))) as read:
        assert read.convert("L").getpixel((0, 0)) == 9
