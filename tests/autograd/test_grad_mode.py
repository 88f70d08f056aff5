"""Who records: the modes, as contexts and as decorators; each thread has its own."""

import threading

import pytest

import nn


@pytest.mark.parametrize(("mode", "records"), [
    (nn.no_grad, False),
    (nn.inference_mode, False),
    (nn.enable_grad, True),
    (lambda: nn.inference_mode(False), True),
    (lambda: nn.set_grad_enabled(True), True),
    (lambda: nn.set_grad_enabled(False), False),
])  # fmt: skip
@pytest.mark.parametrize("outside", [nn.no_grad, nn.enable_grad])
def test_a_mode_holds_within_its_block_and_within_a_decorated_function(mode, records, outside):
    with outside():
        before = nn.is_grad_enabled()
        with mode():
            assert nn.is_grad_enabled() is records
        assert nn.is_grad_enabled() is before

        @mode()
        def function():
            return nn.is_grad_enabled()

        assert nn.is_grad_enabled() is before
        assert (function(), function()) == (records, records)
        assert nn.is_grad_enabled() is before


def test_set_grad_enabled_as_a_statement_holds_from_there_on():
    with nn.enable_grad():
        nn.set_grad_enabled(False)
        assert not nn.is_grad_enabled()
        nn.set_grad_enabled(True)
        assert nn.is_grad_enabled()


def test_a_thread_does_not_see_another_s_mode():
    seen = []
    with nn.no_grad(), nn.detect_anomaly():
        thread = threading.Thread(target=lambda: seen.append(nn.is_grad_enabled()))
        thread.start()
        thread.join()
    assert seen == [True]


def test_an_error_inside_restores_the_mode():
    with pytest.raises(KeyError), nn.no_grad():
        raise KeyError
    assert nn.is_grad_enabled()
