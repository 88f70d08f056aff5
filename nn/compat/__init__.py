"""PyTorch's names over ours: programs written for PyTorch run as they are.

    import nn.compat

    nn.compat.install()
    import torch  # from here on, in this process, `torch` is fromzero

From the command line: `fromzero run script.py`, `python -m nn script.py`; `README.md` beside this file tells the rest.
Importing this package changes nothing; `install()` does, in its own process alone.
"""

from typing import TYPE_CHECKING as _TYPE_CHECKING

from nn.faces import show as _show

if _TYPE_CHECKING:
    from nn.compat.check import *
    from nn.compat.hook import *
    from nn.compat.run import run_module as run_module
    from nn.compat.run import run_script as run_script

_show(
    __name__,
    {
        "nn.compat.check": "Missing check",
        "nn.compat.hook": "install installed uninstall",
        "nn.compat.run": "run_module run_script",
    },
)
