"""Losses by their definitions and identities, and their messages."""

import math

import numpy as np
import pytest

import nn
import nn.functional as F


@pytest.fixture
def logits(rng):
    return nn.tensor(rng.normal(size=(5, 4)) * 3)


@pytest.fixture
def classes(rng):
    return nn.tensor(rng.integers(0, 4, 5))


def one_hot(classes, count):
    return nn.tensor(np.eye(count)[classes.numpy()])


def close(a, b, rtol=1e-11):
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=rtol, atol=1e-13)


LOSSES = {
    "mse_loss": lambda x, t, **k: F.mse_loss(x, x * 2, **k),
    "binary_cross_entropy": lambda x, t, **k: F.binary_cross_entropy(x.sigmoid(), (x * 2).sigmoid(), **k),
    "binary_cross_entropy_with_logits": lambda x, t, **k: F.binary_cross_entropy_with_logits(x, (x * 2).sigmoid(), **k),
    "cross_entropy": F.cross_entropy,
    "nll_loss": lambda x, t, **k: F.nll_loss(x.log_softmax(1), t, **k),
}
every_loss = pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)


@every_loss
def test_mean_and_sum_are_those_of_the_single_losses(loss, logits, classes):
    single = loss(logits, classes, reduction="none")
    close(loss(logits, classes, reduction="sum"), single.sum())
    close(loss(logits, classes), single.mean())
    close(loss(logits, classes, reduction="mean"), single.mean())


@every_loss
def test_an_unknown_reduction(loss, logits, classes):
    with pytest.raises(ValueError, match=r"\w+: reduction must be one of none, mean, sum; got 'all'"):
        loss(logits, classes, reduction="all")


def test_mse_of_a_perfect_prediction_is_0_and_of_distance_d_is_d_squared(logits):
    assert F.mse_loss(logits, logits).item() == 0
    close(F.mse_loss(logits, logits + 3), 9.0)


def test_cross_entropy_is_minus_the_log_of_the_softmax_at_the_class(logits, classes):
    p = F.softmax(logits, 1).numpy()[np.arange(5), classes.numpy()]
    close(F.cross_entropy(logits, classes, reduction="none"), -np.log(p))


def test_class_indices_are_probabilities_of_one(logits, classes):
    close(F.cross_entropy(logits, classes), F.cross_entropy(logits, one_hot(classes, 4)))


def test_cross_entropy_is_nll_of_log_softmax(logits, classes):
    w = nn.tensor([1.0, 2.0, 0.5, 3.0], dtype=nn.float64)
    close(F.cross_entropy(logits, classes, w), F.nll_loss(logits.log_softmax(1), classes, w))


def test_equal_logits_cost_the_logarithm_of_the_number_of_classes():
    close(F.cross_entropy(nn.zeros(3, 10), nn.tensor([0, 5, 9])).item(), math.log(10), rtol=1e-6)


def test_the_gradient_of_cross_entropy_is_softmax_minus_one_hot(logits, classes):
    logits.requires_grad_()
    F.cross_entropy(logits, classes, reduction="sum").backward()
    close(logits.grad, F.softmax(logits.detach(), 1) - one_hot(classes, 4), rtol=1e-9)


def test_smoothing_mixes_with_the_uniform_distribution(logits, classes):
    target = one_hot(classes, 4) * 0.9 + 0.1 / 4
    close(F.cross_entropy(logits, classes, label_smoothing=0.1), F.cross_entropy(logits, target))


def test_a_weight_counts_a_sample_so_many_times(logits):
    classes = nn.tensor([0, 1, 1, 2, 3])
    twice = F.cross_entropy(logits[[0, 1, 1, 2, 2, 3, 4]], classes[[0, 1, 1, 2, 2, 3, 4]])
    close(F.cross_entropy(logits, classes, nn.tensor([1.0, 2.0, 1.0, 1.0], dtype=nn.float64)), twice)


@pytest.mark.parametrize("ignore", [-100, 2, 77])
def test_an_ignored_sample_is_as_if_it_were_not_there(logits, ignore):
    classes = nn.tensor([0, ignore, 1, 3, ignore])
    keep = [0, 2, 3]
    close(F.cross_entropy(logits, classes, ignore_index=ignore), F.cross_entropy(logits[keep], classes[keep]))
    logits.requires_grad_()
    F.cross_entropy(logits, classes, ignore_index=ignore).backward()
    assert logits.grad[[1, 4]].tolist() == [[0] * 4] * 2


