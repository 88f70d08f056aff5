"""The three examples, trained for real and logged for TensorBoard: `fromzero train xor | linear-regression | cnn`."""

ARTICLE = """\
"The article" is a tutorial in Chinese whose programs do not learn:
  "Building and fine-tuning large models from zero: watching the training with tensorboardX".
  notebooks/README.md names it in its own language, and says where each of its programs is taken apart."""
"""What the tables mean by "the article"; without Chinese letters, which not every terminal can print."""
