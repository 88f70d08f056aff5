"""What checks are made of: comparison with tolerances, gradients three ways, sentences that say what is wrong."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.checking.diagnosis import Case, diagnose, diagnose_shape
from nn.exercises.declaration import Text
from nn.exercises.translation import chinese
from nn.tensors.tensor import from_numpy

__all__ = ["Wrong", "calm", "distinct", "gradients", "require", "same", "unchanged"]

Array = NDArray[Any]


class Wrong(AssertionError):
    """A wrong answer, said in English and in Chinese."""

    def __init__(self, text: Text) -> None:
        super().__init__(text[0])
        self.text = text


def require(condition: Any, english: str, chinese: str) -> None:
    """Fail with a sentence of the check's own, where the condition does not hold.

    Raises:
        Wrong: (an AssertionError) with the sentence in both languages as its `text`.

    Example:
        >>> require(2 < 1, "the loss rises", "损失上升")
        Traceback (most recent call last):
        ...
        nn.exercises.judging.Wrong: the loss rises
    """
    if not condition:
        raise Wrong((english, chinese))


def same(
    name: str, got: Any, expected: Any, *, rtol: float = 1e-6, atol: float = 1e-9, guess: Text | None = None
) -> None:
    """Fail unless two arrays agree in shape and, within rtol * |expected| + atol, in every element.

    Args:
        name: the variable, as the statement calls it.
        got: an array, a tensor, a number, or lists of numbers.
        expected: of the same kind.
        rtol: the error allowed relative to the expected number.
        atol: the error allowed beside that.
        guess: what is probably wrong, where the check knows better than the diagnosis.

    Raises:
        Wrong: (an AssertionError) with the variable, the worst element, what was expected and what was got.

    Example:
        >>> same("y", [1.0, 2.0], np.array([1, 2]))
        >>> same("dx", [-1.0, -2.0], [1.0, 2.0])
        Traceback (most recent call last):
        ...
        nn.exercises.judging.Wrong: dx, element (1,): expected 2, got -2; 2 of 2 elements differ
        guess: the sign is wrong: the result is -1 times the expected one
    """
    found, wanted = _numbers(name, got), np.asarray(expected, np.float64)
    if found.shape != wanted.shape:
        raise _of_shape(name, wanted, found)
    _compare(name, found, wanted, rtol, atol, lambda: guess or _of_value(wanted, found, got))


def gradients(
    backward: Callable[..., Any],
    closed: Callable[..., Any],
    forward: Callable[..., Any],
    inputs: Sequence[Any],
    names: str,
    rng: np.random.Generator,
    *,
    autograd: Callable[..., Any] | None = None,
    rtol: float = 1e-6,
) -> None:
    """Fail unless a backward agrees with a closed form, with central differences and with `nn`'s autograd.

    The upstream gradient is random, since for one of ones many a wrong backward is right; all is in float64.

    Args:
        backward: the learner's, called as backward(g, *inputs); returns a gradient for each float input.
        closed: the reference's, called the same way.
        forward: the reference's function of the inputs, of which differences are taken.
        inputs: arrays; those of integers and all that is no array are passed on and not differentiated.
        names: of the gradients, e.g. "dx dweight".
        rng: for the upstream gradient.
        autograd: the same function of tensors, in ops of `nn`; None where it cannot be written in them.
        rtol: the error allowed against closed form and autograd.

    Raises:
        Wrong: (an AssertionError) with the gradient, the way that tells, the worst element, and the mistake if it is a
            known one.

    Example:
        >>> rng, x = np.random.default_rng(0), np.array([0.5, -1.0, 2.0])
        >>> right = lambda g, x: g * (1 - np.tanh(x) ** 2)
        >>> gradients(right, right, np.tanh, [x], "dx", rng)
        >>> gradients(lambda g, x: g * (1 - x**2), right, np.tanh, [x], "dx", rng)
        Traceback (most recent call last):
        ...
        nn.exercises.judging.Wrong: dx, element (2,): expected ... by the closed form, got ...; 3 of 3 elements differ
        guess: the derivative of the activation is wrong: the backward computes g * (1 - x**2), expected g * (1 - y**2)
    """
    floats = [i for i, x in enumerate(inputs) if isinstance(x, np.ndarray) and x.dtype.kind == "f"]
    g = np.asarray(rng.normal(size=np.shape(forward(*_copies(inputs)))))
    labels = names.split()
    got = _listed(backward(g.copy(), *_copies(inputs)), labels)
    expected = _listed(closed(g.copy(), *_copies(inputs)), labels)
    ways: list[tuple[list[Any], float, float, Text]] = [
        (expected, rtol, 1e-9, ("by the closed form", "按公式")),
        (_differences(forward, inputs, floats, g), 1e-4, 1e-6, ("by central differences", "按中心差分")),
    ]
    if autograd is not None:
        ways.append((_recorded(autograd, inputs, floats, g), rtol, 1e-9, ("by autograd", "按自动微分")))
    for right, relative, absolute, way in ways:
        for position, name in enumerate(labels):
            found, wanted = _numbers(name, got[position]), np.asarray(right[position], np.float64)
            if found.shape != wanted.shape:
                raise _of_shape(name, wanted, found)
            guess = _Guess(backward, closed, forward, inputs, floats, labels, position, rng)
            _compare(name, found, wanted, relative, absolute, guess if right is expected else _at_fault, way)


def _at_fault() -> Text:
    return (
        "the closed form of the exercise agrees with you: the exercise itself is wrong, or its inputs lie on a kink",
        "练习的公式与你的一致：是练习本身有误，或者输入落在不可导点上",
    )


def unchanged(call: Callable[..., Any], *arguments: Any) -> None:
    """Fail if a function changes one of the arrays that it is given.

    Args:
        call: what the learner wrote, as `given.name`.
        *arguments: to call it with, once.

    Raises:
        Wrong: (an AssertionError) with the position of the argument.

    Example:
        >>> unchanged(np.negative, np.ones(3))
        >>> unchanged(np.ndarray.sort, np.array([2, 1]))
        Traceback (most recent call last):
        ...
        nn.exercises.judging.Wrong: sort changes its argument 0 in place: the caller still needs it; work on a copy
    """
    handed = _copies(arguments)
    getattr(call, "itself", call)(*handed)
    for position, (before, after) in enumerate(zip(arguments, handed, strict=True)):
        if isinstance(before, np.ndarray) and not np.array_equal(before, after, equal_nan=before.dtype.kind == "f"):
            who = getattr(call, "__name__", "the function")
            raise Wrong(
                (
                    f"{who} changes its argument {position} in place: the caller still needs it; work on a copy",
                    f"{who} 就地修改了第 {position} 个参数，而调用者还要用它：请先复制一份",
                )
            )


@contextlib.contextmanager
def calm() -> Iterator[None]:
    """Fail where NumPy overflows, divides by zero or makes a NaN.

    Raises:
        Wrong: (an AssertionError) with what NumPy says.

    Example:
        >>> with calm():
        ...     y = np.exp(np.array([1000.0]))
        Traceback (most recent call last):
        ...
        nn.exercises.judging.Wrong: it is not stable: overflow encountered in exp
    """
    try:
        with np.errstate(over="raise", divide="raise", invalid="raise"):
            yield
    except FloatingPointError as error:
        raise Wrong((f"it is not stable: {error}", f"数值不稳定：{error}")) from None


def distinct(rng: np.random.Generator, *shape: int) -> Array:
    """Numbers from -1 to 1, each another one and well apart: for maxima without ties and kinks out of reach.

    Args:
        rng: for their order.
        *shape: of the array.

    Example:
        >>> np.sort(distinct(np.random.default_rng(0), 2, 2).ravel())
        array([-0.75, -0.25,  0.25,  0.75])
    """
    size = int(np.prod(shape))
    return ((rng.permutation(size) + 0.5) / size * 2 - 1).reshape(shape)


# -- comparison ------------------------------------------------------------------------------------------------------


def _numbers(name: str, got: Any) -> Array:
    """A plain float64 array of what a learner returned."""
    if got is None:
        raise Wrong((f"{name} is None: return it", f"{name} 是 None：忘了 return"))
    plain = got.detach().numpy() if hasattr(got, "detach") else got
    try:
        array = np.array(plain, subok=False)
    except ValueError:
        array = np.array(None)
    if array.dtype.kind not in "fiub":
        raise Wrong(
            (
                f"{name}: expected an array of real numbers, got {type(got).__name__}",
                f"{name}：应为实数数组，得到的是 {type(got).__name__}",
            )
        )
    return array.astype(np.float64)


def _of_shape(name: str, expected: Array, got: Array) -> Wrong:
    lists = expected.ndim == got.ndim == 1 and expected.size != got.size  # of different length: no axis to name
    clause = None if lists else diagnose_shape(expected, got)
    return Wrong(
        _joined(
            f"{name}: expected shape {expected.shape}, got {got.shape}",
            f"{name}：形状应为 {expected.shape}，得到 {got.shape}",
            None if clause is None else _both(clause),
        )
    )


def _compare(
    name: str,
    got: Array,
    expected: Array,
    rtol: float,
    atol: float,
    guess: Callable[[], Text | None],
    way: Text = ("", ""),
) -> None:
    with np.errstate(all="ignore"):
        excess = np.abs(got - expected) - (rtol * np.abs(expected) + atol)
    excess = np.where(np.isnan(expected) & np.isnan(got), -1.0, np.where(np.isnan(excess), np.inf, excess))
    excess = np.where(got == expected, -1.0, excess)  # infinities too
    wrong = excess > 0
    if not wrong.any():
        return
    worst = np.unravel_index(int(np.argmax(excess)), excess.shape) if excess.ndim else ()
    place = tuple(int(i) for i in worst)
    e, f = float(expected[worst]), float(got[worst])
    at = (f", element {place}", f"，元素 {place}") if place else ("", "")
    count = (
        f"; {int(wrong.sum())} of {wrong.size} elements differ",
        f"；{wrong.size} 个元素中有 {int(wrong.sum())} 个不符",
    )
    space = " " * bool(way[0])
    raise Wrong(
        _joined(
            f"{name}{at[0]}: expected {_shown(e)}{space}{way[0]}, got {_shown(f)}{count[0] * bool(place)}",
            f"{name}{at[1]}：{way[1]}应为 {_shown(e)}，得到 {_shown(f)}{count[1] * bool(place)}",
            guess(),
        )
    )


def _shown(x: float) -> str:
    return str(int(x)) if x.is_integer() and abs(x) < 1e15 else f"{x:.7g}"


def _of_value(expected: Array, got: Array, given: Any) -> Text | None:
    with np.errstate(all="ignore"):
        close = np.allclose(got, expected, rtol=1e-4, atol=1e-5)
    if close and getattr(given, "dtype", None) == np.float32:
        return "it was computed in float32: keep the dtype of the input", "用 float32 算的：请保持输入的 dtype"
    clause = diagnose(Case(expected[None], got[None]))
    return None if clause is None or _says_little(clause, expected, got) else _both(clause, value=True)


def _says_little(clause: str, expected: Array, got: Array) -> bool:
    """A factor that is no whole number explains nothing, nor does the border of what is no picture."""
    if "off by a factor" in clause:
        ratio = np.abs(got[expected != 0] / expected[expected != 0]).max()
        factor = max(ratio, 1 / ratio)
        return bool(abs(factor - round(factor)) > 1e-6 or round(factor) == 1)
    return clause.startswith("only elements on the border") and expected.ndim < 3


def _joined(english: str, in_chinese: str, guess: Text | None) -> Text:
    if guess is None:
        return english, in_chinese
    return f"{english}\nguess: {guess[0]}", f"{in_chinese}\n可能的原因：{guess[1]}"


def _both(clause: str, value: bool = False) -> Text:
    """A clause of the diagnosis; of a value it does not say that it is a gradient."""
    in_chinese = chinese(clause)
    if value and clause.startswith("the gradient is zero everywhere"):
        return "the result is zero everywhere", "结果处处为零"
    if value:
        return clause.replace("the gradient", "the result"), in_chinese.replace("梯度", "结果")
    return clause, in_chinese


# -- gradients -------------------------------------------------------------------------------------------------------


def _copies(values: Sequence[Any]) -> list[Any]:
    return [value.copy() if isinstance(value, np.ndarray) else value for value in values]


def _listed(given: Any, labels: list[str]) -> list[Any]:
    found = list(given) if isinstance(given, tuple | list) and len(labels) > 1 else [given]
    if len(found) != len(labels):
        raise Wrong(
            (
                f"the backward must return {len(labels)} gradients ({', '.join(labels)}), got {len(found)}",
                f"反向函数应返回 {len(labels)} 个梯度（{'、'.join(labels)}），得到 {len(found)} 个",
            )
        )
    return found


def _differences(forward: Callable[..., Any], inputs: Sequence[Any], floats: list[int], g: Array) -> list[Array]:
    """Gradients of sum(g * forward) by central differences, one element after the other."""
    found = []
    for i in floats:
        moved = [np.array(x, np.float64) if j == i else x for j, x in enumerate(inputs)]
        flat, slope, h = moved[i].reshape(-1), np.empty(moved[i].size), 1e-6
        for k in range(flat.size):
            x = flat[k]
            flat[k] = x + h
            above = np.array(forward(*moved))  # a copy: the result may be a view of the input
            flat[k] = x - h
            slope[k] = np.sum(g * (above - forward(*moved))) / (2 * h)
            flat[k] = x
        found.append(slope.reshape(moved[i].shape))
    return found


def _recorded(autograd: Callable[..., Any], inputs: Sequence[Any], floats: list[int], g: Array) -> list[Any]:
    """Gradients of sum(g * autograd) by `nn`'s own tape."""
    tensors = [from_numpy(x.copy()) if isinstance(x, np.ndarray) else x for x in inputs]
    for i in floats:
        tensors[i].requires_grad_()
    autograd(*tensors).backward(from_numpy(g.copy()))
    return [tensors[i].grad.numpy() for i in floats]


