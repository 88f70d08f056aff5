"""The Dice and the focal loss by their properties, and their messages."""

import numpy as np
import pytest

import nn
import nn.functional as F


def test_the_dice_loss_is_0_at_its_target_and_1_without_overlap():
    t = nn.tensor([[1.0, 0.0, 1.0]])
    assert nn.dice_loss(t, t).item() == 0
    assert nn.dice_loss(1 - t, t, smooth=0.0).item() == 1
    assert nn.dice_loss(nn.zeros(1, 3), nn.zeros(1, 3)).item() == 0  # nothing overlaps with nothing


def test_the_dice_loss_of_masks_is_the_number_of_pixels_in_both_over_the_mean_number(rng):
    p, t = rng.integers(0, 2, (2, 4, 5, 5))
    expected = [1 - 2 * (a & b).sum() / (a.sum() + b.sum()) for a, b in zip(p, t, strict=True)]
    loss = nn.dice_loss(nn.tensor(p).double(), nn.tensor(t).double(), smooth=0.0, reduction="none")
    np.testing.assert_allclose(loss.numpy(), expected)


def test_the_focal_loss_without_focus_is_the_binary_cross_entropy(rng):
    x, t = nn.tensor(rng.normal(size=(4, 3))), nn.tensor(rng.integers(0, 2, (4, 3))).double()
    plain = F.binary_cross_entropy_with_logits(x, t, reduction="none").numpy()
    np.testing.assert_allclose(nn.focal_loss(x, t, None, 0.0, reduction="none").numpy(), plain)
    weighted = nn.focal_loss(x, t, 0.25, 0.0, reduction="none").numpy()
    np.testing.assert_allclose(weighted, plain * np.where(t.numpy() == 1, 0.25, 0.75))


def test_the_focal_loss_turns_an_example_down_by_how_sure_it_is(rng):
    x, t = nn.tensor(rng.normal(size=6)), nn.tensor([1.0, 0.0] * 3).double()
    sure = np.where(t.numpy() == 1, x.sigmoid().numpy(), 1 - x.sigmoid().numpy())
    expected = -((1 - sure) ** 2) * np.log(sure)
    np.testing.assert_allclose(nn.focal_loss(x, t, None, 2.0, reduction="none").numpy(), expected)


def test_huge_logits_do_not_overflow():
    x, t = nn.tensor([1e4, -1e4, 1e4]), nn.tensor([1.0, 0.0, 0.0])
    assert nn.focal_loss(x, t, None, reduction="none").tolist() == [0, 0, 1e4]


def test_the_gradients_agree_with_differences(rng):
    x, t = nn.tensor(rng.normal(size=(2, 3)), requires_grad=True), nn.tensor(rng.uniform(size=(2, 3)))
    assert nn.testing.gradcheck(lambda x: nn.focal_loss(x, t), (x,))
    assert nn.testing.gradcheck(lambda x: nn.dice_loss(x.sigmoid(), t), (x,))


X = nn.zeros(2, 3)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.dice_loss(X, X[0]), nn.ShapeError, "dice_loss: target has shape"),
        (lambda: nn.dice_loss(X[0, 0], X[0, 0]), nn.ShapeError, r"dice_loss: input must be \(N, ...\), it has no axes"),
        (lambda: nn.focal_loss(X, X[0]), nn.ShapeError, "focal_loss: target has shape"),
        (lambda: nn.focal_loss(X, X, alpha=2), nn.RangeError, r"focal_loss: alpha must be in \[0, 1\] or None"),
        (lambda: nn.focal_loss(X, X, gamma=-1), nn.RangeError, "focal_loss: .* gamma at least 0, got 0.25 and -1"),
        (lambda: nn.focal_loss(X, X, reduction="all"), nn.RangeError, "focal_loss: reduction must be one of"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
