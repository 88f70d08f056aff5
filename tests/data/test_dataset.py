import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from nn.data import (
    ConcatDataset,
    DataLoader,
    Dataset,
    IterableDataset,
    Subset,
    TensorDataset,
    default_collate,
    random_split,
)


@pytest.fixture
def dataset(rng):
    return TensorDataset(nn.tensor(rng.normal(size=(10, 3))), np.arange(10))


class Counted(TensorDataset):
    """Notes every indexing."""

    def __init__(self, *tensors):
        super().__init__(*tensors)
        self.indexed = []

    def __getitem__(self, index):
        self.indexed.append(index)
        return super().__getitem__(index)


# -- Dataset ----------------------------------------------------------------------------------------------------------
def test_a_dataset_without_samples_says_what_to_write():
    with pytest.raises(NotImplementedError, match=r"Mine: a dataset defines __getitem__\(index\) and __len__\(\)"):
        type("Mine", (Dataset,), {})()[0]


# -- TensorDataset ----------------------------------------------------------------------------------------------------
def test_sample_i_is_the_tuple_of_rows_i(dataset):
    x, y = dataset[3]
    np.testing.assert_array_equal(x.numpy(), dataset.tensors[0].numpy()[3])
    assert y.item() == 3
    assert len(dataset) == len(list(dataset)) == 10


def test_arrays_are_shared_not_copied():
    array = np.zeros(3)
    dataset = TensorDataset(array)
    array[1] = 5
    assert dataset[1][0].item() == 5


def test_a_batch_is_the_collated_samples(dataset):
    indices = [4, 0, 4, -1]
    for quick, slow in zip(dataset.get_batch(indices), default_collate([dataset[i] for i in indices]), strict=True):
        np.testing.assert_array_equal(quick.numpy(), slow.numpy())


def test_a_batch_takes_one_indexing_even_through_subsets_of_subsets():
    dataset = Counted(np.arange(10), np.arange(10))
    nested = Subset(Subset(dataset, [9, 8, 7, 6]), [3, 1, 0])
    assert [x.tolist() for x, _ in DataLoader(nested, batch_size=2)] == [[6, 8], [9]]
    assert dataset.indexed == [[6, 8], [9]]


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ((), "TensorDataset: expected at least one tensor, got none"),
        ((np.zeros(3), np.zeros((2, 5))), r"tensor 1 differs in its first axis; got shapes \(3,\), \(2, 5\)"),
        ((np.zeros(()),), r"tensor 0 differs in its first axis; got shapes \(\)"),
    ],
)
def test_tensors_that_do_not_belong_together_are_refused(tensors, message):
    with pytest.raises(ValueError, match=message):
        TensorDataset(*tensors)


# -- Subset -----------------------------------------------------------------------------------------------------------
def test_a_subset_is_its_dataset_at_the_indices(dataset):
    subset = Subset(dataset, [7, 2, 2])
    assert [y.item() for _, y in subset] == [7, 2, 2]
    assert subset[[0, 1]][1].tolist() == [7, 2]
    assert subset[-1][1].item() == 2
    assert len(subset) == 3


def test_beyond_its_end_is_an_index_error(dataset):
    for source in (dataset, Subset(dataset, [0, 1])):
        with pytest.raises(IndexError):
            source[10]


def test_a_subset_asks_for_many_samples_at_once_where_its_dataset_can():
    class Letters(Dataset):
        def __getitems__(self, indices):
            return ["abcdef"[i].upper() for i in indices]

    assert Subset(Letters(), [5, 0, 1]).__getitems__([0, 2]) == ["F", "B"]
    assert Subset("abcdef", [5, 0, 1]).__getitems__([0, 2]) == ["f", "b"]


# -- random_split -----------------------------------------------------------------------------------------------------
@given(
    st.lists(st.integers(0, 20), min_size=1, max_size=5).filter(lambda lengths: sum(lengths) != 1), st.integers(0, 9)
)
def test_every_sample_goes_to_exactly_one_part(lengths, seed):
    parts = random_split(range(sum(lengths)), lengths, nn.Generator().manual_seed(seed))
    assert [len(part) for part in parts] == lengths
    assert sorted(i for part in parts for i in part) == list(range(sum(lengths)))


