"""Shards are divided without loss; what is made in advance is bounded, and its errors arrive."""

import threading

import numpy as np
import pytest

import nn
from nn.data import DataLoader, Prefetcher, ShardedDataset
from nn.data.stream import nbytes
from nn.world import World, enter

SHARDS = [list(range(10 * i, 10 * i + 3 + i)) for i in range(5)]


@pytest.fixture
def process():
    """Makes this process one of several that are not there."""
    yield lambda rank, size: enter(type("Part", (World,), {"rank": rank, "size": size})())
    enter(World())


class TestShards:
    @pytest.mark.parametrize("size", [1, 2, 5])
    def test_every_sample_is_in_one_process(self, process, size):
        seen = []
        for rank in range(size):
            process(rank, size)
            dataset = ShardedDataset(SHARDS, iter, shuffle=True, seed=1)
            dataset.set_epoch(3)
            seen += [x for batch in DataLoader(dataset, batch_size=2, num_workers=2) for x in batch.tolist()]
        assert sorted(seen) == [x for shard in SHARDS for x in shard]

    def test_every_epoch_has_its_own_order(self):
        dataset = ShardedDataset(SHARDS, iter, shuffle=True)
        first = list(dataset)
        assert list(dataset) == first
        dataset.set_epoch(1)
        assert list(dataset) != first
        assert sorted(dataset) == sorted(first)

    def test_as_many_samples_as_asked_for_in_every_process(self, process):
        for rank in range(2):
            process(rank, 2)
            assert len(list(ShardedDataset(SHARDS, iter, samples=40))) == 40
            assert len(list(ShardedDataset(SHARDS, iter, samples=4))) == 4

    def test_slips_are_told(self, process):
        with pytest.raises(ValueError, match="samples must be a positive integer or None, got 0"):
            ShardedDataset(SHARDS, iter, samples=0)
        with pytest.raises(ValueError, match="the shards of process 0 have no samples"):
            list(ShardedDataset([[], []], iter, samples=2))
        process(0, 6)
        with pytest.raises(
            ValueError, match="5 shards cannot be divided among 6 processes; write more and smaller ones"
        ):
            ShardedDataset(SHARDS, iter)


class TestPrefetcher:
    def test_the_batches_are_those_of_the_loader(self):
        loader = DataLoader(range(10), batch_size=3)
        ahead = Prefetcher(loader, max_bytes=30)
        assert len(ahead) == 4
        for _ in range(2):
            assert [b.tolist() for b in ahead] == [b.tolist() for b in loader]

    def test_no_more_than_the_bound_and_one_batch_is_held(self):
        made, taken, most = [], [], []
        waiting = threading.Event()

        def batches():
            for i in range(8):
                made.append(i)
                most.append(len(made) - len(taken))
                if len(made) == 3:
                    waiting.set()
                yield np.zeros(100, np.uint8)

        for batch in Prefetcher(batches(), max_bytes=250):
            if not taken:
                assert waiting.wait(60)
            taken.append(batch)
        assert len(taken) == 8
        assert max(most) <= 5  # three that wait, one that is taken, one that is made

    def test_an_error_is_raised_where_its_batch_was_due(self):
        def batches():
            yield 1
            raise OSError("the disk is gone")

        seen = []
        with pytest.raises(OSError, match="the disk is gone"):
            seen.extend(Prefetcher(batches()))
        assert seen == [1]

    def test_leaving_early_ends_the_thread(self):
        for i in Prefetcher(iter(int, 1), max_bytes=1):  # without end
            assert i == 0
            break
        assert all(thread.name != "Prefetcher" for thread in threading.enumerate())

    def test_the_bound_must_be_positive(self):
        with pytest.raises(ValueError, match="Prefetcher: max_bytes must be above 0, got 0"):
            Prefetcher([], max_bytes=0)

    def test_memory_is_counted_in_nested_batches(self):
        assert nbytes({"x": [nn.zeros(3), np.zeros(2)], "name": "a"}) == 12 + 16
