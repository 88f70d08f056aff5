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
# # 15 · The documents, line by line
#
# This project began with two versions of an [article](README.md#the-article),
# 从零开始大模型开发与微调：tensorboardX对模型训练过程的展示
# (developing and fine-tuning large models from zero: tensorboardX shows the training). They contain four programs, and
# none of the four trains anything. That makes them good teachers: every mistake in them is one that people really make.
#
# In this chapter we run each program as it is printed, look at what happens, find out why, and mend it.
#
# **Afterwards you can** tell a wrong sign, a wrong rate and a wrong model apart by the curve of the loss, follow the
# shapes through a network with a pencil, and log a loss so that TensorBoard shows what you meant.
#
# You need chapters [04](04_linear_regression.ipynb), [05](05_xor.ipynb), [07](07_convolution.ipynb) and
# [09](09_tensorboard.ipynb), or what they teach. It takes about 35 minutes.

# %%
import tempfile
from pathlib import Path

import numpy as np

import nn
from nn.examples.pictures import bars, curves, heat, images, panels, plane, points
from tbwriter import SummaryWriter, read_scalars

folder = tempfile.TemporaryDirectory(prefix="fromzero-")  # it goes away with the kernel
runs = Path(folder.name)

# %% [markdown]
# ## 15.1 Four programs
#
# | program | what it promises | what it does as printed |
# |---|---|---|
# | a network for XOR | learns XOR in 1,000 epochs | the loss *rises* |
# | linear regression | predicts the prices of houses | the loss becomes infinite |
# | a convolutional network | tells four pictures apart | stops at the first convolution |
# | a training loop with a writer | shows the loss of each epoch | is not Python; mended, it shows one batch of each |
#
# The second article prints the first three twice; two of the copies lack `import numpy as np` and stop at once. The
# page [The two documents](../docs/en/documents.md) lists every line. Here we look at the ones that teach most.

# %% [markdown]
# ## 15.2 XOR as printed: watch the loss
#
# The first program is one sigmoid unit with two weights, trained on the four rows of XOR by the squared error. It
# computes `error = y - output`, multiplies by the slope of the sigmoid, carries that back to the weights, and then
# subtracts it. Here is the same arithmetic in our words; the sign is a parameter, so that we can mend it later.

# %%
x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], float)
t = np.array([0.0, 1.0, 1.0, 0.0])


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def one_unit(sign, steps=1000, rate=0.1):
    """The article's unit; sign -1 is its own update, +1 the mended one."""
    w = np.random.RandomState(0).rand(2)
    losses = []
    for _ in range(steps):
        output = sigmoid(x @ w)
        slope = (output - t) * output * (1 - output)
        w = w - sign * rate * x.T @ slope
        losses.append(np.mean((sigmoid(x @ w) - t) ** 2))
    return w, np.array(losses)


w_printed, printed = one_unit(sign=-1)

curves(None, {"loss": printed}, title="XOR as printed: it learns to be wrong", xlabel="step", ylabel="squared error")
print("first and last loss:", printed[0].round(4), printed[-1].round(4))
assert printed[-1] > printed[0] + 0.1

# %% [markdown]
# A loss that rises smoothly, without a jump, is nearly always a wrong sign. A rate that is too large looks otherwise:
# it oscillates and then explodes (15.6). A bug in the data looks otherwise again: the loss falls, and the results are
# bad.
#
# ## 15.3 Why: the error is minus the gradient
#
# With $p = \sigma(w \cdot x)$ and the loss $L = \frac12 \sum (p - t)^2$ the derivative is
#
# $$\frac{\partial L}{\partial w} = \sum_n (p_n - t_n)\, p_n (1 - p_n)\, x_n .$$
#
# The program has $t - p$ in place of $p - t$: what it calls `d_weights` is **minus** the gradient. Gradient descent
# subtracts the gradient; subtracting minus the gradient climbs. Both halves look right by themselves: "error is target
# minus output" is how many people learn it, and "weights minus rate times gradient" is correct. Together they are not.
#
# A difference quotient settles such questions in three lines, whatever the formula looks like.

# %%
w0 = np.random.RandomState(0).rand(2)


