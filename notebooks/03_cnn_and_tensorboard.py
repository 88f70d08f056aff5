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
# # 3 · A convolutional network, and what TensorBoard is told
#
# **Afterwards you can** compute a convolution and its gradients by hand, and read what an event file holds.
#
# **Time**: 40 minutes.
#
# From nine multiplications to a network that reads handwritten digits, and to the file that TensorBoard draws its
# curves from:
#
# 1. convolution as a sum of products, as a matrix product (im2col), and its gradients;
# 2. max-pooling and ReLU: where the gradient goes;
# 3. softmax and cross-entropy: why the gradient is $p - t$;
# 4. [the article](README.md#the-article)'s CNN, with shapes that fit;
# 5. a training loop, logged wrongly and rightly, and what is on disk then;
# 6. handwritten digits: curves, filters, feature maps, mistakes.
#
# Every claim is checked by an `assert`. The code that trains is the code of `fromzero train cnn`, in
# `nn/examples/cnn.py`.
#
# *To run all notebooks again: `python notebooks/execute.py`, see `notebooks/README.md`.*

# %%
import collections
import math
import struct
import tempfile
from pathlib import Path

import crc32c
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Image, display

import nn
from nn import functional as F
from nn.data import DataLoader, datasets
from nn.examples import cnn as example
from nn.examples.console import Console
from nn.metrics import accuracy_score, confusion_matrix, f1_score, precision_score, recall_score
from nn.viewing import draw_pictures
from tbwriter import SummaryWriter, read_events, read_scalars

plt.rcParams.update({"figure.dpi": 80, "axes.axisbelow": True})
folder = tempfile.TemporaryDirectory(prefix="fromzero-")  # everything written goes here, and goes away with the kernel
runs = Path(folder.name)
quiet = Console(quiet=True)

images, labels = datasets.load_digits()
assert images.shape == (1797, 1, 8, 8)
assert 0 == images.numpy().min() < images.numpy().max() == 1

draw_pictures(images[:24], labels[:24].tolist(), title="24 of 1,797 digits, 8 x 8 pixels each", bar_label="ink")

# %% [markdown]
# ## 3.1 Convolution
#
# A filter is a small picture. It is laid over the image, what lies on top of each other is multiplied, and the products
# are added up. That gives one number. Then it moves on by one pixel:
#
# $$y_{ij} = b + \sum_{k}\sum_{l} w_{kl}\; x_{i+k,\,j+l} .$$
#
# In mathematics that is a *cross-correlation*; a convolution would turn the filter round first. The filter is learnt,
# so it makes no difference, and everybody in deep learning says convolution.


# %%
def conv_by_hand(x, w, b=0.0):
    """(H, W), (kH, kW) -> (H - kH + 1, W - kW + 1)."""
    y = np.empty((x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1))
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            y[i, j] = b + np.sum(w * x[i : i + w.shape[0], j : j + w.shape[1]])
    return y


digit = images.numpy()[0, 0].astype(np.float64)
edges = {
    "left to right": np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], np.float64),
    "top to bottom": np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]], np.float64),
}
figure, axes = plt.subplots(1, 3, figsize=(7.5, 2.4), layout="constrained")
axes[0].imshow(digit, cmap="gray_r")
axes[0].set_title("a digit")
for axis, (name, filter_) in zip(axes[1:], edges.items(), strict=True):
    y = conv_by_hand(digit, filter_)
    with_nn = F.conv2d(nn.from_numpy(digit[None, None]), nn.from_numpy(filter_[None, None]))
    assert with_nn.shape == (1, 1, 6, 6)
    assert np.allclose(with_nn.numpy()[0, 0], y)
    axis.imshow(y, cmap="RdBu_r", vmin=-4, vmax=4)
    axis.set_title(f"red: ink grows {name}", fontsize=10)
for axis in axes:
    axis.set(xticks=[], yticks=[])
plt.show()

# a filter with a single one in the middle changes nothing; padding keeps the size
delta = np.zeros((1, 1, 3, 3))
delta[0, 0, 1, 1] = 1
same = F.conv2d(nn.from_numpy(digit[None, None]), nn.from_numpy(delta), padding=1)
assert np.array_equal(same.numpy()[0, 0], digit)

