"""Random training steps, eager and captured, on batches that change: the same losses, parameters and gradients."""

import warnings

import graphs
import numpy as np
import pytest

import nn

STEPS = [step for step in graphs.STEPS if step not in (graphs.hooked, graphs.indexing, graphs.along_an_axis)]
"""Without those that no program can have: hooks, and positions drawn anew by each step."""


def training(seed, captured):
    """What each of some calls returned and left, and whether the step is replayed."""
    r = np.random.default_rng([seed, 1])
    shapes = [graphs.SHAPES[i] for i in r.integers(len(graphs.SHAPES), size=4)]
    parameters = [nn.tensor(r.normal(size=s), dtype=nn.float32, requires_grad=True) for s in shapes[:2]]
    momentum, curved = (float(r.choice([0.0, 0.9])), r.random() < 0.3)
    optimizer = nn.optim.SGD(parameters, lr=0.01, momentum=momentum)

    def step(*batch):
        drawn = np.random.default_rng([seed, 2])
        optimizer.zero_grad()
        pool = [*parameters, *batch]
        for _ in range(int(drawn.integers(3, 14))):
            made = STEPS[drawn.integers(len(STEPS))](nn, pool, drawn)
            if made.numel() <= 200:
                pool.append(made)
        loss = sum(nn.tanh(t).sum().double() * float(drawn.normal()) for t in pool)
        if curved:
            slopes = nn.grad(loss, parameters, create_graph=True, allow_unused=True)
            loss = loss + 0.01 * sum(g.square().sum() for g in slopes if g is not None)
        loss.backward()
        optimizer.step()
        return loss.detach(), pool[-1].detach()

    step, found = nn.capture(step) if captured else step, []
    for number in range(6):
        batch = [nn.tensor(r.normal(size=s), dtype=nn.float32) for s in shapes[2:]]
        optimizer.param_groups[0]["lr"] = 0.02 if number == 4 else 0.01
        found += [t.numpy().copy() for t in step(*batch)]
        found += [t.detach().numpy().copy() for p in parameters for t in (p, p.grad) if t is not None]
    return found, captured and step.reason is None


def test_random_steps_replayed():
    replayed = 0
    for seed in range(30):
        try:
            expected, _ = training(seed, captured=False)
        except RuntimeError:  # a change in place of what the backward needs
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", nn.CaptureWarning)
            found, is_replayed = training(seed, captured=True)
        replayed += is_replayed
        for one, other in zip(expected, found, strict=True):
            # to the last bit, but for a float64 number without axes beside float32 arrays
            np.testing.assert_allclose(one, other, rtol=2e-5, atol=1e-6, err_msg=f"seed {seed}")
    assert replayed >= 15


def clamped(x):
    y = x.clone()
    y.clamp_(-0.75, 0.75)
    return y


def copied(x):
    whole = nn.zeros((), dtype=nn.int64)
    whole.copy_(3 * x)
    return whole


def repeated(x):
    return (2 * x).expand(3, 2)


@pytest.mark.parametrize("step", [clamped, copied, repeated], ids=lambda step: step.__name__)
def test_a_result_without_axes_or_without_memory_of_its_own(step):
    captured = nn.capture(step)
    for value in (0.1, 0.2, 3.0, 0.3, -5.0, 0.7):
        assert captured(nn.tensor(value)).tolist() == step(nn.tensor(value)).tolist()
    assert captured.reason is None
