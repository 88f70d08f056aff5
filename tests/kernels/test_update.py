"""The steps of optimisers on plain arrays."""

import math
import tracemalloc

import numpy as np
import pytest

from nn.kernels import blocks, update
from nn.kernels.update import counted_, decayed_, lerp_, sgd_


def test_the_parameter_changes_in_place_and_the_gradient_does_not():
    p, g = np.ones(3), np.full(3, 2.0)
    for options in ({}, dict(momentum=0.9), dict(momentum=0.9, nesterov=True, weight_decay=0.1), dict(maximize=True)):
        before = p.copy()
        sgd_(p, g, None, lr=0.1, **options)
        assert not np.array_equal(p, before)
        assert g.tolist() == [2, 2, 2]


def test_without_momentum_there_is_no_velocity():
    assert sgd_(np.ones(1), np.ones(1), None, lr=0.1) is None


def test_the_velocity_is_made_once_and_then_kept():
    p, g = np.zeros(1), np.ones(1)
    velocity = sgd_(p, g, None, lr=1.0, momentum=0.5)
    assert not np.shares_memory(velocity, g)
    assert sgd_(p, g, velocity, lr=1.0, momentum=0.5) is velocity
    assert velocity.tolist() == [1.5]
    assert p.tolist() == [-2.5]


def test_lerp_reaches_its_ends_exactly():
    for weight in (0.0, 0.3, 0.5, 0.9, 1.0):
        a, b = np.array([1.0, -2.0]), np.array([3.0, 0.1])
        wanted = a + weight * (b - a)
        lerp_(a, b, weight)
        np.testing.assert_allclose(a, wanted, rtol=1e-15)
    assert a.tolist() == b.tolist()


def test_decay_by_the_gradient_or_by_the_parameter_itself():
    p, g = np.ones(2), np.zeros(2)
    assert decayed_(g, p, 0.1, 0.5, False, decoupled=False).tolist() == [0.5, 0.5]
    assert p.tolist() == [1, 1]
    assert decayed_(g, p, 0.1, 0.5, False, decoupled=True).tolist() == [0, 0]
    assert p.tolist() == [0.95, 0.95]


def test_a_step_is_counted_in_place():
    step = np.zeros((), np.float32)
    assert [counted_(step), counted_(step)] == [1, 2]
    assert step == 2


# -- each formula once more, for one number at a time: (p, g, t, state) -> (p, state) ----------------------------------
LR, B1, B2, EPS = 0.1, 0.8, 0.9, 1e-3
BETAS = dict(lr=LR, betas=(B1, B2), eps=EPS, weight_decay=0, maximize=False)


def adam(p, g, t, m=0.0, v=0.0):
    m, v = B1 * m + (1 - B1) * g, B2 * v + (1 - B2) * g**2
    return p - LR * (m / (1 - B1**t)) / (math.sqrt(v / (1 - B2**t)) + EPS), (m, v)


def adamax(p, g, t, m=0.0, u=0.0):
    m, u = B1 * m + (1 - B1) * g, max(B2 * u, abs(g) + EPS)
    return p - LR / (1 - B1**t) * m / u, (m, u)


def nadam(p, g, t, product=1.0, m=0.0, v=0.0):
    mu, following = (B1 * (1 - 0.96 ** (n * 0.01) / 2) for n in (t, t + 1))
    product, m, v = product * mu, B1 * m + (1 - B1) * g, B2 * v + (1 - B2) * g**2
    ahead = following * m / (1 - product * following) + (1 - mu) * g / (1 - product)
    return p - LR * ahead / (math.sqrt(v / (1 - B2**t)) + EPS), (product, m, v)


def radam(p, g, t, m=0.0, v=0.0):
    m, v = B1 * m + (1 - B1) * g, B2 * v + (1 - B2) * g**2
    longest = 2 / (1 - B2) - 1
    length = longest - 2 * t * B2**t / (1 - B2**t)
    change = LR * m / (1 - B1**t)
    if length > 5:
        squared = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
        change *= math.sqrt(squared) * math.sqrt(1 - B2**t) / (math.sqrt(v) + EPS)
    return p - change, (m, v)


def adagrad(p, g, t, s=0.5):
    s += g**2
    return p - LR / (1 + (t - 1) * 0.2) * g / (math.sqrt(s) + EPS), (s,)


def adadelta(p, g, t, v=0.0, u=0.0):
    v = B2 * v + (1 - B2) * g**2
    d = math.sqrt(u + EPS) / math.sqrt(v + EPS) * g
    return p - LR * d, (v, B2 * u + (1 - B2) * d**2)


def rmsprop(p, g, t, v=0.0, b=0.0, a=0.0):
    v, a = B2 * v + (1 - B2) * g**2, B2 * a + (1 - B2) * g
    b = 0.7 * b + g / (math.sqrt(v - a**2) + EPS)
    return p - LR * b, (v, b, a)


