"""What is saved comes back as it was; what is damaged or dangerous is refused; a kill leaves a whole file."""

import gc
import io
import os
import pickle
import random
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections import Counter, OrderedDict, namedtuple
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import nn
from nn import checkpoint
from nn.errors import CheckpointError


def saved(obj):
    file = io.BytesIO()
    nn.save(obj, file)
    return file.getvalue()


def round_trip(obj):
    return nn.load(io.BytesIO(saved(obj)))


def same(a, b):
    """Equal in type, structure, dtype, order in memory and every bit."""
    assert type(a) is type(b)
    if isinstance(a, nn.Tensor):
        assert a.requires_grad == b.requires_grad
        a, b = a.detach().numpy(), b.detach().numpy()
    if isinstance(a, np.ndarray):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        assert a.tobytes() == b.tobytes()
    elif isinstance(a, dict):
        assert all(same(x, y) for x, y in zip(a.items(), b.items(), strict=True))
    elif isinstance(a, list | tuple):
        assert all(same(x, y) for x, y in zip(a, b, strict=True))
    else:
        assert repr(a) == repr(b)  # tells nan from inf and 0.0 from -0.0
    return True


# -- what goes in comes out -------------------------------------------------------------------------------------------
plain = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.complex_numbers(), st.text(), st.binary(max_size=20)
)
keys = st.one_of(st.text(), st.integers(), st.booleans(), st.none(), st.tuples(st.integers(), st.text()), st.binary())
arrays = hnp.arrays(
    st.sampled_from(["<f4", ">f4", "<f8", "<f2", ">i2", "<i8", "u1", "?", "<c16", "<U3", "S2", "<M8[s]"]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
)
numbers = hnp.arrays(st.sampled_from(["<f4", "<f8", "<i8", "?"]), hnp.array_shapes(min_dims=0, min_side=0, max_side=3))
structures = st.recursive(
    st.one_of(plain, arrays, numbers.map(nn.from_numpy)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(keys, inner, max_size=4),
        st.dictionaries(keys, inner, max_size=4).map(OrderedDict),
    ),
    max_leaves=8,
)


@given(structures)
def test_any_structure_comes_back_in_type_order_and_every_bit(obj):
    same(round_trip(obj), obj)


@pytest.mark.parametrize("number", [2**53, 2**53 + 1, -(2**200), 2**1000, float("-inf"), float("nan"), -0.0, 5e-324])
def test_numbers_keep_every_digit(number):
    back = round_trip(number)
    assert type(back) is type(number)
    assert back == number or number != number


@pytest.mark.parametrize("scalar", [np.float32(0.1), np.int64(-3), np.bool_(True), np.dtype(">f4"), np.uint8(200)])
def test_numpy_scalars_and_dtypes_stay_what_they_are(scalar):
    back = round_trip({"x": scalar})["x"]
    assert type(back) is type(scalar)
    assert back == scalar


def test_parameters_stay_parameters_and_tensors_keep_whether_they_are_trained():
    model = nn.Linear(2, 3)
    frozen = nn.Parameter(nn.ones(2), requires_grad=False)
    back = round_trip([model.weight, frozen, model(nn.ones(1, 2)), nn.ones(2)])
    assert [type(t) for t in back] == [nn.Parameter, nn.Parameter, nn.Tensor, nn.Tensor]
    assert [t.requires_grad for t in back] == [True, False, True, False]
    assert all(t.is_leaf for t in back)


@pytest.mark.parametrize("order", ["C", "F"])
def test_the_order_in_memory_is_kept(order, rng):
    array = np.array(rng.normal(size=(3, 4)), order=order)
    assert round_trip(array).flags[f"{order}_CONTIGUOUS"]


@pytest.mark.parametrize(
    "view", [np.s_[::2], np.s_[::-1], np.s_[:, 1:3], np.s_[2:0:-1, ::-2], np.s_[..., None], np.s_[1:1]]
)
def test_a_view_is_saved_without_the_rest_of_its_memory(view, rng):
    big = rng.normal(size=(100, 100))
    small = big[:4, :4][view]
    assert len(saved(small)) < 2000
    same(round_trip(small), small)


def test_broadcast_and_read_only_arrays_come_back_whole_and_writable():
    back = round_trip(np.broadcast_to(np.float32(3), (2, 2)))
    back += 1
    assert back.tolist() == [[4, 4], [4, 4]]


def test_a_memory_map_is_saved_as_an_array(tmp_path):
    mapped = np.memmap(tmp_path / "map", np.float32, "w+", shape=(3,))
    back = round_trip(mapped)
    assert type(back) is np.ndarray
    del mapped
    gc.collect()


def test_tied_tensors_are_written_once_and_are_tied_again():
    weight = nn.zeros(1000)
    data = saved({"encoder": weight, "decoder": weight})
    assert len(data) < 6000
    back = nn.load(io.BytesIO(data))
    back["encoder"][0] = 7
    assert back["decoder"][0].item() == 7


def test_overlapping_views_share_memory_again(rng):
    base = rng.normal(size=(4, 5))
    views = [base, base[1], base[::2, ::-1], base.T, base[:, 2:4], base.reshape(-1)[3:17], base[2:2]]
    back = round_trip([nn.from_numpy(view) for view in views])
    for view, tensor in zip(views, back, strict=True):
        np.testing.assert_array_equal(tensor.numpy(), view)
    back[0].numpy()[1, 2] = base[1, 2] = 42
    for view, tensor in zip(views, back, strict=True):
        np.testing.assert_array_equal(tensor.numpy(), view)


@given(st.lists(st.tuples(*[st.integers(0, 9)] * 2, st.sampled_from([-3, -2, -1, 1, 2])), min_size=2, max_size=6))
def test_any_slices_of_one_array_stay_slices_of_one_array(slices):
    base = np.arange(10.0)
    views = [base[a:b:s] for a, b, s in slices]
    back = round_trip(views)
    base *= -1
    for view, twin in zip(views, back, strict=True):
        np.testing.assert_array_equal(twin, -view)
        for other, other_twin in zip(views, back, strict=True):
            if np.shares_memory(view, other):
                assert np.shares_memory(twin, other_twin)


def test_equal_objects_make_the_same_bytes_wherever_they_lie_in_memory(rng):
    arrays = [rng.normal(size=n) for n in range(9)]
    copies = [array.copy() for array in reversed(arrays)][::-1]
    assert saved(arrays) == saved(copies)


def test_numpy_and_unzip_read_it_too():
    data = saved({"a": np.arange(3), "b": np.ones(2)})
    with np.load(io.BytesIO(data)) as archive:
        assert archive["arrays/0"].tolist() == [0, 1, 2]
    assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None


def test_a_file_that_is_open_for_writing_will_do_even_if_it_cannot_seek():
    class Pipe(io.RawIOBase):
        def __init__(self):
            self.data = b""

        def writable(self):
            return True

        def write(self, data):
            self.data += bytes(data)
            return len(data)

    pipe = Pipe()
    nn.save([nn.ones(3)], pipe)
    assert nn.load(io.BytesIO(pipe.data))[0].tolist() == [1, 1, 1]


# -- exact resume -----------------------------------------------------------------------------------------------------
def with_sgd(parameters):
    return nn.optim.SGD(parameters, lr=0.05, momentum=0.9, nesterov=True)


def with_adamw(parameters):
    return nn.optim.AdamW(parameters, lr=0.01, amsgrad=True)


class Run:
    """A training with everything that has a state: optimiser, schedule, running statistics, shuffling, dropout."""

    def __init__(self, seed, make_optimizer, num_workers):
        nn.manual_seed(seed)
        self.shuffle = nn.Generator().manual_seed(seed + 1)
        self.model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Dropout(0.3), nn.Linear(8, 1))
        self.optimizer = make_optimizer(self.model.parameters())
        self.schedule = nn.optim.lr_scheduler.MultiStepLR(self.optimizer, [1, 3, 3], gamma=0.5)
        x = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)
        dataset = nn.data.TensorDataset(x, x.sum(1, keepdims=True))
        self.loader = nn.data.DataLoader(
            dataset, batch_size=6, shuffle=True, generator=self.shuffle, num_workers=num_workers, collate_fn=self.noisy
        )
        self.epoch = 0

    def noisy(self, samples):
        """Augmentation inside the loader, which draws too."""
        x, y = nn.data.default_collate(samples)
        return x + 0.1 * nn.randn(*x.shape), y

    def train(self, epochs):
        losses = []
        for _ in range(epochs):
            for x, y in self.loader:
                self.optimizer.zero_grad()
                loss = nn.functional.mse_loss(self.model(x), y)
                loss.backward()
                self.optimizer.step()
                losses.append(loss.item())
            self.schedule.step()
            self.epoch += 1
        return losses

    def state(self):
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "epoch": self.epoch,
            "random": nn.get_rng_state(),
            "shuffle": self.shuffle.get_state(),
        }

    def restore(self, state):
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        self.epoch = state["epoch"]
        nn.set_rng_state(state["random"])
        self.shuffle.set_state(state["shuffle"])


