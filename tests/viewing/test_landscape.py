"""The loss landscape: what it measures, where, and that the model is bitwise what it was."""

import numpy as np
import pytest

import nn
from nn.errors import RangeError, ShapeError
from nn.viewing import Landscape, draw_landscape, loss_landscape


def test_along_given_directions_it_is_the_loss_of_the_moved_weights():
    model = nn.Linear(2, 1, bias=False)
    model.weight.data.copy_(nn.tensor([[3.0, -1.0]]))
    along = [{"weight": [[1.0, 0.0]]}, {"weight": [[0.0, 2.0]]}]
    field = loss_landscape(model, lambda: (model.weight**2).sum(), points=5, distance=2.0, directions=along)
    x, y = np.meshgrid(field.x, field.y)
    np.testing.assert_allclose(field.values, (3 + x) ** 2 + (-1 + 2 * y) ** 2, rtol=1e-6)
    assert field.x.tolist() == field.y.tolist() == [-2, -1, 0, 1, 2]


def test_each_filter_moves_by_its_own_length_and_biases_stay():
    nn.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.Flatten(), nn.Linear(12, 4))
    with nn.no_grad():
        model[3].weight *= nn.tensor([[1.0], [10.0], [100.0], [0.0]])
    start = {name: parameter.detach().numpy().copy() for name, parameter in model.named_parameters()}
    moved = []

    def loss():
        moved.append({name: parameter.detach().numpy().copy() for name, parameter in model.named_parameters()})
        assert not any(part.training for part in model.modules())
        return 0.0

    loss_landscape(model, loss, points=3)
    assert len(moved) == 9
    for name, before in start.items():
        assert np.array_equal(moved[4][name], before)  # the middle
        for place in (3, 5):  # to the left and to the right
            change = (moved[place][name] - before).reshape(len(before), -1)
            lengths = np.linalg.norm(before.reshape(len(before), -1), axis=1) if before.ndim > 1 else 0
            np.testing.assert_allclose(np.linalg.norm(change, axis=1), lengths, rtol=1e-3)


def test_the_model_is_bitwise_what_it_was_also_after_an_error(rng):
    nn.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5))
    before = {name: value.numpy().tobytes() for name, value in model.state_dict().items()}
    x = nn.tensor(rng.normal(size=(5, 3)).astype(np.float32))
    loss_landscape(model, lambda: model(x).sum(), points=3)

    def fails():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        loss_landscape(model, fails)
    assert {name: value.numpy().tobytes() for name, value in model.state_dict().items()} == before
    assert all(part.training for part in model.modules())


def test_a_generator_makes_it_repeatable():
    model = nn.Linear(3, 2)
    fields = [
        loss_landscape(model, lambda: (model.weight**2).sum(), points=3, generator=nn.Generator().manual_seed(4)).values
        for _ in range(2)
    ]
    assert np.array_equal(*fields)
    assert np.unique(fields[0]).size > 5


def test_a_graph_made_before_is_refused_and_not_wrong():
    model = nn.Linear(2, 1)
    before = model(nn.ones(1, 2, requires_grad=True)).sum()
    loss_landscape(model, lambda: 0.0, points=2)
    with pytest.raises(RuntimeError, match="changed"):
        before.backward()


def test_its_picture_says_the_loss_in_the_middle(read):
    axis = np.linspace(-1, 1, 5)
    picture = draw_landscape(Landscape(axis[:, None] ** 2 + axis**2 + 0.25, axis, axis), title="valley")
    for text in ("0.25", "valley", "log10 loss", "first direction", "second direction"):
        assert read(picture, text) == 1, text
    below = Landscape(axis[:, None] - axis, axis, axis)
    assert read(draw_landscape(below, levels=0), "loss") >= 1
    steep = np.full((5, 5), np.inf)
    steep[2, 2] = 2.0
    assert read(draw_landscape(Landscape(steep, axis, axis)), "2") >= 1


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        (dict(points=1), RangeError, "points must be 2 or more and distance above 0, got 1 and 1.0"),
        (dict(distance=0), RangeError, "points must be 2 or more and distance above 0, got 21 and 0"),
        (dict(directions=[{}]), ShapeError, "directions must be two, got 1"),
        (dict(directions=[{}, {"wieght": [1]}]), RangeError, "a direction names 'wieght', the model's par"),
        (dict(directions=[{}, {"weight": [1]}]), ShapeError, r"a direction's 'weight' must be \(1, 2\), got \(1,\)"),
    ],
    ids=["points", "distance", "one", "name", "shape"],
)  # fmt: skip
def test_bad_arguments_are_refused(options, kind, message):
    model = nn.Linear(2, 1)
    with pytest.raises(kind, match=f"^loss_landscape: {message}"):
        loss_landscape(model, lambda: 0.0, **options)
    with pytest.raises(RangeError, match=r"^draw_landscape: levels must be 0 or more, got -1$"):
        draw_landscape(Landscape(np.ones((2, 2)), np.arange(2.0), np.arange(2.0)), levels=-1)
