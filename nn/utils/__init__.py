"""Helpers around models: `nn.utils.checkpoint` and others, as in `torch.utils` and `torch.nn.utils`."""

from nn.utils import checkpoint, parametrizations, parametrize, prune, rnn
from nn.utils.clip_grad import clip_grad_norm_, clip_grad_value_, clip_grads_with_norm_, get_total_norm
from nn.utils.convert_parameters import parameters_to_vector, vector_to_parameters
from nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval, skip_init
from nn.utils.spectral_norm import remove_spectral_norm, spectral_norm
from nn.utils.weight_norm import remove_weight_norm, weight_norm

__all__ = [
    "checkpoint",
    "clip_grad_norm_",
    "clip_grad_value_",
    "clip_grads_with_norm_",
    "fuse_conv_bn_eval",
    "fuse_linear_bn_eval",
    "get_total_norm",
    "parameters_to_vector",
    "parametrizations",
    "parametrize",
    "prune",
    "remove_spectral_norm",
    "remove_weight_norm",
    "rnn",
    "skip_init",
    "spectral_norm",
    "vector_to_parameters",
    "weight_norm",
]
