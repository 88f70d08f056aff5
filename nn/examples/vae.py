"""A variational autoencoder on handwritten digits, with a space of two numbers, so that all of it can be drawn."""

from __future__ import annotations

from typing import Any

import nn
from nn.data import DataLoader, Subset
from nn.examples.cnn import split_digits, whole
from nn.examples.console import Options, Report, counted
from nn.examples.fitting import Inside, fit, judged
from nn.models import VAE
from nn.training import Callback
from nn.viewing import draw_pictures

__all__ = ["train"]

EPOCHS, LR = 40, 2e-3
SIDE = 12  # pictures along an edge of the map


class Autoencoder(nn.Module):
    """The negative evidence lower bound, and its two parts.

    Args:
        net: a `VAE`.
        lr: the learning rate.
    """

    def __init__(self, net: VAE, lr: float) -> None:
        super().__init__()
        self.net, self.lr = net, lr

    def training_step(self, batch: Any, batch_idx: int) -> nn.Tensor:
        """The loss of a batch."""
        loss = self.net.loss(batch[0])
        self.log("train_loss", loss, on_step=True, on_epoch=True, prog_bar=True)
        return loss

    def validation_step(self, batch: Any, batch_idx: int) -> None:
        """Log the loss and both of its parts."""
        reconstruction, divergence = self.net.parts(batch[0])
        self.log("val_loss", reconstruction + divergence, prog_bar=True)
        self.log("val_loss/reconstruction", reconstruction)
        self.log("val_loss/divergence", divergence)

    def configure_optimizers(self) -> Any:
        """Adam."""
        return nn.optim.Adam(self.parameters(), lr=self.lr)


class Space(Callback):
    """Every so many epochs: digits and what is made of them, samples, and the map of the space; at the end the digits
    as points of it, in the projector.
    """

    def __init__(self, images: nn.Tensor, labels: nn.Tensor, every: int) -> None:
        self.images, self.labels, self.every = images, labels, every

    def on_train_epoch_end(self, trainer: Any, model: Any) -> None:
        """Draw them."""
        if trainer.current_epoch % self.every and trainer.current_epoch != trainer.max_epochs - 1:
            return
        writer, step, net = trainer.logger, trainer.global_step, model.net
        with nn.no_grad():
            shown = self.images[:16]
            again = net.decode(net.encode(shown)[0]).sigmoid()
            samples = net.sample(64, nn.Generator().manual_seed(0))
            pairs = nn.cat([shown.reshape(-1, 8, 8), again.reshape(-1, 8, 8)])
            places = net.decode(_places()).sigmoid()
        for tag, sheet, columns, title in (
            ("reconstructions", pairs, 16, "digits, and below each what the network makes of it"),
            ("samples", samples, 8, "pictures of random z"),
            ("map", places, SIDE, "pictures of z from -1.7 to 1.7 along both axes"),
        ):
            drawn = draw_pictures(sheet.reshape(-1, 8, 8), title=title, columns=columns, bar_label="ink", low=0, high=1)
            writer.add_image(tag, drawn, step)

    def on_train_end(self, trainer: Any, model: Any) -> None:
        """Hand the digits to the projector."""
        with nn.no_grad():
            mu, _ = model.net.encode(self.images)
        labels = [str(label) for label in self.labels.numpy()]
        trainer.logger.add_embedding(mu, metadata=labels, label_img=self.images, global_step=trainer.global_step)


def _places() -> nn.Tensor:
    """Points of the space in rows and columns, each the middle of an equal share of the normal distribution."""
    shares = (nn.arange(SIDE).float() + 0.5) / SIDE
    line = nn.special.erfinv(2 * shares - 1) * 2**0.5  # the inverse of its distribution function
    return nn.stack(nn.meshgrid(line, line, indexing="ij"), -1).reshape(-1, 2).flip(1)


def train(options: Options) -> Report:
    """Train and validate once for each seed."""
    epochs = options.epochs or (1 if options.quick else EPOCHS)

    def once(options: Options) -> dict[str, Any]:
        nn.manual_seed(options.seed)
        train, validation, _ = split_digits()
        if options.quick:
            train, validation = Subset(train, range(64)), Subset(validation, range(32))
        net = VAE(64, hidden=128, latent=2)
        images, labels = whole(validation)
        loaders = DataLoader(train, batch_size=32, shuffle=True), DataLoader(validation, batch_size=256)
        looks = [Inside(net, images[:1]), Space(images, labels, max(1, epochs // 10))]
        metrics = fit(Autoencoder(net, options.lr or LR), loaders, options, epochs, looks).callback_metrics
        return {
            "loss (nats)": metrics["val_loss"],
            "reconstruction": metrics["val_loss/reconstruction"],
            "divergence": metrics["val_loss/divergence"],
        }

    return judged(options, f"A variational autoencoder on 1,797 digits, {counted(epochs, 'epoch')}", once)
