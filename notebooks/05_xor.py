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
# # 5 · XOR: why one layer is not enough
#
# **Afterwards you can** say why one unit cannot learn XOR and two layers can, and derive backpropagation through two
# layers by hand.
#
# **You need** chapter 4 (one neuron, and what the learning rate does). **Time:** 35 minutes.
#
# Four points, two classes, and the smallest problem that a single unit cannot solve. In 1969 Minsky and Papert proved
# that it cannot, and research on neural networks nearly stopped for a decade. The remedy is a second layer, and a way
# to carry the gradient through it. Both fit into one chapter. On the way we meet a famous wrong sign: the program for
# XOR in [the article](README.md#the-article), whose loss rises.

# %%
import numpy as np

import nn
from nn import functional as F
from nn.examples import pictures
from nn.exercises import check

rng = np.random.default_rng(0)
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], float)  # (4, 2)
T = np.array([[0], [1], [1], [0]], float)  # (4, 1)

# %% [markdown]
# ## 5.1 Four points and a line
#
# "Exclusive or": the answer is 1 when exactly one of the two inputs is 1. Draw the four cases as points and try to
# part the two classes by a straight line. On the left is a line that gets three points right, on the right another
# one. Every line that you try will leave at least one point on the wrong side.

# %%
for axis, (w, b) in zip(
    pictures.panels(2, size=(2.9, 2.6)), (((1, 1), -0.5), ((-1, 1), -0.5)), strict=True
):  # fmt: skip
    pictures.plane(lambda at, w=w, b=b: at @ np.array(w) + b > 0, (-0.5, 2.4), (-0.5, 1.5),
                   where=X, labels=T.ravel().astype(int), axis=axis)  # fmt: skip
    right = np.sum((X @ np.array(w) + b > 0) == (T.ravel() == 1))
    axis.set_title(f"{right} of 4 are right")
    assert right == 3

# %% [markdown]
# A **unit** draws such a line. It computes $z = w_1 x_1 + w_2 x_2 + b$, and says "class 1" where $z$ is positive. The
# weights turn the line, the bias shifts it.
#
# ## 5.2 From a line to a probability
#
# A hard yes or no has no slope, and without a slope there is nothing to descend. So the unit squeezes $z$, its
# **logit**, into a probability: nearly 0 far on the one side, nearly 1 far on the other, and one half on the line
# itself. The curve is the **sigmoid**, drawn with its slope.


# %%
def sigmoid(z):
    """z (...) -> probability (...); the exponent is never positive, so nothing overflows"""
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


z = np.linspace(-6, 6, 121)
p = sigmoid(z)
pictures.curves(z, {r"$\sigma(z)$": p, "its slope": p * (1 - p)}, marks={"1/4": (0, 0.25)}, xlabel="z")
assert np.allclose(p, F.sigmoid(nn.from_numpy(z)).numpy())
assert sigmoid(np.array(-1000.0)) == 0  # 1 / (1 + exp(1000)), typed as it stands, overflows

# %% [markdown]
# $$\sigma(z) = \frac{1}{1 + e^{-z}}, \qquad \sigma'(z) = \sigma(z)\,\bigl(1 - \sigma(z)\bigr)$$
#
# The slope needs nothing but the result. It is largest at $z = 0$, where the unit is undecided, and there it is only
# one quarter. Where the unit is sure of itself, the slope is nearly zero. Remember that for 5.7.
#
# Read the other way round, $z = \ln \frac{p}{1-p}$: the logit is the logarithm of the odds. $z = 0$ is one to one,
# $z = 2.2$ is nine to one, and each further 2.3 is a factor of ten. That a logit has no bounds and a probability has
# is why networks compute with the first and people talk about the second.

