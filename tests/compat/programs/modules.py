"""Imports by every path that programs use, lazy layers, distributions, packed sequences, functions of `torch.linalg`."""  # noqa: E501

import torch
import torch.distributions as D
import torch.nn as nn
import torch.nn.init as init
import torch.optim.lr_scheduler as lr_scheduler
import torch.utils.data as data
from torch import Tensor, autograd
from torch import nn as again
from torch.distributions import Categorical, Normal, kl_divergence
from torch.nn import Module, Parameter
from torch.nn import functional as F
from torch.nn.modules.conv import Conv2d
from torch.nn.modules.loss import CrossEntropyLoss
from torch.nn.parameter import Parameter as Same
from torch.nn.utils import parameters_to_vector
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
from torch.optim import SGD, Adam, Optimizer
from torch.utils.checkpoint import checkpoint

print(again is nn, Same is Parameter, issubclass(Conv2d, Module), issubclass(SGD, Optimizer), nn.functional is F)
print(callable(autograd.grad), callable(init.xavier_uniform_), callable(lr_scheduler.StepLR), callable(data.DataLoader))
lazy = nn.LazyLinear(2)
lazy(torch.ones(1, 3))
print(lazy.weight.shape == (2, 3), len(parameters_to_vector(lazy.parameters())), CrossEntropyLoss())
p = Normal(torch.tensor(0.0), torch.tensor(1.0))
q = D.Normal(1.0, 2.0)
print(round(p.log_prob(torch.tensor(0.5)).item(), 5), round(kl_divergence(p, q).item(), 5))
print(round(Categorical(logits=torch.tensor([0.0, 1.0])).entropy().item(), 5))
padded = pad_sequence([torch.ones(3, 2), torch.ones(1, 2)], batch_first=True)
packed = pack_padded_sequence(padded, [3, 1], batch_first=True)
print(pad_packed_sequence(packed, batch_first=True)[1].tolist())
x = torch.tensor([[2.0, 1.0], [1.0, 3.0]], requires_grad=True)
checkpoint(lambda v: v.exp().sum(), x, use_reentrant=False).backward()
print(x.grad[0, 0].item() > 7, torch.linalg.det(x).item(), torch.special.expit(torch.zeros(1)).item())
print(torch.einsum("ij,jk->ik", x, x).tolist(), torch.where(x > 1, x, 0.0).tolist())
optimizer = Adam([x], lr=0.1, amsgrad=True)
optimizer.register_step_post_hook(lambda *a: print("stepped"))
optimizer.step()
s: Tensor = x.detach()
print(s.sum(dim=-1).tolist())
