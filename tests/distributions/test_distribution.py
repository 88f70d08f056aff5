"""What every distribution promises, with NumPy alone: densities, samples, gradients of samples, messages."""

import functools
import itertools

import numpy as np
import pytest
from distributions.cases import PARAMETERS, build, family, others

import nn
import nn.distributions as D

SINGLE = {  # the ends of the support, for families of one number
    "Normal": (-np.inf, np.inf), "LogNormal": (0, np.inf), "HalfNormal": (0, np.inf), "Uniform": None,
    "Exponential": (0, np.inf), "Laplace": (-np.inf, np.inf), "Cauchy": (-np.inf, np.inf), "HalfCauchy": (0, np.inf),
    "Gumbel": (-np.inf, np.inf), "Weibull": (0, np.inf), "Pareto": None, "Kumaraswamy": (0, 1), "Gamma": (0, np.inf),
    "Chi2": (0, np.inf), "InverseGamma": (0, np.inf), "Beta": (0, 1), "StudentT": (-np.inf, np.inf),
    "FisherSnedecor": (0, np.inf), "VonMises": (-np.pi, np.pi), "ContinuousBernoulli": (0, 1),
    "ContinuousBernoulli of logits": (0, 1), "RelaxedBernoulli": (0, 1),
}  # fmt: skip
COUNTS = ["Bernoulli", "Bernoulli of logits", "Binomial", "Geometric", "NegativeBinomial", "Poisson"]
WITH_CDF = [case for case in SINGLE if family(case) not in {"VonMises", "RelaxedBernoulli"}]
MOVES_ITS_NOISE = {"Gamma", "Chi2", "InverseGamma", "Beta", "Dirichlet", "StudentT", "FisherSnedecor"}


def made(case, **named):
    return build(nn, case, PARAMETERS[case], **named)


def grid(case, distribution, count=4001):
    """Points x along the support (double-exponentially dense at its ends) and the weights to integrate over them.

    Shape:
        both (count, *batch)
    """
    nn.manual_seed(0)  # any point will do where the weight is 0
    low, high = SINGLE[case] or {
        "Uniform": lambda d: (d.low.numpy(), d.high.numpy()),
        "Pareto": lambda d: (d.scale.numpy(), np.inf),
    }[case](distribution)
    batch = distribution.batch_shape
    tau = np.linspace(-6, 6, count).reshape(-1, *(1 for _ in batch))
    step = 12 / (count - 1)
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        bend, slope = np.pi / 2 * np.sinh(tau), np.pi / 2 * np.cosh(tau)
        if np.all(np.isinf(low)):  # sinh of sinh
            x, weight = np.sinh(bend), np.cosh(bend) * slope
        elif np.all(np.isinf(high)):
            x, weight = low + np.exp(bend), np.exp(bend) * slope
        else:
            share = 1 / (1 + np.exp(-2 * bend))
            x, weight = low + (high - low) * share, (high - low) * share * (1 - share) * 2 * slope
    x, weight = (np.broadcast_to(v, (count, *batch)).copy() for v in (x, weight * step))
    bad = ~np.isfinite(x) | ~np.isfinite(weight) | (np.abs(x) > 1e250)
    inside = np.isfinite(high) & (x >= high) if np.any(np.isfinite(high)) else np.zeros(x.shape, bool)
    bad |= inside | (np.isfinite(low) & (x <= low))
    x[bad], weight[bad] = np.broadcast_to(made(case)[0].sample().numpy(), x.shape)[bad], 0
    return x, weight


