"""What a model was made with is kept, saved with its weights, and logged with its result; what cannot be is refused."""

from argparse import Namespace

import numpy as np
import pytest
from trainings import Module, loader, quiet, states

import nn
from nn.errors import CheckpointError
from nn.training import Callback, LightningDataModule, LightningModule, ModelCheckpoint, Trainer
from tbwriter import SummaryWriter, read_values


class Net(LightningModule, Module):
    def __init__(self, lr=0.1, width=8, *rest, name="net", **more):
        super().__init__()
        self.save_hyperparameters()
        self.width = width

    def configure_optimizers(self):
        return nn.optim.SGD(self.parameters(), lr=self.hparams.lr)


def test_the_arguments_of_init_are_kept_by_name():
    net = Net(0.5, 4, 1, 2, extra=[1, 2])
    assert net.hparams == {"lr": 0.5, "width": 4, "name": "net", "extra": [1, 2]}
    assert net.hparams.extra is net.hparams["extra"]
    assert LightningModule().hparams == {}
    with pytest.raises(AttributeError) as error:
        _ = net.hparams.wdth
    assert str(error.value) == "hparams: 'wdth' was not saved; did you mean 'width'?"


def test_those_of_a_subclass_too():
    class Wider(Net):
        def __init__(self, factor=2, lr=0.3):
            super().__init__(lr=lr, width=8 * factor)

    assert Wider().hparams == {"lr": 0.3, "width": 16, "name": "net", "factor": 2}


@pytest.mark.parametrize(
    ("args", "options", "kept"),
    [
        (("lr",), {}, {"lr": 0.1}),
        ((), {"ignore": "lr"}, {"config": {"a": 1}, "loss": "mse"}),
        ((), {"ignore": ["lr", "loss"]}, {"config": {"a": 1}}),
        (({"a": 1},), {}, {"a": 1}),
        ((Namespace(a=1, b=2),), {"ignore": ["b"]}, {"a": 1}),
    ],
    ids=str,
)
def test_a_part_of_them_or_a_dict_instead(args, options, kept):
    class Chosen(LightningModule):
        def __init__(self, config, lr=0.1, loss="mse"):
            super().__init__()
            self.save_hyperparameters(*args, **options)

    assert Chosen({"a": 1}).hparams == kept


def kept_with(*args, value=1.0):
    class Chosen(LightningModule):
        def __init__(self, lr=0.1, value=value):
            super().__init__()
            self.save_hyperparameters(*args)

    return Chosen()


