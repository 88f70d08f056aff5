"""EarlyStopping counts as Lightning's does; Timer counts seconds, those before a checkpoint too."""

import itertools
import math
from datetime import timedelta

import pytest

import nn
from nn.training import Callback, EarlyStopping, ModelCheckpoint, Timer, Trainer


def trained(values, callbacks, tmp_path=None, ckpt_path=None, **options):
    """A training whose val_loss takes these values, epoch by epoch."""

    class Model(nn.Linear):
        def __init__(self):
            super().__init__(1, 1)

        def training_step(self, batch, batch_idx):
            return self(batch).sum()

        def validation_step(self, batch, batch_idx):
            self.log("val_loss", values[self.trainer.current_epoch])

        def configure_optimizers(self):
            return nn.optim.SGD(self.parameters(), lr=0.0)

    trainer = Trainer(len(values), callbacks=callbacks, enable_checkpointing=tmp_path is not None,
                      default_root_dir=tmp_path, enable_progress_bar=False, **options)  # fmt: skip
    trainer.fit(Model(), [nn.ones(1, 1)] * 2, [nn.ones(1, 1)], ckpt_path)
    return trainer


@pytest.mark.parametrize(
    ("values", "options", "epochs"),
    [
        ([3, 2, 1, 0], {}, 4),
        ([3, 2, 2, 2, 2, 2], {}, 5),
        ([3, 2, 2, 2, 2, 2], dict(patience=1), 3),
        ([3, 2, 2, 2, 2, 2], dict(patience=0), 3),
        ([1, 2, 3, 3, 3, 3, 9], dict(mode="max", patience=2), 5),
        ([3, 2.9, 2.8, 2.7, 2.6], dict(min_delta=0.5, patience=2), 3),
        ([3, math.nan, 1], {}, 2),
        ([3, math.nan, 1], dict(check_finite=False), 3),
        ([3, -math.inf, 1], {}, 2),
        ([5, 4, 5, 3, 4, 5, 6], dict(patience=3), 7),
        ([3, 2, 1, 0.9, 0.8], dict(stopping_threshold=1), 4),
        ([3, 4, 5, 6], dict(mode="max", stopping_threshold=4.5), 3),
        ([3, 2, 9, 1], dict(divergence_threshold=8), 3),
        ([3, 2, 1, 4], dict(mode="max", divergence_threshold=1.5, patience=9), 3),
    ],
)
def test_it_stops_after_so_many_epochs_without_improvement(values, options, epochs):
    stop = EarlyStopping("val_loss", **options)
    trainer = trained(values, [stop])
    assert trainer.current_epoch == epochs
    assert stop.stopped_epoch == (epochs - 1 if trainer.should_stop else None)


@pytest.mark.parametrize("every", [2, 3])
def test_epochs_without_a_validation_do_not_count(every):
    trainer = trained([1] * 20, [EarlyStopping("val_loss", patience=2)], check_val_every_n_epoch=every)
    assert trainer.current_epoch == 3 * every


def test_patience_goes_on_from_a_checkpoint(tmp_path):
    values = [3, 2, 2, 2, 2, 2]

    class Stop(Callback):
        def on_train_epoch_end(self, trainer, model):
            trainer.should_stop = trainer.current_epoch == 3

    trained(values, [EarlyStopping("val_loss"), Stop()], tmp_path)
    assert trained(values, [EarlyStopping("val_loss")], tmp_path, "last").current_epoch == 5


def test_a_second_training_starts_over():
    stop = EarlyStopping("val_loss", patience=2)
    assert trained([1] * 9, [stop]).current_epoch == 3
    assert trained([2] * 9, [stop]).current_epoch == 3


DURATION = "Timer: duration must be 0 or more seconds, a timedelta, a text 'DD:HH:MM:SS' or a dict, got "


@pytest.mark.parametrize("duration", [5400, "00:01:30:00", timedelta(minutes=90), {"hours": 1, "minutes": 30}], ids=str)
def test_a_duration_has_many_forms(duration):
    assert Timer(duration).duration == 5400


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: EarlyStopping("x", mode="best"),
         "EarlyStopping: mode must be 'min' (less is better) or 'max', got 'best'"),
        (lambda: EarlyStopping("x", min_delta=-1.0), "EarlyStopping: min_delta must be 0 or more, got -1.0"),
        (lambda: EarlyStopping("x", min_delta=math.nan), "EarlyStopping: min_delta must be 0 or more, got nan"),
        (lambda: EarlyStopping("x", patience=-1),
         "EarlyStopping: patience must be a number of epochs, 0 or more, got -1"),
        (lambda: EarlyStopping("x", patience=1.5),
         "EarlyStopping: patience must be a number of epochs, 0 or more, got 1.5"),
        (lambda: Timer(-1), DURATION + "-1"),
        (lambda: Timer(math.nan), DURATION + "nan"),
        (lambda: Timer("1:30"), DURATION + "'1:30'"),
        (lambda: Timer({"eons": 1}), DURATION + "{'eons': 1}"),
    ],
)  # fmt: skip
def test_bad_options_are_refused(make, message):
    with pytest.raises(ValueError) as error:
        make()
    assert str(error.value) == message


def test_a_timer_ends_the_training_and_counts_the_time_before(tmp_path):
    def clock():
        ticks = itertools.count()
        return lambda: float(next(ticks))

    timer = Timer(3.5, clock())
    trainer = trained([1] * 9, [timer, ModelCheckpoint()], tmp_path)
    assert trainer.global_step == 3  # the clock was read at the start, after each batch and for one checkpoint
    again = Timer(100.0, clock())
    trained([1] * 3, [again, ModelCheckpoint()], tmp_path, "last")
    assert again.time_elapsed() > timer.duration
    assert Timer().time_elapsed() == 0.0
