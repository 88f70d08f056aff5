import itertools
import random
import sys
import threading
import time
from collections import deque, namedtuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from nn.data import (
    BatchSampler,
    DataLoader,
    Dataset,
    IterableDataset,
    SequentialSampler,
    TensorDataset,
    default_collate,
    random_split,
)


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
        ({"batch_size": 0}, "batch_size must be a positive integer, got 0"),
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


# -- workers ----------------------------------------------------------------------------------------------------------
class Noisy(Dataset):
    """Every sample draws: from the global generator, from one of the dataset's own, and from one made on the spot."""

    def __init__(self, own=None, wait=False):
        self.own = own or seeded(8)
        self.wait = wait

    def __getitem__(self, index):
        if self.wait:
            time.sleep(random.random() / 500)
        spot = seeded(index).numpy.random()
        return np.array([index, nn.rand(1).item(), self.own.numpy.random(), spot])

    def __len__(self):
        return 23


def workers_alive():
    return [thread for thread in threading.enumerate() if thread.name.startswith("DataLoader")]


@pytest.mark.parametrize("num_workers", [1, 2, 5])
def test_order_and_random_numbers_are_the_same_for_any_number_of_workers(num_workers):
    def passes(num_workers, **options):
        nn.manual_seed(1)
        dataset = Noisy(wait=bool(num_workers))
        loader = DataLoader(dataset, 4, shuffle=True, num_workers=num_workers, generator=seeded(2), **options)
        return [[batch.tolist() for batch in loader] for _ in range(3)]

    alone = passes(0)
    assert passes(num_workers) == passes(num_workers, prefetch_factor=1) == alone
    values = np.concatenate([batch for one in alone for batch in one])
    assert len(np.unique(values[:, 1])) == len(np.unique(values[:, 2])) == 3 * 23  # no draw comes twice
    np.testing.assert_array_equal(values[:, 3], [seeded(int(i)).numpy.random() for i in values[:, 0]])
    assert not workers_alive()


def test_draws_inside_a_loader_leave_the_streams_outside_alone():
    draws = []
    for dataset in (Noisy(), range(23)):
        nn.manual_seed(1)
        draws.append([nn.rand(1).item() for _ in DataLoader(dataset, 4)])
    assert draws[0] == draws[1]


@pytest.mark.parametrize("num_workers", [0, 3])
def test_a_training_resumed_between_passes_sees_the_same_batches(num_workers):
    def loader(seed):
        shuffle = seeded(seed)
        return DataLoader(Noisy(), 4, shuffle=True, num_workers=num_workers, generator=shuffle), shuffle

    nn.manual_seed(1)
    whole, generator = loader(2)
    list(whole)
    states = generator.get_state(), nn.get_rng_state()
    rest = [batch.tolist() for batch in whole]
    resumed, generator = loader(77)
    nn.manual_seed(78)
    generator.set_state(states[0])
    nn.set_rng_state(states[1])
    assert [batch.tolist() for batch in resumed] == rest


class Broken(Dataset):
    def __getitem__(self, index):
        return self.open(index)

    def open(self, index):
        if index == 5:
            raise KeyError("file 5 is missing")
        return index

    def __len__(self):
        return 100


@pytest.mark.parametrize("num_workers", [0, 1, 3])
def test_an_error_in_a_worker_comes_to_the_caller_with_its_traceback_and_its_batch(num_workers):
    batches = iter(DataLoader(Broken(), 2, num_workers=num_workers))
    assert [next(batches).tolist() for _ in range(2)] == [[0, 1], [2, 3]]
    with pytest.raises(KeyError, match="file 5 is missing") as caught:
        next(batches)
    assert "open" in [entry.name for entry in caught.traceback]
    if sys.version_info >= (3, 11):
        assert caught.value.__notes__ == ["DataLoader: this came from batch 2, positions [4, 5]"]
    assert not workers_alive()


def test_leaving_a_loop_early_leaves_no_thread_behind():
    for _ in range(20):
        for _ in DataLoader(range(1000), 2, num_workers=4):
            break
        assert not workers_alive()


def test_workers_work_ahead_but_no_further_than_told():
    started = []

    class Noted(Dataset):
        def __getitem__(self, index):
            started.append(index)
            return index

        def __len__(self):
            return 100

    batches = iter(DataLoader(Noted(), 1, num_workers=2, prefetch_factor=3))
    assert started == []
    next(batches)
    deadline = time.monotonic() + 10
    while len(started) < 7 and time.monotonic() < deadline:
        time.sleep(0.001)
    assert sorted(started) == list(range(7))  # the first, and 2 x 3 in advance
    batches.close()
    assert len(started) == 7


def test_workers_do_work_at_the_same_time():
    together = threading.Barrier(3, timeout=30)

    class Meeting(Dataset):
        def __getitem__(self, index):
            together.wait()
            return index

        def __len__(self):
            return 6

    assert [b.item() for b in DataLoader(Meeting(), 1, num_workers=3)] == list(range(6))


