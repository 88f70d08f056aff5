"""Eigenvalues of matrices that need not be symmetric."""

import numpy as np
import pytest

import nn
from nn.errors import GradError, LinAlgError


def test_the_matrix_times_a_vector_is_the_vector_times_its_value(rng):
    values, basis = rng.normal(size=(2, 4)), rng.normal(size=(2, 4, 4))
    A = nn.tensor(basis @ (values[..., None] * np.linalg.inv(basis)))
    found = nn.linalg.eig(A)
    np.testing.assert_allclose(np.sort(found.eigenvalues.numpy()), np.sort(values), atol=1e-10)
    products = (A @ found.eigenvectors).numpy()
    np.testing.assert_allclose(products, (found.eigenvectors * found.eigenvalues[..., None, :]).numpy(), atol=1e-10)
    assert nn.linalg.eigvals(A.float()).dtype == nn.float32


def test_what_is_not_real_or_needs_a_gradient_is_refused():
    turn = nn.tensor([[0.0, -1.0], [1.0, 0.0]])
    with pytest.raises(LinAlgError, match=r"eig: eigenvalues must be real, .* got 0\+1j"):
        nn.linalg.eigvals(turn)
    with pytest.raises(GradError, match="eig: its gradient is left out; use eigh for a symmetric matrix"):
        nn.linalg.eig(nn.eye(2).requires_grad_())
