"""Slopes, histograms, lengths held, strides and real numbers taken for complex ones, against PyTorch."""

import warnings

import numpy as np
import pytest
from oracle import compare, torch

import nn

once = dict(orders=1, forward=False)


@pytest.mark.parametrize("edge_order", [1, 2])
def test_gradient(edge_order, rng):
    x = rng.normal(size=(4, 5))
    at = [np.array([0.0, 0.5, 2.0, 2.5]), np.array([0.0, 1.0, 1.5, 3.0, 3.25])]
    compare(lambda lib, x: lib.top.gradient(x, edge_order=edge_order), x, **once)
    compare(lambda lib, x: lib.top.gradient(x, spacing=0.5, dim=1, edge_order=edge_order), x, **once)
    compare(lambda lib, x: lib.top.gradient(x, spacing=(2.0, 0.5), edge_order=edge_order), x, **once)
    compare(
        lambda lib, x: lib.top.gradient(x, spacing=tuple(lib.top.tensor(c) for c in at), edge_order=edge_order),
        x,
        **once,
    )
    compare(lambda lib, x: lib.top.gradient(x, edge_order=edge_order), x[: edge_order + 1], **once)
    compare(lambda lib, x: lib.top.gradient(x, edge_order=edge_order), np.array([1, np.inf, 2, 3, np.nan, 1]), orders=0)
    straight = nn.gradient(nn.tensor(at[1] * 3), spacing=[nn.tensor(at[1])], edge_order=edge_order)[0]
    np.testing.assert_allclose(straight.numpy(), 3)
    for wrong, message in (
        (dict(edge_order=3), "edge_order must be 1 or 2, got 3"),
        (dict(spacing=[1.0]), "expected a spacing for each of 2 axes, got 1"),
    ):
        with pytest.raises(ValueError, match=f"gradient: {message}"):
            nn.gradient(nn.tensor(x), **wrong)
    with pytest.raises(ValueError, match="gradient: axis 0 has 1 points"):
        nn.gradient(nn.ones(1))


def test_the_gradient_of_many_points_takes_memory_for_them_and_no_more():
    x = nn.arange(1_000_000).double() / 3
    np.testing.assert_allclose(nn.gradient(x)[0].numpy(), 1 / 3)


@pytest.mark.parametrize("density", [False, True])
def test_histogramdd(density, rng):
    x, w = rng.normal(size=(50, 2)), rng.uniform(size=50)
    edges = [np.array([-1.0, 0.0, 0.5]), np.array([-2.0, 2.0])]
    for bins in ([3, 4], [2, 2]):
        compare(lambda lib, x, bins=bins: _flat(lib.top.histogramdd(x.detach(), bins, density=density)), x, orders=0)
    compare(lambda lib, x: _flat(lib.top.histogramdd(x.detach(), [3, 4], range=[-1.0, 1.0, -2.0, 2.0])), x, orders=0)
    compare(
        lambda lib, x, w: _flat(
            lib.top.histogramdd(x.detach(), [lib.top.tensor(e) for e in edges], weight=w.detach(), density=density)
        ),
        x,
        w,
        orders=0,
    )
    with pytest.raises(ValueError, match=r"histogramdd: expected points in rows, \(..., D\), got shape \(3,\)"):
        nn.histogramdd(nn.ones(3), 2)


def _flat(found):
    return (found[0], *found[1])


@pytest.mark.parametrize("p", [1, 2, 3.0, np.inf])
def test_renorm(p, rng):
    x = rng.normal(size=(3, 4, 2)) * 2
    for dim in (0, 1, -1):
        compare(lambda lib, x, dim=dim: lib.top.renorm(x, p, dim, 1.5), x, **once)
        compare(lambda lib, x, dim=dim: x.detach().clone().renorm_(p, dim, 1.5), x, orders=0)
    with pytest.raises(ValueError, match="renorm: p must be above 0 and maxnorm 0 or more, got 0"):
        nn.renorm(nn.ones(2, 2), 0, 0, 1.0)


