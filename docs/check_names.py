"""Check that every public name of both packages is on the site: `python docs/check_names.py build/api`.

The pages are those that pdoc has made; a name is an anchor of its package's page or of a page below, or is a page.
"""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path

import nn

PACKAGES = (
    "nn", "nn.autograd", "nn.data", "nn.distributed", "nn.distributions", "nn.fft", "nn.func", "nn.functional",
    "nn.init", "nn.linalg", "nn.metrics", "nn.models", "nn.onnx", "nn.optim", "nn.special", "nn.testing", "nn.training",
    "nn.tuning", "nn.utils", "nn.viewing", "tbwriter",
)  # fmt: skip


def missing(pages: Path, package: str) -> list[str]:
    """The public names of a package that neither its page has nor one of the pages below it."""
    page = pages / f"{package.replace('.', '/')}.html"
    below = sorted(page.with_suffix("").rglob("*.html"))
    anchors = {path.stem for path in below}
    for path in (page, *below):
        anchors.update(re.findall(r'id="([^"]+)"', path.read_text(encoding="utf-8")) if path.exists() else ())
    module = importlib.import_module(package)
    names = [name for name in getattr(module, "__all__", dir(module)) if not name.startswith("_")]
    again = [name for name in names if package != "nn" and getattr(nn, name, None) is getattr(module, name)]
    return [name for name in names if name not in anchors and name not in again]  # which stand on the page of nn


if __name__ == "__main__":
    absent = [f"{package}.{name}" for package in PACKAGES for name in missing(Path(sys.argv[1]), package)]
    if absent:
        sys.exit(f"docs: expected every public name on the site, got none for {', '.join(absent)}")
