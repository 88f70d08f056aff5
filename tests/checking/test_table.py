"""Every wrong backward of the table is caught, and most are named; every right one passes, in whatever style."""

import pytest
from checking.table import WAYS, cases, named, said_of

WRONG, RIGHT = (list(enumerate(cases(kind))) for kind in ("wrong", "right"))


def draws(number):
    """Ten seeds; each is drawn in another way, and each case begins with another."""
    return [(WAYS[(seed + number) % len(WAYS)], seed) for seed in range(10)]


@pytest.mark.parametrize(("number", "case"), WRONG, ids=[case[0] for _, case in WRONG])
def test_a_wrong_backward_is_caught_for_every_seed(number, case):
    _, family, entry = case
    reports = {(way.__name__, seed): said_of(family, entry, way, seed) for way, seed in draws(number)}
    assert [draw for draw, said in reports.items() if said is None] == []


@pytest.mark.parametrize(("number", "case"), RIGHT, ids=[case[0] for _, case in RIGHT])
def test_a_right_backward_passes_for_every_seed(number, case):
    _, family, entry = case
    for way, seed in draws(number):
        assert said_of(family, entry, way, seed) is None, f"{way.__name__} {seed}"


def test_the_table_is_as_large_as_it_claims():
    assert len(WRONG) >= 120
    assert len(RIGHT) >= 60
    families = {}
    for _, (name, _, entry) in WRONG:
        families.setdefault(name.partition(":")[0], []).append(entry)
    assert [family for family, entries in families.items() if len(entries) < 2] == []
    assert all(entry.words for entries in families.values() for entry in entries)


def test_nine_of_ten_mistakes_are_named():
    """With ordinary inputs; the words are those of the mistake itself."""
    unnamed = [
        name for _, (name, family, entry) in WRONG if not named(said_of(family, entry, WAYS[1], 3) or "", entry.words)
    ]
    assert len(unnamed) <= len(WRONG) // 10, unnamed
