"""For unit tests of your own: analytic gradients against numerical ones."""

from nn.autograd.gradcheck import gradcheck, gradgradcheck
from nn.errors import GradcheckError

__all__ = ["GradcheckError", "gradcheck", "gradgradcheck"]
