"""`fromzero exercise` as a learner meets it: what it prints, what it writes, and with which status it ends."""

import pytest

from nn.cli import main
from nn.exercises import exercise
from nn.exercises.registry import catalogue
from nn.exercises.sources import solution_file


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capsys, *words):
    try:
        status = main(["exercise", *words])
    except SystemExit as end:
        status = end.code
    out, err = capsys.readouterr()
    return status, out, err


def test_list_shows_all_in_either_language(capsys):
    status, out, _ = run(capsys, "list")
    assert status == 0
    assert all(id in out for id in catalogue())
    assert "Softmax and its backward" in out
    assert "softmax 及其反向" in run(capsys, "list", "--lang", "zh")[1]
    assert run(capsys, "--lang", "zh", "list")[1] == run(capsys, "list", "--lang", "zh")[1]


def test_the_list_fits_a_narrow_terminal(capsys, monkeypatch):
    names = [line.split()[1] for line in run(capsys, "list")[1].splitlines() if line[:4].strip().isdigit()]
    assert sorted(names) == sorted(catalogue())
    monkeypatch.setenv("COLUMNS", "40")
    assert max(map(len, run(capsys, "list")[1].splitlines())) <= 40


def test_show_and_hints(capsys):
    out = run(capsys, "show", "softmax")[1]
    assert "softmax_backward(g, x)    g (..., C), x (..., C) -> dx (..., C)" in out
    assert "softmax(x) 把最后一个轴上的得分变成概率" in run(capsys, "show", "4", "--lang", "zh")[1]
    assert run(capsys, "hint", "softmax")[1].startswith("Hint 1 of 3: Subtract the maximum")
    assert run(capsys, "hint", "softmax", "3", "--lang", "zh")[1].startswith("提示 3/3：dx = ")
    assert run(capsys, "hint", "softmax", "4") == (1, "", "fromzero: hint: softmax has 3 hints, got 4\n")


def test_start_never_overwrites(capsys, folder):
    status, out, _ = run(capsys, "start", "softmax")
    assert (status, out) == (0, "wrote exercises/softmax.py; check it with: fromzero exercise check softmax\n")
    file = folder / "exercises" / "softmax.py"
    assert 'raise NotImplementedError("softmax_backward")' in file.read_text(encoding="utf-8")
    file.write_text("mine")
    status, out, err = run(capsys, "start", "softmax")
    assert (status, out) == (1, "")
    assert err == "fromzero: start: exercises/softmax.py is there already and stays as it is\n"
    assert file.read_text() == "mine"
    assert "已经存在，保持原样" in run(capsys, "start", "softmax", "--lang", "zh")[2]


def test_a_drill_starts_with_the_code_to_repair(capsys, folder):
    run(capsys, "start", "drill_gradient_sign", "here", "--lang", "zh")
    text = (folder / "here" / "drill_gradient_sign.py").read_text(encoding="utf-8")
    assert "weights -= learning_rate * d_weights" in text
    assert text.startswith("# 调试 1：损失不降反升\n")


def test_the_status_of_check(capsys, folder):
    assert run(capsys, "check", "nothing_such")[0] == 3
    assert "没有名为 'nothing_such' 的练习" in run(capsys, "check", "nothing_such", "--lang", "zh")[2]
    status, _, err = run(capsys, "check", "softmax")
    assert status == 2
    assert "there is no file exercises/softmax.py; begin with fromzero exercise start softmax" in err
    run(capsys, "start", "softmax")
    status, out, _ = run(capsys, "check", "softmax")
    assert status == 1
    assert "not written yet: softmax" in out
    assert "A hint: fromzero exercise hint softmax" in out
    (folder / "exercises" / "softmax.py").write_text("def softmax(x", encoding="utf-8")
    assert run(capsys, "check", "softmax")[0] == 2
    (folder / "exercises" / "softmax.py").write_text(f"{solution_file(exercise('softmax'))}\nprint('hi')\n", "utf-8")
    status, out, _ = run(capsys, "check", "softmax", "--lang", "zh")
    assert status == 0
    assert out.startswith("文件的输出：\n  | hi\nsoftmax：通过，3 项检查中通过 3 项\n")


def test_status_counts_what_is_solved(capsys, folder):
    assert run(capsys, "status")[1] == "0 of 47 exercises solved, 0 more begun in exercises\n"
    run(capsys, "start", "sigmoid")
    (folder / "exercises" / "softmax.py").write_text(solution_file(exercise("softmax")), encoding="utf-8")
    out = run(capsys, "status", "--lang", "zh")[1]
    assert "sigmoid                         已开始，尚未通过" in out
    assert "softmax                         已通过" in out
    assert out.endswith("共 47 个练习，已通过 1 个，另有 1 个已开始（exercises）\n")


def test_prove_prints_the_table(capsys):
    status, out, _ = run(capsys, "prove", "softmax", "sigmoid")
    assert status == 0
    assert "2 of 2 references pass, 2 of 2 stubs and 2 of 2 empty namespaces fail, 17 of 17 mutants are caught" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("tell",), "invalid choice"),
        (("hint", "softmax", "0"), "expected a whole number of at least 1, got '0'"),
        (("check", "softmax", "--secnds", "3"), "did you mean --seconds?"),
        (("list", "--lang", "fr"), "invalid choice: 'fr'"),
    ],
)
def test_wrong_words_are_told(capsys, words, said):
    status, _, err = run(capsys, *words)
    assert status == 2
    assert said in err


def test_a_file_of_exercises_that_is_not_there_is_told(capsys):
    assert run(capsys, "list", "--exercises", "absent.py") == (
        1,
        "",
        "fromzero: exercises: there is no file absent.py\n",
    )
