"""The affine layer, forward and backward."""

import numpy as np

from nn import functional as F
from nn.exercises.declaration import VALUES, Exercise
from nn.exercises.judging import gradients, same, unchanged

exercise = Exercise(
    "linear",
    title=("The linear layer", "线性层（全连接层）"),
    statement=(
        """
        linear(x, weight, bias) = x @ weight.T + bias: x is (..., in), weight (out, in), bias (out,); the result is
        (..., out). x may have any number of axes before the last one.
        linear_backward(g, x, weight, bias) returns (dx, dweight, dbias), each of its own input's shape.
        """,
        """
        linear(x, weight, bias) = x @ weight.T + bias：x 为 (..., in)，weight 为 (out, in)，bias 为 (out,)，
        结果为 (..., out)。x 的最后一个轴之前可以有任意多个轴。
        linear_backward(g, x, weight, bias) 返回 (dx, dweight, dbias)，形状各与对应的输入相同。
        """,
    ),
    derivation="""
        y[n, o] = sum_i x[n, i] * weight[o, i] + bias[o]
        dx[n, i] = sum_o g[n, o] * weight[o, i]          dx = g @ weight
        dweight[o, i] = sum_n g[n, o] * x[n, i]          dweight = g.T @ x
        dbias[o] = sum_n g[n, o]
    """,
    hints=[
        (
            "Write down the shapes: only one product of g and weight has the shape of x.",
            "把形状写下来：g 与 weight 的乘积中，只有一种与 x 同形状。",
        ),
        (
            "bias is added to every row, so its gradient is a sum over the rows.",
            "bias 加到了每一行上，所以它的梯度是对行求和。",
        ),
        (
            "With more than two axes, flatten all but the last one: g.reshape(-1, out).",
            "多于两个轴时，把最后一个轴之前的都压平：g.reshape(-1, out)。",
        ),
    ],
)


@exercise.reference
def linear(x, weight, bias):
    """x (..., in), weight (out, in), bias (out,) -> (..., out)"""
    return x @ weight.T + bias


@exercise.reference
def linear_backward(g, x, weight, bias):
    """g (..., out), x (..., in), weight (out, in), bias (out,) -> dx (..., in), dweight (out, in), dbias (out,)"""
    rows, inputs = g.reshape(-1, g.shape[-1]), x.reshape(-1, x.shape[-1])
    return g @ weight, rows.T @ inputs, rows.sum(axis=0)


@exercise.check(*VALUES)
def values(given, rng):
    x, weight, bias = rng.normal(size=(2, 3, 4)), rng.normal(size=(5, 4)), rng.normal(size=5)
    same("y", given.linear(x, weight, bias), np.einsum("abi,oi->abo", x, weight) + bias)
    same("y", given.linear(x[0], weight, bias), np.einsum("bi,oi->bo", x[0], weight) + bias)


@exercise.check("the backward of two axes agrees three ways", "二维输入的反向，三者一致")
def backward(given, rng):
    inputs = [rng.normal(size=(3, 4)), rng.normal(size=(4, 4)), rng.normal(size=4)]
    gradients(given.linear_backward, linear_backward, linear, inputs, "dx dweight dbias", rng, autograd=F.linear)


@exercise.check("so does that of three axes", "三维输入的反向，三者一致")
def backward_of_sequences(given, rng):
    inputs = [rng.normal(size=(2, 3, 4)), rng.normal(size=(5, 4)), rng.normal(size=5)]
    gradients(given.linear_backward, linear_backward, linear, inputs, "dx dweight dbias", rng, autograd=F.linear)


@exercise.check("x, weight and bias stay as they are", "x、weight、bias 保持原样")
def inputs(given, rng):
    unchanged(given.linear, rng.normal(size=(3, 4)), rng.normal(size=(4, 4)), rng.normal(size=4))
    unchanged(
        given.linear_backward,
        rng.normal(size=(3, 4)),
        rng.normal(size=(3, 4)),
        rng.normal(size=(4, 4)),
        rng.normal(size=4),
    )


def transposed(g, x, weight, bias):
    dx, dweight, dbias = linear_backward(g, x, weight, bias)
    return (g @ weight.T if g.ndim == 2 else dx), dweight, dbias


def other_weight(g, x, weight, bias):
    dx, dweight, dbias = linear_backward(g, x, weight, bias)
    return dx, (dweight.T if g.ndim == 2 else dweight), dbias


def of_matrices(g, x, weight, bias):
    return g @ weight, g.T @ x, g.sum(axis=0)


def fused(g, x, weight, bias):
    gradients_ = linear_backward(g.copy(), x, weight, bias)
    g *= 0.9  # "clipped" on the way, in the caller's array
    return gradients_


exercise.mutant("the bias is forgotten", linear=lambda x, weight, bias: x @ weight.T)
exercise.mutant("weight as (in, out)", linear=lambda x, weight, bias: x @ weight + bias)
exercise.mutant("g times the transposed weight", linear_backward=transposed)
exercise.mutant("the weight's gradient transposed", linear_backward=other_weight)
exercise.mutant("only for matrices", linear_backward=of_matrices)
exercise.mutant(
    "dbias averaged",
    linear_backward=lambda g, x, w, b: (*linear_backward(g, x, w, b)[:2], g.reshape(-1, g.shape[-1]).mean(0)),
)
exercise.mutant("dbias as g", linear_backward=lambda g, x, w, b: (*linear_backward(g, x, w, b)[:2], g))
exercise.mutant(
    "another order",
    linear_backward=lambda g, x, w, b: (
        linear_backward(g, x, w, b)[1],
        linear_backward(g, x, w, b)[0],
        linear_backward(g, x, w, b)[2],
    ),
)
exercise.mutant("g of the caller is changed", linear_backward=fused)
