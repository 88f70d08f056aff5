"""What `torch.nn.functional` holds: functions with defaults, checks and documentation. `import nn.functional as F`."""

from typing import TYPE_CHECKING as _TYPE_CHECKING

from nn.faces import show as _show

if _TYPE_CHECKING:
    from nn.functional.activation import *
    from nn.functional.adaptive import *
    from nn.functional.attention import *
    from nn.functional.convolution import *
    from nn.functional.ctc import *
    from nn.functional.distance import *
    from nn.functional.dropout import *
    from nn.functional.embedding import *
    from nn.functional.folding import *
    from nn.functional.fractional import *
    from nn.functional.linear import *
    from nn.functional.loss import *
    from nn.functional.margin_loss import *
    from nn.functional.normalization import *
    from nn.functional.overlap_loss import *
    from nn.functional.padding import *
    from nn.functional.piecewise import *
    from nn.functional.pooling import *
    from nn.functional.position import *
    from nn.functional.recurrent import *
    from nn.functional.regression_loss import *
    from nn.functional.resizing import *
    from nn.functional.sampling import *
    from nn.functional.softmax import *
    from nn.functional.unpooling import *
    from nn.tensors.activation import *
    from nn.tensors.distance import pdist as pdist
    from nn.tensors.softmax import *

_FILES = {
    "nn.functional.activation": (
        "celu celu_ elu elu_ gelu glu leaky_relu leaky_relu_ logsigmoid mish rrelu rrelu_ selu selu_ silu softplus "
        "softsign tanhshrink"
    ),
    "nn.functional.adaptive": (
        "adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d "
        "adaptive_max_pool3d"
    ),
    "nn.functional.attention": "multi_head_attention_forward scaled_dot_product_attention",
    "nn.functional.convolution": "conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d",
    "nn.functional.ctc": "ctc_loss",
    "nn.functional.distance": "cosine_similarity pairwise_distance",
    "nn.functional.dropout": "alpha_dropout dropout dropout1d dropout2d dropout3d feature_alpha_dropout",
    "nn.functional.embedding": "embedding embedding_bag one_hot",
    "nn.functional.folding": "channel_shuffle fold pixel_shuffle pixel_unshuffle unfold",
    "nn.functional.fractional": "fractional_max_pool2d fractional_max_pool3d",
    "nn.functional.linear": "bilinear linear",
    "nn.functional.loss": "binary_cross_entropy binary_cross_entropy_with_logits cross_entropy mse_loss nll_loss",
    "nn.functional.margin_loss": (
        "cosine_embedding_loss hinge_embedding_loss margin_ranking_loss multi_margin_loss multilabel_margin_loss "
        "multilabel_soft_margin_loss soft_margin_loss triplet_margin_loss triplet_margin_with_distance_loss"
    ),
    "nn.functional.normalization": (
        "batch_norm group_norm instance_norm layer_norm local_response_norm normalize rms_norm"
    ),
    "nn.functional.overlap_loss": "dice_loss focal_loss",
    "nn.functional.padding": "pad",
    "nn.functional.piecewise": "hardsigmoid hardswish hardtanh hardtanh_ relu6 softshrink threshold threshold_",
    "nn.functional.pooling": (
        "avg_pool1d avg_pool2d avg_pool3d lp_pool1d lp_pool2d lp_pool3d max_pool1d max_pool1d_with_indices max_pool2d "
        "max_pool2d_with_indices max_pool3d max_pool3d_with_indices"
    ),
    "nn.functional.position": "rotary_embedding sinusoidal_position",
    "nn.functional.recurrent": "gru_cell lstm_cell rnn_relu_cell rnn_tanh_cell",
    "nn.functional.regression_loss": "gaussian_nll_loss huber_loss kl_div l1_loss poisson_nll_loss smooth_l1_loss",
    "nn.functional.resizing": "interpolate upsample upsample_bilinear upsample_nearest",
    "nn.functional.sampling": "affine_grid grid_sample",
    "nn.functional.softmax": "gumbel_softmax softmin",
    "nn.functional.unpooling": "max_unpool1d max_unpool2d max_unpool3d",
    "nn.tensors.activation": "hardshrink prelu relu relu_ sigmoid tanh",
    "nn.tensors.softmax": "log_softmax softmax",
    "nn.tensors.distance": "pdist",
}
_show(__name__, _FILES)
