"""Passes over a part of the data, trial runs, and validations within an epoch."""

import os
import signal

import numpy as np
import pytest
from trainings import Tags, fit, loader, net, quiet

import nn
from nn.training import Callback, EarlyStopping, ModelCheckpoint, Timer, Trainer


class Seen(Callback):
    """The moments, in order; and the batches, by their first numbers."""

    def __init__(self):
        self.moments, self.batches = [], []

    def on_train_batch_end(self, trainer, model, outputs, batch, batch_idx):
        self.moments.append(f"{trainer.current_epoch}/{batch_idx}")
        self.batches.append(batch[0].numpy())

    def on_validation_end(self, trainer, model):
        self.moments.append("validation")


class Steps(nn.Linear):
    """Counts its calls by kind; its val_loss takes the given values, validation by validation."""

    def __init__(self, values=()):
        super().__init__(4, 3)
        self.calls, self.values, self.validations = [], list(values), 0

    def training_step(self, batch, batch_idx):
        self.calls.append("train")
        return self(batch[0]).square().sum()

    def validation_step(self, batch, batch_idx):
        self.calls.append("val")
        self.log("val_loss", self.values[self.validations] if self.values else self(batch[0]).sum())

    def on_validation_end(self):
        self.validations += 1

    def test_step(self, batch, batch_idx):
        self.calls.append("test")
        self.log("largest", batch_idx, reduce_fx="max")

    def predict_step(self, batch, batch_idx):
        self.calls.append("predict")
        return batch_idx

    def configure_optimizers(self):
        return nn.optim.SGD(self.parameters(), lr=0.01)

    def count(self, kind):
        return self.calls.count(kind)


@pytest.mark.parametrize(("limit", "batches"), [(2, 2), (0.5, 2), (9, 4), (1.0, 4), (1, 1)])
def test_each_pass_takes_so_many_batches(limit, batches):
    model, names = Steps(), ("train", "val", "test", "predict")
    trainer = quiet(3, **{f"limit_{name}_batches": limit for name in names})
    trainer.fit(model, loader(), loader())
    [metrics] = trainer.test(model, loader())
    assert trainer.predict(model, loader()) == list(range(batches))
    assert [model.count(name) for name in names] == [3 * batches, 3 * batches, batches, batches]
    assert metrics == {"largest": batches - 1}
    assert trainer.num_training_batches == batches


def test_a_validation_set_of_no_batches_is_none():
    model = Steps()
    quiet(2, limit_val_batches=0).fit(model, loader(), loader())
    assert set(model.calls) == {"train"}


def test_what_is_learned_by_heart_is_the_same_in_each_epoch_and_in_the_validation():
    seen, held = Seen(), []

    class Model(Steps):
        def validation_step(self, batch, batch_idx):
            held.append(batch[0].numpy())

    quiet(3, overfit_batches=2, callbacks=[seen]).fit(Model(), loader(), loader(shuffle=False))
    assert len(seen.batches) == len(held) == 6
    first = [x.numpy() for x, _ in loader(shuffle=False)][:2]
    for batches in (seen.batches, held):
        for i, batch in enumerate(batches):
            assert np.array_equal(batch, first[i % 2])


@pytest.mark.parametrize(("given", "batches"), [(True, 1), (3, 3)])
def test_a_trial_run_goes_through_everything_and_leaves_nothing(given, batches, tmp_path):
    model, writer, stop = Steps(), Tags(), EarlyStopping("no such metric")
    callbacks = [stop, ModelCheckpoint(monitor="nor this")]
    trainer = quiet(50, fast_dev_run=given, logger=writer, callbacks=callbacks, default_root_dir=tmp_path)
    trainer.fit(model, loader(), loader())
    trainer.test(model, loader())
    trainer.predict(model, loader())
    assert [model.count(kind) for kind in ("train", "val", "test", "predict")] == [batches] * 4
    assert writer.written == []
    assert list(tmp_path.iterdir()) == []


def test_a_validation_that_is_tried_first_logs_nothing_and_changes_nothing():
    class Fails(Steps):
        def validation_step(self, batch, batch_idx):
            raise ZeroDivisionError

    model = Fails()
    with pytest.raises(ZeroDivisionError):
        quiet(num_sanity_val_steps=1).fit(model, loader(), loader())
    assert model.calls == []
    written = []
    for steps in (0, 2):
        nn.manual_seed(0)
        writer = Tags()
        fit(quiet(2, num_sanity_val_steps=steps, logger=writer, log_every_n_steps=1), val=loader())
        written.append(writer.written)
    assert written[0] == written[1] != []


@pytest.mark.parametrize(
    ("interval", "after"), [(1.0, [4]), (2, [2, 4]), (0.5, [2, 4]), (1, [1, 2, 3, 4]), (3, [3]), (0.8, [3])]
)
@pytest.mark.parametrize("stream", [False, True])
def test_validations_lie_within_the_epoch(interval, after, stream):
    if stream and isinstance(interval, float) and interval < 1:
        return
    batches = list(loader())

    class Stream:
        def __iter__(self):
            return iter(batches)

    seen = Seen()
    fit(quiet(2, val_check_interval=interval, callbacks=[seen]), train=Stream() if stream else batches, val=batches)
    expected = []
    for epoch in range(2):
        for batch in range(4):
            expected += [f"{epoch}/{batch}"] + ["validation"] * (batch + 1 in after)
    assert seen.moments == expected


