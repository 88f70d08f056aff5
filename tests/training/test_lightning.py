"""Programs as users of PyTorch Lightning write them: options, keywords, hooks and data modules mean what they mean."""

import numpy as np
import pytest
from trainings import Module, Tags, data, fit, loader, net, quiet, states

import nn
from nn.training import (
    Callback,
    EarlyStopping,
    LightningDataModule,
    LightningModule,
    ModelCheckpoint,
    StochasticWeightAveraging,
    Trainer,
    seed_everything,
)


class Net(LightningModule, Module):
    def test_step(self, batch, batch_idx):
        self.log("test_loss", nn.functional.cross_entropy(self.body(batch[0]), batch[1]), True)


class Data(LightningDataModule):
    def __init__(self, seen=None):
        self.seen = [] if seen is None else seen

    def prepare_data(self):
        self.seen.append("data.prepare_data")

    def setup(self, stage):
        self.seen.append(f"data.setup {stage}")

    def teardown(self, stage):
        self.seen.append(f"data.teardown {stage}")

    def train_dataloader(self):
        return loader()

    def val_dataloader(self):
        return loader(shuffle=False)

    test_dataloader = predict_dataloader = val_dataloader


# -- moments ----------------------------------------------------------------------------------------------------------
START = """
    m.configure_callbacks, data.prepare_data, m.prepare_data, data.setup fit, c.setup, m.setup, m.configure_optimizers,
    c.on_fit_start, m.on_fit_start
"""
EVALUATION = """
    c.on_validation_start, m.on_validation_start, c.on_validation_epoch_start, m.on_validation_epoch_start,
    c.on_validation_batch_start, m.on_validation_batch_start, m.validation_step,
    c.on_validation_batch_end, m.on_validation_batch_end, c.on_validation_epoch_end, m.on_validation_epoch_end,
    c.on_validation_end, m.on_validation_end
"""
EPOCH = """
    c.on_train_epoch_start, m.on_train_epoch_start, c.on_train_batch_start, m.on_train_batch_start, m.training_step,
    c.on_before_zero_grad, m.on_before_zero_grad, c.on_before_backward, m.on_before_backward,
    c.on_after_backward, m.on_after_backward, c.on_before_optimizer_step, m.on_before_optimizer_step,
    c.on_train_batch_end, m.on_train_batch_end
"""
END = "c.on_train_epoch_end, m.on_train_epoch_end, stopper.on_train_epoch_end"
LAST = "c.on_train_end, m.on_train_end, c.on_fit_end, m.on_fit_end, data.teardown fit, c.teardown, m.teardown"
CHECK = f"c.on_sanity_check_start, {EVALUATION}, c.on_sanity_check_end, c.on_train_start, m.on_train_start"
LIGHTNINGS_ORDER = ", ".join([START, CHECK, *[EPOCH, EVALUATION, END] * 2, LAST])
"""What Lightning 2.6.6 calls, in its order, of two epochs of one batch; c is a callback, m the model."""

OURS_ALONE = {"m.on_sanity_check_start", "m.on_sanity_check_end"}
MOMENTS = [name for name in dir(Callback) if name.startswith("on_")] + ["setup", "teardown"]
STEPS = ["configure_callbacks", "prepare_data", "configure_optimizers", "training_step", "validation_step"]


def telling(owner, names, seen, base):
    def method(name):
        def tell(self, *args):
            seen.append(f"{owner}.{name}")
            return getattr(super(made, self), name)(*args) if hasattr(base, name) else None

        return tell

    made = type(base.__name__, (base,), {name: method(name) for name in names})
    return made


def test_all_moments_come_in_lightnings_order():
    seen = []
    model = telling("m", [*(name for name in MOMENTS if "checkpoint" not in name), *STEPS], seen, Net)()
    stopper = telling("stopper", ["on_train_epoch_end"], seen, EarlyStopping)("val_loss")
    every = telling("c", MOMENTS, seen, Callback)()
    trainer = quiet(2, callbacks=[stopper, every], limit_train_batches=1, limit_val_batches=1, num_sanity_val_steps=1)
    trainer.fit(model, datamodule=Data(seen))
    assert [name for name in seen if name not in OURS_ALONE] == [name.strip() for name in LIGHTNINGS_ORDER.split(",")]


