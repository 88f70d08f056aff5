"""Steps of optimisers, in place: a trailing underscore changes the parameter and the state, never the gradient.

Operands are the parameter, its gradient `g` and the state by PyTorch's names; `step` is a 0-d array that counts.
The order of operations is PyTorch's, so that float32 rounds alike.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.blocks import pieces

Array = NDArray[Any]
Pair = tuple[float, float]


def lerp_(a: Array, b: Array, weight: float) -> None:
    """a += weight (b - a), written so that weight 1 gives b itself."""
    if weight < 0.5:
        a += weight * (b - a)
    else:
        a[...] = b - (b - a) * (1 - weight)


def average_square_(a: Array, g: Array, beta: float) -> None:
    """a = beta a + (1 - beta) g^2."""
    a *= beta
    a += (1 - beta) * g * g


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
    step += 1
    return float(step)


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
    g = descended(g, parameter, weight_decay, maximize)
    if momentum:
        if momentum_buffer is None:
            momentum_buffer = g.copy()
        else:
            momentum_buffer *= momentum
            momentum_buffer += g if not dampening else (1 - dampening) * g
        g = g + momentum * momentum_buffer if nesterov else momentum_buffer
    parameter -= lr * g
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
    """m, v: averages of g and g^2;  p -= lr m' / (sqrt(v') + eps), m' = m / (1 - beta1^t), v' = v / (1 - beta2^t)."""
    t = counted_(step)
    for p, d, m, v, most in pieces(parameter, g, exp_avg, exp_avg_sq, max_exp_avg_sq):
        d = decayed_(d, p, lr, weight_decay, maximize, decoupled_weight_decay)
        lerp_(m, d, 1 - betas[0])
        average_square_(v, d, betas[1])
        if amsgrad and most is not None:
            v = np.maximum(most, v, out=most)
        spread = np.sqrt(v)
        spread /= math.sqrt(1 - betas[1] ** t)
        spread += eps
        change = lr / (1 - betas[0] ** t) * m
        change /= spread
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
    g = descended(g, parameter, weight_decay, maximize)
    lerp_(exp_avg, g, 1 - betas[0])
    exp_inf *= betas[1]
    np.maximum(exp_inf, abs(g) + eps, out=exp_inf)
    parameter -= lr / (1 - betas[0] ** t) * exp_avg / exp_inf


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
    g = decayed_(g, parameter, lr, weight_decay, maximize, decoupled_weight_decay)
    mu, mu_next = (betas[0] * (1 - 0.5 * 0.96 ** (n * momentum_decay)) for n in (t, t + 1))
    mu_product *= mu
    product = float(mu_product)
    lerp_(exp_avg, g, 1 - betas[0])
    average_square_(exp_avg_sq, g, betas[1])
    spread = np.sqrt(exp_avg_sq / (1 - betas[1] ** t)) + eps
    parameter -= lr * (1 - mu) / (1 - product) * g / spread
    parameter -= lr * mu_next / (1 - product * mu_next) * exp_avg / spread


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
    g = decayed_(g, parameter, lr, weight_decay, maximize, decoupled_weight_decay)
    lerp_(exp_avg, g, 1 - betas[0])
    average_square_(exp_avg_sq, g, betas[1])
    rest = 1 - betas[1] ** t
    longest = 2 / (1 - betas[1]) - 1
    length = longest - 2 * t * betas[1] ** t / rest
    change = exp_avg / (1 - betas[0] ** t) * lr
    if length > 5:
        r = math.sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length))
        change = change * (math.sqrt(rest) / (np.sqrt(exp_avg_sq) + eps)) * r
    parameter -= change


def lion_(
    parameter: Array, g: Array, exp_avg: Array, *, lr: float, betas: Pair, weight_decay: float, maximize: bool
) -> None:
    """p -= lr (sign(beta1 m + (1 - beta1) g) + weight_decay p);  m = beta2 m + (1 - beta2) g."""
    g = decayed_(g, parameter, lr, weight_decay, maximize, decoupled=True)
    parameter -= lr * np.sign(exp_avg * betas[0] + (1 - betas[0]) * g)
    lerp_(exp_avg, g, 1 - betas[1])


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
    g = descended(g, parameter, weight_decay, maximize)
    sum += g * g
    parameter -= lr / (1 + (t - 1) * lr_decay) * g / (np.sqrt(sum) + eps)


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
    g = descended(g, parameter, weight_decay, maximize)
    average_square_(square_avg, g, rho)
    change = np.sqrt(acc_delta + eps) / np.sqrt(square_avg + eps) * g
    average_square_(acc_delta, change, rho)
    parameter -= lr * change


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
    g = descended(g, parameter, weight_decay, maximize)
    average_square_(square_avg, g, alpha)
    if centered and grad_avg is not None:
        lerp_(grad_avg, g, 1 - alpha)
        square_avg = square_avg - grad_avg * grad_avg
    spread = np.sqrt(square_avg) + eps
    if momentum > 0 and momentum_buffer is not None:
        momentum_buffer *= momentum
        momentum_buffer += g / spread
        parameter -= lr * momentum_buffer
    else:
        parameter -= lr * g / spread


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
    g = descended(g, parameter, 0, maximize)
    same = np.sign(g * prev)
    step_size *= np.where(same > 0, etas[1], np.where(same < 0, etas[0], 1)).astype(step_size.dtype)
    np.clip(step_size, *step_sizes, out=step_size)
    prev[...] = np.where(same < 0, 0, g)  # after a turn: no step, and no comparison at the next
    parameter -= np.sign(prev) * step_size


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
    g = descended(g, parameter, weight_decay, maximize)
    rate = float(eta)
    parameter *= 1 - lambd * rate
    parameter -= rate * g
    if mu == 1:
        ax[...] = parameter
    else:
        ax += (parameter - ax) * float(mu)
    eta[...] = np.float32(lr / (1 + lambd * lr * t) ** alpha)  # PyTorch keeps these two in float32
    mu[...] = np.float32(1 / max(1, t - t0))
