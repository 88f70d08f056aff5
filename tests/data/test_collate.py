from collections import OrderedDict, defaultdict
from typing import NamedTuple

import numpy as np
import pytest

import nn
from nn.data import default_collate, default_convert


class Labelled(NamedTuple):
    image: object
    label: object


def test_a_batch_of_tensors_has_them_as_rows(rng):
    samples = [nn.tensor(rng.normal(size=(2, 3))) for _ in range(4)]
    batch = default_collate(samples)
    assert batch.shape == (4, 2, 3)
    for row, sample in zip(batch, samples, strict=True):
        np.testing.assert_array_equal(row.numpy(), sample.numpy())


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, np.uint8, np.bool_])
def test_arrays_and_numpy_scalars_keep_their_dtype(dtype):
    assert default_collate([np.ones(2, dtype)] * 3).dtype == dtype
    assert default_collate([dtype(1)] * 3).dtype == dtype


@pytest.mark.parametrize(
    ("samples", "dtype", "expected"),
    [([0.5, 1.0], np.float64, [0.5, 1.0]), ([3, 4], np.int64, [3, 4]), ([True, False], np.bool_, [True, False])],
)
def test_python_numbers_become_a_tensor_of_torchs_dtype(samples, dtype, expected):
    batch = default_collate(samples)
    assert batch.dtype == dtype
    assert batch.tolist() == expected


def test_structure_is_kept_and_a_tuple_becomes_a_list():
    samples = [{"pair": (i, [float(i), "name"]), "one": Labelled(np.full(2, i), i)} for i in range(2)]
    batch = default_collate(samples)
    assert batch["pair"][0].tolist() == [0, 1]
    assert batch["pair"][1][1] == ["name", "name"]
    assert isinstance(batch["pair"], list)
    assert isinstance(batch["one"], Labelled)
    assert batch["one"].image.tolist() == [[0, 0], [1, 1]]


def test_gradients_flow_from_a_batch_to_its_samples():
    samples = [nn.tensor([1.0, 2.0], requires_grad=True) for _ in range(2)]
    (default_collate(samples) ** 2).sum().backward()
    assert samples[1].grad.tolist() == [2.0, 4.0]


def test_converting_shares_memory_and_leaves_the_rest_alone():
    array = np.zeros(2)
    sample = default_convert((array, Labelled("text", 3), {"x": array[:1]}, np.array(["a"])))
    array[:] = 7
    assert sample[0].tolist() == [7, 7]
    assert sample[1] == Labelled("text", 3)
    assert sample[2]["x"].tolist() == [7]
    assert isinstance(sample[3], np.ndarray)


@pytest.mark.parametrize(
    ("samples", "error", "message"),
    [
        ([], ValueError, "default_collate: expected at least one sample, got none"),
        (
            [np.zeros(2), np.zeros(3)],
            RuntimeError,
            r"must have equal shapes .*, got \(2,\) and \(3,\); crop or pad",
        ),
        ([(1, 2), (1,)], RuntimeError, r"samples must have equally many entries, got \[1, 2\]; pad"),
        ([object()], TypeError, "expected tensors, .* or mappings and sequences of them, got object.*collate_fn"),
    ],
)
def test_samples_that_make_no_batch_are_refused(samples, error, message):
    with pytest.raises(error, match=message):
        default_collate(samples)


def test_the_batch_is_torchs():
    torchs = pytest.importorskip("torch.utils.data", reason="torch, the oracle of this test, is not installed")

    def described(batch):
        if isinstance(batch, dict):
            return {key: described(value) for key, value in batch.items()}
        if isinstance(batch, list | tuple):
            return [described(value) for value in batch]
        return batch if isinstance(batch, str) else (batch.numpy().dtype, batch.tolist())

    samples = [{"a": (np.arange(i, i + 3), 0.5, i), "b": [np.float32(i), "x"]} for i in range(4)]
    assert described(default_collate(samples)) == described(torchs.default_collate(samples))


def test_mappings_keep_their_type():
    samples = [OrderedDict(x=1, y="a"), OrderedDict(x=2, y="b")]
    batch = nn.data.default_collate(samples)
    assert type(batch) is OrderedDict
    assert list(batch) == ["x", "y"]
    assert batch["x"].tolist() == [1, 2]
    assert samples[0]["x"] == 1
    counted = nn.data.default_collate([defaultdict(list, x=np.ones(2)), defaultdict(list, x=np.zeros(2))])
    assert counted["unknown"] == []
