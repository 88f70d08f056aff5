import errno

import pytest

from tbwriter import EventWriter, SummaryWriter, list_runs, read_events, read_scalars
from tbwriter.files.records import frame
from tbwriter.messages.encode import scalar_event
from tbwriter.messages.event_pb2 import Event


@pytest.fixture
def run(tmp_path):
    with SummaryWriter(tmp_path / "run") as writer:
        for step in range(6):
            writer.add_scalar("loss", step / 8, step)
        writer.add_text("note", "words", 6)
        writer.add_hparams({"lr": 0.5})
    return tmp_path / "run"


def test_a_run_that_is_copied_is_the_same_byte_by_byte(run, tmp_path):
    with EventWriter(tmp_path / "copy" / "events.out.tfevents.1") as writer:
        for event in read_events(run):
            writer.add_event(event)
    (original,) = run.iterdir()
    assert (tmp_path / "copy" / "events.out.tfevents.1").read_bytes() == original.read_bytes()
    assert writer.path == str(tmp_path / "copy" / "events.out.tfevents.1")


def test_runs_are_merged_into_one_with_one_version(tmp_path):
    for half in range(2):
        with SummaryWriter(tmp_path / f"half{half}") as writer:
            for step in range(3 * half, 3 * half + 3):
                writer.add_scalar("loss", step, step)
    with EventWriter(tmp_path / "whole") as writer:
        for half in range(2):
            for event in read_events(tmp_path / f"half{half}"):
                writer.add_event(event.SerializeToString())
    assert read_scalars(tmp_path / "whole")["loss"][0].tolist() == [0, 1, 2, 3, 4, 5]
    assert [bool(event.file_version) for event in read_events(tmp_path / "whole")] == [True] + [False] * 6
    assert list(list_runs(tmp_path)) == ["half0", "half1", "whole"]


def test_events_without_a_version_get_one_of_their_own_time(tmp_path):
    with EventWriter(tmp_path) as writer:
        writer.add_event(scalar_event(1.5, 3, "loss", 0.5))
    version, event = read_events(tmp_path)
    assert (version.file_version, version.wall_time) == ("brain.Event:2", 1.5)
    assert (event.step, event.wall_time) == (3, 1.5)


def test_a_writer_of_nothing_leaves_an_event_file(tmp_path):
    EventWriter(tmp_path).close()
    (version,) = read_events(tmp_path)
    assert version.file_version == "brain.Event:2"


def test_what_is_there_is_never_written_to(run):
    (file,) = run.iterdir()
    before = file.read_bytes()
    with pytest.raises(FileExistsError, match="writes a new one: choose another name"):
        EventWriter(file)
    with EventWriter(run) as first, EventWriter(run) as second:  # files of their own beside it
        first.add_event(scalar_event(1.5, 7, "loss", 1))
        second.add_event(scalar_event(1.5, 8, "loss", 1))
    assert file.read_bytes() == before
    assert len(list(run.iterdir())) == 3
    assert read_scalars(run)["loss"][0].tolist() == [0, 1, 2, 3, 4, 5, 7, 8]


def test_a_directory_that_is_a_file_is_an_error(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(FileExistsError, match="is no directory: choose another, or a name that holds 'tfev"):
        EventWriter(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"


def test_flush_leaves_everything_in_the_file_and_close_ends(tmp_path):
    writer = EventWriter(tmp_path)
    writer.add_event(scalar_event(1.5, 3, "loss", 0.5))
    writer.flush()
    assert len(list(read_events(tmp_path))) == 2
    writer.add_event(scalar_event(1.5, 4, "loss", 0.5))
    writer.close()
    writer.close()
    assert len(list(read_events(tmp_path))) == 3
    with pytest.raises(ValueError, match="is closed; make another EventWriter"):
        writer.add_event(Event(step=1))


def test_many_events_are_written_as_they_are_added(tmp_path, monkeypatch):
    monkeypatch.setattr("tbwriter.files.event_writer._BATCH_BYTES", 100)
    writer = EventWriter(tmp_path)
    for step in range(50):
        writer.add_event(scalar_event(1.5, step, "loss", 0.5))
    assert len(list(read_events(tmp_path))) > 40
    writer.close()
    assert len(list(read_events(tmp_path))) == 51


@pytest.mark.parametrize("wrong", [b"\xff\xff", "event", None, 7])
def test_what_is_no_event_is_refused_and_nothing_is_written(tmp_path, wrong):
    with EventWriter(tmp_path) as writer, pytest.raises((TypeError, ValueError), match="add_event: expected"):
        writer.add_event(wrong)
    assert len(list(read_events(tmp_path))) == 1


def test_events_of_other_libraries(tmp_path):
    pytest.importorskip("tensorboard", reason="takes TensorBoard's events (extra board)")
    from tensorboard.compat.proto.event_pb2 import Event as Theirs

    event = Theirs(wall_time=1.5, step=3)
    event.summary.value.add(tag="loss", simple_value=0.5)
    with EventWriter(tmp_path) as writer:
        writer.add_event(event)
    assert read_scalars(tmp_path)["loss"][1].tolist() == [0.5]


def test_behind_a_url_the_file_is_written_whole():
    fsspec = pytest.importorskip("fsspec", reason="writes to a URL (extra remote)")
    try:
        with EventWriter("memory://rewritten/run") as writer:
            for step in range(3):
                writer.add_event(scalar_event(1.5, step, "loss", step))
                writer.flush()
        assert read_scalars("memory://rewritten/run")["loss"][0].tolist() == [0, 1, 2]
        with pytest.raises(FileExistsError):
            EventWriter(writer.path)
    finally:
        fsspec.filesystem("memory").rm("/rewritten", recursive=True)


def test_frames_are_those_of_records(tmp_path):
    with EventWriter(tmp_path / "tfevents") as writer:
        writer.add_event(Event(wall_time=1.5, file_version="brain.Event:2"))
    assert (tmp_path / "tfevents").read_bytes() == frame(
        Event(wall_time=1.5, file_version="brain.Event:2").SerializeToString()
    )


def test_what_cannot_be_written_is_kept_and_the_error_names_the_file(tmp_path, monkeypatch):
    writer = EventWriter(tmp_path / "run")
    writer.add_event(Event(wall_time=1.5, step=3))

    def full(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(writer._folder, "append", full)
        with pytest.raises(OSError, match="No space left on device: the events are kept, and the next flush") as caught:
            writer.flush()
    assert caught.value.filename == writer.path
    writer.close()
    assert [event.step for event in read_events(writer.path)] == [0, 3]
