"""Kill trainings at random moments, let them go on, and compare: ``python tests/benchmarks/kill_trainings.py``.

Each training of a small network (dropout, batch norm, shuffled and shifted digits, Adam with a schedule) is ended by
SIGKILL after a time that is drawn at random, and goes on by `fit(..., ckpt_path="last")`. Then every loss from the
checkpoint on must be that of the unbroken training, bit for bit, and so must the curve that TensorBoard reads from the
event files: each step once, in order.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nn
from nn.training import LightningModule, ModelCheckpoint, Trainer
from tbwriter import SummaryWriter, read_values


class Digits(LightningModule):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Flatten(), nn.Linear(64, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 10)
        )

    def training_step(self, batch, batch_idx):
        x, y = batch
        loss = nn.functional.cross_entropy(self.net(nn.data.RandomShift(1)(x)), y)
        self.log("train_loss", loss, on_step=True, on_epoch=True)
        print(self.global_step, loss.item().hex(), flush=True)
        return loss

    def validation_step(self, batch, batch_idx):
        self.log("val_loss", nn.functional.cross_entropy(self.net(batch[0]), batch[1]))

    def configure_optimizers(self):
        optimizer = nn.optim.Adam(self.parameters(), lr=0.01)
        return [optimizer], [nn.optim.lr_scheduler.StepLR(optimizer, 3, 0.5)]


def train(folder, ckpt_path=None):
    """Eight epochs; prints a line when they begin, and one for each step."""
    nn.manual_seed(0 if ckpt_path is None else 1)
    data = nn.data.TensorDataset(*nn.data.datasets.load_digits())
    parts = nn.data.random_split(data, [0.8, 0.2], generator=nn.Generator().manual_seed(0))
    loaders = nn.data.DataLoader(parts[0], batch_size=32, shuffle=True), nn.data.DataLoader(parts[1], batch_size=360)
    trainer = Trainer(8, default_root_dir=folder, logger=SummaryWriter, log_every_n_steps=1,
                      callbacks=ModelCheckpoint(every_n_train_steps=10), enable_progress_bar=False)  # fmt: skip
    print("begin", flush=True)
    trainer.fit(Digits(), *loaders, ckpt_path=ckpt_path)


def started(folder, *ckpt_path):
    """The process of a training that has begun."""
    command = [sys.executable, __file__, "--train", str(folder), *ckpt_path]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "begin\n"
    return process


def losses(process):
    """{step: the loss in hexadecimal digits}, of all lines that are whole."""
    lines = process.stdout.read().splitlines(keepends=True)
    process.wait()
    return dict(line.split() for line in lines if line.endswith("\n"))


def curve(folder):
    """{tag: [(step, value), ...]} of the newest run."""
    found = {}
    newest = max(folder.glob("version_*"), key=lambda run: int(run.name.partition("_")[2]))
    for value in read_values(newest, kinds={"scalars"}):
        found.setdefault(value.tag, []).append((value.step, value.value))
    return found


def killed(whole, seconds, folder, rng):
    """Kill a training after a random time and let it go on; whether all is as in the unbroken one."""
    process, moment = started(folder), rng.uniform(0, seconds)
    time.sleep(moment)
    process.kill()
    first = losses(process)
    rest = losses(started(folder, "last"))
    begin = min(map(int, rest))
    same = rest == {step: loss for step, loss in whole[0].items() if int(step) >= begin}
    smooth = curve(folder) == whole[1]
    print(
        f"killed after {moment:5.2f} s, at step {len(first):3}; went on at step {begin:3}: "
        f"{len(rest):3} losses {'equal' if same else 'DIFFER'}, the curve {'is whole' if smooth else 'is BROKEN'}"
    )
    return same and smooth and process.returncode == -9 and first.items() <= whole[0].items()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=None, help="of the moments (default: another one each time)")
    parser.add_argument("--train", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.train:
        train(*arguments.train)
        return
    rng = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        process, start = started(Path(folder, "whole")), time.monotonic()
        whole = losses(process)
        seconds = time.monotonic() - start
        whole = whole, curve(Path(folder, "whole"))
        print(f"the unbroken training: {len(whole[0])} steps in {seconds:.1f} s")
        good = sum(killed(whole, seconds, Path(folder, str(i)), rng) for i in range(arguments.kills))
    print(f"{good} of {arguments.kills} went on as if they had not been killed")
    sys.exit(good != arguments.kills)


if __name__ == "__main__":
    main()
