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
# # 4 · One neuron: linear regression
#
# **Afterwards you can** write a training loop, and say before its first step whether the learning rate will diverge
# and how slow it will be.
#
# **You need** [chapter 1](01_numbers_and_derivatives.ipynb): the gradient. Matrix products as in 3.5 help. **Time**: 40
# minutes.
#
# A neuron without its bend is a straight line: multiply the inputs by weights, add a bias. It is the smallest thing
# that can learn, and nearly everything that goes wrong in large networks goes wrong here too, where one can see it: a
# wrong sign, a learning rate that is too large, inputs of different sizes, weights that mean nothing. So we stay with
# it for a chapter.

# %%
import numpy as np

import nn
from nn import functional as F
from nn.examples import linear_regression as example
from nn.examples.pictures import curves, panels, plane, points

# %% [markdown]
# ## 4.1 Four houses
#
# Here are four houses, with their sizes and their prices. We look for the line that fits. These are two attempts, with
# the errors as dotted lines:

# %%
x = np.array([1.0, 2.0, 3.0, 4.0])
t = np.array([5.0, 7.0, 9.0, 11.0])

for (w, b), axis in zip(((0.5, 6.0), (1.5, 4.0)), panels(2, sharey=True), strict=True):
    points(np.stack([x, t], 1), axis=axis, title=f"price = {w:g} size + {b:g}")
    axis.plot(x, w * x + b, color="tab:orange")
    axis.vlines(x, t, w * x + b, color="tab:red", linestyles=":")

# %% [markdown]
# The right line is the better one, one would say. To let a machine say so, we need *one number* for how bad a line
# is. Take the error of each house, $y_n - t_n$ with $y_n = w x_n + b$. Square it, so that too high and too low both
# count, and so that one large error counts more than two small ones. Then average:
#
# $$L(w, b) = \frac{1}{N} \sum_n (y_n - t_n)^2 .$$
#
# This is the **mean squared error**, `nn.MSELoss`. Squares are not the only choice. The absolute error would forgive
# a single house with an absurd price more easily, but it has a kink where the error is zero, and there chapter 1
# offers no slope. The square is smooth, and its slope fades as the error does: the nearer we are, the smaller the
# steps. It also is what one gets by assuming that prices scatter around the line like a bell curve, and asking for
# the most probable line.


# %%
def loss(w, b):
    return np.mean((w * x + b - t) ** 2)


print(f"left {loss(0.5, 6.0):.3f}, right {loss(1.5, 4.0):.3f}, and a perfect line {loss(2.0, 3.0):.3f}")
assert loss(0.5, 6.0) > loss(1.5, 4.0) > loss(2.0, 3.0) == 0

# %% [markdown]
# ## 4.2 The landscape
#
# Each line is a pair $(w, b)$, a point on a map; the loss is the height there. To fit a line is to find the lowest
# point of this map.

# %%
places = [(0.5, 6.0), (1.5, 4.0), (2.0, 3.0)]


def height(at):
    return np.mean((at[:, :1] * x + at[:, 1:] - t) ** 2, axis=1)


axis = panels(size=(4.8, 3.4))
plane(height, (-1, 4), (-2, 8), levels=np.geomspace(0.1, 100, 10), xlabel="w", ylabel="b", where=places, axis=axis)
for place, name in zip(places, ("left", "right", "best"), strict=True):
    axis.annotate(name, place, textcoords="offset points", xytext=(6, 4))

# %% [markdown]
# A long valley, and the best line lies at its bottom. It lies slanted, and this says something: a larger $w$ can be
# made up for by a smaller $b$, since all houses have sizes around 2.5. Along the valley the line swings about the
# middle of the houses and fits nearly as well; across it the line is lifted away from all of them at once, and the
# loss soars. We cannot see the map when there are a million weights. But chapter 1 has taught us to feel the slope
# under our feet: the gradient.
#
# ## 4.3 The gradient
#
# Take one house first. The chain rule says: outer derivative times inner derivative,
#
# $$\frac{\partial}{\partial w} (y_n - t_n)^2 = 2 (y_n - t_n)\, x_n, \qquad
# \frac{\partial}{\partial b} (y_n - t_n)^2 = 2 (y_n - t_n).$$
#
# Read it: *error times input*. If the line is too high at a house, and the house is large, then a smaller $w$ would
# help much. The bias is a weight whose input is always 1. Now average over the houses. And mind the order of the
# difference: it is **output minus target**.


