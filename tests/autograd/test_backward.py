"""Backward: right gradients, and an error instead of a wrong one."""

import numpy as np
import pytest

import nn
from nn.autograd import hooks
from nn.autograd.backward import reachable


def leaf(data, dtype=nn.float64):
    return nn.tensor(data, dtype=dtype, requires_grad=True)


def gradient_of(function, *data):
    """The gradients of the sum of function(*leaves) by each leaf."""
    leaves = [leaf(d) for d in data]
    function(*leaves).sum().backward()
    return [t.grad.tolist() for t in leaves]


# -- right gradients --------------------------------------------------------------------------------------------------
def test_broadcasting_is_undone_for_each_operand():
    a, b = leaf(np.ones((3, 1))), leaf([1.0, 2.0, 3.0, 4.0])
    (a * b).sum().backward()
    assert a.grad.tolist() == [[10], [10], [10]]
    assert b.grad.tolist() == [3, 3, 3, 3]


@pytest.mark.parametrize(
    ("left", "right"),
    [((2, 3), (3,)), ((3,), (2, 3)), ((2, 1), (1, 3)), ((), (2, 3)), ((1,), ()), ((4, 1, 3), (2, 1)), ((0, 3), (1, 3))],
)
@pytest.mark.parametrize("name", ["add", "sub", "mul", "div", "maximum", "pow"])
def test_a_gradient_has_the_shape_of_its_operand(left, right, name, rng):
    a, b = leaf(rng.uniform(0.5, 2, left)), leaf(rng.uniform(0.5, 2, right))
    getattr(nn, name)(a, b).sum().backward()
    assert a.grad.shape == left
    assert b.grad.shape == right


@pytest.mark.parametrize(
    ("function", "wanted"),
    [
        (lambda x: 2 - x, -1),
        (lambda x: 2 / x, -0.5),
        (lambda x: x - 2, 1),
        (lambda x: 2**x, 4 * np.log(2)),
        (lambda x: -x, -1),
    ],
)
def test_reflected_operators(function, wanted):
    np.testing.assert_allclose(gradient_of(function, [2.0]), [[wanted]], rtol=1e-12)


def test_an_element_picked_twice_gets_both_gradients():
    assert gradient_of(lambda x: x[[0, 0, 2]], [1.0, 2.0, 3.0]) == [[2, 0, 1]]
    assert gradient_of(lambda x: x[nn.tensor([0, 0, 2])], [1.0, 2.0, 3.0]) == [[2, 0, 1]]


def test_reuse_doubles_24_times_in_linear_time():
    x = leaf(1.0)
    y = x
    for _ in range(24):
        y = y + y
    y.backward()
    assert x.grad.item() == 2**24
    assert len(reachable([y.grad_fn])) == 24


def test_a_leaf_used_in_several_places_collects_all():
    assert gradient_of(lambda x: x * x + x, [3.0]) == [[7]]
    assert gradient_of(lambda x: x + x, [3.0]) == [[2]]


def test_float32_stays_float32():
    x = leaf([1.0], nn.float32)
    y = x * 2.0 + 1.0
    y.backward()
    assert y.dtype == x.grad.dtype == np.float32


@pytest.mark.parametrize("dtypes", [(nn.float32, nn.float64), (nn.float64, nn.float32), (nn.float16, nn.float32)])
def test_each_gradient_has_the_dtype_of_its_operand(dtypes):
    a, b = (leaf([1.0, 2.0], d) for d in dtypes)
    (a * b).sum().backward()
    assert (a.grad.dtype, b.grad.dtype) == dtypes


def test_an_integer_beside_a_float_gets_no_gradient():
    x, n = leaf([1.0, 2.0]), nn.tensor([2, 3])
    (x**n).sum().backward()
    assert x.grad.tolist() == [2, 12]
    assert n.grad is None


@pytest.mark.parametrize(("exponent", "wanted"), [(2, 0), (1, 1), (0, 0), (2.0, 0), (0.0, 0), (3, 0)])
def test_powers_at_zero(exponent, wanted):
    assert gradient_of(lambda x: x**exponent, [0.0]) == [[wanted]]


@pytest.mark.parametrize(("exponent", "wanted"), [(2.0, 0), (1.0, 1), (0.0, 0)])
def test_powers_at_zero_with_a_tensor_as_exponent(exponent, wanted):
    by_x, by_exponent = gradient_of(lambda x, a: x**a, [0.0], [exponent])
    assert by_x == [wanted]
    assert by_exponent == [0]


