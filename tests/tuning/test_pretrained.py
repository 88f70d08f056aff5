"""Weights go into a model by name, with a report of what matched; what fits nothing is refused."""

import numpy as np
import pytest
from trainings import net

import nn
from nn.tuning import load_pretrained


def other():
    return nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(), nn.Linear(8, 7))


def test_what_fits_is_loaded_and_the_rest_reported():
    nn.manual_seed(0)
    source, model = net(), other()
    state = {**source.state_dict(), "extra": nn.ones(1)}
    del state["1.bias"]
    head = model[4].weight.detach().numpy().copy()
    report = load_pretrained(model, state)
    assert report.matched == ["0.weight", "0.bias", "1.weight", "1.running_mean", "1.running_var",
                              "1.num_batches_tracked"]  # fmt: skip
    assert (report.missing, report.unexpected) == (["1.bias"], ["extra"])
    assert report.mismatched == {"4.weight": ((7, 8), (3, 8)), "4.bias": ((7,), (3,))}
    assert nn.equal(model[0].weight, source[0].weight)
    np.testing.assert_array_equal(model[4].weight.detach().numpy(), head)
    assert str(report).splitlines() == [
        "loaded 6 of 9",
        "not in the file: 1.bias",
        "not in the model: extra",
        "other shape: 4.weight is (7, 8) here and (3, 8) in the file",
        "other shape: 4.bias is (7,) here and (3,) in the file",
    ]


def test_names_are_changed_by_their_beginnings_or_by_a_function():
    source = {f"backbone.{name}": value for name, value in net().state_dict().items()}
    assert len(load_pretrained(net(), source, rename={"backbone.": ""}).matched) == 9
    report = load_pretrained(net(), source, rename=lambda name: None if ".1." in name else name[9:])
    assert len(report.matched) == 4
    assert report.missing == [f"1.{name}" for name in ("weight", "bias", "running_mean", "running_var",
                                                       "num_batches_tracked")]  # fmt: skip
    assert report.unexpected == []


def test_a_file_a_checkpoint_and_a_model_will_do(tmp_path):
    source = net()
    nn.save(source.state_dict(), tmp_path / "weights.nn")
    nn.save({"state_dict": source.state_dict(), "epoch": 3}, tmp_path / "last.ckpt")
    for given in (tmp_path / "weights.nn", str(tmp_path / "last.ckpt"), source):
        model = net()
        assert len(load_pretrained(model, given, strict=True).matched) == 9
        assert nn.equal(model[4].weight, source[4].weight)


def test_safetensors_will_do(tmp_path):
    pytest.importorskip("safetensors", reason="the extra safetensors is not installed")
    nn.save(net().state_dict(), tmp_path / "weights.safetensors")
    assert len(load_pretrained(net(), tmp_path / "weights.safetensors", strict=True).matched) == 9


def test_what_fits_nothing_is_refused_with_the_nearest_name(tmp_path):
    state = {f"module.{name}": value for name, value in net().state_dict().items()}
    with pytest.raises(
        ValueError, match=r"fits Sequential: the first name is 'module.0.weight'; did you mean '0.weight'"
    ):
        load_pretrained(net(), state)
    with pytest.raises(ValueError, match="every shape differs, or it is empty"):
        load_pretrained(net(), {})
    nn.save(state, tmp_path / "weights.nn")
    with pytest.raises(nn.CheckpointError, match=r"weights\.nn: none of its tensors fits Sequential"):
        load_pretrained(net(), tmp_path / "weights.nn")


def test_with_strict_anything_that_does_not_fit_is_refused_and_the_model_stays():
    model = other()
    before = model[0].weight.detach().numpy().copy()
    with pytest.raises(
        ValueError, match=r"does not fit Sequential: loaded 7 of 9; other shape: 4\.weight is \(7, 8\) he"
    ):
        load_pretrained(model, net().state_dict(), strict=True)
    np.testing.assert_array_equal(model[0].weight.detach().numpy(), before)


def test_what_is_no_state_or_no_model_is_refused():
    with pytest.raises(TypeError, match="source must hold a dict of tensors by name, got list"):
        load_pretrained(net(), [1, 2])
    with pytest.raises(TypeError, match=r"model must be an nn\.Module, got dict"):
        load_pretrained({}, net().state_dict())