def loss_at(w):
    return 0.5 * np.sum((sigmoid(x @ w) - t) ** 2)


eps = 1e-6
numerical = np.array([(loss_at(w0 + eps * e) - loss_at(w0 - eps * e)) / (2 * eps) for e in np.eye(2)])
output = sigmoid(x @ w0)
of_the_article = x.T @ ((t - output) * output * (1 - output))
print("difference quotient:", numerical.round(4), "  the article's d_weights:", of_the_article.round(4))
assert np.allclose(numerical, -of_the_article, atol=1e-6)

# %% [markdown]
# ## 15.4 The sign mended, and still no XOR
#
# Now the loss falls. It falls to exactly 0.25 and stays there, and all four outputs become 0.5: the unit has learned to
# shrug.

# %%
w_mended, mended = one_unit(sign=1, steps=4000)

lines = {"as printed": printed, "sign mended": mended[:1000], "0.25": np.full(1000, 0.25)}
curves(None, lines, style=["-", "-", "--"], xlabel="step", ylabel="squared error", title="the right sign is not enough")
print("outputs:", sigmoid(x @ w_mended).round(3))
assert abs(mended[-1] - 0.25) < 1e-3

# %% [markdown]
# No rate and no number of steps can help here. A single unit computes $z = w_1 x_1 + w_2 x_2 + b$, and for the four
# points of the unit square this gives
#
# $$z(0,0) + z(1,1) = z(0,1) + z(1,0) ,$$
#
# whatever the weights are: both sides are $w_1 + w_2 + 2b$. XOR needs the left side small and the right side large.
# That is impossible. In the pictures below: no straight line has both orange points on one side and both blue ones
# on the other. The article's unit has no bias either, so the point (0, 0) gives $\sigma(0) = 0.5$ for ever.
#
# ## 15.5 What solves it
#
# A hidden layer bends the plane before the line is drawn. Eight units with biases, the cross-entropy in place of the
# squared error (its derivative by the logit is $p - t$, so that a unit which is sure and wrong learns fastest, not
# slowest), a rate of 1.

# %%
rng = np.random.default_rng(0)
w1, b1, w2, b2 = rng.normal(size=(2, 8)), rng.normal(size=8), rng.normal(size=8), 0.0
losses = []

for _ in range(2000):
    h = np.tanh(x @ w1 + b1)  # (4, 8)
    p = sigmoid(h @ w2 + b2)  # (4)
    losses.append(-np.mean(t * np.log(p) + (1 - t) * np.log(1 - p)))
    dz = (p - t) / 4  # of the mean cross-entropy by the logits
    du = np.outer(dz, w2) * (1 - h**2)  # (4, 8)
    w1, b1 = w1 - x.T @ du, b1 - du.sum(axis=0)
    w2, b2 = w2 - h.T @ dz, b2 - dz.sum()

print("outputs:", p.round(2))
assert np.abs(p - t).max() < 0.01

# %%
outputs = {
    "one unit, as printed": lambda at: sigmoid(at @ w_printed),
    "one unit, sign mended": lambda at: sigmoid(at @ w_mended),
    "eight hidden units": lambda at: sigmoid(np.tanh(at @ w1 + b1) @ w2 + b2),
}
for axis, (title, output) in zip(panels(3, size=(3.2, 2.8)), outputs.items(), strict=True):
    plane(output, (-0.4, 1.4), (-0.4, 1.4), where=x, labels=t.astype(int), limits=(0, 1), title=title, axis=axis)

# %% [markdown]
# How many hidden units does it take? Two are enough on paper, and fail in practice from many starts. And the article's
# own loss, rate and number of epochs, the squared error, 0.1 and 1,000, would not have been enough for any of them. We
# train twenty starts at once: the starts are simply one more axis of the arrays.