@pytest.mark.parametrize("case", SINGLE)
def test_densities_integrate_to_1_and_give_entropy_mean_and_variance(case):
    d = made(case)[0]
    x, weight = grid(case, d)
    log_p = d.log_prob(nn.tensor(x)).numpy()
    mass = np.exp(log_p) * weight
    kink_or_heavy_tail = {"Laplace", "StudentT", "FisherSnedecor", "Cauchy", "HalfCauchy", "Pareto", "InverseGamma"}
    rough = family(case) in kink_or_heavy_tail
    np.testing.assert_allclose(mass.sum(0), 1, rtol=1e-4 if rough else 1e-6)
    try:
        entropy = d.entropy().numpy()
    except NotImplementedError:
        assert family(case) in {"FisherSnedecor", "StudentT", "RelaxedBernoulli"}
    else:
        np.testing.assert_allclose(
            -(mass * np.where(mass == 0, 0, log_p)).sum(0), entropy, rtol=1e-6, atol=2e-4 if rough else 2e-5
        )
    if family(case) in {"VonMises", "RelaxedBernoulli", "Cauchy", "HalfCauchy"}:
        return
    mean, variance = d.mean.numpy(), d.variance.numpy()
    heavy = ~np.isfinite(variance)  # the integral would not end, or hardly
    slow = family(case) in {"Pareto", "StudentT", "FisherSnedecor", "InverseGamma"}
    found = (mass * x).sum(0)
    np.testing.assert_allclose(found[~heavy], mean[~heavy], rtol=1e-2 if slow else 1e-6, atol=1e-4 if rough else 1e-6)
    if not slow:
        np.testing.assert_allclose(
            (mass * (x - mean) ** 2).sum(0)[~heavy], variance[~heavy], rtol=1e-4 if rough else 2e-6
        )


@pytest.mark.parametrize("case", WITH_CDF)
def test_distribution_functions_are_integrals_of_densities_and_quantiles_their_inverses(case):
    d = made(case)[0]
    x, weight = grid(case, d, 8001)
    mass = np.exp(d.log_prob(nn.tensor(x)).numpy()) * weight
    by_integral = np.cumsum(mass, 0) - mass / 2
    for place in range(3500, 4600, 250):
        inner = weight[place] != 0
        p = d.cdf(nn.tensor(x[place])).numpy()
        np.testing.assert_allclose(p[inner], by_integral[place][inner], atol=2e-5)
    try:
        quantile = [d.icdf(nn.full(d.batch_shape, level, dtype=nn.float64)) for level in (0.01, 0.3, 0.5, 0.99)]
    except NotImplementedError:
        assert family(case) == "StudentT"
        return
    for q, level in zip(quantile, (0.01, 0.3, 0.5, 0.99), strict=True):
        np.testing.assert_allclose(d.cdf(q).numpy(), level, rtol=1e-9)


@pytest.mark.parametrize("case", SINGLE)
def test_gradients_agree_with_differences(case):
    """Of everything by every parameter, and of the density and its integral by the value."""
    nn.manual_seed(8)
    d, leaves = made(case, requires_grad=True)
    x = nn.tensor(d.sample().numpy())
    names = list(leaves)

    def quantity(name, *values, at=None):
        moved = type(d)(**dict(zip(names, values, strict=True)), validate_args=False)
        found = getattr(moved, name)
        found = found(*at) if at is not None else found() if callable(found) else found
        return nn.where(nn.isfinite(found), found, 0.0)

    for name, at in {"log_prob": (x,), "cdf": (x,), "icdf": (x * 0 + 0.3,), "mean": None, "variance": None,
                     "entropy": None}.items():  # fmt: skip
        try:
            free = quantity(name, *leaves.values(), at=at).requires_grad
        except NotImplementedError:
            continue
        edge = name in {"mean", "variance"} and family(case) in {"Pareto", "InverseGamma"}  # one is just infinite
        if free and not edge:
            of = functools.partial(quantity, name, at=at)
            assert nn.testing.gradcheck(of, list(leaves.values()), rtol=1e-4, atol=1e-6, nearby=False), name
    x.requires_grad_()
    if family(case) != "Laplace":
        assert nn.testing.gradcheck(d.log_prob, x, rtol=1e-4, atol=1e-6, nearby=False)
    if case in WITH_CDF:
        np.testing.assert_allclose(nn.grad(d.cdf(x).sum(), [x])[0].numpy(), d.log_prob(x).exp().detach().numpy())


@pytest.mark.parametrize("case", COUNTS)
def test_probabilities_of_counts_add_up_to_1_and_give_entropy_mean_and_variance(case):
    d = made(case)[0]
    highest = {"Binomial": 5, "Bernoulli": 1}.get(family(case), 4000)
    k = np.arange(highest + 1.0).reshape(-1, *(1 for _ in d.batch_shape))
    p = np.exp(d.log_prob(nn.tensor(np.broadcast_to(k, (len(k), *d.batch_shape)).copy())).numpy())
    np.testing.assert_allclose(p.sum(0), 1, rtol=1e-9)
    np.testing.assert_allclose((p * k).sum(0), d.mean.numpy(), rtol=1e-7)
    np.testing.assert_allclose((p * k * k).sum(0) - (p * k).sum(0) ** 2, d.variance.numpy(), rtol=1e-6)
    try:
        entropy = d.entropy().numpy()
    except NotImplementedError:
        assert case in {"Poisson", "NegativeBinomial"}
    else:
        np.testing.assert_allclose(-(p * np.log(np.where(p == 0, 1, p))).sum(0), entropy, rtol=1e-7)