# %%
def gradient(w, b):
    error = w * x + b - t
    return np.array([2 * np.mean(error * x), 2 * np.mean(error)])


h = 1e-6
numerical = [(loss(0.5 + h, 6) - loss(0.5 - h, 6)) / (2 * h), (loss(0.5, 6 + h) - loss(0.5, 6 - h)) / (2 * h)]
assert np.allclose(gradient(0.5, 6.0), numerical)

w, b = nn.tensor(0.5, requires_grad=True), nn.tensor(6.0, requires_grad=True)
F.mse_loss(w * nn.tensor(x, dtype=nn.float32) + b, nn.tensor(t, dtype=nn.float32)).backward()
assert np.allclose([w.grad.item(), b.grad.item()], numerical, rtol=1e-5)
print(
    "by hand, by differences, by nn:",
    gradient(0.5, 6.0),
    np.round(numerical, 4),
    np.round([w.grad.item(), b.grad.item()], 4),
)

# %% [markdown]
# Three ways give one answer. From here on we believe it. Both slopes are negative, so both weights should grow; $w$
# should grow more, and at the largest house most is to be gained.
#
# ## 4.4 The loop
#
# Gradient descent: compute the gradient, take a step against it, repeat. The **learning rate** $\eta$ says how long
# the steps are.

# %%
w, b = 0.0, 0.0
eta = 0.1
path = [(w, b)]
for _ in range(200):
    dw, db = gradient(w, b)
    w -= eta * dw
    b -= eta * db
    path.append((w, b))

left, right = panels(2)
points(np.stack([x, t], 1), axis=left, title="the line after 0, 1, 2, 10 and 200 steps")
for step, shade in ((0, 0.2), (1, 0.35), (2, 0.5), (10, 0.7), (200, 1.0)):
    left.plot(x, path[step][0] * x + path[step][1], color="tab:orange", alpha=shade)
curves(None, {"": [loss(*at) for at in path]}, log="y", xlabel="step", title="loss", axis=right)
print(f"w = {w:.2f}, b = {b:.2f} after 200 steps")
assert np.allclose([w, b], [2, 3], atol=0.02)

# %% [markdown]
# The first ten steps do nearly everything: from far off to almost right. Then progress is slow, and look at the right
# picture: it is slow in a regular way. On the logarithmic scale the curve is a straight line, so each step removes
# the same *share* of what is left. Why is there a quick part and a slow part? And could we not take larger steps?
#
# ## 4.5 Larger steps


# %%
def descend(eta, steps=40):
    at = np.zeros(2)
    losses = [loss(*at)]
    for _ in range(steps):
        at = at - eta * gradient(*at)
        losses.append(loss(*at))
    return losses


rates = (0.02, 0.1, 0.118, 0.125)
curves(None, {f"rate {eta:g}": descend(eta) for eta in rates}, log="y", xlabel="step", title="loss")
assert descend(0.118)[-1] < descend(0.118)[0]
assert descend(0.125)[-1] > 100 * descend(0.125)[0]

# %% [markdown]
# Between 0.118 and 0.125 something happens, and there is no middle: below, it converges, above, it explodes. In
# training you meet the upper case as a loss that grows, then is `inf`, then `nan`. Where is the border, and on what
# does it depend?
#
# It is worth learning to read such curves, since in a large network they are all that one sees:
#
# | the loss | usually means |
# |---|---|
# | falls, but hardly | the rate is too small, by a factor of ten or more |
# | falls fast, then creeps | a steep and a flat direction: this chapter |
# | jumps up and down, and falls on the whole | the rate is near its limit |
# | rises from the first step on | the rate is above it, or a sign is wrong |
# | falls for long, then explodes | the curvature has grown on the way |
#
# ## 4.6 One parabola
#
# Take the simplest loss with one weight, $L = \frac{\lambda}{2} w^2$. Its minimum is at 0, its slope at $w$ is
# $\lambda w$, and its second derivative is $\lambda$ everywhere: the **curvature**. Three rates on one parabola:

# %%
lam = 2.0
w = np.linspace(-1.6, 1.6, 100)
for eta, axis in zip((0.2, 0.9, 1.05), panels(3, size=(3, 2.5), sharey=True), strict=True):
    steps = (1 - eta * lam) ** np.arange(8)
    curves(w, {"": lam / 2 * w**2}, title=f"rate {eta:g}: factor {1 - eta * lam:.1f}", xlabel="w", axis=axis)
    points(
        np.stack([steps, lam / 2 * steps**2], 1),
        path=True,
        axis=axis,
        title=f"rate {eta:g}: factor {1 - eta * lam:.1f}",
    )

# %% [markdown]
# One step makes of $w$ the value $w - \eta \lambda w$, that is
#
# $$w \leftarrow (1 - \eta\lambda)\, w .$$
#
# So every step multiplies the distance to the minimum by the same factor. That is the straight line on the
# logarithmic scale, and it explains all three pictures:
#
# - $\eta\lambda < 1$: the factor lies between 0 and 1. The distance shrinks from one side.
# - $1 < \eta\lambda < 2$: the factor is negative. We overshoot and land on the other side, but nearer.
# - $\eta\lambda > 2$: the factor is below $-1$. Each step lands *farther* away, and is longer, because the slope is
#   greater there.
#
# The border is
#
# $$\eta = \frac{2}{\lambda} .$$
#
# The sharper the curve, the smaller the steps must be. This is the one formula of the chapter to know by heart.
#
# ## 4.7 The steepest direction decides
#
# Our valley has two weights. But a valley like this is made of parabolas, one along each of its two axes: a steep one
# across, a flat one along. The axes are the eigenvectors of the matrix $H$ of second derivatives, and the curvatures
# its eigenvalues. With the inputs as a matrix $X$, a row for each house (here: the size and a 1 for the bias), it is
#
# $$H = \frac{2}{N} X^\top X .$$
#
# Along each axis the error is multiplied by its own factor $1 - \eta\lambda_i$. All must lie between $-1$ and 1, so the
# *largest* eigenvalue decides: $\eta < 2 / \lambda_{\max}$.

# %%
X = np.stack([x, np.ones(4)], axis=1)
eigenvalues = np.linalg.eigvalsh(2 / 4 * X.T @ X)
limit = 2 / eigenvalues[-1]
print(f"curvatures {eigenvalues.round(3)}, so the learning rate must stay below {limit:.4f}")
assert 0.118 < limit < 0.125
assert descend(0.99 * limit, 2000)[-1] < 1e-6
assert descend(1.01 * limit, 2000)[-1] > 1e6

# %% [markdown]
# One per cent below, it converges, one per cent above, it explodes; and we knew it before the first step.
#
# The same in pictures, on the houses of [the article](README.md#the-article) that this example comes from. There each
# house has two numbers, $x_1$ and $x_2 = x_1 + 1$, and there is no bias. The valley is long and steep:

# %%
A, T = example.X.astype(float), example.T.astype(float).ravel()


def article_height(at):
    return 0.5 * np.sum((at @ A.T - T) ** 2, axis=1)


def walk(eta, steps, sign=1):
    path = [np.zeros(2)]
    for _ in range(steps):
        path.append(path[-1] - sign * eta * A.T @ (A @ path[-1] - T))
    return np.array(path)


for eta, steps, axis in zip((0.01, 0.022, 0.0245), (40, 40, 12), panels(3, size=(3.1, 2.9), sharey=True), strict=True):
    plane(article_height, (-3.2, 5.2), (-2.2, 6.2), levels=np.geomspace(0.05, 1500, 10), axis=axis)
    points(walk(eta, steps), path=True, xlabel="$w_1$", title=f"rate {eta:g}", axis=axis)

# %% [markdown]
# At the left the walk goes straight to the bottom and then creeps along it. In the middle it zigzags across, and
# settles all the same. At the right each zigzag is wider than the last. The steep direction limits the rate, and with
# that rate the flat direction has to be walked.

# %%
steepness = np.linalg.eigvalsh(A.T @ A)
print(f"curvatures {steepness.round(3)}: the limit is {2 / steepness[-1]:.4f}")
assert 0.022 < 2 / steepness[-1] < 0.0245
assert article_height(walk(0.0245, 12))[-1] > article_height(walk(0.0245, 12))[0]