# %%
def solved(hidden, rate, steps, squared=False, starts=20):
    """The share of random starts from which a network with `hidden` units solves XOR."""
    rng = np.random.default_rng(1)
    w1, b1 = rng.normal(size=(starts, 2, hidden)), rng.normal(size=(starts, 1, hidden))
    w2, b2 = rng.normal(size=(starts, hidden, 1)), rng.normal(size=(starts, 1, 1))
    for _ in range(steps):
        h = sigmoid(x @ w1 + b1)  # (starts, 4, hidden)
        p = sigmoid(h @ w2 + b2)  # (starts, 4, 1)
        error = p - t[:, None]
        dz = error * p * (1 - p) if squared else error / 4  # half the sum of the squares, or the mean cross-entropy
        du = dz @ w2.transpose(0, 2, 1) * h * (1 - h)
        w2, b2 = w2 - rate * h.transpose(0, 2, 1) @ dz, b2 - rate * dz.sum(1, keepdims=True)
        w1, b1 = w1 - rate * x.T @ du, b1 - rate * du.sum(1, keepdims=True)
    return np.mean(np.abs(p[..., 0] - t).max(axis=1) < 0.1)


sizes = [1, 2, 3, 4, 8]
ours = [solved(hidden, rate=1, steps=4000) for hidden in sizes]
theirs = [solved(hidden, rate=0.1, steps=1000, squared=True) for hidden in sizes]

left, right = panels(2, sharey=True)
bars(dict(zip(map(str, sizes), ours, strict=True)), title="rate 1, 4,000 steps", xlabel="hidden units", axis=left)
bars(dict(zip(map(str, sizes), theirs, strict=True)), title="the article's way", xlabel="hidden units", axis=right)
left.set_ylabel("share of 20 starts")
assert ours[0] == 0
assert ours[-1] == 1
assert max(theirs) < 0.2

# %% [markdown]
# `fromzero train xor --as-printed` runs the printed program and says the same in three sentences; `fromzero train xor`
# trains a network that works. Exercises: `drill_gradient_sign`, `drill_xor_one_unit`, `xor_is_not_linear`, `xor_mlp`.
#
# ## 15.6 Linear regression as printed: the loss explodes
#
# The second program fits $y = w_1 x_1 + w_2 x_2$ to four invented houses. It has the same wrong sign, so its loss
# grows. But here the output has no ceiling, and the growth has no end. And when the sign is mended, the loss still
# explodes.

# %%
houses = np.array([[1, 2], [2, 3], [3, 4], [4, 5]], float)
price = np.array([5.0, 7.0, 9.0, 11.0])


def descend(rate, steps, sign=1):
    """Gradient descent on half the sum of the squares; the losses."""
    w = np.random.RandomState(0).rand(2)
    losses = []
    for _ in range(steps):
        w = w - sign * rate * houses.T @ (houses @ w - price)
        losses.append(np.mean((houses @ w - price) ** 2))
    return np.array(losses)


lines = {
    "as printed: rate 0.1, wrong sign": descend(0.1, 25, sign=-1),
    "rate 0.1, right sign": descend(0.1, 25),
    "rate 0.02, right sign": descend(0.02, 25),
}
curves(None, lines, log="y", xlabel="step", ylabel="squared error")
assert descend(0.1, 25)[-1] > 1e20
assert descend(0.02, 25)[-1] < 1

# %% [markdown]
# ## 15.7 Why: the rate is above a limit that one can compute
#
# The loss of a linear model is a bowl. Along each eigenvector of $X^\top X$ the bowl is a parabola of curvature
# $\lambda$, and a step multiplies the distance to the lowest point by $1 - \eta\lambda$. That shrinks only while
#
# $$|1 - \eta\lambda| < 1 \quad\Longleftrightarrow\quad 0 < \eta < \frac{2}{\lambda}$$
#
# The steepest direction sets the limit: $\eta < 2 / \lambda_{\max}$. The flattest one sets the pace: after $k$ steps a
# part of $(1 - \eta\lambda_{\min})^k$ is still missing. Their quotient $\lambda_{\max} / \lambda_{\min}$, the condition
# number, is what makes a problem slow.

# %%
curvatures = np.linalg.eigvalsh(houses.T @ houses)
limit = 2 / curvatures.max()
print(
    "curvatures:",
    curvatures.round(4),
    "  limit of the rate:",
    limit.round(5),
    "  condition:",
    round(curvatures[1] / curvatures[0]),
)

