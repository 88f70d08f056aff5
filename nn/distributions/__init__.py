"""Probability distributions, with the names of `torch.distributions`.

    from nn import distributions as D

    policy = D.Normal(loc, scale)
    x = policy.rsample()          # with gradients by loc and scale
    policy.log_prob(x), policy.entropy(), D.kl_divergence(policy, D.Normal(0.0, 1.0))

Samples are drawn from the global generator (`nn.manual_seed`): the same seed gives the same numbers here, though not
those of PyTorch.
"""

from nn.distributions import constraint_registry as constraint_registry
from nn.distributions import constraints as constraints
from nn.distributions import kl as kl
from nn.distributions import transforms as transforms
from nn.distributions import utils as utils
from nn.distributions.bernoulli import *
from nn.distributions.beta import *
from nn.distributions.binomial import *
from nn.distributions.categorical import *
from nn.distributions.cauchy import *
from nn.distributions.chi2 import *
from nn.distributions.constraint_registry import *
from nn.distributions.continuous_bernoulli import *
from nn.distributions.dirichlet import *
from nn.distributions.distribution import *
from nn.distributions.exponential import *
from nn.distributions.fishersnedecor import *
from nn.distributions.gamma import *
from nn.distributions.geometric import *
from nn.distributions.gumbel import *
from nn.distributions.half_cauchy import *
from nn.distributions.half_normal import *
from nn.distributions.independent import *
from nn.distributions.inverse_gamma import *
from nn.distributions.kl import *
from nn.distributions.kumaraswamy import *
from nn.distributions.laplace import *
from nn.distributions.log_normal import *
from nn.distributions.logistic_normal import *
from nn.distributions.lowrank_multivariate_normal import *
from nn.distributions.mixture_same_family import *
from nn.distributions.multinomial import *
from nn.distributions.multivariate_normal import *
from nn.distributions.negative_binomial import *
from nn.distributions.normal import *
from nn.distributions.one_hot_categorical import *
from nn.distributions.pareto import *
from nn.distributions.poisson import *
from nn.distributions.relaxed_bernoulli import *
from nn.distributions.relaxed_categorical import *
from nn.distributions.studentT import *
from nn.distributions.transformed_distribution import *
from nn.distributions.transforms import *
from nn.distributions.uniform import *
from nn.distributions.von_mises import *
from nn.distributions.weibull import *