def test_probabilities_of_events_of_several_numbers_add_up_to_1():
    d = made("Multinomial")[0]
    events = [v for v in itertools.product(range(7), repeat=3) if sum(v) == 6]
    values = nn.tensor(np.array(events, np.float64)).unsqueeze(1).expand((len(events), 2, 3))
    log_p = d.log_prob(values).numpy()
    np.testing.assert_allclose(np.exp(log_p).sum(0), 1)
    np.testing.assert_allclose(-(np.exp(log_p) * log_p).sum(0), d.entropy().numpy(), rtol=1e-9)
    for case in ("Categorical", "OneHotCategorical"):
        d = made(case)[0]
        log_p = d.log_prob(d.enumerate_support()).numpy()
        np.testing.assert_allclose(np.exp(log_p).sum(0), 1)
        np.testing.assert_allclose(-(np.exp(log_p) * log_p).sum(0), d.entropy().numpy(), rtol=1e-9)


def test_the_density_of_a_normal_vector_is_that_of_its_definition(rng):
    for case in ("MultivariateNormal", "MultivariateNormal of precision", "LowRankMultivariateNormal"):
        d = made(case)[0]
        s = d.covariance_matrix.numpy()
        x = rng.normal(size=(4, *d.batch_shape, 3))
        away = (x - d.loc.numpy())[..., None]
        square = (np.swapaxes(away, -1, -2) @ np.linalg.inv(s) @ away)[..., 0, 0]
        expected = -(square + np.log(np.linalg.det(2 * np.pi * s))) / 2
        np.testing.assert_allclose(d.log_prob(nn.tensor(x)).numpy(), expected)
        np.testing.assert_allclose(d.entropy().numpy(), np.log(np.linalg.det(2 * np.pi * np.e * s)) / 2)
        np.testing.assert_allclose((d.precision_matrix @ d.covariance_matrix).numpy() + np.zeros(s.shape),
                                   np.broadcast_to(np.eye(3), s.shape), atol=1e-12)  # fmt: skip
        np.testing.assert_allclose((d.scale_tril @ d.scale_tril.mT).numpy(), s)


SCIPY = {  # the same distributions in SciPy's words: name, then arguments made of ours
    "Normal": ("norm", lambda loc, scale: (loc, scale)),
    "LogNormal": ("lognorm", lambda loc, scale: (scale, 0, np.exp(loc))),
    "HalfNormal": ("halfnorm", lambda scale: (0, scale)),
    "Uniform": ("uniform", lambda low, high: (low, high - low)),
    "Exponential": ("expon", lambda rate: (0, 1 / rate)),
    "Laplace": ("laplace", lambda loc, scale: (loc, scale)),
    "Cauchy": ("cauchy", lambda loc, scale: (loc, scale)),
    "HalfCauchy": ("halfcauchy", lambda scale: (0, scale)),
    "Gumbel": ("gumbel_r", lambda loc, scale: (loc, scale)),
    "Weibull": ("weibull_min", lambda scale, concentration: (concentration, 0, scale)),
    "Pareto": ("pareto", lambda scale, alpha: (alpha, 0, scale)),
    "Gamma": ("gamma", lambda concentration, rate: (concentration, 0, 1 / rate)),
    "Chi2": ("chi2", lambda df: (df,)),
    "InverseGamma": ("invgamma", lambda concentration, rate: (concentration, 0, rate)),
    "Beta": ("beta", lambda concentration1, concentration0: (concentration1, concentration0)),
    "StudentT": ("t", lambda df, loc, scale: (df, loc, scale)),
    "FisherSnedecor": ("f", lambda df1, df2: (df1, df2)),
    "VonMises": ("vonmises", lambda loc, concentration: (concentration, loc)),
    "Bernoulli": ("bernoulli", lambda probs: (probs,)),
    "Binomial": ("binom", lambda total_count, probs: (total_count, probs)),
    "Geometric": ("geom", lambda probs: (probs, -1)),
    "NegativeBinomial": ("nbinom", lambda total_count, probs: (total_count, 1 - probs)),
    "Poisson": ("poisson", lambda rate: (rate,)),
}


