"""A captured step does what the step does, to the last bit: losses, parameters, gradients, buffers, random numbers."""

import threading

import numpy as np
import pytest

import nn
from nn import functional as F


def trained(model, optimizer, loss, *, clip=None, schedule=None):
    """A whole training step: forward, loss, backward, clipping, the optimiser's step, the schedule's."""

    def step(x, y):
        optimizer.zero_grad()
        value = loss(model(x), y)
        value.backward()
        if clip is not None:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
        if schedule is not None:
            schedule.step()
        return value

    return step


def xor():
    model = nn.Sequential(nn.Linear(2, 8), nn.Sigmoid(), nn.Linear(8, 1), nn.Sigmoid())
    return model, trained(model, nn.optim.SGD(model.parameters(), lr=0.5), nn.MSELoss()), (4, 2), None


def linear_regression():
    model = nn.Linear(2, 1)
    return model, trained(model, nn.optim.SGD(model.parameters(), lr=0.01), F.mse_loss), (4, 2), None


def momentum():
    model = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
    optimizer = nn.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=0.01, nesterov=True)
    return model, trained(model, optimizer, nn.SmoothL1Loss()), (5, 3), None


def mlp():
    layers = nn.Linear(12, 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 16), nn.GELU(), nn.Linear(16, 3)
    model = nn.Sequential(*layers)
    return model, trained(model, nn.optim.Adam(model.parameters(), lr=0.01), nn.CrossEntropyLoss()), (8, 12), 3


def cnn():
    layers = (
        nn.Conv2d(1, 4, 3, padding=1, bias=False),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Dropout2d(0.2),
    )
    model = nn.Sequential(*layers, nn.Flatten(), nn.Linear(64, 3))
    optimizer = nn.optim.AdamW(model.parameters(), lr=0.01)
    return model, trained(model, optimizer, nn.CrossEntropyLoss()), (6, 1, 8, 8), 3


class Recurrent(nn.Module):
    def __init__(self, cell):
        super().__init__()
        self.table, self.cell, self.head = nn.Embedding(7, 5), cell(5, 6, batch_first=True), nn.Linear(6, 7)

    def forward(self, x):
        return self.head(self.cell(self.table(x))[0]).flatten(0, 1)


def lstm():
    model = Recurrent(nn.LSTM)
    optimizer = nn.optim.RMSprop(model.parameters(), lr=0.01)
    return model, trained(model, optimizer, nn.CrossEntropyLoss(), clip=1.0), (3, 6), (7, 18)


