"""Devices, dtypes and sizes, in the words of PyTorch's programs."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor, optim

device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
if torch.backends.mps.is_available():
    device = torch.device("mps")
torch.manual_seed(1)
torch.cuda.manual_seed_all(1)
torch.backends.cudnn.deterministic = True
torch.backends.cudnn.benchmark = False
torch.set_float32_matmul_precision("high")
torch.set_default_dtype(torch.float32)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(3, 2, device=device, dtype=torch.float32)
        self.register_buffer("scale", torch.full((1,), 0.5, device=device))

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.fc(x)) * self.scale


net = Net().to(device)
with torch.no_grad():
    for p in net.parameters():
        p.copy_(torch.arange(p.numel(), dtype=torch.float, device=device).view_as(p) / 10)
x = torch.linspace(-1, 1, steps=6, device=device).view(2, 3).to(device, non_blocking=True)
y = torch.tensor([[1.0, 0.0], [0.0, 1.0]], device=device)
optimizer = optim.SGD(net.parameters(), lr=0.1, momentum=0.9, foreach=False)
for _ in range(3):
    optimizer.zero_grad(set_to_none=True)
    loss = F.mse_loss(net(x), y)
    loss.backward()
    optimizer.step()
    print("%.6f" % loss.item())
print(next(net.parameters()).device.type, x.is_cuda, net.cpu() is net)
print(tuple(x.size()), x.size(0), x.shape.numel())
print(isinstance(x.shape, torch.Size), x.shape[1:].numel())
print(x.sum(axis=1, keepdims=True).shape == (2, 1), torch.zeros(size=(2, 3)).shape == (2, 3))
print([str(t.dtype).replace("torch.", "") for t in (x.long(), x.double(), x.half(), x.int(), x.to(torch.uint8))])
print(torch.finfo(torch.float32).eps, torch.iinfo(torch.int64).max, torch.pi, torch.inf)
print(torch.is_tensor(x), isinstance(x, torch.Tensor), torch.get_default_dtype() is torch.float32)
print(x[:, torch.newaxis].shape == (2, 1, 3))
