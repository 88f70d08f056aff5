"""Checkpoints of a training are found and put back; those that do not fit are refused."""

import pytest
from trainings import Module, fit, loader, net, quiet, states

import nn
from nn.errors import CheckpointError
from nn.training import ModelCheckpoint
from nn.training.restoring import find, run_of


def test_best_and_last_weights_are_loaded(tmp_path):
    model, best = Module(), ModelCheckpoint(monitor="val_loss")
    trainer = quiet(3, callbacks=[best], default_root_dir=tmp_path)
    trainer.fit(model, loader(), loader(shuffle=False))
    last = states(model)
    [metrics] = trainer.validate(model, loader(shuffle=False), ckpt_path="best")
    assert metrics["val_loss"] == pytest.approx(best.best_model_score)
    other = Module()
    trainer.validate(other, loader(), ckpt_path="last")
    assert states(other) == last


def saved(tmp_path, **options):
    trainer = quiet(1, enable_checkpointing=True, default_root_dir=tmp_path)
    fit(trainer, **options)
    return trainer.callbacks[-1].last_model_path


def test_a_checkpoint_of_another_model_is_refused_and_changes_nothing(tmp_path):
    path = saved(tmp_path)
    other = nn.Sequential(nn.Linear(4, 5), nn.Linear(5, 3))
    before = states(other)
    expected = f"load: {path}: it is of another model"
    with pytest.raises(CheckpointError) as error:
        fit(quiet(), other, ckpt_path=path)
    assert str(error.value).startswith(f"{expected} or training; load_state_dict: Sequential and the state differ:")
    assert str(error.value).endswith("make the model as it was saved")
    for use in ("validate", "test"):
        with pytest.raises(CheckpointError, match="it is of another model; load_state_dict"):
            getattr(quiet(), use)(other, loader(), path, criterion=nn.CrossEntropyLoss())
    assert states(other) == before


def test_a_checkpoint_of_another_optimiser_or_schedule_is_refused(tmp_path):
    path, model = saved(tmp_path), net()
    adam = nn.optim.Adam(model.parameters())
    with pytest.raises(CheckpointError) as error:
        fit(quiet(), model, ckpt_path=path, optimizer=adam)
    assert str(error.value) == (
        f"load: {path}: it is of another model or training; it was trained with ['SGD'], got ['Adam']; use the same"
    )
    sgd = nn.optim.SGD(model.parameters(), lr=0.1)
    with pytest.raises(CheckpointError, match=r"it was trained with no schedule, got \['StepLR'\]; use the same"):
        fit(quiet(), model, ckpt_path=path, optimizer=sgd, lr_scheduler=nn.optim.lr_scheduler.StepLR(sgd, 1))


def test_a_file_of_another_kind_is_refused(tmp_path):
    nn.save(net().state_dict(), tmp_path / "weights")
    with pytest.raises(CheckpointError) as error:
        fit(quiet(), ckpt_path=tmp_path / "weights")
    assert str(error.value) == (
        f"load: {tmp_path / 'weights'}: it is no checkpoint of a Trainer; "
        "put a state_dict back by model.load_state_dict(nn.load(path))"
    )
    (tmp_path / "noise").write_bytes(b"noise" * 9)
    with pytest.raises(CheckpointError, match="it is no checkpoint, its first bytes are"):
        fit(quiet(), ckpt_path=tmp_path / "noise")
    with pytest.raises(
        FileNotFoundError, match=r"^Trainer: there is no checkpoint '.*'; give the path of a file, 'last' or"
    ):
        fit(quiet(), ckpt_path=tmp_path / "none")


def test_best_and_last_must_be_there(tmp_path):
    with pytest.raises(ValueError) as error:
        quiet().predict(net(), loader(), "best")
    assert str(error.value) == "Trainer: there is no best checkpoint yet; call fit with a ModelCheckpoint first"
    with pytest.raises(ValueError) as error:
        quiet(default_root_dir=tmp_path).predict(net(), loader(), "last")
    assert str(error.value) == f"Trainer: there is no last.ckpt in {tmp_path}; call fit first"
    with pytest.raises(RuntimeError) as error:
        quiet().save_checkpoint(tmp_path / "x")
    assert str(error.value) == "Trainer.save_checkpoint: there is nothing to save yet; call fit first"


def test_the_newest_run_is_the_last_and_others_are_no_runs(tmp_path):
    for name in ("version_2", "version_10", "version_x", "older"):
        (tmp_path / name / "checkpoints").mkdir(parents=True)
        (tmp_path / name / "checkpoints" / "last.ckpt").touch()
    assert find(None, [], tmp_path, needed=True) is None
    assert find("last", [], tmp_path / "none", needed=False) is None
    newest = find("last", [], tmp_path, needed=True)
    assert newest == tmp_path / "version_10" / "checkpoints" / "last.ckpt"
    assert run_of(newest, tmp_path) == tmp_path / "version_10"
    assert run_of(newest, tmp_path / "version_10") is None
    assert run_of(tmp_path / "older" / "checkpoints" / "last.ckpt", tmp_path) is None
