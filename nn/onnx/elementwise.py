"""The writers of elementwise ops and of activations."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nn.onnx.graph import Graph
from nn.onnx.writers import cast_to, like, number, writes

__all__: list[str] = []


SAME = {
    "neg": "Neg", "exp": "Exp", "log": "Log", "sqrt": "Sqrt", "root": "Sqrt", "sin": "Sin", "cos": "Cos", "tan": "Tan",
    "asin": "Asin", "acos": "Acos",
    "atan": "Atan", "sinh": "Sinh", "cosh": "Cosh", "asinh": "Asinh", "acosh": "Acosh", "atanh": "Atanh",
    "sign": "Sign", "abs": "Abs", "floor": "Floor", "ceil": "Ceil", "erf": "Erf", "sigmoid": "Sigmoid", "tanh": "Tanh",
    "relu": "Relu", "softplus": "Softplus", "isnan": "IsNaN", "isinf": "IsInf", "logical_not": "Not",
    "clone": "Identity",
    "add": "Add", "sub": "Sub", "mul": "Mul", "div": "Div", "pow": "Pow", "maximum": "Max", "minimum": "Min",
    "equal": "Equal", "less": "Less", "less_equal": "LessOrEqual", "greater": "Greater",
    "greater_equal": "GreaterOrEqual", "logical_and": "And", "logical_or": "Or", "logical_xor": "Xor",
    "matmul": "MatMul",
}  # fmt: skip
"""The ops that ONNX has under another name."""


@writes(*SAME)
def _same(graph: Graph) -> Any:
    first = like(graph)
    return graph.add(SAME[graph.call.name], [graph.operand(i, first) for i in range(len(graph.call.operands))])


@writes("not_equal")
def _not_equal(graph: Graph) -> Any:
    first = like(graph)
    return graph.add("Not", [graph.add("Equal", [graph.operand(0, first), graph.operand(1, first)])])


BITWISE = {"bitwise_and": "And", "bitwise_or": "Or", "bitwise_xor": "Xor", "bitwise_not": "Not"}


@writes(*BITWISE)
def _bitwise(graph: Graph) -> Any:
    first = like(graph)
    kind = BITWISE[graph.call.name] if first.dtype.kind == "b" else f"Bitwise{BITWISE[graph.call.name]}"
    return graph.add(kind, [graph.operand(i, first) for i in range(len(graph.call.operands))])


@writes("isfinite")
def _isfinite(graph: Graph) -> Any:
    x = graph.operand(0)
    return graph.add("Not", [graph.add("Or", [graph.add("IsNaN", [x]), graph.add("IsInf", [x])])])


@writes("where")
def _where(graph: Graph) -> Any:
    made = graph.call.results[0]
    return graph.add("Where", [graph.operand(0), graph.operand(1, made), graph.operand(2, made)])


@writes("log1p")
def _log1p(graph: Graph) -> Any:
    return graph.add("Log", [graph.add("Add", [graph.operand(0), number(graph, 1)])])


@writes("expm1")
def _expm1(graph: Graph) -> Any:
    return graph.add("Sub", [graph.add("Exp", [graph.operand(0)]), number(graph, 1)])


@writes("log2", "log10")
def _log_to_base(graph: Graph) -> Any:
    base = {"log2": 2, "log10": 10}[graph.call.name]
    return graph.add("Div", [graph.add("Log", [graph.operand(0)]), number(graph, math.log(base))])


@writes("exp2")
def _exp2(graph: Graph) -> Any:
    return graph.add("Pow", [number(graph, 2), graph.operand(0)])


@writes("erfc")
def _erfc(graph: Graph) -> Any:
    return graph.add("Sub", [number(graph, 1), graph.add("Erf", [graph.operand(0)])])


@writes("trunc")
def _trunc(graph: Graph) -> Any:
    x = graph.operand(0)
    return graph.add("Mul", [graph.add("Sign", [x]), graph.add("Floor", [graph.add("Abs", [x])])])


@writes("round")
def _round(graph: Graph) -> Any:
    if graph.attribute("decimals", 0):
        raise graph.error("ONNX rounds to whole numbers only; use decimals=0")
    return graph.add("Round", [graph.operand(0)])


@writes("logaddexp")
def _logaddexp(graph: Graph) -> Any:
    x, other = graph.operand(0), graph.operand(1)
    gap = graph.add("Abs", [graph.add("Sub", [x, other])])
    return graph.add("Add", [graph.add("Max", [x, other]), graph.add("Softplus", [graph.add("Neg", [gap])])])


@writes("hypot")
def _hypot(graph: Graph) -> Any:
    squares = [graph.add("Mul", [graph.operand(i)] * 2) for i in (0, 1)]
    return graph.add("Sqrt", [graph.add("Add", squares)])


@writes("remainder", "fmod")
def _modulo(graph: Graph) -> Any:
    first = like(graph)
    x, other = graph.operand(0, first), graph.operand(1, first)
    if graph.call.name == "fmod" or first.dtype.kind in "iu":
        return graph.add("Mod", [x, other], fmod=int(graph.call.name == "fmod"))
    whole = graph.add("Floor", [graph.add("Div", [x, other])])
    return graph.add("Sub", [x, graph.add("Mul", [whole, other])])


@writes("floor_divide")
def _floor_divide(graph: Graph) -> Any:
    first = like(graph)
    x, other = graph.operand(0, first), graph.operand(1, first)
    if first.dtype.kind == "f":
        return graph.add("Floor", [graph.add("Div", [x, other])])
    return graph.add("Div", [graph.add("Sub", [x, graph.add("Mod", [x, other])]), other])


@writes("clamp", "hardtanh")
def _clamp(graph: Graph) -> Any:
    limits = [graph.attribute("min"), graph.attribute("max")]
    names = ["" if limit is None else number(graph, limit) for limit in limits]
    return graph.add("Clip", [graph.operand(0), *names])


@writes("hardswish")
def _hardswish(graph: Graph) -> Any:
    return graph.add("HardSwish", [graph.operand(0)])


@writes("nan_to_num")
def _nan_to_num(graph: Graph) -> Any:
    largest = np.finfo(graph.call.results[0].dtype).max
    value = x = graph.operand(0)
    for sign, name in ((1, "posinf"), (-1, "neginf")):
        given = graph.attribute(name)
        end = number(graph, sign * largest if given is None else given)
        found = graph.add("IsInf", [x], detect_positive=int(sign > 0), detect_negative=int(sign < 0))
        value = graph.add("Where", [found, end, value])
    return graph.add("Where", [graph.add("IsNaN", [x]), number(graph, graph.attribute("nan", 0.0)), value])


@writes("cast")
def _cast(graph: Graph) -> Any:
    return cast_to(graph, graph.operand(0), graph.call.results[0])


@writes("cast_all")
def _cast_all(graph: Graph) -> Any:
    """Cast the operands whose dtype changed; the others keep their names."""
    names: list[str | None] = []
    for place, result in enumerate(graph.call.results):
        given = graph.call.operands[place]
        changed = isinstance(result, np.ndarray) and result is not given
        read = isinstance(given, np.ndarray) and graph.known(given)
        names.append(cast_to(graph, graph.operand(place), result) if changed and read else None)
    return names


@writes("zeros_like")
def _zeros_like(graph: Graph) -> Any:
    from onnx import numpy_helper

    zero = numpy_helper.from_array(np.zeros(1, graph.call.results[0].dtype))
    return graph.add("ConstantOfShape", [graph.add("Shape", [graph.operand(0)])], value=zero)


@writes("leaky_relu")
def _leaky_relu(graph: Graph) -> Any:
    return graph.add("LeakyRelu", [graph.operand(0)], alpha=float(graph.attribute("negative_slope", 0.01)))


@writes("elu")
def _elu(graph: Graph) -> Any:
    """scale * (x, or alpha * (exp(input_scale * x) - 1) below 0)."""
    alpha, scale = graph.attribute("alpha", 1.0), graph.attribute("scale", 1.0)
    inner = graph.attribute("input_scale", 1.0)
    x = graph.operand(0)
    below = graph.add("Min", [graph.add("Mul", [x, number(graph, inner)]), number(graph, 0)])
    below = graph.add("Mul", [graph.add("Sub", [graph.add("Exp", [below]), number(graph, 1)]), number(graph, alpha)])
    return graph.add("Mul", [graph.add("Add", [graph.add("Relu", [x]), below]), number(graph, scale)])


@writes("silu")
def _silu(graph: Graph) -> Any:
    x = graph.operand(0)
    return graph.add("Mul", [x, graph.add("Sigmoid", [x])])


@writes("gelu")
def _gelu(graph: Graph) -> Any:
    return graph.add("Gelu", [graph.operand(0)], approximate=graph.attribute("approximate", "none"))


@writes("softmax", "log_softmax")
def _softmax(graph: Graph) -> Any:
    kind = {"softmax": "Softmax", "log_softmax": "LogSoftmax"}[graph.call.name]
    return graph.add(kind, [graph.operand(0)], axis=int(graph.attribute("dim")))
