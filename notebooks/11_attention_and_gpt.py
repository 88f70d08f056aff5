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
# # 11 · Attention and a small GPT
#
# A recurrent net carries all that it has read in one vector, and hands it on from word to word. What was read long ago
# has to survive every step in between. Attention lets every word look back at every earlier word directly, and choose.
# This one idea, stacked, is the language model of today.
#
# **Afterwards you can** compute attention and its gradient by hand, say why the scores are divided by a square root and
# why the mask comes before the softmax, train a small GPT, sample from it, and read its attention maps.
#
# **You need** chapters 6 (softmax, cross-entropy) and 8 (normalisation, Adam); chapter 10 (recurrent nets) helps.
# **Time**: 40 minutes.

# %%
import numpy as np

import nn
from nn import functional as F
from nn.examples import pictures
from nn.exercises import check
from nn.models import GPT, GPTConfig
from nn.viewing import attention_weights, draw_attention

rng = np.random.default_rng(0)

# %% [markdown]
# ## 11.1 A dictionary that answers a little of everything
#
# A Python dictionary compares a *query* with its *keys* and returns the *value* of the one that is equal. Attention
# does the same softly: each key gets a share according to how well it fits, and the answer is the mean of all values by
# those shares. Here are three queries and four keys of two numbers each:

# %%
keys = np.array([[2.0, 0.0], [0.0, 2.0], [-2.0, 0.0], [1.5, 1.5]])
queries = np.array([[3.0, 0.0], [0.0, -2.0], [1.0, 1.0]])
values = np.array([[10.0], [20.0], [30.0], [40.0]])


def softmax(scores):
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


scores = queries @ keys.T / np.sqrt(2)
weights = softmax(scores)
answers = weights @ values

left, middle, right = pictures.panels(3, size=(3.0, 2.3), width_ratios=[4, 4, 1.6])
rows, columns = ["query 0", "query 1", "query 2"], ["key 0", "1", "2", "3"]
pictures.heat(scores, form="{:.1f}", rows=rows, columns=columns, title="scores: how well they fit", axis=left)
pictures.heat(weights, form="{:.2f}", columns=columns, title="weights: each row sums to 1", axis=middle)
pictures.heat(answers, form="{:.1f}", limits=(-60, 60), title="answers", axis=right)
assert np.allclose(weights.sum(axis=1), 1)

# %% [markdown]
# Query 0 points to the right. Keys 0 and 3 do so, too, and share its attention; the answer lies between their values,
# 10 and 40. Query 1 points down, where no key is. It has to take something all the same, and shares its attention
# between keys 0 and 2, which at least do not point the other way. Query 2 lies between keys 0 and 1, but key 3 fits
# better than both.
#
# In one formula, with a row for each query in $Q$ and for each key and value in $K$ and $V$:
#
# $$\text{attention}(Q, K, V) = \text{softmax}\!\left(\frac{Q K^\top}{\sqrt{d}}\right) V .$$
#
# Each query meets each key in a dot product. That is large if both point the same way. The softmax over the keys makes
# shares of them (chapter 6), and a matrix product takes the mean. (Vaswani et al., *Attention Is All You Need*, 2017.)
#
# Three things can be read off the formula. Nothing in it is learnt: the knowledge sits in the matrices that make $Q$,
# $K$ and $V$, see 11.5. Every pair of words meets directly, so the way from one word to another has length 1, however
# far apart they are; in a recurrent net it is as long as the text between them. And for $T$ words there are $T^2$
# pairs: a text of twice the length costs four times as much.

# %%
together = F.scaled_dot_product_attention(*(nn.from_numpy(a) for a in (queries, keys, values)))
assert np.allclose(together.numpy(), answers)

# %% [markdown]
# ## 11.2 Why the square root
#
# Take queries and keys whose $d$ entries are random with variance 1. Each product $q_i k_i$ has variance 1, and the dot
# product adds $d$ of them, so its variance is $d$: with 256 entries the scores are 16 times as large as with one. This
# is what the softmax makes of eight such keys:

# %%
d = 256
q, k = rng.normal(size=(2000, d)), rng.normal(size=(2000, 8, d))
raw = np.einsum("nd,nkd->nk", q, k)
names = [f"{i}" for i in range(8)]
left, right = pictures.panels(2, size=(3.8, 2.4))
for axis, s, title in ((left, raw[0], "without the root"), (right, raw[0] / np.sqrt(d), "divided by the root")):
    pictures.bars(dict(zip(names, softmax(s), strict=True)), form="{:.2f}", title=title, xlabel="key", axis=axis)
assert np.isclose(raw.var(), d, rtol=0.05)
assert softmax(raw).max(axis=1).mean() > 0.9  # one key takes nearly all
assert softmax(raw / np.sqrt(d)).max(axis=1).mean() < 0.5

# %% [markdown]
# Without the root one key takes everything before anything is learnt. Worse, a softmax that is so sure has nearly no
# gradient: $\partial p_i / \partial s_j = p_i(\delta_{ij} - p_j)$ is 0 where $p$ is 0 or 1. Divided by $\sqrt{d}$ the
# scores have variance 1 whatever the width is, and the network can begin to choose.
#
# ## 11.3 The gradient, by hand
#
# Two matrix products with a softmax between them; you know both. Let $S = QK^\top/\sqrt d$, $P = \text{softmax}(S)$,
# $Y = PV$, and let $G = \partial L/\partial Y$ come from above. Backwards, step by step:
#
# $$\frac{\partial L}{\partial V} = P^\top G, \qquad \frac{\partial L}{\partial P} = G V^\top,$$
#
# $$\frac{\partial L}{\partial S} = P \odot \Big(\frac{\partial L}{\partial P}
# - \text{its mean over the row, by the weights } P\Big),$$
#
# $$\frac{\partial L}{\partial Q} = \frac{1}{\sqrt d}\,\frac{\partial L}{\partial S} K, \qquad
# \frac{\partial L}{\partial K} = \frac{1}{\sqrt d}\Big(\frac{\partial L}{\partial S}\Big)^{\!\top} Q .$$
#
# The first line says that a value hears from all who looked at it, by the share with which they did. The middle line is
# the softmax's rule. Shares sum to 1, so one can only grow at the expense of others: a key gains where its value helps
# more than the answer does on average. The last line is a matrix product's rule: a query is pulled towards the keys
# that it should have looked at.


# %%
def attention_backward(g, q, k, v, p):
    dp = g @ v.swapaxes(-1, -2)
    ds = p * (dp - (dp * p).sum(axis=-1, keepdims=True)) / np.sqrt(q.shape[-1])
    return ds @ k, ds.swapaxes(-1, -2) @ q, p.swapaxes(-1, -2) @ g


g = rng.normal(size=answers.shape)
tensors = [nn.tensor(a, requires_grad=True) for a in (queries, keys, values)]
F.scaled_dot_product_attention(*tensors).backward(nn.from_numpy(g))
for tensor, by_hand in zip(tensors, attention_backward(g, queries, keys, values, weights), strict=True):
    assert np.allclose(tensor.grad.numpy(), by_hand)

# %% [markdown]
# ## 11.4 The mask: no looking ahead
#
# A language model says what comes next. If word 3 could look at word 4, it would copy instead of predict. So a query
# may look at itself and at what lies before it, and nothing else:

# %%
T = 6
scores = rng.normal(size=(T, T))
allowed = np.tril(np.ones((T, T), bool))
masked = np.where(allowed, scores, -np.inf)
places = [str(i) for i in range(T)]
left, middle, right = pictures.panels(3, size=(2.9, 2.7))
pictures.heat(scores, form=None, rows=places, columns=places, title="scores", ylabel="query", axis=left)
pictures.heat(np.where(allowed, scores, np.nan), form=None, columns=places, title="masked", xlabel="key", axis=middle)
pictures.heat(softmax(masked), form="{:.2f}", columns=places, limits=(-1, 1), title="weights", axis=right)
assert np.allclose(softmax(masked).sum(axis=1), 1)
assert np.all(softmax(masked)[~allowed] == 0)

