"""What a model was made with: `save_hyperparameters` keeps it for the log of a run and for its checkpoints."""

from __future__ import annotations

import inspect
import io
from argparse import Namespace
from collections.abc import Collection, Mapping
from types import FrameType
from typing import Any

from nn.checkpoint import save
from nn.modules.module import Module
from nn.training.records import nearest

__all__: list[str] = []

KINDS = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


class Hyperparameters(dict[str, Any]):
    """A dict whose entries are attributes too.

    Example:
        >>> made = Hyperparameters(lr=0.1)
        >>> made.width = 8
        >>> made
        {'lr': 0.1, 'width': 8}
    """

    def __getattr__(self, name: str) -> Any:
        if name in self:
            return self[name]
        hint = nearest(name, self) or f"; there are {sorted(self)}"
        raise AttributeError(f"hparams: {name!r} was not saved{hint}")

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value


class HasHyperparameters:
    """The part of a model, or of a data module, that remembers what it was made with."""

    _hparams: Hyperparameters | None = None
    _hparams_name: str | None = None
    _logs_hparams = True

    @property
    def hparams(self) -> Hyperparameters:
        """What `save_hyperparameters` has kept: `self.hparams.lr` or `self.hparams["lr"]`; empty before."""
        if self._hparams is None:
            vars(self)["_hparams"] = Hyperparameters()
        assert self._hparams is not None
        return self._hparams

    def save_hyperparameters(self, *args: Any, ignore: str | Collection[str] = (), logger: bool = True) -> None:
        """Keep the arguments of `__init__` as `self.hparams`; call it within `__init__`, after `super().__init__()`.

        They become a part of every checkpoint, and of the run's HPARAMS in TensorBoard together with its result.

        Args:
            args: the names of those to keep; or one dict or namespace, whose entries are kept instead; none for all.
            ignore: the name of an argument to leave out, or several.
            logger: whether they are logged.

        Raises:
            RuntimeError: it is called elsewhere.
            ValueError: `__init__` has no argument of this name.
            TypeError: a value that no checkpoint can hold, or a module.

        Example:
            >>> import nn
            >>> class Net(nn.training.LightningModule):
            ...     def __init__(self, width=8, lr=0.1):
            ...         super().__init__()
            ...         self.save_hyperparameters()
            ...         self.layer = nn.Linear(2, width)
            >>> Net(lr=0.5).hparams
            {'width': 8, 'lr': 0.5}
        """
        owner = f"{type(self).__name__}.save_hyperparameters"
        given = _arguments(self, inspect.currentframe(), owner)
        left_out = {ignore} if isinstance(ignore, str) else set(ignore)
        name = None
        if len(args) == 1 and not isinstance(args[0], str):
            if not isinstance(args[0], Mapping | Namespace):
                raise TypeError(f"{owner}: expected names, a dict or a namespace, got {type(args[0]).__name__}")
            name = next((key for key, value in given.items() if value is args[0]), None)
            given = dict(args[0] if isinstance(args[0], Mapping) else vars(args[0]))
        elif args:
            for wanted in args:
                if wanted not in given:
                    hint = nearest(str(wanted), given) or f"; it has {sorted(given)}"
                    raise ValueError(f"{owner}: __init__ has no argument {wanted!r}{hint}")
            given = {wanted: given[wanted] for wanted in args}
        kept = {key: value for key, value in given.items() if key not in left_out}
        for key, value in kept.items():
            _require_savable(owner, key, value)
        vars(self).update(_hparams=Hyperparameters(self.hparams | kept), _hparams_name=name, _logs_hparams=logger)


def _arguments(owner: Any, frame: FrameType | None, caller: str) -> dict[str, Any]:
    """The arguments of the `__init__` that called, and of those of its subclasses, which called that."""
    given: dict[str, Any] = {}
    found = False
    frame = frame and frame.f_back
    while frame is not None and frame.f_code.co_name == "__init__":
        names, _, options, values = inspect.getargvalues(frame)
        if not names or values[names[0]] is not owner:
            break
        found = True
        given |= {name: values[name] for name in names[1:]} | (dict(values[options]) if options else {})
        frame = frame.f_back
    if not found:
        raise RuntimeError(f"{caller}: it must be called within __init__, whose arguments it keeps")
    return {name: value for name, value in given.items() if name != "self"}


def _require_savable(owner: str, name: str, value: Any) -> None:
    """Refuse now what a checkpoint would refuse after an epoch."""
    advice = f"leave it out by ignore=[{name!r}]"
    if isinstance(value, Module):
        raise TypeError(
            f"{owner}: {name} must be a number, a text or the like, got the module {type(value).__name__}, whose "
            f"weights are in the checkpoint anyway; {advice}"
        )
    try:
        save(value, io.BytesIO())
    except TypeError as error:
        raise TypeError(
            f"{owner}: {name} must be what nn.save can save, got {type(value).__name__}; {advice}"
        ) from error


def kept_by(model: Any) -> dict[str, Any]:
    """What a checkpoint says of the hyperparameters of a model, by Lightning's names."""
    kept = getattr(model, "_hparams", None)
    return {} if kept is None else {"hyper_parameters": dict(kept), "hparams_name": model._hparams_name}


def arguments_from(kind: type, kept: Mapping[str, Any], name: str | None, changed: Mapping[str, Any]) -> dict[str, Any]:
    """What to make an object of a class with, from what it once kept.

    Args:
        kind: the class.
        kept: its hyperparameters.
        name: the argument that all of them were given as, in one dict; None if each was one of its own.
        changed: what is given now, which goes before.
    """
    if name is not None:
        return {name: Hyperparameters({**kept, **changed})}
    parameters = inspect.signature(kind).parameters.values()
    if any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters):
        return {**kept, **changed}
    known = {parameter.name for parameter in parameters if parameter.kind not in KINDS}
    return {key: value for key, value in kept.items() if key in known} | dict(changed)
