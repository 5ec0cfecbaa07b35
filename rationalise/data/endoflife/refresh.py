"""Make the shipped snapshot from a dump of endoflife.date: ``python refresh.py DUMP.json``.

Only what the analysis reads is kept: of each release its cycle, its label and three dates (end of
ordinary support, of active support, of paid extended support). A date may be true, false or unknown.
"""

import json
import sys
from pathlib import Path

FIELDS = ("releaseCycle", "releaseLabel", "eol", "eoas", "eoes")


def main() -> None:
    """Read the dump named on the line, write the snapshot beside this file."""
    dump = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    products = {
        name: {
            "title": product["title"],
            "category": product["category"],
            "releases": [[release.get(field) for field in FIELDS] for release in product["releases"]],
        }
        for name, product in sorted(dump["products"].items())
    }
    head = {key: dump[key] for key in ("source", "commit", "date", "licence")}
    lines = [f" {json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in head.items()]
    rows = ",\n".join(
        f"  {json.dumps(name)}: {json.dumps(product, ensure_ascii=False, separators=(',', ':'))}"
        for name, product in products.items()
    )
    text = "{\n" + ",\n".join(lines) + ',\n "products": {\n' + rows + "\n }\n}\n"
    (Path(__file__).parent / "snapshot.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
