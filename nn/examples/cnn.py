"""A convolutional network, on the article's four pictures with their shapes corrected, and on real handwritten digits.

conv 3x3, relu    ->  what is at each place: edges, strokes
conv 3x3, relu    ->  combinations of those
max-pool 2x2      ->  a little to the left or right does not matter
linear, relu      ->  which combinations stand where
linear            ->  a logit for each class
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from contextlib import nullcontext
from typing import Any

import numpy as np

import nn
from nn import functional as F
from nn.data import DataLoader, RandomShift, TensorDataset, datasets, random_split
from nn.examples.console import Console, Options, Report, Table, counted
from nn.examples.logbook import Logbook, require_finite
from nn.metrics import confusion_matrix, f1_score
from nn.viewing import (
    activations,
    draw_confusion_matrix,
    draw_feature_maps,
    draw_filters,
    draw_landscape,
    draw_overlay,
    draw_pictures,
    grad_cam,
    log_embedding,
    log_pr_curves,
    loss_landscape,
    saliency,
)

EPOCHS, LR, BATCH = 20, 0.1, 32

COLOURS = np.array([[1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32)
LABELS = np.array([1, 0, 0, 1])
"""The article's pictures, 3 x 3 pixels of one colour (white, red, green, blue), and their classes."""


def article_pictures() -> tuple[nn.Tensor, nn.Tensor]:
    """(4, 3, 3, 3): channels first, so that the three colours are the channels."""
    return nn.tensor(np.broadcast_to(COLOURS[:, :, None, None], (4, 3, 3, 3)).copy()), nn.tensor(LABELS)


def article_network() -> nn.Sequential:
    """The article's layers with shapes that fit: padding keeps 3 x 3 pixels, pooling makes one of them."""
    return nn.Sequential(
        OrderedDict(
            conv=nn.Conv2d(3, 8, kernel_size=3, padding=1),
            relu=nn.ReLU(),
            pool=nn.MaxPool2d(2),
            flatten=nn.Flatten(),
            linear=nn.Linear(8, 2),
        )
    )


def digits_network() -> nn.Sequential:
    """(N, 1, 8, 8) -> (N, 10)."""
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(1, 16, kernel_size=3, padding=1),
            relu1=nn.ReLU(),
            conv2=nn.Conv2d(16, 32, kernel_size=3, padding=1),
            relu2=nn.ReLU(),
            pool=nn.MaxPool2d(2),
            flatten=nn.Flatten(),
            linear1=nn.Linear(32 * 4 * 4, 64),
            relu3=nn.ReLU(),
            linear2=nn.Linear(64, 10),
        )
    )


def fit_article(
    epochs: int, lr: float, seed: int, console: Console, log_dir: Any
) -> tuple[float, np.ndarray[Any, Any]]:
    """Train on the four pictures; the last cross-entropy and the predicted classes."""
    nn.manual_seed(seed)
    x, target = article_pictures()
    model = article_network()
    optimizer = nn.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    value = math.inf
    settings = dict(model="conv 8, pool, linear", loss="cross-entropy", lr=lr, epochs=epochs, seed=seed)
    every = max(1, epochs // 20)
    with nullcontext() if log_dir is None else Logbook(log_dir, model, x, settings, every=every) as log:
        for epoch in console.progress("cnn, article's pictures", epochs):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x), target)
            loss.backward()
            optimizer.step()
            value = require_finite(loss.item(), epoch.number, lr)
            epoch.note(loss=value)
            if log is not None:
                log.scalars(epoch.number, loss=value)
    with nn.no_grad():
        return value, model(x).argmax(1).numpy()


def split_digits() -> tuple[Any, Any, Any]:
    """Training, validation and test set: 70, 15 and 15 % of 1,797 digits, at random."""
    train, validation, test = random_split(TensorDataset(*datasets.load_digits()), [0.7, 0.15, 0.15])
    return train, validation, test


def whole(dataset: Any) -> tuple[nn.Tensor, nn.Tensor]:
    """A dataset as one batch."""
    images, labels = next(iter(DataLoader(dataset, batch_size=len(dataset))))
    return images, labels


