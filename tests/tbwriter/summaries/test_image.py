import numpy as np
import pytest

from tbwriter.messages.summary_pb2 import Summary
from tbwriter.summaries.image import batch, encoded_image, grid, image, image_samples, pixels

RNG = np.random.default_rng(0)


def read(value, dataformats="HW"):
    return pixels("add_image", "digit", value, dataformats)


@pytest.mark.parametrize("dataformats", ["HWC", "CHW", "WHC", "CWH", "hwc"])
def test_any_order_of_axes_is_the_same_picture(dataformats):
    picture = RNG.integers(0, 256, (4, 5, 3), np.uint8)
    given = picture.transpose(["HWC".index(axis) for axis in dataformats.upper()])
    assert np.array_equal(read(given, dataformats), picture)


def test_grey_stays_one_channel():
    assert read(np.zeros((4, 5)), "HW").shape == (4, 5, 1)
    assert read(np.zeros((1, 4, 5)), "CHW").shape == (4, 5, 1)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([[0.0, 0.5, 1.0, 1.2, -0.1, np.nan, np.inf, -np.inf, 1e300]]), [0, 128, 255, 255, 0, 0, 255, 0, 255]),
        (np.array([[0.0, 0.25, 1.0]], np.float16), [0, 64, 255]),
        (np.array([[0, 1, 200, 300, -5]], np.int64), [0, 1, 200, 255, 0]),
        (np.array([[0, 1, 255]], np.uint8), [0, 1, 255]),
        (np.array([[False, True]]), [0, 255]),
    ],
)
def test_values_are_clipped_never_wrapped(values, expected):
    assert read(values).ravel().tolist() == expected


def test_bytes_survive_the_way_through_floats():
    every = np.arange(256, dtype=np.uint8)[None]
    assert np.array_equal(read(every / 255)[..., 0], every)
    assert np.array_equal(read((every / 255).astype(np.float32))[..., 0], every)


def test_the_result_shares_no_memory():
    picture = np.zeros((4, 5), np.uint8)
    assert not np.shares_memory(read(picture), picture)


@pytest.mark.parametrize("dataformats", ["NCHW", "NHWC"])
def test_a_batch_is_a_grid_of_eight_to_a_row(dataformats):
    batch = RNG.integers(1, 256, (10, 4, 5, 3), np.uint8)
    page = read(batch if dataformats == "NHWC" else batch.transpose(0, 3, 1, 2), dataformats)
    assert page.shape == (2 * 4, 8 * 5, 3)
    for i in range(10):
        row, column = divmod(i, 8)
        assert np.array_equal(page[row * 4 : row * 4 + 4, column * 5 : column * 5 + 5], batch[i])
    assert not page[4:, 10:].any()


def test_a_list_of_pictures_is_a_batch():
    assert read([np.zeros((1, 4, 5)), np.ones((1, 4, 5))], "NCHW").shape == (4, 10, 1)


@pytest.mark.parametrize(
    ("shape", "dataformats", "message"),
    [
        ((2, 2), "XY", 'dataformats must be "CHW", "HWC", "HW", "NCHW" or "NHWC", got \'XY\''),
        ((2, 2), "HH", 'dataformats must be "CHW", "HWC", "HW", "NCHW" or "NHWC", got \'HH\''),
        ((2, 2), None, 'dataformats must be "CHW", "HWC", "HW", "NCHW" or "NHWC", got None'),
        (
            (28, 28),
            "CHW",
            "got float64 array of shape (28, 28) for dataformats 'CHW': that layout has 3 axes; "
            'say the layout, e.g. dataformats="HW"',
        ),
        (
            (28, 28, 3),
            "CHW",
            "expected 1 to 4 channels and at least one pixel, got 28 channels from float64 array of shape (28, 28, 3) "
            "read as 'CHW'; check dataformats",
        ),
        (
            (0, 28),
            "HW",
            "expected 1 to 4 channels and at least one pixel, got 1 channels from float64 array of shape (0, 28) "
            "read as 'HW'; check dataformats",
        ),
    ],
)
def test_what_is_no_picture_is_refused(shape, dataformats, message):
    with pytest.raises(ValueError) as caught:
        read(np.zeros(shape), dataformats)
    assert str(caught.value) == f"add_image: tag 'digit': {message}"


def test_pictures_that_are_no_numbers_are_refused():
    with pytest.raises(
        TypeError, match=r"^add_image: tag 'digit': the picture must be real numbers, got complex128 array"
    ):
        read(np.zeros((2, 2), complex))


def test_the_summary_says_size_and_channels():
    value = Summary.FromString(image("digit", np.zeros((4, 5, 3), np.uint8))).value[0]
    assert (value.tag, value.image.height, value.image.width, value.image.colorspace) == ("digit", 4, 5, 3)
    assert value.image.encoded_image_string.startswith(b"\x89PNG")


def test_a_picture_that_is_encoded_already_is_kept():
    value = Summary.FromString(encoded_image("x", b"GIF89a", (9, 4, 5, 3))).value[0]
    assert (value.image.height, value.image.width, value.image.colorspace) == (4, 5, 3)
    assert value.image.encoded_image_string == b"GIF89a"


def test_samples_tell_their_size_first(decode_png):
    pictures = RNG.integers(0, 256, (2, 4, 5, 3), np.uint8)
    value = Summary.FromString(image_samples("digits", pictures)).value[0]
    assert value.metadata.plugin_data.plugin_name == "images"
    assert [dim.size for dim in value.tensor.tensor_shape.dim] == [4]
    assert value.tensor.string_val[:2] == [b"5", b"4"]
    assert np.array_equal([decode_png(png) for png in value.tensor.string_val[2:]], pictures)


@pytest.mark.parametrize("pictures", [list, tuple])
def test_the_axes_of_one_picture_do_for_a_list(pictures):
    given = pictures([np.zeros((4, 5, 3)), np.ones((4, 5, 3))])
    assert batch("add_images", "digits", given, "HWC").shape == (2, 4, 5, 3)
    assert batch("add_images", "digits", [[0.5, 1.0]], "HW").shape == (1, 1, 2, 1)


def test_pictures_of_different_sizes_are_refused():
    with pytest.raises(ValueError, match=r"^add_images: tag 'digits': the picture must be real numbers, got list"):
        batch("add_images", "digits", [np.zeros((4, 5)), np.zeros((3, 5))], "HW")


def test_a_grid_keeps_the_axes_between():
    pages = RNG.integers(0, 256, (3, 7, 4, 5, 1), np.uint8)
    page = grid(pages, columns=2)
    assert page.shape == (7, 8, 10, 1)
    assert np.array_equal(page[:, 4:, :5], pages[2])
    assert not page[:, 4:, 5:].any()
