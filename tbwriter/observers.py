"""Who is told what goes into the event files of this process: the hook by which other trackers notice this writer."""

import contextlib
import os
from collections.abc import Iterator, Sequence

from tbwriter.files.storage import directory
from tbwriter.warn import warn


class Observer:
    """Base of what is told of event files: override one of the two methods, or both.

    They are called on whatever thread writes, most often the one I/O thread, after the file has been written; when
    `flush` or `close` has returned, they have been called for everything added before. What they raise is warned of,
    and harms nothing that is written.

    Example:
        >>> import tempfile
        >>> from tbwriter import SummaryWriter
        >>> class Count(Observer):
        ...     events = 0
        ...
        ...     def written(self, path, events):
        ...         self.events += len(events)
        >>> with tempfile.TemporaryDirectory() as log_dir, observe(Count()) as count:
        ...     with SummaryWriter(log_dir) as writer:
        ...         writer.add_scalar("loss", 0.5, 1)
        ...         writer.add_scalar("loss", 0.25, 2)
        >>> count.events
        2
    """

    def opened(self, path: str) -> None:
        """A new event file was made; on the thread that makes a `SummaryWriter`, of a sub-run on the I/O thread."""

    def written(self, path: str, events: Sequence[bytes]) -> None:
        """These events, serialised, were appended to an event file."""


_observers: list[tuple[Observer, str | None]] = []


@contextlib.contextmanager
def _observed(observer: Observer, entry: tuple[Observer, str | None]) -> Iterator[Observer]:
    try:
        yield observer
    finally:
        with contextlib.suppress(ValueError):
            _observers.remove(entry)


def observe(
    observer: Observer, log_dir: str | os.PathLike[str] | None = None
) -> contextlib.AbstractContextManager[Observer]:
    """Have an observer told of the event files of this process, from now on.

    Args:
        observer: is told.
        log_dir: of the files at or below this directory alone; None for all.

    Returns:
        A context manager, which gives the observer and at its end stops telling it. Without ``with`` it never ends.

    Raises:
        TypeError: it is not an `Observer`.
    """
    if not isinstance(observer, Observer):
        raise TypeError(
            f"observe: expected a tbwriter.Observer, got {type(observer).__name__}; derive its class from it"
        )
    entry = (observer, None if log_dir is None else directory(log_dir).path)
    _observers.append(entry)
    return _observed(observer, entry)


def tell_opened(path: str) -> None:
    """Tell those who observe it that a file was made.

    Args:
        path: the file's.
    """
    for observer in _of(path):
        try:
            observer.opened(path)
        except Exception as error:
            _warn_of(observer, error)


def tell_written(path: str, events: Sequence[bytes]) -> None:
    """Tell those who observe it that events were written.

    Args:
        path: the file's.
        events: serialised.
    """
    for observer in _of(path) if events else ():
        try:
            observer.written(path, events)
        except Exception as error:
            _warn_of(observer, error)


def _of(path: str) -> list[Observer]:
    return [one for one, below in _observers if below is None or path.startswith((f"{below}/", f"{below}{os.sep}"))]


def _warn_of(observer: Observer, error: Exception) -> None:
    """The file is written, whatever becomes of the telling; where warnings are errors, too."""
    with contextlib.suppress(RuntimeWarning):
        warn(f"{type(observer).__name__} failed, {type(error).__name__}: {error}; the event file is complete")