@pytest.mark.parametrize("case", SCIPY)
def test_densities_functions_and_quantiles_are_those_of_scipy(case):
    stats = pytest.importorskip("scipy.stats")
    name, arguments = SCIPY[case]
    theirs = getattr(stats, name)(*arguments(**PARAMETERS[case]))
    nn.manual_seed(9)
    d = made(case)[0]
    x = d.sample((20,)).numpy()
    log_p = theirs.logpmf(x) if hasattr(theirs.dist, "logpmf") else theirs.logpdf(x)
    np.testing.assert_allclose(d.log_prob(nn.tensor(x)).numpy(), log_p, rtol=1e-8, atol=1e-9)
    if family(case) not in {"VonMises", "FisherSnedecor", "StudentT", *COUNTS}:
        np.testing.assert_allclose(d.entropy().numpy(), theirs.entropy(), rtol=1e-8, atol=1e-9)
    if case in WITH_CDF:
        np.testing.assert_allclose(d.cdf(nn.tensor(x)).numpy(), theirs.cdf(x), rtol=1e-9, atol=1e-12)
        level = np.broadcast_to(0.2, d.batch_shape).copy()
        if case != "StudentT":
            np.testing.assert_allclose(d.icdf(nn.tensor(level)).numpy(), theirs.ppf(level), rtol=1e-9)


# -- samples ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("case", PARAMETERS)
def test_samples_have_the_mean_and_variance_that_is_said(case):
    nn.manual_seed(3)
    d = made(case)[0]
    n = 20000
    x = d.sample((n,)).numpy()
    assert x.dtype == (np.int64 if family(case) == "Categorical" else np.float64)
    d._validate_sample(nn.tensor(x))
    try:
        mean, variance = d.mean.numpy(), d.variance.numpy()
    except NotImplementedError:
        return
    if family(case) == "VonMises":
        angle = np.angle(np.exp(1j * (x - d.loc.numpy())).mean(0))
        np.testing.assert_allclose(angle, 0, atol=0.1)
        np.testing.assert_allclose(1 - np.cos(x - d.loc.numpy()).mean(0), variance, rtol=0.1)
        return
    known = np.isfinite(variance) & np.isfinite(mean)
    if family(case) in {"Pareto", "StudentT", "FisherSnedecor", "InverseGamma"}:
        known &= variance < 1  # the variance of the rest is made of a few samples
    off = np.abs(x.mean(0) - mean)
    assert (off <= 5 * np.sqrt(variance / n) + 1e-12)[known].all()
    if family(case) not in {"Pareto", "StudentT", "FisherSnedecor", "InverseGamma", "LogNormal", "Weibull"}:
        np.testing.assert_allclose(x.var(0)[known], variance[known], rtol=0.15, atol=1e-3)


@pytest.mark.parametrize("case", WITH_CDF)
def test_samples_have_the_distribution_that_is_said(case):
    """Kolmogorov and Smirnov's distance, which is below 1.95 / sqrt(n) with probability 0.999."""
    for dtype in (np.float64, np.float32):
        nn.manual_seed(5)
        d = build(nn, case, PARAMETERS[case], dtype)[0]
        n = 5000
        p = np.sort(d.cdf(d.sample((n,))).numpy().astype(np.float64), 0)
        steps = np.arange(n + 1).reshape(-1, *(1 for _ in d.batch_shape)) / n
        distance = np.maximum(np.abs(p - steps[1:]), np.abs(p - steps[:-1])).max(0)
        assert (distance < 2.3 / np.sqrt(n)).all()


@pytest.mark.parametrize("case", [*COUNTS, "Categorical"])
def test_counts_have_the_frequencies_that_are_said(case):
    nn.manual_seed(7)
    d = made(case)[0]
    n = 20000
    x = d.sample((n,)).numpy()
    for k in range(4):
        if family(case) in {"Bernoulli", "Categorical"} and k > (1 if family(case) == "Bernoulli" else 2):
            continue
        p = np.exp(d.log_prob(nn.full(d.batch_shape, float(k), dtype=nn.float64)).numpy())
        assert (np.abs((x == k).mean(0) - p) < 4.5 * np.sqrt(p * (1 - p) / n) + 1e-9).all()


