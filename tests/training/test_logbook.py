"""What a training logs: single steps, means, and where they are written; the writers, and what is refused."""

import pytest
from trainings import Module, Tags, fit, loader, quiet

import nn
from nn.training import Callback, EarlyStopping, ModelCheckpoint
from nn.training.logbook import Logbook, RunWriter
from tbwriter import SummaryWriter


def test_losses_are_logged_by_steps_and_as_means_over_samples():
    writer, each = Tags(), []

    class Record(Callback):
        def on_train_batch_end(self, trainer, model, outputs, batch, batch_idx):
            each.append((outputs.item(), len(batch[1])))

    trainer = quiet(2, logger=writer, log_every_n_steps=1, callbacks=[Record()])
    fit(trainer, val=loader(shuffle=False))
    assert [n for _, n in each] == [8, 8, 8, 6] * 2
    assert writer.of("train_loss_step") == [(i, loss) for i, (loss, _) in enumerate(each)]
    means = [sum(loss * n for loss, n in each[i : i + 4]) / 30 for i in (0, 4)]
    assert writer.of("train_loss_epoch") == [(3, pytest.approx(means[0])), (7, pytest.approx(means[1]))]
    assert [step for step, _ in writer.of("val_loss")] == [3, 7]
    assert {tag for tag, _, _ in writer.written} == {"train_loss_step", "train_loss_epoch", "val_loss"}
    assert trainer.callback_metrics["train_loss"] == trainer.callback_metrics["train_loss_epoch"]


def test_single_steps_are_written_every_so_many():
    writer = Tags()
    quiet(4, logger=writer, log_every_n_steps=5).fit(Module(), loader())
    assert [step for step, _ in writer.of("train_loss")] == [4, 9, 14]


def test_options_of_log(tmp_path):
    class Model(Module):
        def training_step(self, batch, batch_idx):
            self.log("hidden", batch_idx, logger=False)
            self.log("weighted", batch_idx, on_step=False, on_epoch=True, batch_size=1)
            self.log_dict({"a": 1, "b": nn.tensor(2.0)}, prog_bar=True)
            return super().training_step(batch, batch_idx)

        def on_train_epoch_end(self):
            self.log("at_the_end", 7)

    writer = Tags()
    trainer = quiet(1, logger=writer, log_every_n_steps=1)
    model = Model()
    trainer.fit(model, loader())
    assert writer.of("hidden") == []
    assert writer.of("weighted") == [(3, 1.5)]
    assert writer.of("at_the_end") == [(3, 7.0)]
    assert trainer.progress_bar_metrics == {"a": 1.0, "b": 2.0}
    assert not {"log", "log_dict", "trainer"} & set(vars(model))


def test_each_run_has_a_folder(tmp_path):
    for number in range(3):
        trainer = quiet(1, enable_checkpointing=True, default_root_dir=tmp_path, logger=SummaryWriter)
        fit(trainer)
        assert trainer.log_dir == tmp_path / f"version_{number}"
        names = sorted(path.name for path in trainer.log_dir.iterdir())
        assert names[0] == "checkpoints"
        assert "tfevents" in names[1]
    fit(trainer)  # a second training of the same trainer is a run of its own
    assert trainer.log_dir == tmp_path / "version_3"


def test_nothing_is_written_where_nothing_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fit(quiet(), val=loader())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("module", ["tbwriter", "torch.utils.tensorboard", "tensorboardX"])
def test_the_three_writers_take_it_open_and_are_refused_closed(module, tmp_path):
    if module != "tbwriter":
        pytest.importorskip("tensorboard", reason="torch's writer is made of tensorboard (extra oracle)")
        pytest.importorskip(module.partition(".")[0], reason=f"compares with the writer of {module} (extra oracle)")
    kind = pytest.importorskip(module).SummaryWriter
    writer = kind(str(tmp_path))
    trainer = quiet(1, logger=writer, log_every_n_steps=1)
    fit(trainer)
    assert any("tfevents" in path.name for path in tmp_path.iterdir())
    writer.close()
    expected = "Trainer: the logger is closed; give a SummaryWriter that is open, or the class: logger=SummaryWriter"
    with pytest.raises(RuntimeError) as error:
        fit(trainer)
    assert str(error.value) == expected

    class Close(Callback):
        def on_train_epoch_end(self, trainer, model):
            trainer.logger.close()

    trainer = quiet(2, logger=kind(str(tmp_path / "b")), log_every_n_steps=1, callbacks=[Close(), ModelCheckpoint()],
                    default_root_dir=tmp_path)  # fmt: skip
    with pytest.raises(RuntimeError) as error:
        fit(trainer)
    assert str(error.value) == expected
    assert (tmp_path / "version_0" / "checkpoints" / "exception.ckpt").exists()


