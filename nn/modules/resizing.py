"""Layers that make images larger or smaller, by the nearest pixel or by weighted means of several."""

from __future__ import annotations

from nn.functional.resizing import interpolate
from nn.modules.module import Module
from nn.tensors.tensor import Tensor

__all__ = ["Upsample", "UpsamplingBilinear2d", "UpsamplingNearest2d"]

Size = int | tuple[int, ...] | None
Scale = float | tuple[float, ...] | None


class Upsample(Module):
    """Every spatial axis resampled to another length; arguments are those of `nn.functional.interpolate`.

    Example:
        >>> import nn
        >>> nn.Upsample(scale_factor=2, mode="bilinear")
        Upsample(scale_factor=2.0, mode='bilinear')
        >>> nn.Upsample(scale_factor=2, mode="bilinear")(nn.zeros(1, 3, 4, 5)).shape
        (1, 3, 8, 10)
    """

    name: str
    size: Size
    scale_factor: Scale
    mode: str
    align_corners: bool | None
    recompute_scale_factor: bool | None

    def __init__(
        self,
        size: Size = None,
        scale_factor: Scale = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        super().__init__()
        self.name = type(self).__name__
        self.size = size
        self.scale_factor = None
        if isinstance(scale_factor, tuple):
            self.scale_factor = tuple(float(factor) for factor in scale_factor)
        elif scale_factor:
            self.scale_factor = float(scale_factor)
        self.mode = mode
        self.align_corners = align_corners
        self.recompute_scale_factor = recompute_scale_factor

    def forward(self, input: Tensor) -> Tensor:
        return interpolate(
            input, self.size, self.scale_factor, self.mode, self.align_corners, self.recompute_scale_factor
        )

    def extra_repr(self) -> str:
        """Return the size or the factor, and the mode; of both, the factor."""
        goal = f"size={self.size!r}" if self.scale_factor is None else f"scale_factor={self.scale_factor!r}"
        return f"{goal}, mode={self.mode!r}"


class UpsamplingNearest2d(Upsample):
    """`Upsample` of images by their nearest pixels.

    Example:
        >>> import nn
        >>> nn.UpsamplingNearest2d(scale_factor=2)(nn.zeros(1, 3, 4, 5)).shape
        (1, 3, 8, 10)
    """

    def __init__(self, size: Size = None, scale_factor: Scale = None) -> None:
        super().__init__(size, scale_factor, mode="nearest")


class UpsamplingBilinear2d(Upsample):
    """`Upsample` of images by their four neighbours, corner pixels on corner pixels.

    Example:
        >>> import nn
        >>> nn.UpsamplingBilinear2d(size=(2, 3))(nn.tensor([[[[0.0, 2.0]]]]))
        tensor([[[[0., 1., 2.],
                  [0., 1., 2.]]]])
    """

    def __init__(self, size: Size = None, scale_factor: Scale = None) -> None:
        super().__init__(size, scale_factor, mode="bilinear", align_corners=True)
