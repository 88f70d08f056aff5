"""One batch of every family, as arrays: for the tests of all, and for the table that `compare.py` prints."""

import numpy as np

A = np.array
R = np.array([[0.3, 1.0, 2.5], [4.0, 0.7, 9.0]])  # positive numbers
S = np.array([1.5, 0.4, 3.0])
P = np.array([[0.2, 0.5, 0.9], [0.01, 0.6, 0.35]])
L = np.array([-1.3, 0.0, 2.2])
K = np.array([[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]])
COVARIANCE = np.array([[2.0, 0.5, 0.1], [0.5, 1.5, -0.3], [0.1, -0.3, 0.8]])
FACTOR = np.array([[0.5, 0.1], [-0.3, 0.8], [0.2, 0.4]])

PARAMETERS = {
    "Normal": dict(loc=L, scale=R),
    "LogNormal": dict(loc=L / 2, scale=R[:1] / 3),
    "HalfNormal": dict(scale=R),
    "Uniform": dict(low=L, high=L + R),
    "Exponential": dict(rate=R),
    "Laplace": dict(loc=L, scale=R),
    "Cauchy": dict(loc=L, scale=R),
    "HalfCauchy": dict(scale=R),
    "Gumbel": dict(loc=L, scale=R),
    "Weibull": dict(scale=R, concentration=S),
    "Pareto": dict(scale=S, alpha=R),
    "Kumaraswamy": dict(concentration1=R, concentration0=S),
    "Gamma": dict(concentration=R, rate=S),
    "Chi2": dict(df=R),
    "InverseGamma": dict(concentration=R + 1, rate=S),
    "Beta": dict(concentration1=R, concentration0=S),
    "Dirichlet": dict(concentration=R),
    "StudentT": dict(df=R + 0.5, loc=L, scale=S),
    "FisherSnedecor": dict(df1=R, df2=S + 3),
    "VonMises": dict(loc=L, concentration=R),
    "ContinuousBernoulli": dict(probs=P),
    "ContinuousBernoulli of logits": dict(logits=A([-60.0, -3.0, -0.31, -0.29, 0.0, 1e-4, 0.2, 2.0, 40.0])),
    "Bernoulli": dict(probs=P),
    "Bernoulli of logits": dict(logits=L),
    "Binomial": dict(total_count=A([5.0, 5.0, 5.0]), probs=P),
    "Geometric": dict(probs=P),
    "NegativeBinomial": dict(total_count=S, probs=P),
    "Poisson": dict(rate=R),
    "Categorical": dict(probs=K),
    "Categorical of logits": dict(logits=np.log(K) + 1),
    "OneHotCategorical": dict(probs=K),
    "Multinomial": dict(total_count=6, probs=K),
    "RelaxedBernoulli": dict(temperature=A(0.7), probs=P),
    "RelaxedOneHotCategorical": dict(temperature=A(0.7), probs=K),
    "MultivariateNormal": dict(loc=A([L, L + 1]), covariance_matrix=COVARIANCE),
    "MultivariateNormal of precision": dict(loc=L, precision_matrix=COVARIANCE),
    "MultivariateNormal of scale_tril": dict(loc=L, scale_tril=np.linalg.cholesky(A([COVARIANCE, 2 * COVARIANCE]))),
    "LowRankMultivariateNormal": dict(loc=A([L, L + 1]), cov_factor=FACTOR, cov_diag=S),
    "LogisticNormal": dict(loc=L / 2, scale=S / 3),
}
"""Constructor arguments by family, and a word where there are several ways to give them."""

OTHERS = {
    "Uniform": dict(low=L - 1, high=L + R + 1),
    "Pareto": dict(scale=S / 2, alpha=R + 1),
    "Binomial": dict(total_count=A([5.0, 5.0, 5.0]), probs=P[:, ::-1]),
    "Multinomial": None,
}
"""Arguments of the second distribution of a divergence, where those below would not do."""


def family(case):
    return case.partition(" ")[0]


def others(case):
    """Other parameters of the same family."""
    if family(case) in OTHERS:
        return OTHERS[family(case)]
    changed = {}
    for name, value in PARAMETERS[case].items():
        if name in {"probs"}:
            changed[name] = value[..., ::-1].copy()
        elif name in {"loc", "logits"}:
            changed[name] = value * 0.5 + 0.3
        else:
            changed[name] = value * 1.5
    return changed


def build(lib, case, parameters, dtype=np.float64, requires_grad=False, **named):
    """The distribution in a library (`nn` or `torch`), and its parameters as leaves."""
    leaves = {
        name: value
        if not isinstance(value, np.ndarray)
        else lib.tensor(value.astype(dtype), requires_grad=requires_grad and name != "total_count")
        for name, value in parameters.items()
    }
    return getattr(lib.distributions, family(case))(**leaves, **named), {
        name: leaf for name, leaf in leaves.items() if getattr(leaf, "requires_grad", False)
    }
