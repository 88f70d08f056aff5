import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from nn.data import BatchSampler, DataLoader, Dataset, SequentialSampler, TensorDataset, default_collate, random_split


def seeded(seed=0):
    return nn.Generator().manual_seed(seed)


@pytest.fixture
def dataset():
    return TensorDataset(np.arange(20.0).reshape(10, 2), np.arange(10))


def labels(loader):
    return [y.tolist() for _, y in loader]


@given(st.integers(0, 30), st.integers(1, 12), st.booleans())
def test_len_is_the_number_of_batches(n, batch_size, drop_last):
    loader = DataLoader(range(n), batch_size, drop_last=drop_last)
    assert len(loader) == len(list(loader))


def test_in_order_a_pass_gives_back_the_data(dataset):
    batches = list(DataLoader(dataset, batch_size=4))
    for position, t in enumerate(dataset.tensors):
        np.testing.assert_array_equal(np.concatenate([batch[position].numpy() for batch in batches]), t.numpy())
    assert [type(batch) for batch in batches] == [list] * 3


def test_shuffled_a_pass_has_every_sample_once_with_its_own_label(dataset):
    batches = list(DataLoader(dataset, batch_size=4, shuffle=True, generator=seeded()))
    seen = [(x.tolist(), y.item()) for xs, ys in batches for x, y in zip(xs, ys, strict=True)]
    assert sorted(seen) == [([2.0 * i, 2.0 * i + 1], i) for i in range(10)]


def test_passes_differ_and_a_seed_repeats_them(dataset):
    loaders = [DataLoader(dataset, 3, shuffle=True, generator=seeded(4)) for _ in range(2)]
    passes, again = ([labels(loader), labels(loader)] for loader in loaders)
    assert passes[0] != passes[1]
    assert passes == again


def test_without_a_generator_the_global_seed_decides(dataset):
    orders = [labels(DataLoader(dataset, 3, shuffle=True)) for _ in range(2) if nn.manual_seed(2)]
    assert orders[0] == orders[1]


def test_two_passes_at_once_do_not_disturb_each_other(dataset):
    loader = DataLoader(dataset, 5)
    assert [(a.tolist(), b.tolist()) for (_, a), (_, b) in zip(loader, loader, strict=True)] == [
        (half, half) for half in labels(loader)
    ]


def test_the_quick_way_to_a_batch_gives_what_the_slow_way_gives(dataset):
    class Plain(Dataset):
        __getitem__ = dataset.__getitem__
        __len__ = dataset.__len__

    for quick, slow in zip(DataLoader(dataset, 3), DataLoader(Plain(), 3), strict=True):
        for a, b in zip(quick, slow, strict=True):
            assert a.dtype == b.dtype
            np.testing.assert_array_equal(a.numpy(), b.numpy())


def test_splits_load_as_the_whole_does(dataset):
    train, rest = random_split(dataset, [0.7, 0.3], seeded())
    assert sorted(y for part in (train, rest) for batch in labels(DataLoader(part, 2)) for y in batch) == list(
        range(10)
    )


def test_a_collate_fn_gets_a_list_of_samples(dataset):
    (batch,) = DataLoader(dataset, batch_size=10, collate_fn=lambda samples: samples)
    assert isinstance(batch, list)
    assert [y.item() for _, y in batch] == list(range(10))


def test_a_dataset_that_takes_many_samples_at_once_is_asked_once():
    asked = []

    class Many(Dataset):
        def __getitems__(self, indices):
            asked.append(indices)
            return [10 * i for i in indices]

        def __len__(self):
            return 3

    assert [batch.tolist() for batch in DataLoader(Many(), 2)] == [[0, 10], [20]]
    assert asked == [[0, 1], [2]]


def test_a_sampler_sets_the_order(dataset):
    assert labels(DataLoader(dataset, 2, sampler=[3, 1, 2])) == [[3, 1], [2]]


def test_a_batch_sampler_sets_the_batches(dataset):
    loader = DataLoader(dataset, batch_sampler=[[0], [5, 6, 7]])
    assert labels(loader) == [[0], [5, 6, 7]]
    assert len(loader) == 2
    assert loader.batch_size is None


def test_without_batching_samples_come_one_by_one_as_tensors():
    loader = DataLoader([np.zeros(2), np.ones(2)], batch_size=None)
    assert [sample.tolist() for sample in loader] == [[0, 0], [1, 1]]
    assert len(loader) == 2


def test_without_batching_a_sampler_may_give_whole_batches(dataset):
    loader = DataLoader(dataset, batch_size=None, sampler=BatchSampler(SequentialSampler(dataset), 4, True))
    assert labels(loader) == [[0, 1, 2, 3], [4, 5, 6, 7]]


def test_an_empty_dataset_has_no_batches():
    assert list(DataLoader([])) == []
    with pytest.raises(ValueError, match="the dataset is empty, there is nothing to draw from"):
        DataLoader([], shuffle=True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "batch_size is a positive integer, 0 came"),
        ({"sampler": [0], "shuffle": True}, "a sampler sets the order itself; leave out shuffle, or the sampler"),
        ({"batch_sampler": [[0]], "batch_size": 2}, "a batch_sampler makes whole batches itself; leave out batch_size"),
        ({"batch_sampler": [[0]], "shuffle": True}, "a batch_sampler makes whole batches itself"),
        ({"batch_sampler": [[0]], "sampler": [0]}, "a batch_sampler makes whole batches itself"),
        ({"batch_sampler": [[0]], "drop_last": True}, "a batch_sampler makes whole batches itself"),
        ({"batch_size": None, "drop_last": True}, "with batch_size=None there is no last batch to drop"),
    ],
)
def test_options_that_exclude_each_other_are_refused(dataset, options, message):
    with pytest.raises(ValueError, match=message):
        DataLoader(dataset, **options)


@pytest.mark.parametrize("options", [{}, {"drop_last": True}, {"batch_size": 3}, {"sampler": [5, 1, 1]}])
def test_batches_are_torchs(dataset, options):
    torch = pytest.importorskip("torch", reason="torch, the oracle of this test, is not installed")
    options = {"batch_size": 4, **options}
    theirs = torch.utils.data.TensorDataset(*(torch.from_numpy(t.numpy()) for t in dataset.tensors))
    expected = [[t.tolist() for t in batch] for batch in torch.utils.data.DataLoader(theirs, **options)]
    assert [[t.tolist() for t in batch] for batch in DataLoader(dataset, **options)] == expected


def test_the_default_collate_fn_is_there_to_be_read(dataset):
    assert DataLoader(dataset).collate_fn is default_collate
