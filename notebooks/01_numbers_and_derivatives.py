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
# # 1 · Numbers and derivatives
#
# **Afterwards you can** compute any derivative in two ways, say why the two differ in the eighth digit, and trust
# neither until they agree.
#
# **You need** school algebra and a little Python; no calculus. **Time**: 35 minutes.
#
# A neural network learns by one question, asked millions of times: *if I turn this knob a little, how much does the
# result change?* The answer is a number, the derivative. This chapter is about that number: what it looks like, how a
# computer finds it, where the computer fails, and how knobs by the thousand are asked at once.
#
# Every claim is checked by an `assert`: a cell that runs without an error has told the truth. Change the numbers and
# run it again; that is what a notebook is for.

# %%
import itertools

import numpy as np

import nn
from nn.examples.pictures import curves, panels, plane, points

# %% [markdown]
# ## 1.1 Seen from close up, a curve is a line
#
# Here is a curve, and the same curve again, each time ten times closer to the same point.


# %%
def f(x):
    return x**3 - 2 * x + 1


for width, axis in zip((2.0, 0.2, 0.02), panels(3, size=(3, 2.6)), strict=True):
    x = np.linspace(1 - width, 1 + width, 200)
    curves(x, {"": f(x)}, marks={"": (1, f(1))}, title=f"{2 * width:g} wide", axis=axis)

# %% [markdown]
# The closer we look, the less is left of the bend. At the right there is nothing to see but a straight line, and a
# straight line has *one* property: how steep it is. If $x$ grows by 0.01 there, $f$ grows by about 0.01 too. So its
# slope is 1.
#
# This is worth a moment. The curve was made of a cube and a product, and yet everything that matters about it near
# one point fits into one number. Whoever knows the height and the slope at 1 can predict the height at 1.01 without
# computing a cube. A network with a million weights is such a curve too, in a million directions, and the same is
# true of it: near the weights that it has now, one slope for each weight tells what any small change of them will do.
#
# That number is the **derivative** of $f$ at the point 1, written $f'(1)$. The whole of differential calculus rests on
# what the picture shows: close up, a smooth function is a line, and lines are easy.
#
# ## 1.2 The difference quotient
#
# Without a magnifying glass: take a second point on the curve, at a distance $h$, and draw the line through both. Then
# let the second point come closer.

# %%
x = np.linspace(0.4, 2.1, 100)
lines = {"f": f(x)}
for h in (1.0, 0.5, 0.1):
    slope = (f(1 + h) - f(1)) / h
    lines[f"h = {h:g}: slope {slope:.2f}"] = f(1) + slope * (x - 1)
curves(x, lines, style=["-", "--", "--", "--"], marks={"": (1, f(1))}, xlabel="x")

# %% [markdown]
# The slope of such a line is rise over run, the **difference quotient**. The derivative is what it tends to as $h$
# goes to zero:
#
# $$f'(x) = \lim_{h \to 0} \frac{f(x + h) - f(x)}{h}.$$
#
# The limit is needed because $h = 0$ itself gives $0/0$. We do not ask for the quotient *at* zero, but which number
# it comes as close to as we like. For our $f$ this can be done with a pencil. Multiply out $(1+h)^3 = 1 + 3h + 3h^2 +
# h^3$, and the quotient at 1 is $1 + 3h + h^2$. As $h$ vanishes, 1 remains. The computer agrees, as far as it goes:

# %%
for h in (1.0, 0.1, 0.01, 0.001):
    quotient = (f(1 + h) - f(1)) / h
    print(f"h = {h:<6g} quotient = {quotient:.6f}")
    assert np.isclose(quotient, 1 + 3 * h + h**2)

# %% [markdown]
# ## 1.3 The derivative is a function, too
#
# We may ask at every point, not at 1 alone. Then the slopes are a new function, $f'$. Read the two pictures together:
# where the upper curve climbs, the lower one is above zero; where the upper one has a top or a bottom, the lower one is
# zero.

# %%
x = np.linspace(-1.7, 1.7, 200)
slopes = 3 * x**2 - 2
flat = np.sqrt(2 / 3)
above, below = panels(1, 2, size=(5, 2), sharex=True)
curves(x, {"f": f(x)}, marks={"top": (-flat, f(-flat)), "bottom": (flat, f(flat))}, axis=above)
curves(x, {"f'": slopes, "_zero": 0 * x}, style=["-", ":"], marks={"": (-flat, 0), " ": (flat, 0)}, axis=below)
assert np.allclose((f(x + 1e-6) - f(x)) / 1e-6, slopes, atol=1e-4)

