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
# # 6 · Classification: softmax, cross-entropy, and metrics that lie
#
# **Afterwards you can** turn scores into probabilities without an overflow, derive the gradient of cross-entropy, and
# choose a metric that tells you what you need to know.
#
# **You need** chapters 4 (gradient descent) and 5 (a unit with a sigmoid). **Time:** 35 minutes.
#
# A classifier answers with one of several classes. Inside, it answers with *numbers*: a score for each class. This
# chapter follows these numbers from the score to the probability, from the probability to the loss, back to the
# gradient, and out to the figures by which people judge a classifier. The last step is where most mistakes are made,
# and no error message ever points them out.

# %%
import numpy as np

import nn
from nn import functional as F
from nn import metrics, viewing
from nn.data import datasets
from nn.examples import pictures
from nn.exercises import check

rng = np.random.default_rng(0)

# %% [markdown]
# ## 6.1 From scores to shares
#
# A network has looked at a picture and gives four scores, the **logits**. They are any numbers, positive or negative.
# To read them as probabilities we need numbers that are positive and add up to 1. Two steps do it: the exponential
# makes them positive and stretches the differences; division by the sum makes shares of them.

# %%
logits = np.array([2.0, 1.0, -1.0, 0.5])
exponentials = np.exp(logits)
shares = exponentials / exponentials.sum()

names = ["cat", "dog", "fish", "bird"]
for axis, (title, heights) in zip(
    pictures.panels(3, size=(3, 2.3)),
    {"logits z": logits, "exp(z)": exponentials, "divided by their sum": shares}.items(),
    strict=True,
):
    pictures.bars(dict(zip(names, heights, strict=True)), form="{:.2f}", title=title, axis=axis)

# %% [markdown]
# This is the **softmax**:
#
# $$p_j = \frac{e^{z_j}}{\sum_k e^{z_k}}$$
#
# The name says what it is: a soft form of "take the largest". Stretch the logits by a factor and it gets harder; with
# a factor of 10 nearly everything goes to the largest. Only *differences* count: add the same number to all logits,
# and it cancels. And with two classes, one of them at 0, it is the sigmoid of chapter 5.


# %%
def softmax(z):
    """z (..., C) -> p (..., C)"""
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


assert np.allclose(softmax(logits), shares)
assert np.allclose(softmax(logits + 100), shares)
assert np.isclose(softmax(np.array([1.5, 0]))[0], 1 / (1 + np.exp(-1.5)))
print("stretched by 10:", softmax(10 * logits).round(4))

# %% [markdown]
# ## 6.2 Numbers that are too large
#
# Why does the function above subtract the maximum first? A score of 1,000 is nothing unusual early in a training that
# goes wrong, and $e^{1000}$ is no number of a computer. Typed in as the formula stands, softmax answers with infinity
# over infinity. Since only differences count, we may subtract what we like; with the largest subtracted, all exponents
# are at most 0, and the largest term is exactly 1. Nothing can overflow, and the sum cannot be 0.
#
# The *logarithm* of softmax, which the loss needs, has a trap of its own: a small probability is rounded to 0 first,
# and then its logarithm is lost. The way round is to write the logarithm out:
#
# $$\ln p_j = z_j - \ln \sum_k e^{z_k}, \qquad
# \ln \sum_k e^{z_k} = m + \ln \sum_k e^{z_k - m}, \quad m = \max_k z_k .$$
#
# The right-hand formula is called **log-sum-exp**. It is a soft form of the maximum.


# %%
def log_softmax(z):
    """z (..., C) -> ln p (..., C)"""
    shifted = z - z.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


extreme = np.array([1000.0, 0.0, -1000.0])
with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
    print("as the formula stands:", np.exp(extreme) / np.exp(extreme).sum())
    print("log of a rounded p:   ", np.log(softmax(extreme)))
print("log_softmax:          ", log_softmax(extreme))
assert np.array_equal(log_softmax(extreme), F.log_softmax(nn.from_numpy(extreme), -1).numpy())

