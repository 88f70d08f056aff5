"""`device=` and `dtype=` of every layer that has parameters, and where modules can be moved: nowhere but the CPU."""

import pytest

import nn

LAYERS = {
    "Linear": (2, 3), "LazyLinear": (3,), "Bilinear": (1, 2, 3), "Conv1d": (2, 4, 3), "Conv2d": (2, 4, 3),
    "Conv3d": (2, 4, 3), "LazyConv2d": (4, 3), "ConvTranspose1d": (2, 4, 3), "ConvTranspose2d": (2, 4, 3),
    "ConvTranspose3d": (2, 4, 3), "LazyConvTranspose1d": (4, 3), "BatchNorm1d": (4,), "BatchNorm2d": (4,),
    "BatchNorm3d": (4,), "LazyBatchNorm1d": (), "InstanceNorm1d": (4, 1e-5, 0.1, True), "LayerNorm": (4,),
    "GroupNorm": (2, 4), "RMSNorm": (4,), "Embedding": (5, 3), "EmbeddingBag": (5, 3), "RNN": (2, 3), "LSTM": (2, 3),
    "GRU": (2, 3), "RNNCell": (2, 3), "LSTMCell": (2, 3), "GRUCell": (2, 3), "MultiheadAttention": (4, 2),
    "TransformerEncoderLayer": (4, 2, 8), "TransformerDecoderLayer": (4, 2, 8), "Transformer": (4, 2, 1, 1, 8),
    "PReLU": (), "AdaptiveLogSoftmaxWithLoss": (16, 20, [4, 10]), "UninitializedParameter": (),
    "UninitializedBuffer": (),
}  # fmt: skip
OURS = {"CausalSelfAttention": (4, 2), "SwiGLU": (4, 8)}


def tensors(layer):
    return [layer] if isinstance(layer, nn.Tensor) else [*layer.parameters(), *layer.buffers()]


@pytest.mark.parametrize("name", [*LAYERS, *OURS])
class TestLayers:
    def test_all_that_it_makes_has_the_dtype(self, name):
        layer = getattr(nn, name)(*{**LAYERS, **OURS}[name], device="cpu", dtype=nn.float64)
        assert {t.dtype for t in tensors(layer) if t.dtype.kind == "f"} == {nn.float64}

    def test_any_other_device_is_refused(self, name):
        with pytest.raises(nn.RangeError, match=f"{name}: there is no device but the CPU, got device 'cuda:0'"):
            getattr(nn, name)(*{**LAYERS, **OURS}[name], device=nn.device("cuda:0"))

    def test_a_word_that_nobody_knows_is_refused(self, name):
        with pytest.raises(TypeError, match="unexpected keyword argument 'bais'"):
            getattr(nn, name)(*{**LAYERS, **OURS}[name], bais=False)


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
@pytest.mark.parametrize("name", LAYERS)
def test_the_dtypes_are_those_of_pytorch(name):
    torch = pytest.importorskip("torch")
    theirs = getattr(torch.nn, name, None) or getattr(torch.nn.parameter, name)
    theirs = theirs(*LAYERS[name], device="cpu", dtype=torch.float64)
    theirs = [theirs] if isinstance(theirs, torch.Tensor) else [*theirs.parameters(), *theirs.buffers()]
    ours = getattr(nn, name)(*LAYERS[name], device="cpu", dtype=nn.float64)
    assert [str(t.dtype) for t in theirs] == [f"torch.{t.dtype}" for t in tensors(ours)]


class TestTo:
    def test_every_way_that_pytorch_has(self):
        model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
        like = nn.zeros(1, dtype=nn.float64)
        for arguments, named in [
            (("cpu",), {}), ((nn.device("cpu"),), {}), ((), {"device": "cpu"}), (("cpu", nn.float64), {}),
            ((), {"device": "cpu", "dtype": nn.float64}), ((like,), {}), ((nn.float64, True), {}),
            (("cpu",), {"non_blocking": True}), ((), {"memory_format": None}),
        ]:  # fmt: skip
            model.float()
            assert model.to(*arguments, **named) is model
            wanted = nn.float64 if "float64" in f"{arguments}{named}" or like is (*arguments, 0)[0] else nn.float32
            assert model[0].weight.dtype == model[1].running_var.dtype == wanted
            assert model[1].num_batches_tracked.dtype == nn.int64

    def test_there_is_nowhere_else_to_go(self):
        model = nn.Linear(2, 3)
        assert model.cpu() is model.to_empty(device="cpu") is model
        for go in (model.cuda, lambda: model.to("mps"), lambda: model.to(nn.device("cuda:1"))):
            with pytest.raises(nn.RangeError, match="Linear: there is no device but the CPU"):
                go()

    def test_parameters_stay_floats(self):
        with pytest.raises(nn.DtypeError, match=r"Linear.to: parameters are floating-point numbers, got int64"):
            nn.Linear(2, 3).to(nn.int64)


def test_a_lazy_parameters_data_can_be_given():
    parameter = nn.UninitializedParameter()
    assert parameter.data is parameter
    parameter.data = nn.ones(2, 3)
    assert type(parameter) is nn.Parameter
    assert parameter.tolist() == [[1, 1, 1], [1, 1, 1]]


def test_a_linear_map_takes_device_and_dtype_by_position_too():
    assert nn.Linear(2, 3, False, "cpu", nn.float64).weight.dtype == nn.float64
    assert nn.Bilinear(1, 2, 3, True, nn.device("cpu"), nn.float16).bias.dtype == nn.float16
