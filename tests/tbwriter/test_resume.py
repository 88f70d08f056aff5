"""Steps that go back, by mistake and on purpose: what the writer says, and what the readers make of it."""

import contextlib
import multiprocessing
import warnings

import pytest

from tbwriter import GlobalSummaryWriter, SummaryWriter, read_scalars


def test_a_step_that_goes_back_is_warned_of_once_a_tag_at_the_callers_line(tmp_path):
    with SummaryWriter(tmp_path) as writer, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for step in [0, 1, 5, 3, 4, 2]:
            writer.add_scalar("x", 1.0, step)
            writer.log(step, {"y": 1.0})
            writer.add_scalars("z", {"train": 1.0}, step)
            writer.add_text("same", "step")
    advice = "steps must not go back: TensorBoard drops the points that it already has from there on"
    assert [str(warning.message) for warning in caught] == [
        f"add_scalar: tag 'x': step 3 follows step 5; {advice}",
        f"log: tag 'y': step 3 follows step 5; {advice}",
        f"add_scalars: tag 'z_train → z': step 3 follows step 5; {advice}",
    ]
    assert {warning.filename for warning in caught} == {__file__}
    assert read_scalars(tmp_path)["x"][0].tolist() == [0, 1, 5, 3, 4, 2]


def _add_without_steps(writer):
    for number in range(100):
        writer.add_scalar("x", number)


@pytest.fixture(scope="module")
def resumed(tmp_path_factory):
    """A run that was resumed once, one that was resumed twice, and one that four processes shared."""
    log_dir = tmp_path_factory.mktemp("resumed")
    resumptions = [(None, range(10)), (5, range(5, 8)), (2, range(2, 4))]
    for name, number in ("once", 2), ("twice", 3):
        for attempt, (purge_step, numbers) in enumerate(resumptions[:number]):
            with SummaryWriter(log_dir / name, purge_step=purge_step) as writer:
                for step in numbers:
                    writer.add_scalar("x", attempt, step)
                    writer.add_scalars("both", {"train": attempt}, step)
    with GlobalSummaryWriter(log_dir / "shared", flush_secs=0.001) as writer:
        context = multiprocessing.get_context("spawn")
        children = [context.Process(target=_add_without_steps, args=(writer,)) for _ in range(3)]
        for child in children:
            child.start()
        _add_without_steps(writer)
        for child in children:
            child.join(60)
    return log_dir


EXPECTED = {
    "once": [(0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (5, 1), (6, 1), (7, 1)],
    "twice": [(0, 0), (1, 0), (2, 2), (3, 2)],
}


def test_our_reader_purges_what_a_resumed_run_wrote_anew(resumed):
    for name, points in EXPECTED.items():
        for directory, tag in (resumed / name, "x"), (resumed / name / "both_train", "both"):
            found, values = read_scalars(directory)[tag]
            assert list(zip(found.tolist(), values.tolist(), strict=True)) == points


@pytest.mark.parametrize("loader", ["--load_fast=true", "--load_fast=false"])
def test_tensorboard_purges_resumed_runs_and_shows_every_step_of_a_shared_one(resumed, serve, loader):
    """The Python loader ignores the first session start of a run: with one alone a first resumption purges nothing."""
    with contextlib.closing(serve(resumed, loader)) as server:

        def points(run, tag):
            return [(step, value) for _, step, value in server.json("plugin/scalars/scalars", run=run, tag=tag)]

        server.wait_for(lambda: len(server.json("runs")) == 5)
        for name, expected in EXPECTED.items():
            for run, tag in (name, "x"), (f"{name}/both_train", "both"):
                server.wait_for(lambda run=run, tag=tag, expected=expected: points(run, tag) == expected)
        server.wait_for(lambda: [step for step, _ in points("shared", "x")] == list(range(400)))
