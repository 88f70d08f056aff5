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
# # 8 · Training in practice
#
# **Afterwards you can** start a deep network so that its signals neither fade nor explode, choose between SGD, momentum
# and Adam by what they do in a valley, set and schedule a learning rate, and see overfitting and fight it in five ways.
#
# **You need** chapters 4 (learning rate and curvature) and 6 (cross-entropy). **Time:** 40 minutes.
#
# So far the gradient was the hero: get it right, and the rest follows. In practice two people with the same correct
# gradient get very different networks. What differs is where they start, how they step, and when they stop. This
# chapter is about these three.

# %%
import tempfile

import numpy as np

import nn
from nn import functional as F
from nn.data import DataLoader, RandomShift, TensorDataset, datasets
from nn.examples import pictures
from nn.exercises import check
from nn.optim import SGD, Adam, AdamW, lr_scheduler
from nn.training import EarlyStopping, ModelCheckpoint, Trainer

rng = np.random.default_rng(0)

# %% [markdown]
# ## 8.1 Three starts of the same network
#
# Eight layers of 100 tanh units, fed with random numbers, untrained. The three panels differ in nothing but the size of
# the initial weights. Drawn is how the *activations* are distributed after layers 1, 4 and 8.


# %%
def activations(scale, function=np.tanh, layers=8, width=100):
    """Random inputs through layers whose weights have the standard deviation scale; what each layer puts out."""
    draw = np.random.default_rng(1)
    h, seen = draw.normal(size=(400, width)), []
    for _ in range(layers):
        h = function(h @ (scale * draw.normal(size=(width, width))))
        seen.append(h)
    return seen


edges = np.linspace(-1, 1, 41)
for axis, (name, scale) in zip(
    pictures.panels(3, size=(3, 2.5)), {"too small": 0.03, "1 / sqrt(100)": 0.1, "too large": 0.5}.items(), strict=True
):
    seen = activations(scale)
    shares = {f"layer {n}": np.histogram(seen[n - 1], edges)[0] / seen[0].size for n in (1, 4, 8)}
    pictures.curves(edges[:-1] + 0.025, shares, title=f"{name}: {scale}", ylabel="share", axis=axis)
    axis.set_ylim(0, 0.3)

# %% [markdown]
# On the left everything has shrunk to zero by layer 8: the output does not depend on the input any more. On the right
# nearly all units sit at −1 or 1, where tanh is flat, and where no gradient passes. Only in the middle is there
# something to learn from.
#
# Backwards the same happens once more. A gradient on its way down is multiplied by the weights of each layer and by
# the slope of each tanh. On the left the weights are small, on the right the slopes are nearly zero; in both cases
# eight factors make nothing of it, and the lowest layers never hear of the loss. Networks of more than a few layers
# were thought to be hardly trainable for many years, and this is why.
#
# ## 8.2 The size that keeps the size
#
# It is a matter of one line. A unit adds up $n$ products, $a = \sum_i w_i h_i$. If the weights are independent with
# mean 0, the variances add up:
#
# $$\operatorname{Var}(a) = n \cdot \operatorname{Var}(w) \cdot \operatorname{E}(h^2) .$$
#
# The signal keeps its size when $n \operatorname{Var}(w) = 1$, a standard deviation of $1/\sqrt n$. A factor that is
# off by a little is off by its eighth power after eight layers. Backwards the same holds with the number of *outputs*
# in place of $n$. Two recipes follow from it:
#
# - **Xavier** (Glorot and Bengio, 2010), a compromise of both directions:
#   $\operatorname{Var}(w) = 2/(n_{in} + n_{out})$.
# - **Kaiming** (He et al., 2015), for ReLU: it sets half of the values to zero, halves $\operatorname{E}(h^2)$, and
#   therefore $\operatorname{Var}(w) = 2/n_{in}$.

