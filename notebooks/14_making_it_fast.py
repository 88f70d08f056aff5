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
# # 14 · Making it fast: from loops to captured steps
#
# Python is slow, NumPy is fast: everybody knows that, and it explains little. Why is one NumPy program ten times faster
# than another that computes the same? This chapter takes a training step apart. It finds three things that take time
# beside the arithmetic, and removes them one after the other.
#
# **Afterwards you can** name what a slow program waits for, turn loops into products and products into ones that copy
# nothing, replay a training step without its Python, and compare two programs without fooling yourself.
#
# You need chapters [03](03_tensors.ipynb) and [07](07_convolution.ipynb). It takes about 30 minutes.
#
# Nothing in this chapter prints a time, since yours would differ. Times stand in tables and pictures, each with the
# command that measures it; everything else is *counted*, and that is the same on every machine.

# %%
import sys
import tracemalloc

import numpy as np

import nn
from nn import functional as F
from nn.examples.pictures import bars, curves, heat, panels

rng = np.random.default_rng(0)

# %% [markdown]
# ## 14.1 The price of one addition
#
# The picture shows what NumPy needs to add two float32 arrays, *per element*, for sizes from 1 to 16 million. It was
# measured in processor time on one core of an x86-64 machine; the cell after it measures yours.

# %%
SIZES = 4.0 ** np.arange(13)
NANOSECONDS = [330.5, 87.0, 21.87, 5.696, 1.46, 0.487, 0.216, 0.133, 0.123, 0.127, 0.155, 0.395, 0.437]

marks = {
    "calls": (SIZES[1], NANOSECONDS[1]),
    "arithmetic": (SIZES[8], NANOSECONDS[8]),
    "memory": (SIZES[11], NANOSECONDS[11]),
}
axis = panels(size=(6, 2.9))
curves(SIZES, {"np.add(x, y, out=z)": NANOSECONDS}, style="o-", log="xy", marks=marks, axis=axis)
axis.set(xlabel="elements of each array", ylabel="ns for an element")

# %% [markdown]
# Read it from left to right. A single addition costs 330 nanoseconds, nearly all of which is the **call**: finding
# the function, looking at types and shapes. In the middle an element costs an eighth of a nanosecond: the arrays lie
# in the cache, and one instruction adds sixteen numbers. On the right it costs three times as much: the arrays no
# longer fit, and the core waits for **memory**. There are two different programs hidden here. One spends its life at
# the left edge (a small network), the other at the right one (a large network), and what helps the one does nothing
# for the other.
#
# The third thing does not show up in additions: a **branch** that the processor cannot foresee. Section 14.6 is about
# it.

# %% tags=["skip-execution"]
import time