def test_one_seed_gives_one_sample_with_and_without_gradients():
    for case in PARAMETERS:
        d, leaves = made(case, requires_grad=True)
        nn.manual_seed(1)
        first = d.sample((3,))
        assert not first.requires_grad
        nn.manual_seed(1)
        if d.has_rsample:
            second = d.rsample((3,))
            assert second.requires_grad == bool(leaves)
            np.testing.assert_array_equal(first.numpy(), second.detach().numpy())
        else:
            np.testing.assert_array_equal(first.numpy(), d.sample((3,)).numpy())
            with pytest.raises(NotImplementedError, match=r"rsample: its samples have no gradient .* use sample\(\)"):
                d.rsample()


@pytest.mark.parametrize("case", [c for c in PARAMETERS if family(c) not in MOVES_ITS_NOISE])
def test_gradients_of_samples_agree_with_differences(case):
    d, leaves = made(case, requires_grad=True)
    if not d.has_rsample:
        pytest.skip("no gradients by the parameters")
    names = list(leaves)

    def sample(*values):
        nn.manual_seed(1)
        return (
            build(nn, case, PARAMETERS[case])[0]
            .__class__(**{**leaves, **dict(zip(names, values, strict=True))}, validate_args=False)
            .rsample((3,))
        )

    assert nn.testing.gradcheck(sample, list(leaves.values()), rtol=1e-5, atol=1e-6, nearby=False)


@pytest.mark.parametrize("case", ["Gamma", "Beta"])
def test_implicit_gradients_keep_the_probability_of_the_sample(case):
    """dx/da = -(dF/da) / (dF/dx), with F by differences; and so the second derivative, by differences of the first."""
    nn.manual_seed(2)
    d, leaves = made(case, requires_grad=True)
    x = d.rsample((5,))
    probability = d.cdf(x.detach()).detach()
    gradients = nn.grad(x.sum(), list(leaves.values()), create_graph=True)
    for (name, leaf), gradient in zip(leaves.items(), gradients, strict=True):
        quantiles, slopes = [], []
        step = 1e-5 * leaf.detach().numpy()
        for sign in (-1, 1):
            there = {**{k: v.detach() for k, v in leaves.items()}, name: nn.tensor(leaf.detach().numpy() + sign * step)}
            there[name].requires_grad_()
            quantile = type(d)(**there).icdf(probability)
            quantiles.append(quantile.detach().numpy())
            [slope] = nn.grad(quantile.sum(), [there[name]])
            slopes.append(slope.numpy())
        total = ((quantiles[1] - quantiles[0]) / (2 * step)).sum(0)
        total = total if leaf.ndim == 2 else total.sum(0)  # one row of parameters stands for all
        np.testing.assert_allclose(gradient.detach().numpy(), total, rtol=1e-5, atol=1e-7)
        if leaf.ndim == 2:
            [second] = nn.grad(gradient.sum(), [leaf], retain_graph=True)
            np.testing.assert_allclose(second.numpy(), (slopes[1] - slopes[0]) / (2 * step), rtol=1e-4, atol=1e-6)


def test_implicit_gradients_agree_with_scipy_where_it_is_installed(rng):
    stats = pytest.importorskip("scipy.stats")
    a = 10 ** rng.uniform(-1.5, 4, 300)
    nn.manual_seed(0)
    leaf = nn.tensor(a, requires_grad=True)
    x = D.Gamma(leaf, 1.0).rsample()
    [g] = nn.grad(x.sum(), [leaf])
    p = stats.gamma.cdf(x.detach().numpy(), a)
    h = 1e-4 * a
    by_differences = (stats.gamma.ppf(p, a + h) - stats.gamma.ppf(p, a - h)) / (2 * h)
    sure = (p > 1e-3) & (p < 1 - 1e-3)
    np.testing.assert_allclose(g.numpy()[sure], by_differences[sure], rtol=1e-4)


