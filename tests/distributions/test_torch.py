"""Every distribution against PyTorch's: quantities, gradients, shapes, extremes, divergences, constraints, maps."""

import itertools

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the oracle PyTorch is not installed")

from distributions.cases import PARAMETERS, build, family, others  # noqa: E402
from distributions.compare import array, divergence, error, quantity, sample_gradients, samples  # noqa: E402

import nn  # noqa: E402
import nn.distributions as ours  # noqa: E402

theirs = torch.distributions
LIBRARIES = (nn, torch)
THEIRS_IS_ROUGH = {"ContinuousBernoulli of logits"}  # near p = 0, 1/2 and 1; by integrals in test_distribution.py
MODES = {("Weibull", "mode"), ("Kumaraswamy", "mode"), ("Uniform", "mode")}  # nan, or no gradient
CASES = [case for case in PARAMETERS if case not in THEIRS_IS_ROUGH]
every_case = pytest.mark.parametrize("case", CASES)
every_type = pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["double", "single"])


def tolerance(case, dtype):
    if family(case) == "VonMises":  # whose Bessel functions are those of single precision there
        return 2e-5 if dtype == np.float32 else 2e-6
    if family(case) == "ContinuousBernoulli":
        return 5e-3 if dtype == np.float32 else 1e-8
    return 1e-4 if dtype == np.float32 else 2e-9


@every_case
@every_type
def test_quantities_and_their_gradients(case, dtype):
    for name in ("mean", "mode", "variance", "stddev", "entropy", "perplexity"):
        pair = quantity(name, case, dtype)
        if pair is None:
            continue
        if (family(case), name) in MODES:
            continue
        for a, b in zip(*pair, strict=False):  # where PyTorch has none by a constant, or nan beside an infinity
            known = ~np.isnan(array(b)) | np.isnan(array(a))
            rough = max(1e-6 * (family(case) == "Multinomial"), tolerance(case, dtype) * 20)
            assert error(array(a) * known, np.where(known, array(b), 0)) < rough, name
        assert tuple(pair[0][0].shape) == tuple(pair[1][0].shape), name
        assert str(pair[0][0].dtype) == str(pair[1][0].dtype).removeprefix("torch."), name


@every_case
@every_type
def test_log_probabilities_and_their_gradients(case, dtype):
    x = samples(case, dtype)
    found, expected = quantity("log_prob", case, dtype, x)
    assert found[0].shape == tuple(expected[0].shape)
    for a, b in zip(found, expected, strict=True):
        assert error(a, b) < tolerance(case, dtype)


@every_case
@every_type
def test_distribution_functions_and_quantiles(case, dtype):
    x = samples(case, dtype)
    for name, value in (("cdf", x), ("icdf", np.linspace(0.05, 0.95, x.size).reshape(x.shape).astype(dtype))):
        pair = quantity(name, case, dtype, value)
        if pair is not None:
            assert error(pair[0][0], pair[1][0]) < tolerance(case, dtype), name


@every_case
def test_divergences_and_their_gradients(case):
    for dtype in (np.float64, np.float32):
        pair = divergence(case, case, dtype, others(case)) if others(case) else None
        if pair is not None:
            for a, b in zip(*pair, strict=True):
                assert error(a, b) < tolerance(case, dtype) * 5


def test_divergences_of_two_families():
    numbers = ["Normal", "Laplace", "Gumbel", "Exponential", "Gamma", "Beta", "ContinuousBernoulli", "Pareto",
               "Uniform", "Bernoulli", "Poisson", "Binomial", "Chi2", "Cauchy"]  # fmt: skip
    seen = 0
    for p, q in itertools.permutations(numbers, 2):
        try:
            pair = divergence(p, q, np.float64)
        except (NotImplementedError, ValueError):
            continue  # of PyTorch alone
        if pair is None or {p, q} == {"ContinuousBernoulli", "Uniform"}:
            continue  # infinite there even within the support
        seen += 1
        for a, b in zip(*pair, strict=False):  # an infinite constant has no gradients
            known = ~np.isnan(array(b))  # nan beside an infinity
            assert error(array(a)[known], array(b)[known]) < 1e-7, (p, q)
    assert seen > 60


