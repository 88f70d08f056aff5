"""Every family against PyTorch's: the largest error of each quantity.

    python tests/distributions/compare.py [--single]

An error is |ours - theirs| / max(1, |theirs|), the largest over a batch of parameters and over samples; a gradient's is
that of all parameters and of the value. Gradients of samples are compared at the very same samples: with PyTorch's own
for the gamma, beta and Dirichlet distributions, else with those that PyTorch's `cdf` implies, or its own formula from
the same noise. "-": PyTorch has none.
"""

import sys
from pathlib import Path

import numpy as np

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))

from distributions.cases import PARAMETERS, build, family, others  # noqa: E402

import nn  # noqa: E402

SUMMARIES = ("mean", "mode", "variance", "stddev", "entropy", "perplexity")
COLUMNS = ("log_prob", "its gradients", "cdf", "icdf", "entropy", "mean", "variance", "kl", "its gradients ", "rsample")


def array(value):
    return value.detach().numpy() if hasattr(value, "detach") else np.asarray(value)


def error(ours, theirs):
    """The largest |ours - theirs| / max(1, |theirs|); infinities and nan must be the same."""
    ours, theirs = np.broadcast_arrays(array(ours).astype(float), array(theirs).astype(float))
    same = (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))
    with np.errstate(invalid="ignore", over="ignore"):
        wrong = np.abs(ours - theirs) / np.maximum(1, np.abs(theirs))
    return float(np.max(np.where(same, 0, np.where(np.isnan(wrong), np.inf, wrong)), initial=0.0))


def of(lib, function, *leaves):
    """The value of a function, and the gradients of its sum by leaves that it depends on."""
    value = function()
    if not value.requires_grad:
        return [value]
    finite = value[lib.isfinite(value)]
    gradients = (lib.autograd.grad if lib is not nn else nn.grad)(finite.sum(), list(leaves), allow_unused=True)
    return [value, *(np.zeros(1) if g is None else g for g in gradients)]


def quantity(name, case, dtype, value=None):
    """(ours, theirs), each [value, gradients ...], of a quantity at a value; None where PyTorch has none.

    Without gradients for `cdf` and `icdf`: PyTorch has none by the concentration of the gamma distribution.
    """
    import torch

    found = []
    for lib in (torch, nn):
        distribution, leaves = build(lib, case, PARAMETERS[case], dtype, requires_grad=name not in {"cdf", "icdf"})
        arguments = [] if value is None else [lib.tensor(value)]
        free = list(leaves.values())
        if value is not None and name == "log_prob" and not distribution.support.is_discrete:
            arguments[0].requires_grad_()
            free.append(arguments[0])

        def run(distribution=distribution, arguments=arguments):
            attribute = getattr(distribution, name)
            return attribute(*arguments) if callable(attribute) else attribute

        try:
            found.append(of(lib, run, *free))
        except NotImplementedError:
            if lib is torch:
                return None
            raise
    return found[1], found[0]


def divergence(p, q, dtype, parameters_q=None):
    """(ours, theirs), each [value, gradients ...], of KL(p || q); None where PyTorch has none."""
    import torch

    found = []
    for lib in (torch, nn):
        first, leaves = build(lib, p, PARAMETERS[p], dtype, requires_grad=True)
        second, more = build(lib, q, parameters_q or PARAMETERS[q], dtype, requires_grad=True)
        try:
            kl = lib.distributions.kl_divergence
            found.append(of(lib, lambda kl=kl, a=first, b=second: kl(a, b), *leaves.values(), *more.values()))
        except NotImplementedError:
            if lib is torch:
                return None
            raise
    return found[1], found[0]


def samples(case, dtype, count=7):
    nn.manual_seed(0)
    return build(nn, case, PARAMETERS[case], dtype)[0].sample((count,)).numpy()


def sample_gradients(case, dtype):
    """(ours, theirs): the gradients of a weighted sum of the same samples by the parameters, if there are any."""
    import torch

    ours, leaves = build(nn, case, PARAMETERS[case], dtype, requires_grad=True)
    theirs, others = build(torch, case, PARAMETERS[case], dtype, requires_grad=True)
    if not ours.has_rsample:
        return None
    nn.manual_seed(1)
    drawn = ours.rsample((7,))
    x = torch.tensor(drawn.detach().numpy())
    again = moved(theirs, family(case), x, drawn)
    if again is None:
        return None
    weights = np.random.default_rng(0).normal(size=x.shape).astype(dtype)
    mine = nn.grad((drawn * nn.tensor(weights)).sum(), list(leaves.values()))
    other = torch.autograd.grad((again * torch.tensor(weights)).sum(), list(others.values()))
    return list(mine), list(other)


