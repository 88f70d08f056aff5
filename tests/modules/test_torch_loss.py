"""Every loss against PyTorch's: values, gradients by all that has one, of two orders; repr and errors."""

import itertools
import math

import numpy as np
import pytest
from oracle import OURS, THEIRS, compare, compare_both, torch

import nn

REDUCTIONS = ("mean", "sum", "none")


def of(lib):
    """The layers of a library."""
    return nn if lib.top is nn else torch.nn


class Fixed:
    """An argument that needs no gradient; floats take the type of the first argument."""

    def __init__(self, values):
        self.values = np.asarray(values)

    def to(self, lib, like):
        tensor = lib.top.tensor(self.values)
        return tensor.to(like.dtype) if self.values.dtype.kind == "f" else tensor


def signs(rng, shape):
    return Fixed(np.where(rng.random(shape) < 0.5, 1.0, -1.0))


def listed(rng, n, c):
    rows = np.full((n, c), -1)
    for i in range(n):
        k = rng.integers(0, c + 1)
        rows[i, :k] = rng.permutation(c)[:k]
    return Fixed(rows)


def real(*shapes):
    return lambda rng: [rng.normal(size=s) for s in shapes]


W = [0.5, 2.0, 1.0]
LOSSES = {
    "L1Loss": (lambda t, r: t.L1Loss(reduction=r), real((4, 3), (4, 3))),
    "L1Loss of numbers": (lambda t, r: t.L1Loss(reduction=r), real((), ())),
    "SmoothL1Loss": (lambda t, r: t.SmoothL1Loss(reduction=r), real((4, 3), (4, 3))),
    "SmoothL1Loss beta": (lambda t, r: t.SmoothL1Loss(reduction=r, beta=0.3), real((4, 3), (4, 3))),
    "SmoothL1Loss 0": (lambda t, r: t.SmoothL1Loss(reduction=r, beta=0.0), real((4, 3), (4, 3))),
    "HuberLoss": (lambda t, r: t.HuberLoss(reduction=r), real((4, 3), (4, 3))),
    "HuberLoss delta": (lambda t, r: t.HuberLoss(reduction=r, delta=2.5), real((4, 3), (4, 3))),
    "MSELoss": (lambda t, r: t.MSELoss(reduction=r), real((4, 3), (4, 3))),
    "KLDivLoss": (lambda t, r: t.KLDivLoss(reduction=r), lambda g: [g.normal(size=(4, 3)), g.uniform(0.1, 1, (4, 3))]),
    "KLDivLoss log": (lambda t, r: t.KLDivLoss(reduction=r, log_target=True), real((4, 3), (4, 3))),
    "PoissonNLLLoss": (
        lambda t, r: t.PoissonNLLLoss(reduction=r),
        lambda g: [g.normal(size=(4, 3)), Fixed(g.poisson(2, (4, 3)) * 1.0)]),
    "PoissonNLLLoss full": (
        lambda t, r: t.PoissonNLLLoss(log_input=False, full=True, eps=0.1, reduction=r),
        lambda g: [g.uniform(0.5, 2, (4, 3)), Fixed(g.poisson(2, (4, 3)) * 1.0)]),
    "GaussianNLLLoss": (
        lambda t, r: t.GaussianNLLLoss(reduction=r),
        lambda g: [g.normal(size=(4, 3)), g.normal(size=(4, 3)), g.uniform(0.1, 2, (4, 3))]),
    "GaussianNLLLoss one variance": (
        lambda t, r: t.GaussianNLLLoss(full=True, reduction=r),
        lambda g: [g.normal(size=(4, 3)), g.normal(size=(4, 3)), g.uniform(0.1, 2, 4)]),
    "GaussianNLLLoss eps": (
        lambda t, r: t.GaussianNLLLoss(eps=1.0, reduction=r),
        lambda g: [g.normal(size=(4, 3)), g.normal(size=(4, 3)), g.uniform(0.1, 2, (4, 1))]),
    "GaussianNLLLoss number": (
        lambda t, r: t.GaussianNLLLoss(reduction=r), lambda g: [g.normal(size=(4, 3)), g.normal(size=(4, 3)), 0.7]),
    "HingeEmbeddingLoss": (
        lambda t, r: t.HingeEmbeddingLoss(reduction=r), lambda g: [g.normal(size=(4, 3)), signs(g, (4, 3))]),
    "HingeEmbeddingLoss margin": (
        lambda t, r: t.HingeEmbeddingLoss(margin=0.3, reduction=r),
        lambda g: [g.normal(size=(4, 3)), signs(g, (4, 3))]),
    "CosineEmbeddingLoss": (
        lambda t, r: t.CosineEmbeddingLoss(reduction=r),
        lambda g: [g.normal(size=(6, 3)), g.normal(size=(6, 3)), signs(g, 6)]),
    "CosineEmbeddingLoss margin": (
        lambda t, r: t.CosineEmbeddingLoss(margin=-0.5, reduction=r),
        lambda g: [g.normal(size=3), g.normal(size=3), Fixed(-1)]),
    "MarginRankingLoss": (
        lambda t, r: t.MarginRankingLoss(reduction=r), lambda g: [g.normal(size=9), g.normal(size=9), signs(g, 9)]),
    "MarginRankingLoss margin": (
        lambda t, r: t.MarginRankingLoss(margin=0.7, reduction=r),
        lambda g: [g.normal(size=(3, 2)), g.normal(size=(3, 1)), signs(g, (1, 2))]),
    "SoftMarginLoss": (
        lambda t, r: t.SoftMarginLoss(reduction=r), lambda g: [g.normal(size=(4, 3)), signs(g, (4, 3))]),
    "MultiLabelSoftMarginLoss": (
        lambda t, r: t.MultiLabelSoftMarginLoss(reduction=r),
        lambda g: [g.normal(size=(4, 3)), g.uniform(size=(4, 3))]),
    "MultiLabelSoftMarginLoss weight": (
        lambda t, r: t.MultiLabelSoftMarginLoss(weight=(nn if t is nn else torch).tensor(W), reduction=r),
        lambda g: [g.normal(size=(4, 2, 3)), g.uniform(size=(4, 2, 3))]),
    "MultiMarginLoss": (
        lambda t, r: t.MultiMarginLoss(reduction=r), lambda g: [g.normal(size=(5, 3)), Fixed(g.integers(0, 3, 5))]),
    "MultiMarginLoss all": (
        lambda t, r: t.MultiMarginLoss(2, 0.6, weight=(nn if t is nn else torch).tensor(W), reduction=r),
        lambda g: [g.normal(size=(5, 3)), Fixed(g.integers(0, 3, 5))]),
    "MultiMarginLoss one": (
        lambda t, r: t.MultiMarginLoss(p=2, reduction=r), lambda g: [g.normal(size=3), Fixed(g.integers(0, 3))]),
    "MultiLabelMarginLoss": (
        lambda t, r: t.MultiLabelMarginLoss(reduction=r), lambda g: [g.normal(size=(6, 4)), listed(g, 6, 4)]),
    "MultiLabelMarginLoss one": (
        lambda t, r: t.MultiLabelMarginLoss(reduction=r), lambda g: [g.normal(size=4), Fixed([2, 0, -1, 3])]),
    "TripletMarginLoss": (lambda t, r: t.TripletMarginLoss(reduction=r), real((5, 3), (5, 3), (5, 3))),
    "TripletMarginLoss all": (
        lambda t, r: t.TripletMarginLoss(2.0, 3.0, 1e-3, True, reduction=r), real((5, 3), (5, 3), (5, 3))),
    "TripletMarginLoss one": (lambda t, r: t.TripletMarginLoss(p=1.0, reduction=r), real((3,), (3,), (3,))),
    "TripletMarginWithDistanceLoss": (
        lambda t, r: t.TripletMarginWithDistanceLoss(reduction=r), real((5, 3), (5, 3), (5, 3))),
    "TripletMarginWithDistanceLoss all": (
        lambda t, r: t.TripletMarginWithDistanceLoss(
            distance_function=t.CosineSimilarity(), margin=0.3, swap=True, reduction=r),
        real((5, 3), (5, 3), (5, 3))),
    "BCELoss": (lambda t, r: t.BCELoss(reduction=r), lambda g: [g.uniform(0.1, 0.9, (4, 3)), g.uniform(size=(4, 3))]),
    "BCEWithLogitsLoss": (
        lambda t, r: t.BCEWithLogitsLoss(reduction=r, pos_weight=(nn if t is nn else torch).tensor(W)),
        lambda g: [g.normal(size=(4, 3)), g.uniform(size=(4, 3))]),
    "CrossEntropyLoss": (
        lambda t, r: t.CrossEntropyLoss(reduction=r, ignore_index=1, label_smoothing=0.1),
        lambda g: [g.normal(size=(5, 3, 2)), Fixed(g.integers(0, 3, (5, 2)))]),
    "CrossEntropyLoss weight": (
        lambda t, r: t.CrossEntropyLoss(weight=(nn if t is nn else torch).tensor(W), reduction=r),
        lambda g: [g.normal(size=(5, 3)), g.uniform(size=(5, 3))]),
    "NLLLoss": (
        lambda t, r: t.NLLLoss(weight=(nn if t is nn else torch).tensor(W), reduction=r),
        lambda g: [g.normal(size=(5, 3)), Fixed(g.integers(0, 3, 5))]),
}  # fmt: skip
FIRST_ORDER = {"MultiMarginLoss", "MultiLabelMarginLoss"}
"""Whose second derivative PyTorch does not have."""


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides the total loss")
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name", LOSSES)
def test_losses(name, reduction, rng):
    make, arguments = LOSSES[name]
    given = arguments(rng)

    def loss(lib, x, *rest):
        layer = make(of(lib), reduction).to(x.dtype)
        return layer(x, *(a.to(lib, x) if isinstance(a, Fixed) else a for a in rest))

    if name.split()[0] in FIRST_ORDER:
        compare(loss, *given, orders=1, forward=False)
        singles = [a.astype(np.float32) if isinstance(a, np.ndarray) else a for a in given]
        compare(loss, *singles, orders=1, forward=False, rtol=1e-5, atol=1e-5)
    else:
        compare_both(loss, *given)
    ours, theirs = make(nn, reduction), make(torch.nn, reduction)
    assert repr(ours) == repr(theirs)
    assert list(ours.state_dict()) == list(theirs.state_dict())


