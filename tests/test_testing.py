"""What users test their own gradients with: right ones pass, wrong ones are named."""

from collections import namedtuple

import numpy as np
import pytest

import nn
from nn.autograd.op import registry
from nn.checking.streams import own_stream
from nn.fixtures import gradients_match as gradients_match
from nn.testing import KinkWarning, assert_gradients_match, check_module, gradcheck, gradgradcheck, numerical_gradient


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
        (np.add, (np.ones(2), np.ones(2)), lambda g, x, y: g, "expected 2 gradients, one for each float input, got 1"),
        (np.exp, np.ones(2), lambda g, x: g.sum(), r"input 0: the gradient has shape \(\), the input has \(2,\)"),
        (np.exp, np.ones(2, int), lambda g, x: g, "no input is a float array or tensor"),
    ])  # fmt: skip
    def test_what_does_not_fit_is_said(self, fn, inputs, analytic, message):
        with pytest.raises(AssertionError, match=message):
            assert_gradients_match(fn, inputs, analytic)

    def test_a_kink_is_told_from_a_wrong_rule(self):
        relu = lambda x: np.maximum(x, 0)
        told = r"element \(1,\): the function has a kink there, slope 0 on the left and 1 on the right: move away"
        with pytest.warns(KinkWarning, match=told):
            assert_gradients_match(relu, np.array([1.0, 0.0]), lambda g, x: g * (x > 0))
        with pytest.raises(AssertionError, match=told):  # warnings are errors here
            assert_gradients_match(relu, np.array([1.0, 0.0]), lambda g, x: g * (x > 0))
        with pytest.raises(AssertionError, match="correct the rule"):
            assert_gradients_match(np.exp, np.array([1.0, 0.0]), lambda g, x: g)

    def test_a_kink_is_told_where_the_slopes_of_the_two_sides_cancel(self):
        with pytest.warns(KinkWarning, match=r"element \(0,\).* slope -1 on the left and 1 on the right"):
            assert_gradients_match(np.abs, np.arange(3.0), lambda g, x: g * np.sign(x))

    @pytest.mark.filterwarnings("ignore::nn.errors.KinkWarning")
    @pytest.mark.parametrize("x", [np.zeros(3), np.arange(3.0), np.ones(3), np.array([-1.0, 0.0, 2.0])])
    def test_a_wrong_backward_does_not_hide_behind_a_kink(self, x):
        for wrong in (lambda g, x: g, lambda g, x: g * x, lambda g, x: 0.5 * g, lambda g, x: g * (x < 0)):
            with pytest.raises(AssertionError, match="gradient by input 0"):
                assert_gradients_match(lambda x: np.maximum(x, 0), x, wrong)

    def test_a_nan_is_a_difference(self):
        with pytest.raises(AssertionError, match="element \\(0,\\): analytic gradient nan"):
            assert_gradients_match(np.sin, np.array([1.0]), lambda g, x: g * np.nan)


