"""A copy has the numbers of the original and the memory order that was asked for, in however many parts it is made."""

import numpy as np
import pytest

from nn.kernels import arithmetic, layout

SHAPES = [
    (),
    (0, 4),
    (1, 1),
    (5, 3),
    (64, 1024),
    (65, 1024),
    (64, 1, 32, 32),
    (1024, 512),
    (3, 2048, 2),
    (40, 8, 8, 16),
]


def reordered(x, order):
    """x with axis order[0] the outermost in memory, order[-1] the innermost."""
    return x.transpose(order).copy("C").transpose(np.argsort(order).tolist())


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", [np.int8, np.float16, np.float32, np.float64])
def test_every_number_arrives(shape, dtype, rng):
    x = rng.integers(-100, 100, shape).astype(dtype)
    for order in (range(x.ndim), range(x.ndim)[::-1], (*range(x.ndim)[1:], *range(x.ndim)[:1])):
        out = np.empty_like(reordered(x, order))
        layout.copy_across(out, x)
        np.testing.assert_array_equal(out, x)
        copy = layout.laid_out_as(out, x)
        assert copy.strides == out.strides or copy is x
        np.testing.assert_array_equal(copy, x)


@pytest.mark.parametrize(
    "view",
    [
        lambda x: x[::-1, ::2],
        lambda x: x.T[::-1],
        lambda x: x[:, :1024],
        lambda x: np.broadcast_to(x[:, :1], x.shape),
        lambda x: np.broadcast_to(x[:1], x.shape),
    ],
    ids=["reversed", "transposed", "of a larger one", "one column", "one row"],
)
def test_views_are_copied_as_they_are_seen(view, rng):
    x = view(rng.normal(size=(96, 2048)).astype(np.float32))
    out = np.full(x.shape[::-1], np.nan, x.dtype).T
    layout.copy_across(out, x)
    np.testing.assert_array_equal(out, x)


def test_a_long_step_of_a_power_of_two_is_cut_and_others_are_not(monkeypatch):
    parts = []
    copy = np.copyto
    monkeypatch.setattr(np, "copyto", lambda out, x: parts.append(out.shape) or copy(out, x))

    def cut(x):
        parts.clear()
        layout.copy_across(np.empty(x.shape[::-1], x.dtype).T, x)
        return [shape[0] for shape in parts]

    assert cut(np.zeros((64, 9216), np.float32)) == [8] * 8  # a step of 9 pages
    assert cut(np.zeros((40, 512), np.float32)) == [16, 16, 8]  # half a page: twice as many lines
    assert cut(np.zeros((32, 400), np.float32)) == [32]
    assert cut(np.zeros((8, 1024), np.float32)) == [8]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_choice_of_operands_in_any_order_writes_only_to_its_place(order, rng):
    """Also where the place is the memory of the operand, in another order."""
    x = rng.normal(size=(16, 16, 16)).astype(np.float32)
    keep = rng.random(x.shape) < 0.5
    expected = np.where(keep, x.transpose(order), np.float32(0))
    assert arithmetic.masked(x.transpose(order), keep, out=x) is x
    np.testing.assert_array_equal(x, expected)


@pytest.mark.parametrize("shape", [(2, 3), (3, 4, 2), (2, 3, 1, 4), (5,)], ids=str)
def test_a_result_lies_as_the_first_operand(shape, rng):
    for axes in {tuple(rng.permutation(len(shape)).tolist()) for _ in range(6)}:
        x = reordered(rng.normal(size=shape), axes)
        others = [rng.normal(size=shape), reordered(rng.normal(size=shape), axes[::-1]), rng.normal(size=(2, *shape))]
        others += [rng.normal(size=(*(1 if rng.random() < 0.5 else n for n in shape),)) for _ in range(4)]
        for other in [*others, np.broadcast_to(rng.normal(size=shape[-1:]), shape)]:
            beside = layout.beside(x, other)
            np.testing.assert_array_equal(beside, other)
            result = x + beside
            own, ours = (np.array(v.strides[v.ndim - x.ndim :])[np.array(shape) != 1] for v in (x, result))
            np.testing.assert_array_equal(np.argsort(ours), np.argsort(own))


def test_copies_lie_as_their_original_unless_it_is_expanded():
    x = np.arange(24.0).reshape(2, 3, 4)
    for view in (x.T, x.transpose(1, 0, 2), x.transpose(0, 2, 1)):
        for copy in (layout.copy_of(view), layout.copy_of(view, np.int64), layout.empty_like(view)):
            assert [s // copy.itemsize for s in copy.strides] == [s // 8 for s in view.strides]
        np.testing.assert_array_equal(layout.copy_of(view, np.int64), view)
    for view in (np.broadcast_to(x[:, :1], x.shape), np.broadcast_to(x[..., :1].T, (4, 3, 2))):
        assert layout.copy_of(view).flags.c_contiguous
        np.testing.assert_array_equal(layout.copy_of(view), view)


def test_maps_that_lie_batch_last_stay_so():
    maps = np.zeros((3, 4, 4, 2)).transpose(3, 0, 1, 2)
    assert layout.row_major_or_maps(maps) is maps
    assert layout.is_row_major_or_maps(maps)
    picture = np.zeros((4, 4, 3)).transpose(2, 0, 1)
    assert layout.row_major_or_maps(picture).flags.c_contiguous
    assert not layout.is_row_major_or_maps(picture)
    assert layout.row_major_or_maps(picture, axes=3) is picture
    out = np.zeros((2, 3)).T
    assert layout.row_major(out, out) is out
    assert layout.row_major(out).flags.c_contiguous
