"""The layer table: what it counts (against torchinfo where it is installed), and what it leaves as it was."""

import numpy as np
import pytest

import nn


def cnn(t):
    return t.Sequential(
        t.Conv2d(3, 8, 3, padding=1), t.BatchNorm2d(8), t.ReLU(), t.MaxPool2d(2),
        t.Sequential(t.Conv2d(8, 4, (3, 1), groups=2, bias=False), t.Dropout(0.2)), t.Flatten(),
        t.Linear(4 * 2 * 4, 5), t.LayerNorm(5),
    )  # fmt: skip


def mlp(t):
    shared = t.Linear(6, 6)
    return t.Sequential(shared, t.Tanh(), shared, t.Linear(6, 2))


def three(t):
    return t.Sequential(t.Conv3d(1, 2, 2), t.InstanceNorm3d(2, affine=True), t.PReLU(2))


MODELS = {"cnn": (cnn, (2, 3, 8, 8)), "mlp": (mlp, (7, 6)), "3d": (three, (2, 1, 3, 4, 5))}


@pytest.mark.parametrize(("make", "size"), MODELS.values(), ids=MODELS)
def test_counts_are_torchinfo_s(make, size):
    torchinfo = pytest.importorskip("torchinfo", reason="the oracle torchinfo is not installed")
    torch = pytest.importorskip("torch", reason="the oracle PyTorch is not installed")
    ours, theirs = nn.summary(make(nn), size), torchinfo.summary(make(torch.nn), size, verbose=0)
    assert ours.total_params == theirs.total_params
    assert ours.trainable_params == theirs.trainable_params
    assert ours.total_mult_adds == theirs.total_mult_adds
    assert ours.input_bytes == 4 * np.prod(size)  # theirs adds the size of a Python object
    assert ours.param_bytes == theirs.total_param_bytes
    assert len(ours.layers) == len(theirs.summary_list)
    for a, b in zip(ours.layers, theirs.summary_list, strict=True):
        assert (a.type, a.depth) == (b.class_name, b.depth)
        assert (list(a.input_size), list(a.output_size)) == (list(b.input_size), list(b.output_size))
        assert a.params == max(b.num_params, 0)
        if a.leaf:
            assert a.mult_adds == b.macs


def test_a_linear_layer_is_used_for_every_row():
    assert nn.summary(nn.Linear(6, 2), (7, 3, 6)).total_mult_adds == 7 * 3 * 14


def test_the_table():
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2, bias=False))
    model[2].requires_grad_(False)
    text = str(nn.summary(model, input_size=(16, 4)))
    rows = text.splitlines()
    assert rows[1].split("  ")[0] == "Layer (type: depth)"
    assert [" ".join(row.split()) for row in rows[4:7]] == [
        "Linear (0): 1 [16, 4] [16, 8] 40 yes 640 672",
        "ReLU (1): 1 [16, 8] [16, 8] -- -- -- 512",
        "Linear (2): 1 [16, 8] [16, 2] 16 no 256 192",
    ]
    assert rows[3].split()[6:8] == ["56", "partly"]
    for line in ("Total params: 56", "Trainable params: 40", "Non-trainable params: 16", "Total mult-adds: 896",
                 "Input bytes: 256", "Params bytes: 224"):  # fmt: skip
        assert line in text
    assert repr(nn.summary(model, (16, 4))) == text
    assert len({len(row) for row in rows[1:6] if not row.startswith("=")}) == 1


def test_a_layer_that_runs_twice_is_shown_twice_and_counted_once():
    layer = nn.Linear(3, 3)
    found = nn.summary(nn.Sequential(layer, layer), (2, 3))
    assert [row.again for row in found.layers] == [False, False, True]
    assert found.total_params == 12
    assert found.total_mult_adds == 48
    assert "(again)" in str(found)


def test_depth_shows_less_and_counts_the_same():
    model = cnn(nn)
    whole, top = nn.summary(model, (2, 3, 8, 8)), nn.summary(model, (2, 3, 8, 8), depth=1)
    assert max(row.depth for row in top.layers) == 1
    assert max(row.depth for row in whole.layers) == 2
    assert (whole.total_mult_adds, whole.output_bytes) == (top.total_mult_adds, top.output_bytes)


def test_the_model_stays_as_it_was():
    model = cnn(nn)
    model[4].eval()
    before = {name: value.numpy().copy() for name, value in model.state_dict().items()}
    nn.summary(model, (2, 3, 8, 8), mode="train")
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value.numpy(), before[name])
    assert (model.training, model[4].training) == (True, False)
    assert not any(kind for module in model.modules() for kind in module._hooks.values())
    with pytest.raises(nn.ShapeError):
        nn.summary(model, (2, 4, 8, 8))
    assert model.training
    assert not any(kind for module in model.modules() for kind in module._hooks.values())


def test_inputs_may_be_given():
    class Two(nn.Module):
        def __init__(self):
            super().__init__()
            self.table = nn.Embedding(10, 3)
            self.fc = nn.LazyLinear(2)

        def forward(self, index, scale):
            return {"y": self.fc(self.table(index) * scale)}

    found = nn.summary(Two(), input_data=[np.array([[1, 2], [3, 4]]), nn.ones(2, 2, 3)])
    assert [row.type for row in found.layers] == ["Two", "Embedding", "Linear"]
    assert found.layers[0].output_size == (2, 2, 2)
    assert found.total_params == 38
    found = nn.summary(Two(), input_size=[(2, 2), (2, 2, 3)], dtypes=[nn.int64, nn.float32])
    assert found.input_bytes == 4 * 8 + 12 * 4
    assert nn.summary(nn.Linear(2, 2).double(), (1, 2)).input_bytes == 16


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (dict(), "expected either input_size or input_data; give one of them"),
        (
            dict(input_size=(1, 2), input_data=nn.ones(1, 2)),
            "expected either input_size or input_data; give one of them",
        ),
        (dict(input_size=(1, 2), mode="test"), "mode must be eval or train, got 'test'"),
        (dict(input_size=[(1, 2), (1, 2)], dtypes=[nn.float32]), "expected 2 dtypes, one for each input, got 1"),
    ],
)
def test_messages(arguments, message):
    with pytest.raises(nn.RangeError, match=f"summary: {message}"):
        nn.summary(nn.Linear(2, 2), **arguments)
