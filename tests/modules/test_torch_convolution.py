"""Convolutions, their transposes and their lazy kin against PyTorch, over combinations of their arguments."""

import itertools
import math
import random

import numpy as np
import pytest
from oracle import compare_layers, normal, torch

import nn

SPACE = (7, 6, 5)
CONVOLUTIONS = [
    dict(stride=stride, padding=padding, dilation=dilation, groups=groups, padding_mode=mode, bias=bias)
    for stride, padding, dilation, groups, (mode, bias) in itertools.product(
        (1, 2), (0, 2), (1, 2), (1, 2), (("zeros", True), ("reflect", False), ("replicate", True), ("circular", True))
    )
]
CONVOLUTIONS += [
    dict(padding=padding, dilation=dilation, groups=groups, padding_mode=mode)
    for padding, dilation, groups, mode in itertools.product(
        ("same", "valid"), (1, 2), (1, 2), ("zeros", "reflect", "replicate", "circular")
    )
]
TRANSPOSES = [
    dict(stride=stride, padding=padding, output_padding=extra, dilation=dilation, groups=groups, bias=bias)
    for stride, padding, extra, dilation, groups, bias in itertools.product(
        (1, 2, 3), (0, 1), (0, 1), (1, 2), (1, 2), (True, False)
    )
    if extra < max(stride, dilation)
]


def some(arguments, count):
    """`count` of all combinations of a rank and its window, the arguments, and with or without a batch."""
    windows = [(1, 3), (2, (3, 2)), (3, (2, 3, 2))]
    every = [(*window, a, batched) for window, a, batched in itertools.product(windows, arguments, (True, False))]
    return pytest.mark.parametrize(
        ("rank", "kernel", "arguments", "batched"), random.Random(count).sample(every, count), ids=str
    )


@some(CONVOLUTIONS, 200)
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
def test_convolution(rank, kernel, arguments, batched, rng):
    (x,) = normal(rng, ((2,) if batched else ()) + (4, *SPACE[:rank]))
    compare_layers(lambda t: getattr(t, f"Conv{rank}d")(4, 2, kernel, **arguments), x, single=1e-4)


@some(TRANSPOSES, 120)
def test_transposed(rank, kernel, arguments, batched, rng):
    (x,) = normal(rng, ((2,) if batched else ()) + (4, *(4, 3, 3)[:rank]))
    compare_layers(lambda t: getattr(t, f"ConvTranspose{rank}d")(4, 2, kernel, **arguments), x, single=1e-4)


@pytest.mark.parametrize("lead", [(), (2, 6)])
@pytest.mark.parametrize("extra", [0, 1, 2])
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_output_size(rank, extra, lead, rng):
    (x,) = normal(rng, (2, 4, *(4, 3, 3)[:rank]))
    size = lead + tuple((n - 1) * 3 - 2 + 3 + extra for n in x.shape[2:])
    compare_layers(lambda t: Sized(t, getattr(t, f"ConvTranspose{rank}d")(4, 6, 3, 3, 1), size), x, single=1e-4)


def Sized(t, layer, size):
    """The layer, called with an output size."""
    forward = layer.forward
    layer.forward = lambda x: forward(x, size if t is nn else list(size))
    return layer


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("batched", [True, False])
@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("kind", ["Conv", "ConvTranspose"])
@pytest.mark.filterwarnings("ignore:Lazy modules")
def test_lazy(kind, rank, batched, bias, rng):
    (x,) = normal(rng, ((2,) if batched else ()) + (4, *SPACE[:rank]))

    def make(t):
        layer = getattr(t, f"Lazy{kind}{rank}d")(6, 3, stride=2, padding=1, groups=2, bias=bias)
        texts.append(repr(layer))
        layer((torch if t is torch.nn else nn).tensor(x.astype(np.float32)))
        return layer

    texts = []
    compare_layers(make, x, single=1e-4)
    assert texts[0] == texts[1]
    nn.manual_seed(5)
    lazy = make(nn)
    nn.manual_seed(5)
    ordinary = getattr(nn, f"{kind}{rank}d")(4, 6, 3, stride=2, padding=1, groups=2, bias=bias)
    assert type(lazy) is type(ordinary)
    assert all((a == b).all() for a, b in zip(lazy.parameters(), ordinary.parameters(), strict=True))


