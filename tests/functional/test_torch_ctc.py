"""CTC against PyTorch, and against the sum over all paths."""

import itertools
import math

import numpy as np
import pytest
from oracle import OURS, THEIRS, compare, torch

import nn
import nn.functional as F


def case(rng, times, lengths, classes, steps=None):
    steps = max(times) if steps is None else steps
    targets = rng.integers(1, classes, (len(lengths), max([*lengths, 1])))
    return rng.normal(size=(steps, len(times), classes)), targets


CASES = {
    "plain": ([8, 8, 8], [3, 2, 4], 5),
    "lengths differ": ([8, 5, 7], [3, 2, 0], 5),
    "repeated labels": ([9, 9], [4, 3], 2),
    "one time": ([1, 1], [1, 0], 3),
    "longer than needed": ([4, 3], [2, 1], 4, 6),
    "nothing to say": ([3, 2], [0, 0], 4),
}


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize("arguments", CASES.values(), ids=CASES)
@pytest.mark.parametrize("softmax", [False, True])
def test_values_and_gradients(arguments, reduction, softmax, rng):
    x, targets = case(rng, *arguments)

    def loss(lib, x):
        logp = x.log_softmax(2) if softmax else x
        return lib.F.ctc_loss(logp, lib.top.tensor(targets), arguments[0], arguments[1], reduction=reduction)

    if not softmax:
        x = np.log(np.exp(x) / np.exp(x).sum(2, keepdims=True))
    compare(loss, x, orders=1, forward=False, rtol=1e-9, atol=1e-10)
    compare(loss, x.astype(np.float32), orders=1, forward=False, rtol=1e-5, atol=2e-5)


@pytest.mark.parametrize("blank", [0, 2, 4])
def test_the_blank_may_be_any_class(blank, rng):
    x = rng.normal(size=(7, 2, 5))
    labels = np.array([[1, 3, 3], [3, 1, 0]]) if blank != 0 else np.array([[1, 3, 3], [2, 1, 4]])
    labels[labels == blank] = 1

    def loss(lib, x):
        return lib.F.ctc_loss(x.log_softmax(2), lib.top.tensor(labels), (7, 6), (3, 2), blank=blank)

    compare(loss, x, orders=1, forward=False)


def test_labels_in_one_row_and_lengths_as_tensors(rng):
    x, row = rng.normal(size=(7, 3, 5)), np.array([1, 2, 2, 4, 3])

    def loss(lib, x):
        lengths = [lib.top.tensor(v) for v in (np.array([7, 7, 7]), np.array([2, 0, 3]))]
        return lib.F.ctc_loss(x.log_softmax(2), lib.top.tensor(row), *lengths, reduction="none")

    compare(loss, x, orders=1, forward=False)


def test_one_sample_without_a_batch(rng):
    x = rng.normal(size=(6, 4))
    compare(
        lambda lib, x: lib.F.ctc_loss(x.log_softmax(1), lib.top.tensor(np.array([1, 2, 2])), lib.top.tensor(6),
                                      lib.top.tensor(3), reduction="none"), x, orders=1, forward=False
    )  # fmt: skip


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_what_is_too_long_to_be_said(reduction, rng):
    x, labels = rng.normal(size=(3, 2, 4)), np.array([[1, 1, 2], [1, 2, 3]])

    def loss(lib, x):
        return lib.F.ctc_loss(
            x.log_softmax(2), lib.top.tensor(labels), (3, 3), (3, 3), reduction=reduction, zero_infinity=True
        )

    compare(loss, x, orders=1, forward=False)


def test_an_infinite_loss_has_the_gradient_nan_within_its_times(rng):
    x, labels = rng.normal(size=(4, 3, 4)), np.array([[1, 2, 3], [1, 2, 3], [1, 1, 0]])

    def loss(lib, x):
        tensor = lib.top.tensor
        return lib.F.ctc_loss(x, tensor(labels), tensor([2, 4, 3]), tensor([3, 3, 2]), reduction="none")

    compare(loss, x - np.log(np.exp(x).sum(2, keepdims=True)), orders=1, forward=False)
    x = nn.tensor(x).log_softmax(2).requires_grad_()
    losses = F.ctc_loss(x, nn.tensor(labels), (2, 4, 3), (3, 3, 2), reduction="none")
    losses.sum().backward()
    assert losses.isinf().tolist() == [True, False, False]
    assert x.grad.isnan().all(2).tolist() == [[True, False, False]] * 2 + [[False] * 3] * 2