@given(st.integers(50, 200), st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_fractions_give_each_part_its_share_to_within_one_sample(n, shares):
    fractions = [share / sum(shares) for share in shares]
    parts = random_split(range(n), fractions)
    assert sum(map(len, parts)) == n
    for part, fraction in zip(parts, fractions, strict=True):
        assert math.floor(n * fraction) <= len(part) <= math.floor(n * fraction) + 1


@pytest.mark.parametrize("fractions", [[0.5, 0.5], [0.7, 0.2, 0.1], [0.34, 0.33, 0.33], [1.0]])
def test_fractions_become_torchs_lengths(fractions):
    data = pytest.importorskip("torch.utils.data", reason="torch, the oracle of this test, is not installed")
    for n in range(20, 40):
        expected = [len(part) for part in data.random_split(range(n), fractions)]
        assert [len(part) for part in random_split(range(n), fractions)] == expected


def test_the_same_seed_splits_alike_and_another_one_differently():
    def split(seed):
        return random_split(range(50), [25, 25], nn.Generator().manual_seed(seed))[0].indices

    assert split(1) == split(1)
    assert split(1) != split(2)


def test_without_a_generator_the_global_seed_decides():
    nn.manual_seed(3)
    first = random_split(range(50), [0.5, 0.5])[0].indices
    nn.manual_seed(3)
    assert random_split(range(50), [0.5, 0.5])[0].indices == first


def test_an_empty_part_is_warned_of():
    with pytest.warns(UserWarning, match=r"random_split: part 1 of \[0.9, 0.1\] is empty, there are only 1 samples"):
        assert [len(part) for part in random_split(range(1), [0.9, 0.1])] == [1, 0]


@pytest.mark.parametrize(
    ("lengths", "message"),
    [
        ([6, 5], r"has 10 samples, lengths \[6, 5\] sum to 11; give whole numbers that sum to 10, or fractions"),
        ([0.5, 0.25], r"lengths \[0.5, 0.25\] sum to 0.75"),
        ([2.5, 7.5], "give whole numbers that sum to 10"),
        ([11, -1], r"lengths cannot be negative, got \[11, -1\]"),
        ([], r"lengths \[\] sum to 0"),
        ([math.nan, 1.0], "sum to nan"),
    ],
)
def test_lengths_that_do_not_sum_up_are_refused(lengths, message):
    with pytest.raises(ValueError, match=message):
        random_split(range(10), lengths)


# -- ConcatDataset ----------------------------------------------------------------------------------------------------
@given(st.lists(st.integers(0, 5), min_size=1, max_size=5))
def test_concatenated_datasets_are_those_of_torch_at_every_position(lengths):
    torchs = pytest.importorskip("torch.utils.data", reason="torch, the oracle of this test, is not installed")
    parts = [[(part, i) for i in range(length)] for part, length in enumerate(lengths)]
    ours, theirs = ConcatDataset(parts), torchs.ConcatDataset(parts)
    assert len(ours) == len(theirs)
    assert ours.cumulative_sizes == theirs.cumulative_sizes
    assert [ours[i] for i in range(-len(ours), len(ours))] == [theirs[i] for i in range(-len(ours), len(ours))]
    assert list(ours) == [sample for part in parts for sample in part]


def test_plus_concatenates_and_the_whole_loads_in_batches(dataset):
    whole = dataset + Subset(dataset, [0, 1])
    assert isinstance(whole, ConcatDataset)
    assert [y.tolist() for _, y in DataLoader(whole, 8)] == [list(range(8)), [8, 9, 0, 1]]


class Letters(IterableDataset):
    def __iter__(self):
        return iter("abc")


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: ConcatDataset([]), ValueError, "ConcatDataset: expected at least one dataset, got none"),
        (
            lambda: ConcatDataset(["ab", Letters()]),
            TypeError,
            "dataset 1 is an IterableDataset, which has no",
        ),
        (lambda: ConcatDataset(["ab"])[2], IndexError, "ConcatDataset: there are 2 samples, got index 2"),
        (lambda: ConcatDataset(["ab"])[-3], IndexError, "got index -3"),
        (lambda: iter(IterableDataset()), NotImplementedError, r"an iterable dataset defines __iter__\(\)"),
    ],
)
def test_what_makes_no_dataset_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


class Count(nn.data.IterableDataset):
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return iter(range(self.n))

    def __len__(self):
        return self.n


def test_streams_are_chained():
    chained = nn.data.ChainDataset([Count(2), Count(3)])
    assert list(chained) == [0, 1, 0, 1, 2]
    assert len(chained) == 5
    assert [b.tolist() for b in nn.data.DataLoader(chained, batch_size=3)] == [[0, 1, 0], [1, 2]]
    with pytest.raises(TypeError, match="dataset 1 must be an IterableDataset, got list; use ConcatDataset"):
        nn.data.ChainDataset([Count(1), [1]])


def test_datasets_are_stacked_side_by_side():
    x, y = nn.tensor([1.0, 2.0, 3.0]), [4, 5, 6]
    assert nn.data.StackDataset(x, y)[2] == (3.0, 6)
    assert nn.data.StackDataset(a=x, b=y)[0] == {"a": 1.0, "b": 4}
    assert len(nn.data.StackDataset(x, y)) == len(nn.data.StackDataset(a=x)) == 3
    batch = next(iter(nn.data.DataLoader(nn.data.StackDataset(a=x, b=y), batch_size=2)))
    assert batch["a"].tolist() == [1, 2]
    assert batch["b"].tolist() == [4, 5]
    with pytest.raises(ValueError, match=r"must have one length, got \[2, 3\]"):
        nn.data.StackDataset(x, [1, 2])
    with pytest.raises(ValueError, match="at least one"):
        nn.data.StackDataset()


def test_a_sum_of_streams_is_one_after_the_other():
    class Stream(nn.data.IterableDataset):
        def __init__(self, stop):
            self.stop = stop

        def __iter__(self):
            return iter(range(self.stop))

    both = Stream(2) + Stream(3)
    assert isinstance(both, nn.data.ChainDataset)
    assert list(both) == [0, 1, 0, 1, 2]
