"""Special functions, with the names of `torch.special`.

References:
    Abramowitz and Stegun, Handbook of Mathematical Functions, 1964: chapters 6 (gamma), 7 (error function), 9 (Bessel).
    Shepherd and Laframboise, Chebyshev Approximation of (1 + 2x) exp(x^2) erfc x in 0 <= x < oo, 1981.
"""

from nn.special.bessel import *
from nn.special.functions import *
from nn.special.polynomials import *
from nn.tensors.exponential import exp2, expm1, log1p
from nn.tensors.reduction import logsumexp
from nn.tensors.rounding import round
from nn.tensors.softmax import log_softmax, softmax
from nn.tensors.special import digamma, erf, erfc, erfinv, i0, logit, polygamma, sinc, xlogy

__all__ = [
    "airy_ai",
    "bessel_j0",
    "bessel_j1",
    "bessel_y0",
    "bessel_y1",
    "chebyshev_polynomial_t",
    "chebyshev_polynomial_u",
    "chebyshev_polynomial_v",
    "chebyshev_polynomial_w",
    "digamma",
    "entr",
    "erf",
    "erfc",
    "erfcx",
    "erfinv",
    "exp2",
    "expit",
    "expm1",
    "gammainc",
    "gammaincc",
    "gammaln",
    "hermite_polynomial_h",
    "hermite_polynomial_he",
    "i0",
    "i0e",
    "i1",
    "i1e",
    "laguerre_polynomial_l",
    "legendre_polynomial_p",
    "log1p",
    "log_ndtr",
    "log_softmax",
    "logit",
    "logsumexp",
    "modified_bessel_i0",
    "modified_bessel_i1",
    "modified_bessel_k0",
    "modified_bessel_k1",
    "multigammaln",
    "ndtr",
    "ndtri",
    "polygamma",
    "psi",
    "round",
    "scaled_modified_bessel_k0",
    "scaled_modified_bessel_k1",
    "shifted_chebyshev_polynomial_t",
    "shifted_chebyshev_polynomial_u",
    "shifted_chebyshev_polynomial_v",
    "shifted_chebyshev_polynomial_w",
    "sinc",
    "softmax",
    "spherical_bessel_j0",
    "xlog1py",
    "xlogy",
    "zeta",
]
