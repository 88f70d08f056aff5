"""Matrices (..., m, n): inverses and decompositions, by LAPACK. Several results come packed into one array.

Signs of vectors are LAPACK's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.errors import LinAlgError
from nn.kernels.layout import row_major

Array = NDArray[Any]


def inv(x: Array, *, out: Array | None = None) -> Array:
    """The inverse: (..., n, n) -> (..., n, n)."""
    try:
        return _put(_nan_of_nan(np.linalg.inv(x), x), out)
    except np.linalg.LinAlgError:
        raise _singular("inv", x) from None


def solve(x: Array, other: Array, *, out: Array | None = None) -> Array:
    """The z with x @ z = other: (..., n, n), (..., n, k) -> (..., n, k)."""
    try:
        return _put(_nan_of_nan(np.linalg.solve(x, _matrices(other, x)), x), out)
    except np.linalg.LinAlgError:
        raise _singular("solve", x) from None


def _matrices(other: Array, x: Array) -> Array:
    """One matrix for a batch with all of the batch's axes, or NumPy before version 2 would take it for vectors."""
    return other if other.ndim >= x.ndim else other.reshape((1,) * (x.ndim - other.ndim) + other.shape)


def _nan_of_nan(y: Array, x: Array) -> Array:
    """nan for each matrix x that has a nan: elimination goes round some, but never in the first row, its last one."""
    if y.size and np.isnan(y[..., 0, 0]).any():
        y[np.broadcast_to(np.isnan(x).any((-2, -1)), y.shape[:-2])] = np.nan
    return y


def solve_triangular(x: Array, other: Array, *, upper: bool, out: Array | None = None) -> Array:
    """As `solve`, of one triangle of x: (..., n, n), (..., n, k) -> (..., n, k).

    A 0 on a diagonal makes infinities and nan. Each row is put into the next, as LAPACK does, where NumPy's elimination
    would stop or mix up what is not finite.
    """
    x = np.triu(x) if upper else np.tril(x)
    if np.isfinite(x).all() and np.diagonal(x, axis1=-2, axis2=-1).all():
        return _put(np.linalg.solve(x, _matrices(other, x)), out)
    n = x.shape[-1]
    z = np.zeros((*np.broadcast_shapes(x.shape[:-2], other.shape[:-2]), *other.shape[-2:]), other.dtype)
    for i in reversed(range(n)) if upper else range(n):
        known = slice(i + 1, n) if upper else slice(i)
        z[..., i, :] = other[..., i, :] - (x[..., i, None, known] @ z[..., known, :])[..., 0, :]
        z[..., i, :] /= x[..., i, i, None]
    return _put(z, out)


def det(x: Array, *, out: Array | None = None) -> Array:
    """The determinant: (..., n, n) -> (...)."""
    return _put(np.linalg.det(x), out)


def logabsdet(x: Array, *, out: Array | None = None) -> Array:
    """ln |det x|; -inf if x is singular: (..., n, n) -> (...)."""
    return _put(np.linalg.slogdet(x)[1], out)


def cofactor(x: Array, *, out: Array | None = None) -> Array:
    """det(x) x^-T, of a singular x too: (..., n, n) -> (..., n, n).

    det(U) det(V) U diag(the products of all other singular values) V^T.
    """
    known = np.isfinite(x).all((-2, -1), keepdims=True)
    u, s, vh = np.linalg.svd(np.where(known, x, 0))
    others = np.where(np.eye(x.shape[-1], dtype=bool), 1, s[..., None, :]).prod(-1)
    sign = np.linalg.det(u) * np.linalg.det(vh)
    return _put(np.where(known, sign[..., None, None] * (u * others[..., None, :] @ vh), x.dtype.type(np.nan)), out)


def cholesky(x: Array, *, triangle: str | None = None, out: Array | None = None) -> Array:
    """The lower triangular L with L @ L^T = (x + x^T) / 2, or with one triangle read: (..., n, n) -> (..., n, n)."""
    try:
        lower = np.linalg.cholesky(_symmetric(x, triangle))
        if np.isnan(lower[..., -1:, -1]).any():  # of nan, which LAPACK may let pass
            raise np.linalg.LinAlgError
        return _put(lower, out)
    except np.linalg.LinAlgError:
        raise LinAlgError(
            f"cholesky: a matrix of shape {x.shape} is not positive definite; add a multiple of the identity, or use "
            "eigh"
        ) from None


def eigh(x: Array, *, triangle: str | None = None, out: Array | None = None) -> Array:
    """Of (x + x^T) / 2: eigenvalues, ascending, above their vectors as columns: (..., n, n) -> (..., 1 + n, n).

    Or of the symmetric matrix of which x has one triangle, "L" or "U".
    """
    values, vectors = converged("eigh", np.linalg.eigh, _symmetric(x, triangle))
    return _packed(out, values[..., None, :], vectors)


def svd(x: Array, *, out: Array | None = None) -> Array:
    """x = U diag(s) V^T, packed as rows [U, s, V]: (..., m, n) -> (..., m + 1 + n, k), k = min(m, n)."""
    u, s, vh = converged("svd", np.linalg.svd, x, full_matrices=False)
    return _packed(out, u, s[..., None, :], np.swapaxes(vh, -1, -2))


def qr(x: Array, *, out: Array | None = None) -> Array:
    """x = Q R, packed as rows [Q, R]: (..., m, n) -> (..., m + n, n), for m >= n."""
    q, r = np.linalg.qr(x)
    return _packed(out, q, r)