@pytest.mark.parametrize(
    ("args", "value", "kind", "message"),
    [
        (("rl",), 1, ValueError,
         "Chosen.save_hyperparameters: __init__ has no argument 'rl'; did you mean 'lr'?"),
        (("width",), 1, ValueError,
         "Chosen.save_hyperparameters: __init__ has no argument 'width'; it has ['lr', 'value']"),
        ((3,), 1, TypeError, "Chosen.save_hyperparameters: expected names, a dict or a namespace, got int"),
        ((), nn.Linear(1, 1), TypeError,
         "Chosen.save_hyperparameters: value must be a number, a text or the like, got the module Linear, whose "
         "weights are in the checkpoint anyway; leave it out by ignore=['value']"),
        ((), print, TypeError,
         "Chosen.save_hyperparameters: value must be what nn.save can save, got builtin_function_or_method; leave it "
         "out by ignore=['value']"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused_at_once(args, value, kind, message):
    with pytest.raises(kind) as error:
        kept_with(*args, value=value)
    assert str(error.value) == message


def test_it_is_called_within_init():
    with pytest.raises(RuntimeError) as error:
        LightningModule().save_hyperparameters()
    assert str(error.value) == (
        "LightningModule.save_hyperparameters: it must be called within __init__, whose arguments it keeps"
    )


def trained(model, folder, **options):
    trainer = quiet(1, callbacks=[ModelCheckpoint(folder)], default_root_dir=folder, log_every_n_steps=1, **options)
    trainer.fit(model, loader(), loader())
    return trainer, folder / "last.ckpt"


def test_a_checkpoint_makes_the_model_again(tmp_path):
    model = Net(lr=0.05, width=4)
    _, path = trained(model, tmp_path)
    again = Net.load_from_checkpoint(path)
    assert (again.hparams, again.width) == (model.hparams, 4)
    assert states(again) == states(model)
    assert Net.load_from_checkpoint(path, width=6).hparams.width == 6
    saved = nn.load(path)
    assert (saved["hyper_parameters"], saved["hparams_name"]) == (dict(model.hparams), None)


def test_a_model_that_was_made_with_one_dict_is_made_with_one_again(tmp_path):
    class Configured(Net):
        def __init__(self, config):
            Module.__init__(self)
            self.save_hyperparameters(config)

    model = Configured({"lr": 0.5})
    _, path = trained(model, tmp_path)
    again = Configured.load_from_checkpoint(path)
    assert again.hparams == {"lr": 0.5}
    assert states(again) == states(model)


def test_what_the_checkpoint_lacks_is_named(tmp_path):
    class Needy(Net):
        def __init__(self, size):
            Module.__init__(self)
            self.hparams.lr = 0.1

    _, path = trained(Needy(3), tmp_path)
    with pytest.raises(TypeError) as error:
        Needy.load_from_checkpoint(path)
    assert str(error.value).endswith(
        f"missing 1 required positional argument: 'size'; {path} has the hyperparameters ['lr']: give others by name, "
        "or call self.save_hyperparameters() in __init__"
    )
    assert states(Needy.load_from_checkpoint(path, size=4))
    with pytest.raises(CheckpointError, match="it is of another model"):
        type("Other", (LightningModule,), {"__init__": lambda self, lr: nn.Module.__init__(self)}).load_from_checkpoint(
            path
        )


def hparams_of(folder):
    """The session's hyperparameters, as TensorBoard's plugin reads them, and the last value of each scalar."""
    records = [v for v in read_values(folder) if v.tag == "_hparams_/session_start_info" and v.run == "."]
    return records, {v.tag: v.value for v in read_values(folder, kinds={"scalars"}) if v.run == "."}


def test_they_are_logged_with_the_result(tmp_path):
    class Digits(LightningDataModule):
        def __init__(self, batch_size=8):
            self.save_hyperparameters()

        def train_dataloader(self):
            return loader()

        def val_dataloader(self):
            return loader()

    trainer = quiet(1, default_root_dir=tmp_path, logger=SummaryWriter)
    trainer.fit(Net(lr=0.05, options={"deep": {"er": (1, 2)}}), datamodule=Digits())
    [session], scalars = hparams_of(trainer.log_dir)
    assert session.value == {"batch_size": 8, "lr": 0.05, "name": "net", "options/deep/er": "(1, 2)", "width": 8}
    assert scalars["val_loss"] == pytest.approx(trainer.callback_metrics["val_loss"])


def test_a_training_that_was_interrupted_has_one_session_and_each_point_once(tmp_path):
    class Interrupt(Callback):
        def on_train_batch_end(self, trainer, model, outputs, batch, batch_idx):
            if trainer.global_step == 6:
                raise KeyboardInterrupt

    def run(**options):
        nn.manual_seed(0)
        trainer = Trainer(3, default_root_dir=tmp_path, logger=SummaryWriter, enable_progress_bar=False, **options)
        trainer.fit(Net(), loader(), loader(), ckpt_path="last")
        return hparams_of(trainer.log_dir)[0], [
            value.step for value in read_values(trainer.log_dir) if (value.run, value.tag) == (".", "val_loss")
        ]

    first, steps = run(callbacks=Interrupt())
    assert steps == [3]
    both, steps = run()
    assert {str(session.value) for session in both} == {str(first[0].value)}
    assert steps[:3] == [3, 7, 11]
    assert [path.name for path in tmp_path.iterdir()] == ["version_0"]


@pytest.mark.parametrize("chosen", [{"logger": False}, {"ignore": ["lr"]}], ids=str)
def test_they_are_not_logged_where_that_is_asked_for(chosen, tmp_path):
    class Silent(Module, LightningModule):
        def __init__(self, lr=0.1):
            super().__init__()
            self.save_hyperparameters(**chosen)

    trainer = quiet(1, default_root_dir=tmp_path, logger=SummaryWriter)
    trainer.fit(Silent(), loader(), loader())
    assert hparams_of(trainer.log_dir)[0] == []


def test_a_writer_without_hparams_does(tmp_path):
    from trainings import Tags

    writer = Tags()
    quiet(1, logger=writer, log_every_n_steps=1).fit(Net(), loader())
    assert np.isfinite([value for _, value in writer.of("train_loss")]).all()
