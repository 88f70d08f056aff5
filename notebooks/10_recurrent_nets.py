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
# # 10 · Recurrent nets: a memory, and how it learns
#
# **Afterwards you can** unroll a recurrent net and backpropagate through time by hand, say why gradients vanish and
# what the gates of an LSTM do about it, and train a model of characters and sample from it.
#
# **You need** chapters 5 (backpropagation), 6 (cross-entropy) and 8 (Adam). **Time:** 40 minutes.
#
# All networks so far got their input at once. Text, sound and measurements come one piece after another, and what a
# piece means depends on the pieces before it. A recurrent net reads one piece at a time and keeps a **state**: some
# numbers that are to hold what matters of all that it has read. We start with a state of a single number, and end
# with a model that writes nursery rhymes.

# %%
import numpy as np

import nn
from nn import functional as F
from nn.examples import pictures
from nn.exercises import check

rng = np.random.default_rng(0)

# %% [markdown]
# ## 10.1 A memory of one number
#
# The state $h$ begins at 0. At each step the new state is made from the old one, times a weight $w$, and from the
# input: $h \leftarrow \tanh(w h + x)$. The input is 0 all the time, but for a single 1 at step 2. How long does the
# state remember it?


# %%
def remember(w, steps=25):
    """The states of a one-number memory that sees a 1 at step 2."""
    h, states = 0.0, []
    for t in range(steps):
        h = np.tanh(w * h + (t == 2))
        states.append(h)
    return states


states = {f"w = {w}": remember(w) for w in (0.5, 0.95, 1.5, -0.9)}
pictures.curves(None, states, style=".-", xlabel="step", ylabel="state h")
assert abs(states["w = 0.5"][-1]) < 1e-6
assert states["w = 1.5"][-1] > 0.8

# %% [markdown]
# With $w = 0.5$ it is forgotten after a few steps. With 0.95 the trace fades slowly. With 1.5 the state jumps to a
# second resting point and stays: it has *stored a bit*. With a negative weight it swings. All of this is in one
# number; a hundred of them, wired to each other, can hold a good deal.
#
# So forgetting and remembering are not built in. They are a matter of *weights*, and weights can be learnt.
#
# ## 10.2 The cell
#
# With $H$ numbers in the state and $D$ in each input, the weights become matrices. This is the plain recurrent cell
# (Elman, 1990):
#
# $$h_t = \tanh\bigl(W_x x_t + W_h h_{t-1} + b\bigr), \qquad t = 1, \dots, T .$$
#
# Look at what is *not* there: no index $t$ at the weights. The same $W_x$, $W_h$ and $b$ serve every step, as one
# filter serves all places of a picture. So a net that has learnt on ten steps can read a thousand.
#
# What is done with the states depends on the task. To say whether a review is friendly, one takes the last state and
# puts a classifier on it. To name the kind of each word, one takes every state. To predict the next character, one
# takes every state too, and the target is the input, moved by one step. The recurrent layer is the same in all three.
#
# Sequences come as $(T, N, D)$: steps, sequences of the batch, numbers of an input.


# %%
def rnn(x, h0, wx, wh, b):
    """x (T, N, D), h0 (N, H), wx (H, D), wh (H, H), b (H,) -> (T, N, H)"""
    h, states = h0, []
    for x_t in x:
        h = np.tanh(x_t @ wx.T + h @ wh.T + b)
        states.append(h)
    return np.stack(states)


T, N, D, H = 6, 3, 2, 4
x, h0, b = rng.normal(size=(T, N, D)), rng.normal(size=(N, H)), rng.normal(size=H)
wx, wh = rng.normal(size=(H, D)), rng.normal(size=(H, H))

layer = nn.RNN(D, H).double()
layer.load_state_dict({"weight_ih_l0": wx, "weight_hh_l0": wh, "bias_ih_l0": b, "bias_hh_l0": np.zeros(H)})
output, last = layer(nn.from_numpy(x), nn.from_numpy(h0[None]))
assert np.allclose(output.detach().numpy(), rnn(x, h0, wx, wh, b))
assert np.array_equal(last.detach().numpy()[0], output.detach().numpy()[-1])

# %% [markdown]
# ## 10.3 Unrolled
#
# For the gradient a loop is not a loop. Write down what has been computed, step by step, and a deep network of $T$
# layers appears, which happen to share their weights. Here it is for three steps of the one-number cell, drawn from
# what was recorded. Look at `w`: three arrows leave it.