def test_a_plain_model_may_have_a_setup_of_its_own():
    class Plain(nn.Sequential):
        def setup(self):
            raise AssertionError("it is not the Trainer's")

    fit(quiet(1), Plain(*net()))


def test_what_a_model_logs_at_the_end_of_an_epoch_is_judged_then(tmp_path):
    class Late(Net):
        def on_train_epoch_end(self):
            self.log("late", [3.0, 1.0, 2.0, 2.0][self.current_epoch])

    best, stop = ModelCheckpoint(tmp_path, "{epoch}", "late"), EarlyStopping("late", patience=2)
    trainer = quiet(9, callbacks=[best, stop])
    trainer.fit(Late(), loader())
    assert (best.best_model_score, trainer.current_epoch) == (1.0, 4)
    assert best.best_model_path == str(tmp_path / "epoch=1.ckpt")


def test_the_callbacks_of_a_model_replace_those_of_their_class(tmp_path):
    own = [EarlyStopping("train_loss"), ModelCheckpoint(tmp_path)]

    class Careful(Net):
        def configure_callbacks(self):
            return own

    other = Callback()
    trainer = quiet(1, callbacks=[EarlyStopping("nothing"), ModelCheckpoint("nowhere"), other])
    trainer.fit(Careful(), loader())
    assert trainer.callbacks == [other, *own]


