"""Values of Summaries, of any writer and in the old style or the new one, as what was logged."""

import io
import wave
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import DecodeError

from tbwriter.messages import tensor_pb2 as types
from tbwriter.messages.hparams_pb2 import HParamsPluginData, Status
from tbwriter.messages.plugins_pb2 import Layout
from tbwriter.messages.summary_pb2 import Summary
from tbwriter.messages.tensor_pb2 import TensorProto
from tbwriter.summaries import png

Array = npt.NDArray[Any]

_KINDS = {"simple_value": "scalars", "histo": "histograms", "image": "images", "audio": "audio", "tensor": "tensor"}
_TYPES = {  # the elements' bytes, and the field that may hold them instead
    types.DT_FLOAT: ("<f4", "float_val"), types.DT_DOUBLE: ("<f8", "double_val"), types.DT_HALF: ("<f2", "half_val"),
    types.DT_BFLOAT16: ("<u2", "half_val"), types.DT_BOOL: ("?", "bool_val"), types.DT_INT8: ("i1", "int_val"),
    types.DT_INT16: ("<i2", "int_val"), types.DT_INT32: ("<i4", "int_val"), types.DT_INT64: ("<i8", "int64_val"),
    types.DT_UINT8: ("u1", "int_val"), types.DT_UINT16: ("<u2", "int_val"), types.DT_UINT32: ("<u4", "uint32_val"),
    types.DT_UINT64: ("<u8", "uint64_val"), types.DT_COMPLEX64: ("<c8", "scomplex_val"),
    types.DT_COMPLEX128: ("<c16", "dcomplex_val"),
}  # fmt: skip
_BITS = (types.DT_HALF, types.DT_BFLOAT16)  # half_val holds not their values but their bits


class Buckets(NamedTuple):
    """A histogram.

    Attributes:
        left: the lower edge of each bucket.
        right: its upper edge.
        counts: how many values it holds.
    """

    left: Array
    right: Array
    counts: Array


class Picture(NamedTuple):
    """A picture, as its file.

    Attributes:
        width: in pixels.
        height: in pixels.
        data: the file's bytes, most often PNG, or GIF for a video.
    """

    width: int
    height: int
    data: bytes

    def pixels(self) -> npt.NDArray[np.uint8]:
        """The pixels of a PNG: uint8 ``(height, width, channels)``; of another file where Pillow is installed.

        Raises:
            ValueError: the file is damaged.
            ImportError: it is of a kind that only Pillow reads, and that is not installed.
        """
        if self.data.startswith(png.SIGNATURE):
            return png.decode(self.data)
        try:
            from PIL import Image
        except ImportError as error:
            raise ImportError("a picture that is no PNG is read by Pillow: pip install 'fromzero[media]'") from error
        with Image.open(io.BytesIO(self.data)) as image:
            return np.asarray(image.convert("RGB"), np.uint8)


class Sound(NamedTuple):
    """A sound, as its file.

    Attributes:
        rate: samples a second.
        data: the file's bytes, most often WAV.
    """

    rate: float
    data: bytes

    def samples(self) -> npt.NDArray[np.int16]:
        """The samples of a WAV file of 16 bits: int16 ``(length, channels)``.

        Raises:
            ValueError: it is of another kind.
        """
        try:
            with wave.open(io.BytesIO(self.data)) as file:
                width, channels = file.getsampwidth(), file.getnchannels()
                content = file.readframes(file.getnframes())
        except (wave.Error, EOFError) as error:
            raise ValueError(f"expected a WAV file of 16 bits: {error}") from error
        if width != 2:
            raise ValueError(f"expected a WAV file of 16 bits, got {8 * width} bits")
        return np.frombuffer(content, "<i2").reshape(-1, channels).astype(np.int16)


class PrCurve(NamedTuple):
    """A PR curve: an array each, of one number for every threshold."""

    thresholds: Array
    true_positives: Array
    false_positives: Array
    true_negatives: Array
    false_negatives: Array
    precision: Array
    recall: Array


def kind_of(value: Summary.Value) -> str:
    """The dashboard that shows a value, such as "scalars".

    Args:
        value: a value of a Summary.

    Returns:
        The name of its plugin; in the old style, which names none, that of the one for its field.

    Example:
        >>> kind_of(Summary.Value(tag="loss", simple_value=0.5))
        'scalars'
    """
    plugin: str = value.metadata.plugin_data.plugin_name
    return plugin or _KINDS.get(value.WhichOneof("value") or "", "unknown")


def number_of(value: Summary.Value) -> float | None:
    """The number of a scalar in the old style or the new one; None where there is something else.

    Args:
        value: a value of a Summary.

    Returns:
        The number.

    Example:
        >>> number_of(Summary.Value(tag="loss", simple_value=0.5))
        0.5
    """
    if value.HasField("simple_value"):
        return float(value.simple_value)
    tensor = value.tensor
    if tensor.dtype not in (types.DT_FLOAT, types.DT_DOUBLE) or tensor.tensor_shape.dim:
        return None
    if len(tensor.double_val) == 1:  # where `add_scalar` keeps all digits, whatever the dtype
        return float(tensor.double_val[0])
    dtype, field = _TYPES[tensor.dtype]
    numbers = np.frombuffer(tensor.tensor_content, dtype) if tensor.tensor_content else getattr(tensor, field)
    return float(numbers[0]) if len(numbers) == 1 else None


