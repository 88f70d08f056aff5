"""Every optimiser step by step against PyTorch, and its state exchanged both ways."""

import copy
import itertools

import numpy as np
import pytest

import nn

torch = pytest.importorskip("torch", reason="the oracle PyTorch is not installed")


def grid(**choices):
    """Every combination of the choices, as dicts."""
    return [dict(zip(choices, values, strict=True)) for values in itertools.product(*choices.values())]


ADAM = dict(lr=[0.01, 0.3], betas=[(0.9, 0.999), (0.3, 0.8)], eps=[1e-8, 1e-2], weight_decay=[0, 0.05])
FLAGS = [False, True]
GRIDS = {
    "SGD": [
        o
        for o in grid(
            lr=[0.01, 0.3, 0.0],
            momentum=[0, 0.9],
            dampening=[0, 0.3],
            weight_decay=[0, 0.05],
            nesterov=FLAGS,
            maximize=FLAGS,
        )
        if not (o["nesterov"] and (o["momentum"] == 0 or o["dampening"]))
    ],
    "Adam": grid(**ADAM, amsgrad=FLAGS, maximize=FLAGS, decoupled_weight_decay=FLAGS),
    "AdamW": grid(**ADAM, amsgrad=FLAGS, maximize=FLAGS),
    "Adamax": grid(**ADAM, maximize=FLAGS),
    "NAdam": grid(**ADAM, momentum_decay=[4e-3, 0.3], decoupled_weight_decay=FLAGS, maximize=FLAGS),
    "RAdam": grid(**ADAM, decoupled_weight_decay=FLAGS, maximize=FLAGS),
    "Adagrad": grid(
        lr=[0.01, 0.3],
        lr_decay=[0, 0.1],
        weight_decay=[0, 0.05],
        initial_accumulator_value=[0, 0.2],
        eps=[1e-10, 1e-2],
        maximize=FLAGS,
    ),
    "Adafactor": grid(
        lr=[0.01, 0.5],
        beta2_decay=[-0.8, -0.3],
        eps=[(None, 1e-3), (1e-2, 0.5)],
        d=[1.0, 3.0],
        weight_decay=[0, 0.05],
        maximize=FLAGS,
    ),
    "Adadelta": grid(lr=[1.0, 0.1], rho=[0.9, 0.3], eps=[1e-6, 1e-2], weight_decay=[0, 0.05], maximize=FLAGS),
    "RMSprop": grid(
        lr=[0.01, 0.1],
        alpha=[0.99, 0.4],
        eps=[1e-8, 1e-2],
        weight_decay=[0, 0.05],
        momentum=[0, 0.9],
        centered=FLAGS,
        maximize=FLAGS,
    ),
    "Rprop": grid(lr=[0.01, 0.1], etas=[(0.5, 1.2), (0.2, 1.5)], step_sizes=[(1e-6, 50), (0.05, 0.08)], maximize=FLAGS),
    "ASGD": grid(
        lr=[0.01, 0.1], lambd=[1e-4, 0.1], alpha=[0.75, 0.5], t0=[1e6, 0, 2], weight_decay=[0, 0.05], maximize=FLAGS
    ),
    "Muon": grid(
        lr=[0.01, 0.3],
        weight_decay=[0, 0.1],
        momentum=[0.95, 0.3],
        nesterov=FLAGS,
        ns_coefficients=[(3.4445, -4.775, 2.0315), (2.0, -1.5, 0.5)],
        ns_steps=[5, 1],
        adjust_lr_fn=[None, "original", "match_rms_adamw"],
    ),
}
CASES = [(name, options) for name, options_of in GRIDS.items() for options in options_of]
SHAPES = [(3, 2), (2, 5), (4,), ()]


@pytest.fixture(autouse=True)
def muon_without_bfloat16(monkeypatch):
    """PyTorch rounds inside of Muon to 3 digits; without that the rest can be compared in full."""
    monkeypatch.setattr(torch.Tensor, "bfloat16", torch.Tensor.clone)


class Run:
    """Parameters and an optimiser in one of the two libraries, moved by the same gradients."""

    def __init__(self, lib, name, arrays, **options):
        self.lib = lib
        self.parameters = [lib.tensor(a.copy(), requires_grad=True) for a in arrays]
        self.optimizer = getattr(lib.optim, name)(self.parameters, **options)

    def step(self, gradients):
        for p, g in zip(self.parameters, gradients, strict=True):
            p.grad = None if g is None else self.lib.tensor(g.copy())
        self.optimizer.step()
        return self

    def state(self):
        return self.optimizer.state_dict()["state"]

    def arrays(self):
        return [p.detach().numpy() for p in self.parameters]