# %%
relu = lambda a: np.maximum(a, 0)
sizes = {
    f"{name}, {scale:.2f}": [np.sqrt(np.mean(h**2)) for h in activations(scale, function, layers=20)]
    for name, function, scale in (
        ("tanh", np.tanh, 0.03), ("tanh, Xavier", np.tanh, 0.1), ("relu, Xavier", relu, 0.1),
        ("relu, Kaiming", relu, np.sqrt(2) / 10),
    )
}  # fmt: skip
pictures.curves(range(1, 21), sizes, log="y", xlabel="layer", ylabel="root mean square")
assert sizes["relu, Xavier, 0.10"][-1] < 0.01 < 0.3 < sizes["relu, Kaiming, 0.14"][-1] < 3

# %% [markdown]
# A straight line in this picture is a power: each layer multiplies by the same factor. Xavier with ReLU loses a
# factor of $\sqrt 2$ in each layer, a thousand in twenty. `nn.init` has the recipes by PyTorch's names.

# %%
nn.manual_seed(0)
weight = nn.init.kaiming_normal_(nn.empty(300, 200), nonlinearity="relu")  # 200 inputs
assert np.isclose(weight.numpy().std(), np.sqrt(2 / 200), rtol=0.02)
weight = nn.init.xavier_uniform_(nn.empty(300, 200))
assert np.isclose(weight.numpy().std(), np.sqrt(2 / 500), rtol=0.02)

# %% [markdown]
# ## 8.3 Normalisation: put the size right on the way
#
# One can also repair the size in each layer. **Batch normalisation** (Ioffe and Szegedy, 2015) takes each unit,
# subtracts its mean over the batch and divides by its standard deviation. Then it gives the network back the freedom
# to choose, with a factor $\gamma$ and a shift $\beta$ that are learnt:
#
# $$\hat a = \frac{a - \mu}{\sqrt{\sigma^2 + \epsilon}}, \qquad y = \gamma\, \hat a + \beta .$$
#
# The picture shows the eight tanh layers again, started far too small, with and without.


# %%
def batch_norm(a, eps=1e-5):
    """a (N, H) -> (N, H): each column with mean 0 and variance 1"""
    return (a - a.mean(axis=0)) / np.sqrt(a.var(axis=0) + eps)


plain, normalised = activations(0.03), activations(0.03, lambda a: np.tanh(batch_norm(a)))
pictures.curves(
    range(1, 9), {"plain": [h.std() for h in plain], "with batch normalisation": [h.std() for h in normalised]},
    log="y", xlabel="layer", ylabel="standard deviation",
)  # fmt: skip
layer, a = nn.BatchNorm1d(100), rng.normal(3, 5, (64, 100))
assert np.allclose(layer(nn.tensor(a, dtype=nn.float32)).detach().numpy(), batch_norm(a), atol=1e-5)

# %% [markdown]
# There are three things to know.
#
# - While training, a picture's output depends on *what else is in the batch*. For use one needs an answer that does
#   not, so the layer keeps running means and takes them after `model.eval()`. Forgetting `eval()` is the classical
#   mistake.
# - **Layer normalisation** (Ba et al., 2016) takes the mean over the units of *one* example. It needs no batch and has
#   no two modes; transformers use it.
# - The *inputs* deserve the same: subtract the mean, divide by the standard deviation, both **of the training set**,
#   for all sets. Chapter 4 showed what that does to the learning rate.

# %%
fed = nn.tensor(rng.normal(3, 5, (64, 100)), dtype=nn.float32)
alone, together = layer.eval()(fed[:1]), layer.eval()(fed)
assert np.allclose(alone.detach().numpy(), together[:1].detach().numpy(), atol=1e-6)
row = F.layer_norm(fed, (100,)).numpy()[0]
assert abs(row.mean()) < 1e-5
assert abs(row.std() - 1) < 1e-3

# %% [markdown]
# ## 8.4 Down a valley: SGD, momentum, Adam
#
# The gradient points across a narrow valley rather than along it. Below, the loss is $L = \frac12(x^2 + 30 y^2)$,
# thirty times as steep in $y$ as in $x$, and all three start at the same point and take 30 steps.

# %%
curvature = np.array([1.0, 30.0])
start = np.array([-4.0, 1.0])


