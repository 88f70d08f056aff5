"""How memory lies, and who shares it, against PyTorch."""

import pytest
from oracle import torch

import nn


@pytest.mark.parametrize("view", [
    lambda x: x, lambda x: x.T, lambda x: x[1:], lambda x: x[:, 1], lambda x: x[::2, ::2], lambda x: x.mT.contiguous(),
    lambda x: x.expand(2, 4, 6), lambda x: x[0, 0], lambda x: x[:0], lambda x: x.reshape(3, 8), lambda x: x.diagonal(),
    lambda x: x.unfold(1, 2, 2), lambda x: x.permute(1, 0)[1:3], lambda x: x.double().T,
])  # fmt: skip
def test_memory(view):
    ours, theirs = (view(t.arange(24).reshape(4, 6)) for t in (nn, torch))
    assert ours.stride() == theirs.stride()
    assert [ours.stride(d) for d in range(-ours.ndim, ours.ndim)] == [
        theirs.stride(d) for d in range(-ours.ndim, ours.ndim)
    ]
    for name in ("is_contiguous", "element_size", "storage_offset", "numel", "nelement", "dim", "ndimension"):
        assert getattr(ours, name)() == getattr(theirs, name)(), name
    for name in ("itemsize", "nbytes", "ndim"):
        assert getattr(ours, name) == getattr(theirs, name)
    ours, theirs = ([x.data_ptr() - x.T.data_ptr(), x[1].data_ptr() - x.data_ptr()]
                    for x in (nn.zeros(2, 3), torch.zeros(2, 3)))  # fmt: skip
    assert ours == theirs


def test_other_libraries_share_the_memory():
    x = nn.ones(3)
    y = torch.from_dlpack(x)
    y[0] = 5
    assert x.tolist() == [5, 1, 1]
    with pytest.raises(nn.GradError, match="numpy: "):
        torch.from_dlpack(x.requires_grad_())
