import os
import pickle
from pathlib import Path

import pytest

from tbwriter.files.reader import read_events, read_scalars
from tbwriter.files.records import frame
from tbwriter.files.shared_file import SharedFile
from tbwriter.files.storage import LocalDirectory
from tbwriter.messages.encode import scalar_event
from tbwriter.messages.event_pb2 import Event


def add(file, *tags):
    for tag in tags:
        file.add(scalar_event(1.5, 0, tag, 0.5))
    file.flush()


def steps(directory):
    return {tag: found.tolist() for tag, (found, _) in read_scalars(directory).items()}


def test_every_tag_counts_for_itself_and_over_all_copies(tmp_path):
    file = SharedFile(tmp_path)
    other = pickle.loads(pickle.dumps(file))
    add(file, "x", "x", "y")
    add(other, "x", "y")
    add(file, "x")
    assert steps(tmp_path) == {"x": [0, 1, 2, 3], "y": [0, 1]}
    assert len(list(tmp_path.iterdir())) == 1


def test_an_event_without_a_tag_has_no_step(tmp_path):
    file = SharedFile(tmp_path)
    file.add(Event(graph_def=b"graph").SerializeToString())
    file.flush()
    assert [event.step for event in read_events(tmp_path)] == [0, 0]


def test_what_a_killed_process_wrote_in_part_is_cut_off_by_the_next(tmp_path):
    file = SharedFile(tmp_path)
    add(file, "x")
    with Path(file.directory.join(file.name)).open("ab") as tail:
        tail.write(frame(b"part of a record")[:-1])
    add(pickle.loads(pickle.dumps(file)), "x")
    add(file, "x")
    assert steps(tmp_path) == {"x": [0, 1, 2]}


def test_a_batch_that_the_disk_refused_is_numbered_anew(tmp_path, monkeypatch):
    file = SharedFile(tmp_path)
    other = pickle.loads(pickle.dumps(file))

    def refuse(descriptor, data):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", refuse)
        with pytest.raises(OSError, match="No space left"):
            add(file, "x")
    add(other, "x")
    add(file, "x")
    assert steps(tmp_path) == {"x": [0, 1, 2]}


def test_a_file_that_was_deleted_is_an_error(tmp_path):
    file = SharedFile(tmp_path)
    Path(file.directory.join(file.name)).unlink()
    with pytest.raises(FileNotFoundError, match="not on disk"):
        add(file, "x")
    with pytest.raises(FileNotFoundError):
        file.close()


def test_damage_by_others_is_named_and_nothing_is_written_over_it(tmp_path):
    file = SharedFile(tmp_path)
    path = Path(file.directory.join(file.name))
    path.write_bytes(path.read_bytes() + bytes(40))
    size = path.stat().st_size
    with pytest.raises(RuntimeError, match=r"DamagedRecordError .*; 1 event is not on disk"):
        add(file, "x")
    with pytest.raises(RuntimeError):
        file.close()
    assert path.stat().st_size == size


def test_it_wants_a_directory_whose_files_grow(tmp_path):
    class Remote(LocalDirectory):
        grows = False

    with pytest.raises(ValueError, match="processes can share a file only in a directory of this machine"):
        SharedFile(Remote(str(tmp_path)))
    assert list(tmp_path.iterdir()) == []
