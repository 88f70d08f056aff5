"""The table of derivatives says what the rules are, and its page is current."""

import sys
from pathlib import Path

import pytest

import nn
from nn.autograd.op import registry
from nn.derivatives import entries, legend, markdown, rule_text

PAGE = Path(nn.__file__).parent / "ops" / "README.md"


@pytest.mark.parametrize("name", registry)
def test_every_op_says_what_it_is_and_every_rule_what_it_does(name):
    [entry] = entries([name])
    assert entry.formula
    assert entry.noun
    assert list(entry.rules) == list(registry[name].vjp)
    assert not [rule for rule in entry.rules.values() if not rule or rule.startswith("a rule of")]


def test_rules_are_told_apart_though_they_stand_on_one_line():
    assert entries(["sub"])[0].rules == {"x": "g", "other": "-g"}


def test_a_rule_that_is_a_formula_is_shown_as_one():
    assert entries(["softmax"])[0].rules == {"x": "y * (g - sum(g * y, dim=dim, keepdim=True))"}


def test_the_letters_of_a_rule_are_explained():
    assert legend(entries(["conv"])) == [
        "g: the gradient by the result",
        "a: the attributes: what the op takes by keyword",
        "x_shape: the shape of x",
        "weight_shape: the shape of weight",
        "other names: operands and attributes of the op, and ops",
    ]
    assert "u: the gradient by the result, where g is an operand" in legend(entries(["relu_backward"]))
    assert legend(entries(["argmax"])) == []


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 writes tuples of a function's source otherwise")
def test_the_page_in_the_repository_is_current():
    assert PAGE.read_text(encoding="utf-8") == markdown(), "run: fromzero ops --markdown > nn/ops/README.md"


def test_a_rule_without_source_is_named_by_what_it_takes():
    code = "from nn import Op\nop = Op(lambda x, *, out=None: x, name='bare', vjp=dict(x=lambda g: g), samples=None)"
    names = {}
    try:
        exec(code, names)
        assert rule_text(names["op"], "x") == "a rule of (g)"
    finally:
        registry.pop("bare", None)


def test_an_unknown_op_is_named():
    with pytest.raises(KeyError, match="there is no op 'sinus'"):
        entries(["sinus"])
