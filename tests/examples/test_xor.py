"""The XOR example: two layers solve it with every seed, the article's code never does."""

import numpy as np
import pytest

from nn.examples import xor
from nn.examples.console import Console, Options
from tbwriter import read_events, read_scalars

QUIET = Console(quiet=True)


@pytest.mark.slow
def test_twenty_of_twenty_seeds_are_within_a_twentieth_of_their_targets():
    for seed in range(20):
        predictions = xor.predict(xor.fit(seed, xor.EPOCHS, xor.LR, QUIET))
        np.testing.assert_allclose(predictions, [0, 1, 1, 0], atol=0.05, err_msg=f"seed {seed}")


def test_the_run_is_logged_with_one_step_an_epoch(tmp_path):
    report = xor.train(Options(tmp_path, epochs=30, quiet=True))
    scalars = read_scalars(tmp_path)
    steps, losses = scalars["loss"]
    assert steps.tolist() == list(range(30))
    assert losses[-1] < losses[0]
    tags = {value.tag for event in read_events(tmp_path) if event.summary for value in event.summary.value}
    assert {"weights/hidden.weight", "gradients/output.bias", "activations/tanh", "plane"} <= tags
    assert any(event.graph_def for event in read_events(tmp_path))
    assert len(report.tables[0].rows) == 4


def test_a_seed_makes_a_run_repeatable():
    first, second = (xor.predict(xor.fit(7, 20, 1.0, QUIET)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_as_printed_climbs_and_corrected_stays_at_a_quarter():
    climbing, _ = xor.single_unit(sign=-1.0)
    np.testing.assert_allclose(climbing[::100], PRINTED, atol=5e-5)
    corrected, outputs = xor.single_unit(sign=1.0, epochs=20_000)
    assert corrected[-1] == pytest.approx(0.25, abs=1e-4)
    np.testing.assert_allclose(outputs, 0.5, atol=0.01)


PRINTED = [0.2753, 0.2967, 0.3050, 0.3096, 0.3143, 0.3223, 0.3427, 0.3908, 0.4398, 0.4707]
"""What the article's code prints at epochs 0, 100 ... 900, with NumPy's legacy seed 0."""


def test_as_printed_says_why(tmp_path):
    report = xor.train_as_printed(Options(tmp_path, epochs=50, quiet=True))
    assert "minus the gradient" in report.tables[1].text()
    assert set(read_scalars(tmp_path)) == {"mse/as_printed", "mse/sign_corrected"}