@pytest.mark.parametrize("log_target", [False, True])
def test_divergence_per_sample(log_target, rng):
    x, t = rng.normal(size=(4, 3)), rng.uniform(0.1, 1, (4, 3))
    compare_both(lambda lib, x, t: lib.F.kl_div(x, t, reduction="batchmean", log_target=log_target), x, t)
    t[0, 0] = 0
    if not log_target:
        fixed = Fixed(t)
        compare(lambda lib, x: lib.F.kl_div(x, fixed.to(lib, x), reduction="sum"), x)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name", ["l1_loss", "mse_loss", "huber_loss"])
def test_weights_of_elements(name, reduction, rng):
    x, t, w = rng.normal(size=(4, 3)), rng.normal(size=(4, 3)), rng.uniform(0.5, 2, (4, 3))
    compare_both(lambda lib, x, t, w: getattr(lib.F, name)(x, t, reduction=reduction, weight=w), x, t, w)


@pytest.mark.parametrize("name", ["smooth_l1_loss", "huber_loss", "soft_margin_loss", "l1_loss"])
def test_infinite_and_huge_distances_keep_their_gradient(name):
    x = np.array([math.inf, -math.inf, 1e30, -1e30, 0.0])
    if name == "soft_margin_loss":
        x = np.array([700.0, -700.0, 0.0, 30.0, -30.0])
    ones = Fixed(np.ones(5) if name == "soft_margin_loss" else np.zeros(5))
    compare(lambda lib, x: getattr(lib.F, name)(x, ones.to(lib, x), reduction="none"), x, orders=1, forward=False)


