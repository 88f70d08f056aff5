"""Padding layers against PyTorch."""

import pytest
from oracle import compare_layers, normal, torch

import nn

AMOUNTS = {
    1: [1, (2, 1), (0, 2), 0],
    2: [1, (2, 1, 0, 2), (1, 1, 2, 0)],
    3: [1, (2, 1, 0, 2, 1, 1), (0, 0, 1, 0, 2, 1)],
}
KINDS = {"Circular": (), "Constant": (-1.5,), "Reflection": (), "Replication": (), "Zero": ()}
CASES = [(kind, rank, amounts) for kind in KINDS for rank in AMOUNTS for amounts in AMOUNTS[rank]]


@pytest.mark.parametrize("lead", [(2, 3), (3,)])
@pytest.mark.parametrize(("kind", "rank", "amounts"), CASES, ids=str)
def test_padding(kind, rank, amounts, lead, rng):
    (x,) = normal(rng, (*lead, *(5, 4, 3)[:rank]))
    compare_layers(lambda t: getattr(t, f"{kind}Pad{rank}d")(amounts, *KINDS[kind]), x)


@pytest.mark.parametrize("kind", ["Constant", "Zero", "Replication", "Circular", "Reflection"])
@pytest.mark.parametrize("amounts", [(-1, 2), (1, -2), (-1, -1)])
def test_negative_amounts_take_away(kind, amounts, rng):
    compare_layers(lambda t: getattr(t, f"{kind}Pad1d")(amounts, *KINDS[kind]), *normal(rng, (2, 3, 6)))


@pytest.mark.parametrize(("kind", "shape", "amounts"), [
    ("CircularPad1d", (3,), 1), ("CircularPad2d", (2, 3, 4, 4, 4), 1), ("CircularPad1d", (1, 2, 3), 4),
    ("ReflectionPad1d", (1, 2, 3), 3), ("ReflectionPad2d", (1, 2, 3, 3), (0, 0, 3, 0)),
    ("ConstantPad1d", (1, 1, 3), (-2, -2)),
])  # fmt: skip
def test_what_torch_refuses(kind, shape, amounts):
    value = (0.0,) if "Constant" in kind else ()
    with pytest.raises(Exception) as theirs:
        getattr(torch.nn, kind)(amounts, *value)(torch.zeros(shape))
    with pytest.raises(theirs.type):
        getattr(nn, kind)(amounts, *value)(nn.zeros(shape))
