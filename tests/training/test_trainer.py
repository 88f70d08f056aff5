"""The Trainer's loop is the loop that one writes by hand, bit for bit; what it refuses and returns."""

import inspect

import numpy as np
import pytest
from trainings import OPTIMIZERS, Module, Tags, data, fit, loader, net, quiet, states

import nn
from nn.errors import CheckpointError
from nn.training import Callback, LearningRateMonitor, ModelCheckpoint, Trainer


# -- the loop ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("own_steps", [True, False], ids=["steps", "plain"])
def test_the_loop_is_the_one_written_by_hand(name, own_steps):
    nn.manual_seed(1)
    by_hand = Module(OPTIMIZERS[name])
    optimizer = by_hand.configure_optimizers()
    batches, losses = loader(), []
    for _ in range(3):
        for x, y in batches:

            def closure(x=x, y=y):
                optimizer.zero_grad()
                loss = nn.functional.cross_entropy(by_hand.body(x), y)
                loss.backward()
                return loss

            losses.append(optimizer.step(closure).item())

    nn.manual_seed(1)
    model, seen = Module(OPTIMIZERS[name]), []

    class Record(Callback):
        def on_train_batch_end(self, trainer, model, outputs, batch, batch_idx):
            seen.append(outputs.item())

    trainer = quiet(callbacks=[Record()])
    if own_steps:
        trainer.fit(model, loader())
    else:
        optimizer = model.make(model.body.parameters())
        trainer.fit(model.body, loader(), criterion=nn.CrossEntropyLoss(), optimizer=optimizer)
    assert seen == losses
    assert states(model.body) == states(by_hand.body)


