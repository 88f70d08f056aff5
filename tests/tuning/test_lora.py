"""An adapter starts as nothing, trains alone, and merged into the weights gives the same results."""

import copy

import numpy as np
import pytest
from trainings import fit, net, quiet

import nn
from nn.tuning import LoraConfig, inject_lora, merge_lora, trainable, unload_lora, unmerge_lora

LAYERS = {
    "linear": (lambda: nn.Linear(5, 4), lambda: nn.randn(2, 3, 5)),
    "without bias": (lambda: nn.Linear(5, 4, bias=False), lambda: nn.randn(2, 5)),
    "double": (lambda: nn.Linear(5, 4, dtype=np.float64), lambda: nn.randn(2, 5).double()),
    "embedding": (lambda: nn.Embedding(9, 4), lambda: nn.tensor([[0, 8], [3, 3]])),
    "embedding, padded": (lambda: nn.Embedding(9, 4, padding_idx=3), lambda: nn.tensor([[0, 8], [3, 3]])),
    "conv": (lambda: nn.Conv2d(3, 4, 3), lambda: nn.randn(2, 3, 6, 6)),
    "conv, strided": (lambda: nn.Conv2d(3, 4, (3, 2), stride=2, padding=1, dilation=2), lambda: nn.randn(2, 3, 9, 9)),
    "conv, circular": (
        lambda: nn.Conv2d(3, 4, 3, padding="same", padding_mode="circular", bias=False),
        lambda: nn.randn(2, 3, 6, 6),
    ),
    "conv, 1x1": (lambda: nn.Conv2d(3, 4, 1), lambda: nn.randn(2, 3, 6, 6)),
}


def adapted(kind, **options):
    """A model of one layer with an adapter that has been trained, and an input."""
    nn.manual_seed(0)
    make, give = LAYERS[kind]
    model = nn.Sequential(make())
    plain = copy.deepcopy(model)
    inject_lora(model, LoraConfig(**{"r": 2, "lora_alpha": 3, "target_modules": ["0"], **options}))
    return plain, model, give()


def moved(model):
    """Other values for what is trained."""
    for parameter in model.parameters():
        if parameter.requires_grad:
            nn.init.normal_(parameter)
    return model


@pytest.mark.parametrize("kind", LAYERS)
class TestLayer:
    def test_an_adapter_changes_nothing_until_it_is_trained(self, kind):
        plain, model, x = adapted(kind)
        assert nn.equal(model(x), plain(x))
        assert [name for name, p in model.named_parameters() if p.requires_grad] == [
            f"0.{name}" for name in model[0].names
        ]
        assert {p.dtype for p in model.parameters()} == {p.dtype for p in plain.parameters()}

    def test_its_gradients_are_those_of_differences(self, kind):
        _, model, x = adapted(kind)
        if getattr(model[0].base_layer, "padding_idx", None) is not None:
            x = x[:1]  # the row of padding gets no gradient
        model = moved(model).double()
        x = x.double() if x.is_floating_point() else x
        parameters = [p for p in model.parameters() if p.requires_grad]

        def value(*values):
            names = [name for name, p in model.named_parameters() if p.requires_grad]
            return nn.func.functional_call(model, dict(zip(names, values, strict=True)), (x,))

        assert nn.testing.gradcheck(value, tuple(p.detach().clone().requires_grad_() for p in parameters))

    def test_merged_equals_unmerged_and_goes_back_bit_for_bit(self, kind):
        _, model, x = adapted(kind)
        moved(model)
        before, weight = model(x), model[0].base_layer.weight.detach().numpy().tobytes()
        merge_lora(model)
        merge_lora(model)  # the second time nothing happens
        assert model[0].base_layer.weight.detach().numpy().tobytes() != weight
        np.testing.assert_allclose(model(x).detach().numpy(), before.detach().numpy(), rtol=1e-5, atol=1e-5)
        unmerge_lora(model)
        assert model[0].base_layer.weight.detach().numpy().tobytes() == weight
        assert nn.equal(model(x), before)

    def test_taken_out_it_leaves_a_plain_layer_with_or_without_what_it_learned(self, kind):
        plain, model, x = adapted(kind)
        moved(model)
        before, other = model(x), copy.deepcopy(model)
        unload_lora(model)
        unload_lora(other, merge=False)
        assert repr(model) == repr(other) == repr(plain)
        assert list(model.state_dict()) == list(plain.state_dict())
        np.testing.assert_allclose(model(x).detach().numpy(), before.detach().numpy(), rtol=1e-5, atol=1e-5)
        assert nn.equal(other(x), plain(x))


def test_a_merged_weight_is_the_sum_rounded_once(rng):
    model = nn.Sequential(nn.Linear(64, 32))
    inject_lora(model, LoraConfig(r=8, lora_alpha=24))
    own, a, b = (
        p.detach().numpy()
        for p in (model[0].base_layer.weight, *(moved(model)[0].get_parameter(name) for name in model[0].names))
    )
    exact = own.astype(np.float64) + 3 * b.astype(np.float64) @ a.astype(np.float64)
    merge_lora(model)
    assert np.array_equal(model[0].base_layer.weight.detach().numpy(), exact.astype(np.float32))


@pytest.mark.parametrize(("double", "largest"), [(False, 1e-5), (True, 1e-13)], ids=["float32", "float64"])
def test_a_merged_gpt_has_the_logits_of_the_unmerged_one_but_for_rounding(double, largest):
    model = nn.models.GPT(nn.models.GPTConfig(vocab_size=64, n_positions=32, n_embd=64, n_layer=4, n_head=4)).eval()
    inject_lora(model, LoraConfig(r=8, lora_alpha=16, target_modules=["wte", "c_attn", "c_proj", "c_fc"]))
    for name, parameter in model.named_parameters():
        if "lora_" in name:
            nn.init.normal_(parameter, std=0.2)
    if double:
        model.double()
    tokens = nn.randint(0, 64, (2, 32))
    with nn.no_grad():
        before = model(tokens)
        merge_lora(model)
        assert 0 < (model(tokens) - before).abs().max() < largest * before.abs().max()


