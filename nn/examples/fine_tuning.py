"""Fine-tuning: a CNN that knows the digits 0 to 4 learns 5 to 9 from few of them, in four ways, and from scratch.

scratch            a fresh network, all of it trained
frozen backbone    the pretrained filters as they are, and new linear layers
full               the pretrained filters trained further, at lower rates than the new linear layers
LoRA               the pretrained weights and norms as they are, thin adapters beside them, and a new head

There are some 140 digits of a class to train on beside the 200 that are tested; of 200 a class the rest are copies that
are shifted by a pixel.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import numpy as np

import nn
from nn import functional as F
from nn.data import datasets
from nn.examples.console import Console, Options, Report, Table, counted
from nn.tuning import (
    LoraConfig,
    freeze,
    inject_lora,
    layerwise_groups,
    load_pretrained,
    merge_lora,
    replace_head,
    trainable,
)
from tbwriter import SummaryWriter

__all__ = ["WAYS", "train"]

SAMPLES, STEPS, BATCH, TESTED, LR = (2, 10, 50, 200), 60, 32, 200, 2e-3
SHIFT = nn.data.RandomShift(1)


def network(classes: int) -> nn.Sequential:
    """(N, 1, 8, 8) -> (N, classes): two convolutions with batch norms, and two linear layers."""
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(1, 16, kernel_size=3, padding=1, bias=False),
            norm1=nn.BatchNorm2d(16),
            relu1=nn.ReLU(),
            conv2=nn.Conv2d(16, 32, kernel_size=3, padding=1, bias=False),
            norm2=nn.BatchNorm2d(32),
            relu2=nn.ReLU(),
            pool=nn.MaxPool2d(2),
            flatten=nn.Flatten(),
            linear1=nn.Linear(32 * 4 * 4, 64),
            relu3=nn.ReLU(),
            head=nn.Linear(64, classes),
        )
    )


Made = tuple[nn.Module, list[dict[str, Any]]]


def scratch(state: dict[str, Any]) -> Made:
    """A fresh network, all of it trained."""
    model = network(5)
    return model, [{"params": list(model.parameters())}]


def pretrained(state: dict[str, Any], *fresh: str) -> nn.Module:
    """The network of the digits 0 to 4, with fresh layers of these names, and five new classes."""
    model = network(5)
    load_pretrained(model, state, strict=True)
    for name in fresh:
        replace_head(model, model.get_submodule(name).out_features, name)
    return model


def frozen(state: dict[str, Any]) -> Made:
    """The filters and their norms stay bit for bit; what is linear begins afresh."""
    model = pretrained(state, "linear1", "head")
    freeze(model, "conv*", "norm*")
    return model, [{"params": list(model.parameters())}]


def full(state: dict[str, Any]) -> Made:
    """What is linear begins afresh, and all is trained, the filters at lower rates."""
    model = pretrained(state, "linear1", "head")
    layers = [["conv1", "norm1"], ["conv2", "norm2"], ["linear1", "head"]]
    return model, layerwise_groups(model, LR, decay=0.7, layers=layers)


def lora(state: dict[str, Any]) -> Made:
    """Adapters of rank 2 beside filters and weights, at a higher rate; a fresh head is trained whole.

    The rank, alpha and rate were chosen among nine, on training images that were held out. Norms stay as they are:
    trained too, they give up the averages that they know, and 60 steps are few to learn others.
    """
    model = pretrained(state, "head")
    inject_lora(model, LoraConfig(r=2, lora_alpha=16, target_modules=["conv2", "linear1"], modules_to_save=["head"]))
    return model, [{"params": [p for p in model.parameters() if p.requires_grad], "lr": 5 * LR}]


WAYS = {"scratch": scratch, "frozen backbone": frozen, "full": full, "LoRA": lora}


def fit(
    model: nn.Module,
    groups: list[dict[str, Any]],
    images: nn.Tensor,
    labels: nn.Tensor,
    steps: int,
    shift: bool = False,
) -> None:
    """So many steps of Adam, each on a batch drawn at random; the rates fall along half a cosine."""
    optimizer = nn.optim.Adam(groups, lr=LR)
    schedule = nn.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps)
    model.train()
    for _ in range(steps):
        chosen = nn.randint(0, len(labels), (min(BATCH, len(labels)),))
        batch = SHIFT(images[chosen]) if shift else images[chosen]
        optimizer.zero_grad()
        F.cross_entropy(model(batch), labels[chosen], label_smoothing=0.1).backward()
        optimizer.step()
        schedule.step()


def accuracy(model: nn.Module, images: nn.Tensor, labels: nn.Tensor) -> float:
    """In evaluation mode."""
    model.eval()
    with nn.no_grad():
        return float((model(images).argmax(1) == labels).float().mean())


def few(images: nn.Tensor, labels: nn.Tensor, count: int) -> tuple[nn.Tensor, nn.Tensor]:
    """The first `count` of each class; where there are fewer, copies that are shifted by a pixel make up for them."""
    chosen, shifted = [], []
    for label in range(5):
        places = np.flatnonzero(labels.numpy() == label)
        chosen += list(places[:count])
        shifted += list(np.resize(places, max(0, count - len(places))))
    parts = [images[nn.tensor(chosen)]]
    if shifted:
        parts.append(SHIFT(images[nn.tensor(shifted)]))
    return nn.cat(parts), labels[nn.tensor([*chosen, *shifted])]


def trial(
    seed: int, samples: tuple[int, ...], steps: int, epochs: int | None
) -> Iterator[tuple[str, int, nn.Module, float, nn.Tensor]]:
    """Pretrain, then fine-tune in each way with each number of samples: (way, number, model, accuracy, test images)."""
    nn.manual_seed(seed)
    images, labels = datasets.load_digits()
    order = nn.randperm(len(labels))
    images, labels = images[order], labels[order]
    known, new = labels < 5, labels >= 5
    base = network(5)
    fit(base, [{"params": list(base.parameters())}], images[known], labels[known], 5 * steps, shift=True)
    images, labels = images[new], labels[new] - 5
    train, test = (images[:-TESTED], labels[:-TESTED]), (images[-TESTED:], labels[-TESTED:])
    for count in samples:
        for way, make in WAYS.items():
            nn.manual_seed(seed)
            model, groups = make(base.state_dict())
            fit(model, groups, *few(*train, count), steps if epochs is None else epochs * -(-5 * count // BATCH))
            yield way, count, model, accuracy(model, *test), test[0]


def train(options: Options) -> Report:
    """The table of accuracies: a row for each way, a column for each number of samples a class."""
    console = Console(options.quiet)
    samples, steps = ((2,), 5) if options.quick else (SAMPLES, STEPS)
    length = counted(steps, "step") if options.epochs is None else counted(options.epochs, "epoch")
    found: dict[tuple[str, int], list[float]] = {}
    shares: dict[str, float] = {}
    merged = 0.0
    with SummaryWriter(str(options.log_dir)) as writer:
        for seed in range(options.seed, options.seed + options.seeds):
            for way, count, model, value, images in trial(seed, samples, steps, options.epochs):
                found.setdefault((way, count), []).append(value)
                trained, whole = trainable(model)
                shares[way] = trained / whole
                writer.add_scalar(f"accuracy/{way.replace(' ', '_')}/seed_{seed}", value, count)
                if way == "LoRA":
                    merged = max(merged, _merging_differs_by(model, images))
            told = ", ".join(f"{way} {found[way, samples[0]][-1]:.3f}" for way in WAYS)
            console.say(f"fine-tune: seed {seed}, {samples[0]} a class: {told}")
        table = Table(
            f"Test accuracy on the digits 5 to 9, {length}, {counted(options.seeds, 'seed')}: mean ± deviation",
            ["way", "trained", *(f"{count} a class" for count in samples)],
            [[way, f"{shares[way]:.1%}", *(_shown(found[way, count]) for count in samples)] for way in WAYS],
        )
        writer.add_text("accuracy", "\n".join(f"    {line}" for line in str(table).splitlines()))
    note = Table("LoRA", ["a logit, merged and unmerged, differs by at most"], [[f"{merged:.1e}"]])
    return Report([table, note], options.log_dir, {"accuracy": found, "shares": shares, "merged": merged})


def _shown(values: list[float]) -> str:
    return f"{np.mean(values):.3f} ± {np.std(values):.3f}"


def _merging_differs_by(model: nn.Module, images: nn.Tensor) -> float:
    with nn.no_grad():
        before = model(images)
        merge_lora(model)
        return float((model(images) - before).abs().max())
