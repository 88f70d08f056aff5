"""Shapes, named results, long tensors, infinite numbers and nodes of the graph are printed as PyTorch prints them."""

import torch
import torch.nn.functional as F

x = torch.tensor([[1.0, 2.5], [3.0, 4.0]], requires_grad=True)
print(x.shape, x.size(), x.shape[:1], f"{x.shape}", torch.Size([2, 3]))
print(
    x.detach().max(dim=1), torch.sort(x.detach(), descending=True), x.detach().topk(1), x.detach().median(0), sep="\n"
)
print(torch.aminmax(x.detach()), torch.linalg.slogdet(x.detach()), torch.linalg.eigh(torch.eye(2)), sep="\n")
print(x * 2, x.mean(0), x.sum(1), x @ x, x.view(4), torch.cat([x, x]), x[0], x[:, 1:], x.max(), sep="\n")
print(F.mse_loss(x, torch.zeros(2, 2)), F.linear(x, x, x[0]), x.clamp(0, 1), x.det(), x.double(), sep="\n")
print(torch.arange(2000), torch.arange(2000.0).view(2, -1), torch.zeros(0, 3), sep="\n")
print(torch.tensor([1.0, float("inf"), float("nan")]), torch.tensor([0.0, -float("inf")]), torch.tensor(float("inf")))
print(
    torch.tensor([1e10, 1.0]), torch.tensor([1e-5, 1.0]), torch.tensor([0.1, 1e4]), torch.tensor([0.1, 1e3]), sep="\n"
)
print(torch.ones(2, dtype=torch.float64), torch.ones(1, dtype=torch.int32), torch.zeros(2, 0, dtype=torch.float16))
torch.set_printoptions(precision=2, sci_mode=False)
print(torch.tensor([1.23456, 1e-7]))
torch.set_printoptions(sci_mode=True)
print(torch.tensor([1.23456, 120.0]))
torch.set_printoptions(threshold=3, edgeitems=1, sci_mode=False)
print(torch.arange(10), torch.rand(5, 5) * 0)
torch.set_printoptions(profile="default")


class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return 2 * x

    @staticmethod
    def backward(ctx, g):
        return 2 * g


print(Double.apply(x), x._version)
with torch.no_grad():
    x.add_(1)
    x[0] = 0
print(x._version)
