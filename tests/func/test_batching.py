"""The map over a batch: the loop by definition, PyTorch's, and what is refused."""

import functools
import inspect

import numpy as np
import pytest

import nn
from nn.func import grad, hessian, jacfwd, jacrev, stack_module_state, vmap
from nn.func.batching import _ELEMENTWISE

ELEMENTWISE = sorted(_ELEMENTWISE, key=lambda function: function.__name__)


def double(rng, *shape):
    return nn.tensor(rng.uniform(0.3, 0.9, size=shape))


def close(a, b):
    assert a.shape == b.shape
    assert a.dtype == b.dtype
    np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-12)


def by_hand(function, *args, axes=None):
    """The definition: the function of each slice, stacked."""
    axes = axes or [0] * len(args)
    count = next(a.shape[d] for a, d in zip(args, axes, strict=True) if d is not None)
    slices = [[a if d is None else a.select(d, i) for a, d in zip(args, axes, strict=True)] for i in range(count)]
    return nn.stack([function(*s) for s in slices])


ONE = [([(4, 3)], [0]), ([(2, 4)], [1]), ([(4,)], [-1]), ([(0, 3)], [0])]
TWO = [
    ([(4, 3), (4, 2, 3)], [0, 0]), ([(3, 4), (3,)], [1, None]), ([(2, 3), (4,)], [None, 0]), ([(4,), (4, 2)], [0, 0]),
    ([(4, 3), (4, 3)], [0, 0]), ([(), (4,)], [None, 0]),
]  # fmt: skip


@pytest.mark.parametrize("function", ELEMENTWISE, ids=lambda function: function.__name__)
def test_elementwise_functions_are_called_once_and_equal_the_loop(function, rng):
    plain = inspect.unwrap(function)
    operand_count = plain.__code__.co_argcount - len(plain.__defaults__ or ())
    for shapes, axes in ONE if operand_count == 1 else TWO:
        operands = [double(rng, *s) + (1 if function in (nn.acosh, nn.arccosh) else 0) for s in shapes]
        looped = vmap(lambda *slices: function(*slices), in_dims=tuple(axes))(*operands)
        close(vmap(function, in_dims=tuple(axes))(*operands), looped)
        if 0 not in looped.shape:
            close(looped, by_hand(function, *operands, axes=axes))


def test_an_elementwise_function_is_one_op_however_long_the_batch():
    x = nn.ones(50, 2, requires_grad=True)
    whole, looped = vmap(nn.sin)(x), vmap(lambda row: nn.sin(row))(x)
    assert depth(whole.grad_fn) < 6 < 50 < depth(looped.grad_fn)


def depth(node):
    """How many nodes the graph has."""
    seen, rest = set(), [node]
    while rest:
        node = rest.pop()
        if node not in seen:
            seen.add(node)
            rest += [edge for edge in getattr(node, "edges", ()) if edge is not None]
    return len(seen)


def test_a_rule_is_not_taken_for_a_function_that_wraps_another(rng):
    x, y = double(rng, 4, 3), double(rng, 4, 3)

    @functools.wraps(nn.add)
    def sums(x, y):
        return nn.add(x, y).sum()

    close(vmap(sums)(x, y), (x + y).sum(1))
    close(vmap(vmap(nn.add))(x, y), x + y)
    close(vmap(vmap(nn.add, in_dims=(None, 0)), in_dims=(0, None))(x[:, 0], y[:, 0]), x[:, :1] + y[:, 0])
    close(vmap(nn.add, in_dims=(0, None), out_dims=1)(x, y[0]), (x + y[0]).T)


def test_the_common_type_is_that_of_each_call():
    """A float64 number does not widen a float32 vector, however many numbers there are."""
    numbers, vector = nn.ones(4, dtype=nn.float64), nn.ones(3)
    assert vmap(nn.add, in_dims=(0, None))(numbers, vector).dtype == nn.float32


