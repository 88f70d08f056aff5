import argparse
import dataclasses
import enum
import math
import types
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from tbwriter.messages.hparams_pb2 import (
    DATA_TYPE_BOOL,
    DATA_TYPE_FLOAT64,
    DATA_TYPE_STRING,
    STATUS_FAILURE,
    STATUS_SUCCESS,
    HParamsPluginData,
)
from tbwriter.messages.summary_pb2 import DATA_CLASS_UNKNOWN, Summary
from tbwriter.summaries.hparams import experiment, hparam_options, hparams, session_end, session_start


class Optimizer(enum.Enum):
    SGD = 1


class Tensor:
    def tolist(self):
        return 0.5


def content(summary):
    value = Summary.FromString(summary).value[0]
    assert value.metadata.plugin_data.plugin_name == "hparams"
    assert value.metadata.data_class == DATA_CLASS_UNKNOWN
    assert value.WhichOneof("value") is None
    return HParamsPluginData.FromString(value.metadata.plugin_data.content)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        (np.bool_(False), False),
        (3, 3.0),
        (0.5, 0.5),
        (np.float32(0.5), 0.5),
        (np.int64(7), 7.0),
        (np.array(7), 7.0),
        (Tensor(), 0.5),
        (np.array([1, 2]), "[1, 2]"),
        (np.array([[7]]), 7.0),
        (np.array([True]), True),
        ([7], "[7]"),
        (Decimal("0.25"), 0.25),
        (Decimal("nan"), "nan"),
        (Fraction(1, 4), 0.25),
        ([1, "a"], "[1, 'a']"),
        ((1, 2), "(1, 2)"),
        ("sgd", "sgd"),
        ("", ""),
        (math.nan, "nan"),
        (math.inf, "inf"),
        pytest.param(10**400, str(10**400), id="beyond float64"),
        pytest.param(10**5000, "int that cannot be shown", id="beyond what Python prints"),
        (1j, "1j"),
        (Optimizer.SGD, "Optimizer.SGD"),
        (Path("data") / "train", str(Path("data") / "train")),
        (Optimizer, "Optimizer"),
        ("a\udc80", "a?"),
    ],
)
def test_a_value_is_a_bool_a_number_or_a_string(value, expected):
    result = hparams({"x": value})["x"]
    assert result == expected
    assert type(result) is type(expected)


def test_nested_dictionaries_are_flattened_and_nothing_is_left_out_but_none():
    values = {"lr": 0.5, "none": None, "net": {"layers": {"size": 3}, "bias": False, "empty": {}}, 7: "seven"}
    assert hparams(values) == {"lr": 0.5, "net/layers/size": 3, "net/bias": False, "7": "seven"}


@dataclasses.dataclass
class Net:
    layers: int = 2
    dropout: float | None = None


def test_hyperparameters_may_be_the_fields_of_a_dataclass_or_a_namespace():
    expected = {"lr": 0.5, "net/layers": 2}
    assert hparams(argparse.Namespace(lr=0.5, net=Net())) == expected
    assert hparams(types.SimpleNamespace(lr=0.5, net={"layers": 2})) == expected
    assert hparams({"lr": 0.5, "net": argparse.Namespace(layers=2)}) == expected
    assert hparams(Net()) == {"layers": 2}
    with pytest.raises(TypeError, match="expected a dictionary of hyperparameters by name, got type"):
        hparams(Net)


class Pair(NamedTuple):
    lr: float
    net: object


def test_hyperparameters_may_be_a_named_tuple():
    assert hparams(Pair(0.5, {"layers": 2})) == {"lr": 0.5, "net/layers": 2}
    assert hparams({"outer": Pair(0.5, [1, 2])}) == {"outer/lr": 0.5, "outer/net": "[1, 2]"}


def test_a_dictionary_that_holds_itself_is_refused_by_name():
    values = {"lr": 0.5}
    values["net"] = {"again": values}
    with pytest.raises(ValueError, match=r"^add_hparams: 'net/again' holds itself; leave it out$"):
        hparams(values)
    shared = {"size": 3}
    assert hparams({"a": shared, "b": shared}) == {"a/size": 3, "b/size": 3}


