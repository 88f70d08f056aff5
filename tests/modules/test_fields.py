"""Every layer declares its fields with their types and prints the marked ones: as PyTorch's layer of the same name."""

import re
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

import nn

ANY_RANK = """
AdaptiveAvgPool{d}(4) AdaptiveMaxPool{d}(4,return_indices=True)
AvgPool{d}(2) AvgPool{d}(3,2,1,True,False)
BatchNorm{d}(4) BatchNorm{d}(4,1e-3,None) BatchNorm{d}(4,affine=False) BatchNorm{d}(4,track_running_stats=False)
BatchNorm{d}(4,bias=False)
InstanceNorm{d}(4) InstanceNorm{d}(4,1e-3,0.3,True,True) InstanceNorm{d}(4,affine=True,bias=False)
LazyBatchNorm{d}() LazyBatchNorm{d}(1e-3,affine=False) LazyInstanceNorm{d}() LazyInstanceNorm{d}(affine=True)
CircularPad{d}(1) ConstantPad{d}(1,2.5) ConstantPad{d}(1,2) ReflectionPad{d}(1) ReplicationPad{d}(1) ZeroPad{d}(1)
Conv{d}(2,4,3) Conv{d}(2,4,3,2,1,2,2,False,"reflect") Conv{d}(2,4,3,padding="same") Conv{d}(2,4,3,padding="valid")
Conv{d}(2,4,3,padding="same",padding_mode="circular") Conv{d}(4,4,1,groups=4) Conv{d}(2,4,3,bias=False)
ConvTranspose{d}(2,4,3) ConvTranspose{d}(2,4,3,3,1,2,2,False,3) ConvTranspose{d}(2,4,3,2,output_padding=1)
LazyConv{d}(4,3) LazyConv{d}(4,3,2,1,bias=False) LazyConvTranspose{d}(4,3) LazyConvTranspose{d}(4,3,2,1,1)
Dropout{d}() Dropout{d}(0.25,True)
LPPool{d}(2,3) LPPool{d}(1.5,3,2,True)
MaxPool{d}(2) MaxPool{d}(3,2,1,2,True,True) MaxUnpool{d}(2) MaxUnpool{d}(3,2,1)
"""
OTHERS = """
SyncBatchNorm(4) SyncBatchNorm(4,1e-3,affine=False)
AdaptiveAvgPool2d((4,None)) AdaptiveMaxPool3d((4,None,2)) AvgPool2d((2,3)) AvgPool2d(2,divisor_override=3)
AvgPool3d((2,3,1),1,0) MaxPool2d((2,3),(1,2),(1,0)) LPPool2d(2,(2,3)) MaxUnpool2d((2,3),(2,1),(1,0))
Conv2d(1,8,3,padding=(1,0)) Conv2d(1,8,(3,2),dilation=(1,2)) Conv2d(1,8,3,padding=(0,0),dilation=(1,1))
ConvTranspose2d(1,8,3,2,(1,0),(0,1)) Conv1d(1,1,3,padding_mode="replicate")
CircularPad2d((1,2,0,1)) ConstantPad2d((1,2,0,1),-1.5) ZeroPad2d((1,2,0,1)) ReflectionPad1d((1,0))
FractionalMaxPool2d(2,output_ratio=0.5) FractionalMaxPool3d(2,output_size=3)
AdaptiveLogSoftmaxWithLoss(16,20,[4,10]) AdaptiveLogSoftmaxWithLoss(16,20,[4],2.0,True)
AlphaDropout() AlphaDropout(0.25) FeatureAlphaDropout() FeatureAlphaDropout(0.25) Dropout() Dropout(0.25,True)
Dropout(1) Dropout(inplace=True)
Bilinear(3,4,2) Bilinear(3,4,2,False) Linear(3,2) Linear(3,2,False) LazyLinear(2) LazyLinear(2,False) Identity()
Identity(3,a=2) Flatten() Flatten(0,2) Unflatten(1,(2,3)) Unflatten(-1,[2,3])
ReLU() ReLU(True) ReLU6() ReLU6(True) SELU() SELU(True) SiLU() SiLU(True) Mish() Mish(True) Hardswish()
Hardswish(True) Hardsigmoid() Hardsigmoid(True) Sigmoid() Tanh() LogSigmoid() Softsign() Tanhshrink()
LeakyReLU() LeakyReLU(0.2) LeakyReLU(0.2,True) RReLU() RReLU(0.1,0.2) RReLU(0.1,0.2,True) ELU() ELU(2.0,True)
CELU() CELU(2,True) GELU() GELU("tanh") Softplus() Softplus(2.0,10.0) Softplus(2,10) GLU() GLU(1) PReLU() PReLU(3)
PReLU(3,0.1) Hardtanh() Hardtanh(-2,2) Hardtanh(-2.0,2.0,True) Threshold(0.5,9) Threshold(0.5,9.0,True)
Hardshrink() Hardshrink(1) Softshrink() Softshrink(0.25)
Softmax() Softmax(1) Softmin() Softmin(-1) LogSoftmax() LogSoftmax(0) Softmax2d()
Unfold(2) Unfold((2,3),1,(1,0),2) Fold((4,5),2) Fold(4,(2,1),1,0,2) PixelShuffle(2) PixelUnshuffle(3) ChannelShuffle(2)
Embedding(10,3) Embedding(10,3,0) Embedding(10,3,-1) Embedding(10,3,4,1.5,1.0,True) Embedding(10,3,max_norm=2)
Embedding(10,3,norm_type=1) EmbeddingBag(10,3) EmbeddingBag(10,3,mode="sum") EmbeddingBag(10,3,1.5,1.0,True,"max")
EmbeddingBag(10,3,padding_idx=2,include_last_offset=True)
LayerNorm(4) LayerNorm([3,4],1e-3) LayerNorm((4,),elementwise_affine=False) LayerNorm(4,bias=False) RMSNorm(4)
RMSNorm((3,4),1e-3) RMSNorm(4,elementwise_affine=False) GroupNorm(2,4) GroupNorm(1,4,1e-3,False)
GroupNorm(2,4,bias=False) LocalResponseNorm(2) LocalResponseNorm(3,1e-3,0.5,2.0)
CosineSimilarity() CosineSimilarity(0,1e-3) PairwiseDistance() PairwiseDistance(1.0,1e-3,True)
RNN(3,4) RNN(3,4,2,"relu",False,True,0.25,True) LSTM(3,4) LSTM(3,4,2,dropout=0.5) LSTM(3,4,proj_size=2,num_layers=3)
LSTM(3,4,1,False,True,bidirectional=True) GRU(3,4) GRU(3,4,batch_first=True) GRU(3,4,bias=False)
RNNCell(3,4) RNNCell(3,4,False) RNNCell(3,4,False,"relu") LSTMCell(3,4) LSTMCell(3,4,False) GRUCell(3,4)
GRUCell(3,4,False)
Upsample(4) Upsample((4,5)) Upsample(scale_factor=2) Upsample(scale_factor=(2,1.5),mode="bilinear") Upsample()
Upsample(4,mode="bilinear",align_corners=True) Upsample(4,2.0) UpsamplingNearest2d(4)
UpsamplingNearest2d(scale_factor=2) UpsamplingBilinear2d((2,3)) UpsamplingBilinear2d(scale_factor=1.5)
MultiheadAttention(8,2) MultiheadAttention(8,2,0.1,False,True,True,4,6,True)
TransformerEncoderLayer(8,2,16) TransformerEncoderLayer(8,2,16,0.25,"gelu",1e-3,True,True,False)
TransformerDecoderLayer(8,2,16) TransformerDecoderLayer(8,2,16,0.25,"gelu",1e-3,True,True,False)
Transformer(8,2,2,1,16) Transformer(8,2,1,2,16,0.25,layer_norm_eps=1e-3,bias=False)
TransformerEncoder(TransformerEncoderLayer(8,2,16),2) TransformerDecoder(TransformerDecoderLayer(8,2,16),1,LayerNorm(8))
BCELoss() BCELoss(reduction="sum") BCEWithLogitsLoss() BCEWithLogitsLoss(reduction="sum") CTCLoss()
CTCLoss(1,"sum",True)
CosineEmbeddingLoss() CosineEmbeddingLoss(0.25) CrossEntropyLoss() CrossEntropyLoss(label_smoothing=0.1)
GaussianNLLLoss() GaussianNLLLoss(full=True) HingeEmbeddingLoss() HingeEmbeddingLoss(2.0) HuberLoss()
HuberLoss("sum",2.0)
KLDivLoss() KLDivLoss("batchmean",True) L1Loss() L1Loss("none") MSELoss() MSELoss("sum") MarginRankingLoss()
MarginRankingLoss(0.5) MultiLabelMarginLoss() MultiLabelSoftMarginLoss() MultiMarginLoss() MultiMarginLoss(2,0.5)
NLLLoss() NLLLoss(ignore_index=1) PoissonNLLLoss() PoissonNLLLoss(False,True) SmoothL1Loss() SmoothL1Loss("sum",0.5)
SoftMarginLoss() TripletMarginLoss() TripletMarginLoss(0.5,1.0,1e-3,True) TripletMarginWithDistanceLoss()
TripletMarginWithDistanceLoss(margin=2.0,swap=True)
Sequential() Sequential(Linear(3,2),Sequential(Conv2d(1,2,3),ReLU(True))) ModuleList() ModuleDict()
ModuleList([Linear(3,2),Linear(3,2),Dropout()]) ModuleDict({"a":GRU(3,4),"b":ModuleList([Tanh()])}) ParameterList()
ParameterList([Linear(3,2).weight,Linear(3,2).bias,4]) ParameterDict() ParameterDict({"w":Linear(3,2).weight})
"""
LAYERS = [code.format(d=d) for code in ANY_RANK.split() for d in ("1d", "2d", "3d")] + OTHERS.split()
OURS = {
    "CausalSelfAttention(8,4,2,rotary=False)": "CausalSelfAttention(\n  8, num_heads=4, num_kv_heads=2\n  (q_proj): "
    "Linear(in_features=8, out_features=8, bias=True)\n  (k_proj): Linear(in_features=8, out_features=4, bias=True)\n"
    "  (v_proj): Linear(in_features=8, out_features=4, bias=True)\n"
    "  (out_proj): Linear(in_features=8, out_features=8, bias=True)\n)",
    "RotaryEmbedding(8)": "RotaryEmbedding(8, base=10000.0)",
    "RotaryEmbedding(8,100.0,False)": "RotaryEmbedding(8, base=100.0, interleaved=False)",
    "SinusoidalPosition(8)": "SinusoidalPosition(8, base=10000.0)",
    "SinusoidalPosition(8,batch_first=False)": "SinusoidalPosition(8, base=10000.0, batch_first=False)",
    "DiceLoss()": "DiceLoss()",
    "FocalLoss()": "FocalLoss()",
    "SwiGLU(2,3)": "SwiGLU(\n  (w1): Linear(in_features=2, out_features=3, bias=False)\n  (w2): Linear(in_features=3, "
    "out_features=2, bias=False)\n  (w3): Linear(in_features=2, out_features=3, bias=False)\n)",
}


