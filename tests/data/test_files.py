"""Datasets in files: the rows that NumPy reads, in bounded memory, and a sentence for every damaged file."""

import json
import pickle
import subprocess
import sys

import numpy as np
import pytest

import nn
from nn.data import DataLoader, NumpyDataset, SafetensorsDataset
from nn.errors import CheckpointError, RangeError, ShapeError


@pytest.fixture
def arrays(tmp_path):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(23, 2, 3)).astype(np.float32), rng.integers(0, 5, 23)
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "y.npy", y)
    return tmp_path, x, y


def by_hand(path, tensors):
    """A safetensors file, written as its format is described."""
    header, data = {"__metadata__": {"format": "np"}}, b""
    for name, (dtype, array) in tensors.items():
        content = np.ascontiguousarray(array).tobytes()
        offsets = [len(data), len(data) + len(content)]
        header[name] = {"dtype": dtype, "shape": list(np.shape(array)), "data_offsets": offsets}
        data += content
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    return path


def datasets(folder, x, y):
    content = {"y": ("I64", y), "x": ("F32", x)}
    return [
        NumpyDataset(folder / "x.npy", folder / "y.npy"),
        SafetensorsDataset(by_hand(folder / "both.safetensors", content), ["x", "y"]),
    ]


def test_rows_and_batches_are_those_of_the_arrays(arrays):
    folder, x, y = arrays
    for dataset in datasets(folder, x, y):
        assert len(dataset) == 23
        for i in (0, 5, 22, -1):
            assert [part.numpy().tolist() for part in dataset[i]] == [x[i].tolist(), y[i].tolist()]
        for indices in ([3], [4, 2, 3, 9, 9, -23], [], list(range(23))):
            batch = dataset.get_batch(indices)
            np.testing.assert_array_equal(batch[0].numpy(), x[indices])
            np.testing.assert_array_equal(batch[1].numpy(), y[indices])
            assert batch[0].dtype == np.float32
        loader = DataLoader(dataset, batch_size=5, shuffle=True, num_workers=3, generator=nn.Generator().manual_seed(0))
        seen = np.concatenate([part[0].numpy() for part in loader])
        assert sorted(map(str, seen.tolist())) == sorted(map(str, x.tolist()))
        assert pickle.loads(pickle.dumps(dataset))[7][1].item() == y[7]


@pytest.mark.parametrize("dtype", ["<f2", "<f8", ">f4", "|b1", "|u1", ">i2", "<u4"])
def test_every_dtype_and_byte_order(tmp_path, dtype):
    x = np.arange(12).reshape(4, 3).astype(dtype)
    np.save(tmp_path / "x.npy", x)
    (batch,) = NumpyDataset(tmp_path / "x.npy").get_batch([3, 0])
    np.testing.assert_array_equal(batch.numpy(), x[[3, 0]])
    assert batch.numpy().dtype.isnative


@pytest.mark.parametrize(("name", "dtype"), [("F16", "f2"), ("F64", "f8"), ("I8", "i1"), ("U16", "u2"), ("BOOL", "?")])
def test_every_dtype_of_a_safetensors_file(tmp_path, name, dtype):
    x = np.arange(6).reshape(3, 2).astype(dtype)
    (batch,) = SafetensorsDataset(by_hand(tmp_path / "x.safetensors", {"x": (name, x)})).get_batch([2, 1])
    np.testing.assert_array_equal(batch.numpy(), x[[2, 1]])
    assert batch.dtype == x.dtype


def test_a_file_longer_than_the_memory_that_the_process_may_have(tmp_path):
    resource = pytest.importorskip("resource")
    rows = 3000
    file = np.lib.format.open_memmap(
        tmp_path / "x.npy", "w+", np.float32, (rows, 65536)
    )  # 786 MB, of which most is a hole
    file[:: rows // 10, 0] = 1
    del file
    program = f"""
import resource
import nn
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 300_000_000,) * 2)
total = 0.0
for (x,) in nn.data.DataLoader(nn.data.NumpyDataset({str(tmp_path / "x.npy")!r}), batch_size=100, shuffle=True):
    total += x[:, 0].sum().item()
print(total)
"""
    if sys.platform != "linux":
        pytest.skip("the limit is set and read as on Linux")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("10.0\n", 0), done.stderr
    assert resource.RLIMIT_AS is not None


def test_damage_is_told(tmp_path, arrays):
    folder, x, y = arrays
    cut = tmp_path / "cut.npy"
    cut.write_bytes((folder / "x.npy").read_bytes()[:-5])
    with pytest.raises(CheckpointError, match=r"cut.npy: 5 bytes are missing at the end; write or copy it again"):
        NumpyDataset(cut)
    cut.write_bytes(b"hello, this is text")
    with pytest.raises(CheckpointError, match=r"cut.npy: it is no .npy file .*; write it by numpy.save"):
        NumpyDataset(cut)
    np.save(cut, np.asfortranarray(x[:, :, 0]))
    with pytest.raises(CheckpointError, match=r"its rows are not contiguous; save numpy.ascontiguousarray\(array\)"):
        NumpyDataset(cut)
    np.save(cut, np.array([{}, 1], dtype=object))
    with pytest.raises(CheckpointError, match="it holds Python objects; save an array of numbers"):
        NumpyDataset(cut)
    np.save(cut, np.float32(1))
    with pytest.raises(ShapeError, match="expected an array with rows, got a single number"):
        NumpyDataset(cut)
    np.save(cut, y[:-1])
    with pytest.raises(ShapeError, match="NumpyDataset: expected arrays with as many rows each, one sample a row; got"):
        NumpyDataset(folder / "x.npy", cut)
    with pytest.raises(TypeError, match=r"NumpyDataset: expected the paths of one or more .npy files, got none"):
        NumpyDataset()
    with pytest.raises(RangeError, match="NumpyDataset: index 23 is out of range for 23 samples"):
        NumpyDataset(folder / "x.npy")[23]
    dataset = NumpyDataset(folder / "y.npy")
    (folder / "y.npy").write_bytes((folder / "y.npy").read_bytes()[:-8])
    with pytest.raises(CheckpointError, match="it has become shorter since it was opened; open it again"):
        _ = dataset[22]


def test_damage_of_a_safetensors_file_is_told(tmp_path):
    path = tmp_path / "x.safetensors"
    path.write_bytes(b"short")
    with pytest.raises(CheckpointError, match="it is no safetensors file"):
        SafetensorsDataset(path)
    by_hand(path, {})
    with pytest.raises(CheckpointError, match="it holds no tensors"):
        SafetensorsDataset(path)
    by_hand(path, {"x": ("F8_E4M3", np.zeros((2, 2), np.uint8))})
    with pytest.raises(CheckpointError, match="x has dtype F8_E4M3, which NumPy lacks; convert it"):
        SafetensorsDataset(path)
    with pytest.raises(CheckpointError, match="it has no tensor 'y', only 'x'"):
        SafetensorsDataset(path, ["y"])
    path.write_bytes(by_hand(path, {"x": ("F32", np.zeros((2, 2), np.float32))}).read_bytes()[:-1])
    with pytest.raises(CheckpointError, match="1 bytes are missing at the end"):
        SafetensorsDataset(path)
