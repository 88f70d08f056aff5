"""Models take the weights of PyTorch's own code by name, and then say the same; that code is written out here."""

from collections import OrderedDict
from itertools import pairwise

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import nn  # noqa: E402
from nn import models  # noqa: E402

T = torch.nn


def block(before, channels, stride, deep):
    """torchvision's BasicBlock, or its Bottleneck."""
    parts = T.Module()
    if deep:
        sizes = [(before, channels, 1, 1), (channels, channels, 3, stride), (channels, 4 * channels, 1, 1)]
    else:
        sizes = [(before, channels, 3, stride), (channels, channels, 3, 1)]
    for number, (i, o, k, s) in enumerate(sizes, 1):
        parts.add_module(f"conv{number}", T.Conv2d(i, o, k, s, k // 2, bias=False))
        parts.add_module(f"bn{number}", T.BatchNorm2d(o))
    after = sizes[-1][1]
    parts.downsample = None
    if stride != 1 or before != after:
        parts.downsample = T.Sequential(T.Conv2d(before, after, 1, stride, bias=False), T.BatchNorm2d(after))

    def forward(x):
        y = x
        for number in range(1, len(sizes) + 1):
            y = getattr(parts, f"bn{number}")(getattr(parts, f"conv{number}")(y))
            y = y if number == len(sizes) else y.relu()
        return (y + (x if parts.downsample is None else parts.downsample(x))).relu()

    parts.forward = forward
    return parts


def resnet(layers, deep):
    parts, channels = T.Module(), 64
    parts.conv1, parts.bn1 = T.Conv2d(3, 64, 7, 2, 3, bias=False), T.BatchNorm2d(64)
    for number, blocks in enumerate(layers, 1):
        width, stage = 64 * 2 ** (number - 1), []
        for index in range(blocks):
            stage.append(block(channels, width, 2 if number > 1 and not index else 1, deep))
            channels = width * (4 if deep else 1)
        parts.add_module(f"layer{number}", T.Sequential(*stage))
    parts.fc = T.Linear(channels, 1000)

    def forward(x):
        x = T.functional.max_pool2d(parts.bn1(parts.conv1(x)).relu(), 3, 2, 1)
        for number in range(1, len(layers) + 1):
            x = getattr(parts, f"layer{number}")(x)
        return parts.fc(x.mean((2, 3)))

    parts.forward = forward
    return parts


def hub_unet():
    def twice(before, width, name):
        layers = OrderedDict()
        for number, channels in ((1, before), (2, width)):
            layers[f"{name}conv{number}"] = T.Conv2d(channels, width, 3, padding=1, bias=False)
            layers[f"{name}norm{number}"], layers[f"{name}relu{number}"] = T.BatchNorm2d(width), T.ReLU()
        return T.Sequential(layers)

    parts, f = T.Module(), 4
    for level, before in enumerate((3, f, 2 * f, 4 * f), 1):
        parts.add_module(f"encoder{level}", twice(before, f * 2 ** (level - 1), f"enc{level}"))
    parts.bottleneck = twice(8 * f, 16 * f, "bottleneck")
    for level in (4, 3, 2, 1):
        width = f * 2 ** (level - 1)
        parts.add_module(f"upconv{level}", T.ConvTranspose2d(2 * width, width, 2, 2))
        parts.add_module(f"decoder{level}", twice(2 * width, width, f"dec{level}"))
    parts.conv = T.Conv2d(f, 1, 1)

    def forward(x):
        seen = []
        for level in (1, 2, 3, 4):
            x = getattr(parts, f"encoder{level}")(x)
            seen.append(x)
            x = T.functional.max_pool2d(x, 2)
        x = parts.bottleneck(x)
        for level in (4, 3, 2, 1):
            x = getattr(parts, f"decoder{level}")(torch.cat([getattr(parts, f"upconv{level}")(x), seen.pop()], 1))
        return parts.conv(x)

    parts.forward = forward
    return parts


def generator():
    widths, layers = [100, 64, 32, 16, 8], []
    for number in range(4):
        layers += [
            T.ConvTranspose2d(widths[number], widths[number + 1], 4, 1 + (number > 0), int(number > 0), bias=False),
            T.BatchNorm2d(widths[number + 1]), T.ReLU(),
        ]  # fmt: skip
    return T.Module(), T.Sequential(*layers, T.ConvTranspose2d(8, 3, 4, 2, 1, bias=False), T.Tanh())


def discriminator():
    layers, widths = [T.Conv2d(3, 8, 4, 2, 1, bias=False), T.LeakyReLU(0.2)], [8, 16, 32, 64]
    for before, width in pairwise(widths):
        layers += [T.Conv2d(before, width, 4, 2, 1, bias=False), T.BatchNorm2d(width), T.LeakyReLU(0.2)]
    return T.Module(), T.Sequential(*layers, T.Conv2d(64, 1, 4, 1, 0, bias=False))


def main_only(pair):
    parts, parts.main = pair
    parts.forward = lambda x: parts.main(x)
    return parts


def example_vae():
    parts = T.Module()
    for name, (i, o) in dict(fc1=(784, 400), fc21=(400, 20), fc22=(400, 20), fc3=(20, 400), fc4=(400, 784)).items():
        parts.add_module(name, T.Linear(i, o))
    parts.forward = lambda x: parts.fc21(parts.fc1(x.flatten(1)).relu())
    return parts


def tutorial_lenet():
    parts = T.Module()
    parts.conv1, parts.conv2 = T.Conv2d(1, 6, 5), T.Conv2d(6, 16, 5)
    parts.fc1, parts.fc2, parts.fc3 = T.Linear(400, 120), T.Linear(120, 84), T.Linear(84, 10)

    def forward(x):
        for conv in (parts.conv1, parts.conv2):
            x = T.functional.avg_pool2d(conv(x).tanh(), 2)
        return parts.fc3(parts.fc2(parts.fc1(x.flatten(1)).tanh()).tanh())

    parts.forward = forward
    return parts


def example_lstm():
    parts = T.Module()
    parts.encoder, parts.rnn = T.Embedding(7, 5), T.LSTM(5, 6, 2, batch_first=True)
    parts.decoder = T.Linear(6, 7)
    parts.forward = lambda x: parts.decoder(parts.rnn(parts.encoder(x))[0])
    return parts


PAIRS = {
    "resnet18": (models.resnet18, lambda: resnet([2, 2, 2, 2], deep=False), (2, 3, 40, 40)),
    "resnet50": (models.resnet50, lambda: resnet([3, 4, 6, 3], deep=True), (1, 3, 33, 33)),
    "unet": (lambda: models.UNet(init_features=4), hub_unet, (2, 3, 32, 32)),
    "generator": (lambda: models.DCGANGenerator(features=8), lambda: main_only(generator()), (2, 100, 1, 1)),
    "discriminator": (lambda: models.DCGANDiscriminator(features=8), lambda: main_only(discriminator()),
                      (2, 3, 64, 64)),
    "vae": (models.VAE, example_vae, (3, 1, 28, 28)),
    "lenet": (models.LeNet5, tutorial_lenet, (2, 1, 32, 32)),
    "mlp": (lambda: models.MLP(4, [8, 8, 3]),
            lambda: T.Sequential(T.Linear(4, 8), T.ReLU(), T.Dropout(0), T.Linear(8, 8), T.ReLU(), T.Dropout(0),
                                 T.Linear(8, 3), T.Dropout(0)), (5, 4)),
    "lstm": (lambda: models.CharLSTM(7, 5, 6, 2), example_lstm, (2, 9)),
}  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
def test_the_names_are_pytorch_s_and_so_is_the_output(name, rng):
    ours, theirs, shape = PAIRS[name]
    theirs, ours = theirs().eval(), ours()
    for value in theirs.state_dict().values():  # running means and variances too
        if value.dtype.is_floating_point:
            value.copy_(torch.from_numpy(rng.normal(size=value.shape).astype(np.float32)).abs() * 0.05 + 0.01)
    ours.load_state_dict({key: value.numpy() for key, value in theirs.state_dict().items()})
    assert {k: v.shape for k, v in ours.state_dict().items()} == {
        k: tuple(v.shape) for k, v in theirs.state_dict().items()
    }
    x = rng.integers(7, size=shape) if name == "lstm" else rng.normal(size=shape).astype(np.float32)
    with torch.no_grad(), nn.no_grad():
        expected, output = theirs(torch.from_numpy(x)).numpy(), ours.eval()(nn.from_numpy(x))
    output = output[1 if name == "vae" else 0] if isinstance(output, tuple) else output
    np.testing.assert_allclose(
        output.numpy().reshape(expected.shape), expected, rtol=2e-4, atol=2e-5 * abs(expected).max()
    )
