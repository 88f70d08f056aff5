"""Shapes, joining, rearrangement, diagonals and padding against PyTorch, with derivatives, in float64 and float32."""

import numpy as np
import pytest
from oracle import OURS, THEIRS, compare, compare_both, normal, several, torch

SHAPES = [
    lambda t, x: x.view_as(x.reshape(6, 4)), lambda t, x: x.reshape_as(x.view(4, 6)), lambda t, x: x.view(-1, 12),
    lambda t, x: t.adjoint(x), lambda t, x: x.mH, lambda t, x: x[0].H, lambda t, x: t.swapaxes(x, 0, 2),
    lambda t, x: x.swapdims(-1, 0), lambda t, x: t.movedim(x, 0, -1), lambda t, x: t.moveaxis(x, (0, 1), (2, 0)),
    lambda t, x: x.movedim((2, 0), (0, 1)), lambda t, x: x.expand_as(x[None].expand(5, 2, 3, 4)),
    lambda t, x: t.broadcast_to(x, (2, 2, 3, 4)), lambda t, x: x.broadcast_to((2, 2, 3, 4)),
    lambda t, x: t.broadcast_tensors(x, x[:, :1], x[0, 0, 0]),
    lambda t, x: t.ravel(x), lambda t, x: x.unflatten(-1, (2, 2)), lambda t, x: t.unflatten(x, 1, (3, -1)),
    lambda t, x: t.unflatten(x, 0, (-1, 1)), lambda t, x: t.atleast_1d(x[0, 0, 0]), lambda t, x: t.atleast_2d(x[0, 0]),
    lambda t, x: t.atleast_2d(x[0, 0, 0]), lambda t, x: t.atleast_3d(x, x[0], x[0, 0], x[0, 0, 0]),
    lambda t, x: t.atleast_3d([x[0], x[0, 0]]), lambda t, x: t.squeeze(x[:, :1], (0, 1)), lambda t, x: x[0].T,
]  # fmt: skip
JOINING = [
    lambda t, x: t.concat([x, x], 1), lambda t, x: t.concatenate((x, -x)), lambda t, x: t.vstack([x[0], x[1]]),
    lambda t, x: t.row_stack([x[0, 0], x[0, 1]]), lambda t, x: t.hstack([x, x[:, :1]]),
    lambda t, x: t.hstack([x[0, 0], x[0, 1]]), lambda t, x: t.hstack([x[0, 0, 0], x[0, 1]]),
    lambda t, x: t.dstack([x[0], x[1]]), lambda t, x: t.dstack([x[0, 0], x[0, 1]]),
    lambda t, x: t.column_stack([x[0, :, 0], x[0], x[1, :, 1]]), lambda t, x: t.column_stack([x[0, 0, 0], x[0, 0, 1]]),
    lambda t, x: t.split(x, 2, 2), lambda t, x: x.split(3, -1), lambda t, x: x.split([1, 0, 3], dim=2),
    lambda t, x: t.split_with_sizes(x, [1, 3], -1), lambda t, x: t.chunk(x, 3, 2), lambda t, x: x.chunk(2),
    lambda t, x: x.chunk(5, 1),
    lambda t, x: t.tensor_split(x, 3, 2), lambda t, x: x.tensor_split((1, 3), 2), lambda t, x: x.tensor_split(5, 0),
    lambda t, x: x.tensor_split([2, 1, -1], -1), lambda t, x: x.tensor_split(t.tensor([1]), -1),
    lambda t, x: t.hsplit(x, 3), lambda t, x: t.hsplit(x[0, 0], [1]), lambda t, x: x.vsplit(2),
    lambda t, x: x.dsplit([1, 3]), lambda t, x: t.unbind(x), lambda t, x: x.unbind(-1),
]  # fmt: skip
REARRANGEMENT = [
    lambda t, x: t.narrow(x, 1, 1, 2), lambda t, x: x.narrow(-1, -3, 2), lambda t, x: x.narrow(0, 0, 0),
    lambda t, x: t.select(x, 1, -1), lambda t, x: x.select(-1, 2), lambda t, x: x.unfold(2, 2, 1),
    lambda t, x: x.unfold(-2, 2, 1), lambda t, x: x.unfold(2, 3, 5), lambda t, x: x.unfold(1, 1, 2),
    lambda t, x: x[0, 0, 0].unfold(0, 1, 1), lambda t, x: t.flip(x, (0, -1)),
    lambda t, x: x.flip(1), lambda t, x: x.flip(0, 1), lambda t, x: t.fliplr(x), lambda t, x: x.flipud(),
    *(lambda t, x, k=k: t.rot90(x, k, (1, 2)) for k in range(-3, 5)), lambda t, x: x.rot90(1, [2, 0]),
    lambda t, x: t.roll(x, 5), lambda t, x: x.roll(-1, 2), lambda t, x: x.roll((1, -7), (0, 1)),
    lambda t, x: x.roll((1, 1), (0, 0)), lambda t, x: x.roll(100, -1), lambda t, x: x.repeat(1, 2, 1, 3),
    lambda t, x: x.repeat((2, 1, 1)), lambda t, x: x.repeat(2, 1, 1), lambda t, x: t.tile(x, (2,)),
    lambda t, x: x.tile(2, 1, 1, 2), lambda t, x: x[0, 0, 0].repeat(3), lambda t, x: t.repeat_interleave(x, 2),
    lambda t, x: x.repeat_interleave(3, dim=1), lambda t, x: x.repeat_interleave(t.tensor([0, 1, 3]), 1),
    lambda t, x: x.repeat_interleave(t.tensor([2]), -1, output_size=8), lambda t, x: x[0, 0, 0].repeat_interleave(2),
    lambda t, x: t.meshgrid(x[0, 0], x[0, 1], x[0, 0, 0], indexing="ij"),
    lambda t, x: t.meshgrid([x[0, 0], x[0, :, 0]], indexing="xy"), lambda t, x: t.cartesian_prod(x[0, 0], x[0, :, 1]),
    lambda t, x: t.cartesian_prod(x[0, 0]), lambda t, x: t.combinations(x[0, 0]),
    lambda t, x: t.combinations(x[0, 0], 3), lambda t, x: t.combinations(x[0, 0], 2, with_replacement=True),
    lambda t, x: t.combinations(x[0, 0], 5), lambda t, x: t.combinations(x[0, 0], 0),
]  # fmt: skip
DIAGONALS = [
    *(lambda t, x, k=k: t.tril(x, k) for k in (-5, -1, 0, 1, 9)),
    *(lambda t, x, k=k: x.triu(k) for k in (-5, -1, 0, 2)),
    *(lambda t, x, k=k: t.diagonal(x, k) for k in (-2, -1, 0, 1, 2)), lambda t, x: x.diagonal(1, -1, 0),
    lambda t, x: x.diagonal(-1, 2, 1), lambda t, x: x.diagonal(0, 1, 2), lambda t, x: t.diag_embed(x),
    lambda t, x: x.diag_embed(1), lambda t, x: x.diag_embed(-2, 0, -1), lambda t, x: x.diag_embed(0, 1, 0),
    lambda t, x: t.diag(x[0]), lambda t, x: x[0].diag(1), lambda t, x: x[0, 0].diag(-1), lambda t, x: t.diagflat(x, 1),
    lambda t, x: t.diagflat(x[0, 0, 0]), lambda t, x: t.trace(x[0]), lambda t, x: x[1].trace(),
    lambda t, x: t.block_diag(x[0], x[0, 0], x[0, 0, 0]), lambda t, x: t.block_diag(x[0, :0], x[1]),
    lambda t, x: t.diagonal_scatter(x[0], x[1, :, 0]),
    lambda t, x: t.diagonal_scatter(x, x[0, 0, :2, None].expand(2, 3).mT, 1, 0, 2),
]  # fmt: skip


