"""An op: a kernel, one vector-Jacobian rule for each operand, and samples to test them with. And the registry of all.

A kernel takes arrays: its positional parameters are operands, its keyword-only ones attributes (never differentiated).
A rule takes what its parameters name, and what no rule names is not kept:

    x, weight ...         an operand, by the kernel's own name
    g                     the gradient by the result; `u` where the op has an operand g of its own (`*_backward`)
    y                     the result
    x_shape               the shape of operand x alone, in the rule of x (so that x itself need not be kept)
    stride, dim ...       an attribute; `**attributes` takes all that are not named
    position              which of the operands it is, where the kernel takes any number of them
    indices ...           a by-product of the kernel, declared in `saves`

Rules are written in ops and operators: one rule serves arrays (first order: fast) and tensors (higher orders).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from nn.autograd import tape
from nn.autograd.misfits import misfit
from nn.autograd.mode import mode
from nn.autograd.samples import Draw, Sample
from nn.autograd.tape import Node, TensorBase, View, tick, wrap
from nn.errors import FromZeroError

__all__ = ["Op", "Rule", "registry"]

Plan: TypeAlias = "tuple[frozenset[int] | None, frozenset[int] | None, bool]"

registry: dict[str, Op] = {}
"""Every op by its name, in order of declaration."""


class Rule:
    """A vector-Jacobian product: maps the gradient by the result to the gradient by one operand."""

    __slots__ = (
        "_attributes",
        "_defaults",
        "_pick",
        "_shape",
        "_slots",
        "_takes_all",
        "_takes_position",
        "function",
        "keeps",
        "keeps_result",
    )

    def __init__(self, function: Callable[..., Any], owner: str, op: Op) -> None:
        self.function = function
        self.keeps: frozenset[int] = frozenset()
        self.keeps_result = False
        self._slots: dict[str, int] = {}  # the place of each in (gradient, result, *operands)
        self._attributes: list[str] = []
        self._defaults = op.defaults
        self._shape: str | None = None  # the name that the shape of the operand has
        self._takes_position = False
        positional, keywords, _, self._takes_all = _parameters(function)
        for name in positional + keywords:
            if name in op.operands:
                index = op.operands.index(name)
                self.keeps |= {index}
                self._slots[name] = 2 + index
            elif name == ("u" if "g" in op.operands else "g"):
                self._slots[name] = 0
            elif name == "y":
                self.keeps_result = True
                self._slots[name] = 1
            elif name == f"{owner}_shape":
                self._shape = name
            elif name == "position" and op.variadic:
                self._takes_position = True
            elif name in op.defaults or name in op.saves:
                self._attributes.append(name)
            else:
                raise TypeError(f"{op.name}: the rule of {owner} names {name!r}, which is no operand or attribute")
        self._pick: Callable[[Sequence[Any]], Sequence[Any]] | None = None  # of a rule that names slots alone
        if self._slots and not (self._attributes or self._shape or self._takes_position or self._takes_all):
            first, *others = self._slots.values()
            self._pick = operator.itemgetter(first, *others) if others else operator.itemgetter(slice(first, first + 1))

    def __call__(self, slots: Sequence[Any], node: Node, position: int) -> Any:
        """Run the rule on (gradient, result, *operands): all arrays, or all tensors."""
        if self._pick is not None:
            return self.function(*self._pick(slots))
        attributes = node.attributes
        named: dict[str, Any] = {}
        for name, place in self._slots.items():
            named[name] = slots[place]
        for name in self._attributes:
            named[name] = attributes[name] if name in attributes else self._defaults[name]
        if self._shape is not None:
            named[self._shape] = edge_shape(node.edges[position])
        if self._takes_position:
            named["position"] = position
        if self._takes_all:
            named.update({k: v for k, v in attributes.items() if k not in named and k not in node.op.saves})
        return self.function(**named)


def _parameters(function: Callable[..., Any]) -> tuple[tuple[str, ...], tuple[str, ...], str | None, bool]:
    """Of a Python function: positional names, keyword-only names, the name behind *, and whether there is a **.

    (`inspect.signature` tells the same, but importing `inspect` takes as long as importing half of `nn`.)
    """
    code = getattr(function, "__wrapped__", function).__code__
    first, last = code.co_argcount, code.co_argcount + code.co_kwonlyargcount
    names = code.co_varnames
    any_number = names[last] if code.co_flags & 0x04 else None
    return names[:first], names[first:last], any_number, bool(code.co_flags & 0x08)


def _numbers(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers of those attributes that are tensors without axes."""
    held: dict[str, Any] = {name: value for name, value in attributes.items() if isinstance(value, TensorBase)}
    return {name: value.item() for name, value in held.items() if value.ndim == 0}


