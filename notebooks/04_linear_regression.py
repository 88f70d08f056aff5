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
# # 4 · Linear regression, from the derivative up
#
# **Afterwards you can** say before the first step whether a learning rate will diverge, and how slow it will be.
#
# **Time**: 40 minutes.
#
# Four houses, two numbers about each, one price. We fit a line to them, and for every step we ask *why*:
#
# 1. the gradient of the squared error, by hand, numerically, and by `nn`'s autograd;
# 2. one wrong sign, and what it does;
# 3. why a learning rate of 0.1 diverges however the loss is written;
# 4. the exact solution, and what happens when there are infinitely many of them;
# 5. what standardising the data buys.
#
# Every claim is checked by an `assert`. The code that trains is the code of `fromzero train linear-regression`, in
# `nn/examples/linear_regression.py`.
#
# *To run all notebooks again: `python notebooks/execute.py`, see `notebooks/README.md`.*

# %%
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import nn
from nn import functional as F
from nn.data import Standardize
from nn.examples import linear_regression as example
from nn.examples.console import Console, Options
from tbwriter import read_scalars

plt.rcParams.update({"figure.dpi": 80, "axes.grid": True, "grid.alpha": 0.3, "axes.axisbelow": True})
folder = tempfile.TemporaryDirectory(prefix="fromzero-")  # everything written goes here, and goes away with the kernel
runs = Path(folder.name)

X = example.X.astype(np.float64)
T = example.T.astype(np.float64)
N = len(X)
for x, t in zip(X, T.ravel(), strict=True):
    print(f"x = ({x[0]:.0f}, {x[1]:.0f})   price t = {t:.0f}")

# %% [markdown]
# The data are invented, and two things about them matter later:
#
# - the second column says nothing new: $x_2 = x_1 + 1$;
# - the price is exactly linear: $t = 2 x_1 + 3$.

# %%
assert np.array_equal(X[:, 1], X[:, 0] + 1)
assert np.array_equal(T[:, 0], 2 * X[:, 0] + 3)

# %% [markdown]
# ## 4.1 The model, the loss, the gradient
#
# The model has two weights and no bias: $y = x_1 w_1 + x_2 w_2$, or for all four houses at once $y = X w$.
#
# The loss is half the sum of the squared errors. The half is only there to cancel the 2 of the derivative:
#
# $$L(w) = \tfrac12 \sum_n (y_n - t_n)^2, \qquad y_n = \sum_j x_{nj} w_j .$$
#
# Chain rule, one house at a time: outer derivative times inner derivative,
#
# $$\frac{\partial}{\partial w_j} \tfrac12 (y_n - t_n)^2 = (y_n - t_n)\,\frac{\partial y_n}{\partial w_j}
# = (y_n - t_n)\, x_{nj} .$$
#
# Sum over the houses. The sum over $n$ is a matrix product with $X$ transposed:
#
# $$\nabla L(w) = X^\top (X w - t).$$
#
# The order of the difference is not a matter of taste: **output minus target**.


# %%
def loss(w):
    return 0.5 * np.sum((X @ w - T) ** 2)


def gradient(w):
    return X.T @ (X @ w - T)


w = np.array([[0.5], [-0.25]])
by_hand = gradient(w)
by_hand

# %% [markdown]
# Never trust a gradient that was not compared with the definition of the derivative. The central difference is exact up
# to $O(\varepsilon^2)$, and exact but for rounding when the loss is a parabola:
#
# $$\frac{\partial L}{\partial w_j} \approx \frac{L(w + \varepsilon e_j) - L(w - \varepsilon e_j)}{2 \varepsilon}.$$

# %%
eps = 1e-4
numerical = np.array([[(loss(w + eps * e) - loss(w - eps * e)) / (2 * eps)] for e in np.eye(2)[:, :, None]])
assert np.allclose(by_hand, numerical, rtol=1e-8)

# %% [markdown]
# `nn` finds the same gradient without being told any formula: it records what was computed and applies the chain rule
# backwards. A linear layer keeps its weight as (out_features, in_features), so here as one row.

# %%
x, t = nn.tensor(X, dtype=nn.float64), nn.tensor(T, dtype=nn.float64)
weight = nn.tensor(w.T, dtype=nn.float64, requires_grad=True)

value = F.mse_loss(F.linear(x, weight), t, reduction="sum") / 2
value.backward()

assert np.isclose(value.item(), loss(w), rtol=1e-12)
assert np.allclose(weight.grad.numpy().T, by_hand, rtol=1e-12)