def walk(step, steps=30):
    """The points that a rule visits; it takes (point, gradient, its memory) and returns (point, memory)."""
    point, memory, points = start, None, [start]
    for _ in range(steps):
        point, memory = step(point, curvature * point, memory)
        points.append(point)
    return np.array(points)


def sgd(point, g, memory, lr=0.06):
    return point - lr * g, None


def momentum(point, g, velocity, lr=0.02, beta=0.8):
    velocity = g if velocity is None else beta * velocity + g
    return point - lr * velocity, velocity


def adam(point, g, memory, lr=0.4, b1=0.9, b2=0.99, eps=1e-8):
    m, v, t = (0, 0, 0) if memory is None else memory
    m, v, t = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2, t + 1
    return point - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps), (m, v, t)


# %%
walks = {"SGD": walk(sgd), "momentum": walk(momentum), "Adam": walk(adam)}
for axis, (name, points) in zip(pictures.panels(3, size=(3.3, 2.4)), walks.items(), strict=True):
    pictures.plane(lambda at: at**2 @ curvature / 2, (-5, 2), (-1.5, 1.5), levels=[0.2, 1, 3, 8, 18, 30],
                   title=name, xlabel="x", ylabel="y", axis=axis)  # fmt: skip
    pictures.points(points, path=True, title=name, xlabel="x", ylabel="y", axis=axis)

# %% [markdown]
# **SGD** steps along the negative gradient, $\theta \leftarrow \theta - \eta g$. The steep direction allows no more
# than $\eta < 2/30$, so it jumps from wall to wall, and creeps along the floor.
#
# **Momentum** adds up the gradients in a velocity, $v \leftarrow \beta v + g$, $\theta \leftarrow \theta - \eta v$.
# What changes its sign at every step cancels, what keeps it adds up, to $1/(1-\beta)$ times at most: 5 for
# $\beta = 0.8$, 10 for 0.9. (Polyak, 1964.)
#
# **Adam** (Kingma and Ba, 2015) gives each parameter a step length of its own. It keeps a running mean $m$ of the
# gradient and $v$ of its square:
#
# $$m \leftarrow \beta_1 m + (1 - \beta_1) g, \quad v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \quad
# \theta \leftarrow \theta - \eta\, \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon} .$$
#
# Both means start at zero and would be too small at first; the two denominators correct that. Scale the loss by a
# thousand, and Adam walks the same path, since $m$ and $\sqrt v$ grow alike. Its first step is $\eta$ in *every*
# direction. All three agree with `nn.optim`:

# %%
for name, make in {
    "SGD": lambda p: SGD(p, lr=0.06),
    "momentum": lambda p: SGD(p, lr=0.02, momentum=0.8),
    "Adam": lambda p: Adam(p, lr=0.4, betas=(0.9, 0.99)),
}.items():
    theta = nn.tensor(start, dtype=nn.float64, requires_grad=True)
    optimizer = make([theta])
    for _ in range(30):
        optimizer.zero_grad()
        ((theta**2 * nn.from_numpy(curvature)).sum() / 2).backward()
        optimizer.step()
    assert np.allclose(theta.detach().numpy(), walks[name][-1])
    print(f"{name:9} after 30 steps: loss {walks[name][-1] ** 2 @ curvature / 2:.4f}")

# %% [markdown]
# Which one? For pictures, SGD with momentum and a schedule is hard to beat. For transformers and recurrent nets, whose
# gradients differ by orders of magnitude from layer to layer, Adam (or AdamW, see 8.9) is the safe start. Its rate of
# 0.001 is a good first try almost everywhere; SGD's has to be looked for.
#
# ## 8.5 Looking for the learning rate
#
# It is the one setting to look for if you look for only one. Try it in powers, not in steps: 0.001, 0.01, 0.1. Here a
# network of one hidden layer takes 30 steps on 300 digits, with 21 rates.

# %%
images, labels = datasets.load_digits()
order = rng.permutation(len(images))
X, T = images[order[:300]], labels[order[:300]]  # to train
XV, TV = images[order[300:800]], labels[order[300:800]]  # to validate


