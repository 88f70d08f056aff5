"""A run with something for every dashboard, and stock TensorBoard to serve it."""

import contextlib
import json
import queue
import re
import struct
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
import zlib
from types import SimpleNamespace

import numpy as np
import pytest

from tbwriter import SummaryWriter
from tbwriter.files import run_files
from tbwriter.files.event_file import EventFile

LATER = 3600.0  # seconds: not within a test
SECONDS = 60.0  # for a server to start, and to have read a run


class Net:
    """A model that names its nodes."""

    def graph_nodes(self, input_to_model):
        def node(name, op, inputs, shape, **attributes):
            return SimpleNamespace(name=name, op=op, inputs=inputs, shape=shape, attributes=attributes)

        yield node("input", "IO", [], (4, 2))
        yield node("Net/fc1/weight", "Parameter", [], (3, 2))
        yield node("Net/fc1/linear", "linear", ["input", "Net/fc1/weight"], (4, 3), bias=False)
        yield node("Net/fc2/relu", "relu", ["Net/fc1/linear"], (4, 3))
        yield node("output", "IO", ["Net/fc2/relu"], (4, 3))


@pytest.fixture
def held_back(monkeypatch):
    """No event goes to its file before it is asked for, by `flush` or `close`."""
    monkeypatch.setattr(EventFile, "_next", time.monotonic() + LATER)
    monkeypatch.setattr(run_files, "PAUSE", LATER)


@pytest.fixture(scope="session")
def grey():
    return np.linspace(0, 255, 64).astype(np.uint8).reshape(8, 8)


@pytest.fixture(scope="session")
def written():
    """What the run holds, for tests to compare with what TensorBoard serves."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 200)
    return SimpleNamespace(
        samples=rng.integers(0, 256, (3, 6, 5, 3), np.uint8),  # N, H, W, C
        video=rng.integers(0, 256, (4, 6, 5, 1), np.uint8),  # T, H, W, C
        sound=rng.integers(-(2**15), 2**15, (400, 2), np.int16),
        labels=labels,
        scores=np.round((labels + rng.random(200)) / 2, 3),
        vertices=rng.normal(size=(1, 4, 3)).astype(np.float32),
        faces=np.array([[[0, 1, 2], [1, 2, 3]]]),
        colors=rng.integers(0, 256, (1, 4, 3), np.uint8),
        points=rng.normal(size=(9, 4)).astype(np.float32),
        sprites=rng.integers(0, 256, (9, 3, 8, 8), np.uint8),
        hparams={"lr": 0.25, "bias": True, "optimizer": "sgd", "net": {"layers": np.int64(3), "dropout": None}},
    )


def add_what_is_not_a_curve(writer, written):
    """A page for each of the other dashboards."""
    writer.add_images("samples", written.samples, 1, dataformats="NHWC", as_grid=False)
    writer.add_image_with_boxes("boxes", np.zeros((20, 30)), [[2, 3, 20, 15]], 1, dataformats="HW")
    writer.add_video("video", written.video, 1, fps=5, dataformats="THWC")
    writer.add_audio("sound", written.sound, 1, sample_rate=8000)
    writer.add_pr_curve("pr", written.labels, written.scores, 1, num_thresholds=201)
    writer.add_pr_curve_raw("raw", [3, 1], [2, 0], [0, 2], [0, 2], [0.6, 1], [1, 1 / 3], 1)
    writer.add_histogram_raw("raw histogram", 0, 2, 4, 4, 6, [1, 2], [3, 1], 1)
    writer.add_mesh(
        "mesh", written.vertices, written.colors, written.faces, {"camera": {"cls": "PerspectiveCamera", "fov": 75}}, 1
    )
    writer.add_tensor("tensor", np.arange(6, dtype=np.float16).reshape(2, 3), 1)
    names = [f"point {i}" for i in range(9)]
    writer.add_embedding(written.points, names, written.sprites, 1, "digits")
    table = [[name, number] for number, name in enumerate(names)]
    writer.add_embedding(written.points * 2, table, None, 2, "digits", ["name", "number"])
    writer.add_custom_scalars_multilinechart(["loss", "many/one"], "page", "lines")
    writer.add_custom_scalars_marginchart(["many/one", "loss", "many/two"], "page", "margin")


@pytest.fixture(scope="session")
def log_dir(tmp_path_factory, grey, written):
    """One run, "run", with the two of its `add_scalars`; and "trial", with that of its second `add_hparams`, since
    TensorBoard's hparams dashboard fails where a metric has a step beyond 32 bits, as in the first.
    """
    directory = tmp_path_factory.mktemp("log")
    with SummaryWriter(directory / "run") as writer:
        for step in range(5):
            writer.add_scalar("loss", 1 / 2**step, step)
            writer.add_scalar("titled", step, step, display_name="A Title", summary_description="**bold**")
            writer.log(step, {"many/one": step, "many/two": 2 * step})
            writer.add_scalars("both", {"train": step, "test": -step}, step)
            writer.add_histogram("weights", np.arange(100.0) * (step + 1), step)
        writer.add_histogram("constant", np.full(7, 2.5), 0)
        writer.add_scalar("nan", float("nan"), 1)
        writer.add_scalar("inf", float("inf"), 1)
        writer.add_scalar("huge step", 1.0, 2**40)
        writer.add_scalar("ünïcode ☃", 1.0, 1)
        writer.add_scalar("long" * 250, 1.0, 1)
        writer.add_image("grey", grey, 1, dataformats="HW")
        writer.add_images("batch", np.linspace(0, 1, 3 * 3 * 4 * 4).reshape(3, 3, 4, 4), 1)
        writer.add_text("note", "# Title\n\n**bold** & ünïcode", 1)
        writer.add_graph(Net())
        writer.add_scalar("new style", 0.1, 1, new_style=True)
        writer.add_scalar("double", 0.1, 1, double_precision=True)
        add_what_is_not_a_curve(writer, written)
    with SummaryWriter(directory / "trial") as writer:
        writer.add_scalar("accuracy", 0.5, 7)
        writer.add_hparams(written.hparams, {"accuracy": 0.875})
        writer.add_hparams({"lr": 0.5, "bias": False}, {"accuracy": 0.75})
    return directory


class Server:
    """Stock TensorBoard in a process of its own."""

    def __init__(self, log_dir, *options):
        command = [
            sys.executable,
            "-m",
            "tensorboard.main",
            "--logdir",
            str(log_dir),
            "--host",
            "127.0.0.1",
            "--port",
            "0",
        ]
        self.process = subprocess.Popen(
            [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.lines = queue.Queue()
        self.pump = threading.Thread(target=lambda: [self.lines.put(line) for line in self.process.stdout])
        self.pump.start()
        self.url = self.wait_for(lambda: re.search(r"(http://127\.0\.0\.1:\d+)/", self.lines.get(timeout=SECONDS)))[1]

    def wait_for(self, condition):
        """The condition's first true result, within bounds."""
        end = time.monotonic() + SECONDS
        while not (result := condition()):
            assert time.monotonic() < end, "TensorBoard does not show it in time"
            threading.Event().wait(0.05)
        return result

    def get(self, route, **query):
        url = f"{self.url}/data/{route}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(url, timeout=SECONDS) as response:
            return response.read()

    def json(self, route, **query):
        return json.loads(self.get(route, **query))

    def post(self, route, content):
        """The answer to a form, or to JSON."""
        data = json.dumps(content).encode()
        request = urllib.request.Request(f"{self.url}/data/{route}", data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=SECONDS) as response:
            return json.loads(response.read())

    def close(self):
        self.process.terminate()
        self.process.wait(SECONDS)
        self.pump.join(SECONDS)
        self.process.stdout.close()


