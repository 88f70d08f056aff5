"""One runner: a report passes only if checks ran and all of them passed."""

import pytest

from nn.exercises import check, exercise
from nn.exercises.runner import Report

GOOD = exercise("sigmoid").solution()


def test_a_right_solution_passes():
    report = check("sigmoid", GOOD)
    assert report.ok
    report.raise_if_failed()
    assert str(report).startswith("sigmoid: passed, 3 of 3 checks\n  ok    the values are right\n")
    assert str(check("sigmoid", GOOD, lang="zh")).startswith("sigmoid：通过，3 项检查中通过 3 项\n  通过  数值正确\n")


def test_nothing_fails_and_says_what_is_missing():
    report = check("sigmoid", {"sigmod": GOOD["sigmoid"]})
    assert not report.ok
    assert "missing: sigmoid, sigmoid_backward; found sigmod" in str(report)
    assert "缺少：sigmoid、sigmoid_backward" in str(check("sigmoid", {}, lang="zh"))
    with pytest.raises(AssertionError, match="not yet, 0 of 3 checks"):
        report.raise_if_failed()


def test_a_report_without_results_has_not_passed():
    assert not Report("sigmoid").ok
    assert "no check ran" in str(Report("sigmoid"))


def test_a_solution_that_passes_its_checks_but_lacks_a_name_has_not_passed():
    report = check("sigmoid", {"sigmoid": GOOD["sigmoid"]})
    assert not report.ok
    assert "sigmoid_backward is not there" in str(report)


def test_an_exception_is_told_with_its_line(tmp_path):
    file = tmp_path / "sigmoid.py"
    file.write_text("def sigmoid(x):\n    return x.missing\n\n\ndef sigmoid_backward(g, x):\n    exit()\n")
    text = str(check("sigmoid", file))
    assert "it raises AttributeError: 'numpy.ndarray' object has no attribute 'missing'" in text
    assert "line 2 of sigmoid: return x.missing" in text
    assert "it raises SystemExit" in text


def test_a_file_that_is_no_python_is_told(tmp_path):
    file = tmp_path / "sigmoid.py"
    file.write_text("def sigmoid(x)\n    return x\n")
    assert "this is not Python: " in str(check("sigmoid", file))
    assert "line 1: def sigmoid(x)" in str(check("sigmoid", file))
    assert "不是合法的 Python" in str(check("sigmoid", file, lang="zh"))


def test_a_notebook_gets_the_report_as_html():
    assert check("sigmoid", GOOD)._repr_html_().startswith('<pre style="border-left: 4px solid #1a7f37')
    assert "&#x27;" in check("sigmoid", {"sigmoid": lambda x: x.a})._repr_html_()


def test_a_report_survives_json():
    report = check("sigmoid", {"sigmoid": GOOD["sigmoid"]})
    assert str(Report.from_dict(report.as_dict())) == str(report)


def test_an_unknown_language_and_a_solution_of_no_known_form_are_refused():
    with pytest.raises(ValueError, match="expected lang to be one of en, zh, got 'fr'"):
        check("sigmoid", GOOD, lang="fr")
    with pytest.raises(TypeError, match=r"expected a function, a class, a module, .* got int"):
        check("sigmoid", 3)


def test_a_check_sees_the_same_numbers_each_time_and_whatever_ran_before():
    first = [str(check("softmax", {"softmax": lambda x: x, "softmax_backward": lambda g, x: x})) for _ in range(2)]
    check("sigmoid", GOOD)
    assert first[0] == first[1] == str(check("softmax", {"softmax": lambda x: x, "softmax_backward": lambda g, x: x}))
