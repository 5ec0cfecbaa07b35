"""What ``pulumi-language-python`` runs: the host that lies beside this file, whatever ``PYTHONPATH`` says."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[0] = str(HERE)

from language_host.serve import main  # noqa: E402 found through the line above

sys.path.pop(0)
sys.exit(main(sys.argv[1:], HERE.parent / "bin"))