# %% [markdown]
# ## 6.3 How wrong is a probability?
#
# The picture was a cat, and the classifier gave the cat a probability of $p$. How bad is that? The curve shows the
# answer that everybody uses, $-\ln p$: nothing to pay for certainty that is right, 0.69 for a half, and without limit
# for certainty that is wrong. Beside it is the squared distance $(1-p)^2$, which charges at most 1, however sure the
# classifier was.

# %%
p = np.linspace(0.005, 1, 200)
pictures.curves(
    p, {r"$-\ln\,p$": -np.log(p), "$(1-p)^2$": (1 - p) ** 2},
    marks={"a half: 0.69": (0.5, np.log(2)), "1 of 10: 2.30": (0.1, np.log(10))},
    xlabel="probability of the right class", ylabel="loss",
)  # fmt: skip

# %% [markdown]
# With $t$ for the target as a **one-hot** vector (1 at the right class $c$, 0 elsewhere), the **cross-entropy** is
#
# $$L = -\sum_j t_j \ln p_j = -\ln p_c .$$
#
# The sum looks at all classes, but only the term of the right one is not zero. Over a batch one takes the mean.
#
# Why the logarithm? The probability that *all* $N$ answers of a classifier are right is the product of its $N$
# probabilities, a number too small for any computer. Its logarithm is a sum. Making the product as large as possible
# (the method of *maximum likelihood*) is the same as making the mean of $-\ln p_c$ as small as possible. So this loss
# was not invented for neural networks; it is what statisticians have asked of a model for a hundred years: that what
# has happened should have been probable.
#
# Two numbers to remember. A classifier that knows nothing gives each of $C$ classes $1/C$ and pays $\ln C$: 2.30 for
# ten classes, 0.69 for two. If your loss starts far above, the initial weights are too large. If it *stays* there,
# nothing is being learnt.


# %%
def cross_entropy(z, c):
    """z (N, C), c (N,) -> the mean over the batch"""
    return -log_softmax(z)[np.arange(len(c)), c].mean()


z, c = rng.normal(size=(6, 10)), np.array([3, 1, 4, 1, 5, 9])
assert np.isclose(cross_entropy(z, c), F.cross_entropy(nn.from_numpy(z), nn.from_numpy(c)).item())
assert np.isclose(cross_entropy(np.zeros((6, 10)), c), np.log(10))

# %% [markdown]
# ## 6.4 The gradient is $p - t$
#
# What should change? Below, each row is a picture. On the left are the probabilities, in the middle the targets, and
# on the right their difference: negative (blue) where the probability is to rise, positive where it is to fall. Each
# row of the difference adds up to zero: what one class gains, the others lose.

# %%
z, c = rng.normal(size=(3, 4)) * 1.5, np.array([0, 2, 1])
p, t = softmax(z), np.eye(4)[c]
for axis, (title, table) in zip(
    pictures.panels(3, size=(3, 2.2)), {"p": p, "t": t, "p - t": p - t}.items(), strict=True
):
    pictures.heat(table, form="{:.2f}", limits=(-1, 1), columns=names, title=title, axis=axis)

# %% [markdown]
# That difference *is* the gradient by the logits. Differentiate $L = -z_c + \ln \sum_k e^{z_k}$ by $z_j$. The first
# term gives $-1$ for $j = c$ and 0 otherwise, which is $-t_j$. The second gives $e^{z_j} / \sum_k e^{z_k}$, which is
# $p_j$:
#
# $$\frac{\partial L}{\partial z_j} = p_j - t_j \qquad \text{(divided by } N \text{ for the mean over a batch).}$$
#
# Exponentials, a sum, a quotient, a logarithm, and all that is left is a subtraction. That is no accident: softmax and
# the logarithm are each other's inverse, up to the sum. It is also why frameworks offer the two as *one* function.

# %%
tz = nn.tensor(z, requires_grad=True)
F.cross_entropy(tz, nn.from_numpy(c)).backward()
assert np.allclose(tz.grad.numpy(), (p - t) / len(c))
assert np.allclose((p - t).sum(axis=1), 0)

