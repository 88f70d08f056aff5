# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 9 · TensorBoard: every dashboard, and the event file byte by byte
#
# A training is a long process that nobody watches line by line. It writes a log, and another program draws the log.
#
# **Afterwards you can** log a training so that each curve means what its name says, choose the dashboard for what you
# want to see, read a log back in Python, and take an event file apart byte by byte.
#
# **You need** chapters 6 (classification) and 7 (convolution). **Time**: 35 minutes.

# %%
import struct
import tempfile
from collections import OrderedDict
from pathlib import Path

import crc32c
import numpy as np

import nn
from nn import functional as F
from nn.data import DataLoader, TensorDataset, datasets, random_split
from nn.examples import log_pictures, pictures
from nn.exercises import check
from nn.viewing import activations, draw_filters, log_embedding
from tbwriter import DamagedRecordError, SummaryWriter, list_runs, list_tags, read_events, read_scalars, read_values
from tbwriter.messages.graph_pb2 import GraphDef

folder = tempfile.TemporaryDirectory(prefix="fromzero-")  # everything written goes here, and goes away with the kernel
runs = Path(folder.name)

# %% [markdown]
# ## 9.1 Two programs and a file between them
#
# ![Loss and accuracy in TensorBoard, training and validation in one chart](images/timeseries.png)
#
# This is TensorBoard, the **viewer**. It is a web server that reads files and draws them. It knows nothing about Python
# objects, models or frameworks. Your program holds the **writer**, which appends records to a file. The two programs
# share nothing but that file, so they may run at different times and on different machines.
#
# [The article](README.md#the-article) calls tensorboardX "an extension of TensorBoard". It is not: tensorboardX,
# `torch.utils.tensorboard` and `tbwriter` are three independent writers of the same format, and each of them can be
# used with the stock viewer. Nor does a program that logs have to import TensorBoard.
#
# One more trap stands in the article: `SummaryWriter()` without a directory writes below `runs/`, so
# `tensorboard --logdir=log/` shows an empty page. Always name the directory.

# %%
with SummaryWriter(runs / "first") as writer:
    for step in range(3):
        writer.add_scalar("loss", 1 / (1 + step), step)

[file] = (runs / "first").iterdir()
assert "tfevents" in file.name  # this part of the name is how TensorBoard finds it
print(f"one file of {file.stat().st_size} bytes:", read_scalars(runs / "first"))

# %% [markdown]
# A **run** is a directory that holds such a file. A **tag** is the name of a curve inside the run, and a **step** is
# where on the horizontal axis a value stands. Run, tag, step, value: nearly all of TensorBoard is made of these four.
#
# ## 9.2 A training loop, logged
#
# Here is a small convolutional network for the digits of chapter 7, and a loop that says what is going on. Look at the
# third argument of each `add_scalar`: it is the step, and it is where most logs go wrong.

# %%
nn.manual_seed(0)
train, validation = random_split(TensorDataset(*datasets.load_digits()), [0.8, 0.2])
x, t = next(iter(DataLoader(validation, batch_size=len(validation))))
model = nn.Sequential(
    OrderedDict(
        conv=nn.Conv2d(1, 8, 3), relu=nn.ReLU(), pool=nn.MaxPool2d(2), flatten=nn.Flatten(), head=nn.Linear(72, 10)
    )
)
print(f"{len(train)} digits to train on, {len(validation)} to validate on")

# %%
optimizer = nn.optim.Adam(model.parameters(), lr=0.01)
loader = DataLoader(train, batch_size=32, shuffle=True)
step, epochs = 0, 6
with SummaryWriter(runs / "digits") as writer, SummaryWriter(runs / "digits" / "validation") as beside:
    for epoch in range(epochs):
        total = 0.0
        for images, labels in loader:
            optimizer.zero_grad()
            loss = F.cross_entropy(model(images), labels)
            loss.backward()
            optimizer.step()
            writer.add_scalar("loss/step", loss.item(), step)  # one step for each batch
            writer.add_scalar("loss/as_printed", loss.item(), epoch)  # the article's line
            total += loss.item() * len(labels)
            step += 1
        writer.add_scalar("loss/epoch", total / len(train), epoch)  # the mean over the epoch's samples
        with nn.no_grad():
            beside.add_scalar("loss/epoch", F.cross_entropy(model(x), t).item(), epoch)
        for name, parameter in model.named_parameters():
            writer.add_histogram(f"weights/{name}", parameter, epoch)
            writer.add_histogram(f"gradients/{name}", parameter.grad, epoch)
