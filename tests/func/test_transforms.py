"""Transforms of functions: against PyTorch's, against each other, and nested."""

import collections
import copy
import pickle

import numpy as np
import pytest

import nn
from nn import func


def f(x, y):
    return (x * y).sin() + x.sum() * y**2


def double(*shapes, seed=0):
    rng = np.random.default_rng(seed)
    return [nn.tensor(rng.normal(size=shape)) for shape in shapes]


def close(a, b):
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=1e-10, atol=1e-12)


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
class TestAgainstPyTorch:
    @pytest.fixture
    def torch(self):
        return pytest.importorskip("torch", reason="the oracle PyTorch is not installed")

    @pytest.mark.parametrize("name", ["jacrev", "jacfwd", "hessian"])
    @pytest.mark.parametrize("argnums", [0, 1, (0, 1)])
    def test_jacobians(self, torch, name, argnums):
        x, y = double((3,), (3,))
        ours = getattr(func, name)(f, argnums)(x, y)
        theirs = getattr(torch.func, name)(f, argnums)(*(torch.tensor(t.numpy()) for t in (x, y)))
        for a, b in zip(flat(ours), flat(theirs), strict=True):
            assert a.shape == tuple(b.shape)
            assert not a.requires_grad
            close(a, b)

    def test_several_results_and_a_matrix(self, torch):
        def g(x):
            return x.exp(), {"b": x @ x.T}

        (x,) = double((2, 3))
        for name in ("jacrev", "jacfwd"):
            ours = getattr(func, name)(g)(x)
            theirs = getattr(torch.func, name)(g)(torch.tensor(x.numpy()))
            close(ours[0], theirs[0])
            close(ours[1]["b"], theirs[1]["b"])

    def test_products(self, torch):
        x, y, v, w = double((3,), (3,), (3,), (3,))
        tx, ty, tv, tw = (torch.tensor(t.numpy()) for t in (x, y, v, w))
        for ours, theirs in zip(func.jvp(f, (x, y), (v, w)), torch.func.jvp(f, (tx, ty), (tv, tw)), strict=True):
            close(ours, theirs)
        for ours, theirs in zip(func.vjp(f, x, y)[1](v), torch.func.vjp(f, tx, ty)[1](tv), strict=True):
            close(ours, theirs)

    def test_a_model_as_a_function_of_its_parameters(self, torch):
        nn.manual_seed(0)
        model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1)).double()
        their = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1)).double()
        their.load_state_dict({k: torch.tensor(v.numpy()) for k, v in model.state_dict().items()})
        (x,) = double((5, 3))

        def loss(params, x, model, call):
            return (call(model, params, (x,)) ** 2).mean()

        ours = func.grad(loss)(dict(model.named_parameters()), x, model, func.functional_call)
        theirs = torch.func.grad(loss)(
            dict(their.named_parameters()), torch.tensor(x.numpy()), their, torch.func.functional_call
        )
        assert list(ours) == list(theirs)
        for name in ours:
            close(ours[name].detach(), theirs[name].detach())
        assert all(p.grad is None for p in model.parameters())


def flat(tree):
    return [leaf for part in tree for leaf in flat(part)] if isinstance(tree, tuple) else [tree]


def test_forward_and_reverse_mode_agree_and_nest():
    x, y = double((3,), (3,))
    a = func.jacfwd(func.jacrev(f))(x, y)
    b = func.jacrev(func.jacfwd(f))(x, y)
    c = func.jacrev(func.jacrev(f))(x, y)
    d = func.jacfwd(func.jacfwd(f))(x, y)
    for other in (b, c, d):
        close(a, other)


def test_a_third_derivative():
    slope = func.grad(func.grad(func.grad(lambda x: x**5)))
    assert slope(nn.tensor(2.0)).item() == 240


def test_hvp_is_the_hessian_times_the_vector():
    def g(x):
        return (x**3).sum() * x.sin().sum()

    x, v = double((4,), (4,))
    close(func.hvp(g, (x,), (v,)), func.hessian(g)(x) @ v)


def test_an_outer_tensor_that_requires_gradients_keeps_the_connection():
    a = nn.tensor(3.0, requires_grad=True)
    slope = func.grad(lambda x: a * x**2)(nn.tensor(2.0))
    slope.backward()
    assert a.grad.item() == 4.0