def nanoseconds(n, rounds=7):
    """Best of seven, in processor time: the least disturbed measurement is the truest."""
    x, y, z = (np.ones(n, np.float32) for _ in range(3))
    repeats = max(1, 4_000_000 // n) if n > 1000 else 20_000
    best = np.inf
    for _ in range(rounds):
        start = time.process_time()
        for _ in range(repeats):
            np.add(x, y, out=z)
        best = min(best, (time.process_time() - start) / repeats / n * 1e9)
    return best


curves(SIZES, {"here": [nanoseconds(int(n)) for n in SIZES]}, style="o-", log="xy")

# %% [markdown]
# ## 14.2 From loops to arrays
#
# Here is a convolution as it stands in a textbook: seven loops. Each multiplication passes through the interpreter,
# which makes it one of those 330-nanosecond affairs.


# %%
def convolve_loops(x, w):
    """The definition. x (N, C, H, W), w (O, C, k, k), result (N, O, H-k+1, W-k+1)."""
    n_out, c_in, k, _ = w.shape
    batch, _, height, width = x.shape
    y = np.zeros((batch, n_out, height - k + 1, width - k + 1))
    for n in range(batch):
        for o in range(n_out):
            for i in range(y.shape[2]):
                for j in range(y.shape[3]):
                    for c in range(c_in):
                        for a in range(k):
                            for b in range(k):
                                y[n, o, i, j] += x[n, c, i + a, j + b] * w[o, c, a, b]
    return y


x = rng.normal(size=(2, 3, 8, 8))
w = rng.normal(size=(4, 3, 3, 3))
reference = convolve_loops(x, w)
print("result:", reference.shape, "  multiplications, each by the interpreter:", reference.size * w[0].size)

# %% [markdown]
# ## 14.3 One product: columns of windows
#
# The inner three loops are a dot product of two lists of $C k^2$ numbers: a filter, and a window of the image. All
# filters and all windows together are a matrix product:
#
# $$Y_{\,O \times NH'W'} = W_{\,O \times Ck^2} \; X_{\text{col}\;Ck^2 \times NH'W'} .$$
#
# A product of large matrices is the one thing that a processor does at full speed, so the first rule of fast numerical
# code is: **turn the work into products**. The price is $X_{\text{col}}$, in which each pixel stands up to $k^2$ times.
# In the picture a colour is a pixel of a 5 x 5 image, and a column is a window of 3 x 3.

# %%
image = np.arange(25).reshape(5, 5)
columns = np.lib.stride_tricks.sliding_window_view(image, (3, 3)).reshape(9, 9).T

left, right = panels(2, size=(3.4, 3))
for axis, array, title in [(left, image, "image: 25 numbers"), (right, columns, "its columns: 81 numbers")]:
    heat(array, form="{:.0f}", limits=(0, 24), colours="turbo", title=title, axis=axis)


# %%
def convolve_columns(x, w):
    """All windows as columns, and one product."""
    k = w.shape[-1]
    windows = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(2, 3))  # (N, C, H', W', k, k), a view
    columns = windows.transpose(1, 4, 5, 0, 2, 3)  # (C, k, k, N, H', W'), still a view
    product = w.reshape(len(w), -1) @ columns.reshape(w[0].size, -1)  # (O, N H' W'): here the copy is made
    return product.reshape(len(w), *columns.shape[3:]).swapaxes(0, 1)  # (N, O, H', W')


assert np.allclose(convolve_columns(x, w), reference)

# %% [markdown]
# Note where the memory goes. `sliding_window_view` copies nothing: it is the same memory with other *strides*. The
# transposition copies nothing either. Only `reshape` has to, since no strides can express what it is asked for. A habit
# worth having: know for each line whether it is a view or a copy, and ask when in doubt.

# %%
windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(2, 3))
print("windows share memory with x:", np.shares_memory(windows, x))
print("columns share memory with x:", np.shares_memory(windows.transpose(1, 4, 5, 0, 2, 3).reshape(27, -1), x))

# %% [markdown]
# ## 14.4 Products that copy nothing: rows
#
# For 64 images of 26 x 26 pixels with 32 channels the columns are 42 MB. Writing and reading them takes about as long
# as the product itself. Can we have the product without them?
#
# Put the axes in another order, (H, C, W, N). Now the $k$ image rows that one row of outputs looks at are one
# contiguous block of memory: a matrix of $kC$ rows and $WN$ columns, as it lies. One product with the filters'
# columns stacked below each other, $(kO \times kC)$, gives for each column of the filter what it contributes; these
# $k$ contributions, each shifted by one pixel, are added.


# %%
def convolve_rows(x, w):
    """A product for each row of outputs; the matrix it multiplies is the image itself."""
    n_out, c_in, k, _ = w.shape
    image = np.ascontiguousarray(x.transpose(2, 1, 3, 0))  # (H, C, W, N), once
    height, _, width, batch = image.shape
    stacked = w.transpose(3, 0, 2, 1).reshape(k * n_out, k * c_in)  # (k O, k C): the filter's columns below each other
    y = np.zeros((height - k + 1, n_out, width - k + 1, batch))  # (H', O, W', N)
    for i in range(height - k + 1):
        rows = image[i : i + k].reshape(k * c_in, width * batch)  # a view
        parts = (stacked @ rows).reshape(k, n_out, width, batch)
        for b in range(k):
            y[i] += parts[b, :, b : b + width - k + 1]  # shifted by b pixels
    return y.transpose(3, 1, 0, 2)  # (N, O, H', W')


assert np.allclose(convolve_rows(x, w), reference)

# %%
batch, channels, side, k = 64, 32, 26, 3
megabyte = 4 / 1e6  # of float32 numbers
image_mb = batch * channels * side**2 * megabyte
columns_mb = channels * k**2 * batch * (side - k + 1) ** 2 * megabyte
parts_mb = k * channels * side * batch * megabyte

