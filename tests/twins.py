"""Our module and PyTorch's with the same parameters, compared as functions of inputs and parameters alike."""

import numpy as np
import pytest
from oracle import OURS, compare, torch

import nn


def compare_modules(make, *inputs, arrange=lambda *tensors: tensors, named=None, orders=2, train=False):
    """Names, shapes, repr; then values, all gradients and forward mode in float64, and float32 at the first order.

    Args:
        make: the module, from `nn` or `torch.nn`.
        inputs: arrays; float ones are differentiated.
        arrange: makes the positional arguments of the call from them.
        named: makes the keyword arguments of the call, from the library and the dtype.
    """
    state = make(torch.nn).state_dict()
    rng = np.random.default_rng(5)
    arrays = [rng.normal(size=tuple(v.shape)) * 0.5 for v in state.values()]
    models = []
    for t in (nn, torch.nn):
        model = make(t)
        assert list(model.state_dict()) == list(state)
        assert [tuple(v.shape) for v in model.state_dict().values()] == [tuple(v.shape) for v in state.values()]
        assert [n for n, _ in model.named_parameters()] == [n for n, _ in make(torch.nn).named_parameters()]
        models.append(model.train() if train else model.eval())
    assert repr(models[0]) == repr(models[1])

    def function(lib, *tensors):
        own, parameters = tensors[: len(inputs)], dict(zip(state, tensors[len(inputs) :], strict=True))
        model, call = (models[0], nn.func.functional_call) if lib is OURS else (models[1], torch.func.functional_call)
        return flat(call(model, parameters, tuple(arrange(*own)), named(lib.top, own[0].dtype) if named else {}))

    double = [a.astype(np.float64) if a.dtype.kind == "f" else a for a in inputs]
    compare(function, *double, *arrays, orders=orders, forward=orders > 1, rtol=1e-7, atol=1e-9)
    singles = [a.astype(np.float32) if a.dtype.kind == "f" else a for a in (*inputs, *arrays)]
    compare(function, *singles, orders=1, forward=False, rtol=1e-5, atol=1e-5)


def with_masks(given):
    """The keyword arguments of a call, with arrays made tensors: masks of booleans, or of the inputs' dtype."""

    def made(top, dtype):
        arrays = {k: top.tensor(v) for k, v in given.items() if isinstance(v, np.ndarray)}
        return {**given, **{k: v if v.dtype == top.bool else v.to(dtype) for k, v in arrays.items()}}

    return made


@pytest.fixture
def plain_kernels():
    """Let torch compute attention op by op: its fused kernels have no second order."""
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        yield


def flat(result):
    """The tensors of nested tuples."""
    if isinstance(result, tuple | list):
        return [tensor for part in result for tensor in flat(part)]
    return [] if result is None else [result]
