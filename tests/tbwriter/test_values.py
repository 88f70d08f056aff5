import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from tbwriter.values import array, check_step, check_tag, check_wall_time, describe, scalar, scalars_by_tag


class Recorded:
    """A tensor that refuses conversion until it is detached, as torch's and ours do."""

    def __init__(self, data, detached=False):
        self.data, self.detached = np.asarray(data), detached

    def detach(self):
        return Recorded(self.data, detached=True)

    def numpy(self):
        if not self.detached:
            raise RuntimeError("detach first")
        return self.data


class Exported:
    def __init__(self, data):
        self.data = np.asarray(data)

    def __array__(self, dtype=None, copy=None):
        return self.data


@pytest.mark.parametrize(
    "value",
    [3, 3.0, True + 2, np.float32(3), np.int8(3), np.array(3.0), np.array([[3]]), [3], (3.0,), Recorded(3.0),
     Exported([3.0]), [Recorded(3.0)]],
)  # fmt: skip
def test_one_number_in_any_form_is_a_float(value):
    number = scalar("add_scalar", "loss", value)
    assert type(number) is float
    assert number == 3.0


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (10**30, 1e30), (10**400, math.inf), (-(10**400), -math.inf), (Decimal("0.25"), 0.25),
        (Decimal("inf"), math.inf), (Fraction(1, 4), 0.25), (Fraction(-(10**400), 3), -math.inf), ("0.25", 0.25),
        (" 1e3 ", 1000.0), (np.str_("-inf"), -math.inf), (np.float16(0.25), 0.25), (np.bool_(True), 1.0),
        (np.array(Fraction(1, 4)), 0.25), (np.array([Decimal(2)]), 2.0), (np.array("0.25"), 0.25), (["0.25"], 0.25),
        ([Decimal(2)], 2.0), (b"2.5", 2.5), (bytearray(b"2.5"), 2.5),
    ],
)  # fmt: skip
def test_numbers_are_taken_as_people_have_them(value, number):
    assert scalar("add_scalar", "loss", value) == number
    assert scalars_by_tag("log", "", {"loss": value}) == [("loss", number)]
    assert scalars_by_tag("add_scalars", "main", {"loss": value}) == [("loss", number)]
    assert array("add_histogram", "loss", [value, value]).ravel().tolist() == [number, number]


def test_an_integer_that_python_cannot_print_is_a_number_and_no_step():
    assert scalar("add_scalar", "loss", 10**5000) == math.inf
    with pytest.raises(
        ValueError, match="global_step must fit into 64 bits, got int that cannot be shown; count from 0"
    ):
        check_step("add_scalar", "loss", 10**5000)


def test_an_array_of_objects_is_one_of_numbers():
    values = np.array([[1, Fraction(1, 2)], [Decimal("0.25"), 10**400]], object)
    assert array("add_histogram", "w", values).tolist() == [[1, 0.5], [0.25, math.inf]]


@pytest.mark.parametrize("kind", [TypeError, ValueError, NotImplementedError])
@pytest.mark.parametrize("value", [None, "seven", 1j, {}, np.array([None]), np.datetime64(0, "s"), Decimal("snan")])
def test_a_refusal_is_of_each_kind_that_the_other_writers_raise(value, kind):
    with pytest.raises(kind, match=r"^add_scalar: tag 'loss': the value must be real numbers, got "):
        scalar("add_scalar", "loss", value)


def test_the_floats_of_torch_that_numpy_lacks_are_taken():
    torch = pytest.importorskip("torch", reason="has such floats")
    for dtype in torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2:
        tensor = torch.tensor([1.5, -2.0]).to(dtype)
        assert array("add_histogram", "w", tensor).tolist() == [1.5, -2.0]
        assert array("add_histogram", "w", [tensor[0], 3]).tolist() == [1.5, 3.0]
        assert check_step("add_scalar", "w", tensor[1:].float().to(dtype)) == -2


def test_a_tensor_of_torch_that_is_signed_lazily_is_taken():
    torch = pytest.importorskip("torch", reason="has such tensors")
    lazily = torch.conj(torch.tensor([1.0 + 2.0j])).imag
    assert lazily.is_neg()
    assert scalar("add_scalar", "loss", lazily) == -2.0


def test_masked_elements_are_nan():
    masked = np.ma.array([1, 2, 3], mask=[False, True, False])
    assert str(array("add_histogram", "w", masked).tolist()) == "[1.0, nan, 3.0]"
    assert math.isnan(scalar("add_scalar", "loss", np.ma.masked))
    assert array("add_histogram", "w", np.ma.array([1, 2])).tolist() == [1, 2]


def test_what_is_wider_than_float64_is_rounded_to_it():
    wide = array("add_histogram", "w", np.array(["1.5", "1e4000", "-1e4000"], np.longdouble))
    assert wide.dtype == np.float64
    assert wide[0] == 1.5
    assert (np.abs(wide[1:]) > 1e300).all()


