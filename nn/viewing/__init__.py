"""Seeing inside: what a model has learned, as pictures and numbers that any writer of TensorBoard's files takes.

    writer.add_image("confusion_matrix", nn.viewing.draw_confusion_matrix(matrix, classes), step)

What is drawn is a `Picture`: an array (3, H, W) of bytes, which a notebook shows by itself. The texts on it are set in
a font of our own, so that nothing has to be installed.
"""

from nn.viewing.confusion import draw_confusion_matrix
from nn.viewing.heat_map import draw_heat_map, draw_plane
from nn.viewing.picture import Picture
from nn.viewing.pictures import draw_pictures

__all__ = ["Picture", "draw_confusion_matrix", "draw_heat_map", "draw_pictures", "draw_plane"]