rates = np.linspace(0.001, 0.03, 59)
finals = np.array([descend(rate, 200)[-1] for rate in rates])
shown = finals.clip(max=1e6)
curves(rates, {"": shown}, log="y", marks={"limit": (limit, 1)}, xlabel="learning rate", ylabel="loss after 200 steps")
assert finals[rates < limit].max() < 10 < finals[rates > limit * 1.02].min()

# %% [markdown]
# The printed rate of 0.1 is four times the limit. If the loss is the mean of the squares and not half their sum, the
# limit becomes twice 0.0239, and with half the mean four times: 0.0955. It is too large by every convention.
#
# ## 15.8 Mended: centre and scale, and add a bias
#
# Two things are wrong with the data rather than the code. The second column is the first plus one, so that with a
# bias there are three columns of rank two: infinitely many solutions. And the two columns are nearly
# parallel, since their difference of 1 is small beside their length, which is where the condition number of 351 comes
# from. One column, centred and scaled, with a column of ones for the bias, has the condition number 1: any rate below
# the limit goes straight to the answer.

# %%
size = (houses[:, 0] - houses[:, 0].mean()) / houses[:, 0].std()
w, b = 0.0, 0.0
path = [(w, b)]
for _ in range(60):
    error = w * size + b - price
    w, b = w - 0.1 * 2 * np.mean(error * size), b - 0.1 * 2 * np.mean(error)
    path.append((w, b))

left, right = panels(2)


def bowl(at):
    """The loss at each weight and bias."""
    return np.mean((at[:, :1] * size + at[:, 1:] - price) ** 2, axis=1)


plane(
    bowl, (-3, 7), (-1, 9), levels=np.arange(1, 60, 6), title="a round bowl", xlabel="weight", ylabel="bias", axis=left
)
points(path, path=True, title="straight to the middle", xlabel="weight", ylabel="bias", axis=left)
curves(houses[:, 0], {"given": price, "fitted": w * size + b}, style=["o", "-"], xlabel="size", axis=right)
assert np.allclose(w * size + b, price, atol=1e-3)

# %% [markdown]
# There is a closed form too, and for a linear model it is the right tool. Without a bias the four rows happen to fit
# exactly, as $y = -x_1 + 3 x_2$; with one, `lstsq` gives the shortest of the infinitely many solutions.

# %%
without = np.linalg.lstsq(houses, price, rcond=None)[0]
with_bias = np.linalg.lstsq(np.c_[houses, np.ones(4)], price, rcond=None)[0]
print("without a bias:", without.round(4) + 0.0, "  with one:", with_bias.round(4))
assert np.linalg.matrix_rank(np.c_[houses, np.ones(4)]) == 2

# %% [markdown]
# Exercises: `drill_learning_rate`, `drill_missing_bias`, `linear_regression_gd`, `linear_regression_lstsq`,
# `standardize`.
#
# ## 15.9 The convolutional network: shapes with a pencil
#
# The third program stops at its first line of work: the filter expects one channel and the pictures have three. Behind
# that stand more mistakes of the same kind. Each can be found without running anything, by writing down the size after
# each layer. With an input of $n$ pixels, a filter of $k$, padding $p$ and stride $s$ it is
#
# $$n' = \left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1 .$$