def evaluate(model: nn.Module, images: nn.Tensor, labels: nn.Tensor) -> tuple[float, float]:
    """Loss and accuracy."""
    model.eval()
    with nn.no_grad():
        logits = model(images)
    model.train()
    return F.cross_entropy(logits, labels).item(), float((logits.argmax(1) == labels).float().mean())


def fit_digits(
    epochs: int, lr: float, seed: int, augment: bool, console: Console, log_dir: Any, inside: bool = True
) -> dict[str, Any]:
    """Train on the digits: SGD with Nesterov momentum, the rate falling along half a cosine, labels smoothed.

    The validation set tells whether a setting is good; the test set is looked at once, at the end.
    """
    nn.manual_seed(seed)
    start = time.perf_counter()
    train, validation, test = split_digits()
    validation_set, test_set = whole(validation), whole(test)
    model = digits_network()
    optimizer = nn.optim.SGD(model.parameters(), lr=lr, momentum=0.9, weight_decay=5e-4, nesterov=True)
    loader = DataLoader(train, batch_size=BATCH, shuffle=True)
    shift = RandomShift(1)
    step, steps = 0, epochs * len(loader)
    settings = dict(
        model="conv 16, conv 32, pool, linear 64, linear 10",
        loss="cross-entropy, label smoothing 0.1",
        optimiser="SGD, Nesterov momentum 0.9, weight decay 5e-4, cosine rate",
        lr=lr, epochs=epochs, batch=BATCH, augment=augment, seed=seed, train=len(train), validation=len(validation),
        test=len(test),
    )  # fmt: skip
    with (
        nullcontext()
        if log_dir is None
        else Logbook(
            log_dir, model, validation_set[0][:1], settings, inside, every=1, step=lambda: step // len(loader)
        ) as log
    ):
        for epoch in console.progress("cnn, digits", epochs):
            total = correct = 0.0
            for images, labels in loader:
                rate = optimizer.param_groups[0]["lr"] = lr * 0.5 * (1 + math.cos(math.pi * step / steps))
                optimizer.zero_grad()
                logits = model(shift(images) if augment else images)
                loss = F.cross_entropy(logits, labels, label_smoothing=0.1)
                loss.backward()
                optimizer.step()
                value = require_finite(loss.item(), epoch.number, rate)
                total += value * len(labels)
                correct += float((logits.argmax(1) == labels).float().sum())
                if log is not None:
                    log.scalars(step, loss__batch=value, lr=rate)
                step += 1
            validation_loss, validation_accuracy = evaluate(model, *validation_set)
            epoch.note(loss=total / len(train), validation_accuracy=validation_accuracy)
            if log is not None:
                log.scalars(epoch.number, loss=total / len(train), accuracy=correct / len(train))
                log.validation.add_scalar("loss", validation_loss, epoch.number)
                log.validation.add_scalar("accuracy", validation_accuracy, epoch.number)
            if log is not None and inside:
                filters = draw_filters(model.get_submodule("conv1"), title=f"conv1 after epoch {epoch.number}")
                log.writer.add_image("filters/conv1", filters, epoch.number)
                log_pr_curves(log.validation, validation_set[1], _shares(model, validation_set[0]), epoch.number)
        seconds = time.perf_counter() - start
        test_loss, test_accuracy = evaluate(model, *test_set)
        if log is not None:
            log.result(epochs - 1, accuracy__test=test_accuracy, loss__test=test_loss)
        if log is not None and inside:
            _look_inside(log, model, epochs - 1, *test_set)
    predicted = _shares(model, test_set[0]).argmax(1)
    macro = f1_score(test_set[1], predicted, average="macro")
    return dict(
        accuracy=test_accuracy, loss=test_loss, f1=float(macro), seconds=seconds, validation=validation_accuracy
    )


def _shares(model: nn.Module, images: nn.Tensor) -> np.ndarray[Any, Any]:
    """The probability of each digit."""
    with nn.no_grad():
        return model(images).softmax(1).numpy()


