"""draw: a box for each op, leaf or layer, arrows as the data flow, and the numbers of small tensors."""

import re

import numpy as np
import pytest

import nn
from nn.errors import GradError, RangeError


def boxes(drawing):
    """{key: lines} of the boxes."""
    found = re.findall(r'^ *(n\d+|more)(?:\(\[|\[)"(.*)"(?:\]\)|\])$', repr(drawing), re.M)
    return {key: tuple(label.split("<br/>")) for key, label in found}


def arrows(drawing):
    """[(from, to)] by the first lines of the boxes."""
    named = boxes(drawing)
    return [(named[a][0], named[b][0]) for a, b in re.findall(r"^ *(\w+) --> (\w+)$", repr(drawing), re.M)]


def test_a_neuron_is_drawn_with_its_values_and_gradients():
    x, w, b = (nn.tensor(value, requires_grad=True) for value in (2.0, -3.0, 6.5))
    drawing = nn.draw((x * w + b).tanh(), names={"x": x, "w": w, "b": b})
    slope = 1 - np.tanh(0.5) ** 2
    assert list(boxes(drawing).values()) == [
        ("x ()", "2", f"gradient {-3 * slope:.4g}"),
        ("w ()", "-3", f"gradient {2 * slope:.4g}"),
        ("mul ()", "-6", f"gradient {slope:.4g}"),
        ("b ()", "6.5", f"gradient {slope:.4g}"),
        ("add ()", "0.5", f"gradient {slope:.4g}"),
        ("tanh ()", f"{np.tanh(0.5):.4g}", "gradient 1"),
    ]
    assert arrows(drawing) == [
        ("x ()", "mul ()"), ("w ()", "mul ()"), ("mul ()", "add ()"), ("b ()", "add ()"), ("add ()", "tanh ()")
    ]  # fmt: skip
    assert x.grad is None


def test_values_that_no_rule_has_kept_are_computed_again(rng):
    x = nn.tensor(rng.normal(size=(2, 2)), requires_grad=True)
    found = boxes(nn.draw(((x + x.exp()).reshape(4) * 2.0)[1:3].sum()))
    values = (x.exp() + x).detach().numpy().reshape(4)
    expected = {"add": values.reshape(2, 2), "reshape": values, "mul": 2 * values}
    for name, value in expected.items():
        [lines] = [lines for lines in found.values() if lines[0].startswith(name)]
        assert np.allclose([float(n) for n in re.findall(r"-?[\d.]+(?:e-?\d+)?", lines[1])], value.ravel(), rtol=1e-3)


def test_large_tensors_have_their_shape_and_the_length_of_their_gradient():
    model = nn.Linear(3, 4)
    x = nn.ones(5, 3)
    loss = model(x).square().mean()
    found = boxes(nn.draw(loss, names=model))
    loss.backward()
    norm = np.linalg.norm(model.weight.grad.numpy())
    assert ("weight (4, 3)", f"gradient's length {norm:.3g}") in found.values()
    assert any(lines[0] == "bias (4,)" and lines[1].startswith("[") for lines in found.values())


def test_after_a_backward_the_leaves_have_what_it_left():
    w = nn.tensor([1.0, 2.0], requires_grad=True)
    loss = (w * 3).sum()
    loss.backward()
    found = list(boxes(nn.draw(loss)).values())
    assert found[0] == ("leaf 1 (2,)", "[1, 2]", "gradient [3, 3]")
    assert found[-1] == ("sum ()", "9")


def test_randomness_is_not_drawn_again_and_a_leaf_alone_is_a_box():
    nn.manual_seed(0)
    w = nn.ones(4, requires_grad=True)
    y = nn.functional.dropout(w, 0.5)
    before = nn.get_rng_state()
    nn.draw(y.sum())
    assert str(nn.get_rng_state()) == str(before)
    assert list(boxes(nn.draw(w)).values()) == [("leaf 1 (4,)", "[1, 1, 1, 1]")]


