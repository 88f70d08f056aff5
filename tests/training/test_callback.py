"""Callbacks and the model are called at each moment that they define, in order."""

from trainings import Module, loader, quiet

from nn.training import Callback


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