@pytest.mark.parametrize(("exponent", "wanted"), [(1, 0), (2, 2), (3, 0)])
def test_the_second_derivative_of_powers_at_zero(exponent, wanted):
    x = leaf(0.0)
    (first,) = nn.grad(x**exponent, x, create_graph=True)
    assert nn.grad(first, x)[0].item() == wanted


def test_ties_share_or_go_to_the_first():
    tie = [1.0, 3.0, 3.0]
    assert gradient_of(lambda x: x.amax(), tie) == [[0, 0.5, 0.5]]
    assert gradient_of(lambda x: x.max(), tie) == [[0, 0.5, 0.5]]
    assert gradient_of(lambda x: x.max(dim=0).values, tie) == [[0, 1, 0]]
    assert gradient_of(lambda x: (-x).min(dim=0).values, tie) == [[0, -1, 0]]
    assert gradient_of(nn.maximum, [2.0], [2.0]) == [[0.5], [0.5]]
    assert gradient_of(nn.minimum, [2.0], [2.0]) == [[0.5], [0.5]]


def test_kinks():
    assert gradient_of(nn.relu, [0.0, -0.0]) == [[0, 0]]
    assert gradient_of(nn.abs, [0.0]) == [[0]]
    assert gradient_of(lambda x: x.clamp(-1, 1), [-2.0, -1.0, 0.0, 1.0, 2.0]) == [[0, 1, 1, 1, 0]]


def test_sigmoid_and_log_softmax_at_extremes_without_a_warning():
    x = leaf([-1000.0, 0.0, 1000.0])
    y = x.sigmoid()
    y.sum().backward()
    assert y.tolist() == [0, 0.5, 1]
    assert x.grad.tolist() == [0, 0.25, 0]

    x = leaf([1000.0, 0.0, -1000.0])
    y = x.log_softmax(0)
    y.sum().backward()
    assert y.tolist() == [0, -1000, -2000]
    assert x.grad.tolist() == [-2, 1, 1]


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x.relu().sqrt(),
        lambda x: x.clamp(min=0.0)[:1].sqrt(),
        lambda x: nn.where(x > 0, x, 0.0).sqrt(),
        lambda x: nn.maximum(x, nn.zeros(2, dtype=nn.float64))[:1].sqrt(),
    ],
    ids=["relu", "clamp", "where", "maximum"],
)
def test_a_branch_not_taken_stops_an_infinite_gradient(function):
    (g,) = gradient_of(function, [-1.0, 0.0])
    assert g[0] == 0


def test_the_standard_deviation_of_equal_values_has_gradient_zero():
    assert gradient_of(lambda x: x.std(), [2.0, 2.0, 2.0]) == [[0, 0, 0]]


# -- accumulation, and whose memory a gradient is ---------------------------------------------------------------------
def test_gradients_accumulate_until_they_are_dropped():
    x = leaf([1.0, 2.0])
    for _ in range(3):
        (x * x).sum().backward()
    assert x.grad.tolist() == [6, 12]
    x.grad = None
    (x * x).sum().backward()
    assert x.grad.tolist() == [2, 4]


def test_a_second_backward_accumulates_in_the_same_array():
    x = leaf([1.0])
    (x * 2).backward()
    first = x.grad
    (x * 3).backward()
    assert x.grad is first
    assert first.tolist() == [5]


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize(
    "function",
    [
        lambda a, b: a + b,
        lambda a, b: a.reshape(2) + b.view(2),
        lambda a, b: a.clone() + b,
        lambda a, b: nn.cat([a, b]),
    ],
    ids=["add", "view", "clone", "cat"],
)
def test_gradients_alias_neither_each_other_nor_the_seed(function, create_graph):
    a, b = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    y = function(a, b)
    seed = nn.ones(*y.shape, dtype=nn.float64)
    y.backward(seed, create_graph=create_graph)
    arrays = [a.grad._array, b.grad._array, seed._array, a._array, b._array]
    for i, one in enumerate(arrays):
        assert not any(np.shares_memory(one, other) for other in arrays[i + 1 :])
    a.grad.detach().zero_()
    assert b.grad.tolist() == [1, 1]
    assert seed.tolist() == [1] * len(seed)


def test_the_seed_as_an_array_is_neither_kept_nor_changed():
    x, seed = leaf([1.0, 2.0]), np.array([3.0, 4.0])
    y = x.clone()
    y.backward(seed, retain_graph=True)
    y.backward(seed)
    assert seed.tolist() == [3, 4]
    seed[:] = 0
    assert x.grad.tolist() == [6, 8]


