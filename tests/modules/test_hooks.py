"""Hooks around forward and backward."""

import collections

import pytest

import nn


class Two(nn.Module):
    """Two inputs, two outputs."""

    def forward(self, x, y, factor=1.0):
        return x * y * factor, x + y


@pytest.fixture
def two():
    return Two()


def ones(*shape):
    return nn.ones(*shape, requires_grad=True)


def test_keyword_arguments_are_shown_to_a_hook_that_wants_them(two):
    seen = []
    two.register_forward_pre_hook(lambda m, args, kwargs: (args, {**kwargs, "factor": 5.0}), with_kwargs=True)
    two.register_forward_hook(lambda m, args, kwargs, out: seen.append(kwargs), with_kwargs=True)
    assert two(ones(1), ones(1), factor=2.0)[0].item() == 5
    assert seen == [{"factor": 5.0}]


def test_prepend_puts_a_hook_first(two):
    order = []
    for register in (two.register_forward_pre_hook, two.register_forward_hook):
        register(lambda *_: order.append("second"))
        register(lambda *_: order.append("first"), prepend=True)
    two(ones(1), ones(1))
    assert order == ["first", "second"] * 2


def test_a_hook_is_called_though_forward_fails_if_it_wants_to(two):
    calls = []
    two.register_forward_hook(lambda *_: calls.append("no"))
    two.register_forward_hook(lambda *_: calls.append("always"), always_call=True)
    with pytest.raises(TypeError):
        two(ones(1))
    assert calls == ["always"]
    two.register_forward_hook(lambda *_: 1 / 0, always_call=True)
    with pytest.warns(UserWarning, match="forward hook failed after forward"), pytest.raises(TypeError):
        two(ones(1))


def test_a_pre_hook_with_kwargs_returns_a_pair(two):
    two.register_forward_pre_hook(lambda m, args, kwargs: args[0], with_kwargs=True)
    with pytest.raises(RuntimeError, match=r"it must return None or a tuple \(args, kwargs\), got"):
        two(ones(1), ones(1))


def test_a_backward_hook_sees_the_gradients_of_all_inputs_and_outputs_once(two):
    calls = []
    two.register_full_backward_hook(lambda m, g_in, g_out: calls.append((m, g_in, g_out)))
    x, y = nn.tensor([2.0, 3.0], requires_grad=True), nn.tensor([5.0], requires_grad=True)
    a, b = two(x, y)
    (a.sum() + 10 * b.sum()).backward()
    [(module, g_in, g_out)] = calls
    assert module is two
    assert [g.tolist() for g in g_out] == [[1, 1], [10, 10]]
    assert [g.tolist() for g in g_in] == [x.grad.tolist(), y.grad.tolist()] == [[15, 15], [25]]


def test_gradients_of_different_types_keep_them(two):
    calls = []
    two.register_full_backward_hook(lambda m, g_in, g_out: calls.append([g.dtype for g in g_in]))
    x, y = nn.ones(2, requires_grad=True), nn.ones(2, dtype=nn.float64, requires_grad=True)
    two(x, y)[0].sum().backward()
    assert calls == [[nn.float32, nn.float64]]
    assert (x.grad.dtype, y.grad.dtype) == (nn.float32, nn.float64)


def test_backward_hooks_may_replace_the_gradients():
    layer = nn.Linear(2, 2)
    layer.register_full_backward_pre_hook(lambda m, g_out: (g_out[0] * 3,))
    layer.register_full_backward_hook(lambda m, g_in, g_out: (g_in[0] * 0 + g_out[0].sum(),))
    x = ones(1, 2)
    layer(x).sum().backward()
    assert layer.bias.grad.tolist() == [3, 3]
    assert x.grad.tolist() == [[6, 6]]


def test_a_backward_hook_of_a_module_whose_input_wants_no_gradient():
    layer, calls = nn.Linear(2, 1), []
    layer.register_full_backward_hook(lambda m, g_in, g_out: calls.append((g_in, g_out[0].tolist())))
    layer(nn.ones(1, 2)).sum().backward()
    assert calls == [((None,), [[1]])]
    with nn.no_grad():
        layer(nn.ones(1, 2))
    assert len(calls) == 1


