"""Transforms onto the simplex and onto matrices with a Cholesky factor."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nn.autograd.tape import wrap
from nn.distributions import constraints
from nn.distributions.transforms.transform import Shape, Transform
from nn.distributions.utils import off_the_ends, softplus, tril_matrix_to_vec, vec_to_tril_matrix
from nn.errors import ShapeError
from nn.tensors import joining
from nn.tensors.tensor import Tensor

__all__ = [
    "CorrCholeskyTransform",
    "LowerCholeskyTransform",
    "PositiveDefiniteTransform",
    "SoftmaxTransform",
    "StickBreakingTransform",
]


class SoftmaxTransform(Transform):
    """y = softmax(x) along the last axis; no bijection, for x + c has the same y. The inverse is ln y."""

    domain = constraints.real_vector
    codomain = constraints.simplex

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SoftmaxTransform)

    __hash__ = Transform.__hash__

    def _call(self, x: Tensor) -> Tensor:
        return x.softmax(-1)

    def _inverse(self, y: Tensor) -> Tensor:
        return y.log()


class StickBreakingTransform(Transform):
    """K numbers as K + 1 probabilities: each breaks its share off what is left of a stick of length 1.

    With k = 1 ... K the share is z_k = sigmoid(x_k - ln(K + 1 - k)), so that x = 0 gives equal probabilities.

    References:
        Carpenter et al., Stan: A Probabilistic Programming Language, 2017.
    """

    domain = constraints.real_vector
    codomain = constraints.simplex
    bijective = True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StickBreakingTransform)

    __hash__ = Transform.__hash__

    @staticmethod
    def _offset(like: Tensor, count: int) -> Tensor:
        return wrap(np.log(np.arange(count, 0, -1)).astype(like.dtype))

    def _call(self, x: Tensor) -> Tensor:
        shifted = x - self._offset(x, x.shape[-1])
        log_left = (-softplus(shifted)).cumsum(-1)  # ln of what is left after each break
        one = x.new_ones(*x.shape[:-1], 1)
        left = joining.cat([one, log_left.exp()], -1)
        share = joining.cat([off_the_ends(shifted.sigmoid()), one], -1)
        return share * left

    def _inverse(self, y: Tensor) -> Tensor:
        k = y.shape[-1] - 1
        left = (1 - y[..., :k].cumsum(-1)).clamp(min=float(np.finfo(y.dtype).tiny))
        return y[..., :k].log() - left.log() + self._offset(y, k)

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        shifted = x - self._offset(x, x.shape[-1])
        return (-softplus(shifted) + y[..., :-1].log()).sum(-1)

    def forward_shape(self, shape: Any) -> Shape:
        return (*shape[:-1], shape[-1] + 1)

    def inverse_shape(self, shape: Any) -> Shape:
        return (*shape[:-1], shape[-1] - 1)


class LowerCholeskyTransform(Transform):
    """A square matrix as a lower triangular one with a positive diagonal: e^x there; what lies above it is dropped."""

    domain = constraints.independent(constraints.real, 2)
    codomain = constraints.lower_cholesky

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LowerCholeskyTransform)

    __hash__ = Transform.__hash__

    def _call(self, x: Tensor) -> Tensor:
        return x.tril(-1) + x.diagonal(dim1=-2, dim2=-1).exp().diag_embed()

    def _inverse(self, y: Tensor) -> Tensor:
        return y.tril(-1) + y.diagonal(dim1=-2, dim2=-1).log().diag_embed()


class PositiveDefiniteTransform(Transform):
    """A square matrix as a positive definite one, L L^T with the L of `LowerCholeskyTransform`."""

    domain = constraints.independent(constraints.real, 2)
    codomain = constraints.positive_definite

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PositiveDefiniteTransform)

    __hash__ = Transform.__hash__

    def _call(self, x: Tensor) -> Tensor:
        lower = LowerCholeskyTransform()(x)
        return lower @ lower.mT

    def _inverse(self, y: Tensor) -> Tensor:
        return LowerCholeskyTransform().inv(y.cholesky())


class CorrCholeskyTransform(Transform):
    """D (D - 1) / 2 numbers as the Cholesky factor of a correlation matrix: lower triangular, its rows of length 1.

    tanh of the numbers are partial correlations; each takes its share of what is left of the row's length.

    References:
        Lewandowski, Kurowicka and Joe, Generating Random Correlation Matrices Based on Vines and Extended Onion Method,
        2009.
    """

    domain = constraints.real_vector
    codomain = constraints.corr_cholesky
    bijective = True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CorrCholeskyTransform)

    __hash__ = Transform.__hash__

    def _call(self, x: Tensor) -> Tensor:
        eps = float(np.finfo(x.dtype).eps)
        partial = vec_to_tril_matrix(x.tanh().clamp(min=-1 + eps, max=1 - eps), diag=-1)
        left = (1 - partial**2).sqrt().cumprod(-1)  # the length that is left after each place
        before = joining.cat([left.new_ones(*left.shape[:-1], 1), left[..., :-1]], -1)
        identity = wrap(np.eye(partial.shape[-1], dtype=x.dtype))
        return (partial + identity) * before

    def _inverse(self, y: Tensor) -> Tensor:
        square = (y**2).cumsum(-1)
        before = (1 - joining.cat([y.new_zeros(*y.shape[:-1], 1), square[..., :-1]], -1)).clamp(min=0)
        return tril_matrix_to_vec(y, -1).div(tril_matrix_to_vec(before.sqrt(), -1)).atanh()

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        n = y.shape[-1]
        rest = 1 - (y**2).cumsum(-1)
        lengths = tril_matrix_to_vec(rest[..., : n - 1][..., 1:, :], -1) if n > 2 else x[..., :0]
        slopes = -2 * (x + softplus(-2 * x) - math.log(2)).sum(-1)
        return lengths.log().sum(-1) / 2 + slopes

    def forward_shape(self, shape: Any) -> Shape:
        count = shape[-1]
        n = (1 + math.isqrt(1 + 8 * count)) // 2
        if n * (n - 1) // 2 != count:
            raise ShapeError(f"CorrCholeskyTransform: {count} numbers fill no lower triangle")
        return (*shape[:-1], n, n)

    def inverse_shape(self, shape: Any) -> Shape:
        n = shape[-1]
        return (*shape[:-2], n * (n - 1) // 2)