def row_order(x: Array) -> tuple[Array, Array]:
    """Partial pivoting: the rows of x (..., m, n) in elimination order, (..., m), and what row i was swapped with."""
    y, k = np.array(x), min(x.shape[-2:])
    rows = np.broadcast_to(np.arange(x.shape[-2]), x.shape[:-1]).copy()
    swaps = np.zeros((*x.shape[:-2], k), np.int64)
    for i in range(k):
        best = i + np.abs(y[..., i:, i]).argmax(-1)
        swaps[..., i] = best
        for array in (y, rows[..., None]):
            chosen = np.take_along_axis(array, best[..., None, None], -2)
            np.put_along_axis(array, best[..., None, None], array[..., i : i + 1, :].copy(), -2)
            array[..., i : i + 1, :] = chosen
        pivot = y[..., i, i, None]
        y[..., i + 1 :, i] /= np.where(pivot == 0, 1, pivot)
        y[..., i + 1 :, i + 1 :] -= y[..., i + 1 :, i, None] * y[..., i, None, i + 1 :]
    return rows, swaps


def lu(x: Array, *, out: Array | None = None) -> Array:
    """x = L U without pivoting, L below the diagonal (where it is 1) and U above: (..., m, n) alike, m >= n."""
    y = np.array(x)
    for i in range(x.shape[-1]):
        pivot = y[..., i, i, None]
        y[..., i + 1 :, i] /= np.where(pivot == 0, 1, pivot)
        y[..., i + 1 :, i + 1 :] -= y[..., i + 1 :, i, None] * y[..., i, None, i + 1 :]
    return _put(y, out)


def pinv(
    x: Array, *, atol: Any = None, rtol: Any = None, triangle: str | None = None, out: Array | None = None
) -> Array:
    """The pseudoinverse of Moore and Penrose, without the singular values that count as 0."""
    if triangle is not None:
        x = _symmetric(x, triangle)
    regular = _by_elimination(x, atol, rtol) if x.shape[-2] >= x.shape[-1] else _by_elimination(_t(x), atol, rtol)
    if regular is not None:
        return row_major(_put(regular if x.shape[-2] >= x.shape[-1] else _t(regular), out), out)
    u, s, vh = converged("pinv", np.linalg.svd, x, full_matrices=False)
    kept = s > limit(s, x, atol, rtol)
    inverse = np.divide(1, s, where=kept, out=np.zeros_like(s))
    return _put(np.swapaxes(vh, -1, -2) @ (inverse[..., None] * np.swapaxes(u, -1, -2)), out)


def _by_elimination(x: Array, atol: Any, rtol: Any) -> Array | None:
    """The pseudoinverse of (..., m, n), m >= n, where no singular value counts as 0; else None.

    All are from 1 / |x^-1| to |x| in Frobenius's norm: so their sizes are seen without a decomposition.
    """
    m, n = x.shape[-2:]
    if not x.size:
        return None
    try:
        q, r = (None, x) if m == n else np.linalg.qr(x)
        inverse = np.linalg.inv(r)
    except np.linalg.LinAlgError:
        return None
    largest, least = (np.sqrt(np.square(v, dtype=np.float64).sum((-2, -1))) for v in (r, inverse))
    if not (1 / least[..., None] > limit(largest[..., None], x, atol, rtol)).all():
        return None
    return inverse if q is None else inverse @ _t(q)


def singular_values(x: Array) -> Array:
    """In descending order: (..., m, n) -> (..., min(m, n))."""
    return np.asarray(converged("svd", np.linalg.svd, x, compute_uv=False))


def rank(s: Array, x: Array, *, atol: Any, rtol: Any) -> Array:
    """How many of the singular values s (..., k) of x do not count as 0: (...)."""
    return np.asarray((s > limit(s, x, atol, rtol)).sum(axis=-1), np.int64)


def limit(s: Array, x: Array, atol: Any, rtol: Any) -> Array:
    """Up to which singular values (..., k) of x count as 0: max(atol, rtol times the largest), (..., 1).

    Without either rtol is max(m, n) eps; with atol alone it is 0.
    """
    if rtol is None:
        rtol = 0.0 if atol is not None and np.any(np.asarray(atol) > 0) else max(x.shape[-2:]) * np.finfo(x.dtype).eps
    largest = np.max(s, axis=-1, keepdims=True, initial=0)
    least, share = (np.asarray(0.0 if v is None else v, s.dtype) for v in (atol, rtol))
    return np.maximum(least[..., None] if least.ndim else least, (share[..., None] if share.ndim else share) * largest)


def converged(caller: str, decomposition: Callable[..., Any], x: Array, **options: Any) -> Any:
    """LAPACK's decomposition of x; that it does not converge, as for a matrix with nan, is said in our words."""
    try:
        return decomposition(x, **options)
    except np.linalg.LinAlgError:
        raise LinAlgError(
            f"{caller}: the decomposition of a matrix of shape {x.shape} did not converge; look for nan and infinities "
            "in it with isfinite()"
        ) from None


def _symmetric(x: Array, triangle: str | None) -> Array:
    if triangle is not None:
        return np.where(np.tri(x.shape[-1], dtype=bool), *((x, _t(x)) if triangle == "L" else (_t(x), x)))
    return np.asarray((x + _t(x)) / x.dtype.type(2))


def _t(x: Array) -> Array:
    return np.swapaxes(x, -1, -2)


def _packed(out: Array | None, *parts: Array) -> Array:
    return np.concatenate(parts, axis=-2, out=out)


def _put(value: Any, out: Array | None) -> Array:
    if out is None:
        return np.asarray(value)
    np.copyto(out, value)
    return out


def _singular(caller: str, x: Array) -> LinAlgError:
    return LinAlgError(
        f"{caller}: a matrix of shape {x.shape} is singular; use pinv or lstsq, or add a multiple of the identity"
    )