print(f"{step} batches in {epochs} epochs; the last one's loss was {loss.item():.3f}")

# %% [markdown]
# Three habits stand in this loop. The batches are counted by a counter of their own. The loss of an epoch is a mean
# over its *samples*, since the last batch is smaller than the others. And the validation loss is measured without
# recording gradients, once an epoch.
#
# ## 9.3 Why a step must not repeat
#
# The line marked "the article's" writes each batch at the step of its *epoch*, and the text beside it promises "the
# loss of each epoch". All batches of an epoch then stand at the same place:

# %%
curves = read_scalars(runs / "digits")
beside_them = read_scalars(runs / "digits" / "validation")
first, second, third = pictures.panels(3, size=(3.1, 2.5))
for axis, tag, unit in ((first, "loss/as_printed", "epoch"), (second, "loss/step", "batch")):
    steps, values = curves[tag]
    pictures.curves(steps, {"": values}, title=tag, xlabel=f"step = {unit}", axis=axis)
steps, values = curves["loss/epoch"]
both = {"training": values, "validation": beside_them["loss/epoch"][1]}
pictures.curves(steps, both, style=".-", title="loss/epoch", xlabel="step = epoch", axis=third)
assert np.array_equal(curves["loss/as_printed"][1], curves["loss/step"][1])  # the same numbers at other steps

# %% [markdown]
# And TensorBoard does not even show the zigzag. Its default loader takes a step that does not rise for a run that was
# restarted there: it drops what it had from that step on. Of the batches of an epoch only the last one is left, and
# that is the luck of one batch. (With `--load_fast=false` it shows all of them, as vertical lines. Neither is the loss
# of an epoch.)
#
# The rule fits in a few lines:


# %%
def default_loader(steps, values):
    kept = []
    for step, value in zip(steps.tolist(), values.tolist(), strict=True):
        while kept and kept[-1][0] >= step:
            kept.pop()
        kept.append((step, value))
    return kept


seen = default_loader(*curves["loss/as_printed"])
last_batches = curves["loss/step"][1][len(loader) - 1 :: len(loader)]
assert [value for _, value in seen] == last_batches.tolist()
assert len(default_loader(*curves["loss/step"])) == step  # nothing of a proper curve is dropped
print(f"of {len(curves['loss/as_printed'][0])} values the default loader shows {len(seen)}")
print("last batches:", last_batches.round(3))
print("epoch means: ", curves["loss/epoch"][1].round(3))

# %% [markdown]
# ## 9.4 What the slider "Smoothing" does
#
# The curve of the batches is rough, because each batch is another small sample. TensorBoard's slider draws a smoothed
# curve over it. Here are two positions of the slider:


# %%
def smoothed(values, weight):
    shown, s = [], 0.0
    for k, value in enumerate(values, start=1):
        s = weight * s + (1 - weight) * value
        shown.append(s / (1 - weight**k))
    return np.array(shown)


steps, values = curves["loss/step"]
for axis, w in zip(pictures.panels(2, size=(3.4, 2.5), sharey=True), (0.9, 0.99), strict=True):
    lines = {"logged": values, "shown": smoothed(values, w)}
    pictures.curves(steps, lines, title=f"slider at {w}", xlabel="step", axis=axis)
assert np.allclose(smoothed(np.full(50, 0.7), 0.9), 0.7)  # a constant curve stays as it is, from the first step on

