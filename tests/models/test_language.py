"""Language models read on with a cache as without one, draw what their options allow, and travel in folders."""

import json

import numpy as np
import pytest

import nn
from nn.models import GPT, GPTConfig, Llama, LlamaConfig
from nn.models.language import warped
from nn.tuning import LoraConfig, inject_lora, merge_lora, trainable

GPT_SIZES = dict(vocab_size=11, n_positions=12, n_embd=8, n_layer=2, n_head=2)
LLAMA_SIZES = dict(vocab_size=11, hidden_size=16, intermediate_size=12, num_hidden_layers=2, num_attention_heads=4,
                   num_key_value_heads=2, head_dim=4, max_position_embeddings=12)  # fmt: skip
SMALL = {
    "gpt": lambda **options: GPT(GPTConfig(**{**GPT_SIZES, **options})),
    "llama": lambda **options: Llama(LlamaConfig(**{**LLAMA_SIZES, **options})),
}


@pytest.fixture(params=SMALL)
def model(request):
    nn.manual_seed(0)
    made = SMALL[request.param]()
    for parameter in made.parameters():  # larger than at first, so that logits differ
        parameter.data.mul_(8 if parameter.ndim > 1 else 1)
    return made.eval()


TOKENS = nn.tensor([[1, 2, 3, 4, 5, 6, 7], [0, 10, 0, 10, 0, 10, 1]])


def as_array(tensor):
    return tensor.detach().numpy()


def test_a_token_sees_those_before_it_alone(model):
    other = TOKENS.clone()
    other[:, 5:] = 9
    np.testing.assert_allclose(as_array(model(TOKENS))[:, :5], as_array(model(other))[:, :5], rtol=1e-5, atol=1e-5)
    assert not np.allclose(as_array(model(TOKENS))[:, 5:], as_array(model(other))[:, 5:])


@pytest.mark.parametrize("parts", [[7], [1] * 7, [3, 1, 3]])
def test_with_a_cache_the_logits_are_those_without(model, parts):
    cache = model.new_cache()
    found = [model(part, cache) for part in nn.split(TOKENS, parts, dim=1)]
    np.testing.assert_allclose(as_array(nn.cat(found, 1)), as_array(model(TOKENS)), rtol=1e-4, atol=1e-5)


def test_generation_is_what_reading_the_whole_text_again_gives_also_beyond_the_positions(model):
    text = TOKENS
    for _ in range(9):
        text = nn.cat([text, model(text[:, -12:])[:, -1].argmax(-1, keepdim=True)], 1)
    assert nn.equal(model.generate(TOKENS, 9, do_sample=False), text)
    assert nn.equal(model.generate(TOKENS, 9, temperature=0), text)
    assert model.generate(nn.tensor([[1] * 30]), 2).shape == (1, 32)


def test_a_stream_gives_what_generate_gives_and_leaves_mode_and_gradients_alone(model):
    model.train()
    stream = model.stream(TOKENS, 5, top_k=4, generator=nn.Generator().manual_seed(1))
    found = []
    for token in stream:
        assert model.training
        assert nn.is_grad_enabled()
        found.append(token)
    assert nn.equal(
        nn.stack(found, 1), model.generate(TOKENS, 5, top_k=4, generator=nn.Generator().manual_seed(1))[:, 7:]
    )


def test_a_text_that_is_done_repeats_its_end_until_all_are(model):
    first = int(model.generate(TOKENS[:1], 1, do_sample=False)[0, -1])
    both = model.generate(TOKENS, 4, do_sample=False, eos_token_id=first)
    assert (both[0, 7:] == first).all()
    assert model.generate(TOKENS[:1], 4, do_sample=False, eos_token_id=first).shape == (1, 8)


def test_draws_have_the_probabilities_of_the_logits(model):
    expected = as_array(nn.softmax(model(TOKENS[:1])[0, -1] / 2, 0))
    many = nn.tensor(np.repeat(TOKENS[:1].numpy(), 4000, 0))
    drawn = model.generate(many, 1, temperature=2.0, generator=nn.Generator().manual_seed(0))[:, -1]
    np.testing.assert_allclose(np.bincount(drawn.numpy(), minlength=11) / 4000, expected, atol=0.03)


