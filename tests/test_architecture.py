"""The house as drawn: imports only downward, no circles, kernels know NumPy alone, `nn` and `tbwriter` are strangers.

The floors stand in CONTRIBUTING.md, the imports are read from the source with `ast`; nothing is imported.
"""

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Which file stands on which floor is read from CONTRIBUTING.md: lowest floor first, "name/" is a folder.
# A file may import from floors below its own; files that stand together on a floor may import each other as long as no
# circle arises.


def floors(package: str) -> list[list[str]]:
    """The rows of the package's table: on each floor the modules, a folder's name ending in a dot."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text.split(f"## The floors of `{package}`")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (\d+) \| (.*?) \|", table, flags=re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, len(rows) + 1))
    return [[f"{package}.{name.replace('/', '.')}" for name in re.findall("`([^`]+)`", holds)] for _, holds in rows]


NN_FLOORS, TBWRITER_FLOORS = floors("nn"), floors("tbwriter")
THIRD_PARTY = {
    "nn.kernels": {"numpy"},
    "nn.kernels.blas": {"numpy", "threadpoolctl"},
    "nn": {"numpy"},
    "nn.tensors.place": {"numpy", "typing_extensions"},  # for type hints alone
    "nn.data.datasets": {"numpy", "sklearn"},
    "nn.safetensors": {"numpy", "safetensors"},
    "nn.onnx": {"numpy", "onnx"},
    "nn.distributed.mpi": {"numpy", "mpi4py"},
    "nn.training.progress": {"tqdm"},
    "nn.fixtures": {"pytest"},
    "nn.einops": {"einops"},
    "nn.data.image_files": {"numpy", "PIL"},
    "nn.data.transforms.pixels": {"numpy", "PIL"},
    "nn.examples": {"numpy", "tbwriter", "tqdm"},
    "nn.examples.pictures": {"numpy", "matplotlib"},
    "nn.examples.reinforcement.environments": {"numpy", "gymnasium"},
    "nn.commands": {"tbwriter"},
    "nn.commands.comparison": {"numpy", "tbwriter"},
    "nn.exercises": {"numpy", "tbwriter"},
    "nn.exercises.plugin": {"pytest"},
    "tbwriter": {"numpy", "google", "crc32c"},
    "tbwriter.summaries.boxes": {"numpy", "PIL"},
    "tbwriter.summaries.decoding": {"numpy", "google", "PIL"},
    "tbwriter.summaries.figure": {"numpy", "matplotlib"},
    "tbwriter.summaries.graph": {"torch"},
    "tbwriter.files.onnx_graph": {"onnx"},
    "tbwriter.files.tables": {"numpy", "pandas"},
    "tbwriter.trackers": {"numpy", "mlflow", "wandb"},
    "tbwriter.files.storage": {"fsspec"},
}
TOP_LEVEL = {"pyproject.toml", "nn", "tbwriter", "proto", "tests", "notebooks", "docs", "README.md", "README.zh-CN.md",
             "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "CITATION.cff", "noxfile.py", ".gitignore", ".github", ".ci",
             ".pre-commit-config.yaml", "NOTICE"}  # fmt: skip


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {module_name(p): p for package in ("nn", "tbwriter") for p in sorted((ROOT / package).rglob("*.py"))}
EMPTY = {
    name for name, path in SOURCES.items() if path.stem == "__init__" and len(ast.parse(path.read_bytes()).body) < 2
}


def imports(name: str) -> list[tuple[str, int, bool]]:
    """Every module that a file imports, also for its type hints alone: (module, line, at top level of the file)."""
    path = SOURCES[name]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found = []
    for_types = [
        inner
        for node in tree.body
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id.lstrip("_") == "TYPE_CHECKING"
        for inner in node.body
    ]
    for node in ast.walk(tree):
        top = node in tree.body or node in for_types
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno, top) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parent = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parent, base] if base else parent)
            for alias in node.names:
                full = f"{base}.{alias.name}"
                found.append((full if full in SOURCES else base, node.lineno, top))
    return found


def floor(name: str, rows: list[list[str]]) -> int | None:
    for number, entries in enumerate(rows):
        for entry in entries:
            if name == entry or (entry.endswith(".") and f"{name}.".startswith(entry)):
                return number
    return None


FACES = {"nn", "tbwriter"}  # the two packages' __init__: they may import everything, and nothing below imports them


@pytest.mark.parametrize("name", [n for n in SOURCES if n.startswith("nn.")])
def test_nn_imports_only_downward(name):
    own = floor(name, NN_FLOORS)
    assert own is not None, f"{name} stands on no floor: give it one in CONTRIBUTING.md"
    for target, line, _ in imports(name):
        if target == "nn":
            assert own == len(NN_FLOORS) - 1, f"{name}:{line} imports the package's own face"
        elif target.startswith("nn."):
            below = floor(target, NN_FLOORS)
            assert below is not None
            assert below <= own, f"{name}:{line} imports {target}, which stands above it"


@pytest.mark.parametrize("name", [n for n in SOURCES if n.startswith("tbwriter.") and n not in EMPTY])
def test_tbwriter_imports_only_downward(name):
    own = floor(name, TBWRITER_FLOORS)
    assert own is not None, f"{name} stands on no floor: give it one in CONTRIBUTING.md"
    for target, line, _ in imports(name):
        assert target != "tbwriter", f"{name}:{line} imports the package's own face"
        if target.startswith("tbwriter."):
            assert floor(target, TBWRITER_FLOORS) <= own, f"{name}:{line} imports {target}, which stands above it"


def test_no_import_circle():
    graph = {name: {t for t, _, _ in imports(name) if t in SOURCES and t != name} for name in SOURCES}
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " -> ".join([*path[path.index(name) :], name])
        if name not in done:
            for target in sorted(graph[name]):
                visit(target, (*path, name))
            done.add(name)

    for name in graph:
        visit(name, ())


@pytest.mark.parametrize("name", SOURCES)
def test_only_the_declared_packages_are_imported(name):
    key = max((k for k in THIRD_PARTY if name == k or name.startswith(k + ".")), key=len)
    own = name.partition(".")[0]
    for target, line, _ in imports(name):
        head = target.partition(".")[0]
        allowed = head in sys.stdlib_module_names or head == own or head in THIRD_PARTY[key]
        assert allowed, f"{name}:{line} imports {target}; {key} may import {sorted(THIRD_PARTY[key])}"


def test_no_import_is_hidden_inside_a_function_to_dodge_a_circle():
    lazy_allowed = {
        "nn.commands",
        "nn.examples",
    }  # a command imports what it runs, so that `fromzero --help` stays quick
    for name in SOURCES:
        for target, line, top in imports(name):
            if not top and target.partition(".")[0] in FACES and not any(name.startswith(a) for a in lazy_allowed):
                raise AssertionError(f"{name}:{line} imports {target} inside a function or a condition")


# Tests of no single file: of a whole floor against an oracle, or of what all of it together promises.
WHOLE_FLOOR = {
    "registry",
    "torch",
    "tensorboard",
    "browser",
    "faults",
    "drop_in",
    "callers",
    "endings",
    "readme",
    "durability",
    "signals",
    "concurrency",
    "resume",
    "damage",
    "s3",
    "probes",
    "in_place",
}


def test_tests_mirror_the_source():
    tests = ROOT / "tests"
    for folder in (
        "kernels",
        "autograd",
        "ops",
        "tensors",
        "functional",
        "linalg",
        "modules",
        "optim",
        "models",
        "training",
        "tuning",
        "viewing",
        "utils",
        "data",
        "distributions",
        "func",
        "tbwriter",
        "tbwriter/summaries",
        "tbwriter/files",
        "examples",
        "exercises",
    ):
        source = ROOT / (folder if folder.startswith("tbwriter") else f"nn/{folder}")
        for test in sorted((tests / folder).glob("test_*.py")):
            noun = test.stem.removeprefix("test_")
            if noun in WHOLE_FLOOR or noun.startswith("torch_"):
                continue
            assert (source / f"{noun}.py").exists() or (source / noun).is_dir(), f"{test} tests no file of its name"


PROPERTIES = [
    path
    for folder in ("tensors", "functional", "linalg", "modules")
    for path in sorted((ROOT / "nn" / folder).glob("*.py"))
    if path.stem != "__init__"
]


@pytest.mark.parametrize("path", PROPERTIES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_file_has_tests_of_its_name_that_need_numpy_alone(path):
    """Whoever has no oracle installed still sees what each function and layer promises."""
    test = ROOT / "tests" / path.parent.name / f"test_{path.stem}.py"
    assert test.exists(), f"{path.relative_to(ROOT)} has no tests of its name; state what it promises in {test.name}"
    tree = ast.parse(test.read_text(encoding="utf-8"))
    heads = {name.partition(".")[0] for name in imported_at_the_top(tree)}
    assert not heads & {"torch", "oracle"}, f"{test.name} imports an oracle at its top, so that all of it skips"
    tests = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    without = [node for node in tests if "importorskip" not in ast.dump(node)]
    assert without, f"{test.name} has no test that runs without an oracle"


def imported_at_the_top(tree: ast.Module) -> list[str]:
    """What a file imports as a whole, also with `pytest.importorskip`."""
    found = []
    for node in tree.body:
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append(node.module or "")
        elif not isinstance(node, ast.FunctionDef | ast.ClassDef):
            calls = [call for call in ast.walk(node) if isinstance(call, ast.Call)]
            found += [call.args[0].value for call in calls if "importorskip" in ast.dump(call.func)]
    return found


def test_the_top_level_is_the_users():
    tracked = {p.name for p in ROOT.iterdir()} - {".git", ".venv", "venv", ".nox", ".coverage", "runs", "build", "dist"}
    tracked -= {"PKG-INFO"}  # which a source distribution has beside them
    tracked = {
        n for n in tracked if not n.endswith((".egg-info", "_cache")) and n not in {".hypothesis", "__pycache__"}
    }
    assert tracked <= TOP_LEVEL, f"unexpected at the top level: {sorted(tracked - TOP_LEVEL)}"
