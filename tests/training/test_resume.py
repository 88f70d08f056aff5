"""A training that is killed and goes on has the losses of the unbroken one, bit for bit; so has an interrupted one."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nn
from nn.training import Callback, EMAWeightAveraging, ModelCheckpoint, StochasticWeightAveraging, Trainer
from tbwriter import SummaryWriter, read_events

ROOT = Path(__file__).resolve().parent.parent.parent


class Net(nn.Module):
    """Dropout, batch norm and augmentation: all that is random, and all that is state."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(6, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 3)
        )  # fmt: skip

    def training_step(self, batch, batch_idx):
        x, y = batch
        x = x + nn.tensor(np.random.normal(size=x.shape).astype(np.float32)) * 0.1  # noqa: NPY002
        loss = nn.functional.cross_entropy(self.body(x), y)
        self.log("train_loss", loss, on_epoch=True)
        return loss

    def validation_step(self, batch, batch_idx):
        self.log("val_loss", nn.functional.cross_entropy(self.body(batch[0] + nn.randn(6) * 0.1), batch[1]))

    def configure_optimizers(self):
        optimizer = nn.optim.AdamW(self.parameters(), lr=0.01)
        return {
            "optimizer": optimizer,
            "lr_scheduler": [
                {"scheduler": nn.optim.lr_scheduler.ExponentialLR(optimizer, 0.99), "interval": "step"},
                {"scheduler": nn.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=0), "monitor": "val_loss"},
            ],
        }


def loaders(workers=0, own_generator=False):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(50, 6)).astype(np.float32)
    data = nn.data.TensorDataset(nn.tensor(x), nn.tensor((x[:, 0] > 0).astype(np.int64)))
    generator = nn.Generator().manual_seed(5) if own_generator else None
    train = nn.data.DataLoader(data, batch_size=8, shuffle=True, num_workers=workers, generator=generator)
    return train, nn.data.DataLoader(data, batch_size=25)


class Record(Callback):
    """Tells each loss, by epoch and batch, and each epoch's metrics; stops or kills where it is told to."""

    def __init__(self, tell, at=None, act=None):
        self.tell, self.at, self.act = tell, at, act

    def on_train_batch_end(self, trainer, model, outputs, batch, batch_idx):
        self.tell(f"{trainer.current_epoch}/{batch_idx}", outputs.item())
        if self.at == (trainer.current_epoch, batch_idx):
            self.act()

    def on_train_epoch_end(self, trainer, model):
        for name in ("train_loss", "val_loss"):
            self.tell(f"{trainer.current_epoch}/{name}", trainer.callback_metrics[name])
        self.tell(f"{trainer.current_epoch}/lr", trainer.optimizer.param_groups[0]["lr"])


def run(folder, tell, ckpt_path=None, at=None, act=None, workers=0, own_generator=False, averaging=(), **options):
    nn.manual_seed(3 if ckpt_path is None else 99)
    np.random.seed(3 if ckpt_path is None else 99)  # noqa: NPY002
    model = Net()
    trainer = Trainer(
        max_epochs=5, default_root_dir=folder, enable_progress_bar=False, log_every_n_steps=1,
        callbacks=[Record(tell, at, act), ModelCheckpoint(every_n_train_steps=2), *averaging], **options,
    )  # fmt: skip
    trainer.fit(model, *loaders(workers, own_generator), ckpt_path=ckpt_path)
    return trainer, model


def told():
    found = {}
    return found, found.__setitem__


class Stopped(Exception):
    pass


def stop():
    raise Stopped


def same(model, other):
    return all(np.array_equal(a, b) for a, b in zip(state(model), state(other), strict=True))


def state(model):
    return [value.numpy() for value in model.state_dict().values()]


OPTIONS = [
    {},
    {"workers": 2},
    {"own_generator": True},
    {"accumulate_grad_batches": 2},
    {"val_check_interval": 2, "limit_val_batches": 1},
    {"accumulate_grad_batches": 3, "gradient_clip_val": 0.1},
]


@pytest.mark.parametrize("options", OPTIONS, ids=lambda o: "-".join(o) or "plain")
@pytest.mark.parametrize("at", [(0, 1), (2, 3), (3, 6)], ids=str)
def test_a_training_goes_on_from_any_batch_as_if_it_had_not_stopped(at, options, tmp_path):
    whole, tell = told()
    _, model = run(tmp_path / "whole", tell, **options)
    with pytest.raises(Stopped):
        run(tmp_path / "cut", told()[1], at=at, act=stop, **options)
    rest, tell = told()
    path = tmp_path / "cut" / "version_0" / "checkpoints" / "exception.ckpt"
    _, again = run(tmp_path / "cut", tell, ckpt_path=path, **options)
    assert rest == {key: value for key, value in whole.items() if key in rest}
    batches = 7 * (5 - at[0]) - at[1] - 1
    assert sum(key.split("/")[1].isdigit() for key in rest) == batches
    assert same(model, again)


