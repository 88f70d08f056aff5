"""The site: pages in Markdown and the notebooks, in English and in Chinese; `nox -s docs` builds it from the root."""

from pathlib import Path
from typing import Any

from pygments.lexers.special import TextLexer

project = "fromzero"
author = "The fromzero authors"
root_doc = "docs/index"
include_patterns = [
    "docs/*.md",
    "docs/**/*.md",
    "notebooks/*.ipynb",
    "notebooks/README.md",
    "notebooks/zh/*.ipynb",
    "notebooks/zh/README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "nn/README.md",
    "nn/**/README.md",
    "tbwriter/README.md",
    "tests/benchmarks/README.md",
]
extensions = ["myst_nb"]
html_theme = "furo"
html_title = "fromzero"
html_extra_path = [str(Path(__file__).parent.parent / "build" / "api")]  # pages of the docstrings, which pdoc makes
nb_execution_mode = "off"  # the notebooks stand here with their outputs, which `nox -s notebooks` has checked
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
suppress_warnings = [
    "myst.header",  # a page that a code host shows too begins with the heading that it likes
    "mystnb.unknown_mime_type",  # nn.draw's graphs: Jupyter takes Mermaid's own type, the site the Markdown beside it
]


def setup(app: Any) -> None:
    """Show Mermaid's text as text."""
    app.add_lexer("mermaid", TextLexer)
