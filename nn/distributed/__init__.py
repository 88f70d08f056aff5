"""Many processes, on one machine or on many: `torch.distributed`'s names over MPI (extra `mpi`).

mpiexec -n 4 python train.py
"""

from nn.distributed.batch_norm import SyncBatchNorm
from nn.distributed.communication import (
    ReduceOp,
    all_gather,
    all_gather_object,
    all_reduce,
    barrier,
    broadcast,
    broadcast_object_list,
    destroy_process_group,
    get_backend,
    get_rank,
    get_world_size,
    init,
    init_process_group,
    is_available,
    is_initialized,
    rank_zero_only,
)
from nn.distributed.optim import ZeroRedundancyOptimizer
from nn.distributed.parallel import DistributedDataParallel

__all__ = [
    "DistributedDataParallel",
    "ReduceOp",
    "SyncBatchNorm",
    "ZeroRedundancyOptimizer",
    "all_gather",
    "all_gather_object",
    "all_reduce",
    "barrier",
    "broadcast",
    "broadcast_object_list",
    "destroy_process_group",
    "get_backend",
    "get_rank",
    "get_world_size",
    "init",
    "init_process_group",
    "is_available",
    "is_initialized",
    "rank_zero_only",
]
