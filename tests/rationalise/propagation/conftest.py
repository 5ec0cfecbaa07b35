"""The cases lie beside the tests and are imported by their path."""

import importlib.util
import sys
from pathlib import Path

_spec = importlib.util.spec_from_file_location("tests_propagation_cases", Path(__file__).parent / "cases.py")
assert _spec
assert _spec.loader
sys.modules["tests_propagation_cases"] = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(sys.modules["tests_propagation_cases"])
