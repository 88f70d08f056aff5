"""The multivariate normal distribution whose covariance is of low rank beside its diagonal."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn import linalg
from nn.autograd.tape import wrap
from nn.distributions import constraints
from nn.distributions.distribution import Distribution
from nn.distributions.multivariate_normal import squared_length
from nn.distributions.utils import LOG_2PI, lazy_property, normal_noise
from nn.errors import ShapeError
from nn.tensors.tensor import Tensor

__all__ = ["LowRankMultivariateNormal"]


class LowRankMultivariateNormal(Distribution):
    """The normal distribution of vectors with covariance matrix S = W W^T + diag(d), of K rows and a few columns in W.

    By the identities of Woodbury and of determinants all is done with the small matrix C = I + W^T diag(d)^-1 W.

    Args:
        loc: the mean, of shape (..., K).
        cov_factor: W, of shape (..., K, M).
        cov_diag: d, of shape (..., K), above 0.
        validate_args: check parameters and values, see `Distribution`.

    Shape:
        event (K)

    Raises:
        ShapeError: the shapes do not fit.

    Example:
        >>> import nn
        >>> d = nn.distributions.LowRankMultivariateNormal(nn.zeros(2), nn.ones(2, 1), nn.ones(2))
        >>> d.covariance_matrix
        tensor([[2., 1.],
                [1., 2.]])
    """

    arg_constraints = {
        "loc": constraints.real_vector,
        "cov_factor": constraints.independent(constraints.real, 2),
        "cov_diag": constraints.independent(constraints.positive, 1),
    }
    support = constraints.real_vector
    has_rsample = True

    def __init__(self, loc: Tensor, cov_factor: Tensor, cov_diag: Tensor, validate_args: bool | None = None) -> None:
        k = loc.shape[-1:]
        if not k or cov_factor.ndim < 2 or cov_factor.shape[-2:-1] != k or cov_diag.shape[-1:] != k:
            raise ShapeError(
                "LowRankMultivariateNormal: loc must be (..., K), cov_factor (..., K, M) and cov_diag (..., K), got "
                f"{loc.shape}, {cov_factor.shape} and {cov_diag.shape}"
            )
        batch = np.broadcast_shapes(loc.shape[:-1], cov_factor.shape[:-2], cov_diag.shape[:-1])
        self.loc = loc.expand(batch + k)
        self.cov_factor = cov_factor.expand(batch + cov_factor.shape[-2:])
        self.cov_diag = cov_diag.expand(batch + k)
        super().__init__(batch, k, validate_args)

    @lazy_property
    def _capacitance_tril(self) -> Tensor:
        """The Cholesky factor of C = I + W^T diag(d)^-1 W."""
        w = self.cov_factor
        identity = wrap(np.eye(w.shape[-1], dtype=w.dtype))
        return linalg.cholesky(identity + w.mT @ (w / self.cov_diag.unsqueeze(-1)))

    @property
    def mean(self) -> Tensor:
        return self.loc

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def variance(self) -> Tensor:
        """The diagonal of S."""
        return (self.cov_factor**2).sum(-1) + self.cov_diag

    @lazy_property
    def covariance_matrix(self) -> Tensor:
        """S."""
        return self.cov_factor @ self.cov_factor.mT + self.cov_diag.diag_embed()

    @lazy_property
    def scale_tril(self) -> Tensor:
        """The lower triangular L with S = L L^T."""
        return linalg.cholesky(self.covariance_matrix)

    @lazy_property
    def precision_matrix(self) -> Tensor:
        """The inverse of S, by Woodbury's identity."""
        scaled = (self.cov_factor / self.cov_diag.unsqueeze(-1)).mT
        half = linalg.solve_triangular(self._capacitance_tril, scaled, upper=False)
        return (1 / self.cov_diag).diag_embed() - half.mT @ half

    def _log_det(self) -> Tensor:
        """ln det S."""
        return 2 * self._capacitance_tril.diagonal(dim1=-2, dim2=-1).log().sum(-1) + self.cov_diag.log().sum(-1)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        shape = self._extended_shape(sample_shape)
        few = normal_noise((*shape[:-1], self.cov_factor.shape[-1], 1), self.loc)
        return self.loc + (self.cov_factor @ few).squeeze(-1) + self.cov_diag.sqrt() * normal_noise(shape, self.loc)

    def log_prob(self, value: Tensor) -> Tensor:
        x = self._valid(value) - self.loc
        scaled = x / self.cov_diag
        along = (self.cov_factor.mT @ scaled.unsqueeze(-1)).squeeze(-1)
        distance = (x * scaled).sum(-1) - squared_length(self._capacitance_tril, along)
        return -(distance + self._log_det() + self._event_shape[0] * LOG_2PI) / 2

    def entropy(self) -> Tensor:
        return (self._log_det() + self._event_shape[0] * (1 + LOG_2PI)) / 2
