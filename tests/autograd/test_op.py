"""An op: what a declaration may say, what a call keeps, and how a misfit is told."""

import weakref

import numpy as np
import pytest

import nn
from nn.autograd import op as op_module
from nn.autograd.op import Op
from nn.ops import arithmetic, linear, shape


@pytest.fixture
def own_registry(monkeypatch):
    """Ops declared in a test stay out of the real registry."""
    monkeypatch.setattr(op_module, "registry", dict(op_module.registry))


def samples(r):
    return [r.normal((2,))]


@pytest.mark.usefixtures("own_registry")
class TestDeclaration:
    def test_operands_are_the_positional_parameters_of_the_kernel_and_attributes_the_keyword_only_ones(self):
        def scaled(x, other, *, factor=2.0, out=None):
            """x * other * factor."""
            return np.multiply(x * other, factor, out=out)

        op = Op(scaled, vjp=dict(x=lambda g, other, factor: g * other * factor), samples=samples)
        assert op.name == "scaled"
        assert op.operands == ("x", "other")
        assert op.defaults == {"factor": 2.0}
        assert op.__doc__ == "x * other * factor."
        assert repr(op) == "<Op scaled(x, other)>"

        x = nn.tensor([1.0, 2.0], requires_grad=True)
        op(x, nn.tensor([3.0, 5.0]), factor=10).backward(np.ones(2))
        assert x.grad.tolist() == [30, 50]
        x.grad = None
        op(x, nn.tensor([3.0, 5.0])).backward(np.ones(2))
        assert x.grad.tolist() == [6, 10]

    def test_a_rule_for_what_is_no_operand_is_refused(self):
        with pytest.raises(TypeError, match=r"odd: rules for \['z'\], which are no operands; it has \('x',\)"):
            Op(np.sinh, name="odd", operands=("x",), vjp=dict(z=lambda g: g), samples=samples)

    def test_a_rule_that_names_something_unknown_is_refused(self):
        with pytest.raises(TypeError, match="odd: the rule of x names 'w', which is no operand or attribute"):
            Op(np.sinh, name="odd", operands=("x",), vjp=dict(x=lambda g, w: g), samples=samples)

    def test_a_name_can_be_declared_once(self):
        with pytest.raises(ValueError, match="an op named 'exp' is declared already"):
            Op(np.exp, name="exp", operands=("x",), samples=samples)


def test_arrays_in_an_array_out_nothing_recorded():
    result = arithmetic.mul(np.ones(2), np.ones(2))
    assert type(result) is np.ndarray


def test_a_python_scalar_stays_one():
    x = nn.tensor([1.0], requires_grad=True)
    y = x * 2.0
    assert y.dtype == np.float32
    assert (nn.tensor(1.0) * 2.0).dtype == np.float32


def test_only_what_a_rule_of_a_needed_gradient_names_is_kept():
    leaf, result = nn.tensor([1.0], requires_grad=True), nn.tensor([1.0], requires_grad=True) * 1
    plain = [weakref.ref(result)]
    total = leaf + result
    del result
    assert plain[0]() is None  # add names no operand
    constant, value = nn.tensor([2.0]), leaf + 1
    refs = weakref.ref(constant), weakref.ref(value)
    product = value * constant
    del constant, value
    assert refs[0]() is not None  # the gradient of value needs it
    assert refs[1]() is None  # nobody asks for the gradient of constant
    (total + product).backward()
    assert leaf.grad.tolist() == [3]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: x + nn.zeros(4), nn.ShapeError, r"add: operands of shape \(2, 3\) and \(4,\) do not fit: .*"),
        (lambda x: x @ x, nn.ShapeError, r"matmul: operands of shape \(2, 3\) and \(2, 3\) do not fit"),
        (lambda x: x.reshape(4), nn.ShapeError, r"reshape: operands of shape \(2, 3\) do not fit: 6 .* \(4,\)"),
        (lambda x: x.sum(dim=2), IndexError, r"sum: dim 2 is out of range for shape \(2, 3\); it must be from -2"),
        (lambda x: x.transpose(0, 5), IndexError, r"transpose: dim 5 is out of range for shape \(2, 3\)"),
        (lambda x: x.softmax(dim=7), IndexError, r"softmax: dim 7 is out of range for shape \(2, 3\)"),
    ],
)
def test_a_misfit_names_the_op_the_shapes_and_the_attributes(call, error, message):
    with pytest.raises(error, match=message):
        call(nn.zeros(2, 3))


@pytest.mark.parametrize(
    "call",
    [
        lambda x: x.reshape(3, 2),
        lambda x: x.permute(1, 0),
        lambda x: x.transpose(0, 1),
        lambda x: x.flatten(),
        lambda x: x.unsqueeze(0),
        lambda x: x.unsqueeze(0).squeeze(0),
        lambda x: x[0],
        lambda x: x[:, 1:],
        lambda x: x[..., None],
        lambda x: x.detach(),
        lambda x: x.data,
        lambda x: x.T,
    ],
)
def test_a_view_shares_the_memory_and_a_change_of_it_is_noticed(call):
    used, x = nn.ones(2, 3), nn.ones(2, 3, requires_grad=True)
    y = (x * used).sum()
    view = call(used)
    assert np.shares_memory(view._array, used._array)
    view.zero_()
    with pytest.raises(nn.GradError, match="operand other of mul"):
        y.backward()


@pytest.mark.parametrize(
    "call", [lambda x: x.clone(), lambda x: x[[0, 1]], lambda x: x.T.reshape(6), lambda x: x.to(nn.float64)]
)
def test_a_change_of_a_copy_is_no_change(call):
    used, x = nn.ones(2, 3), nn.ones(2, 3, requires_grad=True)
    y = (x * used).sum()
    call(used).zero_()
    y.backward()
    assert x.grad.tolist() == [[1, 1, 1], [1, 1, 1]]


def test_composites_are_plain_functions_of_ops():
    assert not isinstance(shape.stack, Op)
    assert not isinstance(linear.matmul, Op)
    assert isinstance(linear.matrix_product, Op)