# %% [markdown]
# ## 6.5 Logits, not probabilities
#
# `nn.CrossEntropyLoss` and `F.cross_entropy` contain the softmax, as PyTorch's do. They take **logits**. The formula
# that is printed beside them in [the article](README.md#the-article), $-\sum t \ln p$, is one for *probabilities*,
# and it leads many people to put a softmax at the end of the network. Then softmax is applied twice. Nothing fails.
# But the inner one keeps all numbers between 0 and 1, and so even a *perfect* answer of ten classes, 1 and nine times
# 0, has the loss
#
# $$-\ln \frac{e^1}{e^1 + 9 e^0} = 1.46 .$$
#
# A loss that sticks near 1.46 is this mistake.

# %%
perfect, right = nn.tensor(np.eye(10)), nn.arange(10)
print("perfect probabilities, taken for logits:", round(F.cross_entropy(perfect, right).item(), 4))
assert np.isclose(F.cross_entropy(perfect, right).item(), np.log(np.e + 9) - 1)
assert F.cross_entropy(50 * perfect, right).item() < 1e-12  # logits can say what they are sure of

# %% [markdown]
# ## 6.6 Digits with nothing but a matrix
#
# Now train one. The data are 1,797 handwritten digits of 8 × 8 pixels, as rows of 64 numbers. The model is a single
# linear layer, $z = xW + b$, with softmax and cross-entropy: **logistic regression**. We divide the digits into three
# parts. The *training* set is for the gradient, the *validation* set for every choice we make (here: when to stop), and
# the *test* set for one look at the end.

# %%
pixels, digits = (tensor.numpy() for tensor in datasets.load_digits())
order = rng.permutation(len(pixels))
X, T = pixels.reshape(-1, 64)[order].astype(float), digits[order]
train, validation, test = slice(0, 1200), slice(1200, 1500), slice(1500, None)
pictures.images(X[:16].reshape(-1, 8, 8), T[:16], columns=8, side=0.9, colours="gray_r")

# %% [markdown]
# By the chain rule, with $\delta = (p - t)/N$ for the whole batch, $\partial L/\partial W = x^\top \delta$ and
# $\partial L / \partial b$ is the sum of the rows of $\delta$. The loop is all there is.
#
# The weights may start at zero, unlike those of a network with hidden units: each class has a target of its own,
# so the ten columns of $W$ part in the first step. And cross-entropy of a linear layer is *convex*, a bowl without
# side valleys, so that every start leads to the same loss. In return it can only draw straight borders between the
# classes.

# %%
W, b, lr = np.zeros((64, 10)), np.zeros(10), 0.5
losses, accuracies = [], []
one_hot = np.eye(10)[T]
for _ in range(400):
    delta = (softmax(X[train] @ W + b) - one_hot[train]) / 1200  # (N, 10)
    W -= lr * X[train].T @ delta
    b -= lr * delta.sum(axis=0)
    scores = X[validation] @ W + b
    losses.append(cross_entropy(scores, T[validation]))
    accuracies.append(np.mean(scores.argmax(axis=1) == T[validation]))

left, right = pictures.panels(2)
pictures.curves(None, {"validation": losses}, xlabel="step", ylabel="cross-entropy", axis=left)
pictures.curves(None, {"validation": accuracies}, xlabel="step", ylabel="accuracy", axis=right)
assert losses[-1] < 0.3 < np.log(10)
assert accuracies[-1] > 0.93

# %% [markdown]
# Each class has 64 weights, one a pixel, so we can look at what it has learnt. Red: ink here speaks for this digit.
# Blue: ink here speaks against it. The 0 is told by its empty middle.

# %%
pictures.images(W.T.reshape(10, 8, 8), range(10), columns=10, side=0.9, limits=(-2, 2), colours="RdBu_r")

# %% [markdown]
# ## 6.7 What does it confuse?
#
# The **confusion matrix** counts on the test set: row $i$, column $j$ is how often an $i$ was taken for a $j$. The
# diagonal is right. It is the first thing to draw, since all the figures of the following sections are read off it, and
# it also shows what they hide: *which* mistakes there are.

# %%
P = softmax(X[test] @ W + b)
truth, predicted = T[test], P.argmax(axis=1)
matrix = np.zeros((10, 10), int)
np.add.at(matrix, (truth, predicted), 1)
assert np.array_equal(matrix, metrics.confusion_matrix(truth, predicted))
viewing.draw_confusion_matrix(matrix)