# %% [markdown]
# ## 5.3 A loss that rises
#
# The article trains *one* sigmoid unit without a bias, on the squared error. With $y = \sigma(Xw)$ and
# $L = \frac12 \sum (y - t)^2$ the chain rule has three links, from the loss to the output, to the logit, to the
# weights:
#
# $$\nabla L = X^\top \bigl[\, (y - t) \odot y \odot (1 - y) \,\bigr]$$
#
# The printed code begins with `error = y - output`, where `y` is the target. It is the first link with its sign
# turned round. So is everything that follows, and `weights -= learning_rate * d_weights` walks *up* the slope. Here
# it is as printed, and with the sign corrected.


# %%
def one_unit(sign, steps=1000, lr=0.1):
    """The article's loop; sign -1 as printed, +1 corrected. The mean squared error of every step, and the outputs."""
    weights, errors = np.random.RandomState(0).rand(2, 1), []
    for _ in range(steps):
        output = sigmoid(X @ weights)
        error = sign * (output - T)
        d_weights = X.T @ (error * output * (1 - output))
        weights -= lr * d_weights
        errors.append(np.mean((sigmoid(X @ weights) - T) ** 2))
    return np.array(errors), sigmoid(X @ weights).ravel()


printed, answers = one_unit(sign=-1)
corrected, undecided = one_unit(sign=1)
pictures.curves(None, {"as printed": printed, "sign corrected": corrected}, xlabel="step", ylabel="mean squared error")
assert np.all(np.diff(printed) > 0)  # up, in every single step
print("as printed:", answers.round(3), "  sign corrected:", undecided.round(3))

# %% [markdown]
# It is easy to see how it happened. `y - output` is what is *missing*, and adding what is missing is a fine idea:
# `weights += ...` with this error is correct. `output - y` with `weights -= ...` is correct, too. The article has the
# first half of the one and the second half of the other. The safe habit is to write down the derivative of the loss,
# whatever it is called, and always subtract.
#
# How do you find such a mistake? Not by staring at the code. Nudge a weight and see whether the loss changes by what
# the gradient says: chapter 1's difference quotient.


# %%
def half_squares(w):
    return np.sum((sigmoid(X @ w) - T) ** 2) / 2


w, eps = np.array([[0.5], [0.7]]), 1e-6
y = sigmoid(X @ w)
as_printed = X.T @ ((T - y) * y * (1 - y))
measured = [(half_squares(w + eps * e) - half_squares(w - eps * e)) / (2 * eps) for e in np.eye(2)[:, :, None]]
print("printed code:", as_printed.ravel().round(4), "  measured:", np.round(measured, 4))
assert np.allclose(as_printed.ravel(), np.negative(measured))

# %% [markdown]
# ## 5.4 The best that one unit can do
#
# With the sign corrected, the loss falls to 0.25 and stays there, and all four outputs are 0.5. The unit has learnt
# to say "I do not know". More steps do not help, nor another rate, nor a bias.
#
# **It cannot classify.** Suppose $z$ were positive exactly on $(0,1)$ and $(1,0)$. Then $w_2 + b > 0$ and
# $w_1 + b > 0$, and the sum says $w_1 + w_2 + 2b > 0$. But $z$ must not be positive on $(0,0)$ and $(1,1)$: $b \le 0$
# and $w_1 + w_2 + b \le 0$, and their sum says $w_1 + w_2 + 2b \le 0$. Both cannot be. Three of four is the most.
#
# **Its loss has a floor.** The cross-entropy of a unit (5.7) is a convex function of its weights, a bowl with one
# bottom. At $w = 0$, $b = 0$ all probabilities are one half, and the gradient vanishes: what the two points of one
# class pull, the other two undo. So this *is* the bottom, with a loss of $\ln 2 = 0.693$. For the squared error the
# floor is $\frac14$.
#
# Keep the number 0.693 in mind. A loss that sits there, with two balanced classes, means: nothing has been learnt.
# A proof is worth a test, so here are 200,000 random units.

