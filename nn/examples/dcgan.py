"""A DCGAN on handwritten digits. Two optimisers take turns, so the loop is written by hand."""

from __future__ import annotations

from typing import Any

import nn
from nn import functional as F
from nn.data import DataLoader, TensorDataset, datasets
from nn.examples.console import Console, Options, Report, counted
from nn.examples.fitting import judged
from nn.examples.logbook import require_finite
from nn.examples.resuming import Keeper
from nn.models import DCGANDiscriminator, DCGANGenerator
from nn.viewing import draw_pictures
from tbwriter import SummaryWriter

__all__ = ["train"]

EPOCHS, LR = 20, 1e-3
LATENT, SIZE = 32, 16


def pictures(quick: bool) -> nn.Tensor:
    """The digits with 16 x 16 pixels, from -1 for paper to 1 for ink, as the painter's tanh has them."""
    images, _ = datasets.load_digits()
    images = images[:64] if quick else images
    return F.interpolate(images, size=(SIZE, SIZE), mode="bilinear", align_corners=False) * 2 - 1


def fit(options: Options, epochs: int) -> dict[str, Any]:
    """Train both networks; returns how the judge fares at the end."""
    nn.manual_seed(options.seed)
    features, lr = 8 if options.quick else 16, options.lr or LR
    painter, judge = DCGANGenerator(LATENT, features, 1, SIZE), DCGANDiscriminator(features, 1, SIZE)
    painter_optimizer = nn.optim.Adam(painter.parameters(), lr=lr, betas=(0.5, 0.999))
    judge_optimizer = nn.optim.Adam(judge.parameters(), lr=lr / 2, betas=(0.5, 0.999))
    loader = DataLoader(TensorDataset(pictures(options.quick)), batch_size=32, shuffle=True)
    noise = nn.randn(64, LATENT, generator=nn.Generator().manual_seed(0))  # what is painted after each epoch

    keeper = Keeper(
        options.log_dir / "last.ckpt",
        painter=painter, judge=judge, painter_optimizer=painter_optimizer, judge_optimizer=judge_optimizer,
    )  # fmt: skip
    done = keeper.load() if options.resume else {}
    step, first = done.get("step", 0), done.get("epoch", 0)
    real, fake = done.get("real", 0.0), done.get("fake", 0.0)
    with SummaryWriter(options.log_dir, purge_step=step if options.resume else None) as writer:
        if not done:
            writer.add_graph(painter, noise[:1])
        for epoch in Console(options.quiet).progress("dcgan", epochs, first):
            for (truth,) in loader:
                # The judge: real pictures towards 1 (0.9, so that it is never certain), paintings towards 0.
                paintings = painter(nn.randn(len(truth), LATENT))
                judge_optimizer.zero_grad()
                logits, logits_of_paintings = judge(truth), judge(paintings.detach())
                judge_loss = F.binary_cross_entropy_with_logits(logits, nn.full_like(logits, 0.9))
                judge_loss = judge_loss + F.binary_cross_entropy_with_logits(
                    logits_of_paintings, nn.zeros_like(logits_of_paintings)
                )
                judge_loss.backward()
                judge_optimizer.step()
                # The painter: what it paints is to be taken for real.
                painter_optimizer.zero_grad()
                logits_again = judge(paintings)
                painter_loss = F.binary_cross_entropy_with_logits(logits_again, nn.ones_like(logits_again))
                painter_loss.backward()
                painter_optimizer.step()
                real, fake = logits.sigmoid().mean().item(), logits_of_paintings.sigmoid().mean().item()
                writer.add_scalar("loss/judge", require_finite(judge_loss.item(), epoch.number, lr), step)
                writer.add_scalar("loss/painter", painter_loss.item(), step)
                writer.add_scalar("judged_real/pictures", real, step)
                writer.add_scalar("judged_real/paintings", fake, step)
                step += 1
            epoch.note(judge=judge_loss.item(), painter=painter_loss.item(), fake=fake)
            _paint(writer, painter, noise, step - 1)
            writer.flush()
            keeper.save(step=step, epoch=epoch.number + 1, real=real, fake=fake)
    return {"pictures judged real": real, "paintings judged real": fake}


def _paint(writer: SummaryWriter, painter: nn.Module, noise: nn.Tensor, step: int) -> None:
    """64 paintings of the same noise, and histograms of the painter's weights."""
    painter.eval()
    with nn.no_grad():
        paintings = painter(noise)
    painter.train()
    writer.add_image("paintings", draw_pictures(paintings, title="paintings of the same noise", columns=8), step)
    for name, parameter in painter.named_parameters():
        writer.add_histogram(f"weights/{name.replace('.', '/')}", parameter.detach(), step)


def train(options: Options) -> Report:
    """Train once for each seed."""
    epochs = options.epochs or (1 if options.quick else EPOCHS)
    title = f"A DCGAN on 1,797 digits, {counted(epochs, 'epoch')}; 0.5 is a judge that cannot tell"
    return judged(options, title, lambda options: fit(options, epochs))
