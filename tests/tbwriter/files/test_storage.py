import errno
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tbwriter import SummaryWriter, read_events, read_scalars
from tbwriter.files import storage
from tbwriter.files.storage import directory, find_files


@pytest.fixture
def bucket():
    """A remote directory in memory."""
    fsspec = pytest.importorskip("fsspec", reason="writes to remote directories (extra remote)")
    yield "memory://bucket/run"
    fsspec.filesystem("memory").store.clear()


@pytest.fixture(params=["local", "remote"])
def folder(request, tmp_path):
    return directory(tmp_path / "a" / "b" if request.param == "local" else request.getfixturevalue("bucket"))


def read(folder, name):
    with folder.open(name) as file:
        return file.read()


def test_files_are_made_with_their_directories_listed_replaced_and_read(folder):
    assert not folder.exists()
    assert folder.names() == []
    folder.create("two", b"2")
    folder.write("one", b"1")
    folder.write("one", b"one")
    folder.child("sub").write("three", b"3")
    assert folder.exists()
    assert folder.names() == ["one", "two"]
    assert [read(folder, name) for name in folder.names()] == [b"one", b"2"]
    assert read(folder.child("sub"), "three") == b"3"


def test_a_file_that_is_there_is_not_made_again(folder):
    folder.create("one", b"1")
    with pytest.raises(FileExistsError) as caught:
        folder.create("one", b"2")
    assert caught.value.filename == folder.join("one")
    assert read(folder, "one") == b"1"


def test_a_path_is_a_file_or_a_directory(folder):
    for name in "b tfevents", "a tfevents", "other":
        folder.create(name, b"")
    assert find_files(folder.path, "tfevents")[1] == ["a tfevents", "b tfevents"]
    place, names = find_files(folder.join("other"), "tfevents")
    assert (place.path, names) == (folder.path, ["other"])