class TestInputsThatHideMistakes:
    """What a checker that shares its random numbers, or looks at one point, lets pass."""

    def test_a_backward_that_ignores_g_with_inputs_from_the_commonest_seed(self):
        x, w = np.random.default_rng(0).normal(size=(2, 4, 4))
        mask = lambda x, w: (x @ w > 0) * 1.0
        with pytest.raises(AssertionError, match="ignores the upstream gradient g"):
            assert_gradients_match(
                lambda x, w: np.maximum(x @ w, 0), (x, w), lambda g, x, w: (mask(x, w) @ w.T, x.T @ mask(x, w))
            )

    @pytest.mark.parametrize("seed", range(5))
    @pytest.mark.parametrize("draw", [np.random.default_rng, np.random.RandomState, own_stream])
    def test_g_and_x_swapped_whatever_they_were_drawn_from(self, seed, draw):
        def softmax(x):
            e = np.exp(x - x.max(-1, keepdims=True))
            return e / e.sum(-1, keepdims=True)

        def swapped(x, g):
            p = softmax(x)
            return p * (g - (g * p).sum(-1, keepdims=True))

        with pytest.raises(AssertionError, match="not linear in g: g and the input are swapped"):
            assert_gradients_match(softmax, draw(seed).normal(size=(4, 4)), lambda g, x: swapped(g, x), seed=seed)

    @pytest.mark.parametrize("x", [np.ones((3, 3)), np.eye(3), np.arange(9.0).reshape(3, 3), np.full((3, 3), 2.0)])
    def test_symmetric_and_constant_inputs(self, x):
        w = np.arange(9.0).reshape(3, 3)
        for inputs in ((x, w), (x, x), (x + x.T, w + w.T)):
            assert_gradients_match(lambda x, w: x @ w, inputs, lambda g, x, w: (g @ w.T, x.T @ g))
            for wrong in (lambda g, x, w: (g @ w, x.T @ g), lambda g, x, w: (g @ w.T, x @ g)):
                with pytest.raises(AssertionError, match="gradient by input"):
                    assert_gradients_match(lambda x, w: x @ w, inputs, wrong)

    def test_a_function_that_is_meant_for_such_inputs_alone(self):
        symmetric = np.array([[2.0, 1.0], [1.0, 3.0]])
        inverse = lambda g, x: -np.linalg.inv(x) @ g @ np.linalg.inv(x)  # without transposing
        with pytest.raises(AssertionError, match="pass nearby=False"):
            assert_gradients_match(np.linalg.inv, symmetric, inverse)
        assert_gradients_match(np.linalg.inv, symmetric, inverse, nearby=False)

    def test_one_hot_targets_stay_one_hot(self):
        def loss(x, t):
            return -(t * (x - np.log(np.exp(x).sum(-1, keepdims=True)))).sum()

        def backward(g, x, t):
            p = np.exp(x) / np.exp(x).sum(-1, keepdims=True)
            return g * (p - t), -g * np.log(p)  # the first relies on rows of t that sum to 1

        assert_gradients_match(loss, (np.ones((3, 4)), np.eye(4)[[0, 2, 2]]), backward)


class TestArgumentsThatAreChanged:
    def test_the_upstream_gradient(self):
        def backward(g, x):
            g *= 1 - np.tanh(x) ** 2
            return g * (1 - np.tanh(x) ** 2)

        with pytest.raises(AssertionError, match="the backward changes its upstream gradient g in place"):
            assert_gradients_match(np.tanh, np.array([0.5, -1.0]), backward)

        def right_but(g, x):
            g *= 1 - np.tanh(x) ** 2
            return g

        with pytest.raises(AssertionError, match="the backward changes its upstream gradient g in place"):
            assert_gradients_match(np.tanh, np.array([0.5, -1.0]), right_but)

    def test_one_of_several_upstream_gradients(self):
        def backward(g, x):
            g[1][...] = 0
            return g[0]

        with pytest.raises(AssertionError, match="upstream gradient g in place"):
            assert_gradients_match(lambda x: (x, x * 0), np.ones(2), backward)

    def test_an_input_by_its_name_in_the_forward_and_in_the_backward(self):
        def forward(x, w):
            w += 1
            return x * w

        with pytest.raises(
            AssertionError, match=r"the forward changes its input 1 \(w\) in place; let it work on a copy"
        ):
            assert_gradients_match(forward, (np.ones(2), np.ones(2)), lambda g, x, w: (g * (w + 1), g * x))

        def backward(g, x):
            x[...] = np.cos(x)
            return g * x

        with pytest.raises(AssertionError, match="the backward changes its input 0"):
            assert_gradients_match(np.sin, np.ones(2), backward)

    def test_an_integer_input_and_a_tensor(self):
        def forward(x, index):
            index[:] = 0
            return x[index]

        with pytest.raises(AssertionError, match=r"the forward changes its input 1 \(index\)"):
            assert_gradients_match(
                forward, (np.arange(3.0), np.array([2, 1])), lambda g, x, i: np.array([g.sum(), 0, 0])
            )
        x = nn.tensor([0.5, 1.0], dtype=nn.float64)
        with pytest.raises(AssertionError, match="the backward changes its upstream gradient"):
            assert_gradients_match(lambda x: x * 2, x, lambda g, x: g.mul_(2))

    def test_own_arrays_may_be_changed(self):
        def backward(g, x):
            d = np.array(g)
            d *= 2 * x
            return d

        x = np.array([1.0, 2.0])
        assert_gradients_match(lambda x: x**2, x, backward)
        assert x.tolist() == [1, 2]


