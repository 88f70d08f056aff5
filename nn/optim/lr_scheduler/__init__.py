"""Schedules of the learning rate: call `scheduler.step()` after the optimiser's steps of an epoch.

Warm-up is a schedule before another one:

    warm_up = LinearLR(optimizer, start_factor=0.01, total_iters=5)
    SequentialLR(optimizer, [warm_up, CosineAnnealingLR(optimizer, T_max=95)], milestones=[5])
"""

from nn.optim.lr_scheduler.annealing import CosineAnnealingLR, CosineAnnealingWarmRestarts
from nn.optim.lr_scheduler.composition import ChainedScheduler, SequentialLR
from nn.optim.lr_scheduler.cycle import CyclicLR, OneCycleLR
from nn.optim.lr_scheduler.decay import ConstantLR, ExponentialLR, LinearLR, MultiStepLR, PolynomialLR, StepLR
from nn.optim.lr_scheduler.function import LambdaLR, MultiplicativeLR
from nn.optim.lr_scheduler.plateau import ReduceLROnPlateau
from nn.optim.lr_scheduler.scheduler import LRScheduler

__all__ = [
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "CyclicLR",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "OneCycleLR",
    "PolynomialLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
]
