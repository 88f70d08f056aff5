"""What the tables of names point to is there, and nothing stands in them twice."""

from pathlib import Path

import pytest

import nn
from nn.compat import names

FOLDER = Path(names.__file__).parent / "tables"
TABLES = sorted(path.stem for path in FOLDER.glob("*.txt"))


@pytest.mark.parametrize("table", TABLES)
def test_a_name_stands_once_in_a_table(table):
    lines = (FOLDER / f"{table}.txt").read_text(encoding="utf-8").splitlines()
    assert len(names.table(table)) == sum(not line.startswith("#") for line in lines)


def test_every_source_can_be_opened():
    for name in (*names.table("renamed"), *names.table("orders")):
        assert names.meant(name) is not names.NOTHING, name
    for module, sources in names.MODULES.items():
        for source in sources:
            assert names._opened(source) is not None, (module, source)


def test_what_has_one_answer_stands_in_a_module_or_is_a_method():
    for name in names.table("answers"):
        place = name.rpartition(".")[0]
        assert place in names.MODULES or place == "torch.Tensor", name
    assert names.meant("torch.cuda.is_available")("anything", at="all") is False
    assert names.meant("torch.backends.cudnn.benchmark") is False
    assert names.meant("torch.newaxis") is None
    assert "is_available" in names.names_in("torch.cuda")


def test_names_are_looked_up_in_ours_last():
    assert names.meant("torch.nn.Linear") is nn.Linear
    assert names.meant("torch.relu_")(nn.tensor([-1.0, 2.0])).tolist() == [0, 2]
    assert names.meant("torch.nn.modules.mse_loss") is names.NOTHING, "it is a function"
    assert names.meant("torch.nowhere.Linear") is names.NOTHING