def test_rank_stabilised_scaling_divides_by_the_root():
    assert LoraConfig(r=4, lora_alpha=8, use_rslora=True).scaling == 4.0
    assert LoraConfig(r=4, lora_alpha=8).scaling == 2.0


def test_dropout_acts_on_the_adapter_alone_and_in_training_alone():
    plain, model, x = adapted("linear", lora_dropout=0.9)
    moved(model)
    assert not nn.equal(model.train()(x), model(x))
    assert nn.equal(model.eval()(x), model(x))
    assert nn.equal(plain(x), model[0].base_layer(x))


def test_training_moves_the_adapter_and_the_new_head_alone():
    model = net()
    inject_lora(model, LoraConfig(r=1, target_modules=["0"], modules_to_save=["4"]))
    before = {name: value.numpy().tobytes() for name, value in model.state_dict().items()}
    fit(quiet(), model)
    after = {name: value.numpy().tobytes() for name, value in model.state_dict().items()}
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"0.lora_A.weight", "0.lora_B.weight", "4.weight", "4.bias"}


def test_targets_are_ends_of_names_or_one_regular_expression():
    def model():
        return nn.Sequential(nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2)), nn.Sequential(nn.Linear(2, 2), nn.ReLU()))

    assert (
        inject_lora(model()) == inject_lora(model(), LoraConfig(target_modules="all-linear")) == ["0.0", "0.1", "1.0"]
    )
    assert inject_lora(model(), LoraConfig(target_modules=["0.0", "1.0"])) == ["0.0", "1.0"]
    assert inject_lora(model(), LoraConfig(target_modules=r"\d\.0")) == ["0.0", "1.0"]
    assert inject_lora(model(), LoraConfig(target_modules=["0.0", "1.0"], modules_to_save=["1.0"])) == ["0.0"]


def test_a_shared_weight_stays_the_other_layers_own_and_a_shared_layer_has_one_adapter():
    tied = nn.Sequential(nn.Embedding(5, 3), nn.Linear(3, 5, bias=False))
    tied[1].weight = tied[0].weight
    inject_lora(tied, LoraConfig(r=2, target_modules=["0"]))
    moved(tied)
    x = nn.tensor([1, 4])
    before = tied(x)
    merge_lora(tied)
    np.testing.assert_allclose(tied(x).detach().numpy(), before.detach().numpy(), rtol=1e-5, atol=1e-5)
    layer = nn.Linear(3, 3)
    twice = nn.Sequential(layer, nn.ReLU(), layer)
    assert inject_lora(twice) == ["0", "2"]
    assert twice[0] is twice[2]
    unload_lora(twice)
    assert twice[0] is twice[2] is layer


def test_an_adapter_has_few_parameters():
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64))
    inject_lora(model, LoraConfig(r=1))
    trained, all_of_them = trainable(model)
    assert trained / all_of_them < 0.05


def test_bad_configurations_are_refused():
    for wrong in (0, -1, 2.0, True):
        with pytest.raises(ValueError, match="LoraConfig: r must be a whole number of 1 or more, got"):
            LoraConfig(r=wrong)
    with pytest.raises(ValueError, match="lora_dropout must be from 0 to below 1, got 1"):
        LoraConfig(lora_dropout=1)


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        (["cnov"], "inject_lora: the model has no layer 'cnov'; did you mean 'conv'"),
        ("cnov", "the pattern 'cnov' matches no layer; did you mean 'conv'"),
        (["attention.outproj"], "did you mean 'attention.out_proj'"),
        (["outproj"], "no layer 'outproj'; did you mean 'out_proj'"),
        (["qqq"], r"no layer 'qqq'; model\.named_modules\(\) lists the names"),
        (["norm"], "'norm' must be a Linear, an Embedding or a Conv2d, got BatchNorm2d"),
        (["groups"], "'groups' is a convolution in 2 groups"),
        (["out_proj"], "'attention.out_proj' must be a Linear.*got NonDynamicallyQuantizableLinear"),
    ],
)
def test_a_target_that_cannot_have_an_adapter_is_refused_and_the_model_stays(targets, message):
    model = nn.Sequential()
    for name, layer in {"conv": nn.Conv2d(2, 4, 3), "norm": nn.BatchNorm2d(4), "groups": nn.Conv2d(4, 4, 3, groups=2),
                        "attention": nn.MultiheadAttention(4, 2)}.items():  # fmt: skip
        model.add_module(name, layer)
    with pytest.raises(ValueError, match=message):
        inject_lora(model, LoraConfig(target_modules=targets))
    assert all(parameter.requires_grad for parameter in model.parameters())


def test_adapters_where_there_are_some_or_none_are_refused():
    for use in (merge_lora, unmerge_lora, unload_lora):
        with pytest.raises(ValueError, match=rf"{use.__name__}: Linear has no adapters; call inject_lora\(model\)"):
            use(nn.Linear(2, 2))
    model = nn.Sequential(nn.Linear(2, 2))
    inject_lora(model)
    with pytest.raises(ValueError, match=r"has adapters already; call unload_lora\(model\) before"):
        inject_lora(model)
    with pytest.raises(ValueError, match="ReLU has no Linear; name layers in target_modules"):
        inject_lora(nn.ReLU())
    with pytest.raises(TypeError, match=r"model must be an nn\.Module, got str"):
        inject_lora("model")
