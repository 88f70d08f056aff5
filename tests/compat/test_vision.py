"""torchvision's well-known sets from files on disk, and its networks."""

import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nn
from nn.compat import image_sets, models, settings
from nn.data import transforms as T

ROOT = Path(__file__).resolve().parents[2]


def write_mnist(folder, images, labels):
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    (raw / "train-images-idx3-ubyte").write_bytes(struct.pack(">IIII", 2051, len(images), 28, 28) + images.tobytes())
    (raw / "train-labels-idx1-ubyte").write_bytes(struct.pack(">II", 2049, len(labels)) + labels.tobytes())


def test_mnist_is_read_from_files_with_pytorchs_attributes(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (6, 28, 28)).astype(np.uint8)
    labels = np.array([3, 1, 4, 1, 5, 9], np.uint8)
    write_mnist(tmp_path, images, labels)
    dataset = image_sets.MNIST(tmp_path, train=True, download=True, transform=T.ToTensor())
    assert len(dataset) == 6
    assert (dataset.data.shape, dataset.data.dtype, dataset.targets.tolist()) == (
        (6, 28, 28),
        nn.uint8,
        labels.tolist(),
    )
    x, label = dataset[2]
    assert label == 4
    np.testing.assert_array_equal(x.numpy()[0], images[2].astype(np.float32) / 255)
    plain, _ = image_sets.MNIST(tmp_path)[2]
    np.testing.assert_array_equal(np.asarray(plain), images[2])
    batch, ys = next(iter(nn.data.DataLoader(dataset, batch_size=4)))
    assert (batch.shape, ys.tolist()) == ((4, 1, 28, 28), [3, 1, 4, 1])


@pytest.mark.parametrize(("name", "shape"), [("MNIST", (1, 28, 28)), ("FashionMNIST", (1, 28, 28)),
                                             ("CIFAR10", (3, 32, 32))])  # fmt: skip
def test_digits_stand_in_only_when_asked_for(name, shape, tmp_path, monkeypatch, capsys):
    make = getattr(image_sets, name)
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