def test_a_tensor_without_data_is_refused_by_name():
    torch = pytest.importorskip("torch", reason="has such tensors")
    fake_tensor = pytest.importorskip("torch._subclasses.fake_tensor")
    with fake_tensor.FakeTensorMode():
        fake = torch.zeros(2)
    for tensor in torch.zeros(2, device="meta"), fake:
        with pytest.raises(TypeError, match=r"^add_histogram: tag 'w': the values must be real numbers, got .*Error: "):
            array("add_histogram", "w", tensor, "the values")


def test_a_tensor_whose_storage_was_freed_is_refused_by_name():
    tensor = pytest.importorskip("torch", reason="has such tensors").zeros(2)
    tensor.untyped_storage().resize_(0)
    with pytest.raises(
        ValueError, match=r"^add_scalar: tag 'w': the value must be real numbers, got Tensor of freed storage"
    ):
        array("add_scalar", "w", tensor)
    tensor.untyped_storage().resize_(8)  # pytest shows it where this test fails, and that would crash


def test_a_tensor_of_several_lines_makes_an_error_of_one():
    several = type("Several", (), {"__repr__": lambda self: "one\n  two"})()
    with pytest.raises(TypeError, match=r"^add_scalar: tag 'x': the value must be real numbers, got Several one two$"):
        scalar("add_scalar", "x", several)


def test_a_deleted_tensor_is_refused_by_name_though_it_cannot_be_shown():
    class Deleted:
        def __array__(self, dtype=None, copy=None):
            raise RuntimeError("Array has been deleted")

        __repr__ = __array__

    message = (
        "^add_scalar: tag 'x': the value must be real numbers, got Deleted that cannot be shown: RuntimeError: Array"
    )
    with pytest.raises(TypeError, match=message):
        array("add_scalar", "x", Deleted())


def test_nan_and_infinities_are_numbers():
    assert math.isnan(scalar("add_scalar", "loss", np.float32("nan")))
    assert scalar("add_scalar", "loss", -math.inf) == -math.inf


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        (None, TypeError, "add_scalar: tag 'loss': the value must be real numbers, got NoneType None"),
        ("seven", TypeError, "add_scalar: tag 'loss': the value must be real numbers, got str 'seven'"),
        (
            1j,
            TypeError,
            "add_scalar: tag 'loss': the value must be real numbers, got complex 1j; "
            "log its real and imaginary parts, or abs(value)",
        ),
        (object, TypeError, "add_scalar: tag 'loss': the value must be real numbers, got type <class 'object'>"),
        (
            np.zeros(3),
            ValueError,
            "add_scalar: tag 'loss': the value must be one number, got float64 array of shape (3,); "
            "log its mean, or the whole of it by add_histogram",
        ),
        (
            [],
            ValueError,
            "add_scalar: tag 'loss': the value must be one number, got float64 array of shape (0,); "
            "log its mean, or the whole of it by add_histogram",
        ),
    ],
)
def test_what_is_no_number_is_refused_by_name(value, kind, message):
    with pytest.raises(kind) as caught:
        scalar("add_scalar", "loss", value)
    assert str(caught.value).startswith(message)


def test_a_ragged_list_is_refused_by_name():
    with pytest.raises(
        ValueError, match=r"^add_histogram: tag 'w': the values must be real numbers, got list \[\[1\], \[2, 3\]\]: "
    ):
        array("add_histogram", "w", [[1], [2, 3]], "the values")


def test_a_tensor_that_cannot_be_converted_is_refused_by_name():
    class Strange:
        def __array__(self, dtype=None, copy=None):
            raise TypeError("on another planet")

    with pytest.raises(TypeError, match=r"^add_scalar: tag 'x': the value must be real numbers, got Strange .*planet"):
        array("add_scalar", "x", Strange())


def test_bfloat16_becomes_float32():
    bfloat16 = pytest.importorskip("ml_dtypes", reason="NumPy has no bfloat16 of its own").bfloat16
    result = array("add_histogram", "w", np.array([1.5, -2.0]).astype(bfloat16))
    assert result.dtype == np.float32
    assert result.tolist() == [1.5, -2.0]


@pytest.mark.parametrize(
    "step",
    [7, np.int32(7), np.int64(7), np.uint8(7), 7.0, np.float32(7), np.array([7]), [7], Decimal(7), Fraction(14, 2), "7",
     "7.0", np.array(7, object)],
)  # fmt: skip
def test_a_whole_number_in_any_form_is_a_step(step):
    assert check_step("add_scalar", "loss", step) == 7