# %%
units = rng.normal(size=(200_000, 3)) * 10 ** rng.uniform(-1, 1.5, (200_000, 1))  # w1, w2, b
logits = units[:, :2] @ X.T + units[:, 2:]
squared = np.mean((sigmoid(logits) - T.T) ** 2, axis=1)
entropy = np.mean(np.logaddexp(0, logits) - T.T * logits, axis=1)
right = np.mean((logits > 0) == (T.T > 0.5), axis=1)
print(f"best of 200,000: {right.max():.0%} right, squared error {squared.min():.4f}, cross-entropy {entropy.min():.4f}")
assert right.max() == 0.75
assert squared.min() >= 0.25
assert entropy.min() >= np.log(2) - 1e-12

# %% [markdown]
# ## 5.5 Bend the plane first
#
# Here is the idea that the whole of deep learning rests on. If no line parts the points *where they are*, move them.
# Two units with lines of their own look at the plane: the first says whether *at least one* input is 1 (OR), the
# second whether *both* are (AND). Their two answers are new coordinates of each point. On the left the points as they
# were; on the right, where the two hidden units put them.


# %%
def bend(x):
    """x (N, 2) -> (N, 2): OR and AND, as steep tanh units"""
    return np.tanh(x @ np.array([[5.0, 5.0], [5.0, 5.0]]) + [-2.5, -7.5])


left, right = pictures.panels(2, size=(2.9, 2.6))
pictures.points(X, T.ravel().astype(int), title="the inputs", xlabel="$x_1$", ylabel="$x_2$", axis=left)
left.set(xlim=(-0.5, 2.2), ylim=(-0.5, 1.5))
pictures.plane(lambda h: h @ [1, -1] - 1 > 0, (-1.5, 1.5), (-1.5, 1.5), where=bend(X), labels=T.ravel().astype(int),
               title="after the hidden units", xlabel="OR", ylabel="AND", axis=right)  # fmt: skip
assert np.array_equal((bend(X) @ [1, -1] - 1 > 0), T.ravel() == 1)

# %% [markdown]
# $(0,1)$ and $(1,0)$ have landed on the same spot, "OR but not AND", and now a line parts the classes. XOR *is* "OR
# and not AND". A third unit draws that line, and the network is complete: two layers, three units, nine numbers. What
# the hidden units compute is called a **representation** or, one number at a time, a *feature*: something about the
# input that makes the question easier. In chapter 7 the features will be edges; here they are OR and AND. In either
# case a linear layer on top of good features is all that is needed.
#
# The bend matters. Without the tanh, a linear map of a linear map is a linear map, and two layers draw the same
# single line as one.
#
# Those nine numbers were found by thought. The question is whether descent finds them.
#
# ## 5.6 The chain rule through two layers
#
# Take $H$ hidden units. Forwards, with $x$ as rows:
#
# $$a = x W_1 + b_1, \qquad h = \tanh a, \qquad z = h W_2 + b_2, \qquad p = \sigma(z), \qquad L = \text{loss}(p, t)$$
#
# Backwards we ask of every intermediate number: *if it were a little larger, by how much would the loss be?* Write
# $\delta_2 = \partial L/\partial z$ and $\delta_1 = \partial L/\partial a$. Suppose that we have $\delta_2$. Then
#
# - the weights $W_2$ were multiplied by $h$, hence $\partial L/\partial W_2 = h^\top \delta_2$;
# - the bias was added, to each of the $N$ rows, hence $\partial L/\partial b_2 = \sum_n \delta_2$;
# - $h$ was multiplied by $W_2$, hence $\partial L/\partial h = \delta_2 W_2^\top$: the error flows back through the
#   same weights;
# - the tanh has the slope $1 - h^2$, hence $\delta_1 = (\delta_2 W_2^\top) \odot (1 - h^2)$;
# - and for $W_1$ and $b_1$ the first two lines hold again, with $x$ and $\delta_1$.
#
# That is **backpropagation** (Rumelhart, Hinton and Williams, 1986). It is the chain rule, worked from the loss
# downwards, so that each $\delta$ is computed once and used for everything below it. It computes gradients and
# nothing else; changing the weights is the optimiser's work. A deeper network only repeats the lines.
#
# A small example with numbers, before the code. Take one hidden unit that puts out $h = 0.8$, an output weight of 2,
# and an error $\delta_2 = -0.5$: the answer was too small. The gradient of the output weight is
# $0.8 \cdot (-0.5) = -0.4$, so a step against it makes the weight larger. The hidden unit hears $-0.5 \cdot 2 = -1$,
# "be larger". Its own slope is $1 - 0.8^2 = 0.36$, so its sum $a$ hears $-0.36$; and if its input was $x = (1, 0)$,
# then the gradient of its weights is $(-0.36, 0)$. The second weight had no part in it, and gets no blame.


