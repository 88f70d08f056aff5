"""Names and order of all arguments that PyTorch's classes and functions share with ours, but for a written list.

Under the layer the losses take `size_average` and `reduce` in their old places, and functions of `torch` take `out=`:
both belong to the layer, and `out` is left out of the comparison, as are the words for where a tensor lies.
"""

import inspect

import pytest

import nn
from nn.compat import arguments as adapted

torch = pytest.importorskip("torch", reason="the oracle PyTorch is not installed")

WORDS = {
    "out", "device", "layout", "pin_memory", "memory_format", "requires_grad",  # where and how a tensor is made
    "foreach", "fused", "capturable", "differentiable", "cudnn_enabled", "cudnn_enable",  # of no effect here
    "size_average", "reduce", "_stacklevel", "train",  # PyTorch's history, which the layer knows
    "generator",  # ours take one in more functions
    "inplace",  # `torch.relu` and `functional.relu` are one function here
}  # fmt: skip
FUNCTIONS = {
    "torch": (torch, nn, ""), "functional": (torch.nn.functional, nn.functional, ""),
    "linalg": (torch.linalg, nn.linalg, "linalg_"), "special": (torch.special, nn.special, "special_"),
    "fft": (torch.fft, nn.fft, "fft_"), "init": (torch.nn.init, nn.init, ""),
    "utils": (torch.nn.utils, nn.utils, ""), "func": (torch.func, nn.func, ""),
}  # fmt: skip
CLASSES = {
    "nn": (torch.nn, nn), "optim": (torch.optim, nn.optim), "data": (torch.utils.data, nn.data),
    "lr_scheduler": (torch.optim.lr_scheduler, nn.optim.lr_scheduler),
    "distributions": (torch.distributions, nn.distributions),
}  # fmt: skip

ALLOWED = {
    # torch's own function, not that of nn.functional, takes less, or the weight first; the layer has torch's for the
    # three that could go wrong in silence: batch_norm, instance_norm, embedding
    "torch": "adaptive_max_pool1d alpha_dropout batch_norm binary_cross_entropy_with_logits dropout embedding "
    "embedding_bag feature_alpha_dropout instance_norm max_pool1d max_pool1d_with_indices max_pool2d max_pool3d "
    # names that its documentation has, but not its parser
    "cholesky_solve dsplit hsplit orgqr ormqr tensor_split vsplit "
    # ours take more: a named tuple of indices, tolerances, rounding
    "nonzero pinverse true_divide "
    # nothing is pickled, no gradient is sparse; two aliases keep the names of what they stand for
    "load save gather result_type swapaxes vdot",
    "functional": "elu_",  # its scale and input_scale are those of SELU
    "linalg": "lstsq tensorsolve "  # called A and B by PyTorch's documentation, as here
    "svd svdvals",  # the driver is a matter of CUDA
    "func": "jacrev jvp",  # _preallocate_and_copy, strict
    "nn": "Hardtanh "  # min_value and max_value were replaced in 2017
    # they hand on what comes after out_channels to the layer without Lazy, which is compared
    "LazyConv1d LazyConv2d LazyConv3d LazyConvTranspose1d LazyConvTranspose2d LazyConvTranspose3d",
    "data": "DistributedSampler",  # ours can also leave out the samples that fill up the last round
}


def shared(theirs, ours, classes):
    """The names of public classes, or of functions, that both have."""
    for name in sorted(n for n in dir(theirs) if not n.startswith("_")):
        value, mine = getattr(theirs, name), getattr(ours, name, None)
        usable = mine is not None and callable(value) and not inspect.ismodule(mine)
        if usable and inspect.isclass(value) == inspect.isclass(mine) == classes:
            yield name


def schemas(operator):
    """The arguments of each overload of one of PyTorch's functions that are not written in Python."""
    for schema in torch._C._jit_get_schemas_for_operator(f"aten::{operator}"):
        names = ["input" if a.name == "self" else a.name for a in schema.arguments if not a.is_out]
        if "Dimname" not in str(schema):
            yield [n for n in names if n not in WORDS]


