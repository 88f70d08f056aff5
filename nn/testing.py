"""For unit tests of your own: analytic gradients against numerical ones, of tensors and of plain NumPy functions."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.autograd.gradcheck import difference_quotients, gradcheck, gradgradcheck, refuse_difference
from nn.errors import GradcheckError
from nn.func import functional_call
from nn.modules.module import Module
from nn.tensors.tensor import Tensor, from_numpy

__all__ = [
    "GradcheckError",
    "assert_gradients_match",
    "check_module",
    "gradcheck",
    "gradgradcheck",
    "numerical_gradient",
]

Array = NDArray[Any]


def numerical_gradient(
    fn: Callable[..., Any], inputs: Any, upstream: Any = None, *, eps: float = 1e-6
) -> Array | tuple[Array, ...]:
    """The gradient of sum(upstream * fn(inputs)) by every input, from central differences in float64.

    Args:
        fn: of NumPy arrays, or of tensors if the inputs are tensors; returns one array, tensor or number.
        inputs: one input, or a sequence of them; float arrays are differentiated, others passed on as they are.
        upstream: the gradient by the result; None for ones.
        eps: the step.

    Returns:
        An array of each float input's shape: alone if `inputs` is no sequence, else a tuple.

    Example:
        >>> import numpy as np
        >>> import nn
        >>> nn.testing.numerical_gradient(lambda x: x**2, np.array([1.0, 3.0])).round(6)
        array([2., 6.])
    """
    sequence = isinstance(inputs, tuple | list)
    points = _Points(fn, inputs)
    u = np.ones(points.result().shape) if upstream is None else np.asarray(_plain(upstream), np.float64)
    found = tuple(difference_quotients(points.scalar(i, u), points.arrays[i], eps) for i in points.floats)
    return found if sequence else found[0]


def assert_gradients_match(
    fn: Callable[..., Any],
    inputs: Any,
    analytic: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    seed: int = 0,
) -> None:
    """Fail unless `analytic` is the gradient of `fn`: for a backward written by hand.

    Args:
        fn: the forward, of NumPy arrays or of tensors; returns one array, tensor or number.
        inputs: one input, or a sequence; float inputs are differentiated (in float64), others passed on as they are.
        analytic: the backward, called as `analytic(upstream, *inputs)`, which returns the gradient by each float input
            (alone if there is one); or these gradients themselves, of a function with one number as its value.
        eps: the step of the differences.
        atol: the absolute error allowed.
        rtol: the error allowed relative to the numerical gradient.
        seed: of the random upstream gradient.

    Raises:
        GradcheckError: (an AssertionError too) a gradient differs or has the wrong shape; the message names the input,
            the worst element and its relative error, and says if the function has a kink there.

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
    points = _Points(fn, inputs)
    result = points.result()
    if callable(analytic):
        upstream = np.random.default_rng(seed).normal(size=result.shape)
        given = analytic(points.like(upstream), *points.arguments())
    else:
        if result.size != 1:
            raise GradcheckError(
                f"gradients: the function returns shape {result.shape}, so its gradient depends on what follows; "
                "give a backward that takes the upstream gradient, or a function that returns one number"
            )
        upstream, given = np.ones(result.shape), analytic
    gradients = list(given) if isinstance(given, tuple | list) else [given]
    if len(gradients) != len(points.floats):
        raise GradcheckError(
            f"gradients: {len(points.floats)} float inputs want as many gradients, {len(gradients)} came; "
            "return one for each float input, in order"
        )
    for i, gradient in zip(points.floats, gradients, strict=True):
        exact = np.asarray(_plain(gradient), np.float64)
        value = points.scalar(i, upstream)
        refuse_difference(f"gradient by input {i}", exact, value, points.arrays[i], eps=eps, atol=atol, rtol=rtol)


def check_module(
    module: Module, inputs: Any, *, order: int = 1, eps: float = 1e-6, atol: float = 1e-5, rtol: float = 1e-3
) -> None:
    """Fail unless a module's gradients by its inputs and by every parameter agree with differences.

    A copy of the module in float64 is checked; the module itself and its buffers stay as they are.

    Args:
        module: in training or evaluation mode, as it is to be checked; it must not draw random numbers.
        inputs: one tensor, or a sequence.
        order: 2 checks the gradients of the gradients too.
        eps: the step of the differences.
        atol: the absolute error allowed.
        rtol: the error allowed relative to the numerical gradient.

    Raises:
        GradcheckError: (an AssertionError too) a gradient differs; the message names the input or the parameter.

    Example:
        >>> import nn
        >>> nn.testing.check_module(nn.Linear(3, 2), nn.ones(4, 3), order=2)
    """
    twin = copy.deepcopy(module).double()
    tensors = list(inputs) if isinstance(inputs, tuple | list) else [inputs]
    tensors = [t.detach().double().requires_grad_() if t.dtype.kind == "f" else t for t in tensors]
    named = dict(twin.named_parameters())
    count = len(tensors)
    state = {name: tensor.detach().clone() for name, tensor in twin.named_buffers()}

    def call(*args: Any) -> Any:
        buffers = {name: tensor.clone() for name, tensor in state.items()}  # a batch norm changes its own
        return functional_call(twin, (dict(zip(named, args[count:], strict=True)), buffers), args[:count])

    labels = [f"input {i}" for i in range(count)] + list(named)
    points = (*tensors, *(p.detach().requires_grad_() for p in named.values()))
    try:
        for check in (gradcheck, gradgradcheck)[:order]:
            check(call, points, eps=eps, atol=atol, rtol=rtol)
    except GradcheckError as error:
        text = str(error)
        for i, label in reversed(list(enumerate(labels))):
            text = text.replace(f"gradcheck: input {i},", f"{type(module).__name__}: {label},")
        raise GradcheckError(text) from None


class _Points:
    """A function with its inputs as float64 arrays, and as it wants them."""

    def __init__(self, fn: Callable[..., Any], inputs: Any) -> None:
        given: Sequence[Any] = inputs if isinstance(inputs, tuple | list) else [inputs]
        self._fn = fn
        self._tensors = any(isinstance(value, Tensor) for value in given)
        self.arrays = [self._widened(_plain(value)) for value in given]
        self.floats = [i for i, a in enumerate(self.arrays) if isinstance(a, np.ndarray) and a.dtype.kind == "f"]
        if not self.floats:
            raise GradcheckError("gradients: no input is a float array or tensor; give one, e.g. np.array([0.5])")

    @staticmethod
    def _widened(value: Any) -> Any:
        if isinstance(value, float | np.floating) or (isinstance(value, np.ndarray) and value.dtype.kind == "f"):
            return np.array(value, np.float64)
        return value

    def like(self, value: Any) -> Any:
        """An array as the function wants it."""
        return from_numpy(value.copy()) if self._tensors and isinstance(value, np.ndarray) else value

    def arguments(self) -> list[Any]:
        """The inputs as the function wants them."""
        return [self.like(value) for value in self.arrays]

    def result(self) -> Array:
        """The function's value as an array."""
        return np.asarray(_plain(self._fn(*self.arguments())))

    def scalar(self, index: int, upstream: Array) -> Callable[[Array], Any]:
        """sum(upstream * fn) as a function of one input."""

        def value(x: Array) -> Any:
            arguments = self.arguments()
            arguments[index] = self.like(x)
            return np.sum(upstream * np.asarray(_plain(self._fn(*arguments))))

        return value


def _plain(value: Any) -> Any:
    return value.detach().numpy() if isinstance(value, Tensor) else value