# -- the model --------------------------------------------------------------------------------------------------------
def test_a_model_knows_where_its_training_stands(capsys):
    seen = []

    class Telling(Net):
        def training_step(self, batch, batch_idx):
            seen.append((self.current_epoch, self.global_step, self.trainer is trainer, self.logger is writer))
            assert self.optimizers() is trainer.optimizer
            self.log_dict({"a": 1.0, "b": 2.0}, True, sync_dist=True)
            return super().training_step(batch, batch_idx)

        def configure_optimizers(self):
            optimizer = super().configure_optimizers()
            return [optimizer], [nn.optim.lr_scheduler.StepLR(optimizer, 1)]

        def on_train_end(self):
            self.print(type(self.lr_schedulers()).__name__)

    writer = Tags()
    trainer, model = quiet(2, logger=writer, limit_train_batches=2), Telling()
    trainer.fit(model, loader())
    assert seen == [(step // 2, step, True, True) for step in range(4)]
    assert trainer.progress_bar_metrics == {"a": 1.0, "b": 2.0}
    assert capsys.readouterr().out == "StepLR\n"
    model.log("nothing", "is done")  # by itself
    assert (model.trainer, model.logger, model.current_epoch, model.global_step) == (None, None, 0, 0)
    assert model.device == "cpu"
    model.freeze()
    assert not model.training
    assert not any(p.requires_grad for p in model.parameters())
    model.unfreeze()
    assert model.training
    assert all(p.requires_grad for p in model.parameters())


def test_the_validation_that_is_tried_says_so():
    seen = []

    class Telling(Net):
        def validation_step(self, batch, batch_idx):
            seen.append(self.trainer.sanity_checking)

    quiet(1, num_sanity_val_steps=1, limit_val_batches=2).fit(Telling(), loader(), loader())
    assert seen == [True, False, False]


def test_the_step_of_the_last_batches_of_an_epoch_is_logged_too():
    class Last(Callback):
        def on_train_batch_end(self, trainer, model, outputs, batch, batch_idx):
            taken.append(trainer.global_step)

    writer, taken = Tags(), []
    quiet(2, logger=writer, log_every_n_steps=1, accumulate_grad_batches=3, callbacks=Last()).fit(Net(), loader())
    assert taken == [0, 0, 1, 2, 2, 2, 3, 4]
    assert [step for step, _ in writer.of("train_loss")] == [0, 1, 2, 3]  # as Lightning does
    taken.clear()
    quiet(1, accumulate_grad_batches=3, callbacks=Last()).fit(Net(), (batch for batch in loader()))  # without a length
    assert taken == [0, 0, 1, 1]


def test_a_step_may_leave_out_the_number_of_its_batch():
    class Short(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = net()

        def training_step(self, batch):
            return nn.functional.cross_entropy(self.body(batch[0]), batch[1])

        def predict_step(self, batch):
            return len(batch[0])

        validation_step = training_step
        configure_optimizers = Module.configure_optimizers
        make = staticmethod(lambda parameters: nn.optim.SGD(parameters, lr=0.1))

    model = Short()
    before = states(model)
    quiet(1).fit(model, loader(), loader())
    assert states(model) != before
    assert quiet().predict(model, loader()) == [8, 8, 8, 6]


def test_a_model_that_takes_its_steps_itself_is_refused():
    model = Net()
    model.automatic_optimization = False
    with pytest.raises(TypeError) as error:
        quiet().fit(model, loader())
    assert str(error.value) == (
        "Trainer.fit: automatic_optimization of Net must be True, got False; write the loop by hand where a model "
        "takes its steps itself, as a GAN's two optimisers do"
    )


# -- data -------------------------------------------------------------------------------------------------------------
def trained(*args, **options):
    nn.manual_seed(0)
    model = Net()
    trainer = quiet(2)
    trainer.fit(model, *args, **options)
    return states(model), trainer.callback_metrics


def test_data_may_be_given_in_any_of_lightnings_ways():
    class Own(Net):
        train_dataloader, val_dataloader = Data.train_dataloader, Data.val_dataloader

    usual = trained(loader(), loader(shuffle=False))
    assert trained(train_dataloaders=loader(), val_dataloaders=loader(shuffle=False)) == usual
    assert trained([loader()], [loader(shuffle=False)]) == usual
    assert trained(Data()) == usual
    assert trained(datamodule=Data()) == usual
    nn.manual_seed(0)
    own = Own()
    quiet(2).fit(own)
    assert states(own) == usual[0]


def test_after_fit_the_model_and_its_data_are_known(tmp_path):
    seen = []
    trainer = Trainer(2, callbacks=ModelCheckpoint(tmp_path, monitor="val_loss"), enable_progress_bar=False)
    trainer.fit(Net(), datamodule=Data(seen))
    best = trainer.checkpoint_callback.best_model_score
    for _, weight in trainer.model.named_parameters():
        weight.data.zero_()
    assert trainer.validate() == [{"val_loss": pytest.approx(best)}]
    assert trainer.test(dataloaders=loader(shuffle=False), verbose=False) == [{"test_loss": pytest.approx(best)}]
    assert len(trainer.predict(Net().body, datamodule=Data())) == 4
    stages = ["fit", "validate", "test"]
    expected = [f"data.{what}" for s in stages for what in ("prepare_data", f"setup {s}", f"teardown {s}")]
    assert seen == expected


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: quiet().fit(Net()),
         "Trainer.fit: there is no train loader; give one, or a datamodule with train_dataloader(self)"),
        (lambda: quiet().test(Net(), datamodule=LightningDataModule()),
         "Trainer.test: datamodule must be a LightningDataModule, got LightningDataModule; give a loader by its place"),
        (lambda: quiet().fit(Net(), loader(), train_dataloaders=loader()),
         "Trainer.fit: the train loader was given twice; give it once"),
        (lambda: quiet().fit(Net(), loader(), [loader(), loader()]),
         "Trainer.fit: expected one val loader, got a list of 2; join their data by nn.data.ConcatDataset, or call "
         "the Trainer for each"),
        (lambda: quiet().fit(Net(), datamodule=3),
         "Trainer.fit: datamodule must be a LightningDataModule, got int; give a loader by its place"),
        (lambda: quiet().validate(dataloaders=loader()),
         "Trainer.validate: there is no model yet; give one, or call fit before"),
    ],
)  # fmt: skip
def test_data_that_are_missing_or_too_many_are_refused(call, message):
    with pytest.raises(TypeError) as error:
        call()
    assert str(error.value) == message


def test_a_data_module_is_let_go_when_something_fails():
    seen = []
    with pytest.raises(TypeError):
        quiet().fit(net(), datamodule=Data(seen))  # without a criterion
    assert seen == ["data.prepare_data", "data.setup fit", "data.teardown fit"]


# -- options ----------------------------------------------------------------------------------------------------------
def test_options_with_one_meaning_are_taken():
    usual = dict(accelerator="cpu", devices="auto", num_nodes=1, precision="32-true", deterministic=True,
                 benchmark=False, enable_model_summary=False, profiler=None, inference_mode=True)  # fmt: skip
    assert states(seeded_fit(quiet(1, **usual))) == states(seeded_fit(quiet(1)))