def test_results_and_arguments_may_be_nested(rng):
    data = {"x": double(rng, 4, 3), "y": [double(rng, 3, 4), double(rng, 2)]}

    def function(data, scale):
        x, (y, whole) = data["x"], data["y"]
        return {"sum": x + y, "pair": (x * scale, whole.sum())}

    out = vmap(function, in_dims=({"x": 0, "y": [1, None]}, None), out_dims={"sum": 1, "pair": (0, None)})(data, 2)
    close(out["sum"], data["x"].T + data["y"][0])
    close(out["pair"][0], data["x"] * 2)
    close(out["pair"][1], data["y"][1].sum())
    close(vmap(lambda x, *, shift: x + shift)(data["x"], shift=nn.ones(4).double()), data["x"] + 1)


def test_a_function_may_branch_on_its_values():
    function = vmap(lambda x: x * 2 if x > 0 else x * 0)
    assert function(nn.tensor([-1.0, 2.0])).tolist() == [0, 4]
    assert vmap(lambda x: nn.tensor(x.item()))(nn.tensor([1.0, 2.0])).tolist() == [1, 2]


def test_gradients_flow_through_the_map(rng):
    x, w = double(rng, 4, 3).requires_grad_(), double(rng, 3).requires_grad_()
    total = vmap(lambda x: (x * w).sin().sum())(x).sum()
    got = nn.grad(total, [x, w])
    wanted = nn.grad((x * w).sin().sum(), [x, w])
    for a, b in zip(got, wanted, strict=True):
        close(a, b)
    assert nn.testing.gradcheck(vmap(lambda x, y: (x @ y).exp(), in_dims=(0, None)), (x, w))
    assert nn.testing.gradcheck(vmap(nn.mul, in_dims=(0, None)), (x, w))


def test_gradients_of_each_example_are_those_of_the_loop(rng):
    nn.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2)).double()
    params = {name: p.detach() for name, p in net.named_parameters()}
    x, y = double(rng, 6, 3), nn.tensor(rng.integers(0, 2, 6))

    def loss(params, x, y):
        return nn.functional.cross_entropy(nn.func.functional_call(net, params, x.unsqueeze(0)), y.unsqueeze(0))

    each = vmap(grad(loss), in_dims=(None, 0, 0))(params, x, y)
    for i in range(6):
        net.zero_grad()
        nn.functional.cross_entropy(net(x[i : i + 1]), y[i : i + 1]).backward()
        for name, p in net.named_parameters():
            np.testing.assert_allclose(each[name][i].numpy(), p.grad.numpy(), rtol=1e-12)
    net.zero_grad()
    nn.functional.cross_entropy(net(x), y).backward()
    for name, p in net.named_parameters():
        np.testing.assert_allclose(each[name].mean(0).numpy(), p.grad.numpy(), rtol=1e-12)


def test_compositions(rng):
    x = double(rng, 4, 3)

    def function(x):
        return (x**3).sum() * x

    close(vmap(jacrev(function))(x), vmap(jacfwd(function))(x))
    close(jacrev(vmap(nn.sin))(x[0]), x[0].cos().diag())
    close(vmap(hessian(lambda x: (x**3).sum()))(x), vmap(lambda x: (6 * x).diag())(x))
    close(grad(lambda x: vmap(lambda row: (row**2).sum())(x).sum())(x), 2 * x)
    _, pull = nn.func.vjp(function, x[0])
    rows = vmap(pull)(nn.eye(3, dtype=nn.float64))[0]  # a Jacobian, row by row
    close(rows, jacrev(function)(x[0]))


def test_an_ensemble_is_its_models(rng):
    nn.manual_seed(0)
    models = [nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU()).eval() for _ in range(3)]
    params, buffers = stack_module_state(models)
    assert params["0.weight"].shape == (3, 4, 3)
    assert params["0.weight"].is_leaf
    assert params["0.weight"].requires_grad
    x = nn.tensor(rng.normal(size=(5, 3)).astype(np.float32))

    def one(params, buffers, x):
        return nn.func.functional_call(models[0], (params, buffers), x)

    out = vmap(one, in_dims=(0, 0, None))(params, buffers, x)
    for model, y in zip(models, out, strict=True):
        close(model(x), y)