class Names(dict):
    """The names of a library, as the variables of an expression."""

    def __init__(self, library):
        super().__init__()
        self.library = library

    def __missing__(self, name):
        return getattr(self.library, name)


def made(code, library=nn):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lazy layers are new, nested tensors are off: said by PyTorch
        return eval(code, {}, Names(library))


@pytest.mark.parametrize("code", LAYERS)
def test_a_layer_prints_as_in_pytorch(code):
    torch = pytest.importorskip("torch")
    theirs = repr(made(code, torch.nn))
    assert repr(made(code)) == re.sub(r"torch\.(float32|FloatTensor)", "float32", theirs)


@pytest.mark.parametrize("code", OURS)
def test_a_layer_that_pytorch_has_not_prints_its_fields(code):
    assert repr(made(code)) == OURS[code]


def test_the_tables_hold_every_layer():
    held = {name for code in [*LAYERS, *OURS] for name in re.findall(r"[A-Z]\w+", code)}
    things = {name: getattr(nn, name) for name in dir(nn)}
    layers = {name for name, thing in things.items() if isinstance(thing, type) and issubclass(thing, nn.Module)}
    assert layers - held == {"Module"}


@pytest.mark.parametrize("code", [*LAYERS, *OURS])
def test_a_layer_declares_every_field(code):
    """What an instance holds is declared, with a type that fits: a parameter as one, what may be None as optional."""
    for layer in made(code).modules():
        declared = {}
        for cls in reversed(type(layer).__mro__):
            declared |= vars(cls).get("__annotations__", {})
        several = isinstance(layer, nn.Sequential | nn.ModuleList | nn.ModuleDict | nn.ParameterList | nn.ParameterDict)
        for name, value in vars(layer).items():
            if several or name.startswith("_") or re.fullmatch(r"(weight|bias)_\w\w_l\d(_reverse)?", name):
                continue  # entries by number or by name; the parameters of a recurrent layer's several layers
            kind = declared[name]
            assert isinstance(value, nn.Parameter) <= ("Parameter" in kind), (name, kind)
            assert (value is None) <= bool(re.search("None|Any|Size|Scale", kind)), (name, kind)
            assert isinstance(value, nn.Module) <= bool(re.search(f"{type(value).__name__}|Module|Any|Callable", kind))


