"""Kinds of steps beside the usual one: each captured run has the bits of the eager one for twenty steps."""

import numpy as np
import pytest

import nn
from nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(3, 6), nn.Sequential(nn.BatchNorm1d(6, momentum=0.3), nn.Tanh()))
        self.head = nn.ModuleDict({"out": nn.Linear(6, 1)})

    def forward(self, x):
        return self.head["out"](F.dropout(self.body(x), 0.2, self.training))


def two_optimisers(net):
    """Each for a part, one of them with momentum and decay, stepping in turn on two losses."""
    one = nn.optim.SGD(net.body.parameters(), lr=0.05, momentum=0.9, weight_decay=0.1)
    other = nn.optim.AdamW(net.head.parameters(), lr=0.01)

    def step(x, y):
        net.zero_grad()
        first = F.mse_loss(net(x), y)
        first.backward()
        one.step()
        net.zero_grad()
        second = F.l1_loss(net(x), y)
        second.backward()
        other.step()
        return first, second

    return step


def groups(net):
    """Groups with rates of their own, which a schedule moves; gradients are dropped by hand."""
    parts = [{"params": net.body.parameters(), "lr": 0.1}, {"params": net.head.parameters(), "weight_decay": 0.2}]
    optimizer = nn.optim.SGD(parts, lr=0.02, momentum=0.5, nesterov=True)
    schedule = nn.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=[0.1, 0.2], total_steps=40)

    def step(x, y):
        for parameter in net.parameters():
            parameter.grad = None
        loss = F.huber_loss(net(x), y)
        loss.backward()
        nn.utils.clip_grad_value_(net.parameters(), 0.05)
        optimizer.step()
        schedule.step()
        return loss

    return step


def accumulated(net):
    """Two backwards add up before a step; the gradients are set to 0 and not dropped."""
    optimizer = nn.optim.RMSprop(net.parameters(), lr=0.01, momentum=0.5, centered=True)

    def step(x, y):
        optimizer.zero_grad(set_to_none=False)
        for part, target in zip(x.chunk(2), y.chunk(2), strict=True):
            loss = F.mse_loss(net(part), target)
            loss.backward()
        optimizer.step()
        return loss

    return step


def averaged(net):
    """A penalty on a gradient (a backward through a backward), and an average of the weights in place."""
    optimizer = nn.optim.Adam(net.parameters(), lr=0.01, amsgrad=True)
    mean = [p.detach().clone() for p in net.parameters()]

    def step(x, y):
        optimizer.zero_grad()
        loss = F.mse_loss(net(x), y)
        (slope,) = nn.grad(loss, [net.head["out"].weight], create_graph=True)
        (loss + 0.1 * slope.square().sum()).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 0.5)
        optimizer.step()
        with nn.no_grad():
            for average, parameter in zip(mean, net.parameters(), strict=True):
                average.lerp_(parameter, 0.1)
        return loss, mean[0].sum()

    return step


@pytest.mark.parametrize("build", [two_optimisers, groups, accumulated, averaged], ids=lambda b: b.__name__)
def test_twenty_steps(build):
    runs = []
    for captured in (False, True):
        nn.manual_seed(2)
        net = Net()
        step = build(net)
        runs.append([net, nn.capture(step) if captured else step, nn.get_rng_state()])
    r = np.random.default_rng(3)
    for number in range(20):
        rows = 6 if number in (8, 9, 15, 16) else 4  # a program of its own
        x, y = (nn.tensor(r.normal(size=(rows, n)).astype(np.float32)) for n in (3, 1))
        results = []
        for run in runs:
            nn.set_rng_state(run[2])
            found = run[1](x, y)
            results.append([t.item() for t in (found if isinstance(found, tuple) else (found,))])
            run[2] = nn.get_rng_state()
            if number == 12:
                run[0].head["out"].bias.grad = None
        assert results[0] == results[1]
        for (name, p), (_, q) in zip(runs[0][0].state_dict().items(), runs[1][0].state_dict().items(), strict=True):
            assert p.numpy().tobytes() == q.numpy().tobytes(), (number, name)
    assert runs[1][1].reason is None


def test_arguments_of_another_dtype_have_a_program_of_their_own():
    captured = nn.capture(lambda x: (x * 2).tanh())
    for dtype in (np.float32, np.float64, np.float32, np.float64) * 3:
        x = nn.tensor(np.linspace(-1, 1, 5).astype(dtype))
        assert captured(x).numpy().tobytes() == (x * 2).tanh().numpy().tobytes()
    assert "2 programs" in repr(captured)