class TestStructures:
    def test_tuples_dicts_and_named_tuples(self, rng):
        Pair = namedtuple("Pair", "s q")
        x = rng.normal(size=3)
        assert_gradients_match(lambda x: (np.sin(x), x**2), x, lambda g, x: g[0] * np.cos(x) + g[1] * 2 * x)
        assert_gradients_match(lambda x: Pair(np.sin(x), x**2), x, lambda g, x: g.s * np.cos(x) + g.q * 2 * x)
        assert_gradients_match(
            lambda x: {"s": np.sin(x), "place": x.argmax(), "more": [x**2, 2.0]},
            x,
            lambda g, x: g["s"] * np.cos(x) + g["more"][0] * 2 * x,
        )

    def test_the_upstream_gradient_of_integers_is_none(self):
        seen = []

        def backward(g, x):
            seen.append(g[1])
            return g[0]

        assert_gradients_match(lambda x: (x, x.argsort()), np.array([2.0, 1.0]), backward)
        assert set(seen) == {None}

    def test_which_output_is_wrong_is_said(self, rng):
        with pytest.raises(AssertionError, match=r"only what flows back from output \[1\] is wrong"):
            assert_gradients_match(
                lambda x: (np.sin(x), x**2), rng.normal(size=3), lambda g, x: g[0] * np.cos(x) + g[1] * x
            )
        with pytest.raises(AssertionError, match=r"the gradient by output \.b is ignored"):
            assert_gradients_match(
                lambda x: namedtuple("Two", "a b")(np.sin(x), x**2), rng.normal(size=3), lambda g, x: g.a * np.cos(x)
            )

    def test_one_output_is_chosen(self, rng):
        fn = lambda x: {"s": np.sin(x), "q": x**2}
        assert_gradients_match(fn, rng.normal(size=3), lambda g, x: g * np.cos(x), output="s")
        assert_gradients_match(fn, rng.normal(size=3), lambda g, x: g * 2 * x, output=lambda out: out["q"])

    @pytest.mark.parametrize(
        ("gradient", "said"),
        [
            (lambda g, x: None, r"input 0: got None, expected an array of shape \(2, 3\)"),
            (lambda g, x: g[0], r"has shape \(3,\), the input has \(2, 3\)"),
            (lambda g, x: g.T, "the gradient is transposed"),
            (lambda g, x: g * 1j, "got a gradient of dtype complex128, expected float64"),
            (lambda g, x: g > 0, "got a gradient of dtype bool"),
            (lambda g, x: (9 * g).astype(int), "got a gradient of dtype int64, which cuts fractions off"),
            (lambda g, x: (g, g), "expected 1 gradient, one for each float input, got 2"),
        ],
    )
    def test_what_is_no_gradient_is_said_to_be_none(self, gradient, said):
        with pytest.raises(AssertionError, match=said):
            assert_gradients_match(lambda x: x * 1.0, np.ones((2, 3)), gradient)

    def test_a_missing_sum_over_a_broadcast_axis(self, rng):
        with pytest.raises(AssertionError, match="the sum over the broadcast axis 0 is missing"):
            assert_gradients_match(np.add, (rng.normal(size=(4, 3)), rng.normal(size=3)), lambda g, x, b: (g, g))

    def test_integers_and_booleans_are_left_out(self, rng):
        x, index, mask = rng.normal(size=4), np.array([0, 2, 2]), np.array([True, False, True])

        def backward(g, x, index, mask):
            d = np.zeros(4)
            np.add.at(d, index, g * mask)
            return d

        assert_gradients_match(lambda x, i, m: x[i] * m, (x, index, mask), backward)
        assert_gradients_match(lambda x, i, m: x[i] * m, (x, index, mask), lambda *a: (backward(*a), None, None))
        with pytest.raises(AssertionError, match="expected 1 gradient, one for each float input, got 3"):
            assert_gradients_match(lambda x, i, m: x[i] * m, (x, index, mask), lambda *a: (backward(*a), None, 0))

    def test_several_inputs_of_a_module_are_a_tuple(self):
        x, state = nn.ones(4, 1, 3), nn.zeros(1, 1, 2)
        nn.testing.check_module(nn.GRU(3, 2), (x, state))
        with pytest.raises(TypeError, match="kwargs must be a dict, got Tensor; give several inputs as a tuple"):
            nn.testing.check_module(nn.GRU(3, 2), x, state)

    def test_a_random_forward_is_no_kink(self):
        with pytest.raises(AssertionError, match="it is random") as error:
            assert_gradients_match(
                lambda x: x * (np.random.default_rng().random(x.shape) > 0.5), np.ones(20), lambda g, x: g
            )
        assert "kink" not in str(error.value)

    def test_a_layer_that_keeps_its_input(self, rng):
        class Square:
            def forward(self, x):
                self.x = x
                return x**2

            def backward(self, g):
                return 2 * self.x * g

        layer = Square()
        assert_gradients_match(layer.forward, rng.normal(size=4), lambda g, x: layer.backward(g))


