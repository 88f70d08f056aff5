"""What an ONNX operator is as a layer of `nn`, where its parameters are constants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import nn
from nn.modules.batchnorm import _BatchNorm
from nn.modules.module import Module
from nn.onnx.node import Node
from nn.tensors.tensor import Tensor

__all__: list[str] = []

Maker = Callable[[Node, dict[str, Any]], Module | None]


def _constants(node: Node, constants: dict[str, Any], first: int = 1) -> list[Any] | None:
    """The node's inputs from `first` on, if the file has all of them; None for one that is left out."""
    names = node.inputs[first:]
    return [constants.get(name) for name in names] if all(n in constants or not n for n in names) else None


def _set(layer: Module, **values: Any) -> Module:
    """Give a layer its parameters and buffers."""
    for name, value in values.items():
        if value is not None:
            getattr(layer, name)._array = np.array(value.numpy())
    return layer.eval()


def _symmetric(pads: list[int] | None, rank: int) -> tuple[int, ...] | None:
    """The padding that both sides of each axis have; None if they differ."""
    pads = pads or [0] * (2 * rank)
    return tuple(pads[:rank]) if pads[:rank] == pads[rank:] else None


def _linear(node: Node, constants: dict[str, Any]) -> Module | None:
    found = _constants(node, constants)
    if found is None or node.get("transA", 0) or node.get("alpha", 1.0) != 1 or node.get("beta", 1.0) != 1:
        return None
    weight = found[0] if node.get("transB", 0) else found[0].t()
    bias = found[1] if len(found) > 1 else None
    if bias is not None and bias.numel() != len(weight):
        return None
    layer = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None, dtype=weight.dtype)
    return _set(layer, weight=weight, bias=None if bias is None else bias.reshape(-1))


def _conv(node: Node, constants: dict[str, Any]) -> Module | None:
    found = _constants(node, constants)
    rank = 0 if found is None else found[0].ndim - 2
    padding = _symmetric(node.get("pads"), rank)
    if found is None or padding is None or node.get("auto_pad", "NOTSET") != "NOTSET" or not 1 <= rank <= 3:
        return None
    weight, groups = found[0], node.get("group", 1)
    bias = found[1] if len(found) > 1 else None
    options = {
        "stride": tuple(node.get("strides", [1] * rank)),
        "padding": padding,
        "dilation": tuple(node.get("dilations", [1] * rank)),
        "groups": groups,
        "bias": bias is not None,
        "dtype": weight.dtype,
    }
    if node.op == "Conv":
        kind = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[rank - 1]
        layer: Module = kind(weight.shape[1] * groups, weight.shape[0], tuple(weight.shape[2:]), **options)
    else:
        kind_ = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)[rank - 1]
        options["output_padding"] = tuple(node.get("output_padding", [0] * rank))
        layer = kind_(weight.shape[0], weight.shape[1] * groups, tuple(weight.shape[2:]), **options)
    return _set(layer, weight=weight, bias=bias)


class _AnyBatchNorm(_BatchNorm):
    """Batch normalisation of any number of axes."""

    ranks = (2, 3, 4, 5)


def _batch_norm(node: Node, constants: dict[str, Any]) -> Module | None:
    found = _constants(node, constants)
    if found is None:
        return None
    weight, bias, mean, var = found
    layer = _AnyBatchNorm(len(mean), eps=node.get("epsilon", 1e-5), momentum=1 - node.get("momentum", 0.9))
    return _set(layer, weight=weight, bias=bias, running_mean=mean, running_var=var)


def _layer_norm(node: Node, constants: dict[str, Any]) -> Module | None:
    found = _constants(node, constants)
    if found is None or node.get("axis", -1) not in (-1, -found[0].ndim):
        return None
    bias = found[1] if len(found) > 1 else None
    layer = nn.LayerNorm(tuple(found[0].shape), eps=node.get("epsilon", 1e-5), bias=bias is not None)
    return _set(layer, weight=found[0], bias=bias)


def _pool(node: Node, constants: dict[str, Any]) -> Module | None:
    kernel = tuple(node.attributes["kernel_shape"])
    rank = len(kernel)
    padding = _symmetric(node.get("pads"), rank)
    if padding is None or node.get("auto_pad", "NOTSET") != "NOTSET" or not 1 <= rank <= 3:
        return None
    options: dict[str, Any] = {"stride": tuple(node.get("strides", [1] * rank)), "padding": padding}
    options["ceil_mode"] = bool(node.get("ceil_mode", 0))
    if node.op == "MaxPool":
        if len(node.outputs) > 1:
            return None
        options["dilation"] = tuple(node.get("dilations", [1] * rank))
        return (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)[rank - 1](kernel, **options)
    options["count_include_pad"] = bool(node.get("count_include_pad", 0))
    return (nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)[rank - 1](kernel, **options)


