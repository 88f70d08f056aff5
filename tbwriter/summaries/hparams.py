"""Hyperparameters: what a run was made with, and how it ended."""

import dataclasses
import enum
import os
import sys
import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from tbwriter.messages.hparams_pb2 import (
    DATA_TYPE_BOOL,
    DATA_TYPE_FLOAT64,
    DATA_TYPE_STRING,
    STATUS_FAILURE,
    STATUS_SUCCESS,
    Experiment,
    HParamInfo,
    HParamsPluginData,
    HParamType,
    MetricInfo,
    MetricName,
    SessionEndInfo,
    SessionStartInfo,
    Status,
)
from tbwriter.messages.summary_pb2 import Summary, SummaryMetadata
from tbwriter.summaries.tensor import summary
from tbwriter.values import check_tag, describe, scalar

Value = bool | float | str

DOUBLE = "hparams_1"  # the sub-run of `double_session`

_WHERE = "add_hparams"
_UNKNOWN_TO_TENSORBOARD = 99  # a status that no one of its lists of sessions includes


def hparam_options(
    options: Sequence[object],
) -> tuple[Mapping[str, Sequence[object]] | None, str | None, object]:
    """The arguments after the metrics, which the other writers order differently: each is recognised by its type.

    Args:
        options: ``name, global_step`` as in tensorboardX, or ``hparam_domain_discrete, run_name, global_step`` as in
            torch; None for one that is not given.

    Returns:
        Domains, the name of a run, and a step; None where there is none.

    Raises:
        TypeError: there are two of a kind.

    Example:
        >>> hparam_options(["run", 3])
        (None, 'run', 3)
        >>> hparam_options([{"lr": [0.1, 0.01]}, None, 3])
        ({'lr': [0.1, 0.01]}, None, 3)
    """
    domains: Mapping[str, Sequence[object]] | None = None
    name: str | None = None
    step: object = None
    for option in options:
        match option:
            case None:
                continue
            case Mapping() if domains is None:
                domains = option
            case str() if name is None:
                name = option
            case _ if step is None and not isinstance(option, (Mapping, str)):
                step = option
            case _:
                raise TypeError(f"{_WHERE}: got {describe(option)} beside another argument of its kind; give one")
    return domains, name, step


def hparams(values: object) -> dict[str, Value]:
    """Hyperparameters as the dashboard knows them: bools, numbers and strings by name.

    Nested dictionaries become names with "/"; what is None is left out; NumPy's and other libraries' numbers become
    Python's; numbers that are not finite, and everything else, become strings.

    Args:
        values: a dictionary, whose keys are strings or become such; or a dataclass, a named tuple, or a namespace
            such as argparse's.

    Returns:
        A flat dictionary.

    Raises:
        TypeError: it is not a dictionary.
        ValueError: two names become the same, a dictionary holds itself, or a tensor has no data.

    Example:
        >>> import numpy as np
        >>> hparams({"lr": np.float32(0.5), "bias": True, "net": {"sizes": [784, 10], "dropout": None}})
        {'lr': 0.5, 'bias': True, 'net/sizes': '[784, 10]'}
    """
    by_name = _by_name(values)
    if by_name is None:
        raise TypeError(f"{_WHERE}: expected a dictionary of hyperparameters by name, got {describe(values)}")
    result: dict[str, Value] = {}
    for name, value in _flat(by_name, above=(values,)):
        if name in result:
            raise ValueError(f"{_WHERE}: two hyperparameters have the name {name!r}; rename one")
        if value is not None:
            result[_readable(name)] = _value(name, value)
    return result


def _by_name(values: object) -> Mapping[Any, object] | None:
    """A dictionary, the fields of a dataclass, a named tuple or a namespace; None for anything else."""
    if isinstance(values, Mapping):
        return values
    if dataclasses.is_dataclass(values) and not isinstance(values, type):
        return {field.name: getattr(values, field.name) for field in dataclasses.fields(values)}
    if isinstance(values, tuple) and hasattr(values, "_asdict"):
        return cast(Mapping[Any, object], values._asdict())
    argparse: Any = sys.modules.get("argparse")  # whoever has a namespace of it has imported it
    is_namespace = isinstance(values, types.SimpleNamespace) or (argparse and isinstance(values, argparse.Namespace))
    return vars(values) if is_namespace else None


