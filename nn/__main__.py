"""`python -m nn SCRIPT [ARGS]` is `fromzero run SCRIPT [ARGS]`."""

import sys

from nn.cli import main

if __name__ == "__main__":
    raise SystemExit(main(["run", *sys.argv[1:]]))
