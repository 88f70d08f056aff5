"""Whole models go from PyTorch to here and back: the same outputs, and the same losses while they are trained."""

import numpy as np
import pytest

import nn

torch = pytest.importorskip("torch", reason="the oracle PyTorch is not installed")

TOPS = {nn: nn, torch.nn: torch}
WORDS = np.random.default_rng(0).integers(1, 30, (8, 9))
LENGTHS = np.array([9, 3, 7, 1, 9, 5, 2, 8])
WORDS[np.arange(9) >= LENGTHS[:, None]] = 0


def convolutional(t):
    return t.Sequential(
        t.Conv2d(3, 8, 3, padding=1, bias=False), t.BatchNorm2d(8), t.ReLU(), t.MaxPool2d(2),
        t.Conv2d(8, 12, 3, padding=1), t.BatchNorm2d(12, momentum=None), t.ReLU(), t.AdaptiveAvgPool2d(2),
        t.Flatten(), t.Linear(48, 4),
    )  # fmt: skip


def recurrent(t):
    """A classifier of sentences: the last states of an LSTM that reads them, packed, in both directions."""

    class Classifier(t.Module):
        def __init__(self):
            super().__init__()
            self.embedding = t.Embedding(30, 10, padding_idx=0)
            self.lstm = t.LSTM(10, 12, num_layers=2, batch_first=True, bidirectional=True)
            self.output = t.Linear(24, 4)

        def forward(self, words):
            lengths = (words != 0).sum(1)
            packed = t.utils.rnn.pack_padded_sequence(self.embedding(words), lengths, True, False)
            _, (h, _) = self.lstm(packed)
            return self.output(TOPS[t].cat([h[-2], h[-1]], 1))

    return Classifier()


def attentive(t):
    """A classifier of sentences: the mean of what a Transformer makes of their words, without the padding."""

    class Classifier(t.Module):
        def __init__(self):
            super().__init__()
            self.embedding = t.Embedding(30, 16, padding_idx=0)
            self.position = t.Embedding(9, 16)
            layer = t.TransformerEncoderLayer(16, 4, 32, dropout=0.0, batch_first=True, activation="gelu")
            self.encoder = t.TransformerEncoder(layer, 2, t.LayerNorm(16))
            self.output = t.Linear(16, 4)

        def forward(self, words):
            x = self.embedding(words) + self.position(TOPS[t].arange(words.shape[1]))
            x = self.encoder(x, src_key_padding_mask=words == 0)
            kept = (words != 0)[:, :, None]
            return self.output((x * kept).sum(1) / kept.sum(1))

    return Classifier()


MODELS = {
    "CNN with BatchNorm": (convolutional, np.random.default_rng(1).normal(size=(8, 3, 10, 10)).astype(np.float32)),
    "LSTM classifier": (recurrent, WORDS),
    "TransformerEncoder": (attentive, WORDS),
}
TARGET = np.array([0, 1, 2, 3, 3, 2, 1, 0])
every_model = pytest.mark.parametrize(("make", "x"), MODELS.values(), ids=MODELS)


def out(model, top, x):
    """The output as an array. (Gradients are on: torch's Transformer drops padding without them.)"""
    return model(top.tensor(x)).detach().numpy()


@every_model
def test_a_torch_model_loaded_here_gives_its_outputs(make, x):
    torch.manual_seed(0)
    theirs, ours = make(torch.nn), make(nn)
    for _ in range(3):  # running statistics that are not the initial ones
        theirs(torch.tensor(x))
    assert ours.load_state_dict(theirs.state_dict()) == ([], [])
    np.testing.assert_allclose(out(ours.eval(), nn, x), out(theirs.eval(), torch, x), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(out(ours.train(), nn, x), out(theirs.train(), torch, x), rtol=1e-5, atol=1e-5)


@every_model
def test_our_state_loaded_by_torch_gives_our_outputs(make, x):
    nn.manual_seed(0)
    theirs, ours = make(torch.nn), make(nn)
    for _ in range(3):
        ours(nn.tensor(x))
    state = {name: torch.from_numpy(value.numpy().copy()) for name, value in ours.state_dict().items()}
    missing, unexpected = theirs.load_state_dict(state)
    assert not missing
    assert not unexpected
    assert list(theirs.state_dict()) == list(state)
    np.testing.assert_allclose(out(ours.eval(), nn, x), out(theirs.eval(), torch, x), rtol=1e-5, atol=1e-5)


@every_model
def test_ten_steps_of_training_have_the_same_losses(make, x):
    torch.manual_seed(0)
    theirs, ours = make(torch.nn), make(nn)
    ours.load_state_dict(theirs.state_dict())
    losses = []
    for top, t, model in ((nn, nn, ours), (torch, torch.nn, theirs)):
        optimizer = top.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        row = []
        for _ in range(10):
            optimizer.zero_grad()
            loss = t.functional.cross_entropy(model(top.tensor(x)), top.tensor(TARGET))
            loss.backward()
            optimizer.step()
            row.append(loss.item())
        losses.append(row)
    np.testing.assert_allclose(*losses, rtol=1e-4, atol=1e-4)
    assert losses[0][-1] < losses[0][0]
    for (name, a), (_, b) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-3, atol=1e-3, err_msg=name)
    np.testing.assert_allclose(out(ours.eval(), nn, x), out(theirs.eval(), torch, x), rtol=1e-3, atol=1e-3)
