"""U-Net on pictures of discs, squares and triangles under noise: which pixel belongs to what.

The pictures are drawn here, and so are their masks: 0 for the ground, 1 for a disc, 2 for a square, 3 for a triangle.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import nn
from nn import functional as F
from nn.data import DataLoader, TensorDataset
from nn.examples.console import Options, Report, counted
from nn.examples.fitting import Inside, fit, judged
from nn.models import UNet
from nn.training import Callback
from nn.viewing import draw_pictures

__all__ = ["make_shapes", "overlap", "train"]

EPOCHS, LR = 8, 5e-3
NAMES = ("ground", "disc", "square", "triangle")
COLOURS = np.asarray([[0.1, 0.1, 0.1], [0.9, 0.5, 0.2], [0.3, 0.6, 0.9], [0.4, 0.8, 0.4]], np.float32)


def make_shapes(n: int, size: int, rng: np.random.Generator) -> tuple[nn.Tensor, nn.Tensor]:
    """Pictures with two or three shapes, later ones before earlier ones, and their masks.

    Shape:
        pictures (n, 1, size, size) with values about 0 to 1, masks (n, size, size) of 0 to 3
    """
    down, across = np.mgrid[:size, :size]
    pictures = np.zeros((n, size, size), np.float32)
    masks = np.zeros((n, size, size), np.int64)
    for picture, mask in zip(pictures, masks, strict=True):
        for _ in range(rng.integers(2, 4)):
            kind, radius = rng.integers(1, 4), rng.uniform(0.12, 0.22) * size
            y, x = rng.uniform(radius, size - radius, 2)
            v, u = down - y, across - x
            if kind == 1:
                inside = v**2 + u**2 < radius**2
            elif kind == 2:
                inside = np.maximum(abs(v), abs(u)) < 0.85 * radius
            else:
                inside = (v < 0.7 * radius) & (v > 2 * abs(u) - radius)
            mask[inside], picture[inside] = kind, rng.uniform(0.4, 1)
    pictures += rng.normal(0, 0.15, pictures.shape).astype(np.float32)
    return nn.from_numpy(pictures[:, None]), nn.from_numpy(masks)


def overlap(predicted: Any, masks: Any) -> list[float]:
    """Intersection over union of each of the four classes; nan for one that is nowhere."""
    found = []
    for kind in range(len(NAMES)):
        own, true = np.asarray(predicted) == kind, np.asarray(masks) == kind
        union = (own | true).sum()
        found.append(float((own & true).sum() / union) if union else float("nan"))
    return found


class Segmentation(nn.Module):
    """Cross-entropy over the pixels.

    Args:
        net: (N, 1, H, W) -> logits (N, 4, H, W).
        lr: the learning rate.
    """

    def __init__(self, net: nn.Module, lr: float) -> None:
        super().__init__()
        self.net, self.lr = net, lr

    def training_step(self, batch: Any, batch_idx: int) -> nn.Tensor:
        """The loss of a batch."""
        pictures, masks = batch
        loss = F.cross_entropy(self.net(pictures), masks)
        self.log("train_loss", loss, on_step=True, on_epoch=True, prog_bar=True)
        return loss

    def validation_step(self, batch: Any, batch_idx: int) -> None:
        """Log the loss, the share of pixels that are right, and how far each shape overlaps its mask."""
        pictures, masks = batch
        logits = self.net(pictures)
        predicted = logits.argmax(1)
        self.log("val_loss", F.cross_entropy(logits, masks))
        self.log("val_accuracy", (predicted == masks).float().mean())
        shares = overlap(predicted.numpy(), masks.numpy())
        self.log("val_iou", float(np.nanmean(shares)), prog_bar=True)
        for name, share in zip(NAMES, shares, strict=True):
            if np.isfinite(share):
                self.log(f"val_iou/{name}", share)

    def configure_optimizers(self) -> Any:
        """Adam."""
        return nn.optim.Adam(self.parameters(), lr=self.lr)


class Masks(Callback):
    """After each epoch a picture of three rows: what the network is shown, the mask, and what it says."""

    def __init__(self, pictures: nn.Tensor, masks: nn.Tensor) -> None:
        self.pictures, self.masks = pictures, masks

    def on_validation_end(self, trainer: Any, model: Any) -> None:
        """Draw it."""
        with nn.no_grad():
            predicted = model.net.eval()(self.pictures).argmax(1).numpy()
        model.net.train()
        shown = np.clip(self.pictures.numpy()[:, 0, :, :, None], 0, 1).repeat(3, -1)
        sheet = np.concatenate([shown, COLOURS[self.masks.numpy()], COLOURS[predicted]]).transpose(0, 3, 1, 2)
        captions = [f"{kind} {n}" for kind in ("picture", "mask", "predicted") for n in range(len(shown))]
        drawn = draw_pictures(sheet, captions, columns=len(shown), title="orange disc, blue square, green triangle")
        trainer.logger.add_image("masks", drawn, trainer.global_step)


def train(options: Options) -> Report:
    """Train and validate once for each seed."""
    epochs = options.epochs or (1 if options.quick else EPOCHS)
    count, size, width = (16, 16, 4) if options.quick else (600, 32, 8)

    def once(options: Options) -> dict[str, Any]:
        nn.manual_seed(options.seed)
        rng = np.random.default_rng(options.seed)
        train, validation = make_shapes(count, size, rng), make_shapes(count // 4, size, rng)
        net = UNet(1, len(NAMES), width, depth=2)
        loaders = (
            DataLoader(TensorDataset(*train), batch_size=16, shuffle=True),
            DataLoader(TensorDataset(*validation), batch_size=150),
        )
        looks = [Inside(net, train[0][:1]), Masks(validation[0][:8], validation[1][:8])]
        metrics = fit(Segmentation(net, options.lr or LR), loaders, options, epochs, looks).callback_metrics
        return {"pixels right": metrics["val_accuracy"], "intersection over union": metrics["val_iou"]}

    return judged(options, f"U-Net on {count} pictures of shapes, {counted(epochs, 'epoch')}", once)
