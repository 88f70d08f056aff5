import hashlib
from pathlib import Path

import numpy as np
import pytest

import nn
from nn.data.datasets import load_digits, xor

FOLDER = Path(nn.data.__file__).parent


def test_digits_have_the_promised_shapes_types_and_range():
    images, labels = load_digits()
    assert images.shape == (1797, 1, 8, 8)
    assert labels.shape == (1797,)
    assert (images.dtype, labels.dtype) == (np.float32, np.int64)
    assert (images.amin().item(), images.amax().item()) == (0.0, 1.0)
    assert np.bincount(labels.numpy()).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_the_shipped_file_holds_what_was_put_in():
    with np.load(FOLDER / "digits.npz") as archive:
        sums = {name: hashlib.sha256(archive[name].tobytes()).hexdigest() for name in archive}
    assert sums == {
        "images": "8f26b2bd9d135c256808f68f14fdabddde6d9c7f869ae419704b051f0f14b3b3",
        "labels": "8ba4f891220f5e4c9c819638d1602d74b83618f167043c6da52a2a247841ddf0",
    }


def test_the_file_is_small_and_its_notice_lies_beside_it():
    assert (FOLDER / "digits.npz").stat().st_size < 120_000
    notice = (FOLDER / "DIGITS-LICENSE.txt").read_text(encoding="utf-8")
    for part in (
        "BSD 3-Clause License",
        "scikit-learn developers",
        "Optical Recognition of Handwritten Digits",
        "Kaynak",
    ):
        assert part in notice


def test_digits_are_scikit_learns():
    datasets = pytest.importorskip("sklearn.datasets", reason="scikit-learn, the oracle of this test, is not installed")
    expected = datasets.load_digits()
    images, labels = load_digits()
    np.testing.assert_array_equal(images.numpy()[:, 0] * 16, expected.images)
    np.testing.assert_array_equal(labels.numpy(), expected.target)


def test_every_call_gives_data_of_its_own():
    load_digits()[0].zero_()
    assert load_digits()[0].amax().item() == 1


def test_xor_is_the_exclusive_or():
    x, y = xor()
    assert (x.dtype, y.dtype) == (np.float32, np.float32)
    assert y.tolist() == [[float(a != b)] for a, b in x.tolist()]
    assert sorted(x.tolist()) == [[0, 0], [0, 1], [1, 0], [1, 1]]
