"""Clipping: norms of all gradients together, shortened or held element by element."""

import math

import numpy as np
import pytest

import nn
from nn.utils import clip_grad_norm_, clip_grad_value_, clip_grads_with_norm_, get_total_norm

NORMS = [2.0, 1, 3.5, 0.5, float("inf"), float("-inf"), 0]


def with_gradients(lib, arrays):
    made = []
    for array in arrays:
        made.append(lib.tensor(np.zeros_like(array), requires_grad=True))
        made[-1].grad = lib.tensor(array.copy())
    return made


def gradients(parameters):
    return [np.asarray(p.grad) for p in parameters]


@pytest.fixture
def arrays(rng):
    return [np.asarray(rng.normal(size=s)) for s in ((3, 2), (4,), ())]


def test_long_gradients_are_shortened_together(arrays):
    parameters = with_gradients(nn, arrays)
    before = clip_grad_norm_(parameters, 0.1)
    assert before.item() == pytest.approx(math.sqrt(sum((a**2).sum() for a in arrays)))
    assert get_total_norm([p.grad for p in parameters]).item() == pytest.approx(0.1, rel=1e-4)
    ratios = np.concatenate([(g / a).ravel() for g, a in zip(gradients(parameters), arrays, strict=True)])
    np.testing.assert_allclose(ratios, ratios[0], rtol=1e-12)


def test_short_gradients_stay_as_they_are(arrays):
    parameters = with_gradients(nn, arrays)
    clip_grad_norm_(parameters, 100.0)
    for g, a in zip(gradients(parameters), arrays, strict=True):
        assert g.tolist() == a.tolist()


def test_a_single_tensor_and_parameters_without_a_gradient():
    w, without = with_gradients(nn, [np.array([3.0, 4.0])])[0], nn.ones(2, requires_grad=True)
    assert clip_grad_norm_([without, w], 1.0).item() == 5
    assert clip_grad_norm_(w, 1.0).item() == pytest.approx(1, rel=1e-5)
    assert clip_grad_norm_([without], 1.0).item() == 0
    clip_grad_value_(w, 0.1)
    assert w.grad.tolist() == [0.1, 0.1]


def test_an_empty_generator_warns():
    with pytest.warns(UserWarning, match="clip_grad_norm_: the generator of parameters is empty, nothing is clipped"):
        clip_grad_norm_((p for p in []), 1.0)
    assert clip_grad_norm_([], 1.0).item() == 0


@pytest.mark.parametrize("value", [np.inf, np.nan])
def test_a_norm_that_is_no_number_is_refused_if_asked(value):
    w = with_gradients(nn, [np.array([value, 1.0], np.float32)])[0]
    with pytest.raises(RuntimeError, match=r"clip_grad_norm_: the norm of order 2.0 is (inf|nan); look for the loss"):
        clip_grad_norm_(w, 1.0, error_if_nonfinite=True)
    assert w.grad.tolist()[1] == 1
    with pytest.raises(RuntimeError, match=r"get_total_norm: the norm of order 1.0 is"):
        get_total_norm(w.grad, 1, error_if_nonfinite=True)
    clip_grad_norm_(w, 1.0)
    assert np.isnan(w.grad.tolist()[0])


def test_the_gradient_s_memory_and_dtype_stay(arrays):
    parameters = with_gradients(nn, [a.astype(np.float32) for a in arrays])
    memory = [p.grad._array for p in parameters]
    assert clip_grad_norm_(parameters, 0.1).dtype == np.float32
    clip_grad_value_(parameters, 0.01)
    assert all(p.grad._array is m and m.dtype == np.float32 for p, m in zip(parameters, memory, strict=True))


class TestAgainstTorch:
    @pytest.fixture(autouse=True)
    def oracle(self):
        self.torch = pytest.importorskip("torch", reason="the oracle PyTorch is not installed")

    @pytest.mark.parametrize("norm_type", NORMS)
    @pytest.mark.parametrize("max_norm", [0.1, 2, 100.0])
    @pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-12), (np.float32, 1e-5)])
    def test_norms(self, norm_type, max_norm, dtype, rtol, arrays):
        arrays = [a.astype(dtype) for a in arrays]
        ours, theirs = with_gradients(nn, arrays), with_gradients(self.torch, arrays)
        totals = (
            clip_grad_norm_(ours, max_norm, norm_type),
            self.torch.nn.utils.clip_grad_norm_(theirs, max_norm, norm_type),
        )
        np.testing.assert_allclose(*map(np.asarray, totals), rtol=rtol)
        for a, b in zip(gradients(ours), gradients(theirs), strict=True):
            np.testing.assert_allclose(a, b, rtol=rtol)

    def test_a_given_norm_and_values(self, arrays):
        results = []
        for lib, utils in ((nn, nn.utils), (self.torch, self.torch.nn.utils)):
            parameters = with_gradients(lib, arrays)
            utils.clip_grads_with_norm_(parameters, 0.5, lib.tensor(3.0))
            utils.clip_grad_value_(parameters, 0.05)
            results.append(gradients(parameters))
        for a, b in zip(*results, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-6)


def test_clipping_by_a_norm_that_was_found_before():
    w = with_gradients(nn, [np.array([3.0, 4.0])])[0]
    clip_grads_with_norm_([w], 1.0, get_total_norm([w.grad]))
    np.testing.assert_allclose(w.grad.tolist(), [0.6, 0.8], rtol=1e-6)
