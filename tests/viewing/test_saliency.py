"""Saliency and Grad-CAM: those of PyTorch's autograd, and of a model whose answer is known."""

import numpy as np
import pytest

import nn
from nn.errors import RangeError, ShapeError
from nn.viewing import draw_overlay, grad_cam, saliency


def net(framework):
    return framework.Sequential(
        framework.Conv2d(1, 4, 3, padding=1), framework.BatchNorm2d(4), framework.ReLU(inplace=True),
        framework.Conv2d(4, 6, 3), framework.ReLU(inplace=True), framework.Dropout(0.5), framework.Flatten(),
        framework.Linear(6 * 16, 5),
    )  # fmt: skip


def test_they_are_those_that_torch_computes(rng):
    torch = pytest.importorskip("torch", reason="compares with PyTorch (extra oracle)")
    nn.manual_seed(0)
    ours, theirs = net(nn), net(torch.nn)
    theirs.load_state_dict({name: torch.tensor(value.numpy()) for name, value in ours.state_dict().items()})
    theirs.eval()
    x = rng.normal(size=(3, 1, 6, 6)).astype(np.float32)
    for target in (None, 2, [0, 4, 1]):
        image = torch.tensor(x, requires_grad=True)
        maps = theirs[:4](image).detach().requires_grad_()
        classes = theirs(image).argmax(1) if target is None else torch.tensor(target).expand(3)
        theirs(image)[range(3), classes].sum().backward()
        np.testing.assert_allclose(saliency(ours, x, target), image.grad.abs().numpy(), rtol=1e-4, atol=1e-6)
        theirs[4:](maps * 1)[range(3), classes].sum().backward()
        cam = (maps.grad.mean((2, 3), keepdim=True) * maps).sum(1).relu().detach().numpy()
        np.testing.assert_allclose(grad_cam(ours, x, "3", target), cam, rtol=1e-4, atol=1e-6)


def test_a_linear_model_s_saliency_is_its_weight():
    model = nn.Linear(3, 2)
    weight = np.abs(model.weight.detach().numpy())
    np.testing.assert_array_equal(saliency(model, nn.ones(2, 3), [0, 1]), weight)


def test_the_channel_that_an_answer_rests_on_is_its_map():
    class Sums(nn.Module):
        """The score of class c is the sum of channel c of what the layer gives on."""

        def __init__(self):
            super().__init__()
            self.layer = nn.Identity()

        def forward(self, x):
            return self.layer(x).sum((2, 3))

    x = np.arange(16.0).reshape(1, 2, 2, 4) - 5
    for target in (0, 1):
        np.testing.assert_allclose(grad_cam(Sums(), x, "layer", target)[0], np.maximum(x[0, target], 0))


def test_the_model_is_left_as_it_was(rng):
    nn.manual_seed(0)
    model = net(nn)
    before = {name: value.numpy().copy() for name, value in model.state_dict().items()}
    x = rng.normal(size=(2, 1, 6, 6)).astype(np.float32)
    for parameter in model[0].parameters():
        parameter.requires_grad_(False)
    saliency(model, x)
    with nn.no_grad():
        grad_cam(model, x, "3")
    assert all(part.training for part in model.modules())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert all(np.array_equal(before[name], value.numpy()) for name, value in model.state_dict().items())
    assert not any(hooks for part in model.modules() for hooks in part._hooks.values())


def test_an_overlay_is_brightest_where_the_map_is(read, rng):
    images, maps = np.zeros((2, 1, 8, 8)), np.zeros((2, 2, 2))
    maps[0, 0, 1], maps[1, 1, 0] = 3.0, 0.5
    picture = draw_overlay(images, maps, ["k", "b"], title="T", bar_label="of it")
    for text in ("k", "b", "T", "of it"):
        assert read(picture, text) == 1
    pixels = np.asarray(picture).astype(int).sum(axis=0)
    first, second = pixels[26 + 6 : 26 + 6 + 128, 7 : 7 + 128], pixels[26 + 6 : 26 + 6 + 128, 7 + 142 : 7 + 142 + 128]
    assert first[10, 118] > first[10, 10] == first[118, 118]
    assert second[118, 10] == first[10, 118]  # each up to its own maximum


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda m: saliency(m, nn.ones(1, 3), 2), RangeError, r"saliency: target must be a class from 0 to 1, got 2"),
        (lambda m: saliency(m, nn.ones(2, 3), [0]), ShapeError, r"saliency: target must be a class, or .* got \[0\]"),
        (lambda m: saliency(m, nn.ones(1, 3), 0.5), ShapeError, r"saliency: target must be a class, or .* got 0.5"),
        (lambda m: saliency(m, [[1, 2, 3]]), ShapeError, "saliency: x must hold floats, .* got int64: give what"),
        (lambda m: saliency(m, nn.ones(3)), ShapeError, r"saliency: the model must return scores .* got \(2,\)"),
        (lambda m: saliency(print, nn.ones(3)), TypeError, "saliency: model must be an nn.Module, got builtin"),
        (lambda m: grad_cam(m, nn.ones(1, 3), ""), ShapeError, r"grad_cam: the output of layer '' .* got \(1, 2\)"),
        (lambda m: grad_cam(m, nn.ones(1, 3), "x"), RangeError, "grad_cam: Linear has no layer 'x'"),
        (lambda m: draw_overlay(nn.ones(2, 4, 4), nn.ones(1, 4, 4)), ShapeError, r"draw_overlay: images must be"),
    ],
    ids=["class", "targets", "half", "integers", "axes", "model", "maps", "layer", "overlay"],
)  # fmt: skip
def test_bad_arguments_are_refused(call, kind, message):
    with pytest.raises(kind, match=f"^{message}"):
        call(nn.Linear(3, 2))


def test_a_layer_that_is_not_called_is_told():
    class Idle(nn.Module):
        def __init__(self):
            super().__init__()
            self.idle, self.used = nn.Conv2d(1, 1, 1), nn.Linear(2, 2)

        def forward(self, x):
            return self.used(x)

    with pytest.raises(ShapeError, match=r"^grad_cam: layer 'idle' was not called by the model's forward$"):
        grad_cam(Idle(), nn.ones(1, 2), "idle")
