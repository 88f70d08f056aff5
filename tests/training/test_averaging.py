"""The averages are those of nn.optim.swa_utils by hand; validation sees them, the training does not."""

import numpy as np
import pytest

import nn
from nn.optim.swa_utils import SWALR, AveragedModel, get_ema_multi_avg_fn, update_bn
from nn.training import Callback, EMAWeightAveraging, StochasticWeightAveraging, Trainer, WeightAveraging


def net():
    nn.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Linear(8, 1))


def data():
    rng = np.random.default_rng(0)
    return [tuple(nn.tensor(rng.normal(size=(8, n)).astype(np.float32)) for n in (4, 1)) for _ in range(5)]


def states(model):
    return [value.numpy().tolist() for value in model.state_dict().values()]


def trained(callback, epochs=4, *more):
    model = net()
    trainer = Trainer(epochs, callbacks=[callback, *more], enable_checkpointing=False, enable_progress_bar=False)
    optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
    trainer.fit(model, data(), data(), criterion=nn.MSELoss(), optimizer=optimizer)
    return model


def by_hand(average, epochs=4, swa_start=None, every=1):
    model = net()
    optimizer, averaged, schedule, steps = nn.optim.SGD(model.parameters(), lr=0.1), average(model), None, 0
    for epoch in range(epochs):
        if epoch == swa_start:
            schedule = SWALR(optimizer, 0.05, anneal_epochs=2)
        for x, y in data():
            optimizer.zero_grad()
            nn.functional.mse_loss(model(x), y).backward()
            optimizer.step()
            steps += 1
            if swa_start is None and steps % every == 0:
                averaged.update_parameters(model)
        if schedule is not None:
            schedule.step()
            averaged.update_parameters(model)
    if swa_start is not None:
        update_bn(data(), averaged.module)
    return averaged.module


def test_the_exponential_average():
    hand = by_hand(lambda model: AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9)))
    assert states(trained(EMAWeightAveraging(0.9))) == states(hand)


def test_the_mean_and_a_rhythm_of_ones_own():
    class Third(WeightAveraging):
        def should_update(self, step_idx=None, epoch_idx=None):
            return step_idx is not None and (step_idx + 1) % 3 == 0

    assert states(trained(Third())) == states(by_hand(AveragedModel, every=3))


@pytest.mark.parametrize("start", [2, 0.5])
def test_the_mean_of_the_last_epochs(start):
    swa = StochasticWeightAveraging(0.05, start, annealing_epochs=2)
    assert states(trained(swa)) == states(by_hand(AveragedModel, swa_start=2))


def test_validation_sees_the_average_and_training_does_not():
    seen = []

    class Look(Callback):
        def on_validation_start(self, trainer, model):
            seen.append(states(model))

        def on_train_epoch_end(self, trainer, model):
            seen.append(states(model))

    trained(EMAWeightAveraging(0.9), 2, Look())
    plain = net()
    trainer = Trainer(1, enable_checkpointing=False, enable_progress_bar=False)
    optimizer = nn.optim.SGD(plain.parameters(), lr=0.1)
    trainer.fit(plain, data(), criterion=nn.MSELoss(), optimizer=optimizer)
    assert seen[1] == states(plain)
    assert seen[0] != seen[1]


def test_checkpoints_show_the_average(tmp_path):
    model = net()
    trainer = Trainer(2, callbacks=EMAWeightAveraging(0.9), default_root_dir=tmp_path, enable_progress_bar=False)
    optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
    trainer.fit(model, data(), data(), criterion=nn.MSELoss(), optimizer=optimizer)
    other = net()
    [metrics] = trainer.validate(other, data(), "last")
    assert states(other) == states(model)
    assert metrics["val_loss"] == trainer.callback_metrics["val_loss"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: EMAWeightAveraging(1.5), "get_ema_multi_avg_fn: decay must be in [0, 1], got 1.5"),
        (lambda: EMAWeightAveraging(update_every_n_steps=0),
         "EMAWeightAveraging: update_every_n_steps must be 1 or more, got 0"),
        (lambda: StochasticWeightAveraging(0.1, 1.5),
         "StochasticWeightAveraging: swa_epoch_start must be the number of an epoch, or a share from 0.0 to 1.0 of "
         "them, got 1.5"),
        (lambda: StochasticWeightAveraging(0.1, -1),
         "StochasticWeightAveraging: swa_epoch_start must be the number of an epoch, or a share from 0.0 to 1.0 of "
         "them, got -1"),
    ],
)  # fmt: skip
def test_bad_options_are_refused(make, message):
    with pytest.raises(ValueError) as error:
        make()
    assert str(error.value) == message
