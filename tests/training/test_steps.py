"""Every form of `configure_optimizers` that Lightning takes with one optimiser; what else it returns is refused."""

import pytest

import nn
from nn.optim.lr_scheduler import ReduceLROnPlateau, StepLR
from nn.training.steps import optimizers_of, require_step


def model_of(make):
    class Model(nn.Linear):
        def configure_optimizers(self):
            optimizer = nn.optim.SGD(self.parameters(), lr=1.0)
            return make(optimizer)

    return Model(1, 1)


@pytest.mark.parametrize(
    ("make", "schedules"),
    [
        (lambda o: o, []),
        (lambda o: [o], []),
        (lambda o: (o,), []),
        (lambda o: {"optimizer": o}, []),
        (lambda o: {"optimizer": o, "lr_scheduler": StepLR(o, 1)}, [("epoch", 1, None)]),
        (lambda o: ([o], [StepLR(o, 1)]), [("epoch", 1, None)]),
        (lambda o: ([o], []), []),
        (lambda o: ([o], [{"scheduler": StepLR(o, 1), "interval": "step", "frequency": 2}]), [("step", 2, None)]),
        (lambda o: {"optimizer": o, "lr_scheduler": {"scheduler": ReduceLROnPlateau(o), "monitor": "val_loss"}},
         [("epoch", 1, "val_loss")]),
        (lambda o: {"optimizer": o, "lr_scheduler": ReduceLROnPlateau(o), "monitor": "val_loss"},
         [("epoch", 1, "val_loss")]),
    ],
)  # fmt: skip
def test_the_forms(make, schedules):
    optimizer, found = optimizers_of(model_of(make))
    assert isinstance(optimizer, nn.optim.SGD)
    assert [tuple(schedule[1:]) for schedule in found] == schedules


OWNER = "Model.configure_optimizers: "
EXPECTED = (
    OWNER + "expected a schedule of nn.optim.lr_scheduler, or a dict with it as 'scheduler' and the options "
    "'interval', 'frequency' and 'monitor'; got "
)


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda o: None, TypeError, OWNER + "expected an optimiser of nn.optim, got NoneType"),
        (lambda o: {"optimiser": o}, TypeError, OWNER + "expected an optimiser of nn.optim, got NoneType"),
        (lambda o: [o, o], TypeError,
         OWNER + "expected one optimiser, got 2; write the loop by hand for several, such as a GAN's, or give one of "
         "them several groups"),
        (lambda o: ([o], ["step"]), TypeError, EXPECTED + "str"),
        (lambda o: ([o], [{"scheduler": StepLR(o, 1), "every": 2}]), TypeError, EXPECTED + "the options ['every']"),
        (lambda o: ([o], [{"scheduler": StepLR(o, 1), "interval": "batch"}]), ValueError,
         OWNER + "interval must be 'epoch' or 'step', got 'batch'"),
        (lambda o: ([o], [{"scheduler": StepLR(o, 1), "frequency": 0}]), ValueError,
         OWNER + "frequency must be a whole number of 1 or more, got 0"),
        (lambda o: ([o], [ReduceLROnPlateau(o)]), ValueError,
         OWNER + "ReduceLROnPlateau looks at a metric; give {'scheduler': scheduler, 'monitor': 'val_loss'} with its "
         "name"),
    ],
)  # fmt: skip
def test_what_else_is_returned_is_refused(make, kind, message):
    with pytest.raises(kind) as error:
        optimizers_of(model_of(make))
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("result", "got"),
    [
        (lambda y: y, "one of shape (1, 2), of which take the mean"),
        (lambda y: 1.0, "float"),
        (lambda y: {"lss": y.sum()}, "a dict with ['lss']"),
        (lambda y: {"loss": y}, "one of shape (1, 2), of which take the mean"),
    ],
)
def test_what_is_no_loss_is_refused(result, got):
    class Model(nn.Linear):
        def training_step(self, batch, batch_idx):
            return result(self(batch))

        def configure_optimizers(self):
            return nn.optim.SGD(self.parameters(), lr=0.1)

    with pytest.raises(TypeError) as error:
        nn.training.Trainer(1, enable_checkpointing=False, enable_progress_bar=False).fit(Model(2, 2), [nn.ones(1, 2)])
    assert str(error.value) == (
        "Trainer: training_step must return the loss, a tensor with one number, or a dict with it as 'loss', or None "
        f"to leave the batch out; got {got}"
    )


def test_a_missing_step_is_named():
    with pytest.raises(TypeError) as error:
        require_step(nn.Linear(1, 1), "test_step")
    assert str(error.value) == "Trainer: Linear has no test_step; write test_step(self, batch, batch_idx)"
