"""Arguments and empty batches that PyTorch takes give the same here."""

import numpy as np
import pytest
from oracle import compare, torch

import nn

once = dict(orders=1, forward=False)
A = np.array([[4.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 2.0]])
B = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])


# -- empty batches ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("shape", [(0, 3, 4), (2, 0, 4)], ids=str)
@pytest.mark.parametrize("training", [True, False])
def test_attention_and_transformers_of_nothing(shape, training):
    for make in (
        lambda m: m.TransformerEncoderLayer(4, 2, 8, batch_first=True),
        lambda m: m.TransformerEncoder(
            m.TransformerEncoderLayer(4, 2, 8, batch_first=True), 2, enable_nested_tensor=False
        ),
    ):
        ours, theirs = make(nn).train(training), make(torch.nn).train(training)
        x = nn.zeros(shape, requires_grad=True)
        y = ours(x)
        assert y.shape == tuple(theirs(torch.zeros(shape)).shape)
        y.sum().backward()
        assert x.grad.shape == shape
    x, y = np.zeros(shape), np.zeros((shape[0], 2, 4))
    for layer in (
        nn.TransformerDecoderLayer(4, 2, 8, batch_first=True),
        nn.Transformer(4, 2, 1, 1, 8, batch_first=True),
    ):
        layer.train(training).double()
        other = (nn.tensor(x), nn.tensor(y))
        result = layer(*other) if isinstance(layer, nn.TransformerDecoderLayer) else layer(*other[::-1])
        assert result.shape == shape
    attention = nn.MultiheadAttention(4, 2, batch_first=True).train(training)
    for query, key in ((shape, shape), ((2, 3, 4), (2, 0, 4)), ((2, 0, 4), (2, 3, 4))):
        value, weights = attention(nn.zeros(query), nn.zeros(key), nn.zeros(key))
        assert value.shape == query
        assert weights.shape == (query[0], query[1], key[1])


@pytest.mark.parametrize("rank", [2, 3])
def test_fractional_pooling_of_an_empty_batch(rank):
    x = np.zeros((0, 3, *(6,) * rank))
    samples = np.zeros((0, 3, rank))
    name = f"fractional_max_pool{rank}d"
    compare(
        lambda lib, x: getattr(lib.F, name)(x, 2, output_size=2, _random_samples=lib.top.tensor(samples)), x, **once
    )


@pytest.mark.parametrize("shape", [(2, 0), (0, 3), (0,), (0, 0)], ids=str)
@pytest.mark.parametrize("keepdim", [False, True])
def test_the_logsumexp_of_nothing_is_that_of_zero(shape, keepdim):
    x = np.zeros(shape)
    for dim in (*range(x.ndim), tuple(range(x.ndim))):
        compare(lambda lib, x, dim=dim: lib.top.logsumexp(x, dim, keepdim), x, **once)


# -- arguments --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "given",
    [dict(rtol=0.5), dict(atol=3.0), dict(rtol=0.1, atol=0.1), dict(hermitian=True), dict(rcond=0.5)],
    ids=str,
)
def test_pinv(given):
    compare(lambda lib, x: lib.top.linalg.pinv(x, **given), A, **once)
    compare(lambda lib, x: lib.top.linalg.pinv(x, atol=lib.top.tensor([3.0, 0.1]).double()), np.stack([A, A]), **once)
    if "hermitian" in given:
        compare(lambda lib, x: lib.top.linalg.pinv(x, hermitian=True), np.tril(A), orders=0)


def test_matrix_rank():
    compare(lambda lib, x: lib.top.linalg.matrix_rank(x, 2.5), A, orders=0)
    compare(lambda lib, x: lib.top.linalg.matrix_rank(x, tol=2.0, hermitian=True), A, orders=0)
    compare(lambda lib, x: lib.top.linalg.matrix_rank(x, atol=lib.top.tensor(2.0).double(), rtol=0.1), A, orders=0)


@pytest.mark.parametrize("driver", ["gels", "gelsy", "gelsd", "gelss"])
def test_lstsq(driver):
    compare(lambda lib, a, b: tuple(lib.top.linalg.lstsq(a, b, driver=driver)), A[:, :2], B, orders=0)
    compare(lambda lib, a, b: lib.top.linalg.lstsq(a, b, driver=driver).solution, A[None], B[None, :, 0], orders=0)


@pytest.mark.parametrize("ord", [None, "fro", "nuc", 2, 1])
def test_norms_in_another_type(ord):
    single = np.float32(A)
    compare(lambda lib, x: lib.top.linalg.norm(x, ord, dtype=lib.top.float64), single, orders=0)
    compare(lambda lib, x: lib.top.linalg.matrix_norm(x, ord or 2, dtype=lib.top.float64), single, orders=0)
    compare(lambda lib, x: lib.top.linalg.vector_norm(x, 2, dtype=lib.top.float64), single, orders=0)
    compare(lambda lib, x: lib.top.linalg.vector_norm(x, 3, ()), single, orders=0)


