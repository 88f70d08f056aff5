"""What PyTorch has beside the everyday names, and what older programs call: each has a meaning on a CPU."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.modules.loss import _Loss
from torch.nn.modules.utils import _pair
from torch.optim.lr_scheduler import _LRScheduler
from torch.utils.checkpoint import checkpoint_sequential

torch.set_default_device("cpu")
print(torch.get_default_device(), torch.Generator().device, torch.zeros(1).layout, torch.is_autocast_enabled())
x = torch.ones(2)
print(callable(_LRScheduler))
print(x.new([1, 2]), x.new(2, 3).shape, x.new_zeros(1), torch.ones(2).apply_(lambda v: v + 1), torch.typename(x))
print(torch.exp_(torch.zeros(1)), torch.relu_(torch.tensor([-1.0])), torch.detach(x), torch.zero_(torch.ones(1)))
print(torch.frombuffer(bytearray([1, 2]), dtype=torch.uint8), torch.from_dlpack(np.ones(2, np.float32)))
print(F.pad(x, (1, 0)), torch.constant_pad_nd(x, (1, 0), 3), torch.unsafe_chunk(x, 2))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.kept = nn.Buffer(torch.ones(1))
        self.lost = nn.Buffer(torch.zeros(1), persistent=False)


net = Net()
net.kept = torch.full((1,), 2.0)
print(list(net.state_dict()), [name for name, _ in net.named_buffers()], net.double().kept)
chain = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
x = torch.ones(1, 2, requires_grad=True)
print(torch.allclose(checkpoint_sequential(chain, 2, x, use_reentrant=False), chain(x)))
conv, norm, image = nn.Conv2d(1, 2, 2).eval(), nn.BatchNorm2d(2).eval(), torch.rand(1, 1, 3, 3)
print(torch.allclose(nn.utils.fusion.fuse_conv_bn_eval(conv, norm)(image), norm(conv(image)), atol=1e-6))
print(nn.init._calculate_fan_in_and_fan_out(conv.weight), _pair(3), _pair((1, 2)), conv._parameters.keys())
print(isinstance(conv, nn.modules.conv._ConvNd), list(nn.Sequential(conv)._modules))
print(isinstance(norm, nn.modules.batchnorm._BatchNorm), isinstance(nn.MSELoss(), _Loss), image.storage().tolist()[:0])
print(nn.utils.skip_init(nn.Linear, 2, 1).weight.shape, isinstance(nn.LSTM(1, 1), nn.RNNBase))
with sdpa_kernel(SDPBackend.MATH):
    print(F.scaled_dot_product_attention(*[torch.ones(1, 2, 2)] * 3))
value, push = torch.func.linearize(torch.sin, torch.zeros(2))
print(value, push(torch.ones(2)))
before = torch.get_rng_state()
with torch.random.fork_rng():
    torch.rand(3)
print(torch.equal(before, torch.get_rng_state()))
torch.autograd.set_detect_anomaly(True)
print(torch.is_anomaly_enabled())
torch.autograd.set_detect_anomaly(False)
A = torch.diag(torch.tensor([3.0, 2.0, 1.0]))
print(torch.svd_lowrank(A, q=3)[1].round(), torch.pca_lowrank(A, q=2)[2].shape)
torch.testing.assert_close(A, A + 1e-7)
for other in (A + 1, A.double(), A[:2]):
    try:
        torch.testing.assert_close({"A": [A]}, {"A": [other]})
    except AssertionError:
        print("apart")
try:
    torch.imag(A)
except RuntimeError:
    print("real")
