"""The head is trained first, and more of the model epoch by epoch, also after a break."""

import pytest
from trainings import fit, net, quiet, states

import nn
from nn.training import Callback
from nn.tuning import GradualUnfreezing

SCHEDULE = {0: "4", 1: "1", 2: ["0"]}


class Trained(Callback):
    def __init__(self):
        self.seen = []

    def on_train_batch_end(self, trainer, model, outputs, batch, batch_idx):
        names = sorted({name[0] for name, p in model.named_parameters() if p.grad is not None})
        self.seen.append((trainer.current_epoch, "".join(names), model[1].training))


def test_parts_are_trained_from_their_epoch_on():
    seen = Trained()
    fit(quiet(3, callbacks=[GradualUnfreezing(SCHEDULE), seen]))
    assert sorted(set(seen.seen)) == [(0, "4", False), (1, "14", True), (2, "014", True)]


@pytest.mark.parametrize("steps", [3, 4, 6, 9])
def test_going_on_from_a_checkpoint_trains_the_same_parts(tmp_path, steps):
    """Also within an epoch, and between the batches of one step."""

    def run(max_steps, ckpt_path=None):
        nn.manual_seed(0)
        seen = Trained()
        trainer = quiet(
            3, max_steps=max_steps, accumulate_grad_batches=1, callbacks=[GradualUnfreezing(SCHEDULE), seen]
        )
        model = fit(trainer, net(0.0), ckpt_path=ckpt_path)
        return trainer, model, seen.seen

    _, whole, parts = run(-1)
    trainer, _, before = run(steps)
    trainer.save_checkpoint(tmp_path / "broken.ckpt")
    _, resumed, after = run(-1, tmp_path / "broken.ckpt")
    assert before + after == parts
    assert states(resumed) == states(whole)


def test_gradients_of_a_half_done_step_survive_a_break(tmp_path):
    class Stop(Callback):
        def on_train_batch_end(self, trainer, model, outputs, batch, batch_idx):
            if (trainer.current_epoch, batch_idx) == (1, 2):
                trainer.save_checkpoint(tmp_path / "window.ckpt")

    def run(ckpt_path=None, callbacks=()):
        nn.manual_seed(0)
        trainer = quiet(3, accumulate_grad_batches=2, callbacks=[GradualUnfreezing(SCHEDULE), *callbacks])
        return states(fit(trainer, net(0.0), ckpt_path=ckpt_path))

    whole = run(callbacks=[Stop()])
    assert run(tmp_path / "window.ckpt") == whole


def test_bad_schedules_are_refused():
    for wrong in ({}, None, "4"):
        with pytest.raises(ValueError, match="schedule must say which patterns are trained from which epoch on, got"):
            GradualUnfreezing(wrong)
    for wrong in (-1, 0.5, True):
        with pytest.raises(ValueError, match="an epoch must be a whole number of 0 or more, got"):
            GradualUnfreezing({wrong: "4"})
    with pytest.raises(
        ValueError, match="nothing is trained before epoch 2; give the patterns of the head for epoch 0"
    ):
        fit(quiet(callbacks=[GradualUnfreezing({2: "4"})]))
    with pytest.raises(ValueError, match="'head' matches no module and no parameter of Sequential"):
        fit(quiet(callbacks=[GradualUnfreezing({0: "4", 5: "head"})]))


def test_an_optimiser_that_lacks_a_part_is_refused():
    model = net()
    with pytest.raises(ValueError, match=r"does not have '1\.weight', which is trained from epoch 1 on"):
        fit(quiet(callbacks=[GradualUnfreezing(SCHEDULE)]), model,
            optimizer=nn.optim.SGD(model[4].parameters(), lr=0.1))  # fmt: skip
