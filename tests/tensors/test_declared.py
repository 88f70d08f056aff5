"""Type checkers see every method of `Tensor`, and accept ordinary code while they find what is not there."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

import nn

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@pytest.fixture(scope="module")
def writer():
    spec = importlib.util.spec_from_file_location("write_declared", HERE / "write_declared.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_file_declares_the_methods_that_there_are(writer):
    assert writer.FILE.read_text(encoding="utf-8") == writer.text(), "python tests/tensors/write_declared.py"


def test_every_public_method_is_declared_or_has_a_body(writer):
    declared = {
        line.split("(")[0].removeprefix("    def ") for line in writer.text().splitlines() if "    def " in line
    }
    bodies = {name for cls in nn.Tensor.__mro__ for name, value in vars(cls).items() if writer.in_body(cls, value)}
    assert not declared & bodies
    assert {n for n in dir(nn.Tensor) if not n.startswith("_") and callable(getattr(nn.Tensor, n))} <= declared | bodies
    assert {"sum", "sqrt", "reshape", "softmax", "exp_", "new_zeros", "long"} <= declared


@pytest.mark.slow
def test_a_program_passes_the_strict_checker_which_finds_a_slip(tmp_path):
    pytest.importorskip("mypy")
    program = (HERE / "typed_program.py").read_text(encoding="utf-8")
    slips = (
        "\nx = nn.zeros(2)\nx.sigmoidd()\nx.sum(dmi=1)\n"
        "reveal_type(x.sum(1).sqrt())\nreveal_type(x.item())\nreveal_type(Net()(x))\n"
    )
    (tmp_path / "right.py").write_text(program, encoding="utf-8")
    (tmp_path / "wrong.py").write_text(program + slips, encoding="utf-8")
    options = ["--strict", "--follow-imports=silent", "--config-file=", "--cache-dir", str(tmp_path)]
    command = [sys.executable, "-m", "mypy", *options]
    environment = {**os.environ, "MYPYPATH": str(ROOT)}
    right, wrong = (
        subprocess.run([*command, str(tmp_path / name)], capture_output=True, text=True, env=environment, check=False)
        for name in ("right.py", "wrong.py")
    )
    assert right.returncode == 0, right.stdout
    assert '"Tensor" has no attribute "sigmoidd"' in wrong.stdout
    assert 'Unexpected keyword argument "dmi" for "sum"' in wrong.stdout
    assert wrong.stdout.count('Revealed type is "nn.tensors.tensor.Tensor"') == 2
    assert 'Revealed type is "int | float' in wrong.stdout or 'Revealed type is "Union[builtins.int' in wrong.stdout
    assert wrong.stdout.count("error:") == 2