def test_a_gradient_from_grad_is_the_caller_s_own():
    x, seed = leaf([1.0, 2.0]), np.ones(2)
    a, b = nn.grad([x.clone()], [x, x], [seed])
    a.zero_()
    assert b.tolist() == seed.tolist() == [1, 1]


def test_the_gradient_of_a_broadcast_can_be_accumulated_in_place():
    x = leaf([1.0, 2.0])
    for _ in range(2):
        x.sum().backward()
    assert x.grad.tolist() == [2, 2]


def test_a_graph_that_ends_in_a_leaf():
    x = leaf(2.0)
    x.backward()
    x.backward(nn.tensor(3.0, dtype=nn.float64))
    assert x.grad.item() == 4


# -- twice through the graph ------------------------------------------------------------------------------------------
def test_backward_twice_is_an_error_that_says_what_to_do():
    x = leaf([1.0])
    y = (x * x).sum()
    y.backward()
    with pytest.raises(nn.GradError, match=r"graph behind mul was already freed .*retain_graph=True"):
        y.backward()
    assert x.grad.tolist() == [2]


def test_retain_graph_allows_another():
    x = leaf([1.0])
    y = (x.exp() * x).sum()
    y.backward(retain_graph=True)
    y.backward(retain_graph=True)
    y.backward()
    np.testing.assert_allclose(x.grad.tolist(), [6 * np.e])
    with pytest.raises(RuntimeError, match="retain_graph"):
        y.backward()


def test_create_graph_retains_the_graph():
    x = leaf(3.0)
    y = x**3
    y.backward(create_graph=True)
    assert x.grad.requires_grad
    y.backward()
    assert x.grad.item() == 54


def test_two_losses_on_one_trunk_need_retain_graph():
    x = leaf([2.0])
    trunk = x.exp()
    a, b = trunk * 2, trunk * trunk
    a.backward(retain_graph=True)
    b.backward()
    np.testing.assert_allclose(x.grad.tolist(), [2 * np.e**2 + 2 * np.e**4])


def test_ops_that_save_nothing_may_be_walked_again():
    x = leaf([1.0])
    y = x + 1
    y.backward()
    y.backward()
    assert x.grad.tolist() == [2]


# -- data changed in place between forward and backward ---------------------------------------------------------------
def step(t):
    t.grad = nn.ones_like(t)
    nn.optim.SGD([t], lr=0.1).step()
    t.grad = None


