"""The faults of other writers, each of which this one must not have, and proof that the tests can tell.

A test says in its name what must hold. `fault_of` tries it on the writers that have the fault, too, where they are
installed: there it must fail, and with the message that shows the fault.
"""

import contextlib
import functools
import gc
import importlib
import inspect
import io
import math
import os
import pkgutil
import subprocess
import sys
import threading
import time
import warnings
import weakref
from pathlib import Path

import numpy as np
import pytest

import tbwriter
from tbwriter import SummaryWriter, read_events, read_scalars
from tbwriter.messages.hparams_pb2 import HParamsPluginData
from tbwriter.messages.plugins_pb2 import PrCurvePluginData
from tbwriter.messages.tensor_pb2 import DT_FLOAT, DT_HALF, DT_UINT8

MODULES = {"tbwriter": "tbwriter", "tensorboardX": "tensorboardX", "torch": "torch.utils.tensorboard"}


def fault_of(*, raises=(), **failures):
    """The test is tried on these writers as well, and must fail there, with a message that matches.

    It fails as tests do, or by an error that ``raises`` names.
    """
    known = (AssertionError, pytest.fail.Exception, *raises)
    peers = [pytest.param(peer, marks=pytest.mark.filterwarnings("ignore")) for peer in failures]

    def decorate(test):
        @pytest.mark.parametrize("library", ["tbwriter", *peers], indirect=True)
        @functools.wraps(test)
        def judged(request, **arguments):
            failure = failures.get(request.node.callspec.params["library"])
            with pytest.raises(known, match=failure) if failure else contextlib.nullcontext():
                test(**arguments)

        given = inspect.signature(test)
        itself = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        judged.__signature__ = given.replace(parameters=[itself, *given.parameters.values()])
        return judged

    return decorate


@pytest.fixture
def library(request):
    """A module with a SummaryWriter; `fault_of` tells which."""
    name = getattr(request, "param", "tbwriter")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip(MODULES[name], reason=f"{name} shows that the test can tell")


@pytest.fixture
def writer(library, tmp_path):
    writer = library.SummaryWriter(str(tmp_path))
    yield writer
    writer.close()


def events(log_dir):
    return [event for event in read_events(log_dir) if event.summary.value]


def logged(writer):
    """All values in the writer's own file."""
    if isinstance(writer, SummaryWriter):
        writer.flush()
    else:
        writer.close()  # nothing less has all of them written
    directory = writer.logdir if hasattr(writer, "logdir") else writer.log_dir
    return [value for event in events(directory) for value in event.summary.value]


