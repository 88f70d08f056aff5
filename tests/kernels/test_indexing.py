"""Picking and its transpose."""

import numpy as np
import pytest

from nn.kernels import indexing


@pytest.mark.parametrize(
    ("index", "basic"),
    [(0, True), (slice(1), True), ((Ellipsis, None, 1), True), (np.int64(1), True), ([0], False),
     (np.array([0]), False), (True, False), ((0, np.array([1])), False)],
)  # fmt: skip
def test_what_makes_a_view(index, basic):
    assert indexing.is_basic(index) is basic


def test_what_is_picked_twice_is_added_twice():
    assert indexing.getitem_backward(np.ones(3), index=np.array([0, 0, 2]), shape=(3,)).tolist() == [2, 0, 1]
    assert indexing.scatter_add(np.ones(3), np.array([1, 1, 1]), dim=0, shape=(3,)).tolist() == [0, 3, 0]