def test_workers_raise_numpys_warnings_as_the_caller_does():
    loader = DataLoader(range(3), collate_fn=lambda samples: np.array(samples) / 0.0, num_workers=2)
    with np.errstate(all="raise"), pytest.raises(FloatingPointError):
        list(loader)
    with np.errstate(all="ignore"):
        assert len(list(loader)) == 3


# -- datasets that are iterated over ----------------------------------------------------------------------------------
class Stream(IterableDataset):
    def __iter__(self):
        for i in range(7):
            yield i, nn.rand(1).item()


class Sized(Stream):
    def __len__(self):
        return 7


@pytest.mark.parametrize("num_workers", [0, 1, 3])
@pytest.mark.parametrize("options", [{"batch_size": 3}, {"batch_size": 3, "drop_last": True}, {"batch_size": None}])
def test_a_stream_is_read_once_in_order_whatever_the_number_of_workers(num_workers, options):
    def passes(num_workers):
        nn.manual_seed(5)
        loader = DataLoader(Sized(), num_workers=num_workers, **options)
        batches = [list(loader) for _ in range(2)]
        assert [len(b) for b in batches] == [len(loader)] * 2
        return [[np.stack([np.asarray(part) for part in batch]).tolist() for batch in one] for one in batches]

    first, second = passes(num_workers)
    assert [first, second] == passes(0)
    assert first != second
    numbers = np.concatenate([np.ravel(batch[0]) for batch in first])
    assert numbers.tolist() == list(range(6 if options.get("drop_last") else 7))
    assert not workers_alive()


def test_an_endless_stream_can_be_left():
    class Endless(IterableDataset):
        def __iter__(self):
            return itertools.count()

    for batch in DataLoader(Endless(), 4, num_workers=2):
        if batch[0] == 40:
            break
    assert not workers_alive()


def test_an_error_in_a_stream_comes_after_the_batches_before_it():
    class Short(IterableDataset):
        def __iter__(self):
            yield from range(4)
            raise OSError("the file is cut off")

    batches = iter(DataLoader(Short(), 2, num_workers=1))
    assert [next(batches).tolist() for _ in range(2)] == [[0, 1], [2, 3]]
    with pytest.raises(OSError, match="the file is cut off"):
        next(batches)


def test_a_stream_without_a_length_has_no_number_of_batches():
    with pytest.raises(TypeError, match=r"the number of batches is unknown, Stream does not define __len__\(\)"):
        len(DataLoader(Stream()))


@pytest.mark.parametrize("options", [{"shuffle": True}, {"sampler": [0]}, {"batch_sampler": [[0]]}])
def test_a_stream_has_no_order_to_set(options):
    with pytest.raises(ValueError, match="an IterableDataset sets the order itself; leave out shuffle, sampler and"):
        DataLoader(Stream(), **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_workers": -1}, "num_workers must be a number of threads, 0 or more, got -1"),
        ({"num_workers": True}, "num_workers must be a number of threads, 0 or more, got True"),
        ({"prefetch_factor": 2}, "prefetch_factor counts batches in advance, .* got 2 with num_workers=0"),
        ({"prefetch_factor": 0, "num_workers": 1}, "1 or more, of each worker; got 0 with num_workers=1"),
    ],
)
def test_numbers_of_workers_and_batches_that_are_none_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        DataLoader([1], **options)


class OneByOne:
    """A dataset that knows single positions only."""

    def __len__(self):
        return 6

    def __getitem__(self, index):
        assert np.ndim(index) == 0
        return ROWS[index]


class AtOnce(OneByOne):
    def __getitems__(self, indices):
        assert isinstance(indices, list)
        return [ROWS[i] for i in indices]


ROWS = np.arange(12.0).reshape(6, 2)
Pair = namedtuple("Pair", "first second")
BATCHES = {
    "list": lambda: [3, 1],
    "tuple": lambda: (3, 1),
    "named tuple": lambda: Pair(3, 1),
    "range": lambda: range(3, 0, -2),
    "array": lambda: np.array([3, 1]),
    "bytes": lambda: np.array([3, 1], np.uint8),
    "tensor": lambda: nn.tensor([3, 1]),
    "list of tensors": lambda: [nn.tensor(3), nn.tensor(1)],
    "tuple of tensors": lambda: (nn.tensor(3), nn.tensor(1)),
    "numpy numbers": lambda: (np.int64(3), np.int32(1)),
    "deque": lambda: deque([3, 1]),
    "generator": lambda: (i for i in (3, 1)),
    "negative": lambda: (-3, -5),
}
DATASETS = {
    "tensors": lambda: nn.data.TensorDataset(nn.tensor(ROWS)),
    "list": lambda: list(ROWS),
    "array": lambda: ROWS,
    "tensor": lambda: nn.tensor(ROWS),
    "one by one": OneByOne,
    "at once": AtOnce,
    "subset": lambda: nn.data.Subset(nn.data.TensorDataset(nn.tensor(ROWS)), range(6)),
    "subset by a tuple": lambda: nn.data.Subset(nn.data.TensorDataset(nn.tensor(ROWS)), tuple(range(6))),
    "subset by an array": lambda: nn.data.Subset(AtOnce(), np.arange(6)),
    "subset by a tensor": lambda: nn.data.Subset(OneByOne(), nn.arange(6)),
    "subset of a subset": lambda: nn.data.Subset(nn.data.Subset(AtOnce(), tuple(range(6))), np.arange(6)),
    "concatenated": lambda: nn.data.ConcatDataset([OneByOne()]),
}


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("collate", [None, lambda samples: nn.data.default_collate(samples)], ids=["default", "own"])
@pytest.mark.parametrize("dataset", DATASETS)
@pytest.mark.parametrize("batch", BATCHES)
def test_a_batch_is_the_same_in_whatever_its_positions_come(batch, dataset, collate, workers):
    loader = nn.data.DataLoader(
        DATASETS[dataset](), batch_sampler=[BATCHES[batch]()], num_workers=workers, collate_fn=collate
    )
    (found,) = loader
    found = found[0] if isinstance(found, list) else found
    np.testing.assert_array_equal(found.numpy(), ROWS[[3, 1]])