@pytest.mark.parametrize("q", ["Beta", "Uniform", "Pareto", "Gamma", "Exponential", "ContinuousBernoulli"])
def test_divergence_from_a_uniform_part_of_the_support(q):
    for low, high in ((0.2, 0.7), (2.0, 3.0), (-1.0, 0.5), (0.0, 1.0)):
        arguments = {
            "Beta": (2.0, 3.0), "Uniform": (0.0, 2.5), "Pareto": (1.5, 2.0), "Gamma": (2.0, 1.5), "Exponential": (1.5,),
            "ContinuousBernoulli": (0.3,),
        }[q]  # fmt: skip
        found = [
            d.kl_divergence(d.Uniform(low, high), getattr(d, q)(*arguments)).item() for d in (ours, torch.distributions)
        ]
        if q == "ContinuousBernoulli" and (low >= 0 and high <= 1):
            assert 0 < found[0] < 1  # infinite there
        else:
            np.testing.assert_allclose(*found, rtol=1e-5)


@every_case
def test_shapes_and_supports(case):
    nn.manual_seed(0)
    a, b = (build(lib, case, PARAMETERS[case])[0] for lib in LIBRARIES)
    assert a.batch_shape == tuple(b.batch_shape)
    assert a.event_shape == tuple(b.event_shape)
    assert a.has_rsample == b.has_rsample
    assert a.has_enumerate_support == b.has_enumerate_support
    assert a.support.event_dim == b.support.event_dim
    assert a.support.is_discrete == b.support.is_discrete
    for shape in ((), (4,), (2, 1)):
        assert a.sample(shape).shape == tuple(b.sample(shape).shape)
    wide = (5, *a.batch_shape)
    c, d = a.expand(wide), b.expand(wide)
    assert type(c) is type(a)
    assert (c.batch_shape, c.event_shape) == (tuple(d.batch_shape), tuple(d.event_shape))
    assert c.sample((2,)).shape == tuple(d.sample((2,)).shape)
    x = a.sample((5,)).numpy()
    assert error(c.log_prob(nn.tensor(x)), d.log_prob(torch.tensor(x))) < 2e-6
    if a.has_enumerate_support:
        for whole in (True, False):
            np.testing.assert_array_equal(a.enumerate_support(whole).numpy(), b.enumerate_support(whole).numpy())


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda d, t: d.Normal(0.0, 1.0), "Normal(loc: 0.0, scale: 1.0)"),
        (lambda d, t: d.Bernoulli(t([0.25])), "Bernoulli(probs: tensor([0.2500]))"),
        (lambda d, t: d.Independent(d.Normal(t([0.25]), t([1.0])), 1),
         "Independent(Normal(loc: tensor([0.2500]), scale: tensor([1.])), 1)"),
    ],
)  # fmt: skip
def test_string_forms(make, text):
    assert repr(make(ours, nn.tensor)) == repr(make(theirs, torch.tensor)) == text


EXTREMES = [-np.inf, -1e30, -2.0, -1.0, -0.0, 1e-300, 0.5, 1.0, 2.0, 1e30, np.inf]


@pytest.mark.parametrize("name", ["Normal", "Laplace", "Cauchy", "StudentT", "Uniform", "HalfNormal", "HalfCauchy",
                                  "Exponential", "Gumbel", "Poisson", "Bernoulli of logits"])  # fmt: skip
def test_log_probabilities_of_extreme_values(name):
    for value in EXTREMES:
        if name in {"Poisson"} and (value < 0 or np.isinf(value)):
            continue
        found = []
        for lib in LIBRARIES:
            d = build(lib, name, PARAMETERS[name], validate_args=False)[0]
            found.append(d.log_prob(lib.tensor(np.float64(value))))
        if not np.isnan(array(found[1])).any():
            assert error(*found) < 1e-9, value


