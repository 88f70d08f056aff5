"""A bar on a terminal, plain lines in a pipe, nothing where nothing is asked for."""

import io

import pytest

import nn
from nn.training import ProgressBar, Trainer


class Terminal(io.StringIO):
    def isatty(self):
        return True


def fit(stream, **options):
    model = nn.Linear(2, 1)
    bar = [] if stream is None else [ProgressBar(stream, clock=lambda: 0.0)]
    trainer = Trainer(2, callbacks=bar, enable_checkpointing=False, **options)
    data = [(nn.ones(4, 2), nn.zeros(4, 1))] * 3
    trainer.fit(model, data, data, criterion=nn.MSELoss(), optimizer=nn.optim.SGD(model.parameters(), lr=0.0))
    return trainer.callback_metrics["val_loss"]


def test_a_pipe_gets_a_line_an_epoch():
    stream = io.StringIO()
    loss = fit(stream)
    figures = f"train_loss {loss:.4g}, val_loss {loss:.4g}, 0.0 s"
    assert stream.getvalue() == f"epoch 1 of 2: {figures}\nepoch 2 of 2: {figures}\n"


def test_a_terminal_gets_a_bar():
    pytest.importorskip("tqdm", reason="the bar is of tqdm (extra progress)")
    stream = Terminal()
    loss = fit(stream)
    text = stream.getvalue()
    assert "epoch 1 of 2: 100%" in text
    assert "epoch 2 of 2: 100%" in text
    assert "3/3" in text
    assert f"val_loss {loss:.4g}" in text


def test_standard_error_by_default_and_nothing_where_nothing_is_asked_for(capsys):
    fit(None)
    assert capsys.readouterr().err.count("epoch") == 2
    fit(None, enable_progress_bar=False)
    assert capsys.readouterr() == ("", "")