CHANGES = {
    "add_": lambda t: t.add_(1),
    "sub_": lambda t: t.sub_(1),
    "mul_": lambda t: t.mul_(2),
    "div_": lambda t: t.div_(2),
    "copy_": lambda t: t.copy_(nn.zeros(3)),
    "zero_": lambda t: t.zero_(),
    "fill_": lambda t: t.fill_(7),
    "item assignment": lambda t: t.__setitem__(0, 5.0),
    "+=": lambda t: t.__iadd__(1),
    "data": lambda t: setattr(t, "data", nn.zeros(3)),
    "optimiser": step,
    "init": nn.init.ones_,
    "detach": lambda t: t.detach().zero_(),
    "data alias": lambda t: t.data.zero_(),
    "reshape": lambda t: t.detach().reshape(1, 3).zero_(),
    "transpose": lambda t: t.detach().unsqueeze(0).T.zero_(),
    "slice": lambda t: t.detach()[1:].zero_(),
    "element": lambda t: t.detach()[0].zero_(),
    "slice of a view": lambda t: t.detach().reshape(1, 3)[0][:2].fill_(3),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_operand_is_an_error_that_names_op_and_operand(change):
    x, w = leaf([1.0, 2.0, 3.0]), leaf([4.0, 5.0, 6.0])
    y = (x * w).sum()
    with nn.no_grad():
        change(w)
    with pytest.raises(nn.GradError, match=r"operand other of mul, shape \(3,\), was changed in place"):
        y.backward()
    assert x.grad is None


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_result_that_its_rule_needs_is_an_error(change):
    y = leaf([1.0, 2.0, 3.0]).exp()
    total = y.sum()
    with nn.no_grad():
        if change is step:
            pytest.skip("an optimiser takes leaves")
        change(y)
    with pytest.raises(nn.GradError, match=r"the result of exp, shape \(3,\), was changed in place"):
        total.backward()


def test_a_changed_constant_is_noticed_too():
    x, constant = leaf([1.0, 2.0]), nn.tensor([3.0, 4.0])
    y = (x * constant).sum()
    constant.add_(1)
    with pytest.raises(nn.GradError, match="operand other of mul"):
        y.backward()


def test_a_changed_index_is_an_error_or_without_effect():
    x, index = leaf([1.0, 2.0, 3.0]), nn.tensor([0, 1])
    y = x[index].sum()
    index.fill_(2)
    try:
        y.backward()
    except nn.GradError:
        return
    assert x.grad.tolist() == [1, 1, 0]


def test_a_changed_target_is_an_error_or_without_effect():
    x, target = leaf([[1.0, 2.0, 3.0]]), nn.tensor([0])
    loss = nn.functional.nll_loss(x, target)
    target.fill_(2)
    try:
        loss.backward()
    except nn.GradError:
        return
    assert x.grad.tolist() == [[-1, 0, 0]]


def test_a_changed_result_is_noticed_at_the_second_order_too():
    x = leaf([1.0, 2.0])
    y = x.exp()
    (g,) = nn.grad(y.sum(), x, create_graph=True)
    with nn.no_grad():
        y.zero_()
    with pytest.raises(nn.GradError, match="changed in place"):
        g.sum().backward()


def test_a_change_that_no_rule_needs_is_allowed():
    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    y = (x + w).sum()
    with nn.no_grad():
        w.zero_()
    y.backward()
    assert x.grad.tolist() == [1, 1]


def test_a_change_before_the_forward_or_after_backward_is_allowed():
    x, w = leaf([1.0]), leaf([3.0])
    for _ in range(2):
        y = x * w
        y.backward()
        with nn.no_grad():
            w.add_(1)
    assert x.grad.tolist() == [7]


def test_a_change_of_a_copy_is_no_change():
    x, w = leaf(np.ones((2, 2))), leaf(np.ones((2, 2)))
    y = (x * w).sum()
    with nn.no_grad():
        w.clone().zero_()
        w.T.reshape(4).zero_()
        w[[0, 1]].zero_()
        (w + 0).zero_()
    y.backward()
    assert x.grad.tolist() == [[1, 1], [1, 1]]


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.add_(1),
        lambda t: t.zero_(),
        lambda t: t.copy_(t),
        lambda t: t.__setitem__(0, 1.0),
        nn.Tensor.__iadd__,
    ],
)
def test_in_place_on_a_leaf_that_requires_gradients_is_refused_while_recording(change):
    x = leaf([1.0, 2.0])
    with pytest.raises(nn.GradError, match=r"a leaf that requires gradients cannot be changed in place.*no_grad"):
        change(x) if change is not nn.Tensor.__iadd__ else change(x, 1)
    assert x.tolist() == [1, 2]


def test_loss_plus_equals_adds_up_with_the_right_gradient():
    x = leaf([1.0, 2.0])
    loss = (x * x).sum()
    kept = loss
    loss += (3 * x).sum()
    loss -= 1
    loss *= 2
    loss /= 4
    loss.backward()
    assert loss.item() == (5 + 9 - 1) / 2
    assert kept is loss
    assert x.grad.tolist() == [2.5, 3.5]


def test_a_total_that_starts_as_a_plain_tensor_or_number_gets_the_graph():
    x = leaf([2.0])
    for total in (0.0, nn.zeros(1, dtype=nn.float64)):
        x.grad = None
        for _ in range(3):
            total += x * x
        total.backward()
        assert x.grad.tolist() == [12]


# -- higher orders ----------------------------------------------------------------------------------------------------
def test_derivatives_of_orders_one_to_four():
    x = leaf(2.0)
    y, values = x**5, []
    for _ in range(4):
        (y,) = nn.grad(y, x, create_graph=True)
        values.append(y.item())
    assert values == [80, 160, 240, 240]


@pytest.mark.parametrize(
    ("function", "third"),
    [
        (lambda x: x.exp(), np.exp(0.7)),
        (lambda x: x.sin(), -np.cos(0.7)),
        (lambda x: x.log(), 2 / 0.7**3),
        (lambda x: x.tanh(), None),
        (lambda x: x.sigmoid(), None),
        (lambda x: 1 / x, -6 / 0.7**4),
    ],
)
def test_the_third_derivative(function, third):
    x = leaf(0.7)
    y = function(x)
    for _ in range(3):
        (y,) = nn.grad(y, x, create_graph=True)
    if third is None:  # from the function's own differential equation
        t = np.tanh(0.7)
        s = 1 / (1 + np.exp(-0.7))
        third = {True: -2 * (1 - t**2) * (1 - 3 * t**2), False: s * (1 - s) * (1 - 6 * s + 6 * s**2)}[
            function(x).item() == t
        ]
    np.testing.assert_allclose(y.item(), third, rtol=1e-12)