# -- randomness -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("draw", [
    lambda x: x + nn.randn(3),
    lambda x: nn.functional.dropout(x, 0.5),
    lambda x: nn.bernoulli(x.clamp(0, 1)),
    lambda x: nn.distributions.Normal(x, 1.0).rsample(),
    lambda x: x + nn.rand(3, generator=GENERATOR),
    lambda x: x + nn.randperm(3),
])  # fmt: skip
def test_randomness(draw):
    x = nn.ones(20, 3) / 2
    with pytest.raises(RuntimeError, match="vmap: the function draws random numbers; say with randomness='different'"):
        vmap(draw)(x)
    nn.manual_seed(0)
    GENERATOR.manual_seed(1)
    same = vmap(draw, randomness="same")(x).numpy()
    assert (same == same[0]).all()
    assert (vmap(draw, randomness="same")(x).numpy() != same).any()  # another map draws others
    different = vmap(draw, randomness="different")(x).numpy()
    assert (different != different[0]).any()
    nn.manual_seed(0)
    GENERATOR.manual_seed(1)
    np.testing.assert_array_equal(vmap(draw, randomness="same")(x).numpy(), same)
    close(vmap(lambda x: x * 2)(x), x * 2)
    nn.rand(1)  # and the generator can be drawn from again


GENERATOR = nn.Generator()


# -- sizes and refusals -----------------------------------------------------------------------------------------------
def test_a_batch_of_none(rng):
    assert vmap(lambda x: x.sum())(nn.ones(0, 3)).shape == (0,)
    assert vmap(lambda x: x * 2, in_dims=1, out_dims=1)(nn.ones(3, 0)).shape == (3, 0)
    assert vmap(nn.sin)(nn.ones(0, 3)).shape == (0, 3)


@pytest.mark.parametrize(
    ("action", "error", "message"),
    [
        (lambda: vmap(nn.sin, randomness="some"), ValueError,
         "randomness must be 'error', 'different' or 'same', got 'some'"),
        (lambda: vmap(nn.sin, chunk_size=0), ValueError, "chunk_size must be at least 1 or None, got 0"),
        (lambda: vmap(nn.sin, in_dims=[0]), ValueError, r"in_dims must be an integer or a tuple, .* got \[0\]"),
        (lambda: vmap(nn.sin)(), ValueError, "no argument is mapped over"),
        (lambda: vmap(nn.sin, in_dims=None)(nn.ones(2)), ValueError, "no argument is mapped over"),
        (lambda: vmap(nn.add, in_dims=(0,))(nn.ones(2), nn.ones(2)), ValueError,
         r"in_dims must be an integer, .*\(0,\)"),
        (lambda: vmap(nn.sin, in_dims=((0, 0),))(nn.ones(2)), ValueError, "nested as the values are"),
        (lambda: vmap(nn.add)(nn.ones(2), 3.0), ValueError,
         "over a float, which is no tensor; give None for it"),
        (lambda: vmap(nn.sin)(nn.tensor(1.0)), ValueError, r"axis 0 of a tensor of shape \(\), which has no"),
        (lambda: vmap(nn.sin, in_dims=2)(nn.ones(2, 2)), ValueError, r"over axis 2 of a tensor of shape \(2, 2\)"),
        (lambda: vmap(nn.add)(nn.ones(2), nn.ones(3)), ValueError, r"must have one length, got \[2, 3\]"),
        (lambda: vmap(lambda x: 3.0)(nn.ones(2)), ValueError, "must return tensors, got float"),
        (lambda: vmap(lambda x: None)(nn.ones(2)), ValueError, "must return tensors, got NoneType"),
        (lambda: vmap(lambda x: nn.ones(int(x)))(nn.tensor([1, 2])), ValueError,
         r"one shape for all, got \(1,\) and \(2,\)"),
        (lambda: vmap(lambda x: x * 1, out_dims=2)(nn.ones(2)), ValueError, r"out_dims must be at most 0, .* got 2"),
        (lambda: vmap(lambda x: x * 1, out_dims=(0, 0))(nn.ones(2)), ValueError, "out_dims must be an integer, None"),
        (lambda: vmap(nn.sin, out_dims=(0, 0))(nn.ones(2)), ValueError, "out_dims must be"),
        (lambda: vmap(lambda x: x * 1, out_dims=None)(nn.arange(2)), ValueError, "must be the same in each call"),
        (lambda: stack_module_state([]), ValueError, "models of one class are expected, got none"),
        (lambda: stack_module_state([nn.ReLU(), nn.Tanh()]), ValueError, r"got \['ReLU', 'Tanh'\]"),
    ],
)  # fmt: skip
def test_messages(action, error, message):
    with pytest.raises(error, match=message):
        action()