# %% [markdown]
# The future gets the score $-\infty$ *before* the softmax, since $e^{-\infty} = 0$: the remaining shares still sum to
# 1. Whoever sets the weights to 0 *after* the softmax gets rows that sum to less than 1, and has let the future into
# the denominator. This is a frequent mistake, and it is easy to test for: change the last word, and nothing before it
# may change.

# %%
x = rng.normal(size=(1, T, 4))
changed = x.copy()
changed[0, -1] += 5
before, after = (F.scaled_dot_product_attention(*[nn.from_numpy(a)] * 3, is_causal=True).numpy() for a in (x, changed))
assert np.array_equal(before[0, :-1], after[0, :-1])
assert not np.allclose(before[0, -1], after[0, -1])

p = softmax(x[0] @ x[0].T / 2) * allowed  # the mistake: zeros after the softmax
print("sums of the rows, masked too late:", p.sum(axis=1).round(2))

# %% [markdown]
# ## 11.5 Where queries, keys and values come from, and why there are heads
#
# In **self-attention** all three are made from the same words, by three matrices that are learnt: $Q = X W_Q$, $K = X
# W_K$, $V = X W_V$. A word thus has three roles: what it looks for, what it offers to be found by, and what it hands
# over.
#
# One softmax yields one mixture for each word. But a verb may look for its subject *and* for the word just before. So
# the width $E$ is cut into $h$ pieces, the **heads**, each of which attends by itself with $d = E/h$ entries. The
# results are put side by side again, and one more matrix mixes them. It costs no more than a single wide head.

# %%
nn.manual_seed(0)
layer = nn.MultiheadAttention(embed_dim=8, num_heads=2, batch_first=True)
x = rng.normal(size=(1, T, 8)).astype(np.float32)
W, b = layer.in_proj_weight.detach().numpy(), layer.in_proj_bias.detach().numpy()
qkv = (x @ W.T + b).reshape(1, T, 3, 2, 4)  # N, T, which of the three, head, d
q, k, v = qkv.transpose(2, 0, 3, 1, 4)  # each N, head, T, d
mixed = softmax(q @ k.swapaxes(-1, -2) / 2) @ v  # N, head, T, d
side_by_side = mixed.transpose(0, 2, 1, 3).reshape(1, T, 8)
by_hand = side_by_side @ layer.out_proj.weight.detach().numpy().T + layer.out_proj.bias.detach().numpy()
tx = nn.from_numpy(x)
assert np.allclose(layer(tx, tx, tx)[0].detach().numpy(), by_hand, atol=1e-6)
print("x", x.shape, "-> q, k, v", q.shape, "-> side by side", side_by_side.shape)

# %% [markdown]
# ## 11.6 Attention does not know the order
#
# Shuffle the words, and each word gets the same answer as before, only in another place: a mean does not care for
# order. "The dog worried the cat" and "the cat worried the dog" would be the same. So the place must be part of the
# word.

# %%
shuffle = rng.permutation(T)
tx, shuffled = nn.from_numpy(x), nn.from_numpy(x[:, shuffle])
same = layer(tx, tx, tx)[0].detach().numpy()[:, shuffle]
assert np.allclose(layer(shuffled, shuffled, shuffled)[0].detach().numpy(), same, atol=1e-6)

place, i = np.arange(64)[:, None], np.arange(16)[None]
angle = place / 10_000 ** (i / 16)
waves = np.stack([np.sin(angle), np.cos(angle)], axis=2).reshape(64, 32)
left, right = pictures.panels(2, size=(4.0, 2.5))
pictures.heat(waves[:, ::2].T, form=None, title="the sines at each place", xlabel="place", ylabel="i", axis=left)
pictures.curves(None, {f"place {p}": waves @ waves[p] for p in (10, 30, 50)}, xlabel="place",
                title="dot product with the others", axis=right)  # fmt: skip

