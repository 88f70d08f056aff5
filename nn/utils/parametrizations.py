"""Parametrisations of weights that are often wanted: length and direction apart, stretching nothing, orthogonal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from nn.autograd.grad_mode import no_grad
from nn.functional.normalization import normalize
from nn.linalg.elimination import householder_product
from nn.linalg.equations import solve
from nn.linalg.older_names import geqrf
from nn.linalg.products import matrix_exp
from nn.modules.module import Module
from nn.tensors.creation import eye
from nn.tensors.joining import cat
from nn.tensors.product import dot, mv
from nn.tensors.random import randn
from nn.tensors.tensor import Tensor, from_numpy
from nn.utils.parametrize import register_parametrization

__all__ = ["orthogonal", "spectral_norm", "weight_norm"]

M = TypeVar("M", bound=Module)


def weight_norm(module: M, name: str = "weight", dim: int | None = 0) -> M:
    """Train the length and the direction of a weight apart: w = g v / |v|.

    The parameter is replaced by `parametrizations.weight.original0`, which is g, and `original1`, which is v. A state
    that the older `nn.utils.weight_norm` wrote (`weight_g`, `weight_v`) can be loaded too.

    Args:
        module: whose parameter it is.
        name: the parameter's name.
        dim: the axis along which each entry has a length of its own; None for one length of all.

    Returns:
        The module.

    Raises:
        ValueError: there is no such parameter.

    Example:
        >>> import nn
        >>> layer = nn.utils.parametrizations.weight_norm(nn.Linear(2, 3))
        >>> {key: value.shape for key, value in layer.state_dict().items()}
        {'bias': (3,), 'parametrizations.weight.original0': (3, 1), 'parametrizations.weight.original1': (3, 2)}

    References:
        Salimans and Kingma, Weight Normalization, NeurIPS 2016.
    """
    register_parametrization(module, name, _WeightNorm(dim), unsafe=True)
    module.register_load_state_dict_pre_hook(_NewNames(name))
    return module


@dataclass(frozen=True)
class _NewNames:
    """Before loading: give the names of older states their new ones. (Not a local function, which has no pickle.)"""

    name: str

    def __call__(self, module: Module, state: Any, prefix: str, *others: Any) -> None:
        older = {f"{prefix}{self.name}_{letter}": number for number, letter in enumerate("gv")}
        if older.keys() <= state.keys():
            for key, number in older.items():
                state[f"{prefix}parametrizations.{self.name}.original{number}"] = state.pop(key)


class _WeightNorm(Module):
    def __init__(self, dim: int | None) -> None:
        super().__init__()
        self.dim = -1 if dim is None else dim

    def length(self, weight: Tensor) -> Tensor:
        """|v|, with length 1 along the axes summed over; over all of them for -1."""
        if self.dim == -1:
            return weight.norm()
        own = self.dim % weight.ndim
        others = tuple(axis for axis in range(weight.ndim) if axis != own)
        return weight.norm(2, others, keepdim=True) if others else weight.abs()

    def forward(self, weight_g: Tensor, weight_v: Tensor) -> Tensor:
        return weight_v * (weight_g / self.length(weight_v))

    def right_inverse(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        return self.length(weight), weight


def spectral_norm(
    module: M, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> M:
    """Divide a weight by its largest singular value: the layer then stretches nothing.

    The parameter is replaced by `parametrizations.weight.original`; `parametrizations.weight.0._u` and `_v`, which find
    the singular value by the power method, are buffers. They start with 15 steps.

    Args:
        module: whose parameter it is.
        name: the parameter's name.
        n_power_iterations: steps of the power method each time that the weight is computed in a training.
        eps: the least length that is divided by.
        dim: the axis of the outputs; None for 0, or 1 in a transposed convolution.

    Returns:
        The module.

    Raises:
        ValueError: there is no such parameter; less than one step.

    Example:
        >>> import nn
        >>> layer = nn.utils.parametrizations.spectral_norm(nn.Linear(2, 3), n_power_iterations=50).eval()
        >>> round(nn.linalg.matrix_norm(layer.weight, 2).item(), 4)
        1.0

    References:
        Miyato et al., Spectral Normalization for Generative Adversarial Networks, ICLR 2018.
    """
    weight = _weight(module, name, "spectral_norm")
    if dim is None:
        dim = 1 if any(c.__name__.startswith("ConvTranspose") for c in type(module).__mro__) else 0
    return register_parametrization(module, name, _SpectralNorm(weight, n_power_iterations, dim, eps))


class _SpectralNorm(Module):
    _u: Tensor
    _v: Tensor

    def __init__(self, weight: Tensor, n_power_iterations: int, dim: int, eps: float) -> None:
        super().__init__()
        if n_power_iterations < 1:
            raise ValueError(f"spectral_norm: n_power_iterations must be 1 or more, got {n_power_iterations}")
        if not -weight.ndim <= dim < max(weight.ndim, 1):
            raise IndexError(f"spectral_norm: dim must be an axis of the weight {tuple(weight.shape)}, got {dim}")
        self.n_power_iterations, self.eps = n_power_iterations, eps
        self.dim = dim % max(weight.ndim, 1)
        if weight.ndim > 1:
            matrix = self.matrix(weight.detach())
            for letter, length in zip("uv", matrix.shape, strict=True):
                self.register_buffer(f"_{letter}", normalize(randn(length, dtype=weight.dtype), dim=0, eps=eps))
            self.improve(matrix, 15)

    def matrix(self, weight: Tensor) -> Tensor:
        """The weight with one axis for the rows and one for all the others."""
        return weight.movedim(self.dim, 0).flatten(1)

    @no_grad()
    def improve(self, matrix: Tensor, steps: int) -> None:
        """Bring u and v nearer to the first singular vectors."""
        for _ in range(steps):
            self._u.copy_(normalize(mv(matrix, self._v), dim=0, eps=self.eps))
            self._v.copy_(normalize(mv(matrix.mT, self._u), dim=0, eps=self.eps))

    def forward(self, weight: Tensor) -> Tensor:
        if weight.ndim <= 1:
            return normalize(weight, dim=0, eps=self.eps)
        matrix = self.matrix(weight)
        if self.training:
            self.improve(matrix.detach(), self.n_power_iterations)
        sigma = dot(self._u.clone(), mv(matrix, self._v.clone()))
        return weight / sigma

    def right_inverse(self, value: Tensor) -> Tensor:
        return value


def orthogonal(
    module: M, name: str = "weight", orthogonal_map: str | None = None, *, use_trivialization: bool = True
) -> M:
    """Keep a weight orthogonal: Q^T Q = 1 for a matrix with no more columns than rows, else Q Q^T = 1.

    With A skew-symmetric, made of the original's lower triangle, Q is

        "matrix_exp"     exp(A)
        "cayley"         (1 + A / 2) (1 - A / 2)^-1
        "householder"    H_1 H_2 ... H_k, H_i = 1 - tau_i v_i v_i^T, of the original's columns v_i, tau_i = 2 / |v_i|^2

    Args:
        module: whose parameter it is.
        name: the parameter's name.
        orthogonal_map: one of the three; None for "matrix_exp" of square weights and "householder" of others.
        use_trivialization: multiply by a fixed orthogonal matrix, the buffer `base`, so that any orthogonal matrix can
            be assigned and the training starts from there with an A of zeros.

    Returns:
        The module.

    Raises:
        ValueError: there is no such parameter; it has less than two axes; there is no such map.

    Example:
        >>> import nn
        >>> layer = nn.utils.parametrizations.orthogonal(nn.Linear(20, 40))
        >>> bool(nn.dist(layer.weight.mT @ layer.weight, nn.eye(20)) < 1e-5)
        True

    References:
        Lezcano-Casado, Trivializations for Gradient-Based Optimization on Manifolds, NeurIPS 2019.
    """
    weight = _weight(module, name, "orthogonal")
    if weight.ndim < 2:
        raise ValueError(f"orthogonal: expected a matrix or a batch of matrices, got {weight.ndim} axes in {name!r}")
    chosen = orthogonal_map or ("matrix_exp" if weight.shape[-2] == weight.shape[-1] else "householder")
    if chosen not in ("matrix_exp", "cayley", "householder"):
        raise ValueError(
            f"orthogonal: orthogonal_map must be 'matrix_exp', 'cayley' or 'householder', got {orthogonal_map!r}"
        )
    made = _Orthogonal(weight.shape, chosen, use_trivialization)
    return register_parametrization(module, name, made, unsafe=True)


class _Orthogonal(Module):
    base: Tensor | None

    def __init__(self, shape: tuple[int, ...], orthogonal_map: str, use_trivialization: bool) -> None:
        super().__init__()
        self.shape, self.orthogonal_map, self.use_trivialization = tuple(shape), orthogonal_map, use_trivialization
        self.base = None
        if use_trivialization:
            self.register_buffer("base", None)

    def forward(self, X: Tensor) -> Tensor:
        wide = X.shape[-2] < X.shape[-1]
        X = X.mT if wide else X
        n, k = X.shape[-2:]
        Q = self.reflected(X) if self.orthogonal_map == "householder" else self.rotated(X, n, k)
        Q = Q if self.base is None else self.base @ Q
        return Q.mT if wide else Q

    def reflected(self, X: Tensor) -> Tensor:
        """The product of reflections; the diagonal of X holds the signs of the columns."""
        A = X.tril(-1)
        tau = 2 / (1 + (A * A).sum(-2))
        return householder_product(A, tau) * X.diagonal(dim1=-2, dim2=-1).detach().sign().unsqueeze(-2)

    def rotated(self, X: Tensor, n: int, k: int) -> Tensor:
        """The exponential, or Cayley's quotient, of the skew-symmetric matrix."""
        X = X.tril()
        if n != k:
            X = cat([X, X.new_zeros(*X.shape[:-2], n, n - k)], -1)
        A = X - X.mT
        if self.orthogonal_map == "matrix_exp":
            return matrix_exp(A)[..., :k]
        one = eye(n, dtype=A.dtype)
        return solve(one - A / 2, one + A / 2)[..., :k]

    @no_grad()
    def right_inverse(self, Q: Tensor) -> Tensor:
        if tuple(Q.shape) != self.shape:
            raise ValueError(f"orthogonal: expected a matrix of shape {self.shape}, got {tuple(Q.shape)}")
        wide = Q.shape[-2] < Q.shape[-1]
        tall = Q.mT if wide else Q
        n, k = tall.shape[-2:]
        if not self.use_trivialization:
            if self.orthogonal_map != "householder":
                raise NotImplementedError(
                    f"orthogonal: with use_trivialization=False a matrix can be assigned to 'householder' alone, "
                    f"got {self.orthogonal_map!r}"
                )
            A = _packed(tall)[0]
            return A.mT if wide else A
        if n != k:
            tall = cat([tall, randn(*tall.shape[:-2], n, n - k, dtype=Q.dtype)], -1)
        self.base = tall.clone() if n == k and _is_orthogonal(tall) else _made_orthogonal(tall)
        return -eye(*Q.shape[-2:], dtype=Q.dtype).expand(self.shape).clone()


