"""Transposed convolution against PyTorch, over every combination of its arguments that torch allows."""

import itertools

import numpy as np
import pytest
from oracle import compare, compare_both, normal, torch

import nn

SIZES = (5, 4, 3)
CASES = [
    case
    for case in itertools.product((1, 2, 3), (1, 2, 3), (0, 1), (0, 1), (1, 2), (1, 2), ((True, True), (False, False)))
    if case[3] < max(case[1], case[4])  # output_padding < max(stride, dilation)
]


@pytest.mark.parametrize(("rank", "stride", "padding", "output_padding", "dilation", "groups", "options"), CASES)
def test_conv_transpose(rank, stride, padding, output_padding, dilation, groups, options, rng):
    bias, batched = options
    lead = (2,) if batched else ()
    shapes = [(*lead, 4, *SIZES[:rank]), (4, 2, *(3, 2, 2)[:rank]), (2 * groups,)]
    arguments = dict(stride=stride, padding=padding, output_padding=output_padding, dilation=dilation, groups=groups)
    operands = normal(rng, *shapes[: 3 if bias else 2])
    compare_both(lambda lib, *t: getattr(lib.F, f"conv_transpose{rank}d")(*t, **arguments), *operands, single=1e-4)


@pytest.mark.parametrize(("x", "w", "arguments"), [
    ((2, 3, 4, 5), (3, 2, 3, 2), dict(stride=(1, 3), padding=(1, 0), output_padding=(0, 2), dilation=(2, 1))),
    ((1, 1, 1, 1), (1, 1, 1, 1), {}),
    ((2, 3, 2, 2), (3, 4, 5, 5), dict(padding=2)),
    ((2, 6, 3, 3), (6, 1, 2, 2), dict(groups=6, stride=2)),
    ((2, 3, 3, 3), (3, 1, 2, 2), dict(stride=4, padding=(0, 1))),
    ((0, 3, 3, 3), (3, 1, 2, 2), {}),
], ids=str)  # fmt: skip
def test_conv_transpose_of_odd_shapes(x, w, arguments, rng):
    compare_both(lambda lib, *t: lib.F.conv_transpose2d(*t, **arguments), *normal(rng, x, w))


def test_conv_transpose_of_other_layouts(rng):
    x, w = normal(rng, (4, 5, 3, 2), (4, 2, 3, 3))
    compare(lambda lib, x, w: lib.F.conv_transpose2d(x.permute(3, 2, 0, 1), w.transpose(0, 1)[:1].permute(1, 0, 2, 3)
                                                     .expand(4, 3, 3, 3)[:3], stride=2), x, w)  # fmt: skip


def test_it_is_the_gradient_of_the_convolution(rng):
    x, w, g = normal(rng, (2, 3, 7, 6), (4, 3, 3, 2), (2, 4, 4, 5))
    leaf = nn.tensor(x, requires_grad=True)
    y = nn.functional.conv2d(leaf, nn.tensor(w), stride=(2, 1), padding=(1, 0))
    (gradient,) = nn.grad(y, leaf, nn.tensor(g))
    again = nn.functional.conv_transpose2d(nn.tensor(g), nn.tensor(w), stride=(2, 1), padding=(1, 0))
    np.testing.assert_allclose(again.numpy(), gradient.numpy(), rtol=1e-12)


REFUSED = {
    "channels": lambda t, F: F.conv_transpose2d(t.zeros(1, 2, 5, 5), t.zeros(3, 3, 3, 3)),
    "a vector": lambda t, F: F.conv_transpose2d(t.zeros(5), t.zeros(3, 2, 3, 3)),
    "weight of 3 axes": lambda t, F: F.conv_transpose2d(t.zeros(1, 3, 5, 5), t.zeros(3, 2, 3)),
    "dtypes": lambda t, F: F.conv_transpose1d(t.zeros(1, 2, 5, dtype=t.float64), t.zeros(2, 3, 3)),
    "integers": lambda t, F: F.conv_transpose1d(t.zeros(1, 2, 5, dtype=t.int64), t.zeros(2, 3, 3)),
    "stride": lambda t, F: F.conv_transpose1d(t.zeros(1, 2, 5), t.zeros(2, 3, 3), stride=0),
    "padding": lambda t, F: F.conv_transpose1d(t.zeros(1, 2, 5), t.zeros(2, 3, 3), padding=-1),
    "all cut off": lambda t, F: F.conv_transpose1d(t.zeros(1, 2, 2), t.zeros(2, 3, 3), padding=2),
    "dilation": lambda t, F: F.conv_transpose1d(t.zeros(1, 2, 5), t.zeros(2, 3, 3), dilation=0),
    "output_padding": lambda t, F: F.conv_transpose1d(t.zeros(1, 2, 5), t.zeros(2, 3, 3), output_padding=1),
    "large output_padding": lambda t, F: F.conv_transpose1d(
        t.zeros(1, 2, 5), t.zeros(2, 3, 3), stride=2, dilation=3, output_padding=3),
    "groups": lambda t, F: F.conv_transpose1d(t.zeros(1, 3, 5), t.zeros(3, 3, 3), groups=2),
    "no groups": lambda t, F: F.conv_transpose1d(t.zeros(1, 3, 5), t.zeros(3, 3, 3), groups=0),
    "bias": lambda t, F: F.conv_transpose1d(t.zeros(1, 3, 5), t.zeros(3, 2, 3), t.zeros(3)),
}  # fmt: skip


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED)
def test_what_torch_refuses(call):
    with pytest.raises(Exception) as theirs:
        call(torch, torch.nn.functional)
    with pytest.raises(theirs.type):
        call(nn, nn.functional)


@pytest.mark.parametrize(
    "attributes",
    [{}, dict(padding=1), dict(stride=(2, 1)), dict(padding=(2, 1), dilation=(1, 2)), dict(padding=3), dict(stride=2)],
    ids=str,
)
def test_images_of_many_channels(attributes, rng):
    operands = [rng.normal(size=shape) for shape in ((16, 8, 6, 7), (9, 8, 3, 2), (9,))]
    compare_both(lambda lib, x, w, b: lib.F.conv2d(x, w, b, **attributes), *operands, orders=1, single=1e-4)
