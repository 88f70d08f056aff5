"""The logbook: what a run holds, and losses that are refused."""

import pytest

import nn
from nn.examples.logbook import Logbook, require_finite
from tbwriter import read_scalars


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_says_where_and_what_to_do(loss):
    with pytest.raises(
        FloatingPointError, match=r"became (nan|inf) in epoch 3 at learning rate 0\.1; lower it with --lr"
    ):
        require_finite(loss, 3, 0.1)


@pytest.mark.parametrize("inside", [True, False])
def test_training_and_validation_have_one_tag_in_two_runs(inside, tmp_path):
    model = nn.Sequential(nn.Linear(2, 1), nn.ReLU())
    with Logbook(tmp_path, model, nn.ones(1, 2), dict(lr=0.1, seed=3), inside, every=2) as log:
        for epoch in range(3):
            model(nn.ones(4, 2)).sum().backward()
            log.scalars(epoch, loss=1.0 / (epoch + 1))
            log.validation.add_scalar("loss", 2.0, epoch)
        log.result(2, accuracy__test=0.5)
    own = tmp_path / "own"  # the run without its sub-run
    own.mkdir()
    [events] = tmp_path.glob("*tfevents*")
    events.rename(own / events.name)
    assert (
        read_scalars(own)["loss"][0].tolist() == read_scalars(tmp_path / "validation")["loss"][0].tolist() == [0, 1, 2]
    )
    assert ("dead/1" in read_scalars(own)) == inside
    assert read_scalars(own)["accuracy/test"][1].tolist() == [0.5]
