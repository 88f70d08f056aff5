"""Exported models: onnxruntime computes what the model does, also for other lengths, and so does the file loaded."""

import re

import numpy as np
import pytest

import nn
from nn import functional as F
from nn.errors import CheckpointError

onnx = pytest.importorskip("onnx", minversion="1.0", reason="needs onnx: pip install 'fromzero[onnx]'")
import nn.onnx  # noqa: E402


@pytest.fixture(autouse=True)
def seeded():
    nn.manual_seed(0)


def flat(value):
    return [t for part in value for t in flat(part)] if isinstance(value, list | tuple) else [value]


def longer(array, axes):
    for axis in axes:
        array = np.concatenate([array, array.take([0, 1], axis)], axis)
    return array


def compare(model, *args, dynamic=(0,), tolerance=1e-5, run=True, tmp_path):
    """Export, then run by onnxruntime and by `load`, on these inputs and on longer ones."""
    path = tmp_path / "model.onnx"
    names = ["input"] if len(args) == 1 else [f"input_{i}" for i in range(len(args))]
    nn.onnx.export(model, args, path, dynamic_axes={name: list(dynamic) for name in names} if dynamic else None)
    loaded = nn.onnx.load(path)
    assert loaded.input_names == names
    model.eval()
    sizes = [[a.detach().numpy() for a in args]]
    if dynamic:
        sizes.append([longer(a, dynamic) for a in sizes[0]])
    for arrays in sizes:
        expected = [t.detach().numpy() for t in flat(model(*map(nn.tensor, arrays)))]
        found = {"load": [t.detach().numpy() for t in flat(loaded(*map(nn.tensor, arrays)))]}
        if run:
            ort = pytest.importorskip("onnxruntime", reason="needs onnxruntime: pip install onnxruntime")
            session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
            found["onnxruntime"] = session.run(None, dict(zip(names, arrays, strict=True)))
        for results in found.values():
            for got, want in zip(results, expected, strict=True):
                assert got.shape == want.shape
                assert got.dtype == want.dtype
                np.testing.assert_allclose(got, want, atol=tolerance, rtol=tolerance)
    return loaded


IMAGES = {
    str(layer): layer
    for layer in (
        nn.Conv2d(4, 8, 3, stride=2, padding=1), nn.Conv2d(4, 8, 3, groups=4, dilation=2),
        nn.Conv2d(4, 4, 3, padding="same"), nn.Conv2d(4, 3, 2, padding_mode="reflect", padding=1),
        nn.ConvTranspose2d(4, 3, 3, stride=2, padding=1, output_padding=1), nn.BatchNorm2d(4), nn.GroupNorm(2, 4),
        nn.InstanceNorm2d(4, affine=True), nn.LocalResponseNorm(2), nn.MaxPool2d(2),
        nn.MaxPool2d(3, 2, 1, ceil_mode=True),
        nn.AvgPool2d(3, 2, 1), nn.AvgPool2d(3, 2, 1, count_include_pad=False), nn.AvgPool2d(2, ceil_mode=True),
        nn.LPPool2d(2, 2), nn.AdaptiveAvgPool2d(3), nn.AdaptiveAvgPool2d(1), nn.AdaptiveMaxPool2d(2),
        nn.Upsample(scale_factor=2), nn.Upsample(size=(5, 9), mode="bilinear"),
        nn.Upsample(scale_factor=2, mode="bicubic"),
        nn.PixelShuffle(2), nn.ZeroPad2d((1, 2, 0, 1)), nn.ConstantPad2d(1, 2.0), nn.ReflectionPad2d(1),
        nn.ReplicationPad2d(2), nn.CircularPad2d(1), nn.Flatten(), nn.Unfold(2), nn.ChannelShuffle(2), nn.Dropout2d(),
        nn.Softmax2d(), nn.Identity(),
    )
}  # fmt: skip
VALUES = {
    str(layer): layer
    for layer in (
        nn.ReLU(), nn.GELU(), nn.GELU("tanh"), nn.SiLU(), nn.ELU(0.7), nn.SELU(), nn.CELU(0.5), nn.Hardswish(),
        nn.Hardsigmoid(), nn.LeakyReLU(), nn.PReLU(), nn.RReLU(), nn.Softplus(), nn.Softsign(), nn.Tanhshrink(),
        nn.LogSigmoid(), nn.Mish(), nn.ReLU6(), nn.Hardtanh(), nn.Softshrink(), nn.Hardshrink(),
        nn.Threshold(0.1, 2.0),
        nn.GLU(1), nn.Softmax(1), nn.LogSoftmax(-1), nn.Softmin(1), nn.Sigmoid(), nn.Tanh(), nn.LayerNorm(6),
        nn.RMSNorm(6), nn.Linear(6, 2), nn.Linear(6, 2, bias=False), nn.BatchNorm1d(4), nn.Conv1d(4, 3, 2),
        nn.Dropout(),
        nn.AvgPool1d(2), nn.Bilinear(6, 6, 2),
    )
}  # fmt: skip