def _embedding(node: Node, constants: dict[str, Any]) -> Module | None:
    table = constants.get(node.inputs[0])
    if table is None or table.ndim != 2 or node.get("axis", 0) != 0 or node.inputs[1] in constants:
        return None
    if table.dtype.kind != "f":
        return None
    return _set(nn.Embedding(*table.shape), weight=table)


class OneLayer(Module):
    """One recurrent layer with ONNX's manners: (T, N, C) -> (T, directions, N, H), and the last states.

    ONNX's gates (i, o, f, c) and (z, r, h) are brought into PyTorch's order, (i, f, g, o) and (r, z, n).
    """

    def __init__(self, node: Node, W: Any, R: Any, B: Any, states: list[Any]) -> None:
        super().__init__()
        self._H, self._directions = node.attributes["hidden_size"], len(W)
        self._order = {"RNN": [0], "LSTM": [0, 2, 3, 1], "GRU": [1, 0, 2]}[node.op]
        options: dict[str, Any] = {"bidirectional": len(W) == 2, "bias": B is not None, "dtype": W.dtype}
        if node.op == "RNN":
            options["nonlinearity"] = node.get("activations", ["Tanh"])[0].lower()
        self.layer = getattr(nn, node.op)(W.shape[2], self._H, **options)
        self._states = states
        for d in range(len(W)):
            suffix = "l0" + "_reverse" * d
            values = {f"weight_ih_{suffix}": self._ours(W[d]), f"weight_hh_{suffix}": self._ours(R[d])}
            if B is not None:
                halves = [self._ours(part).reshape(-1) for part in B[d].chunk(2)]
                values.update({f"bias_ih_{suffix}": halves[0], f"bias_hh_{suffix}": halves[1]})
            _set(self.layer, **values)

    def _ours(self, values: Any) -> Any:
        gates = values.numpy().reshape(len(self._order), self._H, -1)
        return nn.tensor(np.concatenate([gates[i] for i in self._order]))

    def forward(self, x: Tensor, *states: Tensor) -> tuple[Tensor, ...]:
        """Run the layer; the states are those at the start."""
        given = states or tuple(self._states)
        y, last = self.layer(x, None if not given else given if isinstance(self.layer, nn.LSTM) else given[0])
        y = y.reshape(*y.shape[:2], self._directions, self._H).permute(0, 2, 1, 3)
        return (y, *(last if isinstance(last, tuple) else (last,)))


def _recurrent(node: Node, constants: dict[str, Any]) -> Module:
    W, R, B, lengths, *states = [node.inputs[i] if i < len(node.inputs) else "" for i in range(1, 8)]
    where = f"load: {node.file}: {node.name or node.op}"
    if lengths or node.get("layout", 0) or states[2] or not all(n in constants for n in (W, R, B) if n):
        raise NotImplementedError(f"{where}: lengths, peepholes, layout=1 and computed weights have no layer in nn")
    if node.op == "GRU" and not node.get("linear_before_reset", 0):
        raise NotImplementedError(f"{where}: a GRU of nn resets after the product, got one that resets before it")
    fixed = [constants[name] for name in states if name in constants]
    return OneLayer(node, constants[W], constants[R], constants.get(B), fixed)


def _activation(layer: Callable[[Node], Module]) -> Maker:
    return lambda node, constants: layer(node)


LAYERS: dict[str, Maker] = {
    "Gemm": _linear,
    "Conv": _conv,
    "ConvTranspose": _conv,
    "BatchNormalization": _batch_norm,
    "LayerNormalization": _layer_norm,
    "MaxPool": _pool,
    "AveragePool": _pool,
    "Gather": _embedding,
    "LSTM": _recurrent,
    "GRU": _recurrent,
    "RNN": _recurrent,
    "Relu": _activation(lambda node: nn.ReLU()),
    "Sigmoid": _activation(lambda node: nn.Sigmoid()),
    "Tanh": _activation(lambda node: nn.Tanh()),
    "Gelu": _activation(lambda node: nn.GELU(node.get("approximate", "none"))),
    "Elu": _activation(lambda node: nn.ELU(node.get("alpha", 1.0))),
    "LeakyRelu": _activation(lambda node: nn.LeakyReLU(node.get("alpha", 0.01))),
    "Softplus": _activation(lambda node: nn.Softplus()),
    "Softmax": _activation(lambda node: nn.Softmax(node.get("axis", -1))),
    "LogSoftmax": _activation(lambda node: nn.LogSoftmax(node.get("axis", -1))),
    "HardSwish": _activation(lambda node: nn.Hardswish()),
    "Mish": _activation(lambda node: nn.Mish()),
}
"""A maker returns None where the node is no such layer, e.g. since its weight is computed; it is a function then."""
