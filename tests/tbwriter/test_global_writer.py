import multiprocessing
import os
import threading

import numpy as np
import pytest

from tbwriter import GlobalSummaryWriter, global_writer, list_tags, read_events, read_scalars


@pytest.fixture
def writer(tmp_path):
    with GlobalSummaryWriter(tmp_path) as writer:
        yield writer


@pytest.fixture(autouse=True)
def no_writer_of_another_test(monkeypatch):
    monkeypatch.setattr(global_writer, "_newest", None)


def add_many(writer):
    for number in range(50):
        writer.add_scalar("x", number)
    GlobalSummaryWriter.getSummaryWriter().add_histogram("h", [1.0, 2.0])


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_processes_count_together_and_share_a_file(writer, tmp_path, method):
    writer.add_scalar("x", 0.0)
    context = multiprocessing.get_context(method)
    children = [context.Process(target=add_many, args=(writer,)) for _ in range(4)]
    for child in children:
        child.start()
    add_many(writer)
    for child in children:
        child.join(60)
        assert child.exitcode == 0
    writer.flush()
    assert len(list(tmp_path.iterdir())) == 1
    assert read_scalars(tmp_path)["x"][0].tolist() == list(range(251))
    assert [tuple(row) for row in list_tags(tmp_path)[1:]] == [("h", "histograms", 5, 0, 4)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_child_that_is_killed_keeps_nobody_out(writer, tmp_path):
    child = os.fork()
    if not child:
        try:
            while True:
                writer.add_scalar("x", 1.0)
                writer.flush()
        finally:
            os._exit(1)
    while len(read_scalars(tmp_path).get("x", [[]])[0]) < 3:
        threading.Event().wait(0.001)
    os.kill(child, 9)
    os.waitpid(child, 0)
    writer.add_scalar("x", 2.0)
    writer.flush()
    found, values = read_scalars(tmp_path)["x"]
    assert found.tolist() == list(range(len(found)))
    assert values[-1] == 2.0


def test_threads_count_together(writer, tmp_path):
    threads = [threading.Thread(target=add_many, args=(writer,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.flush()
    assert read_scalars(tmp_path)["x"][0].tolist() == list(range(200))


def test_every_method_counts_its_tags(writer, tmp_path):
    picture, sound = np.zeros((3, 4, 5)), np.zeros(100)
    for _ in range(3):
        writer.add_image("image", picture)
        writer.add_image("hwc", picture.transpose(1, 2, 0), None, "HWC")
        writer.add_images("images", picture[None])
        writer.add_video("video", picture[None, None])
        writer.add_audio("audio", sound, 8000)
        writer.add_text("text", "hello", 1.5)
        writer.add_histogram("histogram", [1.0], 3, 1.5)
        writer.add_pr_curve("curve", [0, 1], [0.5, 0.5])
    writer.flush()
    rows = list_tags(tmp_path)
    assert len(rows) == 8
    assert all((row.values, row.first_step, row.last_step) == (3, 0, 2) for row in rows)
    assert [event.wall_time for event in read_events(tmp_path) if event.summary.value[:1] and
            event.summary.value[0].tag == "histogram"] == [1.5] * 3  # fmt: skip


def test_the_writer_of_a_program_is_the_newest_open_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with GlobalSummaryWriter("one") as one:
        assert GlobalSummaryWriter.getSummaryWriter() is one
        with GlobalSummaryWriter(log_dir="two") as two:
            assert GlobalSummaryWriter.getSummaryWriter() is two
    with GlobalSummaryWriter.getSummaryWriter() as new:
        assert new not in (one, two)
        assert new.get_logdir().startswith("runs")
        assert new.file_writer is not None


def test_a_closed_one_says_so_and_goes_on(tmp_path):
    writer = GlobalSummaryWriter(tmp_path)
    writer.add_scalar("x", 1)
    writer.close()
    with pytest.warns(RuntimeWarning, match="was closed"):
        writer.add_scalar("x", 2)
    writer.close()
    assert [curve.tolist() for curve in read_scalars(tmp_path)["x"]] == [[0, 1], [1, 2]]


def test_a_url_is_refused():
    pytest.importorskip("fsspec")
    with pytest.raises(ValueError, match="processes can share a file only in a directory of this machine"):
        GlobalSummaryWriter("memory://bucket/run")