def test_a_model_has_a_box_for_each_layer_and_a_frame_for_each_part():
    nn.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Sequential(nn.ReLU(), nn.Flatten()), nn.Linear(8, 1))
    model.train()
    drawing = nn.draw(model, nn.ones(1, 1, 4, 4))
    x = nn.ones(1, 1, 4, 4)
    assert list(boxes(drawing).values()) == [
        ("input (1, 1, 4, 4)",),
        ("0: Conv2d (1, 2, 2, 2)", "20 parameters"),
        ("1.0: ReLU (1, 2, 2, 2)",),
        ("1.1: Flatten (1, 8)",),
        ("2: Linear (1, 1)", "9 parameters", f"[[{model(x).item():.4g}]]"),
        ("output (1, 1)",),
    ]
    assert [b for _, b in arrows(drawing)] == [lines[0] for lines in list(boxes(drawing).values())[1:]]
    assert re.search(r'subgraph \w+\["1"\]\n(.*ReLU.*\n)(.*Flatten.*\n) +end', repr(drawing))
    assert model.training


def test_a_skip_and_a_layer_called_twice_are_drawn():
    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc, self.scale = nn.Linear(2, 2), nn.Parameter(nn.ones(2))

        def forward(self, x):
            return self.fc(self.fc(x)) * self.scale + x

    drawn = arrows(nn.draw(Block(), nn.ones(3, 2)))
    assert drawn == [
        ("input (3, 2)", "fc: Linear (3, 2)"),
        ("fc: Linear (3, 2)", "fc.2: Linear (3, 2)"),
        ("fc.2: Linear (3, 2)", "mul (3, 2)"),
        ("scale (2,)", "mul (3, 2)"),
        ("mul (3, 2)", "add (3, 2)"),
        ("input (3, 2)", "add (3, 2)"),
        ("add (3, 2)", "output (3, 2)"),
    ]


def test_a_layer_alone_is_a_model_too():
    assert boxes(nn.draw(nn.Linear(2, 9), nn.ones(1, 2)))["n1"] == ("Linear (1, 9)", "27 parameters")


def test_only_the_last_boxes_of_a_large_graph_are_drawn():
    w = nn.tensor(1.0, requires_grad=True)
    y = w
    for _ in range(50):
        y = y * 1.5
    drawing = nn.draw(y, most=10)
    assert len(boxes(drawing)) == 11
    assert boxes(drawing)["more"] == ("41 before these",)
    assert len(arrows(drawing)) == 10


def test_a_notebook_gets_mermaid_and_markdown():
    drawing = nn.draw(nn.tensor(1.0, requires_grad=True), names={})
    bundle = drawing._repr_mimebundle_()
    assert bundle["text/vnd.mermaid"] == bundle["text/plain"] == repr(drawing) == drawing.mermaid
    assert bundle["text/markdown"] == drawing._repr_markdown_() == f"```mermaid\n{drawing.mermaid}\n```"


def test_a_name_cannot_break_the_text():
    w = nn.tensor(1.0, requires_grad=True)
    assert '"a#quot;]b#lt;i#gt;#35; ()<br/>1' in repr(nn.draw(w * 2, names={'a"]b<i>#': w}))


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: nn.draw(3), TypeError, "draw: expected a tensor or a module, got int"),
        (lambda: nn.draw(nn.ones(1)), GradError, "draw: this tensor does not require gradients, .*; compute it from"),
        (lambda: nn.draw(nn.ones(1, requires_grad=True), nn.ones(1)), TypeError, "draw: a tensor takes no inputs"),
        (lambda: nn.draw(nn.ones(1, requires_grad=True), most=0), RangeError, "draw: most must be 1 or more, got 0"),
        (lambda: nn.draw(nn.Identity(), nn.tensor([1])), GradError, "graph: Identity returned nothing"),
    ],
    ids=["int", "constant", "inputs", "most", "nothing"],
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused(call, kind, message):
    with pytest.raises(kind, match=f"^{message}"):
        call()
