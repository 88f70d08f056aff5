"""The calls that are written out do what `Op.__call__` does, for every mix of operands."""

import itertools

import numpy as np
import pytest

import nn
from nn.autograd.op import Op, registry
from nn.autograd.plain import Binary, Unary
from nn.autograd.tape import wrap

UNARY = [op for op in registry.values() if isinstance(op, Unary)]
BINARY = [op for op in registry.values() if isinstance(op, Binary)]


NUMBERS = {"number": 0.5, "whole": 2, "large": 3**40, "infinite": float("-inf"), "true": True, "numpy": np.float64(0.1)}


def operand(kind, seed):
    values = np.random.default_rng(seed).uniform(0.2, 0.8, size=() if kind == "point" else (3, 3))
    if kind in NUMBERS:
        return NUMBERS[kind]
    dtype = np.int64 if kind == "integer" else np.float32 if kind == "float32" else np.float64
    tensor = wrap((values * 10).astype(dtype) if kind == "integer" else values.astype(dtype))
    if kind in ("leaf", "node"):
        tensor.requires_grad_()
    return tensor * 1 if kind == "node" else nn.Parameter(tensor.detach()) if kind == "parameter" else tensor


def described(tensor):
    """All that a call leaves behind."""
    node = tensor._node
    if node is None:
        return [tensor.numpy(), tensor.dtype]
    saved = [s is not None for s in node.saved or ()]
    return [tensor._array, tensor.dtype, node.op, list(node.edges), saved, node.shape, node.dtype, node.result is None]


def same(op, operands):
    with np.errstate(all="ignore"):
        try:
            wanted = described(Op.__call__(op, *operands))
        except (TypeError, ValueError, AttributeError, OverflowError, IndexError) as error:
            # a product with a number, say: its caller says it
            with pytest.raises(type(error)):
                op(*operands)
            return
        got = described(op(*operands))
    assert len(got) == len(wanted)
    for a, b in zip(got, wanted, strict=True):
        np.testing.assert_array_equal(a, b) if isinstance(a, np.ndarray) else None
        assert isinstance(a, np.ndarray) or a == b


TENSORS = ["plain", "leaf", "node", "parameter", "float32", "integer", "point"]


@pytest.mark.parametrize("op", BINARY, ids=lambda op: op.name)
def test_two_operands(op):
    for kinds in itertools.product([*TENSORS, *NUMBERS], repeat=2):
        if not set(kinds) <= set(NUMBERS):
            same(op, [operand(kind, i) for i, kind in enumerate(kinds)])


@pytest.mark.parametrize("op", UNARY, ids=lambda op: op.name)
def test_one_operand(op):
    for kind in TENSORS:
        same(op, [operand(kind, 0)])
    with nn.no_grad():
        assert op(operand("leaf", 0))._node is None


def test_both_are_there():
    assert len(UNARY) > 10
    assert len(BINARY) > 10


def test_a_misfit_is_named():
    with pytest.raises(nn.ShapeError, match=r"mul: operands of shape \(2,\) and \(3,\) do not fit"):
        nn.ones(2) * nn.ones(3)


def test_an_operand_without_a_rule_is_a_constant():
    op = Binary(np.add, name="one_sided", operands=("x", "other"), vjp=dict(x=lambda g: g), samples=lambda r: [])
    del registry[op.name]
    x, other = (nn.ones(2, requires_grad=True) for _ in range(2))
    y = op(x, other)
    assert y.grad_fn.edges[0] is x
    assert y.grad_fn.edges[1] is None
    y.sum().backward()
    assert other.grad is None
