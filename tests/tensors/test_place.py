"""Devices, sizes, default dtypes, printing, and the other words that PyTorch takes."""

import numpy as np
import pytest

import nn

MAKERS = {
    "zeros": lambda t, **n: t.zeros(2, 3, **n),
    "ones": lambda t, **n: t.ones(2, 3, **n),
    "empty": lambda t, **n: t.empty(2, 3, **n),
    "full": lambda t, **n: t.full((2, 3), 1.5, **n),
    "eye": lambda t, **n: t.eye(3, **n),
    "arange": lambda t, **n: t.arange(0.0, 3.0, **n),
    "linspace": lambda t, **n: t.linspace(0, 1, 3, **n),
    "logspace": lambda t, **n: t.logspace(0, 1, 3, **n),
    "rand": lambda t, **n: t.rand(2, 3, **n),
    "randn": lambda t, **n: t.randn(2, 3, **n),
    "randint": lambda t, **n: t.randint(0, 5, (2, 3), **n),
    "randperm": lambda t, **n: t.randperm(4, **n),
    "normal": lambda t, **n: t.normal(0.0, 1.0, (2, 3), **n),
    "tensor": lambda t, **n: t.tensor([1.0, 2.0], **n),
    "as_tensor": lambda t, **n: t.as_tensor([1.0, 2.0], **n),
    "zeros_like": lambda t, **n: t.zeros_like(t.ones(2), **n),
    "ones_like": lambda t, **n: t.ones_like(t.ones(2), **n),
    "empty_like": lambda t, **n: t.empty_like(t.ones(2), **n),
    "full_like": lambda t, **n: t.full_like(t.ones(2), 3, **n),
    "rand_like": lambda t, **n: t.rand_like(t.ones(2), **n),
    "randn_like": lambda t, **n: t.randn_like(t.ones(2), **n),
    "randint_like": lambda t, **n: t.randint_like(t.ones(2), 0, 5, **n),
    "new_zeros": lambda t, **n: t.ones(2).new_zeros(3, **n),
    "new_ones": lambda t, **n: t.ones(2).new_ones(3, **n),
    "new_empty": lambda t, **n: t.ones(2).new_empty(3, **n),
    "new_full": lambda t, **n: t.ones(2).new_full((3,), 1, **n),
    "new_tensor": lambda t, **n: t.ones(2).new_tensor([1.0], **n),
    "hann_window": lambda t, **n: t.hann_window(4, **n),
}


@pytest.mark.parametrize("name", MAKERS)
class TestMakers:
    def test_a_device_is_taken_and_means_the_cpu(self, name):
        for device in ("cpu", "cpu:0", nn.device("cpu"), None):
            assert MAKERS[name](nn, device=device).device == nn.device("cpu")

    @pytest.mark.parametrize("device", ["cuda", "cuda:1", "mps", "meta", 0])
    def test_any_other_device_is_refused_by_name(self, name, device):
        with pytest.raises(nn.RangeError, match="there is no device but the CPU, got device") as error:
            MAKERS[name](nn, device=device)
        assert isinstance(error.value, RuntimeError)

    def test_a_word_that_nobody_knows_is_refused(self, name):
        with pytest.raises(TypeError, match="unexpected keyword argument 'dveice'"):
            MAKERS[name](nn, dveice="cpu")

    @pytest.mark.parametrize("dtype", ["float64", "float32", None])
    def test_dtype_and_requires_grad_are_those_of_pytorch(self, name, dtype):
        torch = pytest.importorskip("torch")
        if name in ("randint", "randperm") and dtype is None:
            pytest.skip("integers require no gradients")
        if name in ("as_tensor",):
            pytest.skip("as_tensor takes no requires_grad")
        ours, theirs = (
            MAKERS[name](t, dtype=dtype and getattr(t, dtype), requires_grad=True, device="cpu") for t in (nn, torch)
        )
        assert str(theirs.dtype) == f"torch.{ours.dtype}"
        assert ours.requires_grad
        assert ours.shape == tuple(theirs.shape)


