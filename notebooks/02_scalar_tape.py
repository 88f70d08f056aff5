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
# # 2 · A tape in sixty lines
#
# **Afterwards you can** write automatic differentiation yourself, and explain why the nodes must be visited in one
# order and no other.
#
# **You need** [chapter 1](01_numbers_and_derivatives.ipynb): the chain rule and the check by differences.
# **Time**: 35 minutes.
#
# In chapter 1 we took one neuron apart by hand, link by link. Nobody does that for a network of a million weights.
# But notice how mechanical it was: each step was a sum, a product or a function from a table, each had a known slope,
# and the slopes were multiplied. A machine can do that. It needs to remember what was computed, in the order in which
# it was computed: a **tape**. Then it runs the tape backwards.
#
# That idea is S. Linnainmaa's (1970); under the name of backpropagation it became famous with Rumelhart, Hinton and
# Williams, *Nature* 323, 1986. Every framework is built on it.

# %%
import itertools
import math

import numpy as np

import nn
from nn.examples.pictures import curves, graph, panels, points

# %% [markdown]
# ## 2.1 A computation is a graph
#
# Here is the error of a linear neuron, $L = (w x + b - t)^2$, drawn as what the computer does. Each box is a number.
# Each arrow says: this number was used to make that one.

# %%
boxes = {"w": "w = 3", "x": "x = 2", "b": "b = 1", "t": "t = 5", "m": "w x = 6", "y": "+ b = 7", "d": "- t = 2"}
boxes["L"] = "squared = 4"
arrows = [("w", "m"), ("x", "m"), ("m", "y"), ("b", "y"), ("y", "d"), ("t", "d"), ("d", "L")]
graph(boxes, arrows, marked=["L"])

# %% [markdown]
# Such a picture leaves out everything that does not matter for the question: in which function the code stood, what the
# variables were called, how long it took. What is left is who was made of whom.
#
# At the left are the numbers given from outside, the **leaves**: weights, inputs, targets. At the right is the one
# number that we want to make small. The computation runs from left to right, this is the **forward** pass.
#
# ## 2.2 Every arrow has a slope
#
# How much does a box change if the box before it changes by a little? For a single step this is school knowledge. Write
# it beside each arrow:
#
# - a sum: 1 for both parts (and $-1$ for what is subtracted);
# - a product $w x$: for $w$ it is $x = 2$, for $x$ it is $w = 3$;
# - a square of $d$: $2d = 4$.

# %%
slopes = dict(zip(arrows, ["2", "3", "1", "1", "1", "-1", "4"], strict=True))
graph(boxes, slopes, marked=["L"])

# %% [markdown]
# These are the **local slopes**. They are known the moment that a step is computed, since everything they depend on
# is there. The chain rule now reads: *the slope of $L$ by any leaf is the product of the local slopes on the way*.
# For $w$: $2 \cdot 1 \cdot 1 \cdot 4 = 8$. For $b$: $1 \cdot 1 \cdot 4 = 4$. For $x$: $3 \cdot 1 \cdot 1 \cdot 4 =
# 12$.


# %%
def loss(w, x, b, t):
    return (w * x + b - t) ** 2


h = 1e-6
assert np.isclose((loss(3 + h, 2, 1, 5) - loss(3 - h, 2, 1, 5)) / (2 * h), 8)
assert np.isclose((loss(3, 2 + h, 1, 5) - loss(3, 2 - h, 1, 5)) / (2 * h), 12)
assert np.isclose((loss(3, 2, 1 + h, 5) - loss(3, 2, 1 - h, 5)) / (2 * h), 4)

# %% [markdown]
# Look at how much the three products have in common. The factor $1 \cdot 4$ at the right end is in all of them.
# Working from the right to the left, we multiply it out once, and hand it on. That is the whole economy of the
# **backward** pass.
#
# ## 2.3 Two ways to the same place
#
# Now a number that is used twice: $y = x^2 + 3x$.

# %%
boxes = {"x": "x = 2", "s": "x² = 4", "p": "3x = 6", "y": "y = 10"}
graph(boxes, {("x", "s"): "4", ("x", "p"): "3", ("s", "y"): "1", ("p", "y"): "1"}, marked=["y"])

