"""Functions that pick elements by index."""

from __future__ import annotations

from nn.functional import checks
from nn.ops import indexing as ops
from nn.tensor import Tensor, method

__all__ = ["gather"]


@method
def gather(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """The elements at `index` along `dim`: result[i][j] = input[index[i][j]][j] for dim 0.

    Args:
        input: where to pick from.
        dim: the axis that `index` counts along.
        index: integers, of the shape of the result.

    Example:
        >>> import nn
        >>> nn.gather(nn.tensor([[1.0, 2.0], [3.0, 4.0]]), 1, nn.tensor([[0], [1]]))
        tensor([[1.],
                [4.]])
    """
    return ops.take_along(checks.tensor(input, "gather"), dim, checks.tensor(index, "gather", "index"))
