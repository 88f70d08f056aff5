"""gather, by its definition, and its messages."""

import itertools

import pytest

import nn


@pytest.mark.parametrize("dim", [0, 1, 2, -1])
def test_gather_by_its_definition(dim, rng):
    x, index = rng.normal(size=(3, 4, 5)), rng.integers(0, 3, (2, 3, 4))
    y = nn.gather(nn.tensor(x), dim, nn.tensor(index)).numpy()
    for place in itertools.product(*map(range, index.shape)):
        source = list(place)
        source[dim] = index[place]
        assert y[place] == x[tuple(source)]


def test_gather_of_argmax_is_max(rng):
    x = nn.tensor(rng.normal(size=(4, 5)))
    assert nn.gather(x, 1, x.argmax(1, keepdim=True)).tolist() == x.amax(1, keepdim=True).tolist()


def test_what_is_gathered_twice_gets_both_gradients():
    x = nn.tensor([1.0, 2.0], requires_grad=True)
    nn.gather(x, 0, nn.tensor([1, 1, 1])).sum().backward()
    assert x.grad.tolist() == [0, 3]


def test_an_index_that_is_no_integer():
    with pytest.raises(nn.DtypeError, match=r"gather: index must be integers, it is float32; use \.long\(\)"):
        nn.gather(nn.zeros(2), 0, nn.tensor([0.0]))
    with pytest.raises(TypeError, match="gather: index must be a tensor, list came"):
        nn.gather(nn.zeros(2), 0, [0])


@pytest.mark.parametrize("wrong", [-1, 3])
def test_an_index_out_of_range(wrong):
    with pytest.raises(RuntimeError, match=rf"gather: index {wrong} is out of (range|bounds)"):
        nn.gather(nn.zeros(3), 0, nn.tensor([0, wrong]))


def test_an_index_of_another_rank():
    with pytest.raises(nn.ShapeError, match="gather: index"):
        nn.gather(nn.zeros(3, 3), 0, nn.tensor([0]))
