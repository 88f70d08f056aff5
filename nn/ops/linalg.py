"""Inverses and decompositions. What a decomposition packs into one array, composites take apart."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.autograd.mode import mode
from nn.autograd.op import Op
from nn.autograd.samples import Draw, Sample
from nn.autograd.tape import wrap
from nn.errors import LinAlgError
from nn.kernels import linalg as kernels
from nn.ops.arithmetic import sqrt, where
from nn.ops.reduction import prod, sum
from nn.ops.shape import concatenate, narrow, reshape, transpose


# -- samples: well away from singular matrices and equal eigenvalues ---------------------------------------------------
def _regular(r: Draw, *shape: int) -> Any:
    x = r.rng.normal(size=shape)
    return x + 3 * np.eye(shape[-2], shape[-1])


def _squares(r: Draw) -> list[Sample]:
    return [r.of(_regular(r, 2, 2, 2)), r.of(_regular(r, 3, 3)), r.of(_regular(r, 1, 1))]


def _symmetric(r: Draw, *shape: int) -> Any:
    x = r.rng.normal(size=shape) * 0.3
    return x + np.swapaxes(x, -1, -2) + np.diag(2.0 * np.arange(1, shape[-1] + 1))


def _symmetrics(r: Draw) -> list[Sample]:
    return [r.of(_symmetric(r, 2, 2, 2)), r.of(_symmetric(r, 3, 3)), r.of(_symmetric(r, 1, 1))]


def _stretched(r: Draw, *shape: int) -> Any:
    """Singular values apart from each other and from zero."""
    x = r.rng.normal(size=shape) * 0.3
    k = min(shape[-2:])
    x[..., range(k), range(k)] += 2.0 * np.arange(1, k + 1)
    return x


def _tall(r: Draw) -> list[Sample]:
    return [r.of(_stretched(r, 2, 3, 2)), r.of(_stretched(r, 3, 3)), r.of(_stretched(r, 4, 2))]


def _any(r: Draw) -> list[Sample]:
    return [*_tall(r), r.of(_stretched(r, 2, 4))]


# -- pieces of rules ---------------------------------------------------------------------------------------------------
def _t(x: Any) -> Any:
    return transpose(x)


def _scalars(g: Any) -> Any:
    """(...) -> (..., 1, 1)."""
    return reshape(g, shape=(*g.shape, 1, 1))


def _lower(x: Any, diagonal: int = 0) -> Any:
    """x on and below a diagonal, 0 above."""
    return where(np.tri(x.shape[-2], x.shape[-1], diagonal, dtype=bool), x, 0.0)


def _upper(x: Any) -> Any:
    """x on and above the diagonal, 0 below."""
    return x - _lower(x, -1)


def _triangle(x: Any, upper: bool) -> Any:
    """x on the diagonal and on one side of it, 0 on the other, even where x is infinite."""
    mask = np.tri(x.shape[-1], dtype=bool)
    return where(mask.T if upper else mask, x, 0.0)


def unit_lower(x: Any) -> Any:
    """x below the diagonal, 1 on it, 0 above: the L of a matrix that holds L and U."""
    return _lower(x, -1) + np.eye(*x.shape[-2:], dtype=x.dtype)


def _diagonal(x: Any) -> Any:
    """x on the diagonal, 0 elsewhere."""
    return where(np.eye(*x.shape[-2:], dtype=bool), x, 0.0)


def _diag(row: Any) -> Any:
    """(..., 1, n) -> (..., n, n): the row on the diagonal."""
    n = row.shape[-1]
    return where(np.eye(n, dtype=bool), row, 0.0)


def rows(x: Any, *counts: int) -> list[Any]:
    """x cut into blocks of rows."""
    starts = [0, *np.cumsum(counts).tolist()]
    return [narrow(x, dim=-2, start=s, length=n) for s, n in zip(starts, counts, strict=False)]


def _over_gaps(x: Any, row: Any) -> Any:
    """x_ij / (row_j - row_i), 0 for i = j: what perturbs vectors of one value into those of another."""
    own = np.eye(row.shape[-1], dtype=bool)
    return _over(where(own, 0.0, x), row - _t(row))


def _turned(g: Any, values: Any) -> Any:
    """(g - g^T)_ij / (values_j - values_i): 0 where values coincide and g asks for no vector, nan where it does.

    A turn of such vectors among themselves is no other decomposition, and g - g^T may be 0 for a function that is the
    same whichever are taken; what it changes by is then not to be found from g, and must not be taken for 0.
    """
    gaps = values - _t(values)
    asked = (g != 0) | (_t(g) != 0)
    own = np.eye(values.shape[-1], dtype=bool)
    none = own | ((gaps == 0) & ~asked)
    return where(none, 0.0, (g - _t(g)) / where(none, 1.0, gaps))


def _over(x: Any, other: Any) -> Any:
    """x / other, 0 / 0 being 0: vectors that no gradient asks for, whose values coincide or are 0."""
    none = (x == 0) & (other == 0)
    return where(none, 0.0, x / where(none, 1.0, other))


def _inverse(x: Any) -> Any:
    """The inverse; infinities and nan where a matrix is singular."""
    if mode.quiet(_are_regular, _array(x)):
        return inv(x)
    return _t(_minors(x)) / _scalars(det(x))


def _minors(x: Any) -> Any:
    """`cofactor`; of regular matrices by way of the inverse, which has derivatives of all orders."""
    if mode.quiet(_are_far_from_singular, _array(x)):
        return _scalars(det(x)) * _t(inv(x))
    return cofactor(x)


def _are_regular(x: Any) -> bool:
    return bool(np.all(np.linalg.slogdet(x)[0]))


def _are_far_from_singular(x: Any) -> bool:
    known = x.size and np.isfinite(x).all()  # else there are no singular values
    return bool(known and not (np.linalg.cond(x) * np.finfo(x.dtype).eps >= 1).any())


def _solved(caller: str, advice: str, x: Any, other: Any) -> Any:
    """`solve` for a rule: a singular matrix is one whose factors have no gradient."""
    try:
        return solve(x, other)
    except LinAlgError:
        raise LinAlgError(
            f"{caller}: a matrix of shape {x.shape} is singular, and its factors have no gradient there; {advice}, or "
            "add a multiple of the identity"
        ) from None


def _array(x: Any) -> Any:
    return x if isinstance(x, np.ndarray) else x._array


# -- inverses and determinants -----------------------------------------------------------------------------------------
inv = Op(kernels.inv, vjp=dict(x=lambda g, y: -_t(y) @ g @ _t(y)), samples=_squares)
solve = Op(
    kernels.solve,
    vjp=dict(
        x=lambda g, y, x: -solve(_t(x), g) @ _t(y),
        other=lambda g, x: solve(_t(x), g),
    ),
    samples=lambda r: [
        r.of(_regular(r, 3, 3), r.rng.normal(size=(3, 2))),
        r.of(_regular(r, 2, 2, 2), r.rng.normal(size=(2, 2, 1))),
        r.of(_regular(r, 2, 2), r.rng.normal(size=(3, 2, 1))),
    ],
)
solve_triangular = Op(
    kernels.solve_triangular,
    vjp=dict(
        x=lambda g, y, x, upper: _triangle(-solve_triangular(_t(x), g, upper=not upper) @ _t(y), upper),
        other=lambda g, x, upper: solve_triangular(_t(x), g, upper=not upper),
    ),
    samples=lambda r: [
        r.of(np.triu(_regular(r, 3, 3)), r.rng.normal(size=(3, 2)), upper=True),
        r.of(np.tril(_regular(r, 2, 2, 2)), r.rng.normal(size=(2, 2, 1)), upper=False),
        r.of(np.tril(_regular(r, 2, 2)), r.rng.normal(size=(3, 2, 1)), upper=False),
    ],
)
det = Op(kernels.det, vjp=dict(x=lambda g, x: _scalars(g) * _minors(x)), samples=_squares)
logabsdet = Op(kernels.logabsdet, vjp=dict(x=lambda g, x: _scalars(g) * _t(_inverse(x))), samples=_squares)


# -- decompositions ----------------------------------------------------------------------------------------------------
def _cholesky_rule(g: Any, y: Any) -> Any:
    """S = L^-T phi(L^T g) L^-1, made symmetric; phi is the lower triangle with half the diagonal."""
    inner = _t(y) @ g
    phi = _lower(inner) - _diagonal(inner) / 2
    s = _t(solve(_t(y), _t(solve(_t(y), phi))))
    return (s + _t(s)) / 2


def _eigh_rule(g: Any, y: Any) -> Any:
    """V (diag(g_w) + F * V^T g_V) V^T, made symmetric; F_ij = 1 / (w_j - w_i)."""
    n = y.shape[-1]
    (w, v), (gw, gv) = rows(y, 1, n), rows(g, 1, n)
    middle = _diag(gw) + _over_gaps(_t(v) @ gv, w)
    s = v @ middle @ _t(v)
    return (s + _t(s)) / 2


def _svd_rule(g: Any, y: Any, x_shape: tuple[int, ...]) -> Any:
    """U ((F * (A - A^T)) S + S (F * (B - B^T)) + diag(g_s)) V^T, A = U^T g_U, B = V^T g_V, and what is beyond U, V."""
    m, n = x_shape[-2:]
    (u, s, v), (gu, gs, gv) = rows(y, m, 1, n), rows(g, m, 1, n)
    a, b = _t(u) @ gu, _t(v) @ gv
    turn_u, turn_v = _turned(a, s**2), _turned(b, s**2)
    middle = turn_u * s + _t(s) * turn_v + _diag(gs)
    result = u @ middle @ _t(v)
    if m > n:
        result = result + _over(gu - u @ a, s) @ _t(v)
    if n > m:
        result = result + u @ _t(_over(gv - v @ b, s))
    return result


def _qr_rule(g: Any, y: Any) -> Any:
    """(g_Q + Q sym(M)) R^-T, M = R g_R^T - g_Q^T Q, sym the lower triangle mirrored."""
    n = y.shape[-1]
    m = y.shape[-2] - n
    (q, r), (gq, gr) = rows(y, m, n), rows(g, m, n)
    mixed = r @ _t(gr) - _t(gq) @ q
    mirrored = _lower(mixed) + _t(_lower(mixed, -1))
    return _t(_solved("qr", "use svd", r, _t(gq + q @ mirrored)))


def _lu_rule(g: Any, y: Any) -> Any:
    """[L1^-T (tril(L1^T g_1, -1) + triu(g_U U^T - L2^T g_2)), g_2] U^-T; L1 and L2 are L's first n rows and others."""
    m, n = y.shape[-2:]
    (low, below), (g_high, g_below) = rows(unit_lower(y), n, m - n), rows(g, n, m - n)
    high = _upper(narrow(y, dim=-2, start=0, length=n))
    lost = _upper(g_high) @ _t(high)
    if m > n:
        lost = lost - _t(below) @ g_below
    inner = solve(_t(low), _lower(_t(low) @ _lower(g_high, -1), -1) + _upper(lost))
    if m > n:
        inner = concatenate(inner, g_below, dim=-2, starts=(0, n, m))
    return _t(_solved("lu", "use det, solve or pinv, which need no factors", high, _t(inner)))


