"""What LeNet and the residual network share: a classifier as a Trainer takes it, and the handwritten digits."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn
from nn import functional as F
from nn.data import DataLoader, Subset
from nn.examples.cnn import split_digits, whole
from nn.examples.console import Options
from nn.examples.fitting import Inside, fit
from nn.metrics import confusion_matrix
from nn.training import Callback
from nn.viewing import draw_confusion_matrix, draw_pictures

__all__ = ["Classifier", "train_digits"]


class Classifier(nn.Module):
    """A network on digits: cross-entropy, AdamW, the rate falling along half a cosine over the epochs.

    Args:
        net: (N, 1, size, size) -> logits (N, 10).
        size: what the digits of 8 x 8 pixels are stretched to.
        lr: the learning rate at the start.
        epochs: over which it falls to 0.
        shift: while training, each batch is moved at random by up to so many pixels.
    """

    def __init__(self, net: nn.Module, size: int, lr: float, epochs: int, shift: int = 0) -> None:
        super().__init__()
        self.net, self.size, self.lr, self.epochs = net, size, lr, epochs
        self.shift = nn.data.RandomShift(shift)

    def forward(self, images: nn.Tensor) -> nn.Tensor:
        """The logits of each digit."""
        return self.net(self.stretched(images))

    def stretched(self, images: nn.Tensor) -> nn.Tensor:
        """The digits in the size that the network takes."""
        if images.shape[-1] == self.size:
            return images
        return F.interpolate(images, size=(self.size, self.size), mode="bilinear", align_corners=False)

    def training_step(self, batch: Any, batch_idx: int) -> nn.Tensor:
        """The loss of a batch."""
        images, labels = batch
        loss = F.cross_entropy(self(self.shift(images)), labels)
        self.log("train_loss", loss, on_step=True, on_epoch=True, prog_bar=True)
        return loss

    def validation_step(self, batch: Any, batch_idx: int) -> None:
        """Log loss and accuracy."""
        self._judge("val", batch)

    def test_step(self, batch: Any, batch_idx: int) -> None:
        """Log loss and accuracy."""
        self._judge("test", batch)

    def _judge(self, kind: str, batch: Any) -> None:
        images, labels = batch
        logits = self(images)
        self.log(f"{kind}_loss", F.cross_entropy(logits, labels))
        self.log(f"{kind}_accuracy", (logits.argmax(1) == labels).float().mean(), prog_bar=True)

    def configure_optimizers(self) -> Any:
        """AdamW and its schedule."""
        optimizer = nn.optim.AdamW(self.parameters(), lr=self.lr)
        return [optimizer], [nn.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=self.epochs)]


class Pictures(Callback):
    """The filters of the first layer after each epoch; at the end its feature maps, and what was taken for what."""

    def __init__(self, images: nn.Tensor, labels: nn.Tensor) -> None:
        self.images, self.labels = images, labels

    def on_train_epoch_end(self, trainer: Any, model: Any) -> None:
        """The filters."""
        sheet = draw_pictures(model.net.conv1.weight.detach(), title="filters of conv1", colours="diverging")
        trainer.logger.add_image("filters/conv1", sheet, trainer.global_step)

    def on_train_end(self, trainer: Any, model: Any) -> None:
        """Feature maps of one digit, the confusion matrix, and the digits that were mistaken."""
        writer, step = trainer.logger, trainer.global_step
        model.eval()
        with nn.no_grad():
            maps = model.net.conv1(model.stretched(self.images[:1]))[0]
            predicted = model(self.images).argmax(1).numpy()
        model.train()
        truth = self.labels.numpy()
        writer.add_image("feature_maps/conv1", draw_pictures(maps, title="feature maps of conv1, of one digit"), step)
        matrix = confusion_matrix(truth, predicted, labels=range(10))
        writer.add_image("confusion_matrix", draw_confusion_matrix(matrix, range(10)), step)
        wrong = np.flatnonzero(truth != predicted)[:32]
        if len(wrong):
            captions = [f"{truth[i]} as {predicted[i]}" for i in wrong]
            writer.add_image("misclassified", draw_pictures(self.images.numpy()[wrong], captions), step)


def train_digits(net: nn.Module, size: int, lr: float, epochs: int, options: Options, shift: int = 0) -> dict[str, Any]:
    """Train a network on the digits; returns its accuracies."""
    train, validation, test = split_digits()
    if options.quick:
        train, validation, test = (Subset(part, range(64)) for part in (train, validation, test))
    loaders = DataLoader(train, batch_size=32, shuffle=True), DataLoader(validation, batch_size=256)
    task = Classifier(net, size, options.lr or lr, epochs, shift)
    images, labels = whole(validation)
    looks = [Inside(net, task.stretched(images[:1])), Pictures(images, labels)]
    trainer = fit(task, loaders, options, epochs, looks)
    [metrics] = trainer.test(task, DataLoader(test, batch_size=256))
    return {
        "test accuracy": metrics["test_accuracy"],
        "validation accuracy": trainer.callback_metrics["val_accuracy"],
        "parameters": sum(parameter.numel() for parameter in net.parameters()),
    }
