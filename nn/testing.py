"""For unit tests of your own: analytic gradients against numerical ones, of tensors and of plain NumPy functions."""

from __future__ import annotations

import copy
import inspect
import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from nn.autograd.gradcheck import check_tensors, gradcheck, gradgradcheck
from nn.checking.differences import Probe
from nn.checking.examination import Settings, Subject, examine
from nn.checking.structure import chosen, leaves, rebuilt
from nn.closeness import assert_close
from nn.errors import GradcheckError, KinkWarning
from nn.func import functional_call
from nn.modules.module import Module
from nn.tensors.tensor import Tensor, from_numpy

__all__ = [
    "GradcheckError",
    "KinkWarning",
    "assert_close",
    "assert_gradients_match",
    "check_module",
    "gradcheck",
    "gradgradcheck",
    "numerical_gradient",
]

__tracebackhide__ = True  # pytest shows the line of the test and the report, not the lines of this file

Array = NDArray[Any]


def numerical_gradient(
    fn: Callable[..., Any], inputs: Any, upstream: Any = None, *, eps: float = 1e-6
) -> Array | tuple[Array, ...]:
    """The gradient of sum(upstream * fn(inputs)) by every input, from central differences in float64.

    A function that rounds to float32 inside is differentiated with wider steps and extrapolation.

    Args:
        fn: of NumPy arrays, or of tensors if the inputs are tensors; returns one array, tensor or number, or a tuple,
            list or dict of them.
        inputs: one input, or a sequence of them; float arrays are differentiated, others passed on as they are.
        upstream: the gradient by the result, of the same structure; None for ones.
        eps: the step.

    Returns:
        An array of each float input's shape: alone if `inputs` is no sequence, else a tuple.

    Example:
        >>> import numpy as np
        >>> import nn
        >>> nn.testing.numerical_gradient(lambda x: x**2, np.array([1.0, 3.0])).round(6)
        array([2., 6.])
    """
    call = _Call(fn, inputs, np.dtype(np.float64))
    outputs = call.forward(call.point)
    given = [np.ones(())] * len(outputs) if upstream is None else call.floats_of(upstream)
    u = [np.broadcast_to(g, o.shape) for g, o in zip(given, outputs, strict=True)]
    probe = Probe(call.forward, call.point, [u], eps)
    probe.measure_noise(np.random.Generator(np.random.Philox(1)))
    found = tuple(probe.elements(i)[0].reshape(x.shape) for i, x in enumerate(call.point))
    return found if isinstance(inputs, tuple | list) else found[0]


def assert_gradients_match(
    fn: Callable[..., Any],
    inputs: Any,
    analytic: Any,
    *,
    output: Any = None,
    eps: float = 1e-6,
    atol: float = 1e-6,
    rtol: float = 1e-4,
    seed: int = 0,
    nearby: bool = True,
    directions: int | None = None,
    dtype: DTypeLike = np.float64,
) -> None:
    """Fail unless `analytic` is the gradient of `fn`: for a backward written by hand.

    Every element of every float input is compared with differences, for three random upstream gradients. Then the
    derivative along random directions is compared at two points that the checker draws, one close by and one with
    elements of both signs, since at ones, zeros or symmetric inputs many a wrong backward is right.

    `fn` and `analytic` get copies, and may not change them. `fn` is called before each call of `analytic`, with the
    same arrays, so that the methods of a layer which keeps its input can be given.

    Args:
        fn: the forward, of NumPy arrays or of tensors; returns one array, tensor or number, or a tuple, named tuple,
            list or dict of them, nested too.
        inputs: one input, or a sequence; float inputs are differentiated (in float64), integers, booleans and others
            are passed on as they are.
        analytic: the backward, called as `analytic(upstream, *inputs)`, where `upstream` has the structure of what
            `fn` returns (None in the place of integers). It returns the gradient by each float input (alone if there
            is one). Or these gradients themselves, of a function with one number as its value.
        output: judge one output alone: its position, its key or name, or a function that takes it out.
        eps: the step of the differences.
        atol: the absolute error allowed.
        rtol: the error allowed relative to the numerical gradient. Both are widened, to what seven digits allow, where
            the forward or the backward computes in float32; the report says so if that is too little to judge by.
        seed: of the checker's random numbers, which no seed of NumPy's leads to.
        nearby: False judges at the given inputs alone: for a function that is defined nowhere else.
        directions: for large inputs: so many random directions for each input instead of all elements. The cost is
            then two calls of `fn` for each, whatever the size. One wrong element in n changes the slope along a
            direction by about 1 / sqrt(n) of the whole, so a mistake in few elements that is smaller than
            rtol * sqrt(n) of a typical one is missed, and no element is named where n is above 4,000.
        dtype: np.float32 calls both functions with float32 arrays, for code that is written for these. The differences
            are replaced by complex steps where `fn` takes complex arrays, and else extended to wider steps.

    Raises:
        GradcheckError: (an AssertionError too) a gradient differs, has the wrong shape or dtype, or is None; the
            forward is random; an argument is changed. The message names the input, the worst element and its relative
            error, the mistake if it is a known one, and which inputs are right.

    Warns:
        KinkWarning: an input lies on a kink, where the slopes from the two sides differ and any slope in between
            passes; the message names the element. As an error (`-W error`) it is a GradcheckError.

    Example:
        >>> import numpy as np
        >>> import nn
        >>> x = np.array([0.5, -1.0])
        >>> nn.testing.assert_gradients_match(np.tanh, x, lambda g, x: g * (1 - np.tanh(x) ** 2))
        >>> nn.testing.assert_gradients_match(np.tanh, x, lambda g, x: g * (1 - np.tanh(x)))
        Traceback (most recent call last):
        ...
        nn.errors.GradcheckError: gradient by input 0, element (1,): analytic gradient ...
    """
    call = _Call(chosen(fn, output), inputs, np.dtype(dtype), _names(fn))
    subject = call.subject(analytic)
    report = examine(subject, Settings(eps, atol, rtol, seed, nearby, directions))
    if not report.ok:
        raise GradcheckError(report.text("gradients"))
    if kinks := report.kinks():
        warnings.warn(KinkWarning(kinks), stacklevel=2)


