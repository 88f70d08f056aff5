"""torchvision's everyday part, on images of every kind, and well-known sets from files on disk."""

import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nn
from nn.compat import image_sets, models, settings, vision

ROOT = Path(__file__).resolve().parents[2]
T = vision.transforms
GREY = np.arange(35, dtype=np.uint8).reshape(5, 7)
COLOUR = np.arange(105, dtype=np.uint8).reshape(5, 7, 3)


def kinds(array):
    """The image as an array, as a tensor, and as Pillow's where that is installed."""
    found = [array, vision.pil_to_tensor(array)]
    if vision.pillow() is not None:
        found.append(vision.image_of(array))
    return found


def pixels(img):
    """An image of any kind as an array (H, W) or (H, W, C)."""
    if isinstance(img, nn.Tensor):
        array = img.numpy().transpose(1, 2, 0)
        return array[:, :, 0] if array.shape[2] == 1 else array
    return np.asarray(img)


@pytest.mark.parametrize("array", [GREY, COLOUR], ids=["grey", "colour"])
class TestTransforms:
    @pytest.mark.parametrize(("transform", "expected"), [
        (T.CenterCrop(3), lambda a: a[1:4, 2:5]), (T.CenterCrop((3, 5)), lambda a: a[1:4, 1:6]),
        (T.RandomHorizontalFlip(1.0), lambda a: a[:, ::-1]), (T.RandomVerticalFlip(1), lambda a: a[::-1]),
        (T.RandomHorizontalFlip(0.0), lambda a: a), (T.Pad(2), lambda a: np.pad(a, [(2, 2)] * 2 + [(0, 0)] * (a.ndim - 2))),  # noqa: E501
        (T.RandomCrop((5, 7)), lambda a: a), (T.Lambda(lambda img: img), lambda a: a),
        (T.Compose([T.CenterCrop((4, 6)), T.RandomVerticalFlip(1.0)]), lambda a: a[0:4, 0:6][::-1]),
    ])  # fmt: skip
    def test_pixels_move_alike_in_images_of_every_kind(self, array, transform, expected):
        for img in kinds(array):
            moved = transform(img)
            assert isinstance(moved, type(img)) or "PIL" in str(type(img))
            np.testing.assert_array_equal(pixels(moved), expected(array))

    def test_bytes_become_floats_from_0_to_1_and_again_bytes(self, array):
        for img in [img for img in kinds(array) if not isinstance(img, nn.Tensor)]:
            x = T.ToTensor()(img)
            assert x.dtype == nn.float32
            np.testing.assert_array_equal(x.numpy(), pixels_first(array).astype(np.float32) / 255)
            np.testing.assert_array_equal(np.asarray(T.ToPILImage()(x)), array)

    def test_a_constant_image_stays_constant_in_every_size(self, array):
        for img in kinds(np.full_like(array, 9)):
            assert np.unique(pixels(T.Resize((9, 4))(img))).tolist() == [9]
            assert pixels(T.Resize((9, 4))(img)).shape[:2] == (9, 4)
            assert pixels(T.Resize(10)(img)).shape[:2] == (10, 14)

    def test_crops_have_the_size_that_was_asked_for(self, array):
        for img in kinds(array):
            assert pixels(T.RandomCrop(4, padding=2)(img)).shape[:2] == (4, 4)
            assert pixels(T.RandomCrop(9, pad_if_needed=True)(img)).shape[:2] == (9, 9)
            assert pixels(T.RandomResizedCrop(4)(img)).shape[:2] == (4, 4)
            with pytest.raises(
                ValueError, match=r"RandomCrop: a piece of \(9, 9\) does not fit into an image of \(5, 7\)"
            ):
                T.RandomCrop(9)(img)

    def test_ours_take_images_of_every_kind(self, array):
        for img in kinds(array):
            assert pixels(T.RandomRotation(10)(img)).shape == array.shape
            assert pixels(T.RandomErasing(1.0)(img)).shape == array.shape


def pixels_first(array):
    return array[None] if array.ndim == 2 else array.transpose(2, 0, 1)


def test_normalisation_and_grey():
    x = T.ToTensor()(COLOUR)
    y = T.Normalize((0.5, 0.4, 0.3), (0.5, 0.2, 0.1))(x)
    np.testing.assert_allclose(y[1].numpy(), (x[1].numpy() - 0.4) / 0.2, rtol=1e-5)
    grey = T.Grayscale(3)(x)
    np.testing.assert_allclose(grey[2].numpy(), np.tensordot([0.2989, 0.587, 0.114], x.numpy(), 1), rtol=1e-5)
    assert repr(T.CenterCrop(3)) == "CenterCrop(output_size=3)"


def write_mnist(folder, images, labels):
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    (raw / "train-images-idx3-ubyte").write_bytes(struct.pack(">IIII", 2051, len(images), 28, 28) + images.tobytes())
    (raw / "train-labels-idx1-ubyte").write_bytes(struct.pack(">II", 2049, len(labels)) + labels.tobytes())