# %% [markdown]
# ## 6.8 Accuracy lies when a class is rare
#
# Accuracy is the share of right answers: the diagonal over everything. Ten digits that are about equally frequent make
# it an honest number. Now take a rare class: 100 bad payments among 5,000. A detector that *always says no* is right in
# 98 % of all cases, and has never found one.
#
# So the first question to a figure is: *what does the laziest classifier get?* Always the most frequent class, or the
# mean, or yesterday's value. A figure without this baseline beside it says nothing, not even 98 %.
#
# So from here on we take a classifier that is neither useless nor perfect. It gives each payment a score, and the
# scores of the bad ones are higher, but the two kinds overlap. In the picture the small heap on the right are the bad
# ones.

# %%
good, bad = rng.normal(0, 1, 4900), rng.normal(2.5, 1, 100)
score, is_bad = np.r_[good, bad], np.r_[np.zeros(4900, bool), np.ones(100, bool)]

edges = np.linspace(-4, 6, 41)
counts = {name: np.histogram(kind, edges)[0] for name, kind in {"4,900 good": good, "100 bad": bad}.items()}
pictures.curves(edges[:-1] + 0.125, counts, xlabel="score", ylabel="payments")
print("always no: accuracy", metrics.accuracy_score(is_bad, np.zeros(5000, bool)))

# %% [markdown]
# ## 6.9 Precision and recall
#
# We call a payment bad when its score is above a **threshold**. Then there are four kinds of cases: true positives
# (TP), false positives (FP, a false alarm), false negatives (FN, missed) and true negatives (TN). Two questions are
# worth asking:
#
# $$\text{precision} = \frac{TP}{TP + FP} \quad \text{of the alarms, how many were right?}$$
#
# $$\text{recall} = \frac{TP}{TP + FN} \quad \text{of the bad ones, how many were found?}$$
#
# Neither looks at TN, the large heap that made accuracy lie. And they pull in opposite directions: a high threshold
# gives few alarms that are mostly right; a low one finds nearly everything and cries wolf. In the picture the threshold
# runs from 0 to 4. Where should it stand? That depends on what a false alarm costs, and what a miss: a smoke detector
# may be wrong a few times, a judge may not.


# %%
def judge(alarm):
    """alarm (N,) -> precision, recall, F1"""
    tp, fp, fn = np.sum(alarm & is_bad), np.sum(alarm & ~is_bad), np.sum(~alarm & is_bad)
    return tp / (tp + fp), tp / (tp + fn), 2 * tp / (2 * tp + fp + fn)


thresholds = np.linspace(0, 4, 41)
judged = np.array([judge(score > threshold) for threshold in thresholds]).T
pictures.curves(thresholds, dict(zip(("precision", "recall", "F1"), judged, strict=True)), xlabel="threshold")

# %% [markdown]
# Where one number is needed, there is their harmonic mean
#
# $$F_1 = \frac{2\,P R}{P + R} = \frac{2\,TP}{2\,TP + FP + FN} .$$
#
# It is near the *smaller* of the two, so that neither can be bought with the other. It lies where the two kinds of
# mistake do not cost the same, as nearly always in practice: then say what each costs, and choose the threshold by
# that. And a detector that never raises an alarm has no precision at all: 0/0. `nn.metrics` answers 0 with a warning,
# or what you say by `zero_division`.

# %%
alarm = score > 2
by_hand = judge(alarm)
by_nn = [f(is_bad, alarm) for f in (metrics.precision_score, metrics.recall_score, metrics.f1_score)]
assert np.allclose(by_hand, by_nn)
cases = metrics.confusion_matrix(is_bad.astype(int), alarm.astype(int))
print("true negatives, false positives:", cases[0], "  false negatives, true positives:", cases[1])
print("threshold 2: precision {:.2f}, recall {:.2f}, F1 {:.2f}".format(*by_hand))
print("accuracy   ", round(metrics.accuracy_score(is_bad, alarm), 3), "which is less than that of 'always no'")
assert metrics.accuracy_score(is_bad, alarm) < 0.98

