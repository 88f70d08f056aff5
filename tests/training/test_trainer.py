"""The Trainer's loop is the loop that one writes by hand, bit for bit; what it logs, refuses and returns."""

import inspect

import numpy as np
import pytest

import nn
from nn.errors import CheckpointError
from nn.training import Callback, EarlyStopping, LearningRateMonitor, ModelCheckpoint, Trainer
from tbwriter import SummaryWriter

OPTIMIZERS = {
    "SGD": lambda p: nn.optim.SGD(p, lr=0.1, momentum=0.9),
    "Adam": lambda p: nn.optim.Adam(p, lr=0.01),
    "AdamW": lambda p: nn.optim.AdamW(p, lr=0.01),
    "RMSprop": lambda p: nn.optim.RMSprop(p, lr=0.01),
    "LBFGS": lambda p: nn.optim.LBFGS(p, lr=0.1, max_iter=3),
}


class Tags:
    """A writer with one method: (tag, step, value) in order."""

    def __init__(self):
        self.written = []

    def add_scalar(self, tag, value, step):
        self.written.append((tag, step, value))

    def of(self, tag):
        return [(step, value) for name, step, value in self.written if name == tag]


def net(dropout=0.2):
    return nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(dropout), nn.Linear(8, 3))


def data(n=30, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 4)).astype(np.float32)
    return nn.data.TensorDataset(nn.tensor(x), nn.tensor(rng.integers(3, size=n)))


def loader(**options):
    return nn.data.DataLoader(data(), batch_size=8, **{"shuffle": True, **options})


def quiet(max_epochs=3, **options):
    return Trainer(max_epochs, **{"enable_progress_bar": False, "enable_checkpointing": False, **options})


def fit(trainer, model=None, train=None, val=None, ckpt_path=None, lr=0.1, **options):
    model = model or net()
    optimizer = nn.optim.SGD(model.parameters(), lr=lr)
    options = {"criterion": nn.CrossEntropyLoss(), "optimizer": optimizer, **options}
    trainer.fit(model, train or loader(), val, ckpt_path, **options)
    return model


class Module(nn.Module):
    """Of Lightning's form."""

    def __init__(self, make=OPTIMIZERS["SGD"]):
        super().__init__()
        self.body, self.make, self.losses = net(), make, []

    def training_step(self, batch, batch_idx):
        loss = nn.functional.cross_entropy(self.body(batch[0]), batch[1])
        self.log("train_loss", loss)
        self.losses.append(loss.item())
        return loss

    def validation_step(self, batch, batch_idx):
        self.log("val_loss", nn.functional.cross_entropy(self.body(batch[0]), batch[1]))

    def configure_optimizers(self):
        return self.make(self.parameters())


def states(model):
    return [value.numpy().tolist() for value in model.state_dict().values()]


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


def test_the_moments_come_in_order_also_those_of_the_model():
    seen = []

    class Model(Module):
        def on_train_epoch_end(self):
            seen.append("model's")

    moments = [name for name in vars(Callback) if name.startswith("on_")]
    methods = {name: lambda self, *args, name=name: seen.append(name) for name in moments}
    quiet(1, callbacks=type("All", (Callback,), methods)()).fit(Model(), list(loader())[:1], list(loader())[:1])
    assert seen == [
        "on_fit_start", "on_train_start", "on_train_epoch_start", "on_train_batch_start", "on_before_optimizer_step",
        "on_train_batch_end", "on_validation_start", "on_validation_end", "on_train_epoch_end", "model's",
        "on_train_end", "on_fit_end",
    ]  # fmt: skip


# -- what is logged ---------------------------------------------------------------------------------------------------
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


# -- what is refused --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        (dict(max_epochs=-1), ValueError, "Trainer: max_epochs must be a whole number of 0 or more, got -1"),
        (dict(max_epochs=True), ValueError, "Trainer: max_epochs must be a whole number of 0 or more, got True"),
        (dict(max_steps=-2), ValueError, "Trainer: max_steps must be a whole number of -1 or more, got -2"),
        (dict(accumulate_grad_batches=0), ValueError,
         "Trainer: accumulate_grad_batches must be a whole number of 1 or more, got 0"),
        (dict(check_val_every_n_epoch=0.5), ValueError,
         "Trainer: check_val_every_n_epoch must be a whole number of 1 or more, got 0.5"),
        (dict(log_every_n_steps=0), ValueError,
         "Trainer: log_every_n_steps must be a whole number of 1 or more, got 0"),
        (dict(gradient_clip_algorithm="l2"), ValueError,
         "Trainer: gradient_clip_algorithm must be 'norm' or 'value', got 'l2'"),
        (dict(gradient_clip_val=float("nan")), ValueError, "Trainer: gradient_clip_val must be 0 or more, got nan"),
        (dict(callbacks=[print]), TypeError,
         "Trainer: a callback must be a nn.training.Callback, got builtin_function_or_method"),
        (dict(logger=True), TypeError,
         "Trainer: logger must be a writer with add_scalar, or a class that makes one of a folder, got bool; "
         "give logger=SummaryWriter"),
    ],
)  # fmt: skip
def test_bad_options_are_refused(options, kind, message):
    with pytest.raises(kind) as error:
        Trainer(**options)
    assert str(error.value) == message


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


def test_the_schedule_of_a_plateau_names_the_nearest_too():
    model = net()
    optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
    schedule = nn.optim.lr_scheduler.ReduceLROnPlateau(optimizer)
    with pytest.raises(ValueError) as error:
        fit(quiet(), model, optimizer=optimizer, lr_scheduler={"scheduler": schedule, "monitor": "train_los"})
    assert str(error.value).startswith(
        "ReduceLROnPlateau: monitor must be a metric that was logged, got 'train_los'; did you mean 'train_loss'?"
    )


# -- checkpoints that do not fit --------------------------------------------------------------------------------------
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
    assert str(error.value).endswith("make the model as it was saved, or pass strict=False")
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
    with pytest.raises(FileNotFoundError):
        fit(quiet(), ckpt_path=tmp_path / "none")


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