def test_a_gradient_penalty_by_backward_through_backward():
    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    (g,) = nn.grad((x * w * w).sum(), x, create_graph=True)  # w^2
    (g * g).sum().backward()  # d w^4 = 4 w^3
    assert w.grad.tolist() == [108, 256]


def test_create_graph_records_within_no_grad():
    x = leaf(3.0)
    y = x * x + x**3
    with nn.no_grad():
        (g,) = nn.grad(y, x, create_graph=True)
    assert g.requires_grad
    assert nn.grad(g, x)[0].item() == 2 + 18


def test_the_gradient_by_the_upstream_gradient_is_the_jvp():
    x = leaf([1.0, 2.0])
    v = nn.zeros(2, dtype=nn.float64)
    v.requires_grad_()
    (g,) = nn.grad(x**2, x, v, create_graph=True)
    assert nn.grad(g, v, nn.tensor([1.0, 10.0], dtype=nn.float64))[0].tolist() == [2, 40]


# -- grad -------------------------------------------------------------------------------------------------------------
def test_grad_returns_a_tuple_for_a_tensor_and_for_lists():
    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    y = x * w
    result = nn.grad(y.sum(), x)
    assert isinstance(result, tuple)
    assert [g.tolist() for g in result] == [[3, 4]]
    y = x * w
    assert [g.tolist() for g in nn.grad([y.sum()], [x, w])] == [[3, 4], [1, 2]]


def test_grad_sums_over_outputs():
    x = leaf([1.0, 2.0])
    outputs = [(x * 2).sum(), x**2]
    (g,) = nn.grad(outputs, x, grad_outputs=[None, nn.tensor([1.0, 10.0], dtype=nn.float64)])
    assert g.tolist() == [4, 42]


def test_grad_touches_no_grad_attribute():
    x, w = leaf([1.0]), leaf([2.0])
    x.grad = kept = nn.tensor([7.0], dtype=nn.float64)
    nn.grad(x * w, x)
    nn.grad(x * w, [x, w], create_graph=True)
    assert x.grad is kept
    assert x.grad.tolist() == [7]
    assert w.grad is None


def test_grad_by_an_intermediate_tensor():
    x = leaf([1.0, 2.0])
    y = x * 3
    z = (y * y).sum()
    by_y, by_x = nn.grad(z, [y, x])
    assert by_y.tolist() == [6, 12]
    assert by_x.tolist() == [18, 36]


def test_grad_of_a_tensor_by_itself_is_one():
    x = leaf(2.0)
    y = x * 3
    assert nn.grad(x, x)[0].item() == 1
    assert nn.grad(y, y)[0].item() == 1


def test_grad_by_an_unused_input():
    x, unused = leaf([1.0]), leaf([2.0])
    with pytest.raises(nn.GradError, match=r"grad: input 1 was not used.*allow_unused=True"):
        nn.grad(x * 2, [x, unused])
    g, none = nn.grad(x * 2, [x, unused], allow_unused=True)
    assert g.tolist() == [2]
    assert none is None


def test_grad_by_a_tensor_without_gradient_is_refused():
    x = leaf([1.0])
    with pytest.raises(nn.GradError, match="grad: input 0 does not require gradients"):
        nn.grad(x * 2, nn.tensor([1.0]))


def test_grad_wants_as_many_grad_outputs_as_outputs():
    x = leaf([1.0])
    with pytest.raises(nn.GradError, match="grad: expected 2 grad_outputs, one for each output; got 1"):
        nn.grad([x * 2, x * 3], x, [nn.ones(1)])
    with pytest.raises(nn.GradError, match="grad: expected 2 grad_outputs, one for each output; got 1"):
        nn.grad([x * 2, x * 3], x, nn.ones(1))


def test_grad_walks_only_what_leads_to_the_inputs():
    x, w = leaf([1.0]), leaf([2.0])
    aside = w.exp()
    y = x * 2 + aside
    nn.grad(y, x)
    aside.backward()
    np.testing.assert_allclose(w.grad.tolist(), [np.e**2])


