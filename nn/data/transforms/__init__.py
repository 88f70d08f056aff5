"""Transforms of data, on the way from a dataset to a model: names only, those of torchvision where it has them."""

from nn.data.transforms import functional
from nn.data.transforms.choosing import (
    ConvertImageDtype,
    FiveCrop,
    GaussianBlur,
    RandomApply,
    RandomChoice,
    RandomGrayscale,
    RandomInvert,
    RandomOrder,
    TenCrop,
    ToDtype,
    ToImage,
)
from nn.data.transforms.color import ColorJitter, RandomErasing
from nn.data.transforms.geometry import (
    RandomAffine,
    RandomCrop,
    RandomHorizontalFlip,
    RandomRotation,
    RandomShift,
    RandomVerticalFlip,
)
from nn.data.transforms.images import (
    CenterCrop,
    Grayscale,
    InterpolationMode,
    Lambda,
    Pad,
    PILToTensor,
    RandomResizedCrop,
    Resize,
    ToPILImage,
    ToTensor,
)
from nn.data.transforms.mixing import CutMix, MixUp
from nn.data.transforms.transform import Compose, ImageTransform, Transform
from nn.data.transforms.values import Normalize, RandomNoise, Standardize

__all__ = [
    "CenterCrop",
    "ColorJitter",
    "Compose",
    "ConvertImageDtype",
    "CutMix",
    "FiveCrop",
    "GaussianBlur",
    "Grayscale",
    "ImageTransform",
    "InterpolationMode",
    "Lambda",
    "MixUp",
    "Normalize",
    "PILToTensor",
    "Pad",
    "RandomAffine",
    "RandomApply",
    "RandomChoice",
    "RandomCrop",
    "RandomErasing",
    "RandomGrayscale",
    "RandomHorizontalFlip",
    "RandomInvert",
    "RandomNoise",
    "RandomOrder",
    "RandomResizedCrop",
    "RandomRotation",
    "RandomShift",
    "RandomVerticalFlip",
    "Resize",
    "Standardize",
    "TenCrop",
    "ToDtype",
    "ToImage",
    "ToPILImage",
    "ToTensor",
    "Transform",
    "functional",
]