def _pinv_rule(g: Any, y: Any, x: Any) -> Any:
    """-P^T g P^T + (1 - x P) g^T P P^T + P^T P g^T (1 - P x), P the result."""
    p, pt, gt = y, _t(y), _t(g)
    left = gt - x @ p @ gt
    right = gt - gt @ p @ x
    return left @ p @ pt - pt @ g @ pt + pt @ p @ right


cholesky = Op(kernels.cholesky, vjp=dict(x=_cholesky_rule), samples=_symmetrics)
eigh = Op(kernels.eigh, vjp=dict(x=_eigh_rule), samples=_symmetrics)
svd = Op(kernels.svd, vjp=dict(x=_svd_rule), samples=_any)
lu = Op(kernels.lu, vjp=dict(x=_lu_rule), samples=lambda r: [*_squares(r), r.of(_regular(r, 4, 2))])
qr = Op(kernels.qr, vjp=dict(x=_qr_rule), samples=_tall)
pinv = Op(kernels.pinv, vjp=dict(x=_pinv_rule), samples=_any)


def _cofactor_rule(g: Any, x: Any) -> Any:
    """d U (diag(r) - (P H)^T) V^T: d = det U det V, H = d U^T g V, P_ij the product of all s but two, r_j = P_ij H_ii.

    What no two singular values of 0 can hide, the second derivative of the determinant of any matrix.
    """
    n = x.shape[-1]
    u, s, v = singular(x)
    h = _scalars(det(u) * det(v)) * (_t(u) @ g @ v)
    own = np.eye(n, dtype=bool)
    left_out = own[:, None] | own[None]  # (n, n, n): k is i or j
    products = prod(where(left_out, 1.0, reshape(s, shape=(*s.shape[:-2], 1, 1, n))), dim=-1)
    products = where(own, 0.0, products)
    return u @ (_diag(sum(_diagonal(h), dim=-2, keepdim=True) @ products) - _t(products * h)) @ _t(v)


