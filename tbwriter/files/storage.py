"""Where a run's files live: a directory of this machine, or one behind a URL such as ``s3://`` (extra ``remote``)."""

import contextlib
import errno
import os
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO, Protocol, TypeVar

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # on Windows
    fcntl = None

_BINARY = getattr(os, "O_BINARY", 0)
_WAITS = (0.001, 0.01, 0.1) if os.name == "nt" else ()  # seconds between attempts at a file that a reader holds

Result = TypeVar("Result")
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/")  # two letters or more: one is a drive of Windows


class Directory(Protocol):
    """A directory, whichever machine has it.

    Attributes:
        path: its absolute path or URL.
        grows: whether a file can be appended to; where it cannot, what comes later goes into another file.
    """

    path: str
    grows: bool

    def join(self, name: str) -> str:
        """The full path or URL of a file in it."""

    def child(self, name: str) -> "Directory":
        """A directory in it."""

    def exists(self) -> bool:
        """Whether there is a directory of that name."""

    def names(self) -> list[str]:
        """The names of its files, sorted; none where it does not exist."""

    def children(self) -> list[str]:
        """The names of its directories, sorted."""

    def create(self, name: str, data: bytes) -> None:
        """Make a file that is not there yet, and the directory where it is missing."""

    def append(self, name: str, data: bytes, end: int) -> None:
        """Add to a file that is there and whose good part ends at byte ``end``: all of ``data``, or nothing of it."""

    def write(self, name: str, data: bytes) -> None:
        """Make a file, or replace it at one stroke."""

    def open(self, name: str) -> BinaryIO:
        """A file of it, to read."""


def directory(path: str | os.PathLike[str], fsync: bool = False) -> Directory:
    """The directory of that path or URL.

    Args:
        path: a path, or a URL of any kind that fsspec knows.
        fsync: have the disk itself confirm what is written, so that it survives a loss of power; slow.

    Returns:
        The directory; nothing is made yet.

    Raises:
        ValueError: no file system for this kind of URL is known or installed; or it holds a NUL character.

    Example:
        >>> directory("runs/one").grows
        True
        >>> directory("nowhere://bucket/run")
        Traceback (most recent call last):
        ValueError: 'nowhere://bucket/run' ...
    """
    name = _text(path)
    if not _URL.match(name):
        return LocalDirectory(name, fsync)
    if "://" not in name:
        raise ValueError(f"{name!r} is a URL that lost a slash, as pathlib does to them; give it as a string")
    return RemoteDirectory(name)


def _text(path: str | bytes | os.PathLike[str]) -> str:
    """A path as text, which may be given as bytes, too."""
    name = os.fsdecode(path)
    if "\0" in name:
        raise ValueError(f"{name!r} is no path: it holds a NUL character")
    return name


def find_files(path: str | os.PathLike[str], part: str) -> tuple[Directory, list[str]]:
    """The files that a path or a URL stands for: itself; or, of a directory, those with ``part`` in their name.

    Args:
        path: of a file or a directory.
        part: what their names have in common.

    Returns:
        The directory, and the names of files of it, sorted; a file that does not exist is among them.

    Raises:
        ValueError: as `directory`.

    Example:
        >>> find_files("nowhere/file", "tfevents")[1]
        ['file']
    """
    place = directory(path)
    if place.exists():
        return place, [name for name in place.names() if part in name]
    folder, file = of_file(path)
    return folder, [file]


def of_file(path: str | os.PathLike[str]) -> tuple[Directory, str]:
    """The directory and the name of a file, whether or not there is one.

    Args:
        path: of the file.

    Returns:
        Both.

    Raises:
        ValueError: as `directory`.

    Example:
        >>> of_file("nowhere/file")[1]
        'file'
    """
    name = _text(path)
    folder, _, file = name.rpartition("/") if _URL.match(name) else (Path(name).parent, "", Path(name).name)
    return directory(folder), file


def _patiently(action: Callable[[], Result]) -> Result:
    """Windows refuses to write or replace what a reader holds for itself, which readers do for a moment."""
    for wait in _WAITS:
        try:
            return action()
        except PermissionError:
            time.sleep(wait)
    return action()


def _confirm(descriptor: int) -> None:
    """Have the disk itself confirm what was written; on macOS fsync does not."""
    full = getattr(fcntl, "F_FULLFSYNC", None)
    if full is not None:
        try:
            fcntl.fcntl(descriptor, full)  # type: ignore[union-attr, unused-ignore]
            return
        except OSError:  # a file system that knows no such request
            pass
    os.fsync(descriptor)


