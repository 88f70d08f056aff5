"""Linear algebra, with the names of `torch.linalg`. Matrices are the last two axes; signs are LAPACK's."""

from nn.linalg.decompositions import *
from nn.linalg.elimination import *
from nn.linalg.equations import *
from nn.linalg.general import *
from nn.linalg.least_squares import *
from nn.linalg.norms import *
from nn.linalg.products import *
from nn.tensors.product import matmul as matmul
