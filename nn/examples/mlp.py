"""A perceptron that tells two moons apart: two curves of points which no straight line separates."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn
from nn.data import DataLoader, TensorDataset, datasets, random_split
from nn.examples.console import Options, Report, counted
from nn.examples.fitting import Inside, fit, judged
from nn.models import MLP
from nn.training import Callback
from nn.viewing import Picture, draw_plane

__all__ = ["draw", "train"]

EPOCHS, LR = 40, 1e-2


class Moons(nn.Module):
    """A logit for each point: above 0 for the lower moon.

    Args:
        net: (N, 2) -> (N, 1).
        lr: the learning rate.
    """

    def __init__(self, net: nn.Module, lr: float) -> None:
        super().__init__()
        self.net, self.lr = net, lr

    def training_step(self, batch: Any, batch_idx: int) -> nn.Tensor:
        """The loss of a batch."""
        points, labels = batch
        loss = nn.functional.binary_cross_entropy_with_logits(self.net(points)[:, 0], labels.float())
        self.log("train_loss", loss, on_step=True, on_epoch=True, prog_bar=True)
        return loss

    def validation_step(self, batch: Any, batch_idx: int) -> None:
        """Log loss and accuracy."""
        points, labels = batch
        logits = self.net(points)[:, 0]
        self.log("val_loss", nn.functional.binary_cross_entropy_with_logits(logits, labels.float()))
        self.log("val_accuracy", ((logits > 0) == (labels > 0)).float().mean(), prog_bar=True)

    def configure_optimizers(self) -> Any:
        """Adam."""
        return nn.optim.Adam(self.parameters(), lr=self.lr)


class Plane(Callback):
    """The plane with the points, every so many epochs."""

    def __init__(self, points: nn.Tensor, labels: nn.Tensor, every: int) -> None:
        self.points, self.labels, self.every = points.tolist(), labels.tolist(), every

    def on_train_epoch_end(self, trainer: Any, model: Any) -> None:
        """Draw it."""
        if trainer.current_epoch % self.every == 0 or trainer.current_epoch == trainer.max_epochs - 1:
            picture = draw(model.net, self.points, self.labels, f"two moons after epoch {trainer.current_epoch}")
            trainer.logger.add_image("plane", picture, trainer.global_step)


def draw(net: nn.Module, points: list[list[float]], labels: list[int], title: str) -> Picture:
    """The probability of the lower moon over the plane, with the line at a half, and some of the points."""
    across, up = np.linspace(-1.5, 2.5, 64), np.linspace(-1.0, 1.5, 40)
    places = np.stack(np.meshgrid(across, up), -1).astype(np.float32)  # (40, 64, 2)
    with nn.no_grad():
        p = net(nn.from_numpy(places.reshape(-1, 2))).sigmoid().numpy().reshape(40, 64)
    marks = {(x, y): str(label) for (x, y), label in zip(points[:60], labels[:60], strict=True)}
    return draw_plane(
        p, across, up, title=title, bar_label="probability of 1", colours="diverging", low=0, high=1, levels=[0.5],
        marks=marks,
    )  # fmt: skip


def train(options: Options) -> Report:
    """Train and validate once for each seed."""
    epochs = options.epochs or (2 if options.quick else EPOCHS)

    def once(options: Options) -> dict[str, Any]:
        nn.manual_seed(options.seed)
        points, labels = datasets.make_moons(64 if options.quick else 400, noise=0.15)
        train, validation = random_split(TensorDataset(points, labels), [0.75, 0.25])
        net = MLP(2, [32, 32, 1], activation_layer=nn.Tanh)
        loaders = DataLoader(train, batch_size=32, shuffle=True), DataLoader(validation, batch_size=128)
        looks = [Inside(net, points[:1]), Plane(points, labels, max(1, epochs // 10))]
        metrics = fit(Moons(net, options.lr or LR), loaders, options, epochs, looks).callback_metrics
        return {"validation accuracy": metrics["val_accuracy"], "validation loss": metrics["val_loss"]}

    return judged(options, f"A perceptron on two moons, {counted(epochs, 'epoch')}", once)
