"""Tensors and the functions of `torch` itself: a file is loaded when one of its functions or methods is asked for."""