@pytest.mark.parametrize(
    ("algorithm", "clip"), [("norm", nn.utils.clip_grad_norm_), ("value", nn.utils.clip_grad_value_)]
)
@pytest.mark.parametrize("accumulate", [1, 2, 3])
def test_clipping_and_accumulating_are_those_written_by_hand(algorithm, clip, accumulate):
    nn.manual_seed(1)
    by_hand = net()
    optimizer = nn.optim.SGD(by_hand.parameters(), lr=0.1)
    for _ in range(3):
        batches = list(loader())
        for i, (x, y) in enumerate(batches):
            loss = nn.functional.cross_entropy(by_hand(x), y)
            (loss / accumulate).backward()
            if (i + 1) % accumulate == 0 or i + 1 == len(batches):
                clip(by_hand.parameters(), 0.05)
                optimizer.step()
                optimizer.zero_grad()
    nn.manual_seed(1)
    trainer = quiet(gradient_clip_val=0.05, gradient_clip_algorithm=algorithm, accumulate_grad_batches=accumulate)
    assert states(fit(trainer)) == states(by_hand)
    assert trainer.global_step == 3 * -(-4 // accumulate)


def test_schedules_are_stepped_by_epochs_and_by_steps():
    class Two(Module):
        def configure_optimizers(self):
            optimizer = nn.optim.SGD(self.parameters(), lr=1.0)
            return [optimizer], [
                nn.optim.lr_scheduler.StepLR(optimizer, 1, 0.5),
                {"scheduler": nn.optim.lr_scheduler.StepLR(optimizer, 1, 0.1), "interval": "step", "frequency": 6},
            ]

    trainer = quiet(max_epochs=3)
    trainer.fit(Two(), loader())
    assert trainer.optimizer.param_groups[0]["lr"] == pytest.approx(0.5**3 * 0.1**2)


def test_max_steps_ends_within_an_epoch_and_goes_on_there(tmp_path):
    nn.manual_seed(0)
    whole = Module()
    quiet(max_epochs=3).fit(whole, loader())
    nn.manual_seed(0)
    trainer = quiet(max_epochs=3, max_steps=6, enable_checkpointing=True, default_root_dir=tmp_path)
    first = Module()
    trainer.fit(first, loader())
    assert (trainer.global_step, trainer.current_epoch, trainer.batch_idx) == (6, 1, 2)
    again = Module()
    quiet(max_epochs=3, enable_checkpointing=True, default_root_dir=tmp_path).fit(again, loader(), ckpt_path="last")
    assert first.losses + again.losses == whole.losses
    assert states(again) == states(whole)


def test_a_step_that_returns_none_leaves_its_batch_out():
    class Odd(Module):
        def training_step(self, batch, batch_idx):
            loss = super().training_step(batch, batch_idx)
            return {"loss": loss} if batch_idx % 2 else None

    model = Odd()
    before = states(model)
    quiet(max_epochs=1).fit(model, list(loader())[:1])
    assert states(model)[0] == before[0]
    quiet(max_epochs=1).fit(model, list(loader())[:2])
    assert states(model)[0] != before[0]


def test_frozen_layers_keep_their_mode_and_validation_gives_it_back():
    model = net()
    model.get_submodule("1").eval()
    before = model.get_submodule("1").running_mean.numpy().copy()
    fit(quiet(), model, val=loader())
    assert model.training
    assert not model.get_submodule("1").training
    assert (model.get_submodule("1").running_mean.numpy() == before).all()


def test_validate_test_and_predict(tmp_path):
    nn.manual_seed(0)
    model, criterion = net(), nn.CrossEntropyLoss()
    whole = nn.data.DataLoader(data(), batch_size=30)
    trainer = quiet()
    [metrics] = trainer.validate(model, loader(), criterion=criterion)
    model.eval()
    x, y = next(iter(whole))
    assert metrics == {"val_loss": pytest.approx(criterion(model(x), y).item(), rel=1e-5)}
    [tested] = trainer.test(model, loader())  # by the criterion that it knows
    assert tested == {"test_loss": pytest.approx(metrics["val_loss"], rel=1e-5)}
    outputs = trainer.predict(model, nn.data.DataLoader(data(), batch_size=16))
    assert np.allclose(np.concatenate([o.numpy() for o in outputs]), model(x).detach().numpy(), atol=1e-6)
    assert not any(o.requires_grad for o in outputs)
    assert not model.training
    assert not list(tmp_path.iterdir())


# -- what is refused --------------------------------------------------------------------------------------------------
def nothing():
    yield from ()


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        (dict(model="net"), TypeError, "Trainer.fit: model must be an nn.Module, got str"),
        (dict(train=3), TypeError,
         "Trainer.fit: a loader must be a DataLoader, a list of batches or the like, got int"),
        (dict(train=[]), ValueError,
         "Trainer.fit: a loader is empty; give one with data in it, or leave it out"),
        (dict(val=[]), ValueError,
         "Trainer.fit: a loader is empty; give one with data in it, or leave it out"),
        (dict(train=nothing()), ValueError,
         "Trainer.fit: the training loader gave no batch; give a loader with data in it"),
        (dict(val=nothing()), ValueError,
         "Trainer: the loader gave no batch; give a loader with data in it, or leave it out"),
        (dict(optimizer=None), TypeError,
         "Trainer: Sequential has no configure_optimizers; write one that returns an optimiser, or give optimizer= to "
         "fit"),
        (dict(optimizer="SGD"), TypeError, "Trainer.fit: optimizer must be one of nn.optim, got str"),
        (dict(criterion=None), TypeError,
         "Trainer: Sequential has no training_step; write one, or give a criterion, e.g. "
         "criterion=nn.CrossEntropyLoss()"),
        (dict(train=[nn.ones(2, 4)]), TypeError,
         "Trainer: a batch for a criterion must be a pair (x, y), got Tensor; write a training_step for other batches"),
        (dict(train=[(1, 2, 3)]), TypeError,
         "Trainer: a batch for a criterion must be a pair (x, y), got 3 entries; "
         "write a training_step for other batches"),
    ],
)  # fmt: skip
def test_bad_arguments_of_fit_are_refused(change, kind, message):
    model = net()
    given = dict(model=model, train=loader(), val=None, criterion=nn.CrossEntropyLoss(),
                 optimizer=nn.optim.SGD(model.parameters(), lr=0.1)) | change  # fmt: skip
    with pytest.raises(kind) as error:
        quiet().fit(given["model"], given["train"], given["val"], criterion=given["criterion"],
                    optimizer=given["optimizer"])  # fmt: skip
    assert str(error.value) == message