@pytest.mark.parametrize("function", SHAPES + JOINING + REARRANGEMENT + DIAGONALS)
def test_values_and_derivatives(function, rng):
    compare_both(lambda lib, x: function(lib.top, x), *normal(rng, (2, 3, 4)))


@pytest.mark.parametrize("dtype", [np.int64, np.bool_, np.uint8])
@pytest.mark.parametrize("function", SHAPES[:4] + JOINING[-4:] + REARRANGEMENT + DIAGONALS[:20])
def test_of_integers_and_booleans(function, dtype):
    compare(lambda lib, x: function(lib.top, x), (np.arange(24).reshape(2, 3, 4) % 5 * 3).astype(dtype), orders=0)


@pytest.mark.parametrize("function", [*SHAPES[3:], *JOINING, *REARRANGEMENT, *DIAGONALS])
def test_memory_that_runs_backwards(function, rng):
    x = rng.normal(size=(4, 3, 4)).transpose(1, 0, 2)[:, ::-2].transpose(1, 0, 2)[:, :, ::-1]
    ours, theirs = function(OURS.top, OURS.top.from_numpy(x)), function(torch, torch.tensor(x.copy()))
    for a, b in zip(several(ours), several(theirs), strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


EMPTY = [
    lambda t, x: t.flip(x, (0, 1)), lambda t, x: t.roll(x, 1, 0), lambda t, x: t.roll(x, 3), lambda t, x: x.mT.ravel(),
    lambda t, x: x.unfold(1, 2, 1), lambda t, x: x.repeat(2, 2), lambda t, x: x.repeat(2, 0),
    lambda t, x: x.unfold(1, 0, 2), lambda t, x: t.tril(x), lambda t, x: t.triu(x, 1),
    lambda t, x: t.diagonal(x), lambda t, x: t.diag_embed(x), lambda t, x: t.chunk(x, 2), lambda t, x: t.split(x, 2),
    lambda t, x: t.split(x, 0), lambda t, x: t.tensor_split(x, 2), lambda t, x: x.unbind(), lambda t, x: x.unbind(1),
    lambda t, x: t.rot90(x), lambda t, x: t.block_diag(x, x.mT), lambda t, x: x.repeat_interleave(2, 0),
    lambda t, x: t.vstack([x, x]), lambda t, x: t.atleast_3d(x), lambda t, x: t.tile(x, (2, 1, 1)),
    lambda t, x: t.diagonal(x, 5), lambda t, x: t.diagonal(x, -5), lambda t, x: t.movedim(x, 0, 1),
    lambda t, x: t.unflatten(x, 1, (3, 1)), lambda t, x: t.cartesian_prod(x[:, 0], x[:, 1]),
    lambda t, x: t.combinations(x[:, 0]), lambda t, x: t.diagflat(x), lambda t, x: t.trace(x),
]  # fmt: skip


@pytest.mark.parametrize("function", EMPTY)
def test_of_no_elements(function):
    compare(lambda lib, x: function(lib.top, x), np.zeros((0, 3)), orders=1, forward=False)


@pytest.mark.parametrize("function", [
    lambda t, x: x.flip(0), lambda t, x: x.flip(()), lambda t, x: x.roll(1),
    lambda t, x: t.tile(x, (2,)), lambda t, x: t.tile(x, ()), lambda t, x: x.t(),
    lambda t, x: t.movedim(x, 0, -1), lambda t, x: t.meshgrid(x, x, indexing="xy"),
    lambda t, x: t.block_diag(x), lambda t, x: t.block_diag(), lambda t, x: t.diagflat(x, -1), lambda t, x: t.ravel(x),
    lambda t, x: t.column_stack([x, x]), lambda t, x: t.dstack([x, x]),
    lambda t, x: t.broadcast_to(x, (2, 0)), lambda t, x: t.swapaxes(x, 0, -1),
])  # fmt: skip
def test_of_a_tensor_without_axes(function):
    compare(lambda lib, x: function(lib.top, x), np.array(3.0), orders=1, forward=False)


MODES = ["constant", "reflect", "replicate", "circular"]
PADS = [
    ((2, 5), (1, 2)), ((2, 3, 5), (2, 0)), ((2, 5), (-1, 2)), ((2, 4, 5), (1, 2, 3, 1)), ((2, 2, 4, 5), (0, 1, 2, 0)),
    ((2, 2, 4, 5), (-1, -1, 2, -2)), ((2, 3, 3, 4), (1, 2, 0, 1, 2, 1)), ((1, 2, 3, 3, 4), (3, -1, 2, 2, 0, 1)),
    ((2, 3), (0, 0)), ((0, 2, 5), (1, 1)), ((2, 3, 1), (0, 0)),
]  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("shape", "amounts"), PADS, ids=str)
def test_pad(shape, amounts, mode, rng):
    compare_both(lambda lib, x: lib.F.pad(x, amounts, mode), *normal(rng, shape))


