"""One process alone computes with `nn.distributed` what it computes without; every slip gets a sentence."""

import datetime
import sys

import numpy as np
import pytest

import nn
from nn import distributed as dist
from nn.errors import RangeError, ShapeError
from nn.world import World, enter, world


@pytest.fixture(autouse=True)
def alone():
    dist.init()
    yield
    dist.destroy_process_group()


def trained(wrap, optimizer):
    nn.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Tanh(), nn.Linear(4, 1))
    wrapped = wrap(model)
    steps = optimizer(model.parameters())
    for _ in range(3):
        steps.zero_grad()
        wrapped(nn.randn(5, 3)).square().mean().backward()
        steps.step()
    return [t.tolist() for t in model.state_dict().values()]


class TestOneProcess:
    def test_it_trains_as_without(self):
        plain = trained(lambda m: m, lambda p: nn.optim.Adam(p, lr=0.1))
        assert trained(dist.DistributedDataParallel, lambda p: nn.optim.Adam(p, lr=0.1)) == plain
        assert trained(lambda m: m, lambda p: dist.ZeroRedundancyOptimizer(p, nn.optim.Adam, lr=0.1)) == plain
        assert trained(dist.SyncBatchNorm.convert_sync_batchnorm, lambda p: nn.optim.Adam(p, lr=0.1)) == plain

    def test_its_numbers_and_calls(self):
        assert (dist.get_rank(), dist.get_world_size(), dist.get_backend()) == (0, 1, "single")
        assert dist.is_available()
        assert dist.is_initialized()
        for op in dist.ReduceOp:
            x = nn.tensor([1.0, -2.0])
            work = dist.all_reduce(x, op, async_op=True)
            assert work.done()
            assert x.tolist() == [1, -2]
        dist.broadcast(x)
        dist.reduce(x)
        dist.barrier()
        parts = [nn.zeros(2)]
        dist.gather(x, parts)
        dist.scatter(x, [parts[0] + 1])
        assert (parts[0].tolist(), x.tolist()) == ([1, -2], [2, -1])
        objects = [None]
        dist.all_gather_object(objects, {"a": 1})
        assert objects == [{"a": 1}]
        dist.broadcast_object_list(objects)
        assert objects == [{"a": 1}]

    def test_init_again_changes_nothing_and_destroy_ends_it(self):
        before = world()
        dist.init(timeout=datetime.timedelta(seconds=5))
        assert world() is before
        dist.destroy_process_group()
        assert not dist.is_initialized()

    def test_pytorchs_own_call_takes_its_arguments_and_refuses_to_be_called_twice(self, monkeypatch):
        with pytest.raises(ValueError, match="it was called already; call destroy_process_group"):
            dist.init_process_group()
        dist.destroy_process_group()
        monkeypatch.setenv("WORLD_SIZE", "2")
        with pytest.raises(ValueError, match="expected 2 processes, got 1; start them by `mpiexec -n 2"):
            dist.init_process_group("gloo", "env://")
        monkeypatch.setenv("RANK", "3")
        with pytest.raises(ValueError, match="init_process_group: rank must be 0, as the launcher says, got 3"):
            dist.init_process_group(world_size=1)
        with pytest.raises(ValueError, match='on a CPU backend must be "gloo" or "mpi", got \'nccl\''):
            dist.init_process_group("nccl", rank=0, world_size=1)
        assert not dist.is_initialized()
        dist.init_process_group("cpu:gloo,cuda:nccl", rank=0, world_size=1, timeout=datetime.timedelta(seconds=5))
        assert (dist.get_backend(), dist.get_rank(None), dist.get_world_size(None)) == ("gloo", 0, 1)

    def test_the_state_of_a_wrapped_model_has_torchs_names(self):
        assert list(dist.DistributedDataParallel(nn.Linear(2, 1)).state_dict()) == ["module.weight", "module.bias"]

    def test_accumulation_is_that_of_plain_tensors(self):
        model = dist.DistributedDataParallel(nn.Linear(2, 1))
        with model.no_sync():
            model(nn.ones(1, 2)).sum().backward()
        model(nn.ones(1, 2)).sum().backward()
        assert model.module.bias.grad.tolist() == [2.0]

    def test_a_process_that_ends_alone_ends_with_its_status(self):
        with pytest.raises(SystemExit) as ended:
            world().abort(3)
        assert ended.value.code == 3