# %% [markdown]
# The first transformer added fixed waves to the words, of ever longer wavelength, like the hands of a clock:
#
# $$p_{t,\,2i} = \sin\!\big(t / 10000^{2i/E}\big), \qquad p_{t,\,2i+1} = \cos\!\big(t / 10000^{2i/E}\big).$$
#
# The dot product of two such vectors depends on the distance of their places alone, and is largest at distance 0: by
# $\cos a \cos b + \sin a \sin b = \cos(a - b)$ it is a sum of cosines of the distance. GPT learns a vector for each
# place instead, in a table like that of the words. Llama turns queries and keys by an angle (rotary embeddings), so
# that each score depends on the distance. A learnt table has a price: a place that never occurred in training has a
# vector that nobody has trained.
#
# ## 11.7 A block, and the whole network
#
# A block of GPT has two parts, and adds each to what it read:
#
# $$x \leftarrow x + \text{attention}(\text{norm}(x)), \qquad x \leftarrow x + W_2\,\text{gelu}(W_1\,\text{norm}(x)) .$$
#
# In the first part words exchange information, in the second each word works by itself on what it has gathered, in a
# layer four times as wide. The sums are a highway for the gradient, which passes them unchanged, however deep the stack
# is (residual connections; He et al., 2016). A network is: vectors of words plus vectors of places, some blocks, a last
# norm, and a product with the table of words, which gives a logit for each word that could come next. Here is all of it
# in NumPy, with the weights of an `nn.models.GPT`:


# %%
def norm(x, part):
    centred = x - x.mean(axis=-1, keepdims=True)
    scaled = centred / np.sqrt(x.var(axis=-1, keepdims=True) + 1e-5)
    return scaled * part.weight.numpy() + part.bias.numpy()


def linear(x, part):
    return x @ part.weight.numpy().T + part.bias.numpy()