@pytest.mark.parametrize("layer", IMAGES.values(), ids=IMAGES)
def test_layers_of_images(layer, tmp_path):
    if isinstance(layer, nn.BatchNorm2d):
        layer(nn.randn(3, 4, 7, 7))
    compare(layer, nn.randn(2, 4, 7, 7), tmp_path=tmp_path)


@pytest.mark.parametrize("layer", VALUES.values(), ids=VALUES)
def test_layers_of_values(layer, tmp_path):
    x = nn.randn(2, 4, 6)
    compare(layer, *[x] * (2 if isinstance(layer, nn.Bilinear) else 1), tmp_path=tmp_path)


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
@pytest.mark.parametrize(
    "options", [{}, {"num_layers": 2, "bidirectional": True, "batch_first": True}, {"bias": False}]
)
def test_recurrent_layers_for_any_length_and_batch(kind, options, tmp_path):
    loaded = compare(kind(4, 5, **options), nn.randn(3, 2, 4), dynamic=(0, 1), tmp_path=tmp_path)
    assert sum(isinstance(module, kind) for module in loaded.modules()) == options.get("num_layers", 1)


def test_a_recurrent_layer_with_states_at_the_start(tmp_path):
    class Decoder(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.LSTM(4, 5)

        def forward(self, x, h, c):
            return self.rnn(x, (h, c))

    compare(Decoder(), nn.randn(3, 2, 4), nn.randn(1, 2, 5), nn.randn(1, 2, 5), dynamic=(), tmp_path=tmp_path)
    compare(nn.GRU(4, 5), nn.randn(3, 4), dynamic=(0,), tmp_path=tmp_path)  # without a batch


MODELS = {
    "encoder": (lambda: nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), [(2, 5, 8)], (0, 1)),
    "transformer": (lambda: nn.Transformer(8, 2, 1, 1, 16, batch_first=True), [(2, 5, 8), (2, 5, 8)], (0,)),
    "lenet": (lambda: nn.models.LeNet5(), [(2, 1, 32, 32)], (0,)),
    "resnet": (lambda: nn.models.resnet18(num_classes=3), [(1, 3, 32, 32)], ()),
    "unet": (lambda: nn.models.UNet(1, 2, 4, 2), [(2, 1, 16, 16)], (0,)),
    "dcgan": (lambda: nn.models.DCGANGenerator(), [(2, 100, 1, 1)], (0,)),
    "lstm": (lambda: nn.models.CharLSTM(11, 5, 7, 2), [(2, 6)], (0, 1)),
    "gpt": (lambda: nn.models.GPT(nn.models.GPTConfig(17, 12, 8, 2, 2)), [(2, 6)], (0, 1)),
}


@pytest.mark.parametrize("name", MODELS)
def test_models(name, tmp_path):
    make, shapes, dynamic = MODELS[name]
    tokens = name in ("lstm", "gpt")
    args = [nn.randint(0, 11, shape) if tokens else nn.randn(*shape) for shape in shapes]
    compare(make(), *args, dynamic=dynamic, tmp_path=tmp_path)