# %%
def forward(W1, b1, W2, b2):
    h = np.tanh(X @ W1 + b1)  # (N, H)
    return h, sigmoid(h @ W2 + b2)  # (N, 1)


def backward(h, delta2, W2):
    """The gradients of W1, b1, W2, b2."""
    delta1 = (delta2 @ W2.T) * (1 - h**2)  # (N, H)
    return X.T @ delta1, delta1.sum(0), h.T @ delta2, delta2.sum(0)


# %% [markdown]
# ## 5.7 The loss that belongs to a probability
#
# What is $\delta_2$? For the squared error it is $(p - t)\,p\,(1-p)$, up to a factor, and there is the slope of the
# sigmoid again. The picture shows $\delta_2$ for a target of 1. On the far left the unit is *as wrong as can be*, and
# yet the squared error hardly pulls.

# %%
z = np.linspace(-6, 6, 121)
p = sigmoid(z)
pictures.curves(z, {"squared error": (p - 1) * p * (1 - p), "cross-entropy": p - 1},
                xlabel="logit z, where 1 is right", ylabel="gradient by z")  # fmt: skip

# %% [markdown]
# The **binary cross-entropy** charges $-\ln p$ where the target is 1 and $-\ln(1-p)$ where it is 0. Its derivative by
# $p$ contains a $1/(p(1-p))$, which cancels the slope of the sigmoid exactly:
#
# $$L = -\frac1N \sum_n \bigl[ t_n \ln p_n + (1 - t_n) \ln(1 - p_n) \bigr], \qquad \delta_2 = \frac{p - t}{N} .$$
#
# The further off, the stronger the pull. Now all the gradients are there, and we compare them with those of `nn`, which
# takes the logit rather than $p$: once $p$ has been rounded to 1, $\ln(1-p)$ is lost.

# %%
parameters = [rng.normal(size=shape) for shape in ((2, 4), (4,), (4, 1), (1,))]
h, p = forward(*parameters)
by_hand = backward(h, (p - T) / 4, parameters[2])

W1, b1, W2, b2 = tensors = [nn.tensor(a, requires_grad=True) for a in parameters]
logit = (nn.from_numpy(X) @ W1 + b1).tanh() @ W2 + b2
F.binary_cross_entropy_with_logits(logit, nn.from_numpy(T)).backward()
for name, hand, tensor in zip(("W1", "b1", "W2", "b2"), by_hand, tensors, strict=True):
    assert np.allclose(hand, tensor.grad.numpy())
    print(f"{name} {hand.shape}: by hand = backward()")

# %% [markdown]
# ## 5.8 Train it
#
# Four hidden units, a rate of 0.5, a thousand steps over all four points: forwards, backwards, a step for each of the
# four parameters. Along the way we put aside how the network is after 0, 40, 80 and 1,000 steps. Two networks are
# trained, which differ in nothing but the random numbers that they start from.


# %%
def train(seed, steps=1001, lr=0.5):
    """The loss of every step, and the parameters after some of them."""
    draw = np.random.default_rng(seed)
    parameters = [draw.normal(size=(2, 4)), np.zeros(4), draw.normal(size=(4, 1)), np.zeros(1)]  # W1, b1, W2, b2
    losses, kept = [], {}
    for step in range(steps):
        h, p = forward(*parameters)
        losses.append(-np.mean(T * np.log(p) + (1 - T) * np.log(1 - p)))
        if step in (0, 40, 80, 1000):
            kept[step] = [a.copy() for a in parameters]
        for parameter, gradient in zip(parameters, backward(h, (p - T) / 4, parameters[2]), strict=True):
            parameter -= lr * gradient
    return losses, kept, p


