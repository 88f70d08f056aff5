"""What each trick of nn/kernels/README.md is worth: the naive kernel's time as a multiple of ours.

    OMP_NUM_THREADS=1 python tests/benchmarks/time_kernels.py [--rounds 30]

Both run in this process, in turn, and processor time is measured, so that neighbours disturb little. The naive versions
are those of naive_kernels.py beside this file; tests/test_naive_kernels.py checks that both compute the same.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import naive_kernels as naive
import numpy as np

from nn.kernels import (
    activation,
    arithmetic,
    convolution,
    distance,
    division,
    embedding,
    incomplete,
    indexing,
    linalg,
    pooling,
    recurrent,
    scan,
    summation,
    threads,
)
from nn.kernels.update import adam_

Pair = tuple[Callable[[], Any], Callable[[], Any]]


def pairs(scale: float = 1.0) -> dict[str, Pair]:
    """For each trick the naive kernel and ours, on the same arrays; `scale` shrinks them."""
    rng = np.random.default_rng(0)

    def draw(*shape: int) -> np.ndarray:
        return rng.standard_normal(shape, np.float32)

    def size(n: int) -> int:
        return max(4, int(n * scale))

    n = size(64)
    images, filters, small = draw(n, 32, 26, 26), draw(64, 32, 5, 5), draw(64, 32, 3, 3)
    images = np.moveaxis(np.ascontiguousarray(np.moveaxis(images, 0, -1)), -1, 0)  # as our layers hand them on
    narrow = draw(32, 16, 3, 3)
    tiny = np.moveaxis(draw(16, 6, 6, size(32)), -1, 0)
    plain = dict(stride=(1, 1), padding=(0, 0), dilation=(1, 1))
    apart = plain | {"stride": (2, 2)}
    pool = dict(kernel_size=(2, 2), stride=(2, 2), padding=(0, 0), dilation=(1, 1), output_size=(13, 13))
    x, g = draw(size(1024), 512), draw(size(1024), 512)
    y = np.maximum(x, 0)
    steps, width = 32, 128
    gates, weight, state = draw(steps, n, 4 * width), draw(4 * width, width) / 10, draw(n, 2 * width)
    packed = np.concatenate([gates.ravel(), weight.ravel(), state.ravel()])
    rows, index = draw(size(20_000), 32), rng.integers(0, 1000, size(20_000))
    tokens, matrix = draw(size(512), 2, 128), draw(128, 128)
    p, m, v = draw(size(2048), 1024), draw(size(2048), 1024), draw(size(2048), 1024) ** 2
    slope = draw(size(2048), 1024)

    some, short = draw(size(256), 512), draw(size(65_536), 8)
    points, others = draw(size(600), 16), draw(size(500), 16)
    divisor, columns = np.abs(draw(*x.shape)) + np.float32(0.1), rng.integers(0, len(x), x.shape)

    bags, of_bags = rng.integers(0, 1000, (size(1000), 10)), draw(size(1000), 256)
    paths, square = draw(size(1000), 1000), draw(size(200), size(200)) / 200 + np.eye(size(200), dtype=np.float32)
    places = (np.minimum(np.arange(0, 26, 5)[:, None] + np.arange(6), 25),) * 2
    shape, at = np.abs(draw(size(100_000))).astype(np.float64) + 0.5, np.abs(draw(size(100_000))).astype(np.float64)

    ours = (p.copy(), m.copy(), v.copy())
    settings = dict(lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, amsgrad=False, maximize=False)

    def adam() -> tuple[np.ndarray, ...]:
        adam_(ours[0], slope, np.array(4.0), *ours[1:], decoupled_weight_decay=False, **settings)
        return ours

    return {
        "convolution": (lambda: naive.conv(images, filters), lambda: convolution.conv(images, filters, **plain)),
        "small images": (lambda: naive.conv(tiny, narrow), lambda: convolution.conv(tiny, narrow, **plain)),
        "two outputs at a time": (
            lambda: naive.conv_by_taps(images, small),
            lambda: convolution.conv(images, small, **plain),
        ),
        "strides": (
            lambda: naive.strided_input_backward(images, narrow),
            lambda: convolution.conv_input_backward(images, narrow, input_size=(53, 53), **apart),
        ),
        "max-pooling": (lambda: naive.max_pool(images), lambda: pooling.max_pool(images, **pool)),
        "relu's gradient": (lambda: naive.relu_backward(g, y), lambda: activation.relu_backward(g, y)),
        "GELU and its slope": (lambda: naive.gelu(x), lambda: activation.gelu(x)),
        "LSTM": (
            lambda: naive.lstm(gates, weight, state),
            lambda: recurrent.recurrence(packed, cell="lstm", shape=(steps, n, width))[0],
        ),
        "sum over rows": (lambda: naive.total(x), lambda: summation.total(x, 0)),
        "rows added by index": (
            lambda: naive.add_rows(rows, index, 1000),
            lambda: embedding.embedding_backward(rows, index, rows=1000),
        ),
        "gradients of bags": (
            lambda: naive.add_rows_of_bags(of_bags, bags, 1000),
            lambda: embedding.bags_backward(of_bags, bags, rows=1000, average=False),
        ),
        "running best": (lambda: naive.running_best(paths), lambda: scan.argcummax(paths, dim=1)),
        "largest of long windows": (
            lambda: naive.largest_of_windows(images, places),
            lambda: pooling.argmax_pool(images, places=places),
        ),
        "incomplete gamma function": (
            lambda: naive.incomplete_gamma(shape, at),
            lambda: incomplete.igamma(shape, at),
        ),
        "pseudoinverse": (lambda: naive.pseudoinverse(square), lambda: linalg.pinv(square)),
        "x ** 3": (lambda: naive.cube(x), lambda: arithmetic.pow(x, 3.0)),
        "product of three axes": (lambda: naive.product(tokens, matrix), lambda: threads.product(tokens, matrix)),
        "gradients of pieces": (
            lambda: naive.pieces(some),
            lambda: indexing.put_together(*some, places=tuple(range(len(some))), shape=some.shape),
        ),
        "sum of short rows": (lambda: naive.short_rows(short), lambda: summation.total(short, 1)),
        "elements by index": (lambda: naive.gather(x, columns), lambda: indexing.gather(x, columns, dim=0)),
        "distances": (lambda: naive.distances(points, others), lambda: distance.euclidean(points, others)),
        "rest of a division": (lambda: naive.remainder(x, divisor), lambda: division.remainder(x, divisor)),
        "Adam": (lambda: naive.adam(p, slope, m, v, 5), adam),
    }


def ratio(pair: Pair, rounds: int) -> float:
    times: list[list[float]] = [[], []]
    for _ in range(rounds):
        for own, kernel in zip(times, pair, strict=True):
            start = time.process_time()
            kernel()
            own.append(time.process_time() - start)
    return statistics.median(times[0]) / statistics.median(times[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=30, help="how often each kernel runs")
    rounds = parser.parse_args().rounds
    for name, pair in pairs().items():
        print(f"{name:28}{ratio(pair, rounds):6.1f}", flush=True)


if __name__ == "__main__":
    main()