# %% [markdown]
# If $x$ moves by a little, $y$ moves for two reasons: through the upper box by $4 \cdot 1$, and through the lower one
# by $3 \cdot 1$. Both happen, so they **add up**: the slope is 7, and indeed $2x + 3 = 7$.
#
# This is the full chain rule: *multiply along each way, and add up over all ways*,
#
# $$\frac{\partial y}{\partial x} = \sum_{\text{ways } x \to y} \; \prod_{\text{arrows on it}} \text{slope}.$$
#
# A program that *sets* a gradient, where it should *add* to it, finds 3 or 4 here, depending on which way comes last.
# It is the first of the two classic mistakes. Weights that a network uses twice, as recurrent nets do at each step,
# would all learn wrongly.
#
# ## 2.4 Too many ways to count
#
# Take the formula literally, and it is useless. Let $x$ be doubled by adding it to itself, and the result again:

# %%
boxes = {0: "x"} | {k: f"{2**k} x" for k in range(1, 4)} | {4: "16 x"}
axis = panels(size=(7, 1.6))
graph(boxes, [(k, k + 1) for k in range(4)], axis=axis)
for k in range(4):
    arrow = {"arrowstyle": "->", "color": "grey", "shrinkA": 14, "shrinkB": 14, "connectionstyle": "arc3,rad=-0.4"}
    axis.annotate("", (k + 1, 0), (k, 0), arrowprops=arrow)

# %% [markdown]
# Each box has two arrows from the box before, so there are $2 \cdot 2 \cdot 2 \cdot 2 = 16$ ways, for 8 arrows. With
# thirty boxes there are a billion ways and sixty arrows:

# %%
depth = np.arange(1, 31)
curves(depth, {"ways": 2.0**depth, "arrows": 2 * depth}, log="y", xlabel="boxes", title="ways and arrows")
assert 2**30 > 1e9

# %% [markdown]
# Going box by box instead, each arrow is used once. For every box we ask: *how much does the result change if this box
# changes?* Call that number the box's **gradient**. It is the sum, over the arrows that leave the box, of the slope of
# the arrow times the gradient of the box that it leads to:
#
# $$g_u = \sum_{u \to v} \text{slope}_{uv} \; g_v, \qquad g_{\text{result}} = 1.$$
#
# Sixty multiplications instead of a billion. But the formula holds a trap, and it is the subject of this chapter: to
# compute $g_u$, *all* the $g_v$ that it needs must be finished.
#
# ## 2.5 The order matters
#
# Let us walk into the trap. We record each box as a plain list of arrows, and try three backward passes on
#
# $$a = 3x, \qquad b = a + x, \qquad y = a\,b .$$

# %%
x = 2.0
a = 3 * x
b = a + x
sources = {"y": [("a", b), ("b", a)], "b": [("a", 1.0), ("x", 1.0)], "a": [("x", 3.0)], "x": []}

boxes = {"x": "x = 2", "a": "a = 3x = 6", "b": "b = a + x = 8", "y": "y = a b = 48"}
graph(boxes, {(source, box): f"{slope:g}" for box in sources for source, slope in sources[box]}, marked=["y"])

# %% [markdown]
# With a pencil: $y = 3x \cdot 4x = 12x^2$, so the slope at 2 is 48.
#
# **First try: pass on at once.** Whenever something arrives at a box, the box passes its gradient on to its sources.


# %%
def pass_on_at_once(sources, result):
    gradient = dict.fromkeys(sources, 0.0)
    gradient[result] = 1.0
    calls = 0

    def visit(box):
        nonlocal calls
        calls += 1
        for source, slope in sources[box]:
            gradient[source] += slope * gradient[box]
            visit(source)

    visit(result)
    return gradient["x"], calls


slope, calls = pass_on_at_once(sources, "y")
print(f"slope by x: {slope:g}, after {calls} visits; right is 48")
assert slope != 48

# %% [markdown]
# Wrong. Follow box $a$: it first receives $b = 8$ from $y$ directly, and passes 8 on to $x$. Then 6 more arrive
# through $b$, so its gradient is 14, and it passes *14* on. The first 8 have been delivered twice. **A box must not
# speak before it has heard everything.**
#
# **Second try: pass on only what is new.** Then nothing is delivered twice.


# %%
def pass_on_what_is_new(sources, result):
    gradient = dict.fromkeys(sources, 0.0)
    calls = 0

    def visit(box, new):
        nonlocal calls
        calls += 1
        gradient[box] += new
        for source, slope in sources[box]:
            visit(source, slope * new)

    visit(result, 1.0)
    return gradient, calls


gradient, calls = pass_on_what_is_new(sources, "y")
print(f"slope by x: {gradient['x']:g}, after {calls} visits")
assert gradient["x"] == 48

# %% [markdown]
# Right, but at a price: this walks along every way, and we know how many there are. On the chain of doublings:


# %%
def doublings(n):
    return {0: [], **{k: [(k - 1, 1.0), (k - 1, 1.0)] for k in range(1, n + 1)}}


visits = [pass_on_what_is_new(doublings(n), n)[1] for n in range(1, 16)]
curves(range(1, 16), {"visits": visits, "boxes": np.arange(2, 17)}, log="y", style=".-", xlabel="doublings")
assert visits == [2 ** (n + 1) - 1 for n in range(1, 16)]

# %% [markdown]
# **Third try: wait.** A box is visited only when every box that it leads to has been visited. Then its gradient is
# complete, it passes it on once, and every arrow is used once.


# %%
def in_order(sources, order):
    gradient = dict.fromkeys(sources, 0.0)
    gradient[order[0]] = 1.0
    for box in order:
        for source, slope in sources[box]:
            gradient[source] += slope * gradient[box]
    return gradient


for order in itertools.permutations("yabx"):
    if order[0] == "y":
        slope = in_order(sources, order)["x"]
        print(" ".join(order), f"  slope {slope:g}", "  right" if slope == 48 else "")

# %% [markdown]
# Three of the six are right, and one sees which: those in which $b$ is visited before $a$. (Where $x$ stands does not
# matter here, since it has nothing to pass on to; it must only have been told by all before we read its gradient.) In
# general: a box may be visited when every box that it leads to has been visited. Such an order, from the result back to
# the leaves, is called a reverse **topological order**.
#
# It is tempting to take the boxes by their distance from the result instead, the near ones first. That is what a search
# in breadth does, and it is wrong: $a$ is one arrow away from $y$, as near as $b$, and may be taken first. The right
# measure is the *longest* way to the result, not the shortest.
#
# ## 2.6 The order comes for free
#
# How do we find such an order in any graph? Textbooks use a depth-first search. For a tape there is something
# simpler. A box can be made only of boxes that exist already. So number them as they are made: every arrow leads from
# a smaller number to a larger one. **The order of creation, backwards, is a right order, always.**

# %%
numbered = {"x": "1: x", "a": "2: a", "b": "3: b", "y": "4: y"}
graph(numbered, [(source, box) for box in sources for source, _ in sources[box]], title="visit 4, 3, 2, 1")
assert in_order(sources, ["y", "b", "a", "x"])["x"] == 48

# %% [markdown]
# Why is it right? Suppose that we visit the boxes by falling number and stand at $u$. Whatever $u$ leads to was made
# after it and has a larger number, so it has been visited. Nothing more can arrive at $u$. There is no more to the
# proof, and no search, no marks on the boxes, no recursion. (A graph with a circle would have no such order. A tape
# has no circles: a number cannot be made of one that does not exist yet.)
#
# This is why one speaks of a tape: it is recorded forwards, and played backwards. The engine of `nn` does the same.
#
# ## 2.7 The tape, whole
#
# Now we write it: a number that remembers what it was made of. Each operation makes a new `Value`, with an edge to each
# of its sources and the local slope on it. There is one line for each derivative, and nothing about any derivative in
# `backward`.


