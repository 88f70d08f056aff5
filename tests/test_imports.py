"""What an import costs and brings along, and that the public names are there and documented."""

import ast
import importlib
import inspect
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nn
import tbwriter

ROOT = Path(__file__).resolve().parent.parent


def loaded_by(statement):
    """The modules that a fresh interpreter has loaded after the statement."""
    code = f"import sys, json; {statement}; print(json.dumps(sorted(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(json.loads(run.stdout))


@pytest.mark.parametrize(
    ("package", "strangers"),
    [
        ("nn", ["google.protobuf", "tbwriter", "matplotlib", "tqdm", "torch", "sklearn", "scipy", "PIL", "crc32c"]),
        ("tbwriter", ["nn", "torch", "tensorboard", "tensorflow", "matplotlib", "PIL", "moviepy", "soundfile"]),
    ],
)
def test_an_import_brings_no_stranger_along(package, strangers):
    loaded = loaded_by(f"import {package}")
    assert package in loaded
    assert not loaded & set(strangers)


def test_importing_nn_neither_warns_nor_prints():
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", "import nn, tbwriter"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


@pytest.mark.parametrize("module", [nn, nn.functional, nn.optim, nn.init, nn.data, nn.metrics, nn.testing, nn.models,
                                    nn.training, nn.tuning, nn.viewing, tbwriter],
                         ids=lambda m: m.__name__)  # fmt: skip
class TestFace:
    def test_every_public_name_is_documented(self, module):
        public = getattr(module, "__all__", None) or [name for name in vars(module) if not name.startswith("_")]
        assert [name for name in public if not getattr(module, name).__doc__ and not name.startswith("__")] == []
        assert module.__doc__

    def test_a_star_import_takes_over_each_function(self, module):
        names = {}
        exec(f"from {module.__name__} import *", names)
        functions = {name for name, value in vars(module).items() if callable(value) and not name.startswith("_")}
        assert set(getattr(module, "__all__", functions)) <= set(names)