def _packed(A: Tensor) -> tuple[Tensor, Tensor]:
    """The reflections of A's QR decomposition, with the signs of R's diagonal in their diagonal, and their factors."""
    packed, tau = (np.asarray(part) for part in geqrf(A))
    diagonal = np.einsum("...ii->...i", packed[..., : tau.shape[-1], :])
    diagonal[...] = np.sign(diagonal)
    diagonal[tau == 0] *= -1  # there the reflection is left out, and the sign is that of 1 - 2 v v^T
    return from_numpy(packed), from_numpy(tau)


def _made_orthogonal(A: Tensor) -> Tensor:
    """An orthogonal matrix, uniform if A is normal: Q of QR, with the signs that make R's diagonal positive."""
    packed, tau = geqrf(A)
    return householder_product(packed, tau) * packed.diagonal(dim1=-2, dim2=-1).sign().unsqueeze(-2)


def _is_orthogonal(Q: Tensor) -> bool:
    n, k = Q.shape[-2:]
    eps = 10 * n * float(np.finfo(Q.dtype).eps)
    return bool(np.allclose((Q.mT @ Q).numpy(), np.eye(k, dtype=Q.dtype), atol=eps))


def _weight(module: Module, name: str, caller: str) -> Tensor:
    weight = getattr(module, name, None)
    if not isinstance(weight, Tensor):
        raise ValueError(f"{caller}: {type(module).__name__} has no parameter {name!r}; name one that it has")
    return weight
