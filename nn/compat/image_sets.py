"""torchvision's sets of images: ours, from files on disk, with Pillow's images and torchvision's attributes."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.compat import settings
from nn.data import datasets as ours
from nn.data.folder import ImageSet
from nn.data.transforms.pixels import as_image
from nn.functional.resizing import interpolate
from nn.tensors.tensor import Tensor, from_numpy

__all__ = ["CIFAR10", "CIFAR100", "MNIST", "FashionMNIST"]


class _Pictures(ImageSet):
    """A set of images that our class reads, with PyTorch's attributes: `data`, `targets`, `classes`."""

    ours: type[Any]
    grey = True

    def __init__(
        self, root: Any, train: bool = True, transform: Any = None, target_transform: Any = None, download: bool = False
    ) -> None:
        super().__init__(transform, target_transform)
        self.root, self.train = root, train
        self.classes = list(type(self).ours.classes)
        self.class_to_idx = {name: i for i, name in enumerate(self.classes)}
        try:
            found = type(self).ours(root, train)
            images, labels = found.data, found.targets
        except FileNotFoundError as error:
            if not settings.offline_data:
                raise FileNotFoundError(
                    f"{error}; or run with `fromzero run --offline-data`, which takes fromzero's own digits instead"
                ) from None
            images, labels = _enlarged_digits(train, self.grey)
            name = type(self).__name__
            settings.say_once(f"{name}: its files are missing, so {len(labels)} digits of 8 x 8, enlarged, stand in")
        pixels = images[:, 0] if self.grey else np.ascontiguousarray(images.transpose(0, 2, 3, 1))
        self.data: Any = from_numpy(pixels) if self.grey else pixels
        self.targets: Any = from_numpy(labels) if self.grey else labels.tolist()
        self.train_data = self.test_data = self.data
        self.train_labels = self.test_labels = self.targets

    def sample(self, index: Any) -> tuple[Any, Any]:
        """The image and the label."""
        pixels = self.data[index]
        return as_image(pixels.numpy() if isinstance(pixels, Tensor) else pixels), int(self.targets[index])

    def __len__(self) -> int:
        return len(self.data)


def _enlarged_digits(train: bool, grey: bool) -> tuple[Any, Any]:
    """The digits that come with fromzero, four fifths of them to train, as large as the missing images."""
    x, labels = ours.load_digits()
    side = 28 if grey else 32
    images = interpolate(x.reshape(-1, 1, 8, 8).float() / x.max(), size=(side, side), mode="bilinear")
    pixels = (images.clamp(0, 1) * 255).round().numpy().astype(np.uint8)
    pixels = pixels if grey else np.repeat(pixels, 3, axis=1)
    split = len(labels) * 4 // 5
    part = slice(None, split) if train else slice(split, None)
    return pixels[part], labels.numpy().astype(np.int64)[part]


MNIST, FashionMNIST, CIFAR10, CIFAR100 = (
    type(name, (_Pictures,), {"ours": getattr(ours, name), "grey": "MNIST" in name})
    for name in ("MNIST", "FashionMNIST", "CIFAR10", "CIFAR100")
)
