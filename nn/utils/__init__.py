"""Helpers around models: `nn.utils.checkpoint` and others, as in `torch.utils` and `torch.nn.utils`."""

from nn.utils import checkpoint as checkpoint