def test_the_bounds_of_a_step():
    assert check_step("add_scalar", "loss", None) == 0
    assert check_step("add_scalar", "loss", 2**63 - 1) == 2**63 - 1
    assert check_step("add_scalar", "loss", -3) == -3
    large = 2**53 + 1
    kinds = Decimal(large), Fraction(large), str(large), [large], np.array([[large]]), np.array([large], np.uint64)
    for step in (*kinds, np.array(large, object), np.array([Decimal(large)], object)):
        assert check_step("add_scalar", "loss", step) == large, "beyond the digits of a float"


@pytest.mark.parametrize("several", [[], [1, 2], np.zeros((2, 1))])
def test_several_numbers_where_one_is_expected_are_the_error_that_the_other_writers_raise_too(several):
    for kind in ValueError, AssertionError:
        with pytest.raises(kind, match=r"^add_scalar: tag 'loss': the value must be one number, got "):
            scalar("add_scalar", "loss", several)


@pytest.mark.parametrize(
    ("step", "kind", "message"),
    [
        (
            1.5,
            ValueError,
            "add_scalar: tag 'loss': global_step must be whole, got float 1.5; count batches or epochs, for example",
        ),
        (
            math.nan,
            ValueError,
            "add_scalar: tag 'loss': global_step must be whole, got float nan; count batches or epochs, for example",
        ),
        (
            2**63,
            ValueError,
            "add_scalar: tag 'loss': global_step must fit into 64 bits, got int 9223372036854775808; count from 0",
        ),
        ("x", TypeError, "add_scalar: tag 'loss': global_step must be real numbers, got str 'x'"),
        (
            Decimal("2.5"),
            ValueError,
            "add_scalar: tag 'loss': global_step must be whole, got Decimal Decimal('2.5'); count batches or epochs, "
            "for example",
        ),
        (
            [1, 2],
            ValueError,
            "add_scalar: tag 'loss': global_step must be one number, got int64 array of shape (2,)",
        ),
    ],
)
def test_what_is_no_step_is_refused_by_name(step, kind, message):
    with pytest.raises(kind) as caught:
        check_step("add_scalar", "loss", step)
    assert str(caught.value) == message


@pytest.mark.parametrize("seconds", [math.nan, math.inf])
def test_a_wall_time_that_is_not_finite_is_refused(seconds):
    with pytest.raises(
        ValueError,
        match=f"^add_scalar: tag 'loss': walltime must be finite, got {seconds}; give seconds since 1970, as time",
    ):
        check_wall_time("add_scalar", "loss", seconds)


def test_a_wall_time_that_is_no_number_is_refused():
    with pytest.raises(TypeError, match=r"^add_scalar: tag 'loss': walltime must be real numbers, got str 'now'$"):
        check_wall_time("add_scalar", "loss", "now")


@pytest.mark.parametrize("tag", ["loss", "loss/train", "Verlust in μs ☃", "x" * 10_000, "../x"])
def test_any_text_is_a_tag(tag):
    assert check_tag("add_scalar", tag) == tag


@pytest.mark.parametrize(
    ("tag", "kind", "message"),
    [
        ("", ValueError, "add_scalar: the tag '' is empty; give it a name such as 'loss/train'"),
        (
            "\ud800",
            ValueError,
            "add_scalar: the tag '\\ud800' is not valid Unicode; give it a name such as 'loss/train'",
        ),
        (3, TypeError, "add_scalar: the tag must be a string such as 'loss/train', got int 3"),
        (["a"], TypeError, "add_scalar: the tag must be a string such as 'loss/train', got list ['a']"),
    ],
)
def test_what_is_no_tag_is_refused(tag, kind, message):
    with pytest.raises(kind) as caught:
        check_tag("add_scalar", tag)
    assert str(caught.value) == message


def test_a_description_is_short():
    assert describe("x" * 100) == "str '" + "x" * 56 + "..."
    assert describe(np.array(2.0)) == "float64 value 2.0"


def test_numbers_by_tag_keep_their_order():
    assert scalars_by_tag("log", "", {"b": np.float32(0.5), "a": 1}) == [("b", 0.5), ("a", 1.0)]


@pytest.mark.parametrize(
    ("values", "main_tag", "message"),
    [
        ([1], "loss", "add_scalars: tag 'loss': expected a dictionary of numbers by name, got list [1]"),
        (0.5, "", "add_scalars: expected a dictionary of numbers by name, got float 0.5"),
        ({1: 1}, "", "add_scalars: the tag must be a string such as 'loss/train', got int 1"),
        ({"a": "x"}, "", "add_scalars: tag 'a': the value must be real numbers, got str 'x'"),
    ],
)
def test_what_are_no_numbers_by_tag_is_refused(values, main_tag, message):
    with pytest.raises(TypeError) as caught:
        scalars_by_tag("add_scalars", main_tag, values)
    assert str(caught.value) == message
