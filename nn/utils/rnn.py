"""Batches of sequences of different lengths, under the names of `torch.nn.utils.rnn`."""

from nn.functional.packing import *
from nn.functional.packing import __all__ as __all__
