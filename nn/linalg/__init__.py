"""Linear algebra, with the names of `torch.linalg`. Matrices are the last two axes; signs are LAPACK's."""

from nn.functional.diagonal import diagonal as diagonal
from nn.functional.linear import matmul as matmul
from nn.linalg.decompositions import *
from nn.linalg.equations import *
from nn.linalg.least_squares import *
from nn.linalg.norms import *
from nn.linalg.products import *