def network(width=128, dropout=0.0):
    return nn.Sequential(
        nn.Flatten(), nn.Linear(64, width), nn.ReLU(), nn.Dropout(dropout), nn.Linear(width, 10)
    )  # fmt: skip


# %%
def loss_after(rate, steps=30):
    nn.manual_seed(0)
    model = network()
    optimizer = SGD(model.parameters(), lr=rate)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(X), T)
        loss.backward()
        optimizer.step()
    return loss.item()


rates = np.geomspace(1e-3, 10, 21)
ends = np.array([loss_after(rate) for rate in rates])
pictures.curves(rates, {"_": ends}, style=".-", log="x", xlabel="learning rate", ylabel="loss after 30 steps")
assert 0.1 < rates[np.argmin(ends)] < 3

# %% [markdown]
# On the left it has hardly moved: 2.3 is $\ln 10$, the loss of knowing nothing. Then the loss falls, until shortly
# before a cliff. On the right the first steps were so large that they threw the hidden units to where ReLU is flat;
# the network knows nothing again, and this time for good. Take a rate a few times below the cliff, since the cliff
# moves during training.
#
# The picture is that of one network and one batch size. After every change to either, look again; this is also why
# comparing two optimisers at the *same* rate says nothing.

# %% [markdown]
# ## 8.6 How large should a batch be?
#
# The gradient of a batch of $B$ examples is a mean of $B$ gradients drawn at random, an *estimate* of the gradient of
# the whole training set. How far is it off? Here for several batch sizes, as a share of the true gradient's length.

# %%
nn.manual_seed(0)
model = network()


def gradient(rows):
    """The gradient of the loss of these examples by all parameters, as one vector."""
    loss = F.cross_entropy(model(X[rows]), T[rows])
    return np.concatenate([g.numpy().ravel() for g in nn.grad(loss, list(model.parameters()))])


whole, sizes = gradient(np.arange(300)), np.array([1, 4, 16, 64, 256])


def error(size):
    """The root mean square of the error over 20 batches, as a share."""
    errors = [gradient(rng.integers(0, 300, size)) - whole for _ in range(20)]
    return np.sqrt(np.mean(np.sum(np.square(errors), axis=1)) / np.sum(whole**2))


off = [error(size) for size in sizes]
pictures.curves(sizes, {"measured": off, r"$c\,/\,\sqrt{B}$": off[0] / np.sqrt(sizes)}, style=["o-", "--"], log="xy",
                xlabel="batch size B", ylabel="error of the gradient")  # fmt: skip
assert np.allclose(off, off[0] / np.sqrt(sizes), rtol=0.4)

# %% [markdown]
# The error falls with $1/\sqrt B$, as that of any mean: four times the work halves it. At the start of a training,
# which is drawn here, a single example errs by several times the length of the gradient. 64 of them still err by
# about as much as the gradient is long. And yet one trains with such batches, and with success: the errors of
# successive steps point in all directions and cancel, while the gradient stays. For the work of one exact step one
# takes five rough ones, and gets further. On top, the noise is of use: it shakes the weights out of narrow,
# accidental minima. When you make the batches larger, you may raise the rate, since the steps have become more
# reliable.

# %% [markdown]
# ## 8.7 Schedules
#
# At first large steps get you into the right region; at the end they jump about in it. So let the rate fall. Three
# schedules of 100 steps: in stairs, along half a cosine, and with a **warm-up** before the cosine, since the first
# gradients, those of random weights, deserve little trust.


# %%
def rates_of(make, steps=100):
    optimizer = SGD([nn.zeros(1, requires_grad=True)], lr=1.0)
    schedule, rates = make(optimizer), []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return np.array(rates)


def warm_up(t, warmup=10, total=100):
    return (t + 1) / warmup if t < warmup else (1 + np.cos(np.pi * (t - warmup) / (total - warmup))) / 2


schedules = {
    "stairs": rates_of(lambda o: lr_scheduler.StepLR(o, step_size=30, gamma=0.3)),
    "cosine": rates_of(lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=100)),
    "warm-up, cosine": rates_of(lambda o: lr_scheduler.LambdaLR(o, warm_up)),
}
pictures.curves(None, schedules, xlabel="step", ylabel="factor of the rate")
assert np.allclose(schedules["cosine"], (1 + np.cos(np.pi * np.arange(100) / 100)) / 2)