def test_layout_and_pinning_have_no_effect():
    assert nn.zeros(2, layout=object(), pin_memory=True).tolist() == [0, 0]
    assert nn.zeros_like(nn.ones(2), memory_format=None).pin_memory().tolist() == [0, 0]


@pytest.mark.parametrize("make", [nn.zeros, nn.ones, nn.empty, nn.rand, nn.randn, nn.zeros(1).new_zeros])
def test_a_shape_may_be_given_as_size(make):
    assert make(size=(2, 3)).shape == make(2, 3).shape == make((2, 3)).shape == (2, 3)
    assert nn.randint(high=3, size=(4,)).shape == (4,)
    assert nn.full(size=(2,), fill_value=1).tolist() == [1, 1]


class TestDevice:
    def test_it_is_written_and_compared_as_in_pytorch(self):
        torch = pytest.importorskip("torch")
        for arguments in [("cpu",), ("cuda",), ("cuda:1",), ("cuda", 1), ("cpu", 0), ("mps",)]:
            ours, theirs = nn.device(*arguments), torch.device(*arguments)
            assert (str(ours), repr(ours), ours.type, ours.index) == (
                str(theirs), repr(theirs), theirs.type, theirs.index,
            )  # fmt: skip
        assert nn.device("cuda", 1) == nn.device("cuda:1") != nn.device("cuda")
        assert len({nn.device("cpu"), nn.device(nn.device("cpu"))}) == 1

    def test_what_is_no_device_is_refused(self):
        with pytest.raises(nn.RangeError, match="device: expected a name such as 'cpu' or 'cuda:0', got 'gpu'"):
            nn.device("gpu")
        with pytest.raises(nn.RangeError, match="got 'cuda:one'"):
            nn.device("cuda:one")

    def test_as_a_context_only_the_cpu_can_be_entered(self):
        with nn.device("cpu"):
            assert nn.zeros(1).device.type == "cpu"
        with pytest.raises(nn.RangeError, match="no device but the CPU"), nn.device("cuda"):
            pass

    def test_tensors_say_and_keep_theirs(self):
        x = nn.ones(2)
        assert x.cpu() is x
        assert x.to("cpu") is x.to(nn.device("cpu")) is x.to(device="cpu") is x.to(None) is x
        assert x.to("cpu", nn.float64).dtype == x.to(device=nn.device("cpu"), dtype=nn.float64).dtype == np.float64
        assert not x.is_cuda
        with pytest.raises(nn.RangeError, match="to: there is no device but the CPU, got device 'cuda'"):
            x.cuda()


class TestSize:
    def test_it_is_a_tuple_that_counts(self):
        size = nn.zeros(2, 3, 4).shape
        assert size == (2, 3, 4)
        assert isinstance(size, nn.Size)
        assert isinstance(size, tuple)
        assert size.numel() == nn.zeros(2, 3, 4).size().numel() == 24
        assert size[1:].numel() == 12
        assert size[-1] == 4
        assert isinstance(size + (5,), nn.Size)  # noqa: RUF005
        assert size + [5] == (2, 3, 4, 5)  # noqa: RUF005
        assert size[:1] * 2 == (2, 2)
        assert nn.Size([2, 3]).numel() == 6
        assert nn.zeros(()).shape.numel() == 1
        first, *rest = size
        assert (first, rest) == (2, [3, 4])


