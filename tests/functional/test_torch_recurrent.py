"""Steps of recurrent cells against PyTorch."""

import pytest
from oracle import compare_both, normal

STEPS = {"rnn_tanh_cell": 1, "rnn_relu_cell": 1, "lstm_cell": 4, "gru_cell": 3}


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("name", "gates"), STEPS.items())
def test_steps_against_torch(name, gates, bias, rng):
    shapes = [(2, 3), (2, 4), (gates * 4, 3), (gates * 4, 4), *[(gates * 4,)] * 2 * bias]
    if name == "lstm_cell":
        compare_both(lambda lib, c, x, h, *w: lib.top.lstm_cell(x, (h, c), *w), *normal(rng, (2, 4), *shapes))
    else:
        compare_both(lambda lib, *operands: getattr(lib.top, name)(*operands), *normal(rng, *shapes))