# -- hooks and retained gradients -------------------------------------------------------------------------------------
def test_a_hook_sees_the_whole_gradient_once_per_backward():
    x, seen = leaf([1.0]), []
    x.register_hook(lambda g: seen.append(g.tolist()))
    y = x * 2
    y.register_hook(lambda g: seen.append(g.tolist()))
    (y + y + x).backward()
    assert seen == [[2], [5]]
    assert x.grad.tolist() == [5]


def test_what_a_hook_returns_replaces_the_gradient():
    x = leaf([1.0])
    y = x * 3
    y.register_hook(lambda g: g * 10)
    x.register_hook(lambda g: g + 1)
    x.register_hook(lambda g: -g)
    y.backward()
    assert x.grad.tolist() == [-31]


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("leaf", [False, True])
@pytest.mark.parametrize(
    ("hook", "error", "message"),
    [
        (
            lambda g: g[:1],
            nn.GradError,
            r"a hook must return a gradient of shape \(3,\) and float32 .* got shape \(1,\)",
        ),
        (lambda g: g.mean(), nn.GradError, r"got shape \(\) and float32; use expand_as"),
        (lambda g: g.double(), nn.GradError, r"got shape \(3,\) and float64; use expand_as\(g\) or to\(g.dtype\)"),
        (lambda g: 3.0, TypeError, "a hook must return a tensor, or None to keep the gradient, got float; wrap it"),
    ],
)
def test_a_hook_gives_a_gradient_of_the_same_kind(hook, error, message, leaf, create_graph):
    x = nn.ones(3, requires_grad=True)
    y = x * 2
    (x if leaf else y).register_hook(hook)
    with pytest.raises(error, match=message):
        (y**2).sum().backward(create_graph=create_graph)
    assert x.grad is None


def test_hooks_act_in_grad_and_with_create_graph():
    x = leaf(2.0)
    y = x * x
    y.register_hook(lambda g: g * 3)
    (g,) = nn.grad(y, x, create_graph=True)
    assert g.item() == 12
    assert nn.grad(g, x)[0].item() == 6


def test_a_hook_can_be_removed():
    x = leaf([1.0])
    handle = x.register_hook(lambda g: g * 100)
    handle.remove()
    (x * 2).backward()
    assert x.grad.tolist() == [2]


def test_what_a_hook_kept_or_gave_is_not_changed_by_later_backwards():
    x, kept, given = leaf([1.0]), [], nn.tensor([5.0], dtype=nn.float64)
    x.register_hook(kept.append)
    (x * 2).backward()
    (x * 3).backward()
    assert [g.tolist() for g in kept] == [[2], [3]]
    y = leaf([1.0])
    y.register_hook(lambda _: given)
    for _ in range(2):
        (y * 2).backward()
    assert given.tolist() == [5]
    assert y.grad.tolist() == [10]


def test_a_hook_on_a_tensor_without_gradient_is_refused():
    with pytest.raises(nn.GradError, match="register_hook: this tensor does not require gradients"):
        nn.tensor([1.0]).register_hook(print)


def test_retain_grad_keeps_the_gradient_of_an_intermediate_tensor():
    x = leaf([1.0, 2.0])
    y = x * 2
    y.retain_grad()
    y.retain_grad()
    (y * y).sum().backward()
    assert y.grad.tolist() == [4, 8]
    assert x.grad.tolist() == [8, 16]
    x.retain_grad()  # a leaf keeps its gradient anyway


def test_a_retained_gradient_accumulates_like_a_leaf_s():
    y = leaf([1.0]) * 2
    y.retain_grad()
    z = y * 3
    z.backward(retain_graph=True)
    z.backward()
    assert y.grad.tolist() == [6]


def test_a_retained_gradient_is_the_one_after_all_hooks():
    y = leaf([1.0]) * 2
    y.retain_grad()
    y.register_hook(lambda g: g * 10)
    (y * 3).backward()
    assert y.grad.tolist() == [30]


def test_without_retain_grad_an_intermediate_tensor_has_none():
    x = leaf([1.0])
    y = x * 2
    (y * y).backward()
    assert y.grad is None


# -- messages ---------------------------------------------------------------------------------------------------------
def test_a_non_scalar_wants_a_gradient():
    with pytest.raises(nn.GradError, match=r"backward: gradient can be left out only for a scalar.*\(2,\).*\.sum\(\)"):
        (leaf([1.0, 2.0]) * 2).backward()
    x = leaf([1.0, 2.0])
    with pytest.raises(nn.GradError, match=r"grad: gradient can be left out only for a scalar"):
        nn.grad(x * 2, x)


