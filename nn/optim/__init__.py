"""Optimisers: `from nn import optim`, then `optim.SGD(model.parameters(), lr=0.01)`."""

from nn.optim.optimizer import Optimizer
from nn.optim.sgd import SGD

__all__ = ["SGD", "Optimizer"]
