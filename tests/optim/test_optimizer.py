"""What all optimisers share: groups, zero_grad, closures, state, messages."""

import copy

import numpy as np
import pytest

import nn
from nn import optim


def leaf(*data):
    return nn.tensor(data, requires_grad=True)


@pytest.fixture
def w():
    return leaf(1.0, 2.0)


@pytest.fixture
def optimizer(w):
    return optim.SGD([w], lr=0.1, momentum=0.9)


def test_params_may_be_any_iterable_of_leaf_tensors(w):
    for params in ([w], (w,), iter([w]), nn.Linear(2, 2).parameters()):
        assert optim.SGD(params, lr=1).param_groups[0]["lr"] == 1


def test_groups_have_options_of_their_own():
    a, b = leaf(1.0), leaf(1.0)
    optimizer = optim.SGD([{"params": [a]}, {"params": b, "lr": 1.0}], lr=0.1)
    (a + b).backward()
    optimizer.step()
    np.testing.assert_allclose([a.item(), b.item()], [0.9, 0])
    optimizer.param_groups[0]["lr"] = 10.0
    optimizer.step()
    np.testing.assert_allclose(a.item(), -9.1, rtol=1e-6)


def test_a_group_added_later(optimizer):
    b = leaf(1.0)
    optimizer.add_param_group({"params": [b], "lr": 2.0})
    assert optimizer.param_groups[1]["momentum"] == 0.9
    b.sum().backward()
    optimizer.step()
    assert b.item() == -1


def test_a_parameter_without_a_gradient_is_left_alone(optimizer, w):
    optimizer.step()
    assert w.tolist() == [1, 2]


def test_zero_grad(optimizer, w):
    w.sum().backward()
    optimizer.zero_grad(set_to_none=False)
    assert w.grad.tolist() == [0, 0]
    optimizer.zero_grad()
    assert w.grad is None


def test_a_closure_is_run_with_recording_on_and_its_loss_returned(optimizer, w):
    def closure():
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        return loss

    with nn.no_grad():
        loss = optimizer.step(closure)
    assert loss.item() == 5
    np.testing.assert_allclose(w.tolist(), [0.8, 1.6], rtol=1e-6)
    assert optimizer.step() is None


def test_a_step_changes_the_same_array_and_records_nothing(optimizer, w):
    array = w._array
    w.sum().backward()
    optimizer.step()
    assert w._array is array
    assert w.is_leaf


def test_the_state_comes_back(w):
    def train(parameter, optimizer, steps):
        for _ in range(steps):
            optimizer.zero_grad()
            (parameter**2).sum().backward()
            optimizer.step()

    first = optim.SGD([w], lr=0.1, momentum=0.9)
    train(w, first, 2)
    state = copy.deepcopy(first.state_dict())
    other = leaf(*w.tolist())
    second = optim.SGD([other], lr=1.0)
    second.load_state_dict(state)
    train(w, first, 2)
    train(other, second, 2)
    assert other.tolist() == w.tolist()
    assert second.param_groups[0]["lr"] == 0.1


def test_a_loaded_state_is_not_shared(w):
    first = optim.SGD([w], lr=0.1, momentum=0.9)
    w.sum().backward()
    first.step()
    state = first.state_dict()
    second = optim.SGD([leaf(1.0, 2.0)], lr=0.1)
    second.load_state_dict(state)
    first.step()
    assert second.state_dict()["state"][0]["momentum_buffer"].tolist() == [1, 1]


def test_a_state_of_arrays_can_be_loaded(w):
    optimizer = optim.SGD([w], lr=0.1, momentum=0.5)
    state = optimizer.state_dict()
    state["state"] = {0: {"momentum_buffer": np.array([2.0, 4.0])}}
    optimizer.load_state_dict(state)
    w.sum().backward()
    optimizer.step()
    np.testing.assert_allclose(w.tolist(), [0.8, 1.7], rtol=1e-6)
    assert w.dtype == np.float32


