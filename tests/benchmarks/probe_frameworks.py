"""What NumPy frameworks get wrong: one probe a row, one framework a column.

    python tests/benchmarks/probe_frameworks.py [fromzero torch jax autograd mygrad dezero]

A probe is a function whose gradient is known. "ok" is the right number; "wrong" another one, in silence; else the name
of the exception; "-" where a framework has no such function. Each framework runs in a process of its own; those that
are not installed are left out. `tests/functional/test_probes.py` holds ours and PyTorch's to "ok" throughout.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import warnings
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

FRAMEWORKS = ("fromzero", "torch", "jax", "autograd", "mygrad", "dezero")
PACKAGES = {"fromzero": "nn"}


# -- one face for all -------------------------------------------------------------------------------------------------
def of_tensors(lib: Any, tensor: Callable[..., Any], **own: Any) -> SimpleNamespace:
    """PyTorch and what has its names."""

    def value_and_grad(f: Callable[..., Any], x: Any, **options: Any) -> tuple[Any, Any]:
        leaf = tensor(np.array(x), requires_grad=True)
        y = f(leaf)
        y.backward(**options)
        return y.detach().numpy(), leaf.grad.detach().numpy()

    return SimpleNamespace(
        np=lib,
        leaf=lambda x: tensor(np.array(x), requires_grad=True),
        constant=lambda x: tensor(np.array(x)),
        value_and_grad=value_and_grad,
        max_along=lambda x, axis: lib.max(x, axis).values,
        amax=lib.amax,
        total=lib.sum,
        sigmoid=lib.sigmoid,
        log_softmax=lambda x: lib.log_softmax(x, -1),
        norm=getattr(lib, "norm", None),
        cumsum=lambda x: lib.cumsum(x, 0),
        cumprod=lambda x: lib.cumprod(x, 0),
        second=lambda f, x: _second(lib, tensor, f, x),
        backward=lambda y: y.backward(),
        grad_of=lambda leaf: leaf.grad.detach().numpy(),
        mutate=lambda leaf: leaf.detach().mul_(10),
        tape=True,
        **own,
    )


def _second(lib: Any, tensor: Any, f: Any, x: Any) -> Any:
    leaf = tensor(np.array(x), requires_grad=True)
    take = lib.grad if hasattr(lib, "grad") else lib.autograd.grad
    (g,) = take(f(leaf), leaf, create_graph=True)
    (h,) = take(lib.sum(g), leaf)
    return h.detach().numpy()


def of_functions(lib: Any, grad: Any, **own: Any) -> SimpleNamespace:
    """autograd and JAX: gradients are functions of functions."""
    return SimpleNamespace(
        np=lib,
        leaf=None,
        constant=lib.array,
        value_and_grad=lambda f, x: (np.asarray(f(lib.array(x))), np.asarray(grad(f)(lib.array(x)))),
        max_along=lambda x, axis: lib.max(x, axis),
        amax=lib.max,
        total=lib.sum,
        sigmoid=lambda x: 1 / (1 + lib.exp(-x)),
        log_softmax=None,
        norm=lib.linalg.norm,
        cumsum=lambda x: lib.cumsum(x, 0),
        cumprod=(lambda x: lib.cumprod(x, 0)) if lib.__name__ != "autograd.numpy" else None,
        second=lambda f, x: np.asarray(grad(lambda x: lib.sum(grad(f)(x)))(lib.array(x))),
        tape=False,
        **own,
    )


def adapter(name: str) -> SimpleNamespace:
    if name == "fromzero":
        import nn

        return of_tensors(nn, nn.tensor)
    if name == "torch":
        import torch

        return of_tensors(torch, torch.tensor)
    if name == "jax":
        import jax

        jax.config.update("jax_enable_x64", True)
        face = of_functions(jax.numpy, jax.grad)
        face.sigmoid, face.log_softmax = jax.nn.sigmoid, jax.nn.log_softmax
        return face
    if name == "autograd":
        import autograd

        return of_functions(autograd.numpy, autograd.grad)
    if name == "mygrad":
        import mygrad as mg
        from mygrad.nnet.activations import logsoftmax, sigmoid

        def mygrads(f: Any, x: Any) -> tuple[Any, Any]:
            leaf = mg.tensor(x)
            y = f(leaf)
            y.backward()
            return y.data, leaf.grad

        return SimpleNamespace(
            np=mg,
            leaf=mg.tensor,
            constant=np.array,
            value_and_grad=mygrads,
            tape=True,
            second=None,
            max_along=lambda x, axis: mg.max(x, axis),
            amax=mg.max,
            total=mg.sum,
            sigmoid=sigmoid,
            log_softmax=logsoftmax,
            norm=mg.linalg.norm,
            cumsum=lambda x: mg.cumsum(x, 0),
            cumprod=lambda x: mg.cumprod(x, 0),
            backward=lambda y: y.backward(),
            grad_of=lambda leaf: leaf.grad,
            mutate=lambda leaf: leaf.data.__imul__(10),
        )
    import dezero
    import dezero.functions as F

    def dezeros(f: Any, x: Any) -> tuple[Any, Any]:
        leaf = dezero.Variable(np.array(x))
        y = f(leaf)
        y.backward()
        return y.data, leaf.grad.data

    def twice(f: Any, x: Any) -> Any:
        leaf = dezero.Variable(np.array(x))
        f(leaf).backward(create_graph=True)
        g = leaf.grad
        leaf.cleargrad()
        F.sum(g).backward()
        return leaf.grad.data

    return SimpleNamespace(
        np=F, leaf=lambda x: dezero.Variable(np.array(x)), constant=np.array, value_and_grad=dezeros, tape=True,
        max_along=lambda x, axis: F.max(x, axis), amax=F.max, total=F.sum, sigmoid=F.sigmoid, log_softmax=F.log_softmax,
        norm=None, cumsum=None, cumprod=None, second=twice, backward=lambda y: y.backward(),
        grad_of=lambda leaf: leaf.grad.data, mutate=lambda leaf: leaf.data.__imul__(10),
    )  # fmt: skip


# -- probes -----------------------------------------------------------------------------------------------------------
class Absent(Exception):
    """The framework has no such function."""


PROBES: dict[str, Callable[[SimpleNamespace], None]] = {}


def probe(name: str) -> Callable[[Any], Any]:
    def add(function: Any) -> Any:
        PROBES[name] = function
        return function

    return add


def gradient(f: Callable[[SimpleNamespace, Any], Any], x: Any, expected: Any) -> Callable[[SimpleNamespace], None]:
    """A probe of the gradient of a function at a point."""

    def check(lib: SimpleNamespace) -> None:
        _, g = lib.value_and_grad(lambda x: f(lib, x), np.array(x, np.float64))
        assert np.shape(g) == np.shape(expected)
        np.testing.assert_allclose(np.asarray(g, float), expected, rtol=1e-7, atol=1e-12)

    return check


def named(lib: SimpleNamespace, name: str) -> Any:
    function = getattr(lib, name, None) or getattr(lib.np, name, None)
    if function is None:
        raise Absent(name)
    return function


def call(name: str, lib: SimpleNamespace, *args: Any) -> Any:
    return named(lib, name)(*args)


PROBES["broadcast (3,1) * (4,)"] = gradient(
    lambda lib, x: lib.total(x * lib.constant(np.arange(4.0))), np.ones((3, 1)), np.full((3, 1), 6.0)
)
PROBES["2 - x and 2 / x"] = gradient(lambda lib, x: lib.total((2 - x) * (2 / x)), [2.0], [-1.0])
PROBES["x[[0, 0, 2]]: repeated indices"] = gradient(
    lambda lib, x: lib.total(x[np.array([0, 0, 2])]), np.ones(3), [2.0, 0.0, 1.0]
)
PROBES["d(x**2) at 0"] = gradient(lambda lib, x: lib.total(x**2), [0.0], [0.0])
PROBES["d(x**0) at 0"] = gradient(lambda lib, x: lib.total(x**0), [0.0, 2.0], [0.0, 0.0])
PROBES["norm at 0"] = gradient(lambda lib, x: call("norm", lib, x), [0.0, 0.0], [0.0, 0.0])
PROBES["where, nan in the branch not taken"] = gradient(
    lambda lib, x: lib.total(call("where", lib, lib.constant(np.array([False, True])), call("log", lib, x), x * 0)),
    [-1.0, 2.0],
    [0.0, 0.5],
)
PROBES["prod with one zero"] = gradient(lambda lib, x: call("prod", lib, x), [2.0, 0.0, 3.0], [0.0, 6.0, 0.0])
PROBES["prod with two zeros"] = gradient(lambda lib, x: call("prod", lib, x), [0.0, 0.0, 3.0], [0.0, 0.0, 0.0])
PROBES["amax at a tie: spread"] = gradient(lambda lib, x: call("amax", lib, x), [1.0, 3.0, 3.0], [0.0, 0.5, 0.5])
PROBES["max along an axis at a tie: one"] = gradient(
    lambda lib, x: lib.total(call("max_along", lib, x, 1)), [[1.0, 3.0, 3.0]], [[0.0, 1.0, 0.0]]
)
PROBES["cumsum"] = gradient(
    lambda lib, x: lib.total(call("cumsum", lib, x) * lib.constant(np.arange(3.0))), np.ones(3), [3.0, 3.0, 2.0]
)
PROBES["cumprod with a zero"] = gradient(
    lambda lib, x: lib.total(call("cumprod", lib, x)), [2.0, 0.0, 3.0], [1.0, 8.0, 0.0]
)
PROBES["sum of a 0-d tensor"] = gradient(lambda lib, x: lib.total(x * 3), 2.0, 3.0)
PROBES["sum of nothing"] = gradient(lambda lib, x: lib.total(x * 3), np.ones((0, 2)), np.ones((0, 2)))
PROBES["broadcast over an axis of size 0"] = gradient(
    lambda lib, x: lib.total(x * lib.constant(np.ones((0, 3)))), np.ones((1, 3)), np.zeros((1, 3))
)


@probe("negative strides")
def negative_strides(lib: SimpleNamespace) -> None:
    data = np.arange(6.0).reshape(2, 3)[::-1, ::-1]
    if lib.np.__name__ == "torch":
        raise Absent("tensors have no negative strides")
    _, g = lib.value_and_grad(lambda x: lib.total(x * x), data)
    np.testing.assert_allclose(g, 2 * data)


@probe("y = y + y, 24 times")
def doubling(lib: SimpleNamespace) -> None:
    def f(x: Any) -> Any:
        for _ in range(24):
            x = x + x
        return lib.total(x)

    gradient(lambda lib, x: f(x), [1.0], [2.0**24])(lib)


@probe("a chain of 5,000 ops")
def chain(lib: SimpleNamespace) -> None:
    def f(lib: SimpleNamespace, x: Any) -> Any:
        for _ in range(5000):
            x = x + 1.0
        return lib.total(x)

    gradient(f, [1.0], [1.0])(lib)


@probe("float32 stays float32")
def float32(lib: SimpleNamespace) -> None:
    value, g = lib.value_and_grad(lambda x: lib.total(x * 2.0 + 1.0), np.ones(3, np.float32))
    assert np.asarray(value).dtype == g.dtype == np.float32


@probe("sigmoid(+-1000), no warning")
def sigmoid(lib: SimpleNamespace) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gradient(lambda lib, x: lib.total(call("sigmoid", lib, x)), [-1000.0, 1000.0], [0.0, 0.0])(lib)


@probe("log_softmax([1000, 0, -1000])")
def log_softmax(lib: SimpleNamespace) -> None:
    f = named(lib, "log_softmax")
    value, _ = lib.value_and_grad(lambda x: lib.total(f(x)), np.array([[1000.0, 0.0, -1000.0]]))
    np.testing.assert_allclose(value, -3000.0)


@probe("data changed after use: an error")
def changed(lib: SimpleNamespace) -> None:
    if not lib.tape:
        raise Absent("no tape")
    leaf = lib.leaf(np.array([1.0, 2.0]))
    y = lib.total(leaf * leaf)
    try:
        lib.mutate(leaf)
        lib.backward(y)
    except (RuntimeError, ValueError):
        return
    raise AssertionError("a wrong gradient in silence")


@probe("backward twice: an error")
def again(lib: SimpleNamespace) -> None:
    if not lib.tape:
        raise Absent("no tape")
    leaf = lib.leaf(np.array([1.0, 2.0]))
    y = lib.total(leaf * leaf)
    lib.backward(y)
    try:
        lib.backward(y)
    except RuntimeError:
        return
    raise AssertionError("no error")


@probe("second derivative of x**3")
def second(lib: SimpleNamespace) -> None:
    twice = named(lib, "second")
    np.testing.assert_allclose(twice(lambda x: lib.total(x**3), np.array([1.0, 2.0])), [6.0, 12.0])


def results(name: str) -> dict[str, str]:
    """Every probe of one framework."""
    lib = adapter(name)
    found = {}
    for title, check in PROBES.items():
        try:
            with np.errstate(all="warn"):
                check(lib)
            found[title] = "ok"
        except (Absent, NotImplementedError):
            found[title] = "-"
        except AssertionError:
            found[title] = "wrong"
        except RecursionError:
            found[title] = "RecursionError"
        except Exception as error:
            found[title] = type(error).__name__
    return found


def main() -> None:
    if sys.argv[1:2] == ["--one"]:
        warnings.simplefilter("ignore")
        print(json.dumps(results(sys.argv[2])))
        return
    names = sys.argv[1:] or [n for n in FRAMEWORKS if importlib.util.find_spec(PACKAGES.get(n, n))]
    columns = {}
    for name in names:
        done = subprocess.run([sys.executable, __file__, "--one", name], capture_output=True, text=True, check=False)
        columns[name] = json.loads(done.stdout) if done.returncode == 0 else dict.fromkeys(PROBES, "does not import")
    print(f"| probe | {' | '.join(columns)} |\n|---|{'---|' * len(columns)}")
    for title in PROBES:
        print(f"| {title} | {' | '.join(column[title] for column in columns.values())} |")


if __name__ == "__main__":
    main()
