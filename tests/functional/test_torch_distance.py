"""Norms, distances and similarities against PyTorch."""

import itertools
import math

import numpy as np
import pytest
from oracle import OURS, THEIRS, compare, compare_both, normal, torch

import nn

ORDERS = (0, 0.5, 1, 1.5, 2, 3, math.inf)


@pytest.mark.parametrize("p", [*ORDERS, -math.inf, -1])
@pytest.mark.parametrize("dim", [0, 1, (0, 2), -1])
def test_normalize(p, dim, rng):
    compare_both(lambda lib, x: lib.F.normalize(x, p, dim), *normal(rng, (3, 4, 2)), forward=p != -math.inf)


@pytest.mark.parametrize("eps", [1e-8, 0.5, 3.0])
@pytest.mark.parametrize(
    ("shapes", "dim"), [(((3, 4), (3, 4)), 1), (((3, 4), (4,)), -1), (((2, 1, 4), (3, 1)), 1), (((5,), (5,)), 0)]
)
def test_cosine_similarity(shapes, dim, eps, rng):
    compare_both(lambda lib, a, b: lib.F.cosine_similarity(a, b, dim, eps), *normal(rng, *shapes))


def test_cosine_similarity_of_nothing_with_something(rng):
    x = normal(rng, (3, 4))[0]
    compare(lambda lib, a, b: lib.F.cosine_similarity(a, b), x * 0, x, orders=1, forward=False)


@pytest.mark.parametrize("p", ORDERS)
@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("shapes", [((3, 4), (3, 4)), ((3, 4), (4,)), ((5,), (5,)), ((2, 3, 4), (1, 4))])
def test_pairwise_distance(p, keepdim, shapes, rng):
    if p == 0:  # its gradient is 0, and theirs then has a graph behind it
        compare(lambda lib, a, b: lib.F.pairwise_distance(a, b, p, 1e-3, keepdim), *normal(rng, *shapes), orders=1)
        return
    compare_both(lambda lib, a, b: lib.F.pairwise_distance(a, b, p, 1e-3, keepdim), *normal(rng, *shapes))


@pytest.mark.parametrize("p", ORDERS)
@pytest.mark.parametrize(
    "shapes", [((3, 4), (5, 4)), ((2, 3, 4), (5, 4)), ((2, 1, 3, 1), (2, 5, 1)), ((30, 2), (3, 2))]
)
def test_cdist(p, shapes, rng):
    compare(lambda lib, a, b: lib.top.cdist(a, b, p), *normal(rng, *shapes), orders=1, forward=False, rtol=1e-7)
    singles = [a.astype(np.float32) for a in normal(rng, *shapes)]
    compare(lambda lib, a, b: lib.top.cdist(a, b, p), *singles, orders=1, forward=False, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("p", ORDERS)
@pytest.mark.parametrize("shape", [(5, 3), (2, 1), (1, 3)])
def test_pdist(p, shape, rng):
    compare(lambda lib, x: lib.F.pdist(x, p), *normal(rng, shape), orders=1, forward=False)


@pytest.mark.parametrize("p", [1, 1.5, 2, 3, math.inf])
def test_equal_vectors_have_gradient_0(p, rng):
    x = normal(rng, (3, 4))[0]
    x[1] = x[0]
    compare(lambda lib, x: lib.F.pdist(x, p), x, orders=1, forward=False)
    compare(lambda lib, a, b: lib.top.cdist(a, b, p), x, x.copy(), orders=1, forward=False, rtol=1e-7, atol=1e-7)
    x = nn.tensor(x, requires_grad=True)
    (slope,) = nn.grad(nn.pdist(x, p).sum(), x, create_graph=True)
    assert np.isfinite(nn.grad(slope.sum(), x, allow_unused=True)[0].numpy()).all() if slope.requires_grad else True


@pytest.mark.parametrize("shapes", [*itertools.product([(0, 3), (2, 3)], [(0, 3), (4, 3)]), ((2, 0), (3, 0))])
def test_no_vectors(shapes):
    arrays = [np.zeros(shape) for shape in shapes]
    compare(lambda lib, a, b: lib.top.cdist(a, b), *arrays, orders=1, forward=False)


REFUSED = [
    lambda lib, z: lib.top.cdist(z(2, 3), z(2, 4)),
    lambda lib, z: lib.top.cdist(z(3), z(2, 3)),
    lambda lib, z: lib.top.cdist(z(2, 3), z(2, 3), p=-1.0),
    lambda lib, z: lib.F.pdist(z(3)),
    lambda lib, z: lib.F.pdist(z(3, 3), p=-1.0),
    lambda lib, z: lib.F.pairwise_distance(z(3, 2), z(3, 3)),
    lambda lib, z: lib.F.cosine_similarity(z(3, 2), z(3, 3)),
]


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_what_torch_refuses_is_refused(number):
    with pytest.raises(Exception) as theirs:
        REFUSED[number](THEIRS, torch.zeros)
    with pytest.raises(theirs.type):
        REFUSED[number](OURS, nn.zeros)


def test_modules(rng):
    a, b = normal(rng, (3, 4), (3, 4))
    for make in (lambda t: t.CosineSimilarity(dim=0, eps=1e-3), lambda t: t.PairwiseDistance(1.0, 1e-2, True)):
        ours, theirs = make(nn), make(torch.nn)
        np.testing.assert_allclose(ours(nn.tensor(a), nn.tensor(b)).numpy(), theirs(torch.tensor(a), torch.tensor(b)))
        assert repr(ours) == repr(theirs)
