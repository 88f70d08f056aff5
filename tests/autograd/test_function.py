"""Ops of the user's own, in PyTorch's words, against PyTorch where it is there, and against differences."""

import numpy as np
import pytest

import nn


def square(lib):
    class Square(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**2

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return 2 * x * g

    return lambda x, y: (Square.apply(x) * y,)


def exponential_saved_result(lib):
    class Exp(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            y = x.exp()
            ctx.save_for_backward(y)
            return y

        @staticmethod
        def backward(ctx, g):
            (y,) = ctx.saved_tensors
            return y * g

    return lambda x, y: (Exp.apply(x * y),)


def two_results(lib):
    class SumAndProduct(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x, y, scale):
            ctx.save_for_backward(x, None, y)
            ctx.scale = scale
            return x + y, x * y * scale

        @staticmethod
        def backward(ctx, g, h):
            x, nothing, y = ctx.saved_tensors
            assert nothing is None
            assert ctx.needs_input_grad == (True, True, False)
            return g + h * ctx.scale * y, g + h * ctx.scale * x, None

    return lambda x, y: SumAndProduct.apply(x, y, 3.0)


def one_result_unused(lib):
    both = two_results(lib)
    return lambda x, y: (both(x, y)[1],)


def set_up_apart(lib):
    class Cube(lib.autograd.Function):
        @staticmethod
        def forward(x, power):
            return x**power

        @staticmethod
        def setup_context(ctx, inputs, output):
            x, power = inputs
            ctx.power = power
            ctx.save_for_backward(x)

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return ctx.power * x ** (ctx.power - 1) * g, None

    return lambda x, y: (Cube.apply(x, 3) + y,)


def with_indices(lib):
    class Sorted(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            values, order = x.sort()
            ctx.mark_non_differentiable(order)
            ctx.save_for_backward(order)
            return values, order

        @staticmethod
        def backward(ctx, g, unused):
            (order,) = ctx.saved_tensors
            return lib.zeros_like(g).scatter(0, order, g)

    return lambda x, y: (Sorted.apply(x)[0] * y,)


FUNCTIONS = [square, exponential_saved_result, two_results, one_result_unused, set_up_apart, with_indices]
X, Y = np.array([1.5, -0.5, 0.25]), np.array([0.5, 2.0, -1.0])


def derivatives(lib, make):
    """Results, gradients, and gradients of the gradients."""
    x, y = (lib.tensor(values, requires_grad=True) for values in (X, Y))
    results = make(lib)(x, y)
    weights = [lib.tensor(np.linspace(0.5, 1.5, 3) + i) for i in range(len(results))]
    total = sum((r * w).sum() for r, w in zip(results, weights, strict=True))
    grad = lib.autograd.grad
    first = grad(total, [x, y], create_graph=True)
    second = grad(sum((g * g).sum() for g in first), [x, y], allow_unused=True)
    sum((r * w).sum() for r, w in zip(make(lib)(x, y), weights, strict=True)).backward()
    return [np.zeros(3) if t is None else t.detach().numpy() for t in (*results, *first, *second, x.grad, y.grad)]


@pytest.mark.parametrize("make", FUNCTIONS, ids=lambda f: f.__name__)
class TestAgainstPyTorch:
    def test_values_gradients_and_gradients_of_gradients(self, make):
        torch = pytest.importorskip("torch")
        for ours, theirs in zip(derivatives(nn, make), derivatives(torch, make), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("make", FUNCTIONS, ids=lambda f: f.__name__)
def test_gradients_agree_with_differences(make):
    x, y = (nn.tensor(values, requires_grad=True) for values in (X, Y))
    assert nn.autograd.gradcheck(lambda x, y: make(nn)(x, y), [x, y], nearby=False)
    assert nn.autograd.gradgradcheck(lambda x, y: make(nn)(x, y), [x, y], nearby=False)


def test_without_gradients_nothing_is_recorded():
    f = square(nn)
    assert not f(nn.ones(2), nn.ones(2))[0].requires_grad
    with nn.no_grad():
        assert not f(nn.ones(2, requires_grad=True), nn.ones(2))[0].requires_grad


def test_the_node_has_the_name_of_the_class():
    assert exponential_saved_result(nn)(nn.ones(1, requires_grad=True), 1)[0].grad_fn.name() == "ExpBackward"


def test_an_argument_without_gradient_keeps_none():
    class OnlyFirst(nn.autograd.Function):
        @staticmethod
        def forward(ctx, x, y):
            return x * y

        @staticmethod
        def backward(ctx, g):
            return g, None

    x, y = nn.ones(2, requires_grad=True), nn.ones(2, requires_grad=True)
    OnlyFirst.apply(x, y).sum().backward()
    assert x.grad.tolist() == [1, 1]
    assert y.grad is None


def test_a_second_backward_is_refused_without_retain_graph():
    x = nn.ones(2, requires_grad=True)
    (y,) = square(nn)(x, 1.0)
    y.sum().backward(retain_graph=True)
    y.sum().backward()
    assert x.grad.tolist() == [4, 4]
    with pytest.raises(nn.GradError, match="retain_graph=True"):
        y.sum().backward()


def test_a_saved_tensor_changed_in_place_is_refused():
    x = nn.ones(2, requires_grad=True)
    y = x * 1
    (z,) = square(nn)(y, 1.0)
    with nn.no_grad():
        y.mul_(2)
    with pytest.raises(nn.GradError, match=r"saved tensor 0 of Square, shape .* was changed in place"):
        z.sum().backward()


def test_a_wrong_number_of_gradients_is_an_error_that_names_the_function():
    class Wrong(nn.autograd.Function):
        @staticmethod
        def forward(ctx, x, y):
            return x * y

        @staticmethod
        def backward(ctx, g):
            return g

    x = nn.ones(2, requires_grad=True)
    with pytest.raises(nn.GradError, match=r"Wrong.backward: returned 1 gradients, but apply got 2 arguments"):
        Wrong.apply(x, x).sum().backward()


def test_what_is_not_written_says_so():
    class Empty(nn.autograd.Function):
        pass

    with pytest.raises(NotImplementedError, match="write a static method forward"):
        Empty.apply(nn.ones(1))


def test_saved_tensors_can_be_read_in_backward_only():
    kept = []

    class Keeps(nn.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            kept.append(ctx)
            ctx.save_for_backward(x)
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * 2

    Keeps.apply(nn.ones(1, requires_grad=True))
    with pytest.raises(nn.GradError, match="saved_tensors: they can be read in backward"):
        kept[0].saved_tensors  # noqa: B018
