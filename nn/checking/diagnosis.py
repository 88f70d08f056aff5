"""Which known mistake turns the expected gradient into the one that was returned: each is tried, the first fit is said.

Pure functions: a `Case` goes in, a clause or None comes out. Whatever a case does not know may be left out; then
mistakes that need it are not tried.

Example:
    >>> import numpy as np
    >>> expected = np.array([[1.0, -2.0, 0.5]])
    >>> diagnose(Case(expected, -expected))
    'the sign is wrong: the gradient is -1 times the expected one'
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Case", "diagnose", "diagnose_shape"]

__tracebackhide__ = True

Array = NDArray[Any]


@dataclass(frozen=True)
class Case:
    """Gradients by one input, for one or several upstream gradients, and what is known of the function.

    The first axis of `expected`, `got`, `others` and of each array of `upstream` counts the upstream gradients.
    """

    expected: Array
    got: Array
    upstream: tuple[Array, ...] = ()
    """The gradient by each output."""
    value: Array | None = None
    """The input itself."""
    outputs: tuple[Array, ...] = ()
    output_names: tuple[str, ...] = ()
    jacobian: Array | None = None
    """The derivative of all outputs, one after another, by all elements of the input."""
    others: Mapping[str, Array] = field(default_factory=dict)
    """The expected gradients by other inputs, whose own are wrong too."""
    integers: tuple[Array, ...] = ()
    """Inputs without a gradient: indices, classes."""
    swapped: Array | None = None
    """The gradient for the first upstream gradient, had it and the input changed places."""
    sample: bool = False
    """The elements are directions or a sample, so that axes mean nothing."""

    def __post_init__(self) -> None:
        if self.expected.shape != self.got.shape:
            raise ValueError(f"diagnosis: expected gradient of shape {self.expected.shape}, got {self.got.shape}")

    @property
    def shape(self) -> tuple[int, ...]:
        """The input's shape."""
        return self.expected.shape[1:]


def diagnose(case: Case) -> str | None:
    """The first known mistake that explains the gradient, as a clause without a full stop; None if none does."""
    with np.errstate(all="ignore"):
        for recognise in _OF_SAMPLES if case.sample else _ALL:
            if said := recognise(case):
                return said
    return None


def diagnose_shape(expected: Array, got: Array) -> str | None:
    """Why a gradient has another shape than its input: the first fit, as a clause; None if none does."""
    with np.errstate(all="ignore"):
        for axes in _subsets(got.ndim):
            for name, reduce in (("sum", np.sum), ("mean", np.mean)):
                if got.size > expected.size and _same(reduce(got, axes).reshape(-1), expected.reshape(-1)):
                    return f"the {name} over the broadcast {_axes(axes)} is missing"
        if got.size == expected.size:
            if _same(got.reshape(expected.shape), expected):
                return "the values are right, in another shape: reshape it"
            for order in itertools.permutations(range(got.ndim)):
                if got.transpose(order).shape == expected.shape and _same(got.transpose(order), expected):
                    return "the gradient is transposed"
        for axes in _subsets(expected.ndim):
            for name, reduce in (("summed", np.sum), ("averaged (a mean was taken)", np.mean)):
                for keep in (False, True):
                    less = reduce(expected, axes, keepdims=keep)
                    if less.shape == got.shape and _same(got, less):
                        return f"it was {name} over {_axes(axes)}, which belongs to the input"
        if got.size > expected.size:
            return "the sum over a broadcast axis may be missing"
    return None


# -- mistakes of the whole gradient ----------------------------------------------------------------------------------


def _not_finite(case: Case) -> str | None:
    bad = ~np.isfinite(case.got)
    if not bad.any():
        return None
    kind = "nan" if np.isnan(case.got).any() else "infinite"
    return f"the gradient is {kind} in {int(bad.any(0).sum())} of {bad[0].size} elements"


def _zero(case: Case) -> str | None:
    if case.got.any():
        return None
    return "the gradient is zero everywhere: it is not passed on to this input (a detached path, or zeros returned)"


