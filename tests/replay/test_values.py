"""What depends on values: replayed with those of each call, decided again, or refused in a sentence; never frozen."""

import random

import numpy as np
import pytest

import nn
from nn import functional as F
from nn.autograd.mode import mode
from nn.autograd.tape import wrap

BATCHES = [
    [[0.5, -1.0, 2.0], [1.5, 0.25, -0.75], [0.1, 2.5, 1.0]],
    [[1.0, 0.0, 0.5], [-1.0, 2.0, 0.0], [0.5, 1.0, 3.0]],
    [[3.0, 1.0, 1.0], [1.0, 4.0, 0.5], [1.0, 0.5, 5.0]],  # symmetric, of positive determinant
    [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0]],  # singular
    [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]],
    [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 2.0]],  # of negative determinant
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],  # equal values
    [[0.25, -1.0, 2.0], [1.5, 0.5, -0.75], [0.0, 2.5, 1.0]],
]


def replays(function):
    """What a step of x * w and its gradient give for each batch, eager and captured, and why it is not replayed."""
    found = []
    for captured in (False, True):
        weight = nn.ones(3, 3, requires_grad=True)

        def step(x, weight=weight):
            weight.grad = None
            result = function(x * weight)
            if isinstance(result, nn.Tensor) and result.requires_grad:
                result.sum().backward()
                return result.detach()
            return result

        step, given = nn.capture(step) if captured else step, []
        for batch in BATCHES:
            result = step(nn.tensor(batch))
            values = result.tolist() if isinstance(result, nn.Tensor) else result
            given.append((repr(values), None if weight.grad is None else repr(weight.grad.tolist())))
        found.append(given)
    return *found, step.reason


def some_replaced(x):
    y = x.clone()
    y[x > 0.5] = x[x > 0.5] * 3
    return y


EDGES = nn.tensor([-1.0, 0.0, 1.0, 2.0])
REPLAYED = {
    "equal": lambda x: x * 2 if nn.equal(x, x.T) else x * 3,
    "allclose": lambda x: x * 2 if nn.allclose(x, x.abs()) else x * 3,
    "searchsorted": lambda x: nn.searchsorted(EDGES, x),
    "bucketize": lambda x: nn.bucketize(x, EDGES),
    "isin": lambda x: nn.isin(x, EDGES),
    "matrix_rank": nn.linalg.matrix_rank,
    "det": nn.linalg.det,
    "slogdet": lambda x: nn.linalg.slogdet(x)[1],
    "logdet": nn.logdet,
    "eigh": lambda x: nn.linalg.eigh(x + x.T).eigenvalues,
    "eigenvectors": lambda x: nn.linalg.eigh(x + x.T).eigenvectors.square(),
    "svd": lambda x: nn.linalg.svdvals(x),
    "relu of a number": lambda x: nn.relu(x[0, 1] + x[1, 0]),
    "clamp of a number": lambda x: nn.clamp(x.sum(), -1, 4),
    "huber of a number": lambda x: F.huber_loss(x[0, 0] * 2, x[2, 1]),
    "where of a number": lambda x: nn.where(x[0, 0] > 0.7, x.sum(), x[1, 1]),
    "class ignored": lambda x: F.cross_entropy(x, x.argmax(0), ignore_index=1),
    "class ignored, smoothed": lambda x: F.cross_entropy(x, x.argmax(0), ignore_index=0, label_smoothing=0.1),
    "some rows": lambda x: x[x[:, 0] > 0.5].sum(),
    "some elements": lambda x: x[x > 0.5].square(),
    "some replaced": lambda x: some_replaced(x),
    "filled": lambda x: x.masked_fill(x > 0.5, 2.0),
    "spread": lambda x: (x * 1e20).std(),
    "spread of rows": lambda x: x.std(1),
    "windows": lambda x: x.unfold(0, 2, 1),
    "taken": lambda x: x.take((4 * x.detach().abs()).long() % 9),
    "probabilities": lambda x: F.binary_cross_entropy(x.sigmoid(), (x > 0).float()),
    "variances": lambda x: F.gaussian_nll_loss(x, x.detach().T, x.square()),
}


