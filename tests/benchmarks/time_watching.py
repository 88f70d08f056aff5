"""What `nn.training.watch` costs at its default interval: ``python tests/benchmarks/time_watching.py``.

A convolutional network and a small GPT are trained on one thread, a hundred steps with and a hundred without, in turns.
Printed is the ratio of the times of the processor, the writer's thread among them: the median of all turns.
"""

import argparse
import statistics
import tempfile
import time

import numpy as np

import nn
from nn.examples.cnn import digits_network
from nn.training import watch
from tbwriter import SummaryWriter

STEPS = 100  # watch's default interval


def cnn(batch=32):
    """The network of the digits and a batch."""
    images, labels = nn.data.datasets.load_digits()
    return digits_network(), images[:batch], labels[:batch]


def gpt(batch=8, length=64, width=64, vocabulary=96):
    """Four blocks, 0.2 million parameters, and a batch."""
    config = nn.models.GPTConfig(vocabulary, length, n_embd=width, n_layer=4, n_head=4)
    tokens = np.random.default_rng(0).integers(0, vocabulary, (batch, length + 1))
    model = nn.Sequential(nn.models.GPT(config), nn.Flatten(0, 1))
    return model, nn.tensor(tokens[:, :-1]), nn.tensor(tokens[:, 1:].reshape(-1))


def train(model, optimizer, x, y):
    """A hundred steps; seconds of the processor."""
    start = time.process_time()
    for _ in range(STEPS):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
    return time.process_time() - start


def measure(build, turns):
    """The time with watch, divided by that without, of each turn."""
    nn.manual_seed(0)
    model, x, y = build()
    optimizer = nn.optim.AdamW(model.parameters(), lr=1e-3)
    train(model, optimizer, x, y)
    ratios = []
    with tempfile.TemporaryDirectory() as log_dir, SummaryWriter(log_dir) as writer:
        for turn in range(turns):
            order = (True, False) if turn % 2 else (False, True)
            seconds = {}
            for watched in order:
                if watched:
                    start = time.process_time()
                    with watch(model, writer, step=lambda turn=turn: turn):
                        train(model, optimizer, x, y)
                    writer.flush()
                    seconds[True] = time.process_time() - start
                else:
                    seconds[False] = train(model, optimizer, x, y)
            ratios.append(seconds[True] / seconds[False])
    return ratios


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--turns", type=int, default=9)
    turns = parser.parse_args().turns
    nn.set_num_threads(1)
    print(f"a step with watch, divided by one without; median (and range) of {turns} turns of {STEPS} steps\n")
    for build in (cnn, gpt):
        ratios = sorted(measure(build, turns))
        print(f"{build.__name__:<5} {statistics.median(ratios):.3f}  ({ratios[0]:.3f} to {ratios[-1]:.3f})")


if __name__ == "__main__":
    main()
