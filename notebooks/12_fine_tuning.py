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
# # 12 · Fine-tuning: freezing, LoRA, saving the best
#
# Nobody begins with nothing if there is something to begin with. A network that was trained for one task holds features
# that another task can use. To go on from there is called fine-tuning.
#
# [The article](README.md#the-article) asks for it among its interview questions, and its answer needs two corrections.
# One cannot "choose a pretrained model or random initialisation": with random weights there is nothing to tune, that is
# training from scratch. And the validation set does not "adjust the parameters of the model". It chooses
# *hyperparameters*: the rate, the layers that are frozen, the moment to stop. The parameters learn from the training
# set alone.
#
# **Afterwards you can** put pretrained weights into a model and know what matched, freeze parts so that not one bit of
# them changes, choose between a new head, all layers and thin adapters (LoRA), and keep the best model instead of the
# last.
#
# **You need** chapters 6 to 8 (classification, convolution, training in practice). **Time**: 30 minutes.

# %%
import tempfile
from collections import OrderedDict
from pathlib import Path

import numpy as np

import nn
from nn import functional as F
from nn.data import datasets
from nn.examples import pictures
from nn.exercises import check
from nn.tuning import (
    LoraConfig,
    freeze,
    inject_lora,
    layerwise_groups,
    load_pretrained,
    merge_lora,
    replace_head,
    trainable,
    unmerge_lora,
)

folder = tempfile.TemporaryDirectory(prefix="fromzero-")  # everything written goes here, and goes away with the kernel
files = Path(folder.name)

# %% [markdown]
# ## 12.1 Two tasks
#
# The digits are noisy this time, as from a bad scanner. For 0 to 4 there are 750 examples to train on. For 5 to 9 there
# are two of each:

# %%
nn.manual_seed(0)
images, labels = datasets.load_digits()
order = nn.randperm(len(labels))
images, labels = images[order] + 0.3 * nn.randn(len(labels), 1, 8, 8), labels[order]
old, new = labels < 5, labels >= 5
old_x, old_t, new_x, new_t = images[old], labels[old], images[new], labels[new] - 5
test_x, test_t = new_x[-400:], new_t[-400:]  # of the new task, looked at to compare the ways


def few(count, skip=0):
    """So many examples of each new digit."""
    chosen = [np.flatnonzero(new_t.numpy()[:300] == c)[skip : skip + count] for c in range(5)]
    where = nn.from_numpy(np.concatenate(chosen))
    return new_x[where], new_t[where]


x, t = few(2)
pictures.images(x.numpy(), [str(c + 5) for c in t.tolist()], columns=10, side=0.75)

# %% [markdown]
# From these ten pictures a new network has to learn two things at once: what noise is, and what a 7 is. But noise,
# strokes and corners are the same in all digits, and a network that knows 0 to 4 knows them.
#
# This is the usual situation outside of textbooks. Labels cost money, and there are few of them, while somebody has
# already trained a model on something similar. Two things are asked of fine-tuning: to reach more with few labels, and
# to do it at little cost in time and memory. We measure both.
#
# ## 12.2 Pretraining
#
# The network has a **backbone** of three convolutions and a **head**, one linear layer. The loop is the one that you
# know:


# %%
def network(classes):
    layers = OrderedDict(
        conv1=nn.Conv2d(1, 16, 3, padding=1), relu1=nn.ReLU(),
        conv2=nn.Conv2d(16, 32, 3, padding=1), relu2=nn.ReLU(), pool=nn.MaxPool2d(2),
        conv3=nn.Conv2d(32, 32, 3, padding=1), relu3=nn.ReLU(), flatten=nn.Flatten(),
        head=nn.Linear(512, classes),
    )  # fmt: skip
    return nn.Sequential(layers)


def accuracy(model, x, t):
    with nn.no_grad():
        return (model(x).argmax(1) == t).float().mean().item()


base = network(5)
optimizer = nn.optim.Adam(base.parameters(), lr=2e-3)
for _ in range(300):
    chosen = nn.randint(0, len(old_t) - 150, (32,))
    optimizer.zero_grad()
    F.cross_entropy(base(old_x[chosen]), old_t[chosen]).backward()
    optimizer.step()
