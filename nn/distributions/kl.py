"""The Kullback-Leibler divergence, KL(p || q) = the mean under p of ln p - ln q, in nats.

Pairs of one family have their own formulas. For two different families of numbers it is the cross-entropy, the mean
under p of -ln q, minus the entropy of p; and infinite where q does not reach all values of p.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from nn import linalg, special
from nn.distributions.bernoulli import Bernoulli
from nn.distributions.beta import Beta
from nn.distributions.binomial import Binomial
from nn.distributions.categorical import Categorical
from nn.distributions.cauchy import Cauchy
from nn.distributions.continuous_bernoulli import ContinuousBernoulli
from nn.distributions.dirichlet import Dirichlet
from nn.distributions.distribution import Distribution
from nn.distributions.exponential import Exponential
from nn.distributions.gamma import Gamma
from nn.distributions.geometric import Geometric
from nn.distributions.gumbel import Gumbel
from nn.distributions.half_normal import HalfNormal
from nn.distributions.independent import Independent
from nn.distributions.laplace import Laplace
from nn.distributions.lowrank_multivariate_normal import LowRankMultivariateNormal
from nn.distributions.multivariate_normal import MultivariateNormal, squared_length
from nn.distributions.normal import Normal
from nn.distributions.one_hot_categorical import OneHotCategorical
from nn.distributions.pareto import Pareto
from nn.distributions.poisson import Poisson
from nn.distributions.transformed_distribution import TransformedDistribution
from nn.distributions.uniform import Uniform
from nn.distributions.utils import EULER, LOG_2PI, broadcast_all, lbeta, softplus, sum_rightmost
from nn.tensors.arithmetic import where
from nn.tensors.tensor import Tensor

__all__ = ["kl_divergence", "register_kl"]

Formula = Callable[[Any, Any], Tensor]

_registry: dict[tuple[type, type], Formula] = {}


def register_kl(type_p: type, type_q: type) -> Callable[[Formula], Formula]:
    """Decorate a function (p, q) as the divergence of these two classes and their subclasses.

    Raises:
        TypeError: a class is no `Distribution`.

    Example:
        >>> import nn
        >>> class Point(nn.distributions.Distribution): ...
        >>> @nn.distributions.register_kl(Point, Point)
        ... def same(p, q):
        ...     return nn.zeros(())
        >>> nn.distributions.kl_divergence(Point(), Point())
        tensor(0.)
    """
    for kind in (type_p, type_q):
        if not isinstance(kind, type) or not issubclass(kind, Distribution):
            raise TypeError(f"register_kl: a subclass of Distribution is expected, got {kind!r}")

    def register(formula: Formula) -> Formula:
        _registry[type_p, type_q] = formula
        return formula

    return register


def kl_divergence(p: Distribution, q: Distribution) -> Tensor:
    """KL(p || q), for each of the batch: 0 or more, and 0 where the two are equal.

    Raises:
        NotImplementedError: there is no formula for the two families; `register_kl` adds one.

    Example:
        >>> import nn
        >>> d = nn.distributions
        >>> d.kl_divergence(d.Normal(0.0, 1.0), d.Normal(nn.tensor([0.0, 2.0]), 1.0))
        tensor([0., 2.])

    References:
        Kullback and Leibler, On Information and Sufficiency, 1951.
    """
    lineage_p, lineage_q = type(p).__mro__, type(q).__mro__
    found = [
        (lineage_p.index(a) + lineage_q.index(b), lineage_p.index(a), formula)
        for (a, b), formula in _registry.items()
        if a in lineage_p and b in lineage_q
    ]
    if not found:
        raise NotImplementedError(
            f"kl_divergence: there is no formula for {type(p).__name__} and {type(q).__name__}; use register_kl"
        )
    return min(found, key=lambda f: f[:2])[2](p, q)


# -- one family -------------------------------------------------------------------------------------------------------
@register_kl(Normal, Normal)
def _normal(p: Normal, q: Normal) -> Tensor:
    ratio = (p.scale / q.scale) ** 2
    return (ratio + ((p.loc - q.loc) / q.scale) ** 2 - 1 - ratio.log()) / 2


@register_kl(HalfNormal, HalfNormal)
def _half_normal(p: HalfNormal, q: HalfNormal) -> Tensor:
    return _normal(p.base_dist, q.base_dist)


@register_kl(Cauchy, Cauchy)
def _cauchy(p: Cauchy, q: Cauchy) -> Tensor:
    return ((p.scale + q.scale) ** 2 + (p.loc - q.loc) ** 2).log() - (4 * p.scale * q.scale).log()


@register_kl(Laplace, Laplace)
def _laplace(p: Laplace, q: Laplace) -> Tensor:
    ratio, distance = p.scale / q.scale, (p.loc - q.loc).abs()
    return -ratio.log() + distance / q.scale + ratio * (-distance / p.scale).exp() - 1


@register_kl(Gumbel, Gumbel)
def _gumbel(p: Gumbel, q: Gumbel) -> Tensor:
    ratio, shift = p.scale / q.scale, (p.loc - q.loc) / q.scale
    return shift - ratio.log() + EULER * ratio + ((1 + ratio).lgamma() - shift).exp() - (1 + EULER)


@register_kl(Exponential, Exponential)
def _exponential(p: Exponential, q: Exponential) -> Tensor:
    ratio = q.rate / p.rate
    return ratio - 1 - ratio.log()


@register_kl(Gamma, Gamma)
def _gamma(p: Gamma, q: Gamma) -> Tensor:
    a, b = p.concentration, q.concentration
    rates = b * (p.rate / q.rate).log() + (q.rate - p.rate) * a / p.rate
    return rates + b.lgamma() - a.lgamma() + (a - b) * a.digamma()


@register_kl(Beta, Beta)
def _beta(p: Beta, q: Beta) -> Tensor:
    a, b, c, d = p.concentration1, p.concentration0, q.concentration1, q.concentration0
    total = a + b - c - d
    moments = (a - c) * a.digamma() + (b - d) * b.digamma() - total * (a + b).digamma()
    return lbeta(c, d) - lbeta(a, b) + moments


@register_kl(Dirichlet, Dirichlet)
def _dirichlet(p: Dirichlet, q: Dirichlet) -> Tensor:
    a, b = p.concentration, q.concentration
    total = a.sum(-1)
    normalisers = total.lgamma() - b.sum(-1).lgamma() + (b.lgamma() - a.lgamma()).sum(-1)
    return normalisers + ((a - b) * (a.digamma() - total.digamma().unsqueeze(-1))).sum(-1)


@register_kl(ContinuousBernoulli, ContinuousBernoulli)
def _continuous_bernoulli(p: ContinuousBernoulli, q: ContinuousBernoulli) -> Tensor:
    return p.mean * (p.logits - q.logits) + q._log_normaliser() - p._log_normaliser()


@register_kl(Pareto, Pareto)
def _pareto(p: Pareto, q: Pareto) -> Tensor:
    ratio = q.alpha / p.alpha
    inside = q.alpha * (p.scale / q.scale).log() - ratio.log() + ratio - 1
    return where(p.scale < q.scale, math.inf, inside)


@register_kl(Uniform, Uniform)
def _uniform(p: Uniform, q: Uniform) -> Tensor:
    outside = (p.low < q.low) | (p.high > q.high)
    return where(outside, math.inf, ((q.high - q.low) / (p.high - p.low)).log())


@register_kl(Bernoulli, Bernoulli)
def _bernoulli(p: Any, q: Any) -> Tensor:
    one = p.probs * (softplus(-q.logits) - softplus(-p.logits))
    zero = (1 - p.probs) * (softplus(q.logits) - softplus(p.logits))
    one = where(p.probs == 0, 0.0, where(q.probs == 0, math.inf, one))
    zero = where(p.probs == 1, 0.0, where(q.probs == 1, math.inf, zero))
    return one + zero


@register_kl(Binomial, Binomial)
def _binomial(p: Binomial, q: Binomial) -> Tensor:
    """Infinite where p counts further than q; there is no formula where it counts less far."""
    if bool((p.total_count < q.total_count).any()):
        raise NotImplementedError("kl_divergence: total_count of q must be at most that of p, for two Binomials")
    return where(p.total_count > q.total_count, math.inf, p.total_count * _bernoulli(p, q))


@register_kl(OneHotCategorical, OneHotCategorical)
@register_kl(Categorical, Categorical)
def _categorical(p: Any, q: Any) -> Tensor:
    terms = p.probs * (p.logits - q.logits)
    return where(p.probs == 0, 0.0, where(q.probs == 0, math.inf, terms)).sum(-1)


@register_kl(Geometric, Geometric)
def _geometric(p: Geometric, q: Geometric) -> Tensor:
    return -p.entropy() - (-q.probs).log1p() / p.probs - q.logits


@register_kl(Poisson, Poisson)
def _poisson(p: Poisson, q: Poisson) -> Tensor:
    return special.xlogy(p.rate, p.rate / q.rate) - p.rate + q.rate


@register_kl(MultivariateNormal, MultivariateNormal)
@register_kl(MultivariateNormal, LowRankMultivariateNormal)
@register_kl(LowRankMultivariateNormal, MultivariateNormal)
@register_kl(LowRankMultivariateNormal, LowRankMultivariateNormal)
def _multivariate_normal(p: Any, q: Any) -> Tensor:
    """(tr(Sq^-1 Sp) + |Lq^-1 (mp - mq)|^2 - K) / 2 + ln det Lq - ln det Lp."""
    if p.event_shape != q.event_shape:
        raise ValueError(f"kl_divergence: event shapes must be equal, got {p.event_shape} and {q.event_shape}")
    lower_p, lower_q = p.scale_tril, q.scale_tril
    batch = (p.loc + q.loc).shape[:-1]
    k = p.event_shape[0]
    between = linalg.solve_triangular(lower_q.expand((*batch, k, k)), lower_p.expand((*batch, k, k)), upper=False)
    trace, distance = (between**2).sum((-2, -1)), squared_length(lower_q, p.loc - q.loc)
    logs = lower_q.diagonal(dim1=-2, dim2=-1).log().sum(-1) - lower_p.diagonal(dim1=-2, dim2=-1).log().sum(-1)
    return logs + (trace + distance - k) / 2


@register_kl(Independent, Independent)
def _independent(p: Independent, q: Independent) -> Tensor:
    count = p.reinterpreted_batch_ndims
    if count != q.reinterpreted_batch_ndims:
        raise NotImplementedError(
            "kl_divergence: two Independents must have equal reinterpreted_batch_ndims, got "
            f"{count} and {q.reinterpreted_batch_ndims}"
        )
    return sum_rightmost(kl_divergence(p.base_dist, q.base_dist), count)


@register_kl(TransformedDistribution, TransformedDistribution)
def _transformed(p: TransformedDistribution, q: TransformedDistribution) -> Tensor:
    """That of the base distributions, for one bijection changes nothing."""
    if p.transforms != q.transforms or p.event_shape != q.event_shape:
        raise NotImplementedError(
            "kl_divergence: two TransformedDistributions must have equal transforms and event shapes"
        )
    return sum_rightmost(kl_divergence(p.base_dist, q.base_dist), len(p.event_shape) - len(p.base_dist.event_shape))


# -- two families -----------------------------------------------------------------------------------------------------
_ends: dict[type, Callable[[Any], tuple[Any, Any]]] = {
    Normal: lambda p: (-math.inf, math.inf),
    Laplace: lambda p: (-math.inf, math.inf),
    Gumbel: lambda p: (-math.inf, math.inf),
    Exponential: lambda p: (0, math.inf),
    Gamma: lambda p: (0, math.inf),
    Beta: lambda p: (0, 1),
    ContinuousBernoulli: lambda p: (0, 1),
    Pareto: lambda p: (p.scale, math.inf),
    Uniform: lambda p: (p.low, p.high),
}
"""Between which values each family lies."""

_mean_log: dict[type, Callable[[Any], Tensor]] = {
    Exponential: lambda p: -p.rate.log() - EULER,
    Gamma: lambda p: p.concentration.digamma() - p.rate.log(),
    Beta: lambda p: p.concentration1.digamma() - (p.concentration1 + p.concentration0).digamma(),
    Pareto: lambda p: p.scale.log() + 1 / p.alpha,
    Uniform: lambda p: _uniform_mean_log(p.low, p.high),
}
"""E ln x."""

_mean_log1m: dict[type, Callable[[Any], Tensor]] = {
    Beta: lambda p: p.concentration0.digamma() - (p.concentration1 + p.concentration0).digamma(),
    Uniform: lambda p: _uniform_mean_log(1 - p.high, 1 - p.low),
}
"""E ln(1 - x)."""

_log_mean_exp: dict[type, Callable[[Any, Any], Tensor]] = {
    Normal: lambda p, t: t * p.loc + (t * p.scale) ** 2 / 2,
    Exponential: lambda p, t: -(-t / p.rate).log1p(),
    Gamma: lambda p, t: -p.concentration * (-t / p.rate).log1p(),
    Uniform: lambda p, t: t * p.low + ((t * (p.high - p.low)).expm1() / (t * (p.high - p.low))).log(),
}
"""ln E e^(t x), for t < 0."""


def _uniform_mean_log(low: Tensor, high: Tensor) -> Tensor:
    """E ln x of a uniform number; below 0, where there is no logarithm, that of another one."""
    outside = low < 0
    low, high = where(outside, 1.0, low), where(outside, 2.0, high)
    return (special.xlogy(high, high) - special.xlogy(low, low)) / (high - low) - 1


def _unless_infinite(moment: Tensor, formula: Callable[[Any], Tensor]) -> Tensor:
    """A formula of whether and where a moment is infinite: infinity there, without a gradient that is none."""
    infinite = moment == math.inf
    return where(infinite, math.inf, formula(infinite))


def _of_normal(p: Any, q: Normal) -> Tensor:
    def formula(infinite: Tensor) -> Tensor:
        variance, mean = where(infinite, 1.0, p.variance), where(infinite, 0.0, p.mean)
        return q.scale.log() + LOG_2PI / 2 + (variance + (mean - q.loc) ** 2) / (2 * q.scale**2)

    return _unless_infinite(p.variance, formula)


def _of_laplace(p: Any, q: Laplace) -> Tensor:
    """With the mean distance of a normal number from a point."""
    if not isinstance(p, Normal):
        raise KeyError(type(p))
    z = (p.loc - q.loc) / p.scale
    distance = p.scale * (math.sqrt(2 / math.pi) * (-(z**2) / 2).exp() + z * (z / math.sqrt(2)).erf())
    return (2 * q.scale).log() + distance / q.scale


def _of_gumbel(p: Any, q: Gumbel) -> Tensor:
    grown = _table(_log_mean_exp, p)(p, -1 / q.scale)
    return q.scale.log() + (p.mean - q.loc) / q.scale + (q.loc / q.scale + grown).exp()


def _of_exponential(p: Any, q: Exponential) -> Tensor:
    return _unless_infinite(p.mean, lambda infinite: q.rate * where(infinite, 0.0, p.mean) - q.rate.log())


def _of_gamma(p: Any, q: Gamma) -> Tensor:
    a, mean_log = q.concentration, _table(_mean_log, p)(p)
    constant = a.lgamma() - a * q.rate.log()
    return _unless_infinite(
        p.mean, lambda infinite: constant - (a - 1) * mean_log + q.rate * where(infinite, 0.0, p.mean)
    )


def _of_beta(p: Any, q: Beta) -> Tensor:
    a, b = q.concentration1, q.concentration0
    return lbeta(a, b) - (a - 1) * _table(_mean_log, p)(p) - (b - 1) * _table(_mean_log1m, p)(p)


def _of_continuous_bernoulli(p: Any, q: ContinuousBernoulli) -> Tensor:
    return q._log_normaliser() - q.logits * p.mean


def _of_pareto(p: Any, q: Pareto) -> Tensor:
    return (q.alpha + 1) * _table(_mean_log, p)(p) - q.alpha.log() - q.alpha * q.scale.log()


def _of_uniform(p: Any, q: Uniform) -> Tensor:
    return (q.high - q.low).log()


_cross_entropy: dict[type, Formula] = {
    Normal: _of_normal,
    Laplace: _of_laplace,
    Gumbel: _of_gumbel,
    Exponential: _of_exponential,
    Gamma: _of_gamma,
    Beta: _of_beta,
    ContinuousBernoulli: _of_continuous_bernoulli,
    Pareto: _of_pareto,
    Uniform: _of_uniform,
}
"""The mean under p of -ln q, by the family of q."""


def _table(table: dict[type, Any], p: Any) -> Any:
    """The entry of the family of p, or of the nearest class that it is derived from."""
    return next((table[kind] for kind in type(p).__mro__ if kind in table), None) or _raise(p)


def _raise(p: Any) -> Any:
    raise KeyError(type(p))


def _two_families(p: Any, q: Any) -> Tensor:
    low, high, least, most = broadcast_all(*_table(_ends, p)(p), *_table(_ends, q)(q))
    outside = (low < least) | (high > most)
    if bool(outside.all()):
        shape = np.broadcast_shapes(p.batch_shape, q.batch_shape)
        return p.mean.new_full(shape, math.inf)
    try:
        cross = _table(_cross_entropy, q)(p, q)
    except KeyError:
        raise NotImplementedError(
            f"kl_divergence: there is no formula for {type(p).__name__} and {type(q).__name__}; use register_kl"
        ) from None
    return where(outside, math.inf, cross - p.entropy())


for _p in _ends:
    for _q in _ends:
        if _p is not _q:
            _registry[_p, _q] = _two_families


@register_kl(Bernoulli, Poisson)
def _bernoulli_poisson(p: Bernoulli, q: Poisson) -> Tensor:
    return -p.entropy() - special.xlogy(p.probs, q.rate) + q.rate


@register_kl(Poisson, Bernoulli)
@register_kl(Poisson, Binomial)
def _poisson_outside(p: Poisson, q: Any) -> Tensor:
    return p.rate.new_full(np.broadcast_shapes(p.batch_shape, q.batch_shape), math.inf)
