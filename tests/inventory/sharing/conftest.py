"""Datasets to share: made by import from lists, or by Hypothesis."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from inventory.importing import import_files
from inventory.workspace import Workspace

DAY = date(2026, 11, 23)
APPS = (
    "Code application;Nom;Description;Organisation;Utilisateurs;Classification;Fin de contrat;Coût annuel de fonctionnement;Système\n"
    'PAIE-01;=Paie RH;"Tenu par Mme Untel, bureau 3";DSI Nord;1200;dr;2027-01-01;1234,56;Debian 12\n'
    "COMPTA-02;-Compta;;DSI Nord;30;aucune;;0,1;Windows de COMPTA-02\n"
    "VIDE-03;@relance;;DSI Sud;;;;;\n"
)
SERVERS = (
    "Serveur;vCPU;Adresse IP;Système;Site;Hôte;Grappe;Applications\n"
    "srv-paie-01;4;10.11.12.13;Debian 12;Salle Turgot;esx-07;grappe-est;PAIE-01\n"
    "srv-compta;2;10.11.12.14;RHEL 7 srv-compta;Salle Turgot;esx-07;grappe-est;COMPTA-02\n"
)
FLOWS = "Source;Cible;Nature\nPAIE-01;COMPTA-02;fichier\nPAIE-01;banque-externe.example;api\nsrv-compta;PAIE-01;sql\n"


@pytest.fixture
def filled(workspace: Workspace, write: Callable[[str, str], Path]) -> Workspace:
    """A workspace with a small dataset, names of every kind in it."""
    files = [write("apps-nord.csv", APPS), write("parc-nord.csv", SERVERS), write("flux-nord.csv", FLOWS)]
    result = import_files(files, workspace, today=DAY)
    assert not result.refused, result.problems
    return workspace


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """A key outside the workspace."""
    from inventory.sharing.keys import new_key

    new_key(tmp_path / "dsi.key", tmp_path / "ws")
    return tmp_path / "dsi.key"
