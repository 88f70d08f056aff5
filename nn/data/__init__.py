"""The face of `nn.data`: names only, those of `torch.utils.data`."""

from nn.data import datasets, transforms
from nn.data.byte_pairs import ByteLevelBPETokenizer
from nn.data.characters import CharTokenizer
from nn.data.collate import default_collate, default_convert
from nn.data.dataset import (
    ChainDataset,
    ConcatDataset,
    Dataset,
    IterableDataset,
    StackDataset,
    Subset,
    TensorDataset,
    random_split,
)
from nn.data.files import NumpyDataset, SafetensorsDataset
from nn.data.loader import DataLoader, get_worker_info
from nn.data.sampler import (
    BatchSampler,
    DistributedSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)
from nn.data.stream import Prefetcher, ShardedDataset
from nn.data.transforms import Compose, Normalize, RandomNoise, RandomShift, Standardize

__all__ = [
    "BatchSampler",
    "ByteLevelBPETokenizer",
    "ChainDataset",
    "CharTokenizer",
    "Compose",
    "ConcatDataset",
    "DataLoader",
    "Dataset",
    "DistributedSampler",
    "IterableDataset",
    "Normalize",
    "NumpyDataset",
    "Prefetcher",
    "RandomNoise",
    "RandomSampler",
    "RandomShift",
    "SafetensorsDataset",
    "Sampler",
    "SequentialSampler",
    "ShardedDataset",
    "StackDataset",
    "Standardize",
    "Subset",
    "SubsetRandomSampler",
    "TensorDataset",
    "WeightedRandomSampler",
    "datasets",
    "default_collate",
    "default_convert",
    "get_worker_info",
    "random_split",
    "transforms",
]
