"""Right solutions in another style than the reference's pass: what counts is what comes out."""

import sys
from types import ModuleType

import numpy as np
import pytest

import nn
from nn.exercises import check, exercise

SOLUTIONS = {}


def style(name, manner):
    def added(names):
        SOLUTIONS[f"{name}: {manner}"] = (name, names())
        return names

    return added


@style("sigmoid", "one formula, by logaddexp")
def _():
    def sigmoid(x):
        return np.exp(-np.logaddexp(0.0, -np.asarray(x)))

    return dict(sigmoid=sigmoid, sigmoid_backward=lambda g, x: np.multiply(g, sigmoid(x) * sigmoid(-x)))


@style("softmax", "a class with forward and backward")
def _():
    class Softmax:
        def forward(self, x):
            x = np.exp(x - np.max(x, -1)[..., None])
            self.p = x / np.sum(x, -1)[..., None]
            return self.p

        def backward(self, g):
            return self.p * g - self.p * np.einsum("...i,...i->...", g, self.p)[..., None]

    return dict(Softmax=Softmax)


@style("softmax", "loops and the full Jacobian")
def _():
    def softmax(x):
        rows = [np.exp(row - max(row)) / sum(np.exp(row - max(row))) for row in x.reshape(-1, x.shape[-1])]
        return np.array(rows).reshape(x.shape)

    def softmax_backward(g, x):
        p, flat = softmax(x).reshape(-1, x.shape[-1]), g.reshape(-1, x.shape[-1])
        rows = [(np.diag(row) - np.outer(row, row)) @ up for row, up in zip(p, flat, strict=True)]
        return np.array(rows).reshape(x.shape)

    return dict(softmax=softmax, softmax_backward=softmax_backward)


@style("linear", "einsum, and the gradients as a list")
def _():
    def linear(x, weight, bias):
        return np.einsum("...i,oi->...o", x, weight) + bias

    def linear_backward(g, x, weight, bias):
        lead = tuple(range(g.ndim - 1))
        dweight = np.tensordot(g, x, (lead, lead))
        return [np.einsum("...o,oi->...i", g, weight), dweight, np.add.reduce(g, lead)]

    return dict(linear=linear, linear_backward=linear_backward)


@style("sgd_momentum_step", "in place")
def _():
    def sgd_momentum_step(param, grad, velocity, lr, momentum=0.0, weight_decay=0.0):
        grad += weight_decay * param
        if velocity is None:
            velocity = np.zeros_like(grad)
        velocity *= momentum
        velocity += grad
        param -= lr * velocity
        return param, velocity

    return dict(sgd_momentum_step=sgd_momentum_step)


@style("conv2d", "as one product with sliding windows")
def _():
    def conv2d_size(n, k, stride=1, padding=0):
        return len(range(0, n + 2 * padding - k + 1, stride))

    def conv2d(x, weight, bias, stride=1, padding=0):
        x = np.pad(x, [(0, 0), (0, 0), (padding,) * 2, (padding,) * 2])
        windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], (2, 3))[:, :, ::stride, ::stride]
        return np.moveaxis(np.tensordot(windows, weight, ((1, 4, 5), (1, 2, 3))) + bias, -1, 1)

    return dict(conv2d=conv2d, conv2d_size=conv2d_size)