# %% [markdown]
# ## 4.8 How long will it take?
#
# The slowest direction sets the time. The picture shows what a step leaves of the error in both directions, over the
# learning rate; what counts is the upper one of the two.

# %%
rates = np.linspace(0, 0.03, 301)[1:]
left_over = {f"curvature {value:.2f}": np.abs(1 - rates * value) for value in steepness}
curves(rates, left_over, xlabel="learning rate", title="what a step leaves of the error")

# %% [markdown]
# The best rate is where the lines cross, $\eta = 2 / (\lambda_{\min} + \lambda_{\max})$, and even there a step leaves
# the share
#
# $$\frac{\kappa - 1}{\kappa + 1}, \qquad \kappa = \frac{\lambda_{\max}}{\lambda_{\min}} .$$
#
# The ratio $\kappa$ is the **condition number**. For a round bowl it is 1, and one step suffices. Here it is 351, and
# a step leaves 99.4 %.

# %%
kappa = steepness[-1] / steepness[0]
share = (kappa - 1) / (kappa + 1)
best = 2 / steepness.sum()
assert np.allclose(np.abs(1 - best * steepness), share)
steps = np.log(1e-6) / np.log(share)
print(f"condition number {kappa:.0f}: {steps:.0f} steps to make the error a million times smaller")

# %% [markdown]
# Both numbers come from the inputs alone. Neither the prices nor the starting point matters for how fast it goes,
# only for how far. One can look at the data and predict the training.
#
# More than two thousand steps for two weights! Momentum, Adam and batch normalisation (chapter 8) are answers to this
# one number.
#
# ## 4.9 Two ways to get it wrong
#
# The article's program never learns. It has both mistakes of this chapter. Its error is *target minus output*, so
# that $X^\top(t - Xw)$ is the *negative* gradient; and then it subtracts. It walks uphill. And its learning rate is
# 0.1, four times the limit. Correct the sign alone, and it still explodes:

# %%
climbing = article_height(walk(0.1, 12, sign=-1))
exploding = article_height(walk(0.1, 12))
learning = article_height(walk(0.02, 12))
lines = {"as printed": climbing, "right sign": exploding, "right sign, rate 0.02": learning}
curves(None, lines, log="y", xlabel="step", title="loss")
assert climbing[-1] > 1e20 * climbing[0]
assert exploding[-1] > 1e15 * exploding[0]
assert learning[-1] < 1e-2 * learning[0]

# %% [markdown]
# The remedy is never to flip signs until it works. Write the gradient down, check it by differences, and leave the
# subtraction to the optimiser: `loss.backward()` computes gradients, `optimizer.step()` uses them.
#
# Could the article have meant another factor in front of its loss? A factor changes the gradient, and so the limit.
# There are three usual ways to write the squared error; 0.1 is above the limit of each.
#
# | loss | gradient | limit |
# |---|---|---|
# | $\frac12\sum (y-t)^2$ | $X^\top(Xw-t)$ | 0.0239 |
# | $\frac1N\sum (y-t)^2$ (`nn.MSELoss`) | $\frac2N X^\top(Xw-t)$ | 0.0478 |
# | $\frac1{2N}\sum (y-t)^2$ | $\frac1N X^\top(Xw-t)$ | 0.0955 |

# %%
for (factor, of), expected in zip(example.CONVENTIONS.values(), (0.02388, 0.04775, 0.09551), strict=True):
    assert np.isclose(example.limit(factor), expected, atol=5e-6)
    assert not example.diverges(0.99 * expected, of)
    assert example.diverges(0.1, of)

# %% [markdown]
# ## 4.10 Without walking
#
# The loss is a parabola, so its lowest point can be computed. There the gradient is zero, $X^\top(Xw - t) = 0$. These
# are the **normal equations**:
#
# $$X^\top X\, w = X^\top t .$$
#
# Numerically better is `lstsq`, which never forms $X^\top X$: that product squares the condition number.

# %%
exact = np.linalg.solve(X.T @ X, X.T @ t)
assert np.allclose(exact, [2, 3])
assert np.allclose(np.linalg.lstsq(X, t, rcond=None)[0], exact)
assert np.isclose(np.linalg.cond(X.T @ X), np.linalg.cond(X) ** 2)
print("w and b, exactly:", exact.round(6))