def seeded_fit(trainer):
    nn.manual_seed(0)
    return fit(trainer)


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("accelerator", "gpu", "must be 'auto' or 'cpu', got 'gpu'; NumPy computes on the processor alone"),
        ("devices", 2,
         "must be 'auto' or 1 or '1', got 2; start N processes by `mpiexec -n N` with strategy='ddp' for more"),
        ("devices", True,
         "must be 'auto' or 1 or '1', got True; start N processes by `mpiexec -n N` with strategy='ddp' for more"),
        ("precision", "16-mixed", "must be None or 32 or '32' or '32-true', got '16-mixed'; for float64 call "
         "model.double() and give data of that dtype"),
        ("enable_model_summary", True,
         "must be None or False, got True; nn.summary(model, input_size=...) prints the layers"),
    ],
)  # fmt: skip
def test_what_numpy_does_not_have_is_refused(option, value, message):
    with pytest.raises(ValueError) as error:
        Trainer(**{option: value})
    assert str(error.value) == f"Trainer: {option} {message}"


def test_an_option_that_is_none_names_the_nearest():
    with pytest.raises(TypeError) as error:
        Trainer(accelerators="cpu")
    assert str(error.value) == "Trainer: there is no option 'accelerators'; did you mean 'accelerator'?"


@pytest.mark.parametrize(("options", "epochs"), [({}, 1), ({"min_epochs": 3}, 3), ({"min_steps": 6}, 2)], ids=str)
def test_a_least_length_goes_before_a_stop(options, epochs):
    class Stop(Callback):
        def on_train_epoch_end(self, trainer, model):
            trainer.should_stop = True

    trainer = quiet(5, callbacks=Stop(), **options)
    fit(trainer)
    assert -(-trainer.global_step // 4) == epochs


@pytest.mark.parametrize("epochs", [None, -1])
def test_without_a_last_epoch_the_steps_end_it(epochs, capsys):
    trainer = Trainer(epochs, max_steps=5, enable_checkpointing=False)
    assert trainer.max_epochs == -1
    fit(trainer)
    assert (trainer.global_step, trainer.estimated_stepping_batches) == (5, 5)
    assert capsys.readouterr().err.startswith("epoch 1: train_loss")
    assert Trainer(enable_checkpointing=False).max_epochs == 1000
    with pytest.raises(ValueError) as error:
        fit(quiet(-1, callbacks=StochasticWeightAveraging(0.1)))
    assert str(error.value) == (
        "StochasticWeightAveraging: swa_epoch_start must be the number of an epoch where max_epochs is -1, got the "
        "share 0.8"
    )


def test_an_anomaly_names_its_op():
    class Bad(Net):
        def training_step(self, batch, batch_idx):
            return super().training_step(batch, batch_idx) + (self.body[0].weight * 0).sqrt().sum()

    with np.errstate(all="ignore"), pytest.raises(RuntimeError, match=r"gradient of mul .* has nan"):
        quiet(1, detect_anomaly=True).fit(Bad(), loader())


def test_callbacks_tell_what_they_do(tmp_path, capsys):
    stop = EarlyStopping("train_loss", patience=1, verbose=True)
    best = ModelCheckpoint(
        tmp_path, "{epoch}-{train_loss:.1f}", "train_loss", verbose=True, auto_insert_metric_name=False
    )
    fit(Trainer(5, callbacks=[best, stop]), lr=0.0)
    said = capsys.readouterr().err
    path = best.best_model_path
    assert path == str(tmp_path / f"0-{best.best_model_score:.1f}.ckpt")
    assert f"Trainer: train_loss {best.best_model_score:.4g} is among the 1 best; saved {path}\n" in said
    assert f"Trainer: train_loss {best.best_model_score:.4g} is the best so far\n" in said
    assert "ends the training\n" in said


def test_a_metric_that_nothing_logs_may_be_left_out():
    trainer = quiet(2, callbacks=EarlyStopping("nothing", strict=False))
    fit(trainer)
    assert trainer.current_epoch == 2


def test_one_seed_starts_all_generators():
    import random

    def drawn():
        return nn.rand(2).tolist(), random.random(), np.random.rand()  # noqa: NPY002

    assert seed_everything(7, workers=True) == 7
    first = drawn()
    assert seed_everything(7) == 7
    assert drawn() == first
    assert len(data()) == 30