# %% [markdown]
# ## 8.8 Too small, too large: underfitting and overfitting
#
# To see overfitting clearly we spoil the data: 60 of the 300 training labels are drawn at random. In real data it is
# rarely better. A network with two hidden units and one with 128 are trained on them. The loop is the usual one, and
# after each step it looks at the validation set, whose labels are right.

# %%
T = T.clone()
spoilt = rng.choice(300, 60, replace=False)
T[spoilt] = nn.from_numpy(rng.integers(0, 10, 60))


def fit(model, epochs=100, rate=0.01, weight_decay=0.0, change=lambda x: x):
    """Train with AdamW; training loss, validation loss and validation accuracy of each epoch, (epochs, 3)."""
    optimizer, history = AdamW(model.parameters(), lr=rate, weight_decay=weight_decay), []
    for _ in range(epochs):
        model.train()
        optimizer.zero_grad()
        loss = F.cross_entropy(model(change(X)), T)
        loss.backward()
        optimizer.step()
        model.eval()
        with nn.no_grad():
            answers = model(XV)
        right = (answers.argmax(1) == TV).float().mean()
        history.append([loss.item(), F.cross_entropy(answers, TV).item(), right.item()])
    return np.array(history)


# %%
histories = {}
for axis, width in zip(pictures.panels(2, size=(3.6, 2.6)), (2, 128), strict=True):
    nn.manual_seed(0)
    history = histories[width] = fit(network(width))
    pictures.curves(None, {"training": history[:, 0], "validation": history[:, 1]},
                    title=f"{width} hidden units", xlabel="epoch", ylabel="loss", axis=axis)  # fmt: skip
assert histories[2][-1, 0] > 1  # underfitting: not even the training set is learnt
assert histories[128][-1, 1] > 1.5 * histories[128][:, 1].min()  # overfitting: the validation loss turned round

# %% [markdown]
# With two units both losses stay high. That is **underfitting**: the model cannot, and no regularisation helps. Make it
# larger, or train it longer.
#
# With 128 units the training loss goes to zero. It has learnt the wrong labels by heart, too, as it had to. The
# validation loss falls, *turns round* after some fifteen epochs, and rises. That is **overfitting**, and the turn is
# the sign to look for.
#
# ## 8.9 Five remedies
#
# 1. **Stop early**: keep the weights of the epoch with the least validation loss.
# 2. **Weight decay**: each step also shrinks all weights by the share $\eta \lambda$. What the data do not support
#    again and again dies out. In AdamW it is applied beside the gradient, not through it (Loshchilov and Hutter,
#    2019).
# 3. **Dropout** (Srivastava et al., 2014): while training, each unit is silent with probability $p$, and the others are
#    scaled by $1/(1-p)$, so that the mean stays. No unit can rely on one other to know a picture by heart.
# 4. **Augmentation**: change the pictures in ways that do not change the label. Here each is moved by up to one pixel.
# 5. **More data**: the best of all, where it can be got.
#
# What numbers 3 and 4 do to a picture:

# %%
nn.manual_seed(0)
digit = X[1:2]
changed = [F.dropout(digit, 0.5) / 2] + [RandomShift(1)(digit) for _ in range(4)]
titles = ["the digit", "dropout 0.5", *["shifted"] * 4]
pictures.images(np.concatenate([p.numpy() for p in [digit, *changed]]), titles, colours="gray_r", side=1.2)
many = F.dropout(nn.ones(10_000), 0.5)
assert np.isclose(many.numpy().mean(), 1, atol=0.05)
assert np.array_equal(F.dropout(many, 0.5, training=False).numpy(), many.numpy())  # silent only while training

# %% [markdown]
# The first four have something in common: they keep the network from using all the freedom it has. What they cost is
# training loss; it stays higher, and is meant to. And each has one setting, which belongs to the validation set like
# every other choice.
#
# Now each of them on the spoilt labels. The first bar is the large network trained to the end, the second the same one
# stopped at its best epoch.

