"""What the examples say: plain lines in a pipe, nothing when quiet, tables that line up."""

import io

from nn.examples.console import Console, Table


def run(console, total=10):
    for epoch in console.progress("xor", total):
        epoch.note(loss=1 / (epoch.number + 1))


def test_a_pipe_gets_five_plain_lines():
    stream = io.StringIO()
    run(Console(stream=stream))
    lines = stream.getvalue().splitlines()
    assert len(lines) == 5
    assert lines[-1] == "xor: epoch 10 of 10, loss 0.1"


def test_quiet_is_silent():
    stream = io.StringIO()
    run(Console(quiet=True, stream=stream))
    assert stream.getvalue() == ""


def test_a_table_lines_up():
    table = Table("Results", ["x", "prediction"], [["1", "0.5"], ["10", "0.25"]])
    assert table.text() == "Results\n  x   prediction\n  --  ----------\n  1   0.5\n  10  0.25"


def test_a_table_that_does_not_fit_has_a_block_for_each_row():
    table = Table("Three results", ["x", "prediction"], [["1", "0.5"], ["10", "0.25 and a half"]])
    assert table.text(20).splitlines() == [
        "Three results",
        "",
        "  x           1",
        "  prediction  0.5",
        "",
        "  x           10",
        "  prediction  0.25",
        "              and a",
        "              half",
    ]
    assert table.text(30).startswith("Three results\n  x   prediction\n")


def test_a_wide_table_loses_no_word(rng):
    for _ in range(200):
        words = [[f"w{rng.integers(10**6)}" for _ in range(rng.integers(1, 4))] for _ in range(6)]
        table = Table("t", ["a", "b", "c"], [[" ".join(cell) for cell in words[:3]], [" ".join(w) for w in words[3:]]])
        width = int(rng.integers(24, 60))
        text = table.text(width)
        assert max(map(len, text.splitlines())) <= width
        assert set(text.split()) >= {word for cell in words for word in cell}
