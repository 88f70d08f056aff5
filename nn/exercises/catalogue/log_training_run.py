"""A run in TensorBoard: steps that mean something, and the frame of a record by hand."""

import struct
import tempfile
from pathlib import Path

import numpy as np

from nn.exercises.declaration import Exercise
from nn.exercises.judging import require, same
from tbwriter import SummaryWriter, read_events

exercise = Exercise(
    "log_training_run",
    title=("Log a run, and frame a record", "记录训练过程，并手写记录帧"),
    statement=(
        """
        log_run(SummaryWriter, log_dir, epochs): epochs is a list with, for each epoch, a list of batches (loss, rows) and
        a validation loss: ([(loss, rows), ...], val_loss). Write into log_dir: "Loss/train_step" for every batch, with a
        step that counts batches from 0 on through all epochs; "Loss/train", the mean over rows, and "Loss/val" for
        every epoch, with the epoch as step. Afterwards everything is on disk: close the writer.
        crc32c(data): the checksum CRC-32C of bytes. masked(crc): ((crc >> 15 | crc << 17) + 0xA282EAD8) mod 2**32.
        frame(data): a record of an event file: length (8 bytes, little endian), masked CRC of these 8 bytes (4 bytes),
        the data, masked CRC of the data.
        """,
        """
        log_run(SummaryWriter, log_dir, epochs)：epochs 是一个列表，每个 epoch 给出各批的 (loss, rows) 和一个验证损失：
        ([(loss, rows), ...], val_loss)。请写入 log_dir：每批的 "Loss/train_step"，其步数从 0 起跨 epoch 连续计数；
        每个 epoch 的 "Loss/train"（按行数加权平均）与 "Loss/val"，以 epoch 为步数。最后一切都要落盘：关闭 writer。
        crc32c(data)：字节串的 CRC-32C 校验和。masked(crc)：((crc >> 15 | crc << 17) + 0xA282EAD8) mod 2**32。
        frame(data)：事件文件的一条记录：长度（8 字节，小端）、这 8 字节的 masked CRC（4 字节）、数据、数据的 masked CRC。
        """,
    ),
    derivation="""
        the article writes add_scalar("Loss/train", loss, epoch) in the loop over batches:
        all batches of an epoch share one step, and TensorBoard keeps the last or draws a vertical line
        CRC-32C: polynomial 0x1EDC6F41, bit-reversed 0x82F63B78; start with all ones, end with all bits flipped
        crc32c(b"123456789") = 0xE3069283
    """,
    hints=[
        ("One counter for batches, one for epochs.", "批次一个计数器，epoch 另一个。"),
        (
            "`with SummaryWriter(log_dir) as writer:` closes it whatever happens.",
            "用 `with SummaryWriter(log_dir) as writer:`，无论如何都会关闭。",
        ),
        (
            "For each byte: crc ^= byte, then eight times: crc = crc >> 1, ^ 0x82F63B78 if a one fell out.",
            "每个字节：先 crc ^= byte，再做 8 次：crc 右移一位，若移出的是 1 则异或 0x82F63B78。",
        ),
    ],
    level=2,
)


@exercise.reference
def log_run(SummaryWriter, log_dir, epochs):
    """log_dir, list of ([(loss, rows), ...], val_loss) -> None"""
    step = 0
    with SummaryWriter(log_dir) as writer:
        for epoch, (batches, val_loss) in enumerate(epochs):
            for loss, _ in batches:
                writer.add_scalar("Loss/train_step", loss, step)
                step += 1
            rows = sum(n for _, n in batches)
            writer.add_scalar("Loss/train", sum(loss * n for loss, n in batches) / rows, epoch)
            writer.add_scalar("Loss/val", val_loss, epoch)


@exercise.reference
def crc32c(data):
    """bytes -> int"""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


@exercise.reference
def masked(crc):
    """int -> int"""
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


@exercise.reference
def frame(data):
    """bytes -> bytes"""
    length = len(data).to_bytes(8, "little")
    return length + masked(crc32c(length)).to_bytes(4, "little") + data + masked(crc32c(data)).to_bytes(4, "little")


EPOCHS = [([(4.0, 4), (3.0, 4), (1.0, 2)], 3.5), ([(2.0, 4), (1.0, 4), (0.5, 2)], 2.5)]


