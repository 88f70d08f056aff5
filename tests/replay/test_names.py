"""What a step asks for by name, wherever it stands: a replay notices that it is another one now."""

import dataclasses
import functools
import importlib
import sys

import pytest

import nn

SCALE = 2.0
TABLE = {"scale": 2.0}


class Layer(nn.Module):
    scale = 2.0

    def forward(self, x):
        return self.way(x)

    def global_number(self, x):
        return x * SCALE

    def through_another(self, x):
        return self.global_number(x)

    def global_table(self, x):
        return x * TABLE["scale"]

    def own_class(self, x):
        return x * self.scale

    @property
    def doubled(self):
        return 2 * SCALE

    def through_a_property(self, x):
        return x * self.doubled

    @staticmethod
    def static(x):
        return x * SCALE

    def through_a_static_method(self, x):
        return self.static(x)

    @classmethod
    def of_class(cls, x):
        return x * SCALE

    def through_a_class_method(self, x):
        return self.of_class(x)


@dataclasses.dataclass
class Slots:
    __slots__ = ("scale",)
    scale: float


class Called:
    def __call__(self, x):
        return x * SCALE


class Settings:
    scale = 2.0


def keyword(x, *, table=TABLE):
    return x * table["scale"]


def another(monkeypatch):
    monkeypatch.setitem(globals(), "SCALE", 3.0)


def another_entry(monkeypatch):
    monkeypatch.setitem(TABLE, "scale", 3.0)


def layer(way):
    module = Layer()
    module.way = getattr(module, way)
    return lambda x: module(x)


slots, settings, called = Slots(2.0), Settings(), Called()
CASES = {
    "global number": (lambda: layer("global_number"), another),
    "through another method": (lambda: layer("through_another"), another),
    "global table": (lambda: layer("global_table"), another_entry),
    "attribute of the class": (lambda: layer("own_class"), lambda m: m.setattr(Layer, "scale", 3.0)),
    "property": (lambda: layer("through_a_property"), another),
    "static method": (lambda: layer("through_a_static_method"), another),
    "class method": (lambda: layer("through_a_class_method"), another),
    "another forward": (
        lambda: layer("global_number"),
        lambda m: m.setattr(Layer, "forward", lambda self, x: x * 3.0),
    ),
    "object that is called": (lambda: lambda x: called(x), another),
    "settings": (lambda: lambda x: x * Settings.scale, lambda m: m.setattr(Settings, "scale", 3.0)),
    "settings of an object": (lambda: lambda x: x * settings.scale, lambda m: m.setattr(Settings, "scale", 3.0)),
    "slots": (lambda: lambda x: x * slots.scale, lambda m: m.setattr(slots, "scale", 3.0)),
    "keyword of a function": (lambda: keyword, another_entry),
    "partial": (lambda: functools.partial(lambda table, x: x * table["scale"], TABLE), another_entry),
}


def check(step, change, monkeypatch):
    captured, x = nn.capture(step), nn.tensor([1.0, -2.0])
    for _ in range(4):
        assert captured(x).tolist() in ([2.0, -4.0], [4.0, -8.0])
    change(monkeypatch)
    for _ in range(3):
        assert captured(x).tolist() == step(x).tolist()
    assert captured.reason is None
    return step(x).tolist()


@pytest.mark.parametrize("name", CASES)
def test_it_is_noticed(name, monkeypatch):
    build, change = CASES[name]
    assert check(build(), change, monkeypatch) in ([3.0, -6.0], [6.0, -12.0])


@pytest.mark.parametrize("text", ["x * helpers_of_a_step.SCALE", "helpers_of_a_step.scaled(x)"])
def test_it_is_noticed_in_a_module_that_is_imported(text, monkeypatch, tmp_path):
    (tmp_path / "helpers_of_a_step.py").write_text("SCALE = 2.0\n\ndef scaled(x):\n    return x * SCALE\n")
    monkeypatch.syspath_prepend(tmp_path)
    try:
        helpers = importlib.import_module("helpers_of_a_step")
        step = eval(f"lambda x: {text}", {"helpers_of_a_step": helpers})
        assert check(step, lambda m: m.setattr(helpers, "SCALE", 3.0), monkeypatch) == [3.0, -6.0]
    finally:
        sys.modules.pop("helpers_of_a_step", None)


def test_what_no_text_asks_for_may_change():
    """Counters beside a step, in the class of its object or in its module, are no reason to record again."""

    class Trainer:
        count = 0

        def step(self, x):
            return x * 2

    trainer = Trainer()
    captured = nn.capture(trainer.step)
    for _ in range(30):
        captured(nn.ones(2))
        Trainer.count += 1
    assert captured.reason is None
    (kind,) = captured._kinds.values()
    assert len(kind.variants) == 1
