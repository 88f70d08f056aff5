"""A small convolutional network: the article's third example, put right."""

import numpy as np

import nn
from nn import functional as F
from nn.exercises.declaration import THREE_WAYS, VALUES, Exercise
from nn.exercises.judging import gradients, require, same

exercise = Exercise(
    "cnn_classifier",
    title=("A convolutional classifier", "卷积分类网络"),
    statement=(
        """
        conv 3x3 with padding 1 -> relu -> mean over all pixels -> linear: x (N, C, H, W), kernel (F, C, 3, 3),
        bias (F,), weight (K, F), shift (K,); cnn_logits(x, kernel, bias, weight, shift) returns logits (N, K).
        cnn_gradients(x, t, kernel, bias, weight, shift) returns (dkernel, dbias, dweight, dshift) of the mean cross-entropy
        with class indices t (N,). train_cnn(x, t, classes, rng) draws parameters from rng, descends, and returns
        (kernel, bias, weight, shift) which classify every picture of x rightly with a loss below 0.1.
        """,
        """
        3x3 卷积（填充 1）-> relu -> 对所有像素求平均 -> 线性层：x (N, C, H, W)，kernel (F, C, 3, 3)，bias (F,)，
        weight (K, F)，shift (K,)；cnn_logits(x, kernel, bias, weight, shift) 返回 logits (N, K)。
        cnn_gradients(x, t, kernel, bias, weight, shift) 返回交叉熵平均值的梯度 (dkernel, dbias, dweight, dshift)，
        t (N,) 为类别下标。train_cnn(x, t, classes, rng) 用 rng 抽取初始参数并下降，返回
        (kernel, bias, weight, shift)，要把 x 中每张图都分对，损失低于 0.1。
        """,
    ),
    derivation="""
        z = conv(x, kernel) + bias,   a = relu(z),   f = mean of a over pixels,   logits = f @ weight.T + shift
        dlogits = (softmax(logits) - onehot(t)) / N
        dweight = dlogits.T @ f,   dshift = sum(dlogits),   df = dlogits @ weight
        da = df / (H * W) at every pixel,   dz = da * (z > 0)        not da * relu(z)
        dkernel[f, c, a, b] = sum over n, i, j of  dz[n, f, i, j] * xp[n, c, i + a, j + b],   dbias = sum(dz)
    """,
    hints=[
        (
            "The backward goes through the layers in reverse and needs what the forward computed: keep z and f.",
            "反向按相反的顺序经过各层，要用到前向的中间结果：把 z 和 f 留下来。",
        ),
        ("relu's derivative is z > 0.", "relu 的导数是 z > 0。"),
        ("Each pixel has a share of 1 / (H * W) in the mean.", "求平均时，每个像素占 1 / (H * W)。"),
    ],
    level=3,
)


@exercise.helper
def windows_of(x):
    """x (N, C, H, W) -> (N, C, H, W, 3, 3)"""
    xp = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    return np.lib.stride_tricks.sliding_window_view(xp, (3, 3), axis=(2, 3))


@exercise.helper
def hidden(x, kernel, bias):
    """x (N, C, H, W) -> z (N, F, H, W)"""
    return np.einsum("ncijab,fcab->nfij", windows_of(x), kernel) + bias[:, None, None]


@exercise.reference
def cnn_logits(x, kernel, bias, weight, shift):
    """x (N, C, H, W), kernel (F, C, 3, 3), bias (F,), weight (K, F), shift (K,) -> logits (N, K)"""
    features = np.maximum(hidden(x, kernel, bias), 0).mean(axis=(2, 3))
    return features @ weight.T + shift


@exercise.reference
def cnn_gradients(x, t, kernel, bias, weight, shift):
    """x (N, C, H, W), t (N,) and the parameters -> dkernel, dbias, dweight, dshift"""
    z = hidden(x, kernel, bias)
    features = np.maximum(z, 0).mean(axis=(2, 3))
    logits = features @ weight.T + shift
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    dlogits = (e / e.sum(axis=1, keepdims=True) - np.eye(len(weight))[t]) / len(x)
    dfeatures = dlogits @ weight
    dz = dfeatures[:, :, None, None] / z[0, 0].size * (z > 0)
    dkernel = np.einsum("nfij,ncijab->fcab", dz, windows_of(x))
    return dkernel, dz.sum(axis=(0, 2, 3)), dlogits.T @ features, dlogits.sum(axis=0)


@exercise.reference
def train_cnn(x, t, classes, rng):
    """x (N, C, H, W), t (N,) -> kernel (F, C, 3, 3), bias (F,), weight (K, F), shift (K,)"""
    channels = x.shape[1]
    parameters = [
        rng.normal(size=(8, channels, 3, 3)) * np.sqrt(2 / (9 * channels)),
        np.zeros(8),
        rng.normal(size=(classes, 8)) * np.sqrt(1 / 8),
        np.zeros(classes),
    ]
    for _ in range(60):
        steps = cnn_gradients(x, t, *parameters)
        parameters = [p - 1.0 * d for p, d in zip(parameters, steps, strict=True)]
    return parameters