# and the same comparison with differences as above, for any function of tensors:
assert nn.testing.gradcheck(lambda weight: F.mse_loss(F.linear(x, weight), t, reduction="sum") / 2, weight)
weight.grad

# %% [markdown]
# ## 4.2 One wrong sign
#
# [The article](README.md#the-article) that this example comes from writes `error = y - output`, *target* minus output,
# and then subtracts `learning_rate * d_weights`. With that error $X^\top(t - Xw) = -\nabla L$: the step goes **up**
# the slope. Both halves look right alone. Together they climb.

# %%
error = T - X @ w  # as printed
d_weights = X.T @ error
assert np.allclose(d_weights, -by_hand)


def descend(w, lr, steps, sign=1.0):
    """The weights before every step and after the last; sign -1 is the article's."""
    path = [w]
    for _ in range(steps):
        w = w - lr * sign * gradient(w)
        path.append(w)
    return np.array(path)[:, :, 0]


def losses(path):
    return np.array([loss(w[:, None]) for w in path])


start = np.zeros((2, 1))
climbing = losses(descend(start, 0.1, 12, sign=-1.0))
mended = losses(descend(start, 0.02, 12))

assert np.all(np.diff(climbing) > 0)
assert climbing[-1] > 1e20 * climbing[0]
assert np.all(np.diff(mended) < 0)
print(f"as printed:              {climbing[0]:.0f}, {climbing[1]:.0f}, {climbing[2]:.3g} ... {climbing[-1]:.2g}")
print(f"sign mended, lr 0.02:    {mended[0]:.0f}, {mended[1]:.1f}, {mended[2]:.1f} ... {mended[-1]:.2f}")

# %% [markdown]
# The remedy is never to flip signs until it works. It is to write $\nabla L$ down, to check it numerically, and to let
# the optimiser do the subtraction. That is one reason why `loss.backward()` and `optimizer.step()` are two calls:
# backpropagation *computes* gradients, the optimiser *updates* the parameters.
#
# ## 4.3 Why 0.1 diverges with the right sign, too
#
# Let $w^*$ be the best weights, and $e_k = w_k - w^*$ the distance to them after $k$ steps. Since
# $\nabla L(w) = X^\top X (w - w^*)$, one step of gradient descent is linear in $e$:
#
# $$e_{k+1} = e_k - \eta\, X^\top X\, e_k = (I - \eta\, X^\top X)\, e_k .$$
#
# Along an eigenvector of $X^\top X$ with eigenvalue $\lambda$ this is a number: every step multiplies the error by
# $1 - \eta\lambda$. The error shrinks if $|1 - \eta\lambda| < 1$, for *every* eigenvalue:
#
# $$0 < \eta < \frac{2}{\lambda_{\max}} .$$

# %%
eigenvalues, directions = np.linalg.eigh(X.T @ X)
assert np.allclose(eigenvalues, example.eigenvalues())
assert np.allclose(eigenvalues, [0.2388, 83.7612], atol=1e-4)

best = np.array([-1.0, 3.0])
lr, steps = 0.02, 50
errors = (descend(start, lr, steps) - best) @ directions  # the error along each eigenvector
predicted = (start.ravel() - best) @ directions * (1 - lr * eigenvalues) ** np.arange(steps + 1)[:, None]
assert np.allclose(errors, predicted, rtol=1e-9, atol=1e-12)

print("eigenvalues of X^T X:", eigenvalues.round(4), "  largest learning rate:", round(2 / eigenvalues[-1], 5))

# %% [markdown]
# The loss is a long valley: steep across ($\lambda = 83.76$), almost flat along ($\lambda = 0.24$). The steep direction
# limits the learning rate, the flat direction then has to be walked with it.

# %%
paths = {
    "lr 0.01: converges": (descend(start, 0.01, 40), "tab:green"),
    "lr 0.022: converges, in zigzag": (descend(start, 0.022, 40), "tab:blue"),
    "lr 0.0255: diverges": (descend(start, 0.0255, 12), "tab:red"),
}
a, b = np.meshgrid(np.linspace(-3.2, 5.2, 120), np.linspace(-2.2, 6.2, 120))
surface = 0.5 * np.sum((X[:, :1, None] * a + X[:, 1:, None] * b - T[:, :, None]) ** 2, axis=0)
figure, axes = plt.subplots(1, 3, figsize=(10.5, 3.6), sharey=True, layout="constrained")
for axis, (title, (path, colour)) in zip(axes, paths.items(), strict=True):
    axis.contour(a, b, surface, levels=np.geomspace(0.05, 1500, 12), colors="grey", linewidths=0.6)
    axis.plot(*path.T, ".-", color=colour, linewidth=0.6, markersize=5)
    axis.plot(*best, "k*", markersize=11)
    axis.set(title=title, xlabel="$w_1$", xlim=(-3.2, 5.2), ylim=(-2.2, 6.2))
    axis.grid(False)