@pytest.mark.parametrize("path", sorted((ROOT / "nn").rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_lists_what_it_has_and_nothing_twice(path):
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    if name in ("nn.einops", "nn.fixtures"):
        pytest.importorskip({"nn.einops": "einops", "nn.fixtures": "pytest"}[name], reason="it belongs to that package")
    module = importlib.import_module(name)
    listed = getattr(module, "__all__", [])
    assert [name for name in listed if not hasattr(module, name)] == []
    assert len(set(listed)) == len(listed)


def public_files():
    """Every file whose names are the face's: those of three folders, and some beside them."""
    for path in sorted((ROOT / "nn").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        folder = name.split(".")[1]
        if folder in ("functional", "modules", "tensors") and path.stem not in ("__init__", "packing", "graph"):
            yield name
    yield from ("nn.checkpoint", "nn.drawing", "nn.errors", "nn.explanation", "nn.linalg.older_names", "nn.rng")


@pytest.mark.parametrize("name", list(public_files()))
def test_the_face_says_where_each_name_stands(name):
    module = importlib.import_module(name)
    assert {n: f for n, f in nn._files.items() if f == name} == dict.fromkeys(module.__all__, name)
    for public in module.__all__:
        assert getattr(nn, public) is getattr(module, public), f"nn.{public} is not that of {name}"
    if name.startswith("nn.functional."):
        assert {n for n, f in nn.functional._files.items() if f == name} == set(module.__all__)


def test_what_the_type_checker_reads_is_what_the_face_shows():
    for package in (nn, nn.functional):
        tree = ast.parse(Path(package.__file__).read_text(encoding="utf-8"))
        [block] = [node for node in tree.body if isinstance(node, ast.If)]
        read = {node.module for node in block.body if isinstance(node, ast.ImportFrom) and node.module != "nn"}
        shown = set(package._files.values()) - (set(nn.functional._files.values()) if package is nn else set())
        assert read - {"nn.functional"} == shown | (read & {"nn.tensors.distance"})


def test_dir_holds_names_of_functions_only():
    assert [name for name in dir(nn.functional) if not inspect.isfunction(getattr(nn.functional, name))] == []
    assert len(dir(nn.functional)) > 100


@pytest.mark.parametrize(
    ("statement", "brings", "leaves"),
    [
        ("import nn", [], ["nn.functional.", "nn.modules.", "nn.optim", "nn.data"]),
        ("import nn; nn.Dropout", ["nn.modules.dropout"], ["nn.modules.convolution", "nn.modules.attention"]),
        ("import nn; nn.functional.linear", ["nn.functional.linear"], ["nn.functional.loss", "nn.modules."]),
        ("import nn; hasattr(nn, 'Dropot'), hasattr(nn.functional, 'relo')", [], ["nn.functional.", "nn.modules."]),
    ],
)
def test_a_name_loads_its_own_file_and_what_that_needs(statement, brings, leaves):
    loaded = loaded_by(statement)
    assert set(brings) <= loaded
    assert [name for name in loaded if any(name.startswith(folder) for folder in leaves)] == []


def test_each_method_stands_in_the_file_that_the_face_names():
    """In a process of its own for all: what a file puts in place of its stand-ins is what the table says it has."""
    program = (
        "import importlib, json, sys, nn\n"
        "from nn.faces import Later\n"
        "waiting = lambda: {n for n, v in vars(nn.Tensor).items() if isinstance(v, Later)}\n"
        "known = set(vars(nn.Tensor))\n"
        "wrong = []\n"
        "for file, names in nn._METHODS.items():\n"
        "    importlib.import_module(file)\n"
        "    wrong += sorted(set(names.split()) & waiting())\n"
        "for name in sorted(set(nn._files.values())):\n"
        "    importlib.import_module(name)\n"
        "print(json.dumps([wrong, sorted(waiting()), sorted(set(vars(nn.Tensor)) - known)]))\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert json.loads(run.stdout) == [[], [], []]  # not in its file, in no file, in no row of the table


def test_a_method_loads_its_own_file():
    before, after = loaded_by("import nn; nn.tensor(1.0)"), loaded_by("import nn; nn.tensor(1.0).det; nn.Tensor.sort")
    assert not {"nn.linalg.older_names", "nn.tensors.sorting"} & before
    assert {"nn.linalg.older_names", "nn.tensors.sorting"} <= after


def test_a_typo_is_told_the_nearest_name():
    with pytest.raises(AttributeError, match=r"^module 'nn' has no attribute 'Dropot'; did you mean 'Dropout'\?$"):
        nn.Dropot  # noqa: B018
    with pytest.raises(AttributeError, match=r"^module 'nn.functional' has .* 'relo'; did you mean 'relu'\?$"):
        nn.functional.relo  # noqa: B018
    with pytest.raises(AttributeError, match=r"^module 'nn' has no attribute 'xyzzy'$"):
        nn.xyzzy  # noqa: B018
    run = subprocess.run([sys.executable, "-c", "import nn; nn.typo"], capture_output=True, text=True, cwd=ROOT)
    assert run.stderr.rstrip().endswith("did you mean 'hypot'?")  # and Python adds no guess of its own


def test_a_file_never_hides_the_function_of_its_name():
    program = "import nn.functional.linear, nn; assert nn.functional.linear(nn.ones(1, 2), nn.ones(1, 2)).item() == 2"
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)


def test_every_public_method_is_documented():
    for cls in (nn.Tensor, nn.Module, nn.Sequential, nn.optim.SGD, nn.Generator):
        for name in dir(cls):
            if not name.startswith("_") and name != "grad":  # a slot, which has no place for a docstring
                assert getattr(cls, name).__doc__, f"{cls.__name__}.{name}"


def test_the_methods_of_layers_are_documented():
    """All but `forward`, for which the class speaks."""
    bare = []
    for file in (ROOT / "nn" / "modules").glob("*.py"):
        for cls in vars(importlib.import_module(f"nn.modules.{file.stem}")).values():
            if isinstance(cls, type) and cls.__module__ == f"nn.modules.{file.stem}":
                methods = {name: f for name, f in vars(cls).items() if inspect.isfunction(f) and name != "forward"}
                bare += [f"{cls.__name__}.{n}" for n, f in methods.items() if not n.startswith("_") and not f.__doc__]
    assert bare == []


def test_the_import_as_users_write_it():
    from nn import optim
    from nn.functional import relu

    assert optim.SGD is nn.optim.SGD
    assert nn.functional.relu is relu


def test_the_dtypes_are_numpy_s():
    for name in ("float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool"):
        assert getattr(nn, name) == np.dtype(name)


def test_what_is_imported_later_is_there_for_every_way_of_asking():
    for program in (
        "import nn; assert nn.LSTM.__name__ == 'LSTM'; assert callable(nn.save); assert nn.optim.Adam",
        "from nn import LSTM, explain, optim, data",
        "from nn import *; LSTM, optim, explain, summary, exp",
        "import nn; assert {'LSTM', 'optim', 'exp', 'save'} <= set(dir(nn))",
        "import nn; assert not hasattr(nn, 'nothing_of_this_name')",
    ):
        subprocess.run([sys.executable, "-W", "error", "-c", program], check=True, cwd=ROOT)


def test_two_threads_may_ask_for_the_first_time_at_once():
    program = (
        "import nn, threading\n"
        "found = []\n"
        "threads = [threading.Thread(target=lambda: found.append(nn.Transformer)) for _ in range(8)]\n"
        "[t.start() for t in threads]; [t.join() for t in threads]\n"
        "assert len(found) == 8"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)