def test_gradients_of_means_by_samples(rng):
    """E x^2 of a sample is mean^2 + variance, and so are their gradients: the noise of those that move it included."""
    n = 40000
    for case in ("StudentT of many", "FisherSnedecor of many", "Dirichlet", "Gamma", "InverseGamma"):
        nn.manual_seed(11)
        parameters = {
            "StudentT of many": dict(df=np.array([12.0, 30.0]), loc=np.array([0.5, -1.0]), scale=np.array([1.0, 2.0])),
            "FisherSnedecor of many": dict(df1=np.array([5.0, 9.0]), df2=np.array([30.0, 50.0])),
            "InverseGamma": dict(concentration=np.array([9.0]), rate=np.array([2.0])),
        }.get(case, PARAMETERS.get(case))
        d, leaves = build(nn, case, parameters, requires_grad=True)
        by_samples = nn.grad((d.rsample((n,)) ** 2).sum() / n, list(leaves.values()))
        exactly = nn.grad((d.mean**2 + d.variance).sum(), list(leaves.values()))
        for g, h in zip(by_samples, exactly, strict=True):
            np.testing.assert_allclose(g.numpy(), h.numpy(), rtol=0.15, atol=0.05 * np.abs(h.numpy()).max())


# -- manners ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("case", PARAMETERS)
def test_divergences_are_0_for_equals_and_positive_else(case):
    p = made(case)[0]
    try:
        same = D.kl_divergence(p, made(case)[0]).numpy()
    except NotImplementedError:
        return
    np.testing.assert_allclose(same, 0, atol=1e-12)
    other = D.kl_divergence(p, build(nn, case, others(case))[0]).numpy()
    assert (other > 0).any()
    assert (other >= -1e-12).all()
    assert np.isfinite(other).all()


@pytest.mark.parametrize("case", [c for c in PARAMETERS if family(c) not in {"LogisticNormal"}])
def test_divergences_are_means_of_log_ratios(case):
    nn.manual_seed(4)
    if others(case) is None:
        return
    p, q = made(case)[0], build(nn, case, others(case))[0]
    try:
        kl = D.kl_divergence(p, q).numpy()
    except NotImplementedError:
        return
    x = p.sample((20000,))
    ratio = p.log_prob(x).numpy() - q.log_prob(x).numpy()
    spread = ratio.std(0) / np.sqrt(len(ratio))
    assert (np.abs(ratio.mean(0) - kl) < 6 * spread + 1e-3).all()


@pytest.mark.parametrize("case", PARAMETERS)
def test_a_batch_is_its_rows_and_expand_changes_nothing(case):
    d = made(case)[0]
    nn.manual_seed(6)
    x = d.sample((4,))
    wide = d.expand((3, *d.batch_shape))
    assert wide.batch_shape == (3, *d.batch_shape)
    assert type(wide) is type(d)
    assert wide.batch_shape.numel() == 3 * d.batch_shape.numel()
    assert d.event_shape.numel() == np.prod(d.event_shape)
    np.testing.assert_allclose(wide.log_prob(x.unsqueeze(1)).numpy(),
                               np.broadcast_to(d.log_prob(x).numpy()[:, None], (4, 3, *d.batch_shape)),
                               rtol=1e-10)  # fmt: skip
    assert wide.sample((2,)).shape == (2, 3, *d.batch_shape, *d.event_shape)


def test_names_are_shown_with_the_values_or_shapes_that_were_given():
    assert repr(D.Normal(0.0, 1.0)) == "Normal(loc: 0.0, scale: 1.0)"
    assert repr(D.Beta(nn.ones(3), 2.0)) == "Beta(concentration1: (3,), concentration0: (3,))"
    coin = D.Bernoulli(nn.tensor([0.25, 0.5]))
    assert coin.logits.shape == (2,)  # a property that was computed is not one that was given
    assert repr(coin) == "Bernoulli(probs: (2,))"
    assert repr(D.Independent(D.Normal(nn.zeros(3), 1.0), 1)) == "Independent(Normal(loc: (3,), scale: (3,)), 1)"
    assert repr(D.TransformedDistribution(D.Normal(0.0, 1.0), D.ExpTransform())) == (
        "TransformedDistribution(Normal(loc: 0.0, scale: 1.0), [ExpTransform()])"
    )
    mixture = D.MixtureSameFamily(D.Categorical(nn.ones(2)), D.Normal(nn.zeros(2), 1.0))
    assert repr(mixture) == "MixtureSameFamily(\n  Categorical(probs: (2,)),\n  Normal(loc: (2,), scale: (2,)))"