# %% [markdown]
# ## 6.10 All thresholds at once: ROC and PR curves
#
# The threshold belongs to whoever uses the classifier. To judge the *scores*, let it run from high to low and draw what
# happens. The **ROC** curve has the share of the bad that are found (recall) over the share of the good that raise a
# false alarm. The **precision-recall** curve has precision over recall. One sort and two running sums yield both.

# %%
ranked = is_bad[np.argsort(-score)]
found, false_alarms = np.cumsum(ranked), np.cumsum(1 - ranked)
recall, false_rate, precision = found / 100, false_alarms / 4900, found / (found + false_alarms)

left, right = pictures.panels(2, size=(3.4, 2.9))
pictures.curves(false_rate, {"scores": recall, "by chance": false_rate}, style=["-", "--"],
                title="ROC", xlabel="false alarms, of the good", ylabel="found, of the bad", axis=left)  # fmt: skip
pictures.curves(recall, {"scores": precision, "by chance": np.full(5000, 0.02)}, style=["-", "--"],
                title="precision and recall", xlabel="recall", ylabel="precision", axis=right)  # fmt: skip

# %% [markdown]
# The same scores: the left curve looks splendid, the right one sobering. Both are right. A false-alarm rate of 5 %
# sounds small, but 5 % of 4,900 are 245 false alarms, for 100 bad payments. **With rare positives, look at precision
# and recall.**
#
# The area under the ROC curve (AUC) has a meaning that needs no curve: the probability that a bad payment, drawn at
# random, has a higher score than a good one (Hanley and McNeil, 1982). It judges the *order* alone.

# %%
pairs = (bad[:, None] > good[None, :]).mean()
auc, ap = metrics.roc_auc_score(is_bad, score), metrics.average_precision_score(is_bad, score)
print(f"area under ROC {auc:.3f} = share of pairs in the right order {pairs:.3f}; under precision-recall {ap:.3f}")
assert np.isclose(auc, pairs)
assert ap < 0.7 < 0.93 < auc

# %% [markdown]
# ## 6.11 Calibration: does 80 % mean 80 %?
#
# None of these figures asks whether the probabilities are *true*. Multiply all logits by 4: every decision stays the
# same, and so do accuracy, the confusion matrix, F1 and the ranking of the classes. But the classifier now is as good
# as certain of everything, also of its mistakes.
#
# To see it, sort the test digits by how sure the classifier was, and compare with how often it was right. On the
# diagonal, 80 % means 80 %.


# %%
def reliability(P, bins=5):
    """(mean confidence, share that is right) for groups of equal size."""
    sure, right = P.max(axis=1), P.argmax(axis=1) == truth
    groups = np.array_split(np.argsort(sure), bins)
    return np.array([(sure[g].mean(), right[g].mean()) for g in groups]).T


logits = X[test] @ W + b
for axis, factor in zip(pictures.panels(2, size=(2.8, 2.4)), (1, 4), strict=True):
    sure, right = reliability(softmax(factor * logits))
    pictures.curves(sure, {"digits": right, "true": sure}, style=["o-", "--"], title=f"logits times {factor}",
                    xlabel="confidence", ylabel="share that is right", axis=axis)  # fmt: skip

# %% [markdown]
# With the plain logits this classifier is too *modest*: where it says 60 %, it is right more often than that. It has
# not been trained to the end. With four times the logits it says 100 % of nearly all, and is not right as often as
# that.
#
# Cross-entropy sees the difference, and so does the calibration error, the mean distance from the diagonal. The
# remedy is one number: divide the logits by a **temperature** that is chosen on the validation set (Guo et al.,
# 2017). Here it comes out below 1.

# %%
temperatures = np.geomspace(0.1, 3, 60)
held_out = X[validation] @ W + b
best = temperatures[np.argmin([cross_entropy(held_out / t, T[validation]) for t in temperatures])]
for name, factor in (("as trained", 1.0), ("times 4", 4.0), (f"temperature {best:.2f}", 1 / best)):
    P = softmax(factor * logits)
    error = metrics.calibration_error(truth, P, n_bins=10)
    print(f"{name:16}  accuracy {np.mean(P.argmax(1) == truth):.3f}  "
          f"cross-entropy {cross_entropy(factor * logits, truth):.3f}  calibration error {error:.3f}")  # fmt: skip
