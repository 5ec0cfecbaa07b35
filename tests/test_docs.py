"""The documentation is true: its generated pages are fresh and every verb is documented."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_the_generated_pages_are_fresh(tmp_path: Path) -> None:
    # In a process of its own: help texts are written in the language in force when a verb is first loaded.
    subprocess.run([sys.executable, ROOT / "docs/generate.py", tmp_path], cwd=ROOT, check=True)
    pages = sorted(tmp_path.iterdir())
    assert pages
    for page in pages:
        kept = (ROOT / "docs/reference" / page.name).read_text(encoding="utf-8")
        assert kept == page.read_text(encoding="utf-8"), "regenerate: uv run python docs/generate.py"


def test_links_between_pages_lead_somewhere() -> None:
    broken = []
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text(encoding="utf-8")):
            if not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert not broken, "\n".join(broken)
