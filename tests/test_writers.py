"""Whoever has the methods of `nn.writers.Writer` is one: the three writers of TensorBoard's files among them."""

import inspect
from importlib import import_module

import pytest

from nn.writers import Writer

WRITERS = ["tbwriter", "torch.utils.tensorboard", "tensorboardX"]
METHODS = [name for name in vars(Writer) if name.startswith("add_")]


def writer_of(module):
    if module != "tbwriter":
        pytest.importorskip("tensorboard", reason="torch's writer is made of tensorboard (extra oracle)")
        pytest.importorskip(module.partition(".")[0], reason=f"compares with the writer of {module} (extra oracle)")
    return import_module(module).SummaryWriter


@pytest.mark.parametrize("module", WRITERS)
def test_the_known_writers_are_writers(module, tmp_path):
    with writer_of(module)(str(tmp_path)) as writer:
        assert isinstance(writer, Writer)


@pytest.mark.parametrize("module", WRITERS)
@pytest.mark.parametrize("method", METHODS)
def test_a_call_by_position_or_by_name_means_the_same_to_each(module, method):
    asked = list(inspect.signature(getattr(Writer, method)).parameters.values())
    given = list(inspect.signature(getattr(writer_of(module), method)).parameters.values())
    names = [parameter.name for parameter in given]
    positional = [p.name for p in given if p.kind is p.POSITIONAL_OR_KEYWORD]
    assert positional[: len(asked)] == [parameter.name for parameter in asked]
    for parameter in asked:
        needed = given[names.index(parameter.name)].default is inspect.Parameter.empty
        assert not needed or parameter.default is inspect.Parameter.empty


def test_what_lacks_a_method_is_none():
    class Half:
        def add_scalar(self, tag, scalar_value, global_step=None, walltime=None):
            pass

    assert not isinstance(Half(), Writer)