heights = {"the image": image_mb, "its columns": columns_mb, "parts of a row": parts_mb}
bars(heights, form="{:.1f}", ylabel="megabytes")
assert columns_mb > 7 * image_mb > 30 * parts_mb / 8

# %% [markdown]
# The products do exactly as many multiplications as before. What is gone is the traffic. With few channels the rows
# are too thin to be a good product, and there columns, a tile at a time, stay the better way: a library needs both,
# and a rule that chooses by the shape. Ours is in [`nn/kernels/convolution.py`](../nn/kernels/convolution.py). For
# filters of 3 x 3 it has a third way, which makes two outputs of a row by four products, not six (Winograd, 1980).
#
# ## 14.5 Stay in the cache: blocks
#
# A formula with ten operations passes over its array ten times. If the array has 5 MB, and the core's own cache 1 or
# 2 MB, each pass fetches it from memory again, and the arithmetic waits. For GELU a third of the time is lost in this
# way (14.11).
#
# The remedy is to do all ten operations on a piece that fits, then on the next piece. No number changes.


# %%
def gelu(x):
    """The tanh form of GELU (Hendrycks and Gimpel, 2016): some ten passes over x."""
    return 0.5 * x * (1 + np.tanh(0.7978845608 * (x + 0.044715 * x**3)))


def in_blocks(function, x, size=16_384):
    """The same, in blocks of 64 KB."""
    result = np.empty_like(x)
    for start in range(0, x.size, size):
        piece = slice(start, start + size)
        result.reshape(-1)[piece] = function(x.reshape(-1)[piece])
    return result


large = rng.normal(size=(1024, 512)).astype(np.float32)
assert np.array_equal(gelu(large), in_blocks(gelu, large))  # the same bits

# %% [markdown]
# How much memory does each version ask for on the way? That can be counted.


# %%
def peak(function, *arguments):
    """The most memory that was in use at any moment of a call, in bytes."""
    tracemalloc.start()
    function(*arguments)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


whole, blocks = peak(gelu, large), peak(in_blocks, gelu, large)
heights = {"whole array": whole / large.nbytes, "in blocks": blocks / large.nbytes}
bars(heights, form="{:.1f}", ylabel="sizes of the array", title="peak memory")
assert blocks < 1.2 * large.nbytes

# %% [markdown]
# The blocks need the result and next to nothing else. The same trick carries an optimiser: Adam's update reads four
# arrays and writes three, and the formula as it is written makes eight temporary ones on the way. Piece by piece they
# never leave the cache ([`nn/kernels/update.py`](../nn/kernels/update.py)).
#
# ## 14.6 No branches: choose by bits
#
# The gradient of relu passes where the input was positive. Written as `np.where(y > 0, g, 0)`, it asks a question at
# every element, and on random data the processor guesses the answer wrong half of the time. Each wrong guess costs as
# much as ten additions.
#
# A float32 is 32 bits. An `&` with a mask of ones keeps them, an `&` with zeros clears them, sixteen numbers at a time.

# %%
y, g = rng.normal(size=6).astype(np.float32), rng.normal(size=6).astype(np.float32)
mask = -(y > 0).astype(np.int32)  # -1 is all ones, 0 is all zeros
kept = (g.view(np.int32) & mask).view(np.float32)
for value, bits in zip(y, mask, strict=True):
    print(f"{value:6.2f}  {int(bits) & 0xFFFFFFFF:032b}")
assert np.array_equal(kept, np.where(y > 0, g, 0))

# %% [markdown]
# Why not `g * (y > 0)`? It has no branch either, and it is wrong: infinity times zero is not zero.

# %%
with np.errstate(invalid="ignore"):
    print("by a product:", np.float32(np.inf) * np.float32(0), "  by bits:", np.float32(0))

# %% [markdown]
# ## 14.7 A product instead of a sum
#
# Adding up the rows of a matrix looks too simple to be improved. But NumPy adds one row after another to a running sum,
# and in float32 a running sum of a million rows loses digits: the sum is large, each addend is small, and its low bits
# fall off. A row of ones times the matrix is the same sum as a product. In blocks of 250 rows, and with the sums of the
# blocks added in float64, it is as fast, and more exact.

