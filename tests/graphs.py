"""Random programs for two libraries: the same leaves, the same steps, the same questions, and what they disagree on.

    python tests/graphs.py [COUNT] [FIRST_SEED]

A program is drawn from a seed: leaves of several shapes and both float types; steps that compute, read views, change
tensors in place (while recording and inside no_grad), cast, cut off and hook; then a loss over all that there is. Each
library runs it and answers with every value and with the gradients of orders 1 and 2 by every leaf, or with a refusal.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

Step = Callable[[Any, list[Any], np.random.Generator], Any]

UNARY = (
    "sin",
    "cos",
    "tanh",
    "sigmoid",
    "exp",
    "abs",
    "relu",
    "neg",
    "square",
    "erf",
    "atan",
    "expm1",
    "sign",
    "floor",
)
SHAPES = ((3,), (2, 3), (3, 1), (1, 3), (), (2, 2, 3), (3, 3), (1,))


def pick(pool: list[Any], r: np.random.Generator) -> Any:
    """A tensor of the pool, later ones more often."""
    return pool[int(len(pool) * (1 - r.random() ** 2))] if r.random() < 0.7 else pool[int(r.integers(len(pool)))]


def broadcastable(x: Any, pool: list[Any], r: np.random.Generator) -> Any:
    """A tensor that can be combined with x, or x itself."""
    order = r.permutation(len(pool))
    for i in order:
        try:
            np.broadcast_shapes(tuple(x.shape), tuple(pool[i].shape))
        except ValueError:
            continue
        if pool[i].numel() * x.numel() < 300:
            return pool[i]
    return x


# -- steps that compute ----------------------------------------------------------------------------------------------
def unary(lib: Any, pool: list[Any], r: np.random.Generator) -> Any:
    """f(x)."""
    x, name = pick(pool, r), UNARY[r.integers(len(UNARY))]
    return getattr(lib, name)(x if name not in ("exp", "expm1", "square") else lib.tanh(x))


def binary(lib: Any, pool: list[Any], r: np.random.Generator) -> Any:
    """x op y, broadcast, sometimes with a number on either side."""
    x = pick(pool, r)
    y = broadcastable(x, pool, r) if r.random() < 0.8 else float(r.normal())
    kind = r.integers(7)
    if kind == 0:
        return x + y
    if kind == 1:
        return x - y if r.random() < 0.7 else 1.5 - x
    if kind == 2:
        return x * y
    if kind == 3:
        return x / (2 + y * y)
    if kind == 4:
        return lib.maximum(x, y) if not isinstance(y, float) else x.clamp(min=y)
    if kind == 5:
        return lib.where(x > y, x, 0.5 * x)
    return (1 + x * x) ** 0.5 * y


def reduction(lib: Any, pool: list[Any], r: np.random.Generator) -> Any:
    """A sum, mean, max ... over one axis or all."""
    x = pick(pool, r)
    name = ("sum", "mean", "amax", "logsumexp", "var", "prod", "norm")[r.integers(7)]
    if x.dim() == 0 or (name == "var" and min(x.shape) < 2):
        return x.sum()
    dim, keepdim = int(r.integers(-x.dim(), x.dim())), bool(r.integers(2))
    if name == "norm":
        return (x + 3).norm(2, dim, keepdim)
    return getattr(lib.tanh(x) if name == "prod" else x, name)(dim=dim, keepdim=keepdim)


def along_an_axis(lib: Any, pool: list[Any], r: np.random.Generator) -> Any:
    """Softmax, cumulative sums, sorting ... along an axis."""
    x = pick(pool, r)
    if x.dim() == 0:
        return x * 2
    dim = int(r.integers(-x.dim(), x.dim()))
    kind = r.integers(6)
    if kind == 0:
        return lib.softmax(x, dim)
    if kind == 1:
        return lib.log_softmax(x, dim)
    if kind == 2:
        return lib.cumsum(x, dim)
    if kind == 3:
        return lib.flip(x, (dim % x.dim(),))
    if kind == 4:
        return lib.roll(x, 1, dim)
    index = lib.tensor(r.integers(0, x.shape[dim], size=tuple(x.shape)))
    return lib.gather(x, dim, index)


def product(lib: Any, pool: list[Any], r: np.random.Generator) -> Any:
    """A matrix product with itself, transposed, or an einsum."""
    x = pick(pool, r)
    if x.dim() < 2:
        return x * x.sum()
    return x @ x.mT if r.random() < 0.5 else lib.einsum("...ij,...ij->...i", x, lib.tanh(x))


def joining(lib: Any, pool: list[Any], r: np.random.Generator) -> Any:
    """Concatenated or stacked with itself and with a like."""
    x = pick(pool, r)
    likes = [t for t in pool if t.shape == x.shape and t.dtype == x.dtype]
    y = likes[r.integers(len(likes))]
    if x.numel() > 40:
        return x + y
    return lib.stack([x, y], 0) if x.dim() == 0 or r.random() < 0.5 else lib.cat([x, y, x], int(r.integers(x.dim())))


def indexing(lib: Any, pool: list[Any], r: np.random.Generator) -> Any:
    """Picked by an array with repetitions, or by a mask."""
    x = pick(pool, r)
    if x.dim() == 0:
        return x.reshape(1)
    if r.random() < 0.3:
        mask = r.random(tuple(x.shape)) < 0.7
        mask.flat[0] = True
        return x[lib.tensor(mask)]
    return x[lib.tensor(r.integers(-x.shape[0], x.shape[0], size=3))]


def casting(lib: Any, pool: list[Any], r: np.random.Generator) -> Any:
    """As the other float type, then combined: promotion on the way there, a cast of the gradient on the way back."""
    x = pick(pool, r)
    return x.double() if x.dtype == lib.float32 else x.float()


def through_integers(lib: Any, pool: list[Any], r: np.random.Generator) -> Any:
    """Beside a part of it that went through integers or a mask, where the history ends."""
    x, kind = pick(pool, r), r.integers(5)
    if kind == 0:
        return x - x.long()
    if kind == 1:
        return x * (4 * x).int()
    if kind == 2:
        return x * (x > 0)
    if kind == 3:
        return x * x.bool() + x.short().to(x.dtype)
    whole = lib.zeros(tuple(x.shape), dtype=lib.int64)
    whole.copy_(3 * x)
    whole += x.long()
    return x + 0.5 * whole


def cut_off(lib: Any, pool: list[Any], r: np.random.Generator) -> Any:
    """A detached tensor beside the one with history."""
    x = pick(pool, r)
    return x * lib.tanh(x.detach())


def hooked(lib: Any, pool: list[Any], r: np.random.Generator) -> Any:
    """A result whose gradient a hook doubles."""
    y = pick(pool, r) * 1.25
    if y.requires_grad:
        y.register_hook(lambda g: g * 2)
    return y


# -- steps that read views -------------------------------------------------------------------------------------------
def view(lib: Any, pool: list[Any], r: np.random.Generator) -> Any:
    """The same memory in another shape."""
    x = pick(pool, r)
    if x.dim() == 0:
        return x[None]
    dim, kind = int(r.integers(x.dim())), r.integers(8)
    if kind == 0:
        return x.reshape(-1)
    if kind == 1:
        return x.transpose(0, -1)
    if kind == 2:
        return x[..., int(r.integers(x.shape[-1]))]
    if kind == 3:
        return x.narrow(dim, 0, max(1, x.shape[dim] - 1))
    if kind == 4:
        return x.unsqueeze(dim)
    if kind == 5:
        return x[::2]
    if kind == 6 and x.dim() >= 2:
        return x.diagonal()
    return x.squeeze()


def expanded(lib: Any, pool: list[Any], r: np.random.Generator) -> Any:
    """A view that repeats."""
    x = pick(pool, r)
    return x.expand(2, *x.shape) if x.numel() < 30 else x


# -- steps that change -----------------------------------------------------------------------------------------------
def in_place(lib: Any, pool: list[Any], r: np.random.Generator) -> Any:
    """A change while recording, of a copy or of whatever is there."""
    x = pick(pool, r)
    if r.random() < 0.6 or not x.requires_grad:
        x = x.clone()
        pool.append(x)
    target = x
    if x.dim() and r.random() < 0.5:
        target = x[int(r.integers(x.shape[0]))]
    kind = r.integers(8)
    if kind == 0:
        target.add_(0.5)
    elif kind == 1:
        target.mul_(1.5)
    elif kind == 2:
        target.tanh_()
    elif kind == 3:
        target += lib.sin(target)
    elif kind == 4 and x.dim():
        x[0] = lib.tanh(x[-1]) * 0.5
    elif kind == 5:
        target.clamp_(-0.75, 0.75)
    elif kind == 6 and x.dim():
        x[x > 0.5] = 0.25
    else:
        target.copy_(pool[0].sum())
    return target if r.random() < 0.3 else x


def in_place_unrecorded(lib: Any, pool: list[Any], r: np.random.Generator) -> Any:
    """A change inside no_grad: right, or noticed by the graph that needs what was there."""
    x = pick(pool, r) * 1
    y = x * 2 if r.random() < 0.6 else lib.sin(x)
    with lib.no_grad():
        x.add_(1)
    return x + y


STEPS: tuple[Step, ...] = (
    unary, unary, binary, binary, binary, reduction, along_an_axis, product, joining, indexing, casting,
    through_integers, cut_off, hooked, view, view, expanded, in_place, in_place, in_place_unrecorded,
)  # fmt: skip


class Refused(Exception):
    """A library's refusal, in its own words."""


