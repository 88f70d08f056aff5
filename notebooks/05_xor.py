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
# # 5 · XOR, from the derivative up
#
# **Afterwards you can** say why one unit cannot learn XOR, and derive backpropagation through two layers by hand.
#
# **Time**: 40 minutes.
#
# Four points, two classes, and the smallest problem that one unit cannot solve. On the way:
#
# 1. the sigmoid, its derivative, and a form that does not overflow;
# 2. what [the article](README.md#the-article)'s single unit does: its loss *rises*;
# 3. why no single unit can do better than 0.25 (squared error) or ln 2 (cross-entropy), with a proof;
# 4. backpropagation through two layers by hand, compared with `backward()`;
# 5. the network that solves it, and why it has four hidden units and not two.
#
# Every claim is checked by an `assert`. The code that trains is the code of `fromzero train xor`, in
# `nn/examples/xor.py`.
#
# *To run all notebooks again: `python notebooks/execute.py`, see `notebooks/README.md`.*

# %%
import math
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Image, display

import nn
from nn import functional as F
from nn.data import datasets
from nn.examples import xor as example
from nn.examples.console import Console, Options
from tbwriter import read_events, read_scalars

plt.rcParams.update({"figure.dpi": 80, "axes.grid": True, "grid.alpha": 0.3, "axes.axisbelow": True})
folder = tempfile.TemporaryDirectory(prefix="fromzero-")  # everything written goes here, and goes away with the kernel
runs = Path(folder.name)
quiet = Console(quiet=True)

x, target = datasets.xor()
X, T = x.numpy().astype(np.float64), target.numpy().astype(np.float64)
for (a, b), t in zip(X.astype(int), T.ravel().astype(int), strict=True):
    print(f"{a} xor {b} = {t}")

# %% [markdown]
# ## 5.1 The sigmoid
#
# A unit computes a number $z = w_1 x_1 + w_2 x_2 + b$, the **logit**, and squeezes it into a probability:
#
# $$\sigma(z) = \frac{1}{1 + e^{-z}}, \qquad
# \sigma'(z) = \frac{e^{-z}}{(1 + e^{-z})^2} = \sigma(z)\,\bigl(1 - \sigma(z)\bigr).$$
#
# The derivative needs only the result. It is at most $\frac14$, at $z = 0$, and nearly zero where the unit is sure of
# itself: there the unit learns almost nothing.

# %%
z = np.linspace(-6, 6, 241)
sigma = F.sigmoid(nn.from_numpy(z)).numpy()
slope = sigma * (1 - sigma)

eps = 1e-5
difference = (F.sigmoid(nn.from_numpy(z + eps)).numpy() - F.sigmoid(nn.from_numpy(z - eps)).numpy()) / (2 * eps)
assert np.allclose(slope, difference, atol=1e-10)
assert slope.max() == 0.25
assert z[slope.argmax()] == 0

figure, axis = plt.subplots(figsize=(5, 2.4), layout="constrained")
axis.plot(z, sigma, label=r"$\sigma(z)$")
axis.plot(z, slope, label=r"$\sigma'(z)$")
axis.set(xlabel="$z$")
axis.legend()
plt.show()

# %% [markdown]
# Typed in as it stands, the formula overflows: $e^{1000}$ is no double. Both branches of the stable form take the
# exponential of a number that is not positive:
#
# $$\sigma(z) = \begin{cases} 1 / (1 + e^{-z}) & z \ge 0 \\ e^{z} / (1 + e^{z}) & z < 0 \end{cases}$$

# %%
with np.errstate(over="raise"):
    try:
        1 / (1 + np.exp(-np.float64(-1000)))
    except FloatingPointError as error:
        print("as typed:", error)
    else:
        raise AssertionError("it should have overflowed")

    extreme = np.array([-1000.0, -30.0, 0.0, 30.0, 1000.0])
    e = np.exp(-np.abs(extreme))
    stable = np.where(extreme >= 0, 1, e) / (1 + e)
    assert np.allclose(F.sigmoid(nn.from_numpy(extreme)).numpy(), stable, rtol=1e-14)
    assert stable[0] == 0
    assert stable[-1] == 1
print("stable:  ", stable)

