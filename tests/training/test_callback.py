"""Callbacks and the model are called at each moment that they define, in order."""

from trainings import Module, loader, net, quiet

import nn
from nn.training import Callback, EarlyStopping


def test_the_moments_come_in_order_also_those_of_the_model():
    seen = []

    class Model(Module):
        def on_train_epoch_end(self):
            seen.append("model's")

    moments = [name for name in vars(Callback) if name.startswith("on_")]
    methods = {name: lambda self, *args, name=name: seen.append(name) for name in moments}
    quiet(1, callbacks=type("All", (Callback,), methods)()).fit(Model(), list(loader())[:1], list(loader())[:1])
    begin, step, end = seen[:3], seen[3:11], seen[11:]
    assert begin == ["on_fit_start", "on_train_start", "on_train_epoch_start"]
    assert step == [
        "on_train_batch_start", "on_before_zero_grad", "on_before_backward", "on_after_backward",
        "on_before_optimizer_step", "on_train_batch_end", "on_validation_start", "on_validation_epoch_start",
    ]  # fmt: skip
    assert end == [
        "on_validation_batch_start", "on_validation_batch_end", "on_validation_epoch_end", "on_validation_end",
        "on_train_epoch_end", "model's", "on_train_end", "on_fit_end",
    ]  # fmt: skip
    seen.clear()
    quiet(callbacks=type("All", (Callback,), methods)()).predict(net(), [loader().dataset[:4][0]])
    assert seen == [f"on_predict_{moment}" for moment in (
        "start", "epoch_start", "batch_start", "batch_end", "epoch_end", "end")]  # fmt: skip


def test_a_model_has_its_trainer_when_it_makes_its_optimiser_and_logs_a_metric_of_a_whole_validation():
    class Model(Module):
        def configure_optimizers(self):
            assert self.trainer.estimated_stepping_batches == 3 * 2
            optimizer = super().configure_optimizers()
            schedule = nn.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, self.trainer.estimated_stepping_batches)
            return [optimizer], [{"scheduler": schedule, "interval": "step"}]

        def on_validation_epoch_end(self):
            self.log("worst", 7.0 - self.trainer.current_epoch)

    stop = EarlyStopping("worst", patience=1, mode="max")
    trainer = quiet(3, accumulate_grad_batches=2, callbacks=[stop])
    trainer.fit(model := Model(), loader(), loader())
    assert (trainer.current_epoch, stop.best_score, trainer.callback_metrics["worst"]) == (2, 7.0, 6.0)
    [metrics] = trainer.validate(model, loader())
    assert metrics["worst"] == 5.0
    assert set(metrics) == {"worst", "val_loss"}
    assert quiet(3, max_steps=2).estimated_stepping_batches == 2
    assert quiet(3).estimated_stepping_batches == float("inf")
