"""Norms of layers and groups: mean 0, variance 1, their weights; and the messages."""

import numpy as np
import pytest

import nn
import nn.functional as F


@pytest.fixture
def x(rng):
    return nn.tensor(rng.normal(3, 5, (2, 4, 6)))


def test_the_output_has_mean_0_and_variance_1_over_what_is_normalised(x):
    y = nn.LayerNorm((4, 6), eps=1e-12, dtype=nn.float64)(x).detach().numpy()
    np.testing.assert_allclose(y.mean((1, 2)), 0, atol=1e-12)
    np.testing.assert_allclose(y.var((1, 2)), 1)
    y = nn.GroupNorm(2, 4, eps=1e-12, dtype=nn.float64)(x).detach().numpy().reshape(2, 2, -1)
    np.testing.assert_allclose(y.mean(-1), 0, atol=1e-12)
    np.testing.assert_allclose(y.var(-1), 1)


def test_the_root_of_the_mean_square_becomes_1(x):
    y = nn.RMSNorm(6, eps=1e-12, dtype=nn.float64)(x).detach().numpy()
    np.testing.assert_allclose((y**2).mean(-1), 1)


def test_a_norm_does_not_see_scale_and_layer_and_group_no_offset(x):
    for layer in (nn.LayerNorm(6, eps=0.0), nn.GroupNorm(2, 4, eps=0.0)):
        np.testing.assert_allclose(layer.double()(7 * x + 9).detach().numpy(), layer(x).detach().numpy(), rtol=1e-9)
    rms = nn.RMSNorm(6, eps=0.0).double()
    np.testing.assert_allclose(rms(7 * x).detach().numpy(), rms(x).detach().numpy())


def test_weight_and_bias_stretch_and_move_what_is_normalised(x, rng):
    for layer, function in ((nn.LayerNorm(6), lambda x, *p: F.layer_norm(x, (6,), *p)),
                            (nn.GroupNorm(2, 4), lambda x, *p: F.group_norm(x, 2, *p))):  # fmt: skip
        layer.double()
        with nn.no_grad():
            for parameter in layer.parameters():
                parameter.copy_(nn.tensor(rng.normal(size=parameter.shape)))
        assert layer(x).tolist() == function(x, layer.weight, layer.bias).tolist()


def test_what_is_not_learned_is_not_there():
    assert not nn.LayerNorm(6, elementwise_affine=False).state_dict()
    assert list(nn.LayerNorm(6, bias=False).state_dict()) == ["weight"]
    assert not nn.GroupNorm(2, 4, affine=False).state_dict()
    assert list(nn.RMSNorm(6).state_dict()) == ["weight"]


def test_a_local_response_norm_divides_by_the_neighbouring_channels(x):
    size, alpha, beta, k = 3, 0.5, 0.75, 2.0
    a = x.numpy()
    squares = np.pad(a**2, ((0, 0), (1, 1), (0, 0)))
    total = squares[:, :-2] + squares[:, 1:-1] + squares[:, 2:]
    y = nn.LocalResponseNorm(size, alpha, beta, k)(x).numpy()
    np.testing.assert_allclose(y, a / (k + alpha * total / size) ** beta)


def test_messages():
    with pytest.raises(nn.ShapeError, match=r"layer_norm: input must end in the axes \(4,\)"):
        nn.LayerNorm(4)(nn.zeros(2, 3))
    with pytest.raises(nn.ShapeError, match="GroupNorm: num_groups=2 must divide num_channels=3"):
        nn.GroupNorm(2, 3)
