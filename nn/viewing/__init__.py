"""Seeing inside: what a model has learned, as pictures and numbers that any writer of TensorBoard's files takes.

    writer.add_image("confusion_matrix", nn.viewing.draw_confusion_matrix(matrix, classes), step)

What is drawn is a `Picture`: an array (3, H, W) of bytes, which a notebook shows by itself. The texts on it are set in
a font of our own, so that nothing has to be installed.
"""

from nn.viewing.attention import attention_weights, draw_attention
from nn.viewing.confusion import draw_confusion_matrix
from nn.viewing.dashboards import log_embedding, log_pr_curves
from nn.viewing.features import draw_feature_maps, draw_filters
from nn.viewing.grids import make_grid, save_image
from nn.viewing.heat_map import draw_heat_map, draw_plane
from nn.viewing.landscape import Landscape, draw_landscape, loss_landscape
from nn.viewing.looking import activations
from nn.viewing.picture import Picture
from nn.viewing.pictures import draw_pictures
from nn.viewing.saliency import draw_overlay, grad_cam, saliency

__all__ = [
    "Landscape",
    "Picture",
    "activations",
    "attention_weights",
    "draw_attention",
    "draw_confusion_matrix",
    "draw_feature_maps",
    "draw_filters",
    "draw_heat_map",
    "draw_landscape",
    "draw_overlay",
    "draw_pictures",
    "draw_plane",
    "grad_cam",
    "log_embedding",
    "log_pr_curves",
    "loss_landscape",
    "make_grid",
    "saliency",
    "save_image",
]
