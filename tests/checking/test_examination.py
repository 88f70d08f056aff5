"""The checks in order, on subjects made by hand."""

import numpy as np
import pytest

from nn.checking.examination import Settings, Subject, examine


def subject(forward, backward, *point, **rest):
    labels = [f"gradient by input {i}" for i in range(len(point))]
    names = [f"input {i}" for i in range(len(point))]
    return Subject(
        lambda p: [np.array(forward(*p))], lambda p, u: backward(u[0], *p), [np.array(x, float) for x in point],
        labels, names, ["the output"], **rest,
    )  # fmt: skip


def test_every_input_has_a_verdict():
    wrong = subject(lambda x, y, z: x * y + z, lambda g, x, y, z: [g * y, 2 * g * x, -g], [1.0, 2], [3.0, 4], [5.0, 6])
    report = examine(wrong, Settings())
    assert [v.ok for v in report.verdicts] == [True, False, False]
    assert report.text("me").splitlines()[1:] == [
        "    input 0, shape (2,): the gradient is right",
        "    input 1, shape (2,): wrong, see above",
        f"    input 2, shape (2,): wrong, at {report.verdicts[2].place} expected {report.verdicts[2].expected:.6g}, "
        f"got {report.verdicts[2].got:.6g}; the sign is wrong: the gradient is -1 times the expected one",
    ]


@pytest.mark.parametrize(
    ("x", "wrong"),
    [
        (np.ones(4), lambda g, x: [g * x]),  # right at ones: x**3 / 3 has slope x**2
        (np.ones(4), lambda g, x: [g * np.abs(x) * x]),  # right for all positive inputs
        (np.zeros(4), lambda g, x: [g * x]),
    ],
)
def test_a_backward_that_is_right_at_the_given_inputs_alone_is_caught(x, wrong):
    report = examine(subject(lambda x: x**3 / 3, wrong, x), Settings())
    assert not report.ok
    assert "at other inputs, drawn by the checker; the given inputs cannot tell" in report.text("me")
    assert examine(subject(lambda x: x**3 / 3, wrong, x), Settings(nearby=False)).ok


def test_a_point_at_which_the_function_is_not_defined_is_passed_over():
    def forward(x):
        if (x <= 0).any():
            raise ValueError("must be positive")
        return np.log(x)

    assert examine(subject(forward, lambda g, x: [g / x], [0.5, 2.0]), Settings()).ok
    assert examine(subject(np.sqrt, lambda g, x: [g / (2 * np.sqrt(x))], [0.5, 2.0]), Settings()).ok
    assert not examine(subject(forward, lambda g, x: [g / x**1.01], [0.5, 2.0]), Settings()).ok


def test_a_wrong_backward_does_not_hide_behind_a_kink():
    x = np.array([-1.0, 0.0, 0.0, 2.0])
    right = examine(subject(lambda x: np.maximum(x, 0), lambda g, x: [g * (x > 0)], x), Settings())
    assert right.ok
    assert [k.place for k in right.verdicts[0].kinks] == [(1,), (2,)]
    assert "element (1,) (and at 1 more of 4 elements): the function has a kink there" in right.kinks()
    outside = examine(subject(lambda x: np.maximum(x, 0), lambda g, x: [g * np.where(x == 0, 3, x > 0)], x), Settings())
    assert "at a kink, where it lies outside of the slopes of the two sides" in outside.text("me")
    for wrong in (lambda g, x: [g], lambda g, x: [g * (x < 0)], lambda g, x: [0.5 * g]):
        for point in (x, np.zeros(4)):
            assert not examine(subject(lambda x: np.maximum(x, 0), wrong, point), Settings()).ok


