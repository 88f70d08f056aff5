"""Bessel functions of real order and the Airy function; they have no derivative."""

from __future__ import annotations

from typing import Any

from nn.autograd.mode import mode
from nn.autograd.tape import wrap
from nn.kernels import bessel_functions
from nn.kernels.blocks import in_doubles
from nn.tensors import checks
from nn.tensors.tensor import Tensor

__all__ = [
    "airy_ai",
    "bessel_j0",
    "bessel_j1",
    "bessel_y0",
    "bessel_y1",
    "modified_bessel_k0",
    "modified_bessel_k1",
    "scaled_modified_bessel_k0",
    "scaled_modified_bessel_k1",
    "spherical_bessel_j0",
]


def _plain(kernel: Any, input: Tensor, caller: str, *order: int) -> Tensor:
    x = checks.tensor(input, caller)
    x = (x if x.dtype.kind == "f" else x.float()).detach()

    def values(array: Any) -> Any:
        return in_doubles(lambda v: kernel(v, *order), array)

    result: Tensor = wrap(mode.quiet(values, x._array))
    return result


def bessel_j0(input: Tensor) -> Tensor:
    """The Bessel function of the first kind J_0, without a derivative.

    Example:
        >>> import nn
        >>> nn.special.bessel_j0(nn.tensor([1.0, 2.0]))
        tensor([0.7652, 0.2239])
    """
    return _plain(bessel_functions.bessel_j0, input, "bessel_j0")


def bessel_j1(input: Tensor) -> Tensor:
    """The Bessel function of the first kind J_1, without a derivative.

    Example:
        >>> import nn
        >>> nn.special.bessel_j1(nn.tensor([1.0, 2.0]))
        tensor([0.4401, 0.5767])
    """
    return _plain(bessel_functions.bessel_j1, input, "bessel_j1")


def bessel_y0(input: Tensor) -> Tensor:
    """The Bessel function of the second kind Y_0: -inf at 0, nan below; without a derivative.

    Example:
        >>> import nn
        >>> nn.special.bessel_y0(nn.tensor([1.0, 2.0]))
        tensor([0.0883, 0.5104])
    """
    return _plain(bessel_functions.bessel_y0, input, "bessel_y0")


def bessel_y1(input: Tensor) -> Tensor:
    """The Bessel function of the second kind Y_1: -inf at 0, nan below; without a derivative.

    Example:
        >>> import nn
        >>> nn.special.bessel_y1(nn.tensor([1.0, 2.0]))
        tensor([-0.7812, -0.1070])
    """
    return _plain(bessel_functions.bessel_y1, input, "bessel_y1")


def modified_bessel_k0(input: Tensor) -> Tensor:
    """The modified Bessel function of the second kind K_0: inf at 0, nan below; without a derivative.

    Example:
        >>> import nn
        >>> nn.special.modified_bessel_k0(nn.tensor([1.0, 2.0]))
        tensor([0.4210, 0.1139])
    """
    return _plain(bessel_functions.modified_bessel_k, input, "modified_bessel_k0", 0)


def modified_bessel_k1(input: Tensor) -> Tensor:
    """The modified Bessel function of the second kind K_1: inf at 0, nan below; without a derivative.

    Example:
        >>> import nn
        >>> nn.special.modified_bessel_k1(nn.tensor([1.0, 2.0]))
        tensor([0.6019, 0.1399])
    """
    return _plain(bessel_functions.modified_bessel_k, input, "modified_bessel_k1", 1)


def scaled_modified_bessel_k0(input: Tensor) -> Tensor:
    """e^x K_0(x), which does not vanish for large x; without a derivative.

    Example:
        >>> import nn
        >>> nn.special.scaled_modified_bessel_k0(nn.tensor([1.0, 2.0]))
        tensor([1.1445, 0.8416])
    """
    return _plain(bessel_functions.scaled_modified_bessel_k, input, "scaled_modified_bessel_k0", 0)


def scaled_modified_bessel_k1(input: Tensor) -> Tensor:
    """e^x K_1(x), which does not vanish for large x; without a derivative.

    Example:
        >>> import nn
        >>> nn.special.scaled_modified_bessel_k1(nn.tensor([1.0, 2.0]))
        tensor([1.6362, 1.0335])
    """
    return _plain(bessel_functions.scaled_modified_bessel_k, input, "scaled_modified_bessel_k1", 1)


def spherical_bessel_j0(input: Tensor) -> Tensor:
    """sin(x) / x, and 1 at 0; without a derivative (`sinc` has one).

    Example:
        >>> import nn
        >>> nn.special.spherical_bessel_j0(nn.tensor([1.0, 2.0]))
        tensor([0.8415, 0.4546])
    """
    return _plain(bessel_functions.spherical_bessel_j0, input, "spherical_bessel_j0")


def airy_ai(input: Tensor) -> Tensor:
    """Airy's function Ai, which solves y'' = x y and vanishes for large x; without a derivative.

    Example:
        >>> import nn
        >>> nn.special.airy_ai(nn.tensor([1.0, 2.0]))
        tensor([0.1353, 0.0349])
    """
    return _plain(bessel_functions.airy_ai, input, "airy_ai")
