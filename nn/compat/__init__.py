"""PyTorch's names over ours: programs written for PyTorch run as they are.

    import nn.compat

    nn.compat.install()
    import torch  # from here on, in this process, `torch` is fromzero

From the command line: `fromzero run script.py`, `python -m nn script.py`; `README.md` beside this file tells the rest.
Importing this package changes nothing; `install()` does, in its own process alone.
"""

from nn.compat.check import Missing, check
from nn.compat.hook import install, installed, uninstall
from nn.compat.run import run_module, run_script

__all__ = ["Missing", "check", "install", "installed", "run_module", "run_script", "uninstall"]