def attend(x, part, heads):
    N, T, E = x.shape
    q, k, v = linear(x, part.c_attn).reshape(N, T, 3, heads, E // heads).transpose(2, 0, 3, 1, 4)
    s = q @ k.swapaxes(-1, -2) / np.sqrt(E // heads)
    s = np.where(np.tril(np.ones((T, T), bool)), s, -np.inf)
    return linear((softmax(s) @ v).transpose(0, 2, 1, 3).reshape(N, T, E), part.c_proj)


def gelu(x):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def gpt(tokens, model):
    parts = model.transformer
    x = parts.wte.weight.numpy()[tokens] + parts.wpe.weight.numpy()[: tokens.shape[1]]
    for block in parts.h:
        x = x + attend(norm(x, block.ln_1), block.attn, model.config.n_head)
        x = x + linear(gelu(linear(norm(x, block.ln_2), block.mlp.c_fc)), block.mlp.c_proj)
    return norm(x, parts.ln_f) @ parts.wte.weight.numpy().T


# %%
model = GPT(GPTConfig(vocab_size=50, n_positions=16, n_embd=32, n_layer=2, n_head=2)).eval().requires_grad_(False)
tokens = rng.integers(0, 50, (3, 16))
assert np.allclose(gpt(tokens, model), model(nn.from_numpy(tokens)).numpy(), atol=1e-5)

E = 32
per_block = sum(p.numel() for p in model.transformer.h[0].parameters())
assert per_block == 12 * E**2 + 13 * E  # 4 E^2 in the attention, 8 E^2 behind it, and biases and norms
print(f"{per_block:,} numbers a block; GPT-2 small has 12 blocks of width 768: {12 * (12 * 768**2 + 13 * 768):,}")

# %% [markdown]
# ## 11.8 A text to learn
#
# We need a short text in which a word depends on words further back. An old nursery rhyme is made like that: each verse
# puts one more clause in front of the one before.

# %%
CLAUSES = [
    "house that Jack built .", "malt that lay in the", "rat that ate the", "cat that killed the",
    "dog that worried the", "cow with the crumpled horn that tossed the", "maiden all forlorn that milked the",
    "man all tattered and torn that kissed the", "priest all shaven and shorn that married the",
    "cock that crowed in the morn that woke the", "farmer sowing his corn that kept the",
]  # fmt: skip
verses = ["This is the " + " ".join(CLAUSES[k::-1]) for k in range(len(CLAUSES))]
print(verses[3])

# %% [markdown]
# A **token** is what the model reads as one unit; here simply a word, and there are 44 of them. (Large models use
# pieces of words, found by byte-pair encoding: frequent pairs of characters are joined again and again. That is
# `nn.data.ByteLevelBPETokenizer`.) The verse of the cow is held out. Its clauses occur in later verses, but never after
# "This is the".

# %%
vocabulary = sorted({word for verse in verses for word in verse.split()})
number = {word: i for i, word in enumerate(vocabulary)}


def encode(text):
    return np.array([number[word] for word in text.split()])


def decode(tokens):
    return " ".join(vocabulary[int(token)] for token in tokens)


held_out = encode(verses[5])
train = np.concatenate([encode(verse) for k, verse in enumerate(verses) if k != 5])
counts = np.full((len(vocabulary), len(vocabulary)), 0.1)
np.add.at(counts, (train[:-1], train[1:]), 1)
pairs = counts / counts.sum(axis=1, keepdims=True)
bigram = -np.log(pairs[held_out[3:-1], held_out[4:]]).mean()
print(f"{len(train)} words to train on; nats a word: {np.log(len(vocabulary)):.2f} by guessing, {bigram:.2f} by pairs")

# %% [markdown]
# That last number is the opponent: a table that says which word follows which (as in chapter 10). It cannot know what
# comes after "that", since the verb depends on who was named before. A **nat** is the unit of $-\ln p$: a model that
# gives the right word the probability $p$ pays $-\ln p$ for it. The exponential of the mean, the *perplexity*, says
# among how many equally likely words the model seems to choose: 44 by guessing, a little above 3 by pairs.
#
# ## 11.9 Training
#
# The loop is the same as ever. A batch is eight windows from anywhere in the text. The target of each word is the next
# one, so one window of 32 words asks 32 questions at once, each with another amount of context. That is what the mask
# makes possible: a recurrent net has to go through the same window word by word, while here all words are rows of one
# matrix product. It is the reason why transformers could be made so large.

# %%
nn.manual_seed(0)
T = 32
config = GPTConfig(
    vocab_size=len(vocabulary), n_positions=T, n_embd=32, n_layer=2, n_head=2,
    resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, initializer_range=0.08,
)  # fmt: skip
model = GPT(config)
optimizer = nn.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.1)
rng = np.random.default_rng(0)
losses, checked = [], []
for step in range(200):
    starts = rng.integers(0, len(train) - T, 8)
    window = nn.from_numpy(train[starts[:, None] + np.arange(T + 1)])  # (8, T + 1)
    optimizer.zero_grad()
    logits = model(window[:, :-1])  # (8, T, words)
    loss = F.cross_entropy(logits.flatten(0, 1), window[:, 1:].flatten())
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
    if step % 10 == 9:
        with nn.no_grad():
            logits = model(nn.from_numpy(held_out[None, :-1]))[0, 3:]
            checked.append(F.cross_entropy(logits, nn.from_numpy(held_out[4:])).item())

# %%
axis = pictures.panels(size=(5, 2.9))
steps = np.arange(200)
lines = {"training": losses, "held-out verse": np.interp(steps, np.arange(9, 200, 10), checked),
         "pairs, held-out": np.full(200, bigram), "guessing": np.full(200, np.log(44))}  # fmt: skip
pictures.curves(steps, lines, style=["-", "-", "--", ":"], log="y", xlabel="step", ylabel="nats a word", axis=axis)
assert checked[-1] < 0.05
print(f"the held-out verse costs less than 0.05 nats a word from its fifth word on; by pairs {bigram:.2f}")

# %% [markdown]
# The held-out verse is predicted almost with certainty from its fifth word on, although the model has never seen it.
# (The fourth word, "cow", is not counted: after "This is the" nobody can know who comes.) The training loss stays
# higher than the loss of that verse, and it must: a window may begin in the middle of a clause, and at the beginning of
# each verse there is a word to guess. No model can go below the uncertainty that is in the text itself.
#
# Is this understanding? It is enough to see that the model has not just stored verses. It has stored clauses, and a
# rule to chain them. For a larger text, `fromzero train gpt` does the same with Python's documentation in a few
# minutes.
#
# ## 11.10 Letting it write
#
# The model gives probabilities of the next word. To write, draw one, append it, and ask again. The **temperature**
# $\tau$ divides the logits before the softmax, $p = \text{softmax}(z / \tau)$: below 1 it is more cautious, above 1
# bolder, and towards 0 it always takes the first:

# %%
with nn.no_grad():
    z = model(nn.from_numpy(encode("This is the")[None]))[0, -1].numpy()
best = np.argsort(-z)[:6]
for axis, tau in zip(pictures.panels(2, size=(3.7, 2.3), sharey=True), (0.3, 1.5), strict=True):
    shares = dict(zip([vocabulary[i] for i in best], softmax(z / tau)[best], strict=True))
    pictures.bars(shares, form="{:.2f}", title=f"after 'This is the', temperature {tau}", axis=axis)

# %%
prompt = nn.from_numpy(encode("This is the cow")[None])
greedy = decode(model.generate(prompt, 29, do_sample=False)[0])
print(greedy)
assert greedy == verses[5]
for seed in (1, 2):
    drawn = model.generate(prompt[:, :3], 14, temperature=1.5, generator=nn.Generator().manual_seed(seed))
    print(f"temperature 1.5: {decode(drawn[0])} ...")

# %% [markdown]
# Two more knobs cut off the tail of unlikely words before drawing: `top_k` keeps the $k$ most probable ones, `top_p`
# the fewest that together have the probability $p$ (Holtzman et al., 2020). They matter for long texts: a word of one
# in a thousand that is drawn once sends the rest of the text astray, since the model reads its own words as if they
# were given. You see it above at temperature 1.5, where the rhyme breaks and never comes back.
#
# ## 11.11 What it looks at
#
# `attention_weights` runs a model and keeps each softmax of each head. A row is a word that asks, a column a word that
# is looked at. The upper right half is dark: that is the mask.

# %%
phrase = "This is the dog that worried the cat that"
maps = attention_weights(model, nn.from_numpy(encode(phrase)[None]))
draw_attention(maps["transformer.h.0.attn"], phrase.split(), title="first block")

# %%
average = {}
for name, weights in maps.items():
    for head, w in enumerate(weights[0]):
        average[f"{name[14]} / {head}"] = np.diagonal(w, -1).mean()  # the weight of the word before
pictures.bars(average, form="{:.0%}", title="attention to the word just before", xlabel="block / head")
assert max(average.values()) > 0.5
assert all(np.allclose(w.sum(-1), 1, atol=1e-5) for w in maps.values())

# %% [markdown]
# In the first block the heads look mostly at the word before. Nobody told it to: "that" alone does not say which verb
# follows, "cat that" does. Heads of this kind are found in large models, too, and later blocks build on them (Olsson et
# al., *In-context Learning and Induction Heads*, 2022).
#
# Be careful with such maps. They show where information may come from, not what is done with it. And a weight is often
# large at a place that says nothing, since a softmax must spend its 1 somewhere.
#
# ## 11.12 The KV cache: why writing is cheap
#
# To write word 100, must the model read 99 words again? The mask says no. An earlier word never sees a later one, so
# its keys and values stay what they were. Keep them, and only the new word has to go through the network:

# %%
tokens = nn.from_numpy(held_out[None, :20])
with nn.no_grad():
    at_once = model(tokens)
    cache, read, one_by_one = model.new_cache(), 0, []
    for t in range(20):
        one_by_one.append(model(tokens[:, t : t + 1], cache))  # one word goes in
        read += 1
assert np.allclose(nn.cat(one_by_one, 1).numpy(), at_once.numpy(), atol=1e-4)

lengths = np.arange(1, 33)
pictures.curves(lengths, {"without a cache": lengths * (lengths + 1) // 2, "with a cache": lengths},
                xlabel="words written", ylabel="words that went through the network")  # fmt: skip
print(f"{read} words went through the network for 20 words written; without a cache {20 * 21 // 2}")

# %% [markdown]
# The price is memory: two vectors of width $E$ for each word in each block. For large models that is gigabytes, and the
# reason for sharing keys and values among heads (`num_key_value_heads` below `num_attention_heads`, as in Llama). The
# cache also explains why a chat program is slow before its first word and then steady: the question is read at once,
# the answer word by word.
#
# ## 11.13 From here to a large model
#
# GPT-2 is this network with other numbers: 50,257 tokens that are pieces of words, 1,024 places, 12 to 48 blocks of
# width 768 to 1,600. `GPT.from_pretrained` reads its files as they are. Later models changed details (norms without
# a mean, rotary places, gated layers, shared keys), not the plan.
#
# What makes such a model useful comes in stages. In **pretraining** it predicts the next token of a very large text, as
# here, and that is where nearly all of the computing goes. Then it is **fine-tuned**: on examples of what it should do,
# and by comparisons of good and less good answers. Fine-tuning changes little and costs little; chapter 12 shows how to
# train a small part of the weights and get most of the effect. The last stage treats writing as the acts of an agent
# that are rewarded, which is the subject of chapter 13.
#
# ## Exercises
#
# - [`scaled_dot_product_attention`](../nn/exercises/catalogue/scaled_dot_product_attention.py): `fromzero exercise
#   start scaled_dot_product_attention`. Forward, mask and backward; a right solution is checked below.
# - [`layer_norm`](../nn/exercises/catalogue/layer_norm.py): `fromzero exercise start layer_norm`. The norm of each
#   block.
# - [`char_language_model`](../nn/exercises/catalogue/char_language_model.py): `fromzero exercise start
#   char_language_model`. The table of pairs, temperature and top-k.


# %%
def attention(q, k, v, causal=False):
    return attention_weights_of(q, k, causal) @ v


def attention_weights_of(q, k, causal):
    s = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])
    return softmax(np.where(np.tril(np.ones(s.shape[-2:], bool)), s, -np.inf) if causal else s)


