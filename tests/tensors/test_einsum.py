"""Sums of products by Einstein's notation beside NumPy's, and the messages."""

import numpy as np
import pytest

import nn

CASES = [
    ("i,i->", (3,), (3,)),
    ("i,j->ij", (3,), (4,)),
    ("ij,jk", (2, 3), (3, 4)),
    ("ij->ji", (2, 3)),
    ("ii->i", (3, 3)),
    ("ii", (3, 3)),
    ("ij->", (2, 3)),
    ("bij,bjk->bik", (2, 3, 4), (2, 4, 2)),
    ("...ij,...jk->...ik", (2, 3, 4), (4, 2)),
    ("ij,jk,kl->il", (2, 3), (3, 4), (4, 2)),
    ("i...->...", (3, 2, 4)),
    ("bhqd,bhkd->bhqk", (2, 2, 3, 4), (2, 2, 5, 4)),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_each_equation_is_numpy_s(case, rng):
    equation, *shapes = case
    arrays = [rng.normal(size=shape) for shape in shapes]
    expected = np.einsum(equation, *arrays)
    np.testing.assert_allclose(nn.einsum(equation, *map(nn.tensor, arrays)).numpy(), expected)
    np.testing.assert_allclose(nn.einsum(equation, list(map(nn.tensor, arrays))).numpy(), expected)


def test_spaces_do_not_matter(rng):
    a, b = (nn.tensor(rng.normal(size=shape)) for shape in ((2, 3), (3, 4)))
    expected = (a @ b).numpy()
    np.testing.assert_allclose(nn.einsum(" ij , jk -> ik ", a, b).numpy(), expected)


@pytest.mark.parametrize("case", [c for c in CASES if len(c) < 4], ids=lambda case: case[0])
def test_the_gradient_agrees_with_differences(case, rng):
    equation, *shapes = case
    inputs = [nn.tensor(rng.normal(size=shape), requires_grad=True) for shape in shapes]
    assert nn.testing.gradcheck(lambda *given: nn.einsum(equation, *given), inputs)


X = nn.ones(2, 3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nn.einsum("ij,jk", X), "'ij,jk' names 2 operands, got 1"),
        (lambda: nn.einsum("i", X), r"'i' has 1 letters, operand 0 has shape \(2, 3\)"),
        (lambda: nn.einsum("i1", X), "'i1' in 'i1' has to be made of letters"),
        (lambda: nn.einsum("ij->k", X), "the result of 'ij->k' has 'k', which no operand has"),
        (lambda: nn.einsum("ij->ii", X), "the result of 'ij->ii' names an axis twice"),
        (lambda: nn.einsum("ij,ij", X, X.T), "operand 1 of 'ij,ij' has length 3 for 'i', another has 2"),
    ],
)
def test_messages(call, message):
    with pytest.raises(nn.ShapeError, match=f"einsum: {message}"):
        call()
