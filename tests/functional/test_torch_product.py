"""Products against PyTorch: values and gradients of both orders and modes."""

import numpy as np
import pytest
from oracle import compare, compare_both, normal, torch

import nn

PRODUCTS = {
    "mm": [(2, 3), (3, 4)],
    "bmm": [(2, 2, 3), (2, 3, 2)],
    "mv": [(2, 3), (3,)],
    "dot": [(4,), (4,)],
    "vdot": [(4,), (4,)],
    "inner": [(2, 3), (4, 3)],
    "outer": [(2,), (3,)],
    "ger": [(2,), (3,)],
    "kron": [(2, 3), (3, 2)],
    "addmm": [(2, 1), (2, 3), (3, 2)],
    "addmv": [(2,), (2, 3), (3,)],
    "addr": [(2, 3), (2,), (3,)],
    "baddbmm": [(2, 2, 2), (2, 2, 3), (2, 3, 2)],
    "addbmm": [(2, 2), (2, 2, 3), (2, 3, 2)],
    "cross": [(2, 3), (2, 3)],
    "chain_matmul": [(2, 3), (3, 4), (4, 2)],
    "tensordot": [(2, 3, 4), (3, 4, 2)],
}


@pytest.mark.filterwarnings("ignore:.*:UserWarning")  # torch's, of functions that it gives up
@pytest.mark.parametrize("name", PRODUCTS)
def test_products(name, rng):
    compare_both(lambda lib, *t: getattr(lib.top, name)(*t), *normal(rng, *PRODUCTS[name]))


@pytest.mark.parametrize("name", ["addmm", "addmv", "addr", "baddbmm", "addbmm"])
def test_products_added_in_proportion(name, rng):
    for beta, alpha in ((0.5, 2), (0, 1)):
        compare(lambda lib, *t: getattr(lib.top, name)(*t, beta=beta, alpha=alpha), *normal(rng, *PRODUCTS[name]))  # noqa: B023


@pytest.mark.parametrize(("a", "b"), [((2,), (3, 1)), ((), (2, 2)), ((2, 1, 2), (3,))])
def test_kron_of_different_ranks(a, b, rng):
    compare_both(lambda lib, x, y: lib.top.kron(x, y), *normal(rng, a, b))


@pytest.mark.parametrize(("a", "b", "dims"), [
    ((2, 3), (3, 2), 1), ((2, 3), (4, 2), ([0], [1])), ((2, 3, 4), (4, 2), ([0, -1], [1, 0])), ((2,), (3,), 0),
])  # fmt: skip
def test_tensordot(a, b, dims, rng):
    compare_both(lambda lib, x, y: lib.top.tensordot(x, y, dims), *normal(rng, a, b))


@pytest.mark.parametrize(("equation", "shapes"), [
    ("ij,jk->ik", [(2, 3), (3, 4)]), ("ij,jk", [(2, 3), (3, 4)]), ("ij->ji", [(2, 3)]), ("ij->", [(2, 3)]),
    ("ii->i", [(3, 3)]), ("ii", [(3, 3)]), ("iij->ij", [(2, 2, 3)]), ("ij->i", [(2, 3)]), ("i,j->ij", [(2,), (3,)]),
    ("bij,bjk->bik", [(2, 2, 3), (2, 3, 2)]), ("...ij,...jk->...ik", [(2, 1, 2, 3), (3, 3, 2)]),
    ("...i,i->...", [(2, 2, 3), (3,)]), ("i...->...i", [(2, 3, 2)]), ("ij,ij->ij", [(2, 3), (2, 3)]),
    ("ij,kj,lj->ikl", [(2, 3), (2, 3), (2, 3)]), ("ab,bc,cd,de->ae", [(2, 3), (3, 2), (2, 3), (3, 2)]),
    ("ab,cb,ad,cd,ac->", [(2, 3), (2, 3), (2, 2), (2, 2), (2, 2)]), ("ij,jk->ik", [(2, 1), (3, 4)]),
    ("i,i->", [(1,), (3,)]), ("bhqd,bhkd->bhqk", [(1, 2, 3, 2), (1, 2, 2, 2)]), ("Ab,bC->AC", [(2, 3), (3, 2)]),
    ("ij,j", [(2, 3), (3,)]), ("i,->i", [(2,), ()]), ("aab,b->a", [(2, 2, 3), (3,)]), ("ij,k->ij", [(2, 2), (3,)]),
])  # fmt: skip
def test_einsum(equation, shapes, rng):
    compare_both(lambda lib, *t: lib.top.einsum(equation, *t), *normal(rng, *shapes))


def test_einsum_of_a_list_of_integers_and_of_nothing(rng):
    x = rng.integers(0, 9, (2, 3))
    compare(lambda lib, a: lib.top.einsum("ij,ij->i", [a, a]), x)
    compare(lambda lib, a, b: lib.top.einsum("ij,jk->ik", a, b), np.zeros((2, 0)), np.zeros((0, 3)), orders=1)


@pytest.mark.parametrize("options", [{}, {"correction": 0}, {"fweights": [1, 2, 3, 1]}, {"aweights": [0.5, 1, 2, 1]},
                                     {"fweights": [1, 2, 3, 1], "aweights": [0.5, 1, 2, 1]}])  # fmt: skip
@pytest.mark.parametrize("shape", [(3, 4), (4,)])
def test_cov(options, shape, rng):
    def cov(lib, x):
        weights = {k: lib.top.tensor(np.array(v)) if isinstance(v, list) else v for k, v in options.items()}
        return lib.top.cov(x, **weights)

    compare(cov, *normal(rng, shape))


def test_corrcoef(rng):
    compare(lambda lib, x: lib.top.corrcoef(x), *normal(rng, (3, 5)))


@pytest.mark.parametrize("call", [
    lambda lib, t: lib.mm(t(2, 3), t(3)),
    lambda lib, t: lib.bmm(t(1, 2, 3), t(2, 3, 2)),
    lambda lib, t: lib.mv(t(2, 3), t(2)),
    lambda lib, t: lib.dot(t(2), t(3)),
    lambda lib, t: lib.outer(t(2, 1), t(3)),
    lambda lib, t: lib.tensordot(t(2, 3), t(2, 3), 1),
    lambda lib, t: lib.cross(t(2, 2), t(2, 2)),
    lambda lib, t: lib.einsum("ij,jk->ik", t(2, 3), t(2, 3)),
    lambda lib, t: lib.einsum("ij->ik", t(2, 3)),
    lambda lib, t: lib.einsum("ij,jk", t(2, 3)),
    lambda lib, t: lib.einsum("i", t(2, 3)),
    lambda lib, t: lib.einsum("i1", t(2, 3)),
    lambda lib, t: lib.einsum("ij->ii", t(2, 3)),
])  # fmt: skip
def test_what_torch_refuses_is_refused_with_its_kind_of_error(call):
    with pytest.raises(RuntimeError):
        call(torch, torch.ones)
    with pytest.raises(RuntimeError):
        call(nn, nn.ones)
