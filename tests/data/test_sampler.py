import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from nn.data import (
    BatchSampler,
    DistributedSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)


def seeded(seed=0):
    return nn.Generator().manual_seed(seed)


def test_sequential_is_the_order_of_the_data():
    assert list(SequentialSampler("abc")) == [0, 1, 2]
    assert len(SequentialSampler("abc")) == 3


@given(st.integers(1, 50), st.integers(0, 9))
def test_random_is_a_permutation(n, seed):
    sampler = RandomSampler(range(n), generator=seeded(seed))
    assert sorted(sampler) == list(range(n))
    assert len(sampler) == n


def test_every_iteration_draws_anew_and_a_seed_repeats_them():
    first, again = (RandomSampler(range(30), generator=seeded(5)) for _ in range(2))
    passes = [list(first), list(first)]
    assert passes[0] != passes[1]
    assert passes == [list(again), list(again)]


def test_without_a_generator_the_global_seed_decides():
    sampler = RandomSampler(range(30))
    orders = [list(sampler) for _ in range(2) if nn.manual_seed(1)]
    assert orders[0] == orders[1]


@given(st.integers(1, 10), st.integers(1, 35))
def test_more_samples_than_there_are_come_in_whole_rounds(n, num_samples):
    drawn = list(RandomSampler(range(n), num_samples=num_samples, generator=seeded()))
    assert len(drawn) == num_samples
    for start in range(0, num_samples, n):
        assert len(set(drawn[start : start + n])) == len(drawn[start : start + n])


def test_with_replacement_draws_are_independent():
    sampler = RandomSampler(range(3), replacement=True, num_samples=300, generator=seeded())
    counts = [list(sampler).count(i) for i in range(3)]
    assert len(sampler) == 300
    assert all(60 < count < 140 for count in counts)  # each about 100


def test_a_subset_is_permuted():
    sampler = SubsetRandomSampler([5, 9, 2, 7], generator=seeded())
    orders = {tuple(sampler) for _ in range(20)}
    assert len(orders) > 1
    assert all(sorted(order) == [2, 5, 7, 9] for order in orders)
    assert len(sampler) == 4


@given(st.integers(0, 40), st.integers(1, 12), st.booleans())
def test_batches_cut_the_order_into_pieces(n, batch_size, drop_last):
    sampler = BatchSampler(SequentialSampler(range(n)), batch_size, drop_last)
    batches = list(sampler)
    kept = n - n % batch_size if drop_last else n
    assert [i for batch in batches for i in batch] == list(range(kept))
    assert all(len(batch) == batch_size for batch in batches[:-1])
    assert len(sampler) == len(batches)


@pytest.mark.parametrize("batch_size", [0, -1, 2.0, True, None])
def test_a_batch_size_that_is_no_positive_integer_is_refused(batch_size):
    with pytest.raises(ValueError, match=f"BatchSampler: batch_size must be a positive integer, got {batch_size}"):
        BatchSampler(range(4), batch_size, False)


def test_a_number_of_samples_below_1_is_refused():
    with pytest.raises(ValueError, match="RandomSampler: num_samples must be a positive integer, got 0"):
        RandomSampler(range(4), num_samples=0)


def test_nothing_to_draw_from_is_refused():
    with pytest.raises(ValueError, match="RandomSampler: the dataset is empty, there is nothing to draw from"):
        RandomSampler([])


def test_an_unwritten_sampler_says_what_to_write():
    mine = type("Mine", (Sampler,), {})()
    with pytest.raises(NotImplementedError, match=r"Mine: a sampler defines __iter__\(\)"):
        iter(mine)
    with pytest.raises(TypeError, match=r"Mine: this sampler does not define __len__\(\)"):
        len(mine)


# -- WeightedRandomSampler --------------------------------------------------------------------------------------------
def test_positions_come_as_often_as_their_weights_say():
    drawn = list(WeightedRandomSampler([1, 0, 2, 7e300], 2000, generator=seeded()))
    assert set(drawn) == {3}
    drawn = list(WeightedRandomSampler(nn.tensor([1.0, 0.0, 2.0, 7.0]), 2000, generator=seeded()))
    assert len(drawn) == 2000
    for position, share in enumerate([0.1, 0, 0.2, 0.7]):
        assert abs(drawn.count(position) / 2000 - share) < 0.04


@given(st.lists(st.floats(0.125, 8), min_size=1, max_size=10), st.data())
def test_without_replacement_none_comes_twice(weights, data):
    n = data.draw(st.integers(1, len(weights)))
    drawn = list(WeightedRandomSampler([*weights, 0], n, replacement=False, generator=seeded()))
    assert len(set(drawn)) == n
    assert len(weights) not in drawn


