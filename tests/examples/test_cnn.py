"""The CNN example: the article's pictures to below 0.001, the digits above 98.5 %."""

import numpy as np
import pytest

from nn.examples import cnn
from nn.examples.console import Console, Options
from tbwriter import read_events, read_scalars

QUIET = Console(quiet=True)


def test_the_article_s_pictures_are_learned(tmp_path):
    loss, classes = cnn.fit_article(300, 0.1, 0, QUIET, tmp_path)
    assert loss < 0.001
    assert classes.tolist() == [1, 0, 0, 1]


@pytest.mark.slow
def test_digits_reach_98_and_a_half_percent_over_five_seeds():
    runs = [cnn.fit_digits(cnn.EPOCHS, cnn.LR, seed, False, QUIET, None) for seed in range(5)]
    assert np.mean([run["accuracy"] for run in runs]) >= 0.985


def test_everything_is_logged(tmp_path):
    report = cnn.train(Options(tmp_path, epochs=1, quiet=True), augment=True)
    scalars = read_scalars(tmp_path / "digits")
    steps, _ = scalars["loss/batch"]
    assert steps.tolist() == list(range(len(steps)))
    assert {"loss", "accuracy", "accuracy/test", "lr", "gradient_norm/all", "dead/relu1"} <= set(scalars)
    assert {"loss", "accuracy"} <= set(read_scalars(tmp_path / "digits" / "validation"))
    events = [e for e in read_events(tmp_path / "digits") if e.summary]
    tags = {value.tag for event in events for value in event.summary.value}
    pictures = {"filters/conv1", "feature_maps/relu1", "feature_maps/relu2", "misclassified", "confusion_matrix",
                "saliency/input_gradient", "saliency/grad_cam", "loss_landscape"}  # fmt: skip
    assert pictures <= tags
    assert {"weights/conv1.weight", "gradients/conv2.weight", "activations/linear1"} <= tags
    curves = [e for e in read_events(tmp_path / "digits" / "validation") if e.summary]
    assert {f"pr/{digit}" for digit in range(10)} <= {value.tag for event in curves for value in event.summary.value}
    assert "digits:00000" in (tmp_path / "digits" / "projector_config.pbtxt").read_text()
    assert scalars["accuracy/test"][1].tolist() == pytest.approx([report.figures["accuracy"]])


def test_the_split_keeps_every_digit_once():
    parts = cnn.split_digits()
    indices = np.concatenate([np.asarray(part.indices) for part in parts])
    assert sorted(indices.tolist()) == list(range(1797))
