"""The independent checker lies beside the tests and is imported by its path."""

import importlib.util
import sys
from pathlib import Path

_spec = importlib.util.spec_from_file_location("tests_checker", Path(__file__).parent / "checker.py")
assert _spec
assert _spec.loader
sys.modules["tests_checker"] = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(sys.modules["tests_checker"])