def check_module(
    module: Module,
    inputs: Any = (),
    kwargs: dict[str, Any] | None = None,
    *,
    order: int = 1,
    output: Any = None,
    eps: float = 1e-6,
    atol: float = 1e-6,
    rtol: float = 1e-4,
    seed: int = 0,
    nearby: bool = True,
    directions: int | None = None,
) -> None:
    """Fail unless a module's gradients by its inputs, parameters and buffers agree with differences.

    A copy of the module in float64 is checked; the module itself and its buffers stay as they are. A buffer that no
    gradient reaches, such as the running mean of a batch norm, is a constant and left out.

    Args:
        module: in training or evaluation mode, as it is to be checked; it must not draw random numbers.
        inputs: one tensor, or a tuple or list of arguments, each of which may be a nested tuple, list or dict of
            tensors (a state, say); integers, booleans, None and others are passed on as they are.
        kwargs: keyword arguments; their float tensors are judged too.
        order: 2 checks the gradients of the gradients too.
        output: judge one output alone: its position, its key or name, or a function that takes it out.
        eps: the step of the differences.
        atol: the absolute error allowed.
        rtol: the error allowed relative to the numerical gradient.
        seed: of the checker's random numbers.
        nearby: False judges at the given inputs and parameters alone.
        directions: as for `assert_gradients_match`.

    Raises:
        GradcheckError: (an AssertionError too) a gradient differs, or the module is random; the message names the input
            or the parameter, and which others are right.

    Warns:
        KinkWarning: an input or a parameter lies on a kink.

    Example:
        >>> import nn
        >>> nn.testing.check_module(nn.Linear(3, 2), nn.ones(4, 3), order=2)
        >>> nn.testing.check_module(nn.LSTM(3, 2), nn.ones(4, 1, 3))
    """
    if kwargs is not None and not isinstance(kwargs, dict):
        raise TypeError(
            f"check_module: kwargs must be a dict, got {type(kwargs).__name__}; give several inputs as a tuple"
        )
    twin = copy.deepcopy(module).double()
    arguments = (tuple(inputs) if isinstance(inputs, tuple | list) else (inputs,), dict(kwargs or {}))
    found = [leaf for _, leaf in leaves(arguments)]
    floats = [i for i, leaf in enumerate(found) if isinstance(leaf, Tensor) and leaf.dtype.kind == "f"]
    places = [re.sub(r"^\[(\d+)\]", r"\1", place) for place, _ in leaves(arguments[0])]
    places += [re.sub(r"^\['(\w+)'\]", r"\1", place) for place, _ in leaves(arguments[1])]
    parameters, buffers = _shared(twin.named_parameters(remove_duplicate=False)), _shared(_float_buffers(twin))
    state = {name: tensor.detach().clone() for name, tensor in twin.named_buffers()}

    def call(*points: Any) -> Any:
        full = list(found)
        for i, point in zip(floats, points, strict=False):
            full[i] = point
        args, kwargs = rebuilt(arguments, full)
        values = {name: tensor.clone() for name, tensor in state.items()}  # a batch norm changes its own
        for names, point in zip([*parameters, *buffers], points[len(floats) :], strict=True):
            for name in names:
                values[name] = point if names in parameters else point.clone()
        return functional_call(twin, values, args, kwargs)

    named = [f"input {places[i]}" for i in floats] + [names[0] for names in (*parameters, *buffers)]
    tensors = [found[i] for i in floats] + [twin.get_parameter(names[0]) for names in parameters]
    tensors += [state[names[0]] for names in buffers]
    try:
        report = check_tensors(
            chosen(call, output),
            [t.detach().double().requires_grad_() for t in tensors],
            [f"{type(module).__name__}: {name}" for name in named],
            named,
            Settings(eps, atol, rtol, seed, nearby, directions),
            order,
            f"{type(module).__name__}",
            frozenset(range(len(floats) + len(parameters), len(tensors))),
        )
    except GradcheckError as error:
        raise GradcheckError(str(error)) from None
    if report:
        warnings.warn(KinkWarning(report), stacklevel=2)


