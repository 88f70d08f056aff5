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
from nn.viewing import Picture, draw_confusion_matrix, draw_pictures

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
    with nullcontext() if log_dir is None else Logbook(log_dir, model, x, settings) as log:
        for epoch in console.progress("cnn, article's pictures", epochs):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x), target)
            loss.backward()
            optimizer.step()
            value = require_finite(loss.item(), epoch.number, lr)
            epoch.note(loss=value)
            if log is not None:
                log.scalars(epoch.number, loss=value)
                if epoch.number % max(1, epochs // 20) == 0 or epoch.last:
                    log.histograms(epoch.number, x)
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


def fit_digits(epochs: int, lr: float, seed: int, augment: bool, console: Console, log_dir: Any) -> dict[str, Any]:
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
    log = None
    if log_dir is not None:
        settings = dict(
            model="conv 16, conv 32, pool, linear 64, linear 10",
            loss="cross-entropy, label smoothing 0.1",
            optimiser="SGD, Nesterov momentum 0.9, weight decay 5e-4, cosine rate",
            lr=lr, epochs=epochs, batch=BATCH, augment=augment, seed=seed, train=len(train), validation=len(validation),
            test=len(test),
        )  # fmt: skip
        log = Logbook(log_dir, model, validation_set[0][:1], settings)
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
                log.scalars(step, loss__train_step=value, lr=rate)
            step += 1
        validation_loss, validation_accuracy = evaluate(model, *validation_set)
        epoch.note(loss=total / len(train), validation_accuracy=validation_accuracy)
        if log is not None:
            log.scalars(
                epoch.number,
                loss__train=total / len(train), loss__validation=validation_loss,
                accuracy__train=correct / len(train), accuracy__validation=validation_accuracy,
            )  # fmt: skip
            log.histograms(epoch.number, validation_set[0][:64])
            log.writer.add_image("filters/conv1", _filters(model), epoch.number)
    seconds = time.perf_counter() - start
    test_loss, test_accuracy = evaluate(model, *test_set)
    if log is not None:
        _pictures(log, epochs - 1, *test_set)
        log.scalars(epochs - 1, loss__test=test_loss, accuracy__test=test_accuracy)
        log.writer.close()
    with nn.no_grad():
        predicted = model(test_set[0]).argmax(1)
    macro = f1_score(test_set[1], predicted, average="macro")
    return dict(
        accuracy=test_accuracy, loss=test_loss, f1=float(macro), seconds=seconds, validation=validation_accuracy
    )


def _filters(model: nn.Sequential) -> Picture:
    """The 16 filters of the first layer."""
    weight = model.get_submodule("conv1").weight
    return draw_pictures(weight, range(16), title="filters of conv1", bar_label="weight", colours="diverging")


def _pictures(log: Logbook, step: int, images: nn.Tensor, labels: nn.Tensor) -> None:
    """Feature maps of one digit, the misclassified digits, and who was taken for whom."""
    writer, model = log.writer, log.model
    writer.add_image("feature_maps/input", draw_pictures(images[:1], [f"a {labels[0].item()}"], bar_label="ink"), step)
    for name in ("relu1", "relu2"):
        maps = log.activation(name, images[:1])[0]
        title = f"{len(maps)} feature maps of {name}, for a {labels[0].item()}"
        writer.add_image(
            f"feature_maps/{name}",
            draw_pictures(maps, range(len(maps)), title=title, bar_label="activation", colours="viridis", low=0),
            step,
        )
    with nn.no_grad():
        predicted = model(images).argmax(1).numpy()
    truth = labels.numpy()
    wrong = np.flatnonzero(predicted != truth)[:32]
    if len(wrong):
        captions = [f"{truth[i]} as {predicted[i]}" for i in wrong]
        title = f"{counted(int((predicted != truth).sum()), 'digit')} of {len(truth)} taken for another"
        writer.add_image(
            "misclassified", draw_pictures(images.numpy()[wrong], captions, title=title, bar_label="ink"), step
        )
    matrix = confusion_matrix(truth, predicted, labels=range(10))
    writer.add_image("confusion_matrix", draw_confusion_matrix(matrix, range(10)), step)


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
        logged = seed == options.seed
        runs.append(
            fit_digits(epochs, lr, seed, augment, console if logged else Console(quiet=True),
                       options.log_dir / "digits" if logged else None)
        )  # fmt: skip
        if not logged:
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
