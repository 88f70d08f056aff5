"""x.name_() leaves in x what x.name() returns, says that the data changed, and is refused where the tape needs it."""

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
SKIPPED = {"requires_grad", "bernoulli", "rrelu", "normal", "uniform"}  # no function of the data, or random
ONE = {
    "clamp_max": (0.6,), "clamp_min": (0.6,), "clamp": (0.4, 0.6), "clip": (0.4, 0.6), "cumprod": (0,), "cumsum": (0,),
    "float_power": (2,), "pow": (2,), "mvlgamma": (1,), "polygamma": (1,), "threshold": (0.5, 0.1),
}  # fmt: skip
INDEX, ROW = nn.tensor([0, 2]), nn.tensor([[5.0, 6.0]])
OTHERS = {
    "addcdiv": (nn.ones(3, 2), nn.ones(3, 2) * 2), "addcmul": (nn.ones(3, 2), nn.ones(3, 2) * 2),
    "index_add": (0, INDEX, nn.ones(2, 2)), "index_copy": (0, INDEX, nn.ones(2, 2)), "index_fill": (0, INDEX, 7.0),
    "index_put": ((INDEX,), ROW), "index_reduce": (0, INDEX, nn.ones(2, 2) * 3, "prod"), "lerp": (nn.ones(3, 2), 0.25),
    "masked_fill": (nn.tensor([[True, False]]), 7.0), "masked_scatter": (nn.ones(3, 2) > 0, nn.arange(6).float()),
    "put": (INDEX, nn.ones(2)), "scatter": (0, nn.tensor([[0, 1]]), ROW), "scatter_add": (0, nn.tensor([[0, 1]]), ROW),
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
    values = np.linspace(0.15, 0.85, 6).reshape(3, 2)
    return nn.tensor(values + 1 if name in {"acosh", "arccosh"} else values)


def arguments(name):
    if name in BINARY:
        return (nn.tensor([[1, 2]]) if name in WHOLE else nn.tensor([[0.5, 0.3]], dtype=nn.float64),)
    found = ONE.get(name, OTHERS.get(name, ()))
    return tuple(a.double() if isinstance(a, nn.Tensor) and a.dtype.kind == "f" else a for a in found)


@pytest.mark.parametrize("name", [n for n in NAMES if n not in SKIPPED])
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
        w = nn.ones(3, 2, dtype=nn.float64, requires_grad=True)
        loss = (w * x).sum()
        getattr(x, f"{name}_")(*arguments(name))
        with pytest.raises(nn.GradError, match="changed in place"):
            loss.backward()

    def test_it_is_refused_where_gradients_are_recorded(self, name):
        x = data(name)
        if x.dtype.kind != "f":
            pytest.skip("integers have no gradient")
        x.requires_grad_()
        with pytest.raises(nn.GradError, match=r"_: a tensor that requires gradients cannot be changed in place"):
            getattr(x, f"{name}_")(*arguments(name))