def test_the_repr_shows_the_groups(optimizer):
    text = repr(optimizer)
    assert text.startswith("SGD (\nParameter Group 0\n    dampening: 0\n")
    assert "    lr: 0.1\n" in text


ALL = {
    "SGD": dict(momentum=0.9, nesterov=True, weight_decay=0.1),
    "Adam": dict(amsgrad=True, weight_decay=0.1),
    "AdamW": {},
    "Adamax": {},
    "NAdam": {},
    "RAdam": dict(betas=(0.9, 0.9)),
    "Adagrad": dict(lr_decay=0.1),
    "Adadelta": {},
    "Adafactor": dict(weight_decay=0.1),
    "RMSprop": dict(momentum=0.9, centered=True),
    "Rprop": {},
    "ASGD": dict(t0=1),
    "Muon": {},
    "Lion": dict(weight_decay=0.1),
}


@pytest.fixture(params=ALL)
def each(request):
    """Makes an optimiser of each class, with options that bring out all of its state."""
    return lambda params, **options: getattr(optim, request.param)(params, **{**ALL[request.param], **options})


def driven(optimizer, parameter, gradients):
    for g in gradients:
        parameter.grad = nn.tensor(g.copy())
        optimizer.step()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_each_keeps_the_dtype_and_leaves_the_gradient_alone(each, dtype, rng):
    w = nn.ones(2, 3, dtype=dtype, requires_grad=True)
    optimizer, array = each([w], lr=np.float64(0.1)), w._array
    for _ in range(3):
        g = rng.normal(size=(2, 3)).astype(dtype)
        w.grad = nn.tensor(g.copy())
        optimizer.step()
        assert (w.grad.numpy() == g).all()
    assert w._array is array
    assert {array.dtype, *(v.dtype for v in optimizer.state[w].values() if v.ndim)} == {np.dtype(dtype)}


def test_each_carries_on_bitwise_from_its_state_in_a_file(each, rng, tmp_path):
    gradients = rng.normal(size=(6, 2, 3)).astype(np.float32)
    first = nn.tensor(rng.normal(size=(2, 3)).astype(np.float32), requires_grad=True)
    optimizer = each([first])
    driven(optimizer, first, gradients[:3])
    second = nn.tensor(first.tolist(), requires_grad=True)
    again = each([second], lr=0.5)
    nn.save(optimizer.state_dict(), tmp_path / "state")
    again.load_state_dict(nn.load(tmp_path / "state"))
    driven(optimizer, first, gradients[3:])
    driven(again, second, gradients[3:])
    assert first.tolist() == second.tolist()
    for key, value in optimizer.state[first].items():
        assert value.tolist() == again.state[second][key].tolist()


def test_each_solves_a_quadratic(each):
    w = nn.tensor([[5.0, -3.0], [1.0, 2.0]], requires_grad=True)
    optimizer = each([w])
    optimizer.param_groups[0].update(
        lr={"Adagrad": 1.0, "Adadelta": 10.0, "Adafactor": 1.0}.get(type(optimizer).__name__, 0.05), weight_decay=0
    )
    losses = []
    for _ in range(150):
        optimizer.zero_grad()
        loss = ((w - 1) ** 2).sum()
        loss.backward()
        losses.append(loss.item())
        optimizer.step()
    assert losses[-1] < losses[0] / 2


def test_each_with_rate_0_stays(each):
    w = nn.tensor([[1.0, 2.0]], requires_grad=True)
    optimizer = each([w], lr=0.0)
    driven(optimizer, w, np.ones((3, 1, 2), np.float32))
    far = 4e-6 if isinstance(optimizer, optim.Rprop) else 0  # its rate is the first step size, which has a least value
    np.testing.assert_allclose(w.tolist(), [[1, 2]], rtol=0, atol=far)


