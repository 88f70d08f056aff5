"""Programs in PyTorch's words print the same under `fromzero run` as under PyTorch, and nothing changes unasked."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = sorted((Path(__file__).parent / "programs").glob("*.py"))
SAID = {"hardware": ["autocast computes in float32", "GradScaler scales by 1", "script and trace return"],
        "sparse": ["sparse tensors are dense ones here"]}  # fmt: skip


def python(*arguments, cwd=ROOT, code=0):
    """What a fresh interpreter prints, and what it says beside."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    run = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, cwd=cwd, env=environment,
                         check=False, timeout=300)  # fmt: skip
    assert run.returncode == code, run.stderr
    return run.stdout, run.stderr


@pytest.fixture(scope="module")
def theirs():
    """What every program prints under the installed PyTorch, in one process."""
    pytest.importorskip("torch")
    code = """if True:
        import contextlib, io, json, runpy, sys, warnings
        warnings.simplefilter("ignore")
        found = {}
        for path in sys.argv[1:]:
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                runpy.run_path(path, run_name="__main__")
            found[path] = printed.getvalue()
        print(json.dumps(found))
        """
    return json.loads(python("-c", code, *map(str, PROGRAMS))[0])


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.stem)
class TestPrograms:
    def test_it_prints_what_it_prints_under_pytorch(self, program, theirs):
        assert python("-m", "nn", str(program))[0] == theirs[str(program)]

    def test_nothing_is_missing_and_what_differs_is_said_once(self, program):
        assert python("-m", "nn.cli", "run", "--check", str(program))[0].endswith(": no names missing\n")
        printed, said = python("-m", "nn.cli", "run", str(program))
        assert printed
        lines = said.splitlines()
        assert len(lines) == len(SAID.get(program.stem, [])), said
        assert all(any(part in line for line in lines) for part in SAID.get(program.stem, []))


