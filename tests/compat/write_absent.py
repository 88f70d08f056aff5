"""Write `nn/compat/tables/absent.txt`: the public names of the installed PyTorch that fromzero has not.

python tests/compat/write_absent.py
"""

import importlib
from pathlib import Path
from types import ModuleType

import nn
from nn.compat.methods import METHODS
from nn.compat.names import MODULES, NOTHING, meant, sources

LIST = Path(__file__).resolve().parents[2] / "nn" / "compat" / "tables" / "absent.txt"


def lines() -> list[str]:
    """One line a module: its name, and the names that are in PyTorch's alone."""
    import torch

    written = []
    for module in sorted(name for name in MODULES if name.startswith("torch") and not name.endswith(".*")):
        try:
            theirs = importlib.import_module(module)
        except ImportError:
            continue
        names = [n for n in dir(theirs) if not n.startswith("_") and f"{module}.{n}" not in MODULES]
        absent = [n for n in names if meant(f"{module}.{n}") is NOTHING]
        absent = [n for n in absent if _belongs(theirs, n) and not _is_file(theirs, n)]
        if absent:
            written.append(f"{module}: {' '.join(absent)}")
    ours = {*dir(nn.Tensor), *METHODS[nn.Tensor]}
    methods = [n for n in dir(torch.Tensor) if not n.startswith("_") and n not in ours]
    return [*written, f"torch.Tensor: {' '.join(methods)}"]


def _belongs(module: object, name: str) -> bool:
    """Whether it is PyTorch's own, and not what the module has imported from elsewhere."""
    try:
        value = getattr(module, name)
    except Exception:  # what asks for hardware as it is looked at
        return False
    if isinstance(value, ModuleType):
        return value.__name__.startswith("torch.")
    owner = vars(type(value)).get("__module__") if not callable(value) else getattr(value, "__module__", None)
    return str(owner or "torch").partition(".")[0] in ("torch", "builtins", "multiprocessing", "None")


def _is_file(module: ModuleType, name: str) -> bool:
    """Whether it is one of a module's files, whose names are found here in one place."""
    return isinstance(getattr(module, name), ModuleType) and sources(f"{module.__name__}.{name}") is not None


if __name__ == "__main__":
    LIST.write_text("\n".join(lines()) + "\n", encoding="utf-8")
