"""How much work a training step is: function calls and memory, which are counted and do not depend on the machine.

The bounds are a tenth above what a step took when they were written: whoever makes a step dearer sees it here, and
whoever makes it cheaper lowers them. `fromzero bench` tells the time.
"""

import gc
import sys
import tracemalloc

import numpy as np
import pytest
import time_ops
import workloads
from op_calls import CALLS

import nn
from nn.commands.bench import WORKLOADS

STEPS = workloads.small | workloads.everyday

counted = pytest.mark.skipif(
    sys.version_info < (3, 11) or np.lib.NumpyVersion(np.__version__) < "2.0.0",
    reason="older releases of Python and NumPy call more functions for the same",
)

BOUNDS = {
    "xor": (400, 0.1),
    "linear_regression": (200, 0.1),
    "mlp": (730, 0.9),
    "mlp_adam": (750, 2.0),
    "mlp_wide": (2250, 30),
    "lenet": (1960, 4.2),
    "cnn": (3650, 43),
    "digits_cnn": (1170, 1.1),
    "resnet": (9050, 18),
    "depthwise": (3650, 5.4),
    "lstm": (2200, 20.0),
    "gru": (4900, 14.4),
    "gpt": (14400, 59),
    "transformer_encoder": (8100, 17.3),
    "vae": (1370, 3.1),
    "dcgan": (7200, 5.2),
    "policy": (3150, 0.3),
}
"""Calls and megabytes."""


OPS = {
    "x.unbind()": (49500, 5.7),
    "x.split(n // 5)": (400, 4.3),
    "x.gather(1, k)": (300, 16.9),
    "x.index_add(0, rows, y)": (430, 12.7),
    "F.embedding(rows, x)": (330, 11),
    "T.cdist(x[:, :20], y[:, :20])": (610, 17.8),
    "F.layer_norm(x, (n,))": (192, 8.5),
    "F.hardtanh(x)": (125, 12.7),
    "T.remainder(x, p)": (830, 13.5),
    "p.lgamma()": (7700, 9.1),
    "x.cummax(1)": (500, 25.2),
    "x.sum(1)": (160, 4.3),
}
"""The same for single ops of a million elements (4 MB), forward and backward; the calls are those of op_calls.py."""


def calls(step):
    """The calls of functions, of Python's and of C's, in one step."""
    count = 0

    def note(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        step()
    finally:
        sys.setprofile(before)
    return count


def megabytes(step):
    """The most memory that one step takes beyond what the model and its gradients hold."""
    gc.collect()
    tracemalloc.start()
    try:
        step()
        return tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()


@counted
@pytest.mark.parametrize("name", STEPS)
def test_a_step_takes_no_more_calls_and_memory_than_it_did(name, monkeypatch):
    monkeypatch.setattr(nn.settings, "threads", 1)
    nn.manual_seed(0)
    step = STEPS[name](workloads.Library(nn, nn))
    step()  # fills caches and loads files
    most_calls, most_megabytes = BOUNDS[name]
    assert calls(step) <= most_calls, f"{name}: more function calls in a step; see the profile of a step"
    assert megabytes(step) <= most_megabytes, f"{name}: more memory in a step; see tracemalloc's snapshot of a step"


@pytest.fixture(scope="module")
def names():
    return time_ops.operands(nn, "large")


@counted
@pytest.mark.parametrize("call", OPS)
def test_an_op_takes_no_more_calls_and_memory_than_it_did(call, names, monkeypatch):
    monkeypatch.setattr(nn.settings, "threads", 1)
    step = time_ops.with_backward(nn, call, names)
    step()
    most_calls, most_megabytes = OPS[call]
    assert calls(step) <= most_calls, f"{call}: more function calls; see the profile of the op"
    assert megabytes(step) <= most_megabytes, f"{call}: more memory; see tracemalloc's snapshot of the op"


@pytest.mark.parametrize("name", ["mlp_adam", "lenet", "digits_cnn", "resnet", "depthwise", "vae"])
def test_a_captured_step_holds_no_more_than_an_eager_one_takes(name, monkeypatch):
    monkeypatch.setattr(nn.settings, "threads", 1)
    nn.manual_seed(0)
    step = STEPS[name](workloads.Library(nn, nn))
    step()
    captured = nn.capture(step)
    for _ in range(2):
        captured()
    (kind,) = captured._kinds.values()
    program = kind.variants[0].program
    gradients = sum(g._array.nbytes for _, g in program.grads if g is not None)  # an eager step frees them as it begins
    held = sum(buffer.nbytes for buffer in program.buffers) - gradients
    assert held / 2**20 <= megabytes(step)


def test_what_is_counted_grows_with_the_work():
    x = nn.ones(1000, 1000)
    assert calls(lambda: [x + 1 for _ in range(20)]) > 10 * calls(lambda: x + 1) > 0
    assert megabytes(lambda: x + 1 + 1) > megabytes(lambda: x + 1) > 3.8


def test_every_step_has_a_bound():
    assert list(BOUNDS) == list(STEPS)
    assert set(OPS) <= set(CALLS)


def test_the_command_names_every_workload():
    assert sorted(WORKLOADS) == sorted(STEPS)