def test_a_metric_that_is_no_number_is_refused():
    class Model(Module):
        def training_step(self, batch, batch_idx):
            self.log("logits", self.body(batch[0]))

    with pytest.raises(TypeError) as error:
        quiet().fit(Model(), loader())
    assert str(error.value) == "log: logits must be one number, got shape (8, 3); log its mean"


@pytest.mark.parametrize(
    ("callback", "owner"),
    [
        (lambda: EarlyStopping("val_los"), "EarlyStopping"),
        (lambda: ModelCheckpoint(monitor="val_los"), "ModelCheckpoint"),
    ],
    ids=["EarlyStopping", "ModelCheckpoint"],
)
def test_an_unknown_metric_names_the_nearest(callback, owner, tmp_path):
    trainer = quiet(2, callbacks=[callback(), ModelCheckpoint()], default_root_dir=tmp_path)
    with pytest.raises(ValueError) as error:
        fit(trainer, val=loader())
    assert str(error.value) == (
        f"{owner}: monitor must be a metric that was logged, got 'val_los'; did you mean 'val_loss'?; "
        "logged are ['train_loss', 'train_loss_epoch', 'train_loss_step', 'val_loss']"
    )
    assert (tmp_path / "version_0" / "checkpoints" / "exception.ckpt").exists()


def test_a_logbook_keeps_means_and_writes_each_value_under_its_step(tmp_path):
    writer = Tags()
    book = Logbook(RunWriter(writer, tmp_path))
    book.batch = [nn.zeros(3, 1)]
    for book.step, value in enumerate([1.0, 4.0]):
        book.log("loss", value, by_step=True, by_epoch=True, write_step=True, prog_bar=True)
        book.batch = [nn.zeros(1, 1)]
    book.log_means()
    assert writer.written == [("loss_step", 0, 1.0), ("loss_step", 1, 4.0), ("loss_epoch", 1, 1.75)]
    assert book.latest == {"loss": 1.75, "loss_step": 4.0, "loss_epoch": 1.75}
    assert book.of_epoch() == book.of_progress_bar() == {"loss": 1.75}
    book.fresh = set()
    assert book.monitored("loss", "Test", awaited=False) is None  # known, but not of this epoch
    assert book.monitored("other", "Test", awaited=True) is None
    with pytest.raises(ValueError, match="Test: monitor must be a metric that was logged, got 'los'; did you mean"):
        book.monitored("los", "Test", awaited=False)


def test_a_writer_is_made_once_and_closed_at_the_end(tmp_path):
    made = []

    class Made(Tags):
        def __init__(self, folder, **options):
            super().__init__()
            self.folder, self.options, self.closed = folder, options, False
            made.append(self)

        def close(self):
            self.closed = True

    run = RunWriter(Made, tmp_path)
    run.require_open()
    assert made == []
    assert not list(tmp_path.iterdir())
    run.purge_step = 5
    run.write("a", 1.0, 5)
    run.write("a", 2.0, 6)
    run.end()
    run.write("a", 3.0, 7)
    first, second = made
    assert first.folder == second.folder == str(tmp_path / "version_0")
    assert (first.options, second.options) == ({"purge_step": 5}, {})
    assert (first.of("a"), second.of("a")) == ([(5, 1.0), (6, 2.0)], [(7, 3.0)])
    assert (first.closed, second.closed) == (True, False)
