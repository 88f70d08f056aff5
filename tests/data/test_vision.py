import gzip
import io
import pickle
import tarfile

import numpy as np
import pytest

import nn
from nn.data import DataLoader
from nn.data.datasets import CIFAR10, CIFAR100, MNIST, FashionMNIST


def idx(array):
    head = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return head + array.astype(np.uint8).tobytes()


@pytest.fixture
def mnist(rng):
    images = {kind: rng.integers(256, size=(n, 28, 28)) for kind, n in (("train", 30), ("t10k", 7))}
    labels = {kind: rng.integers(10, size=len(images[kind])) for kind in images}
    return images, labels


def written(folder, mnist, compressed):
    folder.mkdir(parents=True, exist_ok=True)
    images, labels = mnist
    for kind in images:
        for name, array in (("images-idx3", images[kind]), ("labels-idx1", labels[kind])):
            data = idx(array)
            path = folder / f"{kind}-{name}-ubyte{'.gz' if compressed else ''}"
            path.write_bytes(gzip.compress(data) if compressed else data)


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("place", ["", "raw", "FashionMNIST/raw"])
def test_mnists_files_are_found_and_read_as_floats_from_0_to_1(place, compressed, mnist, tmp_path):
    written(tmp_path / place, mnist, compressed)
    for train, kind in ((True, "train"), (False, "t10k")):
        dataset = FashionMNIST(tmp_path, train)
        assert len(dataset) == len(mnist[0][kind])
        image, label = dataset[3]
        assert (image.shape, image.dtype, type(label)) == ((1, 28, 28), np.float32, int)
        np.testing.assert_allclose(image.numpy()[0] * 255, mnist[0][kind][3], atol=1e-4)
        assert label == mnist[1][kind][3]
        np.testing.assert_array_equal(dataset.data[:, 0], mnist[0][kind])
        np.testing.assert_array_equal(dataset.targets, mnist[1][kind])


def test_a_batch_is_its_samples_with_and_without_transforms(mnist, tmp_path):
    written(tmp_path, mnist, False)
    plain = MNIST(tmp_path)
    images, labels = next(iter(DataLoader(plain, batch_size=8)))
    np.testing.assert_array_equal(images.numpy(), np.stack([plain[i][0].numpy() for i in range(8)]))
    assert labels.tolist() == [plain[i][1] for i in range(8)]
    changed = MNIST(tmp_path, transform=lambda x: 1 - x, target_transform=lambda y: y % 2)
    negatives, parity = next(iter(DataLoader(changed, batch_size=8)))
    np.testing.assert_allclose(negatives.numpy(), 1 - images.numpy())
    assert parity.tolist() == [y % 2 for y in labels.tolist()]


def test_images_take_one_byte_a_pixel_in_memory(mnist, tmp_path):
    written(tmp_path, mnist, False)
    assert MNIST(tmp_path).data.nbytes == 30 * 28 * 28


def test_missing_files_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"MNIST: train-images-idx3-ubyte\(.gz\) not found in or below .*; put"):
        MNIST(tmp_path)


def test_images_without_their_labels_are_refused(mnist, tmp_path):
    mnist[1]["train"] = mnist[1]["train"][:-1]
    written(tmp_path, mnist, False)
    with pytest.raises(ValueError, match=r"in .*, got \(30, 28, 28\) and \(29,\); download the files again"):
        MNIST(tmp_path)


# -- CIFAR ------------------------------------------------------------------------------------------------------------
@pytest.fixture
def cifar(rng):
    """Six files of CIFAR-10's binary version, 4 images each, and two of CIFAR-100's."""
    files = {}
    for name in (
        *(f"cifar-10-batches-bin/data_batch_{i}.bin" for i in range(1, 6)),
        "cifar-10-batches-bin/test_batch.bin",
    ):
        files[name] = np.c_[rng.integers(10, size=4), rng.integers(256, size=(4, 3072))].astype(np.uint8)
    for name in ("cifar-100-binary/train.bin", "cifar-100-binary/test.bin"):
        labels = np.c_[rng.integers(20, size=4), rng.integers(100, size=4)]
        files[name] = np.c_[labels, rng.integers(256, size=(4, 3072))].astype(np.uint8)
    return files


