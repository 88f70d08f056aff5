"""Random programs over the public functions give PyTorch's values, gradients and gradients of gradients."""

import pytest
from graphs import STEPS, Refused, answer, disagreement

torch = pytest.importorskip("torch", reason="PyTorch is the oracle here")

import nn  # noqa: E402

BATCH = 100


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("batch", range(20))
def test_they_agree(batch):
    seeds = range(batch * BATCH, (batch + 1) * BATCH)
    found = {seed: text for seed in seeds if (text := disagreement(seed))}
    assert found == {}


def test_the_programs_are_worth_running():
    """Most of them have an answer, and a planted fault is found."""
    answered = 0
    for seed in range(60):
        try:
            answer(nn, nn.grad, seed)
            answered += 1
        except Refused:
            pass
    assert answered > 40
    assert len(STEPS) > 15
    rule = nn.ops.arithmetic.sin.vjp["x"]
    before = rule.function
    try:
        rule.function = lambda g, x: 1.01 * before(g, x)
        assert any(disagreement(seed) for seed in range(60))
    finally:
        rule.function = before
