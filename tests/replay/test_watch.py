"""What a replay could get wrong in silence: each is followed, or noticed, or said in one warning."""

import itertools

import numpy as np
import pytest

import nn
from nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.norm, self.second = nn.Linear(3, 5), nn.BatchNorm1d(5), nn.Linear(5, 2)
        self.factor = 1.0

    def forward(self, x):
        return self.second(F.dropout(self.norm(self.first(x)).relu(), 0.2, self.training)) * self.factor


def training(net, **options):
    optimizer = nn.optim.SGD(net.parameters(), **{"lr": 0.1, **options})

    def step(x, y):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return step, optimizer


class Twins:
    """One training twice: eager and captured, from the same seed."""

    def __init__(self, build=training, **options):
        self.runs = []
        for captured in (False, True):
            nn.manual_seed(0)
            net = Net()
            step, optimizer = build(net, **options)
            self.runs.append([net, optimizer, nn.capture(step) if captured else step, nn.get_rng_state()])
        self.r = np.random.default_rng(5)

    def step(self, count=1, rows=4, change=None):
        """Step both, and compare all there is; `change` is made to each before."""
        for _ in range(count):
            x = nn.tensor(self.r.normal(size=(rows, 3)).astype(np.float32))
            y, results = nn.tensor(self.r.integers(2, size=rows)), []
            for run in self.runs:
                nn.set_rng_state(run[3])
                if change is not None:
                    change(run[0], run[1])
                results.append(run[2](x, y).item())
                run[3] = nn.get_rng_state()
            assert results[0] == results[1]
            one, other = self.runs[0][0], self.runs[1][0]
            for (name, p), (_, q) in zip(one.state_dict().items(), other.state_dict().items(), strict=True):
                assert p.numpy().tobytes() == q.numpy().tobytes(), name
            for p, q in zip(one.parameters(), other.parameters(), strict=True):
                assert (p.grad is None) == (q.grad is None)
                assert p.grad is None or p.grad.numpy().tobytes() == q.grad.numpy().tobytes()

    @property
    def captured(self):
        return self.runs[1][2]

    def programs(self):
        assert self.captured.reason is None
        return int(repr(self.captured).split(": ")[1].split()[0])


