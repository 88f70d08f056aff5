"""Losses with a margin by plain loops and by what they promise, and their messages."""

import math

import numpy as np
import pytest

import nn
import nn.functional as F


@pytest.fixture
def signs():
    return nn.tensor([1.0, -1.0, 1.0, -1.0])


def numbers(loss):
    return loss.numpy().tolist()


def test_each_loss_is_its_formula_in_a_plain_loop(rng):
    x, y, t = rng.normal(size=5), rng.normal(size=5), np.array([1.0, -1, 1, 1, -1])
    cases = {
        "hinge_embedding_loss": ((x, t), lambda x, t: x if t == 1 else max(0, 1 - x)),
        "margin_ranking_loss": ((x, y, t), lambda x, y, t: max(0, -t * (x - y))),
        "soft_margin_loss": ((x, t), lambda x, t: math.log1p(math.exp(-t * x))),
    }
    for name, (arrays, formula) in cases.items():
        loss = getattr(F, name)(*map(nn.tensor, arrays), reduction="none")
        np.testing.assert_allclose(numbers(loss), [formula(*row) for row in zip(*arrays, strict=True)])


@pytest.mark.parametrize("p", [1, 2])
def test_multi_margin_loss_sums_over_the_wrong_classes(p, rng):
    x, w = rng.normal(size=(4, 3)), rng.uniform(0.5, 2, 3)
    t = np.array([0, 2, 1, 1])
    expected = [
        sum(w[right] * max(0, 0.5 - row[right] + row[j]) ** p for j in range(3) if j != right) / 3
        for row, right in zip(x, t, strict=True)
    ]
    arguments = dict(p=p, margin=0.5, weight=nn.tensor(w), reduction="none")
    np.testing.assert_allclose(numbers(F.multi_margin_loss(nn.tensor(x), nn.tensor(t), **arguments)), expected)
    assert F.multi_margin_loss(nn.tensor(x[1]), nn.tensor(2), **arguments).item() == pytest.approx(expected[1])


def test_multilabel_margin_loss_reads_the_right_classes_up_to_the_first_minus_1(rng):
    x = rng.normal(size=(2, 4))
    t = np.array([[3, 0, -1, 1], [2, -1, -1, -1]])
    right = [[3, 0], [2]]
    expected = [
        sum(max(0, 1 - (row[i] - row[j])) for i in some for j in range(4) if j not in some) / 4
        for row, some in zip(x, right, strict=True)
    ]
    loss = F.multilabel_margin_loss(nn.tensor(x), nn.tensor(t), reduction="none")
    np.testing.assert_allclose(numbers(loss), expected)


def test_multilabel_soft_margin_loss_is_the_binary_cross_entropy_averaged_over_the_classes(rng):
    x, t = nn.tensor(rng.normal(size=(4, 3))), nn.tensor(rng.uniform(size=(4, 3)))
    each = F.binary_cross_entropy_with_logits(x, t, reduction="none").mean(1)
    np.testing.assert_allclose(numbers(F.multilabel_soft_margin_loss(x, t, reduction="none")), numbers(each))


def test_the_right_answer_that_leads_by_the_margin_costs_nothing_and_has_no_gradient():
    x = nn.tensor([[5.0, 0.0, 1.0]], requires_grad=True)
    for loss in (F.multi_margin_loss(x, nn.tensor([0])), F.multilabel_margin_loss(x, nn.tensor([[0, -1, -1]]))):
        loss.backward()
        assert loss.item() == 0
    assert not x.grad.numpy().any()


def test_a_shared_offset_of_all_scores_changes_nothing(rng):
    x = nn.tensor(rng.normal(size=(4, 3)))
    t, labels = nn.tensor([0, 2, 1, 1]), nn.tensor([[0, 2, -1]] * 4)
    assert F.multi_margin_loss(x + 1e3, t).item() == pytest.approx(F.multi_margin_loss(x, t).item())
    assert F.multilabel_margin_loss(x + 1e3, labels).item() == pytest.approx(F.multilabel_margin_loss(x, labels).item())
    one, two, three = (nn.tensor(rng.normal(size=(4, 3))) for _ in range(3))
    shifted = F.triplet_margin_loss(one + 1e3, two + 1e3, three + 1e3)
    assert shifted.item() == pytest.approx(F.triplet_margin_loss(one, two, three).item())


