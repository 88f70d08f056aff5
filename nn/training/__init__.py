"""Training: a `Trainer` with PyTorch Lightning's names, around a loop that can be read on one screen, and callbacks."""

from nn.training.averaging import EMAWeightAveraging, StochasticWeightAveraging, WeightAveraging
from nn.training.callback import Callback
from nn.training.checkpoints import ModelCheckpoint
from nn.training.lightning import LightningDataModule, LightningModule
from nn.training.monitors import LearningRateMonitor, ThroughputMonitor
from nn.training.progress import ProgressBar
from nn.training.randomness import seed_everything
from nn.training.search import Trial, grid, sample, search
from nn.training.stopping import EarlyStopping, Timer
from nn.training.trainer import Trainer
from nn.training.watching import Watch, watch

__all__ = [
    "Callback",
    "EMAWeightAveraging",
    "EarlyStopping",
    "LearningRateMonitor",
    "LightningDataModule",
    "LightningModule",
    "ModelCheckpoint",
    "ProgressBar",
    "StochasticWeightAveraging",
    "ThroughputMonitor",
    "Timer",
    "Trainer",
    "Trial",
    "Watch",
    "WeightAveraging",
    "grid",
    "sample",
    "search",
    "seed_everything",
    "watch",
]
