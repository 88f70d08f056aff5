"""Throughput is samples and batches by seconds, without the validation; an unknown interval is refused."""

import pytest

import nn
from nn.training import LearningRateMonitor, ThroughputMonitor, Trainer


def test_throughput_counts_samples_and_leaves_the_validation_out():
    time = [0.0]

    class Model(nn.Linear):
        def training_step(self, batch, batch_idx):
            time[0] += 0.5
            return self(batch["x"]).sum()

        def validation_step(self, batch, batch_idx):
            time[0] += 100.0

        def configure_optimizers(self):
            return nn.optim.SGD(self.parameters(), lr=0.0)

    trainer = Trainer(2, callbacks=ThroughputMonitor(lambda: time[0]), enable_checkpointing=False,
                      enable_progress_bar=False)  # fmt: skip
    data = [{"x": nn.ones(n, 1)} for n in (8, 8, 4)]
    trainer.fit(Model(1, 1), data, data)
    assert trainer.callback_metrics == {
        "time/train_epoch": 1.5,
        "throughput/samples_per_second": 20 / 1.5,
        "throughput/batches_per_second": 2.0,
    }


def test_an_unknown_interval_is_refused():
    with pytest.raises(ValueError) as error:
        LearningRateMonitor("batch")
    assert str(error.value) == "LearningRateMonitor: logging_interval must be 'step', 'epoch' or None, got 'batch'"