def test_top_k_and_top_p_leave_the_most_probable():
    logits = np.log(np.array([[0.5, 0.25, 0.15, 0.1], [0.1, 0.15, 0.25, 0.5]]))

    def left(**options):
        return np.isfinite(warped(logits, **options)).tolist()

    assert left(top_k=2) == [[True, True, False, False], [False, False, True, True]]
    assert left(top_p=0.5) == [[True, False, False, False], [False, False, False, True]]
    assert left(top_p=0.76) == [[True, True, True, False], [False, True, True, True]]
    assert left(top_p=1e-9, top_k=3) == [[True, False, False, False], [False, False, False, True]]
    assert left(top_k=9, top_p=1.0) == [[True] * 4] * 2
    np.testing.assert_allclose(warped(logits, 2.0), logits / 2)
    assert warped(logits.astype(np.float32), 0.7, 2, 0.9).dtype == np.float32


def test_the_weights_of_every_attention_can_be_seen(model):
    weights = nn.viewing.attention_weights(model, TOKENS)
    assert len(weights) == 2
    for found in weights.values():
        assert found.shape == (2, 2 if isinstance(model, GPT) else 4, 7, 7)
        assert (np.triu(found, 1) == 0).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"temperature": -1}, "temperature must be 0 or more, got -1"),
        ({"temperature": float("nan")}, "temperature must be 0 or more, got nan"),
        ({"top_k": 0}, "top_k must be a whole number of 1 or more, got 0"),
        ({"top_k": 1.5}, "top_k must be a whole number of 1 or more, got 1.5"),
        ({"top_p": 0}, "top_p must be above 0 and at most 1, got 0"),
        ({"top_p": 1.5}, "top_p must be above 0 and at most 1, got 1.5"),
        ({"max_new_tokens": -1}, "max_new_tokens must be a whole number of 0 or more, got -1"),
        ({"max_new_tokens": 2.0}, r"max_new_tokens must be a whole number of 0 or more, got 2\.0"),
        ({"input_ids": nn.zeros(1, 0, dtype=nn.int64)}, r"input_ids must hold at least one token, got \(1, 0\)"),
        ({"input_ids": nn.tensor([1, 2])}, r"input_ids must be \(N, T\) whole numbers, got \(2,\) of int64"),
        ({"input_ids": nn.ones(1, 2)}, r"whole numbers, got \(1, 2\) of float32"),
        (
            {"input_ids": nn.tensor([[1, 11]])},
            "tokens must be from 0 to 10, got 1 to 11; is the tokeniser another model's",
        ),
        ({"input_ids": nn.tensor([[-1]])}, "tokens must be from 0 to 10, got -1 to -1"),
    ],
)
def test_bad_options_of_generation_are_refused_at_the_call(model, options, message):
    with pytest.raises(ValueError, match=message):
        model.stream(**{"input_ids": TOKENS, "max_new_tokens": 1, **options})


def test_a_list_of_tokens_is_refused(model):
    with pytest.raises(TypeError) as error:
        model.generate([[1, 2]], 3)
    assert str(error.value) == (
        f"{type(model).__name__}: input_ids must be a tensor, got list; give nn.tensor([[1, 2, 3]])"
    )