# %%
shift = RandomShift(1)
variants = {"weight decay": dict(weight_decay=2.0), "dropout": {}, "shifts": dict(change=shift)}
models, reached = {}, {"to the end": histories[128][-1, 2]}
reached["stop early"] = histories[128][histories[128][:, 1].argmin(), 2]
for name, options in variants.items():
    nn.manual_seed(0)
    models[name] = network(dropout=0.5 if name == "dropout" else 0.0)
    reached[name] = fit(models[name], **options)[-1, 2]
pictures.bars(reached, form="{:.1%}", ylabel="accuracy on validation", axis=pictures.panels(size=(6, 2.6)))
assert all(accuracy > reached["to the end"] for name, accuracy in reached.items() if name != "to the end")

# %% [markdown]
# Each of them helps, and they can be combined. Beware of reading more into the order of the bars: on 500 digits a
# difference of two percent is ten digits, and another seed may turn it round. Judge by several seeds.
#
# Augmentation does something that the others cannot: it tells the network something *new*. Move the validation digits
# by a pixel, which no reader would even notice, and see who still reads them.

# %%
nn.manual_seed(1)
moved = shift(XV)
for name, model in models.items():
    with nn.no_grad():
        right = (model.eval()(moved).argmax(1) == TV).float().mean().item()
    print(f"{name:13} digits as they were {reached[name]:.1%}, moved by up to a pixel {right:.1%}")
assert right > 0.7  # the last one was trained on shifts

# %% [markdown]
# ## 8.10 The whole loop, by hand
#
# Everything in one loop: batches in random order, a look at the validation set after each epoch, and the
# best weights put aside. Early stopping has one number, the **patience**: how many epochs without an improvement are
# allowed.


# %%
def parts():
    """A model, its optimiser and its batches, the same each time."""
    nn.manual_seed(0)
    model = network()
    loader = DataLoader(TensorDataset(X, T), batch_size=50, shuffle=True)
    return model, Adam(model.parameters(), lr=0.005), loader


# %%
model, optimizer, loader = parts()
criterion = nn.CrossEntropyLoss()
by_hand, best_loss, best_weights, patience = [], np.inf, None, 5
for epoch in range(40):
    model.train()
    for x, t in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), t)
        loss.backward()
        optimizer.step()
    model.eval()
    with nn.no_grad():
        by_hand.append(criterion(model(XV), TV).item())
    if by_hand[-1] < best_loss:
        best_loss, best_epoch = by_hand[-1], epoch
        best_weights = {name: value.clone() for name, value in model.state_dict().items()}
    elif epoch - best_epoch >= patience:
        break
model.load_state_dict(best_weights)
pictures.curves(None, {"validation loss": by_hand}, style=".-", marks={"best": (best_epoch, best_loss)}, xlabel="epoch")
assert epoch == best_epoch + patience < 39

# %% [markdown]
# `clone()` matters: without it, `best_weights` would be the model's own arrays, which go on changing, and "the best"
# would be the last.
#
# Two habits make such a loop worth something a month later. Set the seed first and write it down with all settings;
# then a run can be repeated, and a difference between two runs has a cause. And keep the test set out of it: the
# patience, the rate and the epoch to stop at have all been chosen by the validation set, so its loss is a little too
# good by now. Only the test set, used once, tells how the network does on digits that nobody has looked at.
#
# ## 8.11 The same with `nn.training.Trainer`
#
# Once the loop has been written by hand a few times, it is time to have it written. `Trainer` has the names of PyTorch
# Lightning. It is the same loop: the validation losses are the same, bit for bit.

# %%
model, optimizer, loader = parts()
validation = DataLoader(TensorDataset(XV, TV), batch_size=500)
with tempfile.TemporaryDirectory() as folder:
    stop = EarlyStopping("val_loss", patience=5)
    best = ModelCheckpoint(folder, monitor="val_loss")
    trainer = Trainer(max_epochs=40, callbacks=[stop, best], enable_progress_bar=False, default_root_dir=folder)
    trainer.fit(model, loader, validation, criterion=criterion, optimizer=optimizer)
    kept = trainer.validate(model, validation, ckpt_path="best")[0]["val_loss"]