# %%
losses, kept, p = train(seed=7)
unlucky, _, stuck = train(seed=0)
floor = np.full(1001, np.log(2))
pictures.curves(None, {"one start": losses, "another": unlucky, "ln 2, the floor of one unit": floor},
                style=["-", "-", "--"], log="y", xlabel="step", ylabel="cross-entropy")  # fmt: skip
assert losses[-1] < 0.01
assert unlucky[-1] > 0.3
print("one start:", p.ravel().round(3), "  another:", stuck.ravel().round(3))

# %% [markdown]
# The first network lingers at the floor of one unit for some forty steps, as if it had to find out first that it has
# a second layer. Then it falls. This long flat stretch with a sudden fall is a common sight, in large networks too: a
# **plateau**. It is the reason for not giving up a training too early. The second network falls, too, but gets stuck
# at 0.35. That is half of $\ln 2$: of two points it is sure, and of the other two it says one half. More about it in
# the next section.
#
# What has the first one drawn? Red is "1", blue is "0".

# %%
for axis, (step, (W1, b1, W2, b2)) in zip(pictures.panels(4, size=(2.3, 2.3)), kept.items(), strict=True):
    hidden = lambda at, W1=W1, b1=b1: np.tanh(at @ W1 + b1)
    pictures.plane(lambda at, W2=W2, b2=b2, hidden=hidden: 2 * sigmoid(hidden(at) @ W2 + b2) - 1,
                   (-0.5, 1.5), (-0.5, 1.5), axis=axis, xlabel="", ylabel="")  # fmt: skip
    axis.plot(*X[T.ravel() == 1].T, "s", *X[T.ravel() == 0].T, "o", color="black", markersize=4)
    axis.set_title(f"step {step}")

# %% [markdown]
# ## 5.9 One run is an anecdote
#
# The start was drawn at random, with a seed that was kept because the picture is nice. Would another have worked?
# Train 100 networks with different seeds, and count those whose four probabilities all end within 0.05 of the target;
# and this for 1, 2, 3, 4 and 8 hidden units. A trick makes it fast: a further axis in front, so that all 100 are
# trained in the same loop. `@` and broadcasting do not mind.


# %%
def solved(hidden, networks=100, steps=1000, lr=1.0):
    draw = np.random.default_rng(0)
    W1, W2 = draw.normal(size=(networks, 2, hidden)), draw.normal(size=(networks, hidden, 1))
    b1, b2 = np.zeros((networks, 1, hidden)), np.zeros((networks, 1, 1))
    for _ in range(steps):
        h = np.tanh(X @ W1 + b1)  # (networks, 4, H)
        p = sigmoid(h @ W2 + b2)  # (networks, 4, 1)
        delta2 = (p - T) / 4
        delta1 = (delta2 @ W2.swapaxes(1, 2)) * (1 - h**2)
        W1 -= lr * X.T @ delta1
        b1 -= lr * delta1.sum(axis=1, keepdims=True)
        W2 -= lr * h.swapaxes(1, 2) @ delta2
        b2 -= lr * delta2.sum(axis=1, keepdims=True)
    return int(np.sum(np.abs(p - T).max(axis=(1, 2)) < 0.05))


counts = {str(hidden): solved(hidden) for hidden in (1, 2, 3, 4, 8)}
pictures.bars(counts, xlabel="hidden units", ylabel="solved, of 100")
assert counts["1"] == 0
assert counts["2"] < counts["3"] < counts["4"] <= counts["8"]

