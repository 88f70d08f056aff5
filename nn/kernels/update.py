"""Steps of optimisers, in place: a trailing underscore changes the parameter and the state, never the gradient.

Operands are the parameter, its gradient `g` and the state by PyTorch's names; `step` is a 0-d array that counts.
The order of operations is PyTorch's, so that float32 rounds alike. Large arrays are taken in pieces, so that what is
computed on the way stays in the cache.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.blocks import ENOUGH, pieces

Array = NDArray[Any]
Pair = tuple[float, float]


def lerp_(a: Array, b: Array, weight: float) -> None:
    """a += weight (b - a), written so that weight 1 gives b itself."""
    if weight < 0.5:
        change = b - a
        change *= weight
        a += change
    else:
        a[...] = b - (b - a) * (1 - weight)


def average_square_(a: Array, g: Array, beta: float) -> None:
    """a = beta a + (1 - beta) g^2."""
    square = (1 - beta) * g
    square *= g
    a *= beta
    a += square


def descended(g: Array, parameter: Array, weight_decay: float, maximize: bool) -> Array:
    """What is descended: g (or -g to climb), and the gradient of the L2 penalty."""
    if maximize:
        g = -g
    return g + weight_decay * parameter if weight_decay else g


def decayed_(g: Array, parameter: Array, lr: float, weight_decay: float, maximize: bool, decoupled: bool) -> Array:
    """As `descended`; decoupled, the decay shrinks the parameter itself instead."""
    if not decoupled:
        return descended(g, parameter, weight_decay, maximize)
    if weight_decay:
        parameter *= 1 - lr * weight_decay
    return -g if maximize else g


def counted_(step: Array) -> float:
    """The number of this step, counted on."""
    number = float(step) + 1
    step.fill(number)
    return number


def sgd_(
    parameter: Array,
    g: Array,
    momentum_buffer: Array | None,
    *,
    lr: float,
    momentum: float = 0.0,
    dampening: float = 0.0,
    weight_decay: float = 0.0,
    nesterov: bool = False,
    maximize: bool = False,
) -> Array | None:
    """One step of SGD; returns the velocity (None without momentum), which is made at the first step.

    d = g + weight_decay p;  v = momentum v + (1 - dampening) d, at first d;  p -= lr v, or lr (d + momentum v).
    """
    if not (momentum or weight_decay or maximize) and parameter.size <= ENOUGH:  # the plain step, and no more
        parameter -= lr * g
        return None
    started = momentum_buffer is not None
    if momentum and not started:
        momentum_buffer = np.empty_like(g)
    for p, d, v in pieces(parameter, g, momentum_buffer):
        if weight_decay or maximize:
            d = descended(d, p, weight_decay, maximize)
        if momentum:
            if started:
                v *= momentum
                v += d if not dampening else (1 - dampening) * d
            else:
                np.copyto(v, d)
            d = d + momentum * v if nesterov else v
        p -= lr * d
    return momentum_buffer


def adam_(
    parameter: Array,
    g: Array,
    step: Array,
    exp_avg: Array,
    exp_avg_sq: Array,
    max_exp_avg_sq: Array | None = None,
    *,
    lr: float,
    betas: Pair,
    eps: float,
    weight_decay: float,
    amsgrad: bool,
    maximize: bool,
    decoupled_weight_decay: bool,
) -> None:
    """m, v: averages of g and g^2;  p -= lr m' / (sqrt(v') + eps), m' = m / (1 - beta1^t), v' = v / (1 - beta2^t).

    sqrt(v') is sqrt(v) / root with root = sqrt(1 - beta2^t): to multiply the rest by root saves a pass over the array.
    """
    t = counted_(step)
    root = math.sqrt(1 - betas[1] ** t)
    rate = lr * root / (1 - betas[0] ** t)
    for p, d, m, v, most in pieces(parameter, g, exp_avg, exp_avg_sq, max_exp_avg_sq):
        d = decayed_(d, p, lr, weight_decay, maximize, decoupled_weight_decay)
        lerp_(m, d, 1 - betas[0])
        average_square_(v, d, betas[1])
        if amsgrad and most is not None:
            v = np.maximum(most, v, out=most)
        spread = np.asanyarray(np.sqrt(v))  # an array also where v has no axes, to divide in place
        spread += eps * root
        change = np.divide(m, spread, out=spread)
        change *= rate
        p -= change


def adamax_(
    parameter: Array,
    g: Array,
    step: Array,
    exp_avg: Array,
    exp_inf: Array,
    *,
    lr: float,
    betas: Pair,
    eps: float,
    weight_decay: float,
    maximize: bool,
) -> None:
    """m: average of g;  u = max(beta2 u, |g| + eps);  p -= lr / (1 - beta1^t) m / u."""
    t = counted_(step)
    for p, d, m, u in pieces(parameter, g, exp_avg, exp_inf):
        d = descended(d, p, weight_decay, maximize)
        lerp_(m, d, 1 - betas[0])
        u *= betas[1]
        np.maximum(u, abs(d) + eps, out=u)
        p -= lr / (1 - betas[0] ** t) * m / u


def nadam_(
    parameter: Array,
    g: Array,
    step: Array,
    mu_product: Array,
    exp_avg: Array,
    exp_avg_sq: Array,
    *,
    lr: float,
    betas: Pair,
    eps: float,
    weight_decay: float,
    momentum_decay: float,
    decoupled_weight_decay: bool,
    maximize: bool,
) -> None:
    """Adam with (1 - mu_t) g and mu_{t+1} m in place of m; each is corrected by its product of mu."""
    t = counted_(step)
    mu, mu_next = (betas[0] * (1 - 0.5 * 0.96 ** (n * momentum_decay)) for n in (t, t + 1))
    mu_product *= mu
    product = float(mu_product)
    for p, d, m, v in pieces(parameter, g, exp_avg, exp_avg_sq):
        d = decayed_(d, p, lr, weight_decay, maximize, decoupled_weight_decay)
        lerp_(m, d, 1 - betas[0])
        average_square_(v, d, betas[1])
        spread = np.sqrt(v / (1 - betas[1] ** t)) + eps
        p -= lr * (1 - mu) / (1 - product) * d / spread
        p -= lr * mu_next / (1 - product * mu_next) * m / spread


def radam_(
    parameter: Array,
    g: Array,
    step: Array,
    exp_avg: Array,
    exp_avg_sq: Array,
    *,
    lr: float,
    betas: Pair,
    eps: float,
    weight_decay: float,
    decoupled_weight_decay: bool,
    maximize: bool,
) -> None:
    """Adam with its spread rectified by r(t); while fewer than 5 squares make up the average, without the spread."""
    t = counted_(step)
    rest = 1 - betas[1] ** t
    longest = 2 / (1 - betas[1]) - 1
    length = longest - 2 * t * betas[1] ** t / rest
    r = 0.0
    if length > 5:
        r = math.sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length))
    for p, d, m, v in pieces(parameter, g, exp_avg, exp_avg_sq):
        d = decayed_(d, p, lr, weight_decay, maximize, decoupled_weight_decay)
        lerp_(m, d, 1 - betas[0])
        average_square_(v, d, betas[1])
        change = m / (1 - betas[0] ** t) * lr
        if length > 5:
            change = change * (math.sqrt(rest) / (np.sqrt(v) + eps)) * r
        p -= change


def lion_(
    parameter: Array, g: Array, exp_avg: Array, *, lr: float, betas: Pair, weight_decay: float, maximize: bool
) -> None:
    """p -= lr (sign(beta1 m + (1 - beta1) g) + weight_decay p);  m = beta2 m + (1 - beta2) g."""
    for p, d, m in pieces(parameter, g, exp_avg):
        d = decayed_(d, p, lr, weight_decay, maximize, decoupled=True)
        p -= lr * np.sign(m * betas[0] + (1 - betas[0]) * d)
        lerp_(m, d, 1 - betas[1])


def adagrad_(
    parameter: Array,
    g: Array,
    step: Array,
    sum: Array,
    *,
    lr: float,
    lr_decay: float,
    weight_decay: float,
    eps: float,
    maximize: bool,
) -> None:
    """s += g^2;  p -= lr / (1 + (t - 1) lr_decay) g / (sqrt(s) + eps)."""
    t = counted_(step)
    for p, d, s in pieces(parameter, g, sum):
        d = descended(d, p, weight_decay, maximize)
        s += d * d
        p -= lr / (1 + (t - 1) * lr_decay) * d / (np.sqrt(s) + eps)


def adafactor_(
    parameter: Array,
    g: Array,
    step: Array,
    row_var: Array | None = None,
    col_var: Array | None = None,
    variance: Array | None = None,
    *,
    lr: float,
    beta2_decay: float,
    eps: tuple[float | None, float],
    d: float,
    weight_decay: float,
    maximize: bool,
) -> None:
    """p -= alpha / max(1, rms(u) / d) u;  u = g / sqrt(v), v of its averages over rows and columns."""
    t = counted_(step)
    weight, least = t**beta2_decay, float(np.finfo(parameter.dtype).eps) if eps[0] is None else eps[0]
    g = -g if maximize else g
    size = math.sqrt(parameter.size)
    alpha = max(eps[1], float(np.linalg.norm(parameter)) / size) * min(lr, 1 / math.sqrt(t))
    if weight_decay:
        parameter *= 1 - lr * weight_decay
    if row_var is not None and col_var is not None:
        lerp_(row_var, np.square(g).mean(-1, keepdims=True), weight)
        lerp_(col_var, np.square(g).mean(-2, keepdims=True), weight)
        v = row_var @ col_var / np.maximum(row_var.mean(-2, keepdims=True), least)
    else:
        assert variance is not None
        lerp_(variance, g * g, weight)
        v = variance
    u = g / np.sqrt(np.maximum(v, least * least))
    parameter -= alpha / max(1.0, float(np.linalg.norm(u)) / (size * d)) * u


def adadelta_(
    parameter: Array,
    g: Array,
    step: Array,
    square_avg: Array,
    acc_delta: Array,
    *,
    lr: float,
    rho: float,
    eps: float,
    weight_decay: float,
    maximize: bool,
) -> None:
    """v: average of g^2;  d = sqrt(u + eps) / sqrt(v + eps) g;  u: average of d^2;  p -= lr d."""
    counted_(step)
    for p, d, v, u in pieces(parameter, g, square_avg, acc_delta):
        d = descended(d, p, weight_decay, maximize)
        average_square_(v, d, rho)
        change = np.sqrt(u + eps) / np.sqrt(v + eps) * d
        average_square_(u, change, rho)
        p -= lr * change


def rmsprop_(
    parameter: Array,
    g: Array,
    step: Array,
    square_avg: Array,
    momentum_buffer: Array | None = None,
    grad_avg: Array | None = None,
    *,
    lr: float,
    alpha: float,
    eps: float,
    weight_decay: float,
    momentum: float,
    centered: bool,
    maximize: bool,
) -> None:
    """v: average of g^2 (centered: less the squared average);  b = momentum b + g / (sqrt(v) + eps);  p -= lr b."""
    counted_(step)
    for p, d, v, b, a in pieces(parameter, g, square_avg, momentum_buffer, grad_avg):
        d = descended(d, p, weight_decay, maximize)
        average_square_(v, d, alpha)
        if centered and a is not None:
            lerp_(a, d, 1 - alpha)
            v = v - a * a
        spread = np.sqrt(v) + eps
        if momentum > 0 and b is not None:
            b *= momentum
            b += d / spread
            p -= lr * b
        else:
            p -= lr * d / spread


def rprop_(
    parameter: Array,
    g: Array,
    step: Array,
    prev: Array,
    step_size: Array,
    *,
    etas: Pair,
    step_sizes: Pair,
    maximize: bool,
) -> None:
    """Step sizes grow by etas[1] where the sign of g stays, shrink by etas[0] where it turns;  p -= size sign(g)."""
    counted_(step)
    for p, d, before, size in pieces(parameter, g, prev, step_size):
        d = descended(d, p, 0, maximize)
        same = np.sign(d * before)
        size *= np.where(same > 0, etas[1], np.where(same < 0, etas[0], 1)).astype(size.dtype)
        np.clip(size, *step_sizes, out=size)
        before[...] = np.where(same < 0, 0, d)  # after a turn: no step, and no comparison at the next
        p -= np.sign(before) * size


def asgd_(
    parameter: Array,
    g: Array,
    step: Array,
    eta: Array,
    mu: Array,
    ax: Array,
    *,
    lr: float,
    lambd: float,
    alpha: float,
    t0: float,
    weight_decay: float,
    maximize: bool,
) -> None:
    """p = (1 - lambd eta) p - eta g;  ax: average of p, from step t0;  eta = lr / (1 + lambd lr t)^alpha."""
    t = counted_(step)
    rate = float(eta)
    for p, d, mean in pieces(parameter, g, ax):
        d = descended(d, p, weight_decay, maximize)
        p *= 1 - lambd * rate
        p -= rate * d
        if mu == 1:
            mean[...] = p
        else:
            mean += (p - mean) * float(mu)
    eta[...] = np.float32(lr / (1 + lambd * lr * t) ** alpha)  # PyTorch keeps these two in float32
    mu[...] = np.float32(1 / max(1, t - t0))