def test_weighted_draws_are_new_at_every_iteration_and_a_seed_repeats_them():
    first, again = (WeightedRandomSampler(range(1, 9), 20, generator=seeded(3)) for _ in range(2))
    passes = [list(first), list(first)]
    assert passes[0] != passes[1]
    assert passes == [list(again), list(again)]
    assert len(first) == 20


@pytest.mark.parametrize(
    ("weights", "options", "message"),
    [
        ([[1.0]], {}, r"weights must be one for each position, \(N,\), got \(1, 1\)"),
        ([1, -1], {}, "weights must be finite and 0 or more, some above 0; got -1.0"),
        ([1, float("nan")], {}, "some above 0; got nan"),
        ([0, 0], {}, "some above 0; got nothing above 0"),
        ([], {}, "got nothing above 0"),
        (
            [1, 1, 0],
            {"num_samples": 3, "replacement": False},
            "3 samples cannot be drawn of 2 positions with a weight above 0",
        ),
        ([1], {"num_samples": 0}, "WeightedRandomSampler: num_samples must be a positive integer, got 0"),
    ],
)
def test_weights_that_say_nothing_are_refused(weights, options, message):
    with pytest.raises(ValueError, match=message):
        WeightedRandomSampler(weights, **{"num_samples": 1, **options})


def test_billions_of_positions_are_drawn_in_pieces():
    sampler = nn.data.RandomSampler(range(7), replacement=True, num_samples=10_000_000_000)
    assert len(sampler) == 10_000_000_000
    drawn = list(itertools.islice(sampler, 3000))
    assert set(drawn) == set(range(7))
    short = nn.data.RandomSampler(range(7), True, 1030, nn.Generator().manual_seed(0))
    assert len(list(short)) == 1030


class TestDistributedSampler:
    @pytest.mark.parametrize("count", [3, 4, 11, 12, 13])
    @pytest.mark.parametrize("shuffle", [False, True])
    @pytest.mark.parametrize("batch_size", [1, 2, 5])
    def test_every_position_once_in_as_many_batches_everywhere(self, count, shuffle, batch_size):
        parts = [DistributedSampler(range(count), 3, rank, shuffle) for rank in range(3)]
        assert sorted(i for part in parts for i in part) == list(range(count))
        assert [len(part) for part in parts] == [len(list(part)) for part in parts]
        loaders = [nn.data.DataLoader(range(count), batch_size=batch_size, sampler=part) for part in parts]
        batches = [list(loader) for loader in loaders]
        assert {len(b) for b in batches} == {len(loaders[0])}
        assert sorted(i for b in batches for batch in b for i in batch.tolist()) == list(range(count))
        assert max(len(batch) for b in batches for batch in b) <= batch_size + 1

    def test_the_batches_of_all_processes_together_are_those_of_one(self):
        whole = list(BatchSampler(DistributedSampler(range(13), 1, 0), 6, False))
        parts = [list(BatchSampler(DistributedSampler(range(13), 2, rank), 3, False)) for rank in range(2)]
        assert [sorted(a + b) for a, b in zip(*parts, strict=True)] == [sorted(whole[0]), sorted(whole[1] + whole[2])]

    def test_dropping_and_padding_make_the_parts_equal(self):
        dropped = [list(DistributedSampler(range(7), 3, rank, False, drop_last=True)) for rank in range(3)]
        assert dropped == [[0, 3], [1, 4], [2, 5]]
        padded = [DistributedSampler(range(7), 3, rank, False, pad=True) for rank in range(3)]
        assert [list(part) for part in padded] == [[0, 3, 6], [1, 4, 0], [2, 5, 1]]
        assert [len(part) for part in padded] == [3, 3, 3]
        assert list(BatchSampler(padded[1], 2, True)) == [[1, 4]]

    def test_every_epoch_has_its_own_order_the_same_in_all_processes(self):
        sampler = DistributedSampler(range(50), 1, 0, seed=4)
        first = list(sampler)
        assert list(sampler) == first
        sampler.set_epoch(1)
        assert list(sampler) != first
        sampler.set_epoch(0)
        assert list(sampler) == first

    def test_slips_are_told(self):
        with pytest.raises(ValueError, match="rank must be from 0 to 1, one for each process; got 2"):
            DistributedSampler(range(4), 2, 2)
        with pytest.raises(ValueError, match="2 samples cannot be shared by 3 processes; start fewer processes"):
            DistributedSampler(range(2), 3, 0)