class TestSinglePrecision:
    def strict(self, x, w):
        assert x.dtype in (np.float32, np.complex128)
        return np.tanh(x @ w)

    def backward(self, g, x, w):
        assert {g.dtype, x.dtype} == {np.dtype(np.float32)}
        d = g * (1 - np.tanh(x @ w) ** 2)
        return d @ w.T, x.T @ d

    @pytest.mark.parametrize("scale", [1e-2, 1.0, 1e2])
    def test_code_for_float32_by_complex_steps(self, rng, scale):
        inputs = (scale * rng.normal(size=(3, 4)), rng.normal(size=(4, 2)) / scale)
        assert_gradients_match(self.strict, inputs, self.backward, dtype=np.float32)
        wrong = lambda g, x, w: [d * np.float32(1.01) for d in self.backward(g, x, w)]
        with pytest.raises(AssertionError, match=r"1\.01 times the expected one"):
            assert_gradients_match(self.strict, inputs, wrong, dtype=np.float32)

    def test_code_that_takes_no_complex_numbers_by_wider_steps(self, rng):
        def forward(x):
            assert x.dtype == np.float32
            return np.arctan2(x, 1)

        x = rng.normal(size=(3, 4))
        assert_gradients_match(forward, x, lambda g, x: g / (1 + x**2), dtype=np.float32)
        with pytest.raises(AssertionError, match="factor of 2"):
            assert_gradients_match(forward, x, lambda g, x: 2 * g / (1 + x**2), dtype=np.float32)

    @pytest.mark.parametrize("seed", range(10))
    def test_code_that_rounds_inside(self, seed):
        x = np.random.default_rng(seed).normal(size=(3, 4))
        forward = lambda x: np.exp(np.sin(x).astype(np.float32))
        assert_gradients_match(forward, x, lambda g, x: g * np.exp(np.sin(x)) * np.cos(x))
        with pytest.raises(AssertionError, match="times the expected one"):
            assert_gradients_match(forward, x, lambda g, x: 0.99 * g * np.exp(np.sin(x)) * np.cos(x))


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


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(3, 3), nn.Linear(3, 3)
        self.second.weight = self.first.weight
        self.register_buffer("scale", nn.tensor([1.0, 2.0, 3.0]))

    def forward(self, x):
        return {"out": self.second(self.first(x).tanh()) * self.scale, "place": x.argmax()}


