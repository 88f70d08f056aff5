"""Convolution by its properties: what a delta, a shift, a group and a padding do. And its messages."""

import numpy as np
import pytest

import nn
import nn.functional as F


@pytest.fixture
def x(rng):
    return nn.tensor(rng.normal(size=(2, 3, 6, 5)))


@pytest.fixture
def w(rng):
    return nn.tensor(rng.normal(size=(4, 3, 3, 2)))


def close(a, b):
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=1e-11, atol=1e-13)


def test_a_delta_gives_the_kernel_back_mirrored():
    delta = nn.zeros(1, 1, 5, 5, dtype=nn.float64)
    delta[0, 0, 2, 2] = 1
    kernel = nn.arange(9.0, dtype=nn.float64).reshape(1, 1, 3, 3)
    close(F.conv2d(delta, kernel)[0, 0], kernel[0, 0].numpy()[::-1, ::-1])


def test_a_window_of_one_is_a_matrix_product_over_channels(x, rng):
    w = rng.normal(size=(4, 3, 1, 1))
    close(F.conv2d(x, nn.tensor(w)), np.einsum("oc,nchw->nohw", w[:, :, 0, 0], x.numpy()))


def test_it_is_linear_in_image_and_filter(x, w):
    close(F.conv2d(2 * x, w) + F.conv2d(x, w), F.conv2d(x, 3 * w))


def test_a_shifted_image_gives_a_shifted_result(x, w):
    close(F.conv2d(x[..., 1:, :], w), F.conv2d(x, w)[..., 1:, :])


def test_a_batch_of_one_equals_a_row_of_the_batch(x, w):
    close(F.conv2d(x[1:], w)[0], F.conv2d(x, w)[1])
    close(F.conv2d(x[1], w), F.conv2d(x, w)[1])


def test_a_stride_leaves_out_windows(x, w):
    close(F.conv2d(x, w, stride=(2, 3)), F.conv2d(x, w)[:, :, ::2, ::3])


def test_padding_is_zeros_around(x, w):
    padded = np.pad(x.numpy(), ((0, 0), (0, 0), (2, 2), (1, 1)))
    close(F.conv2d(x, w, padding=(2, 1)), F.conv2d(nn.tensor(padded), w))


def test_dilation_is_a_filter_with_holes(x, w):
    holes = np.zeros((4, 3, 5, 2))
    holes[:, :, ::2] = w.numpy()
    close(F.conv2d(x, w, dilation=(2, 1)), F.conv2d(x, nn.tensor(holes)))


def test_groups_are_convolutions_side_by_side(rng):
    x, w = nn.tensor(rng.normal(size=(2, 4, 5, 5))), nn.tensor(rng.normal(size=(6, 2, 3, 3)))
    halves = [F.conv2d(x[:, 2 * i : 2 * i + 2], w[3 * i : 3 * i + 3]) for i in (0, 1)]
    close(F.conv2d(x, w, groups=2), nn.cat(halves, 1))


def test_the_bias_is_added_to_each_filter_s_output(x, w):
    b = nn.tensor([1.0, 2.0, 3.0, 4.0], dtype=nn.float64)
    close(F.conv2d(x, w, b), F.conv2d(x, w) + b.reshape(4, 1, 1))


@pytest.mark.parametrize("dilation", [1, 2, 3])
@pytest.mark.parametrize("kernel", [1, 2, 3, 4])
def test_same_keeps_the_size_and_valid_pads_nothing(x, kernel, dilation):
    w = nn.ones(1, 3, kernel, 1, dtype=nn.float64)
    assert F.conv2d(x, w, padding="same", dilation=dilation).shape == (2, 1, 6, 5)
    if dilation * (kernel - 1) < 6:
        close(F.conv2d(x, w, padding="valid", dilation=dilation), F.conv2d(x, w, dilation=dilation))


def test_one_and_three_axes_are_two_with_axes_of_length_one(rng):
    x, w = nn.tensor(rng.normal(size=(2, 3, 7))), nn.tensor(rng.normal(size=(4, 3, 3)))
    flat = F.conv2d(x.unsqueeze(2), w.unsqueeze(2), stride=(1, 2), padding=(0, 1))
    close(F.conv1d(x, w, stride=2, padding=1), flat.squeeze(2))
    deep = F.conv3d(x[:, :, None, :, None], w[:, :, None, :, None], stride=(1, 2, 1), padding=(0, 1, 0))
    close(F.conv1d(x, w, stride=2, padding=1), deep[:, :, 0, :, 0])