# -- PyTorch ----------------------------------------------------------------------------------------------------------
def programs(lib, F):
    """(function, in_dims, out_dims, shapes) in PyTorch's words."""
    vmap, grad = lib.func.vmap, lib.func.grad
    yield lib.dot, 0, 0, [(4, 3), (4, 3)]
    yield lib.matmul, (0, None), 0, [(4, 2, 3), (3, 2)]
    yield lib.matmul, (0, 0), -1, [(4, 3), (4, 3, 2)]
    yield lib.add, (0, 1), 0, [(4, 3), (3, 4)]
    yield lib.sin, 1, 1, [(3, 4)]
    yield lib.maximum, (None, 0), 0, [(3,), (4, 3)]
    yield lambda x: x.sum(), 0, 0, [(4, 2, 3)]
    yield lambda x: x.sum(0), 1, 1, [(2, 4, 3)]
    yield lambda x: x.mean(-1, keepdim=True), -1, 0, [(2, 3, 4)]
    yield lambda x: lib.softmax(x, 0), 0, 0, [(4, 3)]
    yield lambda x: x.T @ x, 0, 0, [(4, 3, 2)]
    yield lambda x: x[1:] * x[:-1], 0, 0, [(4, 3)]
    yield lambda x: lib.cat([x, x * 2]), 0, 0, [(4, 3)]
    yield lambda x: lib.stack([x, x * 2], -1), 0, 0, [(4, 3)]
    yield lambda x: x.reshape(-1).cumsum(0), 0, 0, [(4, 2, 3)]
    yield lambda x: (x.max(), x.sort().values, {"a": x.argmax()}), 0, 0, [(4, 3)]
    yield lambda x, w: F.linear(x, w), (0, None), 0, [(4, 3), (2, 3)]
    yield lambda x, w: F.linear(x, w), 0, 0, [(4, 5, 3), (4, 2, 3)]
    yield lambda x, w: F.conv1d(x, w), (0, None), 0, [(4, 2, 2, 7), (3, 2, 3)]
    yield lambda x, w: F.conv1d(x, w), 0, 0, [(4, 2, 2, 7), (4, 3, 2, 3)]
    yield lambda x: F.layer_norm(x, (3,)), 0, 0, [(4, 2, 3)]
    yield lambda x: F.max_pool1d(x, 2), 0, 0, [(4, 2, 2, 6)]
    yield lambda x, y: F.mse_loss(x, y), 0, 0, [(4, 3), (4, 3)]
    yield lambda x: lib.where(x > 0.5, x, -x), 0, 0, [(4, 3)]
    yield lambda x: lib.einsum("ij,jk->ik", x, x), 0, 0, [(4, 3, 3)]
    yield lambda x: lib.linalg.inv(x + 3 * lib.eye(3, dtype=x.dtype)), 0, 0, [(4, 3, 3)]
    yield lambda x: lib.outer(x, x).tril().flip(0), 0, 0, [(4, 3)]
    yield lambda x, y: x.expand(2, 3) + y, (0, None), 0, [(4, 3), (2, 3)]
    yield grad(lambda x: (x**3).sum()), 0, 0, [(4, 3)]
    yield grad(lambda w, x: F.mse_loss(x @ w, x[:, 0]), argnums=0), (None, 0), 0, [(3,), (4, 2, 3)]
    yield lib.func.grad_and_value(lambda x: (x**2).sum()), 0, 0, [(4, 3)]
    yield lib.func.jacrev(lambda x: x.sin() * x.sum()), 0, 0, [(4, 3)]
    yield lib.func.jacfwd(lambda x: x.sin() * x.sum()), 0, 0, [(4, 3)]
    yield lib.func.hessian(lambda x: (x**3).sum()), 0, 0, [(4, 3)]
    yield vmap(lib.dot, in_dims=(None, 0)), (0, None), 0, [(4, 3), (5, 3)]
    yield vmap(vmap(lambda x, y: x * y.sum(), (0, None)), (1, None)), (0, 0), (0), [(4, 2, 3), (4, 2)]
    yield lambda x: (x, x.sum()), 0, (1, 0), [(4, 3)]
    yield lambda x, y: {"a": x + y, "b": [x]}, (0, None), {"a": 1, "b": [0]}, [(4, 3), (3,)]