@pytest.mark.parametrize("name", ["avg_pool2d", "max_pool2d", "avg_pool1d", "max_pool1d", "lp_pool2d", "avg_pool3d"])
def test_windows_of_one_number_for_all_axes(name, rng):
    x = rng.normal(size=(1, 2, *(4,) * int(name[-2])))
    pool = (
        (lambda lib, x, *a, **k: lib.F.lp_pool2d(x, 2, *a, **k))
        if "lp" in name
        else (lambda lib, x, *a, **k: getattr(lib.F, name)(x, *a, **k))
    )
    for kernel, given in ((2, dict(stride=[])), (2, dict(stride=())), (2, dict(stride=1))):
        compare(lambda lib, x, kernel=kernel, given=given: pool(lib, x, kernel, **given), x, **once)
    if "lp" not in name:
        compare(lambda lib, x: pool(lib, x, (2,), stride=(1,)), x, **once)


def test_tensordot(rng):
    x, y = rng.normal(size=(2, 3, 4)), rng.normal(size=(3, 4, 2))
    compare(lambda lib, x, y: lib.top.tensordot(x, y, lib.top.tensor([[1, 2], [0, 1]])), x, y)
    compare(lambda lib, x, y: lib.top.tensordot(x, y, lib.top.tensor(1)), x, y.transpose(1, 0, 2))
    compare(lambda lib, x, y: lib.top.tensordot(x, y, ([1], [0])), np.ones((2, 3)), np.ones((1, 4)))
    compare(lambda lib, x, y: lib.top.tensordot(x, y, ([1], [0])), np.ones((2, 1)), np.ones((3, 4)))


def test_cdist_has_one_way_of_computing(rng):
    x, y = rng.normal(size=(4, 3)), rng.normal(size=(5, 3))
    for mode in ("use_mm_for_euclid_dist_if_necessary", "use_mm_for_euclid_dist", "donot_use_mm_for_euclid_dist"):
        compare(lambda lib, x, y, mode=mode: lib.top.cdist(x, y, 2.0, mode), x, y, **once)
    with pytest.raises(ValueError, match="cdist: compute_mode must be one of use_mm_for_euclid_dist_if_necessary"):
        nn.cdist(nn.tensor(x), nn.tensor(y), compute_mode="fast")


def test_covariances_of_one_variable(rng):
    for x in (rng.normal(size=(1, 5)), rng.normal(size=5), rng.normal(size=(3, 5))):
        compare(lambda lib, x: lib.top.cov(x), x, **once)
        compare(lambda lib, x: lib.top.cov(x, correction=0), x, **once)
        compare(lambda lib, x: lib.top.cov(x, aweights=lib.top.arange(1.0, 6.0).double()), x, **once)
        compare(lambda lib, x: lib.top.corrcoef(x), x, **once)
    compare(lambda lib, x: lib.top.cov(x), np.array([[1, 2], [3, 5]]), orders=0)


LOSSES = "mse l1 smooth_l1 huber binary_cross_entropy binary_cross_entropy_with_logits kl_div poisson_nll"


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("name", LOSSES.split())
def test_losses_of_single_numbers(name, reduction):
    name = name if name.startswith(("binary", "kl")) else f"{name}_loss"
    reduction = "sum" if name == "kl_div" and reduction == "mean" else reduction  # of which PyTorch warns
    compare(lambda lib, x, t: getattr(lib.F, name)(x, t, reduction=reduction), np.array(0.3), np.array(0.9), **once)
    compare(
        lambda lib, x: lib.F.soft_margin_loss(x, lib.top.ones(()).double(), reduction=reduction), np.array(0.3), **once
    )


def test_margin_losses_of_single_numbers():
    x = np.array(0.3)
    compare(lambda lib, x: lib.F.multi_margin_loss(x, lib.top.tensor(0)), x, orders=0)
    compare(lambda lib, x: lib.F.multilabel_margin_loss(x, lib.top.tensor(0)), x, orders=0)
    compare(lambda lib, x: lib.F.multi_margin_loss(x, lib.top.tensor([0])), np.array([0.1, 0.2]), orders=0)
    compare(lambda lib, x, t, v: lib.F.gaussian_nll_loss(x, t, v), x, np.array(1.3), np.array(2.3), **once)
    compare(lambda lib, x, y, t: lib.F.margin_ranking_loss(x, y, t), x, np.array(0.8), np.array(1.0), **once)
    compare(lambda lib, x, t: lib.F.hinge_embedding_loss(x, t), x, np.array(-1.0), **once)
