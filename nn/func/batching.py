"""A function of one example as a function of a batch, with the names of `torch.func`.

By a rule where one call serves the whole batch: an elementwise function (`nn.sin`, `nn.add` ...) broadcasts, so that
the axes only have to be aligned. All other functions are called in a loop, once for each example:
right for every function, with branches that depend on data too, and as slow as the calls.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from nn.errors import FromZeroError, GradError
from nn.func.trees import leaves, rebuilt, spread
from nn.rng import ForkedStreams, Generator, default_generator
from nn.tensors import activation, arithmetic, comparison, exponential, extremes, rounding, special, trigonometry
from nn.tensors.creation import zeros_like
from nn.tensors.joining import stack
from nn.tensors.tensor import Tensor

__all__ = ["stack_module_state", "vmap"]


def vmap(
    func: Callable[..., Any],
    in_dims: Any = 0,
    out_dims: Any = 0,
    randomness: str = "error",
    *,
    chunk_size: int | None = None,
) -> Callable[..., Any]:
    """The function that maps `func` over an axis of its arguments, and stacks the results.

    vmap(func)(x)[i] = func(x[i]). An elementwise function of `nn` itself, such as `nn.sin` or `nn.add`, is called once
    for all; any other one in a loop, once for each i, so that it may do what functions do: branch on values, say.

    Args:
        func: a function of tensors, in nested tuples, lists and dicts too, that returns such.
        in_dims: the axis of each argument that is mapped over, None for an argument that all calls are given whole;
            one for all, or nested as the arguments are. Keyword arguments are mapped over their first axis.
        out_dims: the axis of each result along which the results are stacked, None for one that all calls share.
        randomness: "different", each call draws numbers of its own; "same", all calls draw the same ones; "error",
            drawing is refused.
        chunk_size: accepted and not needed: the loop takes no more memory than its results.

    Shape:
        (..., B, ...) -> (..., B, ...) with B at `in_dims` and `out_dims`

    Raises:
        ValueError: nothing is mapped over; axes are missing, or of different lengths; a result is no tensor, or the
            results differ in shape.
        RuntimeError: a number is drawn with randomness "error"; a call changes in place what another has returned.

    Example:
        >>> import nn
        >>> dot = lambda x, y: (x * y).sum()
        >>> nn.func.vmap(dot, in_dims=(0, None))(nn.eye(2), nn.tensor([3.0, 4.0]))
        tensor([3., 4.])
        >>> nn.func.vmap(nn.func.grad(lambda x: (x**3).sum()))(nn.tensor([[1.0], [2.0]]))
        tensor([[ 3.],
                [12.]])
    """
    if randomness not in ("error", "different", "same"):
        raise ValueError(f"vmap: randomness must be 'error', 'different' or 'same', got {randomness!r}")
    if chunk_size is not None and chunk_size < 1:
        raise ValueError(f"vmap: chunk_size must be at least 1 or None, got {chunk_size}")
    if not isinstance(in_dims, int | tuple | None.__class__):
        raise ValueError(f"vmap: in_dims must be an integer or a tuple, one for each argument; got {in_dims!r}")

    @functools.wraps(func)
    def mapped(*args: Any, **kwargs: Any) -> Any:
        tree = (args, kwargs)
        values = leaves(tree)
        dims = [*spread(in_dims, args, "in_dims"), *spread(0, kwargs, "in_dims")]
        dims = [_axis(value, dim) for value, dim in zip(values, dims, strict=True)]
        count = _count(values, dims)
        if func in _ELEMENTWISE and not kwargs and len(args) == len(values) and isinstance(out_dims, int):
            aligned = _aligned(values, dims)
            if aligned is not None:
                return func(*aligned).movedim(0, out_dims)
        streams = _streams(randomness)
        parts = [value.unbind(dim) if dim is not None else None for value, dim in zip(values, dims, strict=True)]
        if not count:  # what the results are shaped like is seen from one example of zeros
            parts = [[zeros_like(v).sum(d)] if d is not None else None for v, d in zip(values, dims, strict=True)]
        results: list[Any] = []
        made: list[Any] = []  # the memory of the results, and when it was last changed
        for i in range(max(count, 1)):
            own = [value if part is None else part[i] for value, part in zip(values, parts, strict=True)]
            own_args, own_kwargs = rebuilt(tree, own)
            with streams():
                results.append(func(*own_args, **own_kwargs))
            made += [(v._memory(), v._memory().changed) for v in leaves(results[-1]) if isinstance(v, Tensor)]
        if any(memory.changed != then for memory, then in made):
            raise GradError(
                "vmap: the function changes in place a tensor of an earlier call, whose result it is; return a "
                "clone() of it, or pass it as an argument"
            )
        return _stacked(results, out_dims, count)

    return mapped


def _axis(value: Any, dim: int | None) -> int | None:
    """The axis of an argument, counted from the front."""
    if dim is None:
        return None
    if not isinstance(value, Tensor):
        raise ValueError(f"vmap: in_dims maps over a {type(value).__name__}, which is no tensor; give None for it")
    if not -value.ndim <= dim < value.ndim:
        raise ValueError(
            f"vmap: in_dims maps over axis {dim} of a tensor of shape {value.shape}, which has no such axis"
        )
    return dim % value.ndim


def _count(values: Sequence[Any], dims: Sequence[int | None]) -> int:
    """The length of the axes that are mapped over."""
    lengths = {value.shape[dim] for value, dim in zip(values, dims, strict=True) if dim is not None}
    if not lengths:
        raise ValueError("vmap: no argument is mapped over; give an axis for one of them at least")
    if len(lengths) > 1:
        raise ValueError(f"vmap: the axes that are mapped over must have one length, got {sorted(lengths)}")
    return int(lengths.pop())


# -- rules ------------------------------------------------------------------------------------------------------------
_ELEMENTWISE = frozenset(
    getattr(file, name)
    for file, names in {
        activation: "relu sigmoid tanh",
        arithmetic: "abs absolute add copysign div divide floor_divide fmod mul multiply neg negative positive "
        "reciprocal remainder sgn sign sub subtract true_divide",
        comparison: "eq ge greater greater_equal gt isfinite isinf isnan le less less_equal logical_and logical_not "
        "logical_or logical_xor lt ne not_equal signbit",
        exponential: "exp exp2 expm1 log log10 log1p log2 logaddexp logaddexp2 pow rsqrt sqrt square",
        extremes: "fmax fmin maximum minimum",
        rounding: "ceil fix floor frac round trunc",
        special: "digamma erf erfc erfinv i0 igamma igammac lgamma sinc xlogy",
        trigonometry: "acos acosh arccos arccosh arcsin arcsinh arctan arctan2 arctanh asin asinh atan atan2 atanh cos "
        "cosh deg2rad hypot rad2deg sin sinh tan",
    }.items()
    for name in names.split()
)
"""The functions that broadcast their operands, each element on its own."""


def _aligned(values: Sequence[Any], dims: Sequence[int | None]) -> list[Tensor] | None:
    """The operands with the mapped axis first and their other axes one under the other; None where that is no rule.

    Of two types the common one depends on which of the operands have axes, so that it would change with one axis more.
    """
    if not all(isinstance(value, Tensor) for value in values) or len({value.dtype for value in values}) > 1:
        return None
    rank = max(value.ndim - (dim is not None) for value, dim in zip(values, dims, strict=True))
    aligned = []
    for value, dim in zip(values, dims, strict=True):
        if dim is not None:
            front = value.movedim(dim, 0)
            value = front.reshape(front.shape[0], *(1 for _ in range(rank + 1 - front.ndim)), *front.shape[1:])
        aligned.append(value)
    return aligned


# -- the loop ---------------------------------------------------------------------------------------------------------
def _streams(randomness: str) -> Callable[[], AbstractContextManager[None]]:
    """What each call is made in, so that it draws what `randomness` says."""
    if randomness == "different":
        return nullcontext
    if randomness == "error":
        return _NoStream
    key = default_generator.fork_key()
    return lambda: ForkedStreams(*key)


class _NoStream(ForkedStreams):
    """Within it nothing random is drawn."""

    def stream_of(self, generator: Generator) -> np.random.Generator:
        raise RandomnessError(
            "vmap: the function draws random numbers; say with randomness='different' or 'same' whether each "
            "call draws its own"
        )


class RandomnessError(FromZeroError, RuntimeError):
    """A random number drawn where that is refused."""


def _stacked(results: Sequence[Any], out_dims: Any, count: int) -> Any:
    """The results of all calls as one, in the structure of each."""
    tree = results[0]
    columns = list(zip(*(_outputs(result) for result in results), strict=True))
    dims = spread(out_dims, tree, "out_dims")
    return rebuilt(tree, [_column(column, dim, count) for column, dim in zip(columns, dims, strict=True)])


def _outputs(result: Any) -> list[Tensor]:
    found = leaves(result)
    for value in found:
        if not isinstance(value, Tensor):
            raise ValueError(f"vmap: the function must return tensors, got {type(value).__name__}; use nn.tensor(...)")
    return found


def _column(column: Sequence[Tensor], dim: int | None, count: int) -> Tensor:
    """One result of all calls, along a new axis."""
    if dim is None:
        if any(not np.array_equal(column[0].detach().numpy(), other.detach().numpy()) for other in column):
            raise ValueError("vmap: a result with out_dims=None must be the same in each call, got different ones")
        return column[0]
    shapes = sorted({value.shape for value in column})
    if len(shapes) > 1:
        raise ValueError(f"vmap: the function must return one shape for all, got {shapes[0]} and {shapes[1]}")
    if not -column[0].ndim - 1 <= dim <= column[0].ndim:
        raise ValueError(
            f"vmap: out_dims must be at most {column[0].ndim}, for results of shape {shapes[0]}; got {dim}"
        )
    whole = stack(column, dim)
    return whole if count else whole.narrow(dim, 0, 0)


def stack_module_state(models: Sequence[Any]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """The parameters and the buffers of several models of one kind, stacked: for an ensemble by `vmap`.

    Returns:
        (parameters, buffers) by name, each along a new first axis, as leaves of their own.

    Raises:
        ValueError: there are no models, or they are of different classes.

    Example:
        >>> import nn
        >>> models = [nn.Linear(2, 1) for _ in range(3)]
        >>> params, buffers = nn.func.stack_module_state(models)
        >>> one = lambda params, x: nn.func.functional_call(models[0], params, x)
        >>> nn.func.vmap(one, in_dims=(0, None))(params, nn.ones(5, 2)).shape
        (3, 5, 1)
    """
    kinds = {type(model) for model in models}
    if len(kinds) != 1:
        names = sorted(kind.__name__ for kind in kinds) or "none"
        raise ValueError(f"stack_module_state: models of one class are expected, got {names}")
    parameters = _stacked_state([dict(model.named_parameters()) for model in models])
    return parameters, _stacked_state([dict(model.named_buffers()) for model in models])


def _stacked_state(states: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    stacked = {}
    for name, first in states[0].items():
        stacked[name] = stack([state[name].detach() for state in states]).requires_grad_(first.requires_grad)
    return stacked
