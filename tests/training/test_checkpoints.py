"""ModelCheckpoint keeps the best and the last, under the names that it is told."""

import math

import pytest

import nn
from nn.training import ModelCheckpoint, Trainer


def trained(values, saver, tmp_path, ckpt_path=None, epochs=None):
    class Model(nn.Linear):
        def __init__(self):
            super().__init__(1, 1)

        def training_step(self, batch, batch_idx):
            return self(batch).sum()

        def validation_step(self, batch, batch_idx):
            self.log("val/loss", values[self.trainer.current_epoch])

        def configure_optimizers(self):
            return nn.optim.SGD(self.parameters(), lr=0.0)

    trainer = Trainer(epochs or len(values), callbacks=saver, default_root_dir=tmp_path, enable_progress_bar=False)
    trainer.fit(Model(), [nn.ones(1, 1)] * 2, [nn.ones(1, 1)], ckpt_path)
    return trainer


def names(tmp_path):
    return sorted(path.name for path in (tmp_path / "version_0" / "checkpoints").iterdir())


@pytest.mark.parametrize(
    ("values", "options", "kept", "best"),
    [
        ([3, 1, 2], {}, ["epoch=1-step=4.ckpt"], 1),
        ([3, 1, 2], dict(mode="max"), ["epoch=0-step=2.ckpt"], 3),
        ([3, 1, 2], dict(save_top_k=2), ["epoch=1-step=4.ckpt", "epoch=2-step=6.ckpt"], 1),
        ([3, 1, 2], dict(save_top_k=-1), ["epoch=0-step=2.ckpt", "epoch=1-step=4.ckpt", "epoch=2-step=6.ckpt"], 1),
        ([3, 1, 2], dict(save_top_k=0), [], None),
        ([1, 1, 1], {}, ["epoch=0-step=2.ckpt"], 1),
        ([math.nan, 2, math.inf], {}, ["epoch=1-step=4.ckpt"], 2),
        ([3, 1, 2, 5], dict(every_n_epochs=2), ["epoch=1-step=4.ckpt"], 1),
        ([3, 1, 2], dict(filename="{epoch:03d}-{val/loss:.2f}"), ["epoch=001-val_loss=1.00.ckpt"], 1),
        ([3, 1, 2], dict(filename="best", save_last=False), ["best.ckpt"], 1),
    ],
)
def test_the_best_are_kept(values, options, kept, best, tmp_path):
    saver = ModelCheckpoint(monitor="val/loss", **options)
    trained(values, saver, tmp_path)
    assert names(tmp_path) == [*kept, *(["last.ckpt"] if options.get("save_last", True) else [])]
    assert saver.best_model_score == best
    assert saver.best_model_path == ("" if best is None else saver._ranked()[0])
    if best is not None:
        assert nn.load(saver.best_model_path)["callback_metrics"]["val/loss"] == best


def test_without_a_monitor_the_last_is_the_best(tmp_path):
    saver = ModelCheckpoint()
    trained([1, 2], saver, tmp_path)
    assert names(tmp_path) == ["last.ckpt"]
    assert saver.best_model_path == saver.last_model_path == str(tmp_path / "version_0" / "checkpoints" / "last.ckpt")


def test_a_folder_of_ones_own_is_found_again(tmp_path):
    trained([1, 2], ModelCheckpoint(tmp_path / "own"), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["own"]
    trainer = trained([1, 2, 3], ModelCheckpoint(tmp_path / "own"), tmp_path, "last")
    assert (trainer.current_epoch, trainer.global_step) == (3, 6)


def test_the_best_of_before_goes_on_counting(tmp_path):
    values = [3, 1, 2, 0.5, 4]
    trained(values, ModelCheckpoint(monitor="val/loss"), tmp_path, epochs=3)
    saver = ModelCheckpoint(monitor="val/loss")
    trained(values, saver, tmp_path, "last")
    assert names(tmp_path) == ["epoch=3-step=8.ckpt", "last.ckpt"]
    assert saver.best_model_score == 0.5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (dict(mode="best"), "ModelCheckpoint: mode must be 'min' (less is better) or 'max', got 'best'"),
        (dict(save_top_k=-2), "ModelCheckpoint: save_top_k must be a whole number of -1 or more, got -2"),
        (dict(every_n_train_steps=-1),
         "ModelCheckpoint: every_n_train_steps must be a whole number of 0 or more, got -1"),
        (dict(every_n_epochs=0), "ModelCheckpoint: every_n_epochs must be a whole number of 1 or more, got 0"),
    ],
)  # fmt: skip
def test_bad_options_are_refused(options, message):
    with pytest.raises(ValueError) as error:
        ModelCheckpoint(**options)
    assert str(error.value) == message


def test_a_field_that_nothing_logs_is_refused(tmp_path):
    with pytest.raises(ValueError) as error:
        trained([1], ModelCheckpoint(filename="{loss}", monitor="val/loss"), tmp_path)
    assert str(error.value) == (
        "ModelCheckpoint: filename has the field 'loss', which nothing logs; logged are ['epoch', 'step', 'val/loss']"
    )