@pytest.mark.parametrize(
    ("action", "error", "message"),
    [
        (lambda: D.Normal(0.0, -1.0), ValueError,
         r"parameter scale of shape \(\) of Normal\(loc: 0.0, scale: -1.0\) must satisfy "
         r"GreaterThan\(lower_bound=0.0\), got -1.0"),
        (lambda: D.Normal(0.0, 1.0).log_prob(nn.tensor([np.nan])), ValueError,
         r"value of shape \(1,\) for Normal.* Real"),
        (lambda: D.Normal(nn.zeros(3), 1.0).log_prob(nn.zeros(2)), ValueError,
         r"Normal: value must broadcast with batch_shape \+ event_shape \(3,\), got shape \(2,\)"),
        (lambda: D.Normal(0.0, 1.0).log_prob(0.5), ValueError, "Normal: value must be a tensor, got float"),
        (lambda: D.Normal("a", 1.0), ValueError, "parameters must be numbers or tensors, got str"),
        (lambda: D.Bernoulli(), ValueError, "Bernoulli: exactly one of probs and logits must be given"),
        (lambda: D.Categorical(nn.ones(2), nn.ones(2)), ValueError, "Categorical: exactly one of probs and logits"),
        (lambda: D.Categorical(nn.tensor(0.5)), ValueError, "Categorical: probs or logits must have at least one axis"),
        (lambda: D.Dirichlet(nn.tensor(0.5)), nn.ShapeError, "Dirichlet: concentration must have at least one axis"),
        (lambda: D.Geometric(nn.tensor(0.0)), ValueError, "Geometric: probs must be above 0"),
        (lambda: D.Multinomial(nn.tensor(2), nn.ones(2)), NotImplementedError, "total_count must be one whole number"),
        (lambda: D.MultivariateNormal(nn.zeros(2)), ValueError, "exactly one of covariance_matrix, .* got 0"),
        (lambda: D.MultivariateNormal(nn.zeros(2), nn.ones(2)), nn.ShapeError, "loc must be a vector and cov"),
        (lambda: D.LowRankMultivariateNormal(nn.zeros(2), nn.ones(3, 1), nn.ones(2)), nn.ShapeError,
         r"cov_diag \(..., K\), got \(2,\), \(3, 1\) and \(2,\)"),
        (lambda: D.Independent(D.Normal(0.0, 1.0), 1), nn.ShapeError, "reinterpreted_batch_ndims must be at most 0"),
        (lambda: D.Independent(D.Bernoulli(nn.ones(2)), 1).enumerate_support(), NotImplementedError, "too many"),
        (lambda: D.Binomial(nn.tensor([1, 2]), 0.5).enumerate_support(), NotImplementedError, "unequal total_count"),
        (lambda: D.MixtureSameFamily(D.Normal(0.0, 1.0), D.Normal(0.0, 1.0)), ValueError, "must be a Categorical"),
        (lambda: D.MixtureSameFamily(D.Categorical(nn.ones(2)), 3), ValueError, "component_distribution must be a D"),
        (lambda: D.MixtureSameFamily(D.Categorical(nn.ones(2)), D.Normal(nn.zeros(3), 1.0)), ValueError,
         r"must end in the axis of the 2 weights .* got \(3,\)"),
        (lambda: D.TransformedDistribution(D.Normal(0.0, 1.0), [3]), ValueError, "must be Transforms, got int"),
        (lambda: D.TransformedDistribution(D.Normal(0.0, 1.0), D.StickBreakingTransform()), ValueError,
         r"must have at least 1 axes for .*, got shape \(\); use expand"),
        (lambda: D.kl_divergence(D.Normal(0.0, 1.0), D.Bernoulli(0.5)), NotImplementedError,
         "no formula for Normal and Bernoulli; use register_kl"),
        (lambda: D.kl_divergence(D.Laplace(0.0, 1.0), D.Gumbel(0.0, 1.0)), NotImplementedError, "Laplace and Gumbel"),
        (lambda: D.kl_divergence(D.Binomial(2, 0.5), D.Binomial(3, 0.5)), NotImplementedError, "total_count of q"),
        (lambda: D.register_kl(int, D.Normal), TypeError, "a subclass of Distribution is expected, got <class 'int'>"),
        (lambda: D.Poisson(1.0).entropy(), NotImplementedError, "Poisson.entropy: there is no formula"),
        (lambda: D.Distribution.set_default_validate_args(3), ValueError, "value must be True or False, got 3"),
        (lambda: D.ExpTransform(cache_size=2), ValueError, "ExpTransform: cache_size must be 0 or 1, got 2"),
        (lambda: D.ReshapeTransform((2,), (3,)), nn.ShapeError, "must have equally many elements"),
        (lambda: D.ReshapeTransform((2,), (2, 1))(nn.ones(3)), nn.ShapeError,
         r"ends in \(2,\) is expected, got \(3,\)"),
        (lambda: D.CatTransform([D.ExpTransform()], 0, [1, 2]), ValueError, "lengths must be 1 numbers"),
        (lambda: D.CatTransform([D.ExpTransform()], 0, [2])(nn.ones(3)), nn.ShapeError, "must be 2 long, the sum"),
        (lambda: D.StackTransform([D.ExpTransform()])(nn.ones(3)), nn.ShapeError, "must be 1 long, one place for each"),
        (lambda: D.CorrCholeskyTransform().forward_shape((4,)), nn.ShapeError, "4 numbers fill no lower triangle"),
        (lambda: D.utils.vec_to_tril_matrix(nn.ones(4)), ValueError, "4 elements fill no lower triangle"),
        (lambda: D.SoftmaxTransform().log_abs_det_jacobian(nn.ones(2), nn.ones(2)), NotImplementedError, "no volumes"),
        (lambda: D.AbsTransform().sign, NotImplementedError, "neither increases nor decreases"),
        (lambda: D.biject_to(D.constraints.one_hot), NotImplementedError, "no map into OneHot"),
        (lambda: D.biject_to.register(3, lambda c: None), TypeError, "constraint must be a Constraint"),
        (lambda: D.constraints.dependent.check(nn.ones(1)), ValueError, "a dependent constraint cannot be checked"),
    ],
)  # fmt: skip
def test_messages(action, error, message):
    with pytest.raises(error, match=message):
        action()


