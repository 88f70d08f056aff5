"""An embedding table, and a recurrent cell unrolled through time."""

import numpy as np

import nn
from nn import functional as F
from nn.exercises.declaration import VALUES, Exercise
from nn.exercises.judging import gradients, same

exercise = Exercise(
    "embedding_rnn",
    title=("Embedding and a recurrent net through time", "词嵌入与循环网络的时间反向传播"),
    statement=(
        """
        embedding(index, weight): rows of weight (V, D) for whole numbers of any shape: (...) -> (..., D).
        embedding_backward(g, index, weight): dweight; a row that is used several times gets the sum.
        rnn(x, h0, wx, wh, b): x (T, N, D), h0 (N, H), wx (H, D), wh (H, H), b (H,). h_t = tanh(x_t @ wx.T + h_{t-1} @
        wh.T + b); returns all h_1 ... h_T as (T, N, H).
        rnn_backward(g, x, h0, wx, wh, b): (dx, dh0, dwx, dwh, db), where g (T, N, H) is the gradient by all h_t.
        """,
        """
        embedding(index, weight)：按任意形状的整数下标取 weight (V, D) 的行：(...) -> (..., D)。
        embedding_backward(g, index, weight)：dweight；被多次使用的行得到总和。
        rnn(x, h0, wx, wh, b)：x (T, N, D)，h0 (N, H)，wx (H, D)，wh (H, H)，b (H,)。
        h_t = tanh(x_t @ wx.T + h_{t-1} @ wh.T + b)；返回全部 h_1 ... h_T，形状 (T, N, H)。
        rnn_backward(g, x, h0, wx, wh, b)：(dx, dh0, dwx, dwh, db)，其中 g (T, N, H) 是对所有 h_t 的梯度。
        """,
    ),
    derivation="""
        embedding:  y[n] = weight[index[n]],   dweight[v] = sum over all n with index[n] = v of  g[n]
        rnn:  from the last step to the first:
        dh_t = g_t + du_{t+1} @ wh          (h_t is an output, and the input of the next step)
        du_t = dh_t * (1 - h_t**2)
        dx_t = du_t @ wx,   dwx += du_t.T @ x_t,   dwh += du_t.T @ h_{t-1},   db += sum over N of du_t
        dh0 = du_1 @ wh
    """,
    hints=[
        (
            "dweight[index] += g counts a repeated row once only; np.add.at counts each.",
            "dweight[index] += g 对重复的行只加一次；np.add.at 每次都加。",
        ),
        ("Go backwards through time and carry the gradient by h along.", "沿时间倒着走，把对 h 的梯度一路带着。"),
        (
            "At each step two gradients meet: g_t from outside, and the one from step t + 1.",
            "每一步都有两股梯度汇合：外面来的 g_t，和第 t + 1 步传回来的。",
        ),
    ],
    level=3,
)


@exercise.reference
def embedding(index, weight):
    """index (...), weight (V, D) -> (..., D)"""
    return weight[index]


@exercise.reference
def embedding_backward(g, index, weight):
    """g (..., D), index (...), weight (V, D) -> dweight (V, D)"""
    dweight = np.zeros_like(weight)
    np.add.at(dweight, index, g)
    return dweight


@exercise.reference
def rnn(x, h0, wx, wh, b):
    """x (T, N, D), h0 (N, H), wx (H, D), wh (H, H), b (H,) -> (T, N, H)"""
    h, states = h0, []
    for x_t in x:
        h = np.tanh(x_t @ wx.T + h @ wh.T + b)
        states.append(h)
    return np.stack(states)


@exercise.reference
def rnn_backward(g, x, h0, wx, wh, b):
    """g (T, N, H), x (T, N, D), h0, wx, wh, b -> dx, dh0, dwx, dwh, db"""
    states = np.concatenate([h0[None], rnn(x, h0, wx, wh, b)])
    dx, dwx, dwh, db = np.zeros_like(x), np.zeros_like(wx), np.zeros_like(wh), np.zeros_like(b)
    carried = np.zeros_like(h0)
    for t in reversed(range(len(x))):
        du = (g[t] + carried) * (1 - states[t + 1] ** 2)
        dx[t] = du @ wx
        dwx += du.T @ x[t]
        dwh += du.T @ states[t]
        db += du.sum(axis=0)
        carried = du @ wh
    return dx, carried, dwx, dwh, db


