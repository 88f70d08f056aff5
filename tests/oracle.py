"""PyTorch as the oracle: values, gradients, gradients of gradients and Jacobian-vector products, ours against theirs.

    compare(lambda lib, x, y: lib.top.maximum(x, y), *normal(rng, (2, 3), (3,)))

`lib.top` is `nn` or `torch`, `lib.F` their functional. Float arrays become leaves that require gradients.
"""

from types import SimpleNamespace

import numpy as np
import pytest

import nn

torch = pytest.importorskip("torch", reason="the oracle PyTorch is not installed")

OURS = SimpleNamespace(top=nn, F=nn.functional, grad=nn.grad, jvp=nn.func.jvp)
THEIRS = SimpleNamespace(top=torch, F=torch.nn.functional, grad=torch.autograd.grad, jvp=torch.autograd.functional.jvp)


def as_tensor(lib, value):
    """An array as a tensor of the library, a float one as a leaf that requires gradients; anything else as it is."""
    if not isinstance(value, np.ndarray):
        return value
    return lib.top.tensor(value, requires_grad=value.dtype.kind == "f")


def derivatives(lib, function, arrays, orders):
    """[value], [gradients by every float operand], [gradients of those by every float operand and by the upstream]."""
    tensors = [as_tensor(lib, a) for a in arrays]
    free = [t for t in tensors if getattr(t, "requires_grad", False)]
    found = [several(function(lib, *tensors))]
    results = [y for y in found[0] if y.requires_grad]
    for order in range(orders):
        seeds = [as_tensor(lib, seed_for(tuple(r.shape), str(r.dtype).removeprefix("torch."), order)) for r in results]
        retain = order + 1 < orders
        gradients = lib.grad(results, free, seeds, create_graph=retain, allow_unused=True) if results else []
        found.append([np.zeros(t.shape) if g is None else g for g, t in zip(gradients, free, strict=False)])
        results = [g for g in gradients if g is not None and g.requires_grad]
        free = free + seeds
    return [[to_array(t) for t in level] for level in found]


def several(result):
    """What a function returned, as a list of tensors."""
    return list(result) if isinstance(result, tuple | list) else [result]


def seed_for(shape, dtype, order):
    return np.random.default_rng([order, *shape]).normal(size=shape).astype(dtype)


def to_array(tensor):
    if isinstance(tensor, torch.Tensor):
        return tensor.numpy(force=True)
    return tensor.detach().numpy() if isinstance(tensor, nn.Tensor) else tensor


def compare(function, *arrays, orders=2, rtol=1e-9, atol=1e-10, forward=True):
    """The same shapes, dtypes and numbers, at every order asked for, and in forward mode."""
    found = [derivatives(lib, function, arrays, orders) for lib in (OURS, THEIRS)]
    filled = all(a.size for a in arrays if isinstance(a, np.ndarray))
    if forward and filled and orders and found[0][1]:
        for levels, lib in zip(found, (OURS, THEIRS), strict=True):
            levels.append(pushed(lib, function, arrays))
    for ours, theirs in zip(*found, strict=True):
        assert len(ours) == len(theirs)
        for a, b in zip(ours, theirs, strict=True):
            assert a.shape == b.shape
            assert a.dtype == b.dtype
            np.testing.assert_allclose(a, b, rtol=rtol, atol=atol)


def pushed(lib, function, arrays):
    """The Jacobian-vector products of the float results in a fixed direction of the float operands."""
    free = [i for i, a in enumerate(arrays) if isinstance(a, np.ndarray) and a.dtype.kind == "f"]

    def floats(*moved):
        operands = [as_tensor(lib, a) for a in arrays]
        for i, tensor in zip(free, moved, strict=True):
            operands[i] = tensor
        return tuple(y for y in several(function(lib, *operands)) if y.requires_grad)

    primals = tuple(lib.top.tensor(arrays[i]) for i in free)
    directions = tuple(lib.top.tensor(seed_for(arrays[i].shape, arrays[i].dtype, 7)) for i in free)
    return [to_array(t) for t in lib.jvp(floats, primals, directions)[1]]


def compare_both(function, *arrays, forward=True, single=1e-5, orders=2):
    """In float64 at two orders (at one where there are no elements), and in float32 at the first.

    `single` is what may be missing in float32 besides the relative error: more where large numbers cancel.
    """
    orders = orders if all(a.size for a in arrays if isinstance(a, np.ndarray)) else min(orders, 1)
    compare(function, *arrays, orders=orders, forward=forward)
    singles = [a.astype(np.float32) if isinstance(a, np.ndarray) and a.dtype.kind == "f" else a for a in arrays]
    compare(function, *singles, orders=min(orders, 1), rtol=1e-5, atol=single, forward=False)


def normal(rng, *shapes):
    """Standard normal values of the given shapes."""
    return [rng.normal(size=shape) for shape in shapes]