def test_a_tensor_without_data_is_refused_by_name():
    class Deleted:
        def tolist(self):
            raise RuntimeError("Array has been deleted")

    expected = "^add_hparams: 'net/lr' has no value to show, got Deleted .*: RuntimeError: Array has been deleted$"
    with pytest.raises(ValueError, match=expected):
        hparams({"net": {"lr": Deleted()}})


def test_what_is_no_dictionary_is_refused():
    with pytest.raises(TypeError) as caught:
        hparams([("lr", 0.5)])
    got = "list [('lr', 0.5)]"
    assert str(caught.value) == f"add_hparams: expected a dictionary of hyperparameters by name, got {got}"


def test_two_of_one_name_are_refused():
    with pytest.raises(ValueError, match=r"^add_hparams: two hyperparameters have the name 'a/b'; rename one$"):
        hparams({"a/b": 1, "a": {"b": 2}})


def test_a_session_starts_with_its_hyperparameters():
    info = content(session_start({"lr": 0.5, "bias": True, "name": "x"}, 12.5)).session_start_info
    assert info.start_time_secs == 12.5
    kinds = {name: value.WhichOneof("kind") for name, value in info.hparams.items()}
    assert kinds == {"lr": "number_value", "bias": "bool_value", "name": "string_value"}


@pytest.mark.parametrize(("success", "status"), [(True, STATUS_SUCCESS), (False, STATUS_FAILURE)])
def test_a_session_ends_well_or_badly(success, status):
    info = content(session_end(success, 12.5)).session_end_info
    assert (info.status, info.end_time_secs) == (status, 12.5)


def test_an_experiment_names_types_domains_and_metrics():
    values = {"lr": 0.5, "bias": True, "name": "x"}
    record = content(experiment(values, ["loss"], {"lr": [0.5, np.float32(0.25)]}, 12.5)).experiment
    types = {info.name: info.type for info in record.hparam_infos}
    assert types == {"lr": DATA_TYPE_FLOAT64, "bias": DATA_TYPE_BOOL, "name": DATA_TYPE_STRING}
    (domain,) = [info.domain_discrete for info in record.hparam_infos if info.HasField("domain_discrete")]
    assert [value.number_value for value in domain.values] == [0.5, 0.25]
    assert [info.name.tag for info in record.metric_infos] == ["loss"]


@pytest.mark.parametrize(
    ("domains", "message"),
    [
        ({"rate": [1]}, "hparam_domain_discrete names ['rate'], but no hyperparameter has that name"),
        (
            {"lr": ["a"]},
            "hparam_domain_discrete['lr'] must hold one or more values of the type of 0.5, got list ['a']",
        ),
        ({"lr": []}, "hparam_domain_discrete['lr'] must hold one or more values of the type of 0.5, got list []"),
        ({"lr": 0.5}, "hparam_domain_discrete['lr'] must hold one or more values of the type of 0.5, got float 0.5"),
    ],
)
def test_domains_that_do_not_fit_are_refused(domains, message):
    with pytest.raises(ValueError) as caught:
        experiment({"lr": 0.5}, [], domains, 0.0)
    assert str(caught.value) == f"add_hparams: {message}"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], (None, None, None)),
        (["run", 3], (None, "run", 3)),
        ([None, 3], (None, None, 3)),
        ([{"lr": [1]}, "run", 3], ({"lr": [1]}, "run", 3)),
        ([None, "run"], (None, "run", None)),
        ([None, None, np.int64(3)], (None, None, 3)),
    ],
)
def test_the_arguments_of_either_writer_are_told_apart_by_type(options, expected):
    assert hparam_options(options) == expected


@pytest.mark.parametrize("options", [["run", "run"], [3, 4], [{}, {}]])
def test_two_arguments_of_a_kind_are_refused(options):
    with pytest.raises(TypeError, match=r"^add_hparams: got .* beside another argument of its kind; give one$"):
        hparam_options(options)


def test_an_enumeration_of_numbers_or_strings_counts_as_these_and_any_other_has_its_name():
    number, text = enum.IntEnum("Number", {"A": 3}), enum.Enum("Text", {"A": "adam"}, type=str)
    values = {"number": number.A, "text": text.A, "other": enum.Enum("Other", "A").A}
    assert hparams(values) == {"number": 3.0, "text": "adam", "other": "Other.A"}


def test_half_a_surrogate_pair_in_a_name_becomes_a_question_mark_as_in_a_value():
    assert hparams({"a\ud800": "b\ud800"}) == {"a?": "b?"}