@pytest.mark.parametrize("scale", [1e-30, 1e-8, 1.0, 1e8, 1e30])
def test_extreme_parameters(scale):
    for make in (
        lambda d, t: d.Normal(t(0.0), t(scale)).log_prob(t(scale * 2)),
        lambda d, t: d.Normal(t(0.0), t(scale)).entropy(),
        lambda d, t: d.Gamma(t(2.0), t(scale)).log_prob(t(3 / scale)),
        lambda d, t: d.Exponential(t(scale)).cdf(t(1e-3 / scale)),
        lambda d, t: d.Bernoulli(logits=t(np.log(scale))).log_prob(t(1.0)),
        lambda d, t: d.Bernoulli(logits=t(np.log(scale))).entropy(),
        lambda d, t: d.Categorical(logits=t([np.log(scale), 0.0])).entropy(),
        lambda d, t: d.Laplace(t(0.0), t(scale)).cdf(t(-scale)),
        lambda d, t: d.Poisson(t(scale)).log_prob(t(2.0)),
        lambda d, t: d.Weibull(t(scale), t(2.0)).log_prob(t(scale)),
        lambda d, t: d.kl_divergence(d.Normal(t(0.0), t(scale)), d.Normal(t(scale), t(2 * scale))),
    ):
        a = make(ours, lambda v: nn.tensor(np.asarray(v, np.float64)))
        b = make(theirs, lambda v: torch.tensor(np.asarray(v, np.float64)))
        assert error(a, b) < 1e-9


def test_probabilities_of_0_and_1():
    for p in (0.0, 1.0):
        for make in (
            lambda d, t, p=p: d.Bernoulli(t([p])).log_prob(t([1.0])),
            lambda d, t, p=p: d.Bernoulli(t([p])).entropy(),
            lambda d, t, p=p: d.Categorical(t([p, 1 - p])).log_prob(t(0).long()),
            lambda d, t, p=p: d.Categorical(t([p, 1 - p])).entropy(),
            lambda d, t, p=p: d.Binomial(3, t([p])).log_prob(t([3.0])),
            lambda d, t, p=p: d.Multinomial(3, t([p, 1 - p])).log_prob(t([3 * p, 3 - 3 * p])),
            lambda d, t, p=p: d.kl_divergence(d.Bernoulli(t([p])), d.Bernoulli(t([0.5]))),
            lambda d, t, p=p: d.kl_divergence(d.Bernoulli(t([0.5])), d.Bernoulli(t([p]))),
            lambda d, t, p=p: d.kl_divergence(d.Categorical(t([p, 1 - p])), d.Categorical(t([0.5, 0.5]))),
            lambda d, t, p=p: d.kl_divergence(d.Categorical(t([0.5, 0.5])), d.Categorical(t([p, 1 - p]))),
        ):
            assert error(make(ours, nn.tensor), make(theirs, torch.tensor)) < 1e-6


@every_case
def test_gradients_of_samples_at_the_same_samples(case):
    pair = sample_gradients(case, np.float64)
    if pair is None:
        pytest.skip("PyTorch says nothing of these gradients")
    if family(case) == "ContinuousBernoulli":
        pytest.skip("PyTorch's cdf does not depend on p near 1/2")
    rough = family(case) in {"Gamma", "Chi2", "InverseGamma", "Beta", "Dirichlet"}  # PyTorch's are approximations
    for a, b in zip(*pair, strict=True):
        assert error(a, b) < (2e-3 if rough else 1e-9)


@pytest.mark.parametrize("case", ["Bernoulli", "Binomial", "Geometric", "NegativeBinomial", "Poisson", "Categorical",
                                  "OneHotCategorical", "Multinomial", "Normal", "Laplace"])  # fmt: skip
