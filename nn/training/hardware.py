"""Options of Lightning's Trainer that have one meaning here, on NumPy: what they may be, and what to do instead."""

from __future__ import annotations

from typing import Any

from nn.training.records import nearest

__all__: list[str] = []

ADVICE = {
    "accelerator": "NumPy computes on the processor alone",
    "devices": "start N processes by `mpiexec -n N` with strategy='ddp' for more",
    "num_nodes": "start processes on other machines by `mpiexec --hosts` with strategy='ddp'",
    "precision": "for float64 call model.double() and give data of that dtype",
    "deterministic": "the same seed always gives the same bits",
    "benchmark": "there is nothing to choose between",
    "enable_model_summary": "nn.summary(model, input_size=...) prints the layers",
    "profiler": "run the program by `python -m cProfile -s cumulative`",
    "sync_batchnorm": "convert the model by nn.SyncBatchNorm.convert_sync_batchnorm",
    "plugins": "the loop has its callbacks",
    "reload_dataloaders_every_n_epochs": "give a loader whose data change",
    "use_distributed_sampler": "a loader with a sampler of one's own is left as it is",
    "inference_mode": "evaluation is always without gradients",
    "barebones": "give enable_checkpointing=False and enable_progress_bar=False",
}

TAKEN: dict[str, tuple[Any, ...]] = {
    "accelerator": ("auto", "cpu"),
    "devices": ("auto", 1, "1"),
    "num_nodes": (1,),
    "precision": (None, 32, "32", "32-true"),
    "deterministic": (None, True, False, "warn"),
    "benchmark": (None, False),
    "enable_model_summary": (None, False),
    "profiler": (None,),
    "sync_batchnorm": (False,),
    "plugins": (None,),
    "reload_dataloaders_every_n_epochs": (0,),
    "use_distributed_sampler": (True,),
    "inference_mode": (True, False),
    "barebones": (False,),
}


def require_here(options: dict[str, Any]) -> None:
    """Refuse options that ask for what is not here.

    Raises:
        ValueError: one of them does.
        TypeError: one of them is no option.
    """
    for name, value in options.items():
        if name not in TAKEN:
            raise TypeError(f"Trainer: there is no option {name!r}{nearest(name, TAKEN)}")
        if not any(value is one or (type(value) is type(one) and value == one) for one in TAKEN[name]):
            allowed = " or ".join(repr(one) for one in TAKEN[name])
            raise ValueError(f"Trainer: {name} must be {allowed}, got {value!r}; {ADVICE[name]}")