# %% [markdown]
# One hidden unit never makes it: tanh and sigmoid only rise, so the network is still one line. Two would be *enough*,
# as 5.5 showed, but descent finds them only about every other time; the others end on a plateau where the gradient is
# nearly zero. Spare units are not needed to *represent* the answer. They are needed to *find* it. That is true of
# large networks, too, and one reason why they are so large.
#
# What happens in the runs that fail? Two hidden units have become alike, or one has grown so large that its tanh is
# flat on all four points. The gradient is then nearly zero though the answer is wrong: the network stands on a
# plateau that has no way down nearby. With eight units it does not matter if a few are lost like that.
#
# ## 5.10 Why the start must be random
#
# Start with all weights equal, and all hidden units compute the same, get the same gradient, and stay equal for ever:
# four units that act as one. From zero it is worse. Then $h = 0$, so the gradient of $W_2$ is zero, and $W_2 = 0$, so
# nothing flows back to $W_1$.

# %%
equal = [np.full((2, 4), 0.5), np.zeros(4), np.full((4, 1), 0.5), np.zeros(1)]
zero = [np.zeros_like(a) for a in equal]
for start in (equal, zero):
    for _ in range(200):
        h, p = forward(*start)
        for parameter, gradient in zip(start, backward(h, (p - T) / 4, start[2]), strict=True):
            parameter -= gradient
assert np.allclose(equal[0], equal[0][:, :1])  # four columns, still the same
assert all(np.all(a == 0) for a in zero)
print("from equal weights:", forward(*equal)[1].ravel().round(3), "  from zero:", forward(*zero)[1].ravel())

# %% [markdown]
# **Random weights break the symmetry.** Biases may start at zero. How *large* the random weights should be is a
# question for deeper networks, and chapter 8 takes it up.
#
# ## 5.11 How far do two layers reach?
#
# Very far: with enough hidden units, one hidden layer comes as close as one likes to *any* continuous function on a
# bounded region (Cybenko, 1989). Each unit contributes one bend, and enough bends make any shape. The theorem says
# that the weights exist. It does not say how many units it takes, nor that descent finds them, and this chapter has
# shown how different these three questions are. More layers are not there to do the impossible; they do the same with
# fewer units, since what one layer has found is used many times over by the next.
#
# ## 5.12 In an interview
#
# - **Why can one unit not learn XOR?** It draws one line. The conditions for the two classes add up to a contradiction.
# - **What is the best it can do?** Three of four; squared error 0.25; cross-entropy $\ln 2$.
# - **What is backpropagation?** The chain rule from the loss downwards, each intermediate derivative once. It yields
#   gradients; updating is the optimiser's work.
# - **Why cross-entropy with a sigmoid?** The slope of the sigmoid cancels and $p - t$ is left, so confident mistakes
#   get a large gradient.
# - **Why random weights?** Equal units get equal gradients and stay equal.

# %% [markdown]
# ## Exercises
#
# `fromzero exercise start NAME` writes a file to fill in, `fromzero exercise check NAME` judges it; here,
# `check("NAME", globals())` does.
#
# - `sigmoid`, `binary_cross_entropy_with_logits`: values, gradients, inputs of 1,000.
# - `xor_is_not_linear`: 5.4. · `xor_mlp`: 5.6 to 5.8.
# - `drill_gradient_sign`, `drill_xor_one_unit`, `drill_missing_bias`: the article's three mistakes, to be found and
#   corrected.
# - `numerical_gradient`: how 5.3 found the sign.
#
# The first drill, solved: the sign in the first line, and with it all else.


# %%
def train_step(x, y, weights, learning_rate):
    output = sigmoid(x @ weights)
    error = output - y
    return weights - learning_rate * x.T @ (error * output * (1 - output))


check("drill_gradient_sign", globals())

# %% [markdown]
# ## Where this lives in the code
#
# - [nn/examples/xor.py](../nn/examples/xor.py): `fromzero train xor`, and `--as-printed` for the article's program.
# - [nn/kernels/activation.py](../nn/kernels/activation.py): sigmoid and tanh that do not overflow.
# - [nn/ops/activation.py](../nn/ops/activation.py): their derivatives, declared.
# - [nn/autograd/backward.py](../nn/autograd/backward.py): 5.6 for any graph.
# - [nn/testing.py](../nn/testing.py): difference quotients for gradients of your own.
