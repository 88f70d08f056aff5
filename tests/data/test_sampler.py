import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from nn.data import BatchSampler, RandomSampler, Sampler, SequentialSampler, SubsetRandomSampler, WeightedRandomSampler


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
