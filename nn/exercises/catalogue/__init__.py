"""The forty exercises and seven drills, one file each, in the order in which a course takes them."""

__all__ = ["CHAPTERS"]

CHAPTERS: dict[tuple[str, str], tuple[str, ...]] = {
    ("Foundations", "基础"): (
        "numerical_gradient",
        "sigmoid",
        "activations",
        "softmax",
        "log_softmax",
        "mse_loss",
        "binary_cross_entropy_with_logits",
        "cross_entropy",
        "linear",
        "unbroadcast",
    ),
    ("Classical models", "经典模型"): (
        "linear_regression_gd",
        "linear_regression_lstsq",
        "standardize",
        "logistic_regression",
        "xor_is_not_linear",
        "xor_mlp",
    ),
}
"""The ids of each chapter; the numbers of the exercises follow from their order."""