INDEX = np.array([[2, 0, 2], [3, 2, 3]])


def drawn(rng):
    return [rng.normal(size=s) for s in ((3, 2, 3), (2, 3), (3, 3), (3, 3), (3,))]


@exercise.check(*VALUES)
def values(given, rng):
    weight = rng.normal(size=(5, 2))
    same("embedding", given.embedding(INDEX, weight), np.stack([[weight[i] for i in row] for row in INDEX]))
    inputs = drawn(rng)
    same("states", given.rnn(*inputs), rnn(*inputs))


@exercise.check(
    "the embedding's backward adds up repeated rows, and agrees three ways", "embedding 的反向累加重复的行，三者一致"
)
def rows(given, rng):
    gradients(
        lambda g, w: given.embedding_backward(g, INDEX, w),
        lambda g, w: embedding_backward(g, INDEX, w),
        lambda w: embedding(INDEX, w),
        [rng.normal(size=(5, 2))],
        "dweight",
        rng,
        autograd=lambda w: F.embedding(nn.tensor(INDEX), w),
    )


@exercise.check("the backward through time agrees three ways", "时间反向传播，三者一致")
def through_time(given, rng):
    def of_tensors(x, h0, wx, wh, b):
        h, states = h0, []
        for t in range(3):
            h = nn.tanh(F.linear(x[t], wx) + F.linear(h, wh) + b)
            states.append(h)
        return nn.stack(states)

    gradients(given.rnn_backward, rnn_backward, rnn, drawn(rng), "dx dh0 dwx dwh db", rng, autograd=of_tensors)


def once(g, index, weight):
    dweight = np.zeros_like(weight)
    dweight[index] += g
    return dweight


def through(carry=True, states_shift=0, slope=lambda h: 1 - h**2, matrix=lambda wh: wh):
    def made(g, x, h0, wx, wh, b):
        states = np.concatenate([h0[None], rnn(x, h0, wx, wh, b)])
        dx, dwx, dwh, db, carried = np.zeros_like(x), 0.0, 0.0, 0.0, np.zeros_like(h0)
        for t in reversed(range(len(x))):
            du = (g[t] + carried) * slope(states[t + 1])
            dx[t] = du @ wx
            dwx, dwh, db = dwx + du.T @ x[t], dwh + du.T @ states[t + states_shift], db + du.sum(0)
            carried = du @ matrix(wh) if carry else 0 * h0
        return dx, carried, dwx, dwh, db

    return made


def last_only(g, *inputs):
    h = np.zeros_like(g)
    h[-1] = g[-1]
    return rnn_backward(h, *inputs)


exercise.mutant("one-hot rows of another length", embedding=lambda index, weight: np.eye(len(weight))[index])
exercise.mutant(
    "every step starts from h0",
    rnn=lambda x, h0, wx, wh, b: np.stack([np.tanh(x_t @ wx.T + h0 @ wh.T + b) for x_t in x]),
)
exercise.mutant("the last state alone", rnn=lambda *inputs: rnn(*inputs)[-1])
exercise.mutant("repeated rows counted once", embedding_backward=once)
exercise.mutant(
    "repeated rows averaged",
    embedding_backward=lambda g, index, w: (
        embedding_backward(g, index, w) / np.maximum(np.bincount(index.ravel(), minlength=len(w)), 1)[:, None]
    ),
)
exercise.mutant("nothing is carried through time", rnn_backward=through(carry=False))
exercise.mutant("the new state in the place of the old one", rnn_backward=through(states_shift=1))
exercise.mutant("wh transposed", rnn_backward=through(matrix=lambda wh: wh.T))
exercise.mutant("the derivative of tanh is missing", rnn_backward=through(slope=np.ones_like))
exercise.mutant("the gradient of the last state alone", rnn_backward=last_only)
