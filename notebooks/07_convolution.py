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
# # 7 · Convolution and pooling, by hand and then fast
#
# **Afterwards you can** compute a convolution on paper, write it as one matrix product, derive its gradients, and
# find the mistakes of shape in a CNN before it runs.
#
# **You need** chapters 3 (shapes, and a rule for each operand) and 4 (gradient descent). **Time:** 35 minutes.
#
# A fully connected layer takes a picture for a list of numbers. Move a digit one pixel to the right, and to that
# layer it is another list, about which it has to learn everything again. A convolution looks at one small patch after
# another, and always with the same few weights. We slide a filter by hand first, then count, then differentiate, then
# train a small network on handwritten digits and look at what its filters see. At the end stand the mistakes of shape
# in [the article](README.md#the-article)'s CNN.

# %%
import numpy as np

import nn
from nn import functional as F
from nn import viewing
from nn.data import DataLoader, TensorDataset, datasets, random_split
from nn.examples import cnn, pictures
from nn.examples.grids import grids, windows_on_a_line
from nn.exercises import check

rng = np.random.default_rng(0)

# %% [markdown]
# ## 7.1 A small picture slides over a large one
#
# Below, the large picture is a stroke that goes down and then to the right. The small one, the **filter**, has −1 on
# its left, 0 in the middle and 1 on its right. We lay the filter on the framed window, multiply what lies on top of
# each other, and add the nine products up. The sum is *one* number of the output, the framed one. Then the filter
# moves on by one pixel.

# %%
image = np.array([
    [0, 0, 2, 0, 0],
    [0, 0, 2, 0, 0],
    [0, 0, 2, 0, 0],
    [0, 0, 2, 2, 2],
    [0, 0, 0, 0, 0],
], float)  # fmt: skip
kernel = np.array([[-1, 0, 1]] * 3, float)

output = np.array([[np.sum(kernel * image[i : i + 3, j : j + 3]) for j in range(3)] for i in range(3)])
for i, j in ((0, 0), (1, 1)):
    window = image[i : i + 3, j : j + 3]
    grids(
        {"image": image, "filter": kernel, "products": kernel * window, "output": output},
        marks={"image": (i, j, 3, 3), "output": (i, j, 1, 1)},
    )

# %% [markdown]
# The first window has ink on its right and none on its left: the answer is large, 6. Where the ink is on the left
# only, the answer is −6. In the second window the upright stroke lies under the zeros of the filter and counts for
# nothing; what is left is the pixel at its lower right, and the answer is 2.
#
# So the filter asks one question at every place: *does the ink grow from left to right here?* As a formula, with a bias
# $b$ that is added everywhere:
#
# $$y_{ij} = b + \sum_{k} \sum_{l} w_{kl}\; x_{i+k,\,j+l}$$
#
# In mathematics this is called a *cross-correlation*, and a convolution would turn the filter round by 180 degrees
# first. Since the filter is learnt, it makes no difference: a network would simply learn the turned filter. Everybody
# in deep learning says convolution, and so do we.


# %%
def slide(x, w, b=0.0):
    """x (H, W), w (k, l) -> y (H - k + 1, W - l + 1)"""
    k, l = w.shape
    y = np.empty((x.shape[0] - k + 1, x.shape[1] - l + 1))
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            y[i, j] = b + np.sum(w * x[i : i + k, j : j + l])
    return y


def by_nn(x, w, **options):
    """The same by `nn`, which takes batches and channels."""
    return F.conv2d(nn.from_numpy(x[None, None]), nn.from_numpy(w[None, None]), **options).numpy()[0, 0]


assert np.array_equal(slide(image, kernel), output)
assert np.array_equal(by_nn(image, kernel), output)

# %% [markdown]
# ## 7.2 What a filter sees
#
# On a real digit the answers make a picture again, a **feature map**. Red is "yes", blue is "the opposite". The first
# filter asks whether the ink grows to the right, the second whether it grows downwards, and the third takes the mean of
# its window: it blurs. (One pixel of zeros was put around the digit, so that the maps are of its size; see 7.3.)

