"""watch logs what one computes by hand, and leaves the training bit for bit as it was."""

from importlib import import_module

import numpy as np
import pytest

import nn
from nn.autograd.mode import mode
from nn.training import Trainer, watch
from tbwriter import SummaryWriter, read_events


class Book:
    """A writer in memory: {tag: {step: value}}."""

    def __init__(self):
        self.scalars, self.histograms = {}, {}

    def add_scalar(self, tag, value, step):
        self.scalars.setdefault(tag, {})[step] = value

    def add_histogram(self, tag, values, step):
        self.histograms.setdefault(tag, {})[step] = np.array(values)


def net():
    nn.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 4), nn.Tanh(), nn.Linear(4, 1))


def data(n=5):
    rng = np.random.default_rng(0)
    return [tuple(nn.tensor(rng.normal(size=(6, k)).astype(np.float32)) for k in (3, 1)) for _ in range(n)]


def trained(model, steps, zero_first=True):
    optimizer, losses = nn.optim.SGD(model.parameters(), lr=0.1), []
    for x, y in steps:
        if zero_first:
            optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        if not zero_first:
            optimizer.zero_grad()
        losses.append(loss.item())
        model.eval()
        model(x)  # neither this nor a forward without gradients is a step
        model.train()
        with nn.no_grad():
            model(x)
    return losses


@pytest.mark.parametrize("zero_first", [True, False])
def test_what_is_logged_is_what_one_computes_by_hand(zero_first):
    book, model, by_hand = Book(), net(), net()
    with watch(model, book, every=2):
        losses = trained(model, data(), zero_first)
    expected, optimizer = [], nn.optim.SGD(by_hand.parameters(), lr=0.1)
    for step, (x, y) in enumerate(data()):
        before = {name: p.detach().numpy().copy() for name, p in by_hand.named_parameters()}
        optimizer.zero_grad()
        outputs = [x]
        for layer in by_hand:
            outputs.append(layer(outputs[-1]))
        loss = nn.functional.mse_loss(outputs[-1], y)
        loss.backward()
        optimizer.step()
        expected.append(loss.item())
        if step % 2:
            continue
        norms = []
        for name, p in by_hand.named_parameters():
            norms.append(np.linalg.norm(p.grad.numpy()))
            change = np.linalg.norm(p.detach().numpy() - before[name]) / np.linalg.norm(before[name])
            assert book.scalars[f"gradient_norm/{name}"][step] == pytest.approx(norms[-1], rel=1e-5)
            assert book.scalars[f"update_to_weight/{name}"][step] == pytest.approx(change, rel=1e-5)
            assert np.array_equal(book.histograms[f"gradients/{name}"][step], p.grad.numpy())
            assert np.array_equal(book.histograms[f"weights/{name}"][step], before[name])
        assert book.scalars["gradient_norm/all"][step] == pytest.approx(np.linalg.norm(norms), rel=1e-5)
        for i, output in enumerate(outputs[1:]):
            assert np.array_equal(book.histograms[f"activations/{i}"][step], output.detach().numpy())
        relu, tanh = outputs[2].detach().numpy(), outputs[4].detach().numpy()
        assert book.scalars["dead/1"][step] == (relu == 0).all(axis=0).mean()
        assert book.scalars["saturated/3"][step] == (np.abs(tanh) >= 0.99).mean()
    assert losses == expected
    assert {step for tag in book.scalars.values() for step in tag} == {0, 2, 4}
    assert set(book.scalars) == {
        *(f"{kind}/{name}" for name, _ in model.named_parameters() for kind in ("gradient_norm", "update_to_weight")),
        "gradient_norm/all", "dead/1", "saturated/3",
    }  # fmt: skip


def test_the_model_is_left_as_it_was():
    model = net()
    watch(model, Book(), every=1).close()
    with watch(model, Book(), every=1):
        model(data()[0][0])
    assert not any(hooks for part in model.modules() for hooks in part._hooks.values())
    assert trained(model, data()) == trained(net(), data())


class Block(nn.Module):
    """Activations that are called as functions, in a module with parts and in one without."""

    def __init__(self, inner=None):
        super().__init__()
        self.weight = nn.Parameter(nn.tensor([[1.0, -1.0, 1.0], [1.0, -1.0, -1.0]]))
        self.inner = inner

    def forward(self, x):
        x = nn.functional.relu(x @ self.weight)
        return x if self.inner is None else nn.functional.relu(-self.inner(nn.tanh(100 * x))).sigmoid()


def test_activations_that_are_called_as_functions_are_seen():
    book, model = Book(), Block(nn.Sequential(nn.Linear(3, 2), Block()))
    x = nn.tensor([[1.0, 2.0], [3.0, 1.0]])
    with watch(model, book):
        model(x).sum().backward()
        nn.functional.relu(x @ model.weight)  # of no module: it belongs to the loss, or to nothing
    first = np.maximum(x.numpy() @ model.weight.detach().numpy(), 0)
    assert first[:, 1:].tolist() == [[0, 0], [0, 2]]
    assert {tag for tag in book.histograms if tag.startswith("act")} == {
        f"activations/{name}" for name in ("F.relu", "F.tanh", "F.relu_2", "F.sigmoid", "inner.0", "inner.1")
    }
    assert np.array_equal(book.histograms["activations/F.relu"][0], first)
    assert np.array_equal(book.histograms["activations/F.tanh"][0], np.tanh(np.float32(100) * first))
    assert book.scalars["dead/F.relu"] == {0: 1 / 3}
    assert book.scalars["saturated/F.tanh"] == {0: 0.5}
    assert {"dead/F.relu_2", "dead/inner.1", "saturated/F.sigmoid"} < set(book.scalars)


