"""Nothing that is used and dropped waits for the garbage collector: tensors, modules and nodes are freed at once."""

import contextlib
import copy
import doctest
import gc
import importlib
import io
import pickle
import types
import warnings
from pathlib import Path

import numpy as np
import pytest

import nn
from nn.autograd.tape import Node, TensorBase

ROOT = Path(__file__).resolve().parent.parent
OURS = (TensorBase, Node, nn.Module, nn.optim.Optimizer, nn.Generator, np.ndarray)
SKIPPED = (
    "nn.einops", "nn.fixtures", "nn.cli", "nn.commands", "nn.safetensors",
    "nn.compat",  # whose examples put PyTorch's names in place for the whole process
    "nn.training", "nn.tuning.unfreezing",  # a Trainer and what it runs hold each other, and are made once
)  # fmt: skip
MODULES = [
    name
    for path in sorted((ROOT / "nn").rglob("*.py"))
    if not (name := ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")).startswith(
        SKIPPED
    )
]


def cycles(use):
    """What `use` leaves behind for the garbage collector: objects of ours, and functions defined in ours."""
    gc.collect()
    gc.disable()
    try:
        use()
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        return sorted({_named(thing) for thing in gc.garbage if _is_ours(thing)})
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


def _is_ours(thing):
    if isinstance(thing, types.FunctionType):
        return (thing.__module__ or "").split(".")[0] == "nn" and "<locals>" in thing.__qualname__
    return isinstance(thing, OURS)


def _named(thing):
    return getattr(thing, "__qualname__", type(thing).__name__)


def left_by(use):
    """As `cycles`, of a second use: the first one may import and fill what is kept for good."""
    return cycles(use) and cycles(use)


def run_examples(test):
    """Run the examples of a docstring, also those that end with an error."""
    names = {"__name__": "example"}
    for example in test.examples:
        with contextlib.suppress(Exception), contextlib.redirect_stdout(io.StringIO()):
            exec(compile(example.source, test.name, "single"), names)
    names.clear()


def test_a_cycle_is_found():
    def cycle():
        x = nn.ones(2)
        x.me = x

    assert left_by(cycle) == ["Tensor"]


@pytest.mark.slow
@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_file_leave_no_cycle(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(name)
    tests = [test for test in doctest.DocTestFinder(exclude_empty=True).find(module, name) if test.examples]
    gc.collect()
    gc.freeze()  # what is there already is not looked through again for each example
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            left = {test.name: found for test in tests if (found := left_by(lambda test=test: run_examples(test)))}
    finally:
        gc.unfreeze()
    assert left == {}


def model():
    return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.utils.weight_norm(nn.Linear(4, 2)))


X = nn.ones(5, 3)
NET = model()
NET(X).sum().backward()
STATE = {name: value.clone() for name, value in NET.state_dict().items()}


def refused(call):
    with contextlib.suppress(Exception):
        call()


METHODS = {
    "add_module": lambda: model().add_module("more", nn.Tanh()),
    "apply": lambda: NET.apply(lambda part: None),
    "buffers": lambda: list(NET.buffers()),
    "children": lambda: list(NET.children()),
    "cpu": lambda: model().cpu(),
    "cuda": lambda: refused(lambda: model().cuda()),
    "double": lambda: model().double(),
    "eval": lambda: model().eval(),
    "extra_repr": lambda: NET.extra_repr(),
    "float": lambda: NET.float(),
    "forward": lambda: NET.forward(X),
    "get_buffer": lambda: refused(lambda: NET.get_buffer("none")),
    "get_extra_state": lambda: refused(NET.get_extra_state),
    "get_parameter": lambda: NET.get_parameter("0.weight"),
    "get_submodule": lambda: NET.get_submodule("0"),
    "graph_nodes": lambda: NET.graph_nodes(X),
    "half": lambda: model().half(),
    "load_state_dict": lambda: (NET.load_state_dict(STATE), NET.load_state_dict({}, strict=False)),
    "modules": lambda: list(NET.modules()),
    "named_buffers": lambda: list(NET.named_buffers()),
    "named_children": lambda: list(NET.named_children()),
    "named_modules": lambda: (list(NET.named_modules()), next(NET.named_modules())),
    "named_parameters": lambda: (list(NET.named_parameters()), next(NET.named_parameters(remove_duplicate=False))),
    "parameters": lambda: list(NET.parameters()),
    "register_buffer": lambda: model().register_buffer("b", nn.ones(1)),
    "register_forward_hook": lambda: hooked("register_forward_hook"),
    "register_forward_pre_hook": lambda: hooked("register_forward_pre_hook"),
    "register_full_backward_hook": lambda: hooked("register_full_backward_hook"),
    "register_full_backward_pre_hook": lambda: hooked("register_full_backward_pre_hook"),
    "register_load_state_dict_post_hook": lambda: hooked("register_load_state_dict_post_hook"),
    "register_load_state_dict_pre_hook": lambda: hooked("register_load_state_dict_pre_hook"),
    "register_module": lambda: model().register_module("more", nn.Tanh()),
    "register_parameter": lambda: model().register_parameter("p", nn.Parameter(nn.ones(1))),
    "register_state_dict_post_hook": lambda: hooked("register_state_dict_post_hook"),
    "register_state_dict_pre_hook": lambda: hooked("register_state_dict_pre_hook"),
    "requires_grad_": lambda: model().requires_grad_(False),
    "set_extra_state": lambda: refused(lambda: NET.set_extra_state({})),
    "state_dict": lambda: NET.state_dict(),
    "to_empty": lambda: model().to_empty(device="cpu"),
    "to": lambda: model().to(nn.float64),
    "train": lambda: model().train(),
    "zero_grad": lambda: model().zero_grad(),
}


