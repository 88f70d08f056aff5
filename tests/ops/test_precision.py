"""What adds up many numbers, or their squares, keeps the digits of its type: in float16 and float32, along every axis.

Each case is computed in the type and, from the same numbers, in float64. The inputs are those that lose digits: many
equal ones, a large offset, alternating signs, and numbers whose squares are beyond float16.
"""

import inspect
import math
import re
from types import SimpleNamespace

import numpy as np
import pytest

import nn

F = nn.functional


OURS = SimpleNamespace(top=nn, F=F)


def many(shape):
    return np.where(np.arange(math.prod(shape)).reshape(shape) % 4, 0.1, 0.15)


def offset(shape):
    return 300 + np.random.default_rng(1).normal(size=shape)


def alternating(shape):
    signs = np.where(np.arange(math.prod(shape)).reshape(shape) % 5 < 2, -1.0, 1.0)
    return 400 * signs + np.random.default_rng(2).normal(size=shape)


INPUTS = {f.__name__: f for f in (many, offset, alternating)}


def target(x):
    return x[::-1].copy()


def classes(x):
    return np.arange(len(x)) % x.shape[1]


def signs(x):
    return np.where(np.arange(math.prod(x.shape)).reshape(x.shape) % 3, 1.0, -1.0)


def shares(x):
    return np.abs(x) / 512


LONG, WIDE, FLAT, IMAGES, LINES = (70_001, 3), (3, 70_001), (70_001,), (2, 3, 40, 50), (300, 2, 150)