def test_a_large_batch_in_blocks_equals_its_parts(rng):
    x, w = nn.tensor(rng.normal(size=(50, 4, 16, 16))), nn.tensor(rng.normal(size=(3, 4, 3, 3)))
    x.requires_grad_()
    w.requires_grad_()
    whole = F.conv2d(x, w, padding=1)
    close(whole[17].detach(), F.conv2d(x[17], w, padding=1).detach())
    by_x, by_w = nn.grad((whole * whole).sum(), [x, w])
    parts = [nn.grad((F.conv2d(x[i], w, padding=1) ** 2).sum(), [x, w]) for i in range(50)]
    np.testing.assert_allclose(by_w.numpy(), sum(p[1].numpy() for p in parts), rtol=1e-10)
    np.testing.assert_allclose(by_x.numpy(), sum(p[0].numpy() for p in parts), rtol=1e-10)


def test_the_gradient_by_the_filter_of_a_sum_is_the_sum_of_each_pixel_s_windows(x, w):
    w.requires_grad_()
    F.conv2d(x, w).sum().backward()
    for k in range(3):
        for j in range(2):
            close(w.grad[:, :, k, j], np.tile(x.numpy()[:, :, k : k + 4, j : j + 4].sum((0, 2, 3)), (4, 1)))


W = nn.zeros(3, 2, 3, 3)
X = nn.zeros(1, 2, 5, 5)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: F.conv2d(nn.zeros(5, 5), W), nn.ShapeError,
         r"conv2d: x must be \(N, C, H, W\) or \(C, H, W\), it is \(5, 5\)"),
        (lambda: F.conv1d(nn.zeros(5), nn.zeros(1, 1, 1)), nn.ShapeError, r"conv1d: x must be \(N, C, W\) or \(C, W\)"),
        (lambda: F.conv3d(nn.zeros(5), nn.zeros(1, 1, 1, 1, 1)), nn.ShapeError,
         r"conv3d: x must be \(N, C, D, H, W\) or \(C, D, H, W\)"),
        (lambda: F.conv2d(X, nn.zeros(3, 2, 3)), nn.ShapeError, "conv2d: weight must have 4 axes"),
        (lambda: F.conv2d(nn.zeros(1, 4, 5, 5), W), nn.ShapeError,
         r"conv2d: x has 4 channels \(axis C of \(1, 4, 5, 5\)\), weight \(3, 2, 3, 3\) with groups=1 expects 2"),
        (lambda: F.conv2d(nn.zeros(1, 4, 5, 5), W, groups=2), nn.ShapeError,
         "conv2d: 3 filters cannot be split into 2 groups"),
        (lambda: F.conv2d(X, W, nn.zeros(2)), nn.ShapeError, r"conv2d: bias has shape \(2,\), 3 filters need \(3,\)"),
        (lambda: F.conv2d(X, W.double()), nn.DtypeError, "conv2d: x is float32 and weight is float64; make them equal"),
        (lambda: F.conv2d(X.long(), W), nn.DtypeError, "conv2d: input must be floating-point, it is int64"),
        (lambda: F.conv2d(nn.zeros(1, 2, 2, 5), W), nn.ShapeError,
         r"conv2d: a window of \(3, 3\) with dilation \(1, 1\) is larger than the padded image, \(2, 5\) with padding"),
        (lambda: F.conv2d(X, W, stride=0), ValueError, "conv2d: stride must be an integer >= 1, or 2 of"),
        (lambda: F.conv2d(X, W, stride=(1, 1, 1)), ValueError, "conv2d: stride must be an integer >= 1, or 2 of"),
        (lambda: F.conv2d(X, W, padding=-1), ValueError, "conv2d: padding must be an integer >= 0, or 2 of"),
        (lambda: F.conv2d(X, W, dilation=1.5), (ValueError, TypeError), "conv2d: dilation must be an integer"),
        (lambda: F.conv2d(X, W, padding="full"), ValueError, "conv2d: padding must be one of valid, same; got 'full'"),
        (lambda: F.conv2d(X, W, padding="same", stride=2), ValueError, "conv2d: padding='same' needs stride 1"),
        (lambda: F.conv2d([1.0], W), TypeError, "conv2d: input must be a tensor, got list"),
        (lambda: F.conv2d(X, [1.0]), TypeError, "conv2d: weight must be a tensor, got list"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_numpy_integers_are_integers():
    assert F.conv2d(X, W, stride=np.int64(2), padding=(np.int64(1), 1)).shape == (1, 3, 3, 3)