MANY_WAYS = ("logdet", "eigh", "eigenvectors", "svd", "some rows", "some elements", "some replaced")
"""Another program at nearly every one of these batches, which is said."""


@pytest.mark.parametrize("name", REPLAYED)
@pytest.mark.filterwarnings("ignore::nn.CaptureWarning")
def test_each_call_has_its_own_values(name):
    expected, found, reason = replays(REPLAYED[name])
    assert found == expected
    assert reason is None or name in MANY_WAYS


REFUSED = {
    "unique": lambda x: nn.unique(x),
    "unique_consecutive": lambda x: nn.unique_consecutive(x),
    "nonzero": lambda x: nn.nonzero(x),
    "argwhere": lambda x: nn.argwhere(x),
    "where": lambda x: nn.where(x > 0)[0],
    "bincount": lambda x: nn.bincount(x.abs().long().flatten()),
    "frexp": lambda x: nn.frexp(x)[1],
    "in": lambda x: 1.0 in x,
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_op_has_made_is_refused(name):
    with pytest.warns(nn.CaptureWarning, match="no op|takes values out of the tape|than before"):
        expected, found, _ = replays(REFUSED[name])
    assert found == expected


@pytest.mark.parametrize("index", [[3, 0], [-4, 1]])
def test_an_index_out_of_range_is_found_by_a_replay(index):
    table, x = nn.ones(3, 2, requires_grad=True), nn.ones(2, 3)
    for take in (
        lambda index: F.embedding(index, table),
        lambda index: nn.index_select(x, 1, index),
        lambda index: nn.gather(x, 1, index[:, None]),
        lambda index: F.cross_entropy(x * 2, index),
    ):
        step = nn.capture(lambda index, take=take: take(index).detach())
        for good in ([0, 1], [2, 2], [1, 0]):
            step(nn.tensor(good))
        with pytest.raises(IndexError, match="out of range"):
            step(nn.tensor(index))


def test_probabilities_out_of_range_are_found_by_a_replay():
    step = nn.capture(lambda p: F.binary_cross_entropy(p, nn.zeros(2)))
    for _ in range(3):
        step(nn.tensor([0.25, 0.5]))
    assert step.reason is None
    with pytest.raises(nn.RangeError, match=r"got values from 0.5 to 1.5"):
        step(nn.tensor([0.5, 1.5]))


def test_a_truth_value_that_no_op_has_made():
    """As a function of the user's own would compute it, from an array without axes."""
    step = nn.capture(lambda x: wrap(mode.quiet(np.where, x._array > 0, 1.0, 2.0)))
    with pytest.warns(nn.CaptureWarning, match="truth value"):
        found = [step(nn.tensor(value)).item() for value in (1.0, 1.0, 1.0, -1.0)]
    assert found == [1, 1, 1, 2]


OF_NUMPY, OF_PYTHON = np.random.default_rng(0), random.Random(0)
SOURCES = {
    "`random`": lambda: random.random(),
    "`numpy.random`": lambda: np.random.rand(),  # noqa: NPY002  (which people use)
    "OF_NUMPY": lambda: OF_NUMPY.random(),
    "OF_PYTHON": lambda: OF_PYTHON.random(),
}


@pytest.mark.parametrize("name", SOURCES)
def test_what_is_decided_by_numbers_drawn_elsewhere(name):
    """Both recordings decide alike, but a later call would not."""
    source = SOURCES[name]
    step = nn.capture(lambda x: x * 2 if source() < 2 else x * 3)
    with pytest.warns(nn.CaptureWarning, match=f"draws from .*{name}"):
        assert [step(nn.ones(1)).item() for _ in range(3)] == [2, 2, 2]
