"""A neural-network framework in pure NumPy, written from zero, with PyTorch's names.

    import nn

    model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()

`nn.<op>` is what `torch.<op>` is, `nn.Linear` what `torch.nn.Linear` is, `nn.optim`, `nn.data`, `nn.functional`,
`nn.init` what `torch.optim`, `torch.utils.data`, `torch.nn.functional`, `torch.nn.init` are.
"""

from typing import TYPE_CHECKING as _TYPE_CHECKING

import numpy as _np

from nn.faces import show as _show
from nn.faces import show_methods as _show_methods
from nn.functional import _FILES as _FUNCTIONAL
from nn.tensors.tensor import Tensor as Tensor

if _TYPE_CHECKING:
    from nn import autograd as autograd
    from nn import compat as compat
    from nn import data as data
    from nn import derivatives as derivatives
    from nn import distributions as distributions
    from nn import exercises as exercises
    from nn import fft as fft
    from nn import func as func
    from nn import functional as functional
    from nn import init as init
    from nn import linalg as linalg
    from nn import metrics as metrics
    from nn import models as models
    from nn import optim as optim
    from nn import special as special
    from nn import testing as testing
    from nn import training as training
    from nn import utils as utils
    from nn import viewing as viewing
    from nn.autograd.anomaly import *
    from nn.autograd.backward import *
    from nn.autograd.grad_mode import *
    from nn.autograd.op import Op as Op
    from nn.checkpoint import *
    from nn.distributed.batch_norm import *
    from nn.drawing import *
    from nn.errors import *
    from nn.explanation import *
    from nn.func.batching import vmap as vmap
    from nn.functional import *
    from nn.kernels.memory import *
    from nn.linalg.older_names import *
    from nn.modules.activation import *
    from nn.modules.adaptive import *
    from nn.modules.adaptive_softmax import *
    from nn.modules.attention import *
    from nn.modules.batchnorm import *
    from nn.modules.container import *
    from nn.modules.convolution import *
    from nn.modules.ctc import *
    from nn.modules.distance import *
    from nn.modules.dropout import *
    from nn.modules.embedding import *
    from nn.modules.folding import *
    from nn.modules.fractional import *
    from nn.modules.lazy import *
    from nn.modules.lazy_convolution import *
    from nn.modules.linear import *
    from nn.modules.loss import *
    from nn.modules.margin_loss import *
    from nn.modules.module import *
    from nn.modules.normalization import *
    from nn.modules.overlap_loss import *
    from nn.modules.padding import *
    from nn.modules.parameter import *
    from nn.modules.parameter_container import *
    from nn.modules.piecewise import *
    from nn.modules.pooling import *
    from nn.modules.position import *
    from nn.modules.recurrent import *
    from nn.modules.recurrent_cell import *
    from nn.modules.regression_loss import *
    from nn.modules.resizing import *
    from nn.modules.softmax import *
    from nn.modules.summary import *
    from nn.modules.transformer import *
    from nn.modules.transformer_layer import *
    from nn.modules.unpooling import *
    from nn.replay.capture import *
    from nn.rng import *
    from nn.settings import *
    from nn.tensors.arithmetic import *
    from nn.tensors.bitwise import *
    from nn.tensors.comparison import *
    from nn.tensors.conversion import *
    from nn.tensors.counting import *
    from nn.tensors.covariance import *
    from nn.tensors.creation import *
    from nn.tensors.diagonal import *
    from nn.tensors.distance import *
    from nn.tensors.einsum import *
    from nn.tensors.exponential import *
    from nn.tensors.extremes import *
    from nn.tensors.indexing import *
    from nn.tensors.inspection import *
    from nn.tensors.joining import *
    from nn.tensors.numerics import *
    from nn.tensors.place import *
    from nn.tensors.product import *
    from nn.tensors.random import *
    from nn.tensors.rearrangement import *
    from nn.tensors.reduction import *
    from nn.tensors.rounding import *
    from nn.tensors.scan import *
    from nn.tensors.scatter import *
    from nn.tensors.shape import *
    from nn.tensors.sorting import *
    from nn.tensors.special import *
    from nn.tensors.statistics import *
    from nn.tensors.tensor import *
    from nn.tensors.trigonometry import *
    from nn.tensors.windows import *

__version__ = "0.1.0"