def shapes_for(name):
    return [s for s in SHAPES if len(s) == 2] if name == "Muon" else SHAPES


@pytest.fixture
def draw(rng):
    """Parameters, and the gradients of some steps: the last parameter has none in the first two."""

    def drawn(name, dtype, steps=6):
        shapes = shapes_for(name)
        start = [np.asarray(rng.normal(size=s), dtype) for s in shapes]
        gradients = [[np.asarray(rng.normal(size=s), dtype) for s in shapes] for _ in range(steps)]
        for early in gradients[:2]:
            early[-1] = None
        return start, gradients

    return drawn


def same(ours, theirs, rtol):
    """Equal but for rounding; parameters and gradients are of the order of 1, differences of them may be small."""
    assert str(ours.dtype) == str(theirs.dtype).removeprefix("torch.")
    ours, theirs = np.asarray(ours.detach()), theirs.detach().numpy()
    np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=rtol * max(1, abs(theirs).max(initial=0)))


def same_state(ours, theirs, rtol):
    theirs = {i: entry for i, entry in theirs.items() if entry.get("step") != 0}  # Adagrad makes its state at once
    assert {i: sorted(entry) for i, entry in ours.items()} == {i: sorted(entry) for i, entry in theirs.items()}
    for i, entry in ours.items():
        for key, value in entry.items():
            same(value, theirs[i][key], rtol)


@pytest.mark.parametrize(
    ("name", "options"), CASES, ids=lambda v: v if isinstance(v, str) else "-".join(map(str, v.values()))
)
@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-12), (np.float32, 1e-6)], ids=["float64", "float32"])
def test_six_steps(name, options, dtype, rtol, draw):
    if name == "Muon":
        rtol *= 10  # the iteration enlarges what is small, its rounding too
    start, gradients = draw(name, dtype)
    ours, theirs = Run(nn, name, start, **options), Run(torch, name, start, **options)
    for g in gradients:
        ours.step(g)
        theirs.step(g)
        for a, b in zip(ours.parameters, theirs.parameters, strict=True):
            same(a, b, rtol)
        same_state(ours.state(), theirs.state(), rtol)


# Options that bring out all of each optimiser's state.
FULL = {
    "SGD": dict(lr=0.1, momentum=0.9, weight_decay=0.1, nesterov=True),
    "Adam": dict(lr=0.1, amsgrad=True),
    "AdamW": dict(lr=0.1, amsgrad=True),
    "Adamax": dict(lr=0.1),
    "NAdam": dict(lr=0.1),
    "RAdam": dict(lr=0.1, betas=(0.9, 0.9)),
    "Adagrad": dict(lr=0.1, lr_decay=0.1),
    "Adafactor": dict(lr=0.1),
    "Adadelta": dict(lr=0.5),
    "RMSprop": dict(lr=0.1, momentum=0.9, centered=True),
    "Rprop": dict(lr=0.1),
    "ASGD": dict(lr=0.1, t0=1),
    "Muon": dict(lr=0.1),
}


def to_torch(state):
    """Our state with each tensor made PyTorch's."""
    state = copy.deepcopy(state)
    state["state"] = {
        i: {key: torch.from_numpy(value.numpy()) for key, value in entry.items()} for i, entry in state["state"].items()
    }
    return state


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", FULL)
@pytest.mark.parametrize("here", [True, False], ids=["torch to here", "here to torch"])
def test_a_state_carries_on_in_the_other_library(name, here, dtype, draw):
    start, gradients = draw(name, dtype)
    giver, taker = (torch, nn) if here else (nn, torch)
    first = Run(giver, name, start, **FULL[name])
    for g in gradients[:3]:
        first.step(g)
    second = Run(taker, name, first.arrays(), lr=1.0)
    state = first.optimizer.state_dict()
    second.optimizer.load_state_dict(state if here else to_torch(state))
    # PyTorch gives scalars of the state the parameter's dtype when they are loaded; so the giver loads its own too.
    first.optimizer.load_state_dict(copy.deepcopy(state))
    for g in gradients[3:]:
        first.step(g)
        second.step(g)
        ours, theirs = (second, first) if here else (first, second)
        for a, b in zip(ours.parameters, theirs.parameters, strict=True):
            same(a, b, 1e-12 if dtype == np.float64 else 1e-6)
        same_state(ours.state(), theirs.state(), 1e-12 if dtype == np.float64 else 1e-6)