# name: shape, and how to call it with a library (`top` and `F`) and one or two arrays made tensors
REDUCTIONS = {
    name: [((shape, dim), lambda lib, x, name=name, dim=dim: getattr(lib.top, name)(x, dim)) for shape, dim in axes]
    for names, axes in {
        "sum mean nansum nanmean var std logsumexp": [
            (LONG, 0),
            (WIDE, 1),
            (LINES, (0, 2)),
            (LINES, (0, 1, 2)),
            (FLAT, 0),
        ],
        "cumsum logcumsumexp softmax log_softmax": [(LONG, 0), (WIDE, 1), (FLAT, 0)],
    }.items()
    for name in names.split()
}
OTHERS = {
    "norm": [((LONG, p), lambda lib, x, p=p: lib.top.norm(x, p, 0)) for p in (0.5, 1, 2, 3, math.inf)],
    "linalg.vector_norm": [((LONG, p), lambda lib, x, p=p: lib.top.linalg.vector_norm(x, p, 0)) for p in (1, 2, 3)],
    "linalg.matrix_norm": [((LONG, "fro"), lambda lib, x: lib.top.linalg.matrix_norm(x))],
    "dist": [((FLAT, p), lambda lib, x, p=p: lib.top.dist(x, -x, p)) for p in (1, 2)],
    "var_mean": [((LONG, i), lambda lib, x, i=i: lib.top.var_mean(x, 0)[i]) for i in (0, 1)],
    "std_mean": [((LONG, i), lambda lib, x, i=i: lib.top.std_mean(x, 0)[i]) for i in (0, 1)],
    "cov": [((WIDE, None), lambda lib, x: lib.top.cov(x))],
    "trace": [(((2000, 2000), None), lambda lib, x: lib.top.trace(x))],
    "cumulative_trapezoid": [((WIDE, None), lambda lib, x: lib.top.cumulative_trapezoid(x))],
    "trapezoid": [((WIDE, None), lambda lib, x: lib.top.trapezoid(x))],
    "prod": [(((1000, 3), None), lambda lib, x: lib.top.prod(0 * x + 1.0009765625, 0))],
    "cumprod": [(((1000, 3), None), lambda lib, x: lib.top.cumprod(0 * x + 1.0009765625, 0))],
    "softmin": [((LONG, None), lambda lib, x: lib.F.softmin(x, 0))],
    "normalize": [((WIDE, p), lambda lib, x, p=p: lib.F.normalize(x, p)) for p in (1, 2, 3)],
    "cosine_similarity": [((WIDE, None), lambda lib, x: lib.F.cosine_similarity(x, lib.top.roll(x, 1, 0)))],
    "pairwise_distance": [((WIDE, None), lambda lib, x: lib.F.pairwise_distance(x, -x))],
    "cdist": [(((2, 70_001), None), lambda lib, x: lib.top.cdist(x, -x))],
    "pdist": [(((3, 70_001), None), lambda lib, x: lib.F.pdist(x))],
    "layer_norm": [((WIDE, None), lambda lib, x: lib.F.layer_norm(x, x.shape[1:]))],
    "rms_norm": [((WIDE, None), lambda lib, x: lib.F.rms_norm(x, x.shape[1:], eps=1e-5))],
    "group_norm": [((IMAGES, None), lambda lib, x: lib.F.group_norm(x, 3))],
    "instance_norm": [((IMAGES, None), lambda lib, x: lib.F.instance_norm(x))],
    "batch_norm": [
        ((LONG, None), lambda lib, x: lib.F.batch_norm(x, None, None, training=True)),
        ((LINES, None), lambda lib, x: lib.F.batch_norm(x, None, None, training=True)),
        ((LONG, "known"), lambda lib, x: lib.F.batch_norm(x, x[0].detach() / 2, x[1].detach().abs())),
    ],
    "local_response_norm": [((IMAGES, None), lambda lib, x: lib.F.local_response_norm(x, 3))],
    "avg_pool1d": [((LINES, None), lambda lib, x: lib.F.avg_pool1d(x, 150))],
    "avg_pool2d": [((IMAGES, None), lambda lib, x: lib.F.avg_pool2d(x, (40, 50)))],
    "avg_pool3d": [(((1, 2, 20, 30, 15), None), lambda lib, x: lib.F.avg_pool3d(x, (20, 30, 15)))],
    "adaptive_avg_pool1d": [(((2, 2, 9001), n), lambda lib, x, n=n: lib.F.adaptive_avg_pool1d(x, n)) for n in (1, 7)],
    "adaptive_avg_pool2d": [((IMAGES, n), lambda lib, x, n=n: lib.F.adaptive_avg_pool2d(x, n)) for n in (1, 7)],
    "adaptive_avg_pool3d": [(((1, 2, 20, 30, 15), None), lambda lib, x: lib.F.adaptive_avg_pool3d(x, 1))],
    "lp_pool1d": [((LINES, None), lambda lib, x: lib.F.lp_pool1d(x, 2, 150))],
    "lp_pool2d": [((IMAGES, None), lambda lib, x: lib.F.lp_pool2d(x, 2, (40, 50)))],
    "lp_pool3d": [(((1, 2, 20, 30, 15), None), lambda lib, x: lib.F.lp_pool3d(x, 2, (20, 30, 15)))],
    "interpolate": [((IMAGES, None), lambda lib, x: lib.F.interpolate(x, (4, 5), mode="bilinear", antialias=True))],
}


def pairs(name, other, **given):
    """The mean loss of an array and another one that is made of it."""
    return [((LONG, ""), lambda lib, x, y: getattr(lib.F, name)(x, y, **given), other)]


