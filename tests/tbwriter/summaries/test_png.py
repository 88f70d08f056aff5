import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from tbwriter.summaries.png import encode


@given(npst.arrays(np.uint8, st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(1, 4))))
def test_what_is_encoded_is_decoded(decode_png, pixels):
    assert np.array_equal(decode_png(encode(pixels)), pixels)


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (2, "LA"), (3, "RGB"), (4, "RGBA")])
def test_pillow_reads_it(channels, mode):
    Image = pytest.importorskip("PIL.Image", reason="reads our PNG with Pillow")
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, channels), np.uint8)
    with Image.open(io.BytesIO(encode(pixels))) as image:
        assert image.mode == mode
        assert np.array_equal(np.asarray(image).reshape(pixels.shape), pixels)


def test_a_gradient_costs_little():
    ramp = np.add.outer(np.arange(256), np.arange(256)).astype(np.uint8)[..., None]
    assert len(encode(ramp)) < ramp.size / 50
