"""The shapes and their masks fit, and the overlap is what it is by hand."""

import numpy as np

from nn.examples.unet import make_shapes, overlap


def test_a_mask_tells_where_a_picture_is_bright():
    pictures, masks = (t.numpy() for t in make_shapes(20, 32, np.random.default_rng(0)))
    assert pictures.shape == (20, 1, 32, 32)
    assert set(np.unique(masks)) == {0, 1, 2, 3}
    bright = pictures[:, 0]
    assert abs(bright[masks == 0].mean()) < 0.02
    assert bright[masks > 0].mean() > 0.5
    again, _ = make_shapes(20, 32, np.random.default_rng(0))
    assert np.array_equal(again.numpy(), pictures)


def test_overlap_is_intersection_over_union():
    shares = overlap([[0, 1], [1, 2]], [[0, 1], [2, 2]])
    np.testing.assert_allclose(shares[:3], [1, 1 / 2, 1 / 2])
    assert np.isnan(shares[3])