def test_one_element_with_axes_is_scalar_enough():
    x = leaf([[3.0]])
    (x * x).backward()
    assert x.grad.tolist() == [[6]]


def test_a_gradient_of_another_shape():
    with pytest.raises(nn.ShapeError, match=r"gradient must have the tensor's shape \(2,\), got \(3,\)"):
        (leaf([1.0, 2.0]) * 2).backward(np.ones(3))


def test_a_gradient_that_is_no_number():
    with pytest.raises(nn.DtypeError, match="backward: gradient must be real numbers, got"):
        (leaf([1.0]) * 2).backward(np.array([1j]))


def test_a_tensor_without_a_graph():
    with pytest.raises(nn.GradError, match=r"backward: this tensor of shape \(1,\) does not require gradients"):
        nn.tensor([1.0]).backward()
    x = leaf([1.0])
    with nn.no_grad():
        y = x * 2
    with pytest.raises(nn.GradError, match=r"no graph.*no_grad"):
        y.backward()
    with pytest.raises(nn.GradError, match="no graph"):
        (x * 2).detach().backward()


@pytest.mark.parametrize("make", [lambda d: nn.tensor([1, 2], dtype=d, requires_grad=True),
                                  lambda d: nn.zeros(2, dtype=d).requires_grad_(),
                                  lambda d: nn.zeros(2, dtype=d, requires_grad=True),
                                  lambda d: nn.Parameter(nn.zeros(2, dtype=d))])  # fmt: skip
@pytest.mark.parametrize("dtype", [nn.int64, nn.uint8, nn.bool])
def test_integers_cannot_require_gradients(make, dtype):
    with pytest.raises(
        nn.DtypeError, match=rf"only floating-point tensors can do this, this one is {dtype}.*float\(\)"
    ):
        make(dtype)


def test_a_result_cannot_be_switched_off():
    with pytest.raises(nn.GradError, match=r"requires_grad: this tensor was computed from others.*detach\(\)"):
        (leaf([1.0]) * 2).requires_grad_(False)


def test_a_frozen_leaf_gets_no_gradient():
    x, w = leaf([1.0]), leaf([2.0])
    w.requires_grad = False
    (x * w).backward()
    assert x.grad.tolist() == [2]
    assert w.grad is None


def test_detach_cuts_the_gradient_and_shares_the_memory():
    x = leaf([2.0])
    y = (x * 3).detach()
    assert not y.requires_grad
    (x * y).backward()
    assert x.grad.tolist() == [6]


@pytest.mark.parametrize("freeze", [
    lambda w: w.requires_grad_(False),
    lambda w: setattr(w, "requires_grad", False),
], ids=["method", "attribute"])  # fmt: skip
@pytest.mark.parametrize("create_graph", [False, True])
def test_a_leaf_frozen_after_the_forward_gets_no_gradient(freeze, create_graph):
    frozen, held, free = leaf([1.0, 2.0]), leaf([1.0, 2.0]), leaf([3.0, 4.0])
    held.grad = nn.ones(2, dtype=held.dtype)
    y = (frozen * held * free).sum()
    freeze(frozen)
    freeze(held)
    y.backward(create_graph=create_graph)
    assert frozen.grad is None
    assert held.grad.tolist() == [1, 1]
    assert free.grad.tolist() == [1, 4]
    frozen.requires_grad_()
    (frozen * 2).sum().backward()
    assert frozen.grad.tolist() == [2, 2]


def test_a_model_frozen_after_the_forward_is_not_trained():
    model = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1))
    loss = model(nn.ones(3, 2)).sum()
    model[0].requires_grad_(False)
    loss.backward()
    assert [p.grad is None for p in model.parameters()] == [True, True, False, False]