def test_the_classes_are_on_axis_1_whatever_follows(rng):
    x, t = nn.tensor(rng.normal(size=(2, 4, 3, 5))), nn.tensor(rng.integers(0, 4, (2, 3, 5)))
    flat = F.cross_entropy(x.permute(0, 2, 3, 1).reshape(30, 4), t.reshape(30), reduction="none")
    close(F.cross_entropy(x, t, reduction="none"), flat.reshape(2, 3, 5))


def test_one_sample_without_a_batch(logits):
    close(F.cross_entropy(logits[0], nn.tensor(2)), F.cross_entropy(logits[:1], nn.tensor([2])))


def test_binary_is_cross_entropy_of_two_classes(logits):
    x, t = logits[:, 0], nn.tensor([0, 1, 1, 0, 1])
    both = nn.stack([nn.zeros_like(x), x], 1)
    close(F.binary_cross_entropy_with_logits(x, t.double()), F.cross_entropy(both, t))
    close(F.binary_cross_entropy(x.sigmoid(), t.double()), F.cross_entropy(both, t), rtol=1e-9)


def test_pos_weight_counts_a_positive_so_many_times(logits):
    x, t = logits.flatten(), nn.tensor([0.0, 1.0] * 10, dtype=nn.float64)
    plain = F.binary_cross_entropy_with_logits(x, t, reduction="none")
    weighted = F.binary_cross_entropy_with_logits(x, t, reduction="none", pos_weight=nn.tensor(3.0, dtype=nn.float64))
    close(weighted, plain * nn.where(t == 1, 3.0, nn.ones_like(t)))


def test_huge_logits_cost_what_they_should_without_a_warning():
    x = nn.tensor([1e4, -1e4, 1e4, -1e4], requires_grad=True)
    loss = F.binary_cross_entropy_with_logits(x, nn.tensor([1.0, 0.0, 0.0, 1.0]), reduction="none")
    loss.sum().backward()
    assert loss.tolist() == [0, 0, 1e4, 1e4]
    assert x.grad.tolist() == [0, 0, 1, -1]
    assert F.cross_entropy(nn.tensor([[1e4, 0.0]]), nn.tensor([1])).item() == 1e4


def test_certain_probabilities_are_held_at_100():
    p = nn.tensor([0.0, 1.0, 0.0, 1.0], requires_grad=True)
    loss = F.binary_cross_entropy(p, nn.tensor([0.0, 1.0, 1.0, 0.0]), reduction="none")
    loss.sum().backward()
    assert loss.tolist() == [0, 0, 100, 100]
    assert np.isfinite(p.grad.numpy()).all()


@every_loss
def test_float32_stays_float32(loss, logits, classes):
    assert loss(logits.float(), classes).dtype == np.float32


@pytest.mark.parametrize("function", [F.cross_entropy, F.nll_loss])
def test_nothing_has_no_mean(function):
    assert math.isnan(function(nn.zeros(0, 3), nn.zeros(0, dtype=nn.int64)).item())
    assert function(nn.zeros(0, 3), nn.zeros(0, dtype=nn.int64), reduction="sum").item() == 0
    assert math.isnan(function(nn.zeros(2, 3), nn.tensor([-100, -100])).item())


def test_nan_in_the_data_gives_a_nan_loss_and_no_error(logits, classes):
    logits[0, 0] = math.nan
    assert math.isnan(F.cross_entropy(logits, classes).item())
    assert math.isnan(F.mse_loss(logits, logits).item())
    assert math.isnan(F.binary_cross_entropy_with_logits(logits, nn.zeros_like(logits)).item())


X = nn.zeros(2, 3)


