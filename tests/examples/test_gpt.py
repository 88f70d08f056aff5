"""Bits a token are counted once for each token, and with a context that is long enough."""

import math

import numpy as np
import pytest

import nn
from nn.examples.gpt import Windows, bits_per_token
from nn.models import GPT, GPTConfig


@pytest.fixture
def net():
    nn.manual_seed(0)
    return GPT(GPTConfig(vocab_size=7, n_positions=8, n_embd=8, n_layer=1, n_head=2, initializer_range=0.5))


@pytest.mark.parametrize("length", [5, 9, 10, 13, 14, 40])
def test_every_token_counts_once(net, length):
    tokens = nn.tensor(np.random.default_rng(0).integers(0, 7, length))
    net.eval()
    logs = []
    for i in range(1, length):  # each with at least half a window before it, as it falls
        if length <= 9 or i <= 8:
            start = 0
        else:
            full = (length - 9) // 4 * 4
            start = (i - 5) // 4 * 4 if i <= full + 8 else length - 9
        logits = net(tokens[None, start:i])[0, -1]
        logs.append(float(nn.functional.cross_entropy(logits[None], tokens[i : i + 1])))
    assert bits_per_token(net, tokens, batch=2) == pytest.approx(np.mean(logs) / math.log(2), rel=1e-4)


def test_it_leaves_the_mode_as_it_was(net):
    bits_per_token(net.train(), nn.tensor([1, 2, 3]))
    assert net.training


def test_windows_begin_anywhere_in_their_stretch_and_hold_what_follows():
    nn.manual_seed(0)
    windows = Windows(nn.arange(35), 8)
    assert len(windows) == 3
    starts = {int(windows[i][0]) for i in range(3) for _ in range(200)}
    assert starts == set(range(24))
    window = windows[2]
    assert nn.equal(window, window[0] + nn.arange(9))
