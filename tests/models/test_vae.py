"""The loss of the autoencoder is that of its formulas, and its draw has a gradient."""

import numpy as np

import nn
from nn.models import VAE


def test_the_divergence_is_that_of_two_normal_distributions(rng):
    model = VAE(6, 5, 3).double()
    x = nn.tensor(rng.random((4, 6)))
    _, mu, logvar = model(x)
    own = nn.distributions.Normal(mu, (logvar / 2).exp())
    standard = nn.distributions.Normal(nn.zeros_like(mu), nn.ones_like(mu))
    expected = nn.distributions.kl_divergence(own, standard).sum(1).mean()
    np.testing.assert_allclose(model.parts(x)[1].item(), expected.item(), rtol=1e-12)


def test_the_reconstruction_is_the_likelihood_of_pixels(rng):
    model = VAE(6, 5, 3).double()
    nn.init.constant_(model.fc22.bias, -80.0)  # so narrow that every draw is the mean
    nn.init.zeros_(model.fc22.weight)
    x = rng.random((4, 1, 2, 3))
    logits = model(nn.tensor(x))[0].detach().numpy()
    p, flat = 1 / (1 + np.exp(-logits)), x.reshape(4, 6)
    expected = -(flat * np.log(p) + (1 - flat) * np.log(1 - p)).sum(1).mean()
    np.testing.assert_allclose(model.parts(nn.tensor(x))[0].item(), expected, rtol=1e-9)


def test_a_draw_has_the_moments_it_should_have_and_a_gradient_by_them():
    nn.manual_seed(0)
    mu, logvar = nn.full((20000,), 2.0, requires_grad=True), nn.full((20000,), np.log(9.0), requires_grad=True)
    z = VAE().reparameterize(mu, logvar)
    assert abs(z.mean().item() - 2) < 0.1
    assert abs(z.std().item() - 3) < 0.1
    z.sum().backward()
    assert (mu.grad == 1).all()
    np.testing.assert_allclose(logvar.grad.numpy(), (z - mu).detach().numpy() / 2, rtol=1e-5, atol=1e-6)


def test_samples_are_probabilities_and_repeat_with_their_generator():
    model = VAE(6, 5, 3)
    first, again = (model.sample(4, nn.Generator().manual_seed(1)).detach().numpy() for _ in range(2))
    assert first.shape == (4, 6)
    assert ((first > 0) & (first < 1)).all()
    assert np.array_equal(first, again)