def test_as_strided(rng):
    x = rng.normal(size=(3, 4))
    for size, stride, offset in (
        ((2, 2), (1, 2), 1),
        ((3, 3), (1, 1), 0),
        ((4,), (0,), 5),
        ((), (), 2),
        ((0, 2), (1, 1), 0),
    ):
        compare(lambda lib, x, a=(size, stride, offset): lib.top.as_strided(x, *a), x, **once)
        compare(lambda lib, x, a=(size, stride): x.as_strided(*a), x, **once)
    for view in (
        lambda x: x.t(),
        lambda x: x[1:],
        lambda x: x[1:].t(),
        lambda x: x.reshape(2, 3, 2).permute(2, 0, 1),
        lambda x: x.unsqueeze(1).transpose(0, 2),
    ):
        compare(lambda lib, x, view=view: view(x).as_strided((2, 2), (1, 3)), x, **once)
    compare(lambda lib, x: x[1:].as_strided((2, 2), (1, 3), 5), x, **once)
    for size in ((5, 3, 4), (3, 4, 6)):  # of an axis that was expanded one entry is memory
        row = x[:, :, None] if size[-1] == 6 else x
        compare(lambda lib, x, size=size: x.expand(size).as_strided((2, 2), (1, 3), 1), row, **once)
    with pytest.raises(ValueError, match=r"as_strided: the memory of input has gaps, .* call contiguous\(\) first"):
        nn.tensor(x)[:, :2].as_strided((2,), (1,))
    with pytest.raises(ValueError, match=r"as_strided: a stride must be 0 or more, got \(-1,\)"):
        nn.tensor(x).as_strided((2,), (-1,), 3)
    with pytest.raises(IndexError, match="as_strided: index -2 is out of range"):
        nn.tensor(x)[1:].as_strided((2,), (1,), 2)
    with pytest.raises(IndexError, match="as_strided: index 12 is out of range"):
        nn.as_strided(nn.tensor(x), (2,), (12,))
    with pytest.raises(ValueError, match="as_strided: expected a stride for each axis"):
        nn.as_strided(nn.tensor(x), (2,), (1, 1))


def test_resize():
    for size in ((2, 2), (3,), (), (1, 5)):
        x = nn.tensor([1.0, 2.0, 3.0])
        assert x.resize_(*size) is x
        assert x.shape == size
        kept = min(3, x.numel())
        assert x.reshape(-1).tolist()[:kept] == [1.0, 2.0, 3.0][:kept]
    assert nn.ones(3).resize_as_(nn.zeros(1, 2)).shape == (1, 2)
    with pytest.raises(ValueError, match="resize_: a tensor that requires gradients cannot be resized"):
        nn.ones(2, requires_grad=True).resize_(1)


@pytest.mark.parametrize("lib", [nn, torch], ids=["nn", "torch"])
def test_another_tensors_memory_and_a_function_of_python(lib):
    x, source = lib.zeros(2, 2), lib.arange(3.0)
    assert x.set_(source) is x
    source[0] = 7.0
    assert (tuple(x.shape), x.tolist()) == ((3,), [7.0, 1.0, 2.0])
    with pytest.raises(RuntimeError):
        x.set_(lib.arange(2))
    assert x.apply_(lambda v: v * v) is x
    assert source.tolist() == [49.0, 1.0, 4.0]
    assert x.set_().tolist() == []
    assert lib.tensor([1, 2]).apply_(lambda v: v + 1).tolist() == [2, 3]
    with pytest.raises(RuntimeError, match="imag"):
        lib.imag(x)


def test_real_numbers_taken_for_complex_ones():
    x = np.array([-1.5, -0.0, 0.0, 2.0, np.nan, -np.inf])
    compare(lambda lib, x: lib.top.angle(x), x, **once)
    compare(lambda lib, x: lib.top.angle(x), np.array([-1, 0, 2]), orders=0)
    for name in ("real", "conj", "conj_physical", "resolve_conj"):
        compare(lambda lib, x, name=name: getattr(lib.top, name)(x), x, **once)
    t = nn.ones(2)
    assert nn.real(t) is t
    assert t.conj() is t


@pytest.mark.parametrize("n", [4, 5])
def test_fftshift(n, rng):
    x = rng.normal(size=(n, 3))
    for dim in (None, 0, (0, 1), -1):
        compare(lambda lib, x, dim=dim: lib.top.fft.fftshift(x, dim), x, **once)
        compare(lambda lib, x, dim=dim: lib.top.fft.ifftshift(x, dim), x, **once)
    assert nn.fft.ifftshift(nn.fft.fftshift(nn.tensor(x))).tolist() == x.tolist()
    for name in ("fftfreq", "rfftfreq"):
        np.testing.assert_allclose(getattr(nn.fft, name)(n, 0.5).numpy(), getattr(torch.fft, name)(n, 0.5).numpy())


def test_upsample(rng):
    x = rng.normal(size=(1, 2, 3, 4))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch says that the names are old
        compare(lambda lib, x: lib.F.upsample(x, scale_factor=2), x, **once)
        compare(lambda lib, x: lib.F.upsample(x, (5, 5), mode="bilinear", align_corners=False), x, **once)
        compare(lambda lib, x: lib.F.upsample_nearest(x, (6, 8)), x, **once)
        compare(lambda lib, x: lib.F.upsample_bilinear(x, scale_factor=2), x, **once)
