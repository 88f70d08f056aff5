"""How many wrong backwards the checker catches and names, and how many right ones it passes.

`python tests/checking/table.py` prints the totals. Every backward of `backwards.py` is checked for ten seeds of the
inputs, drawn in each of the ways in which people draw them.
"""

import argparse
import sys
import warnings
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from checking.backwards import FAMILIES

import nn
from nn.checking.streams import own_stream


def split(flat, shapes):
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    return [part.reshape(shape) for part, shape in zip(np.split(flat, ends[:-1]), shapes, strict=True)]


def one_call(shapes, seed):
    return split(np.random.default_rng(seed).normal(size=sum(int(np.prod(s)) for s in shapes)), shapes)


def several_calls(shapes, seed):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape) for shape in shapes]


def global_seed(shapes, seed):
    state = np.random.RandomState(seed)  # the numbers that np.random.seed(seed) leads to
    return [state.randn(*shape) for shape in shapes]


def same_seed_for_each(shapes, seed):
    return [np.random.default_rng(seed).normal(size=shape) for shape in shapes]


def uniform(shapes, seed):
    rng = np.random.default_rng(seed)
    return [rng.random(shape) for shape in shapes]


def integers(shapes, seed):
    rng = np.random.default_rng(seed)
    return [rng.integers(-3, 4, shape).astype(float) for shape in shapes]


def the_checkers_own(shapes, seed):
    stream = own_stream(seed % 3)
    return [stream.normal(size=shape) for shape in shapes]


def symmetric(shapes, seed):
    drawn = several_calls(shapes, seed)
    square = [len(x.shape) > 1 and x.shape[-1] == x.shape[-2] for x in drawn]
    return [(x + x.swapaxes(-1, -2)) / 2 if s else x for x, s in zip(drawn, square, strict=True)]


def ones(shapes, seed):
    return [np.ones(shape) * (1 + seed) / (1 + seed) for shape in shapes]


def arange(shapes, seed):
    return [np.arange(np.prod(shape)).reshape(shape) / (1 + seed) for shape in shapes]


def eye(shapes, seed):
    return [np.eye(*s) if len(s) == 2 else np.full(s, 0.5 + seed) for s in shapes]


WAYS = [one_call, several_calls, global_seed, same_seed_for_each, uniform, integers, the_checkers_own, symmetric, ones,
        arange, eye]  # fmt: skip


def cases(kind):
    """(family, name, backward) of every wrong or right one."""
    for family, content in FAMILIES.items():
        for name, entry in getattr(content, kind).items():
            yield f"{family}: {name}", content, entry


def said_of(family, entry, way, seed):
    """The report of the checker, or None if it passes; what it says of kinks is no failure."""
    inputs = way(family.shapes, seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", nn.testing.KinkWarning)
        try:
            nn.testing.assert_gradients_match(
                entry.forward or family.forward, (*inputs, *family.integers), entry.backward
            )
        except nn.GradcheckError as error:
            return str(error)
    return None


def named(said, words):
    return any(word in said for word in words)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10, metavar="N")
    parser.add_argument("--verbose", action="store_true", help="print every report")
    parser.add_argument("--only", default="", metavar="TEXT", help="cases with this text in their names")
    arguments = parser.parse_args()
    draws = [(way, seed) for way in WAYS for seed in range(arguments.seeds)]
    caught = named_always = named_mostly = total = right = right_total = 0
    faults = []
    for name, family, entry in cases("wrong"):
        if arguments.only not in name:
            continue
        reports = [said_of(family, entry, way, seed) for way, seed in draws]
        hits = [said is not None and named(said, entry.words) for said in reports]
        missed = [f"{w.__name__} {s}" for (w, s), said in zip(draws, reports, strict=True) if said is None]
        total += 1
        caught += not missed
        named_always += all(hits)
        named_mostly += 2 * sum(hits) > len(hits)
        if missed:
            faults.append(f"{name}: passes for {', '.join(missed[:6])}")
        if arguments.verbose:
            unnamed = Counter(said for said, hit in zip(reports, hits, strict=True) if not hit)
            print(f"\n{name}: named {sum(hits)} of {len(hits)}")
            print(f"  {reports[0]}")
            for said, _ in unnamed.most_common(1):
                print(f"  NOT NAMED, e.g.: {said}")
    for name, family, entry in cases("right"):
        if arguments.only not in name:
            continue
        right_total += 1
        refused = [(w.__name__, s, said) for w, s in draws if (said := said_of(family, entry, w, s))]
        right += not refused
        faults += [f"{name}: refused for {way} {seed}: {said}" for way, seed, said in refused[:1]]
    print(*faults, sep="\n")
    print(f"wrong backwards: caught {caught} of {total} for every draw")
    print(f"  named for every draw {named_always} of {total}, for most draws {named_mostly} of {total}")
    print(f"right backwards: passed {right} of {right_total} for every draw")
    print(f"draws: {arguments.seeds} seeds in {len(WAYS)} ways: {', '.join(way.__name__ for way in WAYS)}")
    return 0 if not faults else 1


if __name__ == "__main__":
    raise SystemExit(main())
