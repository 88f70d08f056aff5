"""Sets of Pillow's images: of one's own, and made up."""

import numpy as np
import pytest

import nn
from nn.data.datasets import FakeData, ImageFolder
from nn.data.transforms import PILToTensor, ToTensor


def test_fake_data_are_the_same_each_time():
    dataset = FakeData(4, (3, 6, 5), 3, transform=ToTensor(), target_transform=lambda y: -y)
    images, labels = zip(*dataset, strict=True)
    assert len(images) == 4
    assert {image.shape for image in images} == {(3, 6, 5)}
    assert set(labels) <= {0, -1, -2}
    assert nn.equal(images[2], dataset[2][0])
    assert not nn.equal(images[1], images[2])
    assert nn.equal(images[2], FakeData(1, (3, 6, 5), transform=ToTensor(), random_offset=2)[0][0])
    with pytest.raises(IndexError, match="FakeData: index must be from 0 to 3, got 4"):
        dataset[4]


def test_folders_are_classes_in_order_of_the_alphabet(tmp_path):
    image = pytest.importorskip("PIL.Image")
    for number, name in enumerate(["dog", "cat", "cat"]):
        (tmp_path / name).mkdir(exist_ok=True)
        image.fromarray(np.full((2, 3, 3), number, np.uint8)).save(tmp_path / name / f"{number}.png")
    (tmp_path / "cat" / "notes.txt").write_text("no image")
    dataset = ImageFolder(tmp_path, transform=PILToTensor(), target_transform=lambda y: 10 * y)
    assert (dataset.classes, dataset.class_to_idx, dataset.targets) == (["cat", "dog"], {"cat": 0, "dog": 1}, [0, 0, 1])
    assert [(int(x[0, 0, 0]), y) for x, y in dataset] == [(1, 0), (2, 0), (0, 10)]