print(f"stopped after epoch {stop.stopped_epoch}; best validation loss {kept:.4f}")
assert kept == best_loss
assert stop.stopped_epoch == epoch

# %% [markdown]
# What you get beyond the loop: it stops at Ctrl-C with a checkpoint, goes on from there bit for bit, names the layer
# where a loss became NaN, and writes curves for TensorBoard (chapter 9).
#
# ## 8.12 When it does not learn
#
# Check these in order; each takes a minute:
#
# 1. Is the first loss about $\ln C$? If not, the initial weights or the last layer are wrong (8.1, chapter 6).
# 2. Can it learn *ten* examples by heart, loss to zero? If not, there is a bug, in the model, the labels or the loop.
# 3. Does the loss rise from the first step? Wrong sign, or a rate beyond the cliff: try a tenth of it (8.5).
# 4. Does it not move? `zero_grad` and `step` in the loop? Dead units, vanishing gradients: look at them (8.1).
# 5. Training good, validation bad? Overfitting (8.9), or the two sets were prepared in different ways.
# 6. Validation better than training? Dropout and augmentation are at work in the one and not in the other. That is
#    fine.

# %% [markdown]
# ## 8.13 In an interview
#
# - **Why Xavier, why Kaiming?** So that the variance stays the same from layer to layer; ReLU halves it, hence the 2.
# - **What does batch normalisation do at test time?** It takes the running means; `model.eval()` switches.
# - **Adam or SGD?** Adam scales each parameter's step and is the safe start; SGD with momentum and a schedule is
#   often better on pictures.
# - **Adam or AdamW?** In AdamW the weight decay is not divided by $\sqrt v$.
# - **How do you see overfitting?** The validation loss turns round while the training loss falls on.
# - **Which set for what?** Training: gradients. Validation: choices. Test: one look at the end.

# %% [markdown]
# ## Exercises
#
# `fromzero exercise start NAME` writes a file to fill in, `fromzero exercise check NAME` judges it; here,
# `check("NAME", globals())` does.
#
# - `xavier_kaiming_init`, `batch_norm`, `layer_norm`: sections 8.2 and 8.3, with the gradients.
# - `sgd_momentum_step`, `adam_step`, `clip_grad_norm`: one step of each.
# - `lr_schedules`: 8.7.
# - `dropout`, `early_stopping`, `minibatches`, `training_loop`, `gradient_accumulation`: 8.9 and 8.10.
# - `drill_learning_rate`: a rate beyond the cliff.
#
# The schedules, solved:


# %%
def step_lr(t, lr, step_size, gamma=0.1):
    return lr * gamma ** (t // step_size)


def cosine_lr(t, lr, total, lowest=0.0):
    return lowest + (lr - lowest) * (1 + np.cos(np.pi * min(t / total, 1))) / 2


def warmup_cosine_lr(t, lr, warmup, total, lowest=0.0):
    return lr * (t + 1) / warmup if t < warmup else cosine_lr(t - warmup, lr, total - warmup, lowest)


check("lr_schedules", globals())

# %% [markdown]
# ## Where this lives in the code
#
# - [nn/init.py](../nn/init.py): Xavier, Kaiming and the others.
# - [nn/kernels/normalization.py](../nn/kernels/normalization.py): batch, layer and group normalisation.
# - [nn/kernels/update.py](../nn/kernels/update.py): the steps of the optimisers, in place.
# - [nn/optim/adam.py](../nn/optim/adam.py), [nn/optim/lr_scheduler](../nn/optim/lr_scheduler/__init__.py): Adam; the
#   schedules.
# - [nn/training/loop.py](../nn/training/loop.py): the loop of 8.10, with what hangs on it.
# - [nn/training/stopping.py](../nn/training/stopping.py): early stopping.
# - [nn/data/transforms](../nn/data/transforms/__init__.py): augmentation of pictures.