# %%
def sizes_after(n, padding):
    """The size after each layer of the article's network: conv 3, pool 2, conv 3, pool 2."""
    result = [n]
    for kernel, pad, stride in [(3, padding, 1), (2, 0, 2), (3, padding, 1), (2, 0, 2)]:
        result.append(max(0, (result[-1] + 2 * pad - kernel) // stride + 1))
    return result


cases = {"28, padded": (28, 1), "28, not padded": (28, 0), "3, as printed": (3, 0)}
table = [sizes_after(*case) for case in cases.values()]
layers = ["input", "conv 3", "pool 2", "conv 3", "pool 2"]
heat(table, rows=list(cases), columns=layers, title="pixels a side; the code assumes 7", axis=panels(size=(5.5, 2)))
assert sizes_after(28, 1)[-1] == 7
assert sizes_after(28, 0)[-1] == 5
assert sizes_after(3, 0)[2] == 0

# %% [markdown]
# The code flattens with `reshape(pool2, [-1, 7 * 7 * 64])`. With the printed padding 5 x 5 is left and not 7 x 7. For
# one picture that is an error. For 49 pictures it is worse than an error: 49 x 1,600 numbers fit exactly into 25 rows
# of 3,136, and each row is a mixture of two or three pictures. The picture shows which sample each number of a row
# belongs to.

# %%
owner = np.repeat(np.arange(49), 5 * 5 * 64)  # the sample that each number comes from
rows = owner.reshape(-1, 7 * 7 * 64)
print("rows:", len(rows), "  samples in the first row:", np.unique(rows[0]))

axis = panels(size=(6, 2.4))
axis.imshow(rows[:, ::32], aspect="auto", cmap="prism")
axis.set(xlabel="place in the row (every 32nd)", ylabel="row", title="25 rows from 49 samples: no error, all mixed")
assert len(rows) == 25
assert len(np.unique(rows[0])) == 2

# %% [markdown]
# The remedy is a habit: name the number of rows and let the columns follow, `x.reshape(len(x), -1)`, or `x.flatten(1)`.
# Then a wrong size is noticed by the next layer, in one sentence.

# %%
pooled = nn.zeros(49, 64, 5, 5)
try:
    nn.Linear(7 * 7 * 64, 1024)(pooled.flatten(1))
except Exception as problem:
    print(f"{type(problem).__name__}: {problem}")

# %% [markdown]
# ## 15.10 Relu is not its own derivative
#
# The printed backward multiplies by `relu(z)` where the derivative of relu belongs. For sigmoid and tanh the derivative
# can be written by the *result*, $y(1-y)$ and $1-y^2$, and this may be how the mistake was made. For relu it is a step:
# 1 where $z > 0$, else 0.

# %%
z = np.linspace(-2, 3, 201)
lines = {"relu, which the article takes for its derivative": np.maximum(z, 0), "the derivative": z > 0}
curves(z, lines, xlabel="z")

# The cosine of the angle between what the wrong rule gives and the true gradient, and the length of it, by depth:
rng = np.random.default_rng(0)
for depth in (1, 3, 6):
    h, zs, weights = rng.normal(size=64), [], [rng.normal(size=(64, 64)) * np.sqrt(2 / 64) for _ in range(depth)]
    for weight in weights:
        zs.append(weight @ h)
        h = np.maximum(zs[-1], 0)
    right = wrong = rng.normal(size=64)
    for weight, z in zip(reversed(weights), reversed(zs), strict=True):
        right, wrong = weight.T @ (right * (z > 0)), weight.T @ (wrong * np.maximum(z, 0))
    cosine = right @ wrong / np.linalg.norm(right) / np.linalg.norm(wrong)
    longer = np.linalg.norm(wrong) / np.linalg.norm(right)
    print(f"{depth} layers: cosine {cosine:.2f}, {longer:.1f} times as long as the gradient")
    assert cosine < 0.95

# %% [markdown]
# This mistake is dangerous because it *nearly* works. The sign is right and the zeros stand at the right places, so a
# shallow network still learns something. Only a comparison with difference quotients finds it, and `nn.testing` says
# what it is:

# %%
z = np.random.default_rng(3).normal(size=(3, 4))
try:
    nn.testing.assert_gradients_match(lambda z: np.maximum(z, 0), z, lambda g, z: g * np.maximum(z, 0))
except nn.testing.GradcheckError as problem:
    print(str(problem).replace("; ", ";\n"))

# %% [markdown]
# ## 15.11 A convolutional network that works
#
# The four pictures are of one colour each: white, red, green and blue, with the labels 1, 0, 0, 1. The network below
# has one convolution with padding, a mean over each feature map (so that any size of picture gives eight features),
# and one linear layer to two logits. The gradient is written by hand; each line is the adjoint of a line above.

# %%
colours = np.array([[1.0, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
images_of_colours = np.broadcast_to(colours[:, :, None, None], (4, 3, 3, 3))  # (N, C, H, W)
labels = np.array([1, 0, 0, 1])

rng = np.random.default_rng(0)
kernel, bias = rng.normal(size=(8, 3, 3, 3)) * np.sqrt(2 / 27), np.zeros(8)
weight, out = rng.normal(size=(2, 8)) * np.sqrt(1 / 8), np.zeros(2)
padded = np.pad(images_of_colours, ((0, 0), (0, 0), (1, 1), (1, 1)))
windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))  # (N, C, H, W, 3, 3)

losses = []
for _ in range(100):
    z = np.einsum("ncijab,fcab->nfij", windows, kernel) + bias[:, None, None]  # (N, F, H, W)
    features = np.maximum(z, 0).mean(axis=(2, 3))  # (N, F)
    logits = features @ weight.T + out  # (N, 2)
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    losses.append(-np.log(p[np.arange(4), labels]).mean())

    dlogits = (p - np.eye(2)[labels]) / 4
    dz = (dlogits @ weight)[:, :, None, None] / 9 * (z > 0)
    weight, out = weight - dlogits.T @ features, out - dlogits.sum(axis=0)
    kernel = kernel - np.einsum("nfij,ncijab->fcab", dz, windows)
    bias = bias - dz.sum(axis=(0, 2, 3))

curves(None, {"cross-entropy": losses}, xlabel="step")
titles = [f"{k}: {q:.2f}" for k, q in zip(p.argmax(1), p.max(1), strict=True)]
images(images_of_colours, titles, limits=(0, 1))
assert (p.argmax(axis=1) == labels).all()
assert p.max(axis=1).min() > 0.95

# %% [markdown]
# Before one is proud of that: no convolution was needed. The mean colour decides, `-r - g + 4 b`, and a linear model
# finds it. A network should be tried on a task that a simpler model cannot solve; `fromzero train cnn` trains one on
# real digits, and [chapter 07](07_convolution.ipynb) builds it step by step.

# %%
print("-r - g + 4 b =", colours @ [-1, -1, 4])
assert ((colours @ [-1, -1, 4] > 0) == (labels == 1)).all()

# %% [markdown]
# Exercises: `drill_conv_shapes`, `drill_relu_derivative`, `conv2d`, `conv2d_backward`, `max_pool2d`, `cnn_classifier`.
#
# ## 15.12 The loop that is logged: which step?
#
# The fourth program is the one the articles are about. Mended so far that it runs, it calls
# `writer.add_scalar('Loss/train', loss.item(), epoch)` *inside* the loop over batches. All batches of an epoch share
# one step. The text says that this shows "the loss of each epoch".

# %%
nn.manual_seed(0)
x_all = nn.randn(200, 4)
y_all = (x_all.sum(1) > 0).long()
train = nn.data.TensorDataset(x_all[:160], y_all[:160])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(4, 8)
        self.fc2 = nn.Linear(8, 2)

    def forward(self, x):
        return self.fc2(nn.functional.relu(self.fc1(x)))  # logits: the softmax is in the loss


def fit(log_dir):
    """The printed loop and the mended one in one: two tags, and the validation loss."""
    model, criterion = Net(), nn.CrossEntropyLoss()
    optimizer = nn.optim.SGD(model.parameters(), lr=0.5)
    with SummaryWriter(log_dir) as writer:
        step = 0
        for epoch in range(6):
            total = 0.0
            for inputs, targets in nn.data.DataLoader(train, batch_size=32, shuffle=True):
                optimizer.zero_grad()
                loss = criterion(model(inputs), targets)
                loss.backward()
                optimizer.step()
                writer.add_scalar("Loss/as_printed", loss.item(), epoch)  # the epoch, for every batch of it
                writer.add_scalar("Loss/train_step", loss.item(), step)
                step += 1
                total += loss.item() * len(inputs)
            writer.add_scalar("Loss/train", total / len(train), epoch)
            with nn.no_grad():
                writer.add_scalar("Loss/val", criterion(model(x_all[160:]), y_all[160:]).item(), epoch)


fit(runs / "loop")
logged = read_scalars(runs / "loop")
print({tag: len(steps) for tag, (steps, _) in logged.items()})

# %%
left, right = panels(2, sharey=True)
steps, values = logged["Loss/as_printed"]
curves(steps, {"Loss/as_printed": values}, style=".-", title="vertical lines", xlabel="step, the epoch", axis=left)
for tag, batches in [("Loss/train_step", 5), ("Loss/train", 1), ("Loss/val", 1)]:
    steps, values = logged[tag]
    curves(steps / batches, {tag: values}, title="one step for each point", xlabel="epoch", axis=right)
assert len(logged["Loss/as_printed"][0]) == 30
assert len(np.unique(logged["Loss/as_printed"][0])) == 6

# %% [markdown]
# TensorBoard's default loader keeps one point for each step, the last that arrives: of 30 losses 6 are shown, each
# the loss of an epoch's last batch, which is small or large by chance. (With `--load_fast=false` the vertical lines
# appear.) What "the loss of an epoch" means is the mean over its rows, weighted by the sizes of the batches.
#
# Three more lines of that program are worth a look:
#
# - a class whose body is only a comment is an `IndentationError`; `pass` is the smallest body;
# - `CrossEntropyLoss` takes logits and class indices, while the article's formula is for probabilities and one-hot
#   rows; who follows the formula adds a softmax to the model, and then the softmax is taken twice;
# - `writer.close()` as the last line is not reached when anything fails; `with SummaryWriter(...) as writer:` always
#   closes.
#
# Two softmaxes do not stop anything either. They put a floor under the loss: with two classes the second softmax sees
# numbers between 0 and 1 only, and the best it can say is $e / (e + 1)$.

# %%
sure = nn.tensor([[20.0, -20.0]])
target = nn.tensor([0])
once = nn.functional.cross_entropy(sure, target).item()
twice = nn.functional.cross_entropy(nn.functional.softmax(sure, 1), target).item()
print(f"softmax once: {once:.4f}   twice: {twice:.4f} = ln(1 + 1/e)")
assert abs(twice - np.log(1 + np.exp(-1))) < 1e-6

# %% [markdown]
# Exercises: `drill_global_step`, `log_training_run`, `training_loop`.
#
# ## 15.13 The six questions
#
# The second article asks six interview questions. Its answers are slogans at best, and two are wrong. Each has a page
# of its own, with an answer one could give in an interview and the code that shows it.
#
# | question | what to add or to correct |
# |---|---|
# | [1](../docs/en/questions/1-deep-learning.md) deep learning | right; but learned features need data and computation |
# | [2](../docs/en/questions/2-parts-of-a-network.md) parts | a bias connects nothing; loss and optimiser are missing |
# | [3](../docs/en/questions/3-training.md) training | backpropagation computes gradients, the *optimiser* updates |
# | [4](../docs/en/questions/4-metrics.md) metrics | say what 0/0 means, how classes are averaged, when accuracy lies |
# | [5](../docs/en/questions/5-fine-tuning.md) fine-tuning | random initialisation is training from scratch |
# | [6](../docs/en/questions/6-tensorboard.md) tensorboardX | `--logdir` must be where the writer writes; close it |
#
# ## 15.14 How to read a program that does not learn
#
# What this chapter did four times can be done with any program:
#
# 1. **Look at the curve.** Rising smoothly: a sign. Exploding: the rate. Flat at a number you know ($\ln 2$, 0.25,
#    the variance of the target): the model cannot do it, or nothing reaches the weights. Falling, and bad results:
#    the data or the evaluation.
# 2. **Check one gradient by differences.** Ten lines, or one call of `nn.testing`.
# 3. **Write the shapes at the line ends**, and let no `reshape` invent the number of rows.
# 4. **Try to learn four rows by heart.** A network that cannot overfit four rows has a bug.
# 5. **Log what you mean**, with one step for each point, and the validation loss beside the training loss.
#
# ## Where this lives in the code
#
# - [`nn/examples/xor.py`](../nn/examples/xor.py) and
#   [`nn/examples/linear_regression.py`](../nn/examples/linear_regression.py): the printed programs, and the ones that
#   work;
# - [`nn/testing.py`](../nn/testing.py), [`nn/checking/`](../nn/checking/examination.py): how a wrong backward is
#   recognised;
# - [`nn/exercises/catalogue/`](../nn/exercises/README.md): the seven drills made from these mistakes, all named
#   `drill_`;
# - [`docs/en/documents.md`](../docs/en/documents.md): every line of both articles.
