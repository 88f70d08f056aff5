"""What a learner is told: which variable, which element, what was expected, and the mistake if it is a known one."""

import numpy as np
import pytest

import nn
from nn.exercises import Wrong, calm, check, distinct, exercise, gradients, same, unchanged

X = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]])


def said(call, *args, **kwargs):
    with pytest.raises(Wrong) as caught:
        call(*args, **kwargs)
    return caught.value.text


@pytest.mark.parametrize(
    ("got", "english", "chinese"),
    [
        (-X, "guess: the sign is wrong", "符号反了"),
        (X.T, "y: expected shape (2, 3), got (3, 2)\nguess: the gradient is transposed", "梯度被转置了"),
        (X.sum(0), "guess: it was summed over axis 0, which belongs to the input", "多对轴 0 求了和"),
        (X / 6, "(1/6)", "结果小了 6 倍"),
        (None, "y is None: return it", "忘了 return"),
        ("text", "expected an array of real numbers, got str", "应为实数数组"),
        ([[1], [1, 2]], "expected an array of real numbers, got list", "应为实数数组"),
        (X + 0j, "expected an array of real numbers, got ndarray", "应为实数数组"),
        ((X * 1.00001).astype(np.float32), "it was computed in float32", "float32"),
        (X * np.nan, "the result is nan in 6 of 6 elements", "nan"),
    ],
)
def test_a_wrong_array_is_explained(got, english, chinese):
    text = said(same, "y", got, X)
    assert english in text[0]
    assert chinese in text[1]


def test_the_worst_element_is_named():
    got = X.copy()
    got[1, 2] = 8
    got[0, 0] = 1.5
    text = said(same, "dx", got, X)
    assert text[0].startswith("dx, element (1, 2): expected 7, got 8; 2 of 6 elements differ")
    assert text[1].startswith("dx，元素 (1, 2)：应为 7，得到 8；6 个元素中有 2 个不符")


def test_numbers_lists_tensors_and_infinities_are_taken():
    same("y", 2.0, 2)
    same("y", [[1, 2, 3], [4, 5, 7]], X)
    same("y", nn.tensor(X), X)
    same("y", [np.inf, np.nan], [np.inf, np.nan])


def test_no_array_is_broadcast_into_a_right_shape():
    for got in (6.0, [6.0], [[6.0]]):
        others = [expected for expected in (6.0, [6.0], [[6.0]]) if np.shape(expected) != np.shape(got)]
        for expected in others:
            assert "expected shape" in said(same, "y", got, expected)[0]


class Liar(np.ndarray):
    """An array that answers every comparison with yes."""

    def __eq__(self, other):
        return np.ones(self.shape, bool)

    def __sub__(self, other):
        return np.zeros(self.shape)


def test_an_array_cannot_lie_about_itself():
    assert "expected 1, got 0" in said(same, "y", np.zeros((2, 3)).view(Liar), np.ones((2, 3)))[0]


# The four wrong softmax backwards: with an upstream gradient of ones three of them would pass.
SOFTMAX = exercise("softmax").required


@pytest.mark.parametrize(
    ("backward", "guess"),
    [
        (lambda g, x: np.zeros_like(x), "the gradient is zero everywhere"),
        (lambda g, x: -SOFTMAX["softmax_backward"](g, x), "the sign is wrong"),
        (lambda g, x: g * SOFTMAX["softmax"](x) * (1 - SOFTMAX["softmax"](x)), "only the diagonal of the Jacobian"),
        (lambda g, x: SOFTMAX["softmax"](x) * (g - (g * SOFTMAX["softmax"](x)).sum(0)), "over the wrong axis"),
    ],
    ids=["zeros", "sign", "diagonal", "batch"],
)
def test_the_four_wrong_softmax_backwards_are_caught_and_named(backward, guess):
    report = check("softmax", {"softmax": SOFTMAX["softmax"], "softmax_backward": backward})
    assert not report.ok
    assert [result.ok for result in report.results] == [True, True, False]
    assert guess in str(report)


def test_for_an_upstream_gradient_of_ones_most_of_them_are_right():
    x = distinct(np.random.default_rng(0), 3, 4)
    p, ones = SOFTMAX["softmax"](x), np.ones((3, 4))
    assert np.allclose(SOFTMAX["softmax_backward"](ones, x), 0)
    assert np.allclose(-SOFTMAX["softmax_backward"](ones, x), 0)
    assert np.allclose(0 * x, 0)
    assert not np.allclose(p * (1 - p), 0)


@pytest.mark.parametrize("way", ["by the closed form", "by central differences", "by autograd"])
def test_each_of_the_three_ways_can_tell(way):
    """Two of the three are made wrong in the same manner as the learner's: the third tells."""

    def wrong(g, x):
        return 3 * g * x

    def right(g, x):
        return 2 * g * x

    closed = right if way == "by the closed form" else wrong
    forward = (lambda x: x**2) if way == "by central differences" else (lambda x: 1.5 * x**2)
    autograd = (lambda x: x**2) if way == "by autograd" else (lambda x: 1.5 * x**2)
    text = said(gradients, wrong, closed, forward, [X], "dx", np.random.default_rng(0), autograd=autograd)
    assert way in text[0]


def test_the_number_of_gradients_is_told():
    text = said(gradients, lambda g, x, w: g, lambda g, x, w: (g, g), lambda x, w: x + w, [X, X], "dx dw",
                np.random.default_rng(0))  # fmt: skip
    assert text[0] == "the backward must return 2 gradients (dx, dw), got 1"
    assert "应返回 2 个梯度" in text[1]


def test_gradients_in_another_order_are_recognised():
    text = said(gradients, lambda g, x, w: (g * x, g * w), lambda g, x, w: (g * w, g * x), lambda x, w: x * w,
                [X, X + 1], "dx dw", np.random.default_rng(0))  # fmt: skip
    assert "guess: this is the gradient by dw: the gradients are returned in another order" in text[0]
    assert "这是 dw：返回的顺序弄错了" in text[1]


def test_an_argument_that_is_changed_and_an_overflow_are_told():
    def doubled(x):
        x *= 2
        return x

    assert "doubled changes its argument 0 in place" in said(unchanged, doubled, X.copy())[0]
    with pytest.raises(Wrong, match="it is not stable: overflow"), calm():
        np.exp(np.array([1000.0]))
