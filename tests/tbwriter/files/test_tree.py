import os

import pytest

from tbwriter import EventWriter, SummaryWriter, list_runs, read_events, read_values


@pytest.fixture
def tree(tmp_path):
    with SummaryWriter(tmp_path / "one") as writer:
        writer.add_scalar("loss", 0.5, 1)
        writer.add_scalars("both", {"train": 1}, 1)
    with SummaryWriter(tmp_path / "deep" / "er" / "two") as writer:
        writer.add_scalar("loss", 0.25, 2)
    (tmp_path / "one" / "checkpoints").mkdir()
    return tmp_path


def test_runs_are_the_directories_with_event_files_by_their_way_from_there(tree):
    runs = list_runs(tree)
    assert list(runs) == ["deep/er/two", "one", "one/both_train"]
    assert runs["deep/er/two"] == str(tree / "deep" / "er" / "two")
    assert list(list_runs(tree / "one")) == [".", "both_train"]


def test_a_file_is_one_run(tree):
    (file,) = (tree / "deep" / "er" / "two").iterdir()
    assert list_runs(file) == {".": str(file)}
    assert [value.value for value in read_values(file)] == [0.25]


def test_names_are_those_of_tensorboard(tree):
    multiplexer = pytest.importorskip(
        "tensorboard.backend.event_processing.plugin_event_multiplexer",
        reason="compares with TensorBoard (extra board)",
    )
    theirs = multiplexer.EventMultiplexer().AddRunsFromDirectory(str(tree)).Runs()
    assert sorted(theirs) == list(list_runs(tree))


def test_a_directory_without_runs_has_none_and_one_that_is_not_there_is_an_error(tmp_path):
    assert list_runs(tmp_path) == {}
    for missing in (tmp_path / "none", tmp_path / "none" / "at" / "all"):
        with pytest.raises(FileNotFoundError, match="there is no such file or directory"):
            list_runs(missing)


@pytest.mark.skipif(os.name != "posix", reason="links")
def test_links_are_followed_but_not_in_a_circle(tree, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    (other / "linked").symlink_to(tree / "one")
    (tree / "one" / "back").symlink_to(tree)
    assert list(list_runs(other)) == ["linked", "linked/both_train"]
    assert "one/back" not in list_runs(tree)


def test_a_tree_behind_a_url():
    fsspec = pytest.importorskip("fsspec", reason="reads a URL (extra remote)")
    with SummaryWriter("memory://tree/one") as writer:
        writer.add_scalar("loss", 0.5, 1)
    with SummaryWriter("memory://tree/deep/two") as writer:
        writer.add_scalar("loss", 0.25, 1)
    try:
        assert list(list_runs("memory://tree")) == ["deep/two", "one"]
        assert [value.value for value in read_values("memory://tree")] == [0.25, 0.5]
    finally:
        fsspec.filesystem("memory").rm("/tree", recursive=True)


def test_of_some_dashboards_alone(tmp_path):
    with SummaryWriter(tmp_path) as writer:
        writer.add_scalar("loss", 0.5, 1)
        writer.add_text("note", "words", 1)
        writer.add_histogram("x", [1.0], 1)
    assert [value.kind for value in read_values(tmp_path, kinds={"text", "histograms"})] == ["text", "histograms"]
    assert [value.kind for value in read_values(tmp_path, kinds="text")] == ["text"]


def test_a_path_may_be_bytes_to_read_and_to_rewrite(tmp_path):
    with SummaryWriter(tmp_path / "one") as writer:
        writer.add_scalar("loss", 0.5, 1)
    with EventWriter(os.fsencode(tmp_path / "two")) as copy:
        for event in read_events(os.fsencode(tmp_path / "one")):
            copy.add_event(event)
    assert [value.value for value in read_values(os.fsencode(tmp_path))] == [0.5, 0.5]
    (file,) = (tmp_path / "two").iterdir()
    assert list_runs(os.fsencode(file)) == {".": str(file)}


@pytest.mark.parametrize("reader", [lambda path: list(read_events(path)), list_runs, EventWriter])
def test_a_path_with_a_nul_character_is_named(reader):
    with pytest.raises(ValueError, match=r"^'a\\x00b' is no path: it holds a NUL character$"):
        reader("a\0b")


def test_what_a_later_writer_purged_is_left_out(tmp_path):
    for purge in (None, 2):
        with SummaryWriter(tmp_path, purge_step=purge) as writer:
            for step in range(purge or 0, 4):
                writer.add_scalar("loss", step + 10 * (purge or 0), step)
                writer.add_text("note", str(step), step)
    values = list(read_values(tmp_path))
    assert [value.value for value in values if value.tag == "loss"] == [0, 1, 22, 23]
    assert [value.step for value in values if value.kind == "text"] == [0, 1, 2, 3]
