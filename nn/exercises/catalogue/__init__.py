"""The forty exercises and seven drills, one file each, in the order in which a course takes them."""

__all__ = ["CHAPTERS"]

CHAPTERS: dict[tuple[str, str], tuple[str, ...]] = {
    ("Foundations", "基础"): (
        "numerical_gradient",
        "sigmoid",
        "activations",
        "softmax",
        "log_softmax",
    ),
}
"""The ids of each chapter; the numbers of the exercises follow from their order."""
