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
    assert str(table) == "Results\n  x   prediction\n  --  ----------\n  1   0.5\n  10  0.25"