def test_validations_within_the_epoch_are_judged_one_by_one(tmp_path):
    values = [5.0, 3.0, 4.0, 4.0, 4.0, 1.0]
    best = ModelCheckpoint(tmp_path, monitor="val_loss", save_top_k=-1)
    stop = EarlyStopping("val_loss", patience=3)
    trainer = quiet(3, val_check_interval=2, callbacks=[best, stop])
    trainer.fit(Steps(values), loader(), loader())
    assert (trainer.global_step, stop.stopped_epoch) == (10, 2)
    assert best.best_model_score == 3.0
    assert best.best_model_path == str(tmp_path / "epoch=0-step=4.ckpt")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["last.ckpt", *(f"epoch={step // 5}-step={step}.ckpt" for step in (2, 4, 6, 8, 10))]
    )


def test_a_metric_of_the_training_is_judged_by_epochs_all_the_same():
    stop = EarlyStopping("train_loss", patience=2)
    trainer = quiet(9, val_check_interval=1, callbacks=[stop])
    fit(trainer, val=loader(), lr=0.0, model=net(dropout=0.0), train=list(loader()))
    assert trainer.current_epoch == 3


def test_an_interrupt_within_such_a_validation_does_it_again(tmp_path):
    class Interrupt(Callback):
        def on_validation_start(self, trainer, model):
            if trainer.global_step == 6 and self.first:
                os.kill(os.getpid(), signal.SIGINT)

    def run(folder, first, ckpt_path=None):
        nn.manual_seed(0)
        Interrupt.first, writer = first, Tags()
        trainer = Trainer(
            3, val_check_interval=2, callbacks=[Interrupt()], logger=writer, log_every_n_steps=1,
            default_root_dir=folder, enable_progress_bar=False,
        )  # fmt: skip
        fit(trainer, train=loader(), val=loader(), ckpt_path=ckpt_path)
        return writer.written

    whole = run(tmp_path / "whole", first=False)
    begun = run(tmp_path / "cut", first=True)
    assert len(begun) < len(whole)
    assert begun + run(tmp_path / "cut", first=False, ckpt_path="last") == whole


@pytest.mark.parametrize(
    ("reduce_fx", "expected"), [("mean", 1.5), ("sum", 6.0), ("min", 0.0), ("max", 3.0), (max, 3.0), (sum, 6.0)]
)
def test_an_epoch_is_folded_as_it_was_asked_for(reduce_fx, expected):
    class Model(Steps):
        def validation_step(self, batch, batch_idx):
            self.log("number", batch_idx, reduce_fx=reduce_fx, batch_size=1)

    [metrics] = quiet().validate(Model(), loader())
    assert metrics == {"number": expected}


def test_another_fold_is_refused():
    class Model(Steps):
        def validation_step(self, batch, batch_idx):
            self.log("number", batch_idx, reduce_fx="median")

    with pytest.raises(ValueError) as error:
        quiet().validate(Model(), loader())
    assert str(error.value) == "log: reduce_fx of number must be 'mean', 'sum', 'min' or 'max', got 'median'"


def test_a_time_limit_is_a_timer():
    trainer = quiet(100, max_time="00:00:00:00")
    assert isinstance(trainer.callbacks[0], Timer)
    fit(trainer)
    assert trainer.global_step == 1


NUMBER = " must be a whole number of batches, or a share of them from 0.0 to 1.0, got "


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (dict(limit_train_batches=-1), f"Trainer: limit_train_batches{NUMBER}-1"),
        (dict(limit_val_batches=1.5), f"Trainer: limit_val_batches{NUMBER}1.5"),
        (dict(limit_test_batches="all"), f"Trainer: limit_test_batches{NUMBER}'all'"),
        (dict(overfit_batches=True), f"Trainer: overfit_batches{NUMBER}True"),
        (dict(limit_train_batches=0.1),
         "Trainer: limit_train_batches 0.1 of 4 batches is none; give 0.25 or more, or 1"),
        (dict(limit_train_batches=0),
         "Trainer.fit: the training loader gave no batch; give a loader with data in it"),
        (dict(val_check_interval=0),
         "Trainer: val_check_interval must be above 0, got 0; limit_val_batches=0 validates never"),
        (dict(val_check_interval=5),
         "Trainer: val_check_interval must be at most the 4 batches of an epoch, got 5; "
         "use check_val_every_n_epoch for every so many epochs"),
        (dict(num_sanity_val_steps=0.5), "Trainer: num_sanity_val_steps must be a whole number of 0 or more, got 0.5"),
        (dict(fast_dev_run=-1), "Trainer: fast_dev_run must be a whole number of 1 or more, got -1"),
        (dict(max_time="1 h"),
         "Timer: duration must be 0 or more seconds, a timedelta, a text 'DD:HH:MM:SS' or a dict, got '1 h'"),
    ],
    ids=str,
)  # fmt: skip
def test_limits_that_are_none_are_refused(options, message):
    with pytest.raises(ValueError) as error:
        fit(quiet(1, **options), val=loader())
    assert str(error.value) == message


def test_a_share_of_a_stream_is_refused():
    with pytest.raises(ValueError) as error:
        fit(quiet(1, limit_train_batches=0.5), train=map(list, loader()))
    assert (
        str(error.value) == "Trainer: limit_train_batches must be a whole number for a loader without a length, got 0.5"
    )