class TestDefaultDtype:
    @pytest.fixture(autouse=True)
    def _restored(self):
        yield
        nn.set_default_dtype(nn.float32)

    @pytest.mark.parametrize("expression", [
        "t.tensor(1.5)", "t.tensor([1.0])", "t.zeros(2)", "t.ones(2)", "t.empty(2)", "t.full((2,), 1.5)", "t.eye(2)",
        "t.arange(0.0, 2.0)", "t.arange(3)", "t.linspace(0, 1, 3)", "t.rand(2)", "t.randn(2)", "t.hann_window(4)",
        "t.normal(0.0, 1.0, (2,))", "t.tensor([1, 2]) / 2", "t.tensor([1, 2]) * 1.5", "t.tensor([4]).sqrt()",
        "t.tensor(2).exp()", "t.tensor([1, 2]) / t.tensor([2, 3])", "t.Tensor([1, 2])", "t.Tensor(2, 3)",
        "t.tensor([True]) + 1.5", "t.copysign(t.tensor([1]), -1)", "t.tensor([1, 2]).logsumexp(0)", "t.block_diag()",
        "t.logaddexp(t.tensor([1.0]), t.tensor(1))", "getattr(t, 'nn', t).utils.clip_grad_norm_([], 1.0)",
    ])  # fmt: skip
    def test_it_reaches_what_python_floats_reach(self, expression):
        torch = pytest.importorskip("torch")
        try:
            torch.set_default_dtype(torch.float64)
            nn.set_default_dtype(nn.float64)
            ours, theirs = eval(expression, {"t": nn}), eval(expression, {"t": torch})
        finally:
            torch.set_default_dtype(torch.float32)
        assert f"torch.{ours.dtype}" == str(theirs.dtype)
        assert ours.shape == tuple(theirs.shape)

    def test_layers_are_made_of_it(self):
        nn.set_default_dtype(nn.double)
        assert nn.get_default_dtype() == nn.Linear(2, 3).weight.dtype == nn.LSTM(2, 3).weight_ih_l0.dtype == nn.float64
        assert nn.Linear(2, 3)(nn.ones(1, 2)).dtype == nn.float64
        assert nn.Parameter([1, 2]).dtype == nn.Buffer([1, 2]).dtype == nn.float64

    def test_only_floats_can_be_the_default(self):
        with pytest.raises(nn.DtypeError, match="set_default_dtype: expected a floating-point type"):
            nn.set_default_dtype(nn.int64)


@pytest.mark.parametrize("name", ["sum", "mean", "prod", "amax", "amin", "argmax", "argmin", "logsumexp", "std", "var",
                                  "all", "any", "median", "nansum", "softmax", "log_softmax", "cumsum", "sort",
                                  "argsort", "unbind", "squeeze", "unsqueeze", "max", "min", "cummax"])  # fmt: skip
def test_axis_is_dim_for_functions_and_methods(name):
    def values(result):
        return [v.tolist() for v in result] if isinstance(result, tuple) else result.tolist()

    x = nn.tensor([[1.0, 2.0, 0.5], [3.0, -4.0, 7.0]])
    x = x > 0 if name in ("all", "any") else x
    expected = values(getattr(x, name)(dim=1))
    assert values(getattr(x, name)(axis=1)) == expected
    if hasattr(nn, name):
        assert values(getattr(nn, name)(x, axis=1)) == expected


def test_keepdims_is_keepdim_and_lists_are_joined_along_an_axis():
    x = nn.ones(2, 3)
    assert x.mean(axis=(0, 1), keepdims=True).shape == (1, 1)
    assert nn.amax(x, axis=1, keepdims=True).shape == (2, 1)
    assert nn.cat([x, x], axis=1).shape == (2, 6)
    assert nn.stack([x, x], axis=-1).shape == (2, 3, 2)
    with pytest.raises(TypeError, match="sum: got both dim and axis, which are the same; give one of them"):
        x.sum(dim=0, axis=1)


