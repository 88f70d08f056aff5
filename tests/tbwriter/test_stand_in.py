import subprocess
import sys
import textwrap

import pytest

BLOCK = """
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"tensorboardX", "tensorboard", "torch"}:
            raise ModuleNotFoundError(name=name)
sys.meta_path.insert(0, Blocker())
import importlib.util
find_spec, importlib.util.find_spec = importlib.util.find_spec, lambda name: None
"""
CHECK = """
import tbwriter
tbwriter.stand_in()
tbwriter.stand_in()
from tensorboardX import SummaryWriter
from tensorboardX.summary import hparams
assert SummaryWriter is tbwriter.SummaryWriter
with SummaryWriter(sys.argv[1]) as writer:
    for summary in hparams({"lr": 0.1}, {"loss": 1.0}):
        writer.file_writer.add_summary(summary)
tags = [value.tag for event in tbwriter.read_events(sys.argv[1]) for value in event.summary.value]
assert tags == ["_hparams_/experiment", "_hparams_/session_start_info", "_hparams_/session_end_info"], tags
"""


def run(program, *arguments):
    command = [sys.executable, "-W", "ignore", "-c", "import sys\n" + textwrap.dedent(program), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_where_no_other_writer_is_installed_a_module_takes_its_place(tmp_path):
    run(BLOCK + CHECK, tmp_path)


def test_the_installed_ones_give_this_writer(tmp_path):
    pytest.importorskip("tensorboardX", reason="is stood in for (extra oracle)")
    run(CHECK, tmp_path)


def test_who_imported_another_writer_before_gets_this_one():
    pytest.importorskip("tensorboardX", reason="is stood in for (extra oracle)")
    run("""
        import types
        import tensorboardX
        theirs = tensorboardX.SummaryWriter
        caller = sys.modules["caller"] = types.ModuleType("caller")
        caller.SummaryWriter = theirs
        import tbwriter
        tbwriter.stand_in()
        assert caller.SummaryWriter is tbwriter.SummaryWriter is tensorboardX.SummaryWriter
        """)


def test_torchs_module_gives_this_writer():
    pytest.importorskip("torch", reason="is stood in for (extra oracle)")
    run("""
        import tbwriter
        tbwriter.stand_in()
        from torch.utils.tensorboard import SummaryWriter
        from torch.utils.tensorboard.summary import hparams
        import torch.utils.tensorboard as tensorboard
        assert tensorboard.SummaryWriter is SummaryWriter is tbwriter.SummaryWriter
        assert len(hparams({"lr": 0.1}, {"loss": 1.0})) == 3
        """)


def test_torch_without_tensorboard_gets_a_module():
    pytest.importorskip("torch", reason="is stood in for (extra oracle)")
    run("""
        sys.modules["tensorboard"] = None
        import tbwriter
        tbwriter.stand_in()
        from torch.utils.tensorboard import SummaryWriter
        from torch.utils.tensorboard.summary import hparams
        assert SummaryWriter is tbwriter.SummaryWriter
        assert len(hparams({"lr": 0.1}, {"loss": 1.0})) == 3
        """)
