"""Every probe that a NumPy framework was seen to fail is right here, and the probes themselves agree with PyTorch."""

import importlib.util
import sys
from pathlib import Path

import pytest

PATH = Path(__file__).resolve().parents[1] / "benchmarks" / "probe_frameworks.py"
spec = importlib.util.spec_from_file_location("probe_frameworks", PATH)
probes = importlib.util.module_from_spec(spec)
sys.modules["probe_frameworks"] = probes
spec.loader.exec_module(probes)


@pytest.mark.parametrize("title", probes.PROBES)
def test_ours(title):
    probes.PROBES[title](probes.adapter("fromzero"))


@pytest.mark.parametrize("title", [t for t in probes.PROBES if t != "negative strides"])
def test_the_probe_itself_against_torch(title):
    pytest.importorskip("torch", reason="the oracle PyTorch is not installed")
    probes.PROBES[title](probes.adapter("torch"))