class TestTheCommand:
    def test_arguments_belong_to_the_program(self, tmp_path):
        script = tmp_path / "program.py"
        script.write_text(
            "import sys, torch\nprint(sys.argv[1:], __name__, torch.__version__, __file__ == sys.argv[0])\n"
        )
        printed, _ = python("-m", "nn.cli", "run", str(script), "--epochs", "3", "-m", "--check")
        assert printed == "['--epochs', '3', '-m', '--check'] __main__ 2.13.0+fromzero True\n"

    def test_files_beside_the_script_are_imported(self, tmp_path):
        (tmp_path / "model.py").write_text("import torch.nn as nn\nnet = nn.Linear(2, 3)\n")
        (tmp_path / "train.py").write_text("from model import net\nprint(net)\n")
        assert python("-m", "nn", "train.py", cwd=tmp_path)[0].startswith("Linear(in_features=2, out_features=3")

    def test_a_module_is_run_as_python_runs_it(self, tmp_path):
        (tmp_path / "package").mkdir()
        (tmp_path / "package" / "__init__.py").write_text("")
        (tmp_path / "package" / "main.py").write_text(
            "import torch, sys\nprint(torch.ones(2), sys.argv[1:], __package__)\n"
        )
        printed, _ = python("-m", "nn", "-m", "package.main", "1", cwd=tmp_path)
        assert printed == "tensor([1., 1.]) ['1'] package\n"

    def test_the_cells_of_a_notebook_are_run_in_order_and_their_last_lines_shown(self, tmp_path):
        cells = [("code", "import torch\n%matplotlib inline\nx = torch.ones(2)"), ("markdown", "text"),
                 ("code", ["if True:\n", "    !pip install torch\n", "y = x + 1\n", "y"]), ("code", "y.sum();")]  # fmt: skip  # noqa: E501
        document = {"nbformat": 4, "cells": [{"cell_type": kind, "source": source} for kind, source in cells]}
        (tmp_path / "book.ipynb").write_text(json.dumps(document))
        printed, said = python("-m", "nn", str(tmp_path / "book.ipynb"))
        assert printed == "tensor([2., 2.])\n"
        assert said == "fromzero: lines of the notebook that begin with % or ! are left out\n"

    def test_a_line_of_a_notebook_that_goes_on_with_a_percent_sign_is_no_command(self, tmp_path):
        source = 'print(\'%d of %d\'\n  % (1,\n  2))\nx = 7 \\\n  % 4\ny = """\n%d!\n"""\n%time\nprint(x, y % 5)'
        cells = [{"cell_type": "code", "source": source}]
        (tmp_path / "book.ipynb").write_text(json.dumps({"nbformat": 4, "cells": cells}))
        assert python("-m", "nn", str(tmp_path / "book.ipynb"))[0] == "1 of 2\n3 \n5!\n\n"

    def test_what_is_no_notebook_is_refused(self, tmp_path):
        (tmp_path / "book.ipynb").write_text("{}")
        assert "is no notebook of format 4" in python("-m", "nn", str(tmp_path / "book.ipynb"), code=1)[1]

    def test_an_error_of_the_program_is_shown_as_python_shows_it(self, tmp_path):
        (tmp_path / "program.py").write_text("import torch\n\ndef f():\n    raise ValueError('no')\n\nf()\n")
        _, said = python("-m", "nn", str(tmp_path / "program.py"), code=1)
        assert [line.strip() for line in said.splitlines() if "File" in line] == [
            f'File "{tmp_path / "program.py"}", line 6, in <module>', f'File "{tmp_path / "program.py"}", line 4, in f',
        ]  # fmt: skip
        assert said.endswith("ValueError: no\n")

    def test_the_exit_status_is_the_programs(self, tmp_path):
        (tmp_path / "program.py").write_text("raise SystemExit(3)\n")
        python("-m", "nn", str(tmp_path / "program.py"), code=3)

    def test_a_script_or_module_that_is_not_there_is_one_sentence(self):
        assert python("-m", "nn", "nowhere.py", code=1)[1] == (
            "fromzero: run: there is no file nowhere.py; give a script, or -m and a module\n"
        )
        assert "there is no module nowhere; give" in python("-m", "nn", "-m", "nowhere", code=1)[1]

    @pytest.mark.parametrize(
        ("line", "sentence"),
        [
            ("torch.sotmax", "torch.sotmax: fromzero has no such name; the nearest name is torch.softmax"),
            ("torch.nn.Conv2b", "torch.nn.Conv2b: fromzero has no such name; the nearest name is torch.nn.Conv2"),
            ("torch.vmap_nothing", "torch.vmap_nothing: fromzero has no such name"),
            ("from torch import sotmax", "torch.sotmax: fromzero has no such name; the nearest name is torch.softmax"),
            ("from torch.nn import Linaer", "torch.nn.Linaer: fromzero has no such name; the nearest name is torch.nn.Linear"),  # noqa: E501
            ("import torch.hub", "torch.hub: PyTorch has it, fromzero has not (nothing is downloaded here)"),
            ("torch.complex64", "torch.complex64: PyTorch has it, fromzero has not (complex numbers are left out"),
            ("torch.quantization.quantize", "torch.quantization: PyTorch has it, fromzero has not (quantisation"),
            ("torch.nn.CrossMapLRN2d(3)", "torch.nn.CrossMapLRN2d: PyTorch has it, fromzero has not"),
            ("torch.zeros(2).cuda()", "to: there is no device but the CPU, got device 'cuda'"),
            ("torch.cuda.get_device_name(0)", "get_device_name: PyTorch has it, fromzero has not (there is no device"),
            ("torch.onnx.symbolic_opset9()", "(export is here, what PyTorch makes its graphs from is not"),
            ("torch.onnx.export(torch.nn.ReLU(), 1, 'x', training=2)",
             "export: a model is written as it evaluates, got training=TrainingMode.TRAINING"),
            ("from torch.distributed import send as d\nd()", "(of what processes do together the common calls are"),
            ("import torch.distributed as d\nd.init_process_group('nccl')",
             'init_process_group: on a CPU backend must be "gloo" or "mpi", got \'nccl\''),
            ("import torch.distributed as d\nd.init_process_group('gloo', rank=0, world_size=2)",
             "init_process_group: expected 2 processes, got 1; start them by `mpiexec -n 2 ...`"),
            ("import torch.distributed as d\nd.init_process_group('gloo', rank=1, world_size=1)",
             "init_process_group: rank must be 0, as the launcher says, got 1"),
            ("import torch.distributed as d\nd.new_group([0, 1])", "ranks must be those of all processes, got [0, 1]"),
            ("import torch.multiprocessing as m\nm.spawn(print, nprocs=4)",
             "spawn: the program expects 4 processes, got 1; start them by `mpiexec -n 4 fromzero run ...`"),
            ("torch.cuda.Evnet()", "torch.cuda.Evnet: fromzero has no such name"),
            ("import torch.multiprocessing as m\nm.Process()", "(processes that share tensors are left out on"),
            ("torch.jit.load('x')", "torch.jit.load: PyTorch has it, fromzero has not (compiled programs are left out"),
            ("import torch.fx", "torch.fx: PyTorch has it, fromzero has not (tracing programs is left out on purpose)"),
            ("import torchvision\ntorchvision.models.vgg16()", "(of torchvision's networks the residual ones are"),
            ("import torchvision\ntorchvision.models.resnet18(pretrained=True)",
             "torchvision.models.resnet18: nothing is downloaded here, got weights='pretrained'; make it without"),
        ],
    )  # fmt: skip
    def test_what_is_not_there_says_so(self, line, sentence, tmp_path):
        (tmp_path / "program.py").write_text(f"import torch\n\n{line}\n")
        said = python("-m", "nn", str(tmp_path / "program.py"), code=1)[1].splitlines()[-1]
        assert sentence in said
        if "fromzero has" in sentence:
            assert said.endswith(f"(program.py, line {3 + line.count(chr(10))})")

    def test_check_lists_all_that_is_missing_beforehand(self, tmp_path):
        (tmp_path / "model.py").write_text("from torch import nn\nlayer = nn.CrossMapLRN2d\n")
        (tmp_path / "program.py").write_text(
            "import torch\nimport torch.nn.functional as F\nfrom torch.ao import quantization\nimport model\n"
            "from torch.distributed import send\nif torch.distributed.is_available():\n    send()\n"
            "x = F.sotfmax(torch.zeros(2), 0)\nx.record_stream()\nprint({}.values(), x.max(0).values, torch.cuda.is_available(), torch.float32.itemsize)\n"  # noqa: E501
        )
        printed, said = python("-m", "nn.cli", "run", "--check", str(tmp_path / "program.py"), code=1)
        assert said == ""
        lines = [line.removeprefix(f"{tmp_path}/") for line in printed.splitlines()]
        assert [line.split(" (")[0].split(";")[0] for line in lines] == [
            "program.py:3: torch.ao: PyTorch has it, fromzero has not",
            "program.py:7: torch.distributed.send: PyTorch has it, fromzero has not",
            "program.py:8: torch.nn.functional.sotfmax: fromzero has no such name",
            "program.py:9: torch.Tensor.record_stream: PyTorch has it, fromzero has not",
            "model.py:2: torch.nn.CrossMapLRN2d: PyTorch has it, fromzero has not",
            "program.py: 5 names missing",
        ]