# %% [markdown]
# It is an exponential moving average with weight $w$, the same that Adam keeps of gradients:
#
# $$s_k = w\, s_{k-1} + (1 - w)\, v_k, \qquad s_0 = 0, \qquad \text{shown}_k = \frac{s_k}{1 - w^k} .$$
#
# The division undoes the pull of $s_0 = 0$: the weights $(1-w) w^{k-i}$ of the values sum to $1 - w^k$ only. A value
# that lies $1/(1-w)$ steps back counts a third of the newest, so $w = 0.99$ looks 100 steps back. A smoothed curve
# therefore lags, and it hides spikes. Set the slider to 0 before you believe that a training was calm.
#
# ## 9.5 Several curves in one chart
#
# TensorBoard draws one line for each *run* that has a tag. That is why the validation loss went to a run of its own
# inside the run, by the same tag `loss/epoch`: it appears in the same chart, in another colour. This is the best way to
# compare, and it costs nothing but a second writer. `add_scalars("loss", {"train": ..., "test": ...}, step)` does the
# same in one call: each series becomes a run in a sub-directory.
#
# The dashboard **Custom Scalars** is for charts of other kinds. It needs no data of its own, only a layout that names
# tags. A *multiline* chart draws several tags of one run, a *margin* chart a value with a lower and an upper bound.

# %%
batches = values.reshape(epochs, len(loader))
with SummaryWriter(runs / "digits") as writer:
    for epoch, row in enumerate(batches):
        writer.log(epoch, {"band/mean": row.mean(), "band/least": row.min(), "band/most": row.max()})
    writer.add_custom_scalars({"loss": {"of the batches": ["Margin", ["band/mean", "band/least", "band/most"]]}})

band = read_scalars(runs / "digits")
axis = pictures.panels(size=(4.2, 2.5))
axis.fill_between(band["band/mean"][0], band["band/least"][1], band["band/most"][1], alpha=0.25)
pictures.curves(*band["band/mean"][:1], {"": band["band/mean"][1]}, style=".-", title="loss of the batches", axis=axis)
print("runs:", list(list_runs(runs)))

# %% [markdown]
# The directory `digits` has two event files now, one from each writer. TensorBoard and `read_scalars` read all files of
# a directory as one run, in the order of their names, which begin with the time. A run that goes on after a break
# simply adds a file.
#
# ## 9.6 Histograms and Distributions
#
# A number for each step is little to say about 720 weights. `add_histogram` counts how many values fall into which
# bucket, and two dashboards draw the counts. **Histograms** draws one hill a step, the newest in front:

# %%
histograms = {}
for value in read_values(runs / "digits", kinds={"histograms"}):
    histograms.setdefault(value.tag, []).append((value.step, value.value))
for axis, kind in zip(pictures.panels(2, size=(3.3, 2.8)), ("weights", "gradients"), strict=True):
    log_pictures.ridge(histograms[f"{kind}/head.weight"], title=f"{kind}/head.weight", axis=axis)
first, last = histograms["weights/head.weight"][0][1], histograms["weights/head.weight"][-1][1]
assert first.counts.sum() == last.counts.sum() == model.head.weight.numel()

# %% [markdown]
# What to look for: weights that spread out from where they started are learning. A hill that does not move from step to
# step is frozen, by accident or on purpose. Gradients shrink as less remains to be learnt; a single tall bar at 0 says
# that a layer gets no gradient, and hills that double in width from step to step say that the rate is too high.
#
# **Distributions** draws the same data from above, as nine lines over the steps: the least value, the greatest, and the
# percentiles at which a normal distribution has its mean and half, one and one and a half standard deviations to both
# sides. A percentile is found inside the bucket that contains it, along a straight line:
#
# $$q(p) = l_j + (r_j - l_j)\,\frac{p\,n - C_{j-1}}{c_j}, \qquad
# C_j = \sum_{i \le j} c_i, \quad C_{j-1} \le p\,n \le C_j,$$
#
# where bucket $j$ reaches from $l_j$ to $r_j$ and holds $c_j$ of the $n$ values.

# %%
SHARES = np.array([0, 0.0668, 0.1587, 0.3085, 0.5, 0.6915, 0.8413, 0.9332, 1])


