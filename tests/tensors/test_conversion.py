"""Element types against PyTorch, and the limits of types."""

import pytest

import nn


def test_conversions_carry_gradients():
    x = nn.tensor([1.0], requires_grad=True)
    (x.half().to(nn.zeros(1, dtype=nn.float64)).type_as(x) * 3).backward()
    assert x.grad.tolist() == [3]


@pytest.mark.parametrize("device", ["cuda", "cuda:1", "mps"])
def test_there_is_no_other_device(device):
    with pytest.raises(RuntimeError, match=f"to: there is no device but the CPU, got device '{device}'; leave it out"):
        nn.zeros(1).to(device)
    with pytest.raises(TypeError, match="dtype: 'gpu' is unknown"):
        nn.zeros(1).to("gpu")


def test_limits_of_the_wrong_kind():
    with pytest.raises(TypeError, match="finfo: expected a floating-point type, got int8; use iinfo"):
        nn.finfo(nn.int8)
    with pytest.raises(TypeError, match="iinfo: expected an integer type, got float32; use finfo"):
        nn.iinfo(nn.float32)
