"""Adapters are exchanged with the library PEFT in both directions: the same files, the same results."""

import json
import warnings

import numpy as np
import pytest

import nn
from nn.tuning import LoraConfig, inject_lora, load_adapter, merge_lora, save_adapter

torch = pytest.importorskip("torch", reason="the oracle PyTorch is not installed")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    peft = pytest.importorskip("peft", reason="the oracle PEFT is not installed")


def network(lib):
    class Net(lib.Module):
        def __init__(self):
            super().__init__()
            self.table = lib.Embedding(11, 12)
            self.convs = lib.Sequential(lib.Conv2d(1, 4, 3, stride=2, padding=1), lib.ReLU(), lib.Conv2d(4, 4, (1, 2)))
            self.body = lib.Linear(40, 8, bias=False)
            self.head = lib.Linear(8, 3)

        def forward(self, x):
            maps = self.convs(self.table(x)[:, None])
            return self.head(self.body(maps.flatten(1)).relu())

    return Net()


SETTINGS = {
    "all kinds": dict(r=2, lora_alpha=4, target_modules=["table", "convs.0", "convs.2", "body"]),
    "rank-stabilised": dict(r=4, lora_alpha=4, target_modules=["body", "head"], use_rslora=True),
    "a new head": dict(r=1, target_modules=r"(body|convs\.[02])", modules_to_save=["head"], lora_dropout=0.5),
}
TOKENS = np.array([[0, 1, 2], [10, 3, 3]])


@pytest.fixture
def both():
    ours, theirs = network(nn), network(torch.nn)
    ours.load_state_dict(theirs.state_dict())
    return ours.eval(), theirs.eval()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", SETTINGS)
def test_pefts_adapter_gives_its_results_here(both, tmp_path, kind):
    ours, theirs = both
    wrapped = peft.get_peft_model(theirs, peft.LoraConfig(**SETTINGS[kind])).eval()
    for parameter in wrapped.parameters():
        if parameter.requires_grad:
            torch.nn.init.normal_(parameter, std=0.5)
    wrapped.save_pretrained(tmp_path)
    load_adapter(ours, tmp_path)
    expected = wrapped(torch.tensor(TOKENS)).detach().numpy()
    np.testing.assert_allclose(ours(nn.tensor(TOKENS)).detach().numpy(), expected, rtol=1e-5, atol=1e-5)
    merge_lora(ours)
    np.testing.assert_allclose(ours(nn.tensor(TOKENS)).detach().numpy(), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", SETTINGS)
def test_our_adapter_gives_its_results_in_peft(both, tmp_path, kind):
    ours, theirs = both
    inject_lora(ours, LoraConfig(**SETTINGS[kind]))
    for parameter in ours.parameters():
        if parameter.requires_grad:
            nn.init.normal_(parameter, std=0.5)
    save_adapter(ours, tmp_path)
    before = theirs(torch.tensor(TOKENS)).detach().numpy()
    wrapped = peft.PeftModel.from_pretrained(theirs, str(tmp_path)).eval()
    expected = wrapped(torch.tensor(TOKENS)).detach().numpy()
    assert np.abs(expected - before).max() > 0.01
    np.testing.assert_allclose(ours(nn.tensor(TOKENS)).detach().numpy(), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.filterwarnings("ignore")
def test_the_files_have_the_same_names_shapes_and_options(both, tmp_path):
    ours, theirs = both
    inject_lora(ours, LoraConfig(**SETTINGS["all kinds"]))
    save_adapter(ours, tmp_path / "ours")
    peft.get_peft_model(theirs, peft.LoraConfig(**SETTINGS["all kinds"])).save_pretrained(tmp_path / "theirs")
    shapes, configs = [], []
    for folder in ("ours", "theirs"):
        state = nn.load(tmp_path / folder / "adapter_model.safetensors")
        shapes.append({name: value.shape for name, value in state.items()})
        configs.append(json.loads((tmp_path / folder / "adapter_config.json").read_text(encoding="utf-8")))
    assert shapes[0] == shapes[1]
    ours, theirs = ({**c, "target_modules": sorted(c["target_modules"])} for c in configs)
    assert ours == {name: theirs[name] for name in ours}
