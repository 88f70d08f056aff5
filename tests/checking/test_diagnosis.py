"""Each known mistake is recognised from arrays alone, and a right gradient is called none."""

import re

import numpy as np
import pytest

from nn.checking.diagnosis import Case, diagnose, diagnose_shape


@pytest.fixture
def expected(rng):
    return rng.normal(size=(3, 4, 4))


@pytest.fixture
def upstream(rng):
    first, second = rng.normal(size=(2, 4, 4))
    return np.stack([first, second, first - 2 * second])


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (lambda d: -d, "the sign is wrong"),
        (lambda d: 2 * d, "a factor of 2 too large"),
        (lambda d: d / 2, r"a factor of 2 too small: it is divided by 2 once too often \(1/2\)"),
        (lambda d: -2 * d, "the sign is wrong too, and the gradient is a factor of 2 too large"),
        (lambda d: d * 4, "a factor of 4 too large: it should be divided by 4, the size of axis 0"),
        (lambda d: d / 16, r"\(1/16\)"),
        (lambda d: d * 1.37, r"1\.37 times the expected one"),
        (lambda d: d * 4 / 3, r"N / \(N - 1\) for N = 4"),
        (lambda d: d * 0.75, r"\(N - 1\) / N for N = 4"),
        (lambda d: d * 0, "zero everywhere"),
        (lambda d: d * np.nan, "nan in 16 of 16 elements"),
        (lambda d: d / 0, "infinite in 16 of 16"),
        (lambda d: d.swapaxes(1, 2), "transposed"),
        (lambda d: d[:, ::-1], r"flipped \(rotated\) along axis 0"),
        (lambda d: d[:, ::-1, ::-1], "along axes 0, 1"),
        (lambda d: np.roll(d, 1, 2), "shifted by 1 along axis 1"),
        (lambda d: np.broadcast_to(d.sum(1, keepdims=True), d.shape), "summed over axis 0"),
        (lambda d: np.broadcast_to(d.mean(2, keepdims=True), d.shape), r"averaged \(a mean\) over axis 1"),
        (lambda d: np.broadcast_to(d.sum((1, 2), keepdims=True), d.shape), "summed over axes 0, 1"),
        (lambda d: d[:, [1, 0, 3, 2]], "in the wrong places"),
        (lambda d: np.broadcast_to(d[:1], d.shape), "ignores the upstream gradient g"),
        (lambda d: np.full_like(d, 2.0), "a constant"),
        (lambda d: d * (np.arange(4) != 2), "index 2 on axis 1 are wrong: there the gradient is zero"),
        (lambda d: d * np.where(np.arange(4)[:, None] < 2, -1, 1), "index 0, 1 on axis 0 are wrong: there the sign"),
        (lambda d: d * np.arange(1.0, 17).reshape(4, 4), "a factor that depends on the element (1 to 16) and not on g"),
    ],
)
def test_a_mistake_of_the_gradient_alone_is_named(expected, mistake, said):
    with np.errstate(all="ignore"):
        got = np.array(mistake(expected))
    if "(1 to" in said:
        assert said in diagnose(Case(expected, got))
    else:
        assert re.search(said, diagnose(Case(expected, got)))


def test_of_a_right_gradient_only_a_factor_of_one_could_be_said(expected):
    said = diagnose(Case(expected, expected.copy()))
    assert said is None or "1 times" in said


def test_nothing_is_said_of_noise(expected, rng):
    assert diagnose(Case(expected, rng.normal(size=expected.shape))) is None


@pytest.mark.parametrize(
    ("got", "said"),
    [
        (lambda g, x, y: g, "passed on unchanged: the derivative of the activation is missing"),
        (lambda g, x, y: g * (1 - y**2) ** 2, "the derivative of the activation is applied twice"),
        (lambda g, x, y: g * (1 - y), r"computes g * (1 - y), expected g * (1 - y**2)"),
        (lambda g, x, y: g * (1 - x**2), r"computes g * (1 - x**2), expected g * (1 - y**2)"),
        (lambda g, x, y: g * y, r"computes g * y, expected"),
        (lambda g, x, y: np.where(x > 0, 1, 0.5) * g * (1 - y**2), "the wrong elements are those where x < 0"),
        (lambda g, x, y: np.maximum(g, 0), "not linear in g"),
        (lambda g, x, y: g * (1 - y**2) + 0.1 * x, "a term is added that does not depend on g: 0.1 times the input"),
        (lambda g, x, y: g * (1 - y**2) + g, "the upstream gradient g is added once too often"),
        (lambda g, x, y: g * (1 - y**2) - g, "direct path (a skip connection) is missing"),
        (lambda g, x, y: g * np.cosh(x), "a factor that depends on the element"),
    ],
)
def test_a_wrong_derivative_of_an_activation_is_named(upstream, rng, got, said):
    x = rng.normal(size=(4, 4))
    y = np.tanh(x)
    case = Case(upstream * (1 - y**2), np.array([got(g, x, y) for g in upstream]), (upstream,), x, (y,))
    assert said in diagnose(case)


def softmax(x):
    e = np.exp(x)
    return e / e.sum(-1, keepdims=True)