def attention_backward(g, q, k, v, causal=False):
    p = attention_weights_of(q, k, causal)
    dp = g @ v.swapaxes(-1, -2)
    ds = p * (dp - (dp * p).sum(axis=-1, keepdims=True)) / np.sqrt(q.shape[-1])
    return ds @ k, ds.swapaxes(-1, -2) @ q, p.swapaxes(-1, -2) @ g


check("scaled_dot_product_attention", globals()).raise_if_failed()

# %% [markdown]
# ## Where this lives in the code
#
# - [`nn/models/gpt.py`](../nn/models/gpt.py): the network; `from_pretrained` reads GPT-2's own files.
# - [`nn/functional/attention.py`](../nn/functional/attention.py) and
#   [`nn/modules/attention.py`](../nn/modules/attention.py): attention, heads, the cache.
# - [`nn/models/language.py`](../nn/models/language.py): `generate` and `stream`, with temperature, top-k and top-p.
# - [`nn/models/llama.py`](../nn/models/llama.py): the same with rotary embeddings and shared keys.
# - [`nn/viewing/attention.py`](../nn/viewing/attention.py): how a model's weights are found and drawn.
# - `fromzero train gpt`, in [`nn/examples/gpt.py`](../nn/examples/gpt.py): the same on Python's own documentation.