def test_mnist_is_read_from_files_with_pytorchs_attributes(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (6, 28, 28)).astype(np.uint8)
    labels = np.array([3, 1, 4, 1, 5, 9], np.uint8)
    write_mnist(tmp_path, images, labels)
    dataset = image_sets.datasets.MNIST(tmp_path, train=True, download=True, transform=T.ToTensor())
    assert len(dataset) == 6
    assert (dataset.data.shape, dataset.data.dtype, dataset.targets.tolist()) == (
        (6, 28, 28),
        nn.uint8,
        labels.tolist(),
    )
    x, label = dataset[2]
    assert label == 4
    np.testing.assert_array_equal(x.numpy()[0], images[2].astype(np.float32) / 255)
    plain, _ = image_sets.datasets.MNIST(tmp_path)[2]
    np.testing.assert_array_equal(np.asarray(plain), images[2])
    batch, ys = next(iter(nn.data.DataLoader(dataset, batch_size=4)))
    assert (batch.shape, ys.tolist()) == ((4, 1, 28, 28), [3, 1, 4, 1])


@pytest.mark.parametrize(("name", "shape"), [("MNIST", (1, 28, 28)), ("FashionMNIST", (1, 28, 28)),
                                             ("CIFAR10", (3, 32, 32))])  # fmt: skip
def test_digits_stand_in_only_when_asked_for(name, shape, tmp_path, monkeypatch, capsys):
    make = getattr(image_sets.datasets, name)
    with pytest.raises(FileNotFoundError, match="or run with `fromzero run --offline-data`"):
        make(tmp_path)
    monkeypatch.setattr(settings, "offline_data", True)
    monkeypatch.setattr(settings, "_said", set())
    train, test = (make(tmp_path, train=part, transform=T.ToTensor()) for part in (True, False))
    assert (len(train), len(test)) == (1437, 360)
    assert train[0][0].shape == shape
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2  # once for either part
    assert all(line.startswith(f"fromzero: {name}: its files are missing, so ") for line in said)


def test_a_program_with_mnist_runs_offline(tmp_path):
    (tmp_path / "program.py").write_text(
        "from torchvision import datasets, transforms\nfrom torchvision.transforms import ToTensor\n"
        "d = datasets.MNIST('data', train=False, download=True, transform=transforms.Compose([ToTensor()]))\n"
        "print(len(d), tuple(d[0][0].shape))\n"
    )
    run = subprocess.run([sys.executable, "-m", "nn.cli", "run", "--offline-data", str(tmp_path / "program.py")],
                         capture_output=True, text=True, cwd=ROOT, check=True)  # fmt: skip
    assert run.stdout == "360 (1, 28, 28)\n"


class TestGrids:
    def test_images_stand_in_rows(self):
        x = nn.arange(5 * 6).reshape(5, 1, 2, 3).float()
        grid = image_sets.utils.make_grid(x, nrow=2, padding=1, pad_value=-1.0)
        assert grid.shape == (3, 3 * 3 + 1, 2 * 4 + 1)
        for i in range(5):
            top, left = 1 + 3 * (i // 2), 1 + 4 * (i % 2)
            assert grid[1, top : top + 2, left : left + 3].tolist() == x[i, 0].tolist()
        assert (grid == -1).sum().item() == 3 * (10 * 9 - 5 * 6)

    def test_values_are_stretched_to_0_and_1(self):
        grid = image_sets.utils.make_grid([nn.full((1, 2, 2), 3.0), nn.full((1, 2, 2), 5.0)], normalize=True, padding=0)
        assert grid[0].tolist() == [[0, 0, 1, 1]] * 2

    def test_a_file_holds_the_grid(self, tmp_path):
        image = pytest.importorskip("PIL.Image")
        image_sets.utils.save_image(nn.ones(3, 1, 4, 4) * 0.5, tmp_path / "grid.png", nrow=3)
        with image.open(tmp_path / "grid.png") as file:
            assert file.size == (20, 8)
            assert np.asarray(file)[4, 4].tolist() == [128, 128, 128]


class TestModels:
    def test_a_residual_network_has_torchvisions_parts(self):
        net = models.resnet18(weights=None, num_classes=5)
        assert [name for name, _ in net.named_children()] == [
            "conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4", "avgpool", "fc",
        ]  # fmt: skip
        assert net.fc.out_features == 5
        assert len(net.state_dict()) == 122
        assert sum(p.numel() for p in models.resnet18().parameters()) == 11689512

    def test_weights_are_not_downloaded(self):
        with pytest.raises(NotImplementedError, match="got weights='DEFAULT'; make it without, and load_state_dict"):
            models.resnet50(weights="DEFAULT")


def test_fake_data_are_the_same_each_time():
    dataset = image_sets.datasets.FakeData(4, (3, 6, 5), 3, transform=T.ToTensor(), target_transform=lambda y: -y)
    images, labels = zip(*dataset, strict=True)
    assert len(images) == 4
    assert {image.shape for image in images} == {(3, 6, 5)}
    assert set(labels) <= {0, -1, -2}
    assert nn.equal(images[2], dataset[2][0])
    assert not nn.equal(images[1], images[2])
    assert nn.equal(
        images[2], image_sets.datasets.FakeData(1, (3, 6, 5), transform=T.ToTensor(), random_offset=2)[0][0]
    )
    with pytest.raises(IndexError, match="FakeData: index must be from 0 to 3, got 4"):
        dataset[4]