# %% [markdown]
# Nobody computes a limit each time. From the definition one derives a few rules once, and then differentiates by rule:
#
# | function | derivative | in words |
# |---|---|---|
# | $c$ | $0$ | what does not move has no slope |
# | $x^n$ | $n\,x^{n-1}$ | the exponent comes down |
# | $e^x$ | $e^x$ | it grows as fast as it is large |
# | $\ln x$ | $1/x$ | steep near zero, flat far out |
# | $u + v$ | $u' + v'$ | effects add up |
# | $u\,v$ | $u'v + u\,v'$ | move one, hold the other, add |
#
# The rule for a product deserves a look, since backpropagation will use it all day. A rectangle has the sides $u$ and
# $v$. If both grow a little, two strips are added to its area, $u'v$ and $u\,v'$. The small square in the corner is the
# product of two small numbers, and in the limit it counts for nothing.
#
# Five rules and their limits, side by side:

# %%
rules = {
    "x^3": (lambda x: x**3, lambda x: 3 * x**2),
    "e^x": (np.exp, np.exp),
    "ln x": (np.log, lambda x: 1 / x),
    "x^3 + e^x": (lambda x: x**3 + np.exp(x), lambda x: 3 * x**2 + np.exp(x)),
    "x^3 * e^x": (lambda x: x**3 * np.exp(x), lambda x: 3 * x**2 * np.exp(x) + x**3 * np.exp(x)),
}
for name, (function, derivative) in rules.items():
    quotient = (function(1.5 + 1e-6) - function(1.5)) / 1e-6
    print(f"{name:10s} by rule {derivative(1.5):8.4f}   by quotient {quotient:8.4f}")
    assert np.isclose(quotient, derivative(1.5), rtol=1e-5)

# %% [markdown]
# ## 1.4 A better quotient
#
# The quotient looks to the right only, and so it is pulled off by the bend of the curve. Look to both sides instead,
# and the bend to the left cancels the bend to the right:
#
# $$f'(x) \approx \frac{f(x + h) - f(x - h)}{2h}.$$
#
# This is the **central difference**. How much better is it? We take $e^x$ at 1, where the right answer is $e$, and look
# at the error for smaller and smaller $h$.


# %%
def forward(f, x, h):
    return (f(x + h) - f(x)) / h


