"""The files of the doctrine: what each must be, where its entries go, and which a DSI may lay its own over."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from rationalise.doctrine.figures import FiguresFile, SecretsFile, TextsFile
from rationalise.doctrine.fit import FitFile
from rationalise.doctrine.models import (
    AttributesFile,
    Entry,
    EvidenceEntry,
    GatesFile,
    OffersFile,
    PresumptionsFile,
    RulesFile,
    TiersFile,
)
from rationalise.doctrine.published import SCHEMAS
from rationalise.doctrine.socle import OrganisationsFile, SharedServicesFile

SHIPPED = Path(__file__).parent
EVIDENCE = "evidence"
"""The folder, under a workspace's ``doctrine/``, of one small file a fact about an offer."""
VECTORS = "vectors"
"""The folder of the witnesses of a workspace's own entries."""

FILES: Mapping[str, type[Entry]] = {
    "attributes.yaml": AttributesFile,
    "tiers.yaml": TiersFile,
    "rules.yaml": RulesFile,
    "presumptions.yaml": PresumptionsFile,
    "gates.yaml": GatesFile,
    "fit.yaml": FitFile,
    "organisations.yaml": OrganisationsFile,
    "offers.yaml": OffersFile,
    "shared_services.yaml": SharedServicesFile,
    "secrets.yaml": SecretsFile,
    "texts.yaml": TextsFile,
    "figures.yaml": FiguresFile,
}

OVERLAID: Mapping[str, type[Entry]] = {
    # In the order they are laid: what unknown is worth is judged by the rules, an offer by who runs it.
    **{n: FILES[n] for n in ("rules.yaml", "presumptions.yaml", "attributes.yaml", "gates.yaml", "fit.yaml")},
    **{n: FILES[n] for n in ("organisations.yaml", "offers.yaml", "shared_services.yaml")},
    **{n: FILES[n] for n in ("secrets.yaml", "texts.yaml", "figures.yaml")},
    EVIDENCE: EvidenceEntry,
}
"""What a DSI may write in its own ``doctrine/`` folder: every file but the tiers, and the evidence."""

COLLECTIONS: Mapping[type[Entry], Mapping[str, str]] = {
    AttributesFile: {"attributes": "attributes"},
    TiersFile: {"tiers": "tiers"},
    RulesFile: {"rules": "rules"},
    PresumptionsFile: {"presume": "presumptions"},
    GatesFile: {"gates": "gates", "derogations": "derogations"},
    FitFile: {"facts": "fit_facts", "fit": "fit_rules"},
    OrganisationsFile: {"organisations": "organisations", "committees": "committees"},
    OffersFile: {"offers": "offers"},
    SharedServicesFile: {"functions": "socle_functions", "shared_services": "shared_services"},
    SecretsFile: {"secrets": "secrets"},
    TextsFile: {"texts": "texts"},
    FiguresFile: {"factors": "factors", "rates": "rates", "thresholds": "thresholds", "vehicles": "vehicles"},
}
"""For each file, its lists and the attribute of the doctrine each goes to."""


def schema_texts() -> dict[str, str]:
    """The JSON Schema of each file by the name it is published under, stably written."""
    models: dict[str, type[Entry]] = {
        **{name.removesuffix(".yaml"): model for name, model in FILES.items()},
        EVIDENCE: EvidenceEntry,
    }
    return {f"{name}.json": schema_text(model) for name, model in models.items()}


def schema_text(model: type[Entry]) -> str:
    """A model's JSON Schema; keys as people write them in YAML."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema(by_alias=True)}
    return json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def write_schemas(folder: Path = SCHEMAS) -> None:
    """Publish the schemas, beside the shipped files or in a workspace for its editor."""
    from inventory.documents import write_text

    for name, text in schema_texts().items():
        write_text(folder / name, text)


if __name__ == "__main__":
    write_schemas()
