"""L-BFGS: minima of smooth functions, and the path that PyTorch takes."""

import copy
import itertools

import numpy as np
import pytest

import nn
from nn.optim import LBFGS


def rosenbrock(lib, w):
    return (100 * (w[1:] - w[:-1] ** 2) ** 2 + (1 - w[:-1]) ** 2).sum()


def logistic(lib, w):
    x = lib.tensor(np.random.default_rng(0).normal(size=(20, 4)).astype(str(w.dtype).removeprefix("torch.")))
    return ((x @ w).exp() + 1).log().mean() + 0.1 * (w**2).sum() - (x[:7] @ w).mean()


def bowl(lib, w):
    return (w**4 - 3 * w**2 + w).sum() + (w[0] * w[1]).sum()


FUNCTIONS = {"rosenbrock": rosenbrock, "logistic": logistic, "bowl": bowl}


def minimizer(lib, function, start, **options):
    """A parameter, its optimiser, and what makes one step; the parameter is in two pieces."""
    pieces = [lib.tensor(part.copy(), requires_grad=True) for part in (start[:1], start[1:])]
    optimizer = lib.optim.LBFGS(pieces, **options)

    def closure():
        optimizer.zero_grad()
        loss = FUNCTIONS[function](lib, lib.cat(pieces))
        loss.backward()
        return loss

    return pieces, optimizer, lambda: optimizer.step(closure).item()


@pytest.fixture
def start(rng):
    return rng.normal(size=4)


def flat(pieces):
    return np.concatenate([p.detach().numpy() for p in pieces])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_gradient_is_0_where_it_ends(function, start):
    pieces, _, step = minimizer(nn, function, start, tolerance_change=1e-15, line_search_fn="strong_wolfe")
    for _ in range(10):
        step()
    assert max(abs(p.grad.numpy()).max() for p in pieces) < 1e-6


def test_rosenbrock_s_valley_is_followed_to_its_end():
    pieces, _, step = minimizer(nn, "rosenbrock", np.array([-1.2, 1.0, -1.2, 1.0]), tolerance_change=1e-15,
                                line_search_fn="strong_wolfe")  # fmt: skip
    for _ in range(10):
        step()
    np.testing.assert_allclose(flat(pieces), 1, rtol=1e-6)


def test_the_loss_before_the_step_is_returned(start):
    _, _, step = minimizer(nn, "bowl", start, line_search_fn="strong_wolfe")
    assert step() == bowl(nn, nn.tensor(start)).item()


def test_no_step_is_made_where_the_gradient_is_0():
    w = nn.tensor([0.0, 0.0], requires_grad=True)
    optimizer = LBFGS([w])

    def closure():
        optimizer.zero_grad()
        loss = (w**2).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    assert w.tolist() == [0, 0]
    assert optimizer.state[w]["func_evals"] == 1