def answer(lib: Any, grad: Callable[..., Any], seed: int) -> tuple[list[Any], bool]:
    """What a library says to the program of this seed: arrays, and whether anything was rounded to float32."""
    r = np.random.default_rng([seed, 20_000])
    leaves = []
    for _ in range(int(r.integers(1, 4))):
        values = np.asarray(r.normal(size=SHAPES[r.integers(len(SHAPES))]))
        single = r.random() < 0.2
        leaves.append(lib.tensor(values, dtype=lib.float32 if single else lib.float64, requires_grad=True))
    pool = list(leaves)
    try:
        for _ in range(int(r.integers(3, 12))):
            made = STEPS[r.integers(len(STEPS))](lib, pool, r)
            if made.numel() <= 200:
                pool.append(made)
        loss = sum(lib.tanh(t).sum().double() * float(r.normal()) for t in pool)
        first = grad(loss, leaves, create_graph=True, allow_unused=True)
        squares = [g.double().square().sum() for g in first if g is not None and g.requires_grad]
        second = grad(sum(squares), leaves, allow_unused=True) if squares else ()
    except RuntimeError as error:
        raise Refused(str(error)) from error
    arrays = [None if t is None else np.array(t.tolist()) for t in (loss, *first, *second)]
    return arrays, any(t.dtype == lib.float32 for t in pool)