@pytest.mark.parametrize(
    "averaging",
    [lambda: EMAWeightAveraging(0.9), lambda: StochasticWeightAveraging(0.01, 0.4, annealing_epochs=2)],
    ids=["ema", "swa"],
)
@pytest.mark.parametrize("at", [(1, 2), (2, 1), (4, 0)], ids=str)
def test_averages_go_on_too(averaging, at, tmp_path):
    whole, tell = told()
    _, model = run(tmp_path / "whole", tell, averaging=[averaging()])
    run(tmp_path / "cut", told()[1], at=at, act=lambda: os.kill(os.getpid(), signal.SIGINT), averaging=[averaging()])
    rest, tell = told()
    _, again = run(tmp_path / "cut", tell, ckpt_path="last", averaging=[averaging()])
    assert rest
    assert rest == {key: value for key, value in whole.items() if key in rest}
    assert same(model, again)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_an_interrupt_ends_after_the_batch_and_saves(number, tmp_path):
    whole, tell = told()
    _, model = run(tmp_path / "whole", tell)
    handlers = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    first, tell = told()
    if number == signal.SIGTERM:  # saved like the other, and then the program ends, as it was asked to
        with pytest.raises(SystemExit) as end:
            run(tmp_path / "cut", tell, at=(2, 3), act=lambda: os.kill(os.getpid(), number))
        assert end.value.code == 128 + signal.SIGTERM
    else:
        trainer, _ = run(tmp_path / "cut", tell, at=(2, 3), act=lambda: os.kill(os.getpid(), number))
        assert trainer.interrupted
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == handlers
    rest, tell = told()
    trainer, again = run(tmp_path / "cut", tell, ckpt_path="last")
    assert not trainer.interrupted
    assert first | rest == whole
    assert not {key for key in first if key.split("/")[1].isdigit()} & set(rest)
    assert same(model, again)
    assert [path.name for path in (tmp_path / "cut").iterdir()] == ["version_0"]


def test_an_interrupt_in_the_validation_does_it_again_with_the_same_numbers(tmp_path):
    class Interrupt(Callback):
        def on_validation_start(self, trainer, model):
            if trainer.current_epoch == 2:
                os.kill(os.getpid(), signal.SIGINT)

    whole, tell = told()
    run(tmp_path / "whole", tell)
    first, tell = told()
    trainer, _ = run(tmp_path / "cut", tell, averaging=[Interrupt()])
    assert trainer.interrupted
    assert "2/val_loss" not in first
    rest, tell = told()
    run(tmp_path / "cut", tell, ckpt_path="last")
    assert first | rest == whole


def test_a_keyboard_interrupt_that_a_step_raises_ends_cleanly_too(tmp_path):
    def interrupt():
        raise KeyboardInterrupt

    whole, tell = told()
    run(tmp_path / "whole", tell)
    first, tell = told()
    trainer, _ = run(tmp_path / "cut", tell, at=(1, 3), act=interrupt)
    assert trainer.interrupted
    rest, tell = told()
    run(tmp_path / "cut", tell, ckpt_path="last")
    assert first | rest == whole


def test_a_second_interrupt_does_not_wait_and_saves_no_half_done_step(tmp_path, capsys):
    class Twice(Callback):
        def on_before_optimizer_step(self, trainer, model, optimizer):
            if trainer.global_step == 17:
                os.kill(os.getpid(), signal.SIGINT)
                os.kill(os.getpid(), signal.SIGINT)
                raise AssertionError("the second interrupt was to break in")

    whole, tell = told()
    run(tmp_path / "whole", tell)
    first, tell = told()
    trainer, _ = run(tmp_path / "cut", tell, averaging=[Twice()])
    assert trainer.interrupted
    assert nn.load(tmp_path / "cut" / "version_0" / "checkpoints" / "last.ckpt")["global_step"] == 16
    rest, tell = told()
    run(tmp_path / "cut", tell, ckpt_path="last")
    assert first | rest == whole
    trainer.enable_progress_bar = True
    trainer.say("so it is told")
    assert capsys.readouterr().err == "Trainer: so it is told\n"