@pytest.mark.filterwarnings("ignore:Lazy modules")
def test_a_lazy_layer_takes_its_channels_from_a_loaded_state():
    for kind in ("Conv2d", "ConvTranspose2d"):
        lazy, source = getattr(nn, f"Lazy{kind}")(4, 3, groups=2), getattr(nn, kind)(6, 4, 3, groups=2)
        lazy.load_state_dict(source.state_dict())
        x = nn.ones(1, 6, 5, 5)
        assert lazy(x).tolist() == source(x).tolist()
        assert (repr(lazy), lazy.in_channels) == (repr(source), 6)


@pytest.mark.parametrize(("make", "fan_in"), [
    (lambda t: t.ConvTranspose1d(8, 40, 5), 200), (lambda t: t.ConvTranspose2d(8, 40, (3, 4), groups=2), 240),
    (lambda t: t.Conv3d(4, 40, 3, padding_mode="circular"), 108), (lambda t: t.ConvTranspose3d(6, 40, 3), 1080),
])  # fmt: skip
def test_initial_values_have_torch_s_bounds_and_spread(make, fan_in):
    nn.manual_seed(0)
    torch.manual_seed(0)
    bound = 1 / math.sqrt(fan_in)
    for layer in (make(nn), make(torch.nn)):
        w, b = layer.weight.detach().numpy(), layer.bias.detach().numpy()
        assert 0.99 * bound < abs(w).max() <= bound
        assert 0.8 * bound < abs(b).max() <= bound
        np.testing.assert_allclose(w.std(), bound / math.sqrt(3), rtol=0.05)


REFUSED = {
    "groups": lambda t, z: t.ConvTranspose2d(3, 2, 3, groups=2),
    "no groups": lambda t, z: t.ConvTranspose2d(2, 2, 3, groups=0),
    "padding mode": lambda t, z: t.Conv2d(2, 2, 3, padding_mode="mirror"),
    "transposed padding mode": lambda t, z: t.ConvTranspose2d(2, 2, 3, padding_mode="reflect"),
    "channels": lambda t, z: t.ConvTranspose2d(2, 2, 3)(z(1, 3, 5, 5)),
    "too much reflected": lambda t, z: t.Conv2d(1, 1, 3, padding=4, padding_mode="reflect")(z(1, 1, 3, 3)),
    "output size too small": lambda t, z: t.ConvTranspose1d(1, 1, 3, stride=2)(z(1, 1, 4), [8]),
    "output size too large": lambda t, z: t.ConvTranspose1d(1, 1, 3, stride=2)(z(1, 1, 4), [11]),
    "three output sizes": lambda t, z: t.ConvTranspose2d(1, 1, 3, stride=2)(z(1, 1, 4, 4), [9, 9, 9]),
    "lazy of a vector": lambda t, z: t.LazyConv2d(1, 3)(z(5)),
    "lazy groups": lambda t, z: t.LazyConv2d(2, 3, groups=2)(z(1, 3, 5, 5)),
}


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED)
@pytest.mark.filterwarnings("ignore:Lazy modules")
def test_what_torch_refuses(call):
    with pytest.raises(Exception) as theirs:
        call(torch.nn, torch.zeros)
    with pytest.raises(theirs.type):
        call(nn, nn.zeros)


def test_messages():
    with pytest.raises(nn.ShapeError, match=r"ConvTranspose1d: output_size \(8,\) is not reachable from x \(1, 1, 4\)"):
        nn.ConvTranspose1d(1, 1, 3, stride=2)(nn.zeros(1, 1, 4), (8,))
    with pytest.raises(
        nn.ShapeError, match=r"ConvTranspose2d: output_size must have 2 or 4 numbers for x \(1, 1, 4, 4\)"
    ):
        nn.ConvTranspose2d(1, 1, 3)(nn.zeros(1, 1, 4, 4), (8,))
    with pytest.raises(
        ValueError, match="Conv2d: padding_mode must be one of zeros, reflect, replicate, circular; got 'a'"
    ):
        nn.Conv2d(1, 1, 3, padding_mode="a")
    with pytest.raises(nn.ShapeError, match="LazyConv2d: groups=2 must divide the 3 channels of x"):
        nn.LazyConv2d(2, 3, groups=2)(nn.zeros(1, 3, 5, 5))
    with pytest.raises(nn.ShapeError, match=r"LazyConv1d: x must have 3 axes \(N, C, spatial\) or 2 without N, it is"):
        nn.LazyConv1d(2, 3)(nn.zeros(1))
    assert nn.Conv1d(1, 1, 1, dtype=nn.float64).weight.dtype == nn.float64
