"""`explain` tells what backward does: the same gradients, in the same order, and changes nothing."""

import io

import numpy as np
import pytest

import nn


def told(tensor, *args, **kwargs):
    file = io.StringIO()
    nn.explain(tensor, *args, file=file, **kwargs)
    return file.getvalue()


@pytest.fixture
def model():
    nn.manual_seed(0)
    return nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))


def test_norms_are_those_of_the_gradients_that_backward_brings(model):
    loss = nn.functional.mse_loss(model(nn.ones(4, 2)), nn.zeros(4, 1))
    text = told(loss, names=model)
    loss.backward()
    for name, parameter in model.named_parameters():
        [line] = [line for line in text.splitlines() if line.startswith(name)]
        norm = float(np.linalg.norm(parameter.grad.numpy()))
        assert float(line.split()[-1]) == pytest.approx(norm, rel=1e-5)


def test_nodes_come_in_the_order_of_the_walk_and_name_where_the_gradient_goes():
    x = nn.tensor([2.0], requires_grad=True)
    lines = told((x.exp() * x).sum(), names={"x": x}).splitlines()
    assert [line.split()[:2] for line in lines if line.startswith("#")] == [["#1", "sum"], ["#2", "mul"], ["#3", "exp"]]
    assert "by x to #3: g * other" in lines[2]
    assert "by other to x: g * x" in lines[3]


def test_nothing_is_changed_and_backward_can_follow(model):
    loss = model(nn.ones(1, 2)).sum()
    told(loss)
    assert all(p.grad is None for p in model.parameters())
    loss.backward()


def test_a_leaf_alone_is_its_own_story():
    assert "leaf" in told(nn.tensor(1.0, requires_grad=True))


def test_the_gradient_may_be_given():
    x = nn.tensor([3.0, 4.0], requires_grad=True)
    assert told(x * 1, nn.tensor([3.0, 4.0])).splitlines()[-1].split()[-1] == "5"


@pytest.mark.parametrize(("form", "first", "arrow"), [
    ("mermaid", "flowchart TD", '    n0 -->|"x: 2"| n1'),
    ("graphviz", "digraph backward {", '    n0 -> n1 [label="x: 2"];'),
])  # fmt: skip
def test_graphs(form, first, arrow):
    text = told(nn.tensor(1.0, requires_grad=True) * 2, form=form)
    assert text.splitlines()[0] == first
    assert arrow in text.splitlines()


def test_an_unknown_form_is_refused():
    with pytest.raises(nn.RangeError, match="form must be one of table, mermaid, graphviz; got 'svg'"):
        told(nn.tensor(1.0, requires_grad=True), form="svg")


def test_it_prints_to_standard_output(capsys):
    nn.explain(nn.tensor(1.0, requires_grad=True) * 2)
    assert capsys.readouterr().out.startswith("node")
