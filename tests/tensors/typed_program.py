"""A typed training script as a user writes it."""

from __future__ import annotations

from collections.abc import Iterator

import nn
from nn import Tensor, optim
from nn.data import DataLoader, TensorDataset
from nn.functional import cross_entropy, relu

device = nn.device("cpu")


class Net(nn.Module):
    def __init__(self, hidden: int = 16) -> None:
        super().__init__()
        self.fc1 = nn.Linear(4, hidden, device=device)
        self.norm = nn.LayerNorm(hidden)
        self.fc2 = nn.Linear(hidden, 3, dtype=nn.float32)

    def forward(self, x: Tensor) -> Tensor:
        h = relu(self.norm(self.fc1(x.flatten(1))))
        return self.fc2(h)


def accuracy(logits: Tensor, target: Tensor) -> float:
    return float((logits.argmax(dim=1) == target).float().mean().item())


def batches(loader: DataLoader[tuple[Tensor, ...]]) -> Iterator[tuple[Tensor, Tensor]]:
    for x, y in loader:
        yield x.to(device), y.to(device)


def norm_of(parameters: list[nn.Parameter]) -> Tensor:
    return nn.stack([p.pow(2).sum() for p in parameters]).sum().sqrt()


def train(epochs: int = 2) -> list[float]:
    nn.manual_seed(0)
    x = nn.randn(64, 4, device=device)
    y = x.abs().sum(1).long().clamp(0, 2)
    loader = DataLoader(TensorDataset(x, y), batch_size=16, shuffle=True)
    net = Net().to(device)
    optimizer = optim.AdamW(net.parameters(), lr=1e-2, fused=False)
    losses: list[float] = []
    for _ in range(epochs):
        for inputs, labels in batches(loader):
            optimizer.zero_grad()
            logits = net(inputs)
            loss = cross_entropy(logits, labels) + 1e-4 * norm_of(list(net.parameters()))
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    with nn.no_grad():
        print(accuracy(net(x), y), x.sum(axis=1).sqrt().shape.numel(), x.mT.max().item())
    return losses


if __name__ == "__main__":
    print(train()[-1])
