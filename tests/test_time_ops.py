"""The calls that `fromzero bench --ops` times are calls that we have, in both sizes, each of them once."""

import warnings

import pytest
import time_ops
from op_calls import CALLS

import nn
import nn.linalg
import nn.special


@pytest.fixture(scope="module")
def names():
    return time_ops.operands(nn, "small")


def test_every_call_is_there_once():
    assert len(set(CALLS)) == len(CALLS) > 300


def test_every_call_runs(names):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for call in CALLS:
            eval(call, names)


def test_the_least_of_several_times_is_that_of_one_call(monkeypatch):
    clock = iter(range(100))
    monkeypatch.setattr(time_ops.time, "process_time", lambda: next(clock))
    calls = []
    assert time_ops.least(lambda: calls.append(0)) == 1e6
    assert len(calls) == 4