def _of_another_input(case: Case) -> str | None:
    for name, other in case.others.items():
        if other.shape == case.got.shape and _same(case.got, other):
            return f"this is the gradient by {name}: the gradients are returned in another order"
    return None


def _ignores_upstream(case: Case) -> str | None:
    if len(case.got) < 2 or not _same(case.got, np.broadcast_to(case.got[:1], case.got.shape)):
        return None
    said = "the backward ignores the upstream gradient g: it returns the same for every g"
    if case.jacobian is not None and _same(case.got[0].ravel(), case.jacobian.sum(0)):
        return f"{said}, namely what is right for g = ones; multiply by g"
    if case.got[0].size > 1 and _same(case.got[0], np.full_like(case.got[0], case.got[0].flat[0])):
        return f"{said}, a constant"
    return said


def _factor(case: Case) -> str | None:
    c = _proportion(case.got, case.expected)
    return None if c is None else _of_factor(c, case)


def _rearranged(case: Case) -> str | None:
    axes = range(len(case.shape))
    for order in itertools.permutations(axes):
        if order == tuple(axes) or len(axes) > 4:
            continue
        moved = case.expected.transpose(0, *(a + 1 for a in order))
        if moved.shape == case.expected.shape and _same(case.got, moved):
            return f"the gradient is transposed: its axes stand in the order {order}"
    for subset in _subsets(len(axes)):
        if len(axes) <= 4 and _same(case.got, np.flip(case.expected, tuple(a + 1 for a in subset))):
            return f"the gradient is flipped (rotated) along {_axes(subset)}"
    for axis in axes:
        for step in (1, -1):
            if case.shape[axis] > 2 and _same(case.got, np.roll(case.expected, step, axis + 1)):
                return f"the gradient is shifted by {step} along axis {axis}"
    return None


def _reduced(case: Case) -> str | None:
    for axes in _subsets(len(case.shape)):
        if all(case.shape[a] == 1 for a in axes):
            continue
        along = tuple(a + 1 for a in axes)
        total = case.expected.sum(along, keepdims=True)
        count = int(np.prod([case.shape[a] for a in axes]))
        if _same(case.got, np.broadcast_to(total, case.got.shape)):
            return f"the gradient is summed over {_axes(axes)}, each element of which has its own"
        if _same(case.got, np.broadcast_to(total / count, case.got.shape)):
            return f"the gradient is averaged (a mean) over {_axes(axes)}, each element of which has its own"
    for g in case.upstream:  # a bias that is summed over the wrong axis has the right shape where axes are equally long
        for axes in _subsets(g.ndim - 1):
            along = tuple(a + 1 for a in axes)
            for name, reduced in (("sum", g.sum(along)), ("mean", g.mean(along))):
                if reduced.shape == case.got.shape and _same(case.got, reduced):
                    return f"the gradient is the {name} of g over {_axes(axes)}, the wrong axis" + "es" * (
                        len(axes) > 1
                    )
    return None


def _same_values_elsewhere(case: Case) -> str | None:
    got, expected = (a.reshape(len(a), -1) for a in (case.got, case.expected))
    if got.shape[1] < 3 or not _same(np.sort(got, 1), np.sort(expected, 1)):
        return None
    return "the elements of the gradient are right and stand in the wrong places: a transpose or a repeat is mixed up"


# -- elementwise functions -------------------------------------------------------------------------------------------


def _activation(case: Case) -> str | None:
    g = next((u for u in case.upstream if u.shape == case.got.shape), None)
    if g is None or not case.outputs or case.value is None:
        return None
    if _same(case.got, g):
        return "the upstream gradient g is passed on unchanged: the derivative of the activation is missing"
    wanted, taken = _quotient(case.expected, g), _quotient(case.got, g)
    if taken is None or wanted is None:
        return None
    if _same(taken, wanted**2):
        return "the derivative of the activation is applied twice"
    expected, got = _formula(wanted, case), _formula(taken, case)
    if got:
        other = f", expected {expected}" if expected else ""
        return f"the derivative of the activation is wrong: the backward computes {got}{other}"
    ones = np.isclose(taken, wanted, rtol=1e-3, atol=1e-6)
    if ones.any():
        return None  # some elements are right: the place says more
    ratio = (taken / wanted)[wanted != 0]
    return (
        f"the gradient is off by a factor that depends on the element ({_range(ratio)}) and not on g: "
        "the derivative of the activation is wrong"
    )