def gru():
    model = Recurrent(nn.GRU)
    return model, trained(model, nn.optim.Adagrad(model.parameters()), nn.CrossEntropyLoss()), (3, 6), (7, 18)


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads, self.norms = heads, nn.ModuleList([nn.LayerNorm(width), nn.LayerNorm(width)])
        self.qkv, self.proj, self.drop = nn.Linear(width, 3 * width), nn.Linear(width, width), nn.Dropout(0.1)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x):
        n, t, d = x.shape
        parts = self.qkv(self.norms[0](x)).split(d, dim=2)
        q, k, v = (part.view(n, t, self.heads, d // self.heads).transpose(1, 2) for part in parts)
        a = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(n, t, d)
        x = x + self.drop(self.proj(a))
        return x + self.mlp(self.norms[1](x))


class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.table, self.places = nn.Embedding(9, 8), nn.Embedding(5, 8)
        self.blocks = nn.Sequential(Block(8, 2), Block(8, 2))
        self.norm, self.head = nn.LayerNorm(8), nn.Linear(8, 9, bias=False)

    def forward(self, x):
        return self.head(self.norm(self.blocks(self.table(x) + self.places(nn.arange(5))))).flatten(0, 1)


def gpt():
    model = GPT()
    optimizer = nn.optim.AdamW(model.parameters(), lr=0.01)
    warm = nn.optim.lr_scheduler.LinearLR(optimizer, total_iters=4)
    cosine = nn.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=10)
    schedule = nn.optim.lr_scheduler.SequentialLR(optimizer, [warm, cosine], milestones=[4])
    step = trained(model, optimizer, nn.CrossEntropyLoss(), clip=0.5, schedule=schedule)
    return model, step, (3, 5), (9, 15)


WORKLOADS = [xor, linear_regression, momentum, mlp, cnn, lstm, gru, gpt]


def batch(r, shape, classes):
    """Numbers and targets for a workload."""
    if isinstance(classes, tuple):
        return nn.tensor(r.integers(classes[0], size=shape)), nn.tensor(r.integers(classes[0], size=classes[1]))
    x = nn.tensor(r.normal(size=shape).astype(np.float32))
    return x, nn.tensor(r.integers(classes, size=shape[0]) if classes else r.random((shape[0], 1)).astype(np.float32))


def assert_twins(one, other):
    for (name, p), (_, q) in zip(one.state_dict().items(), other.state_dict().items(), strict=True):
        assert p.numpy().tobytes() == q.numpy().tobytes(), name
    for (name, p), q in zip(one.named_parameters(), other.parameters(), strict=True):
        assert p.grad.numpy().tobytes() == q.grad.numpy().tobytes(), name


@pytest.mark.parametrize("make", WORKLOADS, ids=lambda make: make.__name__)
def test_a_captured_training_is_the_training_bit_for_bit(make):
    r = np.random.default_rng(1)
    runs = []
    for captured in (False, True):
        nn.manual_seed(3)
        model, step, shape, classes = make()
        runs.append([model, nn.capture(step) if captured else step, nn.get_rng_state()])
    for number in range(20):
        x, y = batch(r, shape, classes)
        losses = []
        for run in runs:
            nn.set_rng_state(run[2])
            losses.append(run[1](x, y).item())
            run[2] = nn.get_rng_state()
        assert losses[0] == losses[1], number
        assert_twins(runs[0][0], runs[1][0])
        assert runs[0][2].tobytes() == runs[1][2].tobytes()
    step = runs[1][1]
    assert step.reason is None
    assert repr(step).startswith("captured step: 1 program; ")


def test_what_is_made_of_constants_is_computed_once():
    def step(x):
        return (x + (nn.ones(4, 4).tril() - 1) * 1e4).detach()

    captured = nn.capture(step)
    for _ in range(4):
        x = nn.randn(4, 4)
        assert (captured(x) == step(x)).all()
    (kind,) = captured._kinds.values()
    ((_, actions),) = kind.variants[0].program.segments
    assert [act.func for act in actions] == [np.add]


def test_a_constant_that_is_handed_out_as_a_gradient_may_be_changed():
    weight = nn.ones(3, requires_grad=True)

    @nn.capture
    def step():
        weight.grad = None
        weight.sum().backward()

    for _ in range(5):
        step()
        assert weight.grad.tolist() == [1.0, 1.0, 1.0]
        weight.grad *= 5


UNARY = ("sin", "tanh", "sigmoid", "exp", "abs", "relu", "square", "neg", "sign", "floor")
BINARY = ("add", "sub", "mul", "maximum", "where")


def program(seed):
    """A random function of two matrices: ops, views, reductions, products, branches and changes in place."""
    choices = np.random.default_rng(seed)
    steps = [(int(choices.integers(8)), choices.integers(1 << 30, size=3)) for _ in range(10)]

    def run(x, y):
        pool = [x, y, x * 0.5, y @ x.T @ y]
        for kind, (a, b, c) in steps:
            one, other = pool[a % len(pool)], pool[b % len(pool)]
            if kind < 2:
                made = getattr(one, UNARY[c % len(UNARY)])()
            elif kind == 2:
                name = BINARY[c % len(BINARY)]
                made = nn.where(one > 0, one, other) if name == "where" else getattr(nn, name)(one, other)
            elif kind == 3:
                made = one + (one.sum(0, keepdim=True), one.mean(1, keepdim=True), one.amax(0), one.softmax(-1))[c % 4]
            elif kind == 4:
                made = nn.cat([one[::2], other[1::2]]) * (one.T.reshape(other.shape) if c % 2 else other.flip(0))
            elif kind == 5:
                made = one.clone()
                made[c % 4] = other[0]
                made *= 1.5
            elif kind == 6:
                made = one - other if one.sum() > other.sum() else one * other
            else:
                made = (one / (other.abs() + 1)) ** int(c % 4)
            pool.append(made.tanh())
        return sum((t.mean() for t in pool), start=nn.zeros(()))

    return run


@pytest.mark.parametrize("seed", range(25))
def test_random_programs_give_the_same_gradients_captured(seed):
    r = np.random.default_rng(seed)
    run = program(seed)
    weights = [nn.tensor(r.normal(size=(4, 3)).astype(np.float32), requires_grad=True) for _ in range(2)]

    def step(x, y):
        for w in weights:
            w.grad = None
        loss = run(x * weights[0], y - weights[1])
        loss.backward()
        return loss.detach()

    captured = nn.capture(step)
    for _ in range(6):
        x, y = (nn.tensor(r.normal(size=(4, 3)).astype(np.float32)) for _ in range(2))
        eager, replayed = ([call(x, y).numpy(), *(w.grad.numpy().copy() for w in weights)] for call in (step, captured))
        for one, other in zip(eager, replayed, strict=True):
            if np.lib.NumpyVersion(np.__version__) >= "2.0.0":
                assert one.tobytes() == other.tobytes()
            else:  # rules on arrays without axes are computed in float64 there
                np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    assert captured.reason is None


def test_threads_that_share_a_captured_step():
    """A program has one set of arrays: the threads take turns."""
    step = nn.capture(lambda x: ((2 * x).exp().sin() + x).sum())
    numbers, wrong = [0.0, 0.1, 0.2, 0.3], []

    def work(number):
        x = nn.full((20_000,), number)  # so large that NumPy lets other threads run meanwhile
        expected = ((2 * x).exp().sin() + x).sum().item()
        wrong.extend(number for _ in range(100) if step(x).item() != expected)

    threads = [threading.Thread(target=work, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert step.reason is None


@pytest.mark.parametrize(
    ("kernel", "apply"),
    [
        ("max_pool", lambda x: F.max_pool2d(x, 2)),
        ("standardize", lambda x: F.layer_norm(x, (4,))),
    ],
)
def test_a_kernel_with_several_results_writes_them_where_they_are_read(kernel, apply):
    nn.manual_seed(0)
    layer = nn.Conv2d(1, 2, 1)

    def step(x):
        layer.zero_grad()
        loss = apply(layer(x)).square().sum()
        loss.backward()
        return loss.detach()

    captured = nn.capture(step)
    for x in nn.randn(4, 3, 1, 4, 4):
        got, grads = captured(x), [p.grad.clone() for p in layer.parameters()]
        np.testing.assert_array_equal(got.numpy(), step(x).numpy())
        for g, p in zip(grads, layer.parameters(), strict=True):
            np.testing.assert_array_equal(g.numpy(), p.grad.numpy())
    (kind,) = captured._kinds.values()
    ((_, actions),) = kind.variants[0].program.segments
    (call,) = [act for act in actions if getattr(act.func, "__name__", None) == kernel]
    assert isinstance(call.keywords["out"], tuple)