# %% [markdown]
# A colour image has three channels, and a layer has many filters. Each filter has as many channels as the image, and
# sums over them, too. The side of the output is $H' = \lfloor (H + 2\,\text{padding} - k) / \text{stride} \rfloor + 1$.
#
# ### im2col: the same as one matrix product
#
# Write every window as a column. Then each output is *filter times column*, and the whole convolution is one matrix
# product, which computers are very good at. The price is memory: each pixel appears in up to $k^2$ columns. (`nn` makes
# these columns a tile at a time, so they stay in the cache.)

# %%
rng = np.random.default_rng(0)
x = rng.normal(size=(2, 3, 6, 5))  # N, C, H, W
weight = rng.normal(size=(4, 3, 3, 3))  # O, C, k, k
bias = rng.normal(size=4)

windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(2, 3))  # N, C, H', W', k, k: no copy yet
columns = windows.transpose(1, 4, 5, 0, 2, 3).reshape(3 * 3 * 3, -1)  # C k k, N H' W'
y = weight.reshape(4, -1) @ columns + bias[:, None]  # O, N H' W'
y = y.reshape(4, 2, 4, 3).transpose(1, 0, 2, 3)  # N, O, H', W'

tx, tw, tb = (nn.tensor(a, dtype=nn.float64, requires_grad=True) for a in (x, weight, bias))
ty = F.conv2d(tx, tw, tb)
assert np.allclose(ty.detach().numpy(), y)
assert np.isclose(y[1, 2, 3, 1], bias[2] + sum(conv_by_hand(x[1, c], weight[2, c])[3, 1] for c in range(3)))
print(f"image {x.shape} -> columns {columns.shape}; filters {weight.shape} -> matrix {weight.reshape(4, -1).shape}")

# %% [markdown]
# ### Backwards
#
# For a matrix product $Y = W C$ with upstream gradient $G = \partial L / \partial Y$:
#
# $$\frac{\partial L}{\partial W} = G\, C^\top, \qquad \frac{\partial L}{\partial C} = W^\top G, \qquad
# \frac{\partial L}{\partial b} = \text{sum of } G \text{ over images and places}.$$
#
# $\partial L/\partial C$ holds one number for each pixel *in each window*. A pixel that lay in nine windows adds up
# its nine numbers: im2col copies, so its derivative adds (col2im).

# %%
g = rng.normal(size=y.shape)
ty.backward(nn.from_numpy(g))

G = g.transpose(1, 0, 2, 3).reshape(4, -1)  # O, N H' W'
by_weight = (G @ columns.T).reshape(weight.shape)
by_bias = G.sum(axis=1)
by_columns = (weight.reshape(4, -1).T @ G).reshape(3, 3, 3, 2, 4, 3)  # C, k, k, N, H', W'
by_x = np.zeros_like(x)
for k in range(3):
    for j in range(3):
        by_x[:, :, k : k + 4, j : j + 3] += by_columns[:, k, j].transpose(1, 0, 2, 3)

assert np.allclose(tw.grad.numpy(), by_weight)
assert np.allclose(tb.grad.numpy(), by_bias)
assert np.allclose(tx.grad.numpy(), by_x)
assert nn.testing.gradcheck(F.conv2d, (tx, tw, tb))

# %% [markdown]
# ## 3.2 ReLU and max-pooling: where the gradient goes
#
# $\text{relu}(z) = \max(z, 0)$ has the slope 1 where $z > 0$ and 0 elsewhere. The article multiplies by `relu(z)`
# where the *slope* `(z > 0)` belongs.
#
# Max-pooling keeps the largest pixel of each window. Only that pixel had an influence, so it alone gets the gradient,
# all of it. The others get nothing.

# %%
z = nn.tensor([-2.0, -0.5, 0.5, 3.0], requires_grad=True)
z.relu().sum().backward()
assert z.grad.tolist() == [0, 0, 1, 1]
assert z.detach().relu().tolist() == [0, 0, 0.5, 3]  # the value, which the article takes for the slope

