"""Graphs of OpenVINO models: of the XML file, which the standard library reads."""

import os
from collections.abc import Iterable
from xml.etree import ElementTree

from tbwriter.files.onnx_graph import FileNode
from tbwriter.values import describe


class OpenVinoModel:
    """The graph of an OpenVINO file, as `tbwriter.DrawsItsGraph` says.

    Args:
        path: the file ``.xml``; the weights beside it are not read.

    Raises:
        OSError, TypeError: there is no such file, or it is not a path.
        ValueError: it is no model of OpenVINO.

    References:
        https://docs.openvino.ai/2024/documentation/openvino-ir-format.html
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        where = "add_openvino_graph"
        if not isinstance(path, (str, os.PathLike)):
            raise TypeError(f"{where}: expected the path of a model's XML file, got {describe(path)}")
        try:
            net = ElementTree.parse(path).getroot()
        except ElementTree.ParseError as error:
            raise ValueError(
                f"{where}: expected the XML file of a model in {os.fspath(path)!r}, got {error}"
            ) from error
        self._layers, self._edges = net.findall("layers/layer"), net.findall("edges/edge")
        known = {layer.get("id") for layer in self._layers}
        if not known or not known.issuperset(
            edge.get(end) for edge in self._edges for end in ("from-layer", "to-layer")
        ):
            expected = "expected layers with ids, and edges between them"
            raise ValueError(f"{where}: {expected} in {os.fspath(path)!r}, got something else; save the model again")

    def graph_nodes(self, input_to_model: object = None) -> Iterable[FileNode]:
        """A node for each layer, whose inputs are in the order of its ports."""
        names: dict[str | None, str] = {}  # by the layer's id
        for layer in self._layers:
            stem = (layer.get("name") or "").strip("/") or "layer"
            taken = stem in names.values()
            names[layer.get("id")] = f"{stem}_{layer.get('id')}" if taken else stem
        edges = sorted(self._edges, key=lambda edge: int(edge.get("to-port", "0")))
        for layer in self._layers:
            key = layer.get("id")
            inputs = [names[edge.get("from-layer")] for edge in edges if edge.get("to-layer") == key]
            sizes = [int(dim.text or "-1") for dim in layer.findall("output/port[1]/dim")]
            data = layer.find("data")
            attributes = dict(data.attrib) if data is not None else {}
            op = layer.get("type", "")
            yield FileNode(names[key], "IO" if op == "Parameter" else op, inputs, tuple(sizes), {**attributes})
