"""GPT-2's and Llama's logits are those of the library transformers, whose folders are read and written."""

import warnings

import numpy as np
import pytest

import nn
from nn.models import GPT, Llama
from nn.models.language import warped
from nn.tuning import load_adapter

torch = pytest.importorskip("torch", reason="the oracle PyTorch is not installed")
pytest.importorskip("safetensors", reason="the extra safetensors is not installed")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    transformers = pytest.importorskip("transformers", reason="the oracle transformers is not installed")
    pytest.importorskip("transformers.models.gpt2", reason="the oracle transformers is too old")

pytestmark = pytest.mark.filterwarnings("ignore")

GPT2 = dict(vocab_size=29, n_positions=20, n_embd=16, n_layer=3, n_head=4, initializer_range=0.3)
LLAMA = dict(vocab_size=29, hidden_size=24, intermediate_size=40, num_hidden_layers=3, num_attention_heads=6,
             num_key_value_heads=2, max_position_embeddings=20, initializer_range=0.3)  # fmt: skip
MODELS = {
    "GPT-2": (GPT, transformers.GPT2Config, transformers.GPT2LMHeadModel, GPT2),
    "GPT-2, exact gelu": (GPT, transformers.GPT2Config, transformers.GPT2LMHeadModel,
                          {**GPT2, "activation_function": "gelu", "n_inner": 20, "layer_norm_epsilon": 1e-3}),
    "Llama": (Llama, transformers.LlamaConfig, transformers.LlamaForCausalLM, LLAMA),
    "Llama, tied": (Llama, transformers.LlamaConfig, transformers.LlamaForCausalLM,
                    {**LLAMA, "tie_word_embeddings": True, "rope_theta": 500.0, "head_dim": 6, "attention_bias": True}),
}  # fmt: skip
TOKENS = np.random.default_rng(0).integers(0, 29, (3, 20))


def theirs(kind):
    torch.manual_seed(0)
    ours, config, model, options = MODELS[kind]
    made = model(config(**options)).eval()
    for name, parameter in made.named_parameters():  # norms and biases too
        if parameter.ndim == 1:
            torch.nn.init.normal_(parameter, 1.0 if "ln_" in name or "norm" in name else 0.0, 0.2)
    return ours, made


@pytest.mark.parametrize("kind", MODELS)
def test_the_logits_are_those_of_the_same_weights(kind, tmp_path):
    ours, model = theirs(kind)
    model.save_pretrained(tmp_path)
    expected = model(torch.tensor(TOKENS)).logits.detach().numpy()
    found = ours.from_pretrained(tmp_path)(nn.tensor(TOKENS)).detach().numpy()
    assert expected.std() > 0.1
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", MODELS)
def test_our_folder_is_read_by_the_library(kind, tmp_path):
    ours, model = theirs(kind)
    model.save_pretrained(tmp_path / "theirs")
    ours = ours.from_pretrained(tmp_path / "theirs")
    ours.save_pretrained(tmp_path / "ours")
    again = type(model).from_pretrained(tmp_path / "ours").eval()
    assert {n: tuple(p.shape) for n, p in again.named_parameters()} == {
        n: tuple(p.shape) for n, p in model.named_parameters()
    }
    np.testing.assert_allclose(
        again(torch.tensor(TOKENS)).logits.detach().numpy(), ours(nn.tensor(TOKENS)).detach().numpy(),
        rtol=1e-4, atol=1e-5,
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["GPT-2", "Llama"])
def test_the_gradients_and_the_most_probable_text_are_the_same(kind, tmp_path):
    ours, model = theirs(kind)
    model.save_pretrained(tmp_path)
    ours = ours.from_pretrained(tmp_path)
    model(torch.tensor(TOKENS), labels=torch.tensor(TOKENS)).loss.backward()
    logits = ours(nn.tensor(TOKENS))
    nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), nn.tensor(TOKENS[:, 1:]).flatten()).backward()
    name = "transformer.wpe.weight" if kind == "GPT-2" else "model.layers.0.self_attn.k_proj.weight"
    expected = dict(model.named_parameters())[name].grad.numpy()
    np.testing.assert_allclose(ours.get_parameter(name).grad.numpy(), expected, rtol=1e-3, atol=1e-5)
    start = TOKENS[:, :4]
    seen = torch.ones(start.shape, dtype=int)
    text = model.generate(
        torch.tensor(start), attention_mask=seen, max_new_tokens=16, do_sample=False, eos_token_id=None
    )
    np.testing.assert_array_equal(ours.generate(nn.tensor(start), 16, do_sample=False).numpy(), text.numpy())


@pytest.mark.parametrize("options", [dict(top_k=3), dict(top_p=0.6), dict(temperature=0.5, top_k=9, top_p=0.8)])
def test_the_tokens_that_may_be_drawn_are_the_same(options):
    from transformers.generation import logits_process as theirs

    logits = np.random.default_rng(0).normal(size=(8, 29)).astype(np.float32)
    expected = torch.tensor(logits)
    for name, make in (("temperature", theirs.TemperatureLogitsWarper), ("top_k", theirs.TopKLogitsWarper),
                       ("top_p", theirs.TopPLogitsWarper)):  # fmt: skip
        if name in options:
            expected = make(options[name])(None, expected)
    np.testing.assert_allclose(warped(logits, **options), expected.numpy(), rtol=1e-6)


def test_an_adapter_that_peft_trained_for_gpt_2_gives_its_logits_here(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peft = pytest.importorskip("peft", reason="the oracle PEFT is not installed")
    ours, model = theirs("GPT-2")
    model.save_pretrained(tmp_path / "base")
    ours = ours.from_pretrained(tmp_path / "base")
    config = peft.LoraConfig(r=2, lora_alpha=8, target_modules=["c_attn", "wte", "mlp.c_proj"], fan_in_fan_out=True)
    wrapped = peft.get_peft_model(model, config)
    for parameter in wrapped.parameters():
        if parameter.requires_grad:
            torch.nn.init.normal_(parameter, std=0.2)
    wrapped.save_pretrained(tmp_path / "adapter")
    load_adapter(ours, tmp_path / "adapter")
    expected = wrapped.eval()(torch.tensor(TOKENS)).logits.detach().numpy()
    np.testing.assert_allclose(ours(nn.tensor(TOKENS)).detach().numpy(), expected, rtol=1e-4, atol=1e-5)
