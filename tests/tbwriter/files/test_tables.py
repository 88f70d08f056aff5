import csv
import io
import json
import math

import numpy as np
import pytest

from tbwriter import SummaryWriter, read_frame, write_csv, write_json
from tbwriter.files.tables import plain


@pytest.fixture
def tree(tmp_path):
    with SummaryWriter(tmp_path / "a,b") as writer:
        for step, value in enumerate([0.1, math.nan, math.inf, -math.inf]):
            writer.add_scalar("loss", value, step, walltime=1.7e9 + step / 8)
        writer.add_histogram("weights", [0.0, 1.0], 1, bins=1)
        writer.add_image("grey", np.zeros((3, 2)), 1, dataformats="HW")
        writer.add_hparams({"lr": 0.5, "name": 'with "quotes"'})
    with SummaryWriter(tmp_path / "two") as writer:
        writer.add_scalar("loss", 2, 7, walltime=1.5)
    return tmp_path


def test_csv_has_a_line_for_each_scalar_with_all_its_digits(tree):
    file = io.StringIO()
    assert write_csv(tree, file) == 5
    lines = list(csv.reader(io.StringIO(file.getvalue())))
    assert lines[0] == ["run", "tag", "step", "wall_time", "value"]
    assert [line[0] for line in lines[1:]] == ["a,b"] * 4 + ["two"]
    assert float(lines[1][4]) == np.float32(0.1)
    assert float(lines[2][3]) == 1.7e9 + 1 / 8
    assert [line[4] for line in lines[2:5]] == ["nan", "inf", "-inf"]


def test_a_table_may_be_given_the_path_of_its_file(tree, tmp_path):
    file = io.StringIO()
    write_csv(tree, file)
    assert write_csv(tree, tmp_path / "scalars.csv") == 5
    assert (tmp_path / "scalars.csv").read_bytes() == file.getvalue().encode()
    write_json(tree, str(tmp_path / "values.json"))
    assert set(json.loads((tmp_path / "values.json").read_text())) == {"a,b", "two"}
    with pytest.raises(FileNotFoundError):
        write_csv(tree / "absent", tmp_path / "scalars.csv")
    assert (tmp_path / "scalars.csv").read_bytes() == file.getvalue().encode(), "it is as it was"


def test_json_is_strict_and_holds_every_value(tree):
    file = io.StringIO()
    write_json(tree, file)

    def refuse(name):
        raise AssertionError(f"{name} is not JSON")

    runs = json.loads(file.getvalue(), parse_constant=refuse)
    points = runs["a,b"]["loss"]["points"]
    assert [point["value"] for point in points[1:]] == ["NaN", "Infinity", "-Infinity"]
    assert points[0] == {"step": 0, "wall_time": 1.7e9, "value": float(np.float32(0.1))}
    (weights,) = runs["a,b"]["weights"]["points"]
    assert weights["value"] == {"left": [0.0], "right": [1.0], "counts": [2.0]}
    (grey,) = runs["a,b"]["grey"]["points"][0]["value"]
    assert (grey["width"], grey["height"]) == (2, 3)
    (start,) = runs["a,b"]["_hparams_/session_start_info"]["points"]
    assert start["value"] == {"lr": 0.5, "name": 'with "quotes"'}


def test_numbers_that_json_does_not_know_are_named_wherever_they_stand():
    assert plain(np.array([[np.nan, 1]])) == [["NaN", 1.0]]
    assert plain({"x": [math.inf, np.float32(0.5)]})["x"] == ["Infinity", 0.5]
    assert plain(1 + 2j) == [1.0, 2.0]
    assert plain(np.array([b"ab"], object)) == [{"bytes": 2}]


def test_a_frame_has_a_row_for_each_scalar(tree):
    pandas = pytest.importorskip("pandas", reason="makes a DataFrame (extra pandas)")
    frame = read_frame(tree)
    assert list(frame) == ["run", "tag", "step", "wall_time", "value"]
    assert len(frame) == 5
    assert frame["wall_time"][4] == pandas.Timestamp(1.5, unit="s", tz="UTC")
    curves = frame.pivot_table("value", "step", ["run", "tag"])
    assert curves["two", "loss"][7] == 2
    assert read_frame(tree / "two").dtypes["step"] == np.int64


def test_a_frame_without_rows_has_the_same_columns_and_types(tree, tmp_path):
    pytest.importorskip("pandas", reason="makes a DataFrame (extra pandas)")
    (tmp_path / "empty").mkdir()
    empty = read_frame(tmp_path / "empty")
    assert len(empty) == 0
    assert empty.dtypes.to_dict() == read_frame(tree).dtypes.to_dict()


def test_without_pandas_the_extra_is_named(tree, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(ImportError, match=r"pip install 'fromzero\[pandas\]'"):
        read_frame(tree)