def _shared(named: Any) -> list[list[str]]:
    """Names of one tensor together: a tied weight has several."""
    found: dict[int, list[str]] = {}
    for name, tensor in named:
        found.setdefault(id(tensor), []).append(name)
    return list(found.values())


def _float_buffers(module: Module) -> list[tuple[str, Tensor]]:
    return [(name, tensor) for name, tensor in module.named_buffers() if tensor.dtype.kind == "f"]


def _names(fn: Callable[..., Any]) -> list[str]:
    """The names of a function's positional arguments, as far as they can be known."""
    try:
        parameters = inspect.signature(fn).parameters.values()
    except (TypeError, ValueError):
        return []
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p.name for p in parameters if p.kind in kinds]


class _Call:
    """A function with its inputs as float64 arrays, and as it expects them."""

    def __init__(self, fn: Callable[..., Any], inputs: Any, dtype: np.dtype[Any], names: list[str] | None = None):
        given = list(inputs) if isinstance(inputs, tuple | list) else [inputs]
        self._fn, self._dtype, self._names = fn, dtype, names or []
        self._tensors = any(isinstance(value, Tensor) for value in given)
        self._given = [_plain(value) for value in given]
        self.floats = [i for i, value in enumerate(self._given) if _is_float(value)]
        if not self.floats:
            raise GradcheckError("gradients: no input is a float array or tensor; give one, e.g. np.array([0.5])")
        self.point = [np.array(self._given[i], dtype).astype(np.float64) for i in self.floats]
        self.complaints: list[str] = []
        self._structure: Any = None
        self._places: list[tuple[str, Any]] = []

    def subject(self, analytic: Any) -> Subject:
        """What is to be examined."""
        outputs = self.forward(self.point)
        names = [f"output {place}" for place, value in self._places if _is_float(value)]
        if not callable(analytic) and sum(o.size for o in outputs) != 1:
            raise GradcheckError(
                f"gradients: the function returns shape {outputs[0].shape}, so its gradient depends on what follows; "
                "give a backward that takes the upstream gradient, or a function that returns one number"
            )
        return Subject(
            forward=self.forward,
            backward=self._backward(analytic) if callable(analytic) else self._constant(analytic),
            point=self.point,
            labels=[f"gradient by input {i}" for i in self.floats],
            names=[f"input {i}" + (f" ({self._names[i]})" if i < len(self._names) else "") for i in self.floats],
            output_names=names if len(names) > 1 else ["the output"],
            integers=[np.asarray(v) for v in self._given if isinstance(v, np.ndarray) and v.dtype.kind in "iu"],
            analytic=None if self._tensors else self._complex,
            everywhere=callable(analytic),
            complaints=self.complaints,
        )

    def forward(self, point: list[Array]) -> list[Array]:
        """The float outputs, of copies of the inputs, which must not be changed."""
        arguments = self._arguments(point)
        return self._results(
            arguments, [np.array(a) if isinstance(a, np.ndarray) else a for a in map(_plain, arguments)]
        )

    def floats_of(self, value: Any) -> list[Array]:
        """The float leaves of a structure as arrays."""
        return [np.asarray(_plain(leaf), np.float64) for _, leaf in leaves(value) if _is_float(_plain(leaf))]

    def _arguments(self, point: list[Array]) -> list[Any]:
        full = [None if i in self.floats else copy.deepcopy(value) for i, value in enumerate(self._given)]
        for i, x in zip(self.floats, point, strict=True):
            full[i] = np.array(x, self._dtype)
        return [self._like(value) for value in full]

    def _like(self, value: Any) -> Any:
        return from_numpy(value) if self._tensors and isinstance(value, np.ndarray) else value

    def _results(self, arguments: list[Any], before: list[Any]) -> list[Array]:
        result = self._fn(*arguments)
        self._structure = result
        self._places = [(place, _plain(leaf)) for place, leaf in leaves(result)]
        found = [np.array(value, np.float64) for _, value in self._places if _is_float(value)]
        if not found:
            raise GradcheckError("gradients: the function returns no float array, tensor or number; it must return one")
        self._unchanged("forward", arguments, before)
        return found

    def _unchanged(self, who: str, arguments: list[Any], before: list[Any]) -> None:
        for i, (argument, old) in enumerate(zip(arguments, before, strict=True)):
            new = _plain(argument)
            if isinstance(new, np.ndarray) and not np.array_equal(new, old, equal_nan=new.dtype.kind == "f"):
                name = f"input {i}" + (f" ({self._names[i]})" if i < len(self._names) else "")
                self._complain(f"the {who} changes its {name} in place; let it work on a copy")

    def _complain(self, sentence: str) -> None:
        if sentence not in self.complaints:
            self.complaints.append(sentence)

    def _backward(self, analytic: Callable[..., Any]) -> Callable[[list[Array], list[Array]], list[Any]]:
        def gradients(point: list[Array], upstream: list[Array]) -> list[Any]:
            arguments = self._arguments(point)
            before = [np.array(a) if isinstance(a, np.ndarray) else a for a in map(_plain, arguments)]
            self._results(arguments, before)  # a layer keeps what its backward needs
            values = iter([np.array(u, self._dtype) for u in upstream])
            handed = [next(values) if _is_float(value) else None for _, value in self._places]
            kept = [None if h is None else h.copy() for h in handed]
            given = analytic(rebuilt(self._structure, [self._like(h) for h in handed]), *arguments)
            found = self._listed(given)
            if any(h is not None and not np.array_equal(h, np.asarray(k)) for h, k in zip(handed, kept, strict=True)):
                self._complain("the backward changes its upstream gradient g in place; let it work on a copy")
            self._unchanged("backward", arguments, before)
            return found

        return gradients

    def _constant(self, analytic: Any) -> Callable[[list[Array], list[Array]], list[Any]]:
        def gradients(point: list[Array], upstream: list[Array]) -> list[Any]:
            return [None if a is None else np.asarray(a, float) * upstream[0].sum() for a in self._listed(analytic)]

        return gradients

    def _listed(self, given: Any) -> list[Any]:
        """Copies of the gradients, one for each float input."""
        if len(self.floats) == 1 and isinstance(given, list) and _numbers_of(given, self.point[0].shape):
            given = np.array(given)  # nested lists of Python numbers
        found = list(given) if isinstance(given, tuple | list) else [given]
        others = [i for i in range(len(self._given)) if i not in self.floats]
        if len(found) == len(self._given) and all(found[i] is None for i in others):
            found = [found[i] for i in self.floats]  # as PyTorch's functions return them
        if len(found) != len(self.floats):
            count = len(self.floats)
            raise GradcheckError(
                f"gradients: expected {count} gradient{'s' * (count > 1)}, one for each float input, got {len(found)}; "
                "return them in the order of the inputs"
            )
        return [None if value is None else np.array(_plain(value)) for value in found]

    def _complex(self, point: list[Array]) -> list[Array]:
        full = [copy.deepcopy(value) for value in self._given]
        for i, x in zip(self.floats, point, strict=True):
            full[i] = x
        values = [np.asarray(value) for _, value in leaves(self._fn(*full))]
        return [value for value in values if value.dtype.kind in "fc"]


def _numbers_of(value: Any, shape: tuple[int, ...]) -> bool:
    """Whether nested lists hold Python numbers alone, in this shape."""
    if isinstance(value, list):
        return bool(shape) and len(value) == shape[0] and all(_numbers_of(item, shape[1:]) for item in value)
    return not shape and isinstance(value, int | float)


def _is_float(value: Any) -> bool:
    return isinstance(value, float | np.floating) or (isinstance(value, np.ndarray) and value.dtype.kind == "f")


def _plain(value: Any) -> Any:
    return value.detach().numpy() if isinstance(value, Tensor) else value


def __dir__() -> list[str]:
    return sorted(__all__)