@pytest.mark.parametrize("num_workers", [0, 2])
@pytest.mark.parametrize("make_optimizer", [with_sgd, with_adamw])
def test_a_resumed_training_has_bitwise_the_losses_of_one_that_was_never_stopped(make_optimizer, num_workers, tmp_path):
    whole = Run(3, make_optimizer, num_workers)
    first = whole.train(2)
    nn.save(whole.state(), tmp_path / "last.nnz")
    rest = whole.train(3)
    resumed = Run(99, make_optimizer, num_workers)  # other weights, other order, other noise
    resumed.restore(nn.load(tmp_path / "last.nnz"))
    assert resumed.epoch == 2
    assert resumed.train(3) == rest
    assert first != rest[: len(first)]
    same(resumed.state(), whole.state())


# -- random state -----------------------------------------------------------------------------------------------------
def test_the_state_of_the_global_generator_is_that_of_every_draw():
    nn.manual_seed(4)
    nn.randn(3)
    state = nn.get_rng_state()
    first = nn.rand(2).tolist(), nn.randperm(5).tolist()
    nn.manual_seed(0)
    nn.set_rng_state(nn.from_numpy(state))
    assert (nn.rand(2).tolist(), nn.randperm(5).tolist()) == first
    assert nn.default_generator.initial_seed() == 4


