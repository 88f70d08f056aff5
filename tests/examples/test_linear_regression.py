"""The linear regression: the exact answer, and the limits of the learning rate."""

import numpy as np
import pytest

from nn.examples import linear_regression as example
from nn.examples.console import Options
from tbwriter import read_scalars


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    return example.train(Options(tmp_path_factory.mktemp("run"), quiet=True))


def test_the_weights_are_the_exact_solution(report):
    np.testing.assert_allclose(report.figures["weights"], [-1, 3], atol=1e-3)
    np.testing.assert_allclose(report.figures["predictions"], [5, 7, 9, 11], atol=1e-3)
    np.testing.assert_allclose(np.linalg.lstsq(example.X, example.T, rcond=None)[0].ravel(), [-1, 3], atol=1e-5)


def test_standardised_with_a_bias_gives_slope_2_and_intercept_3(report):
    assert report.figures["slope"] == pytest.approx(2, abs=1e-4)
    assert report.figures["intercept"] == pytest.approx(3, abs=1e-4)


def test_the_limits_are_those_of_the_eigenvalues():
    np.testing.assert_allclose(example.eigenvalues(), [0.2388, 83.7612], atol=1e-4)
    limits = [example.limit(factor) for factor, _ in example.CONVENTIONS.values()]
    np.testing.assert_allclose(limits, [0.0239, 0.0478, 0.0955], atol=5e-5)


@pytest.mark.parametrize("name", example.CONVENTIONS)
def test_just_below_the_limit_it_converges_and_just_above_it_diverges(name):
    factor, loss = example.CONVENTIONS[name]
    assert not example.diverges(0.99 * example.limit(factor), loss)
    assert example.diverges(1.01 * example.limit(factor), loss)
    assert example.diverges(0.1, loss)


def test_both_runs_are_logged(report):
    for name in ("raw", "standardised"):
        steps, losses = read_scalars(report.log_dir / name)["loss"]
        assert (np.diff(steps) == 1).all()
        assert losses[-1] < 1e-6


def test_a_rate_that_diverges_ends_with_one_sentence(tmp_path):
    with (
        np.errstate(all="ignore"),
        pytest.raises(FloatingPointError, match=r"loss became (inf|nan) in epoch \d+.*--lr"),
    ):
        example.train(Options(tmp_path, lr=1.0, quiet=True))