def test_more_tokens_than_positions_are_refused(model):
    with pytest.raises(ValueError, match="13 tokens are more than the 12 positions of the model; give the last ones"):
        model(nn.ones(1, 13, dtype=nn.int64))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: GPTConfig(n_embd=10, n_head=3), "n_embd must be a multiple of n_head, got 10 and 3"),
        (lambda: GPTConfig(n_layer=0), "GPTConfig: n_layer must be a whole number of 1 or more, got 0"),
        (lambda: GPTConfig(activation_function="gleu"), "activation_function must be one of gelu_new, .*, got 'gleu'"),
        (
            lambda: LlamaConfig(num_attention_heads=4, num_key_value_heads=3),
            "multiple of num_key_value_heads, got 4 and 3",
        ),
        (lambda: LlamaConfig(hidden_size=10, num_attention_heads=4), "multiple of num_attention_heads, got 10 and 4"),
        (lambda: LlamaConfig(hidden_size=12, num_attention_heads=4), "the width of a head must be even, got 3"),
        (lambda: LlamaConfig(vocab_size=2.5), r"LlamaConfig: vocab_size must be a whole number of 1 or more, got 2\.5"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_lora_in_the_attention_merges_and_few_parameters_are_trained(model):
    names = inject_lora(
        model, LoraConfig(r=1, target_modules=["c_attn"] if isinstance(model, GPT) else ["q_proj", "v_proj"])
    )
    assert len(names) == (2 if isinstance(model, GPT) else 4)
    for parameter in model.parameters():
        if parameter.requires_grad:
            nn.init.normal_(parameter, std=0.2)
    before = as_array(model(TOKENS))
    merge_lora(model)
    np.testing.assert_allclose(as_array(model(TOKENS)), before, rtol=1e-4, atol=1e-5)
    trained, whole = trainable(model)
    assert 0 < trained < whole / 5


class TestFolders:
    @pytest.fixture(autouse=True)
    def _library(self):
        pytest.importorskip("safetensors", reason="the extra safetensors is not installed")

    def test_a_model_comes_back_from_its_folder(self, model, tmp_path):
        model.save_pretrained(tmp_path)
        again = type(model).from_pretrained(tmp_path)
        assert again.config == model.config
        assert nn.equal(again(TOKENS), model(TOKENS))
        assert (again.lm_head.weight is again.transformer.wte.weight) if isinstance(model, GPT) else True

    def test_names_without_the_prefix_masks_and_several_files_are_read(self, model, tmp_path):
        model.save_pretrained(tmp_path)
        state = nn.load(tmp_path / "model.safetensors")
        names = sorted(state)
        bare = {name.removeprefix(model.prefix): state[name] for name in names}
        if isinstance(model, GPT):
            bare["h.0.attn.bias"] = nn.ones(1, 1, 12, 12)
        (tmp_path / "model.safetensors").unlink()
        half = {name: f"model-{i % 2}.safetensors" for i, name in enumerate(bare)}
        for file in set(half.values()):
            nn.save({name: bare[name] for name in bare if half[name] == file}, tmp_path / file)
        (tmp_path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": half}))
        assert nn.equal(type(model).from_pretrained(tmp_path)(TOKENS), model(TOKENS))

    def test_the_layout_of_gpt_2_is_in_by_out(self, tmp_path):
        model = SMALL["gpt"]()
        model.save_pretrained(tmp_path)
        state = nn.load(tmp_path / "model.safetensors")
        assert state["transformer.h.0.attn.c_attn.weight"].shape == (8, 24)
        assert nn.equal(state["transformer.h.1.attn.c_proj.weight"], model.transformer.h[1].attn.c_proj.weight.T)
        assert "lm_head.weight" not in state

    def test_another_models_folder_is_refused(self, model, tmp_path):
        model.save_pretrained(tmp_path)
        other = Llama if isinstance(model, GPT) else GPT
        with pytest.raises(nn.CheckpointError, match=rf"no configuration of {other.__name__}; model_type must be"):
            other.from_pretrained(tmp_path)
        wide = SMALL["gpt" if isinstance(model, GPT) else "llama"](vocab_size=12)
        with pytest.raises(nn.CheckpointError, match=r"it is of another model; load_state_dict: .* \(12, \d+\) in"):
            wide.load_weights(tmp_path)
        nn.save({"other.weight": nn.ones(1)}, tmp_path / "other.safetensors")
        with pytest.raises(nn.CheckpointError, match=r"another model than this \w+: it lacks '\S+' and \d+ more"):
            model.load_weights(tmp_path / "other.safetensors")
        more = {**nn.load(tmp_path / "model.safetensors"), "other.weight": nn.ones(1)}
        nn.save(more, tmp_path / "other.safetensors")
        with pytest.raises(nn.CheckpointError, match=r"it has '\S*other\.weight'"):
            model.load_weights(tmp_path / "other.safetensors")
        (tmp_path / "config.json").write_text("{")
        with pytest.raises(nn.CheckpointError, match="no configuration of"):
            type(model).from_pretrained(tmp_path)
        with pytest.raises(FileNotFoundError):
            type(model).from_pretrained(tmp_path / "nowhere")

    def test_options_that_are_not_known_are_refused(self, model, tmp_path):
        model.save_pretrained(tmp_path)
        path = tmp_path / "config.json"
        written = json.loads(path.read_text())
        for change in (
            [{"scale_attn_by_inverse_layer_idx": True}, {"activation_function": "tanh"}, {"n_head": 3}]
            if isinstance(model, GPT)
            else [{"rope_parameters": {"rope_type": "yarn"}}, {"hidden_act": "gelu"}, {"rope_scaling": {"factor": 2}}]
        ):
            path.write_text(json.dumps({**written, **change}))
            with pytest.raises(nn.CheckpointError, match=r"config\.json: it is no configuration of .*, got"):
                type(model).from_pretrained(tmp_path)

    def test_adapters_are_not_written_as_a_model(self, model, tmp_path):
        inject_lora(model)
        with pytest.raises(ValueError, match=r"the model has adapters; call nn\.tuning\.unload_lora before, or"):
            model.save_pretrained(tmp_path)
