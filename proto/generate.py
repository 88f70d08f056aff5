"""Generate ``tbwriter/messages/*_pb2.py`` and ``*_pb2.pyi`` from the schemas beside this file.

    python proto/generate.py            # write them
    python proto/generate.py --check    # compare only; exit status 1 where they differ

The compiler is pinned: code made by protoc 25 carries no check of the run-time version, so that it works with every
protobuf from 4.25 on, while newer compilers make code that refuses older run times. It is installed into a temporary
virtual environment, because it would pull protobuf itself down to version 4 in the one at hand.
"""

import argparse
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

SCHEMAS = Path(__file__).resolve().parent
MESSAGES = SCHEMAS.parent / "tbwriter" / "messages"
REQUIREMENTS = [
    "grpcio-tools==1.62.3",
    "setuptools<81",
]  # this grpcio-tools imports pkg_resources, gone from later ones
PYTHONS = ((3, 10), (3, 12))  # for which this grpcio-tools has wheels


def generate(workspace: Path) -> dict[str, bytes]:
    """Compile the schemas inside ``workspace``: contents by file name."""
    environment = workspace / "venv"
    venv.create(environment, with_pip=True)
    python = environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-input", *REQUIREMENTS], check=True)
    where = "import grpc_tools; print(grpc_tools.__path__[0])"
    tools = subprocess.run([python, "-c", where], check=True, capture_output=True, text=True).stdout.strip()
    names = [f"tbwriter/messages/{schema.name}" for schema in sorted(SCHEMAS.glob("*.proto"))]
    command = [python, "-W", "ignore", "-m", "grpc_tools.protoc", f"-Itbwriter/messages={SCHEMAS}", f"-I{tools}/_proto"]
    subprocess.run([*command, f"--python_out={workspace}", f"--pyi_out={workspace}", *names], check=True)
    return {path.name: path.read_bytes() for path in (workspace / "tbwriter" / "messages").iterdir()}


def main() -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(description="Generate tbwriter/messages from proto/*.proto.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 where a file differs")
    arguments = parser.parse_args()
    if not PYTHONS[0] <= sys.version_info[:2] <= PYTHONS[1]:
        parser.error(f"the pinned compiler needs Python 3.10 to 3.12, this is {sys.version.split()[0]}")
    with tempfile.TemporaryDirectory() as workspace:
        wanted = generate(Path(workspace))
    present = {path.name: path.read_bytes() for path in MESSAGES.glob("*_pb2.py*")}
    if arguments.check:
        differing = sorted(n for n in wanted.keys() | present.keys() if wanted.get(n) != present.get(n))
        print(f"out of date: {', '.join(differing)}" if differing else "tbwriter/messages is up to date")
        return 1 if differing else 0
    for name in present.keys() - wanted.keys():
        (MESSAGES / name).unlink()
    for name, content in wanted.items():
        (MESSAGES / name).write_bytes(content)
    print(f"wrote {len(wanted)} files to {MESSAGES}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
