"""The checker of gradients, in NumPy alone: its random numbers, differences, judgement, and what it says of a mistake.

`nn.testing` and `nn.autograd.gradcheck` are its faces. What is where:

- `streams`: upstream gradients, directions and further points, from a generator that no seed of a user reaches.
- `structure`: nested tuples, lists and dicts of arrays as flat lists, and back.
- `differences`: slopes of a function at a point, with an estimate of their error; kinks.
- `examination`: the checks, in order; a verdict on every input.
- `diagnosis`: which known mistake turns the expected gradient into the one that was returned.
- `report`: the verdicts as text.
"""
