"""Audio: samples, made into a WAV file of 16 bits a sample."""

import struct
from typing import Any

import numpy as np
import numpy.typing as npt

from tbwriter.messages.plugins_pb2 import AudioPluginData
from tbwriter.messages.summary_pb2 import DATA_CLASS_BLOB_SEQUENCE, Summary
from tbwriter.summaries.tensor import metadata, summary
from tbwriter.values import array, describe, without_nan

Samples = npt.NDArray[np.int16]

MOST_CHANNELS = 8


def samples(tag: str, value: object) -> Samples:
    """Sound as 16-bit samples.

    Args:
        tag: the tag at work, for messages.
        value: ``(L,)``, or ``(L, C)`` or ``(C, L)`` with C channels, C the smaller one and at most 8. Floats run from
            -1 to 1, what lies outside is clipped, NaN is silence; int16, int32 and uint8 are as in WAV files.

    Returns:
        int16 ``(L, C)``.

    Raises:
        TypeError: the value holds no numbers, or integers of another size.
        ValueError: it has another shape.

    Example:
        >>> samples("beep", [0.0, 0.5, -1.5]).ravel().tolist()
        [0, 16384, -32767]
    """
    given = array("add_audio", tag, value, "the sound")
    wave = given[:, None] if given.ndim == 1 else given
    if wave.ndim == 2 and wave.shape[0] < wave.shape[1]:
        wave = wave.T
    if wave.ndim != 2 or not 1 <= wave.shape[1] <= MOST_CHANNELS:
        expected = f"samples (L,), or (L, C) with 1 to {MOST_CHANNELS} channels"
        raise ValueError(f"add_audio: tag {tag!r}: expected {expected}, got {describe(given)}")
    return _to_int16(tag, wave)


def _to_int16(tag: str, wave: npt.NDArray[Any]) -> Samples:
    if wave.dtype.kind == "f":
        wave = np.rint(without_nan(wave.clip(-1, 1)).astype(np.float64) * 32767)
    elif wave.dtype == np.int32:
        wave = wave >> 16
    elif wave.dtype == np.uint8:
        wave = (wave.astype(np.int16) - 128) * 256
    elif wave.dtype != np.int16:
        advice = "give floats from -1 to 1, or int16"
        raise TypeError(f"add_audio: tag {tag!r}: a sound of {wave.dtype} has no known loudness; {advice}")
    sound: Samples = wave.astype(np.int16)
    return sound


def check_sample_rate(tag: str, sample_rate: object) -> int:
    """Check a sample rate.

    Args:
        tag: the tag at work, for messages.
        sample_rate: the value to check.

    Returns:
        Samples a second.

    Raises:
        TypeError: it is not a number.
        ValueError: it is not whole, not positive, or too large for a WAV file.

    Example:
        >>> check_sample_rate("beep", 44100.0)
        44100
    """
    rate = array("add_audio", tag, sample_rate, "sample_rate")
    if rate.size != 1 or not 1 <= rate.item() < 2**31 or rate.item() != int(rate.item()):
        expected = "a whole number of samples a second, e.g. 44100"
        raise ValueError(f"add_audio: tag {tag!r}: sample_rate must be {expected}, got {describe(sample_rate)}")
    return int(rate.item())


def wav(sound: Samples, sample_rate: int) -> bytes:
    """A WAV file.

    Args:
        sound: int16 ``(L, C)``.
        sample_rate: samples a second.

    Returns:
        The file's bytes.

    References:
        IBM and Microsoft, Multimedia Programming Interface and Data Specifications 1.0, 1991 (RIFF WAVE).

    Example:
        >>> wav(np.zeros((4, 2), np.int16), 8000)[:4]
        b'RIFF'
    """
    data = np.ascontiguousarray(sound, "<i2").tobytes()
    channels = sound.shape[1]
    frame = 2 * channels  # bytes
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, sample_rate, sample_rate * frame, frame, 16)
    header = struct.pack("<4sI4s", b"RIFF", 4 + len(form) + 8 + len(data), b"WAVE")
    return header + form + struct.pack("<4sI", b"data", len(data)) + data


def audio(tag: str, sound: Samples, sample_rate: int) -> bytes:
    """A Summary of one sound.

    Args:
        tag: its name in the run.
        sound: int16 ``(L, C)``.
        sample_rate: samples a second.

    Returns:
        The serialised Summary.

    Example:
        >>> Summary.FromString(audio("beep", np.zeros((4, 2), np.int16), 8000)).value[0].audio.length_frames
        4
    """
    length, channels = sound.shape
    encoded = Summary.Audio(
        sample_rate=sample_rate,
        num_channels=channels,
        length_frames=length,
        encoded_audio_string=wav(sound, sample_rate),
        content_type="audio/wav",
    )
    # Unless the encoding is named, the default loader does not tell the browser that it is WAV.
    content = AudioPluginData(encoding=AudioPluginData.WAV).SerializeToString()
    described = metadata("audio", content, DATA_CLASS_BLOB_SEQUENCE)
    return summary(Summary.Value(tag=tag, audio=encoded, metadata=described))