def decode(value: Summary.Value, kind: str | None = None) -> Any:
    """What was logged.

    Args:
        value: a value of a Summary.
        kind: its dashboard, where an earlier event of the tag names it and this one does not.

    Returns:
        By kind: a float of "scalars", `Buckets` of "histograms", a list of `Picture` of "images", a list of `Sound` of
        "audio", a string (or an array of strings) of "text", a `PrCurve` of "pr_curves", a dictionary of "hparams" and
        "custom_scalars", an array of everything else; None where there is nothing, or nothing that can be read.

    Example:
        >>> decode(Summary.Value(tag="loss", simple_value=0.5))
        0.5
        >>> from tbwriter.messages.summary_pb2 import HistogramProto
        >>> decode(Summary.Value(tag="x", histo=HistogramProto(min=0, max=2, bucket_limit=[1, 2], bucket=[3, 1])))
        Buckets(left=array([0., 1.]), right=array([1., 2.]), counts=array([3., 1.]))
    """
    kind = kind or kind_of(value)
    try:
        if kind == "scalars":
            return number_of(value)
        return _DECODERS.get(kind, _plain)(value)
    except (DecodeError, ValueError, IndexError, KeyError):
        return None


def array_of(tensor: TensorProto) -> Array:
    """The array of a TensorProto.

    Args:
        tensor: of any dtype; its elements may stand as bytes, one by one, or once for all of them.

    Returns:
        An array of its shape; bfloat16 becomes float32, strings are bytes in an array of objects.

    Raises:
        ValueError: the elements do not fit the shape, or the dtype is unknown.

    Example:
        >>> array_of(TensorProto(dtype=types.DT_HALF, half_val=[0x3C00]))
        array(1., dtype=float16)
    """
    shape = [dim.size for dim in tensor.tensor_shape.dim]
    if tensor.dtype == types.DT_STRING:
        return np.array([*tensor.string_val, None], object)[:-1].reshape(shape)
    if tensor.dtype not in _TYPES:
        raise ValueError(f"a tensor of the unknown dtype {tensor.dtype}")
    code, field = _TYPES[tensor.dtype]
    if tensor.tensor_content:
        items = np.frombuffer(tensor.tensor_content, code)
    elif tensor.dtype in _BITS:
        items = np.array(tensor.half_val, "<u2").view(code)
    elif "complex" in field:
        items = np.array(getattr(tensor, field), code[:-1].replace("c", "f") + str(int(code[2:]) // 2)).view(code)
    else:
        items = np.array(getattr(tensor, field), code)
    if tensor.dtype == types.DT_BFLOAT16:
        items = (items.astype("<u4") << 16).view("<f4")
    size = int(np.prod(shape, dtype=np.int64))
    if 0 < items.size < size and not tensor.tensor_content:  # the last one stands for all that follow
        items = np.concatenate([items, np.full(size - items.size, items[-1])])
    return items.reshape(shape)


def _plain(value: Summary.Value) -> Array | None:
    return array_of(value.tensor) if value.HasField("tensor") else None


def _buckets(value: Summary.Value) -> Buckets:
    if value.HasField("tensor"):
        return Buckets(*array_of(value.tensor).reshape(-1, 3).astype(np.float64).T)
    histo = value.histo
    right, count = np.array(histo.bucket_limit), np.array(histo.bucket)
    left = np.concatenate([[min(histo.min, right[0])], right[:-1]]) if right.size else right
    if right.size:  # of writers whose first and last edges are beyond all numbers
        right[-1] = max(min(right[-1], histo.max), left[-1])
    return Buckets(left, right, count)


def _pictures(value: Summary.Value) -> list[Picture]:
    if value.HasField("image"):
        return [Picture(value.image.width, value.image.height, value.image.encoded_image_string)]
    width, height, *files = value.tensor.string_val
    return [Picture(int(width), int(height), data) for data in files]


def _sounds(value: Summary.Value) -> list[Sound]:
    if value.HasField("audio"):
        return [Sound(value.audio.sample_rate, value.audio.encoded_audio_string)]
    files = array_of(value.tensor).reshape(-1, 2)[:, 0]
    return [Sound(int.from_bytes(data[24:28], "little"), data) for data in files]


def _text(value: Summary.Value) -> Any:
    items = array_of(value.tensor)
    texts = np.array([*(item.decode("utf-8", "replace") for item in items.ravel()), None], object)[:-1]
    return texts[0] if texts.size == 1 else texts.reshape(items.shape)


def _pr_curve(value: Summary.Value) -> PrCurve:
    rows = array_of(value.tensor)
    return PrCurve(np.linspace(0, 1, rows.shape[1]), *rows)


def _hparams(value: Summary.Value) -> Any:
    """The hyperparameters themselves of a session's start; the message of everything else."""
    data = HParamsPluginData.FromString(value.metadata.plugin_data.content)
    match data.WhichOneof("data"):
        case "session_start_info":
            return {name: _of_any(one) for name, one in sorted(data.session_start_info.hparams.items())}
        case "session_end_info":
            number = data.session_end_info.status
            status = Status.Name(number).removeprefix("STATUS_").lower() if number in Status.values() else str(number)
            return {"status": status, "end_time": data.session_end_info.end_time_secs}
        case _:
            return MessageToDict(data.experiment, preserving_proto_field_name=True)


def _of_any(one: Any) -> Any:
    field = one.WhichOneof("kind")
    return None if field in (None, "null_value") else getattr(one, field)


def _layout(value: Summary.Value) -> Any:
    return MessageToDict(Layout.FromString(value.tensor.string_val[0]), preserving_proto_field_name=True)


_DECODERS = {
    "histograms": _buckets,
    "images": _pictures,
    "audio": _sounds,
    "text": _text,
    "pr_curves": _pr_curve,
    "hparams": _hparams,
    "custom_scalars": _layout,
}