# %% [markdown]
# ## 5.2 The article's unit
#
# The article trains *one* sigmoid unit without a bias on the squared error, and calls it a neural network. With
# $y = \sigma(Xw)$ and $L = \frac12 \sum (y - t)^2$ the chain rule has three links:
#
# $$\nabla L = X^\top \bigl[\; \underbrace{(y - t)}_{\partial L / \partial y} \odot
# \underbrace{y \odot (1 - y)}_{\partial y / \partial z} \;\bigr], \qquad z = X w .$$
#
# The printed code starts with `error = y - output`, where `y` is the target. Its `d_weights` is the gradient with the
# sign turned round, and `weights -= learning_rate * d_weights` climbs.

# %%
w = np.random.RandomState(0).rand(2, 1)
output = F.sigmoid(nn.from_numpy(X @ w)).numpy()
error = T - output  # as printed
d_weights = X.T @ (error * output * (1 - output))

weights = nn.tensor(w, dtype=nn.float64, requires_grad=True)
(F.mse_loss(F.sigmoid(nn.from_numpy(X) @ weights), nn.from_numpy(T), reduction="sum") / 2).backward()

assert np.allclose(d_weights, -weights.grad.numpy())
assert np.allclose(d_weights.ravel(), [-0.0489, -0.0615], atol=1e-4)
print("as printed:", d_weights.ravel().round(4), "  gradient:", weights.grad.numpy().ravel().round(4))

# %% [markdown]
# We run it as printed, and once more with the sign mended. `example.single_unit` is what
# `fromzero train xor --as-printed` calls.

# %%
as_printed, outputs = example.single_unit(sign=-1)
mended, mended_outputs = example.single_unit(sign=1)

assert np.isclose(as_printed[0], 0.2753, atol=1e-4)
assert np.isclose(as_printed[900], 0.4707, atol=1e-4)  # the article prints every hundredth: this is its last line
assert np.all(np.diff(as_printed) > 0)  # up, in every single step
assert np.isclose(mended[-1], 0.25, atol=1e-6)
assert np.allclose(mended_outputs, 0.5, atol=1e-4)
assert outputs[0] == mended_outputs[0] == 0.5  # without a bias z(0, 0) = 0, whatever the weights

figure, axis = plt.subplots(figsize=(6, 2.8), layout="constrained")
axis.plot(as_printed, color="tab:red", label="as printed: 0.275 to 0.471 and on")
axis.plot(mended, color="tab:green", label="sign mended: 0.25, and no further")
axis.set(xlabel="step", ylabel="mean squared error", title="One unit, no bias")
axis.legend()
plt.show()
print("outputs as printed:", outputs.round(3), "  sign mended:", mended_outputs.round(3))

# %% [markdown]
# Mending the sign stops the climb, and nothing else. All four outputs are 0.5: the unit has learnt to say "I do not
# know".
#
# ## 5.3 No single unit can do better
#
# **It cannot classify.** Suppose $z = w_1 x_1 + w_2 x_2 + b$ were positive exactly on $(0,1)$ and $(1,0)$. Then
# $w_2 + b > 0$ and $w_1 + b > 0$, which add up to $w_1 + w_2 + 2b > 0$. But also $b \le 0$ and $w_1 + w_2 + b \le 0$,
# which add up to $w_1 + w_2 + 2b \le 0$. Contradiction. At most three points of four are right: 75 %.
#
# **Its cross-entropy is at least $\ln 2$.** Cross-entropy of a linear logit is convex in $(w, b)$, so a point where the
# gradient vanishes is *the* minimum. At zero all probabilities are $\frac12$, and the gradient
# $\sum_n (p_n - t_n)(x_n, 1)$ is zero there.
#
# **Its squared error is at least $\frac14$.** Let $u_n$ be the logit with the sign by which it is *wrong*: $z$ where
# the target is 0, $-z$ where it is 1. The error of a point is $\sigma(u_n)^2$, and on XOR
# $u_1 + u_2 + u_3 + u_4 = b - (w_2 + b) - (w_1 + b) + (w_1 + w_2 + b) = 0$. With $a = e^{-u_1}, \dots, d = e^{-u_4}$
# this reads $abcd = 1$, and the four errors are $\frac{1}{(1+a)^2}, \dots$ For positive numbers
#
# $$\frac{1}{(1+a)^2} + \frac{1}{(1+b)^2} - \frac{1}{1+ab}
# = \frac{ab\,(a-b)^2 + (ab-1)^2}{(1+a)^2 (1+b)^2 (1+ab)} \ge 0,$$
#
# and the same for $c$ and $d$. So the sum is at least
# $\frac{1}{1+ab} + \frac{1}{1+cd} = \frac{1}{1+ab} + \frac{ab}{ab+1} = 1$, and the mean of the four at least $\frac14$.
#
# A proof is worth a test. Here are 200,000 random units with a bias:

# %%
rng = np.random.default_rng(0)
scale = 10 ** rng.uniform(-1, 1.5, (200_000, 1))
units = scale * rng.normal(size=(200_000, 3))  # w1, w2, b
logits = units[:, :2] @ X.T + units[:, 2:]
probabilities = F.sigmoid(nn.from_numpy(logits)).numpy()

mse = np.mean((probabilities - T.T) ** 2, axis=1)
cross_entropy = np.mean(np.logaddexp(0, logits) - T.T * logits, axis=1)
accuracy = np.mean((logits > 0) == (T.T > 0.5), axis=1)

wrong = np.where(T.T > 0.5, -logits, logits)
assert np.allclose(wrong.sum(axis=1), 0, atol=1e-9)  # the four u add up to nothing
assert mse.min() >= 0.25 - 1e-12
assert cross_entropy.min() >= math.log(2) - 1e-12
assert accuracy.max() == 0.75

a, b = np.exp(rng.normal(size=(2, 1000)))  # the lemma
left = 1 / (1 + a) ** 2 + 1 / (1 + b) ** 2 - 1 / (1 + a * b)
right = (a * b * (a - b) ** 2 + (a * b - 1) ** 2) / ((1 + a) ** 2 * (1 + b) ** 2 * (1 + a * b))
assert np.allclose(left, right)

at_zero = nn.zeros(1, 3, dtype=nn.float64, requires_grad=True)  # the gradient of the cross-entropy at zero
with_ones = nn.from_numpy(np.hstack([X, np.ones((4, 1))]))
F.binary_cross_entropy_with_logits(F.linear(with_ones, at_zero), nn.from_numpy(T)).backward()
assert np.allclose(at_zero.grad.numpy(), 0)

print(f"best of 200,000: squared error {mse.min():.6f}, cross-entropy {cross_entropy.min():.6f}, "
      f"accuracy {accuracy.max():.0%}")  # fmt: skip

# %% [markdown]
# ## 5.4 A hidden layer, and the chain rule through it
#
# The remedy is to bend the plane before a line is drawn. Four hidden units with biases, then one output:
#
# $$a = x W_1^\top + b_1, \quad h = \tanh a, \quad z = h W_2^\top + b_2, \quad p = \sigma(z),$$
#
# trained on **binary cross-entropy**, the loss that belongs to a probability:
#
# $$L = -\frac1N \sum_n \bigl[ t_n \ln p_n + (1 - t_n) \ln(1 - p_n) \bigr].$$
#
# Now backwards, link by link. Write $\delta$ for the derivative of $L$ by a layer's input to its activation.
#
# $$\delta_2 = \frac{\partial L}{\partial z} = \frac1N \Bigl( -\frac{t}{p} + \frac{1-t}{1-p} \Bigr)\, p\,(1-p)
# = \frac{p - t}{N}$$
#
# The slope of the sigmoid cancels. With squared error it stays in as a factor, and a unit that is confidently wrong
# hardly learns. That is why cross-entropy is the better loss here. Then, with $\tanh' = 1 - \tanh^2$,
#
# $$\frac{\partial L}{\partial W_2} = \delta_2^\top h, \quad \frac{\partial L}{\partial b_2} = \sum_n \delta_2, \qquad
# \delta_1 = (\delta_2 W_2) \odot (1 - h^2), \qquad
# \frac{\partial L}{\partial W_1} = \delta_1^\top x, \quad \frac{\partial L}{\partial b_1} = \sum_n \delta_1 .$$
#
# The pattern of every layer: the error that comes in, times what the layer was fed, is the gradient of its weights. The
# error times the weights is what is handed on.

# %%
nn.manual_seed(0)
model = example.network().double()
W1, b1, W2, b2 = (p.detach().numpy() for p in model.parameters())

# forward
a = X @ W1.T + b1
h = np.tanh(a)
z = h @ W2.T + b2
p = 1 / (1 + np.exp(-z))
loss = -np.mean(T * np.log(p) + (1 - T) * np.log(1 - p))

# backward
delta2 = (p - T) / len(X)
delta1 = (delta2 @ W2) * (1 - h**2)
by_hand = [delta1.T @ X, delta1.sum(0), delta2.T @ h, delta2.sum(0)]

value = F.binary_cross_entropy_with_logits(model(nn.from_numpy(X)), nn.from_numpy(T))
value.backward()