def test_a_backward_hook_can_be_differentiated_through():
    layer = nn.Tanh()
    layer.register_full_backward_hook(lambda m, g_in, g_out: (g_in[0] * 2,))
    x = nn.tensor([0.5], dtype=nn.float64, requires_grad=True)
    (slope,) = nn.grad(layer(x).sum(), x, create_graph=True)
    (curve,) = nn.grad(slope, x)
    t = x.tanh().item()
    assert slope.item() == pytest.approx(2 * (1 - t * t))
    assert curve.item() == pytest.approx(2 * -2 * t * (1 - t * t))


@pytest.mark.parametrize("register", ["register_full_backward_hook", "register_full_backward_pre_hook"])
def test_the_wrong_number_of_gradients(two, register):
    getattr(two, register)(lambda m, *gradients: (gradients[0][0],))
    with pytest.raises(RuntimeError, match=r"backward(-pre)? hook: it must return 2 gradients, got 1"):
        two(ones(1), ones(1))[0].backward()


def test_an_output_that_is_no_tensor_cannot_be_hooked():
    class Named(nn.Module):
        def forward(self, x):
            return {"y": x}

    named = Named()
    named.register_full_backward_hook(lambda *_: None)
    with pytest.warns(UserWarning, match="its output must be a tensor or a tuple of tensors, got dict"):
        named(ones(1))


def test_removed_hooks_are_gone(two):
    calls = []
    for register in (two.register_full_backward_hook, two.register_full_backward_pre_hook):
        register(lambda *_: calls.append(1)).remove()
    two(ones(1), ones(1))[0].backward()
    assert calls == []


def test_hooks_on_the_state():
    layer, calls = nn.Linear(1, 1), []
    layer.register_state_dict_pre_hook(lambda m, prefix, keep: calls.append(prefix))
    layer.register_state_dict_post_hook(lambda m, state, prefix, meta: state.__delitem__(prefix + "bias"))
    model = nn.Sequential(layer)
    assert list(model.state_dict()) == ["0.weight"]
    assert calls == ["0."]

    def rename(module, state, prefix, *_):
        state[prefix + "bias"] = state.pop(prefix + "b")

    layer.register_load_state_dict_pre_hook(rename)
    layer.register_load_state_dict_post_hook(lambda m, keys: calls.append(keys))
    given = {"0.weight": nn.ones(1, 1), "0.b": nn.ones(1)}
    model.load_state_dict(given)
    assert layer.bias.item() == 1
    assert repr(calls[-1]) == "<All keys matched successfully>"
    assert "0.b" in given


def test_a_hook_after_collecting_must_return_nothing():
    layer = nn.Linear(1, 1)
    layer.register_state_dict_post_hook(lambda m, state, prefix, meta: dict(state))
    with pytest.raises(RuntimeError, match="state_dict: a post hook must return None, and change the state in place"):
        layer.state_dict()


def test_a_load_hook_may_report_a_fault():
    layer = nn.Linear(1, 1)
    layer.register_load_state_dict_pre_hook(lambda *args: args[-1].append("too old"))
    with pytest.raises(RuntimeError, match="load_state_dict: Linear: too old"):
        layer.load_state_dict(layer.state_dict())


class Marked(tuple):
    """A tuple of another class."""

    __slots__ = ()

    def __new__(cls, first, second):
        return super().__new__(cls, (first, second))


Named = collections.namedtuple("Named", "value index")


@pytest.mark.parametrize("make", [
    Named, Marked, lambda a, b: (a, b), lambda a, b: Named(a, (b > 0)), lambda a, b: a.reshape(1, 2).max(1),
], ids=["named", "subclass", "plain", "one of two", "of a function"])  # fmt: skip
@pytest.mark.parametrize("kind", ["register_full_backward_hook", "register_full_backward_pre_hook"])
def test_an_output_stays_of_its_class_under_a_backward_hook(make, kind):
    class Layer(nn.Module):
        def forward(self, x):
            return make(x * 2, x * 3)

    layer, x, seen = Layer(), nn.ones(2, requires_grad=True), []
    plain = layer(x)
    getattr(layer, kind)(lambda module, *gradients: seen.append(len(gradients[-1])))
    hooked = layer(x)
    assert type(hooked) is type(plain)
    assert [t.tolist() for t in hooked] == [t.tolist() for t in plain]
    if hasattr(plain, "_fields"):
        assert hooked._fields == plain._fields
        assert hooked[0] is getattr(hooked, hooked._fields[0])
    hooked[0].sum().backward()
    assert seen == [2]
