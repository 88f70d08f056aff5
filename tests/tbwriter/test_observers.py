"""What is written is told to those who observe it, and they can harm nothing."""

import threading

import pytest

from tbwriter import GlobalSummaryWriter, Observer, SummaryWriter, observe, read_events, read_scalars
from tbwriter.messages.event_pb2 import Event


class Notes(Observer):
    def __init__(self):
        self.files, self.events, self.threads = [], {}, []

    def opened(self, path):
        self.files.append(path)
        self.threads.append(threading.current_thread())

    def written(self, path, events):
        self.events.setdefault(path, []).extend(Event.FromString(event) for event in events)


def test_every_event_is_told_once_with_the_file_that_holds_it(tmp_path):
    with observe(Notes()) as notes, SummaryWriter(tmp_path) as writer:
        writer.add_scalar("loss", 0.5, 1)
        writer.add_text("note", "words", 2)
        writer.add_scalars("both", {"a": 1, "b": 2}, 3)
    assert notes.files[0] == writer.file_writer.path if writer.file_writer else notes.files[0].startswith(str(tmp_path))
    assert sorted(notes.files) == sorted(map(str, tmp_path.rglob("*tfevents*")))
    for path in notes.files:
        assert notes.events[path] == [event for event in read_events(path) if not event.file_version]
    assert notes.threads[0] is threading.main_thread()


def test_when_flush_returns_all_has_been_told(tmp_path):
    with observe(Notes()) as notes, SummaryWriter(tmp_path) as writer:
        for step in range(100):
            writer.add_scalar("loss", step, step)
        writer.flush()
        ((_, events),) = notes.events.items()
        assert [event.step for event in events] == list(range(100))


def test_of_a_directory_alone_and_no_longer_than_asked(tmp_path):
    with observe(Notes(), tmp_path / "one") as notes:
        for name in ("one", "one more", "two"):
            with SummaryWriter(tmp_path / name) as writer:
                writer.add_scalar("loss", 1, 1)
    with SummaryWriter(tmp_path / "one") as writer:
        writer.add_scalar("loss", 1, 1)
    assert len(notes.files) == 1
    assert notes.files[0].startswith(str(tmp_path / "one"))


def test_a_file_that_processes_share_is_told_of_too(tmp_path):
    with observe(Notes()) as notes, GlobalSummaryWriter(tmp_path) as writer:
        writer.add_scalar("loss", 0.5)
        writer.add_scalar("loss", 0.25)
    (events,) = notes.events.values()
    assert [event.summary.value[0].simple_value for event in events] == [0.5, 0.25]


def test_an_observer_that_fails_harms_nothing_that_is_written(tmp_path):
    class Broken(Observer):
        def opened(self, path):
            raise OSError("no network")

        def written(self, path, events):
            raise ValueError("no idea")

    with observe(Broken()):
        with pytest.warns(RuntimeWarning, match="Broken failed, OSError: no network; the event file is complete"):
            writer = SummaryWriter(tmp_path)
        writer.add_scalar("loss", 0.5, 1)
        writer.close()
    assert read_scalars(tmp_path)["loss"][1].tolist() == [0.5]


def test_an_observer_may_write_by_a_writer_itself(tmp_path):
    class Copy(Observer):
        def written(self, path, events):
            for event in events:
                copy.file_writer.add_event(event)
            copy.flush()

    copy = SummaryWriter(tmp_path / "copy")
    with observe(Copy(), tmp_path / "run"), SummaryWriter(tmp_path / "run") as writer:
        writer.add_scalar("loss", 0.5, 1)
    copy.close()
    assert read_scalars(tmp_path / "copy")["loss"][1].tolist() == [0.5]


def test_what_is_no_observer_is_refused():
    with pytest.raises(TypeError, match=r"expected a tbwriter.Observer, got builtin_function_or_method"):
        observe(print)
