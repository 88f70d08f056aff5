"""Normalisation layers against PyTorch's: values, gradients of two orders, running values, repr, errors."""

import itertools
import warnings

import numpy as np
import pytest

import nn

torch = pytest.importorskip("torch", reason="the oracle PyTorch is not installed")

SHAPES = {1: (4, 3, 5), 2: (4, 3, 2, 3), 3: (2, 3, 2, 1, 3)}


def cases():
    for rank, momentum, affine, track, bias in itertools.product(
        (1, 2, 3), (0.1, None), (True, False), (True, False), (True, False)
    ):
        for kind in ("BatchNorm", "InstanceNorm"):
            name = f"{kind}{rank}d"
            yield (
                f"{name}-{momentum}-{affine}-{track}-{bias}",
                lambda t, name=name, a=(momentum, affine, track), b=bias: getattr(t, name)(3, 1e-3, *a, bias=b),
                SHAPES[rank],
            )
    yield "BatchNorm1d flat", lambda t: t.BatchNorm1d(3), (6, 3)
    yield "BatchNorm1d momentum 1", lambda t: t.BatchNorm1d(3, momentum=1.0), (6, 3)
    yield "BatchNorm2d one sample", lambda t: t.BatchNorm2d(3), (1, 3, 2, 2)
    yield "InstanceNorm1d without batch", lambda t: t.InstanceNorm1d(3, affine=True), (3, 5)
    yield "InstanceNorm2d without batch", lambda t: t.InstanceNorm2d(3), (3, 5, 2)
    yield "InstanceNorm3d without batch", lambda t: t.InstanceNorm3d(3), (3, 5, 2, 2)
    for affine, bias, shape in itertools.product((True, False), (True, False), (5, (3, 5), [2, 3, 5])):
        yield (
            f"LayerNorm-{affine}-{bias}-{shape}",
            (lambda t, a=affine, b=bias, s=shape: t.LayerNorm(s, 1e-2, a, b)),
            (4, 2, 3, 5),
        )
        yield (
            f"RMSNorm-{affine}-{bias}-{shape}",
            (lambda t, a=affine, e=0.1 if bias else None, s=shape: t.RMSNorm(s, e, a)),
            (4, 2, 3, 5),
        )
    for groups, affine, bias, shape in itertools.product(
        (1, 2, 6), (True, False), (True, False), ((3, 6), (2, 6, 4), (2, 6, 2, 3))
    ):
        if groups * (shape == (3, 6)) != 6:
            yield (
                f"GroupNorm-{groups}-{affine}-{bias}-{shape}",
                (lambda t, g=groups, a=affine, b=bias: t.GroupNorm(g, 6, 1e-2, a, bias=b)),
                shape,
            )
    for size, k, shape in itertools.product((1, 2, 3, 7), (1.0, 2.5), ((2, 5, 3), (2, 5, 2, 3), (2, 5, 2, 1, 2))):
        yield (
            f"LocalResponseNorm-{size}-{k}-{shape}",
            (lambda t, s=size, k=k: t.LocalResponseNorm(s, alpha=0.5, beta=0.6, k=k)),
            shape,
        )


CASES = {name: (make, shape) for name, make, shape in cases()}
every_case = pytest.mark.parametrize(("make", "shape"), CASES.values(), ids=CASES)


def pair(make, dtype, rng):
    ours, theirs = make(nn).to(getattr(nn, dtype)), make(torch.nn).to(getattr(torch, dtype))
    state = {k: rng.uniform(0.5, 1.5, tuple(v.shape)).astype(dtype) for k, v in theirs.state_dict().items() if v.ndim}
    ours.load_state_dict(state, strict=False)
    theirs.load_state_dict({k: torch.from_numpy(v) for k, v in state.items()}, strict=False)
    return ours, theirs


def run(lib, model, x, order):
    """Output, gradients, and (order 2) the gradients of a product of those with fixed numbers."""
    x = lib.tensor(x, requires_grad=True)
    grad = nn.grad if lib is nn else torch.autograd.grad
    free = [x, *model.parameters()]
    y = model(x)
    seed = np.random.default_rng(1)
    seeds = [lib.tensor(seed.normal(size=tuple(t.shape)).astype(np.asarray(x.detach()).dtype)) for t in [y, *free]]
    first = grad([y], free, [seeds[0]], create_graph=order > 1)
    found = [y, *first]
    if order > 1:
        useful = [(g, s) for g, s in zip(first, seeds[1:], strict=True) if g.requires_grad]
        second = [None] * len(free)
        if useful:
            second = grad([g for g, _ in useful], free, [s for _, s in useful], allow_unused=True)
        found += [np.zeros(tuple(t.shape)) if g is None else g for g, t in zip(second, free, strict=True)]
    return [np.asarray(t.detach() if hasattr(t, "detach") else t) for t in found]