# %%
w = nn.tensor(0.9, dtype=nn.float64, requires_grad=True)
pulse, h = [1.0, 0.5, -0.5], nn.tensor(0.0, dtype=nn.float64)
for value in pulse:
    h = (w * h + value).tanh()
nn.draw(h, names={"w": w})

# %% [markdown]
# A number that is used several times gets the *sum* of what comes back along its uses. So
#
# $$\frac{\partial L}{\partial w} = \sum_t \text{ (what the use at step } t \text{ contributes)} .$$
#
# ## 10.4 Backpropagation through time
#
# Walk from the last step to the first. At each step two gradients meet at $h_t$: one from outside, $g_t$, if the loss
# looks at this state, and one from the next step, which was made from $h_t$. With $u_t = W_x x_t + W_h h_{t-1} + b$:
#
# $$\frac{\partial L}{\partial h_t} = g_t + W_h^\top \frac{\partial L}{\partial u_{t+1}}, \qquad
# \frac{\partial L}{\partial u_t} = \frac{\partial L}{\partial h_t} \odot (1 - h_t^2),$$
#
# and then, as in any linear layer, summed over the steps:
#
# $$\frac{\partial L}{\partial W_x} = \sum_t \frac{\partial L}{\partial u_t} x_t^\top, \qquad
# \frac{\partial L}{\partial W_h} = \sum_t \frac{\partial L}{\partial u_t} h_{t-1}^\top, \qquad
# \frac{\partial L}{\partial b} = \sum_t \frac{\partial L}{\partial u_t} .$$
#
# This is all that "backpropagation through time" is (Werbos, 1990): chapter 5, with as many layers as steps.
#
# In numbers, for the one-number cell with $w = 0.9$: let the gradient at $h_3$ be 1, and the states be $h_3 = 0.24$
# and $h_2 = 0.83$. The slope at step 3 is $1 - 0.24^2 = 0.94$, so $u_3$ hears 0.94. The weight's use at step 3
# contributes $0.94 \cdot h_2 = 0.78$. And $h_2$ hears $0.94 \cdot 0.9 = 0.85$: that is what is carried on to step 2.
# The drawing above shows the same numbers at its nodes.


# %%
def rnn_backward(g, x, h0, wx, wh, b):
    """g (T, N, H) and the operands of rnn -> their gradients"""
    states = np.concatenate([h0[None], rnn(x, h0, wx, wh, b)])
    dx, dwx, dwh, db = np.zeros_like(x), np.zeros_like(wx), np.zeros_like(wh), np.zeros_like(b)
    carried = np.zeros_like(h0)
    for t in reversed(range(len(x))):
        du = (g[t] + carried) * (1 - states[t + 1] ** 2)  # (N, H)
        dx[t] = du @ wx
        dwx += du.T @ x[t]
        dwh += du.T @ states[t]
        db += du.sum(axis=0)
        carried = du @ wh
    return dx, carried, dwx, dwh, db


g = rng.normal(size=(T, N, H))
_, _, dwx, dwh, db = rnn_backward(g, x, h0, wx, wh, b)
output.backward(nn.from_numpy(g))
for hand, parameter in ((dwx, layer.weight_ih_l0), (dwh, layer.weight_hh_l0), (db, layer.bias_ih_l0)):
    assert np.allclose(hand, parameter.grad.numpy())

# %% [markdown]
# What it costs: all states of the forward pass must be kept until the backward pass has used them. For long texts one
# cuts: run 100 steps, backpropagate through these 100, hand the *state* on to the next 100 without its history
# (`state.detach()`). That is **truncated** backpropagation through time. The memory reaches on, the gradient does
# not.
#
# ## 10.5 Gradients that vanish, gradients that explode
#
# In the loop above the gradient is multiplied by $W_h$ and by slopes at *every* step. Below: how long is it after
# having travelled back through 1, 2, ..., 30 steps? Three nets of 50 units, which differ in the size of $W_h$.


# %%
def travelling(scale, steps=30, units=50):
    """The length of a gradient at the last state, seen at the states before it."""
    draw = np.random.default_rng(1)
    wh = scale * np.linalg.qr(draw.normal(size=(units, units)))[0]  # keeps lengths, but for the factor
    states = rnn(0.1 * draw.normal(size=(steps, 1, 4)), np.zeros((1, units)), draw.normal(size=(units, 4)) / 2, wh, 0)
    carried, lengths = draw.normal(size=(1, units)), []
    for h in states[::-1]:
        lengths.append(np.linalg.norm(carried))
        carried = (carried * (1 - h**2)) @ wh
    return np.array(lengths) / lengths[0]


