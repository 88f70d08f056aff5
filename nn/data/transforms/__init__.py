"""Transforms of data, on the way from a dataset to a model: names only, those of torchvision where it has them."""

from nn.data.transforms.color import ColorJitter, RandomErasing
from nn.data.transforms.geometry import (
    RandomAffine,
    RandomCrop,
    RandomHorizontalFlip,
    RandomRotation,
    RandomShift,
    RandomVerticalFlip,
)
from nn.data.transforms.mixing import CutMix, MixUp
from nn.data.transforms.transform import Compose, ImageTransform, Transform
from nn.data.transforms.values import Normalize, RandomNoise, Standardize

__all__ = [
    "ColorJitter",
    "Compose",
    "CutMix",
    "ImageTransform",
    "MixUp",
    "Normalize",
    "RandomAffine",
    "RandomCrop",
    "RandomErasing",
    "RandomHorizontalFlip",
    "RandomNoise",
    "RandomRotation",
    "RandomShift",
    "RandomVerticalFlip",
    "Standardize",
    "Transform",
]
