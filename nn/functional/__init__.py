"""Functions of tensors with defaults, checks and documentation: `import nn.functional as F`."""

from nn.functional.activation import *
from nn.functional.adaptive import *
from nn.functional.adaptive import adaptive_max_pool1d as adaptive_max_pool1d
from nn.functional.attention import *
from nn.functional.convolution import *
from nn.functional.counting import one_hot as one_hot
from nn.functional.ctc import *
from nn.functional.distance import cosine_similarity as cosine_similarity
from nn.functional.distance import pairwise_distance as pairwise_distance
from nn.functional.distance import pdist as pdist
from nn.functional.dropout import *
from nn.functional.embedding import *
from nn.functional.folding import *
from nn.functional.fractional import fractional_max_pool2d as fractional_max_pool2d
from nn.functional.fractional import fractional_max_pool3d as fractional_max_pool3d
from nn.functional.linear import bilinear as bilinear
from nn.functional.linear import linear as linear
from nn.functional.loss import *
from nn.functional.margin_loss import *
from nn.functional.normalization import *
from nn.functional.overlap_loss import *
from nn.functional.padding import pad as pad
from nn.functional.piecewise import *
from nn.functional.pooling import *
from nn.functional.regression_loss import *
from nn.functional.resizing import *
from nn.functional.sampling import affine_grid as affine_grid
from nn.functional.sampling import grid_sample as grid_sample
from nn.functional.softmax import *
from nn.functional.unpooling import *