# %%
tall = np.full((1_000_000, 4), 0.1, np.float32)
exact = 1e6 * float(np.float32(0.1))


def sum_rows(x, block=250):
    """The sum over the first axis, as products with a row of ones."""
    ones = np.ones(block, x.dtype)
    parts = ones @ x.reshape(-1, block, x.shape[-1])  # (blocks, columns)
    return parts.sum(axis=0, dtype=np.float64)


running = abs(tall.sum(axis=0)[0] / exact - 1)
by_products = abs(sum_rows(tall)[0] / exact - 1)
of_ours = abs(nn.from_numpy(tall).sum(0)[0].item() / exact - 1)

axis = panels()
bars({"running sum": running, "products": by_products, "nn.sum": of_ours}, form="{:.0e}", axis=axis)
axis.set(yscale="log", ylim=(1e-8, 1), ylabel="relative error")
assert running > 1e-3
assert max(by_products, of_ours) < 1e-6

# %% [markdown]
# Speed and accuracy are not always enemies: to add in blocks, and then the sums of the blocks, loses fewer bits, and it
# is also how a product likes to work.
#
# ## 14.8 Small models: count the calls
#
# Now the other end of the picture in 14.1. A network for XOR has 33 parameters. Its arithmetic takes a few
# microseconds, and its training step some eighty: the rest is Python, which makes tensors, records nodes, walks the
# graph backwards and calls the optimiser, the same at every step. How many function calls is that? The interpreter
# tells us.


# %%
def calls(function, *arguments):
    """How many functions, of Python and of C, are called in one call."""
    count = 0

    def note(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        function(*arguments)
    finally:
        sys.setprofile(None)
    return count


def new_step(seed=0):
    """A model, its optimiser, and a training step of both."""
    nn.manual_seed(seed)
    model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
    optimizer = nn.optim.Adam(model.parameters(), lr=0.05)

    def step(x, y):
        optimizer.zero_grad()
        loss = F.binary_cross_entropy_with_logits(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return model, step


inputs = nn.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]])
targets = nn.tensor([[0.0], [1], [1], [0]])
model, eager = new_step()
eager(inputs, targets)
print("more than 300 calls in an eager step:", calls(eager, inputs, targets) > 300)

# %% [markdown]
# ## 14.9 Capture: the step without its Python
#
# All those decisions come out the same each time. `nn.capture` writes down which kernels run, on which arrays, and then
# runs only these. The first call records. The second records again, compares, and verifies that a replay gives the same
# bits as the eager step. From the third call on the kernels are replayed into the arrays that they made before.

# %%
model, step = new_step()
captured = nn.capture(step)
losses = [captured(inputs, targets).item() for _ in range(200)]
fewer = calls(captured, inputs, targets)

other, eager = new_step()
same = [eager(inputs, targets).item() for _ in range(200)]
assert losses == same  # bit for bit, over 200 steps

curves(None, {"eager": same, "captured": losses}, style=["-", "--"], xlabel="step", ylabel="loss")
print("a third of the calls, or fewer:", fewer <= calls(eager, inputs, targets) / 3)

# %% [markdown]
# What is in a captured step? The list of its kernels, the arrays, and guards: before each replay everything that the
# step can reach is compared with what it was. A changed learning rate is followed, `model.eval()` or another batch
# size makes a second program, dropout draws fresh numbers. What cannot be replayed is refused loudly. A Python value
# that leaves the tape is the usual case:

# %%
import warnings


@nn.capture
def leaky(x):
    value = (x * x).sum()
    print_me = value.item()  # a number for Python: nobody can know what Python does with it
    return value + print_me


with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    for _ in range(3):
        result = leaky(nn.ones(3)).item()
print("result:", result, "  warnings:", len(seen))
print(leaky.reason.split(": ")[-1])
assert result == 6
assert leaky.reason is not None

# %% [markdown]
# The rule behind it is the most important one in this chapter: **a fast path must give the same bits, or say that it
# cannot be taken.** A replay that was nearly right would be worse than a slow step.
#
# ## 14.10 Threads, and the same bits
#
# NumPy lets go of the interpreter's lock while it computes, so that threads can share a kernel. It is easy to be fast
# that way and hard to be *reproducible*: if the pieces depend on the number of threads, so do the roundings. The
# remedy is to cut by the size of the work alone. Two threads then take turns at the same pieces as one.

