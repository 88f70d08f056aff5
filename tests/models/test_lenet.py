"""LeNet-5 has the paper's shapes."""

import pytest

import nn
from nn.models import LeNet5


def test_it_has_as_many_parameters_as_the_layers_of_the_paper_with_full_connections():
    assert sum(p.numel() for p in LeNet5().parameters()) == 61706
    assert LeNet5(num_classes=3, in_channels=3)(nn.zeros(1, 3, 32, 32)).shape == (1, 3)


def test_the_picture_is_seen_as_a_whole():
    x = nn.zeros(1, 1, 32, 32, requires_grad=True)
    LeNet5()(x).sum().backward()
    assert (x.grad != 0).all()


def test_pictures_of_another_size_are_refused():
    with pytest.raises(ValueError, match=r"^LeNet5: x must be images of 32 x 32 pixels, .* got \(2, 1, 28, 28\); pad"):
        LeNet5()(nn.zeros(2, 1, 28, 28))
