import numpy as np
import pytest

from tbwriter.summaries.video import delay, frames

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("dataformats", ["NTCHW", "NTHWC", "TNHWC", "HWCTN", "nthwc"])
def test_any_order_of_axes_is_the_same_video(dataformats):
    video = RNG.integers(0, 256, (1, 5, 6, 7, 3), np.uint8)
    given = video.transpose(["NTHWC".index(axis) for axis in dataformats.upper()])
    assert np.array_equal(frames("pole", given, dataformats), video[0])


def test_videos_play_side_by_side():
    videos = RNG.integers(0, 256, (2, 5, 1, 6, 7), np.uint8)
    page = frames("pole", videos, "NTCHW")
    assert page.shape == (5, 6, 14, 1)
    assert np.array_equal(page[:, :, 7:, 0], videos[1, :, 0])


def test_axes_that_are_one_may_be_missing():
    assert frames("pole", np.zeros((5, 6, 7)), "THW").shape == (5, 6, 7, 1)
    assert frames("pole", np.zeros((5, 6, 7, 3)), "THWC").shape == (5, 6, 7, 3)


@pytest.mark.parametrize(("channels", "left"), [(1, 1), (2, 1), (3, 3), (4, 3)])
def test_alpha_is_dropped(channels, left):
    assert frames("pole", np.zeros((1, 5, channels, 6, 7)), "NTCHW").shape == (5, 6, 7, left)


@pytest.mark.parametrize(
    ("shape", "dataformats", "message"),
    [
        (
            (5, 6, 7),
            "HWC",
            'dataformats must be "NTCHW", "NTHWC", "TCHW", "THWC" or "THW", got \'HWC\'',
        ),
        (
            (5, 3, 6, 7),
            "NTCHW",
            "got float64 array of shape (5, 3, 6, 7) for dataformats 'NTCHW': that layout has 5 axes",
        ),
        ((1, 70000, 1), "THW", "the frames are 1 wide and 70000 high; GIF takes 65535 pixels a side at most"),
    ],
)
def test_what_is_no_video_is_refused(shape, dataformats, message):
    with pytest.raises(ValueError) as caught:
        frames("pole", np.zeros(shape), dataformats)
    assert str(caught.value) == f"add_video: tag 'pole': {message}"


@pytest.mark.parametrize(("fps", "hundredths"), [(4, 25), (30, 3), (1000, 1), (0.5, 200), (1e-9, 65535)])
def test_a_frame_stands_for_hundredths_of_a_second(fps, hundredths):
    assert delay("pole", fps) == hundredths


@pytest.mark.parametrize("fps", [0, -1, np.nan, np.inf])
def test_no_rate_is_refused(fps):
    with pytest.raises(ValueError, match=r"^add_video: tag 'pole': fps must be a positive number, got .*$"):
        delay("pole", fps)
