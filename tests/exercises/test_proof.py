"""The catalogue proves itself: references pass, stubs and nothing fail, every planted mistake is caught."""

import numpy as np
import pytest

from nn.exercises import Exercise, check, exercise, require, same
from nn.exercises.proof import prove, table
from nn.exercises.registry import catalogue


@pytest.mark.parametrize("name", catalogue())
def test_the_exercise_cannot_be_fooled(name):
    assert prove(exercise(name)).faults() == []


@pytest.mark.parametrize("name", catalogue())
def test_the_exercise_is_told_in_both_languages(name):
    told = exercise(name)
    chinese = [told.title[1], told.statement[1], *(h[1] for h in told.hints), *(c.name[1] for c in told.checks)]
    assert all(any("\u3000" <= letter <= "\u9fff" for letter in text) for text in chinese)
    english = [told.title[0], told.statement[0], *(h[0] for h in told.hints), *(c.name[0] for c in told.checks)]
    assert not any("\u4e00" <= letter <= "\u9fff" for text in english for letter in text)
    assert len(told.hints) >= 2
    assert told.derivation


def poor():
    """An exercise with one of each fault."""
    made = Exercise("poor", title=("a", "甲"), statement=("b", "乙"), register=False)

    @made.reference
    def half(x):
        """x (...) -> y (...)"""
        return x / 2

    @made.check("the value", "值")
    def value(given, rng):
        same("y", given.half(np.ones(2)), [0.5, 0.5])

    @made.check("a second time", "又一次")
    def again(given, rng):
        same("y", given.half(np.ones(2)), [0.5, 0.5])

    made.mutant("doubled", half=lambda x: 2 * x)
    made.mutant("right for ones alone", half=lambda x: x - 0.5)
    return made


def test_a_check_without_a_mutant_of_its_own_and_a_mutant_that_passes_are_found():
    found = "\n".join(prove(poor()).faults())
    assert "poor: it has 2 mutants; at least 3 are expected" in found
    assert "the mutant 'right for ones alone' is not caught" in found
    assert "the check 'a second time' catches no mutant alone and does not say why" in found


def test_an_exercise_without_checks_passes_nobody():
    empty = Exercise("empty", title=("a", "甲"), statement=("b", "乙"), register=False)
    assert not check(empty, {"anything": 1}).ok
    assert str(check(empty, {})) == "empty: failed, no check ran"


def test_a_check_that_asks_nothing_is_found():
    made = poor()
    made.check("nothing", "无")(lambda given, rng: require(True, "a", "甲"))
    assert "the check 'nothing' catches no mutant alone and does not say why" in prove(made).faults()[-1]


def test_a_stub_that_passes_is_found():
    made = poor()
    made.given = "def half(x):\n    return x / 2\n"
    assert "poor: the file to start with passes" in prove(made).faults()


def test_the_table_counts():
    text = table([prove(exercise("softmax"))])
    assert "softmax" in text
    assert "1 of 1 references pass, 1 of 1 stubs and 1 of 1 empty namespaces fail" in text