def test_a_tie_may_be_shared_but_not_counted_twice():
    ties = np.array([2.0, 2.0, 1.0, 2.0])
    forward = lambda x: x.max()
    for share in (lambda m: m / m.sum(), lambda m: m * (np.cumsum(m) == 1)):
        assert examine(subject(forward, lambda g, x, s=share: [g * s((x == x.max()) * 1.0)], ties), Settings()).ok
    report = examine(subject(forward, lambda g, x: [g * (x == x.max())], ties), Settings())
    assert not report.ok
    assert "where several elements of the kink move at once" in report.text("me")
    assert "at other inputs, drawn by the checker, the gradient is right" in report.text("me")


def test_directions_stand_for_elements():
    calls = []

    def forward(x):
        calls.append(1)
        return np.tanh(x)

    large = np.random.default_rng(0).normal(size=(200, 50))
    for factor, ok in ((1, True), (1.01, False)):
        calls.clear()
        wrong = subject(forward, lambda g, x, f=factor: [f * g * (1 - np.tanh(x) ** 2)], large)
        report = examine(wrong, Settings(directions=3))
        assert report.ok is ok
        assert len(calls) < 400
    assert "1.01 times the expected one" in report.text("me")


def test_a_forward_that_is_random_or_counts_is_no_function():
    rng = np.random.default_rng()
    report = examine(subject(lambda x: x * rng.random(x.shape), lambda g, x: [g], [1.0, 2.0]), Settings())
    assert "the forward gives another result for the same inputs: it is random (dropout, say)" in report.text("me")
    assert "kink" not in report.text("me")


def test_a_backward_that_is_random_or_accumulates_is_said_to():
    kept = np.zeros(2)

    def accumulates(g, x):
        kept[:] += g
        return [kept.copy()]

    for backward in (accumulates, lambda g, x: [g * np.random.default_rng().random(2)]):
        report = examine(subject(lambda x: x * 1.0, backward, [1.0, 2.0]), Settings())
        assert "the backward returns something else from call to call" in report.text("me")


def test_a_forward_that_is_not_finite_is_said_to_be():
    with np.errstate(all="ignore"):
        report = examine(subject(lambda x: 1 / x, lambda g, x: [-g / x**2], [0.0, 2.0]), Settings())
    assert "the forward is not finite at the given inputs" in report.text("me")


def test_the_border_of_a_domain_is_no_wrong_gradient_without_a_word():
    with np.errstate(all="ignore"):
        report = examine(subject(np.sqrt, lambda g, x: [g * 0.5 / np.sqrt(x)], [0.0, 2.0]), Settings())
    assert "the function is not finite beside it: move away from the border" in report.text("me")


def test_half_precision_is_refused_and_single_is_judged():
    def check(dtype, factor):
        with_cast = subject(
            lambda x: np.tanh(x.astype(dtype)), lambda g, x: [factor * g * (1 - np.tanh(x) ** 2)], [0.3, -0.7, 1.1]
        )
        return examine(with_cast, Settings())

    assert check(np.float32, 1).ok
    assert "1.01 times the expected one" in check(np.float32, 1.01).text("me")
    assert "half precision" in check(np.float16, 1).text("me")


def test_an_optional_input_is_left_out_where_no_gradient_reaches_it():
    two = subject(lambda x, m: x - m, lambda g, x, m: [g, None], [1.0, 2.0], [0.5, 0.5], optional=frozenset([1]))
    report = examine(two, Settings())
    assert report.ok
    assert report.verdicts[1].left_out
    required = subject(lambda x, m: x - m, lambda g, x, m: [g, None], [1.0, 2.0], [0.5, 0.5])
    assert "got None, expected an array of shape (2,)" in examine(required, Settings()).text("me")


@pytest.mark.parametrize("seed", range(20))
def test_right_ones_pass_whatever_the_seed(seed):
    x = np.random.default_rng(seed).normal(size=(3, 4))
    right = subject(
        lambda x: np.exp(x) * np.sin(3 * x), lambda g, x: [g * np.exp(x) * (np.sin(3 * x) + 3 * np.cos(3 * x))], x
    )
    assert examine(right, Settings(seed=seed)).ok