lengths = {f"factor {scale}": travelling(scale) for scale in (0.7, 1.0, 1.4)}
pictures.curves(None, lengths, log="y", xlabel="steps back", ylabel="length of the gradient")
assert lengths["factor 0.7"][-1] < 1e-4
assert lengths["factor 1.4"][-1] > 1

# %% [markdown]
# The lowest line is straight on a logarithmic scale: a power again, as in chapter 8. (The others bend, because the
# slopes of tanh, which are at most 1, take their share.) But there each layer had weights of its own, and one could
# choose their size well. Here it is the *same* matrix each time, and training changes it.
#
# - **Vanishing**: the loss at step 30 does not hear of step 1. Nothing is wrong, no error is shown; the net learns
#   what is far away very late, or not at all. (Hochreiter, 1991; Bengio et al., 1994.)
# - **Exploding**: one step of the optimiser throws the weights far away, the loss jumps, perhaps to NaN.
#
# Exploding has a simple cure: if the gradient of all parameters together is longer than some $c$, shorten it to $c$.
# Its direction stays. This is **clipping** (Pascanu et al., 2013):
#
# $$g \leftarrow g \cdot \min\Bigl(1, \frac{c}{\lVert g \rVert}\Bigr)$$

# %%
weights = [nn.tensor(rng.normal(size=n), requires_grad=True) for n in (3, 5)]
sum((100 * p).sum() for p in weights).backward()
before = nn.utils.clip_grad_norm_(weights, max_norm=1.0).item()
after = np.sqrt(sum(np.sum(p.grad.numpy() ** 2) for p in weights))
assert np.isclose(before, 100 * np.sqrt(8))
assert np.isclose(after, 1, atol=1e-6)

# %% [markdown]
# ## 10.6 A conveyor belt with gates: the LSTM
#
# Vanishing needs another cell. The idea of the **LSTM** (long short-term memory; Hochreiter and Schmidhuber, 1997) is
# a second state $c$, a conveyor belt through time. Nothing is multiplied by a matrix on the belt. At each step three
# **gates**, numbers between 0 and 1 for each unit, decide what happens:
#
# - the **forget** gate $f$: how much of the belt is kept (added by Gers et al., 2000);
# - the **input** gate $i$: how much of the new suggestion $g$ is put on it;
# - the **output** gate $o$: how much of it is shown to the outside.
#
# $$i, f, o = \sigma(\dots), \quad g = \tanh(\dots), \qquad
# c_t = f \odot c_{t-1} + i \odot g, \qquad h_t = o \odot \tanh c_t$$
#
# Each $(\dots)$ is a linear map of $x_t$ and $h_{t-1}$, with weights of its own; in practice all four are one matrix
# product.
#
# Think of a reader with a pencil and a small notebook. At each word he may rub something out ($f$), write something
# down ($i$ and $g$), and he says aloud ($o$) only what is of use at the moment. What stands in the notebook stays
# there without his doing anything, and that is the point: *doing nothing means remembering*. In the plain cell it
# means passing through a matrix and a tanh.


# %%
def sigmoid(z):
    return (1 + np.tanh(z / 2)) / 2


