"""A world of one, by arguments and by the environment, as in PyTorch's own examples."""

import os

import torch
import torch.distributed as dist
import torch.nn as nn
from torch.nn.parallel import DistributedDataParallel as DDP
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.data.distributed import DistributedSampler

os.environ.setdefault("MASTER_ADDR", "localhost")
os.environ.setdefault("MASTER_PORT", "29511")
print(dist.is_available(), dist.is_initialized(), torch.distributed.is_nccl_available())


def demo(rank, world_size):
    dist.init_process_group("gloo", rank=rank, world_size=world_size)
    print(dist.get_rank(), dist.get_world_size(), dist.get_backend(), dist.is_initialized())
    data = TensorDataset(torch.arange(7.0)[:, None])
    sampler = DistributedSampler(data, num_replicas=world_size, rank=rank, shuffle=False)
    model = nn.Sequential(nn.Linear(1, 2), nn.BatchNorm1d(2), nn.Linear(2, 1))
    with torch.no_grad():
        for p in model.parameters():
            p.fill_(0.5)
    ddp = DDP(model, find_unused_parameters=False)
    optimizer = torch.optim.SGD(ddp.parameters(), lr=0.1)
    for epoch in range(2):
        sampler.set_epoch(epoch)
        for (x,) in DataLoader(data, batch_size=3, sampler=sampler, drop_last=True):
            optimizer.zero_grad()
            loss = (ddp(x) - x).pow(2).mean()
            loss.backward()
            optimizer.step()
            print(f"{loss.item():.4f}")
    print(list(ddp.state_dict())[:2], len(sampler), ddp.module is model)
    total = torch.tensor([1.0, 2.0])
    for op in (dist.ReduceOp.SUM, dist.ReduceOp.MAX, dist.ReduceOp.AVG):
        dist.all_reduce(total, op=op, group=dist.group.WORLD)
    work = dist.all_reduce(total, async_op=True)
    work.wait()
    dist.reduce(total, dst=0)
    dist.broadcast(total, src=0)
    parts = [torch.zeros(2) for _ in range(dist.get_world_size())]
    dist.all_gather(parts, total)
    dist.gather(total, parts, dst=0)
    dist.scatter(total, [torch.tensor([5.0, 6.0])], src=0)
    names = [None]
    dist.all_gather_object(names, {"rank": dist.get_rank()})
    dist.barrier()
    print(total, parts, names, dist.new_group([0]) != 0)
    try:
        dist.init_process_group("gloo", rank=rank, world_size=world_size)
    except ValueError:
        print("twice")
    dist.destroy_process_group()
    print(dist.is_initialized())


demo(0, 1)
os.environ.update(RANK="0", WORLD_SIZE="1", LOCAL_RANK="0")
dist.init_process_group(backend="gloo", init_method="env://")
print(dist.get_rank() == int(os.environ["LOCAL_RANK"]), nn.SyncBatchNorm(3))
print(nn.SyncBatchNorm.convert_sync_batchnorm(nn.Sequential(nn.BatchNorm2d(2))))
dist.destroy_process_group()