def _flat(
    values: Mapping[Any, object], prefix: str = "", above: tuple[object, ...] = ()
) -> Iterator[tuple[str, object]]:
    for key, value in values.items():
        name = f"{prefix}{key}"
        if any(value is one for one in above):
            raise ValueError(f"{_WHERE}: {name!r} holds itself; leave it out")
        below = _by_name(value)
        if below is not None:
            yield from _flat(below, f"{name}/", (*above, value))
        else:
            yield name, value


def _value(name: str, value: Any) -> Value:
    if isinstance(value, enum.Enum):
        return str(value) if not isinstance(value, (int, float, str)) else _value(name, value.value)
    if not isinstance(value, (bool, int, float, str)) and callable(getattr(value, "tolist", None)):
        try:
            value = value.tolist()  # arrays and scalars of NumPy, torch ...
        except Exception as error:  # each library has its own for a tensor that has no data
            reason = f"{type(error).__name__}: {error}"
            raise ValueError(f"{_WHERE}: {name!r} has no value to show, got {describe(value)}: {reason}") from error
        while isinstance(value, list) and len(value) == 1:
            value = value[0]
    if not isinstance(value, (bool, int, float)) and hasattr(value, "as_integer_ratio"):  # a fraction or a decimal
        value = scalar(_WHERE, name, value)
    match value:
        case bool():
            return value
        case int() | float() if abs(value) <= sys.float_info.max:
            return float(value)
        case str():
            return _readable(value)
        case os.PathLike():
            return str(os.fspath(value))
    known_as = getattr(value, "__qualname__", None)  # of a class or a function: its repr holds an address
    try:
        return known_as if isinstance(known_as, str) else str(value)
    except ValueError:  # of an integer of thousands of digits
        return describe(value)


def _readable(text: str) -> str:
    """Text that UTF-8 can hold: half a surrogate pair becomes a question mark."""
    return text.encode("utf-8", "replace").decode()


def session_start(values: Mapping[str, Value], start_time: float) -> bytes:
    """A Summary that says what a run was made with.

    Args:
        values: as `hparams` gives them.
        start_time: seconds since 1970.

    Returns:
        The serialised Summary.

    Example:
        >>> Summary.FromString(session_start({"lr": 0.5}, 1.5)).value[0].tag
        '_hparams_/session_start_info'
    """
    info = SessionStartInfo(start_time_secs=start_time)
    for name, value in values.items():
        if isinstance(value, bool):
            info.hparams[name].bool_value = value
        elif isinstance(value, str):
            info.hparams[name].string_value = value
        else:
            info.hparams[name].number_value = value
    return summary(_record("session_start_info", HParamsPluginData(session_start_info=info)))


def session_end(success: bool, end_time: float) -> bytes:
    """A Summary that says how a run ended.

    Args:
        success: whether it ran to its end.
        end_time: seconds since 1970.

    Returns:
        The serialised Summary.

    Example:
        >>> Summary.FromString(session_end(True, 1.5)).value[0].tag
        '_hparams_/session_end_info'
    """
    info = SessionEndInfo(status=STATUS_SUCCESS if success else STATUS_FAILURE, end_time_secs=end_time)
    return summary(_record("session_end_info", HParamsPluginData(session_end_info=info)))


def double_session(values: Mapping[str, Value], time: float) -> list[bytes]:
    """Summaries of a session that TensorBoard counts and never lists, for the sub-run `DOUBLE` of a run.

    Opened on a run's own directory, TensorBoard calls the run ".", and finds the values of a metric there only if
    another session has the metric, too. A double of the session, with the metrics and below the run, is that other one.

    Args:
        values: as `hparams` gives them.
        time: seconds since 1970.

    Returns:
        The serialised Summaries.

    Example:
        >>> len(double_session({"lr": 0.5}, 1.5))
        2
    """
    info = SessionEndInfo(end_time_secs=time)
    info.status = cast(Status, _UNKNOWN_TO_TENSORBOARD)
    end = summary(_record("session_end_info", HParamsPluginData(session_end_info=info)))
    return [session_start(values, time), end]


def is_double(end: Mapping[str, object]) -> bool:
    """Whether a session ended as `double_session` does; ``end`` is its decoded end.

    Example:
        >>> is_double({"status": "success", "end_time": 1.5})
        False
    """
    return end.get("status") == str(_UNKNOWN_TO_TENSORBOARD)


