"""Weights are exchanged with PyTorch by name, in both directions."""

import json
import struct
import sys

import numpy as np
import pytest

import nn
from nn.errors import CheckpointError

pytest.importorskip("safetensors", reason="the library (extra safetensors) is not installed")


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch", reason="torch, the oracle of this test, is not installed")


def cnn(library):
    return library.Sequential(
        library.Conv2d(1, 4, 3, padding=1),
        library.ReLU(),
        library.MaxPool2d(2),
        library.Conv2d(4, 6, 3, groups=2, bias=False),
        library.Flatten(),
        library.Linear(6 * 4, 3),
    )


def test_a_cnn_of_torch_comes_here_by_name_and_computes_the_same(torch, tmp_path, rng):
    from safetensors.torch import save_file

    theirs, ours = cnn(torch.nn), cnn(nn)
    save_file(theirs.state_dict(), tmp_path / "cnn.safetensors")
    state = nn.load(tmp_path / "cnn.safetensors")
    assert set(state) == set(ours.state_dict())
    ours.load_state_dict(state)
    x = rng.normal(size=(5, 1, 8, 8)).astype(np.float32)
    expected = theirs(torch.from_numpy(x)).detach().numpy()
    np.testing.assert_allclose(ours(nn.from_numpy(x)).detach().numpy(), expected, rtol=1e-5, atol=1e-6)


def test_a_cnn_from_here_comes_to_torch_by_name_bit_for_bit(torch, tmp_path):
    from safetensors.torch import load_file

    ours, theirs = cnn(nn), cnn(torch.nn)
    nn.save(ours.state_dict(), tmp_path / "cnn.safetensors")
    theirs.load_state_dict(load_file(tmp_path / "cnn.safetensors"))
    for name, value in ours.state_dict().items():
        assert theirs.state_dict()[name].numpy().tobytes() == value.numpy().tobytes()


def recurrent(library):
    return library.ModuleList(
        [
            library.LSTM(3, 5, num_layers=2, bidirectional=True),
            library.BatchNorm1d(4),
            library.LayerNorm(6),
            library.Embedding(7, 2),
        ]
    )


def test_running_statistics_and_recurrent_weights_go_both_ways(torch, tmp_path):
    from safetensors.torch import load_file, save_file

    theirs, ours = recurrent(torch.nn), recurrent(nn)
    theirs[1](torch.randn(5, 4))
    save_file(theirs.state_dict(), tmp_path / "there.safetensors")
    ours.load_state_dict(nn.load(tmp_path / "there.safetensors"))
    assert ours.state_dict()["1.num_batches_tracked"].item() == 1
    nn.save(ours.state_dict(), tmp_path / "here.safetensors")
    back = load_file(tmp_path / "here.safetensors")
    assert set(back) == set(theirs.state_dict())
    for name, value in theirs.state_dict().items():
        assert (back[name].dtype, back[name].shape) == (value.dtype, value.shape)
        assert back[name].numpy().tobytes() == value.numpy().tobytes()


@pytest.mark.parametrize("dtype", ["?", "i1", "u1", "<i2", "<u2", ">i4", "<u4", "<i8", "<u8", "<f2", "<f4", ">f8"])
@pytest.mark.parametrize(
    "make", [lambda a: a, lambda a: a.T, lambda a: a[::2, ::-1], lambda a: a[:0], lambda a: a[0, 0]]
)
def test_any_dtype_and_layout_comes_back(dtype, make, tmp_path):
    array = np.asarray(make(np.arange(12).reshape(3, 4).astype(dtype)))
    nn.save({"a": array, "b": nn.ones(1)}, tmp_path / "x.safetensors")
    back = nn.load(tmp_path / "x.safetensors")["a"]
    assert (back.dtype, back.shape) == (array.dtype.newbyteorder("<"), array.shape)
    np.testing.assert_array_equal(back.numpy(), array)
    back.numpy()[...] = 0  # the memory is its own


def test_bfloat16_becomes_float32_without_loss(torch, tmp_path):
    from safetensors.torch import save_file

    values = torch.tensor([1.0, -0.1, 3e38, 1e-40, float("inf")], dtype=torch.bfloat16)
    save_file({"w": values}, tmp_path / "x.safetensors")
    back = nn.load(tmp_path / "x.safetensors")["w"]
    assert back.dtype == np.float32
    assert back.tolist() == values.float().tolist()


def test_the_format_is_told_by_the_content_not_by_the_name(tmp_path):
    nn.save({"w": nn.ones(2)}, tmp_path / "x.safetensors")
    (tmp_path / "x.safetensors").rename(tmp_path / "weights")
    assert nn.load(tmp_path / "weights")["w"].tolist() == [1, 1]


def test_a_tied_weight_is_written_under_each_name(tmp_path):
    w = nn.ones(2)
    nn.save({"a": w, "b": w}, tmp_path / "x.safetensors")
    assert {name: t.tolist() for name, t in nn.load(tmp_path / "x.safetensors").items()} == {"a": [1, 1], "b": [1, 1]}


@pytest.mark.parametrize(
    ("obj", "message"),
    [
        (
            [nn.ones(1)],
            r"save: a .safetensors file holds a dict of tensors by name, got list; give model.state_dict\(\)",
        ),
        ({"model": {"w": nn.ones(1)}}, "holds tensors of real numbers by name, got dict for 'model'; leave it out"),
        ({"step": 3}, "got int for 'step'; leave it out, or give another suffix"),
        ({3: nn.ones(1)}, "got an array of float32 for 3"),
        ({"z": np.ones(1, complex)}, "got an array of complex128 for 'z'"),
    ],
)
def test_what_the_format_does_not_hold_is_refused_and_the_old_file_stays(obj, message, tmp_path):
    (tmp_path / "x.safetensors").write_bytes(b"old")
    with pytest.raises(TypeError, match=message):
        nn.save(obj, tmp_path / "x.safetensors")
    assert (tmp_path / "x.safetensors").read_bytes() == b"old"


def test_damaged_files_are_refused(tmp_path):
    path = tmp_path / "x.safetensors"
    nn.save({"w": nn.ones(2, 3)}, path)
    data = path.read_bytes()
    for length in range(len(data)):
        path.write_bytes(data[:length])
        with pytest.raises(CheckpointError):
            nn.load(path)
    header = json.dumps({"w": {"dtype": "F8_E4M3", "shape": [1], "data_offsets": [0, 1]}}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + b"\0")
    with pytest.raises(CheckpointError, match="w has dtype F8_E4M3, which NumPy lacks; convert it first"):
        nn.load(path)


def test_without_the_library_the_extra_is_named(tmp_path, monkeypatch):
    nn.save({"w": nn.ones(1)}, tmp_path / "x.safetensors")
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    for attempt in (lambda: nn.save({}, tmp_path / "y.safetensors"), lambda: nn.load(tmp_path / "x.safetensors")):
        with pytest.raises(ImportError, match=r"pip install 'fromzero\[safetensors\]'"):
            attempt()