def test_a_parameter_without_a_gradient_stays():
    a, b = (nn.tensor([1.0], requires_grad=True) for _ in range(2))
    optimizer = LBFGS([a, b], line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = (a**2).sum()
        loss.backward()
        return loss

    with nn.no_grad():
        optimizer.step(closure)
    assert (abs(a.item()) < 1e-6, b.item()) == (True, 1)


def test_a_loss_that_is_no_number_ends_the_step_quietly():
    w = nn.tensor([1.0], requires_grad=True)
    optimizer = LBFGS([w])

    def closure():
        optimizer.zero_grad()
        loss = (w * float("nan")).sum()
        loss.backward()
        return loss

    assert np.isnan(optimizer.step(closure).item())
    assert w.item() == 1


def test_the_state_in_a_file_carries_on_bitwise(start, tmp_path):
    pieces, optimizer, step = minimizer(nn, "rosenbrock", start, max_iter=4, history_size=3)
    optimizer.param_groups[0]["lr"] = 0.1
    for _ in range(3):
        step()
    again, second, again_step = minimizer(nn, "rosenbrock", flat(pieces))
    nn.save(optimizer.state_dict(), tmp_path / "state")
    second.load_state_dict(nn.load(tmp_path / "state"))
    for _ in range(3):
        assert step() == again_step()
    assert flat(pieces).tolist() == flat(again).tolist()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda w: LBFGS([w], lr=-1), ValueError, "LBFGS: lr must be 0 or more, got -1"),
        (
            lambda w: LBFGS([w], line_search_fn="armijo"),
            ValueError,
            "line_search_fn must be strong_wolfe or None, got 'arm",
        ),
        (lambda w: LBFGS([{"params": [w]}, {"params": []}]), ValueError, "expected one group of parameters, got 2"),
        (lambda w: LBFGS([w]).step(), TypeError, "LBFGS.step: give a closure that computes the loss again"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call(nn.ones(1, requires_grad=True))


OPTIONS = [
    dict(zip(("lr", "max_iter", "history_size", "line_search_fn"), values, strict=True))
    for values in itertools.product([1.0, 0.3], [20, 3, 1], [100, 2, 1], ["strong_wolfe", None])
] + [dict(max_eval=7, line_search_fn="strong_wolfe"), dict(tolerance_grad=1e-2), dict(tolerance_change=1e-3)]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("options", OPTIONS, ids=lambda o: "-".join(map(str, o.values())))
def test_three_steps_are_torch_s(function, options, start):
    torch = pytest.importorskip("torch", reason="the oracle PyTorch is not installed")
    if options.get("line_search_fn") is None and function != "logistic":
        options = {**options, "lr": 1e-3}  # the others are no bowls: a fixed length leads astray
    ours, theirs = (minimizer(lib, function, start, **options) for lib in (nn, torch))
    for _ in range(3):
        np.testing.assert_allclose(ours[2](), theirs[2](), rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(flat(ours[0]), flat(theirs[0]), rtol=1e-7, atol=1e-7)
        a, b = ours[1].state_dict()["state"][0], theirs[1].state_dict()["state"][0]
        assert (a["n_iter"], a["func_evals"]) == (b["n_iter"], b["func_evals"])


@pytest.mark.parametrize("here", [True, False], ids=["torch to here", "here to torch"])
@pytest.mark.parametrize("line_search_fn", ["strong_wolfe", None])
def test_a_state_carries_on_in_the_other_library(here, line_search_fn, start):
    torch = pytest.importorskip("torch", reason="the oracle PyTorch is not installed")
    options = dict(lr=0.5, max_iter=3, line_search_fn=line_search_fn)
    giver, taker = (torch, nn) if here else (nn, torch)
    first = minimizer(giver, "logistic", start, **options)
    for _ in range(2):
        first[2]()
    second = minimizer(taker, "logistic", flat(first[0]))
    state = copy.deepcopy(first[1].state_dict())
    second[1].load_state_dict(state if here else converted(state, torch))
    for _ in range(3):
        np.testing.assert_allclose(second[2](), first[2](), rtol=1e-12)
    np.testing.assert_allclose(flat(second[0]), flat(first[0]), rtol=1e-9)


def converted(value, torch):
    """Our state with each tensor made PyTorch's."""
    if isinstance(value, nn.Tensor):
        return torch.from_numpy(value.numpy().copy())
    if isinstance(value, dict):
        return {key: converted(item, torch) for key, item in value.items()}
    return [converted(item, torch) for item in value] if isinstance(value, list) else value


def test_float32_is_kept(start):
    pieces, optimizer, step = minimizer(nn, "logistic", start.astype(np.float32), line_search_fn="strong_wolfe")
    step()
    state = optimizer.state[pieces[0]]
    assert {p.dtype for p in pieces} == {np.dtype("float32")}
    assert {t.dtype for t in [state["d"], state["H_diag"], *state["old_dirs"], *state["ro"]]} == {np.dtype("float32")}