class TestChains:
    """`nn.grad` ends at its inputs: what made them is left for the next call."""

    def layers(self):
        x = leaf([0.5, -1.0])
        h1 = (x * 2).tanh()
        h2 = (h1.exp() * h1).sigmoid()
        return x, h1, h2, (h2 * h2).sum()

    def test_layer_by_layer_equals_the_whole(self):
        x, _, _, loss = self.layers()
        (whole,) = nn.grad(loss, x)
        x, h1, h2, loss = self.layers()
        (g2,) = nn.grad(loss, h2)
        (g1,) = nn.grad(h2, h1, g2)
        (g0,) = nn.grad(h1, x, g1)
        np.testing.assert_allclose(g0.numpy(), whole.numpy(), rtol=1e-12)

    def test_two_losses_onto_one_hidden_layer(self):
        x = leaf([0.5, -1.0])
        h = (x * 2).tanh()
        first, second = (h * h).sum(), h.exp().sum()
        (a,), (b,) = nn.grad(first, h), nn.grad(second, h)
        h.backward(a + b)
        y = leaf([0.5, -1.0])
        k = (y * 2).tanh()
        ((k * k).sum() + k.exp().sum()).backward()
        np.testing.assert_allclose(x.grad.numpy(), y.grad.numpy(), rtol=1e-12)

    def test_a_branch_that_leads_nowhere_wanted_is_left_alone(self):
        x, z = leaf([0.5, -1.0]), leaf([1.0, 2.0])
        h, other = x.exp(), z.tanh().exp()
        loss = (h * other).sum()
        seen = []
        other.register_hook(seen.append)
        nn.grad(loss, h)
        assert seen == []
        other.sum().backward()
        np.testing.assert_allclose(z.grad.numpy(), np.exp(np.tanh(z.tolist())) * (1 - np.tanh(z.tolist()) ** 2))

    def test_what_was_walked_is_used_up(self):
        _, h1, _, loss = self.layers()
        nn.grad(loss, h1)
        with pytest.raises(nn.GradError, match=r"already"):
            nn.grad(loss, h1)
        h1.sum().backward()

    def test_an_input_whose_history_was_spoilt_has_a_gradient_all_the_same(self):
        w = leaf([1.0, 2.0])
        h = w * w
        loss = (h * 3).sum()
        with nn.no_grad():
            w[0] = 5
        assert nn.grad(loss, h)[0].tolist() == [3, 3]


class TestHooksThatWaitForAGradient:
    def test_a_gradient_is_handed_over_before_the_older_ones_are_known(self):
        first, second = nn.ones(2, requires_grad=True), nn.ones(2, requires_grad=True)
        seen = []
        for leaf in (first, second):
            leaf.register_post_accumulate_grad_hook(lambda leaf: seen.append((leaf is second, first.grad is None)))
        (first.exp() * second).sum().backward()
        assert seen == [(True, True), (False, False)]

    def test_a_leaf_used_in_several_places_is_handed_over_once_and_whole(self):
        x, seen = nn.tensor(3.0, requires_grad=True), []
        x.register_post_accumulate_grad_hook(lambda leaf: seen.append(leaf.grad.item()))
        y = x * x
        (y * y * x).backward()
        assert seen == [5 * 3.0**4]

    def test_what_a_hook_does_to_the_gradient_does_not_reach_the_rest_of_the_walk(self):
        a, b = nn.tensor(1.0, requires_grad=True), nn.tensor(2.0, requires_grad=True)
        b.register_post_accumulate_grad_hook(lambda leaf: leaf.grad.zero_())
        (a.exp() + b).backward()  # the gradient by b and by exp(a) is one array
        assert a.grad.item() == pytest.approx(np.e)
        assert b.grad.item() == 0

    def test_an_update_in_the_hook_equals_one_after_the_backward(self):
        def train(early):
            nn.manual_seed(0)
            model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))

            def update(p):
                with nn.no_grad():
                    p -= 0.1 * p.grad
                p.grad = None

            if early:
                for p in model.parameters():
                    p.register_post_accumulate_grad_hook(update)
            for _ in range(3):
                model(nn.ones(2, 3)).square().sum().backward()
                for p in () if early else model.parameters():
                    update(p)
            return [p.tolist() for p in model.parameters()]

        assert train(early=True) == train(early=False)

    def test_callbacks_for_the_end_run_once_and_not_after_an_error(self):
        x, calls = nn.tensor(1.0, requires_grad=True), []

        def hook(leaf):
            hooks.ending.append(lambda: calls.append(leaf.grad.item()))

        with x.register_post_accumulate_grad_hook(hook):
            (x + x * 2).backward()
        x.exp().backward()
        assert calls == [3.0]
        y = x * 1
        y.register_hook(lambda g: 1 / 0)
        hooks.ending.append(lambda: calls.append("never"))
        with pytest.raises(ZeroDivisionError):
            y.backward()
        x.exp().backward()
        assert calls == [3.0]
