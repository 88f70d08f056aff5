"""The multivariate normal distribution."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn import linalg
from nn.autograd.tape import wrap
from nn.distributions import constraints
from nn.distributions.distribution import Distribution
from nn.distributions.utils import LOG_2PI, lazy_property, normal_noise
from nn.errors import ShapeError
from nn.tensors.tensor import Tensor

__all__ = ["MultivariateNormal"]


class MultivariateNormal(Distribution):
    """The normal distribution of vectors, with covariance matrix S = L L^T:

        log p(x) = -|L^-1 (x - loc)|^2 / 2 - ln det L - K / 2 ln 2 pi.

    Args:
        loc: the mean, of shape (..., K).
        covariance_matrix: S, of shape (..., K, K), positive definite.
        precision_matrix: its inverse, instead.
        scale_tril: L, lower triangular with a positive diagonal, instead: the cheapest.
        validate_args: check parameters and values, see `Distribution`.

    Shape:
        event (K)

    Raises:
        ValueError: not exactly one of the three matrices is given; or it, or `loc`, has too few axes.

    Example:
        >>> import nn
        >>> nn.distributions.MultivariateNormal(nn.zeros(2), nn.eye(2)).log_prob(nn.zeros(2))
        tensor(-1.8379)
    """

    arg_constraints = {
        "loc": constraints.real_vector,
        "covariance_matrix": constraints.positive_definite,
        "precision_matrix": constraints.positive_definite,
        "scale_tril": constraints.lower_cholesky,
    }
    support = constraints.real_vector
    has_rsample = True

    def __init__(
        self,
        loc: Tensor,
        covariance_matrix: Tensor | None = None,
        precision_matrix: Tensor | None = None,
        scale_tril: Tensor | None = None,
        validate_args: bool | None = None,
    ) -> None:
        matrices = {
            "covariance_matrix": covariance_matrix,
            "precision_matrix": precision_matrix,
            "scale_tril": scale_tril,
        }
        given = [(name, matrix) for name, matrix in matrices.items() if matrix is not None]
        if len(given) != 1:
            raise ValueError(
                "MultivariateNormal: exactly one of covariance_matrix, precision_matrix and scale_tril must be given, "
                f"got {len(given)}"
            )
        [(name, matrix)] = given
        if loc.ndim < 1 or matrix.ndim < 2:
            raise ShapeError(
                f"MultivariateNormal: loc must be a vector and {name} a matrix, "
                f"got shapes {loc.shape} and {matrix.shape}"
            )
        batch = np.broadcast_shapes(loc.shape[:-1], matrix.shape[:-2])
        self.loc = loc.expand((*batch, loc.shape[-1]))
        self.__dict__[name] = matrix.expand(batch + matrix.shape[-2:])
        super().__init__(batch, loc.shape[-1:], validate_args)
        self._unbroadcasted_scale_tril = self._lower(name, matrix)

    @staticmethod
    def _lower(name: str, matrix: Tensor) -> Tensor:
        if name == "scale_tril":
            return matrix
        if name == "covariance_matrix":
            return linalg.cholesky(matrix)
        # P = U U^T with U upper triangular, by turning P about; then S = (U^-1)^T U^-1
        upper = linalg.cholesky(matrix.flip((-2, -1))).flip((-2, -1))
        identity = wrap(np.eye(matrix.shape[-1], dtype=matrix.dtype)).expand(matrix.shape)
        return linalg.solve_triangular(upper, identity, upper=True).mT

    @lazy_property
    def scale_tril(self) -> Tensor:
        """L."""
        k = self._event_shape[0]
        return self._unbroadcasted_scale_tril.expand((*self._batch_shape, k, k))

    @lazy_property
    def covariance_matrix(self) -> Tensor:
        """S = L L^T."""
        lower = self.scale_tril
        return lower @ lower.mT

    @lazy_property
    def precision_matrix(self) -> Tensor:
        """The inverse of S."""
        lower = self.scale_tril
        inverse = linalg.solve_triangular(
            lower, wrap(np.eye(lower.shape[-1], dtype=lower.dtype)).expand(lower.shape), upper=False
        )
        return inverse.mT @ inverse

    @property
    def mean(self) -> Tensor:
        return self.loc

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def variance(self) -> Tensor:
        """The diagonal of S."""
        return (self.scale_tril**2).sum(-1)

    def _log_det(self) -> Tensor:
        """ln det L."""
        return self._unbroadcasted_scale_tril.diagonal(dim1=-2, dim2=-1).log().sum(-1)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        noise = normal_noise(self._extended_shape(sample_shape), self.loc)
        return self.loc + (self._unbroadcasted_scale_tril @ noise.unsqueeze(-1)).squeeze(-1)

    def log_prob(self, value: Tensor) -> Tensor:
        distance = squared_length(self._unbroadcasted_scale_tril, self._valid(value) - self.loc)
        return -distance / 2 - self._log_det() - self._event_shape[0] * LOG_2PI / 2

    def entropy(self) -> Tensor:
        entropy = self._log_det() + self._event_shape[0] * (1 + LOG_2PI) / 2
        return entropy.expand(self._batch_shape)


def squared_length(lower: Tensor, x: Tensor) -> Tensor:
    """|L^-1 x|^2, of triangular matrices (..., K, K) and vectors (..., K) that broadcast."""
    if lower.ndim == 2:  # one matrix for all: one solution for many vectors
        columns = x.reshape(-1, x.shape[-1]).mT
        return (linalg.solve_triangular(lower, columns, upper=False) ** 2).sum(0).reshape(x.shape[:-1])
    shape = np.broadcast_shapes(lower.shape[:-2], x.shape[:-1])
    k = x.shape[-1]
    columns = x.expand((*shape, k)).unsqueeze(-1)
    return (linalg.solve_triangular(lower.expand((*shape, k, k)), columns, upper=False) ** 2).sum((-2, -1))