def test_a_model_without_parts_is_seen_and_a_step_that_fails_leaves_no_trace():
    book, model = Book(), Block()
    with watch(model, book, every=1):
        with pytest.raises(ValueError, match="matmul"):
            model(nn.ones(1, 5))
        assert mode.watcher is None
        model(nn.ones(1, 2)).sum().backward()
    assert book.scalars["dead/Block"] == {1: 2 / 3}
    assert mode.grad is True


def test_two_that_watch_and_one_that_looks_for_anomalies_see_the_same():
    first, second, model = Book(), Book(), Block(nn.Linear(3, 3))
    with watch(model, first), watch(model, second), nn.detect_anomaly():
        model(nn.ones(2, 2)).sum().backward()
        model(nn.ones(2, 2)).sum().backward()
    assert first.scalars == second.scalars
    assert "dead/F.relu_2" in first.scalars
    assert (mode.watcher, mode.grad) == (None, True)


def test_saturated_and_dead_units_are_found():
    book = Book()
    parts = [nn.Sigmoid(), nn.Tanh(), nn.Hardtanh(), nn.Hardsigmoid(), nn.ReLU6(), nn.ReLU()]
    x = nn.tensor([[-100.0, 0.5, 100.0, -100.0]], requires_grad=True)
    for part in parts:
        model = nn.Sequential(part)
        with watch(model, book, every=1, step=lambda part=part: parts.index(part)):
            model(x)
    assert book.scalars == {
        "saturated/0": {0: 0.75, 1: 0.75, 2: 0.75, 3: 0.75, 4: 0.25},
        "dead/0": {4: 0.5, 5: 0.5},
    }


@pytest.mark.parametrize(("shape", "axis"), [((6, 4), 1), ((2, 4, 3, 3), 1), ((2, 5, 4), 2)])
def test_a_unit_is_a_channel_or_a_feature(shape, axis, rng):
    book, model = Book(), nn.Sequential(nn.ReLU())
    x = np.moveaxis(np.abs(rng.normal(size=shape)) + 0.1, axis, 0).copy()
    x[:3] *= -1
    with watch(model, book):
        model(nn.tensor(np.moveaxis(x, 0, axis).copy()))
    assert book.scalars == {"dead/0": {0: 0.75}}


@pytest.mark.parametrize("only_steps", [True, False])
def test_it_goes_with_the_trainer_and_with_a_real_writer(only_steps, tmp_path):
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = net()

        def training_step(self, batch, batch_idx):
            return nn.functional.mse_loss(self.body(batch[0]) if only_steps else self(batch[0]), batch[1])

        def configure_optimizers(self):
            return nn.optim.SGD(self.parameters(), lr=0.1)

    if not only_steps:
        Model.forward = lambda self, x: self.body(x)
    model = Model()
    trainer = Trainer(4, enable_checkpointing=False, enable_progress_bar=False)
    with SummaryWriter(str(tmp_path)) as writer, watch(model, writer, every=5, step=lambda: trainer.global_step):
        trainer.fit(model, data())
    seen = {(v.tag, event.step) for event in read_events(tmp_path) for v in event.summary.value}
    for tag in ("weights/body.0.weight", "gradients/body.4.bias", "activations/body.1", "dead/body.1"):
        assert [step for name, step in sorted(seen) if name == tag] == [0, 5, 10, 15]


def test_the_steps_that_are_looked_at_are_those_of_the_training_and_each_only_once():
    """So a training that goes on looks at the steps that the unbroken one looks at, and an accumulated step is one."""
    book, step = Book(), 7
    with watch(net(), book, every=5, step=lambda: step) as watching:
        for step in (7, 8, 9, 10, 10, 10, 11):  # noqa: B007  (watch looks at it)
            trained(watching._model, data(1))
    assert list(book.scalars["gradient_norm/all"]) == [10]


def test_a_frozen_parameter_is_left_out_and_a_writer_without_histograms_will_do():
    tags = []

    class Scalars:
        def add_scalar(self, tag, value, step):
            tags.append(tag)

    model = net()
    model[0].requires_grad_(False)
    with watch(model, Scalars()):
        trained(model, data(1))
    assert "gradient_norm/2.weight" in tags
    assert not any("0.weight" in tag for tag in tags)


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ((print, Book()), TypeError, "watch: model must be an nn.Module, got builtin_function_or_method"),
        ((net(), "runs"), TypeError, "watch: writer must have add_scalar, got str; give a SummaryWriter"),
        ((net(), Book(), 0), ValueError, "watch: every must be a number of steps, 1 or more, got 0"),
        ((net(), Book(), 1.5), ValueError, "watch: every must be a number of steps, 1 or more, got 1.5"),
    ],
    ids=["model", "writer", "0", "1.5"],
)
def test_bad_arguments_are_refused(arguments, kind, message):
    with pytest.raises(kind) as error:
        watch(*arguments)
    assert str(error.value) == message


@pytest.mark.parametrize("module", ["torch.utils.tensorboard", "tensorboardX"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_other_writers_will_do(module, tmp_path):
    pytest.importorskip("tensorboard", reason="torch's writer is made of tensorboard (extra oracle)")
    pytest.importorskip(module.partition(".")[0], reason=f"writes with {module} (extra oracle)")
    model, book = net(), Book()
    with import_module(module).SummaryWriter(str(tmp_path)) as writer, watch(model, writer), watch(model, book):
        trained(model, data(1))
    values = {v.tag.removesuffix("/scalar"): v for event in read_events(tmp_path) for v in event.summary.value}
    assert set(values) == {*book.scalars, *book.histograms}
    for tag, (number,) in ((tag, steps.values()) for tag, steps in book.scalars.items()):
        assert values[tag].simple_value == pytest.approx(number, rel=1e-6)
    assert values["weights/0.weight"].histo.num == 24