def _as_prepared(operands: tuple[Any, ...], arrays: Sequence[Any]) -> tuple[Any, ...]:
    """The operands, integers that became floats as those: a rule computes with what the kernel has computed with."""
    given = list(operands)
    for place, (operand, array) in enumerate(zip(operands, arrays, strict=True)):
        if isinstance(operand, TensorBase) and array is not operand._array and operand._array.dtype.kind != "f":
            given[place] = tape.wrap(array)
    return tuple(given)


def edge_shape(edge: Any) -> tuple[int, ...]:
    """The shape of the operand that the edge leads to."""
    return edge.shape if edge.__class__ is Node else edge._array.shape


class ForAll:
    """The one rule of an op of any number of operands: the same at every position."""

    __slots__ = ("rule",)

    def __init__(self, rule: Any = None) -> None:
        self.rule = rule

    def __getitem__(self, position: int) -> Any:
        return self.rule


_NESTS = np.lib.NumpyVersion(np.__version__) < "2.0.0"
"""Whether `quiet` may be called within itself, so that no error tells of a tensor among the attributes."""
_ARRAY, _new_object = np.ndarray, object.__new__
_new = tuple.__new__  # of a NamedTuple: half the time of its own constructor


class Op:
    """A differentiable operation. Calling it with tensors records it; with plain arrays it just runs the kernel.

    Args:
        kernel: arrays in, array out; takes `out=`.
        vjp: a rule for each differentiable operand, by the operand's name. An operand without one is constant.
        samples: inputs to test with; an op without samples cannot be declared.
        prepare: brings the arrays to a common type before the kernel sees them (type promotion).
        saves: names of by-products: the kernel then returns `(result, by-product, ...)`.
        name: if not the kernel's own.
        operands: their names, where the kernel is a NumPy function and has none to read.
        part: of an op whose result is a part of its operand: a function from the attributes to the index of that part
            (or None), and the op that puts the gradients of many parts together, called with `places` and `shape`.
    """

    def __init__(
        self,
        kernel: Callable[..., Any],
        *,
        samples: Callable[[Draw], Iterable[Sample]],
        vjp: Mapping[str, Callable[..., Any]] | None = None,
        prepare: Callable[..., tuple[Any, ...]] | None = None,
        saves: tuple[str, ...] = (),
        name: str | None = None,
        operands: tuple[str, ...] | None = None,
        part: tuple[Callable[..., Any], Callable[..., Any]] | None = None,
    ) -> None:
        self.name = name or kernel.__name__
        self.kernel = kernel
        self.samples = samples
        self.prepare = prepare
        self.saves = saves
        self.part = part
        self.defaults: dict[str, Any] = {}
        self.variadic = False
        if operands is None:
            positional, keywords, any_number, _ = _parameters(kernel)
            self.variadic = any_number is not None
            operands = positional if any_number is None else (any_number,)
            given = getattr(kernel, "__wrapped__", kernel).__kwdefaults__ or {}
            self.defaults = {name: given.get(name) for name in keywords if name != "out"}
        self.operands = operands
        self.vjp = {name: Rule(rule, name, self) for name, rule in (vjp or {}).items()}
        if unknown := set(self.vjp) - set(operands):
            raise TypeError(f"{self.name}: rules for {sorted(unknown)}, which are no operands; it has {operands}")
        self._plans: dict[int, Plan] = {}
        rules = tuple(self.vjp.get(name) for name in operands)
        self.rules: Sequence[Rule | None] | ForAll = ForAll(*rules) if self.variadic else rules
        """By position: the rule of each operand."""
        self.__doc__ = kernel.__doc__
        if self.name in registry:
            raise ValueError(f"an op named {self.name!r} is declared already")
        registry[self.name] = self

    def __repr__(self) -> str:
        return f"<Op {self.name}({', '.join(self.operands)})>"

    def __call__(self, *operands: Any, **attributes: Any) -> Any:
        """Run the kernel on the operands' arrays, and record the call if an operand requires gradients."""
        for operand in operands:
            if isinstance(operand, TensorBase):
                break
        else:  # a rule at work on arrays
            result = self.kernel(*operands, **attributes)
            return result[0] if self.saves else result
        if _NESTS:
            attributes.update(_numbers(attributes))
        arrays: Any = []
        edges: list[Any] = []
        needs, bit = 0, 1  # the operands that need a gradient, as a set of bits
        for operand in operands:
            if isinstance(operand, TensorBase):
                edge: Any = operand._node
                if edge is not None:
                    needs += bit
                elif operand._requires_grad:
                    edge = operand
                    needs += bit
                arrays.append(operand._array)
                edges.append(edge)
            else:  # a NumPy scalar counts as a Python one, as in PyTorch
                arrays.append(operand.item() if isinstance(operand, np.generic) else operand)
                edges.append(None)
            bit += bit
        quiet, recording = mode.ways
        try:
            if self.prepare is not None:
                arrays = quiet(self.prepare, *arrays)
            result = quiet(self.kernel, *arrays, **attributes)
        except FromZeroError:
            raise
        except (ValueError, TypeError, OverflowError, IndexError) as error:
            given = [o._array if isinstance(o, TensorBase) else o for o in operands]  # as before they were prepared
            raise self._misfit(given, attributes, error) from error
        except RuntimeError:  # `quiet` within itself: the kernel met a tensor where a number is expected
            numbers = _numbers(attributes)
            if not numbers:
                raise
            return self(*operands, **{**attributes, **numbers})
        if self.saves:
            result, *saved = result
            attributes.update(zip(self.saves, saved, strict=True))
        tensor = _new_object(tape.tensor_class)
        tensor._array = array = result if result.__class__ is _ARRAY else np.asarray(result)
        tensor._node = None
        if array.base is not None or result is arrays[0]:
            self._note_view(tensor, operands, attributes, recording)
        if needs and recording and self.vjp and array.dtype.kind == "f":  # integers have no derivative
            if self.prepare is not None:
                operands = _as_prepared(operands, arrays)
            self._record(tensor, operands, edges, attributes, needs)
            if recording is not True:
                recording(tensor, operands)
        return tensor

    def record(self, result: Any, *operands: Any, **attributes: Any) -> Any:
        """The node of a call whose result was written in place already; None if it has no gradient to pass on."""
        edges = [
            (o._node or (o if o._requires_grad else None)) if isinstance(o, TensorBase) else None for o in operands
        ]
        needs = sum(1 << place for place, edge in enumerate(edges) if edge is not None)
        tensor = wrap(result)
        if needs and result.dtype.kind == "f":
            self._record(tensor, operands, edges, attributes, needs)
            if mode.grad not in (True, False):
                mode.grad(tensor, operands)  # type: ignore[operator]
        return tensor._node

    def _note_view(self, tensor: Any, operands: tuple[Any, ...], attributes: dict[str, Any], recording: Any) -> None:
        """Where the result reads the memory of an operand (a reshape or an index may have had to copy): say so."""
        array = tensor._array
        base = array.base
        for operand in operands:
            if isinstance(operand, TensorBase):
                other = operand._array
                # the first two tell nearly all views at once, without a look at addresses
                if base is other or (base is not None and base is other.base) or np.may_share_memory(array, other):
                    tensor._shared = memory = operand._shared or operand._memory()
                    tensor._view = _new(View, (operand, self, attributes, recording is not False, False))
                    memory.remember(tensor)
                    return

    def _misfit(self, arrays: Sequence[Any], attributes: Mapping[str, Any], error: Exception) -> Exception:
        """NumPy's complaint about shapes, axes or types, with the op and the operands that it was about."""
        return misfit(self.name, arrays, attributes, error)

    def _record(
        self, tensor: Any, operands: tuple[Any, ...], edges: list[Any], attributes: dict[str, Any], needs: int
    ) -> None:
        """Hang a node on the result: the edges, and what the rules that will run have named."""
        plan = self._plans.get(needs)
        if plan is None:
            plan = self._plan(needs, len(operands))
        has_rule, keeps, keeps_result = plan
        if has_rule is not None:
            edges = [edge if i in has_rule else None for i, edge in enumerate(edges)]
        tensor._node = node = Node()
        array = tensor._array
        node.op = self
        node.attributes = attributes
        node.edges = edges
        if keeps is None:
            node.saved = operands
        else:
            node.saved = [o if i in keeps else None for i, o in enumerate(operands)] if keeps else ()
        if keeps_result:
            node.result, node.memory = array, tensor._memory()
        node.order = tick()
        node.shape = array.shape
        node.dtype = array.dtype

    def _plan(self, needs: int, count: int) -> Plan:
        """Of the operands that need gradients: those with a rule, those to keep (None: all); and keep the result?"""
        rules = {i: rule for i in range(count) if needs >> i & 1 and (rule := self.rules[i]) is not None}
        keeps = frozenset[int]().union(*(rule.keeps for rule in rules.values()))
        plan: Plan = (
            None if len(rules) == needs.bit_count() else frozenset(rules),
            None if len(keeps) == count else keeps,
            any(rule.keeps_result for rule in rules.values()),
        )
        if not self.variadic:
            self._plans[needs] = plan
        return plan
