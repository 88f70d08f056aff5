import io
import wave

import numpy as np
import pytest

from tbwriter.messages.plugins_pb2 import AudioPluginData
from tbwriter.messages.summary_pb2 import Summary
from tbwriter.summaries.audio import audio, check_sample_rate, samples, wav

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([0.0, 0.5, 1.0, -1.0, 2.0, -2.0, np.nan, np.inf], [0, 16384, 32767, -32767, 32767, -32767, 0, 32767]),
        (np.array([0.25], np.float16), [8192]),
        (np.array([0, 5, -32768], np.int16), [0, 5, -32768]),
        (np.array([1 << 16, -1 << 31], np.int32), [1, -32768]),
        (np.array([0, 128, 255], np.uint8), [-32768, 0, 32512]),
    ],
)
def test_samples_have_16_bits(value, expected):
    sound = samples("beep", value)
    assert sound.dtype == np.int16
    assert sound.ravel().tolist() == expected


@pytest.mark.parametrize(
    ("shape", "expected"), [((9,), (9, 1)), ((1, 9), (9, 1)), ((9, 1), (9, 1)), ((2, 9), (9, 2)), ((9, 8), (9, 8))]
)
def test_the_smaller_axis_is_that_of_the_channels(shape, expected):
    assert samples("beep", np.zeros(shape)).shape == expected


def test_channels_keep_their_place():
    stereo = RNG.integers(-9, 9, (50, 2)).astype(np.int16)
    assert np.array_equal(samples("beep", stereo), stereo)
    assert np.array_equal(samples("beep", stereo.T), stereo)


@pytest.mark.parametrize("shape", [(), (2, 3, 4), (9, 9), (0, 4, 1)])
def test_what_has_no_shape_of_a_sound_is_refused(shape):
    with pytest.raises(
        ValueError, match=r"^add_audio: tag 'beep': expected samples \(L,\), or \(L, C\) with 1 to 8 channels, got "
    ):
        samples("beep", np.zeros(shape))


def test_integers_of_no_known_loudness_are_refused():
    with pytest.raises(TypeError) as caught:
        samples("beep", [0, 1, 2])
    advice = "give floats from -1 to 1, or int16"
    assert str(caught.value) == f"add_audio: tag 'beep': a sound of int64 has no known loudness; {advice}"


@pytest.mark.parametrize("rate", [0, -8000, 44100.5, 2**31, [1, 2], np.inf])
def test_what_is_no_rate_is_refused(rate):
    with pytest.raises(
        ValueError,
        match=r"^add_audio: tag 'beep': sample_rate must be a whole number of samples a second, e.g. 44100, got ",
    ):
        check_sample_rate("beep", rate)


@pytest.mark.parametrize("channels", [1, 2, 8])
def test_the_standard_library_reads_the_file(channels):
    sound = RNG.integers(-(2**15), 2**15, (100, channels), np.int16)
    with wave.open(io.BytesIO(wav(sound, 8000))) as read:
        assert (read.getframerate(), read.getnchannels(), read.getsampwidth(), read.getnframes()) == (
            8000, channels, 2, 100,
        )  # fmt: skip
        assert np.array_equal(np.frombuffer(read.readframes(100), "<i2").reshape(-1, channels), sound)


def test_the_summary_describes_the_sound():
    value = Summary.FromString(audio("beep", np.zeros((100, 2), np.int16), 8000)).value[0]
    sound = value.audio
    assert (sound.sample_rate, sound.num_channels, sound.length_frames) == (8000, 2, 100)
    assert sound.content_type == "audio/wav"
    content = AudioPluginData.FromString(value.metadata.plugin_data.content)
    assert content.encoding == AudioPluginData.WAV
