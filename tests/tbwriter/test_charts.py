import json

import numpy as np
import pytest

from tbwriter import SummaryWriter, read_events, read_scalars


@pytest.fixture
def writer(tmp_path):
    with SummaryWriter(tmp_path) as writer:
        yield writer


def values(writer):
    writer.flush()
    return [value for event in read_events(writer.log_dir) for value in event.summary.value]


def test_the_fifth_and_sixth_argument_of_add_scalar_are_told_apart_by_type(writer):
    writer.add_scalar("titled", 0.5, 1, None, "Title", "Words")
    writer.add_scalar("styled", 0.1, 1, None, True, True)
    writer.add_scalar("plain", 0.5, 1, None, False, False)
    titled, styled, plain = values(writer)
    assert (titled.metadata.display_name, titled.metadata.summary_description) == ("Title", "Words")
    assert (styled.tensor.double_val, styled.metadata.display_name) == ([0.1], "")
    assert plain.simple_value == 0.5
    assert not plain.HasField("metadata")


def test_series_are_exported_as_json(writer, tmp_path):
    for step in range(3):
        writer.add_scalars("loss", {"train": step, "test": -step}, step, walltime=step + 0.5)
    writer.add_scalars("acc/all", {"train": 1}, 7, walltime=0.5)
    writer.add_scalar("other", 1)
    writer.add_hparams({"lr": 1}, {"metric": 1}, "trial")
    writer.export_scalars_to_json(tmp_path / "all.json")
    assert json.loads((tmp_path / "all.json").read_text()) == {
        f"{tmp_path / 'loss_train'}/loss": [[0.5, 0, 0], [1.5, 1, 1], [2.5, 2, 2]],
        f"{tmp_path / 'loss_test'}/loss": [[0.5, 0, 0], [1.5, 1, -1], [2.5, 2, -2]],
        f"{tmp_path / 'acc_all_train'}/acc/all": [[0.5, 7, 1]],
    }


def test_no_series_are_exported_as_nothing(tmp_path):
    SummaryWriter(tmp_path / "run", write_to_disk=False).export_scalars_to_json(tmp_path / "all.json")
    assert json.loads((tmp_path / "all.json").read_text()) == {}


def test_curves_counts_and_tensors_are_written_in_order(writer):
    writer.add_pr_curve("pr", [0, 1], [0.25, 0.75], 1)
    writer.add_pr_curve_raw("raw pr", *np.ones((6, 4)), 2)
    writer.add_histogram_raw("raw", 0, 2, 4, 4, 6, [1, 2], [3, 1], 3)
    writer.add_tensor("tensor", np.eye(2), 4)
    writer.flush()
    events = list(read_events(writer.log_dir))[1:]
    assert [event.step for event in events] == [1, 2, 3, 4]
    assert [event.summary.value[0].tag for event in events] == ["pr", "raw pr", "raw", "tensor"]


def test_both_names_of_a_series_reach_the_files(writer, tmp_path):
    writer.add_scalars(main_tag="loss", tag_scalar_dict={"train": np.float32(0.5)}, global_step=1)
    writer.flush()
    assert read_scalars(tmp_path / "loss_train")["loss"][1].tolist() == [0.5]


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda w: w.add_pr_curve("x", [0, 2], [0, 1]), ValueError, "add_pr_curve: tag 'x': the labels must be 0 or 1"),
        (lambda w: w.add_pr_curve_raw("x", *range(6)), ValueError, "add_pr_curve_raw: tag 'x': expected six arrays"),
        (lambda w: w.add_tensor("x", "no"), TypeError, "add_tensor: tag 'x': the value must be real numbers"),
        (
            lambda w: w.add_tensor(7, 1),
            TypeError,
            "add_tensor: the tag must be a string such as 'loss/train', got int 7",
        ),
        (
            lambda w: w.add_histogram_raw("x", 0, 1, 1, 1, 1, [1], [1, 2]),
            ValueError,
            "add_histogram_raw: tag 'x': got bucket_limits (1,) and bucket_counts (2,)",
        ),
    ],
)
def test_a_refused_call_says_why_and_takes_no_tag(writer, call, kind, message):
    with pytest.raises(kind) as caught:
        call(writer)
    assert str(caught.value).startswith(message)
    writer.add_scalar("x", 1)
    assert len(values(writer)) == 1