class TestPrinting:
    @pytest.fixture(autouse=True)
    def _restored(self):
        yield
        nn.set_printoptions(profile="default")

    @pytest.mark.parametrize("options", [{"precision": 2}, {"threshold": 5, "edgeitems": 1}, {"linewidth": 40},
                                         {"profile": "short"}, {"profile": "full"}], ids=str)  # fmt: skip
    def test_it_is_that_of_pytorch(self, options):
        torch = pytest.importorskip("torch")
        values = np.linspace(0.125, 0.875, 24, dtype=np.float32)
        try:
            torch.set_printoptions(**options)
            nn.set_printoptions(**options)
            ours, theirs = repr(nn.from_numpy(values)), repr(torch.from_numpy(values))
            assert ours.split() == theirs.split()  # PyTorch writes two spaces before dots
        finally:
            torch.set_printoptions(profile="default")

    def test_a_profile_that_nobody_knows_is_refused(self):
        with pytest.raises(nn.RangeError, match="profile must be default, short or full; got 'long'"):
            nn.set_printoptions(profile="long")

    def test_the_node_is_written_as_pytorch_writes_it(self):
        torch = pytest.importorskip("torch")
        for write in (lambda t, x: x * 2, lambda t, x: x.sum(), lambda t, x: x.exp(), lambda t, x: -x):
            ours, theirs = (repr(write(t, t.tensor([1.0, 2.0], requires_grad=True))) for t in (nn, torch))
            assert ours == theirs


def test_the_number_of_threads():
    before = nn.get_num_threads()
    assert before >= 1
    nn.set_num_threads(1)
    try:
        assert nn.get_num_threads() == 1
        assert nn.allclose(nn.ones(600, 600) @ nn.ones(600, 600), nn.full((600, 600), 600.0))
    finally:
        nn.settings.threads = None
    with pytest.raises(nn.RangeError, match="set_num_threads: expected an integer of at least 1, got 0"):
        nn.set_num_threads(0)


def test_the_place_of_new_tensors_is_the_cpu():
    nn.set_default_device(nn.device("cpu"))
    assert nn.get_default_device() == nn.zeros(1).device
    with pytest.raises(nn.RangeError, match="set_default_device: there is no device but the CPU, got device 'cuda'"):
        nn.set_default_device("cuda")


def test_orders_of_memory():
    x = nn.rand(2, 2, 3, 3, layout=nn.strided)
    for order in (nn.contiguous_format, nn.preserve_format):
        assert x.to(memory_format=order) is x
        assert x.float(memory_format=order) is x
    for last in (
        x.to(memory_format=nn.channels_last), x.contiguous(memory_format=nn.channels_last),
        x.double(memory_format=nn.channels_last), x.clone(memory_format=nn.channels_last),
        x.to(copy=True, memory_format=nn.channels_last),
    ):  # fmt: skip
        assert last.stride() == (18, 1, 6, 2)
        assert last.is_contiguous(memory_format=nn.channels_last)
        assert not last.is_contiguous()
        assert not x.is_contiguous(memory_format=nn.channels_last)
        assert (last == x).all()
        assert last.contiguous(memory_format=nn.channels_last) is last
        assert last.contiguous().is_contiguous()
    assert not x[0].is_contiguous(memory_format=nn.channels_last)
    with pytest.raises(
        nn.ShapeError, match=r"contiguous: nn.channels_last is an order of \(N, C, H, W\), got shape \(2,"
    ):
        x[0].contiguous(memory_format=nn.channels_last)
    x.requires_grad_().contiguous(memory_format=nn.channels_last).sum().backward()
    assert (x.grad == 1).all()
    assert isinstance(nn.strided, nn.layout)
    assert [repr(nn.strided), repr(nn.channels_last)] == ["nn.strided", "nn.channels_last"]


def test_names_of_dtypes_and_numbers():
    assert (nn.long, nn.int, nn.short) == (nn.int64, nn.int32, nn.int16)
    assert (nn.half, nn.float, nn.double) == (nn.float16, nn.float32, nn.float64)
    assert isinstance(nn.float32, nn.dtype)
    assert (nn.pi, nn.e, nn.inf) == (np.pi, np.e, np.inf)
    assert np.isnan(nn.nan)


RANGES = ["range(1, 4)", "range(4, 0, -2)", "(range(2), range(1, 3))", "(slice(None), range(2))", "range(0)"]


@pytest.mark.parametrize("index", RANGES)
def test_a_range_is_an_index(index):
    torch = pytest.importorskip("torch")
    ours, theirs = (t.arange(20).reshape(5, 4)[eval(index)] for t in (nn, torch))
    assert ours.tolist() == theirs.tolist()