assert np.isclose(value.item(), loss, rtol=1e-12)
for (name, parameter), hand in zip(model.named_parameters(), by_hand, strict=True):
    assert np.allclose(parameter.grad.numpy(), hand, rtol=1e-10, atol=1e-14)
    print(f"{name:14s} {hand.shape!s:7s} by hand = backward()")

# %% [markdown]
# `F.binary_cross_entropy_with_logits` takes the logit $z$ and not $p$, for the reason of section 2.1. Once $p$ has been
# rounded to 1, $\ln(1 - p)$ is lost. From the logit it is $\max(z, 0) - tz + \ln(1 + e^{-|z|})$, good for every $z$.

# %%
confident = nn.tensor([[800.0]], dtype=nn.float64)
wrong_target = nn.tensor([[0.0]], dtype=nn.float64)
assert F.binary_cross_entropy_with_logits(confident, wrong_target).item() == 800
assert F.sigmoid(confident).item() == 1  # all that is left of z after the sigmoid

assert nn.testing.gradcheck(
    lambda z: F.binary_cross_entropy_with_logits(z, nn.from_numpy(T)),
    nn.tensor(z, dtype=nn.float64, requires_grad=True),
)

# %% [markdown]
# ## 5.5 Train it
#
# `example.fit` is the training loop of the command line. It logs every epoch; we read the curves back from the event
# file.

# %%
model = example.fit(0, example.EPOCHS, example.LR, quiet, runs / "xor")
predictions = example.predict(model)
assert np.allclose(predictions, T.ravel(), atol=0.05)

curves = read_scalars(runs / "xor")
assert curves["accuracy"][1][-1] == 1
assert curves["loss"][1][-1] < 0.01 < math.log(2) < curves["loss"][1][0]

figure, axis = plt.subplots(figsize=(6, 2.8), layout="constrained")
axis.semilogy(*curves["loss"], label="2-4-1 network")
axis.axhline(math.log(2), color="tab:red", linestyle="--", label="ln 2: the best of any single unit")
axis.set(xlabel="epoch", ylabel="cross-entropy")
axis.legend()
plt.show()
for (a, b), t, p in zip(X.astype(int), T.ravel(), predictions, strict=True):
    print(f"{a} xor {b}: target {t:.0f}, probability {p:.4f}")

# %% [markdown]
# What it has drawn: white is probability 1, black 0. Each dashed line is where one hidden unit is zero. One line cannot
# part the classes, a few of them enclose a band.

# %%
picture = example.plane(model, pixels=128)
W1, b1 = (p.detach().numpy() for p in list(model.parameters())[:2])

figure, axis = plt.subplots(figsize=(4.6, 3.5), layout="constrained")
shown = axis.imshow(picture, extent=(-0.5, 1.5, -0.5, 1.5), cmap="gray", vmin=0, vmax=1)
line = np.linspace(-0.5, 1.5, 2)
for (w1, w2), bias in zip(W1, b1, strict=True):
    if abs(w2) >= abs(w1):
        axis.plot(line, -(w1 * line + bias) / w2, "--", color="tab:cyan", linewidth=1)
    else:
        axis.plot(-(w2 * line + bias) / w1, line, "--", color="tab:cyan", linewidth=1)
for t, marker, colour in ((0, "o", "tab:red"), (1, "s", "tab:green")):
    points = X[T.ravel() == t]
    axis.plot(*points.T, marker, color=colour, markersize=9, markeredgecolor="white", label=f"target {t}")
axis.set(xlim=(-0.5, 1.5), ylim=(-0.5, 1.5), xlabel="$x_1$", ylabel="$x_2$")
axis.grid(False)
axis.legend(loc="lower right", fontsize=8)
figure.colorbar(shown, label="probability of 1")
plt.show()

# the picture agrees with the four predictions: rows run from top to bottom, so (0, 0) is at a quarter, three quarters
rows, columns = np.array([95, 32, 95, 32]), np.array([32, 32, 95, 95])
assert np.array_equal(picture[rows, columns] > 0.5, T.ravel() > 0.5)

# %% [markdown]
# The example also logs this picture while it trains, as an image that TensorBoard shows with a slider. Read back from
# the event file:

# %%
planes = [
    (event.step, value.image.encoded_image_string)
    for event in read_events(runs / "xor")
    for value in event.summary.value
    if value.tag == "plane"
]
steps = [step for step, _ in planes]
assert steps[0] == 0
assert steps[-1] == example.EPOCHS - 1
assert steps == sorted(steps)