@pytest.mark.parametrize(
    ("state", "error", "message"),
    [
        (np.zeros(3), TypeError, r"set_state: expected uint8 of one axis, got float64 of shape \(3,\)"),
        (np.zeros(3, np.uint8), RuntimeError, "set_state: these bytes are no state of a generator; give what"),
        (np.frombuffer(b"[1]", np.uint8), RuntimeError, "no state of a generator"),
        (np.frombuffer(b'{"seed": 1, "forks": 0, "stream": {}}', np.uint8), RuntimeError, "no state of a generator"),
    ],
)
def test_what_is_no_state_is_refused_and_the_stream_stays(state, error, message):
    generator = nn.Generator().manual_seed(1)
    before = generator.get_state().tolist()
    with pytest.raises(error, match=message):
        generator.set_state(state)
    assert generator.get_state().tolist() == before


# -- what cannot be saved ---------------------------------------------------------------------------------------------
Point = namedtuple("Point", "x y")


@pytest.mark.parametrize(
    ("obj", "message"),
    [
        ({"optimizer": {"state": {3: {"foo": len}}}}, r"save: optimizer\.state\.3\.foo is of type builtin_function"),
        ([1, (2, {1, 2})], r"save: 1\.1 is of type set, which cannot be saved; make it a dict, list or tuple"),
        (object(), "save: the object is of type object, which cannot be saved"),
        (
            {"model": type("Made", (nn.Module,), {})()},
            "save: model is of type Made, which cannot be saved; save",
        ),
        ({"rng": nn.Generator()}, r"save: rng is of type Generator, which cannot be saved; save its get_state\(\)"),
        ({"a": np.array([1, "x", None], object)}, "save: a must be an array of numbers, got one of Python objects"),
        ({"a": Point(1, 2)}, "save: a is of type Point"),
        ({"a": Counter("aab")}, "save: a is of type Counter"),
        ({"a": np.ma.array([1])}, "save: a is of type MaskedArray"),
        ({object: 1}, "save: <class 'object'> is of type type"),
    ],
)
def test_what_cannot_be_saved_is_named_with_its_place_and_no_file_is_made(obj, message, tmp_path):
    (tmp_path / "x.nnz").write_bytes(b"old")
    with pytest.raises(TypeError, match=message):
        nn.save(obj, tmp_path / "x.nnz")
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("x.nnz", b"old")]