# -- followed, or noticed ---------------------------------------------------------------------------------------------
CHANGES = {
    "a rate set by hand": (lambda net, o: o.param_groups[0].update(lr=o.param_groups[0]["lr"] * 0.9), 1),
    "numbers copied into a parameter": (lambda net, o: net.first.weight.data.copy_(net.first.weight.data * 2), 1),
    "a loaded state": (lambda net, o: net.load_state_dict({k: v + 1 for k, v in net.state_dict().items()}), 1),
    "another seed": (lambda net, o: nn.manual_seed(9), 1),
    "gradients dropped": (lambda net, o: o.zero_grad(), 1),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_values_is_followed_by_the_same_program(name):
    change, programs = CHANGES[name]
    twins = Twins()
    twins.step(3)
    twins.step(3, change=change)
    assert twins.programs() == programs


ONCE = {
    "evaluation": lambda net, o: net.eval(),
    "a frozen parameter": lambda net, o: net.first.weight.requires_grad_(False),
    "another array": lambda net, o: setattr(net.first.weight, "data", net.first.weight.data + 1),
    "another layer": lambda net, o: setattr(net, "second", nn.Linear(5, 2)),
    "another number": lambda net, o: setattr(net, "factor", 3.0),
    "another decay": lambda net, o: o.param_groups[0].update(weight_decay=0.5),
    "momentum": lambda net, o: o.param_groups[0].update(momentum=0.9),
    "another state": lambda net, o: o.load_state_dict(o.state_dict()),
    "a number behind the module's back": lambda net, o: vars(net).update(factor=2.0),
    "a layer less": lambda net, o: setattr(net, "norm", nn.Identity()),
}


@pytest.mark.parametrize("name", ONCE)
def test_a_change_of_the_program_is_noticed(name):
    twins = Twins()
    twins.step(3)
    twins.step(1, change=ONCE[name])
    twins.step(4)
    assert twins.captured.reason is None


EQUAL = {
    "parameter": lambda layer, o: setattr(layer, "weight", nn.Parameter(layer.weight.detach().clone())),
    "array": lambda layer, o: setattr(layer.weight, "data", layer.weight.data.clone()),
    "state": lambda layer, o: o.load_state_dict(o.state_dict()),
    "group": lambda layer, o: o.param_groups[0].update(params=[layer.weight]),
}


@pytest.mark.parametrize("name", EQUAL)
def test_an_equal_one_is_another_one(name):
    """Of one element, where equality says no more than a number does."""
    results = []
    for captured in (False, True):
        layer = nn.Linear(1, 1, bias=False)
        nn.init.ones_(layer.weight)
        optimizer = nn.optim.Adam(layer.parameters(), lr=0.1)

        def step(x, layer=layer, optimizer=optimizer):
            optimizer.zero_grad()
            loss = (layer(x) ** 2).mean()
            loss.backward()
            optimizer.step()
            return loss

        call, found = nn.capture(step) if captured else step, []
        for number in range(16):
            if number in (5, 11):
                with nn.no_grad():
                    layer.weight.fill_(1.0)
                EQUAL[name](layer, optimizer)
            found.append(call(nn.ones(2, 1)).item())
            found += [layer.weight.item(), None if layer.weight.grad is None else layer.weight.grad.item()]
        results.append(found)
    assert results[0] == results[1]


def test_training_and_evaluation_each_keep_their_program():
    twins = Twins()
    for training in (True, False, True, False, True):
        twins.step(3, change=lambda net, o, mode=training: net.train(mode))
    assert twins.programs() == 2


def test_batches_of_another_size_have_a_program_of_their_own():
    twins = Twins()
    for rows in (4, 4, 4, 3, 3, 3, 4, 3):
        twins.step(1, rows=rows)
    assert twins.programs() == 2


def test_gradients_may_be_accumulated_over_steps():
    def build(net, **options):
        def step(x, y):
            loss = F.cross_entropy(net(x), y)
            loss.backward()
            return loss

        return step, nn.optim.SGD(net.parameters())

    twins = Twins(build)
    for drop in (True, False, False, True, True, False, False, False, True):
        twins.step(1, change=lambda net, o, drop=drop: o.zero_grad() if drop else None)


def test_a_variable_of_the_step_is_no_constant():
    factor = 1.0

    def build(net, **options):
        optimizer = nn.optim.Adam(net.parameters())

        def step(x, y):
            optimizer.zero_grad()
            loss = F.cross_entropy(net(x), y) * factor
            loss.backward()
            optimizer.step()
            return loss

        return step, optimizer

    twins = Twins(build)
    twins.step(4)
    factor = 0.25
    twins.step(4)
    assert twins.programs() == 2


def test_what_the_step_looks_up_is_watched_by_name_and_bit_for_bit():
    options, flags, factors = {"double": True}, {"shift"}, [0.0]

    def step(x):
        y = x * 2 if "double" in options else x
        y = y + 1 if "shift" in flags else y
        return y * factors[0]

    captured, x = nn.capture(step), nn.tensor([1.0, -3.0])

    def same():
        for _ in range(4):
            assert captured(x).numpy().tobytes() == step(x).numpy().tobytes()

    same()
    factors[0] = -0.0
    same()
    factors[0] = 1.0
    same()
    options["single"] = options.pop("double")
    same()
    flags.clear()
    same()
    assert captured.reason is None


def test_an_argument_of_minus_zero_is_another_one():
    captured, x = nn.capture(lambda x, factor: x * factor), nn.ones(2)
    for factor in (0.0, 0.0, 0.0, -0.0, -0.0, -0.0, 0.0):
        assert np.signbit(captured(x, factor).numpy()).all() == np.signbit(factor)


def test_a_branch_on_values_is_taken_as_the_values_say():
    weight = nn.zeros(1, requires_grad=True)

    @nn.capture
    def step(x):
        weight.grad = None
        total = weight.sum() + x.sum()
        loss = (weight - 1).square().sum() if total > 0 else weight.sum() * 3
        loss.backward()
        return loss

    slopes = []
    for value in (1.0, 1.0, 1.0, -1.0, -1.0, -1.0, 1.0, -1.0):
        step(nn.tensor([value]))
        slopes.append(weight.grad.item())
    assert slopes == [-2.0, -2.0, -2.0, 3.0, 3.0, 3.0, -2.0, 3.0]
    assert step.reason is None


def test_a_decision_that_turns_leaves_no_trace_of_the_replay_that_met_it():
    """An ignored class makes cross_entropy decide otherwise, after BatchNorm and dropout have changed their states."""
    twins = Twins()
    twins.step(3)
    for run in twins.runs:
        nn.set_rng_state(run[3])
        run[2](nn.ones(4, 3), nn.tensor([0, 1, -100, 1]))
        run[3] = nn.get_rng_state()
    twins.step(2)


def test_an_error_of_the_step_is_raised_and_nothing_has_changed():
    twins = Twins()
    twins.step(3)
    before = {k: v.clone() for k, v in twins.runs[1][0].state_dict().items() if "running" not in k and "num" not in k}
    with pytest.raises(IndexError, match="class index 7 is out of range"):
        twins.captured(nn.ones(4, 3), nn.tensor([0, 1, 7, 1]))
    after = twins.runs[1][0].state_dict()
    assert all((after[k] == v).all() for k, v in before.items())


# -- what is handed out belongs to the caller -------------------------------------------------------------------------
def test_results_and_gradients_that_are_kept_stay_as_they_were():
    twins = Twins()
    kept = []
    x, y = nn.ones(4, 3), nn.tensor([0, 1, 0, 1])
    net, _, step, _ = twins.runs[1]
    for _ in range(6):
        loss = step(x, y)
        kept.append((loss, loss.item(), net.first.weight.grad, net.first.weight.grad.tolist()))
    views = net.second.weight.grad.numpy()
    values = views.copy()
    step(x, y)
    step(x, y)
    assert (views == values).all()
    assert all(loss.item() == value and grad.tolist() == numbers for loss, value, grad, numbers in kept)
    assert len({value for _, value, _, _ in kept}) > 3


def test_whoever_keeps_a_gradient_after_many_replays_keeps_its_values():
    """As a tensor, as an array, as a view; also when it was taken from the parameter before the next step."""
    for drop in (False, True):
        for keep in (lambda g: g, lambda g: g.numpy(), lambda g: g[0], lambda g: g.detach()):
            twins = Twins()
            twins.step(5)
            net, optimizer, step, _ = twins.runs[1]
            kept = keep(net.second.weight.grad)
            values = kept.tolist()
            if drop:
                optimizer.zero_grad()
            for _ in range(3):
                step(nn.ones(4, 3), nn.tensor([0, 1, 0, 1]))
            assert kept.tolist() == values


def test_a_graph_that_a_replay_has_changed_under_it_refuses_its_backward():
    twins = Twins()
    twins.step(3)
    net = twins.runs[1][0]
    square = (net.first.weight**2).sum()
    twins.step(1)
    with pytest.raises(nn.GradError, match="pow"):
        square.backward()


# -- said in one warning ----------------------------------------------------------------------------------------------
def refused(body, *args):
    """The warning of a step that is made of `body`, which then runs as it is."""
    weight = nn.ones(2, requires_grad=True)

    def step(*given):
        weight.grad = None
        return body(weight, *given)

    captured = nn.capture(step)
    with pytest.warns(nn.CaptureWarning) as seen:
        [captured(*args) for _ in range(8)]
    (warning,) = seen
    assert str(warning.message).startswith("capture: step is not replayed and runs as it is: ")
    assert warning.filename == __file__
    assert "not replayed" in repr(captured)
    return str(warning.message)


def test_a_value_that_leaves_the_tape_is_named_with_its_line():
    def body(weight):
        value = (weight * 2).sum()
        return value.item()

    line = body.__code__.co_firstlineno + 2
    assert f"test_watch.py:{line}: item takes values out of the tape" in refused(body)
    for leave in (lambda w: w.detach().numpy().sum(), lambda w: w.tolist(), lambda w: np.sin(np.asarray(w.detach()))):
        assert "takes values out of the tape" in refused(leave)


def test_an_array_from_outside_is_refused():
    numbers = itertools.count()
    message = refused(lambda w: (w * nn.tensor(np.full(2, next(numbers), np.float32))).sum().detach())
    assert "no op has made" in message


def test_numbers_that_change_at_every_call_are_refused():
    numbers = iter(range(100))
    message = refused(lambda w: (w.detach() * next(numbers)).sum())
    assert "something else than before" in message


def test_what_the_step_changes_in_python_is_named():
    losses = []
    assert "the step itself changes losses" in refused(lambda w: losses.append(w.detach().sum()))

    class Counting(nn.Module):
        seen = 0

        def forward(self, w):
            self.seen += 1
            return w.detach() * 2

    counting = Counting()
    assert "the step itself changes Counting.seen" in refused(counting)


def test_hooks_are_refused():
    layer = nn.Linear(2, 1)
    layer.register_forward_hook(lambda *_: None)
    assert "a hook of Linear is called" in refused(lambda w: layer(w.detach()).detach())


def test_a_change_that_is_no_op_is_noticed():
    layer = nn.utils.spectral_norm(nn.Linear(2, 2))
    assert "changes" in refused(lambda w: layer(w.detach()).detach())


def test_results_with_a_history_are_refused():
    assert "a result still has a history" in refused(lambda w: (w * 2).sum())


def test_arguments_stay_the_callers():
    assert "add changes an argument in place" in refused(lambda w, x: x.add_(1), nn.ones(2))
    assert "an argument requires gradients" in refused(lambda w, x: x.sum(), nn.ones(2, requires_grad=True))


def test_a_captured_step_within_another_is_part_of_it():
    inner = nn.capture(lambda x: (x * 2).detach())
    outer = nn.capture(lambda x: inner(x) + 1)
    assert [outer(nn.tensor([float(i)])).item() for i in range(4)] == [1.0, 3.0, 5.0, 7.0]
    assert repr(outer) == "captured <lambda>: 1 program; 2 calls, 3 arrays, 12 bytes"


def test_a_step_of_a_script_is_found_though_its_name_is_that_of_a_method():
    """At the top of a script the step's own name is a global, and `optimizer.step` names it."""
    script = """
import nn
model = nn.Linear(2, 1)
optimizer = nn.optim.SGD(model.parameters(), lr=0.1)

@nn.capture
def step(x):
    optimizer.zero_grad()
    loss = model(x).square().mean()
    loss.backward()
    optimizer.step()
    return loss

losses = [step(nn.ones(4, 2)).item() for _ in range(5)]
"""
    names = {"__name__": "script"}
    exec(compile(script, "script.py", "exec"), names)
    assert names["step"].reason is None
    assert sorted(names["losses"], reverse=True) == names["losses"]
    assert "1 program" in repr(names["step"])


def test_without_gradients_a_model_can_be_replayed():
    net = Net().eval()

    @nn.capture
    @nn.no_grad()
    def predict(x):
        return {"logits": net(x), "classes": net(x).argmax(1)}

    for i in range(5):
        x = nn.full((2, 3), float(i))
        found = predict(x)
        with nn.no_grad():
            assert (found["logits"] == net(x)).all()
            assert (found["classes"] == net(x).argmax(1)).all()
    assert predict.reason is None
