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
# # 3 · From tape to tensor
#
# **Afterwards you can** write the backward of any array operation, undo a broadcast, and read a table of derivatives.
#
# **You need** [chapter 2](02_scalar_tape.ipynb): the tape, and why the order matters. **Time**: 35 minutes.
#
# The tape of chapter 2 differentiates everything, and it is hopelessly slow: one box for each number. This chapter
# puts whole arrays into the boxes. The tape stays as it is. What changes is what stands on the arrows: where there
# was a slope, there will be a *rule*. We find the rules for all that a network is made of, see that they come in
# pairs, and meet the one rule that everybody gets wrong at first: broadcasting.

# %%
import itertools

import numpy as np

import nn
from nn.examples.pictures import bars, curves, heat, panels, plane

# %% [markdown]
# ## 3.1 Why arrays
#
# A single layer of a network for digits multiplies a batch of 64 images of 784 pixels by a matrix of 784 × 100. How
# many boxes are on the tape?

# %%
products = 64 * 784 * 100
boxes = {"one for each number": 2 * products, "one for each array": 2}
axis = panels()
bars(boxes, form="{:,.0f}", title="boxes on the tape, for one layer", axis=axis)
axis.set_yscale("log")

# %% [markdown]
# Ten million boxes, each a Python object, against two: a product of matrices and a sum. The arithmetic inside the two
# is done by compiled loops. To record a box costs about a microsecond even in the leanest framework; ten million of
# them cost ten seconds, for one layer and one step of training. This is the whole reason for tensors: *not other
# mathematics, fewer boxes*.
#
# ## 3.2 The gradient of an array is an array
#
# Let the loss $L$ be one number, and $X$ an array that it depends on. Then each element of $X$ has its own slope. Put
# the slopes where the elements stand, and you have the gradient: **an array of the same shape as $X$**. Here is $L =
# \sum_{ij} X_{ij}^2$; each element has the slope $2 X_{ij}$.

# %%
X = np.array([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]])
left, right = panels(2, size=(3.2, 2))
heat(X, title="X", limits=(-6, 6), axis=left)
heat(2 * X, title="gradient of the sum of squares", limits=(-6, 6), axis=right)

# %% [markdown]
# What the gradient is *for* fits into one line. If $X$ changes by a little, by an array $\Delta X$, the loss changes
# by the products of both, added up:
#
# $$\Delta L \approx \sum_{ij} G_{ij} \, \Delta X_{ij} =: \langle G, \Delta X \rangle .$$
#
# Read it as a price list: $G_{ij}$ is what a unit of change costs at place $ij$, and the bill is the sum. All of this
# chapter is bookkeeping with that line. And it has a consequence worth remembering, for it finds half of
# all bugs: *a gradient that has not the shape of its array is wrong*.

# %%
rng = np.random.default_rng(0)
small = 1e-6 * rng.normal(size=X.shape)
change = ((X + small) ** 2).sum() - (X**2).sum()
assert np.isclose(change, (2 * X * small).sum(), rtol=1e-4)

# %% [markdown]
# ## 3.3 Rules instead of slopes
#
# In the middle of the tape stands an operation $Y = f(X)$. Backward arrives with the gradient by the result, $g =
# \partial L / \partial Y$. We look for the gradient by the operand. For scalars the answer was $g$ times the slope. For
# arrays the slope of *each* element of $Y$ by *each* element of $X$ would be a huge matrix, the **Jacobian**. Look at
# two of them, for six numbers each:

# %%
six = X.ravel()
of_tanh = np.diag(1 - np.tanh(six) ** 2)
of_sum = np.ones((1, 6))
left, right = panels(2, size=(4, 2.6))
heat(of_tanh, form="{:.1f}", title="Jacobian of tanh: a diagonal", axis=left)
heat(of_sum, title="Jacobian of the sum: a row of ones", axis=right)

