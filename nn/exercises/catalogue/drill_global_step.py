"""Drill 7, from the article on tensorboardX: five batches, one point."""

import numpy as np

from nn.exercises.declaration import Exercise
from nn.exercises.judging import require, same

exercise = Exercise(
    "drill_global_step",
    title=("Drill 7: five batches and one point", "调试 7：五批数据，一个点"),
    statement=(
        """
        The article logs add_scalar("Loss/train", loss, epoch) inside the loop over batches: all batches of an epoch share
        a step, and TensorBoard shows the last one, or a vertical line. Repair log_training(writer, epochs), where
        epochs lists for each epoch the batches (loss, rows):
        "Loss/train_step" for each batch, step 0, 1, 2, ... through all epochs; "Loss/train" once an epoch, the mean over
        rows, with the epoch as step; at the end writer.close(), also if a loss is NaN: log what is there.
        """,
        """
        文章在批次循环里写 add_scalar("Loss/train", loss, epoch)：同一 epoch 的所有批次共用一个步数，
        TensorBoard 只显示最后一个点，或者画成一条竖线。请改正 log_training(writer, epochs)，epochs 按 epoch
        列出各批的 (loss, rows)：
        每批一个 "Loss/train_step"，步数 0、1、2……跨 epoch 连续；每个 epoch 一个 "Loss/train"，为按行数的加权平均，
        以 epoch 为步数；最后 writer.close()；损失为 NaN 时也照样记录。
        """,
    ),
    derivation="""
        a curve has one value for each step:  (tag, step) must not repeat
        train_step:  step = number of batches before
        train:       sum over batches of loss * rows / sum of rows
    """,
    hints=[
        (
            "Count batches in a variable of its own, outside of the loop over epochs.",
            "批次用单独的变量计数，放在 epoch 循环之外。",
        ),
        ("The epoch's value is written after the loop over its batches.", "epoch 的值在批次循环结束之后写。"),
    ],
    given="""
        def log_training(writer, epochs):
            for epoch, batches in enumerate(epochs):
                for loss, rows in batches:
                    writer.add_scalar("Loss/train", loss, epoch)
    """,
)


@exercise.reference
def log_training(writer, epochs):
    """writer, list of [(loss, rows), ...] -> None"""
    step = 0
    for epoch, batches in enumerate(epochs):
        for loss, _ in batches:
            writer.add_scalar("Loss/train_step", loss, step)
            step += 1
        total = sum(loss * rows for loss, rows in batches)
        writer.add_scalar("Loss/train", total / sum(rows for _, rows in batches), epoch)
    writer.close()


class Recorder:
    """A writer that remembers."""

    def __init__(self):
        self.points, self.closed = [], 0

    def add_scalar(self, tag, scalar_value, global_step=None):
        require(not self.closed, "add_scalar after close", "close 之后又调用了 add_scalar")
        self.points.append((tag, scalar_value, global_step))

    def close(self):
        self.closed += 1


EPOCHS = [[(4.0, 4), (3.0, 4), (1.0, 2)], [(2.0, 4), (1.0, 4), (0.5, 2)]]


def logged(given, tag, epochs=EPOCHS):
    writer = Recorder()
    given.log_training(writer, epochs)
    return [(step, value) for name, value, step in writer.points if name == tag]


@exercise.check("every batch has a step of its own", "每批各有自己的步数")
def steps(given, rng):
    found = logged(given, "Loss/train_step")
    same("steps of Loss/train_step", [step for step, _ in found], range(6))
    same("values of Loss/train_step", [value for _, value in found], [4.0, 3.0, 1.0, 2.0, 1.0, 0.5])


@exercise.check("an epoch has one value, the mean over its rows", "每个 epoch 一个值，为按行数的加权平均")
def epochs(given, rng):
    found = logged(given, "Loss/train")
    same("steps of Loss/train", [step for step, _ in found], [0, 1])
    same("values of Loss/train", [value for _, value in found], [3.0, 1.3])


@exercise.check("the writer is closed, once everything is written", "全部写完之后关闭 writer")
def closed(given, rng):
    writer = Recorder()
    given.log_training(writer, EPOCHS)
    require(
        writer.closed,
        "the writer is not closed: the last values may not reach the disk",
        "没有关闭 writer：最后的数据可能没有落盘",
    )


@exercise.check("a NaN is logged too", "NaN 也要记录")
def nan(given, rng):
    same("steps", [step for step, _ in logged(given, "Loss/train_step", [[(np.nan, 1), (2.0, 1)]])], [0, 1])
    same("value of the epoch", [value for _, value in logged(given, "Loss/train", [[(np.nan, 1), (2.0, 1)]])], [np.nan])


def made(step_of=lambda epoch, k, step: step, weighted=True, close=True, skip=False, each=False):
    def log(writer, epochs):
        step = 0
        for epoch, batches in enumerate(epochs):
            for k, (loss, _) in enumerate(batches):
                if not (skip and np.isnan(loss)):
                    writer.add_scalar("Loss/train_step", loss, step_of(epoch, k, step))
                    if each:
                        writer.add_scalar("Loss/train", loss, epoch)
                step += 1
            losses = np.array([loss for loss, _ in batches])
            rows = np.array([n if weighted else 1 for _, n in batches])
            kept = ~np.isnan(losses) if skip else slice(None)
            if not each:
                writer.add_scalar("Loss/train", float(np.sum(losses[kept] * rows[kept]) / np.sum(rows[kept])), epoch)
        if close:
            writer.close()

    return log


def as_printed(writer, epochs):
    for epoch, batches in enumerate(epochs):
        for loss, _ in batches:
            writer.add_scalar("Loss/train", loss, epoch)


exercise.mutant("as printed", log_training=as_printed)
exercise.mutant("the batch within its epoch as step", log_training=made(lambda epoch, k, step: k if epoch else step))
exercise.mutant("counted from 1", log_training=made(lambda epoch, k, step: step + 1 if step > 1 else step))
exercise.mutant("the plain mean of the batches", log_training=made(weighted=False))
exercise.mutant("the epoch's curve in the batch loop", log_training=made(each=True))
exercise.mutant("never closed", log_training=made(close=False))
exercise.mutant("NaN is left out", log_training=made(skip=True))