def test_it_is_the_sum_over_all_paths(rng):
    logp = nn.tensor(rng.normal(size=(5, 1, 3))).log_softmax(2)
    target = [1, 1, 2]
    total = 0.0
    for path in itertools.product(range(3), repeat=5):
        said = [c for c, _ in itertools.groupby(path) if c]
        if said == target:
            total += math.exp(sum(logp[t, 0, c].item() for t, c in enumerate(path)))
    found = F.ctc_loss(logp, nn.tensor([target]), (5,), (3,), reduction="none").item()
    assert found == pytest.approx(-math.log(total))


def test_second_order_is_that_of_differences(rng):
    targets = nn.tensor([[1, 2], [2, 2]])

    def loss(x):
        return F.ctc_loss(x.log_softmax(2), targets, (5, 4), (2, 2), reduction="none")

    x = nn.tensor(rng.normal(size=(5, 2, 3)), requires_grad=True)
    assert nn.testing.gradcheck(loss, x)
    assert nn.testing.gradgradcheck(loss, x)


def test_impossible_classes_and_extreme_logits():
    logits = nn.tensor(np.array([[[-1e4, 0.0, -1e4]], [[0.0, 0.0, -1e4]], [[0.0, -1e4, -1e4]]]), requires_grad=True)
    loss = F.ctc_loss(logits.log_softmax(2), nn.tensor([[1]]), (3,), (1,))
    loss.backward()
    assert loss.item() == pytest.approx(0)
    assert np.isfinite(logits.grad.numpy()).all()
    minus_infinity = nn.tensor([[[-math.inf, 0.0]], [[-math.inf, 0.0]]], requires_grad=True)
    loss = F.ctc_loss(minus_infinity, nn.tensor([[1]]), (2,), (1,))
    loss.backward()
    assert loss.item() == 0
    assert np.isfinite(minus_infinity.grad.numpy()).all()


REFUSED = [
    lambda lib, z: lib.F.ctc_loss(z(3, 2, 4), z(2, 2).long() + 1, (3, 4), (1, 1)),
    lambda lib, z: lib.F.ctc_loss(z(3, 2, 4), z(2, 2).long() + 1, (3,), (1, 1)),
    lambda lib, z: lib.F.ctc_loss(z(3, 2, 4), z(2, 2).long() + 1, (3, 3), (3, 1)),
    lambda lib, z: lib.F.ctc_loss(z(3, 2, 4), z(2, 2).long() + 1, (3, 3), (1, 1), blank=4),
]


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_what_torch_refuses_is_refused(number):
    with pytest.raises(Exception) as theirs:
        REFUSED[number](THEIRS, torch.zeros)
    with pytest.raises(theirs.type, match="ctc_loss: "):
        REFUSED[number](OURS, nn.zeros)


def test_the_module(rng):
    x, labels = rng.normal(size=(5, 2, 4)), np.array([[1, 2], [3, 3]])
    found = []
    for lib, t in ((nn, nn), (torch, torch.nn)):
        layer = t.CTCLoss(blank=0, reduction="sum", zero_infinity=True)
        found.append([repr(layer), layer(lib.tensor(x).log_softmax(2), lib.tensor(labels), (5, 5), (2, 2)).item()])
    assert found[0][0] == found[1][0]
    assert found[0][1] == pytest.approx(found[1][1])


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((nn.zeros(3), nn.tensor([1]), (1,), (1,)), nn.ShapeError, r"log_probs must be \(T, N, C\) or \(T, C\)"),
        ((nn.zeros(3, 1, 2), nn.ones(1, 1), (3,), (1,)), nn.DtypeError, "targets must be integers, they are float32"),
        ((nn.zeros(3, 1, 2), nn.tensor([[1]]), (3.0,), (1,)), nn.DtypeError, "input_lengths must be integers, got"),
        ((nn.zeros(3, 1, 2), nn.tensor([[1]]), (3,), (-1,)), nn.ShapeError, "target_lengths must be 1 lengths of at"),
        ((nn.zeros(3, 1, 2), nn.tensor([[2]]), (3,), (1,)), nn.RangeError, "labels must be classes from 0 to 1, got 2"),
        ((nn.zeros(3, 1, 2), nn.tensor([[1]]), (3,), (2,)), nn.ShapeError, r"targets must be \(1, S\) with S of at le"),
    ],
)
def test_messages(arguments, error, message):
    with pytest.raises(error, match=f"ctc_loss: {message}"):
        F.ctc_loss(*arguments)
