"""The proof that an exercise cannot be fooled: references pass; stubs, empty namespaces and mutants do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from nn.exercises.declaration import Exercise
from nn.exercises.runner import Report, run
from nn.exercises.sources import solution_file, start_file

__all__ = ["Proof", "prove", "table"]


@dataclass
class Proof:
    """What was found of one exercise."""

    id: str
    checks: int
    reference: Report
    stub_fails: bool
    empty_fails: bool
    mutants: dict[str, set[str]] = field(default_factory=dict)
    """The checks that catch each mutant."""
    alone: dict[str, int] = field(default_factory=dict)
    """How many mutants each check catches that no other one catches."""
    untold: list[str] = field(default_factory=list)
    """Messages that are there in one language only."""
    shared: dict[str, str] = field(default_factory=dict)
    """Why a check catches none alone, where the declaration says so."""

    @property
    def caught(self) -> int:
        """How many mutants some check catches."""
        return sum(bool(by) for by in self.mutants.values())

    def faults(self) -> list[str]:
        """What is not as it must be, a sentence each."""
        said = []
        if not self.reference.ok:
            said.append(f"{self.id}: the reference does not pass:\n{self.reference}")
        if not self.stub_fails:
            said.append(f"{self.id}: the file to start with passes")
        if not self.empty_fails:
            said.append(f"{self.id}: an empty namespace passes")
        if len(self.mutants) < 3:
            said.append(f"{self.id}: it has {len(self.mutants)} mutants; at least 3 are expected")
        said += [f"{self.id}: the mutant {what!r} is not caught" for what, by in self.mutants.items() if not by]
        said += [f"{self.id}: told in one language only: {message}" for message in self.untold]
        for check, count in self.alone.items():
            reason = self.shared.get(check, "")
            if count == 0 and not reason:
                said.append(f"{self.id}: the check {check!r} catches no mutant alone and does not say why")
            if count and reason:
                said.append(f"{self.id}: the check {check!r} says why it catches nothing alone, and it does catch one")
        return said


def prove(exercise: Exercise) -> Proof:
    """Run the reference, the file to start with, nothing at all, and every mutant."""
    reference = exercise.solution()
    proof = Proof(
        exercise.id,
        len(exercise.checks),
        run(exercise, _executed(solution_file(exercise))),
        not run(exercise, _executed(start_file(exercise, "en"))).ok,
        not run(exercise, {}).ok,
        shared={check.name[0]: check.shared for check in exercise.checks if check.shared},
    )
    for mutant in exercise.mutants:
        report = run(exercise, {**reference, **mutant.replaced})
        proof.mutants[mutant.what] = {r.check[0] for r in report.results if not r.ok}
        wrong = [r.said for r in report.results if not r.ok]
        proof.untold += [english or chinese for english, chinese in wrong if not (english and chinese)]
    for check in exercise.checks:
        proof.alone[check.name[0]] = sum(by == {check.name[0]} for by in proof.mutants.values())
    return proof


def _executed(source: str) -> dict[str, object]:
    names: dict[str, object] = {"__name__": "solution"}
    exec(compile(source, "<solution>", "exec"), names)
    return names


def table(proofs: Sequence[Proof]) -> str:
    """A line for each exercise, and the sums."""
    head = ("exercise", "checks", "reference", "stub", "empty", "mutants", "caught", "alone")
    rows: list[tuple[str, ...]] = [head]
    for p in proofs:
        passes = (
            "passes" if p.reference.ok else "FAILS",
            *("fails" if f else "PASSES" for f in (p.stub_fails, p.empty_fails)),
        )
        alone = sum(count > 0 for count in p.alone.values())
        rows.append((p.id, str(p.checks), *passes, str(len(p.mutants)), str(p.caught), f"{alone} of {p.checks}"))
    widths = [max(len(row[k]) for row in rows) for k in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    total, caught = sum(len(p.mutants) for p in proofs), sum(p.caught for p in proofs)
    n = len(proofs)
    lines += [
        "",
        f"{sum(p.reference.ok for p in proofs)} of {n} references pass, "
        f"{sum(p.stub_fails for p in proofs)} of {n} stubs and {sum(p.empty_fails for p in proofs)} of {n} empty "
        f"namespaces fail, {caught} of {total} mutants are caught by {sum(p.checks for p in proofs)} checks.",
        "alone: checks that catch at least one mutant that no other check of the exercise catches; each of the others "
        "says why not.",
    ]
    return "\n".join(lines)
