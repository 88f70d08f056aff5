"""Containers against PyTorch's: what a program of calls leaves behind."""

from collections import OrderedDict

import numpy as np
import pytest

import nn

torch = pytest.importorskip("torch", reason="the oracle PyTorch is not installed")


def lin(t, n):
    return t.Linear(n, n + 1)


def filled(t, cls="Sequential", count=4):
    layers = [lin(t, i + 1) for i in range(count)]
    return t.Sequential(*layers) if cls == "Sequential" else t.ModuleList(layers)


PROGRAMS = {
    "slice": lambda t, m: m[1:3],
    "step": lambda t, m: m[::-2],
    "one": lambda t, m: m[-1],
    "set": lambda t, m: m.__setitem__(1, lin(t, 9)),
    "set last": lambda t, m: m.__setitem__(-1, lin(t, 9)),
    "delete": lambda t, m: m.__delitem__(0),
    "delete slice": lambda t, m: m.__delitem__(slice(0, 3, 2)),
    "append": lambda t, m: m.append(lin(t, 9)),
    "extend": lambda t, m: m.extend([lin(t, 8), lin(t, 9)]),
    "extend by itself": lambda t, m: m.extend(list(m)),
    "insert": lambda t, m: m.insert(1, lin(t, 9)),
    "insert end": lambda t, m: m.insert(4, lin(t, 9)),
    "insert back": lambda t, m: m.insert(-2 if isinstance(m, t.Sequential) else 2, lin(t, 9)),
    "pop": lambda t, m: m.pop(1),
    "pop last": lambda t, m: m.pop(-1),
    "add": lambda t, m: m + filled(t, type(m).__name__, 2),
}


def picture(m):
    return (repr(m), [(n, tuple(p.shape)) for n, p in m.named_parameters()]) if hasattr(m, "parameters") else m


@pytest.mark.parametrize("cls", ["Sequential", "ModuleList"])
@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_numbered_containers(cls, program):
    ours, theirs = filled(nn, cls), filled(torch.nn, cls)
    a, b = program(nn, ours), program(torch.nn, theirs)
    assert b is None or picture(a) == picture(b)
    assert picture(ours) == picture(theirs)
    assert len(ours) == len(theirs)


@pytest.mark.parametrize("program", [
    lambda t, m: m * 2, lambda t, m: 2 * m, lambda t, m: m.__imul__(3), lambda t, m: m.__iadd__(filled(t, count=1))
])  # fmt: skip
def test_arithmetic_of_sequential(program):
    assert picture(program(nn, filled(nn))) == picture(program(torch.nn, filled(torch.nn)))


