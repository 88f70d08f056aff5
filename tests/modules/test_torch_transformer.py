"""Transformers against PyTorch: every argument, masks, state, values and two orders of gradients."""

import numpy as np
import pytest
from oracle import normal, torch
from twins import compare_modules, plain_kernels, with_masks

import nn

pytestmark = [
    pytest.mark.usefixtures(plain_kernels.__name__),
    pytest.mark.filterwarnings("ignore:enable_nested_tensor:UserWarning"),
    pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors:UserWarning"),
]
OPTIONS = {
    "plain": {}, "norm first": {"norm_first": True}, "gelu": {"activation": "gelu"}, "no bias": {"bias": False},
    "batch first": {"batch_first": True}, "eps": {"layer_norm_eps": 0.1, "norm_first": True, "batch_first": True},
}  # fmt: skip
CAUSAL = np.triu(np.ones((3, 3), bool), 1)
HIDDEN = np.array([[False, False, True], [False, True, True]])
MASKS = {
    "none": {}, "mask": {"src_mask": CAUSAL}, "causal": {"src_mask": CAUSAL, "is_causal": True},
    "padding": {"src_key_padding_mask": HIDDEN}, "both": {"src_mask": CAUSAL, "src_key_padding_mask": HIDDEN},
    "float": {"src_mask": np.linspace(-1, 1, 9).reshape(3, 3)},
}  # fmt: skip


@pytest.mark.parametrize("masks", MASKS.values(), ids=MASKS)
@pytest.mark.parametrize("given", OPTIONS.values(), ids=OPTIONS)
def test_encoder_layer(given, masks, rng):
    shape = (2, 3, 4) if given.get("batch_first") else (3, 2, 4)
    compare_modules(
        lambda t: t.TransformerEncoderLayer(4, 2, 6, **given), rng.normal(size=shape), named=with_masks(masks)
    )


@pytest.mark.parametrize("activation", ["a function", "a module"])
def test_activations(activation, rng):
    def make(t):
        functional = nn.functional if t is nn else torch.nn.functional
        own = functional.silu if activation == "a function" else t.Tanh()
        return t.TransformerEncoderLayer(4, 2, 6, activation=own)

    compare_modules(make, rng.normal(size=(3, 2, 4)))


def test_torch_s_fused_kernels_agree_too(rng):
    with torch.nn.attention.sdpa_kernel(list(torch.nn.attention.SDPBackend.__members__.values())):
        compare_modules(
            lambda t: t.TransformerEncoderLayer(4, 2, 6), rng.normal(size=(3, 2, 4)), orders=1,
            named=with_masks(MASKS["both"]),
        )  # fmt: skip


@pytest.mark.parametrize("masks", [
    {}, {"tgt_mask": CAUSAL}, {"tgt_mask": CAUSAL, "tgt_is_causal": True, "memory_mask": np.eye(3, 5, dtype=bool)},
    {"tgt_key_padding_mask": HIDDEN, "memory_key_padding_mask": np.array([[False] * 4 + [True]] * 2)},
], ids=["none", "causal", "both", "padding"])  # fmt: skip
@pytest.mark.parametrize("given", OPTIONS.values(), ids=OPTIONS)
def test_decoder_layer(given, masks, rng):
    shapes = ((2, 3, 4), (2, 5, 4)) if given.get("batch_first") else ((3, 2, 4), (5, 2, 4))
    compare_modules(
        lambda t: t.TransformerDecoderLayer(4, 2, 6, **given), *normal(rng, *shapes), named=with_masks(masks)
    )


@pytest.mark.parametrize("kind", ["Encoder", "Decoder"])
@pytest.mark.parametrize("norm", [True, False])
def test_stacks(kind, norm, rng):
    def make(t):
        layer = getattr(t, f"Transformer{kind}Layer")(4, 2, 6, batch_first=True)
        return getattr(t, f"Transformer{kind}")(layer, 2, t.LayerNorm(4) if norm else None)

    inputs = normal(rng, (2, 3, 4), (2, 5, 4))[: 1 if kind == "Encoder" else 2]
    masks = {"mask": CAUSAL, "src_key_padding_mask": HIDDEN} if kind == "Encoder" else {"tgt_mask": CAUSAL}
    compare_modules(make, *inputs)
    compare_modules(make, *inputs, named=with_masks(masks))
    layers = make(nn).layers
    assert layers[0].linear1.weight is not layers[1].linear1.weight