LOSSES = {
    **{name: pairs(name, target) for name in ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss")},
    "kl_div": pairs("kl_div", shares, reduction="batchmean"),
    "poisson_nll_loss": [((LONG, None), lambda lib, x, y: lib.F.poisson_nll_loss(x.abs(), y, log_input=False), shares)],
    "gaussian_nll_loss": [((LONG, None), lambda lib, x, y: lib.F.gaussian_nll_loss(x, y, 0 * x + 2), target)],
    "binary_cross_entropy": [((LONG, None), lambda lib, x, y: lib.F.binary_cross_entropy(0 * x + y, 1 - y), shares)],
    "binary_cross_entropy_with_logits": pairs("binary_cross_entropy_with_logits", shares),
    "cross_entropy": [*pairs("cross_entropy", classes), *pairs("cross_entropy", classes, label_smoothing=0.1)],
    "nll_loss": pairs("nll_loss", classes),
    "hinge_embedding_loss": pairs("hinge_embedding_loss", signs),
    "soft_margin_loss": pairs("soft_margin_loss", signs),
    "multilabel_soft_margin_loss": pairs("multilabel_soft_margin_loss", lambda x: np.float64(signs(x) > 0)),
    "multi_margin_loss": pairs("multi_margin_loss", classes),
    "multilabel_margin_loss": pairs("multilabel_margin_loss", lambda x: np.tile([1, -1, 0], (len(x), 1))),
    "margin_ranking_loss": [((FLAT, None), lambda lib, x, y: lib.F.margin_ranking_loss(x, -x, y), signs)],
    "cosine_embedding_loss": [
        (
            (WIDE, None),
            lambda lib, x, y: lib.F.cosine_embedding_loss(x, lib.top.roll(x, 1, 0), y),
            lambda x: signs(x[:, 0]),
        )
    ],
    "triplet_margin_loss": [((WIDE, None), lambda lib, x, y: lib.F.triplet_margin_loss(x, y, -x), target)],
    "triplet_margin_with_distance_loss": [
        ((WIDE, None), lambda lib, x, y: lib.F.triplet_margin_with_distance_loss(x, y, -x), target)
    ],
    "dice_loss": [((WIDE, None), lambda lib, x, y: nn.dice_loss(0 * x + y, 1 - y), shares)],
    "focal_loss": [((LONG, None), lambda lib, x, y: nn.focal_loss(x, y), shares)],
}
CASES = [
    pytest.param(name, kind, shape, function, other[0] if other else None, id=f"{name}-{shape}-{detail}-{kind}")
    for name, cases in {**REDUCTIONS, **OTHERS, **LOSSES}.items()
    for (shape, detail), function, *other in cases
    for kind in INPUTS
]


def computed(lib, function, arrays, dtype):
    """The value and the gradients by the first array, in the type and in float64, all of the same numbers."""
    found = []
    for kind in (dtype, np.float64):
        leaf, *rest = (lib.top.tensor(a.astype(dtype).astype(kind) if a.dtype.kind == "f" else a) for a in arrays)
        leaf.requires_grad_()
        value = function(lib, leaf, *rest)
        assert str(value.dtype).removeprefix("torch.") == np.dtype(kind).name
        upstream = np.float16(0.5 + np.random.default_rng(3).random(tuple(value.shape)))
        value.backward(lib.top.tensor(upstream.astype(kind)))
        found += [np.asarray(t.detach()).astype(np.float64) for t in (value, leaf.grad)]
    return found


def error(got, exact, dtype):
    """The largest error, in units of the last place of the largest number that fits in the type."""
    limits = np.finfo(dtype)
    fits = np.abs(exact) < float(limits.max)
    scale = max(float(np.abs(exact[fits]).max(initial=0)), float(limits.tiny))
    distance = np.abs(got - exact)[fits].max(initial=0)
    return math.inf if np.isnan(distance) else float(distance) / scale / float(limits.eps)


def adopted(name, kind):
    """By how much more a result may be off: digits that all numbers have in common go with the mean."""
    standardised = {"batch_norm", "instance_norm", "group_norm", "layer_norm"}
    return 16 if name == "cov" or (kind == "offset" and name in standardised) else 1


@pytest.mark.parametrize("dtype", [np.float16, np.float32], ids=lambda d: d.__name__)
@pytest.mark.parametrize(("name", "kind", "shape", "function", "other"), CASES)
def test_no_digits_are_lost(name, kind, shape, function, other, dtype):
    x = INPUTS[kind](shape)
    arrays = [x] if other is None else [x, other(x)]
    value, slope, exact, exact_slope = computed(OURS, function, arrays, dtype)
    assert np.isinf(value[np.abs(exact) > 1.001 * float(np.finfo(dtype).max)]).all()
    assert error(value, exact, dtype) <= 8 * adopted(name, kind)
    assert error(slope, exact_slope, dtype) <= 128 * adopted(name, kind)


@pytest.mark.parametrize("dtype", [np.float16, np.float32], ids=lambda d: d.__name__)
@pytest.mark.parametrize(("name", "kind", "shape", "function", "other"), [c for c in CASES if c.values[1] != "offset"])
def test_as_few_digits_are_lost_as_in_pytorch(name, kind, shape, function, other, dtype):
    torch = pytest.importorskip("torch", reason="the oracle PyTorch is not installed")
    theirs = SimpleNamespace(top=torch, F=torch.nn.functional)
    x = INPUTS[kind](shape)
    arrays = [x] if other is None else [x, other(x)]
    try:
        other_value, other_slope, exact, exact_slope = computed(theirs, function, arrays, dtype)
    except (RuntimeError, AttributeError, TypeError, AssertionError) as error_of_theirs:
        pytest.skip(f"PyTorch does not do it: {error_of_theirs}")
    value, slope, _, _ = computed(OURS, function, arrays, dtype)
    assert error(value, exact, dtype) <= 4 + 8 * error(other_value, exact, dtype)
    assert error(slope, exact_slope, dtype) <= 8 + 8 * error(other_slope, exact_slope, dtype)


ACCURATE = r"(.*_)?(loss|norm|dist|softmax|softmin|(nan)?(sum|mean)|var|std)|log(cum)?sumexp|cum.*|.*pool[123]d"
ELSEWHERE = {
    "cummax cummin max_unpool1d max_unpool2d max_unpool3d": "they add nothing",
    "max_pool1d max_pool2d max_pool3d adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d": "they add nothing",
    "fractional_max_pool2d fractional_max_pool3d": "they add nothing",
    "gumbel_softmax": "is random; it is a softmax",
    "ctc_loss": "see below",
}


def test_every_function_that_adds_up_is_among_the_cases():
    listed = {
        name
        for name in [*dir(nn), *dir(F)]
        if re.fullmatch(ACCURATE, name) and inspect.isfunction(getattr(nn, name, None) or getattr(F, name))
    }
    assert len(listed) > 60
    known = {*REDUCTIONS, *OTHERS, *LOSSES, *" ".join(ELSEWHERE).split()}
    assert {name for name in listed if not name.startswith("_")} <= known


def test_sums_of_millions_of_rows_are_right_to_a_millionth():
    """The rows of a batch, the largest there are: sums, means, gradients of a bias, statistics of a batch norm."""
    x = nn.full((4_000_000, 4), 0.1)
    exact = float(np.float32(0.1))
    assert x.sum(0).tolist() == pytest.approx([4e6 * exact] * 4, rel=1e-6)
    assert x.mean(0).tolist() == pytest.approx([exact] * 4, rel=1e-6)
    assert x.cumsum(0)[-1].tolist() == pytest.approx([4e6 * exact] * 4, rel=1e-6)
    assert x[::2].T.sum(1).tolist() == pytest.approx([2e6 * exact] * 4, rel=1e-6)
    assert x.sum_to_size(1, 4).tolist()[0] == pytest.approx([4e6 * exact] * 4, rel=1e-6)
    bias = nn.zeros(4, requires_grad=True)
    ((x + bias) * 0.1).sum().backward()
    assert bias.grad.tolist() == pytest.approx([4e6 * exact] * 4, rel=1e-6)
    norm = nn.BatchNorm1d(4, momentum=1.0)
    norm(x[:1_000_000])
    assert norm.running_mean.tolist() == pytest.approx([exact] * 4, rel=1e-6)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
@pytest.mark.parametrize("dim", [0, 1, 2, (0, 1), (0, 2), (1, 2), (0, 1, 2)])
def test_the_way_it_lies_in_memory_does_not_matter(dim, order, rng):
    x = np.float32(rng.normal(size=(200, 150, 7)) + 100).transpose(order)
    for y in (
        x,
        x[::2],
        x[:, ::-1],
        np.broadcast_to(x[:1], (300, *x.shape[1:])),
        np.broadcast_to(np.float32(0.1), x.shape),
    ):
        exact = y.sum(dim, dtype=np.float64)
        for keepdim in (False, True):
            got = nn.from_numpy(y).sum(dim, keepdim).numpy()
            assert got.shape == y.sum(dim, keepdims=keepdim).shape
            np.testing.assert_allclose(got.reshape(exact.shape), exact, rtol=2e-6)


def test_gradients_of_float16_are_shortened_by_their_norm():
    parameters = [nn.zeros(2, dtype=nn.float16, requires_grad=True) for _ in range(3)]
    for scale in (400.0, 60000.0):
        for p in parameters:
            p.grad = nn.full((2,), scale, dtype=nn.float16)
        before = nn.utils.clip_grad_norm_(parameters, 1.0)
        assert before.dtype == nn.float16
        assert before.item() == pytest.approx(scale * 6**0.5, rel=1e-3) or scale > 400
        for p in parameters:
            assert p.grad.tolist() == pytest.approx([6**-0.5] * 2, rel=1e-3)


def test_rows_of_float16_are_shortened_by_their_norm():
    weight = nn.full((2, 9), 400.0, dtype=nn.float16)
    rows = F.embedding(nn.tensor([1]), weight, max_norm=1.0)
    assert rows.tolist()[0] == pytest.approx([1 / 3] * 9, rel=1e-3)
    layer = nn.utils.weight_norm(nn.Linear(9, 1).to(nn.float16))
    layer.weight_v.data[...] = 400
    layer.weight_g.data[...] = 3
    assert layer(nn.ones(1, 9, dtype=nn.float16)).item() == pytest.approx(9 + layer.bias.item(), rel=2e-3)


def test_nothing_is_lost_in_a_ctc_loss_of_float16(rng):
    logits = rng.normal(size=(400, 2, 5)).astype(np.float16)
    losses = []
    for kind in (np.float16, np.float64):
        logp = F.log_softmax(nn.tensor(logits.astype(kind)), -1)
        losses.append(F.ctc_loss(logp, nn.tensor([[1, 2], [3, 4]]), [400, 300], [2, 2], reduction="none"))
    np.testing.assert_allclose(losses[0].numpy(), losses[1].numpy(), rtol=2e-3)


def put(name, *args):
    """70,000 times 0.25 (0.1 for a mean), brought to the first of two places."""
    source = nn.full((70_000,), 0.25, dtype=nn.float16)
    return getattr(nn.zeros(2, dtype=nn.float16), name)(0, nn.zeros(70_000, dtype=nn.int64), source, *args)


@pytest.mark.parametrize(
    ("put_there", "expected"),
    [
        (lambda: put("scatter_add"), 17_500),
        (lambda: put("index_add"), 17_500),
        (lambda: put("scatter_reduce", "sum"), 17_500),
        (lambda: 4 * put("scatter_reduce", "mean"), 1),
        (lambda: 4 * put("index_reduce", "mean"), 1),
        (
            lambda: nn.zeros(2, dtype=nn.float16).index_put(
                (nn.zeros(70_000, dtype=nn.int64),), nn.full((70_000,), 0.25, dtype=nn.float16), accumulate=True
            ),
            17_500,
        ),
    ],
    ids=["scatter_add", "index_add", "scatter_reduce", "scatter_reduce_mean", "index_reduce_mean", "index_put"],
)
def test_what_meets_in_one_place_is_added_in_float32(put_there, expected):
    assert put_there()[0].item() == pytest.approx(expected, rel=2e-3)


@pytest.mark.parametrize(
    "pick",
    [
        lambda w, index: w[index],
        lambda w, index: w.index_select(0, index),
        lambda w, index: w.gather(0, index),
        lambda w, index: w.take(index),
        lambda w, index: w[:1].repeat_interleave(70_000),
        lambda w, index: F.embedding(index, w.reshape(2, 1)),
    ],
    ids=["getitem", "index_select", "gather", "take", "repeat_interleave", "embedding"],
)
def test_gradients_of_what_is_picked_often_are_added_in_float32(pick):
    w = nn.ones(2, dtype=nn.float16, requires_grad=True)
    (pick(w, nn.zeros(70_000, dtype=nn.int64)) * 0.25).sum().backward()
    assert w.grad.tolist() == [pytest.approx(17_500, rel=2e-3), 0]


def test_bags_of_float16_are_averaged_in_float32():
    index, weight = nn.zeros(70_000, dtype=nn.int64), nn.full((1, 2), 2.0, dtype=nn.float16)
    assert F.embedding_bag(index, weight, nn.tensor([0]), mode="mean").tolist() == [[2, 2]]


@pytest.mark.parametrize("name", ["max", "min", "amax", "amin", "median", "nanmedian"])
def test_many_equal_elements_of_float16_share_the_gradient(name):
    x = nn.full((70_000,), 2.0, dtype=nn.float16, requires_grad=True)
    y = getattr(x, name)()
    y.backward()
    assert y.item() == 2
    assert x.grad.unique().tolist() == [pytest.approx(1 / 70_000, rel=2e-3)]


def test_images_of_float16_are_sampled():
    x, grid = nn.ones(1, 1, 1, 1, dtype=nn.float16), nn.zeros(1, 3, 2, 2, dtype=nn.float16)
    assert F.grid_sample(x, grid, align_corners=True).tolist() == [[[[1, 1]] * 3]]


BESIDE = ["mse_loss", "l1_loss", "smooth_l1_loss", "kl_div", "poisson_nll_loss", "pairwise_distance"]
BESIDE += ["cosine_similarity", "cross_entropy", "binary_cross_entropy", "binary_cross_entropy_with_logits"]


@pytest.mark.parametrize("name", BESIDE)
@pytest.mark.parametrize("wide", [np.float32, np.float64], ids=lambda d: d.__name__)
@pytest.mark.parametrize("first", [True, False], ids=["first", "second"])
def test_float16_beside_a_wider_type_gives_the_wider_type(name, wide, first, rng):
    x, t = rng.random((2, 4, 5)).astype(np.float16)
    x, t = (x.astype(wide), t) if first else (x, t.astype(wide))
    got = getattr(F, name)(nn.tensor(x), nn.tensor(t))
    exact = getattr(F, name)(nn.tensor(x.astype(np.float64)), nn.tensor(t.astype(np.float64)))
    assert got.dtype == wide
    np.testing.assert_allclose(got, exact, rtol=16 * np.finfo(wide).eps)


WIDENED = {
    "lerp": lambda x, z: nn.lerp(x, 2 * x, z), "addcmul": lambda x, z: nn.addcmul(x, x, z),
    "addcdiv": lambda x, z: nn.addcdiv(x, x, z), "logaddexp2": nn.logaddexp2,
    "logaddexp2 of it": lambda x, z: nn.logaddexp2(z, x),
    "kl_div": F.kl_div, "poisson_nll_loss": F.poisson_nll_loss, "pairwise_distance": F.pairwise_distance,
}  # fmt: skip


@pytest.mark.parametrize("function", WIDENED.values(), ids=WIDENED)
@pytest.mark.parametrize("wide", [nn.float32, nn.float64], ids=str)
def test_a_wider_tensor_without_axes_leaves_float16_as_it_is(function, wide):
    x, z = nn.tensor([0.5, 0.75], dtype=nn.float16), nn.tensor(0.25, dtype=wide)
    found = function(x, z)
    assert found.dtype == nn.float16
    np.testing.assert_allclose(found.double(), function(x.double(), z.double()), rtol=1e-3)
    assert function(x.to(wide), z.half()).dtype == wide


LIKE = {
    "hinge_embedding_loss": (1, lambda x, t: F.hinge_embedding_loss(x, t, reduction="none")),
    "cosine_embedding_loss": (2, lambda x, y, t: F.cosine_embedding_loss(x, y, t[:, 0])),
    "soft_margin_loss": (1, F.soft_margin_loss),
    "huber_loss": (1, lambda x, t: F.huber_loss(input=x, target=t)),
    "huber_loss weight": (2, lambda x, w, t: F.huber_loss(x, t, weight=w)),
    "binary_cross_entropy": (2, lambda x, t, w: F.binary_cross_entropy(x, t, w)),
    "binary_cross_entropy_with_logits": (2, lambda x, t, w: F.binary_cross_entropy_with_logits(x, t, pos_weight=w)),
}


@pytest.mark.parametrize(("deciding", "loss"), LIKE.values(), ids=LIKE)
@pytest.mark.parametrize("other", [nn.float16, nn.float32, nn.float64], ids=str)
@pytest.mark.parametrize("own", [nn.float16, nn.float32, nn.float64], ids=str)
def test_labels_and_weights_do_not_decide_the_type_of_a_loss(deciding, loss, own, other, rng):
    count = loss.__code__.co_argcount if loss.__name__ == "<lambda>" else 2
    values = [rng.choice([0.25, 0.5, 1.0], size=(3, 2)) for _ in range(count)]
    given = [nn.tensor(v, dtype=own if i < deciding else other) for i, v in enumerate(values)]
    given[0].requires_grad_()
    got = loss(*given)
    got.sum().backward()
    assert (got.dtype, given[0].grad.dtype) == (own, own)
    exact = loss(*map(nn.tensor, values))
    np.testing.assert_allclose(got.detach().double(), exact, rtol=4 * np.finfo(own).eps, atol=np.finfo(own).eps)


HALF = {
    "attention": lambda x: nn.functional.scaled_dot_product_attention(*[x.expand(1, 3, 2)] * 3),
    "lerp": lambda x: nn.lerp(x * 150, -(x * 150), 0.5),
    "addcmul": lambda x: nn.addcmul(x, x, x, value=0.01),
    "addcdiv": lambda x: nn.addcdiv(x, x, x.new_full((2,), 1e-3), value=0.001),
    "addmm": lambda x: nn.addmm(x[None], x[None], x.new_tensor([[200, 200], [199, 199]]), alpha=2),
    "addcmul_": lambda x: (x * 1).addcmul_(x, x, value=0.01),
    "cross": lambda x: nn.linalg.cross(x.new_tensor([400, 400, 1]), x.new_tensor([400, 400, 1])),
}


@pytest.mark.parametrize("function", HALF.values(), ids=HALF)
def test_functions_of_several_steps_round_once(function):
    """What they compute on the way is beyond float16, the result is not."""
    x = nn.tensor([400.0, -400.0], dtype=nn.float16)
    found, expected = function(x), function(x.double())
    assert found.dtype == np.float16
    np.testing.assert_allclose(found.double().numpy(), expected.numpy(), rtol=1e-3)


def test_float16_times_a_number_is_still_added_up_in_float32():
    h = nn.full((70_000,), 0.25, dtype=nn.float16) * -3
    assert h.dtype == nn.float16
    assert h.mean().item() == -0.75
    assert F.mse_loss(h, nn.zeros(70_000, dtype=nn.float16)).item() == 0.5625
    assert h.softmax(0).sum().item() == pytest.approx(1, rel=2e-3)
