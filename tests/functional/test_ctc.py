"""The loss of unaligned sequences by its definition, the sum over all paths, and its messages."""

import itertools
import math

import numpy as np
import pytest

import nn
import nn.functional as F


def said(path, blank=0):
    """What a path says: repetitions merged, then blanks dropped."""
    return tuple(label for label, _ in itertools.groupby(path) if label != blank)


def by_all_paths(log_probs, target, blank=0):
    """-ln of the sum of the probabilities of all paths that say the target."""
    steps, classes = log_probs.shape
    right = [p for p in itertools.product(range(classes), repeat=steps) if said(p, blank) == tuple(target)]
    total = sum(math.exp(sum(log_probs[t, label] for t, label in enumerate(path))) for path in right)
    return -math.log(total) if total else math.inf


def log_probs(rng, *shape):
    return nn.tensor(rng.normal(size=shape)).log_softmax(-1)


@pytest.mark.parametrize("target", [[1], [1, 2], [1, 1], [2, 1, 2], [2, 2, 1], []])
def test_the_loss_is_that_of_all_paths_that_say_the_target(target, rng):
    x = log_probs(rng, 5, 3)
    loss = F.ctc_loss(x, nn.tensor(target, dtype=nn.int64), 5, len(target), reduction="none")
    assert loss.item() == pytest.approx(by_all_paths(x.numpy(), target))


def test_any_class_may_be_the_blank(rng):
    x = log_probs(rng, 4, 3)
    loss = F.ctc_loss(x, nn.tensor([0, 1]), 4, 2, blank=2, reduction="sum")
    assert loss.item() == pytest.approx(by_all_paths(x.numpy(), [0, 1], blank=2))


def test_a_batch_holds_samples_of_their_own_lengths(rng):
    x = log_probs(rng, 5, 2, 3)
    rows = nn.tensor([[1, 2, 1], [2, 0, 0]])
    losses = F.ctc_loss(x, rows, (5, 3), (3, 1), reduction="none")
    expected = [by_all_paths(x.numpy()[:5, 0], [1, 2, 1]), by_all_paths(x.numpy()[:3, 1], [2])]
    np.testing.assert_allclose(losses.numpy(), expected)
    in_one_row = F.ctc_loss(x, nn.tensor([1, 2, 1, 2]), (5, 3), (3, 1), reduction="none")
    np.testing.assert_allclose(in_one_row.numpy(), expected)
    mean = F.ctc_loss(x, rows, (5, 3), (3, 1))
    assert mean.item() == pytest.approx((expected[0] / 3 + expected[1] / 1) / 2)  # each by its target's length


def test_a_target_too_long_for_the_input_is_infinite_and_its_gradient_nan_or_both_are_0(rng):
    x = nn.tensor(rng.normal(size=(2, 1, 3)), requires_grad=True)
    target = nn.tensor([[1, 1]])  # which takes three times: 1, blank, 1
    loss = F.ctc_loss(x.log_softmax(-1), target, (2,), (2,))
    loss.backward()
    assert loss.item() == math.inf
    assert x.grad.isnan().all()
    x.grad = None
    loss = F.ctc_loss(x.log_softmax(-1), target, (2,), (2,), zero_infinity=True)
    loss.backward()
    assert loss.item() == 0
    assert not x.grad.numpy().any()


@pytest.mark.parametrize("shape", [(0, 2), (0,)])
def test_an_empty_batch_has_no_loss(shape):
    x, none = nn.zeros(3, 0, 4, requires_grad=True), nn.zeros(0, dtype=nn.int64)
    losses = F.ctc_loss(x, nn.zeros(shape, dtype=nn.int64), none, none, reduction="none")
    losses.sum().backward()
    assert (losses.shape, x.grad.shape) == ((0,), (3, 0, 4))
    assert F.ctc_loss(x, nn.zeros(shape, dtype=nn.int64), none, none).isnan()


def test_the_gradient_agrees_with_differences(rng):
    def loss(x):
        return F.ctc_loss(x.log_softmax(-1), nn.tensor([[1, 2]]), (4,), (2,))

    assert nn.testing.gradcheck(loss, (nn.tensor(rng.normal(size=(4, 1, 3)), requires_grad=True),))


X = nn.zeros(4, 2, 3).log_softmax(-1)
T = nn.tensor([[1, 2], [1, 0]])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: F.ctc_loss(nn.zeros(3), T, (4, 4), (2, 1)), nn.ShapeError, r"log_probs must be \(T, N, C\) or"),
        (lambda: F.ctc_loss(X, T, (4, 4), (2, 1), blank=3), nn.RangeError, "blank must be one of 3 classes"),
        (lambda: F.ctc_loss(X, T, (4.0, 4.0), (2, 1)), nn.DtypeError, "input_lengths must be integers"),
        (lambda: F.ctc_loss(X, T, (4,), (2, 1)), nn.ShapeError, "input_lengths must be 2 lengths of at least 0"),
        (lambda: F.ctc_loss(X, T, (5, 4), (2, 1)), nn.ShapeError, "input_lengths must be at most 4.*got 5"),
        (lambda: F.ctc_loss(X, T.float(), (4, 4), (2, 1)), nn.DtypeError, "targets must be integers"),
        (lambda: F.ctc_loss(X, T[:1], (4, 4), (2, 1)), nn.ShapeError, r"targets must be \(2, S\) with S of at least 2"),
        (lambda: F.ctc_loss(X, T + 1, (4, 4), (2, 1)), nn.RangeError, "labels must be classes from 0 to 2"),
        (lambda: F.ctc_loss(X, T, (4, 4), (2, 1), reduction="all"), nn.RangeError, "reduction must be one of"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=f"ctc_loss: {message}"):
        call()
