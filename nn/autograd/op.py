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

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from nn.autograd.samples import Draw, Sample
from nn.autograd.tape import Array, Node, TensorBase, clock, mode, wrap
from nn.errors import ShapeError

__all__ = ["Op", "Rule", "registry"]

registry: dict[str, Op] = {}
"""Every op by its name, in order of declaration."""


class Rule:
    """A vector-Jacobian product: maps the gradient by the result to the gradient by one operand."""

    __slots__ = ("_readers", "_takes_attributes", "function", "keeps", "keeps_result")

    def __init__(self, function: Callable[..., Any], owner: str, op: Op) -> None:
        self.function = function
        self.keeps: set[int] = set()
        self.keeps_result = False
        self._takes_attributes = False
        self._readers: list[tuple[str, Any]] = []
        for parameter in inspect.signature(function).parameters.values():
            name = parameter.name
            if parameter.kind is parameter.VAR_KEYWORD:
                self._takes_attributes = True
            elif name in op.operands:
                index = op.operands.index(name)
                self.keeps.add(index)
                self._readers.append(("operand", index))
            elif name == ("u" if "g" in op.operands else "g"):
                self._readers.append(("g", None))
            elif name == "y":
                self.keeps_result = True
                self._readers.append(("y", None))
            elif name == f"{owner}_shape":
                self._readers.append(("shape", op.operands.index(owner)))
            elif name == "position" and op.variadic:
                self._readers.append(("position", None))
            elif name in op.defaults or name in op.saves:
                self._readers.append(("attribute", name))
            else:
                raise TypeError(f"{op.name}: the rule of {owner} names {name!r}, which is no operand or attribute")

    def __call__(self, g: Any, y: Any, node: Node, operands: tuple[Any, ...], position: int) -> Any:
        """Run the rule: on arrays, or on tensors."""
        values = []
        for kind, key in self._readers:
            if kind == "g":
                values.append(g)
            elif kind == "operand":
                values.append(operands[key])
            elif kind == "y":
                values.append(y)
            elif kind == "shape":
                values.append(edge_shape(node.edges[key]))
            elif kind == "position":
                values.append(position)
            else:
                values.append(node.attributes[key] if key in node.attributes else node.op.defaults[key])
        if self._takes_attributes:
            read = {key for kind, key in self._readers if kind == "attribute"}
            named = {k: v for k, v in node.attributes.items() if k not in node.op.saves and k not in read}
            return self.function(*values, **named)
        return self.function(*values)


def edge_shape(edge: Any) -> tuple[int, ...]:
    """The shape of the operand that the edge leads to."""
    return edge.shape if edge.__class__ is Node else edge._array.shape  # type: ignore[no-any-return]


class Op:
    """A differentiable operation. Calling it with tensors records it; with plain arrays it just runs the kernel.

    Args:
        kernel: arrays in, array out; takes `out=`.
        vjp: a rule for each differentiable operand, by the operand's name. An operand without one is constant.
        samples: inputs to test with; an op without samples cannot be declared.
        prepare: brings the arrays to a common type before the kernel sees them (type promotion).
        saves: names of by-products: the kernel then returns `(result, by-product, ...)`.
        view: whether the result shares memory with the first operand.
        name: if not the kernel's own.
    """

    def __init__(
        self,
        kernel: Callable[..., Any],
        *,
        samples: Callable[[Draw], Iterable[Sample]],
        vjp: Mapping[str, Callable[..., Any]] | None = None,
        prepare: Callable[..., tuple[Any, ...]] | None = None,
        saves: tuple[str, ...] = (),
        view: bool = False,
        name: str | None = None,
        operands: tuple[str, ...] | None = None,
    ) -> None:
        self.name = name or kernel.__name__
        self.kernel = kernel
        self.samples = samples
        self.prepare = prepare
        self.saves = saves
        self.view = view
        self.defaults: dict[str, Any] = {}
        self.variadic = False
        if operands is None:
            parameters = inspect.signature(kernel).parameters.values()
            self.variadic = any(p.kind is p.VAR_POSITIONAL for p in parameters)
            operands = tuple(p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.VAR_POSITIONAL))
            self.defaults = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY and p.name != "out"}
        self.operands = operands
        self.vjp = {name: Rule(rule, name, self) for name, rule in (vjp or {}).items()}
        if unknown := set(self.vjp) - set(operands):
            raise TypeError(f"{self.name}: rules for {sorted(unknown)}, which are no operands; it has {operands}")
        self._rules = tuple(self.vjp.get(name) for name in operands)
        self.__doc__ = kernel.__doc__
        if self.name in registry:
            raise ValueError(f"an op named {self.name!r} is declared already")
        registry[self.name] = self

    def rules(self, count: int) -> tuple[Rule | None, ...]:
        """The rule of each of `count` operands; an op of any number of operands has one rule for them all."""
        return self._rules * count if self.variadic else self._rules

    def __repr__(self) -> str:
        return f"<Op {self.name}({', '.join(self.operands)})>"

    def __call__(self, *operands: Any, **attributes: Any) -> Any:
        """Run the kernel on the operands' arrays, and record the call if an operand requires gradients."""
        arrays = []
        tensors = records = False
        for operand in operands:
            if isinstance(operand, TensorBase):
                tensors = True
                if operand._requires_grad:
                    records = True
                operand = operand._array
            arrays.append(operand)
        if self.prepare is not None:
            arrays = self.prepare(*arrays)  # type: ignore[assignment]
        try:
            result = self.kernel(*arrays, **attributes)
        except ValueError as error:
            raise self._misfit(arrays, attributes, error) from error
        if self.saves:
            result, *saved = result
        if not tensors:
            return result
        if records and mode.grad and self.vjp:
            if self.saves:
                attributes.update(zip(self.saves, saved, strict=True))
            tensor = self._record(operands, attributes, result)
        else:
            tensor = wrap(result)
        if self.view and isinstance(operands[0], TensorBase):
            tensor._touched = operands[0]._touched
            if tensor._node is not None:
                tensor._node.touched = tensor._touched
        return tensor

    def _misfit(self, arrays: Sequence[Any], attributes: Mapping[str, Any], error: ValueError) -> Exception:
        """NumPy's complaint about shapes or axes, with the op, the shapes and the attributes that it was about."""
        operands = " and ".join(str(getattr(a, "shape", a)) for a in arrays)
        given = "".join(f", {k}={v!r}" for k, v in attributes.items())
        kind = IndexError if isinstance(error, IndexError) else ShapeError
        return kind(f"{self.name}: operands of shape {operands}{given} do not fit: {error}; reshape them first")

    def _record(self, operands: tuple[Any, ...], attributes: dict[str, Any], result: Array) -> Any:
        """Wrap the result with the node that made it."""
        edges: list[Any] = []
        keeps: set[int] = set()
        keeps_result = False
        for operand, rule in zip(operands, self.rules(len(operands)), strict=False):
            if rule is not None and isinstance(operand, TensorBase) and operand._requires_grad:
                edges.append(operand._node or operand)
                keeps |= rule.keeps
                keeps_result |= rule.keeps_result
            else:
                edges.append(None)
        node = Node()
        node.op = self
        node.saved = tuple([operand if i in keeps else None for i, operand in enumerate(operands)])
        node.attributes = attributes
        node.edges = tuple(edges)
        node.order = clock()
        node.hooks = None
        node.freed = False
        tensor = wrap(result, node)
        result = tensor._array
        node.result = result if keeps_result else None
        node.touched = tensor._touched
        node.shape = result.shape
        node.dtype = result.dtype
        return tensor