def _formula(q: Array, case: Case) -> str | None:
    """A derivative by its formula in the input x and the output y."""
    x = case.value
    if x is None:
        return None
    y = case.outputs[0] if case.outputs[0].shape == x.shape else np.full(x.shape, np.nan)
    table: dict[str, Callable[[], Array]] = {
        "g": lambda: np.ones_like(x),
        "g * y": lambda: y,
        "g * x": lambda: x,
        "g * y * (1 - y)": lambda: y * (1 - y),
        "g * (1 - y**2)": lambda: 1 - y**2,
        "g * x * (1 - x)": lambda: x * (1 - x),
        "g * (1 - x**2)": lambda: 1 - x**2,
        "g * (1 - y)": lambda: 1 - y,
        "g * (1 - x)": lambda: 1 - x,
        "g * (1 + y)": lambda: 1 + y,
        "g * (x > 0)": lambda: x > 0,
        "g * (x < 0)": lambda: x < 0,
        "g * exp(x)": lambda: np.exp(x),
        "g * exp(y)": lambda: np.exp(y),
        "g / x": lambda: 1 / x,
        "g / y": lambda: 1 / y,
        "g / (2 * y)": lambda: 0.5 / y,
        "-g / x**2": lambda: -1 / x**2,
        "g * cos(x)": lambda: np.cos(x),
        "g * sin(x)": lambda: np.sin(x),
        "g * 2 * x": lambda: 2 * x,
        "g * sign(x)": lambda: np.sign(x),
        "g * y**2": lambda: y**2,
        "g * x**2": lambda: x**2,
    }
    return next((name for name, formula in table.items() if _same(q, formula())), None)


# -- functions of several elements -----------------------------------------------------------------------------------


def _diagonal(case: Case) -> str | None:
    j, g = case.jacobian, _joined(case)
    if j is None or g is None or j.shape[0] != j.shape[1]:
        return None
    if _same(_rows(case.got), g * np.diagonal(j)):
        return "only the diagonal of the Jacobian is used (for softmax p * (1 - p)); the other elements matter too"
    if _same(_rows(case.got), g @ j.T):
        return "the Jacobian is transposed: it is multiplied with g from the wrong side"
    return None


def _selection(case: Case) -> str | None:
    """A maximum or a choice: each output is one element."""
    j = case.jacobian
    if j is None or j.shape[0] >= j.shape[1] or not ((np.abs(j) < 1e-6) | (np.abs(j - 1) < 1e-6)).all():
        return None
    if not (np.abs(j.sum(1) - 1) < 1e-6).all() or len(case.upstream) != 1:
        return None
    said = "each output is one element of the input, the maximum, say, and its gradient belongs to that element alone"
    got, g = _rows(case.got), _rows(case.upstream[0])
    chosen = got @ j.T
    if _same(chosen @ j, got):  # the right places
        q = _quotient(chosen, g)
        factor = "" if q is None else ", by the output" if _same(q, case.outputs[0].ravel()) else ", by a factor"
        return f"{said}; the places are right, the values are wrong{factor}"
    if np.count_nonzero(got) > np.count_nonzero(g):
        return f"{said}; it is spread over others too, as for an average"
    return f"{said}; it is given to another element"


def _kernel_not_rotated(case: Case) -> str | None:
    """A convolution: with both ends turned round, the gradient is the right one."""
    j, rank = case.jacobian, len(case.shape) - 2
    if j is None or rank < 1 or len(case.upstream) != 1 or case.upstream[0].ndim != case.got.ndim:
        return None
    spatial = tuple(range(-rank, 0))
    turned = np.flip(case.upstream[0], spatial)
    if _same(case.got, np.flip((_rows(turned) @ j).reshape(case.got.shape), spatial)):
        return "the kernel is not rotated (flipped along its axes) in the convolution with g"
    return None


