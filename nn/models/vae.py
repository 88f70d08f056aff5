"""The variational autoencoder: pictures as points of a small space, from which new pictures can be drawn."""

from __future__ import annotations

from nn.functional.loss import binary_cross_entropy_with_logits
from nn.modules.linear import Linear
from nn.modules.module import Module
from nn.rng import Generator
from nn.tensors.activation import relu
from nn.tensors.creation import empty_like
from nn.tensors.exponential import exp
from nn.tensors.random import randn
from nn.tensors.tensor import Tensor

__all__ = ["VAE"]


class VAE(Module):
    """Encodes x as a normal distribution of z, draws z, and decodes it to the logits of the pixels.

    The layers have the names of PyTorch's example: `fc1`, `fc21` (mean), `fc22` (log of the variance), `fc3`, `fc4`.

    Args:
        in_features: the pixels of a picture.
        hidden: the units between pixels and z, on either side.
        latent: the length of z.

    Shape:
        x (N, ...) with in_features numbers each, in [0, 1] -> logits (N, in_features), mu and logvar (N, latent)

    Example:
        >>> import nn
        >>> _ = nn.manual_seed(0)
        >>> vae = nn.models.VAE(64, hidden=32, latent=2)
        >>> x = nn.rand(5, 1, 8, 8)
        >>> logits, mu, logvar = vae(x)
        >>> logits.shape, mu.shape, vae.loss(x).item() > 0
        ((5, 64), (5, 2), True)
        >>> vae.sample(3).shape
        (3, 64)

    References:
        Kingma and Welling, Auto-Encoding Variational Bayes, ICLR 2014.
    """

    def __init__(self, in_features: int = 784, hidden: int = 400, latent: int = 20) -> None:
        super().__init__()
        self.fc1 = Linear(in_features, hidden)
        self.fc21 = Linear(hidden, latent)
        self.fc22 = Linear(hidden, latent)
        self.fc3 = Linear(latent, hidden)
        self.fc4 = Linear(hidden, in_features)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The mean and the log of the variance of z."""
        h = relu(self.fc1(x.reshape(x.shape[0], -1)))
        return self.fc21(h), self.fc22(h)

    def reparameterize(self, mu: Tensor, logvar: Tensor) -> Tensor:
        """z = mu + sigma e, with e drawn from N(0, 1): the draw has a gradient by mu and sigma."""
        return mu + exp(logvar / 2) * empty_like(mu).normal_()

    def decode(self, z: Tensor) -> Tensor:
        """The logits of the pixels."""
        return self.fc4(relu(self.fc3(z)))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The logits of the pixels, and the distribution of z."""
        mu, logvar = self.encode(x)
        return self.decode(self.reparameterize(mu, logvar)), mu, logvar

    def loss(self, x: Tensor) -> Tensor:
        """The negative evidence lower bound in nats a picture: reconstruction and divergence, see `parts`."""
        reconstruction, divergence = self.parts(x)
        return reconstruction + divergence

    def parts(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Both parts of the loss, in nats a picture.

        reconstruction = -sum_i (x_i log p_i + (1 - x_i) log(1 - p_i))
        divergence     = KL(N(mu, sigma^2) || N(0, 1)) = -1/2 sum_j (1 + log sigma_j^2 - mu_j^2 - sigma_j^2)
        """
        logits, mu, logvar = self(x)
        target = x.reshape(logits.shape)
        reconstruction = binary_cross_entropy_with_logits(logits, target, reduction="sum") / len(x)
        divergence = -0.5 * (1 + logvar - mu**2 - exp(logvar)).sum() / len(x)
        return reconstruction, divergence

    def sample(self, n: int, generator: Generator | None = None) -> Tensor:
        """New pictures: the pixels' probabilities for z drawn from N(0, 1).

        Args:
            n: how many.
            generator: draws z; None for the global one.

        Shape:
            (n, in_features)
        """
        return self.decode(randn(n, self.fc3.in_features, generator=generator)).sigmoid()
