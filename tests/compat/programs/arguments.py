"""Arguments in PyTorch's order: results in `out=`, old flags of losses by position, device and dtype by position."""

import torch
from torch import nn
from torch.nn import functional as F

a = torch.arange(4.0)
b, c = torch.empty(4), torch.empty(0)
print(torch.add(a, 1, out=b) is b, b.tolist())
print(torch.mul(a, 2, out=c).tolist(), c.shape == (4,))
values, places = torch.empty(()), torch.empty((), dtype=torch.long)
found = torch.max(a, 0, out=(values, places))
print(found.values is values, values.item(), places.item())
print(torch.matmul(torch.ones(2, 3), torch.ones(3, 2), out=torch.empty(2, 2)).tolist())
print(torch.exp(b, out=b) is b, torch.cat([a, a], out=torch.empty(8)).tolist())
print(torch.linalg.matrix_power(torch.eye(2) * 2, 3, out=torch.empty(2, 2)).tolist())
for call in (
    lambda: torch.add(a, 0.5, out=torch.empty(4, dtype=torch.long)),
    lambda: torch.add(a.clone().requires_grad_(), 1, out=b),
):
    try:
        call()
    except RuntimeError as error:
        print(type(error).__name__)

logits, target = torch.tensor([[1.0, 2.0], [3.0, 0.0]]), torch.tensor([1, 0])
print(round(F.cross_entropy(logits, target, None, False).item(), 5))
print(round(nn.CrossEntropyLoss(None, False)(logits, target).item(), 5))
print(F.mse_loss(a, b * 0, None, False).tolist(), nn.MSELoss(False)(a, a + 1).item())
print(nn.PoissonNLLLoss(False, False, True, 1e-6)(a + 1, a + 1).item() > 0)

table = torch.tensor([[0.0, 1.0], [2.0, 3.0]])
print(torch.embedding(table, torch.tensor([1, 0])).tolist())
zeros, ones = torch.zeros(2), torch.ones(2)
print(torch.batch_norm(table, ones * 2, ones, zeros, ones, False, 0.1, 0.0, False).tolist())

layers = [
    nn.Conv1d(1, 2, 3, 1, 0, 1, 1, True, "zeros", "cpu", torch.float64), nn.LayerNorm(2, 1e-5, True, True, "cpu"),
    nn.Embedding(3, 2, None, None, 2.0, False, False, None, False, None, torch.float64),
    nn.BatchNorm1d(2, 1e-5, 0.1, True, True, "cpu", torch.float64), nn.PReLU(1, 0.25, None, torch.float64),
    nn.LSTM(2, 3, 1, True, False, 0.0, False, 0, "cpu", torch.float64), nn.GRUCell(2, 3, True, None, torch.float64),
    nn.MultiheadAttention(4, 2, 0.0, True, False, False, None, None, True, "cpu", torch.float64),
]  # fmt: skip
print([str(next(layer.parameters()).dtype).replace("torch.", "") for layer in layers])

x = torch.ones(2, requires_grad=True)
y = x * 2
print(y.retains_grad, x.retains_grad)
y.retain_grad()
print(y.retains_grad)
print(torch.empty(0).set_(a).tolist())
jacobian, extra = torch.func.jacrev(lambda v: (v**2, v.sum()), has_aux=True)(torch.tensor([1.0, 3.0]))
print(jacobian.tolist(), extra.item())