def percentiles(buckets):
    below = np.concatenate([[0], np.cumsum(buckets.counts)]) / buckets.counts.sum()
    return np.interp(SHARES, below, np.append(buckets.left, buckets.right[-1]))


tag = "weights/head.weight"
rows = [percentiles(buckets) for _, buckets in histograms[tag]]
log_pictures.percentile_bands([step for step, _ in histograms[tag]], rows, title=tag)
exact = np.quantile(model.head.weight.detach().numpy(), SHARES)
assert np.abs(rows[-1] - exact).max() < 2 * (last.right - last.left).max()  # as good as the buckets are wide

# %% [markdown]
# ## 9.7 Pictures, sounds, films and words
#
# `add_image` takes an array of floats from 0 to 1 or of bytes, with the axes named by `dataformats` ("CHW" by default),
# and stores a PNG. Use it for what a network sees and makes: filters, feature maps, attention, mistakes. `nn.viewing`
# draws these; a `Picture` of it is an array that a notebook shows and a writer takes.

# %%
picture = draw_filters(model.conv, title="the 8 filters of conv, after 6 epochs")
rate = 8000
seconds = np.arange(rate) / rate
chirp = np.sin(2 * np.pi * (200 + 400 * seconds) * seconds)
film = np.zeros((1, 8, 1, 16, 16))  # (N, T, C, H, W): one film of eight frames, grey
for frame in range(8):
    film[0, frame, 0, 4:12, 2 * frame] = 1

with SummaryWriter(runs / "media") as writer:
    writer.add_image("filters", picture, epochs)
    writer.add_audio("chirp", chirp, epochs, sample_rate=rate)
    writer.add_video("film", film, epochs, fps=4)
    writer.add_text("settings", "| option | value |\n|---|---|\n| optimiser | Adam |\n| rate | 0.01 |", epochs)
picture

# %% [markdown]
# The numbers do not go into the file as they are: a picture is stored as PNG, a sound as WAV, a film as GIF, a text as
# Markdown, which TensorBoard renders (tables too). Each is read back as what it was:

# %%
media = {value.tag: value for value in read_values(runs / "media")}
for tag, value in media.items():
    print(f"{tag:22} {value.kind:7}", repr(value.value)[:25] if value.kind == "text" else value.value[0].data[:4])
[stored] = media["filters"].value
assert np.array_equal(stored.pixels().transpose(2, 0, 1), np.asarray(picture))
[sound] = media["chirp"].value
assert np.allclose(sound.samples()[:, 0] / 32767, chirp, atol=1e-4)

# %% [markdown]
# A film has no dashboard of its own. It is an animated picture under Images. `add_figure` logs a figure of matplotlib,
# `add_mesh` points and triangles in space, and `add_images` a batch as a grid.
#
# ## 9.8 The graph
#
# ![The graph of a network in TensorBoard](images/graphs.png)
#
# `add_graph(model, x)` logs which operation feeds which. A `GraphDef` is a list of nodes; each has a name, an operation
# and the names of its inputs. Slashes in the names make the boxes that open on a double click. The article asks how the
# structure of a model is shown: for PyTorch the writer runs its tracer, and `nn` tells its nodes itself.

# %%
with SummaryWriter(runs / "graph") as writer:
    writer.add_graph(model, x[:1])
[value] = read_values(runs / "graph", kinds={"graphs"})
nodes = GraphDef.FromString(value.value).node
for node in nodes:
    print(f"{node.name:28} {node.op:14} <- {', '.join(node.input)}")
names = [node.name for node in nodes]
assert len(set(names)) == len(names)
assert all(name in names for node in nodes for name in node.input)

# %% [markdown]
# ## 9.9 The projector
#
# ![Features of digits in the projector, each with its picture](images/projector.png)
#
# `add_embedding` is for points of many dimensions: the words of an embedding, or what a network has made of its images
# before the last layer. Each point may have a label and a small picture. The projector is the one dashboard that reads
# no event file: the writer puts the points into tables beside it, and names them in `projector_config.pbtxt`.