def arguments(function):
    """The names of a function's arguments; `*` before one that takes several, `**` is left out."""
    found = inspect.signature(function).parameters.values()
    kinds = {inspect.Parameter.VAR_POSITIONAL: "*"}
    return [kinds.get(p.kind, "") + p.name for p in found
            if p.kind is not inspect.Parameter.VAR_KEYWORD and p.name not in WORDS | {"self"}]  # fmt: skip


def _first(names):
    """Linear algebra and polynomials call the first argument A or x in the documentation, the parser `input`."""
    return ["input" if names[0] in ("A", "x", "tensor") else names[0], *names[1:]] if names else names


def agree(mine, wanted):
    """Whether one of PyTorch's overloads stands in ours in its order, and ours has no other names than they."""
    mine, *wanted = ([{"*sizes": "size"}.get(name, name) for name in names] for names in (mine, *wanted))
    known = {name for names in wanted for name in names}
    ordered = any(names == [name for name in mine if name in names] for names in wanted)
    return ordered and set(mine) <= known


def differing():
    """The names of what differs, with both sides."""
    for space, (theirs, ours, prefix) in FUNCTIONS.items():
        for name in shared(theirs, ours, False):
            function = getattr(theirs, name)
            try:
                wanted = [arguments(function)]
            except ValueError:
                wanted = list(schemas(prefix + name))
            mine = _first(arguments(getattr(ours, name)))
            wanted = [_first(names) for names in wanted]
            if wanted and wanted != [["*args"]] and not agree(mine, wanted):
                yield f"{space}.{name}", wanted, mine
    for space, (theirs, ours) in CLASSES.items():
        for name in shared(theirs, ours, True):
            wanted, mine = (arguments(getattr(lib, name).__init__) for lib in (theirs, ours))
            if wanted != ["*args"] and not agree(mine, [wanted]):
                yield f"{space}.{name}", [wanted], mine


def test_all_that_differs_is_on_the_list():
    listed = {f"{space}.{name}" for space, names in ALLOWED.items() for name in names.split()}
    found = {name: f"{name}: ours {mine}, PyTorch's {wanted}" for name, wanted, mine in differing()}
    assert [found[name] for name in found.keys() - listed] == []
    assert listed - found.keys() == set(), "they differ no longer"


def test_it_has_compared_all_that_there_is():
    assert sum(len(list(shared(*pair[:2], False))) for pair in FUNCTIONS.values()) > 600
    assert sum(len(list(shared(*pair, True))) for pair in CLASSES.values()) > 250


ENDINGS = ("loss", "entropy", "_logits", "_div")
LOSSES = {
    **{n: (getattr(torch.nn.functional, n, None), getattr(nn.functional, n, None)) for n in dir(torch.nn.functional)},
    **{n: (getattr(torch.nn, n, None), getattr(nn, n, None)) for n in dir(torch.nn) if n.endswith("Loss")},
}


@pytest.mark.parametrize(
    "name", [n for n, both in LOSSES.items() if callable(both[0]) and callable(both[1]) and n.lower().endswith(ENDINGS)]
)
def test_the_layer_puts_the_old_flags_of_losses_in_their_places(name):
    wanted, mine = (inspect.signature(function).parameters for function in LOSSES[name])
    if "size_average" in wanted:
        assert "reduction" in mine
        assert adapted.in_pytorchs_order(LOSSES[name][1]) == list(wanted)
    else:
        assert adapted.as_called("torch.nn", name, LOSSES[name][1]) is LOSSES[name][1], "PyTorch's has no flags"


def test_a_loss_that_never_had_the_old_flags_takes_reduction_first():
    x, target = nn.tensor([1.0, 2.0]), nn.zeros(2)
    assert adapted.as_called("torch.nn", "HuberLoss", nn.HuberLoss)("sum")(x, target).item() == 2
    assert adapted.as_called("torch.nn", "MSELoss", nn.MSELoss)(False)(x, target).item() == 5
