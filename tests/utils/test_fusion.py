"""Layer and normalisation are one layer."""

import pytest

import nn
from nn.utils import fuse_conv_bn_eval, fuse_linear_bn_eval, skip_init


def learned(bn):
    for i, tensor in enumerate([bn.running_mean, bn.running_var, bn.weight, bn.bias]):
        tensor.data.copy_(nn.rand(tensor.shape) + 0.1 * (i + 1))
    return bn.eval()


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("layer", "norm", "shape", "fuse"), [
    (lambda b: nn.Conv2d(2, 3, 3, bias=b), lambda: nn.BatchNorm2d(3), (4, 2, 5, 5), fuse_conv_bn_eval),
    (lambda b: nn.ConvTranspose1d(2, 3, 3, bias=b), lambda: nn.BatchNorm1d(3), (4, 2, 5),
     lambda conv, bn: fuse_conv_bn_eval(conv, bn, transpose=True)),
    (lambda b: nn.Linear(2, 3, bias=b), lambda: nn.BatchNorm1d(3), (4, 2), fuse_linear_bn_eval),
])  # fmt: skip
def test_the_one_computes_what_the_two_do(layer, norm, shape, fuse, bias):
    nn.manual_seed(0)
    layer, bn = layer(bias).double().eval(), learned(norm().double())
    before = layer.weight.detach().clone()
    x = nn.rand(shape, dtype=nn.float64)
    assert nn.allclose(fuse(layer, bn)(x), bn(layer(x)), atol=1e-12)
    assert nn.equal(layer.weight, before)


def test_in_training_they_are_two():
    with pytest.raises(ValueError, match=r"fuse_linear_bn_eval: both must be in evaluation, .*; call .eval\(\) first"):
        fuse_linear_bn_eval(nn.Linear(1, 1).eval(), nn.BatchNorm1d(1))
    assert skip_init(nn.Linear, 2, 3).weight.shape == (3, 2)