def test_a_structure_that_holds_itself_is_refused():
    loop = []
    loop.append(loop)
    with pytest.raises(ValueError, match=r"save: 0\.0\.0\.\.\. is nested more than 100 deep, or holds itself"):
        nn.save(loop, io.BytesIO())


# -- the file is replaced as a whole ----------------------------------------------------------------------------------
def test_the_new_file_is_on_the_disk_before_it_takes_the_old_ones_place(tmp_path, monkeypatch):
    steps = []
    fsync, replace = os.fsync, Path.replace

    def noted_fsync(descriptor):
        steps.append("folder" if os.path.isdir(f"/proc/self/fd/{descriptor}") else "file")  # noqa: PTH112
        fsync(descriptor)

    def noted_replace(self, target):
        steps.append("replace")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    nn.save(1, tmp_path / "a.nnz")
    assert steps == ["file", "replace", "folder"]
    assert [p.name for p in tmp_path.iterdir()] == ["a.nnz"]


@pytest.mark.parametrize("where", ["write_array", "fsync"])
def test_a_disk_that_fails_leaves_the_old_file_and_nothing_else(where, tmp_path, monkeypatch):
    path = tmp_path / "a.nnz"
    nn.save("old", path)

    def fails(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint.npy if where == "write_array" else os, where, fails)
    with pytest.raises(OSError, match="No space left"):
        nn.save(np.ones(3), path)
    monkeypatch.undo()
    assert nn.load(path) == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link_and_permissions_stay(tmp_path):
    path, link = tmp_path / "a.nnz", tmp_path / "link.nnz"
    nn.save(1, path)
    path.chmod(0o640)
    link.symlink_to(path)
    nn.save(2, link)
    assert link.is_symlink()
    assert nn.load(path) == 2
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path):
    (tmp_path / "other").write_bytes(b"")
    nn.save(1, tmp_path / "a.nnz")
    assert (tmp_path / "a.nnz").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_threads_that_save_to_one_path_leave_one_of_their_files_whole(tmp_path):
    path = tmp_path / "a.nnz"

    def write(i):
        for _ in range(10):
            nn.save([i, np.full(1000, i)], path)

    threads = [threading.Thread(target=write, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    i, array = nn.load(path)
    assert (array == i).all()
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"save: the folder .*none does not exist; make it first"):
        nn.save(1, tmp_path / "none" / "a.nnz")
    with pytest.raises(FileNotFoundError):
        nn.load(tmp_path / "a.nnz")
    with pytest.raises(OSError, match="directory"):
        nn.save(1, tmp_path)


SAVES_WITHOUT_END = """
import itertools, sys, numpy, nn
for step in itertools.count(1):
    nn.save({"step": step, "weights": [nn.from_numpy(numpy.full(50_000, float(step))) for _ in range(4)]}, sys.argv[1])
    if step == 1:
        print("saving", flush=True)
"""


@pytest.mark.slow
def test_fifty_kills_at_random_moments_of_saving_leave_fifty_whole_files(tmp_path):
    whole = cut_short = 0
    for trial in range(50):
        path = tmp_path / str(trial) / "last.nnz"
        path.parent.mkdir()
        with subprocess.Popen([sys.executable, "-c", SAVES_WITHOUT_END, str(path)], stdout=subprocess.PIPE) as run:
            assert run.stdout.readline() == b"saving\n"
            time.sleep(random.Random(trial).uniform(0, 0.05))
            run.send_signal(signal.SIGKILL)
        state = nn.load(path)
        whole += all((w.numpy() == state["step"]).all() for w in state["weights"])
        cut_short += len(list(path.parent.iterdir())) > 1
    assert whole == 50
    assert cut_short > 10  # the kills did come in the middle


# -- what is damaged, foreign or dangerous ----------------------------------------------------------------------------
@pytest.fixture(scope="module")
def example():
    obj = {"weights": [nn.tensor([[1.5, -2.0]]), np.arange(3)], "step": 7, "name": "é"}
    return obj, saved(obj)


def test_every_cut_is_refused(example):
    _, data = example
    for length in range(len(data)):
        with pytest.raises(CheckpointError):
            nn.load(io.BytesIO(data[:length]))


@pytest.mark.parametrize("flip", [0x01, 0x80, 0xFF])
def test_a_flipped_byte_is_refused_or_without_effect(example, flip, tmp_path):
    obj, data = example
    refused = 0
    for position in range(len(data)):
        damaged = bytearray(data)
        damaged[position] ^= flip
        (tmp_path / "x").write_bytes(damaged)
        try:
            same(nn.load(tmp_path / "x"), obj)  # a date in the zip, say
        except CheckpointError:
            refused += 1
    assert refused > 0.7 * len(data)


class Trap:
    """Notices that it was unpickled."""

    sprung = False

    def __reduce__(self):
        return setattr, (Trap, "sprung", True)


def object_array():
    file = io.BytesIO()
    np.save(file, np.array([Trap()], object), allow_pickle=True)
    return file.getvalue()


def checkpoint_with_objects():
    file = io.BytesIO(saved(np.zeros(1)))
    other = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(other, "w") as new:
        new.writestr("arrays/0.npy", object_array())
        new.writestr("structure.json", old.read("structure.json"))
    return other.getvalue()


def torch_zip():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(Trap()))
    return file.getvalue()


