"""What the Trainer adds to a step of the loop written by hand: microseconds of CPU time, in alternating runs.

python tests/benchmarks/time_trainer.py
"""

import statistics
import time

import numpy as np

import nn
from nn.training import Trainer

STEPS = 2000


class Tags:
    """A writer that forgets."""

    def add_scalar(self, tag, value, step):
        pass


def parts():
    nn.manual_seed(0)
    rng = np.random.default_rng(0)
    batch = nn.tensor(rng.normal(size=(16, 8)).astype(np.float32)), nn.tensor(rng.integers(4, size=16))
    model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 4))
    return model, [batch] * STEPS, nn.optim.SGD(model.parameters(), lr=0.01), nn.CrossEntropyLoss()


def by_hand():
    """The loop with what a Trainer does too: each loss as a number, and the mean of the epoch."""
    model, batches, optimizer, criterion = parts()
    total, start = 0.0, time.process_time()
    for x, y in batches:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item()
    return time.process_time() - start


def by_trainer(**options):
    model, batches, optimizer, criterion = parts()
    trainer = Trainer(1, enable_progress_bar=False, enable_checkpointing=False, **options)
    start = time.process_time()
    trainer.fit(model, batches, criterion=criterion, optimizer=optimizer)
    return time.process_time() - start


def main():
    """One line for each way of training."""
    ways = {
        "by hand": by_hand,
        "Trainer": by_trainer,
        "Trainer, a writer every 50 steps": lambda: by_trainer(logger=Tags()),
    }
    seconds = {name: [] for name in ways}
    for _ in range(15):
        for name, way in ways.items():
            seconds[name].append(way() / STEPS * 1e6)
    control = statistics.median(seconds["by hand"])
    for name, values in seconds.items():
        extra = statistics.median(v - hand for v, hand in zip(values, seconds["by hand"], strict=True))
        print(f"{name:34} {statistics.median(values):7.1f} us a step, {extra:+6.1f} us, {extra / control:+6.1%}")


if __name__ == "__main__":
    main()
