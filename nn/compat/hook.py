"""The import hook: `import torch` finds us, in this process, after `install()` and until `uninstall()`."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from nn.compat import absent, methods, settings
from nn.compat.arguments import as_called
from nn.compat.names import FILES, MODULES, NOTHING, ROOTS, meant, names_in, sources

__all__ = ["install", "installed", "uninstall"]


def install(*, offline_data: bool = False) -> None:
    """Make `torch`, `torchvision` and `tensorboardX` mean fromzero in this process, whether they are installed or not.

    Args:
        offline_data: where the files of a well-known set of images are missing, take the digits that come with
            fromzero, enlarged, and say so in one line.

    Raises:
        ImportError: the installed PyTorch is imported already, so that its names could be mixed with ours.

    Example:
        >>> import nn.compat
        >>> nn.compat.install()  # doctest: +SKIP
        >>> import torch  # doctest: +SKIP
        >>> torch.zeros(2, device=torch.device("cpu"))  # doctest: +SKIP
        tensor([0., 0.])
    """
    for root in ROOTS:
        if root in sys.modules and not isinstance(sys.modules[root], Ours):
            raise ImportError(
                f"install: the installed {root} is imported already; call nn.compat.install() before the first "
                f"import of {root}"
            )
    settings.offline_data = offline_data
    if not installed():
        sys.meta_path.insert(0, _FINDER)
        methods.add()


def uninstall() -> None:
    """Undo `install`: what was imported stays with those who hold it, a new `import torch` finds the installed one."""
    if installed():
        sys.meta_path.remove(_FINDER)
        methods.remove()
        for name in [name for name, module in sys.modules.items() if isinstance(module, Ours)]:
            del sys.modules[name]


def installed() -> bool:
    """Whether `import torch` finds us."""
    return _FINDER in sys.meta_path


class Ours(ModuleType):
    """A module of PyTorch's name whose names are looked up here, when they are first asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        dotted = f"{self.__name__}.{name}"
        value = NOTHING if dotted in MODULES else meant(dotted)
        if dotted in MODULES or (value is NOTHING and name.islower() and self.__name__ in FILES):
            return importlib.import_module(dotted)
        if value is NOTHING:
            value = absent.refusal(dotted)
            if value is None:
                raise AttributeError(absent.sentence(dotted))
        value = as_called(self.__name__, name, value)
        setattr(self, name, value)
        return value

    def __dir__(self) -> list[str]:
        return sorted({*vars(self), *names_in(self.__name__)})


class _Finder(MetaPathFinder, Loader):
    """Finds the modules of the table, and says of others below `torch` that they are not there."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> ModuleSpec | None:
        if name.partition(".")[0] not in ROOTS:
            return None
        if sources(name) is None:
            # Without a name in the error, `from torch import absent` shows this sentence instead of one of its own.
            raise ModuleNotFoundError(absent.sentence(name))
        return ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return Ours(spec.name, f"`{spec.name}`, as fromzero has it.")

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = str(Path(__file__).parent / "README.md")
        if module.__name__ in settings.VERSIONS:
            module.__version__ = settings.VERSIONS[module.__name__]  # type: ignore[attr-defined]


_FINDER = _Finder()