@pytest.mark.parametrize("name", ["cross_entropy", "nll_loss"])
@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda f: f(X, nn.tensor([0, 3])), IndexError,
         r"class index 3 is out of range, input \(2, 3\) has 3 classes \(0 to 2\)"),
        (lambda f: f(X, nn.tensor([-1, 0])), IndexError, "class index -1 is out of range"),
        (lambda f: f(X, nn.tensor([0])), nn.ShapeError,
         r"for input \(2, 3\) target must be class indices of shape \(2,\), got \(1,\)"),
        (lambda f: f(X, nn.tensor([[0], [1]])), nn.ShapeError, r"for .* target must be class indices of shape \(2,\)"),
        (lambda f: f(X, nn.tensor([0, 1]), nn.ones(4)), nn.ShapeError,
         r"weight must have one entry for each of 3 classes, its shape is \(4,\)"),
        (lambda f: f(nn.tensor(1.0), nn.tensor(0)), nn.ShapeError, "input must be .* it has no axes"),
        (lambda f: f(X.long(), nn.tensor([0, 1])), nn.DtypeError, "input must be floating-point, it is int64"),
        (lambda f: f(X, [0, 1]), TypeError, "target must be a tensor, got list"),
        (lambda f: f([[0.0]], nn.tensor([0])), TypeError, "input must be a tensor, got list"),
        (lambda f: f(X, nn.tensor([True, False])), nn.DtypeError, "class indices must be integers, target is bool"),
    ],
)  # fmt: skip
def test_messages_of_the_class_losses(name, call, error, message):
    with pytest.raises(error, match=f"{name}: {message}"):
        call(getattr(F, name))


def test_float_class_indices():
    with pytest.raises(nn.ShapeError, match=r"cross_entropy: target of float32 is read as probabilities.*\.long\(\)"):
        F.cross_entropy(X, nn.zeros(2))
    with pytest.raises(nn.DtypeError, match=r"nll_loss: class indices must be integers, target is float32"):
        F.nll_loss(X, nn.zeros(2))


@pytest.mark.parametrize("wrong", [-0.1, 1.5, math.nan])
def test_smoothing_out_of_range(wrong):
    with pytest.raises(ValueError, match=r"cross_entropy: label_smoothing must be in \[0, 1\]"):
        F.cross_entropy(X, nn.tensor([0, 1]), label_smoothing=wrong)


@pytest.mark.parametrize("name", ["binary_cross_entropy", "binary_cross_entropy_with_logits"])
def test_messages_of_the_binary_losses(name):
    function = getattr(F, name)
    with pytest.raises(nn.ShapeError, match=rf"{name}: target has shape \(2,\), input has \(2, 1\).*reshape\(2, 1\)"):
        function(nn.zeros(2, 1), nn.zeros(2))
    with pytest.raises(nn.DtypeError, match=f"{name}: target must be floating-point, it is int64"):
        function(nn.zeros(2), nn.tensor([0, 1]))
    with pytest.raises(TypeError, match=f"{name}: input must be a tensor, got list"):
        function([0.0], nn.zeros(1))


def test_small_probabilities_keep_their_digits():
    p = nn.tensor([1e-6, 1e-9])
    np.testing.assert_allclose(F.binary_cross_entropy(p, nn.zeros(2), reduction="none").numpy(), p.numpy(), rtol=1e-6)


def test_the_gradient_by_a_target_is_minus_the_logit():
    p = nn.tensor([0.0, 0.2, 0.5, 1.0])
    t = nn.tensor([0.0, 0.3, 1.0, 1.0], requires_grad=True)
    F.binary_cross_entropy(p, t, reduction="sum").backward()
    np.testing.assert_allclose(t.grad.numpy(), [math.inf, math.log(4), 0, -math.inf], rtol=1e-6)


@pytest.mark.parametrize("wrong", [-0.1, 1.1, math.nan])
def test_targets_out_of_range(wrong):
    with pytest.raises(RuntimeError, match="binary_cross_entropy: target must be from 0 to 1, got values from"):
        F.binary_cross_entropy(nn.tensor([0.5, 0.5]), nn.tensor([0.0, wrong]))


@pytest.mark.parametrize("wrong", [-0.1, 1.1, math.nan])
def test_probabilities_out_of_range(wrong):
    with pytest.raises(nn.RangeError, match=r"binary_cross_entropy: input must be probabilities in \[0, 1\]"):
        F.binary_cross_entropy(nn.tensor([0.5, wrong]), nn.zeros(2))


def test_mse_of_other_shapes_warns_where_it_is_called():
    with pytest.warns(UserWarning, match=r"mse_loss: target has shape \(3,\), input has \(3, 1\)") as caught:
        F.mse_loss(nn.zeros(3, 1), nn.zeros(3))
    assert caught[0].filename == __file__