cofactor = Op(kernels.cofactor, vjp=dict(x=_cofactor_rule), samples=_squares)


# -- composites --------------------------------------------------------------------------------------------------------
def singular(x: Any) -> tuple[Any, Any, Any]:
    """U (..., m, k), s (..., 1, k) and V (..., n, k) with x = U diag(s) V^T, k = min(m, n)."""
    m, n = x.shape[-2:]
    u, s, v = rows(svd(x), m, 1, n)
    return _undefined(u, s, m > n), s, _undefined(v, s, m < n)  # beyond the vectors of a square there are others of 0


def symmetric(x: Any, triangle: str | None = None) -> tuple[Any, Any]:
    """Eigenvalues (..., 1, n), ascending, and vectors (..., n, n)."""
    w, v = rows(eigh(x, triangle=triangle), 1, x.shape[-1])
    return w, _undefined(v, w)


def _undefined(vectors: Any, values: Any, or_of_0: bool = False) -> Any:
    """The vectors, those whose value is another's (up to rounding) with nan for a gradient, or those of 0 too.

    They are any of many, and what the choice does to a result is lost where it multiplies them by 0, as by log 1.
    """
    if isinstance(vectors, np.ndarray):
        return vectors
    alike = wrap(mode.quiet(_alike, _array(values), or_of_0))
    if not mode.quiet(_has_any, alike._array):
        return vectors
    return vectors + where(alike, sqrt(where(alike, vectors * 0.0, 1.0)), 0.0)  # a root has no slope at 0


def _alike(row: Any, or_0: bool) -> Any:
    """Which values are another's, up to rounding, or 0."""
    rounding = np.finfo(row.dtype).eps * np.abs(row).max(axis=-1, keepdims=True, initial=0)
    close = np.abs(np.diff(row)) <= rounding
    edge = np.zeros((*row.shape[:-1], 1), bool)
    found = np.concatenate([close, edge], -1) | np.concatenate([edge, close], -1)
    return found | (row == 0) if or_0 else found


def _has_any(x: Any) -> bool:
    return bool(x.any())
