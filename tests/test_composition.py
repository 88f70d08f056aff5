"""Which ops a public name is made of: found by running the example of its documentation."""

import sys

import pytest

import nn
from nn.autograd.op import registry
from nn.composition import find, near


@pytest.mark.parametrize("name", registry)
def test_an_op_is_made_of_itself(name):
    assert find(name) == (name, [name])


@pytest.mark.parametrize(
    "name", ["conv1d", "conv3d", "max_pool2d", "layer_norm", "group_norm", "mse_loss", "var", "std", "einsum", "gru",
             "linear", "transformer", "scaled_dot_product_attention", "dropout", "cosine_similarity"],
)  # fmt: skip
def test_what_people_type_is_found(name):
    _, ops = find(name)
    assert ops
    assert set(ops) <= set(registry)


def test_capitals_underscores_and_the_module_do_not_matter():
    for name in ("LSTM", "Lstm", "nn.LSTM", "torch.nn.LSTM"):
        assert find(name)[0] == "nn.LSTM"
    assert find("batchnorm2d")[0] == "nn.BatchNorm2d"


def test_what_does_not_run_an_op_is_not_found():
    assert find("randn") is None
    assert find("") is None
    assert find("nothing_of_this_name") is None


def test_nothing_of_an_example_is_shown_where_results_are(monkeypatch):
    """A notebook shows what reaches `sys.displayhook`, wherever the standard output goes."""
    shown = []
    monkeypatch.setattr(sys, "displayhook", shown.append)
    assert find("conv1d")[1]
    assert shown == []


def test_a_profiler_that_was_there_stays(capsys):
    calls = []
    watch = lambda *event: calls.append(event)
    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        find("conv2d")
        after = sys.getprofile()
    finally:
        sys.setprofile(before)
    assert after is watch
    assert capsys.readouterr().out == ""


def test_near_names_are_public_or_ops():
    for name in ("sinus", "attention", "pool", "bce", "crossentropyloss"):
        found = near(name)
        assert found
        assert all(key in registry or hasattr(nn, key) or hasattr(nn.functional, key) for key in found)
