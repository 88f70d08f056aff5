"""Arrays side by side times one number: one call, the same bits, and only where nothing hinders it."""

import functools

import numpy as np
import pytest

import nn
from nn.replay.program import Program
from nn.replay.together import together


def scaling(lie_apart=False, disturbed=None, known=False):
    """Actions `p -= 0.5 g` for three arrays g side by side, what they change, and their products' ids if known."""
    memory, number = bytearray(4 * 16), np.full((), 0.5, np.float32)
    whole = np.frombuffer(memory, np.float32)
    whole[:] = np.arange(16)
    starts = (0, 24, 40 + 4 * lie_apart)
    gradients = [np.ndarray(s, np.float32, memory, at) for s, at in zip(((2, 3), (4,), (1,)), starts, strict=True)]
    parameters, actions, products = [np.ones_like(g) for g in gradients], [], []
    for place in (2, 0, 1):
        p, g, product = parameters[place], gradients[place], np.empty_like(gradients[place])
        products.append(product)
        actions.append(functools.partial(np.multiply, number.reshape((1,) * (g.size == 1)), g, product))
        actions.append(functools.partial(np.subtract, p, product, p))
        if disturbed is not None and place == 0:
            array = {"gradient": gradients[1], "number": number, "product": product}[disturbed]
            actions.append(functools.partial(np.add, array, np.float32(1), array))
    return actions, parameters, {id(product) for product in products} if known else set()


def run(actions):
    for act in actions:
        act()


def test_products_of_arrays_side_by_side_are_one_call():
    actions, expected, _ = scaling()
    run(actions)
    actions, found, known = scaling()
    fewer = together(actions, known)
    assert [act.func for act in fewer] == [np.multiply, np.subtract, np.subtract, np.subtract]
    run(fewer)
    assert all(a.tobytes() == b.tobytes() for a, b in zip(found, expected, strict=True))


HINDRANCES = {
    "a gap": dict(lie_apart=True),
    "a gradient that changes on the way": dict(disturbed="gradient"),
    "a number that changes on the way": dict(disturbed="number"),
    "a product that is read twice": dict(disturbed="product"),
    "products that others refer to": dict(known=True),
}


@pytest.mark.parametrize("name", HINDRANCES)
def test_what_hinders_it(name):
    actions, expected, _ = scaling(**HINDRANCES[name])
    run(actions)
    actions, found, known = scaling(**HINDRANCES[name])
    fewer = together(actions, known)
    assert [act.func for act in fewer] == [act.func for act in actions]
    run(fewer)
    assert all(a.tobytes() == b.tobytes() for a, b in zip(found, expected, strict=True))


def training(captured, keep):
    """Losses, parameters and gradients of a small training, and the gradients that were kept on the way."""
    nn.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
    x, y, found, kept = nn.randn(5, 3), nn.randn(5, 1), [], []

    def step():
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    step = nn.capture(step) if captured else step
    for number in range(9):
        optimizer.param_groups[0]["lr"] = 0.1 / (1 + number)
        found.append(step().detach().numpy().tobytes())
        found += [p.detach().numpy().tobytes() for p in model.parameters()]
        found += [p.grad.numpy().tobytes() for p in model.parameters()]
        if number == 4:
            kept += [keep(p.grad) for p in model.parameters()]
            values = [k.tolist() for k in kept]
        if number == 6:
            next(model.parameters()).grad *= 3  # it is the caller's own now
    assert [k.tolist() for k in kept] == values
    return found, step


@pytest.mark.parametrize("keep", [lambda g: g, lambda g: g.numpy(), lambda g: g[0], lambda g: g.detach()])
def test_gradients_side_by_side_are_each_their_own(keep):
    found, step = training(True, keep)
    assert found == training(False, keep)[0]
    assert step.reason is None
    (kind,) = step._kinds.values()
    program = kind.variants[0].program
    ((_, actions),) = program.segments
    (rate,) = [array for array, _, _ in program._numbers.values()]
    assert sum(value is rate or getattr(value, "base", None) is rate for act in actions for value in act.args) == 1


def test_a_program_that_computes_no_gradient_does_not_pass(monkeypatch):
    """The gradients of the step that it is compared with are not left where it would put its own."""
    whole = Program._actions

    def without(self, recording, call, *rest):
        return [] if "weight_backward" in call.name else whole(self, recording, call, *rest)

    monkeypatch.setattr(Program, "_actions", without)
    layer, x = nn.Linear(2, 1), nn.ones(4, 2)

    @nn.capture
    def step():
        layer.weight.grad = layer.bias.grad = None
        layer(x).square().sum().backward()

    step()
    with pytest.warns(nn.CaptureWarning, match="does not give the same bits"):
        step()