float16 = _np.dtype("float16")
float32 = _np.dtype("float32")
float64 = _np.dtype("float64")
int8 = _np.dtype("int8")
int16 = _np.dtype("int16")
int32 = _np.dtype("int32")
int64 = _np.dtype("int64")
uint8 = _np.dtype("uint8")
bool = _np.dtype("bool")
half, float, double = float16, float32, float64
short, int, long = int16, int32, int64
dtype = _np.dtype
pi, e, inf, nan = _np.pi, _np.e, _np.inf, _np.nan

# Which name stands in which file: `import nn` loads the tensors alone, any other file when a name in it is asked for.
_FILES = {
    "nn.autograd.op": "Op",
    "nn.autograd.anomaly": "detect_anomaly",
    "nn.autograd.backward": "grad",
    "nn.autograd.grad_mode": "enable_grad inference_mode is_grad_enabled no_grad set_grad_enabled",
    "nn.checkpoint": "load save",
    "nn.distributed.batch_norm": "SyncBatchNorm",
    "nn.drawing": "Drawing draw",
    "nn.errors": (
        "CaptureWarning CheckpointError DivergedError DtypeError FromZeroError GradError GradcheckError KinkWarning "
        "LinAlgError OutOfBoundsError PreconditionError RangeError ShapeError"
    ),
    "nn.explanation": "explain",
    "nn.func.batching": "vmap",
    "nn.linalg.older_names": (
        "chain_matmul cholesky cholesky_inverse cholesky_solve cross det geqrf inverse logdet lu lu_solve lu_unpack "
        "matrix_exp matrix_power orgqr ormqr pca_lowrank pinverse qr slogdet svd svd_lowrank"
    ),
    "nn.kernels.memory": "empty_cache",
    "nn.modules.activation": (
        "CELU ELU GELU GLU LeakyReLU LogSigmoid Mish PReLU RReLU ReLU SELU SiLU Sigmoid Softplus Softsign Tanh "
        "Tanhshrink"
    ),
    "nn.modules.adaptive": (
        "AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d"
    ),
    "nn.modules.adaptive_softmax": "AdaptiveLogSoftmaxWithLoss",
    "nn.modules.attention": "CausalSelfAttention KVCache MultiheadAttention",
    "nn.modules.batchnorm": (
        "BatchNorm1d BatchNorm2d BatchNorm3d InstanceNorm1d InstanceNorm2d InstanceNorm3d LazyBatchNorm1d "
        "LazyBatchNorm2d LazyBatchNorm3d LazyInstanceNorm1d LazyInstanceNorm2d LazyInstanceNorm3d"
    ),
    "nn.modules.container": "ModuleDict ModuleList Sequential",
    "nn.modules.convolution": "Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d",
    "nn.modules.ctc": "CTCLoss",
    "nn.modules.distance": "CosineSimilarity PairwiseDistance",
    "nn.modules.dropout": "AlphaDropout Dropout Dropout1d Dropout2d Dropout3d FeatureAlphaDropout",
    "nn.modules.embedding": "Embedding EmbeddingBag",
    "nn.modules.folding": "ChannelShuffle Fold PixelShuffle PixelUnshuffle Unfold",
    "nn.modules.fractional": "FractionalMaxPool2d FractionalMaxPool3d",
    "nn.modules.lazy": "LazyModuleMixin UninitializedBuffer UninitializedParameter is_lazy",
    "nn.modules.lazy_convolution": (
        "LazyConv1d LazyConv2d LazyConv3d LazyConvTranspose1d LazyConvTranspose2d LazyConvTranspose3d"
    ),
    "nn.modules.linear": "Bilinear Flatten Identity LazyLinear Linear Unflatten",
    "nn.modules.loss": "BCELoss BCEWithLogitsLoss CrossEntropyLoss MSELoss NLLLoss",
    "nn.modules.margin_loss": (
        "CosineEmbeddingLoss HingeEmbeddingLoss MarginRankingLoss MultiLabelMarginLoss MultiLabelSoftMarginLoss "
        "MultiMarginLoss SoftMarginLoss TripletMarginLoss TripletMarginWithDistanceLoss"
    ),
    "nn.modules.module": "Module",
    "nn.modules.normalization": "GroupNorm LayerNorm LocalResponseNorm RMSNorm",
    "nn.modules.overlap_loss": "DiceLoss FocalLoss",
    "nn.modules.padding": (
        "CircularPad1d CircularPad2d CircularPad3d ConstantPad1d ConstantPad2d ConstantPad3d ReflectionPad1d "
        "ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d ReplicationPad3d ZeroPad1d ZeroPad2d "
        "ZeroPad3d"
    ),
    "nn.modules.parameter": "Buffer Parameter",
    "nn.modules.parameter_container": "ParameterDict ParameterList",
    "nn.modules.piecewise": "Hardshrink Hardsigmoid Hardswish Hardtanh ReLU6 Softshrink Threshold",
    "nn.modules.pooling": "AvgPool1d AvgPool2d AvgPool3d LPPool1d LPPool2d LPPool3d MaxPool1d MaxPool2d MaxPool3d",
    "nn.modules.position": "RotaryEmbedding SinusoidalPosition",
    "nn.modules.recurrent": "GRU LSTM RNN",
    "nn.modules.recurrent_cell": "GRUCell LSTMCell RNNCell",
    "nn.modules.regression_loss": "GaussianNLLLoss HuberLoss KLDivLoss L1Loss PoissonNLLLoss SmoothL1Loss",
    "nn.modules.resizing": "Upsample UpsamplingBilinear2d UpsamplingNearest2d",
    "nn.modules.softmax": "LogSoftmax Softmax Softmax2d Softmin",
    "nn.modules.summary": "LayerInfo ModelSummary summary",
    "nn.modules.transformer": "Transformer TransformerDecoder TransformerEncoder",
    "nn.modules.transformer_layer": "SwiGLU TransformerDecoderLayer TransformerEncoderLayer",
    "nn.modules.unpooling": "MaxUnpool1d MaxUnpool2d MaxUnpool3d",
    "nn.replay.capture": "Captured capture",
    "nn.rng": "Generator default_generator fork_rng get_rng_state initial_seed manual_seed seed set_rng_state",
    "nn.settings": "get_default_dtype get_num_threads set_default_dtype set_num_threads set_printoptions",
    "nn.tensors.arithmetic": (
        "abs absolute add addcdiv addcmul copysign div divide floor_divide fmod lerp mul multiply neg negative "
        "nextafter positive reciprocal remainder sgn sign sub subtract true_divide where"
    ),
    "nn.tensors.bitwise": (
        "bitwise_and bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor gcd lcm"
    ),
    "nn.tensors.comparison": (
        "allclose eq equal ge greater greater_equal gt isclose isfinite isinf isnan isneginf isposinf isreal le less "
        "less_equal logical_and logical_not logical_or logical_xor lt ne not_equal signbit"
    ),
    "nn.tensors.conversion": ("can_cast finfo iinfo is_floating_point is_signed promote_types result_type"),
    "nn.tensors.counting": "bincount histc histogram unique unique_consecutive",
    "nn.tensors.covariance": "corrcoef cov",
    "nn.tensors.creation": (
        "arange empty empty_like eye from_dlpack frombuffer full full_like linspace logspace ones ones_like "
        "scalar_tensor vander zeros zeros_like"
    ),
    "nn.tensors.diagonal": (
        "block_diag diag diag_embed diagflat diagonal diagonal_scatter trace tril tril_indices triu triu_indices"
    ),
    "nn.tensors.distance": "cdist pdist",
    "nn.tensors.einsum": "einsum",
    "nn.tensors.exponential": (
        "exp exp2 expm1 float_power frexp ldexp log log10 log1p log2 logaddexp logaddexp2 pow rsqrt sqrt square"
    ),
    "nn.tensors.extremes": "clamp clamp_max clamp_min clip fmax fmin heaviside maximum minimum nan_to_num",
    "nn.tensors.indexing": "argwhere gather index_select masked_select nonzero take take_along_dim unravel_index",
    "nn.tensors.inspection": "is_complex is_nonzero is_same_size is_tensor numel",
    "nn.tensors.joining": (
        "cat chunk column_stack concat concatenate dsplit dstack hsplit hstack row_stack split split_with_sizes stack "
        "tensor_split unbind vsplit vstack"
    ),
    "nn.tensors.numerics": "angle as_strided conj conj_physical gradient histogramdd imag real renorm resolve_conj",
    "nn.tensors.place": (
        "Size channels_last contiguous_format device get_default_device layout preserve_format set_default_device "
        "strided"
    ),
    "nn.tensors.product": "addbmm addmm addmv addr baddbmm bmm dot ger inner kron matmul mm mv outer tensordot vdot",
    "nn.tensors.random": (
        "bernoulli multinomial normal poisson rand rand_like randint randint_like randn randn_like randperm"
    ),
    "nn.tensors.rearrangement": (
        "cartesian_prod combinations flip fliplr flipud meshgrid narrow repeat_interleave roll rot90 select tile"
    ),
    "nn.tensors.reduction": (
        "all amax amin aminmax any argmax argmin count_nonzero dist logsumexp max mean min nanmean nansum norm prod sum"
    ),
    "nn.tensors.rounding": "ceil fix floor frac round trunc",
    "nn.tensors.scan": "cummax cummin cumprod cumsum cumulative_trapezoid diff logcumsumexp trapezoid trapz",
    "nn.tensors.scatter": (
        "index_add index_copy index_fill index_put index_reduce masked_fill masked_scatter put scatter scatter_add "
        "scatter_reduce select_scatter slice_scatter"
    ),
    "nn.tensors.shape": (
        "adjoint atleast_1d atleast_2d atleast_3d broadcast_shapes broadcast_tensors broadcast_to clone flatten "
        "moveaxis movedim permute ravel reshape squeeze swapaxes swapdims t transpose unflatten unsqueeze"
    ),
    "nn.tensors.sorting": "argsort bucketize isin kthvalue msort searchsorted sort topk",
    "nn.tensors.special": "digamma erf erfc erfinv i0 igamma igammac lgamma logit mvlgamma polygamma sinc xlogy",
    "nn.tensors.statistics": "median mode nanmedian nanquantile quantile std std_mean var var_mean",
    "nn.tensors.tensor": "Tensor as_tensor asarray from_numpy tensor",
    "nn.tensors.trigonometry": (
        "acos acosh arccos arccosh arcsin arcsinh arctan arctan2 arctanh asin asinh atan atan2 atanh cos cosh deg2rad "
        "hypot rad2deg sin sinh tan"
    ),
    "nn.tensors.windows": "bartlett_window blackman_window hamming_window hann_window kaiser_window",
}
# Which method of `Tensor` stands in which file, beside those of its class.
_METHODS = {
    "nn.linalg.older_names": (
        "cholesky cholesky_inverse cholesky_solve cross det geqrf inverse logdet lu lu_solve matrix_exp matrix_power "
        "orgqr ormqr pinverse qr slogdet svd"
    ),
    "nn.tensors.activation": "hardshrink prelu relu relu_ sigmoid sigmoid_ tanh tanh_",
    "nn.tensors.arithmetic": (
        "abs abs_ absolute absolute_ add addcdiv addcdiv_ addcmul addcmul_ copysign copysign_ div divide divide_ "
        "floor_divide floor_divide_ fmod fmod_ lerp lerp_ mul multiply multiply_ neg neg_ negative negative_ "
        "nextafter nextafter_ positive reciprocal reciprocal_ remainder remainder_ sgn sgn_ sign sign_ sub "
        "subtract subtract_ true_divide true_divide_"
    ),
    "nn.tensors.bitwise": (
        "bitwise_and bitwise_and_ bitwise_left_shift bitwise_left_shift_ bitwise_not bitwise_not_ bitwise_or "
        "bitwise_or_ bitwise_right_shift bitwise_right_shift_ bitwise_xor bitwise_xor_ gcd gcd_ lcm lcm_"
    ),
    "nn.tensors.comparison": (
        "allclose eq eq_ equal ge ge_ greater greater_ greater_equal greater_equal_ gt gt_ isclose isfinite isinf "
        "isnan isneginf isposinf isreal le le_ less less_ less_equal less_equal_ logical_and logical_and_ logical_not "
        "logical_not_ logical_or logical_or_ logical_xor logical_xor_ lt lt_ ne ne_ not_equal not_equal_ signbit"
    ),
    "nn.tensors.conversion": (
        "bool byte char cpu cuda double float half int is_floating_point is_signed long pin_memory short to type "
        "type_as"
    ),
    "nn.tensors.counting": "bincount histc histogram unique unique_consecutive",
    "nn.tensors.covariance": "corrcoef cov",
    "nn.tensors.creation": "new_empty new_full new_ones new_tensor new_zeros",
    "nn.tensors.diagonal": (
        "diag diag_embed diagflat diagonal diagonal_scatter fill_diagonal_ trace tril tril_ triu triu_"
    ),
    "nn.tensors.exponential": (
        "exp exp2 exp2_ exp_ expm1 expm1_ float_power float_power_ frexp ldexp ldexp_ log log10 log10_ log1p log1p_ "
        "log2 log2_ log_ logaddexp logaddexp2 pow pow_ rsqrt rsqrt_ sqrt sqrt_ square square_"
    ),
    "nn.tensors.extremes": (
        "clamp clamp_ clamp_max clamp_max_ clamp_min clamp_min_ clip clip_ fmax fmin heaviside heaviside_ maximum "
        "minimum nan_to_num nan_to_num_"
    ),
    "nn.tensors.filling": "bernoulli_ cauchy_ exponential_ geometric_ log_normal_ normal_ random_ uniform_",
    "nn.tensors.indexing": "argwhere gather index_select masked_select nonzero take take_along_dim where",
    "nn.tensors.inspection": (
        "data_ptr element_size is_complex is_nonzero is_same_size ndimension nelement storage_offset stride"
    ),
    "nn.tensors.joining": "chunk dsplit hsplit split split_with_sizes tensor_split unbind vsplit",
    "nn.tensors.numerics": (
        "angle apply_ as_strided conj conj_physical conj_physical_ renorm renorm_ resize_ resize_as_ resolve_conj set_"
    ),
    "nn.tensors.product": (
        "addbmm addbmm_ addmm addmm_ addmv addmv_ addr addr_ baddbmm baddbmm_ bmm dot ger inner kron matmul mm mv "
        "outer vdot"
    ),
    "nn.tensors.random": "bernoulli multinomial",
    "nn.tensors.rearrangement": "flip fliplr flipud narrow repeat repeat_interleave roll rot90 select tile unfold",
    "nn.tensors.reduction": (
        "all amax amin aminmax any argmax argmin count_nonzero dist logsumexp max mean min nanmean nansum norm prod "
        "sum sum_to_size"
    ),
    "nn.tensors.rounding": "ceil ceil_ fix fix_ floor floor_ frac frac_ round round_ trunc trunc_",
    "nn.tensors.scan": "cummax cummin cumprod cumprod_ cumsum cumsum_ diff logcumsumexp",
    "nn.tensors.scatter": (
        "index_add index_add_ index_copy index_copy_ index_fill index_fill_ index_put index_put_ index_reduce "
        "index_reduce_ masked_fill masked_fill_ masked_scatter masked_scatter_ put put_ scatter scatter_ scatter_add "
        "scatter_add_ scatter_reduce scatter_reduce_ select_scatter slice_scatter"
    ),
    "nn.tensors.shape": (
        "adjoint broadcast_to clone contiguous expand expand_as flatten is_contiguous moveaxis movedim permute ravel "
        "reshape reshape_as squeeze squeeze_ swapaxes swapaxes_ swapdims swapdims_ t t_ transpose transpose_ unflatten "
        "unsqueeze unsqueeze_ view view_as"
    ),
    "nn.tensors.softmax": "log_softmax softmax",
    "nn.tensors.sorting": "argsort kthvalue msort sort topk",
    "nn.tensors.special": (
        "digamma digamma_ erf erf_ erfc erfc_ erfinv erfinv_ i0 i0_ igamma igamma_ igammac igammac_ lgamma lgamma_ "
        "logit logit_ mvlgamma mvlgamma_ polygamma polygamma_ sinc sinc_ xlogy xlogy_"
    ),
    "nn.tensors.statistics": "median mode nanmedian nanquantile quantile std var",
    "nn.tensors.trigonometry": (
        "acos acos_ acosh acosh_ arccos arccos_ arccosh arccosh_ arcsin arcsin_ arcsinh arcsinh_ arctan arctan2 "
        "arctan2_ arctan_ arctanh arctanh_ asin asin_ asinh asinh_ atan atan2 atan2_ atan_ atanh atanh_ cos cos_ cosh "
        "cosh_ deg2rad deg2rad_ hypot hypot_ rad2deg rad2deg_ sin sin_ sinh sinh_ tan tan_"
    ),
}
_show_methods(Tensor, _METHODS)

# Folders and single files that are asked for whole, such as `nn.optim`.
_FOLDERS = (
    "autograd data derivatives distributed distributions exercises fft func functional init linalg metrics models onnx "
    "optim special testing training tuning utils viewing"
)
_show(__name__, _FUNCTIONAL | _FILES, _FOLDERS.split())
