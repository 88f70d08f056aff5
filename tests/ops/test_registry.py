"""Every op, from its own declaration: value, gradients of orders 1 and 2, types, memory; and the checks themselves.

The numbers are those of the list in CONTRIBUTING.md.
"""

import importlib
import pkgutil
import zlib

import numpy as np
import pytest
from references import REFERENCES

import nn
import nn.ops
from nn.autograd.gradcheck import gradcheck, gradgradcheck
from nn.autograd.op import Op, registry
from nn.autograd.samples import Draw
from nn.autograd.tape import wrap
from nn.errors import GradcheckError
from nn.kernels import convolution_once

for module in pkgutil.iter_modules(nn.ops.__path__):  # `nn` itself imports an op when it is asked for
    importlib.import_module(f"nn.ops.{module.name}")

OPS = list(registry.values())
RULES = [(op, name) for op in OPS for name in op.vjp]
every_op = pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)


def samples(op):
    return list(op.samples(Draw(np.random.default_rng(zlib.crc32(op.name.encode())))))


def is_float(value):
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def differentiable(op, position):
    return op.rules[position] is not None


def tensors(op, sample, dtype=None, requires_grad=True):
    """The operands as tensors: those with a rule require gradients."""
    out = []
    for position, value in enumerate(sample.operands):
        if is_float(value):
            value = value if dtype is None else value.astype(dtype)
            value = wrap(value.copy(), requires_grad=requires_grad and differentiable(op, position))
        elif isinstance(value, np.ndarray):
            value = wrap(value)
        out.append(value)
    return out


def call(op, sample):
    """The op as a function of the operands that require gradients, and those."""
    operands = tensors(op, sample)
    free = [i for i, t in enumerate(operands) if getattr(t, "_requires_grad", False)]

    def function(*moved):
        full = list(operands)
        for i, t in zip(free, moved, strict=True):
            full[i] = t
        return op(*full, **sample.attributes)

    return function, [operands[i] for i in free]


def value_of(result):
    return result[0] if isinstance(result, tuple) else result


def test_an_op_without_samples_cannot_be_declared():
    with pytest.raises(TypeError, match="samples"):
        Op(np.arcsin, name="arcsin", operands=("x",))
    assert all(samples(op) for op in OPS)


@every_op
def test_1_value_is_that_of_the_plain_reference(op):
    for sample in samples(op):
        got = value_of(op.kernel(*sample.operands, **sample.attributes))
        wanted = np.asarray(REFERENCES[op.name](*sample.operands, **sample.attributes))
        assert np.shape(got) == wanted.shape
        np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=1e-13)


def test_1_every_op_has_a_reference_and_every_reference_an_op():
    assert set(REFERENCES) == set(registry)


@every_op
def test_2_rules_agree_with_differences(op):
    if not op.vjp:
        pytest.skip("no differentiable operand")
    for sample in samples(op):
        function, free = call(op, sample)
        assert gradcheck(function, free, rtol=1e-6, atol=1e-7)


@every_op
def test_3_rules_of_rules_agree_with_differences(op):
    if not op.vjp:
        pytest.skip("no differentiable operand")
    for sample in samples(op):
        function, free = call(op, sample)
        assert gradgradcheck(function, free, rtol=1e-5, atol=1e-6)


@every_op
def test_4_float32_stays_float32_and_agrees_with_float64(op):
    for sample in samples(op):
        single = op(*tensors(op, sample, np.float32), **sample.attributes)
        double = op(*tensors(op, sample), **sample.attributes)
        if double.dtype.kind != "f" or "dtype" in sample.attributes:
            assert single.dtype == double.dtype
            continue
        assert single.dtype == np.float32
        np.testing.assert_allclose(single._array, double._array, rtol=1e-4, atol=1e-5)
        if single.requires_grad:
            operands = tensors(op, sample, np.float32)
            op(*operands, **sample.attributes).sum().backward()
            assert all(t.grad.dtype == np.float32 for t in operands if getattr(t, "_requires_grad", False))


@every_op
def test_5_operands_stay_as_they_were(op):
    for sample in samples(op):
        operands = tensors(op, sample)
        result = op(*operands, **sample.attributes)
        if result.requires_grad:
            result.sum().backward()
        for before, after in zip(sample.operands, operands, strict=True):
            if isinstance(before, np.ndarray):
                np.testing.assert_array_equal(before, after._array)


def strided(value):
    """The same values in memory that is neither contiguous nor in C order, and runs backwards."""
    if not isinstance(value, np.ndarray) or not value.ndim:
        return value
    big = np.zeros([2 * n for n in value.shape[::-1]], value.dtype)
    view = big.transpose()[tuple(slice(None, None, -2) for _ in value.shape)]
    view[...] = value
    return view