def unpacked(folder, files):
    for name, records in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(records.tobytes())


def packed(folder, files):
    for archive, start in (("cifar-10-binary.tar.gz", "cifar-10-"), ("cifar-100-binary.tar.gz", "cifar-100-")):
        with tarfile.open(folder / archive, "w:gz") as tar:
            for name, records in files.items():
                if name.startswith(start):
                    info = tarfile.TarInfo(name)
                    info.size = records.nbytes
                    tar.addfile(info, io.BytesIO(records.tobytes()))


@pytest.mark.parametrize("put", [unpacked, packed])
def test_cifar_is_read_from_its_binary_version(put, cifar, tmp_path):
    put(tmp_path, cifar)
    train, test = CIFAR10(tmp_path), CIFAR10(tmp_path, train=False)
    records = np.concatenate([cifar[f"cifar-10-batches-bin/data_batch_{i}.bin"] for i in range(1, 6)])
    assert (len(train), len(test)) == (20, 4)
    np.testing.assert_array_equal(train.targets, records[:, 0])
    np.testing.assert_array_equal(train.data.reshape(20, -1), records[:, 1:])
    image, label = train[13]
    assert image.shape == (3, 32, 32)
    np.testing.assert_allclose(image.numpy()[1].ravel() * 255, records[13, 1 + 1024 : 1 + 2048], atol=1e-4)  # green
    assert label == records[13, 0]
    hundred = CIFAR100(tmp_path, train=False)
    np.testing.assert_array_equal(hundred.coarse_targets, cifar["cifar-100-binary/test.bin"][:, 0])
    np.testing.assert_array_equal(hundred.targets, cifar["cifar-100-binary/test.bin"][:, 1])


def test_the_folder_of_the_files_itself_is_a_root_too(cifar, tmp_path):
    unpacked(tmp_path, cifar)
    assert len(CIFAR10(tmp_path / "cifar-10-batches-bin")) == 20


def test_the_pickled_version_is_refused(tmp_path):
    (tmp_path / "cifar-10-batches-py").mkdir()
    (tmp_path / "cifar-10-batches-py" / "data_batch_1").write_bytes(pickle.dumps({b"data": 1}))
    with pytest.raises(FileNotFoundError, match="cifar-10-batches-py is pickled, and would run code: put the binary"):
        CIFAR10(tmp_path)


def test_damaged_files_are_refused(cifar, tmp_path):
    unpacked(tmp_path, cifar)
    path = tmp_path / "cifar-10-batches-bin" / "test_batch.bin"
    data = path.read_bytes()
    path.write_bytes(data[:-1])
    with pytest.raises(ValueError, match=r"CIFAR10: test_batch.bin must hold images of 3073 bytes each, got 12291"):
        CIFAR10(tmp_path, train=False)
    path.write_bytes(bytes([10]) + data[1:])
    with pytest.raises(ValueError, match="CIFAR10: a file has label 10, so it is damaged; download"):
        CIFAR10(tmp_path, train=False)


def test_a_damaged_archive_is_refused(cifar, tmp_path):
    packed(tmp_path, cifar)
    path = tmp_path / "cifar-10-binary.tar.gz"
    path.write_bytes(path.read_bytes()[:-5000])
    with pytest.raises(ValueError, match=r"CIFAR10: .*cifar-10-binary.tar.gz is damaged \(.*\); download it again"):
        CIFAR10(tmp_path)


def test_classes_have_names():
    assert [len(dataset.classes) for dataset in (MNIST, FashionMNIST, CIFAR10, CIFAR100)] == [10, 10, 10, 100]
    assert nn.data.datasets.MNIST is MNIST
