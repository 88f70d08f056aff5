"""A tape for numbers, in sixty lines, and why the order matters."""

import math

import numpy as np

from nn.exercises.declaration import Exercise
from nn.exercises.judging import require, same

exercise = Exercise(
    "scalar_autograd",
    title=("Automatic differentiation of numbers", "标量自动微分"),
    statement=(
        """
        A class Value(data) with .data and .grad (0.0 at first). Values can be added and multiplied with each other and
        with plain numbers on either side (2 * x, x + 1), and x.tanh() is a Value too. y.backward() sets y.grad to 1 and
        adds to the .grad of everything y was made from: dy by that Value. A Value used several times collects the sum;
        each node passes its gradient on once, when all of it has arrived. A chain of 5000 nodes must work.
        """,
        """
        类 Value(data)，带 .data 和 .grad（初值 0.0）。Value 之间、Value 与普通数之间都可以加和乘，
        普通数可在任意一侧（2 * x、x + 1）；x.tanh() 也是 Value。y.backward() 令 y.grad 为 1，
        并把 y 对各个来源的导数加到它们的 .grad 上。被用多次的 Value 得到总和；
        每个节点在梯度全部到齐之后，只往下传一次。5000 个节点的链条也要能用。
        """,
    ),
    derivation="""
        z = x + y:     dx += dz            dy += dz
        z = x * y:     dx += dz * y        dy += dz * x
        z = tanh(x):   dx += dz * (1 - z**2)
        a node's gradient is the sum over all its users: pass it on after the last of them,
        that is, in the reverse of an order in which every node stands after its inputs
    """,
    hints=[
        (
            "Let each result remember its inputs and the derivative by each.",
            "让每个结果记住它的输入，以及对每个输入的导数。",
        ),
        (
            "A node that is used twice must wait for both: sort the graph first (depth first, or by creation).",
            "被用了两次的节点要等两边都到：先给图排序（深度优先，或按创建顺序）。",
        ),
        (
            "Python allows about 1000 nested calls: use a list of your own instead of recursion.",
            "Python 的递归深度约为 1000：用自己的列表代替递归。",
        ),
    ],
    level=2,
)


@exercise.reference
class Value:
    """A number that remembers where it comes from."""

    created = 0

    def __init__(self, data, inputs=()):
        """data (), inputs: pairs of a Value and the derivative by it"""
        self.data, self.grad, self.inputs = data, 0.0, inputs
        Value.created += 1
        self.number = Value.created

    def __add__(self, other):
        """() + () -> ()"""
        other = other if isinstance(other, Value) else type(self)(other)
        return type(self)(self.data + other.data, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other):
        """() * () -> ()"""
        other = other if isinstance(other, Value) else type(self)(other)
        return type(self)(self.data * other.data, ((self, other.data), (other, self.data)))

    def __radd__(self, other):
        """number + Value"""
        return self + other

    def __rmul__(self, other):
        """number * Value"""
        return self * other

    def tanh(self):
        """() -> ()"""
        y = np.tanh(self.data)
        return type(self)(y, ((self, 1 - y**2),))

    def backward(self):
        """Add the derivative by every Value that this one was made from to its grad."""
        reached, waiting = {self.number: self}, [self]
        while waiting:
            for value, _ in waiting.pop().inputs:
                if value.number not in reached:
                    reached[value.number] = value
                    waiting.append(value)
        self.grad = 1.0
        for number in sorted(reached, reverse=True):  # a result is created after its inputs
            node = reached[number]
            for value, derivative in node.inputs:
                value.grad += node.grad * derivative


@exercise.check("sums, products and tanh have the right values and derivatives", "和、积、tanh 的值与导数正确")
def rules(given, rng):
    x, y = given.Value(0.5), given.Value(-1.5)
    z = (x * y + y).tanh()
    same("z.data", z.data, math.tanh(-2.25))
    z.backward()
    slope = 1 - math.tanh(-2.25) ** 2
    same("z.grad", z.grad, 1.0)
    same("x.grad", x.grad, slope * -1.5)
    same("y.grad", y.grad, slope * 1.5)


@exercise.check("plain numbers stand on either side", "普通数可以在任意一侧")
def numbers(given, rng):
    x = given.Value(3.0)
    z = 2 * x + x * 4 + (1 + x) + 5
    same("z.data", z.data, 27.0)
    z.backward()
    same("x.grad", x.grad, 7.0)


@exercise.check("a Value that is used several times collects the sum", "被多次使用的 Value 得到总和")
def shared(given, rng):
    x = given.Value(3.0)
    (x * x).backward()
    same("x.grad of x * x", x.grad, 6.0)
    x = given.Value(2.0)
    (x + x + x).backward()
    same("x.grad of x + x + x", x.grad, 3.0)


@exercise.check("a node passes its gradient on once, when all of it has arrived", "梯度到齐之后才往下传，且只传一次")
def order(given, rng):
    x = given.Value(2.0)
    a = x * 3
    b = a * 2
    (a + b).backward()
    same("a.grad", a.grad, 3.0)
    same("x.grad", x.grad, 9.0)
    x = given.Value(1.0)
    y = x
    for _ in range(12):
        y = y + y * 1.0
    y.backward()
    same("x.grad after 12 doublings", x.grad, 4096.0)


@exercise.check("a chain of 5000 nodes works", "5000 个节点的链条也能用")
def chain(given, rng):
    x = given.Value(1.0)
    y = x
    for _ in range(5000):
        y = y + 0.5
    try:
        y.backward()
    except RecursionError:
        require(
            False, "backward recurses too deeply for a long chain: use a list instead", "backward 递归太深：改用列表"
        )
    same("x.grad", x.grad, 1.0)


class Assigns(Value):
    def backward(self):
        reached, waiting = {}, [self]
        while waiting:
            node = waiting.pop()
            reached[node.number] = node
            waiting += [v for v, _ in node.inputs if v.number not in reached]
        self.grad = 1.0
        for number in sorted(reached, reverse=True):
            for value, derivative in reached[number].inputs:
                value.grad = reached[number].grad * derivative


class AtOnce(Value):
    """Passes on along every path, each time the whole gradient so far."""

    def backward(self):
        self.grad, waiting, seen = 1.0, [self], set()
        while waiting:
            node = waiting.pop(0)
            if node.number in seen:
                continue
            seen.add(node.number)
            for value, derivative in node.inputs:
                value.grad += node.grad * derivative
                waiting.append(value)


class Recursive(Value):
    def backward(self):
        done, order = set(), []

        def visit(node):
            if node.number not in done:
                done.add(node.number)
                for value, _ in node.inputs:
                    visit(value)
                order.append(node)

        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            for value, derivative in node.inputs:
                value.grad += node.grad * derivative


class OneShare(Value):
    """x * x as one input, with one derivative."""

    def __mul__(self, other):
        made = Value.__mul__(self, other)
        made.inputs = tuple(dict(made.inputs).items())
        return made


class NoNumbersOnTheLeft(Value):
    def __rmul__(self, other):
        return NotImplemented


class TanhOfTheInput(Value):
    def tanh(self):
        return type(self)(np.tanh(self.data), ((self, 1 - self.data**2),))


exercise.mutant("the gradient is assigned, not added", Value=Assigns)
exercise.mutant("breadth first: passed on before all has arrived", Value=AtOnce)
exercise.mutant("recursion", Value=Recursive)
exercise.mutant("an input that is used twice counts once", Value=OneShare)
exercise.mutant("no numbers on the left", Value=NoNumbersOnTheLeft)
exercise.mutant("1 - x**2 as the derivative of tanh", Value=TanhOfTheInput)
