"""The errors of `nn`: one small tree, each also an instance of the exception that PyTorch raises in its place."""

__all__ = [
    "CaptureWarning",
    "CheckpointError",
    "DivergedError",
    "DtypeError",
    "FromZeroError",
    "GradError",
    "GradcheckError",
    "KinkWarning",
    "LinAlgError",
    "OutOfBoundsError",
    "PreconditionError",
    "RangeError",
    "ShapeError",
]


class FromZeroError(Exception):
    """Base of every error that `nn` raises on purpose."""


class ShapeError(FromZeroError, ValueError, RuntimeError):
    """Operands whose shapes do not fit; the message says which axis, what was expected and what was got."""


class DtypeError(FromZeroError, TypeError, RuntimeError):
    """An element type that the operation, or its gradient, is not defined for."""


class OutOfBoundsError(FromZeroError, IndexError, RuntimeError):
    """An axis or an index that the tensor does not have."""


class RangeError(FromZeroError, ValueError, RuntimeError):
    """A value outside the range that an operation is defined for."""


class PreconditionError(ShapeError, RangeError, AssertionError):
    """An argument of a module or a function that PyTorch checks with an assertion."""


class GradError(FromZeroError, RuntimeError):
    """A gradient that cannot be computed: there is no graph, it was used already, or its data changed since."""


class GradcheckError(FromZeroError, RuntimeError, AssertionError):
    """An analytic gradient that differs from the numerical one; the message names the worst element."""


class KinkWarning(GradcheckError, UserWarning):
    """An input of a checked function lies on a kink, where any slope between those of the two sides is right.

    Turned into an error it is a `GradcheckError`.
    """


class CaptureWarning(FromZeroError, UserWarning):
    """A step that `nn.capture` cannot replay and runs as it is; the message names the line and the reason."""


class CheckpointError(FromZeroError, RuntimeError, ValueError):
    """A file that `nn.load` cannot or will not read: damaged, of another format, or one that would run code.

    Attributes:
        path: the file.
        reason: what is wrong with it.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"load: {path}: {reason}")
        self.path = path
        self.reason = reason


class DivergedError(FromZeroError, FloatingPointError, ValueError):
    """A training whose loss became nan or infinite.

    Attributes:
        epoch: counted from 0.
        batch_idx: counted from 0.
        layer: the dotted name of the layer where it was seen first; None if it was in none.
    """

    def __init__(self, message: str, epoch: int, batch_idx: int, layer: str | None) -> None:
        super().__init__(message)
        self.epoch, self.batch_idx, self.layer = epoch, batch_idx, layer


class LinAlgError(FromZeroError, RuntimeError):
    """A matrix that has no such decomposition or inverse: singular, or not positive definite."""
