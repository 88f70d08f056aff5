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
    "a text as a number": (
        lambda: nn.zeros(2, 2).fill_diagonal_("a"),
        nn.DtypeError,
        "fill_diagonal_: expected a tensor or a number, got 'a'",
    ),
    "None as a number": (
        lambda: nn.zeros(2).fill_(None),
        nn.DtypeError,
        "fill_: expected a tensor or a number, got None",
    ),
    "a list of texts": (
        lambda: X.clone().__setitem__(0, ["a"] * 3),
        nn.DtypeError,
        "item assignment: expected a tensor",
    ),
    "a value for another place": (
        lambda: X.clone().__setitem__(0, nn.ones(4)),
        nn.ShapeError,
        "item assignment: a value of shape (4,) does not fit into a place of shape (3,) in a tensor of (2, 3)",
    ),
    "layer_norm by a number": (
        lambda: nn.functional.layer_norm(X, 3),
        TypeError,
        "layer_norm: normalized_shape must be a tuple of the last lengths, got 3; write (3,)",
    ),
    "rms_norm by a number": (lambda: nn.functional.rms_norm(X, 3), TypeError, "rms_norm: normalized_shape must be"),
    "lp_pool without a step": (
        lambda: nn.functional.lp_pool2d(IMAGE, 2, 2, stride=0),
        nn.RangeError,
        "lp_pool2d: stride must be an integer >= 1, or 2 of them; got 0",
    ),
    "lp_pool of infinity": (
        lambda: nn.functional.lp_pool2d(IMAGE, float("inf"), 2, stride=0),
        nn.RangeError,
        "lp_pool2d: stride must be an integer >= 1",
    ),
    "max of nothing": (lambda: nn.zeros(0).max(), IndexError, "max: no elements to choose from in shape (0,)"),
    "min of nothing": (lambda: nn.zeros(0, 3).min(0), IndexError, "min: no elements to choose from in shape (0, 3)"),
    "aminmax of nothing": (lambda: nn.aminmax(nn.zeros(0)), IndexError, "aminmax: no elements to choose from"),
    "max over an axis that is not there": (lambda: nn.zeros(0, 3).max(5), IndexError, "dim 5 is out of range"),
    "a vector by a matrix": (
        lambda: nn.ones(4) @ X,
        nn.ShapeError,
        "matmul: operands of shape (4,) and (2, 3) do not fit: the last axis of the first has 4, the last axis but one "
        "of the second 2; make them equal",
    ),
    "a matrix by a vector": (
        lambda: X @ nn.ones(4),
        nn.ShapeError,
        "matmul: operands of shape (2, 3) and (4,) do not fit: the last axis of the first has 3, the axis of the",
    ),
    "where of numbers": (
        lambda: nn.where(X, 1.0, 2.0),
        nn.DtypeError,
        "where: condition must be a tensor of booleans, got float32; compare it, e.g. condition > 0",
    ),
    "where as a method": (lambda: X.where(nn.arange(3), 0.0), nn.DtypeError, "tensor of booleans, got int64"),
    "a state without a name and of another shape": (
        lambda: layer().load_state_dict({"weight": nn.ones(3, 3)}),
        nn.ShapeError,
        "load_state_dict: Linear and the state differ: missing ['bias']; weight has shape (2, 3) in Linear, got (3, 3)"
        "; make the model as it was saved",
    ),
    "a state of other shapes": (
        lambda: layer().load_state_dict({"weight": nn.ones(3, 3), "bias": nn.ones(1)}),
        nn.ShapeError,
        "weight has shape (2, 3) in Linear, got (3, 3); bias has shape (2,) in Linear, got (1,); make",
    ),
    "an index too large": (
        lambda: X[0, 5],
        IndexError,
        "index: 5 is out of range for axis 1 of shape (2, 3); it must be from -3 to 2",
    ),
    "an index of nothing": (lambda: nn.zeros(0)[0], IndexError, "0 is out of range for axis 0 of shape (0,); the axis"),
    "an index to write to": (lambda: X.clone().__setitem__(-3, 0), IndexError, "index: -3 is out of range for axis 0"),
    "a tensor of indices": (lambda: X[nn.tensor([0, 7])], IndexError, "index: 7 is out of range for axis 0 of shape"),
    "too many indices": (lambda: X[0, 0, 0], IndexError, "index: the tensor has 2 axes, (2, 3), got 3 indices; leave"),
    "a mask of another length": (
        lambda: X[nn.tensor([True, False, True])],
        IndexError,
        "index: a mask must be as long as the axis it picks from; axis 0 of shape (2, 3) has 2, got 3",
    ),
    "indices that do not broadcast": (
        lambda: X[[0, 1], [0, 1, 2]],
        IndexError,
        "indices of several axes must be of one",
    ),
    "two ellipses": (lambda: X[..., ...], IndexError, "index: '...' stands for all axes that are left, got it twice"),
    "a step of 0": (lambda: X[::0], IndexError, "index: the step of a slice must not be 0; leave it out for 1"),
    "a bound that is no number": (lambda: X[0:"a"], IndexError, "the bounds of a slice must be integers or left out"),
    "a loss called where it is made": (
        lambda: nn.CrossEntropyLoss(X, nn.tensor([0, 1])),
        TypeError,
        "CrossEntropyLoss: got a tensor where the layer is made; make the layer first, then call it: "
        "layer = nn.CrossEntropyLoss(...), layer(input, target)",
    ),
    "a loss without weights": (
        lambda: nn.MSELoss(X, X),
        TypeError,
        "then call it: layer = nn.MSELoss(...), layer(input",
    ),
    "a layer called where it is made": (
        lambda: nn.ReLU(X)(X),
        TypeError,
        "ReLU: got a tensor where the layer is made; make the layer first, then call it: layer = nn.ReLU(...), layer(",
    ),
    "a layer without arguments": (lambda: nn.Sigmoid(X), TypeError, "then call it: layer = nn.Sigmoid(...), layer(x)"),
    "a layer with sizes": (lambda: nn.Linear(X, 2), TypeError, "Linear: got a tensor where the layer is made"),
    "uniform_ beyond float16": (
        lambda: nn.zeros(3, dtype=nn.float16).uniform_(-70000, 70000),
        nn.RangeError,
        "uniform_: low, high and their distance must be numbers of float16, at most 65504, got -70000 and 70000",
    ),
}

INTERNALS = re.compile(
    r"numpy\.|newaxis|gufunc|signature|starts=|concatenate|remapped|not iterable|array of dimension|inhomogeneous|<U\d"
    r"|ufunc|cannot be interpreted|core dimension|object arrays?|could not|out of bounds|\bcame\b|wanted|anew"
)


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_gets_a_sentence_of_ours(name):
    call, error, message = MISTAKES[name]
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)
    assert not INTERNALS.search(str(caught.value)), str(caught.value)


def test_a_loss_takes_its_weights_and_layers_of_ones_own_their_tensors():
    class Scaled(nn.ReLU):
        def __init__(self, scale):
            super().__init__()
            self.scale = scale

    weight = nn.tensor([1.0, 2.0, 3.0])
    assert nn.CrossEntropyLoss(weight).weight is weight
    assert nn.BCEWithLogitsLoss(weight, pos_weight=weight).pos_weight is weight
    assert Scaled(weight).scale is weight


@pytest.mark.parametrize("module", ["derivatives", "fft", "init", "testing"])
def test_a_file_that_is_asked_for_whole_lists_its_own_names_alone(module):
    assert dir(getattr(nn, module)) == sorted(getattr(nn, module).__all__)