def _of_the_other_softmax(case: Case) -> str | None:
    """Softmax and its logarithm taken for each other."""
    y = next((o for o in case.outputs if o.shape == case.shape), None)
    g = next((u for u in case.upstream if u.shape == case.got.shape), None)
    if y is None or g is None:
        return None
    for axis in range(y.ndim):
        p, along = np.exp(np.minimum(y, 0)), axis + 1
        if _same(p.sum(axis), np.ones_like(p.sum(axis))):
            if _same(case.got, p * (g - (g * p).sum(along, keepdims=True))):
                return "this is the gradient of softmax; the function is its logarithm, log_softmax"
        elif _same(y.sum(axis), np.ones_like(y.sum(axis))) and _same(case.got, g - y * g.sum(along, keepdims=True)):
            return "this is the gradient of log_softmax; the function is softmax itself"
    return None


def _missing_output(case: Case) -> str | None:
    j, g = case.jacobian, _joined(case)
    if j is None or g is None or len(case.outputs) < 2:
        return None
    ends = np.cumsum([0, *(o.size for o in case.outputs)])
    parts = [g[:, a:b] @ j[a:b] for a, b in itertools.pairwise(ends)]
    got = _rows(case.got)
    for subset in _subsets(len(parts)):
        left_out = [part for i, part in enumerate(parts) if i not in subset]
        if len(subset) < len(parts) and _same(got, sum(left_out, np.zeros_like(got))):
            names = " and ".join(case.output_names[i] if case.output_names else f"output {i}" for i in subset)
            return f"the gradient by {names} is ignored: what flows back from there is missing"
    return None


def _missing_sum(case: Case) -> str | None:
    """What is missing is, along an axis, a multiple of one known array: the trace of a sum over that axis."""
    gap = case.expected - case.got
    for name, along, basis in _bases(case):
        if _spanned(gap, basis, along):
            return name
    return None


def _bases(case: Case) -> Iterator[tuple[str, tuple[int, ...], list[Array]]]:
    """Clause, axes of the sum, and the arrays of which what is missing is a multiple."""
    x, y = case.value, next((o for o in case.outputs if o.shape == case.shape), None)
    if x is None:
        return
    for along in _subsets(len(case.shape)):
        length = int(np.prod([case.shape[a] for a in along]))
        where = _axes(along)
        if length < 3:
            continue
        ones = np.ones(case.shape)
        yield f"a sum or mean over {where} is missing or wrong (the path through the mean)", along, [ones]
        if y is not None and length == case.shape[along[-1]]:
            yield f"the term y * sum(g * y) over {where} is missing or wrong", along, [y]
            yield f"the term exp(y) * sum(g) over {where} is missing or wrong", along, [np.exp(np.minimum(y, 700))]
        if length > 3 and y is not None and length == case.shape[along[-1]]:
            both = [y, np.exp(np.minimum(y, 700))]
            yield f"the sum over {where} is multiplied by the wrong array: y and exp(y) are mixed up", along, both
        if length > 3:
            yield f"the path through the variance or norm, a sum over {where}, is missing or wrong", along, [x, ones]
        if length > 4 and y is not None:
            yield f"the paths through mean and variance over {where} are missing or wrong", along, [x, y, ones]


def _sum_over_another_axis(case: Case) -> str | None:
    """What is missing is a known array times the difference of a sum along the rows and one along the columns."""
    if len(case.shape) != 2 or min(case.shape) < 3:
        return None
    gap, y = case.expected - case.got, next((o for o in case.outputs if o.shape == case.shape), None)
    for basis in (None, y, None if y is None else np.exp(np.minimum(y, 700))):
        parts = gap if basis is None else gap / basis
        centred = (
            parts - parts.mean(1, keepdims=True) - parts.mean(2, keepdims=True) + parts.mean((1, 2), keepdims=True)
        )
        if np.isfinite(parts).all() and parts.any() and np.max(np.abs(centred)) < 1e-4 * np.max(np.abs(parts)):
            return "a sum or mean is taken over the wrong axis"
    return None