@pytest.mark.parametrize("value", [0, 1, -2.5, np.inf, np.nan])
@pytest.mark.parametrize(("shape", "amounts"), [((3,), (1, 2)), ((2, 3), (1, 0, 2, 1)), ((2, 3, 2, 1, 2), (1,) * 10),
                                                ((2, 3), ()), ((), ()), ((2, 0), (1, 2))])  # fmt: skip
def test_pad_with_a_constant(shape, amounts, value, rng):
    compare_both(lambda lib, x: lib.F.pad(x, amounts, "constant", value), *normal(rng, shape), forward=False)
    if np.isfinite(value):
        compare(lambda lib, x: lib.F.pad(x, amounts, value=int(value)), np.ones(shape, np.int64), orders=0)


@pytest.mark.parametrize("mode", MODES)
def test_pad_never_gives_a_view(mode):
    for amounts in [(0, 0), (-1, 0), (1, -1)]:
        x = OURS.top.ones(2, 3)
        y = OURS.F.pad(x, amounts, mode)
        x.zero_()
        assert y.sum().item() > 0


BAD = [
    ("unflatten", (2, 3), (1, (2, 2))), ("split", (2, 3), (0,)), ("split", (2, 3), ([1, 2],)), ("chunk", (2, 3), (0,)),
    ("narrow", (2, 3), (0, 1, 3)), ("narrow", (2, 3), (0, 3, 0)), ("narrow", (2, 3), (2, 0, 1)),
    ("narrow", (), (0, 0, 1)),
    ("select", (2, 3), (0, 5)), ("select", (2, 3), (0, -3)), ("hsplit", (2, 3), (2,)), ("vsplit", (2, 3), (3,)),
    ("dsplit", (2, 3), (2,)), ("unfold", (2, 3), (0, 3, 1)), ("unfold", (2, 3), (0, 1, 0)),
    ("roll", (2, 3), ((1, 2), 0)),
    ("flip", (2, 3), ((0, 0),)), ("flip", (2, 3), ((2,),)), ("repeat", (2, 3), (2,)), ("rot90", (2, 3), (1, (0, 0))),
    ("rot90", (2,), (1,)), ("tril", (2,), ()), ("triu", (), ()), ("diagonal", (2, 3), (0, 0, 0)),
    ("diag", (2, 3, 1), ()),
    ("diagonal", (2, 3), (0, 0, 5)), ("diag_embed", (2, 3), (0, 1, 1)), ("trace", (2, 3, 1), ()), ("fliplr", (2,), ()),
    ("flipud", (), ()), ("movedim", (2, 3), ((0, 1), (0, 0))), ("movedim", (2, 3), ((0, 1), (0,))),
    ("view", (2, 3), (5,)),
    ("broadcast_to", (2, 3), ((3, 3),)), ("repeat_interleave", (2, 3), (-1,)), ("adjoint", (2,), ()),
    ("split", (), (1,)),
    ("unbind", (), ()), ("unbind", (2, 3), (2,)), ("tensor_split", (2, 3), (0,)), ("tensor_split", (), (1,)),
    ("repeat", (2,), (-1,)), ("hsplit", (), (1,)), ("diagonal_scatter", (2, 2), (torch.zeros(3),)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "shape", "arguments"), BAD, ids=lambda v: str(v)[:30])
