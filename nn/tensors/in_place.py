"""Changes in place: `x += y`, `x[mask] = 0`, `x.exp_()`, each followed by autograd as in PyTorch.

A change writes into the tensor's memory and, while recording, hangs a new node on the tensor: what was computed from it
before keeps its own history. All that shares the memory follows: what the tensor is a view of, and every other view of
that. Where the tape could not follow, the change is refused (`_recorded` lists the cases); that a node has saved what
was changed later is an error of the backward, which names the operand.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, TypeVar

import numpy as np

from nn.autograd.grad_mode import enable_grad
from nn.autograd.hooks import LAST
from nn.autograd.misfits import misfit, wrong_index
from nn.autograd.mode import mode
from nn.autograd.op import Op
from nn.autograd.tape import Node, TensorBase, View, tick, wrap
from nn.errors import DtypeError, GradError, ShapeError
from nn.kernels.arithmetic import refuse_booleans
from nn.kernels.indexing import is_basic
from nn.ops import arithmetic, indexing, shape
from nn.tensors.arguments import fitting
from nn.tensors.operators import Operators

__all__: list[str] = []

T = TypeVar("T", bound="InPlace")


class InPlace(Operators):
    """The methods that end in `_` and have a kernel of their own, item assignment, and `+=` and its relatives."""

    __slots__ = ()

    def zero_(self: T) -> T:
        """Set every element to 0, in place."""
        return self.fill_(0)

    def fill_(self: T, value: Any) -> T:
        """Set every element to `value`, in place."""
        return self._overwrite("fill_", ..., value)

    def copy_(self: T, other: Any) -> T:
        """Take over the elements of `other` (broadcast, cast), in place."""
        return self._overwrite("copy_", ..., other)

    def add_(self: T, other: Any, alpha: Any = 1) -> T:
        """self += alpha * other, in place."""
        return self._compute("add_", arithmetic.add, other if alpha == 1 else other * alpha)

    def sub_(self: T, other: Any, alpha: Any = 1) -> T:
        """self -= alpha * other, in place."""
        refuse_booleans(self._array, other._array if isinstance(other, TensorBase) else other, "sub_")
        return self._compute("sub_", arithmetic.sub, other if alpha == 1 else other * alpha)

    def mul_(self: T, other: Any) -> T:
        """self *= other, in place."""
        return self._compute("mul_", arithmetic.mul, other)

    def div_(self: T, other: Any, *, rounding_mode: str | None = None) -> T:
        """self /= other, in place."""
        if rounding_mode is not None:
            return replacing(lambda x, y: x.div(y, rounding_mode=rounding_mode), "div_")(self, other)
        return self._compute("div_", arithmetic.div, other)

    def __iadd__(self: T, other: Any) -> T:
        return self.add_(other)

    def __isub__(self: T, other: Any) -> T:
        return self.sub_(other)

    def __imul__(self: T, other: Any) -> T:
        return self.mul_(other)

    def __itruediv__(self: T, other: Any) -> T:
        return self.div_(other)

    def __imod__(self: T, other: Any) -> T:
        return self.remainder_(other)

    def __ifloordiv__(self: T, other: Any) -> T:
        return self.floor_divide_(other)

    def __ipow__(self: T, other: Any) -> T:
        return self.pow_(other)

    def __iand__(self: T, other: Any) -> T:
        return self.bitwise_and_(other)

    def __ior__(self: T, other: Any) -> T:
        return self.bitwise_or_(other)

    def __ixor__(self: T, other: Any) -> T:
        return self.bitwise_xor_(other)

    def __ilshift__(self: T, other: Any) -> T:
        return self.bitwise_left_shift_(other)

    def __irshift__(self: T, other: Any) -> T:
        return self.bitwise_right_shift_(other)

    def __setitem__(self, index: Any, value: Any) -> None:
        first, then = indexing.steps(indexing.plain_index(index))
        if then is not None:  # the first step is a view
            indexing.getitem(self, index=first)._overwrite("item assignment", then, value)
        elif not self._array.flags.writeable and is_basic(first):  # a part of an expanded tensor may be written to
            indexing.getitem(self, index=first)._overwrite("item assignment", ..., value)
        else:
            self._overwrite("item assignment", first, value)

    # -- three ways to change -----------------------------------------------------------------------------------------
    def _compute(self: T, name: str, op: Op, other: Any) -> T:
        """self = op(self, other), straight into the memory where nothing is recorded."""
        if self._recorded(name, other):
            return self._replace(name, op, other)
        value = other._array if isinstance(other, TensorBase) else other
        value = fitting(value, self._array.dtype, name) if isinstance(value, int) else value
        if isinstance(value, list | tuple):
            raise DtypeError(f"{name}: expected a tensor or a number, got {type(value).__name__}; use nn.tensor(...)")
        if isinstance(value, np.ndarray) and value.dtype.kind in "iu" and self._array.dtype.kind in "iu":
            value = value.astype(self._array.dtype, copy=False)
        try:
            mode.quiet(op.kernel, self._array, value, out=self._array)
        except ValueError as error:
            raise misfit(name, [self._array, np.asarray(value)], {}, error) from error
        except TypeError as error:
            got = getattr(value, "dtype", type(value).__name__)
            raise DtypeError(
                f"{name}: {got} cannot be kept in a tensor of {self._array.dtype}; use .to() first"
            ) from error
        self._touch()
        return self

    def _overwrite(self: T, name: str, place: Any, value: Any) -> T:
        """self[place] = value."""
        recorded = self._recorded(name, value)
        array = (
            value._array
            if isinstance(value, TensorBase)
            else fitting(value, self._array.dtype, name, floats=name == "fill_")
        )
        if array is None or (array is value and _is_no_number(array)):  # of which NumPy makes nan, or a number
            raise _unfit(name, array, self._array, TypeError())
        if isinstance(array, np.ndarray) and array.size == 1:  # one number goes anywhere, whatever its axes
            array = array.reshape(())
        try:
            mode.quiet(self._array.__setitem__, place, array)
        except IndexError as error:
            raise wrong_index(self._array.shape, error) from error
        except (ValueError, TypeError) as error:
            raise _unfit(name, array, self._array, error) from error
        self._touch()
        if recorded:
            if isinstance(value, TensorBase):
                further = value._array.ndim - self._array[place].ndim
                if further > 0:  # axes of length 1 in front
                    value = shape.reshape(value, shape=value._array.shape[further:])
            _follow(self, indexing.setitem.record(self._array, self, value, index=place))
        return self

    def _replace(self: T, name: str, function: Callable[..., Any], *args: Any, **named: Any) -> T:
        """self = function(self, ...), whatever the function is; its rules see the tensor as it was."""
        saves = not isinstance(function, Op) or any(rule.keeps for rule in function.vjp.values())
        before = wrap(mode.quiet(self._array.copy) if saves else self._array, self._node)
        start = tick()
        result = function(before, *args, **named)
        _refuse_misfit(name, result, self)
        if result._array.dtype != self._array.dtype:
            result = arithmetic.cast(result, dtype=self._array.dtype)
        if result._node is None and result._requires_grad:  # a leaf as it is
            result = shape.clone(result)
        mode.quiet(self._array.__setitem__, ..., result._array)
        self._touch()
        node = result._node
        if node is not None and node.order > start and node.result is result._array:
            node.result, node.memory, node.order = self._array, self._memory(), tick()
        _follow(self, node)
        return self

    def _recorded(self, name: str, *others: Any) -> bool:
        """Whether the change belongs on the tape; an error where PyTorch refuses it there."""
        if not (self._array.flags.writeable or _made_writeable(self)):
            raise ShapeError(
                f"{name}: the memory of this tensor cannot be written to, since it is expanded or a read-only array; "
                "use clone() first"
            )
        if not mode.grad or self._array.dtype.kind != "f":
            return False
        family: list[TensorBase] = [self]  # and what it is a view of, outwards
        while family[-1]._view is not None:
            family.append(family[-1]._view.base)
        if not any(isinstance(t, TensorBase) and t._needs_grad() for t in (*family, *others)):
            return False
        for tensor in family:
            if tensor._requires_grad and tensor._node is None:
                raise GradError(
                    f"{name}: {'a leaf' if tensor is self else 'a view of a leaf'} that requires gradients cannot be "
                    "changed in place while recording; wrap the change in nn.no_grad(), or change a clone()"
                )
        for tensor in family[:-1]:
            view: Any = tensor._view
            if not view.recorded:
                raise GradError(
                    f"{name}: a view that was made inside nn.no_grad() cannot be changed in place while recording; "
                    "make it while recording too, or change a clone()"
                )
            if view.several:
                raise GradError(
                    f"{name}: one of several views that a single call cut (split, chunk, unbind, iteration) cannot be "
                    "changed in place while recording; pick it by its index, x[i], or change a clone()"
                )
        return True


def _follow(tensor: TensorBase, node: Node | None) -> None:
    """Give a changed tensor its new history, and with it all that shares its memory."""
    _hang(tensor, node)
    root = _root(tensor)
    if root is not tensor:
        _hang(root, _put_back(root, tensor))
    for reference in list(tensor._memory().views or ()):  # each after what it is a view of
        other = reference()
        if other is not None and other is not tensor and _root(other) is root:
            view: Any = other._view
            if view.recorded:
                _hang(other, view.op(view.base, **view.attributes)._node)


def _hang(tensor: TensorBase, node: Node | None) -> None:
    """The tensor was made by this node from now on; what `retain_grad` asked for goes along, other hooks stay."""
    before, tensor._node = tensor._node, node
    if before is not None and node is not None and before.hooks and LAST in before.hooks:
        node.hooks = {**(node.hooks or {}), LAST: before.hooks.pop(LAST)}


def places_in_root(part: TensorBase) -> Any:
    """The number of each element of a view among those of the tensor that it is a view of, in row-major order."""
    views: list[View] = []  # the steps from the root to the part, the last one first
    root = part
    while root._view is not None:
        views.append(root._view)
        root = root._view.base
    places = np.arange(root._array.size).reshape(root._array.shape)
    for view in reversed(views):
        places = view.op.kernel(places, **view.attributes)
    return places


def _put_back(root: TensorBase, part: TensorBase) -> Node | None:
    """The node of `root` with its view set to `part`: the memory is so already, the history is to follow."""
    view = part._view
    if view is not None and view.base is root and view.op is indexing.getitem:
        return indexing.setitem.record(root._array, root, part, **view.attributes)
    flat = indexing.setitem(shape.reshape(root, shape=(-1,)), part, index=places_in_root(part))
    result: TensorBase = shape.reshape(flat, shape=root._array.shape)
    return result._node


def _made_writeable(tensor: TensorBase) -> bool:
    """Whether a part of an expanded tensor can be written to after all: where it holds no element twice."""
    array = tensor._array
    repeats = any(stride == 0 and length > 1 for stride, length in zip(array.strides, array.shape, strict=True))
    if repeats or tensor._view is None or not _root(tensor)._array.flags.writeable:
        return False
    try:
        array.flags.writeable = True
    except ValueError:  # NumPy does not know whose memory it is
        return False
    return True


def _root(tensor: TensorBase) -> TensorBase:
    while tensor._view is not None:
        tensor = tensor._view.base
    return tensor


def _unfit(name: str, value: Any, target: Any, error: Exception) -> Exception:
    """The error to raise in the place of NumPy's, about a value that cannot be written into an array."""
    if "slice" in str(error):
        return wrong_index(target.shape, error)
    if _is_no_number(value) or (not isinstance(value, np.ndarray) and "broadcast" not in str(error)):
        return DtypeError(f"{name}: expected a tensor or a number, got {value!r}")
    place = re.search(r"into shape (\(.*\))", str(error))
    inside = f"a place of shape {place[1]} in a tensor of {target.shape}" if place else f"{target.shape}"
    return ShapeError(f"{name}: a value of shape {np.shape(value)} does not fit into {inside}; make the shapes equal")