class TestCheckModuleOfManyKinds:
    @pytest.mark.parametrize("order", [1, 2])
    @pytest.mark.parametrize(
        ("module", "inputs", "kwargs"),
        [
            (lambda: nn.LSTM(3, 2), lambda: nn.randn(4, 1, 3), {}),
            (lambda: nn.LSTM(3, 2), lambda: (nn.randn(2, 2, 3), (nn.randn(1, 2, 2), nn.randn(1, 2, 2))), {}),
            (lambda: nn.GRU(3, 2, bidirectional=True), lambda: nn.randn(2, 1, 3), {}),
            (lambda: nn.LSTMCell(3, 2), lambda: nn.randn(2, 3), {}),
            (
                lambda: nn.MultiheadAttention(4, 2, batch_first=True),
                lambda: (nn.randn(1, 3, 4),) * 3,
                {"key_padding_mask": nn.tensor([[False, False, True]])},
            ),
            (lambda: nn.BatchNorm1d(3), lambda: nn.randn(5, 3), {}),
            (lambda: nn.BatchNorm1d(3).eval(), lambda: nn.randn(5, 3), {}),
            (lambda: nn.Embedding(5, 3), lambda: nn.tensor([0, 2, 2]), {}),
            (lambda: nn.LayerNorm(4), lambda: nn.ones(2, 4), {}),
            (lambda: nn.Conv2d(1, 2, 2), lambda: nn.ones(1, 1, 3, 3), {}),
            (lambda: nn.CrossEntropyLoss(), lambda: (nn.randn(3, 4), nn.tensor([0, 3, 1])), {}),
            (Tied, lambda: nn.randn(2, 3), {}),
        ],
    )
    def test_right_ones_pass(self, module, inputs, kwargs, order):
        nn.manual_seed(1)
        check_module(module(), inputs(), kwargs, order=order)

    def test_one_output_of_several(self):
        check_module(nn.LSTM(3, 2), nn.randn(2, 1, 3), output=0)
        check_module(nn.LSTM(3, 2), nn.randn(2, 1, 3), output=lambda out: out[1][1])

    @pytest.mark.parametrize(
        "layer", [nn.Dropout(0.5), nn.Sequential(nn.Linear(3, 3), nn.Dropout(0.1)), nn.AlphaDropout()]
    )
    def test_a_random_one_is_said_to_be(self, layer):
        with pytest.raises(AssertionError, match=r"it is random \(dropout, say\).*evaluation mode"):
            check_module(layer, nn.ones(40, 3))
        check_module(layer.eval(), nn.ones(2, 3))

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            (lambda m, x: x.detach() * m.scale + m.bias, "input 0, "),
            (lambda m, x: x * m.scale.detach() + m.bias, "scale, "),
            (lambda m, x: x * m.scale + (m.bias + m.bias.detach()) / 2, "bias, "),
            (lambda m, x: x * m.scale + m.bias + m.shift * m.shift.detach(), "shift, "),
        ],
    )
    def test_inputs_parameters_and_buffers_are_all_judged(self, change, said):
        class Affine(nn.Module):
            def __init__(self):
                super().__init__()
                self.scale, self.bias = nn.Parameter(nn.tensor([2.0, 3.0])), nn.Parameter(nn.ones(2))
                self.register_buffer("shift", nn.ones(2))

            def forward(self, x):
                return change(self, x)

        with pytest.raises(AssertionError) as error:
            check_module(Affine(), nn.ones(3, 2))
        first, *lines = str(error.value).splitlines()
        assert first.startswith(f"Affine: {said}element")
        assert len(lines) == 4
        assert sum("wrong" in line for line in lines) == 1

    def test_a_constant_buffer_is_left_out(self):
        batch_norm = nn.BatchNorm1d(2).eval()
        with pytest.raises(AssertionError) as error:
            check_module(nn.Sequential(batch_norm, Doubled()), nn.randn(3, 2))
        assert "0.running_mean, shape (2,): left out, no gradient reaches it" in str(error.value)

    def test_keyword_inputs_are_judged_by_name(self):
        class Wrong(nn.Module):
            def forward(self, x, *, state):
                return x * state["h"].detach()

        with pytest.raises(AssertionError, match=r"Wrong: input state\['h'\], element"):
            check_module(Wrong(), nn.ones(2), {"state": {"h": nn.ones(2)}})

    def test_kinks_are_told_with_the_place(self):
        with pytest.warns(KinkWarning, match=r"MaxPool2d: input 0, element \(0, 0, 0, 0\) \(and at 15 more of 16"):
            check_module(nn.MaxPool2d(2), nn.ones(1, 1, 4, 4))


class Doubled(nn.Module):
    def forward(self, x):
        return x * x.detach()


def test_the_second_order_is_told_from_the_first(monkeypatch):
    rule = registry["cos"].vjp["x"]
    original = rule.function
    monkeypatch.setattr(rule, "function", lambda g, x: 2 * original(g, x))
    x = nn.tensor([0.3, 0.7], dtype=nn.float64, requires_grad=True)
    assert gradcheck(nn.sin, x)
    with pytest.raises(AssertionError, match="factor of 2 too large") as error:
        gradgradcheck(nn.sin, x)
    assert "the gradient of first order is right, the gradient of the gradient (second order) is wrong" in str(
        error.value
    )
    with pytest.raises(AssertionError, match="the gradient of first order is wrong already"):
        gradgradcheck(lambda x: x**2 * x.detach(), x)


def test_gradcheck_says_no_without_raising():
    x = nn.tensor([1.0], dtype=nn.float64, requires_grad=True)
    assert gradcheck(lambda x: x * x.detach(), x, raise_exception=False) is False


def test_a_gradient_may_be_nested_lists_of_numbers():
    x = np.array([[0.5, -1.0], [2.0, 0.25]])

    def backward(g, x):
        return [
            [2 * float(a) * float(b) for a, b in zip(row, rest, strict=True)] for row, rest in zip(g, x, strict=True)
        ]

    nn.testing.assert_gradients_match(lambda x: x**2, x, backward)
    nn.testing.assert_gradients_match(lambda x: float((x**2).sum()), x[0], lambda g, x: [2 * g * float(v) for v in x])
    with pytest.raises(nn.GradcheckError, match="expected 1 gradient, one for each float input, got 3"):
        nn.testing.assert_gradients_match(lambda x: x**2, x[0], lambda g, x: [1.0, 2.0, 3.0])