def central(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


h = np.geomspace(1, 1e-4, 30)
errors = {kind.__name__: np.abs(kind(np.exp, 1.0, h) - np.e) for kind in (forward, central)}
curves(h, errors, log="xy", style=".-", xlabel="h", ylabel="error of the derivative")

# %% [markdown]
# Both axes count in powers of ten, so a power of $h$ is a straight line, and its steepness is the exponent. The forward
# error falls like $h$: a tenth of the step, a tenth of the error. The central error falls like $h^2$: a tenth of the
# step, a *hundredth* of the error.
#
# The reason is Taylor's formula, which says what is left when a curve is replaced by a line, a parabola, and so on:
#
# $$f(x \pm h) = f(x) \pm h\,f'(x) + \frac{h^2}{2} f''(x) \pm \frac{h^3}{6} f'''(x) + \dots$$
#
# In the forward quotient $\frac{h}{2}f''$ remains. In the central one that term is the same on both sides and
# disappears, and $\frac{h^2}{6}f'''$ remains.

# %%
for kind, exponent in ((forward, 1), (central, 2)):
    ratio = abs(kind(np.exp, 1.0, 1e-2) - np.e) / abs(kind(np.exp, 1.0, 1e-3) - np.e)
    print(f"{kind.__name__:8s} a tenth of the step, the error divided by {ratio:.1f}")
    assert np.isclose(ratio, 10**exponent, rtol=0.02)

# %% [markdown]
# ## 1.5 The numbers of a computer have gaps
#
# If smaller is better, why not $h = 10^{-15}$? Because a computer's numbers are not the numbers of mathematics. A
# `float64` is kept in 64 bits: one for the sign, 11 for a power of two, and 52 for the digits behind the leading one.
# So it is a number in scientific notation, with 53 binary digits, about 16 decimal ones. Between two neighbours there
# is nothing.

# %%
x = np.geomspace(1e-3, 1e6, 2000)
gaps = {"float64": np.spacing(x), "float32": np.spacing(x.astype(np.float32))}
curves(x, gaps, log="xy", xlabel="a number", ylabel="distance to the next one")

# %% [markdown]
# The gaps grow in proportion to the number, in steps, at each power of two. What is constant is the *relative* gap,
# $\varepsilon = 2^{-52} \approx 2.2 \cdot 10^{-16}$ for `float64`, and $2^{-23} \approx 1.2 \cdot 10^{-7}$ for
# `float32`, in which networks are usually trained. Every result is rounded to the nearest number that exists:

# %%
assert 1.0 + 1e-16 == 1.0  # less than half a gap: nothing happens
assert 0.1 + 0.2 != 0.3  # none of the three exists in binary; each is its nearest neighbour
assert np.float32(16_777_216) + np.float32(1) == np.float32(16_777_216)  # 2^24: a counter that stops counting
print(f"0.1 is in fact {0.1:.20f}")

# %% [markdown]
# ## 1.6 Why smaller is worse, from 1e-8 on
#
# Now the experiment of 1.4 again, all the way down.

# %%
h = np.geomspace(1, 1e-15, 91)
errors = {kind.__name__: np.abs(kind(np.exp, 1.0, h) - np.e) + 1e-17 for kind in (forward, central)}
curves(h, errors, log="xy", style=".-", xlabel="h", ylabel="error of the derivative")

# %% [markdown]
# Read the picture from the left, where $h$ is tiny, to the right. At the right is what we know: the straight lines of
# Taylor's formula. At the left the error *grows* as $h$ shrinks, and it jitters. There the quotient subtracts two
# numbers that agree in nearly all their digits. What they agree in cancels; what is left is mostly rounding error,
# about $\varepsilon$, and the division by $h$ blows it up to $\varepsilon / h$.
#
# So there are two errors, and the best step balances them:
#
# - forward: $h + \varepsilon / h$ is least at $h = \sqrt{\varepsilon} \approx 10^{-8}$. Half of the 16 digits are lost.
# - central: $h^2 + \varepsilon / h$ is least at $h = \sqrt[3]{\varepsilon} \approx 10^{-5}$. A third is lost.
#
# Two facts to keep. In `float64`, take the central difference with $h$ about $10^{-6}$ to $10^{-5}$. In `float32` a
# third of seven digits is lost, too, and the four or five that remain cannot tell a small mistake from rounding. So
# gradients are checked in `float64`, whatever the training uses.

# %%
assert h[errors["forward"].argmin()] < 3e-7
assert 1e-7 < h[errors["central"].argmin()] < 1e-3
assert errors["central"].min() < 0.1 * errors["forward"].min()
assert forward(np.exp, 1.0, 1e-17) == 0.0  # 1 + 1e-17 is 1: the difference of a number and itself

# %% [markdown]
# ## 1.7 Four traps of floating point
#
# The same thing happens wherever numbers are added and subtracted, and networks do little else. Four traps account for
# nearly every `nan` that you will meet.
#
# **Cancellation.** For small $x$, `log(1 + x)` first rounds $x$ away in $1 + x$. The library has `log1p` for that.

# %%
x = np.geomspace(1e-18, 1e-3, 60)
truth = x - x**2 / 2 + x**3 / 3 - x**4 / 4 + x**5 / 5 - x**6 / 6
wrong = {"log(1 + x)": np.abs(np.log(1 + x) / truth - 1), "log1p(x)": np.abs(np.log1p(x) / truth - 1)}
curves(x, {name: error + 1e-17 for name, error in wrong.items()}, log="xy", xlabel="x", ylabel="relative error")
assert wrong["log(1 + x)"][0] == 1.0  # wrong by 100 %

# %% [markdown]
# **Overflow.** `exp(710)` is larger than the largest `float64`, and in `float32` `exp(89)` is. The softmax of chapter 6
# divides exponentials; it subtracts the maximum first, which changes nothing in the fraction and everything in the
# computer.
#
# **Absorption.** A small number added to a large one is lost, in part or whole. A running sum in `float32` stalls.
# `np.sum` adds in pairs, and so keeps the partial sums small.
#
# **Contagion.** `inf - inf` and `0 * inf` are `nan`, and everything that touches `nan` becomes `nan`. Look for the
# first one, not for the last.

# %%
scores = np.array([1000.0, 1001.0])
with np.errstate(over="ignore", invalid="ignore"):
    naive = np.exp(scores) / np.exp(scores).sum()
shifted = np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()
assert np.isnan(naive).all()
print("softmax of 1000 and 1001: naively", naive, " with the maximum subtracted", shifted.round(4))

tenths = np.full(1_000_000, 0.1, np.float32)
in_a_row, in_pairs = np.cumsum(tenths)[-1], tenths.sum()
print(f"a million tenths in float32: one after the other {in_a_row:.0f}, in pairs {in_pairs:.0f}")
assert abs(in_a_row - 100_000) > 100 > 1 > abs(in_pairs - 100_000)

# %% [markdown]
# ## 1.8 The chain rule: slopes multiply
#
# A network is a function of a function of a function. Think of two gears. If the first turns three times as fast as
# your hand, and the second twice as fast as the first, the second turns six times as fast as your hand. Nothing else is
# in the chain rule.
#
# The picture shows three number lines. A small interval around 1 is first mapped by $u = x^2$, which stretches it by
# $u' = 2$ there, and then by $y = 3u$, which stretches by 3.

# %%
axis = panels(size=(5.5, 2.6))
for start in np.linspace(0.8, 1.2, 9):
    axis.plot([start, start**2, 3 * start**2], [2, 1, 0], ".-", color="tab:blue", linewidth=0.8)
_ = axis.set(yticks=[2, 1, 0], yticklabels=["x", "u = x²", "y = 3u"], title="an interval, stretched twice")

# %% [markdown]
# As a formula, once in each of the two usual notations:
#
# $$\frac{d}{dx} f(g(x)) = f'(g(x))\; g'(x), \qquad \frac{dy}{dx} = \frac{dy}{du}\,\frac{du}{dx}.$$
#
# Mind where each slope is taken: $f'$ at $g(x)$, not at $x$. This is why a network keeps the results of its layers
# until the backward pass: it needs the places at which the slopes are to be computed.
#
# Let us take a whole neuron apart: $p = \sigma(z)$ with $z = w x + b$, and the squared error $L = (p - t)^2$. The chain
# has three links, and each link's slope is one line.


# %%
def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def error(w, x=2.0, b=0.5, t=1.0):
    return (sigmoid(w * x + b) - t) ** 2


w, x, b, t = -0.3, 2.0, 0.5, 1.0
z = w * x + b
p = sigmoid(z)
dL_dp = 2 * (p - t)
dp_dz = p * (1 - p)  # the derivative of the sigmoid, by its own value
dz_dw = x
dL_dw = dL_dp * dp_dz * dz_dw

print(f"dL/dp = {dL_dp:.4f}   dp/dz = {dp_dz:.4f}   dz/dw = {dz_dw:.4f}   product {dL_dw:.6f}")
print(f"central difference                                     {central(error, w, 1e-6):.6f}")
assert np.isclose(dL_dw, central(error, w, 1e-6), rtol=1e-8)

# %% [markdown]
# The slope is negative: a larger $w$ makes the error smaller. That sign is all that the training needs to know in order
# to turn the knob the right way.
#
# ## 1.9 Several knobs: partial derivatives
#
# With two variables a function is a landscape. Here is one, as a map: the lines join places of equal height, like the
# contour lines of a hiking map. Through the marked point we cut it twice, once from west to east, once from south to
# north.


# %%
def valley(at):
    """Height at points (..., 2)."""
    return at[..., 0] ** 2 + 3 * at[..., 1] ** 2 + at[..., 0] * at[..., 1]


here = np.array([1.0, 0.5])
s = np.linspace(-1, 1, 100)
cuts = {"along x1": valley(np.stack([1 + s, 0 * s + 0.5], 1)), "along x2": valley(np.stack([0 * s + 1, 0.5 + s], 1))}
left, right = panels(2)
plane(valley, (-2, 2), (-2, 2), levels=[0.5, 1, 2, 4, 8, 12], where=[here], axis=left)
curves(s, cuts, marks={"": (0, valley(here))}, xlabel="distance from the point", axis=right)

# %% [markdown]
# Each cut is a function of one variable, with one slope. To find it, hold the other variable still, as if it were a
# plain number. These are the **partial derivatives**, written with a round d:
#
# $$f = x_1^2 + 3x_2^2 + x_1 x_2, \qquad
# \frac{\partial f}{\partial x_1} = 2x_1 + x_2, \qquad \frac{\partial f}{\partial x_2} = 6x_2 + x_1.$$
#
# At $(1, 0.5)$ they are 2.5 and 4: the cut along $x_2$ is the steeper one, as the picture says.


# %%
def slopes_of(at):
    return np.stack([2 * at[..., 0] + at[..., 1], 6 * at[..., 1] + at[..., 0]], axis=-1)


assert slopes_of(here).tolist() == [2.5, 4.0]
assert np.isclose(central(lambda x1: valley(np.array([x1, 0.5])), 1.0, 1e-6), 2.5)
assert np.isclose(central(lambda x2: valley(np.array([1.0, x2])), 0.5, 1e-6), 4.0)

# %% [markdown]
# ## 1.10 The gradient: all of them, as an arrow
#
# Put the partial derivatives into one vector and draw it at its point. Do that at many points, and see how the arrows
# stand to the contour lines.

# %%
axis = panels(size=(4.6, 3.6))
plane(valley, (-2, 2), (-2, 2), levels=[0.5, 1, 2, 4, 8, 12], axis=axis)
places = np.stack(np.meshgrid(np.linspace(-1.6, 1.6, 7), np.linspace(-1.6, 1.6, 7)), axis=-1).reshape(-1, 2)
axis.quiver(*places.T, *slopes_of(places).T, color="tab:red", width=0.005)
_ = axis.set(aspect="equal", title="gradients: uphill, and across the lines")

# %% [markdown]
# Far from the middle they are long, at the bottom they vanish: a place where all partial derivatives are zero is
# level ground, and that is where the search for a minimum ends. They cross the lines at right angles, they point
# uphill, and they are long where the lines are close. This is the **gradient**:
#
# $$\nabla f = \left(\frac{\partial f}{\partial x_1}, \dots, \frac{\partial f}{\partial x_n}\right).$$
#
# Why uphill? Close up the landscape is a plane, so a small step $d$ changes the height by
#
# $$f(x + d) - f(x) \approx \nabla f \cdot d = |\nabla f|\,|d| \cos\alpha .$$
#
# Among all steps of the same length, the one along the gradient gains most, since there $\cos\alpha = 1$. Straight
# against it loses most. Across it nothing changes: that is a contour line. We walk once around the point, and look:

# %%
angle = np.linspace(0, 2 * np.pi, 361)
step = 1e-4 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
gain = (valley(here + step) - valley(here)) / 1e-4
gradient = slopes_of(here)
steepest = np.degrees(np.arctan2(gradient[1], gradient[0]))
best = (steepest, np.linalg.norm(gradient))
curves(np.degrees(angle), {"": gain}, marks={"along the gradient": best}, xlabel="direction, degrees", ylabel="slope")
assert abs(np.degrees(angle[gain.argmax()]) - steepest) <= 1
assert np.isclose(gain.max(), np.linalg.norm(gradient), rtol=1e-3)

# %% [markdown]
# ## 1.11 Downhill
#
# Two variables can be drawn; a network has as many as it has weights. Nothing changes. The gradient is then a list of a
# million numbers, each the slope along one axis, and together they still are the one direction in which the function
# grows fastest. The picture is lost, the arithmetic stays.
#
# To make a number small, go against its gradient, a little at a time. This is **gradient descent**, and it is how every
# network in this course learns. The loop does two things: compute the gradient, take a step.

# %%
at = np.array([-1.8, 1.6])
path = [at]
for _ in range(25):
    at = at - 0.1 * slopes_of(at)  # the learning rate is 0.1
    path.append(at)

axis = panels(size=(4.6, 3.4))
plane(valley, (-2, 2), (-2, 2), levels=[0.5, 1, 2, 4, 8, 12], axis=axis)
points(path, path=True, axis=axis)
heights = [valley(at) for at in path]
assert all(later < earlier for earlier, later in itertools.pairwise(heights))
print(f"height at the start {heights[0]:.3f}, after 25 steps {heights[-1]:.6f}")

# %% [markdown]
# Why a small step? The gradient is a promise for the neighbourhood only. Too large a step lands on the far side of the
# valley, higher than before. Chapter 4 finds the exact limit.
#
# ## 1.12 Trust, but check
#
# A derivative worked out by hand is wrong more often than one would like: a sign, a factor 2, a transposed matrix. The
# program still runs, the loss may even fall, only not as it should. So compare each of your own gradients with
# differences, one variable at a time.


# %%
def numerical_gradient(f, x, h=1e-5):
    x = np.array(x, float)
    gradient = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        kept = x[place]
        x[place] = kept + h
        above = f(x)
        x[place] = kept - h
        below = f(x)
        x[place] = kept
        gradient[place] = (above - below) / (2 * h)
    return gradient


# %% [markdown]
# Compare with a *relative* measure, since gradients may be large or tiny: $|a - b| / \max(|a|, |b|)$. Below $10^{-7}$
# all is well; above $10^{-3}$ something is wrong. In between, suspect a kink such as that of `abs` or ReLU near the
# point.
#
# Four candidates for the gradient of the valley. Only one is right:

# %%
candidates = {
    "right": slopes_of,
    "sign": lambda x: -slopes_of(x),
    "half": lambda x: slopes_of(x) / 2,
    "no mixed term": lambda x: np.array([2 * x[0], 6 * x[1]]),
}
numerical = numerical_gradient(valley, here)
for name, candidate in candidates.items():
    by_hand = candidate(here)
    distance = np.linalg.norm(by_hand - numerical) / max(np.linalg.norm(by_hand), np.linalg.norm(numerical))
    print(f"{name:14s} {'agrees' if distance < 1e-7 else f'relative distance {distance:.3f}'}")
    assert (distance < 1e-7) == (name == "right")

# %% [markdown]
# Why not train with such differences? They cost two evaluations of the whole function *for each variable*. A small
# language model has $10^8$. Backpropagation, the subject of the next chapter, gets the entire gradient for the price of
# about two or three evaluations, however many variables there are. Differences are the judge, not the engine.
#
# `nn.testing.gradcheck` is that judge for functions of tensors. It compares the gradients that `nn` computes with
# central differences in `float64`, and it tells you which element is off.

# %%
x = nn.tensor([1.0, 0.5], dtype=nn.float64, requires_grad=True)
assert nn.testing.gradcheck(lambda x: x[0] ** 2 + 3 * x[1] ** 2 + x[0] * x[1], x)

value = x[0] ** 2 + 3 * x[1] ** 2 + x[0] * x[1]
value.backward()
print("by nn, without a formula for the derivative:", x.grad.tolist())
assert x.grad.tolist() == slopes_of(here).tolist()

# %% [markdown]
# ## Exercises
#
# Start one with `fromzero exercise start NAME`, or write the functions in a cell and check them there.
#
# - `numerical_gradient`: the function of 1.12, for arrays of any shape; integers and 0-d arrays included.
# - `sigmoid`: a sigmoid that does not overflow, and its derivative.
# - `drill_gradient_sign`: a training loop that climbs. Find the sign.
#
# Our own function stands the first one:

# %%
from nn.exercises import check

report = check("numerical_gradient", globals())
assert report.ok
report

# %% [markdown]
# And two to do with a pencil. (a) Derive $(u v w)'$ from the product rule, and say what the pattern is. (b) The
# complex step $f'(x) \approx \operatorname{Im} f(x + ih) / h$ subtracts nothing, so $h$ may be $10^{-100}$. Try it
# with `np.exp`; the method is due to Squire and Trapp, *SIAM Review* 40, 1998.

# %%
assert np.isclose(np.exp(1 + 1e-100j).imag / 1e-100, np.e, rtol=1e-15)

# %% [markdown]
# ## Where this lives in the code
#
# - [`nn/testing.py`](../nn/testing.py): `numerical_gradient`, `gradcheck`, and `assert_gradients_match` for functions
#   of your own; the page [testing your own backward](../docs/en/guides/own_backward.md) shows them.
# - [`nn/checking/differences.py`](../nn/checking/differences.py): how the step is chosen, and what noise and kinks do.
# - [`nn/examples/pictures.py`](../nn/examples/pictures.py): the drawing of this course.
#
# Further reading: N. Higham, *Accuracy and Stability of Numerical Algorithms*, 2002, chapter 1; D. Goldberg, "What
# every computer scientist should know about floating-point arithmetic", *ACM Computing Surveys* 23, 1991.
#
# Next: [a tape in sixty lines](02_scalar_tape.ipynb), which applies the chain rule by itself.
