"""LeNet-5: the first convolutional network that read handwriting at work."""

from __future__ import annotations

from nn.errors import ShapeError
from nn.functional.pooling import avg_pool2d
from nn.modules.convolution import Conv2d
from nn.modules.linear import Linear
from nn.modules.module import Module
from nn.tensors.activation import tanh
from nn.tensors.tensor import Tensor

__all__ = ["LeNet5"]


class LeNet5(Module):
    """Convolutions that see strokes, pools that forget where exactly, and three linear layers; 61,706 parameters.

    As in the paper there are 6 and 16 feature maps, averages as pools, and tanh; as everywhere today, each map of the
    second convolution sees all six of the first, a pool has no weights, and the output is a logit for each class.
    The layers have the names of PyTorch's tutorial: `conv1`, `conv2`, `fc1`, `fc2`, `fc3`.

    Args:
        num_classes: the length of the output.
        in_channels: the channels of an image.

    Shape:
        (N, in_channels, 32, 32) -> (N, num_classes)

    Raises:
        ShapeError: the images are not of 32 x 32 pixels.

    Example:
        >>> import nn
        >>> nn.models.LeNet5()(nn.zeros(2, 1, 32, 32)).shape
        (2, 10)

    References:
        LeCun, Bottou, Bengio and Haffner, Gradient-Based Learning Applied to Document Recognition, Proceedings of the
        IEEE 86, 1998.
    """

    def __init__(self, num_classes: int = 10, in_channels: int = 1) -> None:
        super().__init__()
        self.conv1 = Conv2d(in_channels, 6, 5)
        self.conv2 = Conv2d(6, 16, 5)
        self.fc1 = Linear(16 * 5 * 5, 120)
        self.fc2 = Linear(120, 84)
        self.fc3 = Linear(84, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """The logits of each image."""
        if x.shape[-2:] != (32, 32):
            raise ShapeError(
                f"LeNet5: x must be images of 32 x 32 pixels, (N, {self.conv1.in_channels}, 32, 32), got {x.shape}; "
                "pad them, or resize them with nn.functional.interpolate"
            )
        x = avg_pool2d(tanh(self.conv1(x)), 2)  # (N, 6, 14, 14)
        x = avg_pool2d(tanh(self.conv2(x)), 2)  # (N, 16, 5, 5)
        x = tanh(self.fc1(x.flatten(1)))  # (N, 120)
        return self.fc3(tanh(self.fc2(x)))
