"""Tensors and the functions of `torch` itself; once this folder is imported, `Tensor` has all of its methods."""

from nn.tensors import (
    activation as activation,
)
from nn.tensors import (
    arithmetic as arithmetic,
)
from nn.tensors import (
    bitwise as bitwise,
)
from nn.tensors import (
    checks as checks,
)
from nn.tensors import (
    comparison as comparison,
)
from nn.tensors import (
    conversion as conversion,
)
from nn.tensors import (
    counting as counting,
)
from nn.tensors import (
    covariance as covariance,
)
from nn.tensors import (
    creation as creation,
)
from nn.tensors import (
    diagonal as diagonal,
)
from nn.tensors import (
    distance as distance,
)
from nn.tensors import (
    einsum as einsum,
)
from nn.tensors import (
    exponential as exponential,
)
from nn.tensors import (
    extremes as extremes,
)
from nn.tensors import (
    filling as filling,
)
from nn.tensors import (
    indexing as indexing,
)
from nn.tensors import (
    inspection as inspection,
)
from nn.tensors import (
    joining as joining,
)
from nn.tensors import (
    methods as methods,
)
from nn.tensors import (
    numerics as numerics,
)
from nn.tensors import (
    operators as operators,
)
from nn.tensors import (
    product as product,
)
from nn.tensors import (
    random as random,
)
from nn.tensors import (
    rearrangement as rearrangement,
)
from nn.tensors import (
    reduction as reduction,
)
from nn.tensors import (
    rounding as rounding,
)
from nn.tensors import (
    scan as scan,
)
from nn.tensors import (
    scatter as scatter,
)
from nn.tensors import (
    shape as shape,
)
from nn.tensors import (
    softmax as softmax,
)
from nn.tensors import (
    sorting as sorting,
)
from nn.tensors import (
    special as special,
)
from nn.tensors import (
    statistics as statistics,
)
from nn.tensors import (
    tensor as tensor,
)
from nn.tensors import (
    trigonometry as trigonometry,
)
from nn.tensors import (
    windows as windows,
)
