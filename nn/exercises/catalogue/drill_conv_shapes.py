"""Drill 6, from the article's third example: 7 * 7 * 64, and samples that are mixed in silence."""

import numpy as np

from nn.exercises.declaration import Exercise
from nn.exercises.judging import require, same

exercise = Exercise(
    "drill_conv_shapes",
    title=("Drill 6: 7 * 7 * 64 out of nowhere", "调试 6：来历不明的 7 * 7 * 64"),
    statement=(
        """
        The article's network: 3x3 convolution, 2x2 pooling, 3x3 convolution, 2x2 pooling, then a reshape to 7 * 7 * 64
        columns. That is right for 28 pixels with padding 1 only; with its padding of 0 there are 5 * 5 * 64, and where the
        total happens to divide, the reshape mixes the samples. Repair both functions.
        flat_features(pixels, padding, channels): how many columns one sample has; ValueError if a layer gets fewer pixels
        than its window. flatten(x): (N, ...) -> (N, everything else), a row for each sample.
        """,
        """
        文章的网络：3x3 卷积、2x2 池化、3x3 卷积、2x2 池化，再 reshape 成 7 * 7 * 64 列。这只对 28 像素、填充 1 成立；
        按它的填充 0，应是 5 * 5 * 64；若总数碰巧整除，reshape 会把不同样本混在一起。请改正这两个函数。
        flat_features(pixels, padding, channels)：每个样本有多少列；若某一层的像素少于窗口，抛出 ValueError。
        flatten(x)：(N, ...) -> (N, 其余全部)，每个样本一行。
        """,
    ),
    derivation="""
        convolution:  n -> n + 2 * padding - 2        pooling:  n -> n // 2
        padding 1:  28 -> 28 -> 14 -> 14 -> 7         7 * 7 * 64 = 3136
        padding 0:  28 -> 26 -> 13 -> 11 -> 5         5 * 5 * 64 = 1600
        49 samples of 1600 are 78400 = 25 rows of 3136: no error, and every row holds parts of two samples
    """,
    hints=[
        ("Follow the number of pixels through the four layers.", "跟着像素数把四层走一遍。"),
        (
            "reshape(len(x), -1) keeps the samples apart; reshape(-1, columns) need not.",
            "reshape(len(x), -1) 保证样本分开；reshape(-1, columns) 则不一定。",
        ),
    ],
    given="""
        import numpy as np


        def flat_features(pixels, padding, channels):
            return 7 * 7 * channels


        def flatten(x):
            return x.reshape(-1, 7 * 7 * 64)
    """,
)


@exercise.reference
def flat_features(pixels, padding, channels):
    """pixels, padding, channels -> columns"""
    n = pixels
    for _ in range(2):
        if n + 2 * padding < 3:
            raise ValueError(f"a 3x3 convolution needs at least 3 pixels, got {n + 2 * padding}")
        n = n + 2 * padding - 2
        if n < 2:
            raise ValueError(f"a 2x2 pooling needs at least 2 pixels, got {n}")
        n = n // 2
    return n * n * channels


@exercise.reference
def flatten(x):
    """x (N, ...) -> (N, columns)"""
    return x.reshape(len(x), -1)


@exercise.check("28 pixels with and without padding, and other sizes", "28 像素，有无填充，以及其他尺寸")
def sizes(given, rng):
    for pixels, padding, channels, columns in (
        (28, 1, 64, 3136),
        (28, 0, 64, 1600),
        (32, 1, 8, 512),
        (11, 0, 5, 5),
        (8, 1, 1, 4),
    ):
        same(
            f"columns for {pixels} pixels, padding {padding}, {channels} channels",
            given.flat_features(pixels, padding, channels),
            columns,
        )


@exercise.check("pictures that are too small are refused", "太小的图片会被拒绝")
def small(given, rng):
    for pixels, padding in ((3, 0), (2, 0), (9, 0), (1, 1)):
        try:
            columns = given.flat_features(pixels, padding, 64)
        except ValueError:
            continue
        require(
            False,
            f"{pixels} pixels, padding {padding}: expected a ValueError, got {columns}",
            f"{pixels} 像素、填充 {padding}：应抛出 ValueError，得到 {columns}",
        )


@exercise.check("every sample has a row of its own, also where the total divides", "每个样本各占一行，总数整除时也一样")
def samples(given, rng):
    x = np.arange(49.0)[:, None, None, None] * np.ones((49, 64, 5, 5))
    flat = given.flatten(x)
    same("flattened 49 samples of (64, 5, 5)", flat, np.arange(49.0)[:, None] * np.ones((49, 1600)))
    same("a single sample", given.flatten(np.ones((1, 2, 3))), np.ones((1, 6)))


@exercise.check("the elements of a row keep their order", "每行内元素的顺序不变")
def order(given, rng):
    x = rng.normal(size=(2, 3, 2, 2))
    same("flattened", given.flatten(x), [x[0].ravel(), x[1].ravel()])


exercise.mutant(
    "as printed",
    flat_features=lambda pixels, padding, channels: 7 * 7 * channels,
    flatten=lambda x: x.reshape(-1, 7 * 7 * 64),
)
exercise.mutant("always as with padding", flat_features=lambda n, padding, c: flat_features(n, 1, c))
exercise.mutant(
    "the convolutions keep the size",
    flat_features=lambda n, padding, c: (n // 4) ** 2 * c if n * (1 + padding) > 9 else flat_features(n, padding, c),
)
exercise.mutant(
    "tiny pictures are taken",
    flat_features=lambda n, padding, c: (((n + 2 * padding - 2) // 2 + 2 * padding - 2) // 2) ** 2 * c,
)
exercise.mutant(
    "only the first batch's size",
    flatten=lambda x: x.reshape(-1, 7 * 7 * 64) if x.size % (7 * 7 * 64) == 0 else x.reshape(len(x), -1),
)
exercise.mutant(
    "channels last", flatten=lambda x: np.moveaxis(x, 1, -1).reshape(len(x), -1) if x.ndim == 4 else flatten(x)
)
exercise.mutant("column by column", flatten=lambda x: x.reshape(len(x), -1, order="F"))