def test_alike_vectors_cost_1_minus_their_cosine_and_others_what_it_exceeds_the_margin_by(rng):
    x, y = nn.tensor(rng.normal(size=(4, 3))), nn.tensor(rng.normal(size=(4, 3)))
    cosine = F.cosine_similarity(x, y).numpy()
    t = np.array([1, -1, 1, -1])
    expected = np.where(t == 1, 1 - cosine, np.maximum(cosine - 0.1, 0))
    loss = F.cosine_embedding_loss(x, y, nn.tensor(t), margin=0.1, reduction="none")
    np.testing.assert_allclose(numbers(loss), expected, atol=1e-10)


def test_swapping_takes_the_nearer_of_the_two_distances_to_the_negative(rng):
    a, p, n = (nn.tensor(rng.normal(size=(6, 3))) for _ in range(3))
    near, far, other = (F.pairwise_distance(*both).numpy() for both in ((a, p), (a, n), (p, n)))
    for swap, expected in ((False, near - far + 1), (True, near - np.minimum(far, other) + 1)):
        for function in (F.triplet_margin_loss, F.triplet_margin_with_distance_loss):
            loss = function(a, p, n, swap=swap, reduction="none")
            np.testing.assert_allclose(numbers(loss), np.maximum(expected, 0))


def test_a_distance_of_one_s_own_is_used():
    a, p, n = nn.tensor([[0.0]]), nn.tensor([[3.0]]), nn.tensor([[1.0]])
    loss = F.triplet_margin_with_distance_loss(a, p, n, distance_function=lambda a, b: ((a - b) ** 2).sum(-1))
    assert loss.item() == 9 - 1 + 1


def test_a_huge_score_does_not_overflow(signs):
    x = nn.tensor([1e4, 1e4, -1e4, -1e4])
    assert numbers(F.soft_margin_loss(x, signs, reduction="none")) == [0, 1e4, 1e4, 0]


def test_the_reductions_are_the_sum_and_the_mean_of_the_losses(rng, signs):
    x = nn.tensor(rng.normal(size=4))
    for function in (F.hinge_embedding_loss, F.soft_margin_loss):
        each = function(x, signs.double(), reduction="none").numpy()
        assert function(x, signs.double(), reduction="sum").item() == pytest.approx(each.sum())
        assert function(x, signs.double()).item() == pytest.approx(each.mean())


@pytest.mark.parametrize("name", ["soft_margin_loss", "multi_margin_loss", "triplet_margin_loss"])
def test_the_gradient_agrees_with_differences(name, rng):
    shapes = {"triplet_margin_loss": [(4, 3)] * 3}.get(name, [(4, 3)])
    inputs = [nn.tensor(rng.normal(size=shape), requires_grad=True) for shape in shapes]
    target = {"soft_margin_loss": nn.ones(4, 3).double(), "multi_margin_loss": nn.tensor([0, 2, 1, 1])}.get(name)
    rest = [] if target is None else [target]
    assert nn.testing.gradcheck(lambda *given: getattr(F, name)(*given, *rest), inputs)


X = nn.zeros(4, 3)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: F.cosine_embedding_loss(X, X, nn.ones(4, 1)), nn.ShapeError, "cosine_embedding_loss: expected inputs"),
        (lambda: F.margin_ranking_loss(X, X, nn.ones(4)), nn.ShapeError, "margin_ranking_loss: all inputs must have"),
        (lambda: F.multi_margin_loss(X, nn.zeros(4).long(), p=3), nn.RangeError, "p must be 1 or 2, got 3"),
        (lambda: F.multi_margin_loss(X, nn.zeros(4)), nn.DtypeError, "class indices must be integers"),
        (lambda: F.multi_margin_loss(X, nn.zeros(3).long()), nn.ShapeError, r"expected input \(N, C\) and target"),
        (lambda: F.multi_margin_loss(X, nn.full((4,), 3)), IndexError, "class index 3 is out of range"),
        (
            lambda: F.multi_margin_loss(X, nn.zeros(4).long(), weight=nn.ones(4)),
            nn.ShapeError,
            r"weight must be \(3,\)",
        ),
        (lambda: F.multilabel_margin_loss(X, nn.zeros(4).long()), nn.ShapeError, "input and target must both be"),
        (lambda: F.triplet_margin_loss(X, X, X[0]), nn.ShapeError, r"must have as many axes, they have \[2, 2, 1\]"),
        (lambda: F.triplet_margin_loss(X, X, X, margin=0), nn.RangeError, "margin must be positive, got 0"),
        (
            lambda: F.soft_margin_loss(X, X, reduction="all"),
            nn.RangeError,
            "soft_margin_loss: reduction must be one of",
        ),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
