"""Layers of losses of numbers are their functions, with every option handed on."""

import pytest

import nn
import nn.functional as F

CASES = {
    "L1Loss": (F.l1_loss, {}),
    "SmoothL1Loss": (F.smooth_l1_loss, dict(beta=0.3)),
    "HuberLoss": (F.huber_loss, dict(delta=0.3)),
    "PoissonNLLLoss": (F.poisson_nll_loss, dict(log_input=False, full=True, eps=0.1)),
    "KLDivLoss": (F.kl_div, dict(log_target=True)),
}


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize("name", CASES)
def test_a_layer_is_its_function(name, reduction, rng):
    function, options = CASES[name]
    x, t = nn.tensor(rng.uniform(0.1, 3, (4, 3))), nn.tensor(rng.uniform(0.1, 3, (4, 3)))
    found = getattr(nn, name)(**options, reduction=reduction)(x, t)
    assert found.tolist() == function(x, t, **options, reduction=reduction).tolist()
    assert bool(options) == (found.tolist() != function(x, t, reduction=reduction).tolist())


def test_the_gaussian_layer_takes_the_variance_too(rng):
    x, t, v = (nn.tensor(rng.uniform(0.1, 3, (4, 3))) for _ in range(3))
    options = dict(full=True, eps=0.2, reduction="sum")
    assert nn.GaussianNLLLoss(**options)(x, t, v).item() == F.gaussian_nll_loss(x, t, v, **options).item()


def test_the_mean_over_the_batch_is_the_divergence(rng):
    p, q = (nn.tensor(rng.normal(size=(4, 3))).softmax(-1) for _ in range(2))
    each = (p * (p.log() - q.log())).sum(-1)
    assert nn.KLDivLoss(reduction="batchmean")(q.log(), p).item() == pytest.approx(each.mean().item())