# %% [markdown]
# Nobody builds these matrices. Of the first, 30 of 36 entries are zero; for a layer of a thousand units it would be
# 999,000 of a million. What is needed is only the *product* of $g$ and the Jacobian, and that is a short formula on
# arrays. Such a formula is called a **vector-Jacobian product**, or VJP. It is the rule of the operation:
#
# | operation | rule: from $g$ to the gradient by the operand |
# |---|---|
# | $Y = \tanh X$ | $g \odot (1 - Y^2)$ |
# | $Y = X^2$ | $g \odot 2X$ |
# | $y = \sum X$ | $g$, copied to each element |
#
# The sign $\odot$ is the product element by element, NumPy's `*`. Note that the rule of tanh uses the *result*, which
# the forward pass has computed already.

# %%
g = rng.normal(size=6)
assert np.allclose(g @ of_tanh, g * (1 - np.tanh(six) ** 2))
assert np.allclose(np.array([2.5]) @ of_sum, np.full(6, 2.5))

# %% [markdown]
# ## 3.4 Broadcasting, and its opposite
#
# Add a column of three numbers and a row of four, and NumPy makes a table of it: it repeats the column four times and
# the row three times. This is **broadcasting**. A bias that is added to every image of a batch is broadcast.

# %%
column, row = np.array([[10.0], [20.0], [30.0]]), np.array([[1.0, 2.0, 3.0, 4.0]])
axes = panels(3, size=(2.6, 2))
for axis, part, name in zip(axes, (column, row, column + row), ("column", "row", "column + row"), strict=True):
    heat(part, title=f"{name} {part.shape}", limits=(-40, 40), axis=axis)

# %% [markdown]
# Now we go backwards. The result has 12 elements, so $g$ has 12. The column has only 3. Which is the gradient by the
# 10? It was used *four times*, once in each element of the first row. Chapter 2 says what to do with a number that is
# used several times: **add up**. So the gradient by the column is $g$, summed along the rows; and the gradient by the
# row is $g$, summed along the columns.

# %%
g = np.arange(12.0).reshape(3, 4)
axes = panels(3, size=(2.6, 2))
heat(g, title="g (3, 4)", limits=(-25, 25), axis=axes[0])
heat(g.sum(axis=1, keepdims=True), title="by the column (3, 1)", limits=(-25, 25), axis=axes[1])
heat(g.sum(axis=0, keepdims=True), title="by the row (1, 4)", limits=(-25, 25), axis=axes[2])

# %% [markdown]
# It helps to say it in words of a network. Each image of the batch has an opinion of how the bias should move. There
# is only one bias, so the opinions are added up. Whoever averages instead, because the loss is a mean, has counted
# the mean twice: the division by the number of images is in $g$ already.
#
# And for the sum, in the table above, it was the other way round: forwards it adds up, backwards it copies. The two
# belong together. *The backward of a broadcast is a sum, the backward of a sum is a broadcast.* Mathematicians say
# that one map is the **adjoint** of the other, which means
#
# $$\langle g, \mathrm{broadcast}(x) \rangle = \langle \mathrm{sum}(g), x \rangle$$
#
# for all $g$ and $x$. Every linear operation has an adjoint, and the adjoint *is* its rule. Here is the general
# function: NumPy may have put new axes in front, and it may have stretched axes of length 1; both are summed away.


# %%
def unbroadcast(g, shape):
    new = tuple(range(g.ndim - len(shape)))
    g = g.sum(axis=new)
    stretched = tuple(axis for axis, size in enumerate(shape) if size == 1 and g.shape[axis] != 1)
    return g.sum(axis=stretched, keepdims=True)


for shape in ((3, 1), (1, 4), (4,), (1,), (), (3, 4)):
    x = rng.normal(size=shape)
    by_hand = (g * np.broadcast_to(x, g.shape)).sum()
    assert unbroadcast(g, shape).shape == shape
    assert np.isclose(by_hand, (unbroadcast(g, shape) * x).sum())
    print(f"{g.shape} back to {shape!s:7s} ok")