on_old = accuracy(base, old_x[-150:], old_t[-150:])
nn.save(base.state_dict(), files / "base.ckpt")
print(f"on held-out digits 0 to 4: {on_old:.0%} right")
assert on_old > 0.9

# %% [markdown]
# What does this network make of digits that it has never seen? Take one example of each new digit, and give every other
# picture to the example that it resembles most (the largest cosine). Resemblance is measured in the raw pixels, in the
# 512 features that an untrained network has before its head, and in those of the pretrained one:


# %%
def nearest(features, t, draws=10):
    """The share that lies nearest to one example of its own class, over several draws of the examples."""
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    shares = []
    for draw in range(draws):
        examples = [np.flatnonzero(t == c)[draw] for c in range(5)]
        shares.append(np.mean((unit @ unit[examples].T).argmax(axis=1) == t))
    return np.mean(shares)


seen = {"pixels": new_x.numpy().reshape(len(new_t), -1)}
for name, net in {"untrained": network(5), "pretrained": base}.items():
    backbone = net[:-1]
    with nn.no_grad():
        seen[name] = backbone(new_x).numpy()
found = {name: nearest(features, new_t.numpy()) for name, features in seen.items()}
pictures.bars(found, form="{:.0%}", title="one example a digit", ylabel="right",
              axis=pictures.panels(size=(4, 2.4)))  # fmt: skip
assert found["pretrained"] > found["pixels"] + 0.04

# %% [markdown]
# Nobody has told the network what a 7 is, and yet its 7s resemble each other more than they do as pixels. This is what
# is *transferred*. An untrained network adds nothing: it is the training on other digits that has put the order into
# the features, not the shape of the network.
#
# ## 12.3 Loading by name, with a report
#
# Weights are matched by **name** and **shape**, nothing else. So loading can go wrong silently: a prefix in the names,
# a layer that was renamed, a head of another size. A program that skips what does not fit then trains on, from random
# weights in half of its layers, and nobody notices but for a mediocre result. `load_pretrained` says what it did, and
# with `strict=True` it refuses before anything is changed. Here the new model has six classes and a layer more:

# %%
other = network(6)
other.add_module("extra", nn.Linear(6, 6))
report = load_pretrained(other, files / "base.ckpt")
print(report)
assert list(report.mismatched) == ["head.weight", "head.bias"]

# %% [markdown]
# And here is the trap that no report can see. The new task has five classes, too, so the old head *fits*: its row for
# the digit 0 now speaks for the digit 5. Names and shapes are right, the meaning is wrong. So the accuracy is that of
# guessing or worse, and the first steps are spent on unlearning. Replace the head always:

# %%
model = network(5)
print(load_pretrained(model, files / "base.ckpt", strict=True))
print(f"with the old head {accuracy(model, test_x, test_t):.0%} of the new digits are right; guessing gives 20%")
name = replace_head(model, 5)
assert name == "head"
assert nn.equal(model.conv3.weight, base.conv3.weight)
assert not nn.equal(model.head.weight, base.head.weight)

# %% [markdown]
# ## 12.4 Freezing, to the last bit
#
# A frozen parameter has `requires_grad = False`: it gets no gradient, so the backward pass does not even compute one,
# and no optimiser touches it. That saves three things. The backward pass ends at the first layer that is trained. Adam
# needs no moments for what is frozen, and those are twice the size of the weights. And if everything but the head is
# frozen, the features of each picture are the same in every epoch: compute them once, keep them, and train the head on
# them alone.
#
# Freezing is a promise, and it can be tested, to the last bit:

# %%
freeze(model, "conv*")
before = {name: p.detach().clone() for name, p in model.named_parameters()}
optimizer = nn.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.1)
for _ in range(30):
    optimizer.zero_grad()
    F.cross_entropy(model(x), t).backward()
    optimizer.step()
moved = [name for name, p in model.named_parameters() if not nn.equal(p, before[name])]
print("moved:", moved, "  trained:", "{:,} of {:,}".format(*trainable(model)))
assert moved == ["head.weight", "head.bias"]

# %% [markdown]
# Two ways to freeze *nearly* are seen again and again.
#
# **A gradient of zero is not frozen.** Weight decay pulls at every parameter that has a gradient, even one of 0, and
# momentum goes on moving it:

# %%
w = nn.Parameter(nn.ones(3))
optimizer = nn.optim.AdamW([w], lr=0.1, weight_decay=0.1)
w.grad = nn.zeros(3)
optimizer.step()
print("1 becomes", round(w[0].item(), 4), "by a step with the gradient 0")
assert w.tolist() != [1, 1, 1]

# %% [markdown]
# **Batch normalisation is not a parameter only.** In training mode it updates its running mean with every batch, and
# uses the batch's own (chapter 8). With frozen parameters it still drifts. `freeze` puts it into evaluation mode and
# keeps it there, through every later `model.train()`:

# %%
half = nn.BatchNorm2d(1).requires_grad_(False)
whole = nn.BatchNorm2d(1)
freeze(whole)
for layer in (half, whole):
    layer.train()
    layer(new_x[:50] + 5)
print(f"running mean: {half.running_mean.item():.2f} by requires_grad alone, {whole.running_mean.item():.2f} frozen")
assert whole.running_mean.item() == 0 != half.running_mean.item()

# %% [markdown]
# ## 12.5 Lower rates for lower layers
#
# Between frozen and free lies the middle: train everything, but the early layers more slowly. They hold edges and
# noise, which are the same in both tasks; the later ones hold what the old task was about (Yosinski et al., *How
# transferable are features?*, 2014). `layerwise_groups` gives each layer a rate that falls by a constant factor
# $\gamma$ towards the input:
#
# $$\text{lr}_i = \text{lr} \cdot \gamma^{\,L-1-i}, \qquad i = 0, \dots, L-1 .$$

# %%
groups = layerwise_groups(network(5), lr=3e-3, decay=0.5)
pictures.bars({group["name"]: group["lr"] for group in groups}, form="{:.2g}", ylabel="rate",
              axis=pictures.panels(size=(4, 2.3)))  # fmt: skip
assert [group["name"] for group in groups] == ["conv1", "conv2", "conv3", "head"]

# %% [markdown]
# Two questions decide what to do with a pretrained model: how much data there is, and how near the new task is to the
# old one. As a rule of thumb:
#
# | | near to the old task | far from it |
# |---|---|---|
# | **few examples** | freeze, and train a new head | freeze the early layers alone; expect little |
# | **many examples** | train everything, at low rates | train everything; a fresh start may do as well |
#
# The rate of the pretrained layers is usually a tenth of what one would take from scratch. The first steps are the
# dangerous ones: a fresh head is wrong about everything, and sends large and meaningless gradients down into good
# features. So train the head alone at first and unfreeze the rest later (`GradualUnfreezing`), or let the rate rise
# slowly over the first steps (warm-up, chapter 8).

# %% [markdown]
# ## 12.6 LoRA: a thin correction
#
# Full fine-tuning changes each weight matrix by some $\Delta W$. Let us do it once, with 20 examples a digit, and look
# at that change:

# %%
nn.manual_seed(0)
tuned = network(5)
load_pretrained(tuned, files / "base.ckpt")
replace_head(tuned, 5)
optimizer = nn.optim.Adam(tuned.parameters(), lr=3e-3)
many_x, many_t = few(20)
for _ in range(40):
    optimizer.zero_grad()
    F.cross_entropy(tuned(many_x), many_t).backward()
    optimizer.step()

change = (tuned.conv3.weight - base.conv3.weight).detach().numpy().reshape(32, -1)  # (32, 288)
singular = np.linalg.svd(change, compute_uv=False)
reached = np.cumsum(singular**2) / np.sum(singular**2)
random = np.linalg.svd(np.random.default_rng(0).normal(size=change.shape), compute_uv=False)
left, right = pictures.panels(2, size=(4.0, 2.5))
pictures.heat(change[:, :96], form=None, title="change of conv3 (a third of it)", axis=left)
by_chance = np.cumsum(random**2) / np.sum(random**2)
lines = {"the change": reached, "a random matrix": by_chance}
pictures.curves(np.arange(1, 33), lines, xlabel="rank", title="share that a rank reaches", axis=right)
print(f"4 of 32 directions hold {reached[3]:.0%} of the change, of a random matrix {by_chance[3]:.0%}")
assert reached[3] > 2 * by_chance[3]

