"""x.name_() leaves in x what x.name() returns, autograd follows, and a graph that needs the old data notices."""

import gc
import inspect
import weakref

import numpy as np
import pytest

import nn

WHOLE = {
    "bitwise_and",
    "bitwise_left_shift",
    "bitwise_not",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "gcd",
    "lcm",
}
SKIPPED = {"requires_grad", "bernoulli", "rrelu", "normal", "uniform", "detach"}  # no function of the data, or random
VIEWS = {"squeeze": (), "swapaxes": (0, 1), "swapdims": (0, 1), "t": (), "transpose": (0, 1), "unsqueeze": (0,)}
ONE = {
    "clamp_max": (0.6,), "clamp_min": (0.6,), "clamp": (0.4, 0.6), "clip": (0.4, 0.6), "cumprod": (0,), "cumsum": (0,),
    "renorm": (2, 0, 0.4), "float_power": (2,), "pow": (2,), "mvlgamma": (1,), "polygamma": (1,),
    "threshold": (0.5, 0.1),
}  # fmt: skip
INDEX, ROW = nn.tensor([0, 2]), nn.tensor([[5.0, 6.0]])
OTHERS = {
    "addcdiv": (nn.ones(3, 2), nn.ones(3, 2) * 2), "addcmul": (nn.ones(3, 2), nn.ones(3, 2) * 2),
    "index_add": (0, INDEX, nn.ones(2, 2)), "index_copy": (0, INDEX, nn.ones(2, 2)), "index_fill": (0, INDEX, 7.0),
    "index_put": ((INDEX,), ROW), "index_reduce": (0, INDEX, nn.ones(2, 2) * 3, "prod"), "lerp": (nn.ones(3, 2), 0.25),
    "masked_fill": (nn.tensor([[True, False]]), 7.0), "masked_scatter": (nn.ones(3, 2) > 0, nn.arange(6).float()),
    "put": (INDEX, nn.ones(2)), "scatter": (0, nn.tensor([[0, 1]]), ROW), "scatter_add": (0, nn.tensor([[0, 1]]), ROW),
    "addmm": (nn.ones(3, 4), nn.ones(4, 2)), "addmv": (nn.ones(3, 4), nn.ones(4)), "addr": (nn.ones(3), nn.ones(2)),
    "baddbmm": (nn.ones(2, 3, 4), nn.ones(2, 4, 2)), "addbmm": (nn.ones(2, 3, 4), nn.ones(2, 4, 2)),
    "scatter_reduce": (0, nn.tensor([[0, 1]]), ROW, "sum"), "heaviside": (nn.ones(3, 2),), "ldexp": (nn.ones(3, 2),),
}  # fmt: skip
BINARY = {
    "add", "arctan2", "atan2", "copysign", "div", "divide", "eq", "floor_divide", "fmod", "ge", "greater",
    "greater_equal", "gt", "hypot", "igamma", "igammac",
    "le", "less", "less_equal", "logical_and", "logical_or", "logical_xor", "lt", "mul",
    "multiply", "ne", "nextafter", "not_equal", "remainder", "sub", "subtract", "true_divide", "xlogy",
} | (WHOLE - {"bitwise_not"})  # fmt: skip
NAMES = sorted(
    name.removesuffix("_")
    for name in dir(nn.Tensor)
    if name.endswith("_") and not name.startswith("_") and hasattr(nn.Tensor, name.removesuffix("_"))
)


def data(name):
    if name in WHOLE:
        return nn.tensor([[1, 2], [3, 4], [5, 6]])
    if name == "addmv":
        return nn.tensor(np.linspace(0.15, 0.85, 3))
    if name == "baddbmm":
        return nn.tensor(np.linspace(0.15, 0.85, 12).reshape(2, 3, 2))
    values = np.linspace(0.15, 0.85, 6).reshape(3, 2)
    return nn.tensor(values + 1 if name in {"acosh", "arccosh"} else values)


def arguments(name):
    if name in BINARY:
        return (nn.tensor([[1, 2]]) if name in WHOLE else nn.tensor([[0.5, 0.3]], dtype=nn.float64),)
    found = ONE.get(name, OTHERS.get(name, ()))
    return tuple(a.double() if isinstance(a, nn.Tensor) and a.dtype.kind == "f" else a for a in found)