@every_op
def test_6_memory_layout_does_not_matter(op):
    for sample in samples(op):
        function, free = call(op, sample)
        layouts = [wrap(strided(t._array), requires_grad=True) for t in free]
        np.testing.assert_allclose(function(*free)._array, function(*layouts)._array, rtol=1e-12)
        for a, b in zip(gradients(function, free), gradients(function, layouts), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


def gradients(function, free):
    result = function(*free)
    if not result.requires_grad:
        return []
    upstream = np.random.default_rng(0).normal(size=result.shape)
    return [g.numpy() for g in nn.grad(result, free, wrap(strided(upstream)))]


@pytest.mark.parametrize("name", [op.name for op in OPS if op.operands == ("x",) and op.name != "bitwise_not"])
def test_6_no_elements_in_no_elements_out(name):
    op = registry[name]
    sample = next(s for s in samples(op) if is_float(s.operands[0]) and s.operands[0].ndim)
    own = {"amax", "amin", "argmax", "argmin", "reshape", "getitem", "narrow", "expand", "sum_to_size", "as_strided"}
    if name in own:
        pytest.skip("its attributes speak of the sample's own shape, or there is no extreme of nothing")
    shape = (0, *sample.operands[0].shape[1:])
    attributes = dict(sample.attributes)
    if "place" in attributes:
        attributes["place"] = attributes["place"][:0]
    x = wrap(np.zeros(shape), requires_grad=bool(op.vjp))
    result = op(x, **attributes)
    if op.vjp:
        result.sum().backward()
        assert x.grad.shape == shape


@every_op
def test_6_integers_beside_floats_are_those_numbers(op):
    """A rule must not compute in integers: ln Gamma(3) would be 0."""
    if op.name.startswith("recur"):
        pytest.skip("what a recurrence has packed is of its own type")
    for sample in samples(op):
        floats = [i for i, value in enumerate(sample.operands) if is_float(value)]
        for place in floats if len(floats) > 1 else ():
            whole = np.rint(sample.operands[place])
            whole = np.asarray(np.where(whole == 0, 1, whole))
            found = []
            for dtype in (np.float64, np.int64):
                operands = tensors(op, sample)
                operands[place] = wrap(whole.astype(dtype))
                free = [t for t in operands if getattr(t, "_requires_grad", False)]
                try:
                    y = op(*operands, **sample.attributes)
                    first = nn.grad((y * y).sum(), free, create_graph=True) if y.requires_grad else ()
                    squares = sum((g * g).sum() for g in first)
                    second = nn.grad(squares, free) if getattr(squares, "requires_grad", False) else ()
                except nn.DtypeError:  # it takes no integers there
                    break
                found.append([y, *first, *second])
            if len(found) < 2 or found[1][0].dtype.kind != "f" or not close(found[0][0], found[1][0]):
                continue  # a rule's own op, which no integers reach
            assert len(found[0]) == len(found[1])
            assert all(map(close, *found)), (place, found)


def close(a, b):
    return np.allclose(a._array, b._array, rtol=1e-6, atol=1e-9, equal_nan=True)


@every_op
def test_7_out_is_what_comes_back(op):
    for sample in samples(op):
        expected = op.kernel(*sample.operands, **sample.attributes)
        many = isinstance(expected, tuple)
        outs = tuple(np.full(np.shape(e), 7, np.asarray(e).dtype) for e in (expected if many else (expected,)))
        got = op.kernel(*sample.operands, **sample.attributes, out=outs if many else outs[0])
        for e, o, g in zip(expected if many else (expected,), outs, got if many else (got,), strict=True):
            assert g is o
            np.testing.assert_array_equal(e, o)


@every_op
def test_8_a_rule_never_returns_an_operand_s_own_memory(op):
    if not op.vjp:
        pytest.skip("no differentiable operand")
    for sample in samples(op):
        function, free = call(op, sample)
        result = function(*free)
        for g in nn.grad(result, free, wrap(np.ones(result.shape))):
            assert not any(np.shares_memory(g._array, t._array) for t in [*free, result])


@pytest.mark.parametrize(("op", "operand"), RULES, ids=lambda v: getattr(v, "name", v))
def test_9_and_10_every_rule_is_exercised_and_a_rule_off_by_one_percent_is_caught(op, operand, monkeypatch):
    rule, calls = op.vjp[operand], []

    def wrong(*args, **kwargs):
        calls.append(operand)
        value = original(*args, **kwargs)
        return value * 1.01 if np.any(value) else value + 0.01  # sign's rule is 0: there is nothing to scale

    original = rule.function
    monkeypatch.setattr(rule, "function", wrong)
    caught = 0
    for sample in samples(op):
        function, free = call(op, sample)
        if not gradcheck(function, free, rtol=1e-6, atol=1e-7, raise_exception=False):
            caught += 1
    assert calls, f"no sample of {op.name} makes the rule of {operand} run"
    assert caught, f"{op.name}: the rule of {operand} scaled by 1.01 goes unnoticed"


def test_gradcheck_names_the_worst_element():
    broken = registry["mul"].vjp["x"]
    original, broken.function = broken.function, lambda g, other: g * other * 2
    try:
        x = nn.tensor([1.0, 2.0], dtype=nn.float64, requires_grad=True)
        with pytest.raises(GradcheckError, match=r"input 0, element \(\d,\): analytic gradient .*numerical"):
            gradcheck(lambda x: x * 3.0, x)
    finally:
        broken.function = original


WAYS = {
    "choices bit by bit": ("arithmetic", dict(MANY=1), "where sign clamp clamp_backward"),
    "slopes bit by bit": ("activation", dict(MANY=1), "leaky_relu elu elu_backward hardswish_backward silu_backward"),
    "places in a row": (
        "indexing",
        dict(MANY=1, PICKED=1),
        "getitem_backward gather scatter_add scatter_extreme setitem",
    ),
    "long sums by place": ("indexing", dict(MANY=1, FEW=0), "getitem_backward scatter_add embedding_backward"),
    "one by one": ("indexing", dict(MANY=1, SPARSE=0), "getitem_backward scatter_add"),
    "wide rows": ("indexing", dict(MANY=1, WIDE=1), "getitem_backward embedding_backward bags_backward"),
    "rows of one count": ("indexing", dict(MANY=1, WIDE=1, BLOCK=2), "embedding_backward bags_backward"),
    "long rows of one count": ("indexing", dict(WIDE=1, BLOCK=1, FEW=0), "embedding_backward bags_backward"),
    "products by halves": ("reduction", dict(FEW=1), "prod"),
    "taps run by run": ("resizing", dict(FEW=0), "resample"),
    "many taps": ("resizing", dict(BLOCK=0), "resample"),
    "scans row by row": ("scan", dict(FEW=0, LONG=2), "cumsum cumprod logcumsumexp"),
    "each step by itself": ("recurrent", dict(BLOCK=1), "recurrence_backward"),
    "scans by products": ("scan", dict(MANY=1, BLOCK=1), "cumsum"),
    "sums by products": ("summation", dict(MANY=1, MOST=2, LINE=2, WIDE=1), "sum mean var"),
    "sums in blocks": ("summation", dict(MOST=2, BLOCK=2, WIDTH=1), "sum mean var sum_to_size"),
    "sums of sums": ("summation", dict(MOST=2, BLOCK=2, WIDE=1), "sum mean var sum_to_size"),
    "large convolutions": (
        "convolution_once",
        dict(ROOM=-1),
        "conv conv_input_backward conv_weight_backward",
    ),
    "pieces of products": (
        "threads",
        dict(LITTLE=0, ENOUGH=1, ENOUGH_AT_ONCE=1, ROWS=1, AREA=1),
        "matmul linear linear_weight_backward conv conv_input_backward conv_weight_backward",
    ),
}
"""What a kernel does where there is much to do: by bounds set so low that the samples are much."""


@pytest.mark.parametrize("way", WAYS)
def test_1_and_4_on_every_way_that_a_kernel_can_take(way, monkeypatch):
    file, bounds, names = WAYS[way]
    module = importlib.import_module(f"nn.kernels.{file}")
    for name, value in bounds.items():
        assert isinstance(getattr(module, name), int | float)
        monkeypatch.setattr(module, name, value)
    for name in ("_triangle", "_line"):  # which remember what they found by other bounds
        if hasattr(module, name):
            monkeypatch.setattr(module, name, getattr(module, name).__wrapped__)
    for op in map(registry.__getitem__, names.split()):
        test_1_value_is_that_of_the_plain_reference(op)
        test_4_float32_stays_float32_and_agrees_with_float64(op)


@pytest.mark.parametrize("name", WAYS["large convolutions"][2].split())
def test_5_to_8_for_large_convolutions(name, monkeypatch):
    monkeypatch.setattr(convolution_once, "ROOM", -1)
    for check in (
        test_5_operands_stay_as_they_were,
        test_6_memory_layout_does_not_matter,
        test_7_out_is_what_comes_back,
        test_8_a_rule_never_returns_an_operand_s_own_memory,
    ):
        check(registry[name])
