"""The character LSTM reads on where it stopped, and draws what its logits say."""

import numpy as np
import pytest

import nn
from nn.models import CharLSTM


def test_a_text_in_two_parts_is_the_text():
    model = CharLSTM(7, 5, 6, num_layers=2)
    tokens = nn.tensor([[1, 2, 3, 4, 5, 6], [0, 1, 0, 1, 0, 1]])
    whole, _ = model(tokens)
    first, state = model(tokens[:, :4])
    second, _ = model(tokens[:, 4:], state)
    np.testing.assert_allclose(
        nn.cat([first, second], 1).detach().numpy(), whole.detach().numpy(), rtol=1e-5, atol=1e-6
    )


def test_temperature_0_takes_the_most_probable_and_reads_it_before_the_next():
    model, text = CharLSTM(7, 5, 6), [3]
    for token in model.generate([3], 8, temperature=0):
        assert token == model(nn.tensor([text]))[0][0, -1].argmax().item()
        text.append(token)


def test_draws_have_the_probabilities_of_the_logits_and_repeat_with_their_generator():
    model = CharLSTM(3, 5, 6)
    drawn = [next(model.generate([0], 1, 0.5, nn.Generator().manual_seed(seed))) for seed in range(2000)]
    expected = (model(nn.tensor([[0]]))[0][0, -1] / 0.5).softmax(0).detach().numpy()
    np.testing.assert_allclose(np.bincount(drawn, minlength=3) / 2000, expected, atol=0.04)
    assert drawn[:5] == [next(model.generate([0], 1, 0.5, nn.Generator().manual_seed(seed))) for seed in range(5)]


@pytest.mark.parametrize(
    ("prompt", "temperature", "message"),
    [
        ([], 1.0, "the prompt must hold at least one character, got none"),
        ([0], -1, "temperature must be 0 or more, got -1"),
    ],
)
def test_bad_arguments_are_refused_at_once(prompt, temperature, message):
    with pytest.raises(ValueError, match=rf"^CharLSTM\.generate: {message}$"):
        CharLSTM(3).generate(prompt, 1, temperature)
