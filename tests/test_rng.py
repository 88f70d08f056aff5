"""The generators: one global, others of one's own, reproducible."""

import numpy as np
import pytest

import nn
from nn.rng import Generator, default_generator, manual_seed


def numbers(generator):
    return generator.numpy.random(4).tolist()


def test_the_same_seed_gives_the_same_numbers():
    assert numbers(Generator().manual_seed(7)) == numbers(Generator().manual_seed(7))
    assert numbers(Generator().manual_seed(7)) != numbers(Generator().manual_seed(8))


def test_unseeded_generators_differ():
    assert numbers(Generator()) != numbers(Generator())


def test_manual_seed_seeds_the_global_generator_and_returns_it():
    assert manual_seed(3) is default_generator is nn.default_generator
    first = nn.rand(4).tolist()
    nn.manual_seed(3)
    assert nn.rand(4).tolist() == first
    assert default_generator.initial_seed() == 3


def test_the_stream_of_a_generator_is_its_own():
    g = Generator().manual_seed(1)
    manual_seed(5)
    first = nn.rand(3).tolist()
    manual_seed(5)
    nn.rand(3, generator=g)
    assert nn.rand(3).tolist() == first


@pytest.mark.parametrize("seed", [0, -1, -(2**63), 2**64 - 1, 2**100, np.int64(5)])
def test_any_integer_is_a_seed(seed):
    g = Generator().manual_seed(seed)
    assert g.initial_seed() == seed
    assert numbers(g) == numbers(Generator().manual_seed(seed))


def test_negative_seeds_differ_from_positive_ones():
    assert numbers(Generator().manual_seed(-1)) != numbers(Generator().manual_seed(1))


def test_a_seed_that_is_no_integer_is_refused():
    with pytest.raises((TypeError, ValueError)):
        Generator().manual_seed("abc")


def test_numpy_s_own_global_state_is_left_alone():
    np.random.seed(0)  # noqa: NPY002
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    manual_seed(1)
    nn.randn(5)
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002