# %% [markdown]
# The change has stripes. Few directions carry half of it, and in large models the effect is stronger still. Hu et al.
# (*LoRA*, 2022) turn that round. Leave $W$ as it
# is, and learn only a product of two thin matrices beside it:
#
# $$y = W x + \frac{\alpha}{r}\, B A x, \qquad A: r \times \text{in}, \quad B: \text{out} \times r .$$
#
# Instead of $\text{in} \cdot \text{out}$ numbers, $r\,(\text{in} + \text{out})$ are learnt. $B$ starts at 0, so the
# first output is exactly that of the pretrained model, and $A$ starts at random. (If both were 0, both gradients would
# be 0 for ever: $\partial L/\partial B \propto G (Ax)^\top$ and $\partial L/\partial A \propto B^\top G\, x^\top$.)

# %%
model = network(5)
load_pretrained(model, files / "base.ckpt")
with nn.no_grad():
    expected = model(test_x).numpy()
layers = inject_lora(model, LoraConfig(r=2, lora_alpha=4, target_modules=["conv2", "conv3"], modules_to_save=["head"]))
with nn.no_grad():
    assert np.array_equal(model(test_x).numpy(), expected)  # nothing has changed yet, to the last bit

F.cross_entropy(model(x), t).backward()
A, B = model.conv3.lora_A.weight, model.conv3.lora_B.weight
assert np.all(A.grad.numpy() == 0)  # since B is 0
assert np.any(B.grad.numpy() != 0)
print(f"adapters at {layers}: {A.numel() + B.numel():,} numbers beside {base.conv3.weight.numel():,} of conv3")

# %% [markdown]
# For a convolution $A$ is a bank of $r$ filters and $B$ a 1 x 1 convolution behind it. In a large model, with matrices
# of 4096 x 4096 and $r = 8$, it is one number in 256. That is why LoRA is the usual way to tune large language models:
# the weights may even stay in a small number format, since nothing is added to them, and gradients and moments are
# needed for the adapters alone.
#
# Three knobs remain. The **rank** $r$ says how many directions the change may have; 4 to 16 are usual, and more seldom
# helps. The factor $\alpha / r$ keeps the size of the change when $r$ is varied, so that the rate need not be searched
# again. And the rate itself is higher than for full fine-tuning, since $B$ begins at 0 and has a way to go. Heads and
# norms are small and mostly trained whole (`modules_to_save`).
#
# ## 12.7 Four ways, one loop
#
# Now we compare. There are four ways to make a model, and the same loop for each: as many steps, the same optimiser,
# the same examples. Everything is repeated with three draws of the few examples, since with ten pictures luck is large.
# A comparison that shows one seed shows mostly that seed. And all ways are judged on 400 pictures that none of them was
# trained on:


# %%
def scratch():
    model = network(5)
    return model, list(model.parameters())


def pretrained():
    model = network(5)
    load_pretrained(model, files / "base.ckpt")
    replace_head(model, 5)
    return model


def frozen():
    model = pretrained()
    freeze(model, "conv*")
    return model, list(model.parameters())


def full():
    model = pretrained()
    return model, layerwise_groups(model, lr=3e-3, decay=0.5)


def lora():
    model = pretrained()
    inject_lora(model, LoraConfig(r=2, lora_alpha=4, target_modules=["conv2", "conv3"], modules_to_save=["head"]))
    return model, list(model.parameters())