# %%
features = activations(model, x, layers=["flatten"])["flatten"]
with SummaryWriter(runs / "points") as writer:
    log_embedding(writer, features, t.tolist(), x, step=epochs, tag="flatten")
print(sorted(path.relative_to(runs / "points").as_posix() for path in (runs / "points").rglob("*")
             if path.suffix in (".tsv", ".pbtxt", ".png")))  # fmt: skip

# %% [markdown]
# What it shows first is a principal component analysis (PCA): a look from the side on which the cloud is widest. That
# is a few lines of linear algebra, so we draw it here as well.

# %%
centred = features - features.mean(axis=0)
_, spread, directions = np.linalg.svd(centred, full_matrices=False)
signs = np.sign(directions[:2, np.abs(directions[:2]).argmax(axis=1)].diagonal())  # a direction may point either way
plane = centred @ directions[:2].T * signs
share = spread**2 / np.sum(spread**2)
pictures.points(
    plane, t.numpy(), xlabel=f"first direction, {share[0]:.0%}", ylabel=f"second, {share[1]:.0%}",
    title=f"{features.shape[1]} numbers a digit, seen in two", axis=pictures.panels(size=(5, 4)),
)  # fmt: skip
assert np.isclose(plane[:, 0].var() / centred.var(axis=0).sum(), share[0])

# %% [markdown]
# With $X = U S V^\top$ the singular value decomposition of the centred points, the first two columns of $V$ are the
# directions, $X V_2$ the picture, and $S_1^2 / \sum_i S_i^2$ the share of the variance that the first one shows. Read
# the shares before you read the picture: with 40 % shown, two clouds that lie upon each other may be far apart. (The
# projector's other methods, UMAP and t-SNE, keep neighbours together and invent the distances between groups.)
#
# ## 9.10 PR curves and hyperparameters
#
# A classifier gives a probability, and somebody must choose the threshold. Precision asks how many of those called 8
# are 8s, recall how many of the 8s were found. `add_pr_curve` logs both for 127 thresholds:

# %%
with nn.no_grad():
    probability = model(x).softmax(1)[:, 8].numpy()
is_eight = (t.numpy() == 8).astype(int)
with SummaryWriter(runs / "pr") as writer:
    writer.add_pr_curve("digit 8", is_eight, probability, epochs)
[value] = read_values(runs / "pr")
curve = value.value
left, right = pictures.panels(2, size=(3.4, 2.6))
pictures.curves(curve.recall, {"": curve.precision}, style=".-", xlabel="recall", ylabel="precision", axis=left)
lines = {"precision": curve.precision, "recall": curve.recall}
pictures.curves(curve.thresholds, lines, xlabel="threshold", title="digit 8 against the others", axis=right)
half = np.searchsorted(curve.thresholds, 0.5)
found = probability >= curve.thresholds[half]
assert np.isclose(curve.precision[half], is_eight[found].mean(), atol=1e-6)
assert np.isclose(curve.recall[half], found[is_eight == 1].mean(), atol=1e-6)

# %% [markdown]
# **HPARAMS** compares whole runs. `add_hparams` logs the settings of a run and the tags of its results; the dashboard
# makes a table with a row for each run, which can be sorted and filtered.
#
# ![HPARAMS: a row for each run](images/hparams.png)

# %%
images, labels = next(iter(DataLoader(train, batch_size=len(train))))
for lr in (0.001, 0.03, 1.0):
    nn.manual_seed(0)
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    optimizer = nn.optim.Adam(net.parameters(), lr=lr)
    for _ in range(40):
        optimizer.zero_grad()
        F.cross_entropy(net(images), labels).backward()
        optimizer.step()
    accuracy = (net(x).argmax(1) == t).float().mean().item()
    with SummaryWriter(runs / "search" / f"lr={lr:g}") as writer:
        writer.add_hparams({"lr": lr, "hidden": 32}, {"accuracy": accuracy})

# %%
table = {}
for value in read_values(runs / "search"):
    if value.tag == "_hparams_/session_start_info" or value.tag == "accuracy":
        table.setdefault(value.run, {}).update(value.value if value.kind == "hparams" else {"accuracy": value.value})