@pytest.mark.parametrize("name", ["hinge_embedding_loss", "smooth_l1_loss", "huber_loss", "l1_loss"])
def test_kinks(name):
    x, t = np.array([1.0, -1.0, 0.0, 1.0, -1.0, 0.0]), Fixed([1.0, 1.0, 1.0, -1.0, -1.0, -1.0])
    compare(lambda lib, x: getattr(lib.F, name)(x, t.to(lib, x), reduction="none"), x, orders=1, forward=False)


REFUSED = [
    lambda lib, z: lib.F.smooth_l1_loss(z(2), z(2), beta=-1.0),
    lambda lib, z: lib.F.huber_loss(z(2), z(2), delta=0.0),
    lambda lib, z: lib.F.l1_loss(z(2), z(2), weight=z(3)),
    lambda lib, z: lib.F.gaussian_nll_loss(z(2, 3), z(2, 3), z(3) + 1),
    lambda lib, z: lib.F.gaussian_nll_loss(z(2, 3), z(2, 3), z(2, 3) - 1),
    lambda lib, z: lib.F.gaussian_nll_loss(z(2, 3), z(2, 3), -1.0),
    lambda lib, z: lib.F.cosine_embedding_loss(z(2, 3), z(2, 3), z(2, 2)),
    lambda lib, z: lib.F.cosine_embedding_loss(z(3), z(3), z(1)),
    lambda lib, z: lib.F.margin_ranking_loss(z(3), z(3, 1), z(3)),
    lambda lib, z: lib.F.multi_margin_loss(z(2, 3), z(2).long(), p=3),
    lambda lib, z: lib.F.multi_margin_loss(z(2, 3), z(3).long()),
    lambda lib, z: lib.F.multi_margin_loss(z(2, 3), z(2).long() + 3),
    lambda lib, z: lib.F.multi_margin_loss(z(2, 3), z(2).long(), weight=z(2)),
    lambda lib, z: lib.F.multilabel_margin_loss(z(2, 3), z(3).long()),
    lambda lib, z: lib.F.triplet_margin_loss(z(2, 3), z(2, 3), z(3)),
    lambda lib, z: lib.F.triplet_margin_loss(z(2, 3), z(2, 3), z(2, 3), margin=0.0),
    lambda lib, z: lib.F.triplet_margin_with_distance_loss(z(2, 3), z(2, 3), z(2, 3), margin=-1.0),
    lambda lib, z: of(lib).TripletMarginLoss(margin=0.0),
    lambda lib, z: of(lib).TripletMarginWithDistanceLoss(margin=0.0),
    lambda lib, z: of(lib).MultiMarginLoss(p=3),
    lambda lib, z: of(lib).MultiMarginLoss(weight=z(2, 2)),
    *(lambda lib, z, n=n: getattr(lib.F, n)(z(2, 3), z(2, 3), reduction="avg")
      for n in ("l1_loss", "smooth_l1_loss", "huber_loss", "kl_div", "poisson_nll_loss", "hinge_embedding_loss",
                "soft_margin_loss", "multilabel_soft_margin_loss")),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_what_torch_refuses_is_refused(number):
    with pytest.raises(Exception) as theirs:
        REFUSED[number](THEIRS, torch.zeros)
    with pytest.raises(theirs.type):
        REFUSED[number](OURS, nn.zeros)


# -- our own, against their formulas written with torch's operations --------------------------------------------------
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("alpha", "gamma"), [(0.25, 2.0), (None, 2.0), (0.9, 0.5), (0.5, 0.0), (0.0, 1.0)])
def test_focal_loss(alpha, gamma, reduction, rng):
    x, t = rng.normal(size=(4, 3)), rng.integers(0, 2, (4, 3)) * 1.0

    def focal(lib, x, t):
        if lib.top is nn:
            return nn.FocalLoss(alpha, gamma, reduction)(x, t)
        p = torch.sigmoid(x)
        p_t = p * t + (1 - p) * (1 - t)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(x, t, reduction="none") * (1 - p_t) ** gamma
        loss = loss if alpha is None else loss * (alpha * t + (1 - alpha) * (1 - t))
        return loss if reduction == "none" else getattr(loss, reduction)()

    compare_both(focal, x, t)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("smooth", [0.1, 1.0])
