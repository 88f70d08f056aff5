"""The examples by the names that `fromzero train` takes: where each stands, what it shows, which options it has."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["EXAMPLES", "Example", "listing"]


class Example(NamedTuple):
    """One example.

    Args:
        module: a module below `nn.examples` with `train(options)`, which returns a `Report`.
        shows: a clause for the list of examples.
        takes: the options beyond those that every example has.
        together: whether the processes of `mpiexec` can train it together.
    """

    module: str
    shows: str
    takes: tuple[str, ...] = ("quick", "resume")
    together: bool = False


PLAYS = ("quick", "resume", "env")

EXAMPLES = {
    "xor": Example("xor", "two layers, on what one unit cannot learn", ("as_printed",)),
    "linear-regression": Example("linear_regression", "a line through house prices, and why a rate diverges", ()),
    "cnn": Example("cnn", "a convolutional network, on the article's pictures and on digits", ("augment",)),
    "mlp": Example("mlp", "a perceptron, on two moons; its plane as a picture", together=True),
    "lenet": Example("lenet", "LeNet-5, on digits; what its filters see", together=True),
    "resnet": Example("resnet", "a small residual network, on digits", together=True),
    "unet": Example("unet", "U-Net, on noisy shapes; masks as pictures", together=True),
    "vae": Example("vae", "a variational autoencoder, on digits; the space that it draws from", together=True),
    "dcgan": Example("dcgan", "two networks against each other, on digits; what they paint"),
    "lstm": Example("lstm", "a character LSTM, on Python's own documentation; what it writes", together=True),
    "fine-tuning": Example("fine_tuning", "digits 5 to 9 from few samples, by a network of 0 to 4", ("quick",)),
    "gpt": Example("gpt", "GPT on the same text, against a 5-gram; then LoRA on NumPy's docstrings"),
    "reinforce": Example("reinforcement.reinforce", "REINFORCE with a baseline, on a cart with a pole", PLAYS),
    "ppo": Example("reinforcement.ppo", "PPO, an actor and a critic, on the same", PLAYS),
    "dqn": Example("reinforcement.dqn", "DQN, on the same; what each state is worth, and an episode as a film", PLAYS),
}


def listing() -> str:
    """The examples, a line for each."""
    width = max(map(len, EXAMPLES)) + 2
    return "\n".join(f"  {name.ljust(width)}{example.shows}" for name, example in EXAMPLES.items())
