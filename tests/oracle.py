"""PyTorch as the oracle: values, gradients, gradients of gradients and Jacobian-vector products, ours against theirs.

    compare(lambda lib, x, y: lib.top.maximum(x, y), *normal(rng, (2, 3), (3,)))

`lib.top` is `nn` or `torch`, `lib.F` their functional. Float arrays become leaves that require gradients.
"""

from types import SimpleNamespace

import numpy as np
import pytest

import nn

torch = pytest.importorskip("torch", reason="the oracle PyTorch is not installed")
torch.set_num_threads(1)  # its threads cost these small tensors three times what they bring

OURS = SimpleNamespace(top=nn, F=nn.functional, grad=nn.grad, jvp=nn.func.jvp)
THEIRS = SimpleNamespace(top=torch, F=torch.nn.functional, grad=torch.autograd.grad, jvp=torch.autograd.functional.jvp)


def as_tensor(lib, value):
    """An array as a tensor of the library, a float one as a leaf that requires gradients; anything else as it is."""
    if not isinstance(value, np.ndarray):
        return value
    return lib.top.tensor(value, requires_grad=value.dtype.kind == "f")


def derivatives(lib, function, arrays, orders, parameters=()):
    """[value], [gradients by every float operand], [gradients of those by every float operand and by the upstream]."""
    tensors = [as_tensor(lib, a) for a in arrays]
    free = [t for t in tensors if getattr(t, "requires_grad", False)] + list(parameters)
    found = [several(function(lib, *tensors))]
    places, results = wanting(found[0])
    for order in range(orders):
        kinds = [(tuple(r.shape), str(r.dtype).removeprefix("torch.")) for r in results]
        seeds = [as_tensor(lib, seed_for(*kind, order, place)) for kind, place in zip(kinds, places, strict=True)]
        retain = order + 1 < orders
        gradients = lib.grad(results, free, seeds, create_graph=retain, allow_unused=True) if results else []
        found.append([np.zeros(t.shape) if g is None else g for g, t in zip(gradients, free, strict=False)])
        places, results = wanting(gradients)
        free = free + seeds
    return [[to_array(t) for t in level] for level in found]


def wanting(values):
    """The tensors that can be differentiated further, and their places among all."""
    found = [(place, v) for place, v in enumerate(values) if v is not None and v.requires_grad]
    return [place for place, _ in found], [v for _, v in found]


def several(result):
    """What a function returned, as a list of tensors."""
    return list(result) if isinstance(result, tuple | list) else [result]


def seed_for(shape, dtype, order, place=0):
    """Fixed numbers: others at each place, or they would cancel in all that depends on differences alone."""
    return np.random.default_rng([order, place, *shape]).normal(size=shape).astype(dtype)


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
    agree(*found, rtol, atol)


def pushed(lib, function, arrays):
    """The Jacobian-vector products of the float results in a fixed direction of the float operands."""
    free = [i for i, a in enumerate(arrays) if isinstance(a, np.ndarray) and a.dtype.kind == "f"]

    def floats(*moved):
        operands = [as_tensor(lib, a) for a in arrays]
        for i, tensor in zip(free, moved, strict=True):
            operands[i] = tensor
        return tuple(y for y in several(function(lib, *operands)) if y.requires_grad)

    primals = tuple(lib.top.tensor(arrays[i]) for i in free)
    directions = tuple(lib.top.tensor(seed_for(arrays[i].shape, arrays[i].dtype, 7, i)) for i in free)
    return [to_array(t) for t in lib.jvp(floats, primals, directions)[1]]


def compare_both(function, *arrays, forward=True, single=1e-5, orders=2):
    """In float64 at two orders (at one where there are no elements), and in float32 at the first.

    `single` is what may be missing in float32 besides the relative error: more where large numbers cancel.
    """
    orders = orders if all(a.size for a in arrays if isinstance(a, np.ndarray)) else min(orders, 1)
    compare(function, *arrays, orders=orders, forward=forward)
    singles = [a.astype(np.float32) if isinstance(a, np.ndarray) and a.dtype.kind == "f" else a for a in arrays]
    compare(function, *singles, orders=min(orders, 1), rtol=1e-5, atol=single, forward=False)


def compare_layers(make, *arrays, orders=2, single=1e-5):
    """The layers that `make(lib.layers)` makes: repr, state and, with the same parameters, values and gradients.

    As `compare_both`; the gradients are those by the arrays and by every parameter.
    """
    for dtype, tolerances, order in ((np.float64, (1e-9, 1e-10), orders), (np.float32, (1e-5, single), 1)):
        layers = make(nn).to(dtype), make(torch.nn).to(getattr(torch, np.dtype(dtype).name))
        assert repr(layers[0]) == repr(layers[1])
        assert [(k, v.shape) for k, v in layers[0].state_dict().items()] == [
            (k, tuple(v.shape)) for k, v in layers[1].state_dict().items()
        ]
        layers[0].load_state_dict(layers[1].state_dict())
        operands = [a.astype(dtype) if isinstance(a, np.ndarray) and a.dtype.kind == "f" else a for a in arrays]
        found = [
            derivatives(lib, lambda _, *t, layer=layer: layer(*t), operands, order, layer.parameters())
            for lib, layer in zip((OURS, THEIRS), layers, strict=True)
        ]
        agree(*found, *tolerances)


def agree(ours, theirs, rtol, atol):
    """The same shapes, dtypes and numbers at every order."""
    for level, other in zip(ours, theirs, strict=True):
        assert len(level) == len(other)
        for a, b in zip(level, other, strict=True):
            assert a.shape == b.shape
            assert a.dtype == b.dtype
            np.testing.assert_allclose(a, b, rtol=rtol, atol=atol)


def normal(rng, *shapes):
    """Standard normal values of the given shapes."""
    return [rng.normal(size=shape) for shape in shapes]
