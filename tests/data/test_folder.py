"""Sets of Pillow's images: of one's own, and made up."""

from pathlib import Path

import numpy as np
import pytest

import nn
from nn.data.datasets import FakeData, ImageFolder
from nn.data.folder import DatasetFolder, VisionDataset
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


def test_a_folder_of_other_files_takes_a_loader(tmp_path):
    for name, text in ("b/1.txt", "one"), ("a/deep/2.TXT", "two"), ("a/3.csv", "three"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    def read(path):
        return Path(path).read_text()

    for endings in (".txt",), ".txt":
        assert list(DatasetFolder(tmp_path, read, endings, transform=str.upper)) == [("TWO", 0), ("ONE", 1)]
    assert [x for x, _ in DatasetFolder(str(tmp_path), read)] == ["three", "two", "one"]
    chosen = DatasetFolder(tmp_path, read, is_valid_file=lambda path: path.endswith("3.csv"))
    assert (list(chosen), len(chosen), chosen.targets) == ([("three", 0)], 1, [0])


def test_a_set_of_ones_own_finds_its_transforms():
    class Own(VisionDataset):
        def __len__(self):
            return 3

        def __getitem__(self, i):
            return (i, -i) if self.transforms is None else self.transforms(i, -i)

    assert (Own("here").root, Own("here")[2]) == ("here", (2, -2))
    assert Own(transform=lambda x: x + 1)[2] == (3, -2)
    assert Own(target_transform=abs)[2] == (2, 2)
    assert Own(transforms=lambda x, y: (y, x))[2] == (-2, 2)
    with pytest.raises(ValueError, match="expected transforms, or transform and target_transform, got both; give one"):
        Own(transforms=max, transform=abs)
