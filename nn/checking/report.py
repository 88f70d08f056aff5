"""What an examination found, and how it is said."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = ["Kink", "Report", "Verdict"]

__tracebackhide__ = True


class Kink(NamedTuple):
    """An element at which the slopes from the two sides differ."""

    place: tuple[int, ...]
    left: float
    right: float


@dataclass
class Verdict:
    """What is to be said of one input's gradient."""

    ok: bool = True
    place: tuple[int, ...] | None = None
    """The worst element."""
    got: float = 0.0
    expected: float = 0.0
    where: str = ""
    """At which inputs, if not at the given ones."""
    detail: str = ""
    guess: str | None = None
    """The mistake, if it is a known one."""
    structural: bool = False
    """Whether what was returned is no gradient at all."""
    left_out: bool = False
    kinks: list[Kink] = field(default_factory=list)


class Report:
    """The verdicts on all inputs, and complaints about the functions themselves."""

    def __init__(
        self, labels: list[str], names: list[str], shapes: list[tuple[int, ...]], complaints: list[str]
    ) -> None:
        self.labels, self.names, self.shapes = labels, names, shapes
        self.verdicts = [Verdict() for _ in labels]
        self.note = ""
        self._complaints = complaints
        self._judged = True

    def complain(self, sentence: str) -> None:
        """Add what is wrong with the functions as such; the gradients are not judged then."""
        self._complaints.append(sentence)
        self._judged = False

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self._complaints and all(v.ok for v in self.verdicts)

    @property
    def structural(self) -> bool:
        """Whether something that is no gradient was returned, or none could be judged."""
        return not self._judged or any(v.structural for v in self.verdicts)

    def text(self, caller: str) -> str:
        """All that was found: the first wrong input in full, then a line for every input."""
        lines = [f"{caller}: {sentence}" for sentence in dict.fromkeys(self._complaints)]
        wrong = [i for i, v in enumerate(self.verdicts) if not v.ok]
        if wrong:
            lines.append(f"{self.labels[wrong[0]]}{_told(self.verdicts[wrong[0]])}")
        if self.note:
            lines.append(f"    {self.note}")
        if self._judged and (len(self.verdicts) > 1 or not wrong):
            lines += [f"    {self._line(i, i in wrong[:1])}" for i in range(len(self.verdicts))]
        return "\n".join(lines)

    def kinks(self) -> str:
        """What is to be said of kinks where nothing is wrong; empty if there is none."""
        lines = []
        for label, shape, verdict in zip(self.labels, self.shapes, self.verdicts, strict=True):
            if verdict.kinks:
                kink, count = verdict.kinks[0], len(verdict.kinks)
                size = 1
                for n in shape:
                    size *= n
                more = f" (and at {count - 1} more of {size} elements)" if count > 1 else ""
                lines.append(
                    f"{label}, element {kink.place}{more}: the function has a kink there, slope {kink.left:.4g} on the "
                    f"left and {kink.right:.4g} on the right: move away to have it judged; the analytic gradient is "
                    "one of the slopes in between"
                )
        return "\n".join(lines)

    def _line(self, index: int, told: bool) -> str:
        verdict, head = self.verdicts[index], f"{self.names[index]}, shape {self.shapes[index]}"
        if verdict.left_out:
            return f"{head}: left out, no gradient reaches it"
        if verdict.ok:
            return f"{head}: the gradient is right" + (f", at {len(verdict.kinks)} kinks too" if verdict.kinks else "")
        if told:
            return f"{head}: wrong, see above"
        if verdict.place is None:
            return f"{head}: wrong{verdict.detail}" + (f"; {verdict.guess}" if verdict.guess else "")
        guess = f"; {verdict.guess}" if verdict.guess else ""
        where = f" {verdict.where}" if verdict.where else ""
        return f"{head}: wrong{where}, at {verdict.place} expected {verdict.expected:.6g}, got {verdict.got:.6g}{guess}"


def _told(verdict: Verdict) -> str:
    where = f"; this is {verdict.where}" if verdict.where else ""
    if verdict.structural:
        return verdict.detail + (f" ({verdict.guess})" if verdict.guess else "")
    guess = verdict.guess or "no known mistake explains it"
    return f"{verdict.detail}{where}; {guess}: correct the rule"