def test_each_takes_gradients_that_are_no_numbers_without_a_warning(each):
    w = nn.tensor([[1.0, 2.0, 3.0, 4.0]], requires_grad=True)
    optimizer = each([w])
    driven(optimizer, w, np.array([[[1, np.inf, np.nan, 1e38]]] * 2, np.float32))
    if not isinstance(optimizer, optim.Muon | optim.Adafactor):  # whose steps mix the elements
        assert np.isfinite(w.detach().numpy()[0, 0])


def test_each_refuses_a_negative_rate(each):
    name = type(each([nn.ones(1, 1, requires_grad=True)])).__name__
    for lr in (-0.1, float("nan")):
        with pytest.raises(ValueError, match=f"{name}: lr must be 0 or more, got {lr}"):
            each([nn.ones(1, 1, requires_grad=True)], lr=lr)


@pytest.mark.parametrize("name", ["Adam", "AdamW", "Adamax", "NAdam", "RAdam", "Lion"])
@pytest.mark.parametrize("betas", [(1.0, 0.9), (0.9, -0.1), (0.9,)])
def test_betas_are_decays_of_averages(name, betas):
    with pytest.raises(ValueError, match=rf"{name}: betas must be two numbers in \[0, 1\), got \({betas[0]}"):
        getattr(optim, name)([nn.ones(1, requires_grad=True)], betas=betas)


@pytest.mark.parametrize(
    ("name", "option", "value", "message"),
    [
        ("Adam", "eps", -1, "eps must be 0 or more, got -1"),
        ("AdamW", "weight_decay", -1, "weight_decay must be 0 or more, got -1"),
        ("NAdam", "momentum_decay", -1, "momentum_decay must be 0 or more, got -1"),
        ("Adagrad", "lr_decay", -1, "lr_decay must be 0 or more, got -1"),
        ("Adadelta", "rho", 1.5, r"rho must be in \[0, 1\], got 1.5"),
        ("RMSprop", "alpha", -1, "alpha must be 0 or more, got -1"),
        ("Rprop", "etas", (0.5, 0.9), r"etas must be one number in \(0, 1\) and one above 1, got \(0.5, 0.9\)"),
        ("ASGD", "weight_decay", -1, "weight_decay must be 0 or more, got -1"),
        ("Adafactor", "d", 0.5, "beta2_decay must be 0 or less and d at least 1, got -0.8 and 0.5"),
        ("Adafactor", "weight_decay", -1, "weight_decay must be 0 or more, got -1"),
        ("Muon", "momentum", -1, "momentum must be 0 or more, got -1"),
        ("Muon", "adjust_lr_fn", "rms", "adjust_lr_fn must be original, match_rms_adamw or None, got 'rms'"),
        ("Muon", "ns_coefficients", (1, 2), r"ns_coefficients must be three numbers, got \(1, 2\)"),
        ("Muon", "ns_steps", 100, "ns_steps must be less than 100, got 100"),
    ],
)
def test_options_out_of_range(name, option, value, message):
    with pytest.raises(ValueError, match=f"{name}: {message}"):
        getattr(optim, name)([nn.ones(1, 1, requires_grad=True)], **{option: value})


def test_named_parameters_keep_their_names():
    model = nn.Linear(2, 1)
    optimizer = optim.Adam(model.named_parameters())
    assert optimizer.state_dict()["param_groups"][0]["param_names"] == ["weight", "bias"]
    assert optimizer.param_groups[0]["params"] == list(model.parameters())
    with pytest.raises(ValueError, match=r"Adam: give all groups with names \(model.named_parameters\(\)\), or none"):
        optimizer.add_param_group({"params": [leaf(1.0)]})


def test_a_saved_state_takes_the_parameter_s_dtype_but_for_the_count(w):
    optimizer = optim.Adam([w])
    averages = dict(exp_avg=np.ones(2), exp_avg_sq=np.ones(2))
    state = {**optimizer.state_dict(), "state": {0: {"step": np.array(3.0), **averages}}}
    optimizer.load_state_dict(state)
    assert [v.dtype.name for v in optimizer.state[w].values()] == ["float64", "float32", "float32"]