@pytest.mark.parametrize("name", [n for n in NAMES if n not in SKIPPED and n not in VIEWS])
class TestInPlace:
    def test_it_leaves_what_the_function_returns_and_returns_the_tensor(self, name):
        x = data(name)
        wanted = getattr(x, name)(*arguments(name))
        view = x[:]
        assert getattr(x, f"{name}_")(*arguments(name)) is x
        np.testing.assert_array_equal(x.numpy(), wanted.numpy().astype(x.dtype))
        np.testing.assert_array_equal(view.numpy(), x.numpy())

    def test_a_graph_that_needs_the_data_notices(self, name):
        x = data(name)
        if x.dtype.kind != "f":
            pytest.skip("integers have no gradient")
        w = nn.ones(*x.shape, dtype=nn.float64, requires_grad=True)
        loss = (w * x).sum()
        getattr(x, f"{name}_")(*arguments(name))
        with pytest.raises(nn.GradError, match="changed in place"):
            loss.backward()

    def test_a_leaf_is_refused_where_gradients_are_recorded(self, name):
        x = data(name)
        if x.dtype.kind != "f":
            pytest.skip("integers have no gradient")
        x.requires_grad_()
        with pytest.raises(nn.GradError, match=r"_: a leaf that requires gradients cannot be changed in place"):
            getattr(x, f"{name}_")(*arguments(name))

    def test_autograd_follows(self, name):
        """The gradient of x.name_() is that of x.name()."""
        if data(name).dtype.kind != "f":
            pytest.skip("integers have no gradient")
        w = data(name).requires_grad_()
        upstream = nn.randn(*w.shape, dtype=nn.float64)
        x = w.clone()
        changed = getattr(x, f"{name}_")(*arguments(name))
        wanted = getattr(w, name)(*arguments(name))
        assert changed is x
        if wanted.dtype.kind != "f" or not wanted.requires_grad:
            return
        for result in (x, wanted):
            w.grad = None
            result.backward(upstream)
            found = w.grad
        np.testing.assert_allclose(found.numpy(), w.grad.numpy())


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_in_place_reads_the_same_memory_and_keeps_the_history(name):
    w = nn.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)
    x = w * 2
    row, wanted = x[0], getattr(x, name)(*VIEWS[name])
    assert getattr(x, f"{name}_")(*VIEWS[name]) is x
    assert x.tolist() == wanted.tolist()
    row.mul_(10)  # made before x was turned: x follows
    assert x.tolist() == wanted.tolist()
    x.sum().backward()
    assert w.grad.tolist() == [[20, 20, 20], [2, 2, 2]]
    with pytest.raises(nn.GradError, match="_: a leaf that requires gradients cannot be changed in place"):
        getattr(w, f"{name}_")(*VIEWS[name])


def test_what_reads_the_memory_of_its_input_says_so():
    """Every function and method with one tensor: writing through what it returns is noticed by an earlier node."""
    calls = {name: ((), {}) for name in sorted({*dir(nn), *dir(nn.Tensor), *dir(nn.linalg), *dir(nn.functional)})}
    calls |= {
        "as_strided": (((2, 2), (3, 1)), {}), "broadcast_to": (((2, 3, 3),), {}), "chunk": ((2,), {}),
        "expand": ((2, 3, 3), {}), "expand_as": ((nn.zeros(2, 3, 3),), {}), "flatten": ((), {}),
        "movedim": ((0, 1), {}), "moveaxis": ((0, 1), {}), "narrow": ((0, 1, 2), {}), "permute": (((1, 0),), {}),
        "reshape": (((9,),), {}), "reshape_as": ((nn.zeros(9),), {}), "select": ((0, 1), {}), "split": ((2,), {}),
        "sum_to_size": (((3, 3),), {}), "swapaxes": ((0, 1), {}), "swapdims": ((0, 1), {}), "tensor_split": ((2,), {}),
        "to": ((nn.float32,), {}), "transpose": ((0, 1), {}), "unflatten": ((0, (3, 1)), {}), "unfold": ((0, 2, 1), {}),
        "unsqueeze": ((0,), {}), "view": ((nn.int32,), {}), "view_as": ((nn.zeros(9),), {}), "hsplit": ((3,), {}),
        "vsplit": ((3,), {}), "__getitem__": ((0,), {}), "type_as": ((nn.zeros(1),), {}),
    }  # fmt: skip
    shared, hidden = [], []
    for name, (args, named) in calls.items():
        for owner in (nn, nn.Tensor, nn.linalg, nn.functional):
            function = getattr(owner, name, None) if name != "data" else lambda x: x.data
            if inspect.isclass(function):
                continue
            x = nn.arange(9).float().reshape(3, 3).clone()
            try:
                with nn.no_grad():
                    results = function(x, *args, **named)
            except Exception:
                continue
            for result in results if isinstance(results, tuple | list) else [results]:
                if not isinstance(result, nn.Tensor) or not np.may_share_memory(result._array, x._array):
                    continue
                shared.append(name)
                if result is not x and result._memory() is not x._memory():
                    hidden.append(f"{owner.__name__}.{name}")
    assert hidden == []
    assert {"diagonal", "detach", "reshape", "T", "__getitem__", "narrow", "unfold", "sum_to_size"} <= {*shared, "T"}
    assert len(set(shared)) > 30


def test_nn_diagonal_under_no_grad_is_noticed():
    """What the tape did not know of once: the gradient was that of the changed data."""
    for diagonal in (nn.Tensor.diagonal, nn.diagonal, nn.linalg.diagonal):
        w, x = nn.ones(3, 3, requires_grad=True), nn.ones(3, 3)
        loss = (w * x).sum()
        with nn.no_grad():
            diagonal(x).fill_(9.0)
        with pytest.raises(nn.GradError, match=r"operand other of mul, shape .* was changed in place"):
            loss.backward()