def test_errors_are_torch_s_kind(name, shape, arguments):
    with pytest.raises(Exception) as theirs:
        getattr(torch.zeros(shape), name)(*arguments)
    ours = [OURS.top.from_numpy(a.numpy()) if isinstance(a, torch.Tensor) else a for a in arguments]
    with pytest.raises(type(theirs.value), match=r"^\w+: .{20}"):
        getattr(OURS.top.zeros(shape), name)(*ours)


@pytest.mark.parametrize("amounts", [(1,), (1, 1, 1, 1, 1, 1), (-2, -2)])
def test_bad_pads(amounts):
    for lib in (OURS, THEIRS):
        with pytest.raises(RuntimeError):
            lib.F.pad(lib.top.zeros(2, 3), amounts)
    for mode in MODES[1:]:
        for lib in (OURS, THEIRS):
            with pytest.raises((NotImplementedError, RuntimeError)):
                lib.F.pad(lib.top.zeros(2, 3), (*amounts, 1, 1), mode)


def test_indices_of_triangles():
    for name in ("tril_indices", "triu_indices"):
        for arguments in [(3, 3), (3, 4, 1), (4, 3, -1), (0, 3), (3, 0), (2, 2, 5), (2, 2, -5)]:
            ours, theirs = (getattr(lib.top, name)(*arguments) for lib in (OURS, THEIRS))
            assert ours.tolist() == theirs.tolist()
            assert (ours.shape, str(ours.dtype)) == (tuple(theirs.shape), "int64")
    assert OURS.top.repeat_interleave(OURS.top.tensor([1, 0, 2])).tolist() == [0, 2, 2]


