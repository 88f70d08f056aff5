"""What an example writes for TensorBoard beside its curves: graph, settings, and histograms of a model at work."""

from __future__ import annotations

from types import TracebackType
from typing import Any

import numpy as np

import nn
from tbwriter import SummaryWriter

__all__ = ["Logbook", "grid", "require_finite"]


class Logbook:
    """A model's run: its writer, its graph, and histograms of weights, gradients and activations.

    Args:
        log_dir: the run's directory.
        model: whose histograms are written.
        example: an input, for the graph.
        settings: shown as a table under "text".
    """

    def __init__(self, log_dir: Any, model: nn.Module, example: nn.Tensor, settings: dict[str, Any]) -> None:
        self.writer = SummaryWriter(str(log_dir))
        self.model = model
        self._activations: dict[str, nn.Tensor] | None = None
        for name, module in model.named_modules():
            if name and not list(module.children()):
                module.register_forward_hook(self._keep(name))
        rows = "\n".join(f"| {key} | {value} |" for key, value in settings.items())
        self.writer.add_text("settings", f"| setting | value |\n| --- | --- |\n{rows}")
        self.writer.add_graph(model, example)

    def __enter__(self) -> Logbook:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.writer.close()

    def _keep(self, name: str) -> Any:
        def hook(_module: nn.Module, _args: Any, output: nn.Tensor) -> None:
            if self._activations is not None:
                self._activations[name] = output.detach()

        return hook

    def scalars(self, step: int, **values: float) -> None:
        """Numbers of one step; `loss__train` becomes the tag loss/train."""
        for name, value in values.items():
            self.writer.add_scalar(name.replace("__", "/"), value, step)

    def histograms(self, step: int, inputs: nn.Tensor) -> None:
        """Weights and their gradients as they are, and the activations that the inputs cause."""
        for name, parameter in self.model.named_parameters():
            tag = name.replace(".", "/")
            self.writer.add_histogram(f"weights/{tag}", parameter.detach(), step)
            if parameter.grad is not None:
                self.writer.add_histogram(f"gradients/{tag}", parameter.grad, step)
        self._activations = {}
        with nn.no_grad():
            self.model(inputs)
        for name, output in self._activations.items():
            self.writer.add_histogram(f"activations/{name.replace('.', '/')}", output, step)
        self._activations = None

    def activation(self, name: str, inputs: nn.Tensor) -> np.ndarray[Any, Any]:
        """The output of one submodule for these inputs."""
        self._activations = {}
        with nn.no_grad():
            self.model(inputs)
        output, self._activations = self._activations[name].numpy(), None
        return output


def grid(pictures: Any, columns: int, gap: int = 1, enlarge: int = 1) -> np.ndarray[Any, Any]:
    """Pictures side by side, each stretched to the range from black to white.

    Shape:
        (n, H, W) -> (H', W'), values in [0, 1].
    """
    pictures = np.asarray(pictures, np.float32)
    low = pictures.min(axis=(1, 2), keepdims=True)
    span = pictures.max(axis=(1, 2), keepdims=True) - low
    pictures = (pictures - low) / np.where(span > 0, span, 1)
    pictures = pictures.repeat(enlarge, axis=1).repeat(enlarge, axis=2)
    n, height, width = pictures.shape
    rows = -(-n // columns)
    sheet = np.full((rows * (height + gap) + gap, columns * (width + gap) + gap), 0.5, np.float32)
    for number, picture in enumerate(pictures):
        top, left = gap + number // columns * (height + gap), gap + number % columns * (width + gap)
        sheet[top : top + height, left : left + width] = picture
    return sheet


def require_finite(loss: float, epoch: int, lr: float) -> float:
    """The loss; an error if it is infinite or nan.

    Raises:
        FloatingPointError: training has diverged, or the data hold nan.
    """
    if not np.isfinite(loss):
        raise FloatingPointError(
            f"train: the loss became {loss} in epoch {epoch} at learning rate {lr:g}; "
            "lower it with --lr, or look for nan in the data"
        )
    return loss
