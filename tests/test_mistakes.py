"""The commonest mistakes of a learner, each with the sentence that it gets: in our words, not in those of NumPy."""

import re

import numpy as np
import pytest

import nn
from nn import optim
from nn.functional import cross_entropy, mse_loss, relu

X, W, IMAGE = nn.ones(2, 3), nn.ones(4, 5), nn.ones(1, 1, 8, 8)


def layer():
    return nn.Linear(3, 2)


MISTAKES = {
    "add": (
        lambda: X + W,
        nn.ShapeError,
        "add: operands of shape (2, 3) and (4, 5) do not fit: axis -1 has 3 and 5; "
        "lengths must be equal, or one of them 1",
    ),
    "matmul": (
        lambda: X @ W,
        nn.ShapeError,
        "matmul: operands of shape (2, 3) and (4, 5) do not fit: the last axis of "
        "the first has 3, the last axis but one of the second 4; make them equal",
    ),
    "matmul by a vector": (lambda: X @ nn.ones(4), nn.ShapeError, "of the second 4; make them equal"),
    "matmul by a number": (lambda: X @ nn.tensor(2.0), nn.ShapeError, "at least one axis; use * for a number"),
    "matmul of batches": (
        lambda: nn.ones(2, 3, 4) @ nn.ones(3, 4, 5),
        nn.ShapeError,
        "matmul: operands of shape (2, 3, 4) and (3, 4, 5) do not fit: axis -3 has 2 and 3; lengths must be equal",
    ),
    "matmul by a Python number": (
        lambda: X @ 2,
        TypeError,
        "matmul: expected two tensors, got int; use * for a number",
    ),
    "a Python number by matmul": (lambda: 2.0 @ X, TypeError, "matmul: expected two tensors, got float; use *"),
    "matmul by a list": (lambda: X @ [1.0, 2.0, 3.0], TypeError, "matmul: expected two tensors, got list"),
    "two dtypes": (lambda: X @ X.T.double(), nn.DtypeError, "matmul: operands are float32 and float64; make them"),
    "cat": (
        lambda: nn.cat([X, W]),
        nn.ShapeError,
        "cat: tensors joined along axis 0 must be alike in every other, got "
        "(2, 3) and, in place 1, (4, 5): axis 1 has 3 and 5",
    ),
    "cat of a vector": (
        lambda: nn.cat([X, nn.ones(3)]),
        nn.ShapeError,
        "cat: expected tensors with equally many axes, "
        "got (2, 3) and, in place 1, (3,); reshape one, or join them along a new axis with nn.stack",
    ),
    "cat without a list": (lambda: nn.cat(X, X), TypeError, "cat: expected a list of tensors, got a tensor"),
    "stack": (
        lambda: nn.stack([X, W]),
        nn.ShapeError,
        "stack: expected tensors of one shape, got (2, 3) and, in place "
        "1, (4, 5); reshape one, or join them along an axis that they have with nn.cat",
    ),
    "vstack": (lambda: nn.vstack([X, W]), nn.ShapeError, "vstack: tensors joined along axis 0 must be alike"),
    "hstack": (lambda: nn.hstack([X, W]), nn.ShapeError, "hstack: tensors joined along axis 1 must be alike"),
    "column_stack": (lambda: nn.column_stack([X, W]), nn.ShapeError, "column_stack: tensors joined along axis 1 must"),
    "dstack": (lambda: nn.dstack([X, W]), nn.ShapeError, "dstack: tensors joined along axis 2 must be alike"),
    "reshape": (
        lambda: X.reshape(4, -1),
        nn.ShapeError,
        "reshape: operands of shape (2, 3) do not fit: 6 elements "
        "cannot take the shape (4, -1); the lengths must multiply to them",
    ),
    "reshape, two unknown": (lambda: X.reshape(-1, -1), nn.ShapeError, "has -1 twice; only one length can be left"),
    "permute": (
        lambda: X.permute(0),
        nn.ShapeError,
        "permute: operands of shape (2, 3) do not fit: dims (0,) must name each of its 2 axes once",
    ),
    "permute, repeated": (lambda: X.permute(0, 0), nn.ShapeError, "dims (0, 0) must name each of its 2 axes once"),
    "transpose": (
        lambda: X.transpose(0, 3),
        IndexError,
        "transpose: dim 3 is out of range for shape (2, 3); it must be from -2 to 1",
    ),
    "sum": (lambda: X.sum(5), IndexError, "sum: dim 5 is out of range for shape (2, 3); it must be from -2 to 1"),
    "softmax": (lambda: X.softmax(4), IndexError, "softmax: dim 4 is out of range for shape (2, 3)"),
    "expand": (
        lambda: X.expand(5, 3),
        nn.ShapeError,
        "it cannot become (5, 3); only an axis of length 1 can be expanded",
    ),
    "float index": (
        lambda: X[1.0],
        IndexError,
        "index: expected integers, slices, None, ..., or tensors of integers or booleans, got 1.0",
    ),
    "text index": (lambda: X["a"], IndexError, "booleans, got 'a'"),
    "index by floats": (
        lambda: X[nn.tensor([0.0])],
        IndexError,
        "index: expected integers or a mask, got numbers of float32; use .long()",
    ),
    "add None": (lambda: X + None, TypeError, "add: expected tensors or numbers, got float32 and NoneType; use "),
    "add text": (lambda: X + "a", TypeError, "add: expected tensors or numbers, got float32 and str"),
    "not of floats": (lambda: ~X, nn.DtypeError, "bitwise_not: is not defined for float32; convert with .to(dtype)"),
    "ragged": (
        lambda: nn.tensor([[1, 2], [3]]),
        ValueError,
        "tensor: nested lists must be equally long, got [[1, 2], [3]]; pad or cut them",
    ),
    "tensor of text": (lambda: nn.tensor(["a"]), TypeError, "tensor: expected numbers, got ['a']"),
    "tensor of None": (lambda: nn.tensor(None), TypeError, "tensor: expected numbers, got None"),
    "length of a float": (
        lambda: nn.ones(2.5),
        TypeError,
        "shape: expected integers, one by one or as a tuple, got 2.5",
    ),
    "layer of a float": (
        lambda: nn.Linear(3.0, 2),
        TypeError,
        "shape: expected integers, one by one or as a tuple, got (2, 3.0)",
    ),
    "optimiser of a model": (
        lambda: optim.Adam(layer()),
        TypeError,
        "Adam: params must be an iterable of tensors, got a Linear; pass model.parameters()",
    ),
    "optimiser of a state": (
        lambda: optim.SGD(layer().state_dict(), 0.1),
        TypeError,
        "SGD: params must be an iterable of tensors, got OrderedDict; pass model.parameters()",
    ),
    "optimiser of a number": (lambda: optim.SGD(3, 0.1), TypeError, "got int; pass model.parameters()"),
    "rate as text": (
        lambda: optim.Adam(layer().parameters(), lr="0.1"),
        TypeError,
        "Adam: lr must be a number, got the text '0.1'",
    ),
    "clip a model": (
        lambda: nn.utils.clip_grad_norm_(layer(), 1.0),
        TypeError,
        "clip_grad: expected a tensor or an iterable of them, got Linear; pass model.parameters()",
    ),
    "features": (lambda: layer()(W), nn.ShapeError, "linear: x has 5 features in its last axis, weight (2, 3)"),
    "no flatten": (
        lambda: nn.Sequential(nn.Conv2d(1, 2, 3), nn.Linear(72, 2))(IMAGE),
        nn.ShapeError,
        "flatten it first, e.g. nn.Flatten()",
    ),
    "channels": (lambda: nn.Conv2d(3, 8, 3)(IMAGE), nn.ShapeError, "conv2d: x has 1 channels (axis C of (1, 1, 8, 8))"),
    "array for a tensor": (lambda: layer()(np.ones((2, 3))), TypeError, "linear: input must be a tensor, got ndarray"),
    "list in Sequential": (
        lambda: nn.Sequential([layer()]),
        TypeError,
        "Sequential: entry 0 must be a module, got list; write Sequential(*modules)",
    ),
    "class in Sequential": (lambda: nn.Sequential(nn.ReLU), TypeError, "got type; call the class: ReLU(...)"),
    "function in Sequential": (lambda: nn.Sequential(relu), TypeError, "got function; wrap the function in a module"),
    "call of a list": (
        lambda: nn.ModuleList([layer()])(X),
        NotImplementedError,
        "ModuleList: it only holds modules; call those in it, or use nn.Sequential",
    ),
    "call of a dict": (
        lambda: nn.ModuleDict({"a": layer()})(X),
        NotImplementedError,
        "ModuleDict: it only holds modules",
    ),
    "no forward": (lambda: type("Net", (nn.Module,), {})()(X), NotImplementedError, "Net: write a method forward(self"),
    "loss shapes": (
        lambda: mse_loss(X, W),
        nn.ShapeError,
        "mse_loss: target has shape (4, 5), input has (2, 3); make them equal",
    ),
    "classes": (
        lambda: cross_entropy(X, nn.tensor([0, 3])),
        IndexError,
        "cross_entropy: class index 3 is out of range",
    ),
    "summary of a tensor": (
        lambda: nn.summary(layer(), X),
        TypeError,
        "summary: input_size must be a shape, got a tensor; pass it as input_data, or pass its shape",
    ),
    "backward of many": (
        lambda: (nn.ones(2, requires_grad=True) * 2).backward(),
        nn.GradError,
        "reduce it first, e.g. .sum()",
    ),
    "truth of many": (lambda: bool(X), RuntimeError, "is neither true nor false; use .any() or .all()"),
}

INTERNALS = re.compile(
    r"numpy\.|newaxis|gufunc|signature|starts=|concatenate|remapped|not iterable|array of dimension|inhomogeneous|<U\d"
    r"|ufunc|cannot be interpreted|core dimension|object arrays?|\bcame\b|wanted|anew"
)


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_gets_a_sentence_of_ours(name):
    call, error, message = MISTAKES[name]
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)
    assert not INTERNALS.search(str(caught.value)), str(caught.value)