# %%
before = nn.get_num_threads()
results = []
for threads in (1, 2):
    nn.set_num_threads(threads)
    nn.manual_seed(0)
    a, b = nn.randn(512, 512, requires_grad=True), nn.randn(512, 512)
    (F.gelu(a @ b) ** 2).mean().backward()
    results.append(a.grad.numpy())
nn.set_num_threads(before)
assert np.array_equal(*results)
print("the same gradient, bit for bit, on one thread and on two")

# %% [markdown]
# ## 14.11 What it brings
#
# Left: naive kernels against ours (`python tests/benchmarks/time_kernels.py`). Right: whole training steps against
# PyTorch on one thread, eager, and captured for the small ones (`fromzero bench --threads 1`). Both were measured in
# processor time, in alternating processes. Ours is faster where the left bar is above 1, and the right one below 1.

# %%
KERNELS = {
    "x ** 3": 95, "max-pooling": 5.3, "relu's gradient": 4.3, "filters 3 x 3": 2.5, "Adam": 1.6, "filters 5 x 5": 1.5,
    "GELU": 1.5,
}  # fmt: skip
STEPS = {
    "xor, captured": 0.11, "policy, captured": 0.16, "lenet": 0.63, "transformer": 0.72, "mlp_adam": 0.74, "cnn": 0.86,
    "gru": 0.90, "vae": 0.99, "gpt": 1.04, "mlp_wide": 1.05, "digits_cnn": 1.10, "dcgan": 1.10, "resnet": 1.17,
    "depthwise": 1.17, "lstm": 1.49,
}  # fmt: skip

left, right = panels(2, size=(5, 3.2))
for axis, ratios, title in [(left, KERNELS, "naive / ours"), (right, STEPS, "ours / PyTorch")]:
    bars(ratios, title=title, axis=axis)
    axis.tick_params(axis="x", rotation=60, labelsize=8)
    axis.axhline(1, color="black", linewidth=1)
left.set_yscale("log")

# %% [markdown]
# ## 14.12 How to measure without fooling yourself
#
# 1. **Processes of their own, in turns.** A slow minute of the machine then meets both programs.
# 2. **Ratios, not times.** Times belong to a machine; ratios travel.
# 3. **The least, or the median, of many rounds.** A disturbance only ever adds time, so that a mean measures your
#    neighbours.
# 4. **The same work.** Print the loss of both. A program that computes something else is not faster.
# 5. **Warm up.** The first call pays for imports, for caches and for fresh memory.
# 6. **Count, if you can.** Calls and bytes do not depend on the weather. Our own tests hold every training step to a
#    number of calls and of bytes ([`tests/test_work.py`](../tests/test_work.py)), and no test looks at a clock.
#
# ## Exercises
#
# `conv2d`, `conv2d_backward` and `max_pool2d` ask for kernels; solve them with loops first and then without. Start with
# `fromzero exercise start conv2d`. The solution below has the columns of 14.3,
# with padding and stride.

# %%
from nn.exercises import check


def conv2d_size(n, k, stride=1, padding=0):
    return (n + 2 * padding - k) // stride + 1


def conv2d(x, weight, bias, stride=1, padding=0):
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, weight.shape[2:], axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]  # (N, C, H', W', kh, kw)
    y = np.tensordot(windows, weight, axes=((1, 4, 5), (1, 2, 3)))  # (N, H', W', O): one product
    return y.transpose(0, 3, 1, 2) + bias[:, None, None]


report = check("conv2d", globals())
print("passed:", report.ok)
assert report.ok

# %% [markdown]
# ## Where this lives in the code
#
# - [`nn/kernels/README.md`](../nn/kernels/README.md): each trick, why it works, and the measured ratio;
# - [`nn/kernels/blocks.py`](../nn/kernels/blocks.py), [`nn/kernels/summation.py`](../nn/kernels/summation.py),
#   [`nn/kernels/threads.py`](../nn/kernels/threads.py): blocks, sums, threads;
# - [`nn/replay/README.md`](../nn/replay/README.md): how a step is recorded, compared, verified and replayed;
# - [`tests/benchmarks/`](../tests/benchmarks/README.md): the commands that measure.
