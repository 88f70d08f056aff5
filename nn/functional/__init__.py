"""Functions of tensors with defaults, checks and documentation: `import nn.functional as F`."""

from nn.functional.activation import *
from nn.functional.convolution import *
from nn.functional.counting import one_hot as one_hot
from nn.functional.embedding import *
from nn.functional.linear import bilinear as bilinear
from nn.functional.linear import linear as linear
from nn.functional.loss import *
from nn.functional.padding import pad as pad
from nn.functional.piecewise import *
from nn.functional.pooling import *
from nn.functional.softmax import *
