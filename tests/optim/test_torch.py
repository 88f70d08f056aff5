"""SGD step by step against PyTorch, and its state exchanged both ways."""

import itertools

import numpy as np
import pytest

import nn

torch = pytest.importorskip("torch", reason="the oracle PyTorch is not installed")

OPTIONS = [
    dict(lr=lr, momentum=momentum, dampening=dampening, weight_decay=decay, nesterov=nesterov, maximize=maximize)
    for lr, momentum, dampening, decay, nesterov, maximize in itertools.product(
        [0.1, 0.0], [0, 0.9], [0, 0.3], [0, 0.05], [False, True], [False, True]
    )
    if not (nesterov and (momentum == 0 or dampening))
]
SHAPES = [(3, 2), (4,), ()]


def make(lib, data, **options):
    parameters = [lib.tensor(d, requires_grad=True) for d in data]
    return parameters, lib.optim.SGD(parameters, **options)


def step(lib, parameters, optimizer, number):
    """One step on a loss whose gradient differs from step to step; the last parameter has none in the first two."""
    optimizer.zero_grad()
    used = parameters if number >= 2 else parameters[:-1]
    loss = sum(((p * (number + 1) - 0.3) ** 2).sum() for p in used)
    loss.backward()
    optimizer.step()


def same(ours, theirs, rtol=1e-12):
    for a, b in zip(ours, theirs, strict=True):
        assert str(a.dtype) == str(b.dtype).removeprefix("torch.")
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=rtol, atol=rtol / 100)


@pytest.fixture
def data(rng):
    return [np.asarray(rng.normal(size=s)) for s in SHAPES]


@pytest.mark.parametrize("options", OPTIONS, ids=lambda o: "-".join(map(str, o.values())))
@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-12), (np.float32, 1e-5)])
def test_six_steps(options, data, dtype, rtol):
    data = [d.astype(dtype) for d in data]
    options = {**options, "lr": options["lr"] * 0.1}
    ours, theirs = make(nn, data, **options), make(torch, data, **options)
    for number in range(6):
        step(nn, *ours, number)
        step(torch, *theirs, number)
        same(ours[0], theirs[0], rtol)


@pytest.mark.parametrize("momentum", [0, 0.9])
def test_the_state_has_torch_s_keys(data, momentum):
    keys = []
    for lib in (nn, torch):
        state = trained(lib, data, 2, lr=0.01, momentum=momentum)[1].state_dict()["state"]
        keys.append({number: sorted(entry) for number, entry in state.items()})
    assert keys[0] == keys[1]


def test_groups_and_options_changed_on_the_way(data):
    runs = []
    for lib in (nn, torch):
        parameters = [lib.tensor(d, requires_grad=True) for d in data]
        optimizer = lib.optim.SGD(
            [{"params": parameters[:1], "lr": 0.01}, {"params": parameters[1:], "momentum": 0.5, "weight_decay": 0.1}],
            lr=0.02,
            momentum=0.9,
        )
        for number in range(6):
            step(lib, parameters, optimizer, number)
            optimizer.param_groups[0]["lr"] *= 0.9
            optimizer.param_groups[1]["momentum"] = 0.9 if number > 3 else 0
        runs.append(parameters)
    same(*runs)


def test_the_closure_s_loss(data):
    results = []
    for lib in (nn, torch):
        parameters, optimizer = make(lib, data, lr=0.1)

        def closure(parameters=parameters, optimizer=optimizer):
            optimizer.zero_grad()
            loss = sum((p**2).sum() for p in parameters)
            loss.backward()
            return loss

        results.append([optimizer.step(closure).item() for _ in range(3)])
    np.testing.assert_allclose(*results, rtol=1e-12)


def trained(lib, data, steps, **options):
    parameters, optimizer = make(lib, data, **options)
    for number in range(steps):
        step(lib, parameters, optimizer, number)
    return parameters, optimizer


def test_a_state_from_torch_continues_here(data):
    theirs = trained(torch, data, 3, lr=0.01, momentum=0.9, weight_decay=0.1, nesterov=True)
    ours = make(nn, [p.detach().numpy().copy() for p in theirs[0]], lr=1.0)
    ours[1].load_state_dict(theirs[1].state_dict())
    for number in range(3, 6):
        step(nn, *ours, number)
        step(torch, *theirs, number)
        same(ours[0], theirs[0])


def test_a_state_from_here_continues_in_torch(data):
    ours = trained(nn, data, 3, lr=0.01, momentum=0.9, weight_decay=0.1)
    theirs = make(torch, [p.detach().numpy().copy() for p in ours[0]], lr=1.0)
    state = ours[1].state_dict()
    state["state"] = {
        i: {name: torch.from_numpy(v.numpy().copy()) for name, v in entry.items()}
        for i, entry in state["state"].items()
    }
    theirs[1].load_state_dict(state)
    for number in range(3, 6):
        step(nn, *ours, number)
        step(torch, *theirs, number)
        same(ours[0], theirs[0])


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
    ],
)
def test_an_error_there_is_an_error_here_of_the_same_kind(call):
    with pytest.raises(Exception) as theirs:
        call(torch)
    with pytest.raises(theirs.type):
        call(nn)
