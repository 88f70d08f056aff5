"""Nested results as flat lists, and back."""

from collections import namedtuple

import pytest

from nn import GradcheckError
from nn.checking.structure import chosen, leaves, rebuilt

State = namedtuple("State", "h c")
NESTED = {"logits": 1, "state": State([2, 3], (4,)), "none": ()}


def test_leaves_say_where_they_stand():
    assert leaves(NESTED) == [
        ("['logits']", 1),
        ("['state'].h[0]", 2),
        ("['state'].h[1]", 3),
        ("['state'].c[0]", 4),
    ]
    assert leaves(5) == [("", 5)]


def test_rebuilt_keeps_every_kind_of_container():
    assert rebuilt(NESTED, "abcd") == {"logits": "a", "state": State(["b", "c"], ("d",)), "none": ()}
    assert type(rebuilt(NESTED, "abcd")["state"]) is State


def test_one_output_is_chosen_by_place_key_name_or_function():
    fn = lambda: State(1, [2, 3])
    assert chosen(fn, 0)() == 1
    assert chosen(fn, "h")() == 1
    assert chosen(fn, lambda out: out.c[1])() == 3
    assert chosen(lambda: NESTED, "logits")() == 1
    assert chosen(fn, None) is fn
    for wrong in (2, "x"):
        with pytest.raises(GradcheckError, match=r"there is no output .*; the function returns \.h, \.c\[0\]"):
            chosen(fn, wrong)()