def loss(x, t, *parameters):
    logits = cnn_logits(x, *parameters)
    return np.mean(np.log(np.exp(logits).sum(1)) - logits[range(len(t)), t])


def drawn(rng):
    return [rng.normal(size=(2, 2, 3, 3)), rng.normal(size=2), rng.normal(size=(3, 2)), rng.normal(size=3)]


@exercise.check(*VALUES)
def values(given, rng):
    x, parameters = rng.normal(size=(2, 2, 4, 3)), drawn(rng)
    same("logits", given.cnn_logits(x, *parameters), cnn_logits(x, *parameters))


@exercise.check(*THREE_WAYS)
def backward(given, rng):
    x, t = rng.normal(size=(3, 2, 3, 3)), np.array([0, 2, 1])

    def of_tensors(kernel, bias, weight, shift):
        features = F.relu(F.conv2d(nn.tensor(x), kernel, bias, padding=1)).mean((2, 3))
        return F.cross_entropy(F.linear(features, weight, shift), nn.tensor(t))

    gradients(
        lambda g, *p: [g * d for d in given.cnn_gradients(x, t, *p)],
        lambda g, *p: [g * d for d in cnn_gradients(x, t, *p)],
        lambda *p: loss(x, t, *p),
        drawn(rng),
        "dkernel dbias dweight dshift",
        rng,
        autograd=of_tensors,
    )


@exercise.check(
    "the article's four coloured pictures are learned, with other labels too",
    "学会文章里的四张彩色图，换了标签也能学会",
)
def training(given, rng):
    colours = np.array([[1.0, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    x = np.broadcast_to(colours[:, :, None, None], (4, 3, 3, 3)).copy()
    for t in (np.array([1, 0, 0, 1]), np.array([0, 2, 1, 0])):
        parameters = given.train_cnn(x, t, int(t.max()) + 1, rng)
        found = loss(x, t, *parameters)
        require(
            found < 0.1,
            f"labels {t}: expected a loss below 0.1, got {found:.4g}",
            f"标签 {t}：损失应低于 0.1，得到 {found:.4g}",
        )


def gradients_with(mask=lambda z: z > 0, share=lambda z: z[0, 0].size, sign=1.0):
    def made(x, t, kernel, bias, weight, shift):
        z = hidden(x, kernel, bias)
        features = np.maximum(z, 0).mean((2, 3))
        logits = features @ weight.T + shift
        e = np.exp(logits)
        dlogits = sign * (e / e.sum(1, keepdims=True) - np.eye(len(weight))[t]) / len(x)
        dz = (dlogits @ weight)[:, :, None, None] / share(z) * mask(z)
        return (
            np.einsum("nfij,ncijab->fcab", dz, windows_of(x)),
            dz.sum((0, 2, 3)),
            dlogits.T @ features,
            dlogits.sum(0),
        )

    return made


def untrained(x, t, classes, rng):
    return rng.normal(size=(8, x.shape[1], 3, 3)), np.zeros(8), rng.normal(size=(classes, 8)), np.zeros(classes)


def ascending(x, t, classes, rng):
    parameters = untrained(x, t, classes, rng)
    for _ in range(20):
        parameters = [p + 0.1 * d for p, d in zip(parameters, cnn_gradients(x, t, *parameters), strict=True)]
    return parameters


exercise.mutant(
    "no activation",
    cnn_logits=lambda x, kernel, bias, weight, shift: hidden(x, kernel, bias).mean((2, 3)) @ weight.T + shift,
)
exercise.mutant(
    "pixels summed",
    cnn_logits=lambda x, kernel, bias, weight, shift: (
        np.maximum(hidden(x, kernel, bias), 0).sum((2, 3)) @ weight.T + shift
    ),
)
exercise.mutant(
    "no padding",
    cnn_logits=lambda x, kernel, bias, weight, shift: (
        np.maximum(hidden(x, kernel, bias)[:, :, 1:-1, 1:-1], 0).mean((2, 3)) @ weight.T + shift
    ),
)
exercise.mutant(
    "relu as its own derivative, as in the article", cnn_gradients=gradients_with(mask=lambda z: np.maximum(z, 0))
)
exercise.mutant("no derivative of relu", cnn_gradients=gradients_with(mask=np.ones_like))
exercise.mutant("the share of a pixel is forgotten", cnn_gradients=gradients_with(share=lambda z: 1))
exercise.mutant("the sign of the article", cnn_gradients=gradients_with(sign=-1.0))
exercise.mutant("untrained", train_cnn=untrained)
exercise.mutant("it ascends", train_cnn=ascending)