class _Guess:
    """Which known mistake a wrong gradient shows: it is asked for three upstream gradients."""

    def __init__(self, *parts: Any) -> None:
        self.parts = parts

    def __call__(self) -> Text | None:
        backward, closed, forward, inputs, floats, labels, position, rng = self.parts
        y = np.asarray(forward(*_copies(inputs)))
        upstream = [rng.normal(size=y.shape) for _ in range(3)]
        try:
            got = [_listed(backward(g.copy(), *_copies(inputs)), labels) for g in upstream]
            right = [_listed(closed(g.copy(), *_copies(inputs)), labels) for g in upstream]
            x = np.asarray(inputs[floats[position]]) if len(floats) == len(labels) else None
            others = {
                name: np.array([r[k] for r in right], np.float64) for k, name in enumerate(labels) if k != position
            }
            case = Case(
                np.array([r[position] for r in right], np.float64),
                np.array([f[position] for f in got], np.float64),
                upstream=(np.array(upstream),),
                value=x,
                outputs=(y,),
                jacobian=self._jacobian(y, position) if x is not None and y.size * x.size < 600 else None,
                others=others,
                integers=tuple(a for a in inputs if isinstance(a, np.ndarray) and a.dtype.kind in "iu"),
            )
            clause = diagnose(case)
        except Exception:  # a guess is a courtesy: whatever cannot be diagnosed is told without one
            return None
        return None if clause is None else _both(clause)

    def _jacobian(self, y: Array, position: int) -> Array:
        _, closed, _, inputs, _, labels, _, _ = self.parts
        rows = []
        for k in range(y.size):
            g = np.zeros(y.shape)
            g.reshape(-1)[k] = 1.0
            rows.append(np.ravel(_listed(closed(g, *_copies(inputs)), labels)[position]))
        return np.array(rows)
