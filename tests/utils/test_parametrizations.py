"""weight_norm, spectral_norm, orthogonal as parametrisations: their property, PyTorch's names, values, gradients."""

import numpy as np
import pytest

import nn
from nn.utils import parametrizations as P
from nn.utils import parametrize

LAYERS = {
    "Linear": (lambda lib: lib.Linear(4, 3).double(), (5, 4)),
    "Conv2d": (lambda lib: lib.Conv2d(2, 3, 2).double(), (5, 2, 4, 4)),
    "ConvTranspose1d": (lambda lib: lib.ConvTranspose1d(2, 3, 2).double(), (5, 2, 6)),
}
MAPS = ["matrix_exp", "cayley", "householder"]


def both(make):
    """A layer of ours, and PyTorch's of the same kind with the same state."""
    torch = pytest.importorskip("torch", reason="the oracle PyTorch is not installed")
    ours, theirs = make(nn), make(torch.nn)
    ours.load_state_dict(theirs.state_dict())
    return torch, ours, theirs


def compare(torch, ours, theirs, x):
    """Values, gradients by all parameters, and buffers."""
    for layer in (ours, theirs):
        layer.zero_grad()
    a, b = ours(nn.tensor(x)), theirs(torch.tensor(x))
    np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-9, atol=1e-11)
    (a**3).sum().backward()
    (b**3).sum().backward()
    for (name, p), (other, q) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
        assert name == other
        np.testing.assert_allclose(p.grad.numpy(), q.grad.numpy(), rtol=1e-8, atol=1e-10)
    for (name, p), (other, q) in zip(ours.named_buffers(), theirs.named_buffers(), strict=True):
        assert name == other
        np.testing.assert_allclose(p.numpy(), q.numpy(), rtol=1e-9, atol=1e-11)


class TestWeightNorm:
    def test_the_length_is_g_and_the_value_stays(self):
        layer = nn.Linear(4, 3)
        before = layer.weight.detach().clone()
        P.weight_norm(layer)
        assert nn.allclose(layer.weight, before, atol=1e-6)
        held = layer.parametrizations.weight
        with nn.no_grad():
            held.original0.fill_(2.0)
        assert np.allclose(np.linalg.norm(layer.weight.detach().numpy(), axis=1), 2)
        layer.weight = before
        assert nn.allclose(held.original0[:, 0], before.norm(dim=1), atol=1e-6)

    def test_a_state_with_the_older_names_can_be_loaded(self):
        older = nn.utils.weight_norm(nn.Linear(4, 3))
        model = nn.Sequential(P.weight_norm(nn.Linear(4, 3)))
        model.load_state_dict(nn.Sequential(older).state_dict())
        assert nn.allclose(model[0].weight, older.weight)

    @pytest.mark.parametrize("dim", [0, 1, -1, None])
    @pytest.mark.parametrize("kind", LAYERS)
    def test_it_is_torch_s(self, kind, dim, rng):
        make, shape = LAYERS[kind]
        torch, ours, theirs = both(make)
        P.weight_norm(ours, dim=dim)
        torch.nn.utils.parametrizations.weight_norm(theirs, dim=dim)
        assert {k: tuple(v.shape) for k, v in ours.state_dict().items()} == {
            k: tuple(v.shape) for k, v in theirs.state_dict().items()
        }
        compare(torch, ours, theirs, rng.normal(size=shape))


class TestSpectralNorm:
    def test_the_largest_singular_value_is_1(self):
        layer = P.spectral_norm(nn.Linear(6, 4), n_power_iterations=100)
        assert np.linalg.norm(layer.weight.detach().numpy(), 2) == pytest.approx(1, rel=1e-4)

    def test_u_and_v_move_in_training_only(self):
        layer = P.spectral_norm(nn.Linear(6, 4)).eval()
        u = layer.parametrizations.weight[0]._u
        before = u.tolist()
        layer(nn.ones(1, 6))
        assert u.tolist() == before
        with nn.no_grad():
            layer.parametrizations.weight.original[0] *= 3
        layer.train()(nn.ones(1, 6))
        assert u.tolist() != before

    def test_a_vector_is_divided_by_its_length(self):
        layer = P.spectral_norm(nn.Linear(2, 3), "bias")
        assert np.linalg.norm(layer.bias.detach().numpy()) == pytest.approx(1, rel=1e-6)

    @pytest.mark.parametrize("options", [{}, dict(n_power_iterations=3), dict(dim=1), dict(eps=0.5)], ids=str)
    @pytest.mark.parametrize("kind", LAYERS)
    def test_it_is_torch_s(self, kind, options, rng):
        make, shape = LAYERS[kind]
        torch, ours, theirs = both(make)
        P.spectral_norm(ours, **options)
        torch.nn.utils.parametrizations.spectral_norm(theirs, **options)
        assert list(ours.state_dict()) == list(theirs.state_dict())
        ours.load_state_dict(theirs.state_dict())
        for number in range(3):
            for layer in (ours, theirs):
                layer.train(number != 1)
            compare(torch, ours, theirs, rng.normal(size=shape))