def _not_linear(case: Case) -> str | None:
    u = _joined(case)
    if u is None or len(u) < 3:
        return None
    weights = np.linalg.lstsq(u[:2].T, u[2], rcond=None)[0]
    if not _same(weights @ u[:2], u[2]) or _same(weights @ _rows(case.got)[:2], _rows(case.got)[2]):
        return None
    if case.swapped is not None and _same(case.got[0], case.swapped):
        return "the backward is not linear in g: g and the input are swapped"
    gap = _rows(case.got - case.expected)
    if _same(gap, np.broadcast_to(gap[:1], gap.shape)) and gap.any():
        of_x = case.value is not None and _proportion(gap[:1], case.value.ravel()[None])
        return "a term is added that does not depend on g" + (f": {of_x:.4g} times the input" if of_x else "")
    return "the backward is not linear in g: it takes g where the input or the output belongs"


def _skip(case: Case) -> str | None:
    for g in case.upstream:
        if g.shape == case.got.shape:
            if _same(case.got + g, case.expected):
                return "the upstream gradient of a direct path (a skip connection) is missing: add g"
            if _same(case.got - g, case.expected):
                return "the upstream gradient g is added once too often"
    return None


# -- mistakes in some places -----------------------------------------------------------------------------------------


def _partial(case: Case) -> str | None:
    """Some elements are right: where the others are, and what is wrong with them."""
    scale = np.max(np.abs(case.expected), initial=0)
    wrong = (np.abs(case.got - case.expected) > 1e-4 * np.abs(case.expected) + 1e-6 * scale).any(0)
    if wrong.all() or not wrong.any():
        return None
    where = _place(wrong, case)
    if where is None:
        return None
    got, expected = case.got[:, wrong], case.expected[:, wrong]
    if not got.any():
        return f"{where}: there the gradient is zero"
    if not expected.any():
        return f"{where}: there the gradient should be zero"
    c = _proportion(got, expected)
    if c is not None:
        return f"{where}: there {_of_factor(c, case)}"
    for g in case.upstream:
        if g.shape == case.got.shape and _same(got, g[:, wrong]):
            return f"{where}: there g is passed on unchanged"
    return where


def _place(wrong: Array, case: Case) -> str | None:
    for index in case.integers:
        kind = _indexed(wrong, np.asarray(index))
        if kind:
            return kind
    if case.value is not None:
        for name, condition in (("x < 0", case.value < 0), ("x > 0", case.value > 0)):
            if condition.any() and not condition.all() and (wrong == condition).all():
                return f"the wrong elements are those where {name}"
    if wrong.ndim >= 2:
        inner = wrong[..., 1:-1, 1:-1] if min(wrong.shape[-2:]) > 2 else wrong
        if not inner.any():
            return "only elements on the border are wrong"
    parts = []
    for axis, length in enumerate(wrong.shape):
        found = np.flatnonzero(wrong.any(tuple(a for a in range(wrong.ndim) if a != axis)))
        if len(found) < length:
            parts.append(f"{_indices(found)} on axis {axis}")
    if parts and wrong.ndim:
        return f"only elements with index {' and '.join(parts)} are wrong"
    return None


def _indexed(wrong: Array, index: Array) -> str | None:
    if index.dtype.kind not in "iu" or not wrong.ndim or not index.size:
        return None
    if index.min() < -wrong.shape[0] or (index.ndim == 1 and index.max() >= max(wrong.shape)):
        return None
    if index.max() < wrong.shape[0]:
        counts = np.bincount(index.ravel() % wrong.shape[0], minlength=wrong.shape[0])
        rows = np.asarray(wrong.reshape(len(wrong), -1).any(1))
        if rows.any() and not rows[counts < 2].any() and (counts > 1).any():
            return (
                "only rows that the index names more than once are wrong: their gradients must be added up, as "
                "np.add.at does, neither assigned nor averaged"
            )
    classes = index[:, None] == np.arange(wrong.shape[-1]) if index.ndim == 1 else None
    if classes is not None and np.array_equal(wrong, classes):
        return "the wrong elements are those of the target classes"
    return None


