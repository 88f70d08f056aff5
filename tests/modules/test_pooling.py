"""Pooling layers are their functions."""

import pytest

import nn
import nn.functional as F


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_a_layer_is_its_function(rank, rng):
    x = nn.tensor(rng.normal(size=(2, 3, *(7, 6, 5)[:rank])))
    for name, arguments in (("Max", dict(stride=1, padding=1, dilation=1, ceil_mode=True)),
                            ("Avg", dict(stride=2, padding=1, ceil_mode=True, count_include_pad=False))):  # fmt: skip
        layer = getattr(nn, f"{name}Pool{rank}d")(3, **arguments)
        function = getattr(F, f"{name.lower()}_pool{rank}d")
        assert layer(x).tolist() == function(x, 3, **arguments).tolist()
        assert not list(layer.parameters())


@pytest.mark.parametrize("layer", [nn.MaxPool2d, nn.AvgPool2d])
def test_the_stride_is_by_default_the_window(layer):
    assert layer(3)(nn.zeros(1, 1, 9, 9)).shape == (1, 1, 3, 3)
    assert layer((3, 2)).stride == (3, 2)


@pytest.mark.parametrize("size", [0, -1])
@pytest.mark.parametrize("argument", ["stride", "kernel_size"])
@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("kind", ["AvgPool", "MaxPool", "LPPool", "MaxUnpool"])
def test_a_window_or_a_step_of_nothing_is_refused_and_not_replaced(kind, rank, argument, size):
    options = {"kernel_size": 2, argument: size, **(dict(norm_type=2.0) if kind == "LPPool" else {})}
    inputs = [nn.ones(1, 1, *[4] * rank), nn.zeros(1, 1, *[4] * rank, dtype=nn.int64)][: 1 + (kind == "MaxUnpool")]

    def run():
        return getattr(nn, f"{kind}{rank}d")(**options)(*inputs)

    with pytest.raises(nn.RangeError, match=f"{argument}.* an integer >= [01]|{argument}.* 0 or more"):
        run()