def test_values_may_be_integers(case):
    """And leave the element type of the parameters, where PyTorch does not refuse them."""
    nn.manual_seed(0)
    for dtype in (np.float32, np.float64):
        d = build(nn, case, PARAMETERS[case], dtype)[0]
        value = d.sample((3,)).long()
        found = d.log_prob(value)
        assert found.dtype == dtype
        np.testing.assert_array_equal(found.numpy(), d.log_prob(value.to(dtype)).numpy())
    assert ours.Normal(nn.tensor(0), nn.tensor(1.0, dtype=nn.float64)).mean.dtype == np.float64


# -- composites -------------------------------------------------------------------------------------------------------
COMPOSITES = {
    "independent": lambda d, t: d.Independent(d.Normal(t([[0.0, 1.0, 2.0]] * 2), t([1.0, 2.0, 0.5])), 1),
    "independent gamma": lambda d, t: d.Independent(d.Gamma(t([[0.5, 1.0], [2.0, 3.0]]), t([1.0, 2.0])), 2),
    "independent bernoulli": lambda d, t: d.Independent(d.Bernoulli(t([0.5, 0.2])), 1),
    "mixture": lambda d, t: d.MixtureSameFamily(
        d.Categorical(t([0.2, 0.3, 0.5])), d.Normal(t([-1.0, 0.0, 2.0]), t([0.5, 1.0, 2.0]))
    ),
    "mixture of batches": lambda d, t: d.MixtureSameFamily(
        d.Categorical(t([[0.2, 0.8], [0.5, 0.5]])), d.Poisson(t([[1.0, 4.0], [2.0, 9.0]]))
    ),
    "mixture of vectors": lambda d, t: d.MixtureSameFamily(
        d.Categorical(t([0.2, 0.8])),
        d.MultivariateNormal(t([[0.0, 0.0], [1.0, 3.0]]), t([[[1.0, 0.2], [0.2, 1.0]], [[2.0, 0.0], [0.0, 1.0]]])),
    ),
    "mixture of independents": lambda d, t: d.MixtureSameFamily(
        d.Categorical(t([0.2, 0.8])), d.Independent(d.Normal(t([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]), t([1.0])), 1)
    ),
    "affine": lambda d, t: d.TransformedDistribution(
        d.Normal(t([0.0, 1.0]), t([1.0, 2.0])), d.AffineTransform(1.0, -2.0)
    ),
    "logistic": lambda d, t: d.TransformedDistribution(
        d.Uniform(t([0.0, 0.0]), t([1.0, 1.0])),
        [d.SigmoidTransform().inv, d.AffineTransform(t([1.0, 2.0]), t([2.0, 3.0]))],
    ),
    "tanh": lambda d, t: d.TransformedDistribution(
        d.Normal(t([0.0, 1.0]), t([1.0, 2.0])), [d.TanhTransform(cache_size=1)]
    ),
    "exp of power": lambda d, t: d.TransformedDistribution(
        d.Exponential(t([1.0, 2.0])), [d.PowerTransform(t(0.5)), d.ExpTransform()]
    ),
    "softplus": lambda d, t: d.TransformedDistribution(d.Laplace(t([0.0]), t([1.0])), [d.SoftplusTransform()]),
    "stick": lambda d, t: d.TransformedDistribution(
        d.Normal(t([[0.0, 1.0]] * 2), t([1.0, 2.0])), d.StickBreakingTransform()
    ),
    "reshaped": lambda d, t: d.TransformedDistribution(
        d.Independent(d.Normal(t([0.0, 1.0, 2.0, 3.0]), t([1.0])), 1), [d.ReshapeTransform((4,), (2, 2))]
    ),
    "affine of vectors": lambda d, t: d.TransformedDistribution(
        d.MultivariateNormal(t([0.0, 1.0]), t([[1.0, 0.2], [0.2, 2.0]])),
        [d.AffineTransform(t([1.0, 2.0]), t([2.0, 3.0]), event_dim=1)],
    ),
    "spread by its transform": lambda d, t: d.TransformedDistribution(
        d.Normal(t(0.0), t(1.0)), d.AffineTransform(t([1.0, 2.0]), 3.0)
    ),
}  # fmt: skip


