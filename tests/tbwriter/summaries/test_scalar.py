import math

import pytest

from tbwriter.messages.summary_pb2 import DATA_CLASS_SCALAR, Summary
from tbwriter.messages.tensor_pb2 import DT_FLOAT
from tbwriter.summaries.scalar import titled_scalar


def read(*args, **options):
    return Summary.FromString(titled_scalar("acc", *args, **options)).value[0]


def test_titles_stand_in_the_metadata_of_the_scalars_dashboard():
    value = read(0.5, "Accuracy", "of the **test** set")
    assert (value.tag, value.simple_value) == ("acc", 0.5)
    metadata = value.metadata
    assert (metadata.display_name, metadata.summary_description) == ("Accuracy", "of the **test** set")
    assert (metadata.plugin_data.plugin_name, metadata.data_class) == ("scalars", DATA_CLASS_SCALAR)


def test_the_new_style_is_a_tensor():
    tensor = read(0.1, as_tensor=True).tensor
    assert (tensor.dtype, len(tensor.tensor_shape.dim), len(tensor.double_val)) == (DT_FLOAT, 0, 0)
    assert tensor.float_val[0] == pytest.approx(0.1)


def test_all_digits_are_kept_beside_the_float32():
    tensor = read(0.1, double_precision=True).tensor
    assert (tensor.dtype, tensor.double_val) == (DT_FLOAT, [0.1])


@pytest.mark.parametrize("number", [1e300, -1e300, math.inf, math.nan])
def test_what_float32_cannot_hold_becomes_infinite(number):
    expected = math.copysign(math.inf, number) if abs(number) > 1 else math.nan
    shown = read(number, "Title").simple_value, read(number, as_tensor=True).tensor.float_val[0]
    assert all(one == expected or (math.isnan(one) and math.isnan(number)) for one in shown)