class Shapes(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)

    def forward(self, x):
        b, t, c = x.shape
        y = self.fc(x.view(b * t, c)).view(b, t, 3)
        h = nn.zeros(b, 3)
        middle = y[:, 1 : t - 1]
        return [
            y.mean(1) + h, y[:, -1], y[:, 1:, None, :2].sum((1, 2)), nn.cat([y[:, 0], h], 1), y.argmax(-1), y.argmin(),
            (y > 0).float() * y, y.cumsum(1), y.topk(2, -1)[0], y.std(1), y.flip(1), y.roll(1, 2),
            y.expand(2, b, t, 3), y.var((0, -1), correction=0),
            y.clamp(-0.5), y.abs().log1p(), y[:, [0, 2]], y.amax(1), y.prod(2), y.exp() % 0.3, y @ y.transpose(1, 2),
            middle, y.tril(), nn.where(y > 0, y, -y), y.floor() // 2, y.max(1)[0],
            y.gather(2, y.argmax(2, keepdim=True)),
            F.pad(y, (1, 1)), F.normalize(y, dim=-1), (y > 0) | ~(y < -1), y.round().long() * 2, y.split(1, 2)[1],
            nn.where(y > 0, y, float("nan")).nansum(1),
        ]  # fmt: skip


def test_shapes_and_functions_follow_the_lengths(tmp_path):
    compare(Shapes(), nn.randn(2, 5, 4), dynamic=(0, 1), tmp_path=tmp_path)