@pytest.mark.parametrize(
    ("got", "said"),
    [
        (lambda g, p: g * p * (1 - p), "only the diagonal of the Jacobian"),
        (lambda g, p: p * g, "y * sum(g * y) over axis 1 is missing or wrong"),
        (lambda g, p: p * (g - (g * p).sum(0)), "sum or mean is taken over the wrong axis"),
        (lambda g, p: g - p * g.sum(-1, keepdims=True), "this is the gradient of log_softmax"),
    ],
)
def test_a_wrong_softmax_is_named(upstream, rng, got, said):
    x = rng.normal(size=(4, 4))
    p = softmax(x)
    jacobian = np.zeros((4, 4, 4, 4))
    for i in range(4):
        jacobian[i, :, i] = np.diag(p[i]) - np.outer(p[i], p[i])
    expected = np.array([p * (g - (g * p).sum(-1, keepdims=True)) for g in upstream])
    found = np.array([got(g, p) for g in upstream])
    assert said in diagnose(Case(expected, found, (upstream,), x, (p,), jacobian=jacobian.reshape(16, 16)))


def test_the_gradient_of_another_input_and_one_with_changed_places(expected, rng):
    other, swapped = rng.normal(size=(2, 3, 4, 4))
    assert "this is the gradient by input 1" in diagnose(Case(expected, other, others={"input 1": other}))
    got = swapped.copy()
    g = rng.normal(size=(3, 4, 4))
    g[2] = g[0] - 2 * g[1]
    assert "g and the input are swapped" in diagnose(Case(expected, got, (g,), swapped=got[0]))


def test_rows_that_are_named_twice_and_classes(expected, rng):
    got = expected.copy()
    got[:, [1, 3]] = rng.normal(size=(3, 2, 4))
    assert "more than once" in diagnose(Case(expected, got, integers=(np.array([0, 1, 1, 3, 3]),)))
    got = expected.copy()
    got[:, np.arange(4), [2, 0, 1, 1]] = rng.normal(size=(3, 4))
    assert "those of the target classes" in diagnose(Case(expected, got, integers=(np.array([2, 0, 1, 1]),)))


def test_a_border_and_a_kernel_that_is_not_rotated(rng):
    expected = rng.normal(size=(2, 1, 4, 4))
    got = expected.copy()
    got[..., 0, :] = got[..., -1, :] = got[..., 0] = got[..., -1] = 0
    assert "only elements on the border are wrong: there the gradient is zero" in diagnose(Case(expected, got))
    jacobian, g = rng.normal(size=(4, 16)), rng.normal(size=(2, 1, 1, 2, 2))
    right = (g.reshape(2, 4) @ jacobian).reshape(2, 1, 1, 4, 4)
    turned = (g[..., ::-1, ::-1].reshape(2, 4) @ jacobian).reshape(2, 1, 1, 4, 4)[..., ::-1, ::-1]
    assert "not rotated" in diagnose(Case(right, turned, (g,), jacobian=jacobian))


def test_an_output_that_is_ignored(rng):
    jacobian, first, second = rng.normal(size=(5, 4)), rng.normal(size=(3, 2)), rng.normal(size=(3, 3))
    expected = np.concatenate([first, second], 1) @ jacobian
    case = Case(expected, first @ jacobian[:2], (first, second), np.zeros(4), (np.zeros(2), np.zeros(3)),
                ("output [0]", "output [1]"), jacobian=jacobian)  # fmt: skip
    assert diagnose(case) == "the gradient by output [1] is ignored: what flows back from there is missing"


@pytest.mark.parametrize(
    ("got", "said"),
    [
        (lambda d: np.stack([d * 0.3, d * 0.7]), "the sum over the broadcast axis 0 is missing"),
        (lambda d: np.stack([d * 0.6, d * 1.4]), "the mean over the broadcast axis 0 is missing"),
        (lambda d: d.T, "the gradient is transposed"),
        (lambda d: d.ravel(), "the values are right, in another shape"),
        (lambda d: d[None], "the values are right, in another shape"),
        (lambda d: d.sum(0), "it was summed over axis 0, which belongs to the input"),
        (lambda d: d.sum(), "it was summed over axes 0, 1"),
        (lambda d: d.mean(1, keepdims=True), "averaged (a mean was taken) over axis 1"),
        (lambda d: np.ones((2, 3, 5)), "the sum over a broadcast axis may be missing"),
    ],
)
def test_a_wrong_shape_is_explained(rng, got, said):
    expected = rng.normal(size=(3, 5))
    assert said in diagnose_shape(expected, np.asarray(got(expected)))


def test_a_shape_that_nothing_explains():
    assert diagnose_shape(np.ones((3, 5)) * np.arange(5), np.ones(2)) is None


def test_directions_have_no_axes(rng):
    expected = rng.normal(size=(3, 4))
    assert "factor of 2" in diagnose(Case(expected, 2 * expected, sample=True))
    assert diagnose(Case(expected, expected[:, ::-1].copy(), sample=True)) is None


def test_shapes_that_differ_are_refused():
    with pytest.raises(ValueError, match=r"expected gradient of shape \(1, 2\), got \(1, 3\)"):
        Case(np.ones((1, 2)), np.ones((1, 3)))