# %% [markdown]
# Forgetting this is *the* mistake of hand-written backwards. It shows as a wrong shape, if you are lucky. If not,
# NumPy broadcasts the wrong gradient once more, in the update, and all goes on without an error: a bias of shape (4,)
# from which a gradient of shape (3, 4) is subtracted has silently become a matrix.
#
# ## 3.5 Matrix products
#
# Matrix products are the heart of every network. An element of $Y = A B$ is a row of $A$ times a column of $B$.

# %%
A, B = rng.integers(-2, 3, (2, 3)).astype(float), rng.integers(-2, 3, (3, 4)).astype(float)
axes = panels(3, size=(2.6, 2))
for axis, part, name in zip(axes, (A, B, A @ B), ("A", "B", "A B"), strict=True):
    heat(part, title=f"{name} {part.shape}", limits=(-8, 8), axis=axis)

# %% [markdown]
# We follow one number. $A_{ik}$ is used in the whole row $i$ of $Y$, in $Y_{ij}$ with the factor $B_{kj}$. So its
# slope is the sum over that row:
#
# $$\frac{\partial L}{\partial A_{ik}} = \sum_j g_{ij} B_{kj}, \qquad \text{that is} \qquad
# \frac{\partial L}{\partial A} = g\, B^\top, \quad \frac{\partial L}{\partial B} = A^\top g .$$
#
# Two sentences in place of the formula. To learn what the *input* of a layer should have been, send $g$ back through
# the same weights, transposed. To learn what the *weights* should have been, multiply the input by this gradient:
# a weight is to blame in proportion to the input that it let through. Both will return in every chapter, for
# convolutions as for attention.
#
# There is a way to remember it: only one order fits the shapes. $g$ is (2, 4), $A$ is (2, 3), and (2, 3) comes from (2,
# 4) and (4, 3), so $B$ must be transposed and stand at the right. The trick fails exactly when all matrices are square.
# This gives a rule for tests: *never test with square matrices*.


# %%
def numerical(f, x, h=1e-6):
    """The gradient of a number by an array, from central differences."""
    out = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = h
        out[place] = (f(x + step) - f(x - step)) / (2 * h)
    return out


g = rng.normal(size=(2, 4))
assert np.allclose(g @ B.T, numerical(lambda A: (g * (A @ B)).sum(), A))
assert np.allclose(A.T @ g, numerical(lambda B: (g * (A @ B)).sum(), B))

# %% [markdown]
# In `numerical` above the loss is $\langle g, Y \rangle$ with a *random* $g$. That is deliberate. With a $g$ of ones
# many wrong rules pass, as one that has swapped two rows of the gradient, or one that ignores $g$.
#
# ## 3.6 Moving things about
#
# Reshape, transpose and slices compute nothing; they say where a number goes. Their rules say where its gradient comes
# from: the way back.
#
# | operation | rule |
# |---|---|
# | reshape | reshape $g$ to the shape of $X$ |
# | transpose | transpose $g$ with the inverse permutation |
# | slice, index `X[i]` | zeros in the shape of $X$; *add* $g$ at `i` |
#
# The last one holds a trap. An index may occur twice, as in a sentence in which a word occurs twice, and then its
# embedding was used twice. NumPy's `out[i] += g` adds only once for each place; `np.add.at` adds every time.

# %%
words = np.array([1, 3, 1, 1])
g = np.array([1.0, 2.0, 4.0, 8.0])
wrong, right = np.zeros(5), np.zeros(5)
wrong[words] += g
np.add.at(right, words, g)
axes = panels(2, size=(3.4, 1.5))
heat(wrong, title="out[words] += g", columns=range(5), limits=(-13, 13), axis=axes[0])
heat(right, title="np.add.at(out, words, g)", columns=range(5), limits=(-13, 13), axis=axes[1])
assert right[1] == 1 + 4 + 8 != wrong[1]