@every_case
@pytest.mark.parametrize(("dtype", "order", "tolerance"), [("float64", 2, 1e-9), ("float32", 1, 1e-5)])
def test_values_gradients_and_running_values(make, shape, dtype, order, tolerance, rng):
    ours, theirs = pair(make, dtype, rng)
    for step, training in enumerate([True, True, False]):
        x = (rng.normal(size=shape) * 2 + step).astype(dtype)
        ours.train(training), theirs.train(training)
        for a, b in zip(run(nn, ours, x, order), run(torch, theirs, x, order), strict=True):
            np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)
            assert a.shape == b.shape
        for (name, a), (other, b) in zip(ours.named_buffers(), theirs.named_buffers(), strict=True):
            assert (name, a.dtype.name) == (other, str(b.dtype).removeprefix("torch."))
            np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=tolerance, atol=tolerance)


@every_case
def test_repr_and_state_are_torch_s(make, shape):
    ours, theirs = make(nn), make(torch.nn)
    assert repr(ours) == repr(theirs)
    assert [(k, v.shape) for k, v in ours.state_dict().items()] == [
        (k, tuple(v.shape)) for k, v in theirs.state_dict().items()
    ]
    for a, b in zip(ours.state_dict().values(), theirs.state_dict().values(), strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    ours.load_state_dict({k: v for k, v in theirs.state_dict().items() if k != "num_batches_tracked"})


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("track", [True, False])
@pytest.mark.parametrize("name", [f"Lazy{kind}Norm{rank}d" for kind in ("Batch", "Instance") for rank in (1, 2, 3)])
def test_lazy_layers(name, track, affine, rng):
    x = rng.normal(size=SHAPES[int(name[-2])]).astype(np.float32)
    found = []
    for lib, t in ((nn, nn), (torch, torch.nn)):
        layer = getattr(t, name)(affine=affine, track_running_stats=track)
        before = repr(layer)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # theirs warns of lazy layers, and of 0 channels
            y = layer(lib.tensor(x))
        found.append(
            [before, type(layer).__name__, np.asarray(y.detach()), [np.asarray(v) for v in layer.state_dict().values()]]
        )
    (ours, theirs) = found
    assert ours[:2] == theirs[:2]
    np.testing.assert_allclose(ours[2], theirs[2], rtol=1e-5, atol=1e-5)
    for a, b in zip(ours[3], theirs[3], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)


REFUSED = {
    "BatchNorm1d rank": (lambda t: t.BatchNorm1d(3), (2, 3, 4, 5)),
    "BatchNorm2d rank": (lambda t: t.BatchNorm2d(3), (2, 3)),
    "BatchNorm3d rank": (lambda t: t.BatchNorm3d(3), (2, 3, 4, 5)),
    "BatchNorm1d one value": (lambda t: t.BatchNorm1d(3), (1, 3)),
    "BatchNorm1d channels": (lambda t: t.BatchNorm1d(3), (4, 2)),
    "BatchNorm1d eps": (lambda t: t.BatchNorm1d(3, eps=0.0), (4, 3)),
    "BatchNorm1d eps in eval": (lambda t: t.BatchNorm1d(3, eps=-1.0).eval(), (4, 3)),
    "InstanceNorm1d rank": (lambda t: t.InstanceNorm1d(3), (3,)),
    "InstanceNorm1d one value": (lambda t: t.InstanceNorm1d(3), (2, 3, 1)),
    "InstanceNorm2d channels": (lambda t: t.InstanceNorm2d(3, affine=True), (2, 4, 5, 5)),
    "LayerNorm": (lambda t: t.LayerNorm(4), (2, 3)),
    "LayerNorm two": (lambda t: t.LayerNorm((2, 3)), (3, 3)),
    "RMSNorm": (lambda t: t.RMSNorm(4), (2, 3)),
    "GroupNorm": (lambda t: t.GroupNorm(2, 5), (2, 5)),
    "GroupNorm channels": (lambda t: t.GroupNorm(2, 4), (2, 6)),
    "GroupNorm rank": (lambda t: t.GroupNorm(2, 4), (4,)),
    "GroupNorm one value": (lambda t: t.GroupNorm(4, 4), (1, 4)),
    "LocalResponseNorm": (lambda t: t.LocalResponseNorm(2), (2, 3)),
}


@pytest.mark.parametrize(("make", "shape"), REFUSED.values(), ids=REFUSED)
def test_what_torch_refuses_is_refused(make, shape):
    with pytest.raises(Exception) as theirs:
        make(torch.nn)(torch.zeros(shape))
    with pytest.raises(theirs.type):
        make(nn)(nn.zeros(*shape))