def double(lib):
    return lambda v: lib.tensor(np.asarray(v, np.float64))


@pytest.mark.parametrize("name", COMPOSITES)
def test_composites(name):
    a, b = (COMPOSITES[name](lib.distributions, double(lib)) for lib in LIBRARIES)
    assert (a.batch_shape, a.event_shape) == (tuple(b.batch_shape), tuple(b.event_shape))
    assert a.has_rsample == b.has_rsample
    nn.manual_seed(0)
    x = a.sample((6,))
    assert x.shape == tuple(b.sample((6,)).shape)
    assert error(a.log_prob(x), b.log_prob(torch.tensor(x.numpy()))) < 1e-8
    assert a.support.event_dim == b.support.event_dim
    for which in ("mean", "variance", "stddev", "entropy", "mode"):
        found = []
        for d in (b, a):
            try:
                value = getattr(d, which)
                found.append(value() if callable(value) else value)
            except NotImplementedError:
                break
        if found:
            assert error(found[1], found[0]) < 1e-9, which
    for which, value in (("cdf", x), ("icdf", x * 0 + 0.3)):
        try:
            expected = getattr(b, which)(torch.tensor(value.numpy()))
        except NotImplementedError:
            continue
        assert error(getattr(a, which)(value), expected) < 1e-9
    wide = (3, *a.batch_shape)
    c, d = a.expand(wide), b.expand(wide)
    assert (c.batch_shape, c.event_shape) == (tuple(d.batch_shape), tuple(d.event_shape))
    assert c.sample((2,)).shape == tuple(d.sample((2,)).shape)


def test_divergences_of_composites():
    def pairs(d, t):
        yield d.Independent(d.Normal(t([0.0, 1.0]), t([1.0, 2.0])), 1), d.Independent(d.Normal(t([1.0, 1.0]), 3.0), 1)
        yield d.LogNormal(t([0.0]), t([1.0])), d.LogNormal(t([1.0]), t([2.0]))
        yield d.InverseGamma(t([2.0]), t([1.0])), d.InverseGamma(t([3.0]), t([2.0]))
        yield (
            d.LowRankMultivariateNormal(t([0.0, 1.0]), t([[1.0], [0.5]]), t([1.0, 2.0])),
            d.MultivariateNormal(t([1.0, 1.0]), t([[2.0, 0.3], [0.3, 1.0]])),
        )
        yield (
            d.MultivariateNormal(t([1.0, 1.0]), t([[2.0, 0.3], [0.3, 1.0]])),
            d.LowRankMultivariateNormal(t([0.0, 1.0]), t([[1.0], [0.5]]), t([1.0, 2.0])),
        )
        yield d.Dirichlet(t([[1.0, 2.0], [3.0, 4.0]])), d.Dirichlet(t([0.5, 0.7]))
        yield d.Normal(t([[0.0], [1.0]]), t(1.0)), d.Normal(t([0.0, 3.0]), t(2.0))

    for (p, q), (r, s) in zip(pairs(ours, double(nn)), pairs(theirs, double(torch)), strict=True):
        a, b = ours.kl_divergence(p, q), theirs.kl_divergence(r, s)
        assert a.shape == tuple(b.shape)
        assert error(a, b) < 1e-9


