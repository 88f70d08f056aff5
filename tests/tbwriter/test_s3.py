"""Runs in an object store: a real S3 server (moto's), real requests (s3fs), which may be slow, fail, or be cut short.

A writer behind a URL makes an object of each batch, so that a killed process leaves whole objects, or none.
"""

import itertools
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from tbwriter import EventWriter, SummaryWriter, list_runs, list_tags, read_events, read_scalars, read_values

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.filterwarnings("default"),  # of the server and the client
    pytest.mark.skipif(os.name != "posix", reason="signals of POSIX"),
]


class Store:
    """The server, and what it does to requests on their way to it.

    Attributes:
        fails: says of a request's method whether to pass it on (None), to answer with a status, or to "cut" it off.
        delay: how long each request waits, in seconds.
        requests: how many there were, by what became of them.
        url: where it is.
    """

    def __init__(self, moto, serving):
        self.fails, self.delay, self.requests = lambda method: None, 0.0, {}
        application = moto.DomainDispatcherApplication(moto.create_backend_app)

        def on_the_way(environ, start_response):
            threading.Event().wait(self.delay)
            fate = self.fails(environ["REQUEST_METHOD"])
            self.requests[fate] = self.requests.get(fate, 0) + 1
            if fate is None:
                return application(environ, start_response)
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            if fate == "cut":
                environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            start_response(f"{503 if fate == 'cut' else fate} Refused", [("Content-Length", "0")])
            return [b""]

        self.server = serving.make_server("127.0.0.1", 0, on_the_way, threaded=True)
        self.url = f"http://127.0.0.1:{self.server.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def store(monkeypatch):
    """A store with an empty bucket, "runs"; the environment leads s3fs there, here and in other processes."""
    moto = pytest.importorskip("moto.moto_server.werkzeug_app", reason="runs a real S3 server (extra s3)")
    s3fs = pytest.importorskip("s3fs", reason="talks to it (extra s3)")
    store = Store(moto, pytest.importorskip("werkzeug.serving"))
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
    for name, value in {"AWS_ENDPOINT_URL": store.url, **keys}.items():
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    urllib.request.urlopen(urllib.request.Request(f"{store.url}/moto-api/reset", method="POST"), timeout=30).close()
    s3fs.S3FileSystem().mkdir("runs")
    yield store
    store.close()
    s3fs.S3FileSystem.clear_instance_cache()


def s3fs():
    return pytest.importorskip("s3fs").S3FileSystem(skip_instance_cache=True)


def steps(path, tag="x"):
    return sorted(read_scalars(path)[tag][0].tolist())


def test_what_is_written_is_read_back(store):
    picture = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    with SummaryWriter("s3://runs/one") as writer:
        for step in range(100):
            writer.add_scalar("x", step, step)
            if step % 40 == 0:
                writer.flush()
        writer.add_scalars("both", {"train": 1}, 1)
        writer.add_image("picture", picture, 1, dataformats="HWC")
        writer.add_embedding(np.eye(3), ["a", "b", "c"])
    assert steps("s3://runs/one") == list(range(100))
    assert list(list_runs("s3://runs")) == ["one", "one/both_train"]
    (found,) = (value.value[0] for value in read_values("s3://runs/one") if value.tag == "picture")
    assert np.array_equal(found.pixels(), picture)
    files = s3fs().find("runs/one")
    assert len([name for name in files if "tfevents" in name]) > 3, "an object for each flush"
    assert "runs/one/projector_config.pbtxt" in files


def test_a_run_is_rewritten_from_one_place_to_another(store, tmp_path):
    with SummaryWriter("s3://runs/one") as writer:
        for step in range(10):
            writer.add_scalar("x", step, step)
    with EventWriter("s3://runs/two") as there, EventWriter(tmp_path) as here:
        for event in read_events("s3://runs/one"):
            if event.step < 5:
                there.add_event(event)
                here.add_event(event)
    assert steps("s3://runs/two") == steps(tmp_path) == list(range(5))