def test_the_beginning_is_where_there_is_no_last_checkpoint(tmp_path):
    found, tell = told()
    nn.manual_seed(0)
    run(tmp_path, tell, ckpt_path="last")
    assert "0/0" in found


def scalars(folder):
    """{tag: [(step, value)]}, as TensorBoard shows them: what a later file purges is gone."""
    found = {}
    for path in sorted(Path(folder).glob("*tfevents*"), key=lambda path: path.stat().st_mtime_ns):
        for event in read_events(path):
            if event.HasField("session_log"):
                for tag in found:
                    found[tag] = [(step, value) for step, value in found[tag] if step < event.step]
            for value in event.summary.value:
                found.setdefault(value.tag, []).append((event.step, value.simple_value))
    return found


def test_the_curve_of_a_run_that_went_on_has_no_gap_and_no_zig_zag(tmp_path):
    run(tmp_path / "whole", told()[1], logger=SummaryWriter)
    run(tmp_path / "cut", told()[1], at=(2, 4), act=lambda: os.kill(os.getpid(), signal.SIGINT), logger=SummaryWriter)
    run(tmp_path / "cut", told()[1], ckpt_path="last", logger=SummaryWriter)
    whole, cut = scalars(tmp_path / "whole" / "version_0"), scalars(tmp_path / "cut" / "version_0")
    assert [step for step, _ in whole["train_loss_step"]] == list(range(35))
    assert set(whole) == {"train_loss_step", "train_loss_epoch", "val_loss"}
    assert cut == whole


class Killed(BaseException):
    """As abrupt as SIGKILL: nothing in the package catches it."""


@pytest.mark.parametrize("number", [1, 4, 8, 9])
def test_a_kill_while_a_checkpoint_is_written_leaves_a_curve_without_doubles(number, tmp_path, monkeypatch):
    saved = []

    def save_or_die(checkpoint, path):
        saved.append(path)
        if len(saved) == number:
            raise Killed
        nn.save(checkpoint, path)

    whole, cut = tmp_path / "whole", tmp_path / "cut"
    with monkeypatch.context() as patch:
        patch.setattr("nn.training.working.save", save_or_die)
        with pytest.raises(Killed):
            run(cut, told()[1], logger=SummaryWriter)
    run(whole, told()[1], logger=SummaryWriter)
    if number == 1:
        assert scalars(cut / "version_0") == {"train_loss_step": scalars(whole / "version_0")["train_loss_step"][:2]}
    else:
        run(cut, told()[1], ckpt_path="last", logger=SummaryWriter)
        assert scalars(cut / "version_0") == scalars(whole / "version_0")


PROGRAM = """
import sys
sys.path.insert(0, {here!r})
import test_resume
from tbwriter import SummaryWriter

def tell(key, value):
    print(key, float(value).hex(), flush=True)

test_resume.run({folder!r}, tell, ckpt_path={ckpt!r}, logger=SummaryWriter)
"""


def program(folder, ckpt=None):
    code = PROGRAM.format(here=str(Path(__file__).parent), folder=str(folder), ckpt=ckpt)
    return [sys.executable, "-W", "error", "-c", code]


def lines(output):
    return dict(line.split() for line in output.splitlines() if "p" in line and line.count(" ") == 1)


def killed_after(count, folder):
    """What a run says until it is killed, some moments after its line of this number."""
    with subprocess.Popen(program(folder), stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        said = [process.stdout.readline() for _ in range(count)]
        process.kill()
        said.append(process.stdout.read())
    assert process.returncode == -signal.SIGKILL
    return lines("".join(said))


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is of POSIX")
@pytest.mark.parametrize("count", [3, 8, 9, 13, 17, 20, 24, 27, 31, 38])
def test_a_killed_training_goes_on_as_if_it_had_not_been_killed(count, tmp_path):
    whole, tell = told()
    run(tmp_path / "whole", tell, logger=SummaryWriter)
    whole = {key: float(value).hex() for key, value in whole.items()}
    first = killed_after(count, tmp_path / "cut")
    again = subprocess.run(
        program(tmp_path / "cut", "last"), capture_output=True, text=True, check=True, cwd=ROOT
    )  # fmt: skip
    rest = lines(again.stdout)
    assert first == {key: value for key, value in whole.items() if key in first}
    assert rest == {key: value for key, value in whole.items() if key in rest}
    assert set(first) | set(rest) == set(whole)
    assert scalars(tmp_path / "cut" / "version_0") == scalars(tmp_path / "whole" / "version_0")
    assert [path.name for path in (tmp_path / "cut").iterdir()] == ["version_0"]
