"""The doubles, importable by the tests beside them."""

import importlib.util
import sys
from pathlib import Path

_spec = importlib.util.spec_from_file_location("collect_doubles", Path(__file__).parent / "doubles.py")
assert _spec
assert _spec.loader
_module = importlib.util.module_from_spec(_spec)
sys.modules["collect_doubles"] = _module
_spec.loader.exec_module(_module)