class LocalDirectory:
    """A directory of this machine. No file of it is kept open."""

    grows = True

    def __init__(self, path: str, fsync: bool = False) -> None:
        try:
            self._place = Path(path).absolute()  # the working directory may change later
        except FileNotFoundError as error:
            advice = "the working directory was deleted: change to another, or give an absolute path"
            raise FileNotFoundError(error.errno, advice, path) from error
        self._fsync = fsync
        self.path = str(self._place)

    def join(self, name: str) -> str:
        """As `Directory`."""
        return str(self._place / name)

    def child(self, name: str) -> "LocalDirectory":
        """As `Directory`."""
        return LocalDirectory(self.join(name), self._fsync)

    def exists(self) -> bool:
        """As `Directory`."""
        return self._place.is_dir()

    def names(self) -> list[str]:
        """As `Directory`."""
        return sorted(entry.name for entry in self._place.iterdir() if entry.is_file()) if self.exists() else []

    def children(self) -> list[str]:
        """As `Directory`; a link that leads back up is none."""
        above = {self._place.resolve(), *self._place.resolve().parents}
        entries = self._place.iterdir() if self.exists() else ()
        return sorted(entry.name for entry in entries if entry.is_dir() and entry.resolve() not in above)

    def create(self, name: str, data: bytes) -> None:
        """As `Directory`."""
        path = self._place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o666)
        try:
            try:
                self._put(descriptor, data)
            finally:
                os.close(descriptor)  # first: Windows removes no file that is open
        except BaseException:
            with contextlib.suppress(OSError):
                path.unlink()
            raise
        if self._fsync and os.name == "posix":  # elsewhere a directory cannot be opened
            descriptor = os.open(path.parent, os.O_RDONLY)
            try:
                _confirm(descriptor)
            finally:
                os.close(descriptor)

    def append(self, name: str, data: bytes, end: int) -> None:
        """As `Directory`."""
        flags = os.O_WRONLY | os.O_APPEND | _BINARY  # a deleted file is an error
        descriptor = _patiently(lambda: os.open(self._place / name, flags))
        try:
            if os.lseek(descriptor, 0, os.SEEK_END) > end:  # from an attempt that was cut short
                os.ftruncate(descriptor, end)
            try:
                self._put(descriptor, data)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.ftruncate(descriptor, end)
                raise
        finally:
            os.close(descriptor)

    def _put(self, descriptor: int, data: bytes) -> None:
        while data:
            data = data[os.write(descriptor, data) :]
        if self._fsync:
            _confirm(descriptor)

    def write(self, name: str, data: bytes) -> None:
        """As `Directory`."""
        path = self._place / name
        draft = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
        self.create(str(draft.relative_to(self._place)), data)
        try:
            _patiently(lambda: draft.replace(path))
        except OSError:
            with contextlib.suppress(OSError):
                draft.unlink()
            raise

    def open(self, name: str) -> BinaryIO:
        """As `Directory`."""
        return (self._place / name).open("rb")


class RemoteDirectory:
    """A directory behind a URL, by fsspec. Objects there cannot grow: they are written whole."""

    grows = False

    def __init__(self, url: str) -> None:
        self.path = url.rstrip("/")
        self._connect()

    def _connect(self) -> tuple[Any, str]:
        """The file system and the path there: looked up again each time, since a forked child needs its own."""
        try:
            from fsspec.core import url_to_fs
        except ImportError as error:
            raise ValueError(f"{self.path!r} is a URL: to write there, pip install 'fromzero[remote]'") from error
        try:
            file_system, path = url_to_fs(self.path)
        except (ImportError, ValueError) as error:
            raise ValueError(f"{self.path!r} cannot be written: {error}") from error
        return file_system, path.rstrip("/")

    def join(self, name: str) -> str:
        """As `Directory`."""
        return f"{self.path}/{name}"

    def child(self, name: str) -> "RemoteDirectory":
        """As `Directory`."""
        return RemoteDirectory(self.join(name))

    def exists(self) -> bool:
        """As `Directory`."""
        file_system, path = self._connect()
        return bool(file_system.isdir(path))

    def names(self) -> list[str]:
        """As `Directory`."""
        return self._entries("file")

    def children(self) -> list[str]:
        """As `Directory`."""
        return self._entries("directory")

    def _entries(self, kind: str) -> list[str]:
        file_system, path = self._connect()
        file_system.invalidate_cache(path)
        entries = file_system.ls(path, detail=True) if file_system.isdir(path) else []
        names = (entry["name"].rstrip("/").rpartition("/")[2] for entry in entries if entry["type"] == kind)
        return sorted(names)

    def create(self, name: str, data: bytes) -> None:
        """As `Directory`."""
        file_system, path = self._connect()
        if file_system.exists(f"{path}/{name}"):
            raise FileExistsError(errno.EEXIST, "File exists", self.join(name))
        self.write(name, data)

    def append(self, name: str, data: bytes, end: int) -> None:
        """Unsupported: objects cannot grow (see ``grows``)."""
        raise NotImplementedError(f"{self.join(name)} cannot grow from {end} bytes by {len(data)}")

    def write(self, name: str, data: bytes) -> None:
        """As `Directory`."""
        file_system, path = self._connect()
        target = f"{path}/{name}"
        try:
            try:
                file_system.pipe_file(target, data)
            except FileNotFoundError:  # a store that knows directories, which most do not
                if not target.startswith("/") and not file_system.exists(target.partition("/")[0]):
                    raise  # for lack of the bucket, which nobody asked to make
                file_system.makedirs(target.rpartition("/")[0], exist_ok=True)
                file_system.pipe_file(target, data)
        except OSError as error:
            if error.strerror is not None:
                raise
            number = errno.ENOENT if isinstance(error, FileNotFoundError) else errno.EIO
            raise OSError(number, str(error), self.join(name)) from error
        except Exception as error:  # every kind of store has exceptions of its own
            raise OSError(errno.EIO, f"{type(error).__name__}: {error}", self.join(name)) from error

    def open(self, name: str) -> BinaryIO:
        """As `Directory`."""
        file_system, path = self._connect()
        file: BinaryIO = file_system.open(f"{path}/{name}", "rb")
        return file