def test_a_place_that_is_not_there_is_an_error(store):
    with pytest.raises(FileNotFoundError):
        list(read_events("s3://runs/none"))
    with pytest.raises(OSError, match=r"bucket does not exist.*cannot be written here.*s3://nobucket/run"):
        SummaryWriter("s3://nobucket/run")
    assert "nobucket" not in [name.rstrip("/") for name in s3fs().ls("")]


def test_requests_that_fail_now_and_then_lose_nothing(store):
    """One in twenty: answers that the server is busy, and connections that are cut."""
    rng = np.random.default_rng(0)
    fates = itertools.cycle([503, "cut", 500])
    store.fails = lambda method: next(fates) if rng.random() < 0.05 else None
    with SummaryWriter("s3://runs/one") as writer:
        for step in range(400):
            writer.add_scalar("x", step, step)
            if step % 10 == 0:
                writer.flush()
    assert sum(count for fate, count in store.requests.items() if fate is not None) > 0
    store.fails = lambda method: None
    assert steps("s3://runs/one") == list(range(400))


def test_an_outage_is_told_once_and_what_waited_is_written_after_it(store):
    writer = SummaryWriter("s3://runs/one", flush_secs=3600)
    writer.add_scalar("x", 0, 0)
    writer.flush()
    store.fails = lambda method: 403  # such as credentials that have expired: not tried again by the client
    writer.add_scalar("x", 1, 1)
    with pytest.raises(OSError, match="1 event is not on disk"):
        writer.flush()
    store.fails = lambda method: None
    writer.add_scalar("x", 2, 2)
    writer.close()
    assert steps("s3://runs/one") == [0, 1, 2]


def test_slow_requests_do_not_hold_the_caller(store):
    writer = SummaryWriter("s3://runs/one", flush_secs=0)
    store.delay = 0.2
    start = time.perf_counter()
    for step in range(1000):
        writer.add_scalar("x", step, step)
    added = time.perf_counter() - start
    writer.close()
    written = time.perf_counter() - start
    assert added < written / 2
    store.delay = 0.0
    assert steps("s3://runs/one") == list(range(1000))


WRITES = """
import sys
from tbwriter import SummaryWriter
where, name, flushes, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
writer = SummaryWriter(where, flush_secs=3600)
for step in range(count):
    writer.add_scalar(name, step, step)
    if flushes and step % flushes == flushes - 1:
        writer.flush()
        print(step, flush=True)
"""


def start(*arguments):
    command = [sys.executable, "-c", WRITES, *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def test_many_processes_in_one_directory_lose_and_mix_nothing(store):
    processes = [start("s3://runs/shared", f"tag{number}", 50, 200) for number in range(4)]
    for process in processes:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    assert {row.tag: row.values for row in list_tags("s3://runs/shared")} == {
        f"tag{number}": 200 for number in range(4)
    }
    assert all(steps("s3://runs/shared", f"tag{number}") == list(range(200)) for number in range(4))


def test_a_killed_process_loses_only_what_it_added_after_its_last_flush(store):
    """While one in twenty requests fails, too."""
    rng = np.random.default_rng(1)
    store.fails = lambda method: 503 if rng.random() < 0.05 else None
    process = start("s3://runs/one", "x", 25, 10**9)
    flushed = [int(process.stdout.readline()) for _ in range(8)][-1]
    process.send_signal(signal.SIGKILL)
    flushed = max([flushed, *map(int, re.findall(r"^\d+$", process.communicate(timeout=60)[0], re.MULTILINE))])
    store.fails = lambda method: None
    found = steps("s3://runs/one")
    assert found[: flushed + 1] == list(range(flushed + 1)), "an event before the last flush is lost"
    assert len(found) - 1 - flushed in (0, 25), "of what was flushed last, the whole object is there, or nothing"
