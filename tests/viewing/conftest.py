"""Reading a picture: whether it has a text on it, dot for dot."""

import numpy as np
import pytest

from nn.viewing.font import dots
from nn.viewing.layout import SCALE


def _places(ink, mask):
    """Where the mask fits the ink exactly, with two corners of each dot compared."""
    height, width = (n * SCALE for n in mask.shape)
    if ink.shape[0] < height or ink.shape[1] < width:
        return np.zeros((0, 2), int)
    found = np.ones((ink.shape[0] - height + 1, ink.shape[1] - width + 1), bool)
    for (row, column), dot in np.ndenumerate(mask):
        for corner in (0, SCALE - 1):
            place = ink[row * SCALE + corner :, column * SCALE + corner :][: found.shape[0], : found.shape[1]]
            found &= place if dot else ~place
    return np.argwhere(found)


def read(picture, text, ink=(0, 0, 0)):
    """How many times the text stands on the picture, along it or upright."""
    inked = (np.asarray(picture) == np.reshape(ink, (3, 1, 1))).all(axis=0)
    mask = dots(text)[:7]
    return len(_places(inked, mask)) + len(_places(np.rot90(inked, -1), mask))


@pytest.fixture(scope="session", name="read")
def reader():
    return read