def _look_inside(log: Logbook, model: nn.Module, step: int, images: nn.Tensor, labels: nn.Tensor) -> None:
    """What the network sees in one digit, what its answers rest on, its mistakes, its features, its loss around."""
    writer, truth = log.writer, labels.numpy()
    predicted = _shares(model, images).argmax(1)
    writer.add_image("feature_maps/input", draw_pictures(images[:1], [f"a {truth[0]}"], bar_label="ink"), step)
    for name in ("relu1", "relu2"):
        writer.add_image(f"feature_maps/{name}", draw_feature_maps(model, images[:1], name), step)

    some, names = images[:8], [f"a {digit}" for digit in truth[:8]]
    pixels, places = saliency(model, some), grad_cam(model, some, "relu2")
    writer.add_image("saliency/input_gradient", draw_overlay(some, pixels, names, title="|d logit / d pixel|"), step)
    writer.add_image("saliency/grad_cam", draw_overlay(some, places, names, title="Grad-CAM of relu2"), step)

    wrong = np.flatnonzero(predicted != truth)
    if len(wrong):
        captions = [f"{truth[i]} as {predicted[i]}" for i in wrong[:32]]
        title = f"{counted(len(wrong), 'digit')} of {len(truth)} taken for another"
        sheet = draw_pictures(images.numpy()[wrong[:32]], captions, title=title, bar_label="ink")
        writer.add_image("misclassified", sheet, step)
    matrix = confusion_matrix(truth, predicted, labels=range(10))
    writer.add_image("confusion_matrix", draw_confusion_matrix(matrix, range(10)), step)

    features = activations(model, images, layers=["relu3"])["relu3"]
    log_embedding(writer, features, truth.tolist(), images, step, "digits")
    field = loss_landscape(model, lambda: F.cross_entropy(model(images[:128]), labels[:128]), points=11)
    writer.add_image("loss_landscape", draw_landscape(field, title="loss around the trained weights"), step)


def train(options: Options, augment: bool = False) -> Report:
    """Both parts: the article's pictures, and the digits with as many seeds as asked for."""
    console = Console(options.quiet)
    pictures = []
    for seed in range(options.seed, options.seed + options.seeds):
        logged = seed == options.seed
        pictures.append(
            fit_article(300, 0.1, seed, console if logged else Console(quiet=True),
                        options.log_dir / "article" if logged else None)
        )  # fmt: skip
    loss, classes = pictures[0]
    right = sum(bool((predicted == LABELS).all()) for _, predicted in pictures)
    article = Table(
        f"CNN on the article's four 3x3 pictures, 300 epochs: cross-entropy {loss:.1e}, "
        f"all four right with {right} of {counted(len(pictures), 'seed')}",
        ["picture", "target", "prediction"],
        [[n, str(t), str(p)] for n, t, p in zip(("white", "red", "green", "blue"), LABELS, classes, strict=True)],
    )
    epochs, lr = options.epochs or EPOCHS, options.lr or LR
    runs = []
    for seed in range(options.seed, options.seed + options.seeds):
        first = seed == options.seed
        log_dir = options.log_dir / "digits" if first else options.log_dir / "digits" / f"seed_{seed}"
        runs.append(
            fit_digits(epochs, lr, seed, augment, console if first else Console(quiet=True), log_dir, inside=first)
        )
        if not first:
            console.say(f"cnn, digits: seed {seed}, test accuracy {runs[-1]['accuracy']:.4f}")
    accuracy = float(np.mean([run["accuracy"] for run in runs]))
    digits = Table(
        f"CNN on 1,797 handwritten digits, {counted(epochs, 'epoch')}: "
        f"mean test accuracy {accuracy:.2%} over {counted(len(runs), 'seed')}",
        ["seed", "test accuracy", "F1 (macro)", "validation accuracy", "seconds"],
        [
            [
                str(options.seed + i),
                f"{r['accuracy']:.4f}",
                f"{r['f1']:.4f}",
                f"{r['validation']:.4f}",
                f"{r['seconds']:.1f}",
            ]
            for i, r in enumerate(runs)
        ],
    )
    figures = dict(article_loss=loss, article_classes=classes, article_right=right, accuracy=accuracy, runs=runs)
    return Report([article, digits], options.log_dir, figures)
