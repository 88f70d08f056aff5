"""A thread's own: warnings."""

import contextvars

import numpy as np
import pytest

import nn
from nn.autograd.mode import mode, quietly


def test_a_quiet_block_ignores_what_numpy_warns_of_and_ends_with_what_was_set_before():
    zero = np.zeros(1)
    before = np.geterr()
    with quietly():
        assert np.isnan(zero / zero).all()
        with quietly():
            assert set(np.geterr().values()) == {"ignore"}
        assert np.isinf(mode.quiet(np.divide, 1, zero)).all()  # the two ways do not stand in each other's way
    assert np.geterr() == before
    with pytest.raises(KeyError), quietly():
        raise KeyError
    assert np.geterr() == before
    with np.errstate(all="raise"):
        with quietly():
            zero / zero
        with pytest.raises(FloatingPointError):
            zero / zero


def test_a_quiet_block_leaves_the_user_s_own_context_variables_alone():
    mine = contextvars.ContextVar("mine", default=0)
    x = nn.tensor([1.0], requires_grad=True)
    y = 2 * x
    y.register_hook(lambda g: mine.set(7) and None)
    y.sum().backward()
    assert mine.get() == 7