@pytest.mark.parametrize("batch", ["tuple", "array", "tensor", "range"])
def test_a_dataset_asked_for_a_batch_itself_reads_the_same(batch):
    dataset = nn.data.TensorDataset(nn.tensor(ROWS))
    for asked in (dataset, nn.data.Subset(dataset, np.arange(6))):
        np.testing.assert_array_equal(asked.get_batch(BATCHES[batch]())[0].numpy(), ROWS[[3, 1]])
    np.testing.assert_array_equal(nn.data.Subset(AtOnce(), range(6)).__getitems__(BATCHES[batch]()), ROWS[[3, 1]])


@pytest.mark.parametrize("mask", [np.array([True, False]), nn.tensor([0.0, 1.0])], ids=["bool", "float"])
def test_a_mask_is_no_batch_of_positions(mask):
    with pytest.raises(TypeError, match=r"the positions of a batch must be integers, got (bool|float32)"):
        next(iter(nn.data.DataLoader(AtOnce(), batch_sampler=[mask])))


def test_the_keys_of_a_batch_may_be_what_the_dataset_is_asked_with():
    (found,) = nn.data.DataLoader({("a", 1): 1, "b": 2}, batch_sampler=[(("a", 1), "b")])
    assert found.tolist() == [1, 2]


class TestWorkers:
    def test_each_is_started_with_its_number_and_knows_itself(self):
        started, seen = [], []

        class Data(nn.data.Dataset):
            def __getitem__(self, index):
                seen.append(nn.data.get_worker_info())
                return index

            def __len__(self):
                return 6

        data = Data()
        loader = nn.data.DataLoader(data, 2, False, None, None, 2, worker_init_fn=started.append)
        assert [batch.tolist() for batch in loader] == [[0, 1], [2, 3], [4, 5]]
        assert started
        assert set(started) <= {0, 1}
        assert {(info.num_workers, info.dataset) for info in seen} == {(2, data)}
        assert {info.id for info in seen} <= {0, 1}
        assert nn.data.get_worker_info() is None

    def test_without_workers_there_is_no_information(self):
        seen = []
        list(nn.data.DataLoader([1, 2], collate_fn=lambda b: seen.append(nn.data.get_worker_info())))
        assert seen == [None, None]

    def test_a_batch_that_takes_too_long_is_an_error(self):
        hold = threading.Event()

        class Slow(nn.data.Dataset):
            def __getitem__(self, index):
                hold.wait(10)
                return index

            def __len__(self):
                return 1

        batches = iter(nn.data.DataLoader(Slow(), num_workers=1, timeout=0.01))
        try:
            threading.Timer(0.2, hold.set).start()
            with pytest.raises(RuntimeError, match=r"DataLoader: a batch was not there within 0.01 seconds"):
                next(batches)
        finally:
            hold.set()

    def test_an_error_of_the_dataset_that_is_a_timeout_stays_what_it_is(self):
        class Fails(nn.data.Dataset):
            def __getitem__(self, index):
                raise TimeoutError("the disk")

            def __len__(self):
                return 1

        with pytest.raises(TimeoutError, match="the disk"):
            list(nn.data.DataLoader(Fails(), num_workers=1, timeout=5))

    def test_a_negative_timeout_is_refused(self):
        with pytest.raises(ValueError, match="DataLoader: timeout must be a number of seconds, 0 for no limit, got -1"):
            nn.data.DataLoader([1], timeout=-1)


def test_the_class_can_be_subscripted_and_takes_a_context():
    loader: nn.data.DataLoader[int] = nn.data.DataLoader([1, 2], multiprocessing_context="spawn")
    assert nn.data.DataLoader[int]
    assert [batch.tolist() for batch in loader] == [[1], [2]]


@pytest.mark.parametrize("name", ["dataset", "batch_size", "sampler", "batch_sampler", "drop_last"])
def test_what_a_loader_is_made_of_stays(name):
    loader = nn.data.DataLoader(range(4), batch_size=2)
    with pytest.raises(ValueError, match=f"DataLoader: {name} cannot be changed once the loader is made"):
        setattr(loader, name, None)
    loader.num_workers = 1
    assert [batch.tolist() for batch in loader] == [[0, 1], [2, 3]]
