"""In which order a result lies in memory, so that `view` and `reshape` of it share memory where PyTorch's do."""

import pytest
from oracle import torch

import nn

LAYOUTS = {
    "row-major": lambda t: t.zeros(2, 3, 4),
    "transposed": lambda t: t.zeros(2, 4, 3).transpose(1, 2),
    "time first": lambda t: t.zeros(3, 2, 4).transpose(0, 1),
    "reversed": lambda t: t.zeros(4, 3, 2).transpose(0, 2),
    "every second": lambda t: t.zeros(2, 3, 8)[..., ::2],
    "a part": lambda t: t.zeros(2, 5, 4)[:, 1:4],
    "expanded": lambda t: t.zeros(3, 1).expand(2, 3, 4),
}

CALLS = """
t.cat([x, x]); t.cat([x, x], 1); t.cat([x, x], -1); t.stack([x, x]); t.stack([x, x], 1); t.stack([x, x], -1)
t.hstack([x, x]); t.vstack([x, x]); t.dstack([x, x]); t.concat([x, y]); t.stack(x.unbind(1), 1)
x.roll(1, 0); x.roll((1, 1), (0, 2)); x.flip(0); x.flip(0, 2); x.rot90(); x.rot90(2, (1, 2)); x.rot90(0); x.clone()
x.contiguous(); x.repeat(1, 2, 1); x.repeat(1, 1, 1); x.tile(2); x.repeat_interleave(2, 1); x.triu(); x.tril(1)
t.zeros_like(x); t.ones_like(x); t.empty_like(x); t.full_like(x, 7); t.zeros_like(x, dtype=t.int64); x.new_zeros(2, 3)
x.cumsum(0); x.cumsum(-1); x.cumprod(1); x.logcumsumexp(1); x.cummax(1)[0]; x.cummin(0)[1]; x.diff(dim=1)
x.softmax(0); x.softmax(-1); x.log_softmax(1); f.softmin(x, 1); f.logsigmoid(x); f.layer_norm(x, (4,))
x.sort(0)[0]; x.sort(-1)[1]; x.argsort(1); x.msort(); x.topk(2, 1)[0]; x.kthvalue(2, 1)[0]; x.max(1)[0]; x.argmax(1)
x.sum(0); x.sum(1); x.sum(-1); x.sum((0, 2)); x.mean(1); x.mean(1, keepdim=True); x.var(0); x.std(0); x.prod(1)
x.amax(0); x.amin(-1); x.logsumexp(0); x.norm(dim=1); x.all(0); x.any(0); x.long().sum(0); (x != 0).sum(1)
x.median(0)[0]; x.quantile(0.5, 1); x.quantile(t.tensor([0.1, 0.9]), dim=1); x.nansum(0); x.nanmean(0)
x.masked_fill(x > 1, 2.0); x.masked_fill(y > 1, 2.0); t.where(x > 0, x, y); x.gather(1, i3); x.index_select(1, i)
x.index_select(0, i[:2]); x[i[:2]]; x[x == 0]; x.index_add(1, i, x)
x.scatter(1, i3, 5.0); t.take_along_dim(x, i3, 1); f.one_hot(x.long(), 3); f.pad(x, (1, 1))
x + y; y + x; x + x; x + c; c + x; x + r; x * 2; x / y; x - y; x ** y; t.maximum(x, y); x < y; t.atan2(x, y)
x - x.mean(1, keepdim=True); x / x.norm(dim=-1, keepdim=True); x.double() + y.double(); x.double(); x.long(); x > 0
x.relu(); f.gelu(x); f.silu(x); x.exp(); x.erf(); x.sigmoid(); x.clamp(0, 1); f.dropout(x, 0.5); t.addcmul(x, x, y)
t.lerp(x, y, 0.2); x @ y.transpose(1, 2); t.baddbmm(x @ x.mT, x, y.mT); f.linear(x, w); t.einsum("bij,kj->bik", x, w)
x.transpose(0, 1) + 1; x.permute(2, 0, 1).clone(); x.movedim(0, -1).cumsum(0); x.mT.exp().sum(1); x.ravel()
t.linalg.vector_norm(x, dim=0); t.linalg.svdvals(x); t.linalg.pinv(x + e); t.cdist(x, y); t.trapezoid(y, dim=0)
"""


def test_what_is_picked_along_an_axis_is_row_major():
    for x, y in zip(*([t.zeros(2, 3, 4), t.zeros(2, 4, 3).mT] for t in (nn, torch)), strict=True):
        for i, k in zip(*((t.tensor([2, 0]), [1, 2], t.tensor([True, False, True])) for t in (nn, torch)), strict=True):
            assert x[:, i].stride() == y[:, k].stride()
            assert x[:, :1][:, [0, 0]].stride() == y[:, :1][:, [0, 0]].stride()


def results(t, f, layout):
    """For each call its result in that library."""
    x, y, e = LAYOUTS[layout](t), t.ones(2, 3, 4), t.eye(3, 4)
    c, r, w = t.ones(2, 1, 4), t.ones(4), t.ones(5, 4)
    i, i3 = t.tensor([1, 0, 1]), t.tensor([[[0, 1, 2, 1]] * 2] * 2)
    names = dict(t=t, f=f, x=x, y=y, e=e, c=c, r=r, w=w, i=i, i3=i3)
    return {call: eval(call, dict(names)) for line in CALLS.strip().splitlines() for call in line.split("; ")}


def steps(x):
    """The steps along axes longer than 1: of the others they say nothing."""
    return [step for step, n in zip(x.stride(), x.shape, strict=True) if n > 1]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_order_in_memory(layout):
    ours, theirs = results(nn, nn.functional, layout), results(torch, torch.nn.functional, layout)
    differ = {
        call: (steps(x), steps(theirs[call])) for call, x in ours.items() if x.shape != theirs[call].shape
        or steps(x) != steps(theirs[call])
    }  # fmt: skip
    assert not differ