def test_what_is_a_view_in_torch_is_one_here(rng):
    x = rng.normal(size=(4, 4))
    for view in [
        lambda x: x.narrow(0, 1, 2), lambda x: x.select(1, 0), lambda x: x.diagonal(1), lambda x: x.unbind()[1],
        lambda x: x.split(2)[1], lambda x: x.chunk(2, 1)[0], lambda x: x.movedim(0, 1),
        lambda x: x.unflatten(0, (2, 2)),
        lambda x: x.expand(2, 4, 4)[0], lambda x: x.mT, lambda x: x.view(16), lambda x: x[1:, None],
        lambda x: x.ravel(),
        lambda x: x.unsqueeze(0), lambda x: x.flatten(), lambda x: x.squeeze(), lambda x: x.unfold(0, 2, 1),
        lambda x: x.flip(0), lambda x: x.roll(1), lambda x: x.tril(), lambda x: x.repeat(1, 1), lambda x: x.diag(),
        lambda x: x.rot90(0), lambda x: x.tile(1), lambda x: x[[0, 1]], lambda x: x.rot90(1), lambda x: x.diag_embed(),
    ]:  # fmt: skip
        shared = []
        for lib in (OURS, THEIRS):
            base = lib.top.tensor(x)
            result = view(base)
            base.zero_()
            shared.append(not result.numpy().any())
        assert shared[0] == shared[1]


@pytest.mark.parametrize("shape", [(3, 3), (2, 5), (7, 3), (2, 2, 2), (0, 3)])
@pytest.mark.parametrize("wrap", [False, True])
def test_fill_diagonal(shape, wrap):
    ours, theirs = (lib.top.zeros(shape).fill_diagonal_(5, wrap) for lib in (OURS, THEIRS))
    assert ours.tolist() == theirs.tolist()
    for wrong in ((2,), (2, 3, 4)):
        with pytest.raises(RuntimeError, match="fill_diagonal_: expected a matrix or equal lengths"):
            OURS.top.zeros(wrong).fill_diagonal_(1)