def test_results_are_free_of_what_the_transform_recorded():
    (x,) = double((3,))
    value, product = func.jvp(nn.exp, (x,), (x,))
    assert not value.requires_grad
    assert not product.requires_grad
    assert not x.requires_grad


def test_what_does_not_depend_has_derivative_zero():
    x, y = double((2,), (2,))
    close(func.grad(lambda x, y: (y**2).sum(), 0)(x, y), [0, 0])
    close(func.jvp(lambda x: nn.ones(3), (x,), (x,))[1], [0, 0, 0])
    close(func.jacfwd(lambda x: x * 0 + 1)(x), np.zeros((2, 2)))


def test_aux_is_passed_on():
    x = nn.tensor(2.0)
    assert func.grad(lambda x: (x**2, "aux"), has_aux=True)(x) == (4.0, "aux")
    assert func.grad_and_value(lambda x: (x**2, "aux"), has_aux=True)(x)[1][1] == "aux"
    assert func.vjp(lambda x: (x**2, "aux"), x, has_aux=True)[2] == "aux"
    assert func.jvp(lambda x: (x**2, "aux"), (x,), (x,), has_aux=True)[2] == "aux"


def test_functional_call_leaves_the_module_as_it_is_even_after_an_error():
    layer = nn.Linear(2, 1)
    weight = layer.weight
    with pytest.raises(nn.ShapeError):
        func.functional_call(layer, {"weight": nn.ones(1, 3)}, nn.ones(2))
    assert layer.weight is weight
    with pytest.raises(KeyError, match="Linear has no parameter or buffer 'wieght'"):
        func.functional_call(layer, {"wieght": nn.ones(1, 2)}, nn.ones(2))
    assert layer.weight is weight


@pytest.mark.parametrize(("call", "message"), [
    (lambda x: func.grad(lambda x: x)(x), r"grad: the function must return one number, it returned \[\(2,\)\]"),
    (lambda x: func.jvp(nn.exp, (x,), (nn.ones(3),)), r"jvp: tangent 0 has shape \(3,\), its primal has \(2,\)"),
    (lambda x: func.jvp(nn.exp, (x,), (x, x)), "jvp: expected 1 tangents, one for each primal; got 2"),
    (lambda x: func.vjp(nn.exp, x)[1](nn.ones(3)), r"vjp: cotangent 0 has shape \(3,\), its output has \(2,\)"),
    (lambda x: func.grad(lambda x: 1.0)(x), "func: tensors are expected, got float"),
])  # fmt: skip
def test_errors_say_what_came(call, message):
    with pytest.raises((nn.GradError, nn.ShapeError, TypeError), match=message):
        call(nn.ones(2))


class Tied(nn.Module):
    """An output layer that has the embedding's weight; shared by assignment, by a list and by a whole module."""

    def __init__(self, how="attribute"):
        super().__init__()
        self.embedding = nn.Embedding(3, 3)
        self.out = nn.Linear(3, 3, bias=False)
        if how == "list":
            self.weights = nn.ParameterList([self.embedding.weight])
        if how == "module":
            self.first = nn.Linear(3, 3, bias=False)
            self.first.weight = self.embedding.weight
            self.out = self.first
        else:
            self.out.weight = self.embedding.weight

    def forward(self, index):
        return self.out(self.embedding(index)) + (self.weights[0].sum() if hasattr(self, "weights") else 0)


@pytest.mark.parametrize("how", ["attribute", "list", "module"])
def test_functional_call_replaces_a_tied_weight_under_all_its_names(how):
    model, index, w = Tied(how), nn.tensor([2, 0]), nn.randn(3, 3)
    before = model(index).detach().numpy()
    expected = w[index] @ w.T + (w.sum() if how == "list" else 0)
    names = [name for name, _ in model.named_parameters(remove_duplicate=False)]
    assert len(names) == {"attribute": 2, "list": 3, "module": 3}[how]
    for name in names:
        result = func.functional_call(model, {name: w}, index, strict=True)
        np.testing.assert_allclose(result.numpy(), expected.numpy(), rtol=1e-5)
    np.testing.assert_array_equal(model(index).detach().numpy(), before)
    assert all(p is model.embedding.weight for _, p in model.named_parameters(remove_duplicate=False))


