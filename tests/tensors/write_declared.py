"""Write `nn/tensors/declared.pyi`: for type checkers, the methods that functions of tensors declare with `@method`.

python tests/tensors/write_declared.py
"""

import builtins
import importlib
import inspect
import pkgutil
import re
import types
import typing
from pathlib import Path

import nn
import nn.linalg
import nn.tensors
from nn.tensors.tensor import Tensor

for folder in (nn.tensors, nn.linalg):  # a file declares its methods when it is loaded
    for file in pkgutil.iter_modules(folder.__path__):
        importlib.import_module(f"{folder.__name__}.{file.name}")

FILE = Path(nn.__file__).parent / "tensors" / "declared.pyi"
HEAD = '''"""The methods of `Tensor` that functions declare with `@method`, for type checkers.

Written by `python tests/tensors/write_declared.py`; a test compares it with the methods that there are.
"""

# ruff: noqa
# mypy: disable-error-code="override, misc"
import builtins
{imports}

__all__: list[str]

T = TypeVar("T")

class Declared:
'''
OWN = {
    "typing": ["Any", "Literal"],
    "collections.abc": ["Callable", "Sequence"],
    "numpy.typing": ["DTypeLike", "NDArray"],
}


def declared_names() -> list[str]:
    """The methods that no class body has: those made by declaration."""
    bodies = {name for cls in Tensor.__mro__ for name, value in vars(cls).items() if in_body(cls, value)}
    return sorted(n for n in dir(Tensor) if not n.startswith("_") and n not in bodies and callable(getattr(Tensor, n)))


def in_body(cls: type, value: object) -> bool:
    """Whether a class's own source has it."""
    value = getattr(value, "__func__", getattr(value, "fget", value))
    return getattr(value, "__qualname__", f"{cls.__qualname__}.").startswith(f"{cls.__qualname__}.")


class Writer:
    """Collects the imports that the annotations need."""

    def __init__(self) -> None:
        self.imports: dict[str, set[str]] = {"nn.tensors.tensor": {"Tensor"}, "typing": {"Any", "TypeVar"}}

    def annotation(self, text: object, names: dict[str, object]) -> str:
        """An annotation as the file can write it: aliases written out, builtins by their full name."""
        if text is inspect.Parameter.empty:
            return "Any"
        return re.sub(r"(?<![\w.'\"])[A-Za-z_]\w*", lambda m: self._name(m[0], names), str(text))

    def _name(self, name: str, names: dict[str, object]) -> str:
        if name == "None":
            return name
        if (hasattr(builtins, name) and not inspect.isfunction(names.get(name))) or name in dir(builtins):
            return f"builtins.{name}"
        for module, known in OWN.items():
            if name in known:
                self.imports.setdefault(module, set()).add(name)
                return name
        value = names.get(name)
        if isinstance(value, type) and value.__module__.startswith("nn."):
            self.imports.setdefault(value.__module__, set()).add(name)
            return name
        if isinstance(value, types.UnionType | types.GenericAlias) or typing.get_origin(value):
            return f"({self.annotation(str(value).replace('typing.', ''), {})})"
        return "Any"

    def method(self, name: str) -> str:
        """The stub of one method."""
        function = getattr(Tensor, name)
        code, names = function.__code__.co_name, inspect.unwrap(function).__globals__
        if code in ("replace", "turn"):
            return f"    def {name}(self: T, *args: Any, **named: Any) -> T: ..."
        signature = inspect.signature(function)
        result = self.annotation(signature.return_annotation, names)
        if code == "spread":
            return f"    def {name}(self, *axes: Any, **named: Any) -> {result}: ..."
        _, *parameters = signature.parameters.values()
        either = code == "renamed"
        written, starred = ["self"], False
        for p in parameters:
            kind = "Any" if "Unpack" in str(p.annotation) else self.annotation(p.annotation, names)
            star = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
            starred = starred or p.kind is p.VAR_POSITIONAL
            if p.kind is p.KEYWORD_ONLY and not starred:
                written.append("*")
                starred = True
            optional = p.default is not p.empty or (either and p.name == "dim")
            if p.kind is p.VAR_KEYWORD and either:
                written += self._other_names(parameters, names, starred)
                either = False
            written.append(f"{star}{p.name}: {kind}{' = ...' if optional and not star else ''}")
        if either:
            written += self._other_names(parameters, names, starred)
        return f"    def {name}({', '.join(_defaults_last(written))}) -> {result}: ..."

    def _other_names(self, parameters: list[inspect.Parameter], names: dict[str, object], starred: bool) -> list[str]:
        other = [] if starred else ["*"]
        for p in parameters:
            if p.name in ("dim", "keepdim"):
                kind = self.annotation(p.annotation, names)
                other.append(f"{'axis' if p.name == 'dim' else 'keepdims'}: {kind} = ...")
        return other


def _defaults_last(written: list[str]) -> list[str]:
    """Once a parameter may be left out, those behind it may: so that `gather(axis=0, index=i)` is accepted."""
    seen, result = False, []
    for part in written:
        if part.startswith("*"):
            return result + written[len(result) :]
        seen = seen or part.endswith("= ...")
        result.append(f"{part} = ..." if seen and not part.endswith("= ...") and part != "self" else part)
    return result


def text() -> str:
    """The whole file."""
    writer = Writer()
    methods = [writer.method(name) for name in declared_names()]
    writer.imports.pop("builtins", None)
    groups = [lambda m: not m.startswith(("nn.", "numpy")), lambda m: m.startswith("numpy"), lambda m: m[:3] == "nn."]
    blocks = [[m for m in sorted(writer.imports) if belongs(m)] for belongs in groups]
    lines = ["\n".join(f"from {m} import {', '.join(sorted(writer.imports[m]))}" for m in block) for block in blocks]
    return HEAD.replace("{imports}", "\n\n".join(lines)) + "\n" + "\n".join(methods) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