def test_windows_are_written_to_where_none_overlaps():
    x = nn.zeros(7)
    x.unfold(0, 2, 3).fill_(1.0)
    assert x.tolist() == [1, 1, 0, 1, 1, 0, 0]
    with pytest.raises(nn.ShapeError, match=r"fill_: the memory of this tensor cannot be written to, .* use clone\(\)"):
        x.unfold(0, 3, 2).fill_(1.0)


def test_views_that_are_gone_are_forgotten():
    x = nn.zeros(10)
    for _ in range(1000):
        x[0:1]
    assert len(x._memory().views) < 50


def test_a_changed_tensor_is_freed_with_its_last_name():
    gc.disable()
    try:
        w = nn.ones(3, 3, requires_grad=True)
        x = w * 1
        row = x[0]
        row.mul_(2)
        x.exp_()
        x[1] = row * 3
        kept = [weakref.ref(x), weakref.ref(row)]
        del x, row
        assert [reference() for reference in kept] == [None, None]
    finally:
        gc.enable()


@pytest.mark.parametrize("value", [(), (1,), (1, 1), (3,), (1, 3), (1, 1, 3)], ids=str)
def test_an_assigned_value_may_have_further_axes_of_length_1(value):
    w = nn.ones(value, requires_grad=True)
    place = 0 if value[-1:] == (3,) else (0, 0)
    x = nn.zeros(2, 3)
    x[place] = 2 * w
    (x * x).sum().backward()
    assert w.grad.shape == value
    assert w.grad.tolist() == nn.full(value, 8.0).tolist()


def test_operands_that_do_not_fit_are_named_without_numpys_words():
    with pytest.raises(
        nn.ShapeError, match=r"^add_: operands of shape \(2,\) and \(3,\) do not fit: axis -1 has 2 and 3;"
    ):
        nn.ones(2).add_(nn.ones(3))
    with pytest.raises(
        nn.ShapeError, match=r"^mul_: .* \(3, 2\) do not fit: the result does not have the shape of the"
    ):
        nn.ones(2).mul_(nn.ones(3, 2))
    with pytest.raises(nn.ShapeError, match=r"\(2,\) and \(0,\) do not fit: axis -1 has 0 and 2"):
        _ = nn.ones(2) == nn.ones(0)
    with pytest.raises(
        nn.OutOfBoundsError, match=r"^index: expected integers of 64 bits, slices, '\.\.\.', None, and lists"
    ):
        nn.ones(2)[2**70]


@pytest.mark.parametrize("name", ["t_", "transpose_", "unsqueeze_", "squeeze_", "swapaxes_"])
def test_a_tensor_turned_inside_no_grad_keeps_its_history(name):
    """PyTorch keeps it too, but does not turn the gradient back."""
    x = nn.tensor([[1.0, 2.0, 3.0]], requires_grad=True)
    y = x * 2
    with nn.no_grad():
        getattr(y, name)(*{"transpose_": (0, 1), "swapaxes_": (0, 1), "unsqueeze_": (0,)}.get(name, ()))
    (y * nn.tensor([1.0, 10.0, 100.0]).reshape(y.shape)).sum().backward()
    assert x.grad.tolist() == [[2.0, 20.0, 200.0]]


@pytest.mark.parametrize("other", [nn.int8, nn.int32, nn.int64, nn.uint8], ids=str)
@pytest.mark.parametrize("own", [nn.uint8, nn.int8, nn.int16], ids=str)
def test_integers_of_another_type_are_added_in_place(own, other):
    for term, expected in ((nn.tensor([5, 1], dtype=other), [8, 73]), (nn.tensor(5, dtype=other), [8, 77])):
        x = nn.tensor([3, 72], dtype=own)
        x += term
        assert (x.dtype, x.tolist()) == (own, expected)
    x = nn.tensor([3], dtype=own)
    x -= nn.tensor([4], dtype=other)
    assert x.item() == (255 if own == nn.uint8 else -1)


@pytest.mark.parametrize("name", ["bitwise_or", "remainder", "pow", "clamp", "cumsum"])
def test_integers_of_any_kind_keep_the_last_bytes_of_a_wider_result(name):
    x, other = np.array([200, 2, 3], np.uint8), 0 if name == "cumsum" else np.array([300, 7, 2])
    y = nn.tensor(x)
    assert getattr(y, f"{name}_")(other if name == "cumsum" else nn.tensor(other)) is y
    plain = {
        "bitwise_or": lambda: x | other, "remainder": lambda: x % other, "pow": lambda: x.astype(int) ** other,
        "clamp": lambda: np.maximum(x, other), "cumsum": lambda: np.cumsum(x),
    }  # fmt: skip
    assert y.dtype == np.uint8
    np.testing.assert_array_equal(y.numpy(), plain[name]().astype(np.uint8))
