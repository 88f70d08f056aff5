"""Many processes, on one machine or on many: `torch.distributed`'s names over MPI (extra `mpi`).

`mpiexec -n 4 python train.py` starts four processes; `init()` in each finds the others.
"""

from typing import TYPE_CHECKING as _TYPE_CHECKING

from nn.faces import show as _show

if _TYPE_CHECKING:
    from nn.distributed.batch_norm import *
    from nn.distributed.communication import *
    from nn.distributed.optim import *
    from nn.distributed.parallel import *

_FILES = {
    "nn.distributed.batch_norm": "SyncBatchNorm",
    "nn.distributed.communication": "ReduceOp all_gather all_gather_object all_reduce barrier broadcast "
    "broadcast_object_list destroy_process_group gather get_backend get_rank get_world_size init init_process_group "
    "is_available is_initialized rank_zero_only reduce scatter",
    "nn.distributed.optim": "ZeroRedundancyOptimizer",
    "nn.distributed.parallel": "DistributedDataParallel",
}
_show(__name__, _FILES)
