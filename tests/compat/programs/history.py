"""Words of PyTorch's earlier versions: Variable, old constructors, size_average, softmax without an axis."""

import warnings

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.autograd import Variable

warnings.simplefilter("ignore")
x = Variable(torch.FloatTensor([[1.0, 2.0], [3.0, 5.0]]), requires_grad=True)
t = Variable(torch.LongTensor([0, 1]))
print(x.type(), t.type(), x.data.type(torch.DoubleTensor).type(), isinstance(t, torch.LongTensor))
print(
    isinstance(x, torch.FloatTensor),
    isinstance(x, Variable),
    torch.FloatTensor(2, 3).size(0),
    torch.IntTensor([4]).tolist(),
)
print(torch.ByteTensor([1, 0, 2]).tolist(), torch.Tensor(2, 3).shape == (2, 3), torch.Tensor([1, 2]).tolist())
mean = {"reduction": "elementwise_mean"}
for options in ({"size_average": False}, {"size_average": True}, {"reduce": False}, mean, {}):
    loss = nn.CrossEntropyLoss(**options)(x, t)
    print([round(v, 5) for v in loss.view(-1).tolist()])
    print(round(F.mse_loss(x, torch.zeros(2, 2), **options).sum().item(), 5))
print([round(v, 5) for v in F.softmax(x).view(-1).tolist()], nn.LogSoftmax()(x).view(-1).tolist()[0] < 0)
nn.MSELoss(size_average=False)(x, torch.zeros(2, 2)).backward()
print(x.grad.data.tolist())
print(isinstance(nn.MSELoss(size_average=False), nn.Module), nn.L1Loss())
w = torch.empty(3, 5)
nn.init.constant(w, 0.5)
print(w.sum().item())
print(torch.range(1, 3).tolist())
torch.set_default_tensor_type(torch.DoubleTensor)
print(torch.zeros(1).type())
torch.set_default_tensor_type("torch.FloatTensor")
layer = nn.Linear(2, 2)
layer.weight.data.fill_(0.25)
layer.bias.data.zero_()
print(layer(x).data.numpy().tolist())
print(nn.utils.clip_grad_norm_(layer.parameters(), 1.0).item())
