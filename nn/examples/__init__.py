"""The three examples, trained for real and logged for TensorBoard: `fromzero train xor | linear-regression | cnn`."""