def _is_no_number(value: Any) -> bool:
    """Whether it is, or holds, text, None, complex numbers or dates."""
    if not isinstance(value, str | bytes | complex | list | tuple | np.ndarray | np.generic):
        return False
    try:
        return np.asarray(value).dtype.kind not in "fiub"
    except ValueError:  # lists of several lengths
        return False


def _refuse_misfit(name: str, result: Any, target: TensorBase) -> None:
    """A result that does not fit into the tensor it is to replace."""
    array = target._array
    if result._array.shape != array.shape:
        raise ShapeError(
            f"{name}: a result of shape {result._array.shape} does not fit into a tensor of shape {array.shape}; "
            "leave the _ out to get a new tensor"
        )
    integers = result._array.dtype.kind in "iu" and array.dtype.kind in "iu"  # whose bytes are cut off, as PyTorch's
    if not integers and not np.can_cast(result._array.dtype, array.dtype, "same_kind"):
        raise DtypeError(
            f"{name}: a result of {result._array.dtype} cannot be kept in a tensor of {array.dtype}; use .to() first"
        )


def replacing(function: Callable[..., Any], name: str | None = None) -> Callable[..., Any]:
    """The function that puts the result of `function` in place of the elements of its first tensor.

    It is what `x.exp_()` is to `x.exp()`, and what a function does that is called with `inplace=True`.
    """
    name = name or f"{function.__name__}_"

    def replace(self: Any, *args: Any, **named: Any) -> Any:
        if self._recorded(name, *args, *named.values()):
            return self._replace(name, function, *args, **named)
        result = function(self, *args, **named)
        _refuse_misfit(name, result, self)
        return self._overwrite(name, ..., result)

    replace.__name__, replace.__doc__ = name, f"As `{function.__name__}`, in place."
    vars(replace)["__wrapped__"] = function  # for `help` and editors: it takes the same arguments
    return replace


def turning(function: Callable[..., Any], name: str | None = None) -> Callable[..., Any]:
    """The method that makes its tensor another view of its own memory: what `x.t_()` is to `x.t()`."""
    name = name or f"{function.__name__}_"

    def turn(self: Any, *args: Any, **named: Any) -> Any:
        self._recorded(name)
        before = wrap(self._array, self._node)
        before._shared, before._view = self._memory(), self._view
        with nullcontext() if mode.grad or before._node is None else enable_grad():  # the history turns along
            result = function(before, *args, **named)
        if result is not before:
            for other in (reference() for reference in self._memory().views or ()):
                if other is not None and other._view.base is self:
                    other._view = other._view._replace(base=before)
            self._array, self._node, self._view = result._array, result._node, result._view._replace(recorded=True)
            self._memory().remember(self)
        return self

    turn.__name__, turn.__doc__ = name, f"As `{function.__name__}`, in place."
    return turn