def npz():
    file = io.BytesIO()
    np.savez(file, x=np.ones(2))
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty; load an older one"),
        (b"hello, world", r"it is no checkpoint, its first bytes are b'hello, wo'; give a file that nn.save wrote"),
        (pickle.dumps(Trap()), "it is a pickle, which can run any code as it is read, and is refused; .*safetensors"),
        (torch_zip(), "it is a pickle, which can run any code as it is read, and is refused"),
        (object_array(), r"it is a single .npy array; read it with numpy.load\(path, allow_pickle=False\)"),
        (checkpoint_with_objects(), "arrays/0.npy holds Python objects; it is a pickle, which can run any code"),
        (npz(), r"it is a zip without structure.json; read an .npz with numpy.load"),
    ],
    ids=["empty", "text", "pickle", "torch", "npy", "objects", "npz"],
)
def test_what_is_no_checkpoint_is_refused_with_the_reason_and_runs_nothing(data, reason, tmp_path):
    path = tmp_path / "x.pt"
    path.write_bytes(data)
    with pytest.raises(CheckpointError, match=reason) as caught:
        nn.load(path)
    assert (caught.value.path, str(caught.value)) == (str(path), f"load: {path}: {caught.value.reason}")
    assert isinstance(caught.value, RuntimeError)
    assert isinstance(caught.value, ValueError)
    assert not Trap.sprung
    assert path.read_bytes() == data


def test_what_torch_saves_is_refused(tmp_path):
    torch = pytest.importorskip("torch", reason="torch, which writes the files of this test, is not installed")
    for old_format in (False, True):
        torch.save({"w": torch.ones(2)}, tmp_path / "x.pt", _use_new_zipfile_serialization=not old_format)
        with pytest.raises(CheckpointError, match=r"it is a pickle, .* save the state_dict with safetensors"):
            nn.load(tmp_path / "x.pt")


def rewritten(data, **change):
    """The checkpoint with its structure changed, and valid checksums."""
    other = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(other, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            for before, after in change.get(name.partition(".")[0], ()):
                assert before in text
                text = text.replace(before, after)
            new.writestr(name, text)
    return io.BytesIO(other.getvalue())


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (b'"version": 1', b'"version": 2', "it is a fromzero checkpoint, version 2; version 1 can be read: update"),
        (b'"tensor"', b'"tensorx"', "the file is damaged or cut off"),
        (b'"shape": [2]', b'"shape": [2000000000000]', "the file is damaged or cut off"),
        (b'"offset": 0', b'"offset": -80', "the file is damaged or cut off"),
        (b'"strides": [8]', b'"strides": [8000]', "the file is damaged or cut off"),
        (b'"dtype": "<f8"', b'"dtype": "|O"', "the file is damaged or cut off"),
        (b'"member": 0', b'"member": 9', "the file is damaged or cut off"),
        (b'"value": ', b'"value": ' + b"[" * 100_000, "the file is damaged or cut off"),
    ],
)
def test_a_structure_made_up_to_reach_beyond_its_memory_is_refused(before, after, reason):
    base = np.arange(3.0)
    data = saved([nn.from_numpy(base), nn.from_numpy(base[:2])])
    with pytest.raises(CheckpointError, match=reason):
        nn.load(rewritten(data, structure=[(before, after)]))