def test_dice_loss(smooth, reduction, rng):
    def dice(lib, p, t):
        if lib.top is nn:
            return nn.DiceLoss(smooth, reduction)(p, t)
        p, t = p.flatten(1), t.flatten(1)
        loss = 1 - (2 * (p * t).sum(1) + smooth) / ((p * p).sum(1) + (t * t).sum(1) + smooth)
        return loss if reduction == "none" else getattr(loss, reduction)()

    compare_both(dice, rng.uniform(size=(3, 2, 4)), rng.uniform(size=(3, 2, 4)))


def test_messages_of_our_own():
    x = nn.zeros(2, 3)
    for call, error, message in [
        (lambda: nn.dice_loss(x, nn.zeros(3)), nn.ShapeError, "dice_loss: target has shape"),
        (lambda: nn.dice_loss(nn.tensor(0.0), nn.tensor(0.0)), nn.ShapeError, "dice_loss: input must be"),
        (lambda: nn.focal_loss(x, x, alpha=2.0), nn.RangeError, r"focal_loss: alpha must be in \[0, 1\] or None"),
        (lambda: nn.focal_loss(x, x, gamma=-1.0), nn.RangeError, "focal_loss: alpha must be .* gamma at least 0"),
        (lambda: nn.functional.multi_margin_loss(x, x), nn.DtypeError, "class indices must be integers"),
        (lambda: nn.functional.multilabel_margin_loss(x, x.long() - 2), IndexError, "class index -2 is out of range"),
    ]:
        with pytest.raises(error, match=message):
            call()


PAIRED = ["l1", "mse", "smooth_l1", "huber", "kl_div", "poisson_nll", "hinge_embedding", "soft_margin"]
PAIRED += ["multilabel_soft_margin", "binary_cross_entropy_with_logits", "cross_entropy"]
TYPES = ("float16", "float32", "float64")


@pytest.mark.parametrize("name", [*PAIRED, "margin_ranking", "cosine_embedding", "gaussian_nll", "triplet_margin"])
def test_the_type_of_a_loss_of_several_types(name):
    values = [[0.25, 0.5], [0.75, 1.0]]
    for kinds in itertools.product(TYPES, repeat=2 if name in PAIRED else 3):
        if name == "binary_cross_entropy_with_logits" and kinds[1] < kinds[0]:
            continue  # PyTorch loses digits there: the loss has the type of the target
        found = []
        for lib in (OURS, THEIRS):
            given = [lib.top.tensor(values, dtype=getattr(lib.top, kind)) for kind in kinds]
            given[2:] = [t[:, 0] if name == "cosine_embedding" else t for t in given[2:]]
            loss = getattr(lib.F, f"{name}_loss", None) or getattr(lib.F, name)
            found.append(str(loss(*given, reduction="sum").dtype).removeprefix("torch."))
        assert found[0] == found[1], kinds
