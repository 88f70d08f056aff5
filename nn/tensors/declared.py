"""The methods of `Tensor` that functions declare with `@method`, as type checkers see them: in `declared.pyi`.

That file is written by `python tests/tensors/write_declared.py`; a test compares it with the methods that there are.
"""

__all__: list[str] = []


class Declared:
    """What `Tensor` inherits from: nothing, but for type checkers, which cannot see methods being made."""

    __slots__ = ()