# %%
images, labels = datasets.load_digits()
digit = images.numpy()[0, 0].astype(float)
filters = {
    "grows to the right": np.array([[-1, 0, 1]] * 3) / 3,
    "grows downwards": np.array([[-1, 0, 1]] * 3).T / 3,
    "mean": np.ones((3, 3)) / 9,
}
maps = [by_nn(digit, w, padding=1) for w in filters.values()]
pictures.images([digit, *maps], ["a digit", *filters], side=1.9, limits=(-1, 1), colours="RdBu_r")
assert np.allclose(maps[0][1:-1, 1:-1], slide(digit, filters["grows to the right"]))

# %% [markdown]
# Two properties make this the right layer for pictures.
#
# **Few weights.** Nine of them, wherever the filter is. A fully connected layer from 64 pixels to the 36 of such a map
# has 64 · 36 = 2,304.
#
# **What moves in, moves out.** Shift the picture by a pixel, and the feature map is shifted by a pixel; no number in it
# changes. What has been learnt in one corner holds in all others. (The word for it is *equivariant*.)

# %%
shifted = np.roll(digit, 1, axis=1)  # the last column is empty, so nothing goes round
edges = filters["grows to the right"]
assert np.all(digit[:, -1] == 0)
assert np.allclose(slide(shifted, edges)[:, 1:], slide(digit, edges)[:, :-1])

# %% [markdown]
# ## 7.3 How large is the output?
#
# Count along one axis: a height of 7 pixels, drawn as squares, and each bar is a window of 3. Four layers differ in
# three numbers:
#
# - **padding** puts zeros (hatched) at both ends, so that windows can stand over the border;
# - **stride** is how far the window moves each time;
# - **dilation** pulls the window's pixels apart: 2 means that every second one is looked at.

# %%
windows_on_a_line(
    7, 3, {"padding 0": (1, 0, 1), "padding 1": (1, 1, 1), "padding 1, stride 2": (2, 1, 1), "dilation 2": (1, 0, 2)}
)

# %% [markdown]
# The formula only counts the bars. A window of $k$ pixels with dilation $d$ spans $d(k-1) + 1$ pixels. It can start at
# $0, s, 2s, \dots$ as long as its end is still inside the $H + 2p$ pixels of the padded picture. Hence
#
# $$H' = \left\lfloor \frac{H + 2p - d(k-1) - 1}{s} \right\rfloor + 1 .$$
#
# Two cases to know by heart: with $s = d = 1$ and no padding the output is smaller by $k - 1$, and an odd $k$ with
# $p = (k-1)/2$ keeps the size. When the division leaves a rest, the last pixels are never looked at, without any
# message.