# %% [markdown]
# ## 3.7 The tape for arrays
#
# Now we write the table as a program. It holds for each operation how to compute it, and a rule for each operand. A
# rule gets $g$, the result, and the operands. Look for the mathematics of this course, and you will find nearly all of
# it in these lines.

# %%
TABLE = {
    "add": (np.add, lambda g, y, a, b: g, lambda g, y, a, b: g),
    "sub": (np.subtract, lambda g, y, a, b: g, lambda g, y, a, b: -g),
    "mul": (np.multiply, lambda g, y, a, b: g * b, lambda g, y, a, b: g * a),
    "matmul": (np.matmul, lambda g, y, a, b: g @ b.T, lambda g, y, a, b: a.T @ g),
    "tanh": (np.tanh, lambda g, y, a: g * (1 - y**2)),
    "exp": (np.exp, lambda g, y, a: g * y),
    "sum": (np.sum, lambda g, y, a: np.broadcast_to(g, a.shape)),
}

# %% [markdown]
# The class knows no derivative at all. Compare it with chapter 2: an arrow now holds the rule, ready to be called,
# instead of a slope. And broadcasting is undone in *one* place, after each rule, and not in each of them.


# %%
class Node:
    numbers = itertools.count()

    def __init__(self, data, edges=()):
        self.data = np.asarray(data, float)
        self.grad = np.zeros_like(self.data)
        self.edges = edges  # pairs (source, function from g to the gradient by the source)
        self.number = next(Node.numbers)

    def backward(self):
        arrived, waiting = {self: np.ones_like(self.data)}, {self}
        while waiting:
            node = max(waiting, key=lambda node: node.number)  # the newest: all that it leads to is done
            waiting.remove(node)
            g = arrived.pop(node)
            node.grad = node.grad + g
            for source, rule in node.edges:
                arrived[source] = arrived.get(source, 0.0) + unbroadcast(rule(g), source.data.shape)
                waiting.add(source)


# %%
def operation(name):
    forward, *rules = TABLE[name]

    def call(*operands):
        nodes = [x if isinstance(x, Node) else Node(x) for x in operands]
        arrays = [node.data for node in nodes]
        y = forward(*arrays)
        bound = [lambda g, rule=rule: rule(g, y, *arrays) for rule in rules]
        return Node(y, list(zip(nodes, bound, strict=True)))

    return call


add, sub, mul, matmul, tanh, exp, total = map(operation, TABLE)

# %% [markdown]
# One subtlety in `backward`: the boxes are taken from `waiting` by their number, the newest first. Chapter 2 sorted
# all of them beforehand; here the next one is looked for each time. The order is the same, and so is the proof.
#
# Does it hold? We compare a layer with a bias, which is broadcast over five samples, with differences:

# %%
x, W, b = rng.normal(size=(5, 3)), rng.normal(size=(3, 2)), rng.normal(size=2)
weights, bias = Node(W), Node(b)
total(tanh(add(matmul(x, weights), bias))).backward()

assert bias.grad.shape == (2,)
assert np.allclose(weights.grad, numerical(lambda W: np.tanh(x @ W + b).sum(), W))
assert np.allclose(bias.grad, numerical(lambda b: np.tanh(x @ W + b).sum(), b))

# %% [markdown]
# ## 3.8 It learns, and quickly
#
# Two half moons, 120 points; a hidden layer of 16 units. The output should be $+1$ for one moon, $-1$ for the other.

# %%
angle = rng.uniform(0, np.pi, 120)
upper = np.arange(120) < 60
moons = np.where(
    upper[:, None], np.stack([np.cos(angle), np.sin(angle)], 1), np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], 1)
)
moons = moons + rng.normal(scale=0.1, size=moons.shape)
targets = np.where(upper, 1.0, -1.0)[:, None]

parameters = [Node(rng.normal(size=shape) * 0.7) for shape in ((2, 16), (16,), (16, 1), (1,))]


def network(x):
    W1, b1, W2, b2 = parameters
    return tanh(add(matmul(tanh(add(matmul(x, W1), b1)), W2), b2))


