"""Ops of one's own, hooks, gradients of gradients, functional derivatives, per-sample gradients."""

import torch
from torch.autograd import Function, grad, gradcheck
from torch.func import functional_call, vmap
from torch.func import grad as slope


class Cube(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 3 * x**2 * g if ctx.needs_input_grad[0] else None


x = torch.tensor([1.0, -2.0, 0.5], dtype=torch.double, requires_grad=True)
y = Cube.apply(x)
(first,) = grad(y.sum(), x, create_graph=True)
(second,) = grad(first.sum(), x)
print(y.tolist(), first.tolist(), second.tolist(), gradcheck(Cube.apply, (x,)))
with x.register_hook(lambda g: g * 2):
    (x * x).sum().backward(inputs=[x])
print(x.grad.tolist())
print(torch.autograd.functional.jacobian(lambda v: v**2, torch.tensor([1.0, 3.0])).tolist())
print(torch.autograd.functional.hessian(lambda v: (v**3).sum(), torch.tensor([1.0, 2.0])).tolist())
model = torch.nn.Linear(2, 1, bias=False)
torch.nn.init.constant_(model.weight, 0.5)


def loss(weight, sample):
    return functional_call(model, {"weight": weight}, (sample,)).pow(2).sum()


samples = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
print(vmap(slope(loss), in_dims=(None, 0))(model.weight.detach(), samples).tolist())
with torch.autograd.detect_anomaly(check_nan=True):
    print((x * 2).sum().item())


@torch.no_grad
def evaluate(v):
    return (v * 2).requires_grad


print(evaluate(x), torch.is_grad_enabled())
x = torch.zeros(3, requires_grad=True)
z = x + 1
z[1] = 5.0
z *= 2
z.sum().backward()
print(x.grad.tolist(), z.tolist())
