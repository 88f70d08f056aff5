"""The sentences of both packages: no message, docstring or comment falls back into words that were given up."""

import ast
import io
import re
import tokenize
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

INSTEAD = {
    r"came(?! from\b)": "got ...",
    r"(is|are) wanted": "must be ..., expected ...",
    r"wants?": "needs ..., must have ...",
    r"anew": "again",
    r"lest": "so that ... not",
    r"unless told": "by default",
    r"as it should be": "has the wrong type or value",
    r"(not to|cannot) be had": "cannot be ...",
    r"be it": "even if it is ...",
    r"of old": "earlier, former",
    r"mend(s|ed|ing)?": "repaired, corrected",
    r"(?-i:till)": "until",
    r"made data": "synthetic data",
    r"in vain": "without success",
}
WORDS = re.compile(rf"\b({'|'.join(INSTEAD)})\b", re.IGNORECASE)


def sentences(source):
    """(line, text) of every string, joined as Python joins its parts, and of every comment; names are left out."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else "..." for part in node.values]
            yield node.lineno, "".join(parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def given_up(source):
    """{(line, words)} of the phrases that should not be there; what stands in backticks is a name."""
    found = set()
    for line, text in sentences(source):
        plain = re.sub(r"\s+", " ", re.sub(r"`[^`]*`", "", text))
        found.update((line, match[0]) for match in WORDS.finditer(plain))
    return found


def test_sentences_are_plain_english():
    found = [
        f"{path.relative_to(ROOT)}:{line}: {words}"
        for package in ("nn", "tbwriter")
        for path in sorted((ROOT / package).rglob("*.py"))
        for line, words in sorted(given_up(path.read_text(encoding="utf-8")))
    ]
    assert not found


def test_each_phrase_is_found_in_messages_docstrings_and_comments():
    phrases = (
        "0 came; one is wanted; are wanted; it wants; they want; anew; lest; unless told; as it should be; "
        "not to be had; cannot be had; be it; of old; mended; till; made data; in vain"
    )
    for phrase in phrases.split("; "):
        for source in (
            "'''It says {}.'''",
            "# it says {}",
            "raise ValueError('it says {}')",
            "f'{{n}} says {}, {{n}}'",
            "f'{{n}}; ' 'it says {}'",
        ):
            assert len(given_up(source.format(phrase))) == 1, (source, phrase)
        first, *rest = phrase.split()
        if rest:  # broken over two lines, within a string and between two
            assert given_up(f"'''It says {first}\n    {' '.join(rest)}.'''")
            assert given_up(f"(f'it says {first} '\n f'{' '.join(rest)}')")
    assert given_up("n = 0\nf'got 0, {n} came'") == {(2, "came")}


def test_names_and_other_meanings_are_left_alone():
    for source in ("wanted = came = wants = 1", "f'{came} of {wanted}'", "'''It is `wants`, from Hand and Till.'''"):
        assert not given_up(source), source
    assert not given_up("'the smallest amended number came from the file'")