class Calls(nn.Module):
    """A function as a module."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *inputs):
        return self.function(*inputs)


def test_distances_of_many_rows(tmp_path):
    """The op that computes them is declared when it is first used, which may be here."""
    for p in (2.0, 1.0, float("inf")):
        compare(Calls(lambda x, y, p=p: nn.cdist(x, y, p)), nn.randn(30, 4), nn.randn(27, 4), tmp_path=tmp_path)
    compare(Calls(nn.cdist), nn.randn(2, 30, 4), nn.randn(3, 4), dynamic=(), tmp_path=tmp_path)
    compare(Calls(lambda x: (nn.linalg.det(x), x.isfinite())), nn.randn(2, 3, 3), tmp_path=tmp_path)


def test_maps_are_viewed_as_a_line(tmp_path):
    conv = nn.Conv2d(3, 2, 3)
    model = nn.Sequential(conv, nn.Sigmoid(), Calls(lambda x: x.view(-1)))
    compare(model, nn.randn(4, 3, 8, 8), dynamic=(), tmp_path=tmp_path)


def assigned(x, place, value):
    x = x * 1
    x[place] = value(x) if callable(value) else value
    return x


CHANGES = {
    "a row": lambda x: assigned(x, 0, 0.5),
    "a column by another": lambda x: assigned(x, (slice(None), 1), lambda x: x[:, 0] * 2),
    "rows by a list": lambda x: assigned(x, [0, 2], lambda x: x[[1, 1]]),
    "a row of integers": lambda x: assigned(x, 1, nn.arange(4)),
    "a mask": lambda x: assigned(x, x > 0, 0.0),
    "rows by a mask": lambda x: assigned(x, x[:, 0] > 0, 5.0),
    "a buffer": lambda x: assigned(nn.zeros(5, 4), 2, lambda _: x[1]) + x,
    "a sum": lambda x: nn.zeros(5, 4).add_(x).mul_(x),
    "a copy": lambda x: nn.zeros(5, 4).copy_(x),
    "functions": lambda x: (x * 1).exp_() + (x * 1).masked_fill_(x > 0, 1.0),
    "a part read afterwards": lambda x: (x * 1).add_(1)[0],
    "a fill": lambda x: (x * 1).fill_(2.0) + x,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_changes_in_place_are_followed(change, tmp_path):
    compare(Calls(change), nn.randn(5, 4), dynamic=(), tmp_path=tmp_path)


def test_double_precision_and_names(tmp_path):
    path = tmp_path / "m.onnx"
    model = nn.Sequential(nn.Linear(3, 2), nn.Softplus()).double()
    x = nn.randn(4, 3, dtype=nn.float64)
    nn.onnx.export(model, x, path, input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "batch"}})
    graph = onnx.load(path).graph
    assert [value.name for value in (*graph.input, *graph.output)] == ["x", "y"]
    assert graph.input[0].type.tensor_type.shape.dim[0].dim_param == "batch"
    assert {"0.weight", "0.bias"} <= {constant.name for constant in graph.initializer}
    np.testing.assert_allclose(nn.onnx.load(path)(x).detach().numpy(), model(x).detach().numpy(), rtol=1e-12)


def test_the_mode_and_the_tape_stay_as_they_were(tmp_path):
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2), nn.Dropout())
    model[2].eval()
    before = [t.tolist() for t in model.state_dict().values()]
    nn.onnx.export(model, nn.ones(3, 2), tmp_path / "m.onnx")
    assert (model.training, model[1].training, model[2].training) == (True, True, False)
    assert [t.tolist() for t in model.state_dict().values()] == before
    assert (nn.ones(1, requires_grad=True) * 2).requires_grad


def test_a_loaded_model_can_be_trained_on(tmp_path):
    nn.onnx.export(nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1)), nn.ones(1, 2), tmp_path / "m.onnx")
    model = nn.onnx.load(tmp_path / "m.onnx")
    assert [tuple(p.shape) for p in model.parameters()] == [(3, 2), (3,), (1, 3), (1,)]
    optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
    losses = []
    for _ in range(3):
        optimizer.zero_grad()
        loss = (model(nn.ones(1, 2)) - 5).square().mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[2] < losses[0]


class Branch(nn.Module):
    def forward(self, x):
        return x * 2 if x.sum() > 0 else x.exp()


class Item(nn.Module):
    def forward(self, x):
        return x * x.max().item()


class Outside(nn.Module):
    def forward(self, x):
        return nn.tensor(np.sin(x.numpy())) + x


class Noise(nn.Module):
    def forward(self, x):
        return x + nn.randn(2, 3)


class Loop(nn.Module):
    def forward(self, x):
        return sum(row.exp() for row in x)


class Inverse(nn.Module):
    def forward(self, x):
        return nn.linalg.inv(x[:, :2])


class Part(nn.Module):
    def forward(self, x):
        x = x * 1
        x[0].add_(1)
        return x


class Stale(nn.Module):
    def forward(self, x):
        x = x * 1
        row = x[0]
        x += 1
        return row * 2


class Constant(nn.Module):
    def forward(self, x):
        ones = nn.ones(3)
        y = x + ones
        ones += 1
        return y * ones


class Where(nn.Module):
    def forward(self, x):
        y = x * 1
        y[x.argmax(0)] = 0
        return y


PART = "reads a tensor of which a part, or a view, was changed in place before; pick and change it by nn.where"


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (Part(), f"the output: it {PART}"),
        (Stale(), f"mul: it {PART}"),
        (Constant(), "add: it changes a constant in place that was read before; change a clone"),
        (Where(), "__setitem__: it writes where the input says; use nn.where"),
        (Branch(), "the model calls mul here, and exp for another input; ONNX has one way for all inputs"),
        (Item(), "mul: the number .* depends on the input or its shape; ONNX would always take"),
        (Outside(), r"add: an array of shape \(2, 3\) is random, or follows the input or its shape by something"),
        (Noise(), "is random, or follows the input"),
        (Loop(), "for another input; make the axis that a loop runs over static|and .* for another input"),
        (Inverse(), "inv: ONNX has no operator for it that this export knows"),
    ],
)
def test_what_cannot_be_exported_is_named_with_its_line(model, said, tmp_path):
    dynamic = {"input": [0]} if isinstance(model, Loop) else None
    with pytest.raises(nn.onnx.ExportError, match=said) as raised:
        nn.onnx.export(model, nn.randn(2, 3), tmp_path / "m.onnx", dynamic_axes=dynamic)
    assert re.search(r"test_onnx\.py:\d+|for another input", str(raised.value))
    assert not (tmp_path / "m.onnx").exists()


class ByKeyword(nn.Module):
    def forward(self, x, shift=0.0, *, mask=None, scale=1.0):
        return (x if mask is None else x * mask) * scale + shift


def test_inputs_by_keyword_are_inputs_of_the_file(tmp_path):
    path, x = tmp_path / "m.onnx", nn.ones(2, 3)
    given = {"scale": nn.full((3,), 2.0), "mask": nn.tensor([1.0, 0.0, 1.0])}
    nn.onnx.export(ByKeyword(), x, path, kwargs=given, dynamic_axes={"input": [0]})
    loaded = nn.onnx.load(path)
    assert loaded.input_names == ["input", "scale", "mask"]
    assert loaded(nn.ones(4, 3), nn.ones(3), nn.ones(3)).tolist() == nn.ones(4, 3).tolist()
    nn.onnx.export(ByKeyword(), x, path, kwargs=given, input_names=["a", "b", "c"])
    assert nn.onnx.load(path).input_names == ["a", "b", "c"]
    assert nn.onnx.load(path)(x, *given.values()).tolist() == [[2.0, 0.0, 2.0]] * 2


@pytest.mark.parametrize("given", [(nn.ones(1), {"mask": nn.ones(1)}), (nn.ones(1), None), [nn.ones(1)], "x"])
def test_what_is_no_tensor_is_no_input(given, tmp_path):
    with pytest.raises(TypeError, match=r"an input must be a tensor, got \w+; give inputs by keyword in kwargs="):
        nn.onnx.export(ByKeyword(), given, tmp_path / "m.onnx")


def test_slips_are_told(tmp_path):
    said = "or longer along the dynamic axes, the model fails: .*; make fewer axes"
    with pytest.raises(nn.onnx.ExportError, match=said):
        nn.onnx.export(nn.Linear(3, 2), nn.ones(1, 3), tmp_path / "m.onnx", dynamic_axes={"input": [1]})
    path, model, x = tmp_path / "m.onnx", nn.Linear(3, 2), nn.ones(1, 3)
    with pytest.raises(ValueError, match="dynamic_axes names 'x', which is no input; those are input"):
        nn.onnx.export(model, x, path, dynamic_axes={"x": [0]})
    with pytest.raises(ValueError, match="dynamic_axes of 'input' must be from 0 to 1, got 2"):
        nn.onnx.export(model, x, path, dynamic_axes={"input": [2]})
    with pytest.raises(ValueError, match=r"expected 1 different input_names, one for each input; got \['a', 'b'\]"):
        nn.onnx.export(model, x, path, input_names=["a", "b"])
    path.write_bytes(b"this is no model")
    with pytest.raises(CheckpointError, match=r"m\.onnx: it is no valid ONNX file"):
        nn.onnx.load(path)
    nodes = [onnx.helper.make_node("Hardmax", ["x"], ["y"], name="largest")]
    infos = [onnx.helper.make_tensor_value_info(n, 1, s) for n, s in (("x", [2, 2]), ("y", [2, 2]))]
    graph = onnx.helper.make_graph(nodes, "g", infos[:1], infos[1:])
    opset = [onnx.helper.make_opsetid("", 20)]
    path.write_bytes(onnx.helper.make_model(graph, opset_imports=opset, ir_version=10).SerializeToString())
    with pytest.raises(CheckpointError, match="its node largest is Hardmax, for which nn has nothing"):
        nn.onnx.load(path)
    nn.onnx.export(model, x, path)
    with pytest.raises(TypeError, match=r"expected 1 inputs \(input\), got 2"):
        nn.onnx.load(path)(x, x)


@pytest.mark.parametrize("mode", ["sum", "mean"])
def test_bags_of_one_size(mode, tmp_path):
    compare(nn.EmbeddingBag(7, 3, mode=mode), nn.randint(0, 7, (4, 5)), tmp_path=tmp_path)
