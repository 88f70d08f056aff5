"""Where a tensor lies: on the CPU, the one device there is. And the tuple of a tensor's lengths.

Whatever makes a tensor takes `**place: Unpack[Place]`, PyTorch's words for the place, and passes them to
`require_here`.
"""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Any, SupportsIndex, TypeAlias, TypedDict, overload

from nn.errors import RangeError
from nn.settings import printing

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import DTypeLike
    from typing_extensions import Unpack as Unpack

__all__ = [
    "Size", "channels_last", "contiguous_format", "device", "get_default_device", "layout", "preserve_format",
    "set_default_device", "strided",
]  # fmt: skip

DEVICES = ("cpu", "cuda", "ipu", "xpu", "mkldnn", "opengl", "opencl", "ideep", "hip", "ve", "fpga", "maia", "xla",
           "lazy", "vulkan", "mps", "meta", "hpu", "mtia", "privateuseone")  # fmt: skip


class device:
    """A device by its name: "cpu" is where all tensors are; others can be named and compared, but hold no tensor.

    Args:
        type: such as "cpu" or "cuda", also with a number, "cuda:0"; or a device.
        index: the number.

    Raises:
        RangeError: no such device exists anywhere.

    Example:
        >>> import nn
        >>> nn.device("cpu"), nn.zeros(2, device=nn.device("cpu")).device == nn.device("cpu")
        (device(type='cpu'), True)
        >>> nn.zeros(2, device="cuda")
        Traceback (most recent call last):
            ...
        nn.errors.RangeError: zeros: there is no device but the CPU, got device 'cuda'; leave it out, or pass "cpu"
    """

    __slots__ = ("index", "type")

    type: str
    index: int | None

    def __init__(self, type: str | device, index: int | None = None) -> None:
        name, colon, number = str(type).partition(":")
        if name not in DEVICES or (colon and not number.isdigit()):
            raise RangeError(f"device: expected a name such as 'cpu' or 'cuda:0', got {type!r}")
        self.type, self.index = name, int(number) if number else index

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))

    def __enter__(self) -> device:
        require_here({"device": self}, "device")
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __repr__(self) -> str:
        return f"device(type={self.type!r}{'' if self.index is None else f', index={self.index}'})"


CPU = device("cpu")

Device: TypeAlias = "device | str | int | None"


class Place(TypedDict, total=False):
    """PyTorch's words for where, and in which order of memory, a new tensor lies; `*_like` follow one of them."""

    device: Device
    layout: Any
    memory_format: Any
    pin_memory: bool


class Shaped(Place, total=False):
    """And the shape, by the name that it has where it may also be given one length at a time."""

    size: Any


class Factory(TypedDict, total=False):
    """What a layer hands on to all that makes its parameters: PyTorch calls it `factory_kwargs`."""

    device: Device
    dtype: DTypeLike | None


WORDS = Shaped.__annotations__.keys()


def require_here(place: Mapping[str, Any], caller: str, words: Collection[str] = WORDS) -> None:
    """Refuse unknown keywords, and every device except the CPU."""
    for name in place:
        if name not in words:
            raise TypeError(f"{caller}: got an unexpected keyword argument {name!r}")
    given = place.get("device")
    if given is not None and given != CPU and (isinstance(given, int) or device(given).type != "cpu"):
        raise RangeError(
            f'{caller}: there is no device but the CPU, got device {str(given)!r}; leave it out, or pass "cpu"'
        )


def is_device(value: Any) -> bool:
    """Whether it names a device, as the first argument of `to` may."""
    return isinstance(value, device) or (isinstance(value, str) and value.partition(":")[0] in DEVICES)


def set_default_device(device: Device) -> None:
    """Take the CPU as the place of new tensors, which it is.

    Raises:
        RangeError: another device.

    Example:
        >>> import nn
        >>> nn.set_default_device("cpu")
    """
    require_here({"device": device}, "set_default_device")


def get_default_device() -> device:
    """The CPU.

    Example:
        >>> import nn
        >>> nn.get_default_device()
        device(type='cpu')
    """
    return CPU


class layout:
    """An order of elements in memory by its name, such as `nn.channels_last`; see `Tensor.contiguous`.

    Taken wherever PyTorch takes one; layers and makers of tensors have no use for it.

    Example:
        >>> import nn
        >>> nn.zeros(1, 3, 4, 4, layout=nn.strided).to(memory_format=nn.channels_last).stride()
        (48, 1, 12, 3)
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"{printing['library'] or 'nn.'}{self.name}"


strided, channels_last = layout("strided"), layout("channels_last")
contiguous_format, preserve_format = layout("contiguous_format"), layout("preserve_format")


class Size(tuple[int, ...]):
    """A tensor's lengths: a tuple that counts elements too.

    Example:
        >>> import nn
        >>> nn.zeros(2, 3).shape.numel(), nn.zeros(2, 3).shape == (2, 3)
        (6, True)
    """

    __slots__ = ()

    def numel(self) -> int:
        """The product of the lengths."""
        return math.prod(self)

    @overload
    def __getitem__(self, index: SupportsIndex) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> Size: ...
    def __getitem__(self, index: Any) -> Any:
        """A length, or a part of them."""
        part = tuple.__getitem__(self, index)
        return Size(part) if isinstance(index, slice) else part

    def __add__(self, other: Any) -> Size:
        return Size(tuple(self) + tuple(other))

    def __mul__(self, times: SupportsIndex) -> Size:
        return Size(tuple(self) * operator.index(times))
