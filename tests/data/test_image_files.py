"""Image files as tensors of bytes, by the names of torchvision.io."""

import numpy as np
import pytest

import nn
from nn.data import image_files as files
from nn.data.transforms import pixels

Image = pytest.importorskip("PIL.Image")


def picture(channels, seed=0):
    return nn.from_numpy(np.random.default_rng(seed).integers(0, 256, (channels, 5, 7)).astype(np.uint8))


@pytest.mark.parametrize("channels", [1, 3])
def test_a_png_holds_what_was_written(channels, tmp_path):
    image = picture(channels)
    files.write_png(image, tmp_path / "a.png")
    assert nn.equal(files.read_image(str(tmp_path / "a.png")), image)
    assert nn.equal(files.decode_png(files.read_file(tmp_path / "a.png")), image)
    assert np.array_equal(np.asarray(Image.open(tmp_path / "a.png")).reshape(5, 7, channels).transpose(2, 0, 1), image)


def test_a_jpeg_is_close_and_closer_at_a_higher_quality(tmp_path):
    ramp = nn.arange(256).reshape(16, 16).expand(3, 16, 16).to(nn.uint8)
    errors = []
    for quality in 20, 95:
        files.write_jpeg(ramp, tmp_path / "a.jpg", quality=quality)
        errors.append(float((files.read_image(tmp_path / "a.jpg").float() - ramp.float()).abs().max()))
    assert errors[1] <= 4 < errors[0]


def test_the_mode_says_the_channels(tmp_path):
    image = picture(3)
    files.write_png(image, tmp_path / "a.png")
    shapes = [files.read_image(tmp_path / "a.png", mode).shape[0] for mode in files.ImageReadMode]
    assert shapes == [3, 1, 2, 3, 4]
    assert files.read_image(tmp_path / "a.png", "rgb").shape == (3, 5, 7)
    grey = image.double() * nn.tensor([0.299, 0.587, 0.114], dtype=nn.float64).view(3, 1, 1)
    read = files.read_image(tmp_path / "a.png", files.ImageReadMode.GRAY)
    assert float((read[0].double() - grey.sum(0)).abs().max()) < 1


def test_a_palette_is_read_as_its_colours_and_the_orientation_only_when_asked_for(tmp_path):
    image = Image.fromarray(picture(3).numpy().transpose(1, 2, 0))
    image.quantize(16).save(tmp_path / "a.png")
    assert files.read_image(tmp_path / "a.png").shape == (3, 5, 7)
    exif = Image.Exif()
    exif[274] = 6  # the camera was turned by 90 degrees
    image.save(tmp_path / "b.png", exif=exif)
    assert files.read_image(tmp_path / "b.png").shape == (3, 5, 7)
    assert files.read_image(tmp_path / "b.png", apply_exif_orientation=True).shape == (3, 7, 5)


def test_what_is_no_image_of_bytes_is_refused(monkeypatch):
    with pytest.raises(nn.DtypeError, match=r"encode_png: input must be uint8, got float32; multiply by 255"):
        files.encode_png(nn.zeros(3, 2, 2))
    with pytest.raises(nn.ShapeError, match=r"encode_jpeg: input must be \(1, H, W\) or \(3, H, W\), got \(2, 2\)"):
        files.encode_jpeg(nn.zeros(2, 2, dtype=nn.uint8))
    monkeypatch.setattr(files, "pillow", lambda: None)
    with pytest.raises(ImportError, match=r"read_image|decode_image: Pillow is not installed; pip install 'fromzero"):
        files.read_image("a.png")
    assert pixels.pillow() is not None