def test_arguments_are_checked_unless_told_otherwise():
    assert D.Normal(0.0, -1.0, validate_args=False).scale.item() == -1
    D.Distribution.set_default_validate_args(False)
    try:
        assert D.Normal(0.0, -1.0).scale.item() == -1
        with pytest.raises(ValueError, match="scale"):
            D.Normal(0.0, -1.0, validate_args=True)
    finally:
        D.Distribution.set_default_validate_args(True)


def test_a_family_of_ones_own():
    class Triangle(D.Distribution):
        arg_constraints = {"width": D.constraints.positive}  # noqa: RUF012
        has_rsample = True

        def __init__(self, width, validate_args=None):
            (self.width,) = D.utils.broadcast_all(width)
            super().__init__(self.width.shape, validate_args=validate_args)

        @D.constraints.dependent_property(is_discrete=False, event_dim=0)
        def support(self):
            return D.constraints.interval(-self.width, self.width)

        def rsample(self, sample_shape=()):
            shape = self._extended_shape(sample_shape)
            return self.width * (nn.rand(shape) - nn.rand(shape))

        def log_prob(self, value):
            if self._validate_args:
                self._validate_sample(value)
            return (1 - value.abs() / self.width).log() - self.width.log()

    d = Triangle(nn.tensor([1.0, 2.0]))
    assert d.sample((3,)).shape == (3, 2)
    assert d.expand((4, 2)).batch_shape == (4, 2)
    assert D.Independent(d, 1).log_prob(nn.zeros(2)).item() == pytest.approx(-np.log(2))
    assert repr(d) == "Triangle(width: (2,))"
    with pytest.raises(ValueError, match="Interval"):
        d.log_prob(nn.tensor(3.0))
    with pytest.raises(ValueError, match="width"):
        Triangle(-1.0)


def test_a_cache_keeps_the_inverse_exact():
    x = nn.tensor([20.0])  # whose tanh rounds to 1
    kept, bare = D.TanhTransform(cache_size=1), D.TanhTransform()
    assert kept.inv(kept(x)) is x
    assert bare.inv(bare(x)).item() == np.inf
    squashed = D.TransformedDistribution(D.Normal(nn.tensor([20.0]), 1.0), [D.TanhTransform(cache_size=1)])
    nn.manual_seed(0)
    assert np.isfinite(squashed.log_prob(squashed.sample()).item())
