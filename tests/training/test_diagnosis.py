"""A loss of nan ends the training with the epoch, the batch and the layer named, and the state before it saved."""

import re

import numpy as np
import pytest

import nn
from nn.errors import DivergedError
from nn.training import Trainer


@pytest.fixture(autouse=True)
def seeded():
    nn.manual_seed(0)


class Log(nn.Module):
    """The logarithm: nan for what is negative."""

    def forward(self, x):
        return x.log()


class Grows(nn.Module):
    """1e30 times its input."""

    def forward(self, x):
        return x * 1e30


def batches(n=4, bad=None, value=np.nan):
    rng = np.random.default_rng(0)
    found = [(rng.normal(size=(4, 3)).astype(np.float32), rng.normal(size=(4, 1)).astype(np.float32)) for _ in range(n)]
    if bad is not None:
        found[bad[0]][bad[1]][0, 0] = value
    return [tuple(nn.tensor(array) for array in batch) for batch in found]


def diverged(tmp_path, model, data, criterion=None):
    trainer = Trainer(3, default_root_dir=tmp_path, enable_progress_bar=False)
    optimizer = nn.optim.SGD(model.parameters(), lr=0.01)
    with pytest.raises(DivergedError) as error, np.errstate(all="ignore"):
        trainer.fit(model, data, criterion=criterion or nn.MSELoss(), optimizer=optimizer)
    saved = nn.load(tmp_path / "version_0" / "checkpoints" / "exception.ckpt")
    assert (saved["epoch"], saved["batch_idx"]) == (error.value.epoch, error.value.batch_idx)
    assert all(
        np.array_equal(saved["state_dict"][name], value, equal_nan=True)
        for name, value in model.state_dict().items()
    )  # fmt: skip
    return error.value


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("part", [0, 1])
def test_a_batch_with_nan_is_named(part, value, tmp_path):
    error = diverged(tmp_path, nn.Sequential(nn.Linear(3, 1)), batches(bad=(2, part), value=value))
    assert str(error).startswith("Trainer.fit: the loss is ")
    assert str(error).endswith(
        f" in epoch 0, batch 2: the batch itself has nan or inf in batch[{part}]; clean the data"
    )
    assert (error.epoch, error.batch_idx, error.layer) == (0, 2, None)


@pytest.mark.parametrize(("layer", "kind"), [(Log, "Log"), (lambda: nn.Sequential(Grows(), Grows()), "Grows")])
def test_the_first_layer_with_nan_is_named(layer, kind, tmp_path):
    model = nn.Sequential(nn.Linear(3, 2), nn.Sequential(nn.Tanh(), layer()), nn.BatchNorm1d(2), nn.Linear(2, 1))
    error = diverged(tmp_path, model, batches())
    name = "1.1" if kind == "Log" else "1.1.1"
    assert str(error) == (
        f"Trainer.fit: the loss is nan in epoch 0, batch 0: layer '{name}' ({kind}) is the first whose output has nan "
        "or inf; look at what it is given, lower the learning rate or clip the gradients (gradient_clip_val=1.0)"
    )
    assert error.layer == name


def test_a_parameter_that_a_step_made_nan_is_named(tmp_path):
    model = nn.Sequential(nn.Tanh(), nn.Linear(3, 1))
    with np.errstate(all="ignore"):
        model[1].weight.data.fill_(1e30)  # the square of the output overflows
    error = diverged(tmp_path, model, batches())
    assert re.fullmatch(
        r"Trainer\.fit: the loss is inf in epoch 0, batch 0: the outputs of all layers are finite, the largest is "
        r"[\d.]+e\+3\d in layer '1' \(Linear\); lower the learning rate, or look at how the loss is computed, at a "
        r"log or a division",
        str(error),
    )
    with np.errstate(all="ignore"):
        model[1].weight.data.fill_(np.inf)
    error = diverged(tmp_path / "b", model, batches())
    assert str(error) == (
        "Trainer.fit: the loss is nan in epoch 0, batch 0: layer '1' (Linear) has nan or inf in its weight since an "
        "earlier step; lower the learning rate or clip the gradients (gradient_clip_val=1.0)"
    )


def test_a_loss_that_is_nan_of_finite_outputs_is_told(tmp_path):
    error = diverged(
        tmp_path, nn.Sequential(nn.Linear(3, 1)), batches(), lambda output, target: (target * 0).log().sum() * 0
    )
    assert str(error).startswith(
        "Trainer.fit: the loss is nan in epoch 0, batch 0: the outputs of all layers are finite, the largest is "
    )
    assert str(error).endswith(
        " in layer '0' (Linear); lower the learning rate, or look at how the loss is computed, at a log or a division"
    )
    assert error.layer is None
    assert isinstance(error, FloatingPointError)


def test_the_second_look_leaves_buffers_and_hooks_as_they_were(tmp_path):
    model = nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 2), Log(), nn.Linear(2, 1))
    data, counts = batches(), []
    model.register_forward_hook(lambda *_: counts.append(int(model[0].num_batches_tracked)))
    diverged(tmp_path, model, data)
    assert counts == [1, 2]
    assert int(model[0].num_batches_tracked) == 1
    assert not model[2]._hooks.get("forward")