def disagreement(seed: int) -> str | None:
    """What the two libraries differ in, for the program of this seed; None if in nothing."""
    import torch

    import nn

    found: list[Any] = []
    for lib, grad in ((torch, torch.autograd.grad), (nn, nn.grad)):
        try:
            found.append(answer(lib, grad, seed))
        except Refused as error:
            found.append(error)
    if isinstance(found[0], Refused):
        # what PyTorch saves and ours does not need (the result of a norm, say) may have changed: ours has an answer
        fine = isinstance(found[1], Refused) or "modified by an inplace operation" in str(found[0])
        return None if fine else f"PyTorch refuses: {found[0]}; ours: {found[1]!r}"
    if isinstance(found[1], Refused):
        return f"PyTorch: {found[0]}; ours refuses: {found[1]}"
    (theirs, rounded), (ours, _) = found
    if [a is None for a in theirs] != [a is None for a in ours]:
        return f"gradients that are there: {[a is not None for a in theirs]}, ours: {[a is not None for a in ours]}"
    tolerance = 2e-3 if rounded else 1e-8
    for place, (a, b) in enumerate(zip(theirs, ours, strict=True)):
        if a is not None and not np.allclose(a, b, rtol=tolerance, atol=tolerance * (1 + np.abs(a).max(initial=0))):
            return f"answer {place}: {a}, ours: {b}"
    return None


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    start = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    disagreements = 0
    for seed in range(start, start + count):
        if text := disagreement(seed):
            disagreements += 1
            print(seed, text)
    print(f"{count} graphs, {disagreements} disagreements")
