"""Training steps of everyday models, the same text for `nn` and for `torch.nn`; each function makes a step.

`small` are those for which `time_training` has the step in NumPy by hand too, `everyday` are the others.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

Step = Callable[[], Any]
Make = Callable[["Library"], Step]

small: dict[str, Make] = {}
everyday: dict[str, Make] = {}


class Library:
    """`nn` or `torch`, by the names that both have, and the random data of a workload."""

    def __init__(self, top: Any, nn: Any) -> None:
        self.tensor = top.tensor
        self.nn = nn
        self.functional = nn.functional
        self.optim = top.optim
        self.rng = np.random.default_rng(0)

    def normal(self, *shape: int) -> Any:
        return self.tensor(self.rng.standard_normal(shape, np.float32))

    def uniform(self, *shape: int) -> Any:
        return self.tensor(self.rng.random(shape, np.float32))

    def classes(self, count: int, *shape: int) -> Any:
        return self.tensor(self.rng.integers(0, count, shape))

    def step(self, model: Any, x: Any, y: Any, optimizer: str = "SGD", loss: Any = None, **settings: Any) -> Step:
        """Forward, loss, backward and update."""
        loss = loss or self.nn.CrossEntropyLoss()
        update = getattr(self.optim, optimizer)(model.parameters(), **({"lr": 0.01} | settings))

        def step() -> Any:
            update.zero_grad()
            value = loss(model(x), y)
            value.backward()
            update.step()
            return value

        return step


def _listed(table: dict[str, Make]) -> Callable[[Make], Make]:
    def add(make: Make) -> Make:
        table[make.__name__] = make
        return make

    return add


# -- dense layers -----------------------------------------------------------------------------------------------------


@_listed(small)
def xor(lib: Library) -> Step:
    nn = lib.nn
    model = nn.Sequential(nn.Linear(2, 8), nn.Sigmoid(), nn.Linear(8, 1), nn.Sigmoid())
    x, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32), np.array([[0], [1], [1], [0]], np.float32)
    return lib.step(model, lib.tensor(x), lib.tensor(y), loss=nn.MSELoss())


@_listed(small)
def linear_regression(lib: Library) -> Step:
    x, y = np.array([[1, 2], [2, 3], [3, 4], [4, 5]], np.float32), np.array([[5], [7], [9], [11]], np.float32)
    return lib.step(lib.nn.Linear(2, 1), lib.tensor(x), lib.tensor(y), loss=lib.nn.MSELoss())


def _dense(nn: Any, activation: Any, *sizes: int) -> Any:
    layers = []
    for n, m in pairwise(sizes[:-1]):
        layers += [nn.Linear(n, m), activation()]
    return nn.Sequential(*layers, nn.Linear(*sizes[-2:]))


@_listed(small)
def mlp(lib: Library) -> Step:
    model = _dense(lib.nn, lib.nn.ReLU, 784, 128, 64, 10)
    return lib.step(model, lib.normal(64, 784), lib.classes(10, 64))


@_listed(everyday)
def mlp_adam(lib: Library) -> Step:
    model = _dense(lib.nn, lib.nn.ReLU, 784, 256, 256, 10)
    return lib.step(model, lib.normal(128, 784), lib.classes(10, 128), "AdamW", lr=1e-3)


@_listed(everyday)
def mlp_wide(lib: Library) -> Step:
    model = _dense(lib.nn, lib.nn.GELU, 512, 2048, 2048, 100)
    return lib.step(model, lib.normal(256, 512), lib.classes(100, 256))


# -- images -----------------------------------------------------------------------------------------------------------


@_listed(everyday)
def lenet(lib: Library) -> Step:
    nn = lib.nn
    features = (nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2))
    features += (nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Flatten())
    model = nn.Sequential(*features, *_dense(nn, nn.Tanh, 400, 120, 84, 10))
    return lib.step(model, lib.normal(64, 1, 28, 28), lib.classes(10, 64))


@_listed(everyday)
def cnn(lib: Library) -> Step:
    nn = lib.nn
    features = (nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())
    model = nn.Sequential(*features, *_dense(nn, nn.ReLU, 9216, 128, 10))
    return lib.step(model, lib.normal(64, 1, 28, 28), lib.classes(10, 64))


@_listed(everyday)
def digits_cnn(lib: Library) -> Step:
    nn = lib.nn
    features = (nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
    features += (nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.Flatten())
    model = nn.Sequential(*features, nn.Linear(512, 10))
    return lib.step(model, lib.normal(32, 1, 8, 8), lib.classes(10, 32), momentum=0.9)


@_listed(everyday)
def resnet(lib: Library) -> Step:
    nn, relu = lib.nn, lib.functional.relu

    def convolution(n: int, m: int, kernel_size: int, stride: int) -> Any:
        padding = kernel_size // 2
        return nn.Sequential(nn.Conv2d(n, m, kernel_size, stride, padding, bias=False), nn.BatchNorm2d(m))

    class Block(nn.Module):
        def __init__(self, n: int, m: int, stride: int) -> None:
            super().__init__()
            self.first, self.second = convolution(n, m, 3, stride), convolution(m, m, 3, 1)
            self.past = nn.Identity() if n == m else convolution(n, m, 1, stride)

        def forward(self, x: Any) -> Any:
            return relu(self.second(relu(self.first(x))) + self.past(x))

    blocks = (Block(16, 16, 1), Block(16, 32, 2), Block(32, 64, 2))
    ends = (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))
    model = nn.Sequential(convolution(3, 16, 3, 1), nn.ReLU(), *blocks, *ends)
    return lib.step(model, lib.normal(16, 3, 32, 32), lib.classes(10, 16), momentum=0.9)


@_listed(everyday)
def depthwise(lib: Library) -> Step:
    nn = lib.nn
    features = (nn.Conv2d(3, 32, 3, 2, 1), nn.ReLU6())
    features += (nn.Conv2d(32, 32, 3, 1, 1, groups=32), nn.ReLU6(), nn.Conv2d(32, 64, 1))
    features += (nn.Conv2d(64, 64, 3, 2, 1, groups=64), nn.ReLU6(), nn.Conv2d(64, 96, 1))
    model = nn.Sequential(*features, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(96, 10))
    return lib.step(model, lib.normal(16, 3, 32, 32), lib.classes(10, 16))


# -- sequences --------------------------------------------------------------------------------------------------------


def _characters(lib: Library, layer: Any, steps: int) -> Step:
    nn = lib.nn

    class Characters(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding, self.layer, self.head = nn.Embedding(64, 64), layer, nn.Linear(128, 64)

        def forward(self, x: Any) -> Any:
            states, _ = self.layer(self.embedding(x))
            return self.head(states).flatten(0, 1)

    return lib.step(Characters(), lib.classes(64, 32, steps), lib.classes(64, 32 * steps), "Adam", lr=1e-3)


@_listed(everyday)
def lstm(lib: Library) -> Step:
    return _characters(lib, lib.nn.LSTM(64, 128, batch_first=True), 64)


@_listed(everyday)
def gru(lib: Library) -> Step:
    return _characters(lib, lib.nn.GRU(64, 128, num_layers=2, batch_first=True), 32)


@_listed(everyday)
def gpt(lib: Library) -> Step:
    nn, functional = lib.nn, lib.functional
    width, heads, context, words, batch = 128, 4, 64, 96, 16

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.before_attention, self.before_mlp = nn.LayerNorm(width), nn.LayerNorm(width)
            self.query_key_value, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
            self.mlp = _dense(nn, nn.GELU, width, 4 * width, width)

        def forward(self, x: Any) -> Any:
            parts = self.query_key_value(self.before_attention(x)).split(width, dim=2)
            q, k, v = (part.view(batch, context, heads, width // heads).transpose(1, 2) for part in parts)
            seen = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + self.out(seen.transpose(1, 2).reshape(batch, context, width))
            return x + self.mlp(self.before_mlp(x))

    class Model(nn.Module):
        def __init__(self, places: Any) -> None:
            super().__init__()
            self.words, self.places = nn.Embedding(words, width), nn.Embedding(context, width)
            self.blocks = nn.Sequential(*(Block() for _ in range(4)))
            self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, words, bias=False)
            self.counted = places

        def forward(self, x: Any) -> Any:
            x = self.words(x) + self.places(self.counted)
            return self.head(self.norm(self.blocks(x))).flatten(0, 1)

    model = Model(lib.tensor(np.arange(context)))
    return lib.step(model, lib.classes(words, batch, context), lib.classes(words, batch * context), "AdamW", lr=1e-3)


@_listed(everyday)
def transformer_encoder(lib: Library) -> Step:
    nn = lib.nn

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            layer = nn.TransformerEncoderLayer(64, 4, 256, dropout=0.1, batch_first=True)
            self.encoder, self.head = nn.TransformerEncoder(layer, 2), nn.Linear(64, 10)

        def forward(self, x: Any) -> Any:
            return self.head(self.encoder(x).mean(1))

    return lib.step(Model(), lib.normal(32, 32, 64), lib.classes(10, 32), "Adam", lr=1e-3)


# -- losses and updates of one's own ----------------------------------------------------------------------------------


@_listed(everyday)
def vae(lib: Library) -> Step:
    nn, functional = lib.nn, lib.functional
    encoder, decoder = _dense(nn, nn.ReLU, 784, 256, 40), _dense(nn, nn.ReLU, 20, 256, 784)
    x, noise = lib.uniform(128, 784), lib.normal(128, 20)
    update = lib.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=1e-3)

    def step() -> Any:
        update.zero_grad()
        mean, log_variance = encoder(x).chunk(2, dim=1)
        logits = decoder(mean + noise * (log_variance / 2).exp())
        likelihood = functional.binary_cross_entropy_with_logits(logits, x, reduction="sum")
        loss = likelihood - 0.5 * (1 + log_variance - mean**2 - log_variance.exp()).sum()
        loss.backward()
        update.step()
        return loss

    return step


@_listed(everyday)
def dcgan(lib: Library) -> Step:
    nn = lib.nn
    layers = (nn.ConvTranspose2d(32, 64, 4), nn.BatchNorm2d(64), nn.ReLU())
    layers += (nn.ConvTranspose2d(64, 32, 4, 2, 1), nn.BatchNorm2d(32), nn.ReLU())
    generator = nn.Sequential(*layers, nn.ConvTranspose2d(32, 1, 4, 2, 1), nn.Tanh())
    layers = (nn.Conv2d(1, 32, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(32, 64, 4, 2, 1), nn.BatchNorm2d(64))
    critic = nn.Sequential(*layers, nn.LeakyReLU(0.2), nn.Conv2d(64, 1, 4), nn.Flatten())
    updates = [lib.optim.Adam(model.parameters(), 2e-4, (0.5, 0.999)) for model in (generator, critic)]
    loss = nn.BCEWithLogitsLoss()
    images, noise = lib.normal(32, 1, 16, 16), lib.normal(32, 32, 1, 1)
    real, made = lib.tensor(np.ones((32, 1), np.float32)), lib.tensor(np.zeros((32, 1), np.float32))

    def step() -> Any:
        updates[1].zero_grad()
        images_made = generator(noise)
        (loss(critic(images), real) + loss(critic(images_made.detach()), made)).backward()
        updates[1].step()
        updates[0].zero_grad()
        value = loss(critic(images_made), real)
        value.backward()
        updates[0].step()
        return value

    return step


@_listed(everyday)
def policy(lib: Library) -> Step:
    model = _dense(lib.nn, lib.nn.Tanh, 4, 64, 2)
    update = lib.optim.Adam(model.parameters(), 1e-3)
    state, states = lib.normal(1, 4), lib.normal(200, 4)
    actions, returns = lib.classes(2, 200, 1), lib.normal(200, 1)

    def step() -> Any:
        for _ in range(20):
            model(state).softmax(-1)
        update.zero_grad()
        loss = -(model(states).log_softmax(-1).gather(1, actions) * returns).mean()
        loss.backward()
        update.step()
        return loss

    return step
