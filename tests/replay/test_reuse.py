"""The arrays of a program share their memory where nobody can tell."""

import tracemalloc
import warnings

import numpy as np

import nn
from nn.autograd import mode as door
from nn.autograd import tape
from nn.replay import reuse


def held(step):
    """The bytes of what a captured step holds beside its arguments."""
    (kind,) = step._kinds.values()
    return sum(buffer.nbytes for buffer in kind.variants[0].program.buffers)


def chain(x):
    for _ in range(20):
        x = nn.tanh(x) + 1
    return x.sum()


def test_an_array_takes_the_place_of_one_that_is_no_longer_needed(rng):
    step = nn.capture(chain)
    for _ in range(4):
        x = nn.tensor(rng.normal(size=(100, 120)))
        assert step(x).item() == chain(x).item()
    assert step.reason is None
    assert 2 * 96_000 <= held(step) < 4 * 96_000  # of 40 arrays


def test_a_training_step_holds_less_than_its_arrays_and_keeps_its_bits(rng):
    def made():
        nn.manual_seed(0)
        model = nn.Sequential(*(nn.Linear(64, 64) for _ in range(6)), nn.Dropout(0.5))
        optimizer = nn.optim.Adam(model.parameters(), lr=0.01)

        def step(x):
            optimizer.zero_grad()
            loss = (model(x).tanh() ** 2).mean()
            loss.backward()
            optimizer.step()
            return loss

        return model, step

    (model, eager), (other, plain) = made(), made()
    step = nn.capture(plain)
    batches = [nn.tensor(rng.normal(size=(512, 64)).astype(np.float32)) for _ in range(6)]
    nn.manual_seed(1)
    expected = [eager(x).item() for x in batches]
    nn.manual_seed(1)
    assert [step(x).item() for x in batches] == expected
    for one, two in zip(model.parameters(), other.parameters(), strict=True):
        assert one.detach().numpy().tobytes() == two.detach().numpy().tobytes()
        assert one.grad.numpy().tobytes() == two.grad.numpy().tobytes()
    assert held(step) < 12 * 512 * 64 * 4  # of 17 arrays that a backward may read, and their gradients


def plus_hidden(x, *, out=None):
    """A kernel that reads an array which it was not given."""
    return np.add(x, reuse.hidden, out=out)


def test_where_something_else_reads_an_array_the_step_runs_as_it_is(rng, monkeypatch):
    monkeypatch.setattr(reuse, "hidden", None, raising=False)

    def step(x):
        y = x * 2
        reuse.hidden = y._array
        shift = y.mean()
        return tape.wrap(door.mode.quiet(plus_hidden, x.exp().tanh()._array)) + shift

    captured = nn.capture(step)
    for number in range(5):
        x = nn.tensor(rng.normal(size=(100, 120)))
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            found = captured(x)
        assert len(said) == (number == 1)
        np.testing.assert_array_equal(found.numpy(), (x.exp().tanh() + x * 2 + (x * 2).mean()).numpy())
    assert captured.reason == "a replay does not give the same bits as the step"


def test_recordings_keep_no_arrays(rng):
    step, x = nn.capture(chain), nn.tensor(rng.normal(size=(100, 1000)))
    step(nn.ones(2, 2))  # loads files
    for _ in range(3):
        tracemalloc.start()
        try:
            step(x)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < 6 * 800_000  # of 40 arrays
    assert step.reason is None


def test_arrays_of_any_layout_are_made_again_where_the_program_has_them(rng):
    """Gradients that are kept where they are, in Fortran's order too; views forwards and backwards in what is moved."""
    weight = nn.tensor(rng.normal(size=(100, 120)).astype(np.float32), requires_grad=True)

    def step(x):
        weight.grad = None
        y = (x @ weight.T * 2).flip(0)
        z = y[::2].T + y[1::2].T * y[:50, 3]
        loss = (z.tanh() * z).sum() + (weight.T @ weight).sum()
        loss.backward()
        return loss.detach()

    captured = nn.capture(step)
    for _ in range(5):
        x = nn.tensor(rng.normal(size=(100, 120)).astype(np.float32))
        loss, gradient = step(x).item(), weight.grad.numpy().copy()
        assert captured(x).item() == loss
        assert (weight.grad.numpy() == gradient).all()
    assert captured.reason is None


def test_places_that_are_needed_together_do_not_overlap(rng):
    for _ in range(200):
        lifetimes = {}
        for key in range(int(rng.integers(0, 12))):
            first = int(rng.integers(0, 10))
            lifetimes[key] = int(rng.integers(1, 500)), first, first + int(rng.integers(0, 5))
        offsets, size = reuse._places(lifetimes)
        assert size <= sum(-(-n // reuse.ALIGNED) * reuse.ALIGNED for n, _, _ in lifetimes.values())
        for key, (n, first, last) in lifetimes.items():
            assert offsets[key] % reuse.ALIGNED == 0
            assert offsets[key] + n <= size
            for other, (m, a, b) in lifetimes.items():
                if other != key and a <= last and first <= b:
                    assert offsets[key] + n <= offsets[other] or offsets[other] + m <= offsets[key]