@pytest.mark.parametrize(("code", "usual"), [
    ("Conv2d(1, 2, 3, padding=1, dilation=2, groups=1, bias=False, padding_mode='reflect')", "Conv2d(1, 2, 3)"),
    ("LSTM(3, 4, 2, False, True, 0.5, True, 2)", "LSTM(3, 4)"),
    ("Embedding(9, 2, 0, 1.0, 1.0, True)", "Embedding(9, 2)"),
    ("RNNCell(3, 4, False, 'relu')", "RNNCell(3, 4)"), ("ELU(1.0, True)", "ELU()"),
])  # fmt: skip
def test_only_the_unusual_is_printed(code, usual):
    """Setting a field to what the layer with the usual arguments has takes it out of the text."""
    layer, other = made(code), made(usual)
    assert len(repr(layer)) > len(repr(other))
    for name in vars(other):
        if not name.startswith("_") and not isinstance(getattr(other, name), nn.Parameter):
            setattr(layer, name, getattr(other, name))
    if "bias" in vars(other):
        layer.bias = other.bias
    assert repr(layer) == repr(other)


def test_a_size_of_numpys_is_printed_as_a_number():
    assert repr(nn.Linear(np.prod([2, 3]), np.int32(4))) == repr(nn.Linear(6, 4))


