"""Randomness: one `Generator` that everything random takes, and the global one that `manual_seed` sets."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Generator",
    "default_generator",
    "fork_rng",
    "get_rng_state",
    "initial_seed",
    "manual_seed",
    "seed",
    "set_rng_state",
]

State = NDArray[np.uint8]


class Generator:
    """A stream of random numbers with PyTorch's manners around `numpy.random.Generator`.

    Example:
        >>> a, b = Generator().manual_seed(7), Generator().manual_seed(7)
        >>> bool((a.numpy.normal(size=3) == b.numpy.normal(size=3)).all())
        True
    """

    def __init__(self) -> None:
        self.manual_seed(int.from_bytes(os.urandom(8), "little"))

    def manual_seed(self, seed: int) -> Generator:
        """Restart the stream from `seed` (any integer; negative ones count from 2**128 down) and return self."""
        self._seed = int(seed)
        self._forks = 0
        self._stream: np.random.Generator | None = None
        if forked := _forked.get():
            forked.leave_alone(self)
        return self

    @property
    def numpy(self) -> np.random.Generator:
        """NumPy's generator, made at the first draw: importing `numpy.random` costs more than all of `nn`."""
        if forked := _forked.get():
            return forked.stream_of(self)
        return self._own()

    def _own(self) -> np.random.Generator:
        if self._stream is None:
            self._stream = np.random.default_rng(self._seed % 2**128)
        return self._stream

    def seed(self) -> int:
        """Restart the stream from a seed that nobody can guess, and return that."""
        return self.manual_seed(int.from_bytes(os.urandom(8), "little")).initial_seed()

    def initial_seed(self) -> int:
        """The seed that the stream was last started from."""
        return self._seed

    def get_state(self) -> State:
        """Where the stream stands, as bytes (an array of uint8) for `set_state`, here or in another process.

        Example:
            >>> generator = Generator()
            >>> state = generator.get_state()
            >>> first = generator.numpy.random()
            >>> generator.set_state(state).numpy.random() == first
            True
        """
        import json  # here, because `import nn` must stay quick

        state = {"seed": self._seed, "forks": self._forks, "stream": self._own().bit_generator.state}
        return np.frombuffer(json.dumps(state).encode(), np.uint8).copy()

    def set_state(self, new_state: Any) -> Generator:
        """Go to where the stream stood at `get_state`, and return self.

        Args:
            new_state: what `get_state` returned, as an array or a tensor.

        Raises:
            TypeError: anything but bytes as uint8.
            RuntimeError: bytes that `get_state` did not return; the stream stays where it was.
        """
        import json

        data = np.asarray(new_state)
        if data.dtype != np.uint8 or data.ndim != 1:
            raise TypeError(
                f"set_state: expected uint8 of one axis, got {data.dtype} of shape {data.shape}; "
                "give what get_state returned"
            )
        try:
            state = json.loads(data.tobytes())
            stream = np.random.default_rng(0)
            stream.bit_generator.state = state["stream"]
            self._seed, self._forks, self._stream = int(state["seed"]), int(state["forks"]), stream
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            raise RuntimeError(
                "set_state: these bytes are no state of a generator; give what get_state returned"
            ) from error
        return self

    def fork_key(self) -> tuple[int, int]:
        """A key that no earlier call returned, for a `ForkedStreams`; the stream itself stays where it is."""
        self._forks += 1
        return self._seed % 2**128, self._forks


class ForkedStreams:
    """Within it, every generator draws from a stream of its own, made of its seed and a key.

    So threads that work side by side draw the same numbers whichever comes first. A generator that is made or seeded
    within it draws as anywhere else.

    Args:
        *key: integers, 0 or more; other ones give other streams.

    Example:
        >>> generator = Generator().manual_seed(0)
        >>> with ForkedStreams(1, 2):
        ...     first = generator.numpy.random()
        >>> with ForkedStreams(1, 2):
        ...     again = generator.numpy.random()
        >>> first == again != generator.numpy.random()
        True
    """

    def __init__(self, *key: int) -> None:
        self._key = key
        self._streams: dict[Generator, np.random.Generator | None] = {}  # None: as anywhere else

    def __enter__(self) -> None:
        self._token = _forked.set(self)

    def __exit__(self, *error: object) -> None:
        _forked.reset(self._token)

    def stream_of(self, generator: Generator) -> np.random.Generator:
        """The stream that a generator draws from, in here."""
        if generator not in self._streams:
            self._streams[generator] = np.random.default_rng([generator._seed % 2**128, *self._key])
        return self._streams[generator] or generator._own()

    def leave_alone(self, generator: Generator) -> None:
        """Let a generator draw as it does elsewhere."""
        self._streams[generator] = None


_forked: ContextVar[ForkedStreams | None] = ContextVar("forked", default=None)
default_generator = Generator()


def manual_seed(seed: int) -> Generator:
    """Seed the global generator, from which everything random draws unless it is given its own.

    Args:
        seed: any integer.

    Returns:
        The global `Generator`.
    """
    return default_generator.manual_seed(seed)


def seed() -> int:
    """Seed the global generator with a number that nobody can guess, and return that."""
    return default_generator.seed()


def initial_seed() -> int:
    """The seed that the global generator was last started from."""
    return default_generator.initial_seed()


def get_rng_state() -> State:
    """Where the global generator stands; for `set_rng_state`, and for checkpoints (`nn.save`)."""
    return default_generator.get_state()


def set_rng_state(new_state: Any) -> None:
    """Go to where the global generator stood at `get_rng_state`.

    Example:
        >>> import nn
        >>> state = nn.get_rng_state()
        >>> first = nn.rand(3)
        >>> nn.set_rng_state(state)
        >>> bool((nn.rand(3) == first).all())
        True
    """
    default_generator.set_state(new_state)


@contextlib.contextmanager
def fork_rng(devices: Any = None, enabled: bool = True) -> Iterator[None]:
    """Go back to where the global generator stood, at the end of the block.

    Args:
        devices: has no effect: there is only the CPU.
        enabled: False changes nothing.

    Example:
        >>> import nn
        >>> with nn.fork_rng():
        ...     first = nn.manual_seed(3) and nn.rand(2)
        >>> nn.equal(first, nn.manual_seed(3) and nn.rand(2))
        True
    """
    state = default_generator.get_state()
    try:
        yield
    finally:
        if enabled:
            default_generator.set_state(state)
