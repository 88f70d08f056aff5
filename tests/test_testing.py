"""What users test their own gradients with: right ones pass, wrong ones are named."""

import numpy as np
import pytest

import nn
from nn.fixtures import gradients_match as gradients_match
from nn.testing import assert_gradients_match, check_module, gradcheck, numerical_gradient


def layer(x, w, b):
    return np.maximum(x @ w + b, 0)


def layer_backward(g, x, w, b):
    g = g * (x @ w + b > 0)
    return g @ w.T, x.T @ g, g.sum(axis=0)


@pytest.fixture
def operands(rng):
    return rng.normal(size=(4, 3)), rng.normal(size=(3, 2)), rng.normal(size=2)


class TestAssertGradientsMatch:
    def test_a_right_backward_passes(self, operands, gradients_match):
        assert_gradients_match(layer, operands, layer_backward)
        gradients_match(layer, operands, layer_backward)

    @pytest.mark.parametrize("index", [0, 1, 2])
    def test_a_wrong_one_is_named_with_its_worst_element(self, operands, index):
        def wrong(g, *inputs):
            gradients = [np.array(d) for d in layer_backward(g, *inputs)]
            gradients[index].flat[1] += 0.5
            return gradients

        place = ["(0, 1)", "(0, 1)", "(1,)"][index]
        with pytest.raises(AssertionError) as error:
            assert_gradients_match(layer, operands, wrong)
        text = str(error.value)
        assert f"gradient by input {index}, element {place}: analytic gradient" in text
        assert "1 of " in text
        assert "relative error" in text

    def test_a_rule_that_is_right_for_ones_alone_is_caught(self):
        x = np.array([[0.3, -0.4], [1.0, 2.0]])
        with pytest.raises(AssertionError, match="gradient by input 0"):
            assert_gradients_match(lambda x: x * 2, x, lambda g, x: np.full_like(x, 2.0))

    def test_tensors_and_float32_and_integers(self):
        x, index = nn.tensor([1.0, 2.0, 3.0]), nn.tensor([0, 2, 2])

        def backward(g, x, index):
            return nn.zeros(3, dtype=nn.float64) + nn.tensor([g[0].item(), 0, (g[1] + g[2]).item()])

        assert_gradients_match(lambda x, i: x[i], (x, index), backward, rtol=1e-3, atol=1e-3)

    def test_gradients_themselves_of_a_number(self):
        assert_gradients_match(lambda x: (x**2).sum(), np.array([1.0, 2.0]), np.array([2.0, 4.0]))
        assert_gradients_match(lambda x: x**2, 3.0, 6.0)

    @pytest.mark.parametrize(("fn", "inputs", "analytic", "message"), [
        (np.exp, np.ones(2), np.ones(2), r"returns shape \(2,\), so its gradient depends on what follows"),
        (np.add, (np.ones(2), np.ones(2)), lambda g, x, y: g, "2 float inputs need as many gradients, got 1"),
        (np.exp, np.ones(2), lambda g, x: g.sum(), r"input 0: the gradient has shape \(\), the input has \(2,\)"),
        (np.exp, np.ones(2, int), lambda g, x: g, "no input is a float array or tensor"),
    ])  # fmt: skip
    def test_what_does_not_fit_is_said(self, fn, inputs, analytic, message):
        with pytest.raises(AssertionError, match=message):
            assert_gradients_match(fn, inputs, analytic)

    def test_a_kink_is_told_from_a_wrong_rule(self):
        relu = lambda x: np.maximum(x, 0)
        with pytest.raises(AssertionError, match=r"kink there, slope \S+ on the left and \S+ on the right: move away"):
            assert_gradients_match(relu, np.array([1.0, 0.0]), lambda g, x: g * (x > 0))
        with pytest.raises(AssertionError, match="correct the rule"):
            assert_gradients_match(np.exp, np.array([1.0, 0.0]), lambda g, x: g)

    def test_a_nan_is_a_difference(self):
        with pytest.raises(AssertionError, match="element \\(0,\\): analytic gradient nan"):
            assert_gradients_match(np.sin, np.array([1.0]), lambda g, x: g * np.nan)


class TestNumericalGradient:
    def test_of_one_and_of_several_inputs(self, operands):
        x, w, b = operands
        g = np.ones((4, 2))
        for ours, theirs in zip(numerical_gradient(layer, operands), layer_backward(g, x, w, b), strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-8)
        np.testing.assert_allclose(numerical_gradient(np.sin, x, g[:, :1] * 2), 2 * np.cos(x), atol=1e-8)

    def test_of_a_tensor_function(self):
        np.testing.assert_allclose(numerical_gradient(nn.exp, nn.tensor([0.0, 1.0])), [1, np.e], atol=1e-6)

    def test_inputs_stay_as_they_are(self, operands):
        before = [a.copy() for a in operands]
        numerical_gradient(layer, operands)
        assert all((a == b).all() for a, b in zip(before, operands, strict=True))


class TestCheckModule:
    def test_a_right_module_passes_and_stays_as_it_is(self):
        model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
        before = {k: v.numpy().copy() for k, v in model.state_dict().items()}
        check_module(model, nn.randn(5, 3), order=2)
        assert all((v.numpy() == before[k]).all() and v.dtype == nn.float32 for k, v in model.state_dict().items())

    def test_buffers_may_change_in_the_forward(self):
        class Counts(nn.Module):
            def __init__(self):
                super().__init__()
                self.register_buffer("count", nn.zeros(1))
                self.weight = nn.Parameter(nn.ones(2))

            def forward(self, x):
                self.count += 1
                return x * self.weight + self.count

        module = Counts()
        check_module(module, nn.ones(2))
        assert module.count.item() == 0

    def test_a_wrong_parameter_gradient_is_named(self):
        class Wrong(nn.Module):
            def __init__(self):
                super().__init__()
                self.scale = nn.Parameter(nn.tensor([2.0, 3.0]))

            def forward(self, x):
                return x * self.scale + self.scale.detach()

        with pytest.raises(AssertionError, match=r"Wrong: scale, element \(\d,\): analytic"):
            check_module(Wrong(), nn.ones(2))


def test_gradcheck_says_no_without_raising():
    x = nn.tensor([1.0], dtype=nn.float64, requires_grad=True)
    assert gradcheck(lambda x: x * x.detach(), x, raise_exception=False) is False
