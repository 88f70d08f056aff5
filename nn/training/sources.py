"""Where a Trainer's data are from: loaders by one name or another, a data module, or the model itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nn.data.loader import DataLoader
from nn.training.lightning import LightningDataModule

__all__: list[str] = []

NAMES = {kind: f"{kind}_dataloader" for kind in ("train", "val", "test", "predict")}
NEEDED = {"fit": "train", "validate": "val", "test": "test", "predict": "predict"}


class Sources:
    """The loaders of one use of a Trainer.

    Args:
        use: "fit", "validate", "test" or "predict".
        model: may have the methods of a data module.
        given: the loader that the use needs, under each of its names; the first may be a data module.
        data: a data module, or None.
    """

    def __init__(self, use: str, model: Any, given: list[Any], data: Any) -> None:
        if isinstance(given[0], LightningDataModule):
            given, data = [], given[0]
        if data is not None and not any(hasattr(data, name) for name in NAMES.values()):
            raise TypeError(
                f"Trainer.{use}: datamodule must be a LightningDataModule, got {type(data).__name__}; "
                "give a loader by its place"
            )
        self.use, self.model, self.data, self._given = use, model, data, given

    @contextmanager
    def at_work(self, trainer: Any) -> Iterator[None]:
        """Let the data module and the model prepare what they need; at the end the data module lets it go."""
        for owner in (self.data, self.model):
            if trainer.is_global_zero:
                _called(owner, "prepare_data")
        if self.data is None:
            yield
            return
        self.data.trainer = trainer
        try:
            _called(self.data, "setup", self.use)
            yield
        finally:
            self.data.trainer = None
            _called(self.data, "teardown", self.use)

    def loader(self, kind: str, *given: Any) -> Any:
        """The loader of a kind: the one that was given, or the data module's, or the model's own.

        Raises:
            TypeError: there is none and it is needed, there are two, or it is a list of loaders.
        """
        needed = NEEDED[self.use] == kind
        found = [loader for loader in (self._given if needed else given) if loader is not None]
        if len(found) > 1:
            raise TypeError(f"Trainer.{self.use}: the {kind} loader was given twice; give it once")
        if not found:
            makers = [getattr(owner, NAMES[kind], None) for owner in (self.data, self.model)]
            found = [make() for make in makers if callable(make)][:1]
        if not found or found[0] is None:
            if not needed:
                return None
            raise TypeError(
                f"Trainer.{self.use}: there is no {kind} loader; give one, or a datamodule with {NAMES[kind]}(self)"
            )
        [loader] = found
        if isinstance(loader, list | tuple) and loader and isinstance(loader[0], DataLoader):
            if len(loader) > 1:
                raise TypeError(
                    f"Trainer.{self.use}: expected one {kind} loader, got a list of {len(loader)}; "
                    "join their data by nn.data.ConcatDataset, or call the Trainer for each"
                )
            return loader[0]
        return loader


def _called(owner: Any, name: str, *args: Any) -> None:
    """Call a method that there may be."""
    if callable(getattr(owner, name, None)):
        getattr(owner, name)(*args)