board = np.array([[1, 5, 2, 0], [3, 4, 1, 7], [6, 0, 2, 2.5], [1, 2, 9, 3]])
pixels = nn.tensor(board[None, None], dtype=nn.float64, requires_grad=True)
pooled = F.max_pool2d(pixels, 2)
upstream = np.array([[[[10.0, 20], [30, 40]]]])
pooled.backward(nn.from_numpy(upstream))

routed = np.zeros_like(board)  # by hand
for i in (0, 2):
    for j in (0, 2):
        window = board[i : i + 2, j : j + 2]
        k, l = np.unravel_index(window.argmax(), window.shape)
        routed[i + k, j + l] = upstream[0, 0, i // 2, j // 2]
assert np.array_equal(pooled.detach().numpy()[0, 0], [[5, 7], [6, 9]])
assert np.array_equal(pixels.grad.numpy()[0, 0], routed)

figure, axes = plt.subplots(1, 4, figsize=(9, 2.5), layout="constrained", width_ratios=[2, 1, 1, 2])
panels = {
    "pixels": board,
    "max of each 2 x 2": pooled.detach().numpy()[0, 0],
    "gradient in": upstream[0, 0],
    "gradient out": routed,
}
for axis, (title, values) in zip(axes, panels.items(), strict=True):
    axis.imshow(values, cmap="Blues" if "gradient" not in title else "Oranges", vmax=2 * values.max())
    for (i, j), value in np.ndenumerate(values):
        axis.text(j, i, f"{value:g}", ha="center", va="center")
    axis.axhline(1.5, color="black", linewidth=1 if len(values) == 4 else 0)
    axis.axvline(1.5, color="black", linewidth=1 if len(values) == 4 else 0)
    axis.set_title(title, fontsize=10)
    axis.set(xticks=[], yticks=[])
plt.show()

# %% [markdown]
# ## 3.3 Softmax and cross-entropy
#
# The last layer yields one number for each class, the **logits** $z$. Softmax makes probabilities of them, and
# cross-entropy looks at the probability of the right class $c$ alone:
#
# $$p_j = \frac{e^{z_j}}{\sum_k e^{z_k}}, \qquad L = -\ln p_c = -z_c + \ln \sum_k e^{z_k} .$$
#
# Differentiate the right-hand form. The first term gives $-1$ for $j = c$, which is $-t_j$ with the one-hot target $t$.
# The second gives $e^{z_j} / \sum_k e^{z_k} = p_j$:
#
# $$\frac{\partial L}{\partial z_j} = p_j - t_j .$$
#
# The same simple form as for the sigmoid in the last notebook; a softmax of two classes *is* a sigmoid.

# %%
logits = nn.tensor(rng.normal(size=(5, 10)), dtype=nn.float64, requires_grad=True)
target = nn.tensor([3, 1, 4, 1, 5])
loss = F.cross_entropy(logits, target)
loss.backward()

p = np.exp(logits.detach().numpy())
p /= p.sum(axis=1, keepdims=True)
one_hot = np.eye(10)[target.numpy()]
assert np.isclose(loss.item(), -np.mean(np.log(p[one_hot == 1])))
assert np.allclose(logits.grad.numpy(), (p - one_hot) / 5)  # 5: the loss is a mean over the batch
assert np.allclose(logits.grad.numpy().sum(axis=1), 0)

two = F.softmax(nn.tensor([[0.0, 1.7]], dtype=nn.float64), dim=1)[0, 1]
assert np.isclose(two.item(), F.sigmoid(nn.tensor(1.7, dtype=nn.float64)).item())

# huge logits are no trouble: the largest is subtracted first, which changes no probability
assert np.isclose(F.cross_entropy(nn.tensor([[1000.0, 0.0]]), nn.tensor([1])).item(), 1000)

# %% [markdown]
# The article's formula $-\sum_j t_j \ln p_j$ is for probabilities, and its code uses `nn.CrossEntropyLoss`, which wants
# **logits** and does the softmax itself. Whoever puts a softmax before it gets no error, but a loss that cannot fall:
# even perfect probabilities, 1 and nine times 0, give $-\ln\frac{e}{e + 9} = 1.46$.

# %%
criterion = nn.CrossEntropyLoss()
perfect = nn.tensor([[0.0, 0.0, 1.0] + [0.0] * 7])
stuck = criterion(perfect, nn.tensor([2])).item()
assert np.isclose(stuck, -math.log(math.e / (math.e + 9)))
assert np.isclose(stuck, 1.461, atol=1e-3)
assert criterion(100 * perfect, nn.tensor([2])).item() < 1e-6  # logits can be as sure as they like

# %% [markdown]
# ## 3.4 The article's CNN, with shapes that fit
#
# Four "photographs" of 3 x 3 pixels, each of one colour. The printed network stops at the first layer: filters for
# **one** channel meet an image of **three**. Behind that wait a pooling of 2 x 2 over what is then one pixel, and a
# `7 * 7 * 64` that belongs to other images and another padding.

# %%
pictures, classes = example.article_pictures()


def refused(attempt):
    try:
        attempt()
    except nn.ShapeError as error:
        return str(error)
    raise AssertionError("it should have been refused")


print(refused(lambda: F.conv2d(pictures, nn.zeros(64, 1, 3, 3))))
pixel = F.conv2d(pictures, nn.zeros(64, 3, 3, 3))
assert pixel.shape == (4, 64, 1, 1)
print(refused(lambda: F.max_pool2d(pixel, 2)))

# Images of 28 x 28 without padding: 28 - 26 - 13 - 11 - 5
h = F.max_pool2d(F.conv2d(nn.zeros(1, 1, 28, 28), nn.zeros(32, 1, 3, 3)), 2)
assert h.shape[2:] == (13, 13)
h = F.max_pool2d(F.conv2d(h, nn.zeros(64, 32, 3, 3)), 2)
assert h.shape[1:] == (64, 5, 5)
assert (64 * 5 * 5, 7 * 7 * 64) == (1600, 3136)
# A batch of 49 would even pass through reshape(-1, 7 * 7 * 64), as 25 rows of mixed-up images. Flatten keeps the batch.
assert np.zeros((49, 1600)).reshape(-1, 3136).shape == (25, 3136)
assert nn.Flatten()(h).shape == (1, 1600)

# %% [markdown]
# With padding 1 the 3 x 3 pixels stay 3 x 3, pooling makes one of them, a linear layer gives two logits, cross-entropy
# judges them. First the whole network's gradient against differences, then the training.

# %%
nn.manual_seed(0)
network = example.article_network().double()
noisy = nn.from_numpy(pictures.numpy() + 0.1 * rng.normal(size=pictures.shape))  # away from the kinks


def article_loss(noisy, conv_weight, conv_bias, linear_weight, linear_bias):
    h = F.max_pool2d(F.conv2d(noisy, conv_weight, conv_bias, padding=1).relu(), 2)
    return F.cross_entropy(F.linear(h.flatten(1), linear_weight, linear_bias), classes)


everything = (noisy.requires_grad_(), *network.parameters())
assert np.isclose(article_loss(*everything).item(), F.cross_entropy(network(noisy), classes).item())
assert nn.testing.gradcheck(article_loss, everything)

final, predicted = example.fit_article(300, 0.1, 0, quiet, runs / "article")
assert final < 0.001
assert predicted.tolist() == classes.tolist() == [1, 0, 0, 1]
print(network)
print(f"cross-entropy after 300 epochs: {final:.1e}, predicted {predicted}, wanted {classes.numpy()}")

# %% [markdown]
# A fair remark on this data: it needs no CNN. Each picture is one colour, and a single line separates the classes,
# $4\,\text{blue} - \text{red} - \text{green} > 0$. It shows that the shapes fit, no more.

# %%
score = example.COLOURS @ np.array([-1, -1, 4])
assert np.array_equal(score > 0, example.LABELS == 1)

# %% [markdown]
# ## 3.5 A training loop, logged
#
# Now real images. The article's loop writes, for each *batch*, `writer.add_scalar('Loss/train', loss.item(), epoch)`,
# and says that this records the loss of each epoch. It does not: all batches of an epoch are written at the same step.
#
# Here is the loop with that line and with three better ones. A point of a curve needs a step of its own:
#
# - per batch: a step that counts batches;
# - per epoch: the mean over the epoch's *samples* (the last batch is smaller), at the epoch's number;
# - beside it the validation loss at the same step, in evaluation mode, without recording gradients.

# %%
nn.manual_seed(0)
train, validation, test = example.split_digits()
validation_set, test_set = example.whole(validation), example.whole(test)
assert (len(train), len(validation), len(test)) == (1258, 270, 269)

model = example.digits_network()
optimizer = nn.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
loader = DataLoader(train, batch_size=example.BATCH, shuffle=True)
epochs = 5

with SummaryWriter(str(runs / "loop")) as writer:  # closed, and so flushed, whatever happens inside
    step = 0
    for epoch in range(epochs):
        total = 0.0
        for inputs, labels in loader:
            optimizer.zero_grad()
            loss = criterion(model(inputs), labels)
            loss.backward()
            optimizer.step()
            writer.add_scalar("as_printed/loss", loss.item(), epoch)  # the article's: same step, batch after batch
            writer.add_scalar("loss/train_step", loss.item(), step)
            total += loss.item() * len(labels)
            step += 1
        validation_loss, validation_accuracy = example.evaluate(model, *validation_set)
        writer.add_scalar("loss/train", total / len(train), epoch)
        writer.add_scalar("loss/validation", validation_loss, epoch)
        writer.add_scalar("accuracy/validation", validation_accuracy, epoch)
assert validation_accuracy > 0.9
print(f"{epochs} epochs of {len(loader)} batches; validation accuracy {validation_accuracy:.1%}")

# %% [markdown]
# What is on disk? `read_scalars` gives the steps and values of every curve, in the order of writing.

# %%
curves = read_scalars(runs / "loop")
wrong_steps, wrong_values = curves["as_printed/loss"]
assert len(wrong_steps) == epochs * len(loader) == 200
assert np.unique(wrong_steps).tolist() == [0, 1, 2, 3, 4]
assert np.all(np.bincount(wrong_steps) == len(loader))  # 40 values at each of 5 steps

steps, values = curves["loss/train_step"]
assert np.all(np.diff(steps) == 1)
assert np.array_equal(values, wrong_values)  # the same numbers, with a step each

# %% [markdown]
# TensorBoard has two ways to load that file, and they differ on it.
#
# - The **default** loader reads a step that does not rise as a run that was restarted there, and drops what it had from
#   that step on. Of 40 batches one is left, the **last** of each epoch: five points out of 200, each the luck of one
#   batch.
# - With `--load_fast=false` all 200 are kept, and drawn as a vertical zigzag at each epoch.
#
# Neither is the loss of an epoch.


# %%
def default_loader(steps, values):
    """What is kept of a curve: a step that is not larger than the ones before takes their place."""
    kept = []
    for step, value in zip(steps.tolist(), values.tolist(), strict=True):
        while kept and kept[-1][0] >= step:
            kept.pop()
        kept.append((step, value))
    return np.array(kept).T


seen = default_loader(wrong_steps, wrong_values)
assert seen.shape == (2, epochs)
assert np.array_equal(seen[1], values[len(loader) - 1 :: len(loader)])  # the last batch of each epoch

batch_sizes = np.array([example.BATCH] * (len(loader) - 1) + [len(train) % example.BATCH])
means = (values.reshape(epochs, -1) * batch_sizes).sum(axis=1) / len(train)
assert np.allclose(curves["loss/train"][1], means, rtol=1e-5)
assert not np.allclose(seen[1], means, rtol=0.1)
for tag in ("loss/train_step", "loss/train", "loss/validation"):
    assert default_loader(*curves[tag]).shape[1] == len(curves[tag][0])  # nothing of these is dropped

figure, axes = plt.subplots(1, 3, figsize=(10, 2.8), sharey=True, layout="constrained")
axes[0].plot(wrong_steps, wrong_values, color="tab:red", linewidth=0.8)
axes[0].plot(*seen, "o", color="black", label="all that the default loader shows")
axes[0].set(title="as printed", xlabel="step = epoch", ylabel="loss", ylim=(-0.05, 2.5))
axes[0].legend(fontsize=8)
axes[1].plot(steps, values, linewidth=0.8)
axes[1].set(title="loss/train_step", xlabel="step = batch")
axes[2].plot(*curves["loss/train"], "o-", label="loss/train")
axes[2].plot(*curves["loss/validation"], "s-", label="loss/validation")
axes[2].set(title="means of an epoch", xlabel="step = epoch")
axes[2].legend(fontsize=8)
for axis in axes:
    axis.grid(alpha=0.3)
plt.show()

# %% [markdown]
# ### What an event file is
#
# A file of *records*. Each is: its length (8 bytes), a checksum of the length (4), the data, a checksum of the data
# (4). The checksum is CRC-32C, rotated by 15 bits with a constant added. The data are an `Event` in protobuf's
# encoding: time, step, and a summary. The first event only states the version. That is all that TensorBoard needs, and
# it does not care which library wrote it: tensorboardX and `tbwriter` are *writers* of this format, stock TensorBoard
# is the viewer.


# %%
def masked(data):
    crc = crc32c.crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


(file,) = (runs / "loop").iterdir()
assert "tfevents" in file.name
raw, at, records = file.read_bytes(), 0, []
while at < len(raw):
    length, of_length = struct.unpack_from("<QI", raw, at)
    data = raw[at + 12 : at + 12 + length]
    (of_data,) = struct.unpack_from("<I", raw, at + 12 + length)
    assert of_length == masked(raw[at : at + 8])
    assert of_data == masked(data)
    records.append(data)
    at += 12 + length + 4

events = list(read_events(file))
assert [event.SerializeToString() for event in events] == records
assert events[0].file_version == "brain.Event:2"
assert len(events) == 1 + 2 * epochs * len(loader) + 3 * epochs
second = events[1].summary.value[0]
print(f"{len(events)} events in {len(raw):,} bytes; the second one: "
      f"step {events[1].step}, {second.tag} = {second.simple_value:.4f}")  # fmt: skip

# %% [markdown]
# ### How good is it, and what does it get wrong?
#
# The validation set was for choosing. The test set is looked at once, at the end. Row $i$, column $j$ of the confusion
# matrix counts how often an $i$ was taken for a $j$. For one class, **precision** is its diagonal over its column (of
# those called 8, how many are 8s?), **recall** the diagonal over its row (of the 8s, how many were found?), and $F_1$
# their harmonic mean $2PR/(P+R)$.

# %%
with nn.no_grad():
    predicted = model(test_set[0]).argmax(1).numpy()
truth = test_set[1].numpy()
table = confusion_matrix(truth, predicted)

assert table.shape == (10, 10)
assert table.sum() == len(test)
accuracy = np.trace(table) / table.sum()
precision, recall = np.diag(table) / table.sum(axis=0), np.diag(table) / table.sum(axis=1)
assert np.isclose(accuracy, accuracy_score(truth, predicted))
assert np.isclose(accuracy, example.evaluate(model, *test_set)[1])
assert np.allclose(precision, precision_score(truth, predicted, average=None))
assert np.allclose(recall, recall_score(truth, predicted, average=None))
assert np.isclose(np.mean(2 * precision * recall / (precision + recall)), f1_score(truth, predicted, average="macro"))
assert accuracy > 0.93

figure, axis = plt.subplots(figsize=(3.9, 3.6), layout="constrained")
axis.imshow(np.log1p(table), cmap="Blues", vmax=6)
for (i, j), count in np.ndenumerate(table):
    if count:
        axis.text(j, i, count, ha="center", va="center", fontsize=8, color="tab:red" if i != j else "black")
axis.set(xlabel="predicted", ylabel="true", xticks=range(10), yticks=range(10))
axis.set_title(f"5 epochs: test accuracy {accuracy:.1%}", fontsize=10)
plt.show()

# %%
wrong = np.flatnonzero(predicted != truth)
assert len(wrong) == table.sum() - np.trace(table)
assert len(wrong) > 0
figure, axes = plt.subplots(1, 8, figsize=(9, 1.6), layout="constrained")
for axis in axes:
    axis.axis("off")
for axis, number in zip(axes, wrong, strict=False):
    axis.imshow(test_set[0].numpy()[number, 0], cmap="gray_r")
    axis.set_title(f"{truth[number]} taken for {predicted[number]}", fontsize=8)
plt.show()

# %% [markdown]
# ## 3.6 The whole recipe
#
# `example.fit_digits` is what `fromzero train cnn` runs: 20 epochs, Nesterov momentum, a rate that falls along half a
# cosine, smoothed labels, a little weight decay. It logs curves, histograms of weights, gradients and activations, the
# network's graph, filters, feature maps and its mistakes. What is measured on the validation set goes to a run of its
# own inside the run, by the same tags: TensorBoard draws both into one chart.

# %%
result = example.fit_digits(example.EPOCHS, example.LR, 0, False, quiet, runs / "digits")
assert result["accuracy"] > 0.98
print(f"test accuracy {result['accuracy']:.2%}, F1 (macro) {result['f1']:.4f}, validation {result['validation']:.2%}")

# %% [markdown]
# Everything from here on is read back from its event file: it is what TensorBoard is going to show. First an inventory.

# %%
KINDS = {"simple_value": "scalar", "histo": "histogram", "image": "image", "tensor": "text"}
tags = collections.defaultdict(set)
histograms, logged_pictures, graphs = {}, {}, 0
for event in read_events(runs / "digits"):
    graphs += bool(event.graph_def)
    for value in event.summary.value:
        kind = KINDS.get(value.WhichOneof("value"))
        if kind is None:  # the settings, and how the run ended, for the dashboard HPARAMS
            continue
        tags[kind].add(value.tag)
        if kind == "histogram":
            histograms.setdefault(value.tag, []).append((event.step, value.histo))
        elif kind == "image":
            logged_pictures[value.tag] = value.image.encoded_image_string  # the latest

assert graphs == 1
assert {"loss", "accuracy", "loss/batch", "lr", "gradient_norm/all", "dead/relu1"} <= tags["scalar"]
assert {"weights/conv1.weight", "gradients/conv1.weight", "activations/relu1"} <= tags["histogram"]
assert {"filters/conv1", "saliency/grad_cam", "feature_maps/relu1", "confusion_matrix"} <= tags["image"]
for kind in KINDS.values():
    names = sorted(tags[kind])
    print(f"{len(names):3d} {kind:10s} {', '.join(names[:4])}{' ...' if len(names) > 4 else ''}")

# %%
curves = read_scalars(runs / "digits")
validation = read_scalars(runs / "digits" / "validation")
assert curves["lr"][1][0] == np.float32(example.LR)
assert np.all(np.diff(curves["lr"][1]) < 0)
figure, axes = plt.subplots(1, 3, figsize=(10, 2.7), layout="constrained")
for name, run in (("train", curves), ("validation", validation)):
    axes[0].plot(*run["loss"], ".-", label=name)
    axes[1].plot(*run["accuracy"], ".-", label=name)
axes[2].plot(*curves["lr"])
axes[0].set(title="loss", xlabel="epoch")
axes[1].set(title="accuracy", xlabel="epoch", ylim=(0.85, 1.005))
axes[2].set(title="learning rate", xlabel="batch")
for axis in axes:
    axis.grid(alpha=0.3)
axes[0].legend()
axes[1].legend()
plt.show()

# %% [markdown]
# The training loss ends near 0.5, and above the validation loss. That is no mistake: it is measured with smoothed
# labels. They ask for 0.91 on the right class and 0.01 on each other one, and even the perfect answer to that costs its
# entropy, 0.5003.

# %%
smooth = np.array([0.91] + [0.01] * 9)
floor = -np.sum(smooth * np.log(smooth))
assert np.isclose(floor, 0.5003, atol=1e-4)
perfect = nn.from_numpy(np.log(smooth)[None])
assert np.isclose(F.cross_entropy(perfect, nn.tensor([0]), label_smoothing=0.1).item(), floor)
assert floor < curves["loss"][1][-1] < floor + 0.1
assert validation["loss"][1][-1] < curves["loss"][1][-1]

# %% [markdown]
# A histogram event holds bucket limits and counts, and the sums from which mean and standard deviation follow.
# TensorBoard draws one curve for each step: here for the first batch of an epoch. Shown are the second and the last
# epoch, as the share of values below a limit.
#
# The weights spread from where they started, and the gradients shrink as less remains to be learnt. The last panel
# shows the logits. Smoothed labels want a fixed gap of $\ln(0.91/0.01) = 4.51$ between the right class and the others,
# no more: one number in ten that is larger by 4.51 gives a standard deviation of $0.3 \cdot 4.51 = 1.35$.


# %%
def spread(histo):
    """The standard deviation, from the number, the sum and the sum of squares."""
    return math.sqrt(histo.sum_squares / histo.num - (histo.sum / histo.num) ** 2)


figure, axes = plt.subplots(1, 3, figsize=(10, 2.6), layout="constrained")
for axis, tag in zip(axes, ("weights/conv2.weight", "gradients/conv2.weight", "activations/linear2"), strict=True):
    assert len(histograms[tag]) == example.EPOCHS
    for step, histo in (histograms[tag][1], histograms[tag][-1]):
        limits, counts = np.array(histo.bucket_limit), np.array(histo.bucket)
        assert counts.sum() == histo.num
        axis.plot(np.clip(limits, histo.min, histo.max), np.cumsum(counts) / histo.num,
                  label=f"epoch {step}: std {spread(histo):.2g}")  # fmt: skip
    axis.set_title(tag, fontsize=10)
    axis.legend(fontsize=8)
    axis.grid(alpha=0.3)
axes[0].set_ylabel("share below")
plt.show()

(first_weights, last_weights), (first_gradients, last_gradients), (_, last_logits) = (
    (spread(histograms[tag][1][1]), spread(histograms[tag][-1][1]))
    for tag in ("weights/conv2.weight", "gradients/conv2.weight", "activations/linear2")
)
assert last_weights > first_weights
assert last_gradients < first_gradients / 3
assert np.isclose(last_logits, 0.3 * math.log(91), atol=0.15)

# %% [markdown]
# **Filters**: the 16 pictures of 3 x 3 that the first layer has learnt; ink on red places counts for, on blue ones
# against. **Feature maps**: what these filters see in one digit. **Grad-CAM**: where the second layer speaks for the
# answer. **The loss landscape**: the loss when all weights move along two random directions, each filter by as much as
# its own length.

# %%
names = ("filters/conv1", "feature_maps/relu1", "saliency/grad_cam", "confusion_matrix", "loss_landscape")
for name in names:
    display(Image(logged_pictures[name]))

# %% [markdown]
# ## 3.7 Open it in TensorBoard
#
# On a command line, once `pip install "fromzero[board]"` is done:
#
#     fromzero train cnn --log-dir runs/cnn
#     fromzero board runs
#
# The second line starts stock TensorBoard (`tensorboard --logdir runs`) and says which address to open. Two traps of
# the articles: `SummaryWriter()` without a directory writes below `runs/`, so `--logdir=log/` shows nothing; and what
# has not been flushed or closed may not be on disk yet. `with SummaryWriter(...)` takes care of that.
#
# Inside Jupyter, the next cell shows the runs of this notebook, if Jupyter was started with the environment activated,
# so that it finds the program `tensorboard`. It has the tag `skip-execution`: automatic runs leave it out, because it
# starts a server.

# %% tags=["skip-execution"]
# %load_ext tensorboard
# %tensorboard --logdir {runs}

# %% [markdown]
# ## In an interview
#
# - **What does a convolution compute?** At every place the sum of products of a filter and what is under it. One filter
#   for all places: few weights, and a stroke is found wherever it is.
# - **How is it made fast?** im2col: windows as columns, then one matrix product. Backwards the transposed products, and
#   col2im adds up what overlaps.
# - **Where does the gradient of max-pooling go?** To the pixel that was the maximum, and nowhere else.
# - **The gradient of softmax with cross-entropy?** $p - t$, divided by the batch size for a mean.
# - **Logits or probabilities for `CrossEntropyLoss`?** Logits. With probabilities the loss of ten classes sticks at
#   1.46.
# - **Why does my loss curve zigzag, or show one point per epoch?** Several values were written at one step.
# - **tensorboardX or TensorBoard?** The one writes event files, the other shows them. Any writer of the format will do.