# %%
ways, steps, kept = {"scratch": scratch, "frozen": frozen, "full": full, "LoRA": lora}, 40, {}
curves = {}
for count in (2, 20):
    for name, make in ways.items():
        runs = np.zeros((3, steps // 8))
        for seed in range(3):
            nn.manual_seed(seed)
            model, parameters = make()
            optimizer = nn.optim.Adam(parameters, lr=3e-3)
            x, t = few(count, skip=seed * count if count == 2 else 10 * seed)
            for step in range(steps):
                optimizer.zero_grad()
                F.cross_entropy(model(x), t).backward()
                optimizer.step()
                if step % 8 == 7:
                    runs[seed, step // 8] = accuracy(model, test_x, test_t)
        curves[count, name], kept[name] = runs.mean(axis=0), model

# %%
at = np.arange(8, steps + 1, 8)
for axis, count in zip(pictures.panels(2, size=(4.2, 2.9), sharey=True), (2, 20), strict=True):
    lines = {name: curves[count, name] for name in ways}
    title = f"{count} examples a digit"
    pictures.curves(at, lines, style=".-", xlabel="step", ylabel="accuracy", title=title, axis=axis)
print(f"{'way':9}{'trained':>8}  2 a digit  20 a digit")
for name, model in kept.items():
    trained, all_of_it = trainable(model)
    print(f"{name:9}{trained / all_of_it:8.0%}  {curves[2, name][-1]:9.2f}  {curves[20, name][-1]:10.2f}")
assert all(curves[count, name][-1] > curves[count, "scratch"][-1] for count in (2, 20) for name in list(ways)[1:])

# %% [markdown]
# Read the table with care; it is small, and it says more than "pretrained is better":
#
# - All three pretrained ways beat the fresh network, by some points, with 2 examples and with 20.
# - The differences among the three are smaller than the luck of the draw. With so little data a new head on frozen
#   features is as good as anything, and it is the cheapest: the backbone's features can be computed once and kept.
# - LoRA trains a fifth of the numbers here, because this network is tiny and the head is most of it. Its merit shows
#   with size.
# - The gain is some points, not a miracle. The old task had 750 pictures of five digits, and a small convolutional
#   network learns much from little by itself: its shape already says that a stroke is a stroke wherever it stands.
#   Where models are pretrained on millions of pictures or on the text of the web, the gap to a fresh start is a chasm.
#
# `fromzero train fine-tuning --seeds 5` runs a longer comparison. When the new task has plenty of examples, training
# from scratch catches up; when it has nothing to do with the old one, pretraining does not help at all.
#
# ## 12.8 What is forgotten
#
# Put the *old* head back on the tuned backbones: do they still know 0 to 4?

# %%
remembered = {"before": on_old}
for name in ("frozen", "full", "LoRA"):
    kept[name].head = base.head
    remembered[name] = accuracy(kept[name], old_x[-150:], old_t[-150:])
pictures.bars(remembered, form="{:.0%}", ylabel="right on 0 to 4", axis=pictures.panels(size=(4, 2.4)))
assert remembered["frozen"] == on_old
assert remembered["full"] < on_old

# %% [markdown]
# The frozen backbone forgets nothing, by construction. The others have drifted: this is called *catastrophic
# forgetting*. With LoRA it can be taken back, since the old weights are still there. `merge_lora` adds
# $\frac{\alpha}{r} BA$ into $W$, so that the adapted model costs not one operation more than the old one;
# `unmerge_lora` puts the very bits back. So one large model can serve many tasks, each with a small adapter.
#
# Whoever needs both tasks in one network has other means: mix some of the old examples into the new batches, keep the
# rates low, or pull the weights towards the old ones with a penalty. If nobody will ever ask for the old task again,
# forgetting does no harm.

# %%
model = kept["LoRA"]
with nn.no_grad():
    beside = model(test_x).numpy()
    merge_lora(model)
    assert np.allclose(model(test_x).numpy(), beside, atol=1e-4)
unmerge_lora(model)
assert nn.equal(model.conv3.base_layer.weight, base.conv3.weight)
adapter = {name: p for name, p in model.state_dict().items() if "lora_" in name}
print(f"the adapter: {sum(p.numel() for p in adapter.values()):,} numbers; the model: {trainable(base)[1]:,}")

# %% [markdown]
# ## 12.9 Save the best, not the last
#
# With few examples a network soon knows them by heart. So keep a validation set, measure after each step or epoch, and
# remember the weights of the best moment:

# %%
nn.manual_seed(0)
model = pretrained()
x, t = few(5)
val_x, val_t = new_x[300:400], new_t[300:400]
optimizer = nn.optim.Adam(model.parameters(), lr=3e-3)
history, best, best_step, patience = [], float("inf"), 0, 40
for step in range(150):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), t)
    loss.backward()
    optimizer.step()
    with nn.no_grad():
        val_loss = F.cross_entropy(model(val_x), val_t).item()
    history.append((loss.item(), val_loss))
    if val_loss < best:
        best, best_step = val_loss, step
        nn.save(model.state_dict(), files / "best.ckpt")
    elif step - best_step >= patience:
        break

# %%
training, validation = np.array(history).T
pictures.curves(None, {"training": training, "validation": validation}, marks={"saved": (best_step, best)},
                xlabel="step", ylabel="loss", axis=pictures.panels(size=(5, 2.8)))  # fmt: skip
restored = network(5)
report = load_pretrained(restored, files / "best.ckpt", strict=True)
with nn.no_grad():
    assert F.cross_entropy(restored(val_x), val_t).item() == best
assert training[-1] < 0.1 < validation[-1]
assert validation[-1] > best
print(f"validation loss {best:.2f} at its best, {validation[-1]:.2f} at the end")

# %% [markdown]
# The training loss goes to 0 and says nothing: 25 pictures are known by heart. The validation loss has a valley; after
# it, the network becomes surer of its mistakes, and pays for that. (The accuracy may stay the same meanwhile. It counts
# mistakes, and does not ask how sure they were made.) Four details decide whether "the best" is really saved:
#
# - **Save a copy.** `state_dict()` holds the very arrays that training goes on changing. A file is a copy; a variable
#   is not.
# - **The validation set chooses, the test set judges.** The best of nearly 60 validation losses is a little lucky.
#   Report the test.
# - **Patience.** A curve goes up and down. Stop only when nothing has become better for a while (early stopping).
# - **Everything that belongs to it.** To *use* a model its weights are enough. To go on *training* it, the optimiser's
#   moments, the schedule and the random state belong into the file. `nn.training.ModelCheckpoint` and `EarlyStopping`
#   do this.
#
# ## 12.10 The recipe
#
# 1. Find a model that was pretrained on something near to your task, and prepare your inputs exactly as its inputs were
#    prepared: the same size, the same scale, the same tokens. A wrong mean or a swapped colour channel costs more than
#    any choice below, and no error tells of it.
# 2. Load the weights, read the report, replace the head.
# 3. Train the head alone, on a frozen backbone. This takes minutes, and it is the number that everything else must
#    beat.
# 4. Then try all layers at a tenth of the rate, or LoRA where the model is large. Look at the validation loss, not at
#    the training loss.
# 5. Keep the best weights by validation, and stop when nothing has become better for a while.
# 6. Look at the test set once, at the very end, for the one model that you have chosen by then. Say how many examples,
#    how many seeds, and what a model from scratch reaches with the same data; without that last number nobody can tell
#    what the pretraining was worth.
#
# ## Exercises
#
# - [`fine_tune`](../nn/exercises/catalogue/fine_tune.py): `fromzero exercise start fine_tune`. A new head, rates by
#   part, and a frozen part that stays equal to the last bit.
# - [`early_stopping`](../nn/exercises/catalogue/early_stopping.py): `fromzero exercise start early_stopping`. A right
#   solution is checked here:


# %%
def train_with_early_stopping(train_epoch, validate, parameters, patience, max_epochs):
    best_epoch, best_loss, best = -1, np.inf, {}
    for epoch in range(max_epochs):
        train_epoch()
        loss = validate()
        if loss < best_loss:
            best_epoch, best_loss = epoch, loss
            best = {name: array.copy() for name, array in parameters.items()}
        elif epoch - best_epoch >= patience:
            break
    for name, array in best.items():
        parameters[name][...] = array
    return best_epoch, best_loss, best


check("early_stopping", globals()).raise_if_failed()

# %% [markdown]
# ## Where this lives in the code
#
# - [`nn/tuning/`](../nn/tuning/README.md): `load_pretrained`, `freeze`, `replace_head`, `layerwise_groups`, LoRA, and
#   adapters in PEFT's files.
# - [`nn/tuning/lora.py`](../nn/tuning/lora.py): the formula above, for linear layers, convolutions and embeddings.
# - [`nn/examples/fine_tuning.py`](../nn/examples/fine_tuning.py): `fromzero train fine-tuning`, the longer comparison.
# - [`nn/checkpoint.py`](../nn/checkpoint.py): `nn.save` and `nn.load`, without pickle.
# - [`nn/training/`](../nn/training/README.md): `ModelCheckpoint`, `EarlyStopping`, and going on after a break.
# - [The guide to fine-tuning](../docs/en/guides/fine_tuning.md).