axes[0].set_ylabel("$w_2$")
plt.show()

for title, (path, _) in paths.items():
    assert np.all(np.diff(losses(path)) > 0) == ("diverges" in title)
    assert np.all(np.diff(losses(path)) < 0) == ("converges" in title)

# %% [markdown]
# A loss with another factor in front has another limit, because its gradient has that factor, too. There are three
# usual ways to write the squared error. The article's 0.1 is above the limit in each, so it diverges **in every
# convention**: it is not a question of a forgotten $1/N$.
#
# | loss | gradient | limit |
# |---|---|---|
# | $\frac12\sum (y-t)^2$ | $X^\top(Xw-t)$ | 0.0239 |
# | $\frac1N\sum (y-t)^2$ (`nn.MSELoss`) | $\frac2N X^\top(Xw-t)$ | 0.0478 |
# | $\frac1{2N}\sum (y-t)^2$ | $\frac1N X^\top(Xw-t)$ | 0.0955 |

# %%
limits = [0.02388, 0.04775, 0.09551]
for (how, (factor, of)), expected in zip(example.CONVENTIONS.items(), limits, strict=True):
    limit = example.limit(factor)
    assert np.isclose(limit, expected, atol=5e-6)
    assert not example.diverges(0.99 * limit, of)
    assert example.diverges(1.01 * limit, of)
    assert example.diverges(0.1, of)
    print(f"{how:26s} limit {limit:.5f}: 1% below converges, 1% above diverges, 0.1 diverges")

# %% [markdown]
# How fast is it below the limit? The slower of the two factors decides. The best rate makes both equally large,
# $\eta = 2 / (\lambda_{\min} + \lambda_{\max})$, and then each step leaves
#
# $$\frac{\kappa - 1}{\kappa + 1}, \qquad \kappa = \frac{\lambda_{\max}}{\lambda_{\min}},$$
#
# of the error. $\kappa$ is the **condition number** of $X^\top X$. Here it is 351: thousands of steps for two weights.

# %%
kappa = eigenvalues[-1] / eigenvalues[0]
best_lr = 2 / eigenvalues.sum()
factors = 1 - best_lr * eigenvalues
assert 350 < kappa < 352
assert np.isclose(factors[0], -factors[1])
assert np.isclose(factors[0], (kappa - 1) / (kappa + 1))

needed = int(np.ceil(np.log(1e-6) / np.log(factors[0])))
assert 2400 < needed < 2450

rates = np.linspace(0, 0.03, 301)[1:]
left_over = np.abs(1 - rates[:, None] * eigenvalues)
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 2.9), layout="constrained")
for value, name, column in zip(eigenvalues, ("flat", "steep"), left_over.T, strict=True):
    left.plot(rates, column, label=rf"{name}: $\lambda$ = {value:.4g}")
left.set(xlabel=r"learning rate $\eta$", ylabel=r"$|1 - \eta\lambda|$", ylim=(0, 1.6), title="what a step leaves")
below = rates < 2 / eigenvalues[-1]
right.semilogy(rates[below], np.log(1e-6) / np.log(left_over[below].max(axis=1)), color="black")
right.set(
    xlabel=r"learning rate $\eta$", title="steps to a millionth of the error", ylim=(1e3, 2e5), xlim=left.get_xlim()
)
for axis in (left, right):
    axis.axvline(2 / eigenvalues[-1], color="tab:red", linestyle="--", label=r"$2/\lambda_{\max}$ = 0.02388")
    axis.legend(fontsize=9)
plt.show()
print(f"condition number {kappa:.0f}; at best {needed} steps to make the error a million times smaller")

# %% [markdown]
# ## 4.4 The same with `nn`, and with a log
#
# `example.fit` is the training loop of the command line: `nn.Linear`, `F.mse_loss`, `nn.optim.SGD`, every step logged
# for TensorBoard. Its rate of 0.045 is a little below the limit of its loss, 0.0478. We read the curves back from the
# event file that it wrote.