assert best < 1

# %% [markdown]
# ## 6.12 Ten classes, one number
#
# With several classes, each has a precision, a recall and an $F_1$ of its own: take it for "bad" and all others for
# "good". To make one number of ten there are three means, and they answer different questions.
#
# - **macro**: the plain mean over classes; a rare class counts as much as a frequent one.
# - **weighted**: each class by how often it occurs; a rare class hardly counts.
# - **micro**: add up TP, FP and FN first; with one label a picture that is the accuracy.

# %%
each = metrics.f1_score(truth, predicted, average=None)
print("F1 of each digit:", each.round(2))
assert np.isclose(each.mean(), metrics.f1_score(truth, predicted, average="macro"))
assert np.isclose(metrics.f1_score(truth, predicted, average="micro"), np.mean(predicted == truth))

# %% [markdown]
# ## 6.13 When each of them lies
#
# | figure | lies when | then look at |
# |---|---|---|
# | accuracy | a class is rare | precision and recall of that class |
# | precision alone | the detector says hardly anything | recall |
# | recall alone | it says yes to everything | precision |
# | $F_1$ | the two mistakes cost differently | the cost, at a threshold of your own |
# | area under ROC | positives are rare; probabilities are used, not the order | precision-recall; calibration |
# | macro mean | a class has a handful of samples, so its figure is luck | the counts |
# | cross-entropy | one confident mistake outweighs a hundred answers | accuracy beside it |
# | any of them | measured on data that a choice was made by | the test set, once |
#
# The last line is the most frequent of all. Whoever tries a hundred variants on the test set and reports the best has
# chosen by luck.

# %% [markdown]
# ## 6.14 In an interview
#
# - **What does softmax do?** It makes positive shares of any numbers; only their differences count, so subtract the
#   largest first.
# - **The gradient of softmax with cross-entropy?** $p - t$, divided by the batch size for a mean.
# - **Logits or probabilities for `CrossEntropyLoss`?** Logits. With probabilities the loss of ten classes sticks at
#   1.46.
# - **99 % accuracy: good?** Ask what the laziest classifier gets, and for precision and recall of the rare class.
# - **ROC or precision-recall?** The second where positives are rare. The first judges the order, whatever the share.
# - **What is calibration?** That of the answers given with 80 %, 80 % are right. A temperature repairs it, and
#   changes no decision.

# %% [markdown]
# ## Exercises
#
# `fromzero exercise start NAME` writes a file to fill in, `fromzero exercise check NAME` judges it; here,
# `check("NAME", globals())` does.
#
# - `softmax`, `log_softmax`, `cross_entropy`: with their gradients, and inputs of 1,000.
# - `binary_cross_entropy_with_logits`: the same for one unit.
# - `logistic_regression`: section 6.6 for two classes.
# - `classification_metrics`: everything that is read off the confusion matrix.
#
# The second one, solved. Its gradient: each $\ln p_j$ passes on its own $g_j$, and the sum of all is taken back in
# shares.


# %%
def logsumexp(x):
    m = x.max(axis=-1, keepdims=True)
    return (m + np.log(np.exp(x - m).sum(axis=-1, keepdims=True)))[..., 0]


def log_softmax_backward(g, x):
    return g - softmax(x) * g.sum(axis=-1, keepdims=True)


check("log_softmax", globals())

# %% [markdown]
# ## Where this lives in the code
#
# - [nn/kernels/softmax.py](../nn/kernels/softmax.py): softmax, log-softmax and log-sum-exp.
# - [nn/ops/loss.py](../nn/ops/loss.py): cross-entropy with its derivative $p - t$, declared.
# - [nn/functional/loss.py](../nn/functional/loss.py): `F.cross_entropy`, with weights and smoothed labels.
# - [nn/metrics/scores.py](../nn/metrics/scores.py): precision, recall, $F_1$, and what happens at 0/0.
# - [nn/metrics/ranking.py](../nn/metrics/ranking.py): the areas under the two curves.
# - [nn/metrics/probability.py](../nn/metrics/probability.py): the calibration error.
# - [nn/viewing/dashboards.py](../nn/viewing/dashboards.py): PR curves in TensorBoard.