def test_the_gradient_of_a_tied_weight_sums_over_all_its_places():
    model, index = Tied(), nn.tensor([2, 0])
    named = dict(model.named_parameters())
    (found,) = func.grad(lambda named: func.functional_call(model, named, index).square().sum())(named).values()
    model(index).square().sum().backward()
    np.testing.assert_allclose(found.detach().numpy(), model.embedding.weight.grad.numpy(), rtol=1e-5)


def test_functional_call_unties_where_that_is_asked_for():
    model, index, w = Tied(), nn.tensor([2, 0]), nn.randn(3, 3)
    expected = w[index] @ model.out.weight.T
    found = func.functional_call(model, {"embedding.weight": w}, index, tie_weights=False)
    np.testing.assert_allclose(found.detach().numpy(), expected.detach().numpy(), rtol=1e-5)


def test_functional_call_ties_buffers_too():
    model = nn.Sequential(nn.BatchNorm1d(2, affine=False), nn.BatchNorm1d(2, affine=False)).eval()
    model[1].running_mean = model[0].running_mean
    shifted = func.functional_call(model, {"0.running_mean": nn.tensor([1.0, 2.0])}, nn.zeros(1, 2))
    np.testing.assert_allclose(shifted.numpy(), [[-2, -4]], rtol=1e-4)


def test_functional_call_refuses_what_is_ambiguous_or_missing():
    model, index, w = Tied(), nn.tensor([2]), nn.ones(3, 3)
    with pytest.raises(ValueError, match=r"'embedding.weight' and 'out.weight' are tied, but were given different"):
        func.functional_call(model, {"embedding.weight": w, "out.weight": w + 1}, index)
    func.functional_call(model, {"embedding.weight": w, "out.weight": w}, index)
    with pytest.raises(ValueError, match=r"\['out.weight'\] are in several of the dicts; give each name once"):
        func.functional_call(model, ({"out.weight": w}, {"out.weight": w}), index)
    with pytest.raises(RuntimeError, match=r"Linear has \['bias'\], which are not given; pass strict=False"):
        func.functional_call(nn.Linear(1, 1), {"weight": nn.ones(1, 1)}, nn.ones(1), strict=True)
    with pytest.raises(
        KeyError, match=r"Tied has no parameter or buffer 'outer.weight'; it has \['embedding.weight', "
    ):
        func.functional_call(model, {"outer.weight": w}, index)


@pytest.mark.parametrize("change", [
    copy.deepcopy,
    lambda model: pickle.loads(pickle.dumps(model)),
    lambda model: model.double(),
    lambda model: model.to(nn.float16),
    lambda model: nn.optim.swa_utils.AveragedModel(model).module,
    lambda model: model.apply(lambda part: None),
    lambda model: model.load_state_dict(model.state_dict()) and model,
], ids=["deepcopy", "pickle", "double", "to", "average", "apply", "load"])  # fmt: skip
def test_nothing_that_copies_or_converts_a_model_unties_its_weights(change):
    model = change(Tied())
    assert model.embedding.weight is model.out.weight
    assert len(list(model.parameters())) == 1


def test_named_tuples_and_ordered_dicts_stay_what_they_are():
    pair = collections.namedtuple("Pair", "a b")
    x = pair(nn.tensor(2.0), nn.tensor(3.0))
    gradient = func.grad(lambda p: p.a * p.b)(x)
    assert type(gradient) is pair
    assert (gradient.a.item(), gradient.b.item()) == (3, 2)
    value, pull = func.vjp(lambda p: pair(p.a * 2, p.b), x)
    assert type(value) is pair
    assert type(pull(value)[0]) is pair
    ordered = collections.OrderedDict(w=nn.tensor(2.0), b=nn.tensor(1.0))
    found = func.grad(lambda d: d["w"] * d["b"])(ordered)
    assert type(found) is collections.OrderedDict
    assert found["w"].item() == 1
    product = func.jvp(lambda d: pair(d["w"], d["b"]), (ordered,), (ordered,))[1]
    assert type(product) is pair
