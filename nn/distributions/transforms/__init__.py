"""Maps between spaces, with the logarithms of how much they stretch volumes: for `TransformedDistribution`.

With y = f(x) and J its Jacobian, `f(x)` is y, `f.inv(y)` is x, and `f.log_abs_det_jacobian(x, y)` is log |det J|, one
number for each event of `domain`. `cache_size=1` keeps the last pair, so that `f.inv(f(x))` is x itself.

Example:
    >>> import nn
    >>> f = nn.distributions.AffineTransform(1.0, 2.0)
    >>> x = nn.tensor([0.0, 1.0])
    >>> f(x), f.inv(f(x)), f.log_abs_det_jacobian(x, f(x))
    (tensor([1., 3.]), tensor([0., 1.]), tensor([0.6931, 0.6931]))
"""

from nn.distributions.transforms.elementwise import *
from nn.distributions.transforms.parts import *
from nn.distributions.transforms.transform import *
from nn.distributions.transforms.vectors import *

__all__ = [
    "AbsTransform",
    "AffineTransform",
    "CatTransform",
    "ComposeTransform",
    "CorrCholeskyTransform",
    "CumulativeDistributionTransform",
    "ExpTransform",
    "IndependentTransform",
    "LowerCholeskyTransform",
    "PositiveDefiniteTransform",
    "PowerTransform",
    "ReshapeTransform",
    "SigmoidTransform",
    "SoftmaxTransform",
    "SoftplusTransform",
    "StackTransform",
    "StickBreakingTransform",
    "TanhTransform",
    "Transform",
    "identity_transform",
]
