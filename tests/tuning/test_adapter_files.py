"""An adapter travels in PEFT's layout; one that is of another model, or of a kind not known here, changes nothing."""

import json

import numpy as np
import pytest
from trainings import states

import nn
from nn.tuning import LoraConfig, inject_lora, load_adapter, merge_lora, save_adapter, unload_lora

pytest.importorskip("safetensors", reason="the extra safetensors is not installed")


class Net(nn.Module):
    def __init__(self, width=4, classes=3):
        super().__init__()
        self.table = nn.Embedding(7, width)
        self.body = nn.Linear(width, width)
        self.head = nn.Linear(width, classes)

    def forward(self, x):
        return self.head(self.body(self.table(x)).relu())


CONFIG = LoraConfig(r=2, lora_alpha=4, target_modules=["table", "body"], modules_to_save=["head"])
X = nn.tensor([0, 3, 6])


@pytest.fixture
def trained():
    nn.manual_seed(0)
    model = Net()
    base = {name: value.clone() for name, value in model.state_dict().items()}
    inject_lora(model, CONFIG)
    for parameter in model.parameters():
        if parameter.requires_grad:
            nn.init.normal_(parameter)
    return base, model


@pytest.mark.parametrize("merged", [False, True])
def test_an_adapter_comes_back_with_the_head_that_was_trained_whole(tmp_path, trained, merged):
    base, model = trained
    before = model(X)
    if merged:
        merge_lora(model)
    save_adapter(model, tmp_path / "adapter")
    fresh = Net()
    fresh.load_state_dict(base)
    assert load_adapter(fresh, tmp_path / "adapter") == ["table", "body"]
    assert nn.equal(fresh(X), before)
    assert not any(p.requires_grad for p in fresh.parameters())
    unload_lora(fresh, merge=False)
    load_adapter(fresh, tmp_path / "adapter", is_trainable=True)
    assert sum(p.requires_grad for p in fresh.parameters()) == 6


def test_the_file_holds_the_adapter_alone_by_pefts_names(tmp_path, trained):
    save_adapter(trained[1], tmp_path)
    shapes = {name: value.shape for name, value in nn.load(tmp_path / "adapter_model.safetensors").items()}
    assert shapes == {
        "base_model.model.table.lora_embedding_A": (2, 7),
        "base_model.model.table.lora_embedding_B": (4, 2),
        "base_model.model.body.lora_A.weight": (2, 4),
        "base_model.model.body.lora_B.weight": (4, 2),
        "base_model.model.head.weight": (3, 4),
        "base_model.model.head.bias": (3,),
    }
    config = json.loads((tmp_path / "adapter_config.json").read_text(encoding="utf-8"))
    assert (config["peft_type"], config["r"], config["lora_alpha"]) == ("LORA", 2, 4)
    assert (config["target_modules"], config["modules_to_save"]) == (["body", "table"], ["head"])


def test_targets_that_were_not_named_are_written_by_name(tmp_path):
    model = Net()
    inject_lora(model)
    save_adapter(model, tmp_path)
    assert json.loads((tmp_path / "adapter_config.json").read_text())["target_modules"] == ["body", "head"]
    assert load_adapter(Net(), tmp_path) == ["body", "head"]


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (
            lambda: Net(width=5),
            r"another model; 'base_model\.model\.body\.lora_A\.weight' must be \(2, 5\) for Net, got ",
        ),
        (lambda: Net(classes=2), r"another model; 'base_model\.model\.head\.bias' must be \(2,\) for Net, got \(3,\)"),
        (lambda: nn.Sequential(nn.Linear(4, 4)), r"another model; load_adapter: the model has no layer 'head'"),
    ],
)
def test_an_adapter_of_another_model_is_refused_and_the_model_stays(tmp_path, trained, other, message):
    save_adapter(trained[1], tmp_path)
    model = other()
    before, names = states(model), list(model.state_dict())
    with pytest.raises(nn.CheckpointError, match=message):
        load_adapter(model, tmp_path)
    assert (states(model), list(model.state_dict())) == (before, names)
    assert all(p.requires_grad for p in model.parameters())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"peft_type": "IA3"}, "peft_type must be 'LORA', got 'IA3'"),
        ({"use_dora": True}, "use_dora must be False, got True, which is not known here"),
        ({"rank_pattern": {"body": 4}}, "rank_pattern must be {}, got {'body': 4}"),
        ({"bias": "all"}, "bias must be 'none', got 'all'"),
        ({"r": 0}, "r must be a whole number of 1 or more, got 0"),
        ({"r": 3}, r"'base_model\.model\.body\.lora_A\.weight' must be \(3, 4\) for Net, got \(2, 4\)"),
        (
            {"target_modules": ["table", "body", "head"], "modules_to_save": None},
            "no place for 'base_model.model.head.",
        ),
        ({"target_modules": ["body"]}, "no place for 'base_model.model.table.lora_embedding_A'"),
    ],
)
def test_a_configuration_that_is_not_known_or_does_not_fit_is_refused(tmp_path, trained, change, message):
    save_adapter(trained[1], tmp_path)
    path = tmp_path / "adapter_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(nn.CheckpointError, match=message):
        load_adapter(Net(), tmp_path)


def test_damaged_and_missing_files_and_a_second_adapter_are_refused(tmp_path, trained):
    with pytest.raises(FileNotFoundError):
        load_adapter(Net(), tmp_path / "nowhere")
    save_adapter(trained[1], tmp_path)
    with pytest.raises(nn.CheckpointError, match=r"Net has adapters already; call nn\.tuning\.unload_lora before"):
        load_adapter(trained[1], tmp_path)
    state = nn.load(tmp_path / "adapter_model.safetensors")
    del state["base_model.model.head.bias"]
    nn.save(state, tmp_path / "adapter_model.safetensors")
    with pytest.raises(nn.CheckpointError, match=r"another model; it lacks 'base_model\.model\.head\.bias'"):
        load_adapter(Net(), tmp_path)
    (tmp_path / "adapter_config.json").write_text("{")
    with pytest.raises(nn.CheckpointError, match="it is no JSON"):
        load_adapter(Net(), tmp_path)
    with pytest.raises(ValueError, match="save_adapter: Net has no adapters"):
        save_adapter(Net(), tmp_path)


def test_numbers_survive_to_the_bit(tmp_path, trained):
    save_adapter(trained[1], tmp_path)
    read = nn.load(tmp_path / "adapter_model.safetensors")["base_model.model.body.lora_A.weight"]
    np.testing.assert_array_equal(read.numpy(), trained[1].body.lora_A.weight.detach().numpy())
