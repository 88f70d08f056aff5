"""Rows by index, with plain loops."""

import numpy as np


def embedding(weight, index):
    y = np.zeros((*index.shape, weight.shape[1]))
    for *place, d in np.ndindex(y.shape):
        y[(*place, d)] = weight[index[tuple(place)], d]
    return y


def embedding_backward(g, index, rows):
    weight = np.zeros((rows, g.shape[-1]))
    for *place, d in np.ndindex(g.shape):
        weight[index[tuple(place)], d] += g[(*place, d)]
    return weight


def bags(weight, index, average):
    y = np.zeros((len(index), weight.shape[1]))
    for bag, place in np.ndindex(index.shape):
        y[bag] += weight[index[bag, place]] / (index.shape[1] if average else 1)
    return y


def bags_backward(g, index, rows, average):
    weight = np.zeros((rows, g.shape[1]))
    for bag, place in np.ndindex(index.shape):
        weight[index[bag, place]] += g[bag] / (index.shape[1] if average else 1)
    return weight


REFERENCES = {
    "embedding": embedding,
    "embedding_backward": embedding_backward,
    "bags": bags,
    "bags_backward": bags_backward,
}