def gamma(concentration, x):
    """The sample x of the standard gamma distribution, with PyTorch's gradient."""
    import torch

    slope = torch._standard_gamma_grad(concentration.detach().expand(x.shape), x)
    return x + slope * (concentration - concentration.detach())


def dirichlet(concentration, x):
    """The sample x, with PyTorch's gradient."""
    import torch

    a = concentration.expand(x.shape)
    slope = torch._dirichlet_grad(x, a.detach(), a.detach().sum(-1, keepdim=True).expand(x.shape))
    step = slope * (a - a.detach())  # a step of x_i along, and of all in proportion back
    return x + step - x * step.sum(-1, keepdim=True)


def moved(d, name, x, drawn):
    """PyTorch's sample x as a function of the parameters, the noise being what gave x."""
    import torch

    if name in {"Gamma", "Chi2"}:
        return gamma(d.concentration, x * d.rate.detach()) / d.rate
    if name == "InverseGamma":
        return d.rate / gamma(d.concentration, d.rate.detach() / x)
    if name == "Beta":
        both = torch.stack(torch.broadcast_tensors(d.concentration1, d.concentration0), -1)
        return dirichlet(both, torch.stack([x, 1 - x], -1))[..., 0]
    if name == "Dirichlet":
        return dirichlet(d.concentration, x)
    if name == "MultivariateNormal":
        noise = torch.linalg.solve_triangular(
            d.scale_tril.detach().expand(*x.shape, -1), (x - d.loc.detach()).unsqueeze(-1), upper=False
        )
        return d.loc + (d.scale_tril @ noise).squeeze(-1)
    if name == "RelaxedBernoulli":
        noise = x.logit() * d.temperature.detach() - d.logits.detach()
        return ((d.logits + noise) / d.temperature).sigmoid()
    if name == "RelaxedOneHotCategorical":
        noise = x.log() * d.temperature.detach() - d.logits.detach()
        return ((d.logits + noise) / d.temperature).softmax(-1)
    if name == "LogisticNormal":
        z = d.transforms[0].inv(x)
        return d.transforms[0](d.loc + d.scale * ((z - d.loc.detach()) / d.scale.detach()))
    try:
        p = d.cdf(x)
    except NotImplementedError:
        return None
    return x - (p - p.detach()) / d.log_prob(x).exp().detach()


def row(case, dtype):
    """The largest errors of a family, by column."""
    x = samples(case, dtype)
    found = {}
    for name, pair in {
        "log_prob": quantity("log_prob", case, dtype, x),
        "cdf": quantity("cdf", case, dtype, x),
        "icdf": quantity("icdf", case, dtype, np.full(x.shape, 0.3, dtype)) if x.dtype.kind == "f" else None,
        **{name: quantity(name, case, dtype) for name in ("entropy", "mean", "variance")},
        "kl": divergence(case, case, dtype, others(case)) if others(case) else None,
    }.items():
        if pair is not None:
            found[name] = error(pair[0][0], pair[1][0])
            gradients = {"log_prob": "its gradients", "kl": "its gradients "}.get(name)
            if gradients:
                found[gradients] = max(
                    (error(a, b) for a, b in zip(pair[0][1:], pair[1][1:], strict=True)), default=0.0
                )
    pair = sample_gradients(case, dtype)
    if pair is not None:
        found["rsample"] = max(error(a, b) for a, b in zip(*pair, strict=True))
    return found


def main():
    dtype = np.float32 if "--single" in sys.argv else np.float64
    print(f"| {np.dtype(dtype)} | {' | '.join(c.strip() for c in COLUMNS)} |\n|{'---|' * (len(COLUMNS) + 1)}")
    for case in PARAMETERS:
        found = row(case, dtype)
        print(f"| {case} | {' | '.join(f'{found[c]:.0e}' if c in found else '-' for c in COLUMNS)} |")


if __name__ == "__main__":
    main()