def test_a_file_that_could_not_be_written_is_closed_before_it_is_removed(tmp_path, monkeypatch):
    """Windows removes no file that is open."""
    steps = []
    close, unlink = os.close, Path.unlink
    monkeypatch.setattr(os, "close", lambda descriptor: steps.append("close") or close(descriptor))
    monkeypatch.setattr(Path, "unlink", lambda path: steps.append("unlink") or unlink(path))

    def full(descriptor, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space"):
        directory(tmp_path).create("file", b"data")
    assert steps == ["close", "unlink"]
    assert list(tmp_path.iterdir()) == []


def held_by_a_reader(times, action):
    """The action, which a reader refuses so many times, as Windows does."""
    left = [None] * times

    def refuse(*arguments):
        if left:
            left.pop()
            raise PermissionError(errno.EACCES, "Permission denied")
        return action(*arguments)

    return refuse


def test_a_reader_that_holds_a_file_for_a_moment_is_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(storage, "_WAITS", (0.0, 0.0))
    folder = directory(tmp_path)
    folder.create("file", b"1")
    monkeypatch.setattr(os, "open", held_by_a_reader(2, os.open))
    folder.append("file", b"2", 1)
    assert read(folder, "file") == b"12"
    monkeypatch.setattr(Path, "replace", held_by_a_reader(2, Path.replace))
    folder.write("file", b"new")
    assert read(folder, "file") == b"new"
    monkeypatch.setattr(Path, "replace", held_by_a_reader(3, Path.replace))
    with pytest.raises(PermissionError):
        folder.write("file", b"newer")
    assert folder.names() == ["file"], "no draft is left behind"
    assert read(folder, "file") == b"new"


@pytest.mark.parametrize("refused", [False, True])
def test_where_fsync_does_not_reach_the_disk_the_request_that_does_is_made(tmp_path, monkeypatch, refused):
    requests, synced = [], []

    def fcntl(descriptor, request):
        requests.append(request)
        if refused:
            raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(storage, "fcntl", SimpleNamespace(F_FULLFSYNC=51, fcntl=fcntl))
    monkeypatch.setattr(os, "fsync", synced.append)
    folder = directory(tmp_path, fsync=True)
    folder.create("file", b"1")
    folder.append("file", b"2", 1)
    assert set(requests) == {51}
    assert len(synced) == len(requests) * refused


def test_a_local_file_grows_from_the_end_of_its_good_part(tmp_path):
    folder = directory(tmp_path)
    folder.create("file", b"good, torn")
    folder.append("file", b" again", 4)
    assert read(folder, "file") == b"good again"


def test_a_local_file_that_was_deleted_is_not_made_anew(tmp_path):
    with pytest.raises(FileNotFoundError):
        directory(tmp_path).append("file", b"data", 0)
    assert directory(tmp_path).names() == []


def test_a_local_file_that_cannot_be_made_whole_is_not_made(tmp_path, monkeypatch):
    def refuse(descriptor, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", refuse)
    for method in directory(tmp_path).create, directory(tmp_path).write:
        with pytest.raises(OSError, match="No space left"):
            method("file", b"data")
    assert list(tmp_path.iterdir()) == []


def test_a_local_directory_stays_where_it_was(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = directory("log")
    monkeypatch.chdir("/")
    assert folder.path == str(tmp_path / "log")


def test_every_batch_of_a_remote_run_is_a_file_and_all_are_one_run(bucket, held_back):
    with SummaryWriter(bucket, filename_suffix=".mine") as writer:
        for step in range(6):
            writer.add_scalar("loss", step, step)
            writer.add_scalars("both", {"train": step}, step)
            if step % 2:
                writer.flush()
    names = find_files(bucket, "")[1]
    assert len(names) == 4  # the first is made with the writer
    assert all(name.endswith(".mine") for name in names)
    assert read_scalars(bucket)["loss"][0].tolist() == [0, 1, 2, 3, 4, 5]
    assert read_scalars(f"{bucket}/both_train")["both"][0].tolist() == [0, 1, 2, 3, 4, 5]
    for name in names:
        first, *_ = read_events(f"{bucket}/{name}")
        assert first.file_version == "brain.Event:2"


def test_a_remote_run_that_is_resumed_is_purged(bucket):
    for purge_step, start in (None, 0), (3, 3):
        with SummaryWriter(bucket, purge_step=purge_step) as writer:
            for step in range(start, start + 5):
                writer.add_scalar("loss", start, step)
    assert [column.tolist() for column in read_scalars(bucket)["loss"]] == [
        [0, 1, 2, 3, 4, 5, 6, 7],
        [0, 0, 0, 3, 3, 3, 3, 3],
    ]


def test_a_store_that_fails_is_an_os_error_and_its_batch_is_tried_again(bucket, monkeypatch):
    memory = pytest.importorskip("fsspec.implementations.memory")
    writer = SummaryWriter(bucket)
    writer.add_scalar("loss", 1, 1)
    with monkeypatch.context() as patch:

        def fail(*arguments, **options):
            raise RuntimeError("SlowDown")

        patch.setattr(memory.MemoryFileSystem, "pipe_file", fail)
        with pytest.raises(OSError, match=r"RuntimeError: SlowDown.*; 1 event is not on disk: 'memory://b"):
            writer.flush()
    writer.close()
    assert read_scalars(bucket)["loss"][0].tolist() == [1]


def test_a_store_that_wants_its_directories_made_gets_them(bucket, monkeypatch):
    memory = pytest.importorskip("fsspec.implementations.memory").MemoryFileSystem
    pipe_file = memory.pipe_file

    def strict(self, path, data, **options):
        if not self.isdir(path.rpartition("/")[0]):
            raise FileNotFoundError(path)
        return pipe_file(self, path, data, **options)

    monkeypatch.setattr(memory, "pipe_file", strict)
    directory(bucket).write("sub/file", b"data")
    assert directory(f"{bucket}/sub").names() == ["file"]


def test_the_default_is_to_wait_longer_for_a_remote_batch(bucket, tmp_path):
    assert SummaryWriter(bucket)._run._options["pause"] > SummaryWriter(tmp_path)._run._options["pause"]


@pytest.mark.parametrize(
    ("log_dir", "message"),
    [
        ("nowhere://bucket/run", "'nowhere://bucket/run' cannot be written: Protocol not known: nowhere"),
        ("s3:/bucket/run", "'s3:/bucket/run' is a URL that lost a slash, as pathlib does to them; give it as a string"),
    ],
)
def test_an_unknown_scheme_is_named_and_makes_no_directory(tmp_path, monkeypatch, log_dir, message):
    pytest.importorskip("fsspec")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=f"^SummaryWriter: log_dir {message}"):
        SummaryWriter(log_dir)
    assert list(tmp_path.iterdir()) == []


def test_without_fsspec_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "fsspec", None)
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    message = r"'s3://bucket/run' is a URL: to write there, pip install 'fromzero\[remote\]'"
    with pytest.raises(ValueError, match=message):
        SummaryWriter("s3://bucket/run")
    assert list(tmp_path.iterdir()) == []