def _position_factor(case: Case) -> str | None:
    q = _quotient(case.got, case.expected)
    if q is None or case.got[0].size < 2:
        return None
    for name, array in (("the input x", case.value), ("the output y", next(iter(case.outputs), None))):
        if array is None or array.shape != q.shape:
            continue
        if _same(q, array):
            return f"the gradient is multiplied by {name} once too often"
        if _same(q * array, np.ones_like(q)):
            return f"the gradient is divided by {name} once too often"
    if (q == 0).any():
        return f"the gradient is zero in {int((q == 0).sum())} of {q.size} elements, where it should not be"
    return (
        f"the gradient is off by a factor that depends on the element ({_range(q)}) and not on g: "
        "a weight, or the derivative of the activation or of an inner function, is missing or wrong"
    )


def _along_axes(case: Case) -> str | None:
    """A factor for each index of one axis: one line of the gradient is scaled."""
    for axis in range(len(case.shape)):
        got, expected = (np.moveaxis(a, axis + 1, 0).reshape(case.shape[axis], -1) for a in (case.got, case.expected))
        if got.shape[1] > len(case.got) and case.shape[axis] > 1:
            factors = [_proportion(a, b) for a, b in zip(got, expected, strict=True)]
            if None not in factors:
                return (
                    f"the gradient is off by a factor for each index of axis {axis} "
                    f"({_range(np.array(factors, float))}), which depends on the element or on g: a weight, a scale or "
                    "a sum over the other axes is missing or wrong"
                )
    return None


_OF_SAMPLES = (_not_finite, _zero, _ignores_upstream, _factor)
_ALL = (
    _not_finite,
    _zero,
    _of_another_input,
    _ignores_upstream,
    _factor,
    _rearranged,
    _reduced,
    _selection,
    _kernel_not_rotated,
    _of_the_other_softmax,
    _same_values_elsewhere,
    _skip,
    _activation,
    _diagonal,
    _not_linear,
    _missing_output,
    _partial,
    _missing_sum,
    _sum_over_another_axis,
    _position_factor,
    _along_axes,
)


# -- tools -----------------------------------------------------------------------------------------------------------


def _same(a: Any, b: Any, rtol: float = 1e-4) -> bool:
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if a.shape != b.shape or not a.size or not np.isfinite(b).all():
        return False
    return bool(np.max(np.abs(a - b)) <= rtol * np.max(np.abs(b)) + 1e-12)


def _proportion(got: Array, expected: Array) -> float | None:
    """The number c with got = c * expected, if there is one."""
    norm = float((expected**2).sum())
    if not norm or not np.isfinite(norm):
        return None
    c = float((got * expected).sum()) / norm
    return c if c and _same(got, c * expected) else None


def _quotient(numerator: Array, denominator: Array) -> Array | None:
    """numerator / denominator where it is the same for every upstream gradient."""
    weight = (denominator**2).sum(0)
    if not weight.all():
        return None
    q = (numerator * denominator).sum(0) / weight
    return np.asarray(q) if len(numerator) > 1 and _same(numerator, q * denominator) else None


def _of_factor(c: float, case: Case) -> str:
    if np.isclose(c, -1, rtol=1e-3):
        return "the sign is wrong: the gradient is -1 times the expected one"
    sign = "the sign is wrong too, and " if c < 0 else ""
    size = abs(c)
    for known, name in _normalisers(case):
        if np.isclose(size, known, rtol=1e-3):
            return f"{sign}the gradient is {c:.4g} times the expected one: {name}"
    for name, n in _sizes(case):
        for known, text in (
            (n, f"a factor of {_number(n)} too large: it should be divided by {name}"),
            (1 / n, f"a factor of {_number(n)} too small: it is divided by {name} once too often (1/{_number(n)})"),
        ):
            if np.isclose(size, known, rtol=1e-3):
                return f"{sign}the gradient is {text}"
    large = size if size >= 1 else 1 / size
    return f"{sign}the gradient is {c:.4g} times the expected one: off by a factor of {_number(large)}"


