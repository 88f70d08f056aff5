"""Normalisations, and layers without a comparison elsewhere, against PyTorch's with the same parameters."""

import numpy as np
import pytest
from oracle import compare_layers, normal

NORMS = {
    "BatchNorm1d": [((4,), {}, (6, 4)), ((4,), {}, (3, 4, 5)), ((4, 1e-3, 0.3), {}, (6, 4)),
                    ((4,), {"affine": False}, (6, 4)), ((4,), {"track_running_stats": False}, (6, 4)),
                    ((4,), {"momentum": None}, (6, 4))],
    "BatchNorm2d": [((3,), {}, (2, 3, 4, 2)), ((3,), {"affine": False}, (2, 3, 4, 2)),
                    ((3,), {"momentum": None}, (2, 3, 2, 2))],
    "BatchNorm3d": [((2,), {}, (2, 2, 3, 2, 2)), ((2,), {"track_running_stats": False}, (2, 2, 3, 2, 2))],
    "InstanceNorm1d": [((3,), {}, (2, 3, 5)), ((3,), {"affine": True}, (2, 3, 5)), ((3,), {}, (3, 5)),
                       ((3,), {"track_running_stats": True}, (2, 3, 5))],
    "InstanceNorm2d": [((3,), {}, (2, 3, 3, 2)), ((3,), {"affine": True}, (2, 3, 3, 2))],
    "InstanceNorm3d": [((2,), {}, (2, 2, 3, 2, 2)), ((2,), {"affine": True}, (2, 2, 3, 2, 2))],
    "LayerNorm": [((5,), {}, (3, 5)), (((2, 3),), {}, (4, 2, 3)), ((5,), {"bias": False}, (3, 5)),
                  ((5, 1e-2), {"elementwise_affine": False}, (2, 3, 5))],
    "RMSNorm": [((5,), {}, (3, 5)), (((2, 3),), {"eps": 1e-3}, (4, 2, 3)),
                ((5,), {"elementwise_affine": False}, (3, 5))],
    "GroupNorm": [((2, 4), {}, (3, 4, 5)), ((4, 4), {}, (3, 4, 2, 2)), ((1, 4), {"affine": False}, (3, 4))],
    "LocalResponseNorm": [((3,), {}, (2, 4, 5)), ((2, 1e-2, 0.5, 2.0), {}, (2, 4, 3, 2))],
    "Linear": [((3, 4), {}, (5, 3)), ((3, 4), {"bias": False}, (2, 5, 3)), ((3, 4), {}, (3,))],
    "CosineSimilarity": [((), {}, (3, 4), (3, 4)), ((0,), {}, (3, 4), (3, 4))],
    "PairwiseDistance": [((), {}, (3, 4), (3, 4)), ((3.0,), {"keepdim": True}, (3, 4), (3, 4))],
    "Bilinear": [((3, 2, 4), {}, (5, 3), (5, 2)), ((3, 2, 4), {"bias": False}, (2, 5, 3), (2, 5, 2))],
    "Identity": [((), {}, (2, 3))],
    "Flatten": [((), {}, (2, 3, 2)), ((0, 1), {}, (2, 3, 2))],
    "Unflatten": [((1, (2, 3)), {}, (4, 6))],
}  # fmt: skip
CASES = [(name, *case) for name, cases in NORMS.items() for case in cases]


@pytest.mark.parametrize("train", [True, False])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_layers(case, train, rng):
    name, args, options, *shapes = case
    first_order_alone = name == "Bilinear"  # whose second order torch does not have in one piece
    orders = 1 if first_order_alone else 2
    compare_layers(
        lambda t: getattr(t, name)(*args, **options).train(train), *normal(rng, *shapes), orders=orders, single=3e-5
    )


@pytest.mark.parametrize("options", [{}, {"padding_idx": 1}, {"scale_grad_by_freq": True}, {"max_norm": 1.0}], ids=str)
def test_embedding(options, rng):
    compare_layers(lambda t: t.Embedding(5, 3, **options), rng.integers(0, 5, (4, 2)), orders=1)


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_embedding_bag(mode, rng):
    compare_layers(lambda t: t.EmbeddingBag(5, 3, mode=mode), rng.integers(0, 5, (4, 3)), orders=1)


@pytest.mark.parametrize(
    "name", ["Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout"]
)
def test_dropout_in_evaluation_changes_nothing(name, rng):
    shape = {"Dropout1d": (2, 3, 4), "Dropout3d": (2, 3, 2, 2, 2)}.get(name, (2, 3, 2, 2))
    compare_layers(lambda t: getattr(t, name)(0.5).eval(), *normal(rng, shape))


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_ctc(reduction, rng):
    log_probs = rng.normal(size=(6, 2, 4))
    log_probs -= np.log(np.exp(log_probs).sum(-1, keepdims=True))
    targets, inputs, lengths = np.array([[1, 2, 3], [2, 2, 1]]), np.array([6, 5]), np.array([3, 2])
    compare_layers(lambda t: t.CTCLoss(reduction=reduction), log_probs, targets, inputs, lengths, orders=1, single=2e-5)