def lstm_step(x, h, c, wx, wh, b):
    """x (N, D), h and c (N, H), wx (4 H, D), wh (4 H, H), b (4 H,) -> h, c"""
    i, f, g, o = np.split(x @ wx.T + h @ wh.T + b, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


lstm = nn.LSTM(D, H).double()
wx4, wh4 = lstm.weight_ih_l0.detach().numpy(), lstm.weight_hh_l0.detach().numpy()
b4 = (lstm.bias_ih_l0 + lstm.bias_hh_l0).detach().numpy()
h, c = np.zeros((N, H)), np.zeros((N, H))
for x_t in x:
    h, c = lstm_step(x_t, h, c, wx4, wh4, b4)
_, (last_h, last_c) = lstm(nn.from_numpy(x))
assert np.allclose(h, last_h.detach().numpy()[0])
assert np.allclose(c, last_c.detach().numpy()[0])

# %% [markdown]
# Now the derivative along the belt: $\partial c_t / \partial c_{t-1} = f$. No matrix and no tanh, only the gate.
# Where the gate is open, at 1, the gradient travels back without a loss; where the net has to forget, it closes the
# gate, and the gradient ends there, as it should.
#
# So the gate must be open to begin with. Its bias decides: $\sigma(0) = 0.5$ halves the memory at each step, while
# $\sigma(3) = 0.95$ keeps it for some twenty. The picture shows how strongly the last output of three untrained nets
# depends on each of 40 inputs.


# %%
def network(kind, forget=0.0, units=16):
    nn.manual_seed(0)
    net = kind(1, units, batch_first=True)
    if forget:
        with nn.no_grad():
            net.bias_ih_l0[units : 2 * units] = forget  # the second quarter: the forget gate's
    return net, nn.Linear(units, 2)


kinds = {"plain": (nn.RNN, 0), "LSTM": (nn.LSTM, 0), "LSTM, forget bias 3": (nn.LSTM, 3)}
reach = {}
for name, (kind, forget) in kinds.items():
    net, head = network(kind, forget)
    signal = nn.tensor(0.3 * rng.normal(size=(8, 40, 1)), dtype=nn.float32, requires_grad=True)
    head(net(signal)[0][:, -1])[:, 0].sum().backward()
    reach[name] = np.abs(signal.grad.numpy()).mean(axis=(0, 2)) + 1e-20
pictures.curves(None, reach, log="y", xlabel="step of the input", ylabel="influence on the output at step 39")
assert reach["LSTM, forget bias 3"][0] > 1000 * reach["plain"][0]

# %% [markdown]
# ## 10.7 Can it remember?
#
# This test asks for nothing but memory. The first of 40 numbers is 1 or −1, the other 39 are noise; at the end the net
# is to say which it was. Each of the three trains for 120 batches of fresh sequences. The loop has one new line: the
# clipping.


# %%
def sequences(draw, count=32, length=40):
    first = draw.integers(0, 2, count)
    x = 0.3 * draw.normal(size=(count, length, 1))
    x[:, 0, 0] = 2 * first - 1
    return nn.tensor(x, dtype=nn.float32), nn.tensor(first)


# %%
curves = {}
for name, (kind, forget) in kinds.items():
    net, head = network(kind, forget)
    parameters = [*net.parameters(), *head.parameters()]
    optimizer, draw, right = nn.optim.Adam(parameters, lr=0.01), np.random.default_rng(0), []
    for _ in range(120):
        x, t = sequences(draw)
        answer = head(net(x)[0][:, -1])
        optimizer.zero_grad()
        F.cross_entropy(answer, t).backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        right.append((answer.argmax(1) == t).float().mean().item())
    curves[name] = np.mean(np.reshape(right, (12, 10)), axis=1)
pictures.curves(np.arange(5, 120, 10), curves, style=".-", xlabel="batch", ylabel="share that is right")
assert curves["plain"][-1] < 0.7
assert curves["LSTM, forget bias 3"][-1] > 0.95

# %% [markdown]
# In these 120 batches the plain net only guesses, and so does the LSTM *as it is usually initialised*! The
# architecture made it possible; the open gate makes it happen. One line of initialisation decides, and most
# libraries, PyTorch's and ours, leave it to you. A rule: set the bias to about the logarithm of the span that is to
# be bridged (Tallec and Ollivier, 2018); $\ln 40 = 3.7$.
#
# Does vanishing mean *never*? Set 120 to 600 and try the seeds 0 to 3: the plain net gets there with three of them,
# after 130 to 550 batches. A gradient of $10^{-11}$ is not zero, and Adam, which divides by its size, takes a step
# all the same. But where the one useful gradient is drowned by others, it is lost; and twice the span would make it
# $10^{-22}$. The LSTM with its gates half open gets there with none of the four.
#
# ## 10.8 A text to learn by heart
#
# Now we turn to language, character by character. The text is a rhyme that everybody knows, and that needs memory: each
# verse repeats all the earlier ones in the right order.

# %%
parts = [
    "the house that Jack built", "the malt that lay in", "the rat that ate", "the cat that killed",
    "the dog that worried", "the cow with the crumpled horn that tossed", "the maiden all forlorn that milked",
    "the man all tattered and torn that kissed", "the priest all shaven and shorn that married",
    "the cock that crowed in the morn that woke", "the farmer sowing his corn that kept",
]  # fmt: skip
text = "".join("This is " + " ".join(parts[n::-1]) + ".\n" for n in range(len(parts)))
chars = sorted(set(text))
codes = np.array([chars.index(char) for char in text])
print(text[:167])
print(len(text), "characters,", len(chars), "different ones")

# %% [markdown]
# The question to the model is always the same: *which character comes next?* It is classification with 27 classes,
# and the loss is cross-entropy. Two baselines come first. Knowing nothing costs $\ln 27 = 3.30$. Knowing only which
# character follows which, a table of pairs, costs less:

# %%
pairs = np.zeros((len(chars), len(chars)))
np.add.at(pairs, (codes[:-1], codes[1:]), 1)
shares = pairs / pairs.sum(axis=1, keepdims=True)
bigram_loss = -np.mean(np.log(shares[codes[:-1], codes[1:]]))
print(f"knowing nothing {np.log(len(chars)):.2f}, knowing the character before {bigram_loss:.2f}")

# %% [markdown]
# The model has three parts. An **embedding** gives each character a vector of 16 numbers, a row of a table that is
# learnt. (It is the same as a linear layer on one-hot vectors, without the multiplications by zero.) The LSTM reads
# the vectors. A linear layer makes 27 logits of each state. A batch is 16 pieces of the text, of 40 characters each,
# from random places; the target is the same piece, one character further on.

# %%
nn.manual_seed(0)
embed = nn.Embedding(len(chars), 16).double()
lstm = nn.LSTM(16, 48, batch_first=True).double()
head = nn.Linear(48, len(chars)).double()
parameters = [*embed.parameters(), *lstm.parameters(), *head.parameters()]
optimizer, losses, draw = nn.optim.Adam(parameters, lr=0.01), [], np.random.default_rng(0)

# %%
for _ in range(250):
    starts = draw.integers(0, len(codes) - 40, 16)
    pieces = nn.from_numpy(codes[starts[:, None] + np.arange(41)])  # (16, 41)
    states, _ = lstm(embed(pieces[:, :-1]))  # (16, 40, 48)
    logits = head(states)  # (16, 40, 27)
    optimizer.zero_grad()
    loss = F.cross_entropy(logits.flatten(0, 1), pieces[:, 1:].flatten())
    loss.backward()
    nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    losses.append(loss.item())

levels = {"LSTM": losses, "the character before": np.full(250, bigram_loss)}
pictures.curves(None, levels, style=["-", "--"], log="y", xlabel="batch", ylabel="cross-entropy")
assert losses[-1] < 0.3 < bigram_loss

# %% [markdown]
# The loss falls below that of the table quickly, and then stays above zero. It must: at the start of a verse, after
# "This is the ", nothing in the last 40 characters tells whether a house or a cow is coming. $e^{\text{loss}}$ is
# called the **perplexity**: among how many characters the model is undecided on average. Here it is a little above 1.
#
# ## 10.9 Let it write
#
# To write, draw a character from the probabilities, feed it back as the next input, and so on. One knob belongs to
# it, the **temperature** $\tau$: the logits are divided by it before the softmax.
#
# $$p_j \propto e^{z_j / \tau}$$
#
# Below 1 the model dares less: the likely becomes likelier. Near 0 it always takes the most likely character. Above 1
# it dares more. The bars are the same prediction, what follows "This is the ", at three temperatures.


# %%
def read(string):
    """The logits (27,) for the character after the string, and the state."""
    with nn.no_grad():
        states, state = lstm(embed(nn.tensor([[chars.index(char) for char in string]])))
        return head(states[0, -1]).numpy(), state


def probabilities(logits, temperature):
    e = np.exp((logits - logits.max()) / temperature)
    return e / e.sum()


logits, _ = read("This is the ")
best = np.argsort(-logits)[:6]
for axis, temperature in zip(pictures.panels(3, size=(2.9, 2.2)), (0.3, 1.0, 3.0), strict=True):
    p = probabilities(logits, temperature)
    heights = {chars[j].replace(" ", "space"): p[j] for j in best}
    pictures.bars(heights, form="{:.2f}", title=f"temperature {temperature}", axis=axis)


# %%
def write(start, length, temperature, seed=1):
    draw, string = np.random.default_rng(seed), start
    logits, state = read(start)
    for _ in range(length):
        code = draw.choice(len(chars), p=probabilities(logits, temperature))
        string += chars[code]
        with nn.no_grad():
            states, state = lstm(embed(nn.tensor([[code]])), state)
            logits = head(states[0, -1]).numpy()
    return string


for temperature in (0.3, 1.0, 2.0):
    print(f"--- temperature {temperature}\n{write('This is the ', 150, temperature)}\n")

# %% [markdown]
# At a low temperature the model recites. At 1 it invents verses that nobody has written, mostly of real words. At a
# high one the spelling goes. None of these is wrong: a model of language gives probabilities, and how to draw from them
# is a decision of its own. Always taking the most likely character sounds safest, and tends to run in circles; taking
# only the ten most likely ones into account (*top-k*) is a compromise that is often used.
#
# One caution: a net of fourteen thousand numbers has learnt a text of two thousand characters by heart, on which it was
# also judged. For a figure that means something, a part of the text must be kept aside, as in chapter 8.
#
# ## 10.10 A look into the memory
#
# What does the net show of its memory while it reads? Each row is one of the 48 units, each column a character of a
# verse; red is a positive value of $h$, blue a negative one. Shown are the eight units that vary most.

# %%
verse = text.splitlines()[3][:64]
with nn.no_grad():
    states, _ = lstm(embed(nn.tensor([[chars.index(char) for char in verse]])))
shown = states.numpy()[0].T  # (48, 64)
busiest = np.argsort(-shown.std(axis=1))[:8]
pictures.heat(shown[busiest], form=None, rows=busiest.tolist(), columns=list(verse), limits=(-1, 1),
              xlabel="character read", ylabel="unit", axis=pictures.panels(size=(10, 2.4)))  # fmt: skip
assert shown[busiest].std() > 0.3

# %% [markdown]
# Some rows flicker with single letters. Others hold their colour over whole words and change at a space: they seem to
# know where in the sentence the net is. Nobody has told them to. In large nets one finds units for quotes, for
# brackets, for the length of the line (Karpathy et al., 2015). Beware, though, of reading too much into single units:
# most of what a net knows is spread over many.
#
# ## 10.11 What followed
#
# The **GRU** (Cho et al., 2014) is an LSTM with two gates instead of three and without a second state: a little
# cheaper, about as good. `nn.GRU` has the same interface.
#
# Two things are left that no gate can cure. A recurrent net must squeeze all that it has read into a state of fixed
# size. And it must go step by step: step 1,000 cannot be computed before step 999, however many processors there are.
# **Attention** lets every position look at every other one directly, all at the same time. That is the next chapter.

# %% [markdown]
# ## 10.12 In an interview
#
# - **What does a recurrent net share?** Its weights, over all steps, as a convolution over all places.
# - **What is backpropagation through time?** The chain rule on the unrolled net; the gradients of a shared weight add
#   up.
# - **Why do gradients vanish?** The same matrix and slopes below 1, multiplied once for every step.
# - **What does an LSTM do about it?** A state to which things are added; its derivative is the forget gate, not a
#   matrix.
# - **And against exploding?** Clip the length of the gradient.
# - **What does the temperature change?** How boldly one draws, not what the model has learnt.

# %% [markdown]
# ## Exercises
#
# `fromzero exercise start NAME` writes a file to fill in, `fromzero exercise check NAME` judges it; here,
# `check("NAME", globals())` does.
#
# - `embedding_rnn`: 10.2 and 10.4, and the embedding with its gradient.
# - `char_language_model`: the table of pairs, perplexity, temperature, sampling.
# - `clip_grad_norm`: 10.5.
#
# The first one, solved; `rnn` and `rnn_backward` are those from above. An embedding picks rows, so its gradient adds
# to rows, and a character that occurs five times gets five contributions. `dweight[index] += g` would count only one.


# %%
def embedding(index, weight):
    return weight[index]


def embedding_backward(g, index, weight):
    dweight = np.zeros_like(weight)
    np.add.at(dweight, index, g)
    return dweight


check("embedding_rnn", globals())

# %% [markdown]
# ## Where this lives in the code
#
# - [nn/modules/recurrent.py](../nn/modules/recurrent.py): `nn.RNN`, `nn.LSTM`, `nn.GRU`, with layers and directions.
# - [nn/kernels/recurrent.py](../nn/kernels/recurrent.py): all steps of a layer in one kernel, forwards and backwards.
# - [nn/ops/recurrent.py](../nn/ops/recurrent.py): the derivatives, declared.
# - [nn/examples/lstm.py](../nn/examples/lstm.py): `fromzero train lstm`, a larger text, with a held-out part.
# - [nn/data/synthetic.py](../nn/data/synthetic.py): the adding problem, copying and parity, tasks for a memory.