def test_a_subclass_of_one_s_own_may_write_the_step(w):
    class Decay(optim.Optimizer):
        def __init__(self, params, factor):
            super().__init__(params, dict(factor=factor))

        @nn.no_grad()
        def step(self, closure=None):
            for group in self.param_groups:
                for p in group["params"]:
                    p.mul_(group["factor"])

    Decay([w], 0.5).step()
    assert w.tolist() == [0.5, 1]


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ([], ValueError, "SGD: params is empty"),
        (nn.ones(1, requires_grad=True), TypeError, "SGD: params must be a list of tensors, got a single tensor; pass"),
        ([1.0], TypeError, "SGD: parameter 0 must be a tensor, got float"),
        ([nn.ones(1, requires_grad=True) * 2], ValueError, "SGD: parameter 0 was computed from other tensors"),
        ([{"lr": 1.0}], (ValueError, KeyError), "params"),
    ],
)
def test_messages(params, error, message):
    with pytest.raises(error, match=message):
        optim.SGD(params, lr=0.1)


def test_a_parameter_given_twice(w):
    for params in ([w, w], [{"params": [w]}, {"params": [w]}]):
        with pytest.raises(ValueError, match=r"SGD: parameter \d is given twice"):
            optim.SGD(params, lr=0.1)


def test_a_refused_group_leaves_the_optimiser_as_it_was(optimizer, w):
    with pytest.raises(ValueError, match="given twice"):
        optimizer.add_param_group({"params": [w]})
    assert len(optimizer.param_groups) == 1


def test_a_state_of_other_groups_is_refused(optimizer):
    other = optim.SGD([leaf(1.0), leaf(2.0)], lr=0.1)
    with pytest.raises(ValueError, match=r"SGD: the saved groups have \[2\] parameters, this optimiser has \[1\]"):
        optimizer.load_state_dict(other.state_dict())


def test_the_base_class_updates_nothing():
    w = leaf(1.0)
    w.sum().backward()
    with pytest.raises(NotImplementedError):
        optim.Optimizer([w], {}).step()


WAYS = {"foreach": False, "fused": None, "capturable": False, "differentiable": False}


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam",
                                  "Rprop", "ASGD"])  # fmt: skip
def test_how_pytorch_computes_a_step_has_no_effect(name):
    ends = []
    for ways in ({}, WAYS):
        w = nn.tensor([1.0, -2.0], requires_grad=True)
        optimizer = getattr(nn.optim, name)([w], lr=0.1, **ways)
        (w**2).sum().backward()
        optimizer.step()
        ends.append(w.tolist())
    assert ends[0] == ends[1]
    with pytest.raises(TypeError, match=f"{name}: got an unexpected keyword argument 'forech'"):
        getattr(nn.optim, name)([w], lr=0.1, forech=True)


@pytest.mark.parametrize("name", ["SGD", "LBFGS"])
def test_hooks_run_before_and_after_a_step(name):
    w = nn.ones(1, requires_grad=True)
    optimizer, calls = getattr(nn.optim, name)([w], lr=0.1), []
    before = optimizer.register_step_pre_hook(lambda o, args, _: calls.append(("before", o is optimizer, len(args))))
    optimizer.register_step_post_hook(lambda o, args, kwargs: calls.append(("after", w.item() < 1)))

    def closure():
        optimizer.zero_grad()
        loss = (w**2).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    assert calls == [("before", True, 1), ("after", True)]
    before.remove()
    optimizer.step(closure)
    assert [call[0] for call in calls] == ["before", "after", "after"]


def test_a_hook_may_change_the_arguments():
    w = nn.ones(1, requires_grad=True)
    optimizer = nn.optim.SGD([w], lr=0.1)
    optimizer.register_step_pre_hook(lambda o, args, kwargs: ((lambda: 7,), {}))
    assert optimizer.step() == 7