@pytest.mark.parametrize("name", FULL)
def test_groups_and_options_changed_on_the_way(name, draw):
    start, gradients = draw(name, np.float64)
    runs = []
    for lib in (nn, torch):
        run = Run(lib, name, start, **FULL[name])
        run.optimizer = getattr(lib.optim, name)(
            [{"params": run.parameters[:1], "lr": 0.05}, {"params": run.parameters[1:]}], **FULL[name]
        )
        for g in gradients:
            run.step(g)
            for group in run.optimizer.param_groups:
                group["lr"] *= 0.9
        runs.append(run)
    for a, b in zip(runs[0].parameters, runs[1].parameters, strict=True):
        same(a, b, 1e-12)


def test_a_momentum_changed_on_the_way(draw):
    start, gradients = draw("SGD", np.float64)
    runs = [Run(lib, "SGD", start, lr=0.1) for lib in (nn, torch)]
    for number, g in enumerate(gradients):
        for run in runs:
            run.step(g).optimizer.param_groups[0]["momentum"] = 0.9 if number > 2 else 0
    for a, b in zip(runs[0].parameters, runs[1].parameters, strict=True):
        same(a, b, 1e-12)


@pytest.mark.parametrize("name", FULL)
def test_the_closure_s_losses(name, draw):
    start, _ = draw(name, np.float64)
    results = []
    for lib in (nn, torch):
        run = Run(lib, name, start, **FULL[name])

        def closure(run=run):
            run.optimizer.zero_grad()
            loss = sum((p**2).sum() for p in run.parameters)
            loss.backward()
            return loss

        results.append([run.optimizer.step(closure).item() for _ in range(3)])
    np.testing.assert_allclose(*results, rtol=1e-12)


@pytest.mark.parametrize("name", FULL)
def test_the_options_and_their_defaults_are_torch_s(name):
    shape = (2, 2)
    ours = getattr(nn.optim, name)([nn.ones(*shape, requires_grad=True)])
    theirs = getattr(torch.optim, name)([torch.ones(shape, requires_grad=True)])
    left_out = {"foreach", "differentiable", "fused", "capturable"}
    assert ours.defaults == {k: v for k, v in theirs.defaults.items() if k not in left_out}


def test_named_parameters(draw):
    start, _ = draw("Adam", np.float32)
    states = []
    for lib in (nn, torch):
        named = [(f"p{i}", lib.tensor(a, requires_grad=True)) for i, a in enumerate(start)]
        optimizer = lib.optim.Adam(named)
        states.append(optimizer.state_dict()["param_groups"][0])
    assert states[0]["param_names"] == states[1]["param_names"] == [f"p{i}" for i in range(len(start))]


@pytest.mark.parametrize(
    "call",
    [
        lambda t: t.optim.SGD([], lr=0.1),
        lambda t: t.optim.SGD(t.ones(1), lr=0.1),
        lambda t: t.optim.SGD([1.0], lr=0.1),
        lambda t: t.optim.SGD([t.ones(1, requires_grad=True) * 2], lr=0.1),
        lambda t: t.optim.SGD([t.ones(1)], lr=-0.1),
        lambda t: t.optim.SGD([t.ones(1)], lr=0.1, momentum=-1),
        lambda t: t.optim.SGD([t.ones(1)], lr=0.1, weight_decay=-1),
        lambda t: t.optim.SGD([t.ones(1)], lr=0.1, nesterov=True),
        lambda t: t.optim.SGD([t.ones(1)], lr=0.1).load_state_dict(t.optim.SGD([t.ones(1), t.ones(1)]).state_dict()),
        lambda t: t.optim.SGD([{"params": [t.ones(1)]}, {"params": [("a", t.ones(1))]}]),
        lambda t: t.optim.Adam([t.ones(1)], betas=(1.0, 0.9)),
        lambda t: t.optim.Adamax([t.ones(1)], eps=-1),
        lambda t: t.optim.NAdam([t.ones(1)], momentum_decay=-1),
        lambda t: t.optim.Adagrad([t.ones(1)], initial_accumulator_value=-1),
        lambda t: t.optim.Adadelta([t.ones(1)], rho=1.1),
        lambda t: t.optim.RMSprop([t.ones(1)], alpha=-1),
        lambda t: t.optim.Rprop([t.ones(1)], etas=(1.0, 1.2)),
        lambda t: t.optim.ASGD([t.ones(1)], weight_decay=-1),
        lambda t: t.optim.Muon([t.ones(1)]),
        lambda t: t.optim.Muon([t.ones(1, 1)], adjust_lr_fn="?"),
        lambda t: t.optim.LBFGS([{"params": [t.ones(1)]}, {"params": [t.ones(1)]}]),
        lambda t: t.optim.LBFGS([t.ones(1)]).step(),
    ],
)
def test_an_error_there_is_an_error_here_of_the_same_kind(call):
    with pytest.raises(Exception) as theirs:
        call(torch)
    with pytest.raises(theirs.type):
        call(nn)