for _, logged_picture in (planes[0], planes[2], planes[-1]):
    display(Image(logged_picture))

# %% [markdown]
# ## 5.6 Twenty seeds
#
# One run is an anecdote. We judge by twenty, as `fromzero train xor --seeds 20` does. Solved means: all four
# probabilities within 0.05 of their targets.

# %%
report = example.train(Options(runs / "twenty", seeds=20, quiet=True))
print(report.tables[0])
assert report.figures["solved"] == 20

# %% [markdown]
# Two hidden units would be enough: there are weights that solve it. But gradient descent must *find* them, and with few
# units it often ends on a plateau. Spare units make the search easier; they are not needed to represent the answer.
# With a single hidden unit it cannot be done at all, since $\tanh$ and $\sigma$ only rise: the network is still one
# line.


# %%
def solved(hidden, seed):
    """The example's recipe with another number of hidden units."""
    nn.manual_seed(seed)
    model = nn.Sequential(nn.Linear(2, hidden), nn.Tanh(), nn.Linear(hidden, 1))
    for layer in (model[0], model[2]):
        nn.init.xavier_normal_(layer.weight, gain=nn.init.calculate_gain("tanh"))
        nn.init.zeros_(layer.bias)
    optimizer = nn.optim.SGD(model.parameters(), lr=example.LR)
    for _ in range(example.EPOCHS):
        optimizer.zero_grad()
        F.binary_cross_entropy_with_logits(model(x), target).backward()
        optimizer.step()
    return bool(np.abs(example.predict(model) - T.ravel()).max() < 0.05)


counts = {hidden: sum(solved(hidden, seed) for seed in range(20)) for hidden in (1, 2, 3)}
counts[4] = report.figures["solved"]
assert counts[1] == 0
assert 0 < counts[2] < 20
assert counts[2] <= counts[3] <= counts[4] == 20

figure, axis = plt.subplots(figsize=(4.5, 2.5), layout="constrained")
bars = axis.bar([str(hidden) for hidden in counts], list(counts.values()), color="tab:blue", width=0.6)
axis.bar_label(bars)
axis.set(xlabel="hidden units", ylabel="solved, of 20 seeds", ylim=(0, 23))
plt.show()

# two units that solve it, found by thought: one is "or", the other is "and"; or-and-not-and is xor
known = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1))
known.load_state_dict({
    "0.weight": nn.tensor([[10.0, 10.0], [10.0, 10.0]]), "0.bias": nn.tensor([-5.0, -15.0]),
    "2.weight": nn.tensor([[5.0, -5.0]]), "2.bias": nn.tensor([-5.0]),
})  # fmt: skip
assert np.allclose(example.predict(known), T.ravel(), atol=0.05)

# %% [markdown]
# One more way to fail: start with all weights equal to zero. Then all hidden units compute the same, receive the same
# gradient, and stay the same for ever. Here even that gradient is zero. **Random initial weights break the symmetry**;
# biases may start at zero.

# %%
model = example.network()
for parameter in model.parameters():
    nn.init.zeros_(parameter)
optimizer = nn.optim.SGD(model.parameters(), lr=example.LR)
for _ in range(100):
    optimizer.zero_grad()
    loss = F.binary_cross_entropy_with_logits(model(x), target)
    loss.backward()
    optimizer.step()
assert all(np.all(parameter.detach().numpy() == 0) for parameter in model.parameters())
assert np.isclose(loss.item(), math.log(2))
print(f"after 100 steps from zero the cross-entropy is {loss.item():.6f} = ln 2, and every weight is still 0")

# %% [markdown]
# ## In an interview
#
# - **Why can one unit not learn XOR?** It draws one line; the two conditions for each class add up to a contradiction.
# - **What is the best it can do?** 75 % right; squared error 0.25; cross-entropy $\ln 2$. If a loss sits at 0.6931 on
#   two balanced classes, the model has learnt nothing.
# - **What is backpropagation?** The chain rule, applied from the loss backwards, so that every intermediate derivative
#   is computed once. It yields gradients. Updating is the optimiser's work.
# - **Why cross-entropy with a sigmoid?** The slope of the sigmoid cancels, and $p - t$ is left. A unit that is
#   confidently wrong gets a large gradient.
# - **Why hand logits to the loss?** After the sigmoid has rounded to 0 or 1, the logarithm is lost.
# - **Why random weights?** Equal units get equal gradients and stay equal.