def hooked(kind):
    net = model()
    handles = [getattr(part, kind)(lambda *args: None) for part in net.modules()]
    net(X.clone().requires_grad_()).sum().backward()
    net.load_state_dict(net.state_dict())
    for handle in handles[::2]:
        handle.remove()


def test_every_method_of_a_module_is_among_the_cases():
    public = {name for name in dir(nn.Module) if not name.startswith("_") and callable(getattr(nn.Module, name))}
    assert public - set(METHODS) == set()


@pytest.mark.parametrize("name", METHODS)
def test_a_method_of_a_module_leaves_no_cycle(name):
    assert left_by(METHODS[name]) == []


OPTIMIZERS = sorted(
    name
    for name, kind in vars(nn.optim).items()
    if isinstance(kind, type) and issubclass(kind, nn.optim.Optimizer) and kind is not nn.optim.Optimizer
)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimiser_leaves_no_cycle(name):
    def train():
        w = nn.ones(2, 2, requires_grad=True)
        optimizer = getattr(nn.optim, name)([w], lr=0.1)
        handles = [optimizer.register_step_pre_hook(print)] if hasattr(optimizer, "register_step_pre_hook") else []
        for handle in handles:
            handle.remove()

        def closure():
            optimizer.zero_grad()
            loss = (w * w).sum()
            loss.backward()
            return loss

        optimizer.step(closure)
        optimizer.load_state_dict(optimizer.state_dict())
        optimizer.add_param_group({"params": [nn.ones(1, 1, requires_grad=True)]})
        repr(optimizer)
        schedule = nn.optim.lr_scheduler.StepLR(optimizer, 1)
        schedule.step()
        schedule.load_state_dict(schedule.state_dict())

    assert left_by(train) == []


USES = {
    "deepcopy": lambda: copy.deepcopy(NET),
    "pickle": lambda: pickle.loads(pickle.dumps(NET)),
    "clip by norm": lambda: nn.utils.clip_grad_norm_(NET.parameters(), 1.0),
    "clip by value": lambda: nn.utils.clip_grad_value_(NET.parameters(), 1.0),
    "average": lambda: nn.optim.swa_utils.AveragedModel(model()).update_parameters(model()),
    "checkpoint": lambda: nn.utils.checkpoint.checkpoint(NET, X.clone().requires_grad_()).sum().backward(),
    "functional_call": lambda: nn.func.grad(lambda named: nn.func.functional_call(NET, named, X).sum())(
        {name: p.detach() for name, p in NET.named_parameters()}
    ),
    "nested transforms": lambda: nn.func.hessian(lambda x: nn.func.jvp(nn.exp, (x,), (x,))[1].sum())(X[0]),
    "second order": lambda: nn.grad(nn.grad(NET(X).square().sum(), NET[0].weight, create_graph=True)[0].sum(),
                                    NET[0].weight),
    "hook of a tensor": lambda: [w := nn.ones(2, requires_grad=True), w.register_hook(lambda g: g), w.sum().backward()],
    "retain_grad": lambda: [h := nn.ones(2, requires_grad=True) * 2, h.retain_grad(), h.sum().backward()],
    "loader": lambda: list(nn.data.DataLoader(nn.data.TensorDataset(X), 2, shuffle=True, num_workers=2)),
    "loader left early": lambda: next(iter(nn.data.DataLoader(nn.data.TensorDataset(X), 2, num_workers=2))),
    "anomaly": lambda: nn.detect_anomaly(lambda: NET(X).sum().backward())(),
    "wrong shapes": lambda: refused(lambda: NET(nn.ones(2, 9))),
    "wrong state": lambda: refused(lambda: NET.load_state_dict({"a": X})),
    "backward twice": lambda: [loss := NET(X).square().sum(), loss.backward(), refused(loss.backward)],
    "summary": lambda: repr(nn.summary(NET, (5, 3))),
    "lstm": lambda: nn.LSTM(3, 2)(X[None])[0].sum().backward(),
    "transformer": lambda: nn.Transformer(4, 2, 1, 1, 8)(nn.ones(2, 1, 4), nn.ones(2, 1, 4)).sum().backward(),
    "lazy": lambda: nn.LazyLinear(2)(X).sum().backward(),
    "chain of products": lambda: nn.linalg.multi_dot([nn.ones(2, 3), nn.ones(3, 4), nn.ones(4, 2)]),
}  # fmt: skip


@pytest.mark.parametrize("name", USES)
def test_a_use_leaves_no_cycle(name):
    assert left_by(USES[name]) == []
