"""Linear algebra by the schoolbook: elimination, expansion, Gram-Schmidt, Jacobi rotations. Signs are LAPACK's."""

import itertools
import math

import numpy as np


def batched(function):
    """A function of matrices, applied to each of a batch."""

    def apply(x, *others):
        batch = np.broadcast_shapes(*(a.shape[:-2] for a in (x, *others)))
        full = [np.broadcast_to(a, batch + a.shape[-2:]) for a in (x, *others)]
        results = [np.asarray(function(*(a[place] for a in full))) for place in np.ndindex(batch)]
        return np.array(results).reshape(batch + results[0].shape)

    return apply


def solve(x, other):
    n = len(x)
    rows = [list(map(float, a)) + list(map(float, b)) for a, b in zip(x, other, strict=True)]
    for i in range(n):
        pivot = max(range(i, n), key=lambda r: abs(rows[r][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [value / rows[i][i] for value in rows[i]]
        for r in range(n):
            if r != i:
                rows[r] = [a - rows[r][i] * b for a, b in zip(rows[r], rows[i], strict=True)]
    return np.array([row[n:] for row in rows])


def inv(x):
    return solve(x, np.eye(len(x)))


def det(x):
    total = 0.0
    for order in itertools.permutations(range(len(x))):
        inversions = sum(a > b for a, b in itertools.combinations(order, 2))
        total += (-1) ** inversions * math.prod(x[i, j] for i, j in enumerate(order))
    return total


def cofactor(x):
    """Signed determinants of what is left without row i and column j."""
    n = len(x)
    minors = [[det(np.delete(np.delete(x, i, 0), j, 1)) for j in range(n)] for i in range(n)]
    return np.array(minors) * (-1.0) ** np.add.outer(range(n), range(n))


def cholesky(x):
    lower = np.zeros_like(x)
    for i in range(len(x)):
        for j in range(i + 1):
            rest = (x[i, j] + x[j, i]) / 2 - sum(lower[i, k] * lower[j, k] for k in range(j))
            lower[i, j] = math.sqrt(rest) if i == j else rest / lower[j, j]
    return lower


def jacobi(x):
    """Eigenvalues, ascending, and vectors of a symmetric matrix."""
    a, v = np.array(x, float), np.eye(len(x))
    for _ in range(60):
        for i, j in itertools.combinations(range(len(a)), 2):
            angle = math.atan2(2 * a[i, j], a[j, j] - a[i, i]) / 2
            turn = np.eye(len(a))
            turn[i, i] = turn[j, j] = math.cos(angle)
            turn[i, j], turn[j, i] = math.sin(angle), -math.sin(angle)
            a, v = turn.T @ a @ turn, v @ turn
    order = np.argsort(np.diag(a))
    return np.diag(a)[order], v[:, order]


def signed_as(columns, model):
    """The columns with the signs of the model's."""
    return columns * np.sign((columns * model).sum(axis=0))


def eigh(x):
    x = (x + x.T) / 2
    values, vectors = jacobi(x)
    return np.vstack([values, signed_as(vectors, np.linalg.eigh(x)[1])])


def svd(x):
    k = min(x.shape)
    values, vectors = jacobi(x.T @ x)
    s = np.sqrt(values[::-1][:k])
    v = signed_as(vectors[:, ::-1][:, :k], np.linalg.svd(x, full_matrices=False)[2].T)
    return np.vstack([x @ v / s, s, v])


def qr(x):
    columns = []
    for column in x.T:
        rest = column - sum((q * (q @ column) for q in columns), np.zeros(len(x)))
        rest = rest - sum((q * (q @ rest) for q in columns), np.zeros(len(x)))
        columns.append(rest / math.sqrt(rest @ rest))
    q = signed_as(np.array(columns).T, np.linalg.qr(x)[0])
    return np.vstack([q, np.triu(q.T @ x)])


def pinv(x):
    return inv(x.T @ x) @ x.T if x.shape[0] >= x.shape[1] else x.T @ inv(x @ x.T)


def lu(x):
    """By the definition x[i, j] = sum of L[i, k] U[k, j], row by row (Doolittle)."""
    m, n = x.shape
    low, high = np.eye(m, n), np.zeros((n, n))
    for i in range(n):
        for j in range(i, n):
            high[i, j] = x[i, j] - low[i, :i] @ high[:i, j]
        for j in range(i + 1, m):
            low[j, i] = (x[j, i] - low[j, :i] @ high[:i, i]) / high[i, i]
    return low - np.eye(m, n) + np.vstack([high, np.zeros((m - n, n))])


REFERENCES = {
    "lu": batched(lu),
    "inv": batched(inv),
    "solve": batched(solve),
    "solve_triangular": lambda x, other, upper: batched(solve)((np.triu if upper else np.tril)(x), other),
    "det": batched(det),
    "cofactor": batched(cofactor),
    "logabsdet": batched(lambda x: math.log(abs(det(x)))),
    "cholesky": batched(cholesky),
    "eigh": batched(eigh),
    "svd": batched(svd),
    "qr": batched(qr),
    "pinv": batched(pinv),
}