@pytest.mark.parametrize("trivialization", [True, False])
@pytest.mark.parametrize("orthogonal_map", [None, *MAPS])
@pytest.mark.parametrize("shape", [(4, 4), (5, 3), (3, 5)], ids=str)
class TestOrthogonal:
    def test_rows_or_columns_are_orthogonal_whatever_is_trained(self, shape, orthogonal_map, trivialization, rng):
        layer = P.orthogonal(nn.Linear(*shape).double(), orthogonal_map=orthogonal_map,
                             use_trivialization=trivialization)  # fmt: skip
        original = layer.parametrizations.weight.original
        original.data += nn.tensor(np.tril(rng.normal(size=tuple(original.shape)), -1))
        w = layer.weight.detach().numpy()
        w = w if w.shape[0] >= w.shape[1] else w.T
        np.testing.assert_allclose(w.T @ w, np.eye(w.shape[1]), atol=1e-12)

    def test_an_orthogonal_matrix_can_be_assigned(self, shape, orthogonal_map, trivialization, rng):
        layer = P.orthogonal(nn.Linear(*shape).double(), orthogonal_map=orthogonal_map,
                             use_trivialization=trivialization)  # fmt: skip
        rows, columns = layer.weight.shape
        q = np.linalg.qr(rng.normal(size=(max(rows, columns),) * 2))[0][:rows, :columns]
        if not trivialization and layer.parametrizations.weight[0].orthogonal_map != "householder":
            with pytest.raises(NotImplementedError, match="a matrix can be assigned to 'householder' alone"):
                layer.weight = nn.tensor(q)
        elif rows == columns or not trivialization:
            layer.weight = nn.tensor(q)
            np.testing.assert_allclose(layer.weight.detach().numpy(), q, atol=1e-12)

    def test_it_is_torch_s(self, shape, orthogonal_map, trivialization, rng):
        torch, ours, theirs = both(lambda lib: lib.Linear(*shape).double())
        options = {"orthogonal_map": orthogonal_map, "use_trivialization": trivialization}
        P.orthogonal(ours, **options)
        torch.nn.utils.parametrizations.orthogonal(theirs, **options)
        assert list(ours.state_dict()) == list(theirs.state_dict())
        if not trivialization:  # nothing is drawn
            for a, b in zip(ours.state_dict().values(), theirs.state_dict().values(), strict=True):
                np.testing.assert_allclose(a.numpy(), b.numpy(), atol=1e-12)
        ours.load_state_dict(theirs.state_dict())
        moved = rng.normal(size=tuple(ours.parametrizations.weight.original.shape))
        np.fill_diagonal(moved, 0)  # PyTorch truncates the signs in the diagonal to integers
        ours.parametrizations.weight.original.data += nn.tensor(moved)
        theirs.parametrizations.weight.original.data += torch.tensor(moved)
        compare(torch, ours, theirs, rng.normal(size=(2, shape[0])))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda m: P.weight_norm(m, "kernel"), ValueError, "Linear has no parameter or buffer 'kernel'"),
        (lambda m: P.spectral_norm(m, "kernel"), ValueError, "spectral_norm: Linear has no parameter 'kernel'"),
        (lambda m: P.spectral_norm(m, n_power_iterations=0), ValueError, "must be 1 or more, got 0"),
        (lambda m: P.spectral_norm(m, dim=2), IndexError, r"dim must be an axis of the weight \(3, 2\), got 2"),
        (lambda m: P.orthogonal(m, "bias"), ValueError, "orthogonal: expected a matrix .* got 1 axes in 'bias'"),
        (lambda m: P.orthogonal(m, orthogonal_map="qr"), ValueError, "orthogonal_map must be .* got 'qr'"),
        (lambda m: setattr(P.orthogonal(m), "weight", nn.zeros(2, 3)), ValueError,
         r"orthogonal: expected a matrix of shape \(3, 2\), got \(2, 3\)"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call(nn.Linear(2, 3))


def test_an_optimiser_made_before_goes_on_training_the_original():
    layer = nn.Linear(3, 3)
    optimizer = nn.optim.SGD(layer.parameters(), lr=0.1)
    P.orthogonal(layer)
    before = layer.weight.detach().clone()
    layer(nn.randn(4, 3)).square().sum().backward()
    layer.parametrizations.weight.original.grad.add_(nn.tril(nn.ones(3, 3)))
    optimizer.step()
    assert not nn.allclose(before, layer.weight)
    assert parametrize.is_parametrized(layer, "weight")