# %% [markdown]
# The equations have a meaning that one can draw in the mind. $Xw$ can only ever be a combination of the columns of
# $X$, a plane in the space of all price lists. The best prediction is the foot of the perpendicular from $t$ to this
# plane, so what is left over, $t - Xw$, is at right angles to every column. That is what $X^\top(Xw - t) = 0$ says:
# *no input explains anything more of the error*.
#
# Then why walk at all? Because only straight lines have such a formula. As soon as there is a bend in the network
# there is none, and even for lines, with a million weights the matrix would have $10^{12}$ elements. The walk needs
# nothing but gradients.
#
# ## 4.11 Weights that mean nothing
#
# The article's houses have the columns $x_1$ and $x_1 + 1$. Give them a bias, too, and there is one column too many:
# $x_1 - x_2 + 1 = 0$ for every house. Then the weights can be moved along $(1, -1, 1)$ without any change of any
# prediction. The valley has become a trench with a level floor; its lowest points are a whole line.
#
# Where gradient descent ends on that line depends on where it began. It never moves along the level direction, since
# the slope there is zero:

# %%
B = np.concatenate([A, np.ones((4, 1))], axis=1)
level = np.array([1.0, -1.0, 1.0])


def arrive(w, steps=6000):
    for _ in range(steps):
        w = w - 0.04 * (2 / 4) * B.T @ (B @ w - T)
    return w


from_zero, from_afar = arrive(np.zeros(3)), arrive(np.array([2.0, -1.0, 5.0]))
print("from (0, 0, 0): ", from_zero.round(3), "  from (2, -1, 5): ", from_afar.round(3))
assert np.allclose(B @ from_zero, T)
assert np.allclose(B @ from_afar, T)  # both fit perfectly
assert np.isclose(from_afar @ level, 8)  # and each has kept the part along the level direction with which it began
assert np.allclose(from_zero, np.linalg.lstsq(B, T, rcond=None)[0])  # from zero: the shortest of all

# %% [markdown]
# There are two lessons in this for large networks. "The weight of size is 1.67" may mean nothing at all, while the
# predictions are right. And the training itself has a preference: from zero it finds the *shortest* of all solutions.
# This is called implicit regularisation, and it is one reason why networks with far more weights than data do not fail.
#
# ## 4.12 Round the bowl
#
# The condition number comes from the inputs, so change the inputs. Subtract the mean of a column, divide by its
# standard deviation: $z = (x - \mu) / \sigma$. This is **standardising**. The map before and after:

# %%
z = (x - x.mean()) / x.std()


def standardised_height(at):
    return np.mean((at[:, :1] * z + at[:, 1:] - t) ** 2, axis=1)


left, right = panels(2, size=(3.6, 3))
levels = np.geomspace(0.1, 100, 8)
plane(height, (-1, 5), (-2, 8), levels=levels, xlabel="w", ylabel="b", title="raw", axis=left)
plane(standardised_height, (-3, 7), (3, 13), levels=levels, xlabel="w", ylabel="b", title="standardised", axis=right)

# %% [markdown]
# The columns $z$ and 1 now are of equal length and at right angles, so $\frac{2}{N} X^\top X = 2I$: both curvatures
# are 2, the condition number is 1, and with $\eta = \frac12$ the factor $1 - \eta\lambda$ is zero. **One** step:

# %%
Z = np.stack([z, np.ones(4)], axis=1)
assert np.allclose(2 / 4 * Z.T @ Z, 2 * np.eye(2))
one_step = np.zeros(2) - 0.5 * (2 / 4) * Z.T @ (Z @ np.zeros(2) - t)
slope = one_step[0] / x.std()  # back to the original unit
print(f"after one step: slope {slope:.4f}, bias {one_step[1] - slope * x.mean():.4f}")
assert np.allclose(Z @ one_step, t)

# %% [markdown]
# The price of this comfort is one line of bookkeeping: the weights now belong to $z$, not to $x$, and whoever wants
# the price of one more unit of size must divide by $\sigma$, as the last cell did. The predictions are the same in
# either unit.
#
# Real data do not become a perfect bowl, since columns may be correlated; but the worst is gone. Standardise by the
# *training* data alone, and keep $\mu$ and $\sigma$ for whatever comes later.
#
# ## 4.13 The same with `nn`
#
# The loop of every chapter from here on. Compare it with 4.4: the model holds the weights, `backward` finds the
# gradients, the optimiser takes the step.