# -- what is refused --------------------------------------------------------------------------------------------------
REFUSED = {
    "a negative scale": lambda d, t: d.Normal(0.0, -1.0),
    "nan": lambda d, t: d.Normal(t(np.nan), 1.0),
    "nan as a value": lambda d, t: d.Normal(0.0, 1.0).log_prob(t(np.nan)),
    "neither probs nor logits": lambda d, t: d.Bernoulli(),
    "both": lambda d, t: d.Bernoulli(t(0.5), t(0.5)),
    "neither, categorical": lambda d, t: d.Categorical(),
    "a number of classes": lambda d, t: d.Categorical(t(0.5)),
    "text": lambda d, t: d.Normal("a", 1.0),
    "a value that does not broadcast": lambda d, t: d.Normal(t(np.zeros(3)), 1.0).log_prob(t(np.zeros(2))),
    "an event of another length": lambda d, t: d.Dirichlet(t(np.ones(3))).log_prob(t(np.ones(2) / 2)),
    "half of an event": lambda d, t: d.Bernoulli(t(0.5)).log_prob(t(0.3)),
    "a number that is no tensor": lambda d, t: d.Normal(0.0, 1.0).log_prob(0.5),
    "no interval": lambda d, t: d.Uniform(1.0, 1.0),
    "a value outside": lambda d, t: d.Uniform(0.0, 1.0).log_prob(t(1.5)),
    "a negative number of events": lambda d, t: d.Poisson(1.0).log_prob(t(-1.0)),
    "a class beyond": lambda d, t: d.Categorical(t([0.5, 0.5])).log_prob(t(2.0)),
    "no samples with gradients": lambda d, t: d.Poisson(1.0).rsample(),
    "no entropy": lambda d, t: d.Poisson(1.0).entropy(),
    "no list of values": lambda d, t: d.Normal(0.0, 1.0).enumerate_support(),
    "axes that are not there": lambda d, t: d.Independent(d.Normal(0.0, 1.0), 1),
    "no divergence": lambda d, t: d.kl_divergence(d.Normal(0.0, 1.0), d.StudentT(1.0)),
    "no positive definite matrix": lambda d, t: d.MultivariateNormal(t(np.zeros(2)), t([[1.0, 2.0], [2.0, 1.0]])),
    "no matrix": lambda d, t: d.MultivariateNormal(t(np.zeros(2))),
    "another number of weights": lambda d, t: d.MixtureSameFamily(
        d.Categorical(t([0.5, 0.5])), d.Normal(t(np.zeros(3)), 1.0)
    ),
    "weights that are none": lambda d, t: d.MixtureSameFamily(d.Normal(0.0, 1.0), d.Normal(t(np.zeros(3)), 1.0)),
    "a smaller batch": lambda d, t: d.Normal(t(np.zeros(3)), 1.0).expand((2,)),
    "a probability of 0": lambda d, t: d.Geometric(t([0.0])),
    "a cache of 2": lambda d, t: d.ExpTransform(cache_size=2),
    "transforms that are none": lambda d, t: d.TransformedDistribution(d.Normal(0.0, 1.0), [3]),
    "another number of elements": lambda d, t: d.ReshapeTransform((2,), (3,)),
    "no bijection": lambda d, t: d.biject_to(d.constraints.one_hot),
    "validate_args that is no boolean": lambda d, t: d.Distribution.set_default_validate_args(3),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_pytorch_refuses_is_refused_with_its_kind_of_error(name):
    with pytest.raises(Exception) as expected:
        REFUSED[name](theirs, double(torch))
    with pytest.raises(expected.type):
        REFUSED[name](ours, double(nn))


# -- constraints and transforms ---------------------------------------------------------------------------------------
CONSTRAINTS = {
    "real": lambda c: c.real, "positive": lambda c: c.positive, "nonnegative": lambda c: c.nonnegative,
    "unit_interval": lambda c: c.unit_interval, "interval": lambda c: c.interval(-1.0, 2.0),
    "half_open_interval": lambda c: c.half_open_interval(-1.0, 2.0), "greater_than": lambda c: c.greater_than(1.0),
    "greater_than_eq": lambda c: c.greater_than_eq(1.0), "less_than": lambda c: c.less_than(1.0),
    "boolean": lambda c: c.boolean, "nonnegative_integer": lambda c: c.nonnegative_integer,
    "positive_integer": lambda c: c.positive_integer, "integer_interval": lambda c: c.integer_interval(0, 2),
    "simplex": lambda c: c.simplex, "real_vector": lambda c: c.real_vector, "one_hot": lambda c: c.one_hot,
    "multinomial": lambda c: c.multinomial(3), "lower_triangular": lambda c: c.lower_triangular,
    "lower_cholesky": lambda c: c.lower_cholesky, "positive_definite": lambda c: c.positive_definite,
    "positive_semidefinite": lambda c: c.positive_semidefinite, "symmetric": lambda c: c.symmetric,
    "square": lambda c: c.square, "corr_cholesky": lambda c: c.corr_cholesky,
    "independent": lambda c: c.independent(c.positive, 2), "cat": lambda c: c.cat([c.positive, c.real], -1, [1, 2]),
    "stack": lambda c: c.stack([c.positive, c.real, c.unit_interval], -1),
}  # fmt: skip
VALUES = [
    np.array([[0.0, 1.0, 0.0], [0.5, 0.25, 0.25], [-1.0, 2.0, 0.0]]), np.eye(3),
    np.array([[np.nan, np.inf, -np.inf]] * 3),
    np.array([[2.0, 0.5, 0.0], [0.5, 1.0, 0.0], [0.0, 0.0, 0.0]]),
    np.array([[1.0, 0.0, 0.0], [0.6, 0.8, 0.0], [0.0, 0.6, 0.8]]),
    np.array([[1.0, 2.0, 0.0], [2.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    np.array([[-1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [1.0, 1.0, 1.0]]),
    np.array([[3.0, 0.0, 0.0], [1.0, 1.0, 1.0], [2.0, 2.0, 0.0]]),
]  # fmt: skip


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_constraints(name):
    a, b = CONSTRAINTS[name](ours.constraints), CONSTRAINTS[name](theirs.constraints)
    assert (a.event_dim, a.is_discrete) == (b.event_dim, b.is_discrete)
    if name not in {"cat", "stack", "multinomial"}:
        assert repr(a) == repr(b)
    for value in VALUES:
        if np.isnan(value).any() and name.startswith("positive_") and not name.endswith("integer"):
            continue  # LAPACK refuses nan there
        found, expected = a.check(nn.tensor(value)), b.check(torch.tensor(value))
        np.testing.assert_array_equal(found.numpy(), expected.numpy(), err_msg=str(value))


@pytest.mark.parametrize("name", CONSTRAINTS)
@pytest.mark.parametrize("registry", ["biject_to", "transform_to"])
def test_maps_into_constraints(registry, name, rng):
    try:
        b = getattr(theirs, registry)(CONSTRAINTS[name](theirs.constraints))
    except NotImplementedError:
        with pytest.raises(NotImplementedError):
            getattr(ours, registry)(CONSTRAINTS[name](ours.constraints))
        return
    a = getattr(ours, registry)(CONSTRAINTS[name](ours.constraints))
    same_map(a, b, rng.normal(size=(3, 3)))
    value = a(nn.tensor(rng.normal(size=(3, 3))))
    assert bool(CONSTRAINTS[name](ours.constraints).check(value).all())


def same_map(a, b, x):
    """Values, inverses, determinants and their gradients are the same."""
    x, y = nn.tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    fx, fy = a(x), b(y)
    assert error(fx, fy) < 1e-9
    assert a.forward_shape(x.shape) == tuple(b.forward_shape(y.shape)) == fx.shape
    assert a.inverse_shape(fx.shape) == tuple(b.inverse_shape(fy.shape))
    assert (a.domain.event_dim, a.codomain.event_dim, a.bijective) == (
        b.domain.event_dim,
        b.codomain.event_dim,
        b.bijective,
    )
    assert error(a.inv(fx), b.inv(fy)) < 1e-7
    results = [(fx, fy)]
    try:
        expected = b.log_abs_det_jacobian(y, fy)
    except NotImplementedError:
        expected = None
    if expected is not None:
        found = a.log_abs_det_jacobian(x, fx)
        assert found.shape == tuple(expected.shape)
        assert error(found, expected) < 1e-9
        results.append((found, expected))
    for left, right in results:
        if right.requires_grad:
            seed = np.random.default_rng(0).normal(size=left.shape)
            [g] = nn.grad(left, [x], nn.tensor(seed), retain_graph=True)
            [h] = torch.autograd.grad(right, [y], torch.tensor(seed), retain_graph=True)
            assert error(g, h) < 1e-8


TRANSFORMS = {
    "exp": lambda d, t: d.ExpTransform(), "sigmoid": lambda d, t: d.SigmoidTransform(),
    "tanh": lambda d, t: d.TanhTransform(), "softplus": lambda d, t: d.SoftplusTransform(),
    "abs": lambda d, t: d.AbsTransform(), "affine": lambda d, t: d.AffineTransform(t([1.0, 2.0, 3.0]), -2.0),
    "affine of events": lambda d, t: d.AffineTransform(1.0, t([1.0, -2.0, 3.0]), event_dim=1),
    "power": lambda d, t: d.ComposeTransform([d.ExpTransform(), d.PowerTransform(t(-1.5))]),
    "softmax": lambda d, t: d.SoftmaxTransform(), "stick": lambda d, t: d.StickBreakingTransform(),
    "cholesky": lambda d, t: d.LowerCholeskyTransform(),
    "positive definite": lambda d, t: d.PositiveDefiniteTransform(),
    "correlations": lambda d, t: d.CorrCholeskyTransform(),
    "independent": lambda d, t: d.IndependentTransform(d.ExpTransform(), 1),
    "reshape": lambda d, t: d.ReshapeTransform((3,), (3, 1)), "inverse": lambda d, t: d.SigmoidTransform().inv.inv,
    "stack": lambda d, t: d.StackTransform([d.ExpTransform(), d.AffineTransform(1.0, 2.0), d.TanhTransform()], 1),
    "cat": lambda d, t: d.CatTransform([d.ExpTransform(), d.AffineTransform(1.0, 2.0)], 1, [1, 2]),
    "cdf": lambda d, t: d.CumulativeDistributionTransform(d.Normal(t(0.5), t(2.0))),
    "several": lambda d, t: d.ComposeTransform(
        [d.AffineTransform(0.0, 0.5), d.StickBreakingTransform(), d.IndependentTransform(d.ExpTransform(), 1)]
    ),
    "none": lambda d, t: d.identity_transform,
}  # fmt: skip


@pytest.mark.parametrize("name", TRANSFORMS)
def test_transforms(name, rng):
    a, b = (TRANSFORMS[name](lib.distributions, double(lib)) for lib in LIBRARIES)
    same_map(a, b, rng.normal(size=(3, 3)))
    same_map(a.with_cache(), b.with_cache(), rng.normal(size=(2, 3, 3)))
    try:
        expected = b.sign
    except NotImplementedError:
        return
    np.testing.assert_array_equal(array(a.sign), array(expected))


def test_triangles_as_vectors(rng):
    for diag in (-1, 0):
        vec = rng.normal(size=(2, 6))
        a = ours.utils.vec_to_tril_matrix(nn.tensor(vec), diag)
        b = theirs.utils.vec_to_tril_matrix(torch.tensor(vec), diag)
        np.testing.assert_array_equal(a.numpy(), b.numpy())
        np.testing.assert_array_equal(ours.utils.tril_matrix_to_vec(a, diag).numpy(), vec)


def test_the_names_of_torch_distributions():
    missing = set(theirs.__all__) - set(dir(ours))
    assert missing == {"ExponentialFamily", "GeneralizedPareto", "LKJCholesky", "Wishart"}
    assert set(theirs.constraints.__all__) - set(dir(ours.constraints)) == {"MixtureSameFamilyConstraint"}
    assert set(theirs.transforms.__all__) <= set(dir(ours.transforms))
