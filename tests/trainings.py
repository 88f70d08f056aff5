"""What the tests of training share: a small model with its data, a quiet Trainer, and a writer that remembers."""

import numpy as np

import nn
from nn.training import Trainer

OPTIMIZERS = {
    "SGD": lambda p: nn.optim.SGD(p, lr=0.1, momentum=0.9),
    "Adam": lambda p: nn.optim.Adam(p, lr=0.01),
    "AdamW": lambda p: nn.optim.AdamW(p, lr=0.01),
    "RMSprop": lambda p: nn.optim.RMSprop(p, lr=0.01),
    "LBFGS": lambda p: nn.optim.LBFGS(p, lr=0.1, max_iter=3),
}


class Tags:
    """A writer with one method: (tag, step, value) in order."""

    def __init__(self):
        self.written = []

    def add_scalar(self, tag, value, step):
        self.written.append((tag, step, value))

    def of(self, tag):
        return [(step, value) for name, step, value in self.written if name == tag]


def net(dropout=0.2):
    return nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(dropout), nn.Linear(8, 3))


def data(n=30, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 4)).astype(np.float32)
    return nn.data.TensorDataset(nn.tensor(x), nn.tensor(rng.integers(3, size=n)))


def loader(**options):
    return nn.data.DataLoader(data(), batch_size=8, **{"shuffle": True, **options})


def quiet(max_epochs=3, **options):
    return Trainer(max_epochs, **{"enable_progress_bar": False, "enable_checkpointing": False, **options})


def fit(trainer, model=None, train=None, val=None, ckpt_path=None, lr=0.1, **options):
    model = model or net()
    optimizer = nn.optim.SGD(model.parameters(), lr=lr)
    options = {"criterion": nn.CrossEntropyLoss(), "optimizer": optimizer, **options}
    trainer.fit(model, train or loader(), val, ckpt_path, **options)
    return model


class Module(nn.Module):
    """Of Lightning's form."""

    def __init__(self, make=OPTIMIZERS["SGD"]):
        super().__init__()
        self.body, self.make, self.losses = net(), make, []

    def training_step(self, batch, batch_idx):
        loss = nn.functional.cross_entropy(self.body(batch[0]), batch[1])
        self.log("train_loss", loss)
        self.losses.append(loss.item())
        return loss

    def validation_step(self, batch, batch_idx):
        self.log("val_loss", nn.functional.cross_entropy(self.body(batch[0]), batch[1]))

    def configure_optimizers(self):
        return self.make(self.parameters())


def states(model):
    return [value.numpy().tolist() for value in model.state_dict().values()]