class Sessions:
    """The sets of hyperparameters of a writer, each with the sub-run that was made with it; the run itself is "".

    Example:
        >>> sessions = Sessions()
        >>> sessions.begin(sessions.place({"lr": 0.5}), {"lr": 0.5})
        >>> sessions.place({"lr": 0.5}), sessions.place({"lr": 0.25})
        ('', 'hparams_2')
        >>> [place for place, _ in sessions.end(success=True, end_time=1.5)]
        ['']
    """

    def __init__(self) -> None:
        self._values: dict[str, Mapping[str, Value]] = {}  # by sub-run

    def __contains__(self, place: str) -> bool:
        return place in self._values

    def place(self, values: Mapping[str, Value], name: str | None = None) -> str:
        """The sub-run that these hyperparameters belong to: each has one set of them.

        Args:
            values: as `hparams` gives them.
            name: the sub-run that the caller names; "." is the run itself.

        Returns:
            A directory below the run's, or "".

        Raises:
            ValueError: the name is that of another set, or leads out of the run's directory.
        """
        if name and name != ".":
            check_tag(_WHERE, name)
            if {"", ".", ".."} & set(name.replace("\\", "/").split("/")):
                raise ValueError(f"{_WHERE}: the name {name!r} leads out of the run's directory; choose another")
            if self._values.get(name, values) != values:
                raise ValueError(f"{_WHERE}: {name!r} already has other hyperparameters; choose another name")
            return name
        places = ["", *(f"hparams_{number}" for number in range(2, len(self._values) + 2))]
        return next(place for place in places if self._values.get(place, values) == values)

    def begin(self, place: str, values: Mapping[str, Value]) -> None:
        """Remember that a sub-run was made with these hyperparameters."""
        self._values[place] = values

    def end(self, success: bool, end_time: float) -> list[tuple[str, bytes]]:
        """End every session, as `session_end` does: the sub-runs, each with a serialised Summary."""
        places = [*self._values]
        self._values.clear()
        return [(place, session_end(success, end_time)) for place in places]


def experiment(
    values: Mapping[str, Value],
    metrics: Sequence[str],
    domains: Mapping[str, Sequence[object]],
    created: float,
    record: str = "experiment",
) -> bytes:
    """A Summary that names all hyperparameters and metrics of an experiment.

    TensorBoard takes one such record for all runs below its log directory, and shows nothing that is not in it. Without
    any it shows what there is.

    Args:
        values: as `hparams` gives them.
        metrics: tags of scalars.
        domains: the values that a hyperparameter may have, by its name.
        created: seconds since 1970.
        record: the record's name; under another than "experiment" TensorBoard takes no notice of it, and a reader of
            the file finds the same in it.

    Returns:
        The serialised Summary.

    Raises:
        ValueError: a domain belongs to no hyperparameter, holds nothing, or values of several types.

    Example:
        >>> Summary.FromString(experiment({"lr": 0.5}, ["loss"], {"lr": [0.1, 0.5]}, 1.5)).value[0].tag
        '_hparams_/experiment'
    """
    unknown = sorted(map(str, domains.keys() - values.keys()))
    if unknown:
        raise ValueError(f"{_WHERE}: hparam_domain_discrete names {unknown}, but no hyperparameter has that name")
    content = Experiment(
        time_created_secs=created,
        hparam_infos=[_info(name, value, domains.get(name)) for name, value in values.items()],
        metric_infos=[MetricInfo(name=MetricName(tag=tag)) for tag in metrics],
    )
    return summary(_record(record, HParamsPluginData(experiment=content)))


def _info(name: str, value: Value, domain: Sequence[object] | None) -> HParamInfo:
    info = HParamInfo(name=name, type=_type(value))
    if domain is not None:
        try:
            members = [_value(name, member) for member in domain]
        except TypeError:  # one value, not in a list
            members = []
        if not members or any(_type(member) != info.type for member in members):
            expected = f"must hold one or more values of the type of {value!r}"
            raise ValueError(f"{_WHERE}: hparam_domain_discrete[{name!r}] {expected}, got {describe(domain)}")
        info.domain_discrete.extend(members)
    return info


def _type(value: Value) -> HParamType:
    if isinstance(value, bool):
        return DATA_TYPE_BOOL
    return DATA_TYPE_STRING if isinstance(value, str) else DATA_TYPE_FLOAT64


def _record(name: str, content: HParamsPluginData) -> Summary.Value:
    """No tensor and no data class: with one, TensorBoard's Python loader fails."""
    plugin_data = SummaryMetadata.PluginData(plugin_name="hparams", content=content.SerializeToString())
    return Summary.Value(tag=f"_hparams_/{name}", metadata=SummaryMetadata(plugin_data=plugin_data))