class TestSlips:
    def test_each_is_told(self):
        dist.destroy_process_group()
        with pytest.raises(ValueError, match='init: backend must be "mpi" or "single", got \'nccl\''):
            dist.init("nccl")
        with pytest.raises(ValueError, match="init: timeout must be above 0 seconds, got 0"):
            dist.init(timeout=0)
        with pytest.raises(RangeError, match="broadcast: src must be a rank from 0 to 0, got 1"):
            dist.broadcast(nn.ones(1), src=1)
        with pytest.raises(
            ShapeError, match=r"all_gather: expected 1 tensors of shape \(2,\), one for each process; got"
        ):
            dist.all_gather([], nn.ones(2))
        with pytest.raises(ShapeError, match=r"scatter: expected 1 tensors of shape \(2,\), one for each process; got"):
            dist.scatter(nn.ones(2), [nn.ones(3)])
        with pytest.raises(ValueError, match="scatter: scatter_list must be given in the process 0, and there alone"):
            dist.scatter(nn.ones(2))
        with pytest.raises(ValueError, match="gather: gather_list must be given in the process 0, and there alone"):
            dist.gather(nn.ones(2))
        with pytest.raises(RangeError, match="reduce: dst must be a rank from 0 to 0, got 2"):
            dist.reduce(nn.ones(1), dst=2)
        with pytest.raises(ShapeError, match="all_gather_object: expected a list of 1, one for each process; got 2"):
            dist.all_gather_object([None, None], 1)
        with pytest.raises(ValueError, match='average must be "samples" or "ranks", got \'mean\''):
            dist.DistributedDataParallel(nn.Linear(1, 1), average="mean")
        with pytest.raises(ValueError, match="no parameter of the model requires a gradient; train it as it is"):
            dist.DistributedDataParallel(nn.ReLU())

    def test_what_programs_for_pytorch_pass_is_taken_or_told(self):
        options = {"find_unused_parameters": True, "gradient_as_bucket_view": True, "static_graph": True}
        dist.DistributedDataParallel(nn.Linear(1, 1), None, None, **options)
        with pytest.raises(ValueError, match=r"device_ids must be None on a CPU, got \[0\]"):
            dist.DistributedDataParallel(nn.Linear(1, 1), device_ids=[0])
        assert dist.all_reduce(nn.ones(1), dist.ReduceOp.SUM, None, True).done()
        for call in (dist.all_reduce, dist.broadcast):
            with pytest.raises(ValueError, match=f"{call.__name__}: group must be None, for all processes, got 1"):
                call(nn.ones(1), group=1)

    def test_mpi_that_is_missing_is_named(self, monkeypatch):
        dist.destroy_process_group()
        monkeypatch.setitem(sys.modules, "mpi4py", None)
        monkeypatch.setenv("PMI_SIZE", "2")
        with pytest.raises(ImportError, match=r"nn.distributed: MPI is not installed .*pip install 'fromzero\[mpi\]'"):
            dist.init()


class Two(World):
    """Two processes, of which the other one has twice this one's numbers."""

    size = 2

    def all_reduce(self, array, op="sum"):
        array *= 3
        return super().all_reduce(array)


def test_synchronous_statistics_are_those_of_both_processes():
    enter(Two())
    norm = dist.SyncBatchNorm(1)
    y = norm(nn.tensor([[1.0], [3.0]]))
    # sums are tripled: of the numbers, of their count, and of the squares around the mean
    assert norm.num_batches_tracked.item() == 1
    np.testing.assert_allclose(y.detach().numpy()[:, 0], [-1, 1], rtol=1e-4)
    enter(type("Same", (World,), {"size": 2})())
    with pytest.raises(ShapeError, match="SyncBatchNorm: expected more than one value a channel over all processes"):
        norm(nn.ones(1, 1))