# %%
class Value:
    """A number that knows which numbers it was made of, and with which slope it follows each of them."""

    numbers = itertools.count()

    def __init__(self, data, edges=()):
        self.data = float(data)
        self.grad = 0.0
        self.edges = edges  # pairs (source, local slope)
        self.number = next(Value.numbers)

    def __add__(self, other):
        other = as_value(other)
        return Value(self.data + other.data, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        other = as_value(other)
        return Value(self.data * other.data, [(self, other.data), (other, self.data)])

    def __pow__(self, n):
        return Value(self.data**n, [(self, n * self.data ** (n - 1))])

    def tanh(self):
        y = math.tanh(self.data)
        return Value(y, [(self, 1 - y**2)])

    def exp(self):
        y = math.exp(self.data)
        return Value(y, [(self, y)])

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -as_value(other)

    def __truediv__(self, other):
        return self * as_value(other) ** -1

    def __rsub__(self, other):
        return as_value(other) - self

    __radd__, __rmul__ = __add__, __mul__

    def backward(self):
        """Add to the grad of every Value behind this one: d self / d that Value."""
        arrived = {self: 1.0}
        for value in sorted(behind(self), key=lambda value: value.number, reverse=True):
            gradient = arrived.pop(value)  # complete: all that it leads to have larger numbers
            value.grad += gradient
            for source, slope in value.edges:
                arrived[source] = arrived.get(source, 0.0) + slope * gradient


def as_value(x):
    return x if isinstance(x, Value) else Value(x)


def behind(value):
    """The value and everything it was made of; a list of what is still to be seen, so that no recursion grows deep."""
    seen, waiting = {value}, [value]
    while waiting:
        for source, _ in waiting.pop().edges:
            if source not in seen:
                seen.add(source)
                waiting.append(source)
    return seen


# %% [markdown]
# These are sixty lines, or a few more. Read `__mul__` once more: the value is the product, and the slope by each factor
# is the other factor. That is all that anybody ever has to know about multiplication in order to differentiate through
# it. Subtraction and division needed no slope of their own, they are made of what is there. A new function is one
# method of two lines.
#
# Notice also what the slopes are: plain numbers, computed while the formula runs. So `if` and `for` and recursion in
# *your* program make no difficulty whatever. The tape does not see the program, only the numbers that it produced
# this time. It differentiates the way that was taken.
#
# Four details are worth a look, because each is a mistake that people make.
#
# - **`+=`, not `=`**, both in `arrived` and in `grad`: ways add up.
# - **Only what is behind the result is visited**, not everything ever made.
# - **`arrived` is fresh for each call**, apart from `grad`. A second `backward()` *adds* to the `grad` of the first, as
#   PyTorch's does, but it does not pass the old gradients on again.
# - **No recursion.** A recursive search is a line shorter and fails on a chain of a thousand steps.

# %%
x = Value(2)
a = 3 * x
y = a * (a + x)
y.backward()
assert (y.data, x.grad) == (48, 48)

z = x = Value(0.5)
for _ in range(5000):
    z = z + 0.001
z.backward()
assert x.grad == 1.0

# %% [markdown]
# ## 2.8 Against the judge
#
# Chapter 1's rule: trust no gradient before differences have confirmed it. A formula that uses everything:


# %%
def formula(x, y, tanh, exp):
    return tanh(x * y + 3) / (1 + exp(-x)) - (x - y) ** 2


def plain(x, y):
    return formula(x, y, math.tanh, math.exp)


x, y = Value(0.7), Value(-1.3)
formula(x, y, Value.tanh, Value.exp).backward()
numerical = [(plain(0.7 + h, -1.3) - plain(0.7 - h, -1.3)) / (2 * h)]
numerical += [(plain(0.7, -1.3 + h) - plain(0.7, -1.3 - h)) / (2 * h)]
print(f"tape        {x.grad:.6f} {y.grad:.6f}")
print(f"differences {numerical[0]:.6f} {numerical[1]:.6f}")
assert np.allclose([x.grad, y.grad], numerical, rtol=1e-7)

# %% [markdown]
# Six digits agree. And if they did not? Then do not stare at the formula. Cut it in half, and ask the judge about
# each half alone; a wrong slope is found in as many questions as there are halvings, five for thirty operations.
# Choose numbers that are neither 0 nor 1 nor equal to each other, for with those a wrong slope is often right by
# accident: at 1, the slopes of $x^2$ and of $2x$ are the same.
#
# ## 2.9 It learns
#
# This is enough to train a network. The task is ten points on a sine, and the network has a hidden layer of four `tanh`
# units and one output. First the network, as a formula of `Value`s:

# %%
rng = np.random.default_rng(1)
xs = np.linspace(-2.5, 2.5, 10)
ts = np.sin(xs)

hidden = [(Value(rng.normal()), Value(rng.normal())) for _ in range(4)]  # weight and bias of each unit
output = [Value(rng.normal() / 2) for _ in range(5)]  # a weight for each unit, and the bias
parameters = [p for pair in hidden for p in pair] + output


def network(x):
    units = [(w * x + b).tanh() for w, b in hidden]
    return sum((v * u for v, u in zip(output, units, strict=False)), output[-1])


before = [network(x).data for x in np.linspace(-2.5, 2.5, 40)]

# %% [markdown]
# Then comes the training. These five lines are the heart of every training loop in this course: compute the loss,
# forget the old gradients, go backwards, and move every parameter a little against its gradient.

# %%
losses = []
for _ in range(400):
    loss = sum((network(x) - t) ** 2 for x, t in zip(xs, ts, strict=True)) / len(xs)
    for p in parameters:
        p.grad = 0.0
    loss.backward()
    for p in parameters:
        p.data -= 0.2 * p.grad
    losses.append(loss.data)

# %%
left, right = panels(2)
curves(None, {"": losses}, log="y", xlabel="step", title="loss", axis=left)
line = np.linspace(-2.5, 2.5, 40)
after = [network(x).data for x in line]
curves(line, {"before": before, "after": after, "sine": np.sin(line)}, style=["--", "-", ":"], axis=right)
points(np.stack([xs, ts], axis=1), axis=right)
print(f"loss {losses[0]:.3f} before, {losses[-1]:.3f} after 400 steps")
assert losses[-1] < 0.03 < 0.3 < losses[0]

# %% [markdown]
# The network was never told what a sine is. It was told ten times, in each of 400 steps, by how much it is off, and in
# which direction each of its 13 numbers would make that smaller.
#
# Forget to set the gradients to zero, and each step goes against the sum of *all* gradients so far. It is the second
# classic mistake; it looks like a learning rate that is far too large.
#
# ## 2.10 Why backwards, and not forwards?
#
# One could also go from left to right: let one leaf move by 1, and compute for every box how much it moves. That is
# **forward mode**; it is simpler, needs no tape, and must be done once *for each leaf*. The backward pass must be done
# once *for each result*. A loss is one number and the weights are many, so backwards wins by as many times as there are
# weights. We count multiplications, one for each arrow of a layered network:

# %%
weights = np.array([10, 100, 1_000, 10_000, 100_000])
arrows_of_network = 2 * weights  # in a layer each weight has its product and its sum
counts = {"forward mode": weights * arrows_of_network, "backward": arrows_of_network}
curves(weights, counts, log="xy", style=".-", xlabel="weights", title="multiplications for the gradient")
assert np.all(counts["forward mode"] / counts["backward"] == weights)

# %% [markdown]
# Our network above has 13 parameters, so the choice would hardly matter. A language model of a hundred million would
# need, forwards, a hundred million passes over its own computation for one step of training. Backwards it needs one,
# which costs about twice as much as the forward pass: for each product there are two slopes to be used. That one fact
# is why such models exist.
#
# Forward mode has its own field: few inputs and many outputs, such as the way in which every point of a trajectory
# depends on one starting speed. `nn.func.jvp` computes such products.
#
# The price of going backwards is memory: the whole tape must be kept until it is played. That is why training a network
# takes so much more memory than using it.
#
# ## 2.11 The same with `nn`
#
# A tensor of `nn` records just like our `Value`, only that each box holds an array. `nn.draw` shows the tape, with the
# gradients in it (where your viewer draws Mermaid; elsewhere you see its text):

# %%
w = nn.tensor(3.0, requires_grad=True)
b = nn.tensor(1.0, requires_grad=True)
loss = (w * 2 + b - 5) ** 2
nn.draw(loss, names={"w": w, "b": b})

# %%
loss.backward()
assert (w.grad.item(), b.grad.item()) == (8, 4)  # as in 2.2

x = nn.tensor([0.7, -1.3], dtype=nn.float64, requires_grad=True)
formula(x[0], x[1], nn.tanh, nn.exp).backward()
assert np.allclose(x.grad.numpy(), numerical, rtol=1e-7)

# %% [markdown]
# Three things it does that ours does not. It frees the tape after `backward()`, so the memory comes back at once; a
# second call asks for `retain_graph=True`. It notices when an array was changed after it was recorded, and refuses
# rather than to compute with wrong slopes. And its slopes are not numbers but functions, so that arrays can be
# handled: that is the next chapter.

# %%
try:
    loss.backward()
except RuntimeError as error:
    print(error)
else:
    raise AssertionError("the tape should have been gone")

# %% [markdown]
# ## Exercises
#
# - `scalar_autograd` (`fromzero exercise start scalar_autograd`): write the class yourself, on an empty page. Ours
#   passes:

# %%
from nn.exercises import check

report = check("scalar_autograd", globals())
assert report.ok
report

# %% [markdown]
# And by yourself: (a) add `relu` and `log`; which slope does `relu` have at 0? (b) Sort by number in the *wrong*
# direction and look at which gradients come out wrong, and which right by luck. (c) Write forward mode: a number that
# carries its slope by one leaf along with it. It takes fifteen lines, and no order matters.
#
# ## Where this lives in the code
#
# - [`nn/autograd/tape.py`](../nn/autograd/tape.py): what is recorded, the node and its edges.
# - [`nn/autograd/backward.py`](../nn/autograd/backward.py): the loop that plays it backwards, in reverse order of
#   creation.
# - [`nn/drawing.py`](../nn/drawing.py): the picture of a tape.
# - [`nn/exercises/catalogue/scalar_autograd.py`](../nn/exercises/catalogue/scalar_autograd.py): the exercise, and the
#   wrong solutions that it recognises.
#
# Before: [numbers and derivatives](01_numbers_and_derivatives.ipynb). Next: [from the tape to
# tensors](03_tensors.ipynb).