# %% [markdown]
# Forward, one step of this needs ten boxes, whatever the number of points; the scalar tape of chapter 2 would have
# needed more than ten thousand.
#
# The loop is that of chapter 2, line by line, but each line now handles all points at once.

# %%
losses = []
for _ in range(500):
    error = sub(network(moons), targets)
    loss = mul(total(mul(error, error)), 1 / len(moons))
    for p in parameters:
        p.grad = np.zeros_like(p.data)
    loss.backward()
    for p in parameters:
        p.data = p.data - 0.2 * p.grad
    losses.append(float(loss.data))

# %%
left, right = panels(2)
curves(None, {"": losses}, log="y", xlabel="step", title="loss", axis=left)
plane(
    lambda at: network(at).data, (-1.6, 2.6), (-1.2, 1.7), levels=[0.0], where=moons, labels=upper.astype(int),
    resolution=60, title="the border between the moons", axis=right,
)  # fmt: skip
share = float(((network(moons).data > 0) == (targets > 0)).mean())
print(f"loss {losses[0]:.2f} before, {losses[-1]:.2f} after 500 steps; {share:.0%} of the points on the right side")
assert share > 0.97

# %% [markdown]
# ## 3.9 The table of `nn`
#
# You have now read, in small, how `nn` is built. It has the same three parts: a tape, an engine that undoes
# broadcasting in one place, and a table with a rule for each operand. Its table holds every operation that there is;
# print an entry with `fromzero ops NAME`, or all of them.

# %%
from nn.cli import main

assert main(["ops", "tanh", "matmul", "sum"]) == 0

# %% [markdown]
# There are two differences. A rule names what it needs, and what no rule of an operation names is not kept in memory
# until the backward pass. And the rules are written in `nn`'s own operations, not in NumPy's. That looks like a detail,
# and it is a door.
#
# You can put an entry of your own into the table: a function, a rule for each operand, and samples to test both with.
# Let us add softsign, $y = x / (1 + |x|)$, a tanh for people who are afraid of exponentials. Its slope is $(1 -
# |y|)^2$, by the result alone. The rule is written with operators, in a line; broadcasting, recording and the second
# derivative are then there without another word.

# %%
softsign = nn.Op(
    lambda x, *, out=None: np.divide(x, 1 + np.abs(x), out=out),
    vjp=dict(x=lambda g, y: g * (1 - abs(y)) ** 2),
    samples=lambda r: [r.normal((2, 3))],
    name="softsign_by_hand",
)
x = nn.tensor([-1.0, 0.5, 2.0], dtype=nn.float64, requires_grad=True)
assert nn.testing.gradcheck(softsign, x)
assert nn.testing.gradgradcheck(softsign, x)  # the second derivative, which nobody has written down

# %% [markdown]
# ## 3.10 Derivatives of derivatives
#
# If a rule is made of operations, then the tape can record *it*, too, and play that tape backwards: the second
# derivative, the third, and so on. `create_graph=True` says that the backward pass is to be recorded.

# %%
x = nn.linspace(-3, 3, 121, dtype=nn.float64).requires_grad_()
lines = {"tanh": nn.tanh(x)}
for name in ("first", "second", "third"):
    (slope,) = nn.grad(list(lines.values())[-1].sum(), x, create_graph=True)
    lines[name] = slope
curves(
    x.detach().numpy(), {name: line.detach().numpy() for name, line in lines.items()}, title="tanh and its derivatives"
)

y = np.tanh(x.detach().numpy())
assert np.allclose(lines["second"].detach().numpy(), -2 * y * (1 - y**2))

