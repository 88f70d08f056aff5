"""einops takes tensors after `import nn.einops`, with the values and the gradients that it gives for PyTorch."""

import subprocess
import sys

import numpy as np
import pytest
from oracle import compare_both, normal

import nn

einops = pytest.importorskip("einops", reason="einops is not installed")
import nn.einops  # noqa: E402

PATTERNS = [
    lambda x: einops.rearrange(x, "a b c -> c (a b)"), lambda x: einops.rearrange(x, "a b (c d) -> d (a b) c", d=2),
    lambda x: einops.rearrange(x, "... c -> c ..."), lambda x: einops.rearrange([x[0], x[1]], "n a b -> a n b"),
    lambda x: einops.rearrange(x, "a b c -> a 1 (b c) 1"), lambda x: einops.reduce(x, "a b c -> b", "sum"),
    lambda x: einops.reduce(x, "a b c -> a c", "mean"), lambda x: einops.reduce(x, "a (b n) c -> a b c", "max", n=3),
    lambda x: einops.reduce(x, "a b c -> a 1 1", "min"),
    lambda x: einops.reduce(x, "a b c -> c", "prod"), lambda x: einops.reduce(x, "a b c ->", "sum"),
    lambda x: einops.repeat(x, "a b c -> a b c n", n=3),
    lambda x: einops.repeat(x, "a b c -> (n a) (b m) c", n=2, m=3), lambda x: einops.repeat(x, "a b c -> n c a b", n=1),
    lambda x: einops.einsum(x, x, "a b c, a d c -> b d"), lambda x: einops.pack([x, x[:, :, 0]], "a b *")[0],
    lambda x: einops.unpack(x, [[2], [], [1]], "a b *")[0],
]  # fmt: skip


@pytest.mark.parametrize("function", PATTERNS)
def test_values_and_gradients(function, rng):
    compare_both(lambda lib, x: function(x), *normal(rng, (2, 3, 4)))


def test_truths_and_arrays(rng):
    x = nn.tensor(rng.random((3, 4)) < 0.5)
    assert einops.reduce(x, "a b -> a", "any").tolist() == x.numpy().any(1).tolist()
    assert einops.reduce(x, "a b -> b", "all").tolist() == x.numpy().all(0).tolist()
    backend = nn.einops.Backend()
    assert backend.to_numpy(backend.from_numpy(np.ones(2))).tolist() == [1, 1]
    assert backend.arange(1, 3).tolist() == [1, 2]
    assert backend.tile(nn.tensor([1, 2]), (2,)).tolist() == [1, 2, 1, 2]


def test_a_pattern_that_does_not_fit():
    with pytest.raises(einops.EinopsError, match="a b"):
        einops.rearrange(nn.zeros(2, 3, 4), "a b -> b a")
    with pytest.raises(NotImplementedError, match="reduce_mean is not available for non-floating tensors"):
        einops.reduce(nn.arange(4), "a ->", "mean")


def test_einops_is_not_imported_with_nn():
    code = "import sys, nn; print('einops' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