# %%
nn.manual_seed(0)
inputs, targets = nn.tensor(z, dtype=nn.float32)[:, None], nn.tensor(t, dtype=nn.float32)[:, None]
model = nn.Linear(1, 1)
optimizer = nn.optim.SGD(model.parameters(), lr=0.1)

losses = []
for _ in range(60):
    optimizer.zero_grad()
    loss_now = F.mse_loss(model(inputs), targets)
    loss_now.backward()
    optimizer.step()
    losses.append(loss_now.item())

lines = {"raw inputs, rate 0.1": descend(0.1, 59), "standardised, rate 0.1": losses}
curves(None, lines, log="y", xlabel="step", title="loss")
assert losses[-1] < 1e-8 < 1e-2 < descend(0.1, 59)[-1]

# %% [markdown]
# Three lines of the loop deserve their order. `zero_grad` comes before `backward`, since gradients add up (2.9).
# `backward` comes after the loss, since it plays back what was recorded. `step` comes last and reads nothing but
# `.grad`. The model computes, the tape differentiates, the optimiser moves; each can be exchanged without touching
# the others.
#
# `nn` can also tell the limit of any model, not of lines alone: the largest eigenvalue of the Hessian, by products
# with vectors (3.10). Take a random vector, multiply by $H$, normalise, repeat: what remains is the steepest
# direction.

# %%
v = nn.ones(2)
for _ in range(30):
    gradients = nn.grad(
        F.mse_loss(model(nn.tensor(x, dtype=nn.float32)[:, None]), targets), list(model.parameters()), create_graph=True
    )
    flat = nn.cat([g.reshape(-1) for g in gradients])
    product = nn.cat([p.reshape(-1) for p in nn.grad((flat * v).sum(), list(model.parameters()))])
    curvature = product.norm().item()
    v = product / curvature
print(f"limit by power iteration {2 / curvature:.4f}, by the eigenvalues {limit:.4f}")
assert np.isclose(2 / curvature, limit, rtol=1e-4)

# %% [markdown]
# ## Exercises
#
# - `linear_regression_gd`: gradient, loop, and the largest learning rate, for any number of inputs.
# - `linear_regression_lstsq`, `standardize`, `mse_loss`: the parts.
# - `drill_gradient_sign`, `drill_learning_rate`, `drill_missing_bias`: programs that do not learn. Find out why.
#
# A solution of the first one, in the words of this chapter:

# %%
from nn.exercises import check


def linear_regression_gradients(x, y, w, b):
    error = x @ w + b - y
    return 2 / len(x) * x.T @ error, 2 * error.mean()


def linear_regression_gd(x, y, lr, steps):
    w, b, losses = np.zeros(x.shape[1]), 0.0, []
    for _ in range(steps):
        losses.append(np.mean((x @ w + b - y) ** 2))
        dw, db = linear_regression_gradients(x, y, w, b)
        w, b = w - lr * dw, b - lr * db
    return w, b, losses


def largest_lr(x):
    rows = np.concatenate([x, np.ones((len(x), 1))], axis=1)
    return 2 / np.linalg.eigvalsh(2 / len(x) * rows.T @ rows)[-1]


report = check("linear_regression_gd", globals())
assert report.ok
report

# %% [markdown]
# With a pencil: (a) Why does the size of the *targets* not matter for the largest learning rate? (b) A column is
# multiplied by 1,000. What becomes of the limit? (c) What is the best line through four points by the *absolute*
# error, and where is its gradient not defined?
#
# ## Where this lives in the code
#
# - [`nn/examples/linear_regression.py`](../nn/examples/linear_regression.py): the article's example, corrected;
#   `fromzero train linear-regression` runs and logs it.
# - [`nn/modules/linear.py`](../nn/modules/linear.py), [`nn/optim/sgd.py`](../nn/optim/sgd.py): the layer, the
#   optimiser.
# - [`nn/viewing/landscape.py`](../nn/viewing/landscape.py): maps like that of 4.2, for any model.
# - [Questions on training](../docs/en/questions/3-training.md), with short answers.
#
# Before: [from tape to tensor](03_tensors.ipynb). Next: [what one neuron cannot do](05_xor.ipynb).