@pytest.fixture(scope="session", params=["true", "false"], ids=["fast loader", "Python loader"])
def server(request, log_dir):
    """The server, once it has read the run to its end."""
    pytest.importorskip("tensorboard", reason="serves the run with stock TensorBoard (extra board)")
    with contextlib.closing(Server(log_dir, f"--load_fast={request.param}")) as server:
        server.wait_for(lambda: "run" in server.json("plugin/graphs/info") and len(server.json("runs")) == 6)
        yield server


@pytest.fixture(scope="session")
def serve():
    """Starts a server: ``serve(log_dir, "--load_fast=true")``, to be closed."""
    pytest.importorskip("tensorboard", reason="serves runs with stock TensorBoard (extra board)")
    return Server


CHANNELS = {0: 1, 4: 2, 2: 3, 6: 4}  # of a PNG, by colour type


def png_chunks(data):
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    place = 8
    while place < len(data):
        (length,) = struct.unpack_from(">I", data, place)
        body = data[place + 4 : place + 8 + length]
        assert struct.unpack_from(">I", data, place + 8 + length) == (zlib.crc32(body),)
        yield body[:4], body[4:]
        place += 12 + length


@pytest.fixture(scope="session")
def decode_png():
    return _decode_png


def _decode_png(data):
    """A decoder to read by: no interlacing, 8 bits, filters 0, 1 and 2."""
    parts = dict(png_chunks(data))
    assert list(parts) == [b"IHDR", b"IDAT", b"IEND"]
    width, height, depth, colour, *rest = struct.unpack(">IIBBBBB", parts[b"IHDR"])
    assert (depth, rest) == (8, [0, 0, 0])
    channels = CHANNELS[colour]
    lines = np.frombuffer(zlib.decompress(parts[b"IDAT"]), np.uint8).reshape(height, 1 + width * channels)
    result = np.zeros((height, width, channels), np.uint8)
    for y, (kind, *line) in enumerate(lines):
        for x, value in enumerate(np.reshape(np.array(line, np.uint8), (width, channels))):
            left = result[y, x - 1] if x else 0
            above = result[y - 1, x] if y else 0
            result[y, x] = value + [0, left, above][kind]
    return result
