"""Options of a Trainer that make no sense are refused; a saver and a progress bar are added, savers last."""

import pytest

from nn.training import Callback, EarlyStopping, ModelCheckpoint, ProgressBar, Trainer


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        (dict(max_epochs=-2), ValueError, "Trainer: max_epochs must be a whole number of -1 or more, got -2"),
        (dict(max_epochs=True), ValueError, "Trainer: max_epochs must be a whole number of -1 or more, got True"),
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


@pytest.mark.parametrize("saver", [True, False])
@pytest.mark.parametrize("bar", [True, False])
def test_a_saver_and_a_bar_are_added_where_there_is_none(saver, bar):
    options = {"enable_checkpointing": saver, "enable_progress_bar": bar}
    kinds = [type(callback) for callback in Trainer(callbacks=Callback(), **options).callbacks]
    assert kinds == [Callback] + [ProgressBar] * bar + [ModelCheckpoint] * saver
    own = [ModelCheckpoint(), ProgressBar()]
    assert Trainer(callbacks=own, **options).callbacks == own[::-1]


def test_the_saver_and_the_stopper_are_found():
    best, stop = ModelCheckpoint(monitor="val_loss"), EarlyStopping("val_loss")
    trainer = Trainer(callbacks=[stop, best], enable_progress_bar=False)
    assert (trainer.checkpoint_callback, trainer.early_stopping_callback) == (best, stop)
    bare = Trainer(enable_checkpointing=False, enable_progress_bar=False)
    assert (bare.checkpoint_callback, bare.early_stopping_callback) == (None, None)
