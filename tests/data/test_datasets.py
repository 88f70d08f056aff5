import hashlib
import sys
from pathlib import Path

import numpy as np
import pytest

import nn
from nn.data.datasets import from_sklearn, load_digits

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


@pytest.mark.parametrize("name", ["breast_cancer", "diabetes", "digits", "iris", "linnerud", "wine"])
def test_scikit_learns_datasets_come_as_tensors(name):
    datasets = pytest.importorskip("sklearn.datasets", reason="scikit-learn, which has the data, is not installed")
    inputs, targets = getattr(datasets, f"load_{name}")(return_X_y=True)
    x, y = from_sklearn(name)
    np.testing.assert_array_equal(x.numpy(), inputs.astype(np.float32))
    np.testing.assert_allclose(y.numpy().squeeze(), targets, rtol=1e-6)
    assert (y.dtype, y.ndim) == ((np.int64, 1) if targets.dtype.kind == "i" else (np.float32, 2))


def test_another_name_is_refused_and_without_scikit_learn_the_extra_is_named(monkeypatch):
    with pytest.raises(ValueError, match=r"from_sklearn: name must be one of \('breast_cancer', .*got 'iras'"):
        from_sklearn("iras")
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ImportError, match=r"pip install 'fromzero\[sklearn\]'"):
        from_sklearn("iris")