# %%
model = example.fit(
    nn.from_numpy(example.X), False, "raw", example.EPOCHS, example.LR, 0, Console(quiet=True), runs
)  # fmt: skip
weights = model.weight.detach().numpy().ravel()
with nn.no_grad():
    predictions = model(nn.from_numpy(example.X)).numpy().ravel()
assert np.allclose(weights, [-1, 3], atol=1e-3)
assert np.allclose(predictions, [5, 7, 9, 11], atol=1e-3)

curves = read_scalars(runs / "raw")
assert len(curves["loss"][0]) == example.EPOCHS
assert curves["loss"][1][-1] < 1e-6 < curves["loss"][1][0]

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 2.9), layout="constrained")
left.semilogy(*curves["loss"])
left.set(title="loss (mean of squares)", xlabel="epoch")
for number, value in enumerate((-1, 3)):
    right.plot(*curves[f"weight/{number}"], label=f"$w_{number + 1}$")
    right.axhline(value, color="grey", linewidth=0.8, linestyle=":")
right.set(title="weights", xlabel="epoch")
right.legend()
plt.show()
print("weights", weights.round(4), " predictions", predictions.round(4))

# %% [markdown]
# ## 4.5 The exact solution
#
# The loss is a parabola, so nobody has to walk. At its lowest point the gradient is zero, which gives the **normal
# equations** $X^\top X\, w = X^\top t$. Numerically better is `lstsq`, which never forms $X^\top X$: that product
# squares the condition number of $X$.

# %%
normal = np.linalg.solve(X.T @ X, X.T @ T).ravel()
lstsq, _, rank, _ = np.linalg.lstsq(X, T, rcond=None)

assert np.allclose(normal, [-1, 3])
assert np.allclose(lstsq.ravel(), [-1, 3])
assert rank == 2
assert np.allclose(X @ lstsq, T)  # no error is left at all
assert np.isclose(np.linalg.cond(X.T @ X), np.linalg.cond(X) ** 2)
lstsq.ravel()

# %% [markdown]
# But the prices were made as $2 x_1 + 3$, and $(-1, 3)$ does not look like that. It is the same function *on these
# data*: $-x_1 + 3 x_2 = -x_1 + 3 (x_1 + 1) = 2 x_1 + 3$. The second column plays the part of the missing bias.
#
# ## 4.6 With a bias there are infinitely many solutions
#
# A bias is a third column of ones. Now the columns are dependent: $x_1 - x_2 + 1 = 0$ for every house, so the matrix
# has rank 2, not 3, and $X^\top X$ has the eigenvalue 0. Along $(1, -1, 1)$ the weights can change without any effect:
#
# $$w(s) = (-1, 3, 0) + s\,(1, -1, 1).$$
#
# $s = 3$ gives $(2, 2, 3)$, $s = 0$ our solution, and all of them fit exactly. "The" weights have no meaning then; only
# the predictions have one. The one solution that stands out is the shortest, $(\frac13, \frac53, \frac43)$: it has no
# part along $(1, -1, 1)$. `lstsq` and the pseudo-inverse return it.

# %%
A = np.hstack([X, np.ones((N, 1))])
free = np.array([1.0, -1.0, 1.0])
assert np.linalg.matrix_rank(A) == 2
assert np.allclose(A @ free, 0)
for s in (-4, 0, 1.5, 3):
    assert np.allclose(A @ (np.array([-1, 3, 0]) + s * free), T.ravel())

shortest = np.linalg.lstsq(A, T, rcond=None)[0].ravel()
assert np.allclose(shortest, [1 / 3, 5 / 3, 4 / 3])
assert np.allclose(np.linalg.pinv(A) @ T, shortest[:, None])
assert np.isclose(shortest @ free, 0)
shortest

# %% [markdown]
# Gradient descent has an opinion, too. Its gradient $A^\top(\dots)$ is always a combination of the rows of $A$, so it
# never moves along $(1, -1, 1)$. Started from zero it ends at the shortest solution. Started elsewhere, it keeps the
# part along $(1, -1, 1)$ that it was given. This is the simplest case of *implicit regularisation*: among all weights
# that fit, the way of training chooses.