PROGRAMS = len(list(programs(nn, nn.functional)))


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
@pytest.mark.parametrize("number", range(PROGRAMS))
def test_against_pytorch(number, rng):
    torch = pytest.importorskip("torch", reason="the oracle PyTorch is not installed")
    _, _, _, shapes = list(programs(nn, nn.functional))[number]
    arrays = [rng.uniform(0.1, 1, size=shape) for shape in shapes]
    found = []
    for lib, F in ((nn, nn.functional), (torch, torch.nn.functional)):
        function, in_dims, out_dims, _ = list(programs(lib, F))[number]
        found.append(lib.func.vmap(function, in_dims, out_dims)(*(lib.tensor(a) for a in arrays)))
    ours, theirs = (flat(value) for value in found)
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        assert a.shape == tuple(b.shape)
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-9, atol=1e-12)


def flat(value):
    if isinstance(value, dict):
        return [leaf for part in value.values() for leaf in flat(part)]
    return [leaf for part in value for leaf in flat(part)] if isinstance(value, tuple | list) else [value]


@pytest.mark.parametrize(
    "make",
    [
        lambda lib: lib.func.vmap(lib.sin)(),
        lambda lib: lib.func.vmap(lib.sin, in_dims=None)(lib.ones(2)),
        lambda lib: lib.func.vmap(lib.add)(lib.ones(2), 3.0),
        lambda lib: lib.func.vmap(lib.add, in_dims=(0,))(lib.ones(2), lib.ones(2)),
        lambda lib: lib.func.vmap(lib.sin, in_dims=2)(lib.ones(2, 2)),
        lambda lib: lib.func.vmap(lib.add)(lib.ones(2), lib.ones(3)),
        lambda lib: lib.func.vmap(lambda x: 3.0)(lib.ones(2)),
        lambda lib: lib.func.vmap(lambda x: x, out_dims=(0, 0))(lib.ones(2)),
        lambda lib: lib.func.vmap(lambda x: x + lib.randn(2))(lib.ones(2)),
    ],
)
def test_what_pytorch_refuses_is_refused_with_its_kind_of_error(make):
    torch = pytest.importorskip("torch", reason="the oracle PyTorch is not installed")
    with pytest.raises((ValueError, RuntimeError)) as expected:
        make(torch)
    with pytest.raises(expected.type):
        make(nn)


@pytest.mark.parametrize("change", [lambda buffer, x: buffer.copy_(x), lambda buffer, x: buffer.add_(x)])
@pytest.mark.parametrize("view", [False, True])
def test_a_result_that_the_next_call_overwrites_is_refused(change, view):
    buffer = nn.zeros(2)

    def function(x):
        change(buffer, x)
        return buffer[:1] if view else buffer

    with pytest.raises(RuntimeError, match="vmap: the function changes in place a tensor of an earlier call"):
        nn.func.vmap(function)(nn.arange(6.0).reshape(3, 2))


def test_what_is_changed_in_place_before_it_is_returned_is_taken():
    buffer = nn.zeros(2)

    def function(x):
        y = x * 1
        y[0] = 5.0
        return y.add_(1), buffer.copy_(x).clone()

    changed, copied = nn.func.vmap(function)(nn.arange(6.0).reshape(3, 2))
    assert changed.tolist() == [[6, 2], [6, 4], [6, 6]]
    assert copied.tolist() == [[0, 1], [2, 3], [4, 5]]
