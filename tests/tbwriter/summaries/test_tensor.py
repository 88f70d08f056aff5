import numpy as np
import pytest

from tbwriter.messages.summary_pb2 import DATA_CLASS_TENSOR, Summary
from tbwriter.messages.tensor_pb2 import DT_DOUBLE, DT_STRING, DataType
from tbwriter.summaries.tensor import number_tensor, string_tensor, tensor_summary

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("dtype", "name"),
    [
        ("bool", "DT_BOOL"), ("int8", "DT_INT8"), ("int16", "DT_INT16"), ("int32", "DT_INT32"), ("int64", "DT_INT64"),
        ("uint8", "DT_UINT8"), ("uint16", "DT_UINT16"), ("uint32", "DT_UINT32"), ("uint64", "DT_UINT64"),
        ("float16", "DT_HALF"), ("float32", "DT_FLOAT"), ("float64", "DT_DOUBLE"),
    ],
)  # fmt: skip
def test_every_dtype_keeps_its_bytes(dtype, name):
    values = RNG.integers(0, 2, (2, 3)).astype(dtype)
    tensor = number_tensor(values)
    assert tensor.dtype == DataType.Value(name)
    assert [dim.size for dim in tensor.tensor_shape.dim] == [2, 3]
    assert np.array_equal(np.frombuffer(tensor.tensor_content, values.dtype.newbyteorder("<")).reshape(2, 3), values)


@pytest.mark.parametrize("values", [np.arange(6.0).reshape(2, 3).T, np.arange(6.0)[::-2], np.arange(6, dtype=">f8")])
def test_any_layout_of_memory_is_written_in_order(values):
    tensor = number_tensor(values)
    assert np.frombuffer(tensor.tensor_content, "<f8").tolist() == values.ravel().tolist()


def test_longer_floats_become_float64():
    assert number_tensor(np.ones(2, np.longdouble)).dtype == DT_DOUBLE


def test_one_number_has_no_axes():
    tensor = number_tensor(np.array(2.5))
    assert not tensor.tensor_shape.dim
    assert not tensor.tensor_shape.unknown_rank


def test_byte_strings_are_kept():
    tensor = string_tensor([b"\x00\xff", b""], (2,))
    assert (tensor.dtype, tensor.string_val) == (DT_STRING, [b"\x00\xff", b""])


def test_the_summary_names_its_dashboard():
    (value,) = Summary.FromString(tensor_summary("x", [[1, 2]])).value
    assert (value.tag, value.metadata.plugin_data.plugin_name) == ("x", "tensor")
    assert value.metadata.data_class == DATA_CLASS_TENSOR


def test_what_is_no_number_is_refused():
    with pytest.raises(TypeError, match=r"^add_tensor: tag 'x': the value must be real numbers, got list \['a'\]$"):
        tensor_summary("x", ["a"])