# %%
def train_with_bias(weight, bias, steps=6000):
    layer = nn.Linear(2, 1).double()
    layer.load_state_dict({"weight": nn.tensor(weight, dtype=nn.float64), "bias": nn.tensor(bias, dtype=nn.float64)})
    optimizer = nn.optim.SGD(layer.parameters(), lr=0.04)
    for _ in range(steps):
        optimizer.zero_grad()
        F.mse_loss(layer(x), t).backward()
        optimizer.step()
    return np.append(layer.weight.detach().numpy(), layer.bias.item())


from_zero = train_with_bias([[0.0, 0.0]], [0.0])
from_afar = train_with_bias([[2.0, -1.0]], [5.0])

assert np.allclose(from_zero, shortest, atol=1e-6)
assert np.allclose(A @ from_afar, T.ravel(), atol=1e-6)  # fits as well
assert np.isclose(from_afar @ free, np.array([2, -1, 5]) @ free)  # and kept its part along (1, -1, 1)
print("from zero:", from_zero.round(4), "  from (2, -1, 5):", from_afar.round(4))

# %% [markdown]
# ## 4.7 Standardised, it is easy
#
# Drop the useless column, subtract the mean, divide by the standard deviation: $z = (x_1 - \mu) / \sigma$. Then the
# column $z$ and the column of ones are orthogonal and equally long. With $Z = [z, 1]$
#
# $$Z^\top Z = \begin{pmatrix} \sum z^2 & \sum z \\ \sum z & N \end{pmatrix} = N I .$$
#
# Both eigenvalues are equal, the condition number is 1, the valley is a round bowl, and the gradient points straight at
# the minimum. The mean of squares has the second derivative $2I$, so a rate of $\frac12$ even gets there in **one**
# step.

# %%
scale = Standardize().fit(example.X[:, :1])
z = scale(nn.from_numpy(example.X[:, :1]))
mean, std = example.X[:, 0].mean(), example.X[:, 0].std()
Z = np.hstack([z.numpy(), np.ones((N, 1))]).astype(np.float64)
assert np.allclose(Z.T @ Z, N * np.eye(2), atol=1e-5)
assert np.isclose(2 / np.linalg.eigvalsh(2 / N * Z.T @ Z)[-1], 1, atol=1e-5)  # the limit for the mean of squares

model = example.fit(z, True, "standardised", 200, 0.1, 0, Console(quiet=True), runs)
slope = model.weight.item() / std  # back to the original unit
intercept = model.bias.item() - slope * mean
assert np.isclose(slope, 2, atol=1e-5)
assert np.isclose(intercept, 3, atol=1e-5)

one_step = -0.5 * (2 / N) * Z.T @ (Z @ np.zeros((2, 1)) - T)
assert np.allclose(Z @ one_step, T, atol=1e-5)
print(f"slope {slope:.5f}, intercept {intercept:.5f} after 200 epochs; the targets were t = 2 x + 3")

# %%
raw, standardised = (read_scalars(runs / name)["loss"] for name in ("raw", "standardised"))
figure, axis = plt.subplots(figsize=(6, 2.9), layout="constrained")
axis.semilogy(raw[0][:200], raw[1][:200], label="raw, lr 0.045 (limit 0.0478)")
axis.semilogy(standardised[0], np.maximum(standardised[1], 1e-16), label="standardised, lr 0.1 (limit 1)")
axis.set(xlabel="epoch", title="Mean of squares")
axis.legend()
plt.show()

assert standardised[1][99] < 1e-10 < 1e-4 < raw[1][99]

# %% [markdown]
# ## 4.8 All at once
#
# This is what the command `fromzero train linear-regression` prints. `fromzero board` shows what it logged.

# %%
report = example.train(Options(runs / "all", quiet=True))
for table in report.tables:
    print(table, end="\n\n")
assert np.allclose(report.figures["weights"], [-1, 3], atol=1e-3)
assert np.allclose(report.figures["predictions"], [5, 7, 9, 11], atol=1e-3)

# %% [markdown]
# ## In an interview
#
# - **What is the gradient of the squared error?** $X^\top(Xw - t)$, times the factor of the convention. Output minus
#   target.
# - **The loss explodes. What do you look at?** First the sign, by a numerical gradient; then the learning rate against
#   $2/\lambda_{\max}$.
# - **Why standardise?** It makes the eigenvalues of $X^\top X$ alike. The largest one limits the rate, the smallest one
#   sets the time.
# - **When is the solution not unique?** When columns are dependent (rank below their number). Predictions on such data
#   stay unique, weights do not. Gradient descent from zero finds the shortest solution.
# - **Is this a neural network?** It is one linear unit. There is no hidden layer and nothing to bend: next notebook.
