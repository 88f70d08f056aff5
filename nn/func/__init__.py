"""Functions of functions, with the names of `torch.func`: derivatives, and the map over a batch."""

from nn.func.batching import *
from nn.func.transforms import *