def test_a_size_may_be_a_tensor_without_axes():
    count = nn.tensor([3, 1]).max() + 1
    for make in nn.Embedding, nn.Linear, nn.GRUCell:
        layer, usual = make(count, 2), make(4, 2)
        assert repr(layer) == repr(usual)
        assert [p.shape for p in layer.parameters()] == [p.shape for p in usual.parameters()]


def test_a_layer_of_one_s_own_prints_what_its_base_prints():
    class Scaled(nn.Linear):
        scale: float

        def __init__(self):
            super().__init__(3, 2)
            self.scale = 2.0

    class Said(Scaled):
        def extra_repr(self):
            return f"{super().extra_repr()}, scale={self.scale}"

    assert repr(Scaled()) == "Scaled(in_features=3, out_features=2, bias=True)"
    assert repr(Said()) == "Said(in_features=3, out_features=2, bias=True, scale=2.0)"


TYPES = {
    "Linear(3, 2).weight": "Parameter",
    "Linear(3, 2).bias": "Parameter | None",
    "Linear(3, 2).in_features": "int",
    "LazyLinear(2).weight": "Parameter",
    "Bilinear(3, 4, 2).bias": "Parameter | None",
    "Conv2d(1, 8, 3).weight": "Parameter",
    "Conv2d(1, 8, 3).bias": "Parameter | None",
    "Conv2d(1, 8, 3).kernel_size": "tuple[int, ...]",
    "ConvTranspose2d(1, 8, 3).output_padding": "tuple[int, ...]",
    "BatchNorm2d(3).running_mean": "Tensor | None",
    "BatchNorm2d(3).weight": "Parameter | None",
    "LayerNorm(3).bias": "Parameter | None",
    "Embedding(9, 2).weight": "Parameter",
    "Embedding(9, 2).padding_idx": "int | None",
    "LSTMCell(3, 4).bias_ih": "Parameter | None",
    "LSTM(3, 4).num_layers": "int",
    "MultiheadAttention(8, 2).in_proj_weight": "Parameter | None",
    "MultiheadAttention(8, 2).out_proj.weight": "Parameter",
    "TransformerDecoderLayer(8, 2).multihead_attn": "MultiheadAttention",
    "TransformerEncoderLayer(8, 2).norm1.weight": "Parameter | None",
    "CrossEntropyLoss().weight": "Tensor | None",
    "Dropout().p": "float",
    "MaxPool2d(2).ceil_mode": "bool",
    "PReLU().weight": "Parameter",
    "Module().anything": "Any",
}


@pytest.mark.slow
def test_a_type_checker_knows_the_fields(tmp_path):
    pytest.importorskip("mypy")
    script = tmp_path / "script.py"
    script.write_text("import nn\n" + "".join(f"reveal_type(nn.{code})\n" for code in TYPES), encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--python-version", "3.10", "--no-error-summary", str(script)]
    run = subprocess.run(command, cwd=Path(nn.__file__).parents[1], capture_output=True, text=True, check=False)
    found = re.findall(r'script.py:\d+: note: Revealed type is "(.*)"', run.stdout)
    short = [re.sub(r"\b(?:nn|builtins)\.(?:\w+\.)*", "", kind) for kind in found]
    assert short == list(TYPES.values()), run.stdout + run.stderr
