"""`backward(inputs=)`, several roots, hooks after accumulation, and `nn.autograd.functional`, against PyTorch."""

import numpy as np
import pytest

import nn

torch = pytest.importorskip("torch")


def leaves(lib):
    return [lib.tensor(np.array(v), requires_grad=True) for v in ([1.0, 2.0], [0.5, -1.0], [3.0, 1.0])]


def both(write):
    """What the same words come to, ours and theirs."""
    ours, theirs = write(nn, *leaves(nn)), write(torch, *leaves(torch))
    for a, b in zip(ours, theirs, strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-12)


def only_some(lib, x, y, z):
    (x * y + z).sum().backward(inputs=[y])
    return x.grad, y.grad, z.grad


def one_tensor_and_retained(lib, x, y, z):
    (x * y).sum().backward(inputs=x, retain_graph=True)
    (x * y).sum().backward(inputs=[x, y])
    return x.grad, y.grad


def not_a_leaf(lib, x, y, z):
    h = x * y
    h.retain_grad()
    (h * z).sum().backward(inputs=[h, z])
    return x.grad, h.grad, z.grad


def several_roots(lib, x, y, z):
    lib.autograd.backward([(x * y).sum(), (y * z).sum()], inputs=[x, y])
    return x.grad, y.grad, z.grad


def roots_with_gradients(lib, x, y, z):
    lib.autograd.backward((x * y, y * z), (x.detach(), None if False else z.detach()))
    return x.grad, y.grad, z.grad


def through_create_graph(lib, x, y, z):
    (x**3 * y).sum().backward(create_graph=True, inputs=[x])
    return lib.autograd.grad(x.grad.sum(), [x, y])


@pytest.mark.filterwarnings("ignore:Using backward")
@pytest.mark.parametrize("write", [only_some, one_tensor_and_retained, not_a_leaf, several_roots,
                                   roots_with_gradients, through_create_graph], ids=lambda f: f.__name__)  # fmt: skip
def test_the_same_words_give_the_same_gradients(write):
    both(write)


def test_hooks_after_accumulation_see_the_sum_in_every_backward():
    def seen(lib):
        found = []
        x, y, _ = leaves(lib)
        with x.register_post_accumulate_grad_hook(lambda leaf: found.append(leaf.grad.tolist())) as handle:
            (x * y).sum().backward()
            (x * x).sum().backward()
        (x * x).sum().backward()
        handle.remove()
        return found

    assert seen(nn) == seen(torch)
    with pytest.raises(nn.GradError, match="expected a leaf that requires gradients"):
        nn.ones(1).register_post_accumulate_grad_hook(print)
    with pytest.raises(nn.GradError, match="expected a leaf that requires gradients"):
        (nn.ones(1, requires_grad=True) * 2).register_post_accumulate_grad_hook(print)


def test_hooks_are_contexts():
    x = nn.ones(2, requires_grad=True)
    with x.register_hook(lambda g: 2 * g):
        x.sum().backward()
    x.sum().backward()
    assert x.grad.tolist() == [3, 3]
    calls = []
    layer = nn.Linear(2, 1)
    with layer.register_forward_hook(lambda *_: calls.append(1)):
        layer(nn.ones(1, 2))
    layer(nn.ones(1, 2))
    assert calls == [1]


@pytest.mark.parametrize("arguments", [
    lambda lib: (lambda x: x**3, (0,), None), lambda lib: (lambda x, y: x * y.exp(), (0, 1), None),
    lambda lib: (lambda x, y: (x * y, x.sum()), (0, 1), None),
    lambda lib: (lambda x, y: y * 2, (0, 1), None),
], ids=["one", "two", "tuple", "unused"])  # fmt: skip
@pytest.mark.parametrize("name", ["jacobian", "vjp", "jvp"])
def test_first_order_functions(name, arguments):
    def flat(value):
        return [v for part in value for v in flat(part)] if isinstance(value, tuple | list) else [value]

    def run(lib):
        function, which, _ = arguments(lib)
        points = tuple(leaves(lib)[i].detach() for i in which)
        points = points[0] if len(points) == 1 else points
        vector = ()
        if name == "vjp":
            result = function(*points) if isinstance(points, tuple) else function(points)
            ones = [lib.ones_like(r) * 1.5 for r in flat(result)]
            vector = (tuple(ones) if isinstance(result, tuple) else ones[0],)
        if name == "jvp":
            vectors = [lib.ones_like(p) * 0.5 for p in flat(points)]
            vector = (tuple(vectors) if isinstance(points, tuple) else vectors[0],)
        return flat(getattr(lib.autograd.functional, name)(function, points, *vector))

    for a, b in zip(run(nn), run(torch), strict=True):
        assert a.shape == tuple(b.shape)
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-12)