def test_a_header_that_claims_more_than_the_file_has_takes_no_memory():
    data = saved(np.arange(3.0))
    with pytest.raises(CheckpointError, match=r"152 bytes, its header says \(90000000000000,\) of float64"):
        nn.load(rewritten(data, **{"arrays/0": [(b"(3,), }" + b" " * 14, b"(90000000000000,), }" + b" ")]}))


# -- whole modules ----------------------------------------------------------------------------------------------------
class Tied(nn.Module):
    """A module with a weight and a part that are used twice, and values of many kinds."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 4)
        self.second = nn.Linear(4, 4)
        self.second.weight = self.first.weight
        self.stack = nn.Sequential(nn.Conv1d(1, 2, 3), nn.BatchNorm1d(2), nn.ReLU(), self.first)
        self.layer = nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0, activation="gelu")
        self.by_name = nn.ModuleDict({"lstm": nn.LSTM(2, 3)})
        self.sizes = [1, (2, 3), nn.zeros(2, 3).shape]
        self.register_buffer("unsaved", nn.ones(2), persistent=False)

    def forward(self, x):
        return self.layer(self.second(self.first(x)))


def whole(module):
    file = io.BytesIO()
    nn.save({"net": module, "epoch": 3}, file)
    file.seek(0)
    return file


def test_a_whole_module_comes_back_with_what_is_shared_in_it():
    module = Tied()
    again = nn.load(whole(module), weights_only=False)["net"]
    x = nn.randn(3, 2, 4)
    assert type(again) is Tied
    assert again(x).tolist() == module(x).tolist()
    assert repr(again) == repr(module)
    assert again.first.weight is again.second.weight
    assert again.stack[3] is again.first
    assert again.sizes == [1, (2, 3), (2, 3)]
    assert again.unsaved.tolist() == [1, 1]
    assert list(again.state_dict()) == list(module.state_dict())
    again(x).sum().backward()
    assert again.first.weight.grad is not None
    assert module.first.weight.grad is None


def test_a_whole_module_is_read_only_when_asked_for():
    with pytest.raises(nn.CheckpointError, match=r"it holds a whole module, .*Tied, .*; pass weights_only=False"):
        nn.load(whole(Tied()))


@pytest.mark.parametrize("name", ["nn.nowhere:Net", "nn.modules.linear:Lunear", "builtins:print", "os:system"])
def test_only_classes_of_modules_that_are_there_are_made(name, tmp_path):
    nn.save(nn.Linear(1, 1), tmp_path / "x.nnz")
    data = (tmp_path / "x.nnz").read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(tmp_path / "y.nnz", "w") as new:
        for member in old.namelist():
            new.writestr(member, old.read(member).replace(b"nn.modules.linear:Linear", name.encode()))
    with pytest.raises(nn.CheckpointError, match=r"cannot be imported|is no class of modules"):
        nn.load(tmp_path / "y.nnz", weights_only=False)


def test_hooks_are_refused_by_name():
    module = nn.Linear(1, 1)
    module.register_forward_hook(lambda *_: None)
    with pytest.raises(TypeError, match=r"save: _hooks.forward"):
        nn.save(module, io.BytesIO())


def test_map_location_is_the_cpu():
    for place in (None, "cpu", nn.device("cpu"), lambda storage, location: storage, {"cuda:0": "cpu"}):
        assert nn.load(whole(nn.Linear(1, 1)), map_location=place, weights_only=False)["epoch"] == 3
    with pytest.raises(nn.RangeError, match="load: there is no device but the CPU, got device 'cuda'"):
        nn.load(whole(nn.Linear(1, 1)), map_location="cuda")