@pytest.mark.parametrize("use", ["validate", "test", "predict"])
def test_an_empty_loader_is_refused_everywhere(use):
    call = getattr(quiet(), use)
    with pytest.raises(ValueError) as error:
        call(net(), [])
    assert str(error.value) == f"Trainer.{use}: a loader is empty; give one with data in it, or leave it out"


def test_lbfgs_does_not_accumulate():
    model = net()
    with pytest.raises(ValueError) as error:
        fit(quiet(accumulate_grad_batches=2), model, optimizer=nn.optim.LBFGS(model.parameters()))
    assert str(error.value) == ("Trainer.fit: LBFGS computes its loss again and again; use accumulate_grad_batches=1")


def test_the_schedule_of_a_plateau_names_the_nearest_too():
    model = net()
    optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
    schedule = nn.optim.lr_scheduler.ReduceLROnPlateau(optimizer)
    with pytest.raises(ValueError) as error:
        fit(quiet(), model, optimizer=optimizer, lr_scheduler={"scheduler": schedule, "monitor": "train_los"})
    assert str(error.value).startswith(
        "ReduceLROnPlateau: monitor must be a metric that was logged, got 'train_los'; did you mean 'train_loss'?"
    )


def test_going_on_with_fewer_data_is_refused(tmp_path):
    trainer = quiet(2, max_steps=3, callbacks=[ModelCheckpoint(every_n_train_steps=3)], default_root_dir=tmp_path)
    fit(trainer)
    path = trainer.callbacks[-1].last_model_path
    with pytest.raises(CheckpointError) as error:
        fit(quiet(2), train=list(loader())[:2], ckpt_path=path)
    assert str(error.value) == (
        f"load: {path}: it was taken after batch 3 of an epoch, and the training loader ended after 2; "
        "give the data of the run that was saved"
    )


def test_the_loop_stands_on_one_screen():
    parts = (Trainer._train, Trainer._train_batch, Trainer._gradients, Trainer._step)
    assert sum(len(inspect.getsource(part).splitlines()) for part in parts) <= 80
    assert len(inspect.getsource(Trainer._train).splitlines()) <= 30


def test_rates_are_logged():
    writer = Tags()
    model = net()
    optimizer = nn.optim.SGD(
        [
            {"params": model.get_submodule("0").parameters()},
            {"params": model.get_submodule("4").parameters(), "lr": 0.5},
        ],
        lr=0.25,
    )
    schedule = nn.optim.lr_scheduler.StepLR(optimizer, 1, 0.5)
    trainer = quiet(2, logger=writer, callbacks=[LearningRateMonitor()])
    fit(trainer, model, optimizer=optimizer, lr_scheduler=schedule)
    assert writer.of("lr-SGD/pg1") == [(0, 0.25), (4, 0.125)]
    assert writer.of("lr-SGD/pg2") == [(0, 0.5), (4, 0.25)]
    by_step = Tags()
    optimizer = nn.optim.SGD(model.parameters(), lr=1.0)
    schedule = {"scheduler": nn.optim.lr_scheduler.StepLR(optimizer, 1, 0.5), "interval": "step"}
    trainer = quiet(1, logger=by_step, callbacks=[LearningRateMonitor()], log_every_n_steps=2)
    fit(trainer, model, optimizer=optimizer, lr_scheduler=schedule)
    assert by_step.of("lr-SGD") == [(1, 0.5), (3, 0.125)]