def run_with(library, program, *arguments):
    """A program in a process of its own, which has the library as `library`; what it prints."""
    head = f"import os, sys, time, warnings; warnings.simplefilter('ignore'); import {library.__name__} as library\n"
    command = [sys.executable, "-c", head + program, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def hparams_records(log_dir):
    contents = [
        HParamsPluginData.FromString(value.metadata.plugin_data.content)
        for event in events(log_dir)
        for value in event.summary.value
        if value.metadata.plugin_data.plugin_name == "hparams"
    ]
    return [content.WhichOneof("data") for content in contents]


# Fault 1: two writers of one second in one directory share a file, and the second truncates it.


@fault_of(tensorboardX="of the tags a, b")
def test_two_writers_of_one_second_in_one_directory_lose_nothing(library, tmp_path, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 1700000000.5)
    first, second = library.SummaryWriter(str(tmp_path)), library.SummaryWriter(str(tmp_path))
    first.add_scalar("a", 1, 1)
    second.add_scalar("b", 1, 1)
    first.close()
    second.close()
    found = [value.tag for event in events(tmp_path) for value in event.summary.value]
    assert sorted(found) == ["a", "b"], f"found {found} of the tags a, b"


# Fault 2: flush() returns while events are still on their way.


def hold_up(library, monkeypatch):
    """Let nothing be written to disk until the event that is returned is set."""
    names = {
        "tbwriter": "os.write",
        "tensorboardX": "tensorboardX.event_file_writer.EventsWriter.write_event",
        "torch.utils.tensorboard": "tensorboard.summary.writer.record_writer.RecordWriter.write",
    }
    name = names[library.__name__]
    going = threading.Event()
    write = pkgutil.resolve_name(name)
    monkeypatch.setattr(name, lambda *arguments: going.wait(60) and write(*arguments))
    return going


@fault_of(tensorboardX="flush returned before the events were on disk")
def test_flush_returns_once_everything_is_on_disk(library, writer, tmp_path, monkeypatch):
    going = hold_up(library, monkeypatch)
    for step in range(5):
        writer.add_scalar("x", step, step)
    flush = threading.Thread(target=writer.flush)
    flush.start()
    flush.join(0.5)
    returned = not flush.is_alive()
    going.set()
    flush.join(30)
    assert not returned, "flush returned before the events were on disk"
    assert len(events(tmp_path)) == 5


# Fault 3: a process that is killed loses what it logged long ago.


@pytest.mark.skipif(os.name != "posix", reason="this system has other signals")
@fault_of(tensorboardX="of 300 events on disk")
def test_a_killed_process_loses_nothing_that_it_logged_long_ago(library, tmp_path):
    program = f"""
import {library.__name__} as library, sys, time
writer = library.SummaryWriter(sys.argv[1])
for step in range(300): writer.add_scalar("x", step, step)
print(flush=True)
time.sleep(60)
"""
    command = [sys.executable, "-W", "ignore", "-c", program, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        end = time.monotonic() + (30 if library is tbwriter else 1)
        while len(events(tmp_path)) < 300 and time.monotonic() < end:
            threading.Event().wait(0.01)
        process.kill()
    found = len(events(tmp_path))
    assert found == 300, f"{found} of 300 events on disk"


# Fault 4: use_metadata(global_step=5) alone writes wall time 0; an exception leaves it in force; sub-runs ignore it.


@fault_of(tensorboardX="<= 0.0")
def test_metadata_that_is_not_given_keeps_its_default(writer, tmp_path):
    before = time.time()
    with writer.use_metadata(global_step=5):
        writer.add_scalar("loss", 1)
    with writer.use_metadata(walltime=2.5):
        writer.add_scalar("loss", 1, 6)
    writer.close()
    first, second = events(tmp_path)
    assert first.step == 5
    assert before <= first.wall_time <= time.time()
    assert (second.step, second.wall_time) == (6, 2.5)


@fault_of(tensorboardX="Default metadata is already set")
def test_metadata_end_with_their_block_even_by_an_exception(writer, tmp_path):
    with pytest.raises(KeyError), writer.use_metadata(global_step=5, walltime=2.5):
        raise KeyError
    with writer.use_metadata(global_step=6):
        writer.add_scalar("loss", 1)
    writer.add_scalar("loss", 1, 7)
    writer.close()
    assert [event.step for event in events(tmp_path)] == [6, 7]


def test_metadata_may_be_nested(writer):
    with writer.use_metadata(global_step=6), writer.use_metadata(walltime=3.5):
        writer.add_scalar("loss", 1)
    writer.add_scalar("loss", 1, 7)
    writer.flush()
    inside, outside = events(writer.log_dir)
    assert (inside.step, inside.wall_time) == (6, 3.5)
    assert outside.wall_time > 1e9


@fault_of(tensorboardX="both/train")
def test_metadata_hold_for_the_series_of_add_scalars(writer, tmp_path):
    with writer.use_metadata(global_step=5, walltime=2.5):
        writer.add_scalars("both", {"train": 1})
    writer.close()
    for path in tmp_path.rglob("*tfevents*"):
        for event in events(path):
            assert (event.step, event.wall_time) == (5, 2.5), path


def test_metadata_hold_in_every_run_and_for_every_method(writer, tmp_path):
    with writer.use_metadata(global_step=5, walltime=2.5):
        writer.add_scalars("both", {"train": 1})
        writer.add_hparams({"lr": 1}, {"metric": 1}, name="trial")
        writer.add_image("image", np.zeros((2, 2)), dataformats="HW")
        writer.add_text("text", "text")
        writer.log(None, {"a": 1})
    writer.flush()
    trial = [event for event in events(tmp_path / "trial") if event.summary.value[0].tag == "metric"]
    all_events = [*events(tmp_path), *events(tmp_path / "both_train"), *trial]
    assert [(event.step, event.wall_time) for event in all_events] == [(5, 2.5)] * 5


def test_what_is_said_outright_counts_more_than_metadata(writer):
    with writer.use_metadata(global_step=5, walltime=2.5):
        writer.add_scalar("loss", 1, 0, 1.5)
    writer.flush()
    assert [(event.step, event.wall_time) for event in events(writer.log_dir)] == [(0, 1.5)]


# Fault 5: reopen() leaves a writer that takes nothing and says nothing of use. This one has none, but what it does say.


@fault_of(tensorboardX="AttributeError, with 0 events on disk")
def test_what_is_added_to_a_closed_writer_is_on_disk_or_refused_in_words(library, tmp_path):
    program = """
file = getattr(library, "FileWriter", library.SummaryWriter)(sys.argv[1])
file.close()
try:
    if hasattr(file, "reopen"):
        file.reopen()
        file.add_summary(library.summary.scalar("x", 1), 1)
        file.close()
    else:
        file.add_scalar("x", 1, 1)
except Exception as problem:
    print(type(problem).__name__, "is closed" in str(problem), flush=True)
os._exit(0)
"""
    ended, found = run_with(library, program, tmp_path), len(events(tmp_path))
    assert found == 1 or ended == ["ValueError", "True"], f"{ended[0]}, with {found} events on disk"


# Fault 6: each writer costs threads and descriptors, and once closed it stays in memory.


@fault_of(tensorboardX="more threads", torch="more threads")
def test_no_writer_costs_a_thread(library, tmp_path):
    first = library.SummaryWriter(str(tmp_path / "first"))
    before = threading.active_count()
    writers = [library.SummaryWriter(str(tmp_path / str(number))) for number in range(5)]
    for writer in writers:
        writer.add_scalar("x", 1, 1)
    more = threading.active_count() - before
    for writer in [first, *writers]:
        writer.close()
    assert more <= 1, f"5 writers took {more} more threads"  # one for all writers, if it had not started yet


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="this system does not list its descriptors")
@fault_of(tensorboardX="more descriptors")
def test_no_writer_costs_a_descriptor(library, tmp_path):
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    writers = [library.SummaryWriter(str(tmp_path / str(number))) for number in range(5)]
    more = len(os.listdir("/proc/self/fd")) - before  # noqa: PTH208
    for writer in writers:
        writer.close()
    assert more <= 0, f"5 writers took {more} more descriptors"


@fault_of(tensorboardX="is still there")
def test_a_writer_that_was_closed_can_be_forgotten(library, tmp_path):
    writer = library.SummaryWriter(str(tmp_path))
    writer.add_scalar("x", 1, 1)
    reference = weakref.ref(getattr(writer, "file_writer", writer))
    writer.close()
    del writer
    gc.collect()
    assert reference() is None, f"{reference()} is still there"


# Fault 7: a forked child that logs waits for ever for a thread that stayed in the parent.


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@fault_of(tensorboardX="hangs", torch="hangs")
def test_a_forked_child_may_log(library, tmp_path):
    program = """
writer = library.SummaryWriter(sys.argv[1])
writer.add_scalar("x", 1, 1)
time.sleep(0.1)
child = os.fork()
if not child:
    for step in range(30): writer.add_scalar("child", step, step)
    writer.close()
    os._exit(0)
end = time.monotonic() + float(sys.argv[2])
while (ended := os.waitpid(child, os.WNOHANG))[0] == 0 and time.monotonic() < end: time.sleep(0.01)
if ended[0] == 0: os.kill(child, 9)
print(*ended)
os._exit(0)
"""
    patience = 30 if library is tbwriter else 3
    child, status = run_with(library, program, tmp_path, patience)
    assert int(child) > 0, f"the child hangs, {patience} seconds and more"
    assert int(status) == 0


# Fault 8: with ten events on their way the caller waits for the disk, and so pays for it.


@fault_of(tensorboardX="the caller waits", torch="the caller waits")
def test_a_disk_that_stands_still_holds_up_no_caller(library, tmp_path, monkeypatch):
    writer = library.SummaryWriter(str(tmp_path))
    writer.add_scalar("x", 0, 0)
    going = hold_up(library, monkeypatch)
    caller = threading.Thread(target=lambda: [writer.add_scalar("x", step, step) for step in range(1, 1000)])
    caller.start()
    caller.join(30 if library is tbwriter else 1)
    waits = caller.is_alive()
    going.set()
    caller.join(30)
    writer.close()
    assert len(events(tmp_path)) == 1000
    assert not waits, "the caller waits for the disk"


# Fault 9: checksums are computed byte by byte in Python, by a thread that holds up the others meanwhile.


@fault_of(torch="lines of Python")
def test_a_checksum_takes_no_loop_in_python(library):
    if library is tbwriter:
        frame = tbwriter.files.records.frame
    else:
        writer = importlib.import_module("tensorboard.summary.writer.record_writer").RecordWriter
        frame = writer(io.BytesIO()).write
    lines = 0

    def trace(*event):
        nonlocal lines
        lines += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        frame(bytes(10_000))
    finally:
        sys.settrace(before)
    assert lines < 100, f"{lines} lines of Python for 10000 bytes"


# Fault 10: the file is opened and closed again for each event.


@fault_of(torch="was opened")
def test_a_file_is_not_opened_for_each_event(library, tmp_path):
    program = """
opened = []
sys.addaudithook(lambda name, what: name == "open" and "tfevents" in str(what[0]) and opened.append(what))
writer = library.SummaryWriter(sys.argv[1])
for step in range(1000): writer.add_scalar("x", step, step)
writer.close()
print(len(opened))
"""
    (times,) = map(int, run_with(library, program, tmp_path))
    assert len(events(tmp_path)) == 1000
    assert times < 100, f"for 1000 events the file was opened {times} times"


# Fault 11: logging needs an import of torch.


@fault_of(tensorboardX="brings torch along", torch="brings torch along")
def test_logging_imports_no_framework(library, tmp_path):
    program = """
writer = library.SummaryWriter(sys.argv[1])
writer.add_scalar("x", 1, 1)
writer.close()
print(*sys.modules)
"""
    for framework in "torch", "tensorflow", "tensorboard":
        assert framework not in run_with(library, program, tmp_path), f"an import brings {framework} along"


# Fault 12: tensors of float16 and uint8 cannot be read back.


@fault_of(torch="out of bounds for uint16|array of size 0", raises=(OverflowError, ValueError))
@pytest.mark.parametrize(("dtype", "expected"), [(np.float16, DT_HALF), (np.uint8, DT_UINT8)])
def test_small_tensors_are_read_back_as_they_were(library, writer, dtype, expected):
    given = np.array([[0, 1, 2], [3, 4, 250]], dtype)
    writer.add_tensor("x", given if library is tbwriter else importlib.import_module("torch").from_numpy(given))
    (value,) = logged(writer)
    assert value.tensor.dtype == expected
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        util = pytest.importorskip(
            "tensorboard.util.tensor_util", reason="reads tensors with TensorBoard (extra board)"
        )
    result = util.make_ndarray(value.tensor)
    assert result.dtype == dtype
    assert np.array_equal(result, given)


# Fault 13: with double_precision=True TensorBoard's default loader shows nothing: `test_tensorboard.py` asks it, too.


@fault_of(torch="DT_DOUBLE")
def test_a_number_of_double_precision_is_one_that_every_loader_shows(writer):
    writer.add_scalar("x", 1 / 3, 1, new_style=True, double_precision=True)
    (value,) = logged(writer)
    assert value.tensor.dtype == DT_FLOAT
    assert value.tensor.float_val[0] == np.float32(1 / 3)
    assert read_scalars(writer.log_dir)["x"][1].tolist() == [1 / 3]


# Fault 14: titles and descriptions are dropped by the default loader: `test_the_server_lists_every_tag` asks it.


@fault_of(tensorboardX="'scalars', 1")
def test_titles_come_with_what_makes_the_default_loader_keep_them(writer):
    writer.add_scalar("x", 1, 1, None, "Title", "Words")
    (value,) = logged(writer)
    assert (value.metadata.plugin_data.plugin_name, value.metadata.data_class) == ("scalars", 1)
    assert value.HasField("simple_value")


# Fault 15: the first time that a run is resumed, TensorBoard's Python loader keeps what is to be purged.


@fault_of(tensorboardX="8, 9, 5, 6, 7", torch="8, 9, 5, 6, 7")
def test_a_run_that_is_resumed_for_the_first_time_is_purged(library, tmp_path, monkeypatch):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loader = pytest.importorskip(
            "tensorboard.backend.event_processing.plugin_event_accumulator",
            reason="reads the run as TensorBoard's Python loader does (extra board)",
        )
    for start, end in (0, 10), (5, 8):
        monkeypatch.setattr(time, "time", lambda start=start: 1700000000.0 + start)
        with library.SummaryWriter(str(tmp_path), purge_step=start or None) as writer:
            for step in range(start, end):
                writer.add_scalar("x", step, step)
    found = [event.step for event in loader.EventAccumulator(str(tmp_path)).Reload().Tensors("x")]
    assert found == list(range(8)), f"the steps are {found}"


# Fault 16: each add_hparams makes a run and an Experiment; of several, TensorBoard shows one and hides the rest.


@fault_of(tensorboardX="experiment", torch="experiment")
def test_trials_write_no_experiments_that_hide_each_other(library, tmp_path):
    for number in range(2):
        with library.SummaryWriter(str(tmp_path / str(number))) as writer:
            writer.add_hparams({f"lr {number}": 0.5}, {f"metric {number}": 0.25})
    files = [path for path in tmp_path.rglob("*tfevents*") if path.parent.name != "hparams_1"]  # never listed
    found = [record for path in files for record in hparams_records(path)]
    assert found.count("session_start_info") == 2
    assert found.count("experiment") <= 1, "TensorBoard shows one experiment of several, and hides the others' metrics"


def test_hyperparameters_stand_in_the_run_itself_without_an_experiment(writer, tmp_path):
    writer.add_scalar("metric", 0.5, 7)
    writer.add_hparams({"lr": 0.5}, {"metric": 0.25})
    writer.flush()
    assert hparams_records(tmp_path) == ["session_start_info"]
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["hparams_1"], "the double of the session"
    assert read_scalars(tmp_path)["metric"][0].tolist() == [7, 7], "a metric must not go back behind its curve"


def test_domains_are_kept_without_an_experiment_that_hides_other_runs(writer, tmp_path):
    writer.add_hparams({"lr": 0.5}, {"metric": 0.25}, {"lr": [0.5, 0.25]})
    writer.flush()
    assert hparams_records(tmp_path) == ["session_start_info", "experiment"]
    tags = [value.tag for event in read_events(tmp_path) for value in event.summary.value]
    assert "_hparams_/experiment" not in tags, "TensorBoard would show nothing that this one does not name"


# Fault 17: pictures are resized, grey ones made RGB, and bytes sent through floats.


@fault_of(tensorboardX="assert 3 == 1", torch="assert 3 == 1")
def test_pictures_keep_size_and_channels_and_every_byte(writer, decode_png):
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    writer.add_image("grey", grey, dataformats="HW")
    (value,) = logged(writer)
    assert value.image.colorspace == 1
    assert np.array_equal(decode_png(value.image.encoded_image_string), grey[..., None])


@fault_of(tensorboardX=r"array\(\[(50|231)\]")
@pytest.mark.parametrize(("value", "shown"), [(1.2, 255), (-0.1, 0)])
def test_pictures_are_clipped_never_wrapped(writer, decode_png, value, shown):
    writer.add_image("x", np.full((2, 2), value), dataformats="HW")
    (image,) = logged(writer)
    assert np.unique(decode_png(image.image.encoded_image_string)) == [shown]


def test_frames_are_clipped_never_wrapped(writer):
    writer.add_video("x", np.array([1.2, -0.1]).reshape(2, 1, 1), dataformats="THW")
    writer.add_video("x", np.array([1.0, 0.0]).reshape(2, 1, 1), dataformats="THW")
    wild, tame = logged(writer)
    assert wild == tame


# Fault 18: no more than 127 thresholds.


@fault_of(tensorboardX="127", torch="127")
def test_a_pr_curve_has_as_many_thresholds_as_are_asked_for(writer):
    writer.add_pr_curve("x", np.array([0, 1]), np.array([0.25, 0.75]), num_thresholds=1000)
    (value,) = logged(writer)
    assert PrCurvePluginData.FromString(value.metadata.plugin_data.content).num_thresholds == 1000
    assert [dim.size for dim in value.tensor.tensor_shape.dim] == [6, 1000]


# Fault 19: NaN is lost in silence, and 1e20 is too large.


@fault_of(tensorboardX="DID NOT WARN", torch="DID NOT WARN")
def test_a_histogram_says_that_it_leaves_out_what_is_not_finite(writer):
    with pytest.warns(RuntimeWarning, match="not finite"):
        writer.add_histogram("x", np.array([1.0, math.nan, 2.0]))
    (value,) = logged(writer)
    assert value.histo.num == sum(value.histo.bucket) == 2


@fault_of(tensorboardX="assert 1.0 == 3", torch="assert 1.0 == 3")
def test_a_histogram_with_the_buckets_of_tensorflow_takes_every_finite_number(writer):
    writer.add_histogram("x", np.array([-1e21, 0.0, 1e21]), bins="tensorflow")
    (value,) = logged(writer)
    assert sum(value.histo.bucket) == 3


@pytest.mark.parametrize("bins", ["tensorflow", "auto", 30])
@pytest.mark.parametrize("largest", [1e20, 1e30, 1e300])
def test_a_histogram_takes_every_finite_number(writer, bins, largest):
    writer.add_histogram("x", [-largest, 0.0, largest], bins=bins)
    (value,) = logged(writer)
    assert sum(value.histo.bucket) == 3


# Fault 20: without moviepy a video is an empty picture.


@fault_of(tensorboardX=r"\(0, 0, 0\) == \(9, 8, 3\)", torch=r"\(0, 0, 0\) == \(9, 8, 3\)")
def test_a_video_needs_no_other_package(writer, monkeypatch):
    for name in "moviepy", "PIL", "imageio":
        monkeypatch.setitem(sys.modules, name, None)
    writer.add_video("x", np.random.default_rng(0).random((1, 3, 3, 8, 9)), fps=5)
    (value,) = logged(writer)
    assert (value.image.width, value.image.height, value.image.colorspace) == (9, 8, 3)
    assert value.image.encoded_image_string.startswith(b"GIF89a")
    monkeypatch.undo()
    image = pytest.importorskip("PIL.Image", reason="reads GIFs with Pillow")
    with image.open(io.BytesIO(value.image.encoded_image_string)) as gif:
        assert (gif.n_frames, gif.size) == (3, (9, 8))


# Fault 21: a wall time that is no number makes the rest of the file unreadable.


@fault_of(tensorboardX="DID NOT RAISE", torch="DID NOT RAISE")
def test_a_wall_time_that_is_no_number_is_refused(writer):
    with pytest.raises(ValueError):
        writer.add_scalar("x", 1, 1, math.nan)


def test_a_wall_time_that_is_no_number_is_refused_everywhere(writer):
    picture = np.zeros((2, 2))
    calls = [
        lambda: writer.add_scalar("a", 1, 1, math.nan),
        lambda: writer.add_scalars("b", {"x": 1}, 1, math.nan),
        lambda: writer.log(1, {"c": 1}, math.nan),
        lambda: writer.add_histogram("d", [1.0], 1, walltime=math.nan),
        lambda: writer.add_image("e", picture, 1, math.nan, "HW"),
        lambda: writer.add_video("f", picture[None], 1, 4, math.nan, "THW"),
        lambda: writer.add_audio("g", [0.0], 1, 8000, math.nan),
        lambda: writer.add_text("h", "x", 1, math.nan),
        lambda: writer.add_mesh("i", [[0, 0, 0]], global_step=1, walltime=math.nan),
        lambda: writer.add_pr_curve("j", [1], [0.5], 1, walltime=math.nan),
        lambda: writer.add_tensor("k", [1], 1, math.nan),
        lambda: writer.use_metadata(walltime=math.nan).__enter__(),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="walltime must be finite, got nan; give seconds since 1970"):
            call()
    assert logged(writer) == []


# One tag of a run belongs to one dashboard: of a tag that two share, TensorBoard shows one kind or fails.


def test_a_tag_belongs_to_one_dashboard(writer):
    writer.add_scalar("x", 1, 1)
    with pytest.raises(ValueError) as caught:
        writer.add_histogram("x", [1.0], 2)
    advice = "TensorBoard shows one kind for each tag; choose another name"
    assert str(caught.value) == f"add_histogram: tag 'x' of this run already belongs to scalars: {advice}"
    writer.log(2, {"x": 1})
    assert [value.HasField("simple_value") for value in logged(writer)] == [True, True]
    writer.add_mesh("mesh", [[0, 0, 0]])
    with pytest.raises(ValueError, match="'mesh_FACE' of this run already belongs to mesh"):
        writer.add_scalar("mesh_FACE", 1)


def test_no_tag_leads_out_of_the_directory_of_the_run(tmp_path):
    inside = tmp_path / "runs" / "one"
    with SummaryWriter(inside) as writer:
        for tag in "../x", "/x", "..":
            writer.add_scalar(tag, 1)
            writer.add_scalars(tag, {"../y": 1})
            writer.add_embedding([[1.0]], tag=tag)
            with pytest.raises(ValueError, match=r"leads out of the run's directory; choose another$"):
                writer.add_hparams({"lr": 1}, {}, name=tag)
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["one"]
