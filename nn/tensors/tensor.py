"""Tensor: what it is, its operators, and how it leaves the tape.

Its in-place methods and NumPy's protocols are in the bases below it (`in_place.py`, `interop.py`); all other methods
are the functions of this folder, which declare themselves with `@method`.
"""

from __future__ import annotations

import functools
import warnings
import weakref
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from nn import settings
from nn.autograd import hooks, tape
from nn.autograd.backward import backward
from nn.autograd.cutting import cut
from nn.autograd.hooks import LAST, RemovableHandle
from nn.autograd.mode import constant, mode
from nn.autograd.tape import TensorBase, wrap
from nn.errors import DtypeError, GradError, ShapeError
from nn.ops import indexing
from nn.tensors import place as places
from nn.tensors.arguments import as_dtype, converted, fitting, require_float
from nn.tensors.interop import Interop
from nn.tensors.operators import is_numbers
from nn.tensors.place import Size, require_here
from nn.tensors.printing import followed, written

if TYPE_CHECKING:
    from nn.tensors.place import Unpack

__all__ = ["Tensor", "as_tensor", "asarray", "from_numpy", "tensor"]

Function = TypeVar("Function", bound=Callable[..., Any])


class Tensor(Interop):
    """A NumPy array that remembers how it was computed, so that gradients can flow back through it.

    Make one with `nn.tensor`. Names, arguments, shapes and types are those of `torch.Tensor` on a CPU; `.dtype` is a
    NumPy dtype and `.shape` a tuple.

    Example:
        >>> import nn
        >>> x = nn.tensor([1.0, 2.0, 3.0], requires_grad=True)
        >>> y = (x * x).sum()
        >>> y.backward()
        >>> x.grad
        tensor([2., 4., 6.])
    """

    __slots__ = ()

    def __init__(self, *data: Any, device: Any = None) -> None:
        require_here({"device": device}, "Tensor")
        if data and all(isinstance(length, int | np.integer) for length in data):
            self._array = np.zeros(data, settings.default_dtype)  # Tensor(2, 3): lengths, as in PyTorch
        else:
            self._array = tensor(data[0] if data else (), settings.default_dtype)._array
        self._node = None

    # -- what it is ---------------------------------------------------------------------------------------------------
    @property
    def shape(self) -> Size:
        """The length of each axis."""
        return Size(self._array.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The element type, a NumPy dtype."""
        return self._array.dtype

    @property
    def device(self) -> places.device:
        """The CPU, where all tensors are."""
        return places.CPU

    @property
    def is_cuda(self) -> bool:
        """False."""
        return False

    @property
    def itemsize(self) -> int:
        """The bytes of one element."""
        return self._array.itemsize

    @property
    def nbytes(self) -> int:
        """The bytes of all elements."""
        return self._array.nbytes

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self._array.ndim

    @property
    def T(self) -> Tensor:
        """The axes in reverse order."""
        return self.permute(tuple(reversed(range(self.ndim))))

    @property
    def mT(self) -> Tensor:
        """The last two axes exchanged."""
        if self.ndim == 1:
            raise ShapeError(f"mT: expected at least 2 axes, got shape {self.shape}; use unsqueeze first")
        return self.transpose(-2, -1) if self.ndim else self

    @property
    def H(self) -> Tensor:
        """A matrix transposed (and conjugated, which changes no real number)."""
        if self.ndim not in (0, 2):
            raise ShapeError(f"H: expected a matrix, got shape {self.shape}; use mH for many matrices")
        return self.T

    @property
    def mH(self) -> Tensor:
        """As `mT`."""
        return self.mT

    @property
    def real(self) -> Tensor:
        """The tensor itself, all of whose numbers are real."""
        return self

    @property
    def data(self) -> Tensor:
        """The same memory without its history, as `detach()`."""
        return self.detach()

    @data.setter
    def data(self, value: Any) -> None:
        if not isinstance(value, TensorBase):
            raise TypeError(f"data: expected a tensor, got {type(value).__name__}; use nn.tensor(...)")
        if self._needs_grad():
            require_float(value._array.dtype, "data")
        self._touch()  # for the graphs that have saved what was here before
        self._array, self._shared, self._view = value._array, value._memory(), None
        self._touch()

    @property
    def grad(self) -> Any:
        """The gradient that `backward` has added up here, of this tensor's shape and dtype; None before."""
        return self._grad

    @grad.setter
    def grad(self, value: Any) -> None:
        if value is not None:
            self._refuse_as_gradient(value)
        self._grad = value

    @grad.deleter
    def grad(self) -> None:
        self._grad = None

    def _refuse_as_gradient(self, value: Any) -> None:
        """An optimiser would broadcast or cast what does not fit, in silence."""
        if not isinstance(value, TensorBase):
            raise TypeError(f"grad: expected a tensor or None, got {type(value).__name__}; use nn.tensor(...)")
        if value is self:
            raise GradError("grad: a tensor cannot be its own gradient; assign a copy, as clone() makes it")
        if value._array.shape != self.shape:
            raise ShapeError(f"grad: expected the tensor's shape {self.shape}, got {value._array.shape}; reshape it")
        if value._array.dtype != self.dtype:
            raise DtypeError(f"grad: expected the tensor's dtype {self.dtype}, got {value._array.dtype}; use .to()")

    @property
    def grad_fn(self) -> tape.Node | None:
        """The node that made this tensor; None for a leaf."""
        return self._node

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded op made this tensor."""
        return self._node is None

    @property
    def requires_grad(self) -> bool:
        """Whether `backward` brings a gradient here, or through here."""
        return self._needs_grad()

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        self.requires_grad_(value)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Set whether this leaf requires a gradient; returns self."""
        if not requires_grad and self._node is not None:
            raise GradError("requires_grad: this tensor was computed from others and cannot be switched; use detach()")
        if requires_grad:
            require_float(self.dtype, "requires_grad")
        self._requires_grad = requires_grad
        return self

    def size(self, dim: int | None = None) -> Any:
        """The shape, or the length of one axis."""
        return self.shape if dim is None else self.shape[dim]

    def dim(self) -> int:
        """The number of axes."""
        return self.ndim

    def numel(self) -> int:
        """The number of elements."""
        return int(self._array.size)

    def __len__(self) -> int:
        if not self.ndim:
            raise TypeError("len() of a tensor without axes")
        return len(self._array)

    def __iter__(self) -> Iterator[Tensor]:
        if not self.ndim:
            raise TypeError("iteration over a tensor without axes")
        return iter(cut(indexing.getitem, self, [dict(index=(i,)) for i in range(len(self))]))

    __hash__ = object.__hash__  # by identity, though == compares the elements

    def __repr__(self) -> str:
        extra = []
        if not self._array.size and self.ndim != 1:
            extra.append(f"size={tuple(self.shape)}")
        if self.dtype not in (settings.default_dtype, np.int64, np.bool_):
            extra.append(f"dtype={settings.printing['library']}{self.dtype}")
        if self._node is not None:
            extra.append(f"grad_fn=<{self._node.name()}>")
        elif self._requires_grad:
            extra.append("requires_grad=True")
        return followed(f"tensor({written(self._array)}", extra) + ")"

    def __format__(self, spec: str) -> str:
        if self.ndim and spec:
            raise TypeError(f"format: {spec!r} is for one number, got a tensor of shape {self.shape}; leave it out")
        return format(self.item() if not self.ndim else self.__repr__(), spec)

    # -- out of the tape ----------------------------------------------------------------------------------------------
    def item(self) -> int | float | bool:
        """The one element as a Python number."""
        if self._array.size != 1:
            raise RuntimeError(f"item: expected one element, got {self._array.size} in a tensor of shape {self.shape}")
        _left("item")
        return self._array.item()

    def tolist(self) -> Any:
        """The elements as nested lists of Python numbers."""
        _left("tolist")
        return self._array.tolist()

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __index__(self) -> int:
        if self.dtype.kind not in "iu":
            raise TypeError(f"only an integer tensor can be an index, this one is {self.dtype}")
        return int(self.item())

    def __bool__(self) -> bool:
        if self._array.size != 1:
            raise RuntimeError(f"bool: a tensor of shape {self.shape} is neither true nor false; use .any() or .all()")
        return bool(mode.quiet(self._array.item))

    def __contains__(self, value: Any) -> bool:
        if not is_numbers(value):
            raise DtypeError(f"in: expected a number or a tensor to look for, got {type(value).__name__}")
        _left("in")
        return bool((self._array == (value._array if isinstance(value, TensorBase) else value)).any())

    def detach(self) -> Tensor:
        """The same memory without its history."""
        other: Tensor = wrap(self._array)
        other._shared = self._memory()
        return other

    def detach_(self) -> Tensor:
        """Cut this tensor off from its history, in place; returns self."""
        if self._view is not None:
            raise GradError("detach_: this tensor is a view, whose history is that of its base; use detach()")
        self._node, self._requires_grad = None, False
        return self

    def __deepcopy__(self, memo: dict[Any, Any]) -> Tensor:
        if self._node is not None:
            raise RuntimeError("deepcopy: only leaf tensors can be copied deeply; detach() first")
        other = _rebuild(type(self), self._array.copy(), self._requires_grad)
        other.grad = None if self.grad is None else self.grad.clone()
        memo[id(self)] = other
        return other

    def __reduce__(self) -> Any:
        if self._node is not None:
            raise RuntimeError("pickle: only leaf tensors can be pickled; detach() first")
        return _rebuild, (type(self), self._array, self._requires_grad)

    # -- gradients ----------------------------------------------------------------------------------------------------
    def backward(
        self, gradient: Any = None, retain_graph: Any = None, create_graph: Any = False, inputs: Any = None
    ) -> None:
        """Add the gradient of this tensor with respect to every leaf to that leaf's `.grad`.

        Args:
            gradient: the gradient by this tensor, of its shape; None for a scalar, where it is 1.
            retain_graph: keep what the graph has saved, for another backward. Default: `create_graph`.
            create_graph: record the gradients too, so that they can be differentiated again.
            inputs: the tensors whose `.grad` is added to; None for every leaf.

        Raises:
            GradError: nothing here requires gradients; not a scalar; the graph was used up; data was changed in place.

        Example:
            >>> import nn
            >>> w = nn.tensor([3.0, -1.0], requires_grad=True)
            >>> (w**2).sum().backward()
            >>> w.grad
            tensor([ 6., -2.])
        """
        backward(self, gradient, retain_graph, create_graph, inputs=inputs)

    def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> RemovableHandle:
        """Call `hook` with the gradient by this tensor when it is known; what it returns (if not None) replaces it.

        The backward refuses what is not of the gradient's shape and dtype.

        Returns:
            A handle whose `remove()` takes the hook away.
        """
        if not self._needs_grad():
            raise GradError("register_hook: this tensor does not require gradients, so none will come by")
        owner: Any = self if self._node is None else self._node
        name = "_hooks" if self._node is None else "hooks"
        if getattr(owner, name) is None:
            setattr(owner, name, {})
        return RemovableHandle(getattr(owner, name), hook)

    def register_post_accumulate_grad_hook(self, hook: Callable[[Tensor], None]) -> RemovableHandle:
        """Call `hook` with this leaf in each backward, as soon as all of it has been added to its `.grad`.

        The rest of the backward may still be under way: an update made here frees the gradient early.

        Returns:
            A handle whose `remove()` takes the hook away.

        Example:
            >>> import nn
            >>> w = nn.tensor(1.0, requires_grad=True)
            >>> with w.register_post_accumulate_grad_hook(lambda w: print(w.grad)):
            ...     (3 * w).backward()
            tensor(3.)
        """
        if self._node is not None or not self._requires_grad:
            raise GradError("register_post_accumulate_grad_hook: expected a leaf that requires gradients")
        if self._after is None:
            self._after = {}
        hooks.awaited = True
        return RemovableHandle(self._after, hook)

    def retain_grad(self) -> None:
        """Keep the gradient by this tensor in `.grad`, although it is not a leaf."""
        if not self._needs_grad():
            raise GradError("retain_grad: this tensor does not require gradients, so none will come by")
        if self._node is not None:
            own = weakref.ref(self)

            def keep(g: Tensor) -> None:
                tensor = own()
                if tensor is not None:
                    tensor.grad = g.clone() if tensor.grad is None else tensor.grad + g

            self._node.hooks = self._node.hooks or {}
            self._node.hooks[LAST] = keep

    @property
    def retains_grad(self) -> bool:
        """Whether `retain_grad` was called, so that `.grad` will be kept although this is not a leaf."""
        return self._node is not None and LAST in (self._node.hooks or {})

    # -- elements -----------------------------------------------------------------------------------------------------
    def __getitem__(self, index: Any) -> Tensor:
        first, then = indexing.steps(indexing.plain_index(index))
        picked: Tensor = indexing.getitem(self, index=first)
        return picked if then is None else indexing.getitem(picked, index=then)


def _left(caller: str) -> None:
    """Values leave the tape: what is computed of them, no recorder can see."""
    if mode.recorder is not None:
        mode.recorder.refuse(f"{caller} takes values out of the tape")


tape.register_tensor_class(Tensor)


def tensor(
    data: Any, dtype: DTypeLike | None = None, requires_grad: bool = False, **place: Unpack[places.Place]
) -> Tensor:
    """Make a tensor from numbers, nested lists, an array or a tensor; the data is copied.

    Args:
        data: Python floats become float32, integers int64; an array or a tensor keeps its dtype.
        dtype: the element type; None for the above.
        requires_grad: whether `backward` shall bring a gradient here.
        place: `device` and the like; see `nn.device`.

    Raises:
        DtypeError: the data are no numbers, or an integer tensor is asked for gradients.

    Example:
        >>> import nn
        >>> nn.tensor([[1, 2], [3, 4]]).shape
        (2, 2)
        >>> nn.tensor(2.5, dtype=nn.float64)
        tensor(2.5000, dtype=float64)
    """
    if place:
        require_here(place, "tensor")
    held: list[TensorBase] = []
    if isinstance(data, TensorBase):
        data = data._array
    elif isinstance(data, list | tuple):
        numbers = _without_tensors(data, held)
        if held and dtype is None:
            dtype = _common(_dtypes(data))
        data = numbers
    try:
        array = np.array(data)
    except ValueError:
        raise ShapeError(
            f"tensor: nested lists must be equally long, got {_shortened(data)}; pad or cut them"
        ) from None
    if array.dtype.kind not in "fiub" and not _holds_numbers(array):  # text, None, complex numbers, dates
        raise DtypeError(f"tensor: expected numbers, got {_shortened(data)}")
    if not held and not _speaks_numpy(data):
        constant(array)
    elif (
        dtype is None and not held and isinstance(data, list | tuple)
    ):  # NumPy's numbers keep their width beside others
        dtype = _common(_dtypes(data)) if array.size else None
    dtype = None if dtype is None else as_dtype(dtype)
    target = np.dtype(np.int64) if dtype is None and array.dtype.kind in "uO" else dtype  # what int64 cannot hold
    if target is not None and target.kind in "iu" and array.size and _holds_numbers(array) and not _speaks_numpy(data):
        for bound in (array.min(), array.max()):  # of nan both are nan
            fitting(bound, target, "tensor")
    if dtype is not None:
        array = converted(array, dtype)
    elif array.dtype == np.float64 and not _speaks_numpy(data):
        array = converted(array, settings.default_dtype)
    if array.dtype.kind not in "fiub":
        raise DtypeError(f"tensor: expected numbers, got {_shortened(data)}")
    if requires_grad:
        require_float(array.dtype, "tensor")
    result: Tensor = wrap(array, requires_grad=requires_grad)
    return result


def _shortened(data: Any) -> str:
    text = repr(data)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _holds_numbers(array: NDArray[Any]) -> bool:
    return array.dtype.kind in "iuf" or (array.dtype == object and all(isinstance(item, int) for item in array.flat))


def _speaks_numpy(data: Any) -> bool:
    """Whether the numbers are NumPy's, which keep their dtype, and not Python's."""
    return (
        _speaks_numpy(data[0]) if isinstance(data, list | tuple) and data else isinstance(data, np.ndarray | np.generic)
    )


def _without_tensors(data: Any, held: list[TensorBase]) -> Any:
    """Nested lists with numbers for the tensors in them, which are put into `held`."""
    if isinstance(data, list | tuple):
        return [_without_tensors(item, held) for item in data]
    if not isinstance(data, TensorBase):
        return data
    if data._array.size != 1:
        raise ShapeError(
            f"tensor: expected numbers, or tensors of one element, in the list, got a tensor of shape "
            f"{data._array.shape}; put tensors together with nn.stack or nn.cat"
        )
    if data._needs_grad():
        message = "tensor: a list holds a tensor that requires gradients, which do not follow; use nn.stack"
        warnings.warn(message, UserWarning, stacklevel=3)
    held.append(data)
    return data._array.item()


def _dtypes(data: Any) -> set[np.dtype[Any]]:
    """The dtypes of all tensors, arrays and numbers in nested lists."""
    if isinstance(data, list | tuple):
        return set().union(*map(_dtypes, data))
    if isinstance(data, TensorBase | np.ndarray | np.generic):
        return {data.dtype}  # type: ignore[union-attr]
    return {settings.default_dtype if isinstance(data, float) else np.asarray(data).dtype}


def _common(dtypes: set[np.dtype[Any]]) -> np.dtype[Any]:
    """Floats win over integers and those over booleans, whatever their width; among them the widest wins."""
    for kinds in ("f", "iu", "b"):
        if winners := [dtype for dtype in dtypes if dtype.kind in kinds]:
            return functools.reduce(np.promote_types, winners)
    return settings.default_dtype


def as_tensor(data: Any, dtype: DTypeLike | None = None, **place: Unpack[places.Place]) -> Tensor:
    """`data` as a tensor; a tensor is returned as it is and an array is shared, unless the dtype has to change."""
    if place:
        require_here(place, "as_tensor")
    if isinstance(data, Tensor):
        return data if dtype is None else data.to(dtype)
    if isinstance(data, np.ndarray) and (dtype is None or data.dtype == dtype):
        return from_numpy(data)
    return tensor(data, dtype)


asarray = as_tensor


def from_numpy(array: NDArray[Any]) -> Tensor:
    """A tensor that shares the array's memory.

    Raises:
        TypeError: not an array, or one whose elements are no real numbers.
    """
    if not isinstance(array, np.ndarray):
        raise TypeError(f"from_numpy: expected a NumPy array, got {type(array).__name__}; use nn.tensor")
    if array.dtype.kind not in "fiub":
        raise DtypeError(f"from_numpy: expected numbers, got an array of dtype {array.dtype}")
    result: Tensor = wrap(array)
    return result


def _rebuild(cls: type[Tensor], array: NDArray[Any], requires_grad: bool) -> Tensor:
    made = cls.__new__(cls)
    made._array, made._node, made._requires_grad = array, None, requires_grad
    return made