REFUSED = [
    lambda t: filled(t).__add__([1]), lambda t: filled(t) * 0, lambda t: filled(t) * 1.5,
    lambda t: filled(t).insert(9, lin(t, 1)),
    lambda t: filled(t)[4], lambda t: filled(t).pop(-5), lambda t: filled(t).append(5), lambda t: t.ModuleList([5]),
    lambda t: t.ModuleList().extend(5), lambda t: t.ModuleDict({"a": 5}), lambda t: t.ModuleDict({"a.b": lin(t, 1)}),
    lambda t: t.ModuleDict({"keys": lin(t, 1)}), lambda t: t.ModuleDict({})["a"], lambda t: t.ModuleDict().pop("a"),
    lambda t: t.ModuleDict(5), lambda t: t.ModuleDict([5]), lambda t: t.ModuleDict([(1, 2, 3)]),
    lambda t: t.ParameterList(5), lambda t: t.ParameterList()[0], lambda t: t.ParameterDict(5),
    lambda t: t.ParameterDict([5]), lambda t: t.ParameterDict([(1, 2, 3)]), lambda t: t.ParameterDict({1: 2}),
    lambda t: t.ParameterDict().pop("a") if t is nn else {}["a"],
    lambda t: t.ParameterList()(1), lambda t: t.ParameterDict()(1),
    lambda t: filled(t, "ModuleList")(1), lambda t: t.ModuleDict()(1),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_containers_refuse_what_torch_s_refuse(number):
    with pytest.raises(Exception) as theirs:
        REFUSED[number](torch.nn)
    with pytest.raises(theirs.type):
        REFUSED[number](nn)


def test_module_dict():
    pictures = []
    for t in (nn, torch.nn):
        m = t.ModuleDict([("b", lin(t, 1)), ("a", lin(t, 2))])
        steps = [picture(m), list(m), len(m), "a" in m, "c" in m, list(m.keys()), [repr(v) for v in m.values()]]
        m["c"], m["b"] = lin(t, 3), lin(t, 4)
        m.update(t.ModuleDict({"z": lin(t, 5)}))
        m.update(OrderedDict(y=lin(t, 6)))
        steps += [picture(m), [(k, repr(v)) for k, v in m.items()], repr(m.pop("a"))]
        del m["c"]
        steps += [picture(m)]
        m.clear()
        pictures.append([*steps, picture(m)])
    assert pictures[0] == pictures[1]


def parameters(lib, *shapes):
    return [lib.tensor(np.ones(shape, np.float32)) for shape in shapes]


def test_parameter_list():
    pictures = []
    for lib, t in ((nn, nn), (torch, torch.nn)):
        one, two, three = parameters(lib, (2,), (3, 2), (4,))
        m = t.ParameterList([one, t.Parameter(two), "text"])
        m.append(three)
        m += [one]
        m[0] = three
        steps = [
            picture(m),
            len(m),
            [type(v).__name__ for v in m],
            picture(m[1:4:2]),
            tuple(m[-1].shape),
            picture(t.ParameterList()),
        ]
        steps += [list(m.state_dict()), picture(t.ParameterList([one]))]
        pictures.append(steps)
    assert pictures[0] == eval(repr(pictures[1]).replace("torch.", ""))


def test_parameter_dict():
    pictures = []
    for lib, t in ((nn, nn), (torch, torch.nn)):
        one, two, three = parameters(lib, (2,), (3, 2), (4,))
        m = t.ParameterDict({"b": one, "a": t.Parameter(two), "note": 5})
        steps = [list(m), list(reversed(m)), [n for n, _ in m.named_parameters()], len(m), "a" in m]
        m.update([("z", three), ("y", one)])
        m["a"] = one
        steps += [list(m.keys()), [tuple(v.shape) for k, v in m.items() if k != "note"], m.get("q", 3), list(m.copy())]
        steps += [
            tuple(m.setdefault("new", two).shape),
            tuple(m.setdefault("a", two).shape),
            m.popitem()[0],
            m.pop("note"),
        ]
        steps += [list(m | {"k": one}), [n for n, _ in m.fromkeys(["u", "v"], three).named_parameters()]]
        m |= t.ParameterDict({"w": one})
        steps += [len(list(m.values())), list(m.state_dict())]
        m.clear()
        pictures.append([*steps, repr(m), len(m)])
    assert pictures[0] == pictures[1]


def test_what_a_parameter_dict_shows():
    m = nn.ParameterDict({"a": nn.ones(2, 3), "b": 1})
    assert (
        repr(m)
        == "ParameterDict(\n    (a): Parameter containing: [float32 of size 2x3]\n    (b): Object of type: int\n)"
    )


def test_parameters_in_containers_are_trained_and_keep_their_place():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.scales = nn.ParameterList([nn.ones(2), nn.ones(2)])
            self.layers = nn.ModuleDict({"a": nn.Linear(2, 2)})

        def forward(self, x):
            for scale in self.scales:
                x = x * scale
            return self.layers["a"](x)

    net = Net()
    net(nn.ones(1, 2)).sum().backward()
    assert [n for n, _ in net.named_parameters()] == ["scales.0", "scales.1", "layers.a.weight", "layers.a.bias"]
    assert all(p.grad is not None for p in net.parameters())