def _sizes(case: Case) -> Iterator[tuple[str, float]]:
    """What gradients are divided by: constants, and the sizes of axes and arrays."""
    yield "2", 2.0
    if case.sample:
        return
    named: list[tuple[str, tuple[int, ...]]] = [("the input", case.shape)]
    several = len(case.outputs) > 1
    named += [(f"output {i}" if several else "the output", o.shape) for i, o in enumerate(case.outputs)]
    for owner, shape in named:
        for axis, n in enumerate(shape):
            if n > 1:
                yield f"{n}, the size of axis {axis} of {owner},", float(n)
        if np.prod(shape) > 1:
            yield f"{int(np.prod(shape))}, the number of elements of {owner},", float(np.prod(shape))
    for owner, shape in named:
        for axes in _subsets(len(shape)):
            n = int(np.prod([shape[a] for a in axes]))
            if 1 < len(axes) < len(shape) and n > 1:
                yield f"{n}, the number of elements along {_axes(axes)} of {owner},", float(n)
    for owner, shape in named:
        for axis, n in enumerate(shape):
            if n > 2:
                yield f"sqrt({n}), the root of the size of axis {axis} of {owner},", float(np.sqrt(n))


def _normalisers(case: Case) -> Iterator[tuple[float, str]]:
    """N / (N - 1): a variance with and without its correction."""
    for n in case.shape if not case.sample else ():
        if n > 3:
            yield n / (n - 1), f"N / (N - 1) for N = {n}, a mean by N - 1 in the place of one by N"
            yield (n - 1) / n, f"(N - 1) / N for N = {n}, a mean by N in the place of one by N - 1"


def _spanned(gap: Array, basis: list[Array], axes: tuple[int, ...]) -> bool:
    """Whether along these axes every slice of `gap` is a combination of the same slices of `basis`."""

    def slices(array: Array) -> Array:
        array = np.moveaxis(array, axes, range(-len(axes), 0))
        return array.reshape(-1, int(np.prod(array.shape[array.ndim - len(axes) :])))

    matrix = np.stack([slices(b) for b in basis], -1)  # (slices, length, basis)
    if not np.isfinite(matrix).all():
        return False
    fitted = 0.0
    for draw in gap:
        for line, columns in zip(slices(draw), matrix, strict=True):
            found = columns @ np.linalg.lstsq(columns, line, rcond=None)[0]
            fitted = max(fitted, float(np.max(np.abs(found - line))))
    return fitted <= 1e-3 * float(np.max(np.abs(gap)))


def _rows(array: Array) -> Array:
    return array.reshape(len(array), -1)


def _joined(case: Case) -> Array | None:
    """All upstream gradients of a draw in one row."""
    return np.concatenate([_rows(u) for u in case.upstream], 1) if case.upstream else None


def _subsets(n: int) -> Iterable[tuple[int, ...]]:
    """All sets of axes but the empty one, small ones first."""
    return (s for size in range(1, min(n, 4) + 1) for s in itertools.combinations(range(n), size))


def _axes(axes: tuple[int, ...]) -> str:
    return f"axis {axes[0]}" if len(axes) == 1 else f"axes {', '.join(map(str, axes))}"


def _indices(found: Array) -> str:
    if len(found) > 2 and found[-1] - found[0] == len(found) - 1:
        return f"{found[0]} to {found[-1]}"
    return ", ".join(map(str, found[:6])) + (" ..." if len(found) > 6 else "")


def _range(ratio: Array) -> str:
    return f"{np.min(ratio):.3g} to {np.max(ratio):.3g}" if ratio.size else "none"


def _number(n: float) -> str:
    return f"{n:.4g}"
