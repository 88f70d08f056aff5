"""A nan is traced to the line of the forward that it goes back to."""

import re
from pathlib import Path

import numpy as np
import pytest

import nn

HERE = re.escape(str(Path(__file__)))


def leaf(*values):
    return nn.tensor(list(values), requires_grad=True)


def test_the_line_that_made_a_nan_is_named():
    x = leaf(-1.0, 1.0)
    with nn.detect_anomaly():
        y = x.sqrt()  # the line
        loss = (y * 2).sum()
        with pytest.raises(nn.GradError, match=rf"has nan, which sqrt made first; .* at {HERE}:\d+") as error:
            loss.backward()
    line = int(re.search(rf"{HERE}:(\d+)", str(error.value)).group(1))
    assert "# the line" in Path(__file__).read_text().splitlines()[line - 1]


def test_a_rule_that_makes_a_nan_is_named_though_the_value_has_none():
    x = leaf(0.0, 1.0)
    with nn.detect_anomaly():
        loss = (x.sqrt() * nn.tensor([0.0, 1.0])).sum()
        message = rf"gradient of sqrt by its operand x, shape \(2,\), has nan at \(0,\).*called at {HERE}:\d+"
        with pytest.raises(nn.GradError, match=message):
            loss.backward()


def test_the_backward_may_come_after_the_block():
    x = leaf(-1.0)
    with nn.detect_anomaly():
        loss = x.log().sum()
    with pytest.raises(nn.GradError, match="log made first"):
        loss.backward()


def test_a_nan_in_a_branch_not_taken_is_no_anomaly():
    x = leaf(-1.0, 4.0)
    with nn.detect_anomaly():
        nn.where(x > 0, x.clamp(min=1.0).sqrt(), 0.0).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), [0.0, 0.25])


def test_a_nan_that_was_passed_in_is_said_to_be_passed_on():
    x = leaf(float("nan"))
    with nn.detect_anomaly(), pytest.raises(nn.GradError, match="has nan, which mul passed first"):
        (x * 2).sum().backward()


def test_without_it_a_nan_is_a_value_like_others_and_nothing_is_noted():
    x = leaf(-1.0)
    y = x.log()
    y.sum().backward()
    assert y.grad_fn.made_at is None


def test_recording_is_as_before_after_the_block_and_stays_off_in_no_grad():
    x = leaf(2.0)
    with nn.no_grad(), nn.detect_anomaly():
        assert not nn.is_grad_enabled()
        with nn.enable_grad():
            assert (x * 1).grad_fn.made_at is not None
    with nn.detect_anomaly():
        assert nn.is_grad_enabled() is True
    assert (x * 1).grad_fn.made_at is None