@pytest.mark.parametrize("name", ["hessian", "hvp", "vhp"])
@pytest.mark.parametrize("count", [1, 2])
def test_second_order_functions(name, count):
    def flat(value):
        return [v for part in value for v in flat(part)] if isinstance(value, tuple | list) else [value]

    def run(lib):
        points = tuple(leaf.detach() for leaf in leaves(lib)[:count])
        vector = tuple(lib.ones_like(p) + 0.5 for p in points)
        if count == 1:
            points, vector = points[0], vector[0]
        arguments = () if name == "hessian" else (vector,)
        return flat(getattr(lib.autograd.functional, name)(
            lambda x, *y: (x**3).sum() + sum((x * other**2).sum() for other in y), points, *arguments
        ))  # fmt: skip

    for a, b in zip(run(nn), run(torch), strict=True):
        assert a.shape == tuple(b.shape)
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-12)


def test_jacobians_can_be_differentiated_and_be_strict():
    def run(lib):
        x = leaves(lib)[0]
        rows = lib.autograd.functional.jacobian(lambda x: x**3, x, create_graph=True)
        return lib.autograd.grad((rows**2).sum(), x)[0]

    np.testing.assert_allclose(run(nn).numpy(), run(torch).numpy(), rtol=1e-12)
    with pytest.raises(RuntimeError, match="a result does not depend on an input; pass strict=False"):
        nn.autograd.functional.jacobian(lambda x: nn.ones(2), nn.ones(2), strict=True)


def test_messages():
    x = nn.ones(2, requires_grad=True)
    with pytest.raises(nn.GradError, match="backward: inputs is empty"):
        x.sum().backward(inputs=[])
    with pytest.raises(nn.GradError, match="backward: input 0 does not require gradients"):
        x.sum().backward(inputs=[nn.ones(1)])
    with pytest.raises(nn.GradError, match="backward: expected 2 grad_tensors, one for each tensor; got 1"):
        nn.autograd.backward([x.sum(), x.sum()], [None])
    with pytest.raises(nn.ShapeError, match="jvp: v must be shaped as the inputs"):
        nn.autograd.functional.jvp(lambda x: x, nn.ones(2), nn.ones(3))
    with pytest.raises(nn.GradError, match="vhp: v can be left out only for an input of one number"):
        nn.autograd.functional.vhp(lambda x: x.sum(), nn.ones(2))
    with pytest.raises(TypeError, match="jacobian: inputs must be a tensor or a tuple of tensors, got float"):
        nn.autograd.functional.jacobian(lambda x: x, [1.0])


def test_anomaly_detection_can_be_set_and_told_to_let_nan_pass():
    x = nn.tensor([0.0, 1.0], requires_grad=True)
    with nn.autograd.detect_anomaly(check_nan=False):
        (x * x.log()).sum().backward()
    with nn.autograd.set_detect_anomaly(True), pytest.raises(nn.GradError, match="has nan"):
        (x * x.log()).sum().backward()
    (x * x.log()).sum().backward()
    nn.autograd.set_detect_anomaly(True)
    nn.autograd.set_detect_anomaly(False)
    (x * x.log()).sum().backward()


def test_zeros_may_stand_for_what_is_unused():
    def run(lib):
        x, y, _ = leaves(lib)
        return [
            lib.autograd.grad((x * x).sum(), [x, y], only_inputs=True, create_graph=record, materialize_grads=True)
            for record in (False, True)
        ]

    for ours, theirs in zip(run(nn), run(torch), strict=True):
        assert [g.tolist() for g in ours] == [g.tolist() for g in theirs]