def logged(given):
    """{tag: [(step, value), ...]} as another program reads it."""
    found: dict[str, list[tuple[int, float]]] = {}
    with tempfile.TemporaryDirectory() as log_dir:
        writers = []

        class Watched(SummaryWriter):
            def __init__(self, *args, **kwargs):
                super().__init__(*args, **kwargs)
                writers.append(self)
                self.ended = False

            def close(self):
                super().close()
                self.ended = True

            def __exit__(self, *error):
                super().__exit__(*error)
                self.ended = True

        try:
            given.log_run(Watched, log_dir, EPOCHS)
            ended = all(writer.ended for writer in writers)
            require(
                ended,
                "the writer is not closed: the last events may not be on disk",
                "没有关闭 writer：最后的事件可能没有落盘",
            )
            for event in read_events(log_dir) if any(Path(log_dir).iterdir()) else []:
                for value in event.summary.value:
                    found.setdefault(value.tag, []).append((event.step, value.simple_value))
        finally:
            for writer in writers:
                writer.close()
    return found


def compare(given, tag, expected):
    found = logged(given)
    require(
        tag in found,
        f"{tag} is not on disk; found {', '.join(found) or 'nothing'}",
        f"磁盘上没有 {tag}；找到的是 {'、'.join(found) or '空'}",
    )
    same(f"steps of {tag}", [step for step, _ in found[tag]], [step for step, _ in expected])
    same(f"values of {tag}", [value for _, value in found[tag]], [value for _, value in expected], rtol=1e-5)


@exercise.check("every batch has a step of its own", "每批各有自己的步数")
def of_steps(given, rng):
    compare(given, "Loss/train_step", list(enumerate([4.0, 3.0, 1.0, 2.0, 1.0, 0.5])))


@exercise.check("the training loss of an epoch is the mean over its rows", "每个 epoch 的训练损失按行数加权平均")
def of_epochs(given, rng):
    compare(given, "Loss/train", [(0, 3.0), (1, 1.3)])


@exercise.check("the validation loss stands beside it", "验证损失与之并列")
def of_validation(given, rng):
    compare(given, "Loss/val", [(0, 3.5), (1, 2.5)])


@exercise.check("the checksum is CRC-32C, masked", "校验和为 masked 的 CRC-32C")
def checksum(given, rng):
    same("crc32c(b'123456789')", given.crc32c(b"123456789"), 0xE3069283, rtol=0)
    same("crc32c(b'')", given.crc32c(b""), 0, rtol=0)
    same("masked(0xE3069283)", given.masked(0xE3069283), masked(0xE3069283), rtol=0)


@exercise.check("a frame is read by another program", "写出的帧能被别的程序读取")
def framed(given, rng):
    for data in (b"", b"abc", bytes(range(256)) * 2):
        got = given.frame(data)
        require(
            isinstance(got, (bytes, bytearray)),
            f"frame: expected bytes, got {type(got).__name__}",
            f"frame：应为 bytes，得到 {type(got).__name__}",
        )
        same("bytes of the frame", np.frombuffer(got, np.uint8), np.frombuffer(frame(data), np.uint8))


def run_with(step_of=lambda epoch, step: step, mean=True, val=True, close=True, epoch_step=lambda epoch, step: epoch):
    def made(SummaryWriter, log_dir, epochs):
        writer, step = SummaryWriter(log_dir), 0
        for epoch, (batches, val_loss) in enumerate(epochs):
            for loss, _ in batches:
                writer.add_scalar("Loss/train_step", loss, step_of(epoch, step))
                step += 1
            weights = [n if mean else 1 for _, n in batches]
            writer.add_scalar(
                "Loss/train", np.average([a for a, _ in batches], weights=weights), epoch_step(epoch, step)
            )
            writer.add_scalar("Loss/val", val_loss if val else batches[-1][0], epoch)
        if close:
            writer.close()

    return made


def zlib_crc(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xEDB88320 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def frame_with(order="<", mask=masked, header=True):
    def made(data):
        length = struct.pack(f"{order}Q", len(data))
        checks = [struct.pack(f"{order}I", mask(crc32c(part))) for part in (length, data)]
        return length + (checks[0] if header else b"") + data + checks[1]

    return made


exercise.mutant(
    "the epoch as the step of every batch, as in the article", log_run=run_with(step_of=lambda epoch, step: epoch)
)
exercise.mutant(
    "the count of batches starts again in each epoch", log_run=run_with(step_of=lambda epoch, step: step % 3)
)
exercise.mutant("the plain mean of the batches", log_run=run_with(mean=False))
exercise.mutant("the batches' count as the step of an epoch", log_run=run_with(epoch_step=lambda epoch, step: step))
exercise.mutant("the last training loss as the validation loss", log_run=run_with(val=False))
exercise.mutant("never closed", log_run=run_with(close=False))
exercise.mutant("the CRC of zip files", crc32c=zlib_crc)
exercise.mutant("not masked", masked=lambda crc: crc)
exercise.mutant("big endian", frame=frame_with(order=">"))
exercise.mutant("a frame without its mask", frame=frame_with(mask=lambda crc: crc))
exercise.mutant("no checksum of the length", frame=frame_with(header=False))