@style("max_pool2d", "seven loops")
def _():
    def places(x, s):
        for n, c, i, j in np.ndindex(*x.shape[:2], x.shape[2] // s, x.shape[3] // s):
            window = x[n, c, i * s : (i + 1) * s, j * s : (j + 1) * s]
            a, b = np.unravel_index(np.argmax(window), window.shape)
            yield (n, c, i, j), (n, c, i * s + a, j * s + b)

    def max_pool2d(x, size):
        y = np.empty((*x.shape[:2], x.shape[2] // size, x.shape[3] // size))
        for to, source in places(x, size):
            y[to] = x[source]
        return y

    def max_pool2d_backward(g, x, size):
        dx = np.zeros(x.shape)
        for to, source in places(x, size):
            dx[source] += g[to]
        return dx

    return dict(max_pool2d=max_pool2d, max_pool2d_backward=max_pool2d_backward)


@style("batch_norm", "fused in place, by the three paths")
def _():
    def batch_norm(x, weight, bias, running_mean, running_var, training, momentum=0.1, eps=1e-5):
        n, mean, var = len(x), running_mean, running_var
        if training:
            mean = np.add.reduce(x) / n
            var = np.add.reduce((x - mean) ** 2) / n
            running_mean += momentum * (mean - running_mean)
            running_var += momentum * (var * n / (n - 1) - running_var)
        x -= mean
        x *= weight / np.sqrt(var + eps)
        x += bias
        return x, running_mean, running_var

    def batch_norm_backward(g, x, weight, bias, eps=1e-5):
        n, centred = len(x), x - x.mean(0)
        s = 1 / np.sqrt((centred**2).mean(0) + eps)
        dvar = np.sum(g * weight * centred, 0) * -0.5 * s**3
        dx = g * weight * s + dvar * 2 * centred / n
        dx -= np.sum(g * weight * s, 0) / n
        return dx, np.sum(g * centred * s, 0), np.sum(g, 0)

    return dict(batch_norm=batch_norm, batch_norm_backward=batch_norm_backward)


@style("log_softmax", "keepdims nowhere, tensors of nn inside")
def _():
    def logsumexp(x):
        return nn.logsumexp(nn.tensor(x), -1)

    def log_softmax(x):
        return nn.functional.log_softmax(nn.tensor(x), -1)

    def log_softmax_backward(g, x):
        return g - np.exp(log_softmax(x).numpy()) * np.expand_dims(g.sum(-1), -1)

    return dict(logsumexp=logsumexp, log_softmax=log_softmax, log_softmax_backward=log_softmax_backward)


@style("scalar_autograd", "closures, sorted depth first with a list")
def _():
    class Value:
        def __init__(self, data, before=(), pass_on=None):
            self.data, self.grad, self.before, self.pass_on = float(data), 0.0, before, pass_on

        def made(self, data, before, *slopes):
            def pass_on(g):
                for value, slope in zip(before, slopes, strict=True):
                    value.grad += g * slope

            return Value(data, before, pass_on)

        def __add__(self, other):
            other = other if isinstance(other, Value) else Value(other)
            return self.made(self.data + other.data, (self, other), 1, 1)

        def __mul__(self, other):
            other = other if isinstance(other, Value) else Value(other)
            return self.made(self.data * other.data, (self, other), other.data, self.data)

        __radd__, __rmul__ = __add__, __mul__

        def tanh(self):
            y = np.tanh(self.data)
            return self.made(y, (self,), 1 - y * y)

        def backward(self):
            order, seen, stack = [], set(), [(self, False)]
            while stack:
                node, ready = stack.pop()
                if ready:
                    order.append(node)
                elif id(node) not in seen:
                    seen.add(id(node))
                    stack.append((node, True))
                    stack += [(value, False) for value in node.before]
            self.grad = 1.0
            for node in reversed(order):
                if node.pass_on:
                    node.pass_on(node.grad)

    return dict(Value=Value)


@style("minibatches", "a list instead of a generator")
def _():
    def train_val_test_split(x, y, val, test, rng):
        order = np.arange(len(x))
        rng.shuffle(order)
        a, b = int(val * len(x)), int(test * len(x))
        v, t, rest = np.split(order, [a, a + b])
        return [(x[rest], y[rest]), (x[v], y[v]), (x[t], y[t])]

    def minibatches(x, y, size, rng):
        order = np.argsort(rng.random(len(x)))
        return [(x[i], y[i]) for i in np.split(order, range(size, len(x), size))]

    return dict(train_val_test_split=train_val_test_split, minibatches=minibatches)


@style("drill_gradient_sign", "an object that is called, with another name for its arguments")
def _():
    class Step:
        def __call__(self, inputs, targets, w, rate):
            p = 1 / (1 + np.exp(-inputs @ w))
            return w + rate * inputs.T @ ((targets - p) * p * (1 - p))

    return dict(train_step=Step())


@style("unbroadcast", "one function handed over as it is")
def _():
    def my_unbroadcast(g, shape):
        while g.ndim > len(shape):
            g = g.sum(0)
        for axis, n in enumerate(shape):
            if n == 1:
                g = g.sum(axis, keepdims=True)
        return g

    return my_unbroadcast


@pytest.mark.parametrize("manner", SOLUTIONS)
def test_a_right_solution_of_another_style_passes(manner):
    name, solution = SOLUTIONS[manner]
    check(name, solution).raise_if_failed()


def test_a_layer_that_is_wrong_is_no_less_wrong_as_a_class():
    class Softmax(SOLUTIONS["softmax: a class with forward and backward"][1]["Softmax"]):
        def backward(self, g):
            return -super().backward(g)

    assert "guess: the sign is wrong" in str(check("softmax", Softmax))


def test_a_module_and_a_path_are_taken(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text("import helper\n\n\ndef sigmoid(x):\n    return helper.s(x)\n\n\n"
                    "def sigmoid_backward(g, x):\n    return g * helper.s(x) * helper.s(-x)\n")  # fmt: skip
    (tmp_path / "helper.py").write_text("import numpy as np\n\n\ndef s(x):\n    return np.exp(-np.logaddexp(0, -x))\n")
    check("sigmoid", str(file)).raise_if_failed()
    module = ModuleType("mine")
    vars(module).update(SOLUTIONS["sigmoid: one formula, by logaddexp"][1])
    check("sigmoid", module).raise_if_failed()
    sys.modules.pop("helper", None)


def test_what_a_solution_changes_in_place_spoils_no_later_check():
    def relu(x):
        x *= 0
        return x

    right = exercise("activations").solution()
    wrong = {**right, "relu": relu}
    assert [r.ok for r in check("activations", wrong).results] == [False, False, True, True]
    assert "relu changes its argument 0 in place" in str(check("activations", wrong))
    assert [r.ok for r in check("activations", right).results] == [True, True, True, True]