@pytest.mark.parametrize(
    ("plain", "start", "options"),
    [
        (adam, (0, 0), dict(**BETAS, amsgrad=False, decoupled_weight_decay=False)),
        (adamax, (0, 0), BETAS),
        (nadam, (1, 0, 0), dict(**BETAS, momentum_decay=0.01, decoupled_weight_decay=False)),
        (radam, (0, 0), dict(**BETAS, decoupled_weight_decay=False)),
        (adagrad, (0.5,), dict(lr=LR, lr_decay=0.2, weight_decay=0, eps=EPS, maximize=False)),
        (adadelta, (0, 0), dict(lr=LR, rho=B2, eps=EPS, weight_decay=0, maximize=False)),
        (
            rmsprop,
            (0, 0, 0),
            dict(lr=LR, alpha=B2, eps=EPS, weight_decay=0, momentum=0.7, centered=True, maximize=False),
        ),
    ],
    ids=lambda v: getattr(v, "__name__", ""),
)
def test_twelve_steps_by_the_formula_written_for_one_number(plain, start, options, rng):
    kernel = getattr(update, f"{plain.__name__}_")
    p, step, state = np.array([1.0, -2.0]), np.zeros(()), [np.full(2, float(s)) for s in start]
    if plain is nadam:  # its product is one for all elements
        state[0] = np.ones(())
    wanted, kept = [1.0, -2.0], [(), ()]
    for t in range(1, 13):
        g = rng.normal(size=2)
        kernel(p, g, step, *state, **options)
        for i in range(2):
            wanted[i], kept[i] = plain(wanted[i], g[i], t, *kept[i])
        np.testing.assert_allclose(p, wanted, rtol=1e-11)


MANY = dict(betas=(0.9, 0.99), eps=1e-8)
EVERY = [
    ("sgd", (), dict()),
    ("sgd", (None,), dict(momentum=0.9, dampening=0.1)),
    ("sgd", (None,), dict(momentum=0.9, nesterov=True)),
    ("adam", (0, 0), dict(MANY, amsgrad=False, decoupled_weight_decay=False)),
    ("adam", (0, 0, 0), dict(MANY, amsgrad=True, decoupled_weight_decay=True)),
    ("adamax", (0, 0), MANY),
    ("nadam", (0, 0), dict(MANY, momentum_decay=0.01, decoupled_weight_decay=True)),
    ("radam", (0, 0), dict(MANY, decoupled_weight_decay=False)),
    ("lion", (0,), dict(betas=(0.9, 0.99))),
    ("adagrad", (0.5,), dict(lr_decay=0.2, eps=1e-8)),
    ("adadelta", (0, 0), dict(rho=0.9, eps=1e-6)),
    ("rmsprop", (0, 0, 0), dict(alpha=0.9, eps=1e-8, momentum=0.7, centered=True)),
    ("rmsprop", (0,), dict(alpha=0.9, eps=1e-8, momentum=0, centered=False)),
    ("rprop", (0, 0.1), dict(etas=(0.5, 1.2), step_sizes=(1e-6, 50))),
    ("asgd", (0,), dict(lambd=1e-4, alpha=0.75, t0=1)),
]


@pytest.mark.parametrize("maximize", [False, True])
@pytest.mark.parametrize(("name", "start", "options"), EVERY, ids=lambda v: v if isinstance(v, str) else "")
def test_in_pieces_it_is_bitwise_the_step_at_once(name, start, options, maximize, monkeypatch):
    options = dict(options, maximize=maximize)
    if name != "rprop":
        options |= dict(lr=0.1, weight_decay=0.1)
    runs = []
    for enough in (0, 1 << 19):
        monkeypatch.setattr(blocks, "ENOUGH", enough)
        monkeypatch.setattr(blocks, "PIECE", 64)
        rng = np.random.default_rng(0)
        p = rng.normal(size=(30, 7)).astype(np.float32)
        state = [None if value is None else np.full_like(p, value) for value in start]
        step = [] if name in ("sgd", "lion") else [np.zeros((), np.float32)]
        numbers = {"nadam": [np.ones(())], "asgd": [np.full((), 0.1), np.ones(())]}.get(name, [])
        for _ in range(8):
            g = rng.normal(size=p.shape).astype(np.float32)
            returned = getattr(update, f"{name}_")(p, g, *step, *numbers, *(state or [None]), **options)
            if returned is not None:
                state = [returned]
        runs.append([p, *step, *numbers, *state])
    for pieces, whole in zip(*runs, strict=True):
        assert (pieces is None) == (whole is None)
        np.testing.assert_array_equal(pieces, whole)


def test_large_steps_make_no_array_of_the_parameter_s_size():
    p, g = np.ones((1024, 1024), np.float32), np.ones((1024, 1024), np.float32)
    state = [np.zeros_like(p) for _ in range(2)]
    radam = dict(MANY, lr=0.1, weight_decay=0.1, decoupled_weight_decay=False, maximize=False)
    for step in (
        lambda: sgd_(p, g, state[0], lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.1),
        lambda: update.radam_(p, g, np.array(9.0), *state, **radam),
    ):
        tracemalloc.start()
        try:
            step()
            assert tracemalloc.get_traced_memory()[1] < p.nbytes / 2
        finally:
            tracemalloc.stop()


def test_pieces_cover_the_array_and_are_views(monkeypatch):
    monkeypatch.setattr(blocks, "ENOUGH", 10)
    monkeypatch.setattr(blocks, "PIECE", 4)
    x = np.zeros((3, 5))
    for piece, none in blocks.pieces(x, None):
        assert none is None
        piece += 1
    assert (x == 1).all()
    columns = np.zeros((5, 3)).T
    assert [len(p) for p in blocks.pieces(columns, x)] == [2]
    assert blocks.pieces(columns, x)[0][0] is columns