class TestManyProcesses:
    PROGRAM = """if True:
        import os, torch, torch.distributed as dist, torch.multiprocessing as mp
        from torch.nn.parallel import DistributedDataParallel as DDP
        from torch.utils.data.distributed import DistributedSampler

        def work(rank, size):
            dist.init_process_group("gloo", init_method="env://", rank=rank, world_size=size)
            model = DDP(torch.nn.Linear(1, 1))
            model(torch.full((1 + rank, 1), 1.0 + rank)).mean().backward()
            own = list(DistributedSampler(range(5), shuffle=False))
            found = [None] * size
            dist.all_gather_object(found, (own, model.module.weight.grad.item()))
            if dist.get_rank() == 0:
                print(found, dist.get_backend(), os.environ.get("LOCAL_RANK"))
            dist.destroy_process_group()

        if __name__ == "__main__":
            size = int(os.environ.get("WORLD_SIZE", 1))
            mp.spawn(work, args=(size,), nprocs=size, join=True)
        """

    def test_spawn_calls_the_function_in_the_one_process_there_is(self, tmp_path):
        (tmp_path / "program.py").write_text(self.PROGRAM)
        printed, _ = python("-m", "nn", str(tmp_path / "program.py"))
        assert printed == "[([0, 1, 2, 3, 4], 1.0)] gloo None\n"

    def test_the_processes_of_mpiexec_are_those_of_the_program(self, tmp_path):
        """Gradients have the weight of their process, and parts the same length, as in PyTorch."""
        pytest.importorskip("mpi4py")
        (tmp_path / "program.py").write_text(self.PROGRAM)
        mpiexec = Path(sys.executable).with_name("mpiexec")
        run = subprocess.run(
            [str(mpiexec if mpiexec.exists() else "mpiexec"), "-n", "2", sys.executable, "-m", "nn",
             str(tmp_path / "program.py")],
            capture_output=True, text=True, cwd=ROOT, check=False, timeout=120,
            env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert run.stdout == "[([0, 2, 4], 1.5), ([1, 3, 0], 1.5)] gloo 0\n", run.stderr


class TestExport:
    def test_a_model_is_written_under_the_names_that_it_is_given(self, tmp_path):
        pytest.importorskip("onnx", minversion="1.0")  # `tests/onnx` has no version
        (tmp_path / "program.py").write_text("""if True:
            import torch
            from torch import nn

            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.linear = nn.Linear(3, 2)

                def forward(self, x, scale=None, shift=None, *, mask=None):
                    y = self.linear(x) if scale is None else self.linear(x) * scale
                    y = y if shift is None else y + shift
                    return y if mask is None else y * mask

            net, x = Net(), torch.ones(4, 3)
            torch.onnx.export(net, x, "old.onnx", export_params=True, opset_version=17, do_constant_folding=True,
                              input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "N"}, "y": {0: "N"}})
            program = torch.onnx.export(net, (x,), kwargs={"scale": torch.full((2,), 3.0)}, dynamo=True,
                                        dynamic_shapes={"x": {0: "N"}, "scale": None})
            program.save("new.onnx")
            from nn.onnx import load

            more = torch.rand(7, 3)
            print(torch.allclose(load("old.onnx")(more), net(more)))
            print(torch.allclose(load("new.onnx")(more, torch.ones(2)), net(more)))
            torch.onnx.export(net, (x,), "keyword.onnx", kwargs={"mask": torch.ones(2), "shift": torch.ones(2)})
            print(torch.allclose(load("keyword.onnx")(x, torch.tensor([2.0, 3.0]), torch.zeros(2)), torch.zeros(4, 2)))
            """)
        printed, said = python("-m", "nn", "program.py", cwd=tmp_path)
        assert printed == "True\nTrue\nTrue\n"
        assert said == "fromzero: ONNX files are of opset 20\n"


class TestNothingChangesUnasked:
    def test_importing_the_layer_leaves_torch_as_it_is(self):
        code = "import sys, nn, nn.compat; print(len([m for m in sys.modules if m.partition('.')[0] in ('torch', 'torchvision')]))"  # noqa: E501
        assert python("-c", code)[0] == "0\n"

    def test_the_installed_pytorch_is_found_before_and_after(self):
        pytest.importorskip("torch")
        code = """if True:
            import nn.compat
            nn.compat.install()
            import torch
            assert torch.Tensor is nn.Tensor and nn.compat.installed(), torch
            assert nn.ones(1).type() == "torch.FloatTensor"
            nn.compat.uninstall()
            assert not hasattr(nn.ones(1), "to_sparse") and not nn.compat.installed()
            import torch
            assert "fromzero" not in torch.__version__
            try:
                nn.compat.install()
            except ImportError as error:
                print(error)
            print(torch.ones(2).sum().item())
            """
        assert python("-W", "ignore", "-c", code)[0] == (
            "install: the installed torch is imported already; call nn.compat.install() before the first import of "
            "torch\n2.0\n"
        )

    def test_without_the_layer_there_is_no_torch_of_ours(self):
        code = "import nn\ntry:\n    import torch\n    print('fromzero' in torch.__version__)\nexcept ImportError:\n    print(False)"  # noqa: E501
        assert python("-W", "ignore", "-c", code)[0] == "False\n"