for run, row in table.items():
    if "/" not in run:  # each run has a twin inside, for TensorBoard opened on the run's own directory
        print(f"{run:9}  lr {row['lr']:<6g} accuracy {row['accuracy']:.2f}")
assert table["lr=0.03"]["accuracy"] > max(table["lr=0.001"]["accuracy"], table["lr=1"]["accuracy"])

# %% [markdown]
# ## 9.11 A record, byte by byte
#
# Now we look at the file itself. We log one number at a fixed time, and look at the second record. (The first one of
# every file states the version of the format.)

# %%
with SummaryWriter(runs / "one") as writer:
    writer.add_scalar("loss", 0.5, 3, walltime=1_000_000_000)
[file] = (runs / "one").iterdir()
raw = file.read_bytes()
(version_length,) = struct.unpack_from("<Q", raw)
record = raw[12 + version_length + 4 :]
log_pictures.byte_cells(
    record,
    [(8, "length of the data"), (4, "checksum of the length"), (9, "field 1: wall time"), (2, "field 2: step"),
     (2, "field 5: summary, 13 bytes"), (2, "field 1: value, 11 bytes"), (6, "field 1: tag"),
     (5, "field 2: simple_value"), (4, "checksum of the data")],
)  # fmt: skip

# %% [markdown]
# The frame around the data is the simple half:
#
# | bytes | what |
# |---|---|
# | 8 | the length $n$ of the data, little end first |
# | 4 | a checksum of those 8 bytes |
# | $n$ | the data |
# | 4 | a checksum of the data |
#
# The checksum is CRC-32C (Castagnoli). It treats the bytes as the coefficients of a long polynomial over $\{0, 1\}$ and
# keeps the remainder of a division; in code that is a shift for each bit. The remainder $c$ is then *masked*, so that
# data which contain a checksum do not confuse the next one:
#
# $$\text{masked}(c) = \big((c \gg 15) \mid (c \ll 17)\big) + \mathtt{0xA282EAD8} \mod 2^{32} .$$


