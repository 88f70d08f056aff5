"""Buckets of gradients: each is sent as soon as all in it are complete, while backward computes the others.

A bucket's message is the gradients, weighted by this process's samples, then for each parameter the weight of the
processes that used it, and the weight of all:

    [ w g_1 | ... | w g_k | w used_1 ... w used_k | w ]

Summed over the processes, the first part divided by the last number is the mean.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence

import numpy as np

from nn.autograd import hooks
from nn.autograd.hooks import RemovableHandle
from nn.autograd.tape import wrap
from nn.tensors.tensor import Tensor
from nn.world import Array, Pending, world

__all__: list[str] = []


class Bucket:
    """Gradients of one dtype that are sent together.

    Args:
        parameters: in the order in which they are expected to be complete.
    """

    def __init__(self, parameters: Sequence[Tensor]) -> None:
        self.parameters = parameters
        ends = np.cumsum([p.numel() for p in parameters]).tolist()
        self._slices = [slice(end - p.numel(), end) for p, end in zip(parameters, ends, strict=True)]
        self._flat: Array = np.zeros(ends[-1] + len(parameters) + 1, parameters[0].dtype)
        self._used, self._weight = self._flat[ends[-1] : -1], self._flat[-1:]
        self.pending: Pending | None = None
        self.missing = len(parameters)

    def put(self, position: int, weight: float) -> None:
        """Note the gradient of one parameter."""
        grad = self.parameters[position].grad
        np.multiply(grad._array.reshape(-1), weight, out=self._flat[self._slices[position]])
        self._used[position] = weight
        self.missing -= 1

    def send(self, weight: float) -> None:
        """Start the sum over the processes."""
        self._weight[0] = weight
        self.pending = world().all_reduce(self._flat)

    def take(self) -> None:
        """Wait for the sum, and give every parameter that some process used its mean gradient."""
        assert self.pending is not None
        self.pending.wait()
        scale = 1 / self._weight.item()
        for position, (p, part) in enumerate(zip(self.parameters, self._slices, strict=True)):
            if self._used[position]:
                if p.grad is None:
                    p.grad = wrap(np.empty(p.shape, p.dtype))
                np.multiply(self._flat[part].reshape(p.shape), scale, out=p.grad._array)
                p.grad._touch()
        self._flat[...] = 0
        self.pending, self.missing = None, len(self.parameters)


class Reducer:
    """Averages the gradients of a model's parameters over all processes during each backward.

    Args:
        parameters: those that require gradients, in the model's order.
        capacity: bytes in a bucket, at most, where one parameter does not have more.
        by_samples: weigh each process by its samples; False for the same weight for all.
    """

    def __init__(self, parameters: Sequence[Tensor], capacity: int, by_samples: bool) -> None:
        self.buckets = _filled(parameters, capacity)
        self._by_samples = by_samples
        self._place: dict[Tensor, tuple[Bucket, int]] = {}
        self._handles: list[RemovableHandle] = []
        ready = weakref.WeakMethod(self._ready)  # so that a parameter does not keep its model alive

        def hook(parameter: Tensor) -> None:
            method = ready()
            if method is not None:
                method(parameter)

        for bucket in self.buckets:
            for position, p in enumerate(bucket.parameters):
                self._place[p] = bucket, position
                self._handles.append(p.register_post_accumulate_grad_hook(hook))
        self.active = True
        """False while gradients are only accumulated (`no_sync`)."""
        self._samples = 0
        self._weight = 1.0
        self._running = False

    def count(self, samples: int) -> None:
        """Note the samples of one forward."""
        self._samples += samples

    def average(self) -> None:
        """Average, now, the gradients that were added up while this was not active."""
        if self._samples:
            self._weight = float(self._samples) if self._by_samples else 1.0
        for p, (bucket, position) in self._place.items():
            if p.grad is not None:
                bucket.put(position, self._weight)
        self._finish()

    def remove(self) -> None:
        """Take the hooks away from the parameters."""
        for handle in self._handles:
            handle.remove()

    def _ready(self, parameter: Tensor) -> None:
        """A gradient is complete: send its bucket if it was the last, and move along what is on its way."""
        if not self.active:
            return
        if not self._running:
            self._running = True
            if self._samples:  # otherwise a second backward through the same forward
                self._weight = float(self._samples) if self._by_samples else 1.0
            hooks.ending.append(self._finish)
        bucket, position = self._place[parameter]
        bucket.put(position, self._weight)
        self._send(complete=True)

    def _send(self, complete: bool) -> None:
        """Send in the same order everywhere: no bucket before the ones in front of it."""
        for bucket in self.buckets:
            if bucket.pending is not None:
                bucket.pending.done()
            elif not complete or not bucket.missing:
                bucket.send(self._weight)
            else:
                return

    def _finish(self) -> None:
        """At the end of backward: a parameter without a gradient counts as 0; the means become the gradients."""
        self._running, self._samples = False, 0
        self._send(complete=False)
        for bucket in self.buckets:
            bucket.take()


def _filled(parameters: Sequence[Tensor], capacity: int) -> list[Bucket]:
    """Buckets of the parameters, last ones first, since backward reaches them first."""
    groups: list[list[Tensor]] = []
    size = 0
    for p in reversed(parameters):
        size += p._array.nbytes
        if not groups or groups[-1][0].dtype != p.dtype or size > capacity:
            groups.append([])
            size = p._array.nbytes
        groups[-1].append(p)
    return [Bucket(group) for group in groups]