# %%
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    return (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


for size, k, stride, padding, dilation in ((28, 3, 1, 1, 1), (28, 5, 1, 0, 1), (28, 3, 2, 1, 1), (28, 3, 1, 0, 2)):
    options = dict(stride=stride, padding=padding, dilation=dilation)
    y = by_nn(np.zeros((size, size)), np.zeros((k, k)), **options)
    assert y.shape == (output_size(size, k, **options),) * 2
    print(f"{size} pixels, kernel {k}, stride {stride}, padding {padding}, dilation {dilation}: {len(y)} pixels")

# %% [markdown]
# ## 7.4 Channels
#
# A colour picture has three numbers at each place, its **channels** red, green and blue. A filter then has three
# channels too, and the sum runs over all of them: a filter is a small *block*, and still yields one number a place. A
# layer has many filters, each yields one map, and the maps are the channels of the next layer.
#
# | | shape | read |
# |---|---|---|
# | input $x$ | $(N, C, H, W)$ | pictures, channels, height, width |
# | weight $w$ | $(O, C, k, k)$ | filters, channels of each, its height, its width |
# | bias $b$ | $(O,)$ | one a filter |
# | output $y$ | $(N, O, H', W')$ | pictures, one map a filter |
#
# $$y_{noij} = b_o + \sum_{c}\sum_{k}\sum_{l} w_{ockl}\; x_{n,\,c,\,i+k,\,j+l}$$
#
# Written down as it stands, that is seven loops. It is slow and it is *right*, and we keep it as the measure of what
# follows.


# %%
def conv_loops(x, w, b):
    """x (N, C, H, W), w (O, C, K, K), b (O,) -> y (N, O, H', W')"""
    (N, C, H, W), (O, _, K, _) = x.shape, w.shape
    y = np.zeros((N, O, H - K + 1, W - K + 1))
    for n, o, i, j in np.ndindex(y.shape):
        y[n, o, i, j] = b[o]
        for c, k, l in np.ndindex(C, K, K):
            y[n, o, i, j] += w[o, c, k, l] * x[n, c, i + k, j + l]
    return y


x = rng.normal(size=(2, 3, 6, 5))  # (N, C, H, W)
w = rng.normal(size=(4, 3, 3, 3))  # (O, C, K, K)
b = rng.normal(size=4)  # (O,)
y = conv_loops(x, w, b)
assert np.allclose(y, F.conv2d(*map(nn.from_numpy, (x, w, b))).numpy())
print("x", x.shape, " w", w.shape, " ->  y", y.shape)

# %% [markdown]
# ## 7.5 Windows without copying
#
# The loops take one step of Python for each multiplication. NumPy can do the same in one call, if all windows stand in
# one array. They need not even be copied. An array is memory plus *strides*: how many bytes to go for the next element
# along each axis. The next window starts one pixel further, and so does the next pixel of a window. So an array of all
# windows is the same memory, read with the same strides a second time.
#
# In the picture: the nine windows of a 5 × 5 image whose pixels are numbered. Pixel 12, in the middle, is in all of
# them.

# %%
numbered = np.arange(25).reshape(5, 5)
windows = np.lib.stride_tricks.sliding_window_view(numbered, (3, 3))  # (3, 3, 3, 3), no copy
grids({f"at {i}, {j}": windows[i, j] for i, j in np.ndindex(3, 3)}, highlight=12)
assert windows.strides == numbered.strides + numbered.strides
assert np.shares_memory(windows, numbered)

# %% [markdown]
# ## 7.6 The whole layer as one matrix product
#
# Write each window as a *column* of a matrix: $C \cdot k \cdot k$ numbers. Write each filter as a *row* of another one,
# with its weights in the same order. Then each output is *row times column*, and the layer is
#
# $$Y = W_{\text{rows}}\, C_{\text{columns}} + b .$$
#
# Making the columns is known as **im2col**. For the stroke of 7.1 the matrix is 9 rows by 9 windows, and the product
# with the filter's single row gives the nine outputs.

# %%
columns = np.lib.stride_tricks.sliding_window_view(image, (3, 3)).reshape(9, 9).T  # (k k, windows)
row = kernel.reshape(1, 9)
grids({"filter": row.T, "one column a window": columns, "output": row @ columns})
assert np.array_equal((row @ columns).reshape(3, 3), output)

# %% [markdown]
# With batches and channels it is the same, and four lines:


# %%
def im2col(x, K):
    """x (N, C, H, W) -> (C K K, N H' W')"""
    windows = np.lib.stride_tricks.sliding_window_view(x, (K, K), axis=(2, 3))  # (N, C, H', W', K, K)
    return windows.transpose(1, 4, 5, 0, 2, 3).reshape(x.shape[1] * K * K, -1)


def conv_fast(x, w, b):
    """x (N, C, H, W), w (O, C, K, K), b (O,) -> y (N, O, H', W')"""
    (N, _, H, W), (O, _, K, _) = x.shape, w.shape
    y = w.reshape(O, -1) @ im2col(x, K) + b[:, None]  # (O, N H' W')
    return y.reshape(O, N, H - K + 1, W - K + 1).transpose(1, 0, 2, 3)


assert np.allclose(conv_fast(x, w, b), y)

# %% [markdown]
# What has been gained, and what does it cost? The multiplications are the same. But the loops make Python take a step
# for each, and the product takes one step for all, in a routine that keeps several numbers in flight at a time. The
# price is memory: a pixel that lies in nine windows is now there nine times.
#
# (`nn` pays less: its kernel makes the columns for a *tile* of outputs at a time, so that they stay in the processor's
# cache, and throws them away.)

# %%
big_x, big_w = np.zeros((32, 16, 28, 28)), np.zeros((32, 16, 3, 3))
multiplications = 32 * 32 * 26 * 26 * 16 * 3 * 3
columns = im2col(big_x, 3)
assert columns.shape == (16 * 9, 32 * 26 * 26)
print(f"{multiplications:,} multiplications: as many steps of Python in loops, 1 as a product")
print(f"columns: {columns.size / big_x.size:.1f} times the numbers of the input")

# %% [markdown]
# ## 7.7 Backwards: the gradient by the weights
#
# Let $g_{ij} = \partial L / \partial y_{ij}$ be what comes back from the layers above. Which outputs did a weight
# have a part in? In *all* of them: $w_{kl}$ met the pixel $x_{i+k,\,j+l}$ for each output $ij$. So
#
# $$\frac{\partial L}{\partial w_{kl}} = \sum_{i}\sum_{j} g_{ij}\; x_{i+k,\,j+l} .$$
#
# Look at the indices: this is a convolution again, of the input with $g$ as the filter. Framed in the picture are the
# pixels that the weight at row 0, column 2 has met.

# %%
g = np.array([[1, 0, 0], [0, 2, 0], [0, 0, 1]], float)
by_weight = slide(image, g)
grids(
    {"image": image, "g": g, "gradient by the filter": by_weight},
    marks={"image": (0, 2, 3, 3), "gradient by the filter": (0, 2, 1, 1)},
)
assert by_weight[0, 2] == np.sum(g * image[0:3, 2:5]) == 2

# %% [markdown]
# In the language of matrices there is nothing new. For $Y = W C$ chapter 3 has the two rules already:
#
# $$\frac{\partial L}{\partial W} = G\,C^\top, \qquad \frac{\partial L}{\partial C} = W^\top G, \qquad
# \frac{\partial L}{\partial b_o} = \sum_{n,i,j} g_{noij} .$$


# %%
def conv_weight_backward(g, x, K):
    """g (N, O, H', W'), x (N, C, H, W) -> dw (O, C, K, K), db (O,)"""
    O, C = g.shape[1], x.shape[1]
    G = g.transpose(1, 0, 2, 3).reshape(O, -1)  # (O, N H' W')
    return (G @ im2col(x, K).T).reshape(O, C, K, K), G.sum(axis=1)


g = rng.normal(size=y.shape)
dw, db = conv_weight_backward(g, x, 3)

tx, tw, tb = (nn.tensor(a, dtype=nn.float64, requires_grad=True) for a in (x, w, b))
F.conv2d(tx, tw, tb).backward(nn.from_numpy(g))
assert np.allclose(tw.grad.numpy(), dw)
assert np.allclose(tb.grad.numpy(), db)

# %% [markdown]
# ## 7.8 Backwards: the gradient by the input
#
# The layer below needs $\partial L/\partial x$. Now ask it from the side of a pixel: in how many windows does it lie?
# In the middle of the picture in nine, in a corner in one.

# %%
seen = np.zeros((6, 6))
for i, j in np.ndindex(4, 4):
    seen[i : i + 3, j : j + 3] += 1
grids({"windows that see each pixel": seen})
assert seen[0, 0] == 1
assert seen[2, 2] == 9

# %% [markdown]
# Each window sends its share back, and the shares add up. $W^\top G$ holds one number for each pixel *in each
# window*. im2col copied pixels into windows, so its gradient adds them up where they were taken from: **col2im**.
# Copying forwards is adding backwards, as for every number that is used twice.
#
# The loop runs over the $K \cdot K$ places *inside* a window, not over the windows: for one such place the pixels of
# all windows form a block, which is added in one step.


# %%
def conv_input_backward(g, w, x_shape):
    """g (N, O, H', W'), w (O, C, K, K) -> dx (N, C, H, W)"""
    (N, O, H, W), (_, C, K, _) = g.shape, w.shape
    G = g.transpose(1, 0, 2, 3).reshape(O, -1)  # (O, N H' W')
    shares = (w.reshape(O, -1).T @ G).reshape(C, K, K, N, H, W)
    dx = np.zeros(x_shape)
    for k, l in np.ndindex(K, K):
        dx[:, :, k : k + H, l : l + W] += shares[:, k, l].transpose(1, 0, 2, 3)
    return dx


dx = conv_input_backward(g, w, x.shape)
assert np.allclose(tx.grad.numpy(), dx)
assert nn.testing.gradcheck(F.conv2d, (tx, tw, tb))

# %% [markdown]
# There is a third way to see it. Put a border of $k-1$ zeros around $g$ and let the filter, *turned round*, slide
# over it. So the gradient of a convolution by its input is a convolution too. (In the words of mathematics it is the
# other way about: the forward pass is the correlation, and the backward pass the convolution.)

# %%
one_g, one_w = rng.normal(size=(4, 4)), rng.normal(size=(3, 3))
turned = slide(np.pad(one_g, 2), one_w[::-1, ::-1])
assert np.allclose(turned, conv_input_backward(one_g[None, None], one_w[None, None], (1, 1, 6, 6))[0, 0])

# %% [markdown]
# ## 7.9 Max pooling, and where its gradient goes
#
# After a convolution one often needs fewer pixels: whether there is an edge matters more than exactly where. Max
# pooling cuts the map into windows of 2 × 2 and keeps the largest of each.

# %%
board = np.array([[1, 5, 2, 0], [3, 4, 1, 7], [6, 0, 2, 2.5], [1, 2, 9, 3]])
arriving = np.array([[10, 20], [30, 40.0]])

blocks = board.reshape(2, 2, 2, 2).transpose(0, 2, 1, 3)  # (row, column, row in the window, column in the window)
pooled = blocks.max(axis=(2, 3))
going = np.zeros_like(board)
for i, j in np.ndindex(2, 2):
    k, l = np.unravel_index(blocks[i, j].argmax(), (2, 2))
    going[2 * i + k, 2 * j + l] = arriving[i, j]
grids({"map": board, "pooled": pooled, "arriving": arriving, "handed on": going}, lines=2)

# %% [markdown]
# Change the 4 in the first window a little: the maximum is still 5, nothing happens. Only the pixel that *was* the
# maximum has any influence, and its slope is 1. So it gets the whole gradient, and the others get nothing:
#
# $$\frac{\partial L}{\partial x_k} = \begin{cases} g & k = \operatorname{argmax} \\ 0 & \text{otherwise} \end{cases}$$
#
# Average pooling spreads it instead, a quarter for each of the four.

# %%
for pool, expected in ((F.max_pool2d, going), (F.avg_pool2d, np.kron(arriving, np.ones((2, 2))) / 4)):
    pixels = nn.tensor(board[None, None], requires_grad=True)
    pool(pixels, 2).backward(nn.from_numpy(arriving[None, None]))
    assert np.array_equal(pixels.grad.numpy()[0, 0], expected)

# %% [markdown]
# ## 7.10 How far does one unit see?
#
# A unit of the first layer sees 3 × 3 pixels. A unit of the second sees 3 × 3 units of the first, and through them 5
# × 5 pixels; after a pooling, neighbours are two pixels apart, and the view grows twice as fast. What a unit can see
# is its **receptive field**. We need not calculate it: the gradient of *one* output by the input is zero exactly
# where the output does not look. All weights are set to 1, so that nothing cancels.


# %%
def seen_by_one_unit(*layers):
    """How much each of 11 x 11 pixels counts for the unit in the middle."""
    x = nn.zeros(1, 1, 11, 11, requires_grad=True)
    y = x
    for layer in layers:
        y = F.conv2d(y, nn.ones(1, 1, 3, 3), padding=1) if layer == "conv" else F.avg_pool2d(y, 2)
    middle = y.shape[-1] // 2
    y[0, 0, middle, middle].backward()
    return x.grad.numpy()[0, 0]


stacks = {"conv": ["conv"], "conv, conv": ["conv"] * 2, "conv, pool, conv": ["conv", "pool", "conv"]}
fields = {name: seen_by_one_unit(*stack) for name, stack in stacks.items()}
pictures.images([f > 0 for f in fields.values()], list(fields), side=1.9, colours="Blues", limits=(0, 2))
assert [int((f > 0).any(axis=0).sum()) for f in fields.values()] == [3, 5, 8]

# %% [markdown]
# To calculate it all the same: walk through the layers with the distance $j$ between neighbours, in pixels, which
# begins at 1, and the width $r$ of the view, which begins at 1. A layer with kernel $k$ and stride $s$ changes them
# to
#
# $$r \leftarrow r + (k - 1)\, j, \qquad j \leftarrow s\, j .$$
#
# For convolution, pooling, convolution: $1 + 2 = 3$, then $3 + 1 = 4$ with $j = 2$, then $4 + 2 \cdot 2 = 8$. Two
# filters of 3 × 3 see as far as one of 5 × 5, with 18 weights in place of 25 and a ReLU between them. That is why
# large filters have gone out of fashion (Simonyan and Zisserman, 2015).

# %% [markdown]
# ## 7.11 A small network that reads digits
#
# 1,797 handwritten digits of 8 × 8 pixels come with `nn`. Two convolutions with pooling, then one linear layer for the
# ten classes. Follow the shapes: 8 pixels, pooled to 4, pooled to 2, and 16 channels of 2 × 2 are 64 numbers.

# %%
nn.manual_seed(0)
train, test = random_split(TensorDataset(images, labels), [0.8, 0.2])
model = nn.Sequential(
    nn.Conv2d(1, 8, kernel_size=3, padding=1),  # (N, 8, 8, 8)
    nn.ReLU(),
    nn.MaxPool2d(2),  # (N, 8, 4, 4)
    nn.Conv2d(8, 16, kernel_size=3, padding=1),  # (N, 16, 4, 4)
    nn.ReLU(),
    nn.MaxPool2d(2),  # (N, 16, 2, 2)
    nn.Flatten(),  # (N, 64)
    nn.Linear(64, 10),
)
print(sum(p.numel() for p in model.parameters()), "parameters")

# %% [markdown]
# The loss is cross-entropy, which chapter 6 derives. The loop is the one you know: forget the old gradients, forwards,
# backwards, a step.


# %%
def accuracy(data):
    x, y = data[:]
    with nn.no_grad():
        return (model(x).argmax(1) == y).float().mean().item()


optimizer = nn.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
curves = {"training": [accuracy(train)], "test": [accuracy(test)]}
for _ in range(8):
    for x, y in DataLoader(train, batch_size=64, shuffle=True):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
    curves["training"].append(accuracy(train))
    curves["test"].append(accuracy(test))
pictures.curves(None, curves, style=".-", xlabel="epoch", ylabel="accuracy")
assert curves["test"][-1] > 0.95

# %% [markdown]
# ## 7.12 What has it learnt?
#
# The eight filters of the first layer are small enough to be looked at. They began as noise. Nobody has told them
# about edges, and yet some now have red on one side and blue on the other, as those of 7.2; number 7 asks for a
# stroke that runs downwards.

# %%
viewing.draw_filters(model[0])

# %% [markdown]
# And this is what they make of one digit, after ReLU has set the negative answers to zero. Each map is one question,
# asked everywhere.

# %%
viewing.draw_feature_maps(model, images[:1], "1")

# %% [markdown]
# Two maps are empty. Their filters have hardly a positive weight: they answer with a negative number to every picture,
# ReLU makes a zero of it, and where ReLU is flat no gradient passes. They never learn anything; such units are called
# **dead**. Chapter 8 is about starting so that this seldom happens.

# %%
first_layer = model[0]
with nn.no_grad():
    strongest = F.relu(first_layer(images)).amax((0, 2, 3)).numpy()  # of all 1,797 digits, a number for each filter
dead = np.flatnonzero(strongest == 0)
print("filters that never answer:", dead)
assert 0 < len(dead) < 4

# %% [markdown]
# ## 7.13 Four mistakes of shape
#
# The article's CNN ([where it stands](README.md#the-article)) is written for TensorFlow, and stops at its first line.
# It takes four corrections before a single number comes out.
#
# 1. **Channels.** The pictures have 3, the filters were made for 1. The second axis of the weight must be the input's
#    number of channels.
# 2. **A picture smaller than the window.** 3 × 3 pixels through a 3 × 3 filter without padding leave 1 × 1, and a
#    pooling of 2 × 2 has no window there.
# 3. **7 · 7 · 64.** That number is right for 28 pixels *with* padding: 28, 14, 7. The code has none: 28, 26, 13, 11, 5,
#    and 5 · 5 · 64 = 1,600.
# 4. **A reshape that mixes pictures.** 49 pictures of 1,600 numbers happen to divide into rows of 3,136. There is no
#    error; there are 25 rows, and most hold parts of two or three pictures.


# %%
def message(call):
    try:
        call()
    except (ValueError, RuntimeError) as error:
        return f"{type(error).__name__}: {error}"
    raise AssertionError("it should have failed")


print(message(lambda: F.conv2d(nn.zeros(4, 3, 3, 3), nn.zeros(64, 1, 3, 3))))
print(message(lambda: F.max_pool2d(F.conv2d(nn.zeros(4, 3, 3, 3), nn.zeros(64, 3, 3, 3)), 2)))

# %%
after = {padding: output_size(output_size(28, 3, 1, padding) // 2, 3, 1, padding) // 2 for padding in (0, 1)}
assert after == {0: 5, 1: 7}

features = np.arange(49)[:, None, None, None] * np.ones((49, 64, 5, 5))  # picture n holds the number n
rows = features.reshape(-1, 7 * 7 * 64)
print(f"{len(features)} pictures in {len(rows)} rows; row 1 holds parts of pictures", np.unique(rows[1]).astype(int))
assert features.reshape(len(features), -1).shape == (49, 1600)  # what is right: one row a picture

# %% [markdown]
# The remedy for 3 and 4 is the same: let the *first* axis be fixed and the rest be worked out, `x.reshape(len(x), -1)`
# or `nn.Flatten()`. A wrong number then fails in the linear layer, at once and with both shapes.
#
# Its backward pass has a fifth mistake: it multiplies by `relu(z)` where the *slope* of ReLU belongs, which is 1 for
# positive $z$ and 0 otherwise. For a positive $z$ the two agree only at $z = 1$.

# %%
z = nn.tensor([-2.0, -0.5, 0.5, 3.0], requires_grad=True)
F.relu(z).sum().backward()
print("slope:", z.grad.tolist(), "  what the article multiplies by:", F.relu(z).tolist())
assert z.grad.tolist() == [0, 0, 1, 1]

# %% [markdown]
# ## 7.14 The article's CNN, corrected
#
# With padding 1 the 3 × 3 pictures stay 3 × 3, pooling makes one pixel of them, and 8 channels of it are 8 features.
# Cross-entropy of two logits takes the place of the squared error, and `backward()` that of the handwritten one.

# %%
x, t = cnn.article_pictures()
nn.manual_seed(0)
repaired = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 2))
optimizer, losses = nn.optim.SGD(repaired.parameters(), lr=0.5), []
for _ in range(100):
    optimizer.zero_grad()
    loss = F.cross_entropy(repaired(x), t)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
pictures.curves(None, {"the four pictures": losses}, log="y", xlabel="step", ylabel="cross-entropy")
assert np.array_equal(repaired(x).argmax(1).numpy(), t.numpy())

# %% [markdown]
# It learns them in no time. But look at what it has learnt: the four "pictures" are areas of a single colour each,
# white, red, green and blue, with the classes 1, 0, 0, 1. There is no edge in them, no shape, nothing that a filter
# could slide over. A line of arithmetic on the colour does the same,
# $-\text{red} - \text{green} + 4\,\text{blue} > 0$. Before training a network, find out what the simplest model can
# do, and whether the data hold what the network is good at. The digits of 7.11 do: strokes and bends, now here, now a
# pixel further on.

# %%
colours = cnn.COLOURS  # (4, 3): white, red, green, blue
assert np.array_equal(colours @ [-1, -1, 4] > 0, t.numpy() == 1)

# %% [markdown]
# ## 7.15 In an interview
#
# - **What does a convolution compute?** At every place the sum of products of a filter and what is under it. One
#   filter for all places: few weights, and a stroke is found wherever it is.
# - **How large is the output?** $\lfloor (H + 2p - d(k-1) - 1)/s \rfloor + 1$. An odd $k$ with $p = (k-1)/2$ keeps
#   the size.
# - **How is it made fast?** im2col: windows as columns, then one matrix product. Backwards the transposed products,
#   and col2im adds up what overlaps.
# - **Where does the gradient of max pooling go?** To the pixel that was the maximum, and nowhere else.
# - **Why two filters of 3 × 3 instead of one of 5 × 5?** The same view, fewer weights, one more nonlinearity.

# %% [markdown]
# ## Exercises
#
# On a command line, `fromzero exercise start NAME` writes a file to fill in, and `fromzero exercise check NAME` judges
# it. In a notebook, write the functions in a cell and call `check("NAME", globals())`.
#
# - `conv2d`: the layer, with stride and padding.
# - `conv2d_backward`: `im2col`, `col2im` and the three gradients.
# - `max_pool2d`: forwards and backwards, also where a row is left over, and with ties.
# - `drill_conv_shapes`: 7 · 7 · 64, and samples that are mixed in silence.
# - `drill_relu_derivative`: the value of ReLU in place of its slope.
# - `cnn_classifier`: the whole network of 7.11.
#
# The drill about shapes, solved:


# %%
def flat_features(pixels, padding, channels):
    for _ in range(2):
        pixels = output_size(pixels, 3, 1, padding)
        if pixels < 2:
            raise ValueError(f"a layer gets fewer pixels than its window: {pixels}")
        pixels = pixels // 2
    return pixels * pixels * channels


def flatten(x):
    return x.reshape(len(x), -1)


check("drill_conv_shapes", globals())

# %% [markdown]
# ## Where this lives in the code
#
# - [nn/kernels/convolution.py](../nn/kernels/convolution.py): im2col a tile at a time, and the three maps, each a
#   transpose of another.
# - [nn/kernels/window.py](../nn/kernels/window.py): output sizes and views of windows, for convolution and pooling.
# - [nn/ops/convolution.py](../nn/ops/convolution.py): the derivatives, declared.
# - [nn/kernels/pooling.py](../nn/kernels/pooling.py): max and average pooling.
# - [nn/examples/cnn.py](../nn/examples/cnn.py): `fromzero train cnn`, which reaches more with two layers and a
#   schedule.
# - [nn/viewing/features.py](../nn/viewing/features.py): the pictures of 7.12.