# %%
def crc_by_hand(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c.crc32c(data)  # the same, in machine code
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


length, of_length = struct.unpack_from("<QI", record)
data = record[12 : 12 + length]
(of_data,) = struct.unpack_from("<I", record, 12 + length)
assert crc_by_hand(b"123456789") == 0xE3069283  # the value that the standard gives
assert crc_by_hand(data) == crc32c.crc32c(data)
assert (of_length, of_data) == (masked(record[:8]), masked(data))
print(f"{length} bytes of data, {len(record) - length} bytes of frame; checksum of the data {of_data:08x}")

# %% [markdown]
# ## 9.12 The data: protobuf by hand
#
# The data are an `Event` in the encoding of Protocol Buffers. It is a flat list of fields. Each field begins with a
# number, its *key*, in which the lowest three bits say how the content is stored and the rest which field it is:
#
# $$\text{key} = 8 \cdot \text{field number} + \text{kind}.$$
#
# | kind | content |
# |---|---|
# | 0 | a *varint*: seven bits a byte, the lowest first; the top bit says that another byte follows |
# | 1 | 8 bytes (`double`) |
# | 2 | a varint with a length, then so many bytes: a text, or a message inside the message |
# | 5 | 4 bytes (`float`) |
#
# In the picture above, `09` is $8 \cdot 1 + 1$: field 1, eight bytes, the wall time. `10` is $8 \cdot 2 + 0$: field 2,
# a varint, the step. `2a` is $8 \cdot 5 + 2$: field 5, a message of `0d` = 13 bytes. A whole reader has two functions:


# %%
def varint(data, at):
    number = shift = 0
    while True:
        number |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 128:
            return number, at


def fields(data):
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(data, at)
        else:
            size, at = varint(data, at) if kind == 2 else ({1: 8, 5: 4}[kind], at)
            value, at = data[at : at + size], at + size
        yield key >> 3, value


event = dict(fields(data))
summary = dict(fields(event[5]))
value = dict(fields(summary[1]))
print("event:  ", event)
print("value:  ", value)
print("decoded:", struct.unpack("<d", event[1])[0], event[2], value[1].decode(), struct.unpack("<f", value[2])[0])
assert varint(bytes([0b1010_1100, 0b10]), 0) == (300, 2)  # 0101100 and 10: 44 + 2 * 128

# %% [markdown]
# Names are not in the file, only numbers: that `5` is the summary stands in the schema, `event.proto`. A reader skips a
# field that it does not know, because the kind tells how long it is. This is why an old TensorBoard reads new files.
#
# A scalar costs 42 bytes here: 16 of frame, 11 of time and step, 15 of summary. And it is a `float` of four bytes, so a
# logged 0.1 comes back as 0.10000000149.
#
# ## 9.13 A writer in fifteen lines
#
# What can be read can be written. No library is involved but the checksum:


# %%
def field(number, kind, content):
    size = bytes([len(content)]) if kind == 2 else b""
    return bytes([8 * number + kind]) + size + content


def frame(data):
    header = struct.pack("<Q", len(data))
    return header + struct.pack("<I", masked(header)) + data + struct.pack("<I", masked(data))


def scalar_event(time, step, tag, number):
    value = field(1, 2, tag.encode()) + field(2, 5, struct.pack("<f", number))
    summary = field(5, 2, field(1, 2, value))
    return field(1, 1, struct.pack("<d", time)) + field(2, 0, bytes([step])) + summary


version = field(1, 1, struct.pack("<d", 1e9)) + field(3, 2, b"brain.Event:2")
path = runs / "by_hand" / "events.out.tfevents.1"
path.parent.mkdir()
path.write_bytes(frame(version) + b"".join(frame(scalar_event(1e9 + k, k, "square", k * k)) for k in range(10)))
steps, values = read_scalars(runs / "by_hand")["square"]
assert values.tolist() == [k * k for k in range(10)]
assert frame(scalar_event(1e9, 3, "loss", 0.5)) == record  # bit for bit what tbwriter wrote
print(steps, values)

# %% [markdown]
# (It is a toy in one respect: lengths and steps above 127 need a varint of more than one byte.) TensorBoard shows this
# file like any other.
#
# ## 9.14 Damage, flushing, and time
#
# **A file that ends early** is normal. The writer may be at work, or was killed. A reader stops at the last whole
# record and waits. **A record whose checksum is wrong** is damage: `read_events` says where, while TensorBoard stops
# there without a word. Everything before it is still good.

# %%
whole = path.read_bytes()
path.write_bytes(whole[:-5])  # the end is cut off
assert len(list(read_events(path))) == 10  # version and nine numbers: the last record is not there yet

path.write_bytes(whole[:-10] + bytes([whole[-10] ^ 1]) + whole[-9:])  # one bit is flipped
try:
    list(read_events(path))
except DamagedRecordError as error:
    print(f"at byte {error.offset}: {error.reason}")
skipped = []
assert len(list(read_events(path, on_damage=skipped.append))) == 10
assert len(skipped) == 1

# %% [markdown]
# **Flushing.** A call such as `add_scalar` returns before anything is on disk: a thread writes, so that training need
# not wait. When `flush()` or `close()` returns, all that was added is in the file. `with SummaryWriter(...)` closes
# even if the training ends with an exception, and that is when a log is needed most.
#
# **Wall time.** Each event holds the moment at which it was added. TensorBoard can draw a curve over the steps, over
# the time since the start (RELATIVE) or over the time of day (WALL). The step says how much the model has seen; the
# time says what it cost. Compare two optimisers by both.

# %%
with SummaryWriter(runs / "flush") as writer:
    writer.add_scalar("a", 1.0, 0, walltime=100.0)
    writer.add_scalar("a", 0.5, 1, walltime=160.0)
    writer.flush()  # the writer is still open, and a reader finds both
    times = [event.wall_time for event in read_events(runs / "flush") if event.summary.value]
assert times == [100.0, 160.0]
print(f"{times[1] - times[0]:.0f} seconds for one step")

# %% [markdown]
# ## All dashboards at a glance
#
# | dashboard | call | look at it for |
# |---|---|---|
# | Time Series, Scalars | `add_scalar`, `add_scalars`, `log` | loss, accuracy, rate, length of the gradient |
# | Custom Scalars | `add_custom_scalars` | bands, several tags in a chart |
# | Histograms, Distributions | `add_histogram` | weights, gradients and activations over time |
# | Images | `add_image`, `add_images`, `add_figure`, `add_video` | filters, feature maps, attention, mistakes |
# | Audio, Text, Mesh | `add_audio`, `add_text`, `add_mesh` | samples of what a model makes, settings |
# | Graphs | `add_graph` | is it wired as intended? |
# | Projector | `add_embedding` | what lies near what |
# | PR Curves | `add_pr_curve` | choosing a threshold, rare classes |
# | HPARAMS | `add_hparams` | which settings win |
#
# An inventory of everything that this chapter has logged:

# %%
kinds = {}
for place in list_runs(runs).values():
    if "by_hand" not in place:
        for row in list_tags(place):
            kinds.setdefault(row.kind, set()).add(row.tag)
for kind, tags in sorted(kinds.items()):
    print(f"{kind:15} {len(tags):2}  {', '.join(sorted(tags)[:2])}")
assert {"scalars", "histograms", "images", "audio", "text", "graphs", "pr_curves", "hparams"} <= set(kinds)

# %% [markdown]
# To look at a log in TensorBoard, on a command line, after `pip install "fromzero[board]"`:
#
#     fromzero train cnn --log-dir runs/cnn
#     fromzero board runs
#
# The second line starts the stock viewer and says which address to open. Inside Jupyter the next cell does the same for
# the runs of this chapter; automatic runs leave it out, because it starts a server.

# %% tags=["skip-execution"]
# %load_ext tensorboard
# %tensorboard --logdir {runs}

# %% [markdown]
# ## Exercises
#
# - [`log_training_run`](../nn/exercises/catalogue/log_training_run.py): `fromzero exercise start log_training_run`. Log
#   a training with a step for each batch and a mean for each epoch, and build a record by hand.
# - [`drill_global_step`](../nn/exercises/catalogue/drill_global_step.py): `fromzero exercise start drill_global_step`.
#   Repair the article's loop.
#
# Half of the first one is solved in this chapter already. Here is the other half, checked:


# %%
def crc32c(data):
    return crc_by_hand(data)


def masked(crc):
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def frame(data):
    header = struct.pack("<Q", len(data))
    return header + struct.pack("<I", masked(crc32c(header))) + data + struct.pack("<I", masked(crc32c(data)))


def log_run(SummaryWriter, log_dir, epochs):
    step = 0
    with SummaryWriter(log_dir) as writer:
        for epoch, (batches, val_loss) in enumerate(epochs):
            for loss, _ in batches:
                writer.add_scalar("Loss/train_step", loss, step)
                step += 1
            rows = sum(n for _, n in batches)
            writer.add_scalar("Loss/train", sum(loss * n for loss, n in batches) / rows, epoch)
            writer.add_scalar("Loss/val", val_loss, epoch)


check("log_training_run", globals()).raise_if_failed()

# %% [markdown]
# ## Where this lives in the code
#
# - [`tbwriter/files/records.py`](../tbwriter/files/records.py): the frame, both directions.
# - [`tbwriter/messages/encode.py`](../tbwriter/messages/encode.py): the fast path for scalars, bytes by hand as above.
# - [`tbwriter/summaries/`](../tbwriter/summaries/histogram.py): one file for each dashboard, a value becomes bytes.
# - [`tbwriter/files/reader.py`](../tbwriter/files/reader.py): `read_events`, `read_scalars`, and what they do with
#   damage.
# - [`proto/event.proto`](../proto/event.proto): the schema that gives the fields their names.
# - [`tbwriter/README.md`](../tbwriter/README.md): what the writer promises, and a comparison of three writers.