@pytest.mark.parametrize("given", [{}, {"norm_first": True, "batch_first": True}, {"bias": False}], ids=str)
def test_transformer(given, rng):
    shapes = ((2, 3, 4), (2, 5, 4)) if given.get("batch_first") else ((3, 2, 4), (5, 2, 4))

    def masks(top, dtype):
        mask = (nn if top is nn else torch.nn).Transformer.generate_square_subsequent_mask(5, dtype=dtype)
        return {"tgt_mask": mask, "tgt_is_causal": True}

    make = lambda t: t.Transformer(4, 2, 1, 2, 6, **given)
    compare_modules(make, *normal(rng, *shapes), named=masks, orders=1)
    compare_modules(make, *normal(rng, (3, 4), (5, 4)), orders=1)


def test_in_training_without_dropout_it_is_the_same(rng):
    compare_modules(lambda t: t.TransformerEncoderLayer(4, 2, 6, 0.0), rng.normal(size=(3, 2, 4)), train=True, orders=1)


def test_dropout_acts_in_training(rng):
    layer = nn.TransformerDecoderLayer(8, 2, 6, 0.5)
    x, memory = (nn.tensor(v.astype(np.float32)) for v in normal(rng, (3, 2, 8), (4, 2, 8)))
    assert (layer(x, memory) != layer(x, memory)).any()
    layer.eval()
    assert (layer(x, memory) == layer(x, memory)).all()


def test_custom_parts_initial_values_and_the_causal_mask():
    class Whole(nn.Module):
        def forward(self, *args, **kwargs):
            return args[0]

    model = nn.Transformer(4, 2, custom_encoder=Whole(), custom_decoder=Whole())
    x = nn.ones(2, 1, 4)
    assert (model(x, x) == x).all()
    mask = nn.Transformer.generate_square_subsequent_mask(3)
    assert mask.tolist() == torch.nn.Transformer.generate_square_subsequent_mask(3).tolist()
    assert nn.Transformer.generate_square_subsequent_mask(3, dtype=nn.float64).dtype == nn.float64
    weight = nn.Transformer(32, 2, 1, 1, 64).encoder.layers[0].linear1.weight.detach().numpy()
    bound = np.sqrt(6 / 96)
    assert 0.97 * bound < abs(weight).max() <= bound


CALLS = [
    lambda t, z: t.Transformer(4, 2, 1, 1, 6)(z(3, 2, 4), z(3, 1, 4)), lambda t, z: t.TransformerEncoderLayer(5, 2),
    lambda t, z: t.Transformer(4, 2, 1, 1, 6)(z(3, 2, 5), z(3, 2, 5)),
    lambda t, z: t.TransformerEncoderLayer(4, 2, 6, activation="tanh"),
    lambda t, z: t.TransformerEncoderLayer(4, 2, 6)(z(3, 2, 4), is_causal=True),
    lambda t, z: t.TransformerEncoderLayer(4, 2, 6)(z(3, 2, 4), z(2, 2)),
]  # fmt: skip


@pytest.mark.parametrize("call", CALLS)
def test_what_torch_refuses_is_refused(call):
    with pytest.raises(Exception) as theirs:
        call(torch.nn, torch.zeros)
    with pytest.raises(theirs.type):
        call(nn, nn.zeros)


def test_swiglu_is_its_formula(rng):
    layer, x = nn.SwiGLU(3, 5, bias=True).double(), rng.normal(size=(2, 4, 3))
    a, b = (x @ w.weight.detach().numpy().T + w.bias.detach().numpy() for w in (layer.w1, layer.w3))
    wanted = (a / (1 + np.exp(-a)) * b) @ layer.w2.weight.detach().numpy().T + layer.w2.bias.detach().numpy()
    np.testing.assert_allclose(layer(nn.tensor(x)).detach().numpy(), wanted, rtol=1e-12)
    assert list(nn.SwiGLU(3, 5).state_dict()) == ["w1.weight", "w2.weight", "w3.weight"]
