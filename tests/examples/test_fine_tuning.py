"""A network of other digits helps where there are few samples; what is frozen stays bit for bit."""

import numpy as np
import pytest

import nn
from nn.cli import main
from nn.examples.console import Options
from nn.examples.fine_tuning import WAYS, few, fit, network, train
from nn.tuning import trainable


@pytest.fixture
def digits():
    nn.manual_seed(0)
    images, labels = nn.data.datasets.load_digits()
    return images[labels >= 5], labels[labels >= 5] - 5


def test_the_frozen_backbone_stays_bit_identical_and_the_rest_is_trained(digits):
    base = network(5)
    fit(base, [{"params": list(base.parameters())}], *digits, 3)
    model, groups = WAYS["frozen backbone"](base.state_dict())
    fit(model, groups, *digits, 5)
    before, after = base.state_dict(), model.state_dict()
    kept = {name for name in before if before[name].numpy().tobytes() == after[name].numpy().tobytes()}
    assert kept == {name for name in before if name.startswith(("conv", "norm"))}


def test_lora_trains_less_than_a_twentieth():
    trained, whole = trainable(WAYS["LoRA"](network(5).state_dict())[0])
    assert 0 < trained / whole < 0.05


@pytest.mark.parametrize("count", [2, 200])
def test_each_class_has_as_many_samples_as_asked_for(digits, count):
    images, labels = few(*digits, count)
    assert np.bincount(labels.numpy()).tolist() == [count] * 5
    assert images.shape == (5 * count, 1, 8, 8)


def test_the_table_has_a_row_for_each_way(tmp_path):
    report = train(Options(tmp_path, quick=True, quiet=True))
    assert [row[0] for row in report.tables[0].rows] == list(WAYS)
    assert report.figures["merged"] < 1e-5
    assert any(tmp_path.glob("*tfevents*"))


def test_the_command_prints_the_table_and_counts_in_epochs_if_asked(tmp_path, capsys):
    assert main(["train", "fine-tuning", "--quick", "--epochs", "1", "--quiet", "--log-dir", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "Test accuracy on the digits 5 to 9, 1 epoch, 1 seed: mean ± deviation" in out
    assert "article" not in out