# %% [markdown]
# Read the picture like that of 1.3. The first derivative is largest where tanh is steepest, at 0, and almost nothing
# beyond 2: there a unit has *saturated*, and little can be learned through it. The second derivative changes its sign
# where the first is largest. Each was found by the same engine, without a formula for any of them.
#
# What is it good for? The second derivative is the curvature of the loss, and the curvature limits the learning rate,
# as the next chapter shows. Networks that obey a physical law are trained on derivatives of their own outputs. And
# some methods punish large gradients, so that the gradient becomes a part of the loss.
#
# The whole matrix of second derivatives, the Hessian, is again too large to build. But its product with a vector is one
# more backward pass: differentiate $\langle \nabla L, v \rangle$.

# %%
w = nn.tensor([1.0, 0.5], dtype=nn.float64, requires_grad=True)
v = nn.tensor([1.0, -1.0], dtype=nn.float64)
value = w[0] ** 2 + 3 * w[1] ** 2 + w[0] * w[1]  # the valley of chapter 1
(gradient,) = nn.grad(value, w, create_graph=True)
(product,) = nn.grad((gradient * v).sum(), w)
hessian = np.array([[2.0, 1.0], [1.0, 6.0]])
assert np.allclose(product.numpy(), hessian @ v.numpy())
print("Hessian times (1, -1):", product.tolist())

# %% [markdown]
# ## 3.11 The judge, for arrays
#
# For a forward and a backward of your own, in plain NumPy, there is `nn.testing.assert_gradients_match`. It takes a
# random $g$ by itself, and where it knows the mistake it names it. Here is a rule of matmul with one transpose too
# many:

# %%
right = lambda g, a, b: (g @ b.T, a.T @ g)
wrong = lambda g, a, b: (g @ b.T, (a.T @ g).T)
a, b = rng.normal(size=(2, 3)), rng.normal(size=(3, 3))

nn.testing.assert_gradients_match(np.matmul, [a, b], right)
try:
    nn.testing.assert_gradients_match(np.matmul, [a, b], wrong)
except AssertionError as error:
    print(str(error).partition("correct the rule")[0].split("; ")[-1])
else:
    raise AssertionError("the wrong rule has passed")

# %% [markdown]
# Every rule of `nn`'s own table goes through more than this, each time the tests run: against differences, to second
# order, in both precisions, for empty arrays, and scaled by 1.01, to see that such a rule would be caught.
#
# When a rule of yours fails, it has nearly always made one of these five mistakes. Look for them in this order, since
# the first two show in the shape alone:
#
# 1. an operand was broadcast, and its gradient was not summed;
# 2. a transpose is missing, or one too many;
# 3. $g$ was left out, or multiplied in twice;
# 4. something was *set* that should have been *added*, because an element is used several times;
# 5. the value of a function stands where its slope should be, or $x$ where $y$ should be.
#
# ## Exercises
#
# - `tensor_ops_vjp`: the rules of 3.5 and 3.6: matmul for stacks of matrices, sum along axes, reshape, transpose.
# - `unbroadcast`: 3.4, on an empty page. Ours passes:

# %%
from nn.exercises import check

report = check("unbroadcast", globals())
assert report.ok
report

# %% [markdown]
# And with a pencil: (a) Add `div` and `pow` to the table. (b) What is the rule of `max` along an axis, and what if two
# elements are equally large? (c) `mean` is in no table here. Which two rules is it made of?
#
# ## Where this lives in the code
#
# - [`nn/ops/README.md`](../nn/ops/README.md): the table of derivatives, all of it.
# - [`nn/autograd/op.py`](../nn/autograd/op.py): how an operation is declared; [adding
#   one](../docs/en/guides/new_op.md).
# - [`nn/ops/shape.py`](../nn/ops/shape.py), [`nn/ops/linalg.py`](../nn/ops/linalg.py): the rules of this chapter.
# - [`nn/testing.py`](../nn/testing.py): the judge; [testing your own backward](../docs/en/guides/own_backward.md).
#
# The reference on all of this is A. Griewank and A. Walther, *Evaluating Derivatives*, 2008. Before:
# [the scalar tape](02_scalar_tape.ipynb). Next: [one neuron](04_linear_regression.ipynb).
