"""Derivatives of functions, as functions, with the names of `torch.func`.

Forward mode needs no second table of derivatives. A vector-Jacobian product is linear in its vector u, and its rules
are made of ops, so it can be differentiated by u like any other function: the derivative of <J^T u, v> by u is J v.

Arguments and results may be tensors or nested tuples, lists and dicts of tensors; transforms may be nested.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nn.autograd.backward import grad as gradients
from nn.autograd.backward import reachable
from nn.autograd.grad_mode import enable_grad
from nn.autograd.tape import Node
from nn.errors import GradError, ShapeError
from nn.func.trees import rebuilt as _rebuilt
from nn.func.trees import tensors as _leaves
from nn.ops.shape import reshape
from nn.tensors.creation import ones_like, zeros_like
from nn.tensors.joining import stack
from nn.tensors.tensor import Tensor

__all__ = ["functional_call", "grad", "grad_and_value", "hessian", "hvp", "jacfwd", "jacrev", "jvp", "linearize", "vjp"]

Argnums = int | tuple[int, ...]


def grad(func: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """The gradient of a scalar function by one of its arguments, or by several, as a function of the arguments.

    Args:
        func: returns one number as a tensor; with `has_aux` a pair, of which the first is differentiated.
        argnums: which arguments; a tuple gives a tuple of gradients.
        has_aux: return (gradient, second) then.

    Example:
        >>> import nn
        >>> slope = nn.func.grad(nn.sin)
        >>> slope(nn.tensor(0.0)), nn.func.grad(slope)(nn.tensor(0.0))
        (tensor(1.), tensor(-0.))
    """

    def gradient(*args: Any) -> Any:
        found, value = grad_and_value(func, argnums, has_aux)(*args)
        return (found, value[1]) if has_aux else found

    return gradient


def grad_and_value(func: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """As `grad`; the function returns (gradient, value), or with `has_aux` (gradient, (value, second)).

    Raises:
        GradError: the function returns more than one number.

    Example:
        >>> import nn
        >>> nn.func.grad_and_value(lambda x: (x**2).sum())(nn.tensor([1.0, 2.0]))
        (tensor([2., 4.]), tensor(5.))
    """

    def both(*args: Any) -> Any:
        point = _Point(func, args, argnums, has_aux)
        if len(point.outputs) != 1 or point.outputs[0].numel() != 1:
            shapes = [tuple(y.shape) for y in point.outputs]
            raise GradError(f"grad: the function must return one number, it returned {shapes}; use jacrev, or sum it")
        found = point.pull([ones_like(point.outputs[0])])
        return point.as_arguments(found), (point.value, point.aux) if has_aux else point.value

    return both


def vjp(func: Callable[..., Any], *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """The value, and the function that maps a vector u, shaped as the value, to the vector-Jacobian product u^T J.

    Returns:
        (value, function), and the second result too with `has_aux`; the function returns one product for each primal,
        as a tuple.

    Example:
        >>> import nn
        >>> value, pull = nn.func.vjp(nn.exp, nn.tensor([0.0, 1.0]))
        >>> pull(nn.tensor([1.0, 2.0]))
        (tensor([1.0000, 5.4366]),)
    """
    point = _Point(func, primals, tuple(range(len(primals))), has_aux)

    def pull(*cotangents: Any) -> Any:
        vectors = _leaves(cotangents[0] if len(cotangents) == 1 else cotangents)
        _alike(vectors, point.outputs, "vjp", "cotangent", "output")
        return point.as_arguments(point.pull(vectors))

    return (point.value, pull, point.aux) if has_aux else (point.value, pull)


def jvp(func: Callable[..., Any], primals: tuple[Any, ...], tangents: tuple[Any, ...], *, has_aux: bool = False) -> Any:
    """The value and the Jacobian-vector product J v, of `func` at `primals` in the direction `tangents`.

    Args:
        func: from tensors to a tensor, or to several.
        primals: the arguments, as a tuple.
        tangents: the direction v: of the primals' structure and shapes.
        has_aux: the function returns a pair, of which the second is passed on.

    Returns:
        (value, product), each as `func` returns it, and the second result too with `has_aux`.

    Raises:
        ShapeError: a tangent is not shaped as its primal.

    Example:
        >>> import nn
        >>> nn.func.jvp(nn.sin, (nn.tensor(0.0),), (nn.tensor(2.0),))
        (tensor(0.), tensor(2.))

    References:
        Townsend, A New Trick for Calculating Jacobian Vector Products, 2017.
    """
    point = _Point(func, primals, tuple(range(len(primals))), has_aux)
    vectors = _leaves(tangents)
    _alike(vectors, point.inputs, "jvp", "tangent", "primal")
    product = _rebuilt(point.structure, point.push(vectors))
    return (point.value, product, point.aux) if has_aux else (point.value, product)


def linearize(func: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[..., Any]]:
    """The value of `func` at `primals`, and its Jacobian there as a function of the direction: v -> J v.

    Example:
        >>> import nn
        >>> value, push = nn.func.linearize(nn.sin, nn.tensor(0.0))
        >>> value, push(nn.tensor(2.0))
        (tensor(0.), tensor(2.))
    """
    return func(*primals), lambda *tangents: jvp(func, primals, tangents)[1]


def jacrev(
    func: Callable[..., Any], argnums: Argnums = 0, *, has_aux: bool = False, chunk_size: int | None = None
) -> Callable[..., Any]:
    """The Jacobian, row by row in reverse mode: a backward for each element of the result.

    Args:
        func: from tensors to a tensor, or to several; with `has_aux` a pair, of which the first is differentiated.
        argnums: by which arguments; a tuple gives a tuple of Jacobians.
        has_aux: return (Jacobian, second) then.
        chunk_size: no effect, for the rows are computed one by one.

    Shape:
        Result shape + argument shape, for each pair of them.

    Example:
        >>> import nn
        >>> nn.func.jacrev(lambda x: x**2)(nn.tensor([1.0, 3.0]))
        tensor([[2., 0.],
                [0., 6.]])
    """

    def jacobian(*args: Any) -> Any:
        point = _Point(func, args, argnums, has_aux)
        blocks = []
        for number, y in enumerate(point.outputs):
            zeros = [zeros_like(other) for other in point.outputs]
            rows = [point.pull([*zeros[:number], unit, *zeros[number + 1 :]]) for unit in _units(y)]
            blocks.append(
                [
                    stack(column).reshape(*y.shape, *x.shape) if rows else x.new_zeros(*y.shape, *x.shape)
                    for x, column in zip(point.inputs, zip(*rows, strict=True) if rows else point.inputs, strict=True)
                ]
            )
        found = _rebuilt(point.structure, [point.as_arguments(row) for row in blocks])
        return (found, point.aux) if has_aux else found

    return jacobian


def jacfwd(
    func: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False, *, randomness: str = "error"
) -> Callable[..., Any]:
    """The Jacobian, column by column in forward mode: a push for each element of the argument.

    Args:
        func: from tensors to a tensor, or to several; with `has_aux` a pair, of which the first is differentiated.
        argnums: by which arguments; a tuple gives a tuple of Jacobians.
        has_aux: return (Jacobian, second) then.
        randomness: no effect, for the function is called once.

    Shape:
        Result shape + argument shape, for each pair of them.

    Example:
        >>> import nn
        >>> nn.func.jacfwd(lambda x: x.sum() * x)(nn.tensor([1.0, 3.0]))
        tensor([[5., 1.],
                [3., 7.]])
    """

    def jacobian(*args: Any) -> Any:
        point = _Point(func, args, argnums, has_aux)
        blocks: list[list[Any]] = [[] for _ in point.outputs]
        for number, x in enumerate(point.inputs):
            zeros = [zeros_like(other) for other in point.inputs]
            columns = [point.push([*zeros[:number], unit, *zeros[number + 1 :]]) for unit in _units(x)]
            for i, y in enumerate(point.outputs):
                column = [pushed[i] for pushed in columns]
                blocks[i].append(
                    stack(column, -1).reshape(*y.shape, *x.shape) if column else x.new_zeros(*y.shape, *x.shape)
                )
        found = _rebuilt(point.structure, [point.as_arguments(row) for row in blocks])
        return (found, point.aux) if has_aux else found

    return jacobian


def hessian(func: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """The second derivatives of a function, forward over reverse.

    Example:
        >>> import nn
        >>> nn.func.hessian(lambda x: (x**3).sum())(nn.tensor([1.0, 2.0]))
        tensor([[ 6.,  0.],
                [ 0., 12.]])
    """
    return jacfwd(jacrev(func, argnums), argnums)


def hvp(func: Callable[..., Any], primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> Any:
    """The Hessian of a scalar function times a vector, without the Hessian: forward over reverse.

    Args:
        func: returns one number.
        primals: the arguments, as a tuple.
        tangents: the vector: of the primals' structure and shapes.

    Returns:
        The product for each primal, as a tuple; for one primal the product alone.

    Example:
        >>> import nn
        >>> nn.func.hvp(lambda x: (x**3).sum(), (nn.tensor([1.0, 2.0]),), (nn.tensor([1.0, 1.0]),))
        tensor([ 6., 12.])
    """
    argnums: Argnums = tuple(range(len(primals))) if len(primals) > 1 else 0
    return jvp(grad(func, argnums), primals, tangents)[1]


def functional_call(
    module: Any,
    parameter_and_buffer_dicts: Any,
    args: Any = None,
    kwargs: Any = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """Call a module as if its parameters and buffers were those given; the module itself stays as it is.

    Args:
        module: a `Module`.
        parameter_and_buffer_dicts: tensors by the names of `state_dict`, or a sequence of such dicts; the module's own
            stand for what is not named.
        args: the argument, or a tuple of them.
        kwargs: keyword arguments.
        tie_weights: a tensor that the module holds under several names is replaced under all of them, whichever is
            given; otherwise only under the given name.
        strict: every parameter and buffer must be given (under one of its names).

    Raises:
        KeyError: the module has no parameter or buffer of that name.
        ValueError: a name is in several of the dicts, or names of one tied tensor are given different values.
        RuntimeError: with `strict`, a parameter or buffer is not given.

    Example:
        >>> import nn
        >>> layer = nn.Linear(2, 1, bias=False)
        >>> nn.func.functional_call(layer, {"weight": nn.tensor([[1.0, 2.0]])}, nn.tensor([3.0, 4.0]))
        tensor([11.])
    """
    owner, given = type(module).__name__, _named_values(parameter_and_buffer_dicts)
    places = {
        f"{path}.{name}" if path else name: (part.__dict__, name, value)
        for path, part in module.named_modules(remove_duplicate=False)
        for name, value in part.__dict__.items()
        if isinstance(value, Tensor)
    }
    for name in given:
        if name not in places:
            raise KeyError(f"functional_call: {owner} has no parameter or buffer {name!r}; it has {list(places)}")
    chosen = _tied(given, places) if tie_weights else given
    if strict:
        state = [*module.named_parameters(remove_duplicate=False), *module.named_buffers(remove_duplicate=False)]
        if missing := [name for name, _ in state if name not in chosen]:
            raise RuntimeError(f"functional_call: {owner} has {missing}, which are not given; pass strict=False")
    try:
        for name, value in chosen.items():
            own, last, _ = places[name]
            own[last] = value
        args = () if args is None else args if isinstance(args, tuple) else (args,)
        return module(*args, **(kwargs or {}))
    finally:
        for name in chosen:
            own, last, before = places[name]
            own[last] = before


def _named_values(dicts: Any) -> dict[str, Any]:
    """One dict of all; a name that several of them have is refused."""
    given: dict[str, Any] = {}
    for named in [dicts] if isinstance(dicts, Mapping) else dicts:
        if twice := sorted(given.keys() & named.keys()):
            raise ValueError(f"functional_call: {twice} are in several of the dicts; give each name once")
        given.update(named)
    return given


def _tied(given: dict[str, Any], places: dict[str, tuple[Any, str, Any]]) -> dict[str, Any]:
    """The given values, also under the other names by which the module holds the same tensors."""
    names: dict[int, list[str]] = {}
    for name, (_, _, value) in places.items():
        names.setdefault(id(value), []).append(name)
    chosen: dict[str, Any] = {}
    for name, value in given.items():
        for other in names[id(places[name][2])]:
            if chosen.setdefault(other, value) is not value:
                raise ValueError(
                    f"functional_call: {other!r} and {name!r} are tied, but were given different values; give one of "
                    "them, or pass tie_weights=False"
                )
    return chosen


class _Point:
    """A function evaluated at its arguments, recorded, so that vectors can be pulled back and pushed forward."""

    def __init__(self, func: Callable[..., Any], args: tuple[Any, ...], argnums: Argnums, has_aux: bool) -> None:
        self._argnums = argnums
        numbers = (argnums,) if isinstance(argnums, int) else argnums
        chosen = [args[i] for i in numbers]
        with enable_grad():
            # an argument that an outer transform differentiates stays connected to it
            self.inputs = [reshape(x, shape=x.shape) if x.requires_grad else x.detach() for x in _leaves(chosen)]
            for x in self.inputs:
                x.requires_grad_()
            self._arguments = _rebuilt(chosen, self.inputs)
            full = list(args)
            for i, argument in zip(numbers, self._arguments, strict=True):
                full[i % len(args)] = argument
            result = func(*full)
        self.structure: Any
        self.aux: Any
        self.structure, self.aux = result if has_aux else (result, None)
        self.outputs = _leaves(self.structure)
        self._back: Any = None

    @property
    def value(self) -> Any:
        """What the function returned."""
        return _rebuilt(self.structure, [self._freed(y) for y in self.outputs])

    def as_arguments(self, values: Sequence[Any]) -> Any:
        """One value for each input, in the structure of the arguments."""
        found = _rebuilt(self._arguments, values)
        return found[0] if isinstance(self._argnums, int) else tuple(found)

    def pull(self, vectors: Sequence[Any]) -> list[Any]:
        """u^T J for each input."""
        return [self._freed(g) for g in self._pulled(vectors)]

    def push(self, vectors: Sequence[Any]) -> list[Any]:
        """J v for each output: the derivative of u^T J v by u."""
        if self._back is None:
            with enable_grad():
                u = [zeros_like(y).requires_grad_() for y in self.outputs]
                self._back = u, self._pulled(u)
        u, back = self._back
        used = [(g, v) for g, v in zip(back, vectors, strict=True) if g.requires_grad]
        pushed: Sequence[Any] = [None] * len(u)
        if used:
            gs, vs = zip(*used, strict=True)
            with enable_grad():
                pushed = gradients(gs, u, vs, create_graph=True, allow_unused=True)
        return [zeros_like(y) if p is None else self._freed(p, u) for p, y in zip(pushed, self.outputs, strict=True)]

    def _pulled(self, vectors: Sequence[Any]) -> list[Any]:
        free = [(y, v) for y, v in zip(self.outputs, vectors, strict=True) if y.requires_grad]
        found: Sequence[Any] = [None] * len(self.inputs)
        if free:
            outputs, seeds = zip(*free, strict=True)
            with enable_grad():
                found = gradients(outputs, self.inputs, seeds, create_graph=True, allow_unused=True)
        return [zeros_like(x) if g is None else g for g, x in zip(found, self.inputs, strict=True)]

    def _freed(self, tensor: Any, own: Sequence[Any] = ()) -> Any:
        """The tensor without its history, if that leads to nothing but the leaves made here."""
        leaves = {x for x in (*self.inputs, *own) if x.is_leaf}
        edges = [tensor._node] if tensor._node else [tensor] if tensor.requires_grad else []
        for node in reachable(edges):
            edges += node.edges
        outer = any(edge is not None and edge.__class__ is not Node and edge not in leaves for edge in edges)
        return tensor if outer else tensor.detach()


def _units(tensor: Any) -> list[Any]:
    """The unit vectors of the tensor's space: a one in each place."""
    units = []
    for place in range(tensor.numel()):
        unit = zeros_like(tensor)
        unit.numpy().reshape(-1)[place] = 1
        units.append(unit)
    return units


def _alike(vectors: Sequence[Any], tensors: Sequence[Any], caller: str, name: str, other: str) -> None:
    if len(vectors) != len(tensors):
        raise ShapeError(f"{caller}: expected {len(tensors)} {name}s, one for each {other}; got {len(vectors)}")
    for i, (v, x) in enumerate(zip(vectors, tensors, strict=True)):
        if v.shape != x.shape:
            raise ShapeError(f"{caller}: {name} {i} has shape {v.shape}, its {other} has {x.shape}; make them equal")
