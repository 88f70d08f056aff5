"""Slopes, histograms of several axes, lengths held and picked elements, by their properties; and the messages."""

import math

import numpy as np
import pytest

import nn


@pytest.mark.parametrize("order", [1, 2])
def test_slopes_are_numpy_s_on_even_grids_and_on_uneven_ones(order, rng):
    x, grid = rng.normal(size=(5, 6)), np.cumsum(rng.uniform(0.5, 2, 6))
    ours = nn.gradient(nn.tensor(x), spacing=0.5, edge_order=order)
    for found, expected in zip(ours, np.gradient(x, 0.5, edge_order=order), strict=True):
        np.testing.assert_allclose(found.numpy(), expected)
    along = nn.gradient(nn.tensor(x), spacing=(nn.tensor(grid),), dim=1, edge_order=order)[0]
    np.testing.assert_allclose(along.numpy(), np.gradient(x, grid, axis=1, edge_order=order))


def test_the_slope_of_a_parabola_is_exact_also_at_its_ends():
    t = nn.tensor([0.0, 1.0, 3.0, 4.0, 7.0], dtype=nn.float64)
    (slope,) = nn.gradient(3 * t**2 - t, spacing=(t,), edge_order=2)
    np.testing.assert_allclose(slope.numpy(), (6 * t - 1).numpy())


def test_a_histogram_of_points_counts_every_one_and_a_density_has_volume_1(rng):
    points = rng.normal(size=(50, 2))
    counts, edges = nn.histogramdd(nn.tensor(points), [3, 4])
    expected, lines = np.histogramdd(points, (3, 4))
    assert counts.tolist() == expected.tolist()
    assert counts.sum().item() == 50
    for found, line in zip(edges, lines, strict=True):
        np.testing.assert_allclose(found.numpy(), line)
    density, (first, second) = nn.histogramdd(nn.tensor(points), [3, 4], density=True)
    volumes = first.diff().unsqueeze(1) * second.diff()
    assert (density * volumes).sum().item() == pytest.approx(1)


@pytest.mark.parametrize("p", [1, 2, 3])
def test_longer_parts_are_shortened_to_the_norm_and_the_others_stay(p, rng):
    x = rng.normal(size=(6, 4)) * np.array([0.01, 1, 1, 2, 0.01, 3])[:, None]
    y = nn.renorm(nn.tensor(x), p, 0, 1.0).numpy()
    length = np.linalg.norm(x, p, axis=1)
    np.testing.assert_allclose(np.linalg.norm(y, p, axis=1), np.minimum(length, 1), rtol=1e-6)
    assert y[length <= 1].tolist() == x[length <= 1].tolist()


def test_elements_are_picked_a_stride_apart_and_get_the_gradients_back():
    x = nn.arange(6.0, requires_grad=True)
    windows = nn.as_strided(x, (3, 2), (1, 2), 1)
    assert windows.tolist() == np.lib.stride_tricks.as_strided(np.arange(1.0, 6.0), (3, 2), (8, 16)).tolist()
    windows.sum().backward()
    assert x.grad.tolist() == [0, 1, 1, 2, 1, 1]


def test_what_is_written_a_stride_apart_is_written_where_it_was_read():
    w = nn.arange(1.0, 10.0, requires_grad=True)
    x = w * 2
    y = (x * x).sum()
    x.as_strided((3,), (4,)).mul_(10)
    assert x.tolist() == [20, 4, 6, 8, 100, 12, 14, 16, 180]
    x.sum().backward()
    assert w.grad.tolist() == [20, 2, 2, 2, 20, 2, 2, 2, 20]
    with pytest.raises(nn.GradError, match="changed in place"):
        y.backward()
    for repeated in (x.as_strided((2, 2), (1, 1)), x.reshape(3, 3).permute(1, 0).as_strided((4,), (0,))):
        with pytest.raises(nn.ShapeError, match="fill_: the memory of this tensor cannot be written to"):
            repeated.fill_(0)
    z = nn.zeros(8)
    z.as_strided((2, 3), (3, 2)).fill_(1)  # steps that reach over each other, and never meet
    assert z.tolist() == [1, 0, 1, 1, 1, 1, 0, 1]


def test_another_shape_keeps_the_elements_in_a_row_and_fills_with_zeros():
    assert nn.arange(3.0).resize_(2, 2).tolist() == [[0, 1], [2, 0]]
    assert nn.arange(5).resize_((2,)).tolist() == [0, 1]
    assert nn.arange(3.0).resize_as_(nn.ones(1, 2)).tolist() == [[0, 1]]


def test_a_tensor_takes_the_memory_of_another():
    x, source = nn.zeros(2), nn.arange(3.0)
    assert x.set_(source) is x
    source[0] = 7
    assert x.tolist() == [7, 1, 2]
    assert x.set_().tolist() == []


def test_a_function_of_python_is_applied_to_each_element():
    x = nn.arange(4).reshape(2, 2)
    assert x.apply_(lambda v: 10 * v + 1) is x
    assert x.tolist() == [[1, 11], [21, 31]]
    assert nn.tensor([0.5]).apply_(float.__neg__).tolist() == [-0.5]


def test_real_numbers_are_their_own_conjugates_and_point_right_or_left():
    x = nn.tensor([-2.0, 0.0, 3.0])
    for function in (nn.real, nn.conj, nn.conj_physical, nn.resolve_conj):
        assert function(x).tolist() == x.tolist()
    np.testing.assert_allclose(nn.angle(x).numpy(), [math.pi, 0, 0], rtol=1e-6)
    assert math.isnan(nn.angle(nn.tensor([math.nan])).item())
    x = nn.tensor([-1.0, 2.0], requires_grad=True)
    assert x.real is x


def test_the_gradients_agree_with_differences(rng):
    x = nn.tensor(rng.normal(size=(4, 4)), requires_grad=True)
    assert nn.testing.gradcheck(lambda x: nn.gradient(x, edge_order=2), (x,))
    assert nn.testing.gradcheck(lambda x: nn.renorm(x, 2, 0, 0.5), (x,))


X = nn.ones(3)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: nn.gradient(X, spacing=(1, 2)),
            nn.ShapeError,
            "gradient: expected a spacing for each of 1 axes, got 2",
        ),
        (lambda: nn.gradient(X, edge_order=3), nn.RangeError, "gradient: edge_order must be 1 or 2, got 3"),
        (lambda: nn.gradient(X[:1]), nn.ShapeError, "gradient: axis 0 has 1 points"),
        (lambda: nn.histogramdd(X, 3), nn.ShapeError, "histogramdd: expected points in rows"),
        (lambda: nn.renorm(X, 0, 0, 1), nn.RangeError, "renorm: p must be above 0 and maxnorm 0 or more, got 0 and 1"),
        (lambda: nn.as_strided(X, (2,), (1, 1)), nn.ShapeError, "as_strided: expected a stride for each axis of size"),
        (lambda: nn.as_strided(X, (4,), (1,)), IndexError, "as_strided: index 3 is out of range"),
        (lambda: X.clone().set_(nn.arange(2)), RuntimeError, "set_: expected a tensor of float32, got int64; use .to"),
        (lambda: X.clone().set_([1.0]), TypeError, "set_: source must be a tensor, got list"),
        (lambda: nn.imag(X), RuntimeError, "imag: expected complex numbers, which there are none of here, got float32"),
        (lambda: nn.ones(3, requires_grad=True).resize_(2), nn.RangeError, r"resize_: .* use detach\(\) first"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
